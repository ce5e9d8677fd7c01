"""Print what tests that few voters elect would reject: how often the other accepted solutions fail them.

    apps-plus build raw_apps --out BUILD
    python -m benchmarks.few_voters BUILD --voters 2 --sample 160

A problem with two accepted solutions has nobody left who could fail its generated tests. So problems that have eight or
more are strengthened as if they had few: the canonical solution votes with others chosen by a hash, and the rest, up to
fourteen, are held out. What they fail is printed, to be read against the statement: the input is invalid, several
answers are right, or the solution is wrong.
"""

from __future__ import annotations

import argparse
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from apps_plus.cli import report_errors
from apps_plus.errors import InputError
from apps_plus.journal import Journal
from apps_plus.problem import Comparison
from apps_plus.storage import read_json_lines
from curation.generated_tests.infer_model import infer_model
from curation.generated_tests.strengthen_problem import StrengthenOptions, strengthen_problem
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.generated_tests.voters import Electorate, choose_voters
from curation.pipeline.shorten import as_text, shorten
from curation.records import VerifiedProblem
from harness.sandbox import Sandbox

MANY_SOLUTIONS = 8
MOST_HELD_OUT = 14
CHUNK = 4
"""Problems that share a sandbox."""


def problems_of(build: Path, sample: int) -> list[VerifiedProblem]:
    """Return a sample, by a hash, of the released problems with many accepted solutions and no decision or checker."""
    usable = {
        row["problem_id"]
        for row in read_json_lines(build / "ledger.jsonl")
        if row["released_in"] and not row["decisions"] and row["comparison"] != Comparison.CHECKER
    }
    found: dict[str, VerifiedProblem] = {}
    for path in sorted((build / ".build").glob("verified*.jsonl")):
        with Journal(path) as journal:
            for key in journal.keys():  # noqa: SIM118 - a journal is no dict
                problem = VerifiedProblem.from_json(journal[key])
                if problem.problem_id in usable and len(_accepted(problem)) >= MANY_SOLUTIONS:
                    found[problem.problem_id] = problem
    return sorted(found.values(), key=lambda problem: _hash(problem.problem_id))[:sample]


def _accepted(problem: VerifiedProblem) -> list[int]:
    """Return the accepted solutions, the canonical one first, then by a hash of their source."""
    electorate = choose_voters(problem, most=len(problem.solutions))
    others = {*electorate.voters, *electorate.held_out} - {problem.canonical}
    canonical = [problem.canonical] if problem.canonical is not None else []
    return canonical + sorted(others, key=lambda index: _hash(problem.sources[str(index)]))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


def strengthen(problems: Sequence[VerifiedProblem], voters: int) -> list[StrengthenedProblem]:
    """Strengthen problems with so many voters each; the others are held out."""
    with Sandbox() as sandbox:
        found = []
        for problem in problems:
            accepted = _accepted(problem)
            held_out = tuple(accepted[voters : voters + MOST_HELD_OUT])
            electorate = Electorate(tuple(accepted[:voters]), held_out)
            options = StrengthenOptions()
            found.append(strengthen_problem(problem, sandbox, options, infer_model, electorate=electorate))
    return found


def report(results: Sequence[StrengthenedProblem]) -> Iterator[str]:
    """Yield the lines of the report: the totals, and the problems that most solutions fail first."""
    extended = [result for result in results if result.tests.inputs]
    held_out = sum(len(result.held_out) for result in extended)
    failing = {r.problem_id: {failure.solution for failure in r.failures} for r in extended}
    n_failing = sum(map(len, failing.values()))
    yield f"{len(extended):,} of {len(results):,} problems got tests"
    yield f"{n_failing:,} of {held_out:,} held-out solutions fail one ({n_failing / max(held_out, 1):.2%})"
    for result in sorted(extended, key=lambda r: -len(failing[r.problem_id]) / max(len(r.held_out), 1)):
        if not failing[result.problem_id]:
            break
        [(test, count), *_] = Counter(failure.test for failure in result.failures).most_common(1)
        at = [generated.test for generated in result.tests.generated].index(test)
        n_tests = len({failure.test for failure in result.failures})
        yield f"{result.problem_id} {len(failing[result.problem_id])} of {len(result.held_out)} solutions fail " + (
            f"{n_tests} of {len(result.tests)} tests; {count} fail {shorten(as_text(result.tests.inputs[at]), 200)!r}"
        )


@report_errors
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, metavar="BUILD", help="a folder that `apps-plus build` made")
    parser.add_argument("--voters", type=int, default=2, metavar="N", help="voters of each problem (2)")
    parser.add_argument("--sample", type=int, default=160, metavar="N", help="problems (160)")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="processes (2)")
    arguments = parser.parse_args()
    if not 2 <= arguments.voters < MANY_SOLUTIONS:
        raise InputError(f"--voters {arguments.voters}: choose 2 to {MANY_SOLUTIONS - 1}")
    problems = problems_of(arguments.build, arguments.sample)
    chunks = [problems[start : start + CHUNK] for start in range(0, len(problems), CHUNK)]
    with ProcessPoolExecutor(arguments.workers) as pool:
        found = pool.map(strengthen, chunks, [arguments.voters] * len(chunks))
        for line in report([result for some in found for result in some]):
            print(line)


if __name__ == "__main__":
    main()
