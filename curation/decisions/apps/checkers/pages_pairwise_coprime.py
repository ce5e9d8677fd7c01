"""Accept any reading of all pages, pairwise coprime on each day, in the fewest days (train/1463).

Two even pages never share a day, so that N // 2 days are needed (one for N = 1), and they are enough.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case reads every page once, in the fewest days, without a common prime on one day."""
    cases = [int(token) for token in input.split()[1:]]
    smallest = _smallest_primes(max(cases))
    tokens = map(int, actual.split())
    for n in cases:
        if next(tokens) != max(1, n // 2):
            return False
        read: list[int] = []
        for _ in range(max(1, n // 2)):
            pages = list(islice(tokens, count := next(tokens)))
            if len(pages) != count or not all(1 <= page <= n for page in pages) or _share_a_prime(pages, smallest):
                return False
            read += pages
        if sorted(read) != list(range(1, n + 1)):
            return False
    return next(tokens, None) is None


def _smallest_primes(n: int) -> list[int]:
    """Return the smallest prime factor of each number up to n; 1 for 0 and 1."""
    smallest = [1, 1, *range(2, n + 1)]
    for p in range(2, int(n**0.5) + 1):
        if smallest[p] == p:
            for multiple in range(p * p, n + 1, p):
                if smallest[multiple] == multiple:
                    smallest[multiple] = p
    return smallest


def _share_a_prime(pages: list[int], smallest: list[int]) -> bool:
    seen: set[int] = set()
    for page in pages:
        primes = set()
        while page > 1:
            primes.add(smallest[page])
            page //= smallest[page]
        if seen & primes:
            return True
        seen |= primes
    return False
