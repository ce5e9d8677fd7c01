"""Accept all ways to split each sequence, their lines in any order (train/0005)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether both outputs list, for every case, the same pairs, each once."""
    cases = int(input.split()[0])
    return _pairs_by_case(actual, cases) == _pairs_by_case(expected, cases)


def _pairs_by_case(output: str, cases: int) -> list[list[tuple[int, int]]]:
    tokens = map(int, output.split())
    pairs_by_case = []
    for _ in range(cases):
        count = next(tokens)
        pairs = sorted((next(tokens), next(tokens)) for _ in range(count))
        if len(pairs) != count:
            raise ValueError("a negative number of ways")
        pairs_by_case.append(pairs)
    if next(tokens, None) is not None:
        raise ValueError("more lines than there are pairs")
    return pairs_by_case
