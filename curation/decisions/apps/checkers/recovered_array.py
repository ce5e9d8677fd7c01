"""Accept any array that gives the recorded maxima; NO only where it is expected (train/2083)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the operations, carried out on the array, give the records, or there is the expected NO."""
    n, _, *numbers = [int(token) for token in input.split()]
    answer, *tokens = actual.split()
    if answer != expected.split()[0]:
        return False
    if answer == "NO":
        return not tokens
    array = [int(token) for token in tokens]
    if len(array) != n or not all(abs(number) <= 10**9 for number in array):
        return False
    for kind, left, right, value in zip(numbers[::4], numbers[1::4], numbers[2::4], numbers[3::4], strict=True):
        if kind == 1:
            array[left - 1 : right] = [number + value for number in array[left - 1 : right]]
        elif max(array[left - 1 : right]) != value:
            return False
    return True
