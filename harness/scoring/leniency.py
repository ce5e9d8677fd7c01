"""Leniences: ways in which a program passes that would fail a plain run, and notes that count them.

A result names its leniences, and the summary counts the samples that rest on each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from apps_plus.problem import DictKeys
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.results import SampleResult
from harness.scoring.summary import named


class Lenience(StrEnum):
    """One way in which the harness is as lenient as another judge."""

    GIVEN_IMPORTS = "given_imports"
    """The program lacks imports that judges usually provide, and was given them."""
    TOP_LEVEL_RETURN = "top_level_return"
    """A ``return`` outside of any function; APPS's judge runs a script inside a function."""
    NONLOCAL_GLOBAL = "nonlocal_global"
    """A ``nonlocal`` global variable; legal under APPS's judge for the same reason."""
    TRUE_FOR_1 = "true_for_1"
    """``True`` returned for 1, or ``False`` for 0."""
    NEAR_FLOAT = "near_float"
    """A float close to the expected one."""
    LATE_ANNOTATIONS = "late_annotations"
    """An annotation with an undefined name, which Python evaluates only before 3.14."""


INSIDE_FUNCTION = (Lenience.TOP_LEVEL_RETURN, Lenience.NONLOCAL_GLOBAL)
"""Repairs of ``harness.judging.repair_program`` for scripts that are legal only inside a function."""

_NOTES = {
    Lenience.TOP_LEVEL_RETURN: "end by a return outside of any function, which is legal under APPS's judge",
    Lenience.NONLOCAL_GLOBAL: "declare a global variable nonlocal, which is legal under APPS's judge",
    Lenience.TRUE_FOR_1: "pass because True and 1 (False and 0) are equal, as they are for APPS's judge",
    Lenience.NEAR_FLOAT: "pass with floats close to those expected, which APPS's judge compares exactly",
    Lenience.LATE_ANNOTATIONS: "pass because Python since 3.14 does not evaluate annotations: before, a name in one is "
    "not defined",
}


def leniency_notes(
    results: Sequence[SampleResult], problems: Mapping[str, BenchmarkProblem] | None = None
) -> Iterator[str]:
    """Yield a note for each lenience that occurs, and one for samples that fail only for lack of an import.

    Args:
        results: One for each sample.
        problems: By id; those whose dict arguments have integer keys are named.
    """
    total = f"of {len(results):,} samples"
    given: list[SampleResult] = []
    lacking: list[SampleResult] = []
    for result in results:
        if result.imports:
            (given if Lenience.GIVEN_IMPORTS in result.leniences else lacking).append(result)
    if given:
        yield f"{len(given):,} {total} were given an import that they lack: {named(_with_imports(given))}"
    if lacking:
        only = "fails" if len(lacking) == 1 else "fail"
        yield (
            f"{len(lacking):,} {total} {only} only for lack of an import: {named(_with_imports(lacking))} "
            "(--give-imports gives it)"
        )
    for lenience, note in _NOTES.items():
        lenient = [result for result in results if lenience in result.leniences]
        if lenient:
            yield f"{len(lenient):,} {total} {note}: {named(dict.fromkeys(r.task_id for r in lenient))}"
    yield from _integer_keys(results, problems or {}, total)


def _with_imports(results: Sequence[SampleResult]) -> list[str]:
    """Return each id with its imports once: ``HumanEval/3 (math)``."""
    return list(dict.fromkeys(f"{result.task_id} ({', '.join(result.imports)})" for result in results))


def _integer_keys(
    results: Sequence[SampleResult], problems: Mapping[str, BenchmarkProblem], total: str
) -> Iterator[str]:
    ids = {i for i, problem in problems.items() if problem.as_apps_judge and problem.dict_keys is DictKeys.INT}
    answering = [result.task_id for result in results if result.task_id in ids]
    if answering:
        yield (
            f"{len(answering):,} {total} are given dicts with integer keys, not the strings that JSON has, "
            f"as APPS's judge gives them: {named(dict.fromkeys(answering))}"
        )
