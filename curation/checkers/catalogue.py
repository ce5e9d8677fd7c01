"""The catalogue of checkers: small programs that accept more than one expected output, the strictest first.

A program is a file in ``programs/``: a whole checker as a decision stores it. It runs in the sandbox when solutions are
judged; to find one that fits a problem (``propose``) it runs in this process, since it is part of this package.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, dump_json

PROGRAMS = Path(__file__).parent / "programs"
Check = Callable[[Any, Any, Any], object]
"""``check(input, expected, actual)``: true for a right answer; may raise for a wrong one."""


class Outputs(StrEnum):
    """The expected outputs that a checker can read."""

    TEXTS = "texts"
    LISTS = "lists"
    ANY = "any"


@dataclass(frozen=True, slots=True)
class Checker:
    """One entry of the catalogue: a program, or a comparison that is built in and says the same."""

    name: str
    """Of the file in ``programs/``, or of the comparison."""
    accepts: str
    """The outputs that it accepts, in a few words."""
    outputs: Outputs
    comparison: Comparison = Comparison.CHECKER
    """``checker`` for a program."""
    constants: Mapping[str, float] = field(default_factory=dict)
    """Values of the program's constants, where they differ from the file's."""
    order_is_free: bool = False
    """True if it accepts an output with elements in another order."""
    is_weak: bool = False
    """True if it does not look at most of what an output says: a start for a checker, rather than one."""

    def source(self) -> str:
        """Return the program; empty for a comparison that is built in."""
        if self.comparison is not Comparison.CHECKER:
            return ""
        lines = (PROGRAMS / f"{self.name}.py").read_text(encoding="utf-8").splitlines(keepends=True)
        return "".join(map(self._with_constant, lines))

    def to_json(self) -> dict[str, Any]:
        """Return the entry as a JSON object, with its source."""
        return {
            "name": self.name,
            "accepts": self.accepts,
            "outputs": str(self.outputs),
            "comparison": str(self.comparison),
            "is_weak": self.is_weak,
            "source": self.source(),
        }

    def _with_constant(self, line: str) -> str:
        name, equals, _ = line.partition(" = ")
        return f"{name} = {self.constants[name]!r}\n" if equals and name in self.constants else line


def _text(name: str, accepts: str, **more: Any) -> Checker:
    return Checker(name, accepts, Outputs.TEXTS, **more)


def _list(name: str, accepts: str, **more: Any) -> Checker:
    return Checker(name, accepts, Outputs.LISTS, **more)


def _any(name: str, accepts: str, **more: Any) -> Checker:
    return Checker(name, accepts, Outputs.ANY, **more)


_TOLERANCE = "numbers_within_tolerance"
CATALOGUE: tuple[Checker, ...] = (
    _text("tokens", "any white space between words", comparison=Comparison.TOKENS),
    _text("any_white_space", "any white space between words"),
    _text("yes_or_no_in_any_case", "yes, no, true and false in any letter case"),
    _any("case", "letters in any case", comparison=Comparison.CASE),
    _text("letters_in_any_case", "letters in any case"),
    _any(_TOLERANCE, "numbers within 1e-9", constants={"TOLERANCE": 1e-9}),
    _any("float", "numbers within the tolerance", comparison=Comparison.FLOAT),
    _any(_TOLERANCE, "numbers within 1e-6", constants={"TOLERANCE": 1e-6}),
    _any(_TOLERANCE, "numbers within 1e-4", constants={"TOLERANCE": 1e-4}),
    _any("numbers_rounded_as_expected", "numbers that round to the expected ones"),
    _any("unordered", "lines, or elements, in any order", comparison=Comparison.UNORDERED, order_is_free=True),
    _text("any_order_of_words_in_lines", "the words of each line in any order", order_is_free=True),
    _text("any_order_of_lines", "lines in any order", order_is_free=True),
    _list("any_order_of_elements", "elements in any order", order_is_free=True),
    _text("any_order_of_lines_and_words", "lines, and the words of each, in any order", order_is_free=True),
    _list("any_order_at_every_level", "elements in any order, at every level", order_is_free=True),
    _text("any_order_of_words", "words in any order, on any line", order_is_free=True),
    _text("any_order_of_letters", "the characters of each line in any order", order_is_free=True),
    _any("any_known_answer", "any answer that two solutions give"),
    _text("same_first_line", "the same first line, then any lines of the same shape", is_weak=True),
    _text("same_first_number", "the same first word, then any words, as many", is_weak=True),
    _any("same_sum", "as many numbers with the same sum", is_weak=True),
    _text("same_number_of_words", "any words, as many on each line", is_weak=True),
    _text("same_number_of_lines", "any lines, as many", is_weak=True),
    _any("same_length", "any list or text of the same length", is_weak=True),
)
"""In the order in which they are tried."""
KNOWN_ANSWER = "any_known_answer"


def find_checker(name: str) -> Checker:
    """Return the first entry of a name. Raises InputError, with the names that there are."""
    found = next((checker for checker in CATALOGUE if checker.name == name), None)
    if found is None:
        names = ", ".join(dict.fromkeys(checker.name for checker in CATALOGUE))
        raise InputError(f"there is no checker {name!r} in the catalogue: give one of {names}")
    return found


def source_with_answers(answers: Mapping[str, list[Any]]) -> str:
    """Return the program ``any_known_answer`` with its table: the right answers by the input as JSON text."""
    rows = "".join(f"    {given!r}: {_literal(known)},\n" for given, known in sorted(answers.items()))
    return find_checker(KNOWN_ANSWER).source().replace(" = {}\n", f" = {{\n{rows}}}\n", 1)


def _literal(values: list[Any]) -> str:
    """Return the Python source of a list of JSON values."""
    sources = (repr(value) if isinstance(value, str) else f"json.loads({dump_json(value)!r})" for value in values)
    return f"[{', '.join(sources)}]"


@cache
def load_check(source: str) -> Check:
    """Return the function ``check`` of a program of the catalogue; never call it with another's source."""
    namespace: dict[str, Any] = {"__name__": "checker"}
    exec(compile(source, "<checker>", "exec"), namespace)  # noqa: S102 - a file of this package
    check: Check = namespace["check"]
    return check


def accepts(check: Check, given: Any, expected: Any, actual: Any) -> bool:
    """Return whether a checker accepts an output; one that raises does not."""
    try:
        return check(given, expected, actual) is True
    except Exception:  # as in the sandbox, where a checker that raises has refused the output
        return False
