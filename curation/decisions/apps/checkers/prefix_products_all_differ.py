"""Accept any permutation whose prefix products leave all remainders; NO only where it is expected (train/2158)."""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the output is such a permutation, or the expected NO."""
    n = int(input)
    answer, *tokens = actual.split()
    if answer != expected.split()[0]:
        return False
    if answer == "NO":
        return not tokens
    permutation = [int(token) for token in tokens]
    remainders = []
    product = 1
    for number in permutation:
        product = product * number % n
        remainders.append(product)
    return sorted(permutation) == list(range(1, n + 1)) and sorted(remainders) == list(range(n))
