"""Print what ``build --strengthen`` did to a build: what survives, who fails, what it cost.

    apps-plus build raw_apps --out BUILD --strengthen
    python -m benchmarks.strengthen BUILD                                # survivors, left alone, held-out failures
    python -m benchmarks.strengthen BUILD --completions FOLDER           # published programs that pass no more
    python -m benchmarks.strengthen --cost raw_apps --sample 100         # processor time by stage of a new build

The wrong programs are mutants that had no part in the search. Each failure of a held-out solution is printed with its
input, to be read against the statement: the input is invalid, several answers are right, or the solution is wrong.
``FOLDER`` holds ``samples.jsonl.gz``, one program a line with ``task_id`` (the number of a problem of APPS's train
split) and ``program``.
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import apps_plus
from apps_plus.cli import report_errors
from apps_plus.errors import InputError
from apps_plus.journal import Journal
from apps_plus.problem import Problem, load_json
from apps_plus.storage import read_json_lines
from benchmarks.processor_time import processor_seconds
from curation.build import build
from curation.build_options import BuildOptions, BuildProgress
from curation.generated_tests.strengthen_problem import StrengthenOptions
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.mutation.score import MANY_TESTS, TEST_GROUPS, group_of
from curation.pipeline.shorten import as_text, shorten
from harness.judging.judge import judge
from harness.judging.judged_program import summarize_tests
from harness.sandbox import Sandbox

ENOUGH_TESTS = 15
Row = Mapping[str, Any]


def print_survivors(rows: Sequence[Row]) -> None:
    """Print, for all released problems and by group, how many mutants survive the given tests, and all tests."""
    print(f"{'':<16} {'problems':>8} {'15+ tests':>9} {'mutants':>8} {'survive given':>14} {'survive all':>12}")
    for name, chosen in _groups(rows):
        mutants, before, after = (
            sum(r["strengthened"]["judges"][n] for r in chosen) for n in ("mutants", "before", "after")
        )
        enough = sum(row["tests"] >= ENOUGH_TESTS for row in chosen)
        shares = [_percent(mutants - killed, mutants) for killed in (before, after)]
        size = f"{name:<16} {len(chosen):>8,} {_percent(enough, len(chosen)):>9} {mutants:>8,}"
        print(f"{size} {shares[0]:>14} {shares[1]:>12}")


def _groups(rows: Sequence[Row]) -> Iterator[tuple[str, list[Row]]]:
    yield "all", list(rows)
    for tier in dict.fromkeys(row["difficulty"] for row in rows):
        yield tier or "(no tier)", [row for row in rows if row["difficulty"] == tier]
    for name in (*(name for _, name in TEST_GROUPS), MANY_TESTS):
        if chosen := [row for row in rows if group_of(row["tests"] - row["generated_tests"]) == name]:
            yield f"{name} given", chosen
    yield "with new tests", [row for row in rows if row["generated_tests"]]


def _percent(part: int, of: int) -> str:
    return f"{part / of:.1%}" if of else "-"


def print_left_alone(rows: Iterable[Row]) -> None:
    """Print how many problems got no generated tests, by reason and outcome."""
    counts = Counter((row["strengthened"]["left_alone"] or "extended", row["outcome"]) for row in rows)
    for (reason, outcome), count in sorted(counts.items(), key=lambda item: -item[1]):
        print(f"{count:>8,}  {reason} ({outcome})")


def print_held_out(problems: Iterable[StrengthenedProblem]) -> None:
    """Print the share of held-out solutions that fail a generated test, and the first failures of each."""
    extended = [problem for problem in problems if problem.tests.inputs]
    run = sum(len(problem.held_out) for problem in extended)
    failing = sum(len({failure.solution for failure in problem.failures}) for problem in extended)
    print(f"{failing:,} of {run:,} held-out solutions fail a generated test ({_percent(failing, run)}):")
    for problem in extended:
        for solution in dict.fromkeys(failure.solution for failure in problem.failures):
            own = [failure for failure in problem.failures if failure.solution == solution]
            test = next(test for test in problem.tests.generated if test.test == own[0].test)
            position = problem.tests.generated.index(test)
            given, expected = problem.tests.inputs[position], problem.tests.outputs[position]
            print(f"{problem.problem_id} solution {solution} fails {len(own)} of {len(problem.tests)} tests", end=": ")
            print(f"{test.generator}/{test.risk}, {test.votes} of {test.voters} votes")
            print(f"    input    {shorten(as_text(given), 200)!r}")
            print(f"    expected {shorten(as_text(expected), 120)!r}")
            print(f"    actual   {shorten(own[0].actual, 120)!r}")


def print_effort(problems: Sequence[StrengthenedProblem]) -> None:
    """Print the runs of programs and their processor time, by part."""
    efforts = [problem.effort for problem in problems]
    print(f"{len(problems):,} problems, {sum(effort.candidates for effort in efforts):,} candidate inputs")
    for part in sorted({part for effort in efforts for part in effort.runs}):
        runs, inputs = (sum(getattr(e, name).get(part, 0) for e in efforts) for name in ("runs", "inputs"))
        seconds = sum(effort.seconds.get(part, 0.0) for effort in efforts)
        print(f"{part:<12} {runs:>10,} processes {inputs:>12,} inputs {seconds:>10,.1f} s of processor time")


def print_completions(folder: Path, problems: Mapping[str, Problem]) -> None:
    """Judge published programs by the given tests and by all; print each that passed and now fails."""
    passed = still = known = 0
    with gzip.open(folder / "samples.jsonl.gz", "rt", encoding="utf-8") as file, Sandbox() as sandbox:
        for line in file:
            sample = load_json(line)
            problem = problems.get(f"train/{sample['task_id']}")
            if problem is None:
                continue
            known += 1
            judged = judge(sandbox, sample["program"], problem)
            n_given = len(problem.tests) - len(problem.tests.generated)
            if not summarize_tests(judged[:n_given]).passed:
                continue
            passed += 1
            whole = summarize_tests(judged)
            still += whole.passed
            if not whole.passed:
                test = whole.failed_tests[0]
                print(f"{problem.problem_id} sample {sample.get('row')} now fails {len(whole.failed_tests)} tests:")
                print(f"    test {test}   {shorten(as_text(problem.tests.inputs[test]), 200)!r}")
                print(f"    expected {shorten(as_text(problem.tests.outputs[test]), 120)!r}")
                execution = judged[test].execution
                print(f"    actual   {shorten(execution.result or execution.output, 120)!r} ({judged[test].verdict})")
    print(f"{folder.name}: {known} programs of released problems, {passed} pass the given tests, {still} pass all")


def print_cost(source: Path, out: Path | None, sample: int | None, limit: int | None, workers: int) -> None:
    """Build with ``--strengthen``; print the processor time of each stage and part.

    Args:
        source: Raw APPS.
        out: The new folder of the build; None: a temporary one.
        sample: Problems to draw; None: all.
        limit: Only the first so many problems; None: all.
        workers: As of a build.
    """
    if out is not None and out.exists():
        raise InputError(f"{out} exists: name a new folder, so that nothing is done already")
    seconds: dict[str, float] = {}
    start: dict[str, float] = {}
    spent = 0.0

    def report(progress: BuildProgress) -> None:  # a stage's processes are still alive when it reports
        nonlocal spent
        now = max(processor_seconds(), spent)
        start.setdefault(progress.stage, spent)
        seconds[progress.stage] = max(seconds.get(progress.stage, 0.0), now - start[progress.stage])
        spent = now

    with tempfile.TemporaryDirectory() as folder:
        options = BuildOptions(source, out or Path(folder) / "build", workers=workers, limit=limit, sample=sample)
        build(replace(options, strengthen=StrengthenOptions()), report)
        strengthened = read_journals(options.out)
    for stage, took in seconds.items():
        print(f"{stage:<12} {took:>10,.1f} s of processor time")
    whole = sum(seconds.values())
    print(f"with --strengthen {whole / (whole - seconds.get('strengthen', 0.0)):.2f} times as much as without")
    print_effort(strengthened)


def read_journals(folder: Path) -> list[StrengthenedProblem]:
    """Return the strengthened problems in the journals of a build, the last of each."""
    found: dict[str, StrengthenedProblem] = {}
    for path in sorted((folder / ".build").glob("strengthened*.jsonl")):
        with Journal(path) as journal:
            for key in journal.keys():  # noqa: SIM118 - a journal is no dict
                problem = StrengthenedProblem.from_json(journal[key])
                found[problem.problem_id] = problem
    return list(found.values())


@report_errors
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", nargs="?", type=Path, metavar="BUILD", help="a folder that was built --strengthen")
    parser.add_argument("--completions", type=Path, action="append", default=[], metavar="FOLDER")
    parser.add_argument("--cost", type=Path, metavar="RAW", help="build RAW, and print the processor time")
    parser.add_argument("--out", type=Path, metavar="DIR", help="for --cost: keep the build in this new folder")
    parser.add_argument("--limit", type=int, metavar="N", help="for --cost: only the first N problems")
    parser.add_argument("--sample", type=int, metavar="N", help="for --cost: N problems, as `build --sample`")
    parser.add_argument("--workers", type=int, default=0, metavar="N", help="for --cost")
    arguments = parser.parse_args()
    if arguments.cost is not None:
        print_cost(arguments.cost, arguments.out, arguments.sample, arguments.limit, arguments.workers)
    if arguments.build is None:
        return
    rows = [row for row in read_json_lines(arguments.build / "ledger.jsonl") if "strengthened" in row]
    if not rows:
        raise InputError(f"{arguments.build} was built without --strengthen: build it with that option")
    if arguments.completions:
        dataset = apps_plus.load(arguments.build)
        problems = {p.problem_id: p for split in (dataset.train, dataset.validation, dataset.test) for p in split}
        for folder in arguments.completions:
            print_completions(folder, problems)
        return
    print_survivors([row for row in rows if row["released_in"]])
    print_left_alone(rows)
    listed = {row["problem_id"] for row in rows}
    strengthened = [problem for problem in read_journals(arguments.build) if problem.problem_id in listed]
    print_held_out(strengthened)
    print_effort(strengthened)


if __name__ == "__main__":
    main()
