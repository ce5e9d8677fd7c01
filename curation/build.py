"""Rebuild APPS+ from raw APPS: the whole pipeline over the whole dataset.

1. Check RAW and the folder (``build_checks``).
2. Verify every problem on all workers (``verify_problems``), journaled in ``DIR/.build`` (``build_folder``).
3. Verify again the problems that reviewers corrected.
4. With ``--strengthen``, generate tests for every problem that would be released (``strengthen_problems``).
5. Decide every problem, drop duplicates, split, publish, in the order of raw APPS.

The steps that each problem takes are listed in ``curation.pipeline.steps``. A key of the journal names the raw problem
and everything that its verification depends on. So a killed build resumes, a build with new decisions runs only what
they changed, and the journals of shards (``--shard i/n``) are read by a build without one.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from typing import Any

import apps_plus
from apps_plus.errors import InputError
from apps_plus.phases import During, silent
from apps_plus.problem import sha256_of
from apps_plus.raw import RawSource, open_raw
from apps_plus.selection import draw_sample
from curation.build_checks import (
    Origin,
    note_origin,
    refuse_to_overwrite,
    refuse_to_replace,
    refuse_unusable,
    resolve_raw,
)
from curation.build_folder import (
    StrengthenedJournal,
    VerifiedJournal,
    corrected_key,
    delete_journals,
    in_shard,
    prepare_folder,
    take_locks,
)
from curation.build_options import BuildOptions, BuildProgress, ReportProgress
from curation.decisions import BuildDecisions, read_shipped_decisions
from curation.generated_tests.strengthen_problem import StrengthenOptions
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.pipeline.decide import Decided, decide
from curation.pipeline.dedup import DatasetContext
from curation.pipeline.publish import publish
from curation.pipeline.steps import PIPELINE_VERSION, decide_problem
from curation.review_decisions import (
    Action,
    Changes,
    Standing,
    find_decisions,
    import_decisions,
    read_decisions,
)
from curation.strengthen_problems import Strengthener, StrengthenJob, settings_of, strengthened_key
from curation.verify_problems import Verifier
from harness.installed_packages import installed_version
from harness.sandbox import SANDBOX_VERSION, SCIENCE_PACKAGES, Sandbox
from harness.sandbox.execution import Limits
from harness.sandbox.executor import Executor, open_executor, refuse_place


def build(
    options: BuildOptions, report: ReportProgress = lambda progress: None, during: During = silent
) -> dict[str, Any]:
    """Build a dataset, or verify (and strengthen) one shard of it.

    Args:
        options: What is built, and how.
        report: Called with the progress of the problems.
        during: Called with what is done before them.

    Returns:
        The manifest; for a shard ``{"shard", "verified"}``, and ``"strengthened"`` if that was asked for.

    Raises:
        InputError: RAW or a decisions folder cannot be read, or ``out`` holds a finished dataset of other problems.
        WorkError: The folder cannot be written or is in use, the sandbox does not start, or problems could not be
            verified or strengthened for a fault of the harness. Finished work is kept.
    """
    with during("reading raw APPS"):
        raw = open_raw(options.source)
        ids = chosen_ids(raw, options)
        if not ids:
            raise InputError(f"nothing to build: {raw.name} has {len(raw)} problems, --limit leaves none")
        origin = check_options(options, raw, ids)
    with ExitStack() as stack:
        work = prepare_folder(options.out)
        take_locks(work, options.shard, stack)
        if options.fresh:
            delete_journals(work, options.shard)
        if options.decisions is not None:
            import_decisions(options.decisions, options.out / "decisions")
        journal = VerifiedJournal(work, options.shard, stack)
        with open_executor(options.workers, options.cache, options.isolation, options.on) as executor:
            setting = describe_setting(executor, options.limits)
            verifier = Verifier(raw, options, journal, report, executor)
            keys = verifier.verify([problem_id for problem_id in ids if in_shard(problem_id, options.shard)], setting)
            shipped = read_shipped_decisions() if options.shipped_decisions else None
            decisions = BuildDecisions(read_decisions(options.out / "decisions"), shipped)
            problems = BuildProblems(journal, keys, decisions)
            if options.shard is None:
                problems.verify_corrections(verifier)
            if options.strengthen is not None:
                strengthener = Strengthener(options, StrengthenedJournal(work, options.shard, stack), report, executor)
                problems.strengthen(strengthener, options.strengthen)
        if options.shard is not None:
            return {"shard": "{}/{}".format(*options.shard), **problems.shard_counts()}
        manifest = {**manifest_head(raw, keys, options, setting), "decisions": problems.decision_counts()}
        if origin.overlap:
            manifest["overlap"] = origin.overlap
        if origin.strengthen:
            manifest["strengthen"] = origin.strengthen
        manifest = publish(options.out, manifest, problems.decided(DatasetContext(options.overlap), report))
        note_origin(work, origin, manifest)
        report(BuildProgress("publish", len(ids), len(ids)))
        return manifest


def chosen_ids(raw: RawSource, options: BuildOptions) -> tuple[str, ...]:
    """Return the ids of the problems to build, in the order of raw APPS: all, the first, or a stratified sample."""
    ids = raw.ids()[: options.limit]
    if options.sample is None or options.sample >= len(ids):
        return ids
    drawn = draw_sample({problem.problem_id: (problem.split, problem.difficulty) for problem in raw}, options.sample)
    return tuple(problem_id for problem_id in ids if problem_id in drawn)


def check_options(options: BuildOptions, raw: RawSource, ids: Sequence[str]) -> Origin:
    """Check everything that can be checked before the work; return what the dataset is made from. Raises InputError."""
    refuse_place(options.on, options.cache)
    refuse_to_overwrite(options.source, options.out)
    overlap = options.overlap.facts() if options.overlap else None
    strengthen = settings_of(options.strengthen) if options.strengthen else None
    place = resolve_raw(options.source)
    origin = Origin(place, raw.name, len(ids), options.limit, overlap, strengthen, options.sample)
    if not options.replace:
        refuse_to_replace(options.out, raw, ids, origin)
    if options.decisions is not None:
        find_decisions(options.decisions)
    if options.out.is_dir() or not options.out.exists():  # else ``prepare_folder`` raises the better error
        refuse_unusable(raw)
    return origin


def describe_setting(executor: Executor, limits: Limits) -> dict[str, Any]:
    """Return ``setting_of`` one of the workers of an executor, which are all alike. Raises SandboxError."""
    [setting] = [done.answer for done in executor.run(setting_of, [limits], alone=True)]
    return setting


def setting_of(sandbox: Sandbox, limits: Limits) -> dict[str, Any]:
    """Return everything besides the raw problem that a verification depends on, and the isolation it ran in."""
    return {
        "pipeline": PIPELINE_VERSION,
        "sandbox": SANDBOX_VERSION,
        "layers": list(sandbox.layers),
        "blocked": list(sandbox.blocked),
        "python": platform.python_version(),
        "packages": {name: installed_version(name) or "" for name in SCIENCE_PACKAGES},
        "limits": asdict(limits),
    }


def manifest_head(
    raw: RawSource, keys: Mapping[str, str], options: BuildOptions, setting: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the part of the manifest that says what was built."""
    return {
        "tool": f"apps-plus {apps_plus.__version__}",
        "input": {"name": raw.name, "kind": raw.kind, "problems": len(keys), "sha256": input_digest(keys)},
        "limit": options.limit,
        **({} if options.sample is None else {"sample": options.sample}),
        "setting": setting,
    }


def input_digest(keys: Mapping[str, str]) -> str:
    """Return the SHA-256 over every raw problem's id and digest, in order; the same in every layout of RAW."""
    return sha256_of([key.rsplit("@", 1)[0] for key in keys.values()])


class BuildProblems:
    """All problems of a build and the decisions on them. Problems are read from the journal when they are needed."""

    def __init__(self, journal: VerifiedJournal, keys: Mapping[str, str], decisions: BuildDecisions) -> None:
        """Take the keys of the verified problems in ``journal``, by problem id, in the order of raw APPS."""
        self.journal = journal
        self.keys = keys
        self.corrected: dict[str, str] = {}
        """Keys of the problems verified again with a reviewer's changes."""
        self.decisions = decisions
        self.strengthened: dict[str, str] | None = None
        """Keys of the strengthened problems; None in a build without ``--strengthen``."""
        self._strengthened_journal: StrengthenedJournal | None = None

    def decision_counts(self) -> dict[str, Any]:
        """Return the entry ``decisions`` of the manifest (``BuildDecisions.counts``)."""
        known = sorted(self.decisions.problem_ids & self.keys.keys())
        return self.decisions.counts(
            {problem_id: self.journal[self.keys[problem_id]].raw_digest for problem_id in known}
        )

    def verify_corrections(self, verifier: Verifier) -> None:
        """Run all solutions again on the tests as reviewers corrected them."""
        changes = {problem_id: found for problem_id in self.keys if (found := self._changes_of(problem_id)) is not None}
        self.corrected = {
            problem_id: corrected_key(self.keys[problem_id], sha256_of(change.to_json()))
            for problem_id, change in changes.items()
        }
        verifier.verify_corrections(changes, self.corrected)

    def _changes_of(self, problem_id: str) -> Changes | None:
        """Return the changes of a ``correct`` decision that applies, if there is one."""
        if problem_id not in self.decisions:
            return None
        resolution = self.decisions.resolve(self.journal[self.keys[problem_id]])
        if resolution.standing is Standing.APPLIES and resolution.decisions[0].action is Action.CORRECT:
            return resolution.decisions[0].changes
        return None

    def strengthen(self, strengthener: Strengthener, options: StrengthenOptions) -> None:
        """Generate tests for every problem that would be released.

        In a shard, those that reviewers corrected are left to the build that merges the shards.
        """
        self._strengthened_journal = strengthener.journal
        self.strengthened = {}
        jobs = (job for problem_id in self.keys if (job := self._strengthen_job(problem_id, options)) is not None)
        strengthener.run(self._noted(jobs), len(self.keys))

    def _noted(self, jobs: Iterable[StrengthenJob]) -> Iterator[StrengthenJob]:
        for job in jobs:
            assert self.strengthened is not None
            self.strengthened[job.problem.problem_id] = job.key
            yield job

    def _strengthen_job(self, problem_id: str, options: StrengthenOptions) -> StrengthenJob | None:
        """Return the job for a problem that would be released; None for any other."""
        key = self.corrected.get(problem_id, self.keys[problem_id])
        decided = self._decide(problem_id)
        if not decided.released:
            return None
        is_settled = bool(decided.decisions)
        key = strengthened_key(key, options, is_settled)
        return StrengthenJob(key, decided.problem, decided.checker, options, is_settled)

    def _decide(self, problem_id: str) -> Decided:
        problem = self.journal[self.keys[problem_id]]
        corrected = self.journal[self.corrected[problem_id]] if problem_id in self.corrected else None
        return decide(problem, self.decisions.resolve(problem), corrected)

    def shard_counts(self) -> dict[str, int]:
        """Return how many problems of a shard were verified, and strengthened if that was asked for."""
        counts = {"verified": len(self.keys)}
        return counts if self.strengthened is None else {**counts, "strengthened": len(self.strengthened)}

    def decided(self, context: DatasetContext, report: ReportProgress) -> Iterator[Decided]:
        """Yield every problem with its outcome and split, in the order of raw APPS."""
        total = len(self.keys)
        for done, (problem_id, key) in enumerate(self.keys.items()):
            report(BuildProgress("dedup", done, total, problem_id))
            problem = self.journal[key]
            corrected = self.journal[self.corrected[problem_id]] if problem_id in self.corrected else None
            yield decide_problem(problem, self.decisions.resolve(problem), corrected, context, self._found(problem_id))
        report(BuildProgress("dedup", total, total))
        report(BuildProgress("publish", 0, total))

    def _found(self, problem_id: str) -> StrengthenedProblem | None:
        """Return the strengthened problem; None if it was not to be strengthened."""
        if self.strengthened is None or self._strengthened_journal is None or problem_id not in self.strengthened:
            return None
        return self._strengthened_journal[self.strengthened[problem_id]]
