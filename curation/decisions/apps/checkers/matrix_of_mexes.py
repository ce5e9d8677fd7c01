"""Accept any matrix whose rows' and columns' MEXes have as large a MEX as those of the expected one (train/1681)."""

from collections.abc import Iterator
from itertools import islice

MOST = 10**9


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the matrix of every case is as good as the expected one."""
    sizes = [int(token) for token in input.split()[1:]]
    ours, best = map(int, actual.split()), map(int, expected.split())
    for n, m in zip(sizes[::2], sizes[1::2], strict=True):
        if _value(ours, n, m) < _value(best, n, m):
            return False
    return next(ours, None) is None


def _value(numbers: Iterator[int], n: int, m: int) -> int:
    """Take a matrix from the numbers and return its MEX of MEXes; raises ValueError if it is not allowed."""
    matrix = [list(islice(numbers, m)) for _ in range(n)]
    if any(len(row) != m or not all(0 <= number <= MOST for number in row) for row in matrix):
        raise ValueError("too few numbers, or too large ones")
    return _mex({_mex(set(line)) for line in (*matrix, *zip(*matrix, strict=True))})


def _mex(numbers: set[int]) -> int:
    return next(number for number in range(len(numbers) + 1) if number not in numbers)
