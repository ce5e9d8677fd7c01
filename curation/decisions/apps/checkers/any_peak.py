"""Accept the index of any element that is greater than its neighbours (train/0382)."""


def check(input: list[list[int]], expected: int, actual: int) -> bool:
    """Return whether the index is that of a peak; beyond the ends everything is smaller."""
    numbers = input[0]
    if type(actual) is not int or not 0 <= actual < len(numbers):
        return False
    neighbours = numbers[max(actual - 1, 0) : actual] + numbers[actual + 1 : actual + 2]
    return all(number < numbers[actual] for number in neighbours)
