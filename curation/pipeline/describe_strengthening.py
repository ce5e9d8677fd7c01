"""Describe what strengthening found out about a problem: findings, facts for the ledger, evidence for the reviewer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from curation.generated_tests.strengthened import LEFT_ALONE, LeftAlone, PartedInput, StrengthenedProblem
from curation.pipeline.shorten import as_text, shorten, shorten_pair
from curation.records import Finding, Note

STAGE = "strengthen"


def strengthening_findings(problem: StrengthenedProblem) -> Iterator[Finding]:
    """Yield the findings: the tests, or why there are none; solutions that fail or are suspect; where they part."""
    if problem.left_alone:
        why = LEFT_ALONE[LeftAlone(problem.left_alone)] + (f" ({problem.detail})" if problem.detail else "")
        evidence = {"reason": problem.left_alone, "voters": len(problem.voters)}
        yield Finding(STAGE, Note.NOT_STRENGTHENED, f"no tests were generated: {why}", evidence)
    else:
        yield _generated(problem)
    if problem.canonical is not None:
        text = (
            f"solution {problem.canonical} is canonical: nearly all voters agree on other answers than the first one's"
        )
        yield Finding(STAGE, Note.OUTVOTED_CANONICAL, text, {"solution": problem.canonical})
    for index in problem.outliers:
        text = f"solution {index} alone gives other answers than all voters to several generated inputs"
        yield Finding(STAGE, Note.SUSPECT_SOLUTION, text, {"solution": index})
    yield from _held_out_failures(problem)
    for parted in problem.parted:
        yield _parted(parted)


def _generated(problem: StrengthenedProblem) -> Finding:
    counts = {test.generator: 0 for test in problem.tests.generated}
    for test in problem.tests.generated:
        counts[test.generator] += 1
    by_generator = ", ".join(f"{count} {generator}" for generator, count in sorted(counts.items()))
    text = (
        f"{len(problem.tests)} tests were generated ({by_generator}), with the votes of {len(problem.voters)} solutions"
    )
    evidence = {
        "judge_mutants": asdict(problem.judges),
        "held_out": len(problem.held_out),
        "held_out_failing": len({failure.solution for failure in problem.failures}),
    }
    return Finding(STAGE, Note.GENERATED_TESTS, text, evidence)


def _held_out_failures(problem: StrengthenedProblem) -> Iterator[Finding]:
    first = {failure.solution: failure for failure in reversed(problem.failures)}
    for failure in reversed(first.values()):
        position = next(i for i, test in enumerate(problem.tests.generated) if test.test == failure.test)
        expected, actual = shorten_pair(as_text(problem.tests.outputs[position]), failure.actual)
        failed = [f.test for f in problem.failures if f.solution == failure.solution]
        failing = f"{len(failed)} generated tests (first: {failure.test})"
        text = f"solution {failure.solution}, which had no vote, fails {failing}"
        evidence = {
            "solution": failure.solution,
            "failed_tests": failed,
            "input": shorten(as_text(problem.tests.inputs[position])),
            "expected": expected,
            "actual": actual,
        }
        yield Finding(STAGE, Note.HELD_OUT_FAILURE, text, evidence)


def _parted(parted: PartedInput) -> Finding:
    leading = parted.options[0]
    text = f"{parted.for_expected} of {parted.voters} solutions give one answer to a generated input, "
    text += f"{len(leading.solutions)} agree on another"
    evidence = {
        "input": shorten(parted.input),
        "expected": shorten_pair(parted.expected, leading.output)[0],
        "for_expected": parted.for_expected,
        "voters": parted.voters,
        "options": [
            {
                "output": shorten_pair(parted.expected, option.output)[1],
                "votes": len(option.solutions),
                "solutions": list(option.solutions[:20]),
            }
            for option in parted.options[:3]
        ],
    }
    return Finding(STAGE, Note.PARTED_SOLUTIONS, text, evidence)


def ledger_facts(problem: StrengthenedProblem) -> dict[str, Any]:
    """Return the fields of the ledger's line that a build with ``--strengthen`` adds."""
    return {
        "generated_tests": len(problem.tests),
        "strengthened": {
            "left_alone": problem.left_alone,
            "voters": len(problem.voters),
            "held_out": list(problem.held_out),
            "held_out_failing": sorted({failure.solution for failure in problem.failures}),
            "guides": asdict(problem.guides),
            "judges": asdict(problem.judges),
            "candidates": problem.effort.candidates,
        },
    }
