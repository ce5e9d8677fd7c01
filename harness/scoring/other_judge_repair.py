"""Repair a program that would have run under another judge: add a missing import, remove a top-level return.

Judges put imports before every program (``import math``, ``from typing import *``), and APPS's runs a script inside a
function, where a ``return`` is legal. A program runs unchanged first; only one that fails for such a reason is
repaired, one fault at a time. Pure functions over text: an untrusted program is never parsed in this process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from harness.judging.repair_program import MAX_ROUNDS, import_for, propose, with_statement
from harness.sandbox.execution import Ended, Execution
from harness.scoring.leniency import INSIDE_FUNCTION, Lenience

_MORE_IMPORTS = {
    "np": "import numpy as np",
    **{name: f"import {name}" for name in ("hashlib", "io", "json", "numpy")},
}
"""Imports of judges that ``build`` does not repair solutions with."""
_CATCHES_EXIT = re.compile(r"\bexcept\s*:|\bexcept\b[^:\n]*\b(?:BaseException|SystemExit)\b")
_EXIT, _UNCAUGHT_EXIT = "raise SystemExit", "__import__('sys').stdout.flush(); __import__('os')._exit(0)"
"""Statements that end a repaired script; the second is for scripts whose own ``except`` would catch the first."""
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True, slots=True)
class RepairedProgram:
    """A program and the repairs applied to it."""

    source: str
    imports: tuple[str, ...] = ()
    """Names whose import was added."""
    repairs: tuple[Lenience, ...] = ()
    rounds: int = 0
    """Repairs so far."""

    @property
    def leniences(self) -> tuple[Lenience, ...]:
        """The leniences of its repairs, each once."""
        return tuple(dict.fromkeys((*([Lenience.GIVEN_IMPORTS] if self.imports else []), *self.repairs)))


def missing_import(failure: Execution, entry_point: str | None = None) -> str | None:
    """Return the undefined name that a program (or its test code) failed on, if a judge's import defines it.

    Never the entry point, even if a module has a function of the same name.
    """
    if failure.exception != "NameError" or failure.ended not in (Ended.EXCEPTION, Ended.CHECK_FAILED):
        return None
    undefined = _UNDEFINED.match(failure.message)
    if undefined is None or undefined[1] == entry_point or import_statement(undefined[1]) is None:
        return None
    return undefined[1]


def import_statement(name: str) -> str | None:
    """Return the import statement by which judges define a name, or None."""
    return import_for(name) or _MORE_IMPORTS.get(name)


def repair_once(
    program: RepairedProgram, failure: Execution, entry_point: str | None, *, imports: bool, inside_function: bool
) -> RepairedProgram | None:
    """Repair one more fault of a program; None if there is nothing to repair.

    Args:
        program: The program as it ran.
        failure: The execution that failed.
        entry_point: The function that the tests call; None for a script.
        imports: Whether to add missing imports.
        inside_function: Whether to repair statements that are legal only inside a function.
    """
    if program.rounds == MAX_ROUNDS:
        return None
    name = missing_import(failure, entry_point) if imports else None
    if name is not None and name not in program.imports:
        source = with_statement(program.source, import_statement(name) or "")
        return replace(program, source=source, imports=(*program.imports, name), rounds=program.rounds + 1)
    if inside_function and entry_point is None:
        for repair, source in propose(program.source, None, failure):
            if repair in INSIDE_FUNCTION:
                if repair == Lenience.TOP_LEVEL_RETURN and _CATCHES_EXIT.search(program.source):
                    source = _with_uncaught_exit(program.source, source)
                repairs = (*program.repairs, Lenience(repair))
                return replace(program, source=source, repairs=repairs, rounds=program.rounds + 1)
    return None


def _with_uncaught_exit(source: str, repaired: str) -> str:
    """Make the repaired line end the script without an exception."""
    pairs = zip(source.split("\n"), repaired.split("\n"), strict=True)
    return "\n".join(new if new == old else new.replace(_EXIT, _UNCAUGHT_EXIT) for old, new in pairs)
