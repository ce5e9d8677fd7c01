"""Accept any arrangement of the unlocked values whose last negative prefix sum is as early as expected (train/0090)."""

from itertools import accumulate, islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case keeps the locked values, rearranges the others, and is as good as expected."""
    given, ours, best = (map(int, text.split()) for text in (input, actual, expected))
    for _ in range(next(given)):
        n = next(given)
        array, locked = list(islice(given, n)), list(islice(given, n))
        new, expected_array = list(islice(ours, n)), list(islice(best, n))
        if len(new) != n or sorted(new) != sorted(array):
            return False
        if any(is_locked and a != b for a, b, is_locked in zip(array, new, locked, strict=True)):
            return False
        if _last_negative(new) > _last_negative(expected_array):
            return False
    return next(ours, None) is None


def _last_negative(array: list[int]) -> int:
    return max((j for j, total in enumerate(accumulate(array), 1) if total < 0), default=0)
