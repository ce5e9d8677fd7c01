"""Accept A - B with exactly one wrong digit and no leading zero (train/0631)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the output has as many digits as the difference, and one of them is another."""
    a, b = map(int, input.split())
    right, answer = str(a - b), actual.strip()
    if len(answer) != len(right) or not (answer.isascii() and answer.isdecimal()) or answer[0] == "0":
        return False
    return sum(map(str.__ne__, answer, right)) == 1
