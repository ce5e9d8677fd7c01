"""Find the reviewer's name and the items assigned to them."""

from __future__ import annotations

import getpass
import os
import subprocess
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from apps_plus.errors import InputError
from curation.review.assignment import Assignment
from curation.review_decisions import can_be_reviewer, check_reviewer

REVIEWER_VARIABLE = "APPS_PLUS_REVIEWER"


def reviewer_name(given: str | None, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Return the first of: the given name, $APPS_PLUS_REVIEWER, git's user.name, the login name.

    Git comes before the login name because it is the same on all of a person's machines; it is read in the build's
    folder, which may have its own configuration. A name that cannot be a file name is skipped if it comes from git or
    the login, and refused if it was given. Names are normalised to Unicode NFC, since file systems differ.

    Raises:
        InputError: The given name cannot be a file name, or no name was found.
    """
    chosen = given or (os.environ if environment is None else environment).get(REVIEWER_VARIABLE)
    if chosen:
        return check_reviewer(unicodedata.normalize("NFC", chosen))
    for name in (_git_name(folder), _login_name()):
        name = unicodedata.normalize("NFC", name)
        if can_be_reviewer(name):
            return name
    raise InputError(f"the reviewer's name is unknown: give --reviewer NAME, or set {REVIEWER_VARIABLE}")


def _git_name(folder: Path) -> str:
    command = ["git", "-C", str(folder), "config", "--get", "user.name"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, ValueError, subprocess.TimeoutExpired):  # no git, or a name that is not text
        return ""


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id that has no name
        return ""


def reviewer_and_assignment(
    directory: Path, reviewer: str | None, reviewers: str | None = None, overlap: float = 0.0
) -> tuple[str, Assignment | None]:
    """Return the reviewer's name, and the assignment from ``--reviewers`` and ``--overlap`` (None without them).

    Raises InputError if a name cannot be a file name, or the reviewer is not among ``reviewers``.
    """
    me = reviewer_name(reviewer, directory)
    if reviewers is None:
        if overlap:
            raise InputError("--overlap needs --reviewers A,B,..., the reviewers who share the items")
        return me, None
    names = tuple(check_reviewer(name.strip()) for name in reviewers.split(","))
    if me not in names:
        raise InputError(
            f"{me} is not one of --reviewers {reviewers}: no item is assigned to you; give --reviewer NAME"
        )
    return me, Assignment(names, overlap)
