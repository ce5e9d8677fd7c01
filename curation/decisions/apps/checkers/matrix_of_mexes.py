"""Accept any matrix whose rows' and columns' MEXes have as large a MEX as those of the expected one (train/1681)."""

from collections.abc import Iterator
from itertools import islice

MOST = 10**9


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the matrix of every case is as good as the expected one."""
    sizes = [int(token) for token in input.split()[1:]]
    ours, best = _rows(actual), _rows(expected)
    for n, m in zip(sizes[::2], sizes[1::2], strict=True):
        if _value(list(islice(ours, n)), n, m) < _value(list(islice(best, n)), n, m):
            return False
    return next(ours, None) is None


def _rows(output: str) -> Iterator[list[int]]:
    return ([int(token) for token in line.split()] for line in output.splitlines() if line.strip())


def _value(matrix: list[list[int]], n: int, m: int) -> int:
    if len(matrix) != n or any(len(row) != m or not all(0 <= number <= MOST for number in row) for row in matrix):
        raise ValueError("not a matrix of this size")
    return _mex({_mex(set(line)) for line in (*matrix, *zip(*matrix, strict=True))})


def _mex(numbers: set[int]) -> int:
    return next(number for number in range(len(numbers) + 1) if number not in numbers)
