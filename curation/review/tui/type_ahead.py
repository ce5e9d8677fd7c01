"""Keys that come before the screen or the window that they are for: they are kept, and given to it when it stands."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Any

from textual.app import App
from textual.events import Event, Key

POLL_SECONDS, POLLS = 0.02, 50
"""How often, and how many times, keys that were typed ahead ask whether their window stands."""


class TypeAheadApp(App[None]):
    """An app that loses no key to a screen that is still being laid out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.awaits_window = False
        """Whether a window has been asked for that does not stand yet: the next keys are for it."""
        self._typed_ahead: deque[Key] = deque()

    async def on_event(self, event: Event) -> None:
        """Keep a key that comes while a screen or a window is still being laid out: it is meant for that one."""
        if not (isinstance(event, Key) and event.is_forwarded):
            await super().on_event(event)
        elif self._typed_ahead or not self._is_ready:
            self._typed_ahead.append(event)
            if len(self._typed_ahead) == 1:
                self._wait_for_window(POLLS)
        else:
            await super().on_event(event)

    @property
    def _is_ready(self) -> bool:
        return self.screen.is_mounted and not self.awaits_window

    def _wait_for_window(self, polls: int) -> None:
        self.set_timer(POLL_SECONDS, partial(self._give_keys, polls))

    async def _give_keys(self, polls: int) -> None:
        """Give the keys to whatever stands now; a window that does not come after all is waited for no longer."""
        if not polls:
            self.awaits_window = False
        while self._typed_ahead and (self._is_ready or not polls):
            event = self._typed_ahead.popleft()
            again = Key(event.key, event.character) if self.focused else event
            await super().on_event(again)
        if self._typed_ahead:
            self._wait_for_window(max(polls - 1, 0))
