"""Accept any different bridges that fit between neighbouring islands; No only where it is expected (train/2103)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether each gap has a bridge of its own that fits, or there is the expected No."""
    n, m, *numbers = [int(token) for token in input.split()]
    lefts, rights, lengths = numbers[: 2 * n : 2], numbers[1 : 2 * n : 2], numbers[2 * n :]
    answer, *tokens = actual.split()
    if answer != expected.split()[0]:
        return False
    if answer == "No":
        return not tokens
    bridges = [int(token) for token in tokens]
    if len(bridges) != n - 1 or len(set(bridges)) != n - 1 or not all(1 <= bridge <= m for bridge in bridges):
        return False
    return all(
        lefts[i + 1] - rights[i] <= lengths[bridge - 1] <= rights[i + 1] - lefts[i] for i, bridge in enumerate(bridges)
    )
