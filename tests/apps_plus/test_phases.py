"""Test the lines that a command prints during a long phase."""

import re
import sys
import threading

import pytest

from apps_plus import phases
from apps_plus.phases import phase


def test_what_is_quickly_done_is_not_said(capsys):
    with phase("loading"):
        pass
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_said_again_and_again_until_it_ends(monkeypatch):
    monkeypatch.setattr(phases, "SECONDS_OF_SILENCE", 0.01)
    monkeypatch.setattr(phases, "SECONDS_BETWEEN_LINES", 0.02)
    said, thrice = [], threading.Event()

    def hear(line):
        said.append(line)
        if len(said) == 3:
            thrice.set()

    with pytest.raises(KeyError), phase("loading", hear):
        assert thrice.wait(10)
        raise KeyError
    count = len(said)
    assert said[0] == "loading"
    assert all(re.fullmatch(r"loading \(\d+ s\)", line) for line in said[1:])
    assert "phase" not in [thread.name for thread in threading.enumerate()]
    assert len(said) == count


def test_a_closed_stderr_is_no_reason_to_stop(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    phases._print("loading")
