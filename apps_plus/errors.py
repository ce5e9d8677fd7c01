"""Every error that a person may see, in one tree.

    AppsPlusError
    |-- InputError            what was given cannot be read or used          exit code 2
    |   |-- RawDataError      raw APPS: a missing folder, a broken file or row
    |   `-- BuildFolderError  a folder that is not (or not yet) a build
    `-- WorkError             the input was fine, the work could not be done  exit code 1
        |-- OutputError       a folder or disk that cannot be written
        |-- BusyError         another process is at work in the same folder
        `-- SandboxError      the sandbox cannot be started on this machine

Each message says what, where, and what to do about it, in one line. A *program* that fails is never an
exception: it is a value (see ``harness.sandbox.execution.Execution``).
"""

from __future__ import annotations

from typing import ClassVar


class AppsPlusError(Exception):
    """Root of the tree; ``exit_code`` is what the command line exits with."""

    exit_code: ClassVar[int] = 1


class InputError(AppsPlusError):
    """What was given cannot be read or used."""

    exit_code: ClassVar[int] = 2


class RawDataError(InputError):
    """Raw APPS data that is missing, empty, or broken as a whole."""


class BuildFolderError(InputError):
    """A folder that is not a build, or whose build has not finished."""


class WorkError(AppsPlusError):
    """The input was fine; the work could not be done."""


class OutputError(WorkError):
    """A folder or disk that cannot be written."""


class BusyError(WorkError):
    """Another process is at work in the same folder."""


class SandboxError(WorkError):
    """The sandbox cannot be started on this machine."""
