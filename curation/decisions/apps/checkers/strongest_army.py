"""Accept any plan of summoning and destroying that ends with an army as strong as the expected one's (train/0074)."""

from collections.abc import Iterator
from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has a plan that obeys the rules and is as strong as the expected plan."""
    given, ours, best = iter(input.split()), iter(actual.split()), iter(expected.split())
    for _ in range(int(next(given))):
        n, k = int(next(given)), int(next(given))
        minions = [(int(next(given)), int(next(given))) for _ in range(n)]
        if _strength(_plan(ours, n), minions, k) < _strength(_plan(best, n), minions, k):
            return False
    return next(ours, None) is None


def _plan(tokens: Iterator[str], n: int) -> list[int]:
    count = int(next(tokens))
    plan = [int(token) for token in islice(tokens, count)]
    if not 0 <= count <= 2 * n or len(plan) != count:
        raise ValueError("not as many actions as stated, or more than 2n")
    return plan


def _strength(plan: list[int], minions: list[tuple[int, int]], k: int) -> int:
    """Carry out a plan and return the power of the army; raises ValueError or IndexError if it breaks a rule."""
    army: dict[int, int] = {}
    used = set()
    for action in plan:
        if action > 0:
            power, bonus = minions[action - 1]
            if action in used or len(army) == k:
                raise ValueError("summoned twice, or more than k at once")
            used.add(action)
            army = {minion: old + bonus for minion, old in army.items()} | {action: power}
        elif -action in army:
            del army[-action]
        else:
            raise ValueError("destroyed what is not there")
    return sum(army.values())
