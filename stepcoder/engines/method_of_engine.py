"""Which methods of the table an engine with an update of its own can train."""

from __future__ import annotations

from apps_plus.errors import InputError
from stepcoder.methods import Method, method_named


def method_of_engine(name: str, engine: str, settings: str) -> Method:
    """Return a method that rewards each roll-out by itself, and leaves the update open.

    Args:
        name: A row of ``stepcoder.methods.METHODS``.
        engine: The engine's name, for messages.
        settings: Where the engine's update is set, for messages.

    Raises:
        InputError: There is no such method, or the engine cannot train it.
    """
    method = method_named(name)
    if method.group_reward is not None or method.searches:
        raise InputError(
            f"method {name} needs the whole group of a problem, which {engine} divides among processes: choose another"
        )
    if method.reward is None or method.line_rewards:
        raise InputError(f"method {name} has no reward for a whole response, which {engine} takes: choose another")
    if method.update:
        raise InputError(f"method {name} fixes the update, which is {engine}'s here: choose ppo, and set it {settings}")
    return method
