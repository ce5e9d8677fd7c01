"""Accept any valid string that is left when as few parentheses are removed as expected (train/0505)."""


def check(input: list[str], expected: str, actual: object) -> bool:
    """Return whether the string is as long as expected, valid, and the given one without some parentheses."""
    given = input[0]
    if not isinstance(actual, str) or len(actual) != len(expected):
        return False
    if _without_parentheses(actual) != _without_parentheses(given):
        return False
    rest = iter(given)
    return all(letter in rest for letter in actual) and _is_valid(actual)


def _without_parentheses(text: str) -> str:
    return text.replace("(", "").replace(")", "")


def _is_valid(text: str) -> bool:
    depth = 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if depth < 0:
            return False
    return depth == 0
