"""Accept any choices that each beat one of the bot's most frequent letters (train/0046).

Over all starts, each choice meets each letter of the bot once, so that only such choices win most.
"""

BEATEN = {"P": "R", "R": "S", "S": "P"}


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether every line wins as often as possible."""
    bots, lines = input.split()[1:], actual.split()
    return len(lines) == len(bots) and all(map(_wins_most, lines, bots))


def _wins_most(choices: str, bot: str) -> bool:
    most = max(bot.count(letter) for letter in "RSP")
    best = {choice for choice, beaten in BEATEN.items() if bot.count(beaten) == most}
    return len(choices) == len(bot) and set(choices) <= best
