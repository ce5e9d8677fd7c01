from __future__ import annotations

from apps_plus.wording import plural


def test_one_has_no_s_and_thousands_are_separated():
    assert [plural(number, "test") for number in (0, 1, 1400)] == ["0 tests", "1 test", "1,400 tests"]
