"""Mends a program that failed for what it would have had under another judge, so that it can be run again.

Judges put imports before every program (``import math``, ``from typing import *``), and APPS's runs a script inside a
function, where a ``return`` is legal. A program is run as it is first. Only one that fails for such a reason is mended,
one fault at a time. Pure functions over text: an untrusted program is never parsed in this process.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from harness.judging.repair import MAX_ROUNDS, import_for, propose, with_statement
from harness.sandbox.execution import Ended, Execution
from harness.scoring.leniency import INSIDE_FUNCTION, Lenience

_MORE_IMPORTS = {
    "np": "import numpy as np",
    **{name: f"import {name}" for name in ("hashlib", "io", "json", "numpy")},
}
"""What judges import that ``build`` repairs no solution with."""
_CATCHES_EXIT = re.compile(r"\bexcept\s*:|\bexcept\b[^:\n]*\b(?:BaseException|SystemExit)\b")
_EXIT, _UNCAUGHT_EXIT = "raise SystemExit", "__import__('sys').stdout.flush(); __import__('os')._exit(0)"
"""How a mended script ends: the second way where an ``except`` of its own would catch the first one."""
_UNDEFINED = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True, slots=True)
class Mended:
    """A program, and what was done to it."""

    source: str
    imports: tuple[str, ...] = ()
    """Names that it was given."""
    repairs: tuple[Lenience, ...] = ()
    rounds: int = 0

    @property
    def leniences(self) -> tuple[Lenience, ...]:
        """Each once."""
        return tuple(dict.fromkeys((*([Lenience.GIVEN_IMPORTS] if self.imports else []), *self.repairs)))


def missing_import(failure: Execution, entry_point: str | None = None) -> str | None:
    """The name that a program, or test code that uses it, lacks and a judge's import would define; or None.

    The function that is asked for is no such name, even where a module has one that is called the same.
    """
    if failure.exception != "NameError" or failure.ended not in (Ended.EXCEPTION, Ended.CHECK_FAILED):
        return None
    undefined = _UNDEFINED.match(failure.message)
    if undefined is None or undefined[1] == entry_point or import_statement(undefined[1]) is None:
        return None
    return undefined[1]


def import_statement(name: str) -> str | None:
    """The import by which judges define this name, or None."""
    return import_for(name) or _MORE_IMPORTS.get(name)


def mend(
    program: Mended, failure: Execution, entry_point: str | None, *, imports: bool, inside_function: bool
) -> Mended | None:
    """The program with one more fault mended; None where there is nothing more to mend.

    Args:
        program: As it was run.
        failure: How that ended.
        entry_point: The function that the tests call; None for a script.
        imports: Whether an import may be added.
        inside_function: Whether what is legal only inside a function may be mended.
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


def _with_uncaught_exit(source: str, mended: str) -> str:
    """The mended script, where the line that differs ends it without an exception."""
    pairs = zip(source.split("\n"), mended.split("\n"), strict=True)
    return "\n".join(new if new == old else new.replace(_EXIT, _UNCAUGHT_EXIT) for old, new in pairs)
