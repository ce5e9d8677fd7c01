"""Accept any common subsequence as long as the expected one (train/3050)."""


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether the string is a subsequence of both, and as long as possible."""
    if not isinstance(actual, str) or len(actual) != len(expected):
        return False
    return all(_is_subsequence(actual, text) for text in input)


def _is_subsequence(text: str, of: str) -> bool:
    rest = iter(of)
    return all(letter in rest for letter in text)
