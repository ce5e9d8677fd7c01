"""Accept any painting that puts the digits in order; the minus sign only where it is expected (train/2285)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such a painting, or the minus sign that is expected."""
    digits, best, lines = input.split()[2::2], expected.split(), actual.split()
    return len(lines) == len(digits) and all(map(_fits, digits, best, lines))


def _fits(digits: str, best: str, line: str) -> bool:
    if "-" in (best, line):
        return best == line
    if len(line) != len(digits) or set(line) - {"1", "2"}:
        return False
    painted = [d for d, c in zip(digits, line, strict=True) if c == "1"]
    painted += [d for d, c in zip(digits, line, strict=True) if c == "2"]
    return painted == sorted(digits)
