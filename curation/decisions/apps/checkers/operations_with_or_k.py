"""Accept any order of the operations that ends with the OR K; -1 only where it is expected (train/0579)."""

from collections.abc import Iterator
from functools import reduce
from itertools import islice
from operator import or_


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the operations of every case, carried out, end with K, or there is the -1 that is expected."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n, k = next(given), next(given)
        array = list(islice(given, n))
        order = _take(ours, n)
        if _take(best, n) == [-1]:
            if order != [-1]:
                return False
            continue
        if sorted(order) != list(range(1, n + 1)):
            return False
        for position in order:
            array[position - 1] = array[position - 2] | array[position % n]
        if reduce(or_, array) != k:
            return False
    return next(ours, None) is None


def _take(numbers: Iterator[int], n: int) -> list[int]:
    """Take -1, or n numbers."""
    first = next(numbers)
    return [first] if first == -1 else [first, *islice(numbers, n - 1)]
