"""Accept any colouring of the circle in the fewest colours (train/2400).

One colour is enough for one type, and two for an even number of figures, or where two neighbours are of one type, which
may share a colour; else three are.
"""

from itertools import islice


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every case has the fewest colours, and neighbours of different types differ."""
    given, tokens = iter(input.split()), iter(actual.split())
    for _ in range(int(next(given))):
        n = int(next(given))
        types = list(islice(given, n))
        fewest = int(next(tokens))
        colours = [int(token) for token in islice(tokens, n)]
        if fewest != _fewest(types) or len(colours) != n or not all(1 <= colour <= fewest for colour in colours):
            return False
        if any(types[i - 1] != types[i] and colours[i - 1] == colours[i] for i in range(n)):
            return False
    return next(tokens, None) is None


def _fewest(types: list[str]) -> int:
    if len(set(types)) == 1:
        return 1
    return 2 if len(types) % 2 == 0 or any(types[i - 1] == types[i] for i in range(len(types))) else 3
