"""What the tests of the harness share."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("no_deadline", deadline=None)  # a busy machine fails no test
settings.load_profile("no_deadline")
