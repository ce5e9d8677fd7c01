"""Accept any palindrome as short as the expected one that begins or ends with the text (train/4715)."""


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether as few letters as possible were added at one end."""
    text = input[0]
    if not isinstance(actual, str) or len(actual) != len(expected):
        return False
    return actual == actual[::-1] and (actual.startswith(text) or actual.endswith(text))
