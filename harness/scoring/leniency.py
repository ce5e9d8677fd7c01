"""What a verdict may rest on that a plain run of the program would not let pass, and how a summary counts it.

Nothing of this is silent: a result names its leniences, and the summary says of each how many samples rest on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum

from apps_plus.problem import DictKeys
from harness.scoring.benchmarks.benchmark import BenchmarkProblem, SampleResult
from harness.scoring.summary import named


class Lenience(StrEnum):
    """One of them."""

    GIVEN_IMPORTS = "given_imports"
    """The program lacks imports that judges usually provide, and was given them."""
    TOP_LEVEL_RETURN = "top_level_return"
    NONLOCAL_GLOBAL = "nonlocal_global"
    """The last two are legal only inside a function, which is where APPS's judge runs a script."""
    TRUE_FOR_1 = "true_for_1"
    NEAR_FLOAT = "near_float"


INSIDE_FUNCTION = (Lenience.TOP_LEVEL_RETURN, Lenience.NONLOCAL_GLOBAL)
"""Repairs of ``harness.judging.repair`` by which a script that is legal only inside a function becomes one that
runs."""

_COUNTED = {
    Lenience.TOP_LEVEL_RETURN: "end by a return outside of any function, which is legal under APPS's judge",
    Lenience.NONLOCAL_GLOBAL: "declare a global variable nonlocal, which is legal under APPS's judge",
    Lenience.TRUE_FOR_1: "pass because True and 1 (False and 0) are equal, as they are for APPS's judge",
    Lenience.NEAR_FLOAT: "pass with floats close to those expected, which APPS's judge wants equal",
}


def remarks_on_leniences(
    results: Sequence[SampleResult], problems: Mapping[str, BenchmarkProblem] | None = None
) -> Iterator[str]:
    """The sentences of a summary: one for each lenience that occurs, and one for samples that lack an import only.

    Args:
        results: One a sample.
        problems: By id; those whose dict arguments have integers for keys are named.
    """
    total = f"of {len(results):,} samples"
    given: list[SampleResult] = []
    wanting: list[SampleResult] = []
    for result in results:
        if result.imports:
            (given if Lenience.GIVEN_IMPORTS in result.leniences else wanting).append(result)
    if given:
        yield f"{len(given):,} {total} were given an import that they lack: {named(_with_imports(given))}"
    if wanting:
        only = "fails" if len(wanting) == 1 else "fail"
        yield (
            f"{len(wanting):,} {total} {only} only for want of an import: {named(_with_imports(wanting))} "
            "(--give-imports gives it)"
        )
    for lenience, what in _COUNTED.items():
        resting = [result for result in results if lenience in result.leniences]
        if resting:
            yield f"{len(resting):,} {total} {what}: {named(dict.fromkeys(r.task_id for r in resting))}"
    yield from _integer_keys(results, problems or {}, total)


def _with_imports(results: Sequence[SampleResult]) -> list[str]:
    """``HumanEval/3 (math)``, each once."""
    return list(dict.fromkeys(f"{result.task_id} ({', '.join(result.imports)})" for result in results))


def _integer_keys(
    results: Sequence[SampleResult], problems: Mapping[str, BenchmarkProblem], total: str
) -> Iterator[str]:
    ids = {i for i, problem in problems.items() if problem.as_apps_judge and problem.dict_keys is DictKeys.INT}
    answering = [result.task_id for result in results if result.task_id in ids]
    if answering:
        yield (
            f"{len(answering):,} {total} are given dicts whose keys are integers, not texts as JSON has them, "
            f"as by APPS's judge: {named(dict.fromkeys(answering))}"
        )
