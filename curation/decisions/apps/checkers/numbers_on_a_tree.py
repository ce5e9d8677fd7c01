"""Accept any numbers with the given counts of smaller ones below; NO only where it is expected (train/2141)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether each vertex has so many smaller numbers in its subtree, or there is the expected NO."""
    n, *given = [int(token) for token in input.split()]
    parents, counts = given[::2], given[1::2]
    answer, *tokens = actual.split()
    if answer != expected.split()[0]:
        return False
    if answer == "NO":
        return not tokens
    numbers = [int(token) for token in tokens]
    if len(numbers) != n or not all(1 <= number <= 10**9 for number in numbers):
        return False
    smaller = [0] * n
    for vertex, number in enumerate(numbers):
        above = parents[vertex]
        while above:
            smaller[above - 1] += number < numbers[above - 1]
            above = parents[above - 1]
    return smaller == counts
