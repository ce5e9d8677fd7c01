"""Accept any voting with the given counts in which nobody votes for themself; -1 only where none exists (train/0866).

One exists exactly if the counts add up to n and nobody got the votes of all n.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a voting, or -1 where there is none."""
    given, tokens = iter(input.split()), map(int, actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        counts = [int(token) for token in islice(given, n)]
        if sum(counts) == n and max(counts) < n:
            if not _is_voting(list(islice(tokens, n)), counts):
                return False
        elif next(tokens) != -1:
            return False
    return next(tokens, None) is None


def _is_voting(votes: list[int], counts: list[int]) -> bool:
    people = range(1, len(counts) + 1)
    return (
        len(votes) == len(counts)
        and [votes.count(person) for person in people] == counts
        and not any(map(int.__eq__, votes, people))
    )
