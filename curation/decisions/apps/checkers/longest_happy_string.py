"""Accept any string without three equal letters in a row, as long as the expected one (train/0487)."""


def check(input: list[int], expected: str, actual: object) -> bool:
    """Return whether the string uses no letter too often, is happy, and is as long as possible."""
    if not isinstance(actual, str) or len(actual) != len(expected) or set(actual) - set("abc"):
        return False
    return all(
        actual.count(letter) <= most and 3 * letter not in actual for letter, most in zip("abc", input, strict=True)
    )
