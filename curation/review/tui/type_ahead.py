"""Hold keys that are typed before their screen or dialog is laid out, and ignore text typed outside a field."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import Any

from textual.app import App
from textual.events import Event, Key

from curation.review.tui.typed_text import TypedText

POLL_SECONDS, POLLS = 0.02, 50
"""Interval and number of checks whether the dialog is laid out."""


class TypeAheadApp(App[None]):
    """An app that does not lose keys while a screen is being laid out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.awaits_dialog = False
        """True while a dialog is about to open: the next keys are for it."""
        self._typed_ahead: deque[Key] = deque()
        self.typed_text = TypedText()

    async def on_event(self, event: Event) -> None:
        """Hold a key that arrives while a screen or dialog is being laid out."""
        if not (isinstance(event, Key) and event.is_forwarded):
            await super().on_event(event)
        elif self._typed_ahead or not self._is_ready:
            self._typed_ahead.append(event)
            if len(self._typed_ahead) == 1:
                self._check_later(POLLS)
        elif not self.takes_as_text(event):
            await super().on_event(event)

    def takes_as_text(self, event: Key) -> bool:
        """Return whether a key belongs to a text that is typed where no field is open: it then has no effect."""
        if self.focused:
            return False
        is_bound = event.key in self.screen.active_bindings
        taken = self.typed_text.takes(event.key, event.is_printable, is_bound)
        if taken:
            self.on_typed_text()
        return taken

    def on_typed_text(self) -> None:
        """Handle a key of a text that is typed where no field is open."""

    @property
    def _is_ready(self) -> bool:
        return self.screen.is_mounted and not self.awaits_dialog

    def _check_later(self, polls: int) -> None:
        self.set_timer(POLL_SECONDS, partial(self._deliver_keys, polls))

    async def _deliver_keys(self, polls: int) -> None:
        """Deliver the held keys once the screen is ready, or when the last check has passed."""
        if not polls:
            self.awaits_dialog = False
        while self._typed_ahead and (self._is_ready or not polls):
            event = self._typed_ahead.popleft()
            if self.focused:
                await super().on_event(Key(event.key, event.character))
            elif not self.takes_as_text(event):
                await super().on_event(event)
        if self._typed_ahead:
            self._check_later(max(polls - 1, 0))
