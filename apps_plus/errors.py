"""The tree of errors that users see::

    AppsPlusError
    |-- InputError            an input is missing or invalid                  exit code 2
    |   |-- RawDataError      raw APPS: a missing folder, a broken file or row
    |   `-- BuildFolderError  a folder that is not a finished build
    `-- WorkError             the input is valid, but the work failed         exit code 1
        |-- OutputError       a file or folder cannot be written
        |-- BusyError         another process is using the same file or folder
        `-- SandboxError      the sandbox cannot start on this machine

Each message says in one line what is wrong, where, and what to do. A *program* that fails is never an exception: it
is a value (see ``harness.sandbox.execution.Execution``).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class AppsPlusError(Exception):
    """Base class of all errors that users see."""

    exit_code: ClassVar[int] = 1
    """Exit code of the command line."""


class InputError(AppsPlusError):
    """An input is missing, unreadable or invalid."""

    exit_code: ClassVar[int] = 2


class RawDataError(InputError):
    """Raw APPS is missing or empty, or one of its files is broken."""


class BuildFolderError(InputError):
    """The folder is not a build, or its build has not finished."""

    @classmethod
    def unfinished(cls, folder: Path) -> BuildFolderError:
        """Return the error for a folder without a manifest. RAW is named: without it the bundled sample is built."""
        return cls(f"{folder} is not a whole build: make or finish it with apps-plus build RAW --out {folder}")


class WorkError(AppsPlusError):
    """The input is valid, but the work failed."""


class OutputError(WorkError):
    """A file or folder cannot be written."""


class BusyError(WorkError):
    """Another process is using the same file or folder."""


class SandboxError(WorkError):
    """The sandbox cannot start on this machine."""
