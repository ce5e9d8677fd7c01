"""Accept any filling with exactly one "abacaba"; No only where it is expected (train/0028)."""

WORD = "abacaba"


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a filling, or the No that is expected; Yes and No in any case of letters."""
    given, ours, best = iter(input.split()[1:]), iter(actual.split()), iter(expected.split())
    for _, text in zip(given, given, strict=True):
        possible = next(best).lower() == "yes"
        if next(ours).lower() != ("yes" if possible else "no"):
            return False
        if possible:
            next(best)
            if not _fits(text, next(ours)):
                return False
    return next(ours, None) is None


def _fits(text: str, filled: str) -> bool:
    if len(filled) != len(text) or not (filled.isascii() and filled.isalpha() and filled.islower()):
        return False
    kept = all(old in ("?", new) for old, new in zip(text, filled, strict=True))
    return kept and sum(filled.startswith(WORD, i) for i in range(len(filled))) == 1
