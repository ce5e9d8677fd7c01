"""Rebuilds APPS+ from raw APPS: the whole pipeline over the whole dataset.

    ingest -> screen -> normalize -> verify -> consensus     per problem, on all workers, journaled
    -> decide -> dedup -> split -> publish                   over the dataset, in the order of raw APPS

The journal in ``DIR/.build`` holds every verified problem under a key that names the raw problem and everything that
its verification depends on. So a killed build goes on where it was, a second build with new decisions runs nothing
again, and shards (``--shard i/n``, each with a journal of its own) come together when the build runs without one.
"""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import apps_plus
from apps_plus.errors import BusyError, InputError, WorkError
from apps_plus.problem import RawProblem, sha256_of
from apps_plus.raw import RawSource, open_raw
from apps_plus.storage import Journal, lock, output_error
from curation.overlap.contamination import find_contamination, humaneval_fingerprints
from curation.overlap.limit import OverlapLimit
from curation.pipeline.decide import Decided, decide
from curation.pipeline.dedup import find_near_duplicates
from curation.pipeline.publish import FILES, publish
from curation.pipeline.verify_problem import PIPELINE_VERSION
from curation.records import Finding, Reason, VerifiedProblem
from curation.replace_build import Origin, note_origin, place_of, refuse_to_replace
from curation.review_decisions import (
    Action,
    Changes,
    Decision,
    Standing,
    find_decisions,
    import_decisions,
    read_decisions,
    resolve,
)
from curation.workers import Job, verify_all
from harness.doctor import installed_version
from harness.sandbox import SANDBOX_VERSION, SCIENCE_PACKAGES, USUAL_ISOLATION, Isolation, Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Limits
from harness.sandbox.pool import worker_count

BUILD_LIMITS = Limits(program_seconds=6.0)
"""For each solution: the harness's limits for a test, and six seconds of processor time for all tests together. One
problem of raw APPS has 72 tests that take its 70 solutions half a minute each. A solution that is stopped there, having
passed the tests it got to, is ``unfinished``: it has no vote, and is given all its time where no other passes."""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What a build is told."""

    source: str | Path | None
    """RAW; None builds the bundled sample."""
    out: Path
    decisions: Path | None = None
    """Decisions of another build to import first."""
    workers: int = 0
    """Processes; 0 takes every core that this process may use."""
    limit: int | None = None
    """Only the first so many problems."""
    shard: tuple[int, int] | None = None
    """(i, n), i from 1: verify only this share, and publish nothing."""
    fresh: bool = False
    """Forget what an earlier build of this folder verified."""
    limits: Limits = BUILD_LIMITS
    isolation: Isolation = USUAL_ISOLATION
    cache: ExecutionCache | None = None
    """What programs did in earlier builds, of this folder or another. It changes no byte of the build; the counts of
    its use are added up in it."""
    overlap: OverlapLimit | None = None
    """Also drop what shares too many lines with a benchmark. It is no part of a verification: the journal serves builds
    with and without it."""
    replace: bool = False
    """Take the place of a finished dataset in ``out`` that was made from other problems, or by other options."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What a person who waits wants to know."""

    stage: str
    done: int
    total: int
    problem_id: str = ""
    reused: int = 0
    """Of ``done``: verified by an earlier run of the same command."""


Report = Callable[[Progress], None]

LOCK_ATTEMPTS = 20
"""A tenth of a second apart: shards that start together take turns."""


def build(options: BuildOptions, report: Report = lambda progress: None) -> dict[str, Any]:
    """Build a dataset, or one shard's share of its verification.

    Returns:
        The manifest; for a shard ``{"shard", "verified"}``.

    Raises:
        InputError: RAW or a decisions folder cannot be read, or ``out`` holds a finished dataset of other problems.
        WorkError: The folder cannot be written or is in use, the sandbox does not start, or problems could not be
            verified for a fault of the harness. What was finished is kept.
    """
    raw = open_raw(options.source)
    ids = raw.ids()[: options.limit]
    if not ids:
        raise InputError(f"nothing to build: {raw.name} has {len(raw)} problems, --limit leaves none")
    refuse_to_overwrite(options.source, options.out)
    overlap = options.overlap.facts() if options.overlap else None
    origin = Origin(place_of(options.source), raw.name, len(ids), options.limit, overlap)
    if not options.replace:
        refuse_to_replace(options.out, raw, origin)
    if options.decisions is not None:
        find_decisions(options.decisions)
    if options.out.is_dir() or not options.out.exists():  # else what follows says why nothing can be written
        refuse_bare_statements(raw)
    with ExitStack() as stack:
        work = prepare_folder(options.out)
        take_locks(work, options.shard, stack)
        if options.fresh:
            forget(work, options.shard)
        if options.decisions is not None:
            import_decisions(options.decisions, options.out / "decisions")
        with Sandbox(**asdict(options.isolation)) as sandbox:
            setting = setting_of(options.limits, sandbox)
        verified = Verified(work, options.shard, stack)
        mine = [problem_id for problem_id in ids if in_shard(problem_id, options.shard)]
        keys = verify(raw, mine, setting, options, verified, report)
        if options.shard is not None:
            return {"shard": "{}/{}".format(*options.shard), "verified": len(keys)}
        decisions = read_decisions(options.out / "decisions")
        dataset = Deciding(verified, keys, decisions)
        dataset.corrected = verify_corrections(raw, dataset, setting, options, report)
        drop_duplicates(dataset, report, options.overlap)
        report(Progress("publish", 0, len(ids)))
        manifest = {
            "tool": f"apps-plus {apps_plus.__version__}",
            "input": {"name": raw.name, "kind": raw.kind, "problems": len(ids), "sha256": input_digest(keys)},
            "limit": options.limit,
            "setting": setting,
            "decisions": {
                "count": len(decisions),
                "unused": dataset.unused_decisions(),
                "sha256": sha256_of([d.decision_id for d in decisions]),
            },
            **({"overlap": overlap} if overlap else {}),
        }
        manifest = publish(options.out, manifest, dataset.decided())
        note_origin(work, origin, manifest)
        report(Progress("publish", len(ids), len(ids)))
        return manifest


def refuse_to_overwrite(source: str | Path | None, out: Path) -> None:
    """Raise InputError where the files of a build would take the place of raw data, or of somebody's work."""
    if source is not None and Path(source).exists():
        raw = Path(source).resolve()
        if out.resolve() in (raw, raw.parent if raw.is_file() else raw):
            raise InputError(f"--out {out} is where the raw data lies: choose another folder")
    if (out / "manifest.json").exists() or (out / ".build").exists():
        return
    taken = [name for name in FILES if (out / name).exists()]
    if taken:
        raise InputError(f"{out} holds {taken[0]}, which no build wrote: choose another --out")


def refuse_bare_statements(raw: RawSource) -> None:
    """Raise InputError where not one problem has tests, or not one has solutions: nothing could be released."""
    with_tests = with_solutions = False
    for problem in raw:
        with_tests, with_solutions = with_tests or bool(problem.input_output), with_solutions or bool(problem.solutions)
        if with_tests and with_solutions:
            return
    lacking = " or ".join(what for what, has in (("solutions", with_solutions), ("tests", with_tests)) if not has)
    raise InputError(
        f"none of the {len(raw):,} problems in {raw.name} has {lacking}: each needs input_output.json and "
        "solutions.json beside its question.txt, or the columns input_output and solutions"
    )


def input_digest(keys: Mapping[str, str]) -> str:
    """SHA-256 over every raw problem's id and digest, in order; the same in every layout."""
    return sha256_of([key.rsplit("@", 1)[0] for key in keys.values()])


def prepare_folder(out: Path) -> Path:
    """Make the folder and its ``.build``; raises OutputError where that cannot be."""
    work = out / ".build"
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    return work


def take_locks(work: Path, shard: tuple[int, int] | None, stack: ExitStack) -> None:
    """One build at a time in a folder, or any number of different shards. Raises BusyError."""
    whole = lock(work / "lock")
    if shard is None:
        stack.enter_context(whole)
        for path in sorted(work.glob("lock-*")):
            stack.enter_context(lock(path))
        return
    for attempt in range(LOCK_ATTEMPTS):
        try:
            with whole:
                stack.enter_context(lock(work / "lock-{}-of-{}".format(*shard)))
                return
        except BusyError:  # another shard that starts at this moment, or a whole build
            if attempt == LOCK_ATTEMPTS - 1:
                raise
            time.sleep(0.1)
            whole = lock(work / "lock")


def journal_name(shard: tuple[int, int] | None) -> str:
    """Each shard has a journal of its own, so that several machines can write into one folder."""
    return "verified.jsonl" if shard is None else "verified-{}-of-{}.jsonl".format(*shard)


def forget(work: Path, shard: tuple[int, int] | None) -> None:
    """Remove the journal of a shard, or all of them."""
    for path in work.glob(journal_name(shard) if shard else "verified*.jsonl"):
        path.unlink()


def in_shard(problem_id: str, shard: tuple[int, int] | None) -> bool:
    """Whether a problem belongs to a shard: by a hash of its id, so that shards take about equally long."""
    if shard is None:
        return True
    i, n = shard
    return int(hashlib.sha256(problem_id.encode()).hexdigest(), 16) % n == i - 1


def setting_of(limits: Limits, sandbox: Sandbox) -> dict[str, Any]:
    """Everything besides the raw problem that a verification depends on, and the isolation it ran in."""
    return {
        "pipeline": PIPELINE_VERSION,
        "sandbox": SANDBOX_VERSION,
        "layers": list(sandbox.layers),
        "blocked": list(sandbox.blocked),
        "python": platform.python_version(),
        "packages": {name: installed_version(name) or "" for name in SCIENCE_PACKAGES},
        "limits": asdict(limits),
    }


class Verified:
    """The verified problems by key: the journal that this build appends to, and those of the shards."""

    def __init__(self, work: Path, shard: tuple[int, int] | None, stack: ExitStack) -> None:
        self._own = stack.enter_context(Journal(work / journal_name(shard)))
        others = sorted(path for path in work.glob("verified-*.jsonl") if shard is None)
        self._journals = [self._own, *(stack.enter_context(Journal(path)) for path in others)]

    def __contains__(self, key: str) -> bool:
        return any(key in journal for journal in self._journals)

    def __getitem__(self, key: str) -> VerifiedProblem:
        journal = next(journal for journal in self._journals if key in journal)
        return VerifiedProblem.from_json(journal[key])

    def add(self, key: str, problem: VerifiedProblem) -> None:
        """Journal a problem: it is in the file when this returns. Raises OutputError."""
        self._own.append(key, problem.to_json())


def verify(
    raw: RawSource,
    ids: Sequence[str],
    setting: Mapping[str, Any],
    options: BuildOptions,
    verified: Verified,
    report: Report,
) -> dict[str, str]:
    """Verify every problem that is not in the journal; returns the journal's key of each, by problem id."""
    setting_digest = sha256_of(setting)[:16]
    wanted = set(ids)
    keys: dict[str, str] = {}

    def jobs() -> Iterator[Job]:
        for problem in raw:
            if problem.problem_id in wanted:
                key = keys[problem.problem_id] = f"{problem.problem_id}@{problem.digest()[:24]}@{setting_digest}"
                yield Job(key, problem, options.limits)
                if len(keys) == len(wanted):
                    return

    run_jobs("verify", jobs(), len(wanted), options, verified, report)
    return {problem_id: keys[problem_id] for problem_id in ids}


def run_jobs(
    stage: str, jobs: Iterator[Job], total: int, options: BuildOptions, verified: Verified, report: Report
) -> None:
    """Verify and journal what is not in the journal yet; report after each."""
    done, reused, faults = 0, 0, []

    def missing() -> Iterator[Job]:
        nonlocal reused
        for job in jobs:
            if job.key in verified:
                reused += 1
            else:
                yield job

    for result in verify_all(missing(), worker_count(options.workers), options.cache, options.isolation):
        if options.cache is not None:
            options.cache.add_use(result.cache_use)
        if result.problem is None:
            faults.append(f"{result.problem_id}: {result.fault}")
            continue
        verified.add(result.job_key, result.problem)
        done += 1
        report(Progress(stage, reused + done, total, result.problem_id, reused))
    report(Progress(stage, total - len(faults), total, reused=reused))
    if faults:
        raise WorkError(
            f"{len(faults)} problems could not be verified for a fault of ours (first: {faults[0]}): "
            "run the same command again, which tries only these"
        )


class Deciding:
    """The whole dataset while its outcomes are settled. Problems are read from the journal as they are needed."""

    def __init__(self, verified: Verified, keys: Mapping[str, str], decisions: Sequence[Decision]) -> None:
        self.verified = verified
        self.keys = keys
        self.corrected: dict[str, str] = {}
        """Keys of the problems verified again with a reviewer's changes."""
        self.overruled: dict[str, tuple[Reason, Finding]] = {}
        """What the stages after *decide* drop."""
        self._decisions: dict[str, list[Decision]] = {}
        for decision in decisions:
            self._decisions.setdefault(decision.problem_id, []).append(decision)

    def unused_decisions(self) -> int:
        """How many decisions name a problem that is not in the data."""
        return sum(len(given) for problem_id, given in self._decisions.items() if problem_id not in self.keys)

    def changes_of(self, problem_id: str) -> Changes | None:
        """The changes to verify with, where a ``correct`` decision applies."""
        if problem_id not in self._decisions:
            return None
        digest = self.verified[self.keys[problem_id]].digest()
        resolution = resolve(self._decisions[problem_id], problem_id, digest)
        if resolution.standing is Standing.APPLIES and resolution.decisions[0].action is Action.CORRECT:
            return resolution.decisions[0].changes
        return None

    def decided(self) -> Iterator[Decided]:
        """Every problem with its outcome, in the order of raw APPS."""
        for problem_id, key in self.keys.items():
            problem = self.verified[key]
            resolution = resolve(self._decisions.get(problem_id, ()), problem_id, problem.digest())
            corrected_key = self.corrected.get(problem_id)
            corrected = self.verified[corrected_key] if corrected_key else None
            outcome = decide(problem, resolution, corrected)
            if problem_id in self.overruled:
                outcome = outcome.drop(*self.overruled[problem_id])
            yield outcome


def verify_corrections(
    raw: RawSource, dataset: Deciding, setting: Mapping[str, Any], options: BuildOptions, report: Report
) -> dict[str, str]:
    """Run all solutions again on the tests as reviewers corrected them; returns the journal's keys."""
    changes = {problem_id: dataset.changes_of(problem_id) for problem_id in dataset.keys}
    wanted = {problem_id: change for problem_id, change in changes.items() if change is not None}
    keys = {
        problem_id: f"{dataset.keys[problem_id]}@{sha256_of(asdict(change))[:16]}"
        for problem_id, change in wanted.items()
    }
    missing = {problem_id for problem_id, key in keys.items() if key not in dataset.verified}
    if missing:
        problems: Iterator[RawProblem] = (problem for problem in raw if problem.problem_id in missing)
        jobs = (Job(keys[p.problem_id], p, options.limits, wanted[p.problem_id]) for p in problems)
        run_jobs("corrections", jobs, len(missing), options, dataset.verified, report)
    return keys


def drop_duplicates(dataset: Deciding, report: Report, overlap: OverlapLimit | None = None) -> None:
    """Drop released problems that repeat an earlier one's statement, or a benchmark's program (its lines, if asked)."""
    statements = []
    fingerprints = humaneval_fingerprints()
    contaminated: dict[str, Finding] = {}
    for done, decided in enumerate(dataset.decided()):
        report(Progress("dedup", done, len(dataset.keys), decided.problem.problem_id))
        if not decided.released or decided.decisions:  # what a person decided to release stays
            continue
        if finding := contamination_of(decided.problem.canonical_source, fingerprints, overlap):
            contaminated[decided.problem.problem_id] = finding
        else:
            statements.append((decided.problem.problem_id, decided.problem.question))
    report(Progress("dedup", len(dataset.keys), len(dataset.keys)))
    for problem_id, finding in contaminated.items():
        dataset.overruled[problem_id] = (Reason.CONTAMINATED, finding)
    for pair in find_near_duplicates(statements):
        detail = f"the statement nearly repeats that of {pair.kept_id} (similarity {pair.similarity:.2f})"
        evidence = {"kept": pair.kept_id, "similarity": round(pair.similarity, 4)}
        finding = Finding("dedup", Reason.NEAR_DUPLICATE, detail, evidence)
        dataset.overruled[pair.duplicate_id] = (Reason.NEAR_DUPLICATE, finding)


def contamination_of(program: str, fingerprints: Mapping[str, str], overlap: OverlapLimit | None) -> Finding | None:
    """Why a canonical solution is a benchmark's: it is the same program, or shares too many of its lines."""
    if task_id := find_contamination(program, fingerprints):
        detail = f"the canonical solution is the same program as that of {task_id}"
        return Finding("dedup", Reason.CONTAMINATED, detail, {"benchmark": task_id})
    return overlap.find(program) if overlap else None
