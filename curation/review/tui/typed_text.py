"""Recognise a text that is typed where no field is open: it must decide nothing. A pure class, apart from the clock.

A character that is no key of the screen begins such a text; the characters after it belong to it, until enter, escape,
another key that is no character, or a pause.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PAUSE_SECONDS = 1.0
"""A character after such a pause is a key again."""
ENDS = ("enter", "escape")
"""The keys that end a text and have no other effect then."""


class TypedText:
    """The state of recognising a typed text."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: float | None = None
        """Time of the text's last character; None outside a text."""

    @property
    def is_going_on(self) -> bool:
        """True within a text."""
        return self._last is not None and self._clock() - self._last <= PAUSE_SECONDS

    def takes(self, key: str, is_character: bool, is_bound: bool) -> bool:
        """Return whether a pressed key belongs to a typed text, and so must have no effect.

        Args:
            key: The name of the key.
            is_character: True for a printable character.
            is_bound: True if the screen has an action for it.
        """
        going_on = self.is_going_on
        if not is_character:
            self._last = None
            return going_on and key in ENDS
        if going_on or not is_bound:
            self._last = self._clock()
            return True
        self._last = None
        return False
