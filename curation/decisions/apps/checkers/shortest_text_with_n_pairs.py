"""Accept any text with exactly N subsequences XD that is as short as the expected one (train/1072)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line has N such subsequences and is as short as possible."""
    counts, best, lines = [int(token) for token in input.split()[1:]], expected.split(), actual.split()
    if len(lines) != len(counts) or [len(line) for line in lines] != [len(line) for line in best]:
        return False
    return all(map(_fits, lines, counts))


def _fits(line: str, count: int) -> bool:
    pairs = xs = 0
    for letter in line:
        xs += letter == "X"
        pairs += xs if letter == "D" else 0
    return pairs == count and not set(line) - {"X", "D"}
