"""Finds out who reviews, and what is theirs."""

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

VARIABLE = "APPS_PLUS_REVIEWER"


def reviewer_name(given: str | None, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """The reviewer's name: the first there is of what is given, $APPS_PLUS_REVIEWER, git's user.name, the login name.

    Git comes before the login name since it is the same on all of a person's machines. Git's user.name is asked for in
    the build's folder, which may have its own; a name that cannot name a file is passed over there, and refused where
    the person gave it for this. Names are brought into one Unicode form (NFC): file systems differ.

    Raises:
        InputError: The name that was given cannot name a file, or nothing says who reviews.
    """
    chosen = given or (os.environ if environment is None else environment).get(VARIABLE)
    if chosen:
        return check_reviewer(unicodedata.normalize("NFC", chosen))
    for name in (_git_name(folder), _login_name()):
        name = unicodedata.normalize("NFC", name)
        if can_be_reviewer(name):
            return name
    raise InputError(f"nothing says who you are: give --reviewer NAME, or set {VARIABLE}")


def _git_name(folder: Path) -> str:
    command = ["git", "-C", str(folder), "config", "--get", "user.name"]
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, ValueError, subprocess.TimeoutExpired):  # no git, or a name that is no text
        return ""


def _login_name() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id that has no name
        return ""


def who_and_what(
    directory: Path, reviewer: str | None, reviewers: str | None = None, overlap: float = 0.0
) -> tuple[str, Assignment | None]:
    """The reviewer's name and the assignment that ``--reviewers`` and ``--overlap`` give; None without them.

    Raises InputError where a name cannot name a file, or the reviewer is none of those.
    """
    me = reviewer_name(reviewer, directory)
    if reviewers is None:
        if overlap:
            raise InputError("--overlap needs --reviewers A,B,...: whom to share the items among")
        return me, None
    names = tuple(check_reviewer(name.strip()) for name in reviewers.split(","))
    if me not in names:
        raise InputError(f"{me} is none of --reviewers {reviewers}: nothing is assigned to you; give --reviewer NAME")
    return me, Assignment(names, overlap)
