"""The guidelines of a review: those that a team wrote in ``DIR/guidelines.md``, or the usual ones."""

from __future__ import annotations

from pathlib import Path

from apps_plus.errors import InputError

FILE_NAME = "guidelines.md"
USUAL = """Read the statement first, then the input, then the answers of the solutions.

- **keep**: the expected output is right, and the solutions that give another one are wrong.
- **correct the output**: the statement gives another output, and some solution prints it.
- **correct the input, or leave the test out**: the input breaks a promise of the statement, such as two samples run
  together. Drop the problem, for `bad_input`, if no test would be left.
- **a comparison or a checker**: several answers are right. Drop it if no checker can be written.
- **drop**: the statement does not settle what is right.
- **flag**: you are not sure; say why.

The majority of the solutions is evidence, no proof: they may share a mistake. Look at what a comparison or a checker
would also accept before you decide. A note in one sentence says what convinced you: the next reviewer reads it.
"""
"""Shown where a team has written none."""
MAX_CHARACTERS = 200_000


def guidelines_path(folder: Path) -> Path:
    """Return the path of a build's guidelines, which need not exist."""
    return folder / FILE_NAME


def read_guidelines(folder: Path) -> str:
    """Return the guidelines of a build as Markdown; the usual ones, and how to write others, without a file.

    Raises InputError if the file cannot be read.
    """
    path = guidelines_path(folder)
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(MAX_CHARACTERS)
    except FileNotFoundError:
        return f"{USUAL}\nThese are the usual guidelines; to show others, write them to `{path}`.\n"
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise InputError(f"cannot read {path}: {why}: make it a text file that you may read") from error
