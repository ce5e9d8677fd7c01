"""Accept any program of at most 5 commands that computes the same as the given one (train/2089).

Each bit goes its own way, so that the results for 0 and for 1023, whose bits are all 0 and all 1, tell everything.
"""


def check(input: str, expected: str, actual: str) -> bool:
    """Return whether the programs agree."""
    ours, given = _commands(actual), _commands(input)
    return len(ours) <= 5 and all(_run(ours, x) == _run(given, x) for x in (0, 1023))


def _commands(text: str) -> list[tuple[str, int]]:
    count, *tokens = text.split()
    commands = [(sign, int(constant)) for sign, constant in zip(tokens[::2], tokens[1::2], strict=True)]
    if len(commands) != int(count) or not all(sign in "&|^" and 0 <= constant <= 1023 for sign, constant in commands):
        raise ValueError("not as many commands as stated, or not in the language")
    return commands


def _run(commands: list[tuple[str, int]], x: int) -> int:
    for sign, constant in commands:
        x = x & constant if sign == "&" else x | constant if sign == "|" else x ^ constant
    return x
