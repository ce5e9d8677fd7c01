"""Accept any at most n * n shifts of three neighbours that sort the array, and -1 only where none do (train/2391).

A shift of three is an even permutation: without equal numbers only an even number of inversions can be sorted; two
equal numbers may change places unseen, and then any array can.
"""

from itertools import combinations, islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the shifts of every case, carried out, sort it, or -1 stands where nothing can."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        numbers = [int(token) for token in islice(given, n)]
        count = int(next(tokens))
        if count == -1:
            if _can_be_sorted(numbers):
                return False
            continue
        places = [int(token) for token in islice(tokens, max(count, 0))]
        if not 0 <= count <= n * n or len(places) != count or not all(1 <= place <= n - 2 for place in places):
            return False
        for place in places:
            numbers[place - 1 : place + 2] = numbers[place + 1], numbers[place - 1], numbers[place]
        if numbers != sorted(numbers):
            return False
    return next(tokens, None) is None


def _can_be_sorted(numbers: list[int]) -> bool:
    inversions = sum(left > right for left, right in combinations(numbers, 2))
    return len(set(numbers)) < len(numbers) or inversions % 2 == 0
