"""Accept both numbers in either order, and any two with as small a maximum (train/2395)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the numbers of every case have the XOR, no leading zero, and the expected maximum."""
    wanted, ours, best = input.split()[2::2], actual.split(), expected.split()
    if len(ours) != 2 * len(wanted):
        return False
    pairs, best_pairs = (zip(tokens[::2], tokens[1::2], strict=True) for tokens in (ours, best))
    return all(
        _fits(x, a, b) and max(a, b) == max(best) for x, (a, b), best in zip(wanted, pairs, best_pairs, strict=True)
    )


def _fits(x: str, a: str, b: str) -> bool:
    if not len(a) == len(b) == len(x) or "0" in (a[0], b[0]) or set(a + b) - {"0", "1", "2"}:
        return False
    return all((int(c) + int(d)) % 3 == int(e) for c, d, e in zip(a, b, x, strict=True))
