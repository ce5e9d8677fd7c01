"""Ctrl-C while packages are imported."""

import os
import signal
import threading

import pytest

from apps_plus.interrupts import interrupts_held_back


def press_ctrl_c():
    signal.raise_signal(signal.SIGINT)


def test_ctrl_c_is_raised_at_the_end_of_the_block():
    finished = []
    with pytest.raises(KeyboardInterrupt), interrupts_held_back():
        press_ctrl_c()
        finished.append(True)
    assert finished


def test_the_second_ctrl_c_is_raised_at_once():
    finished = []
    with pytest.raises(KeyboardInterrupt), interrupts_held_back():
        press_ctrl_c()
        press_ctrl_c()
        finished.append(True)
    assert not finished


def test_an_error_of_the_block_is_raised_as_it_is_and_the_handler_is_put_back():
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(ImportError), interrupts_held_back():
        raise ImportError
    assert signal.getsignal(signal.SIGINT) is before


def test_other_threads_may_import_too():
    done = []

    def work():
        with interrupts_held_back():
            done.append(os.getpid())

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
