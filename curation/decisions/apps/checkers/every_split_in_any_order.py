"""Accept all ways to split each sequence, their lines in any order (train/0005)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether both outputs list, for every case, the same pairs, each once."""
    cases = int(input.split()[0])
    return _pairs_by_case(actual, cases) == _pairs_by_case(expected, cases)


def _pairs_by_case(output: str, cases: int) -> list[list[tuple[int, int]]]:
    tokens = iter(output.split())
    pairs = [sorted((int(next(tokens)), int(next(tokens))) for _ in range(int(next(tokens)))) for _ in range(cases)]
    if next(tokens, None) is not None:
        raise ValueError("more lines than there are pairs")
    return pairs
