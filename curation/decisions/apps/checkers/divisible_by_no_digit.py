"""Accept any number of n digits that is divisible by none of them; -1 only for one digit (train/0095).

Twos before a last 3 make such a number, with a 3 in place of one of them where 3 would divide it.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has such a number, or -1 where n is 1."""
    lengths, numbers = [int(token) for token in input.split()[1:]], actual.split()
    return len(numbers) == len(lengths) and all(map(_fits, numbers, lengths))


def _fits(number: str, n: int) -> bool:
    if n == 1 or number == "-1":
        return n == 1 and number == "-1"
    if len(number) != n or set(number) - set("123456789"):
        return False
    return all(_remainder(number, int(digit)) for digit in set(number))


def _remainder(number: str, divisor: int) -> int:
    """Divide as on paper: the number may be too long for ``int``."""
    rest = 0
    for digit in number:
        rest = (10 * rest + int(digit)) % divisor
    return rest
