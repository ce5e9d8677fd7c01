"""Accept the given lists joined in any order to one (train/2043)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the links make one list of all cells, and all given links are among them."""
    n, *given = [int(token) for token in input.split()]
    links = [int(token) for token in actual.split()]
    if len(links) != 2 * n or not all(new == old for old, new in zip(given, links, strict=True) if old):
        return False
    before, after = [0, *links[::2]], [0, *links[1::2]]
    firsts = [cell for cell in range(1, n + 1) if not before[cell]]
    if len(firsts) != 1:
        return False
    seen = [firsts[0]]
    while after[seen[-1]] and len(seen) <= n:
        following = after[seen[-1]]
        if before[following] != seen[-1]:
            return False
        seen.append(following)
    return len(seen) == n == len(set(seen))
