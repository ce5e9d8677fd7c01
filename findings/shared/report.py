"""Print the result of a script of findings/, and exit with its code."""

import sys
from importlib.metadata import version
from typing import NoReturn

NO_LONGER_HOLDS = 3


def report(packages: str, expected: str, seen: str, *, holds: bool) -> NoReturn:
    """Print the versions of the packages (separated by blanks), what was expected and what was seen, and exit.

    The exit code is 0 while the surprise holds and 3 where it no longer does. Raises PackageNotFoundError for a package
    that is not installed.
    """
    print("version: ", ", ".join(f"{name} {version(name)}" for name in packages.split()))
    print("expected:", expected)
    print("seen:    ", seen)
    print("The surprise holds." if holds else "The surprise no longer holds.")
    sys.exit(0 if holds else NO_LONGER_HOLDS)
