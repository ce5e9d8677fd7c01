"""Write a build: the released problems, the ledger, the findings, the review queue, the manifest and the card.

The manifest is written last, and removed before another file is replaced: a folder with a manifest is a whole build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from apps_plus.problem import dump_json
from apps_plus.storage import SPLITS, output_error, read_json_lines, released_row, write_atomically, write_parquet
from curation.checkers.propose import propose_for_item
from curation.pipeline.card import write_card
from curation.pipeline.decide import Decided, release
from curation.pipeline.review_evidence import with_evidence
from curation.records import Outcome
from curation.stats import summarize


def publish(out: Path, manifest: dict[str, Any], decided: Iterable[Decided]) -> dict[str, Any]:
    """Write all files of a build and return its manifest, counts included.

    Args:
        out: The folder of the build.
        manifest: The manifest without its counts and file digests.
        decided: Every problem with its outcome, in the order of raw APPS; read one at a time, to keep memory flat.

    Raises:
        OutputError: The folder or disk cannot be written; the folder then has no manifest.
    """
    target = out / "manifest.json"
    ledger = write_lines(out, decided, target, measured=("test_strength",) if "strengthen" in manifest else ())
    write_tables(out)
    manifest = {**manifest, "counts": summarize(ledger), "files": digests(out)}
    write_card(out / "README.md", manifest)
    with write_atomically(target) as file:
        file.write(dump_json(manifest) + "\n")
    return manifest


LINE_FILES = ("ledger.jsonl", "findings.jsonl", "review.jsonl", *(f"{split}.jsonl" for split in SPLITS))
PARQUET_FILES = tuple(f"{split}.parquet" for split in SPLITS)
FILES = (*LINE_FILES, *PARQUET_FILES, "README.md", "manifest.json")
"""All files that a build writes, except ``decisions/`` and its journal. A split without problems has no files."""


def write_tables(out: Path) -> None:
    """Write the parquet files from the JSON lines, and remove both files of a split without problems.

    Raises:
        OutputError: The folder or disk cannot be written.
    """
    for split in SPLITS:
        lines, table = out / f"{split}.jsonl", out / f"{split}.parquet"
        try:
            if lines.exists() and lines.stat().st_size == 0:
                lines.unlink()
            if not lines.exists():
                table.unlink(missing_ok=True)
                continue
        except OSError as error:
            raise output_error(lines, error) from error
        write_parquet(table, read_json_lines(lines))


def digests(out: Path) -> dict[str, str]:
    """Return the SHA-256 of each data file of a build that it has, by name."""
    return {name: file_digest(out / name) for name in (*LINE_FILES, *PARQUET_FILES) if (out / name).exists()}


def write_lines(
    out: Path, decided: Iterable[Decided], manifest: Path, measured: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """Write every JSON-lines file in one pass, and return the rows of the ledger.

    ``measured`` names the columns of measurements that the released files have. The old manifest is removed when all
    lines are written, just before the new files replace the old ones.
    """
    ledger = []
    with ExitStack() as stack:
        files = {name: stack.enter_context(write_atomically(out / name)) for name in LINE_FILES}
        for item in decided:
            ledger.append(item.ledger_row())
            for name, row in rows_of(item, ledger[-1], measured):
                files[name].write(dump_json(row) + "\n")
        for file in files.values():
            file.flush()
        try:
            manifest.unlink(missing_ok=True)
        except OSError as error:
            raise output_error(manifest, error) from error
    return ledger


def rows_of(
    item: Decided, ledger: dict[str, Any], measured: Sequence[str] = ()
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every line that a build writes about one problem, with the name of its file."""
    yield "ledger.jsonl", ledger
    for finding in (*item.problem.findings, *item.findings):
        yield "findings.jsonl", finding.to_row(item.problem.problem_id)
    if item.released:
        yield f"{item.split}.jsonl", released_row(release(item).to_row(), measured)
    if item.outcome is Outcome.NEEDS_REVIEW:
        yield "review.jsonl", review_item(item)


def review_item(item: Decided) -> dict[str, Any]:
    """Return the line of ``review.jsonl``: all that a reviewer needs to judge one problem."""
    reviewed = item.problem if item.strengthened is None else with_evidence(item.problem, item.strengthened)
    problem = reviewed.to_json()
    del problem["canonical_source"], problem["conditionals"], problem["blocked_by"]
    # ``raw_digest`` comes first: ``review.item_header`` reads it from there.
    first = {"raw_digest": problem.pop("raw_digest"), "item_digest": item.problem.digest()}
    proposal = propose_for_item(reviewed)
    last = {"checker_proposal": None if proposal is None else proposal.to_json()}
    return {**first, "reasons": list(item.reasons), **problem, **last}


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
