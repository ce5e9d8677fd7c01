"""Accept any colouring in the fewest colours in which primes differ from their multiples (train/2105).

Primes in one colour and all others in a second are enough; up to the price 3 there are only primes.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the colours are as few as possible, and no multiple has the colour of its prime divisor."""
    n = int(input)
    fewest, *given = [int(token) for token in actual.split()]
    colours = [0, 0, *given]  # by price
    if fewest != (1 if n < 3 else 2) or len(given) != n or not all(1 <= colour <= fewest for colour in given):
        return False
    is_prime = [True] * (n + 2)
    for price in range(2, n + 2):
        if is_prime[price]:
            for multiple in range(2 * price, n + 2, price):
                is_prime[multiple] = False
                if colours[multiple] == colours[price]:
                    return False
    return True
