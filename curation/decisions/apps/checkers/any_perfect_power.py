"""Accept any m and k above 1 whose power is the number; None only where it is expected (train/3497)."""


def check(input: list[int], expected: list[int] | None, actual: list[float] | None) -> bool:
    """Return whether the pair proves the number to be a perfect power, or is the None that is expected.

    As in Python's ==, 2.0 is as good as 2.
    """
    if expected is None or actual is None:
        return actual is expected
    base, exponent = (int(number) for number in actual)
    if [base, exponent] != actual:
        return False
    # No larger exponent is right, and its power would take long.
    return base > 1 and 1 < exponent <= input[0].bit_length() and base**exponent == input[0]
