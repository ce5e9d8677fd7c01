"""Accept any at most 3n flips of a prefix that turn the first string into the second (train/2339).

A flip inverts the bits of the prefix and reverses their order.
"""

INVERTED = str.maketrans("01", "10")


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the flips of every case, carried out, give the wanted string."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n, string, wanted = int(next(given)), next(given), next(given)
        count = int(next(tokens))
        if not 0 <= count <= 3 * n:
            return False
        for _ in range(count):
            length = int(next(tokens))
            if not 1 <= length <= n:
                return False
            string = string[:length][::-1].translate(INVERTED) + string[length:]
        if string != wanted:
            return False
    return next(tokens, None) is None
