"""Accept any string that holds both as subsequences and is as short as the expected one (train/0156)."""


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether the string is as short as possible and holds both."""
    if not isinstance(actual, str) or len(actual) != len(expected):
        return False
    return all(_is_subsequence(text, actual) for text in input)


def _is_subsequence(text: str, of: str) -> bool:
    rest = iter(of)
    return all(letter in rest for letter in text)
