"""Accept any name with at most one swap that is smaller than the competitor's (train/0097)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line is such a name, or the three dashes that are expected."""
    tokens = input.split()[1:]
    names, best, lines = list(zip(tokens[::2], tokens[1::2], strict=True)), expected.split(), actual.split()
    return len(lines) == len(names) and all(map(_fits, names, best, lines))


def _fits(names: tuple[str, str], best: str, new: str) -> bool:
    name, competitor = names
    if "---" in (best, new):
        return best == new
    changed = [(a, b) for a, b in zip(name, new, strict=True) if a != b]
    is_swap = not changed or (len(changed) == 2 and changed[0] == changed[1][::-1])
    return is_swap and new < competitor
