"""Compare builds that were made under several interpreters: which solutions have another verdict, and why.

    python3.12 -m venv v312 && v312/bin/pip install -c constraints.txt -e .
    v312/bin/apps-plus build RAW --out b312 --sample 300
    ... the same with python3.11 and python3.13, into b311 and b313
    python -m benchmarks.interpreters b311 b312 b313

The verdicts are in the builds' journals (``.build/verified.jsonl``); nothing runs. Each build is compared with the
first one, on the problems that both have. A verdict that changes is put down to a limit (of time, of memory), to a
module that is gone, to the exception that one of the two raised, or to another output.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from benchmarks.verified_journal import verified_journal
from curation.explain import read_ledger
from curation.release_columns import read_manifest

EXAMPLES = 3
"""Solutions that the table names for each cause."""
_GONE = re.compile(r"No module named '([\w.]+)'")
_EXCEPTION = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Iteration|Exit|Interrupt|Warning))\b")
_OF_TIME = {"timeout", "unfinished"}


@dataclass(frozen=True, slots=True)
class Verified:
    """The results of one build for one problem."""

    solutions: dict[int, tuple[str, str]]
    """Code and detail of each solution, by its index; copies of earlier ones are left out."""
    comparison: str
    canonical: int | None


@dataclass(frozen=True, slots=True)
class Build:
    """One build: its interpreter, and its problems by id."""

    name: str
    setting: dict[str, Any]
    problems: dict[str, Verified]
    outcomes: dict[str, str]
    """Outcome of each problem: kept, corrected, dropped or needs_review."""

    @property
    def python(self) -> str:
        """The version of the interpreter."""
        return str(self.setting.get("python", "?"))


@dataclass(frozen=True, slots=True)
class Change:
    """A solution whose verdict is another one in the second build."""

    problem_id: str
    index: int
    codes: tuple[str, str]
    cause: str


def read_build(folder: Path) -> Build:
    """Read the manifest, the ledger and the journal of a build. Raises BuildFolderError."""
    manifest = read_manifest(folder)
    problems = {}
    for _, value in verified_journal(folder):
        solutions = {s["index"]: (s["code"], s["detail"]) for s in value["solutions"] if s["same_as"] is None}
        problems[value["problem_id"]] = Verified(solutions, value["comparison"], value["canonical"])
    outcomes = {problem_id: line["outcome"] for problem_id, line in read_ledger(folder).items()}
    setting = {"strengthen": manifest.get("strengthen"), **manifest["setting"]}
    return Build(folder.name, setting, problems, outcomes)


def changes(first: Build, second: Build) -> Iterator[Change]:
    """Yield the solutions of the problems of both builds whose verdicts differ."""
    for problem_id in first.problems.keys() & second.problems.keys():
        one, other = first.problems[problem_id].solutions, second.problems[problem_id].solutions
        for index in sorted(one.keys() & other.keys()):
            if one[index][0] != other[index][0]:
                yield Change(problem_id, index, (one[index][0], other[index][0]), cause_of(one[index], other[index]))


def cause_of(one: tuple[str, str], other: tuple[str, str]) -> str:
    """Return the cause of a change, of two codes with their details; the failing side says most."""
    codes = {one[0], other[0]}
    if codes & _OF_TIME:
        return "limit of time"
    details = [detail for code, detail in (other, one) if code != "passed"]
    text = " ".join(details)
    if "memory" in text.lower() or "MemoryError" in text:
        return "limit of memory"
    gone = _GONE.search(text)
    if gone is not None:
        return f"module {gone[1]}"
    raised = _EXCEPTION.search(text)
    if raised is not None:
        return raised[1]
    return (
        "another output" if codes & {"output_mismatch", "no_output", "nondeterministic"} else " or ".join(sorted(codes))
    )


def row(first: Build, second: Build) -> dict[str, Any]:
    """Return the comparison of two builds: how many problems and solutions, and what differs, by cause."""
    both = first.problems.keys() & second.problems.keys()
    pairs = [(first.problems[key], second.problems[key]) for key in both]
    found = list(changes(first, second))
    causes = Counter(change.cause for change in found)
    return {
        "pythons": [first.python, second.python],
        "problems": len(both),
        "solutions": sum(len(one.solutions.keys() & other.solutions.keys()) for one, other in pairs),
        "verdicts": len(found),
        "causes": dict(causes.most_common()),
        "examples": {
            cause: [f"{c.problem_id}#{c.index}: {c.codes[0]} -> {c.codes[1]}" for c in found if c.cause == cause][
                :EXAMPLES
            ]
            for cause in causes
        },
        "canonical": sum(one.canonical != other.canonical for one, other in pairs),
        "comparison": sum(one.comparison != other.comparison for one, other in pairs),
        "outcomes": sum(first.outcomes.get(key) != second.outcomes.get(key) for key in both),
        "settings": sorted(name for name in first.setting if _differs(first, second, name)),
    }


def _differs(first: Build, second: Build, name: str) -> bool:
    return name != "python" and first.setting[name] != second.setting.get(name)


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of the table."""
    yield "| Pythons | problems | solutions | verdicts that differ | causes | outcomes | canonical | comparison |"
    yield "| :-- | --: | --: | --: | :-- | --: | --: | --: |"
    for one in rows:
        causes = ", ".join(f"{count} {cause}" for cause, count in one["causes"].items())
        counts = f"{one['problems']:,} | {one['solutions']:,} | {one['verdicts']:,}"
        others = f"{one['outcomes']:,} | {one['canonical']:,} | {one['comparison']:,}"
        yield f"| {' and '.join(one['pythons'])} | {counts} | {causes} | {others} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interpreters", description=__doc__.split("\n", 1)[0])
    parser.add_argument(
        "builds", type=Path, nargs="+", metavar="BUILD", help="folders of builds; the first is compared with"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the comparisons there")
    arguments = parser.parse_args()
    try:
        first, *others = map(read_build, arguments.builds)
    except InputError as error:
        sys.exit(str(error))
    if not others:
        sys.exit(f"{arguments.builds[0]} alone: give a second build, made under another Python")
    rows = [row(first, other) for other in others]
    for other, one in zip(others, rows, strict=True):
        for name in one["settings"]:
            print(f"{first.name} and {other.name} differ in {name}, too: verdicts may differ by it", file=sys.stderr)
        for cause, examples in one["examples"].items():
            print(f"{one['pythons'][1]}: {cause}: {'; '.join(examples)}", file=sys.stderr)
    print("\n".join(table(rows)))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
