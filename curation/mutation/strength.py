"""Measure the strength of the tests of every released problem of a build, and write it into the build.

Each measured problem is journaled in ``DIR/.build``: a killed run resumes, and a problem that has not changed is not
measured again. The column, the manifest and the card are written at the end, all at once (``release_columns``).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apps_plus.errors import AppsPlusError, InputError, WorkError
from apps_plus.journal import Journal
from apps_plus.phases import During, silent
from apps_plus.problem import MEASURED_COLUMNS, Problem, sha256_of
from apps_plus.storage import SPLITS, load, write_json_lines
from curation.build import describe_setting
from curation.build_folder import prepare_folder, take_locks
from curation.build_options import BuildProgress, ReportProgress
from curation.explain import STRENGTH_FILE, read_ledger
from curation.mutation.measure_strength import STRENGTH_VERSION, USUAL_SETTINGS, StrengthSettings, measure_strength
from curation.mutation.mutants import MUTANTS_VERSION
from curation.mutation.score import ProblemStrength, summarize
from curation.pipeline.run_solutions import HarnessFaultError
from curation.release_columns import add_columns, read_manifest
from harness.sandbox import USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.execution import Limits
from harness.sandbox.executor import HERE, Executor, open_executor

JOURNAL_FILE = "strength.jsonl"
"""In ``.build``."""


@dataclass(frozen=True, slots=True)
class StrengthOptions:
    """The options of ``apps-plus strength``."""

    folder: Path
    workers: int = 0
    settings: StrengthSettings = USUAL_SETTINGS
    isolation: Isolation = USUAL_ISOLATION
    limits: Limits = field(default_factory=Limits)
    on: str = HERE
    """Where programs run (``harness.sandbox.executor``)."""


@dataclass(frozen=True, slots=True)
class StrengthJob:
    """One problem to measure."""

    key: str
    """Of its entry in the journal."""
    problem: Problem
    settings: StrengthSettings
    limits: Limits


@dataclass(frozen=True, slots=True)
class StrengthResult:
    """One finished job: the strength, or the fault of the harness."""

    key: str
    problem_id: str
    strength: ProblemStrength | None
    fault: str = ""


def measure_build(
    options: StrengthOptions, report: ReportProgress = lambda progress: None, during: During = silent
) -> dict[str, Any]:
    """Measure every released problem of a build, and write what was found; return the sums over all.

    Args:
        options: The build, and how it is measured.
        report: Called with the progress of the problems.
        during: Called with what is done before and after them.

    Raises:
        BuildFolderError: The folder is not a finished build.
        WorkError: The folder is in use or cannot be written, the sandbox does not start, or problems could not be
            measured for a fault of the harness. Finished work is kept.
    """
    read_manifest(options.folder)
    with ExitStack() as stack:
        work = prepare_folder(options.folder)
        take_locks(work, None, stack)
        with during("reading the build"):
            dataset = load(options.folder)
        problems = [(split, problem) for split in SPLITS for problem in dataset[split]]
        journal = stack.enter_context(Journal(work / JOURNAL_FILE))
        with open_executor(options.workers, None, options.isolation, options.on) as executor:
            setting = describe_setting(executor, options.limits)
            keys = {problem.problem_id: journal_key(problem, setting, options.settings) for _, problem in problems}
            _measure_missing(options, [problem for _, problem in problems], keys, journal, executor, report)
        ledger = read_ledger(options.folder)
        found = ((s, p, ProblemStrength.from_json(journal[keys[p.problem_id]])) for s, p in problems)
        rows = [row_of(split, problem, its, ledger.get(problem.problem_id, {})) for split, problem, its in found]
        sums = summarize(rows, asdict(options.settings))
        write_json_lines(options.folder / STRENGTH_FILE, rows)
        strengths = {row["problem_id"]: row["test_strength"] for row in rows}
        with during("writing the columns"):
            add_columns(options.folder, {"test_strength": strengths}, {"strength": sums})
        return sums


def read_strengths(folder: Path) -> list[dict[str, Any]]:
    """Read the lines of ``strength.jsonl``. Raises InputError where the build was not measured."""
    from apps_plus.storage import read_json_lines

    path = folder / STRENGTH_FILE
    if not path.is_file():
        raise InputError(f"{folder} has no strengths of tests: measure them with apps-plus strength {folder}")
    return list(read_json_lines(path))


def journal_key(problem: Problem, setting: Mapping[str, Any], settings: StrengthSettings) -> str:
    """Return a key that changes with everything that the strength of a problem depends on."""
    row = {name: value for name, value in problem.to_row().items() if name not in _NOT_DECISIVE}
    versions = {"mutants": MUTANTS_VERSION, "strength": STRENGTH_VERSION}
    decisive = sha256_of([dict(setting) | versions, asdict(settings)])
    return f"{problem.problem_id}@{sha256_of(row)[:24]}@{decisive[:16]}"


_NOT_DECISIVE = {"difficulty", "url", "conditionals", "repairs", "outcome", *MEASURED_COLUMNS}


def row_of(split: str, problem: Problem, found: ProblemStrength, ledger: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of ``strength.jsonl`` about a problem."""
    solutions = ledger.get("solutions", {})
    return {
        "problem_id": problem.problem_id,
        "split": split,
        "difficulty": problem.difficulty,
        "test_strength": found.strength,
        **{name: value for name, value in found.to_json().items() if name != "problem_id"},
        "failing_solutions": sum(count for code, count in solutions.items() if code not in ("passed", "unfinished")),
    }


def _measure_missing(
    options: StrengthOptions,
    problems: list[Problem],
    keys: Mapping[str, str],
    journal: Journal,
    executor: Executor,
    report: ReportProgress,
) -> None:
    """Measure and journal what is not in the journal yet; report after each. Raises WorkError."""
    missing = [problem for problem in problems if not _is_measured(journal, keys[problem.problem_id])]
    reused, faults = len(problems) - len(missing), []
    jobs = (StrengthJob(keys[p.problem_id], p, options.settings, options.limits) for p in missing)
    for done, finished in enumerate(executor.run(_measure, jobs), reused + 1):
        result = finished.answer
        if result.strength is None:
            faults.append(f"{result.problem_id}: {result.fault}")
        else:
            journal.append(result.key, result.strength.to_json())
        report(BuildProgress("strength", done, len(problems), result.problem_id, reused))
    if faults:
        raise WorkError(
            f"{len(faults)} problems could not be measured (first: {faults[0]}): run the same command again, which "
            "tries only these"
        )


def _is_measured(journal: Journal, key: str) -> bool:
    """Return whether the journal has an entry that can be read; a damaged one is measured again."""
    if key not in journal:
        return False
    try:
        found = ProblemStrength.from_json(journal[key])
        return 0 <= found.killed <= found.mutants
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _measure(sandbox: Sandbox, job: StrengthJob) -> StrengthResult:
    try:
        strength = measure_strength(sandbox, job.problem, job.settings, job.limits)
    except (HarnessFaultError, InputError) as error:
        return StrengthResult(job.key, job.problem.problem_id, None, str(error))
    except AppsPlusError:
        raise
    except Exception as error:  # one problem that fails here must not stop the others; it is reported and tried again
        return StrengthResult(job.key, job.problem.problem_id, None, f"{type(error).__name__}: {error}")
    return StrengthResult(job.key, job.problem.problem_id, strength)
