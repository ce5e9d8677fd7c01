"""Accept the picked nodes in any order (train/2171).

Whether a node is picked follows from its value and the picks above it, so that only one set of nodes is minimal.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether both outputs state the same number and hold the same nodes."""
    return _picked(actual) == _picked(expected)


def _picked(output: str) -> list[int]:
    count, *nodes = [int(token) for token in output.split()]
    if count != len(nodes):
        raise ValueError("not as many nodes as stated")
    return sorted(nodes)
