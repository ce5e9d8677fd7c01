"""Accept any subsequence whose reversal allows the expected sum, which is maximal (train/1340)."""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case states the expected sum, and some part of the array with the reversal has it."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        array = list(islice(given, next(given)))
        stated, indices = next(ours), list(islice(ours, count := next(ours)))
        maximum = next(best)
        list(islice(best, next(best)))  # the indices of the expected answer
        if len(indices) != count or indices != sorted(set(indices)):
            return False
        if not all(1 <= index <= len(array) for index in indices):
            return False
        changed = list(array)
        for index, other in zip(indices, reversed(indices), strict=True):
            changed[index - 1] = array[other - 1]
        if not stated == maximum == _largest_sum(changed):
            return False
    return next(ours, None) is None


def _largest_sum(numbers: list[int]) -> int:
    """Return the largest sum of a contiguous part, which may be empty (Kadane)."""
    largest = ending = 0
    for number in numbers:
        ending = max(0, ending + number)
        largest = max(largest, ending)
    return largest
