"""Writes a build: the released problems, the ledger, the findings, the review queue, the manifest and the card.

The manifest is written last and removed first, so that a folder with a manifest is a whole build.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from apps_plus.problem import dump_json
from apps_plus.storage import SPLITS, output_error, write_atomically, write_json_lines, write_parquet
from curation.card import write_card
from curation.decide import Decided, release
from curation.records import Finding
from curation.split import split_of
from curation.stats import summarize


def publish(out: Path, manifest: dict[str, Any], decided: Callable[[], Iterable[Decided]]) -> dict[str, Any]:
    """Write all files of a build and return its manifest, counts included.

    Args:
        out: The folder of the build.
        manifest: What is known of the build so far.
        decided: Gives every problem with its outcome, in order; called once per file, so that memory stays flat.

    Raises:
        OutputError: The folder or disk cannot be written; the folder then has no manifest.
    """
    target = out / "manifest.json"
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise output_error(target, error) from error
    ledger = [ledger_row(item) for item in decided()]
    write_json_lines(out / "ledger.jsonl", ledger)
    write_json_lines(out / "findings.jsonl", (row for item in decided() for row in finding_rows(item)))
    write_json_lines(out / "review.jsonl", (review_item(item) for item in decided() if item.outcome == "needs_review"))
    for split in SPLITS:
        write_json_lines(out / f"{split}.jsonl", released_rows(decided(), split))
        write_parquet(out / f"{split}.parquet", released_rows(decided(), split))
    files = [f"{split}.{suffix}" for split in SPLITS for suffix in ("jsonl", "parquet")]
    files += ["ledger.jsonl", "findings.jsonl", "review.jsonl"]
    manifest = {**manifest, "counts": summarize(ledger), "files": {name: file_digest(out / name) for name in files}}
    write_card(out / "README.md", manifest)
    with write_atomically(target) as file:
        file.write(dump_json(manifest) + "\n")
    return manifest


def ledger_row(item: Decided) -> dict[str, Any]:
    """The ledger's line, with the split of the dataset where the problem is released."""
    released = split_of(item.problem.question, item.problem.difficulty) if item.released else ""
    return {**item.ledger_row(), "released_in": released}


def finding_rows(item: Decided) -> Iterator[dict[str, Any]]:
    """Every finding about one problem, in the order of the stages."""
    findings: tuple[Finding, ...] = (*item.problem.findings, *item.findings)
    return (finding.to_row(item.problem.problem_id) for finding in findings)


def released_rows(decided: Iterable[Decided], split: str) -> Iterator[dict[str, Any]]:
    """The released problems of one split."""
    for item in decided:
        if item.released and split_of(item.problem.question, item.problem.difficulty) == split:
            yield release(item).to_row()


def review_item(item: Decided) -> dict[str, Any]:
    """All that a reviewer needs to judge one problem, in one line."""
    problem = item.problem.to_json()
    del problem["canonical_source"], problem["conditionals"], problem["blocked_by"]
    return {"item_digest": item.problem.digest(), "reasons": list(item.reasons), **problem}


def file_digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
