"""Accept any string that contains all of the given ones and is as short as the expected one (train/0374)."""


def check(input: list[list[str]], expected: str, actual: object) -> bool:
    """Return whether the string is as short as possible and contains every given one."""
    if not isinstance(actual, str) or len(actual) != len(expected):
        return False
    return all(text in actual for text in input[0])
