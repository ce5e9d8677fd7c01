"""Accept the expected groups in any order, with the names of a group in any order (train/1603)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether both outputs hold the same groups, and the right number of them."""
    return _groups(actual) == _groups(expected)


def _groups(output: str) -> list[list[str]]:
    count, *lines = [line for line in output.splitlines() if line.strip()]
    groups = sorted(sorted(line.split()) for line in lines)
    if int(count) != len(groups):
        raise ValueError("not as many groups as stated")
    return groups
