"""The folder ``.build`` of a build: its locks, and the journals of verified and of strengthened problems.

Each shard has a lock and a journal of its own, so that several machines can write into one folder.
"""

from __future__ import annotations

import hashlib
import re
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

from apps_plus.errors import BusyError
from apps_plus.journal import Journal
from apps_plus.problem import RawProblem, sha256_of
from apps_plus.storage import lock, output_error
from curation.generated_tests.strengthened import StrengthenedProblem
from curation.records import VerifiedProblem

Shard = tuple[int, int]
"""(i, n), i from 1."""

_KEY_END = re.compile(r"@([0-9a-f]{24})@[0-9a-f]{16}(@[0-9a-f]{16})?\Z")

LOCK_ATTEMPTS = 20
"""A tenth of a second apart: shards that start together take the lock in turn."""


def prepare_folder(out: Path) -> Path:
    """Make the folder of a build and return its ``.build``. Raises OutputError."""
    work = out / ".build"
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    return work


def take_locks(work: Path, shard: Shard | None, stack: ExitStack) -> None:
    """Lock the folder for one whole build, or for one of several shards. Raises BusyError."""
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


VERIFIED, STRENGTHENED = "verified", "strengthened"
"""The kinds of journals."""


def journal_name(kind: str, shard: Shard | None) -> str:
    """Return the name of the journal of a shard, or of a whole build."""
    return f"{kind}.jsonl" if shard is None else "{}-{}-of-{}.jsonl".format(kind, *shard)


def delete_journals(work: Path, shard: Shard | None) -> None:
    """Delete the journals of a shard, or all of them for a whole build."""
    for kind in (VERIFIED, STRENGTHENED):
        for path in work.glob(journal_name(kind, shard) if shard else f"{kind}*.jsonl"):
            path.unlink()


def in_shard(problem_id: str, shard: Shard | None) -> bool:
    """Return whether a problem belongs to a shard: by a hash of its id, so that shards take about equally long."""
    if shard is None:
        return True
    i, n = shard
    return int(hashlib.sha256(problem_id.encode()).hexdigest(), 16) % n == i - 1


def journal_key(raw: RawProblem, setting_digest: str) -> str:
    """Return the key of a verified problem: its id, the digest of the raw problem, and that of the setting."""
    return f"{raw.problem_id}@{raw.digest()[:24]}@{setting_digest[:16]}"


def corrected_key(key: str, changes_digest: str) -> str:
    """Return the key of a problem verified with a reviewer's changes."""
    return f"{key}@{changes_digest[:16]}"


def raw_digest_of(key: str, question: str) -> str:
    """Return ``VerifiedProblem.raw_digest`` of the problem with a key in the journal. Raises ValueError for another."""
    found = _KEY_END.search(key)
    if found is None:
        raise ValueError(f"{key!r} is not a key of a verified problem")
    return f"{sha256_of(question)[:8]}-{found[1]}"


class BuildJournal:
    """Results of one kind by key: this build's journal, and for a whole build those of the shards."""

    def __init__(self, kind: str, work: Path, shard: Shard | None, stack: ExitStack) -> None:
        self._own = stack.enter_context(Journal(work / journal_name(kind, shard)))
        others = sorted(path for path in work.glob(f"{kind}-*.jsonl") if shard is None)
        self._journals = [self._own, *(stack.enter_context(Journal(path)) for path in others)]

    def __contains__(self, key: str) -> bool:
        return any(key in journal for journal in self._journals)

    def read(self, key: str) -> dict[str, Any]:
        """Return the entry of a key that the journal contains."""
        return next(journal for journal in self._journals if key in journal)[key]

    def append(self, key: str, entry: dict[str, Any]) -> None:
        """Journal a result: it is in the file when this returns. Raises OutputError."""
        self._own.append(key, entry)


def is_readable(kind: type[VerifiedProblem] | type[StrengthenedProblem], entry: dict[str, Any]) -> bool:
    """Return whether an entry of a journal holds what it should: a file may be damaged, or edited."""
    try:
        kind.from_json(entry)
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return True


class VerifiedJournal(BuildJournal):
    """The verified problems by key."""

    def __init__(self, work: Path, shard: Shard | None, stack: ExitStack) -> None:
        super().__init__(VERIFIED, work, shard, stack)

    def __contains__(self, key: str) -> bool:
        """Return whether there is an entry that can be read; the work of a damaged one is done again."""
        return super().__contains__(key) and is_readable(VerifiedProblem, self.read(key))

    def __getitem__(self, key: str) -> VerifiedProblem:
        problem = VerifiedProblem.from_json(self.read(key))
        return replace(problem, raw_digest=raw_digest_of(key, problem.question))

    def add(self, key: str, problem: VerifiedProblem) -> None:
        """Journal a problem. Raises OutputError."""
        self.append(key, problem.to_json())


class StrengthenedJournal(BuildJournal):
    """The strengthened problems by key."""

    def __init__(self, work: Path, shard: Shard | None, stack: ExitStack) -> None:
        super().__init__(STRENGTHENED, work, shard, stack)

    def __contains__(self, key: str) -> bool:
        """Return whether there is an entry that can be read; the work of a damaged one is done again."""
        return super().__contains__(key) and is_readable(StrengthenedProblem, self.read(key))

    def __getitem__(self, key: str) -> StrengthenedProblem:
        return StrengthenedProblem.from_json(self.read(key))

    def add(self, key: str, problem: StrengthenedProblem) -> None:
        """Journal a problem. Raises OutputError."""
        self.append(key, problem.to_json())
