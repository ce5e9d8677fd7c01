"""Write the problems of a build whose solve rate is in a range as a folder of its own.

The folder loads as any build does. Its ledger has every raw problem, as the build's: for those that were not selected,
``released_in`` is empty and ``not_selected`` says why.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import Dataset, Problem, dump_json, load_json
from apps_plus.selection import Selection, is_selected, solve_rate_of
from apps_plus.storage import (
    SPLITS,
    has_split,
    output_error,
    read_json_lines,
    write_atomically,
    write_json_lines,
)
from curation.difficulty.solve_rates import ModelSamples, summarise_rates
from curation.pipeline.card import write_card
from curation.pipeline.publish import FILES, digests, write_tables
from curation.records import Outcome
from curation.stats import by_tier, reasons_by_tier, summarize

RELEASED_OUTCOMES = (Outcome.KEPT, Outcome.CORRECTED)


def write_selected(folder: Path, dataset: Dataset, selection: Selection, out: Path) -> dict[str, Any]:
    """Write the selected problems of a build into a folder; return its manifest.

    Args:
        folder: The build, which is not changed.
        dataset: Its problems.
        selection: Which of them are wanted.
        out: A new folder, or an earlier selection, which is replaced.

    Raises:
        InputError: ``out`` holds something else.
        OutputError: The folder cannot be written; it then has no manifest.
    """
    refuse_to_overwrite(folder, out)
    problems = {problem.problem_id: problem for split in SPLITS for problem in dataset[split]}
    kept = {problem_id for problem_id, problem in problems.items() if is_selected(problem, selection)}
    source = (folder / "manifest.json").read_text(encoding="utf-8")
    manifest: dict[str, Any] = load_json(source)
    target = out / "manifest.json"
    try:
        out.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
    except OSError as error:
        raise output_error(out, error) from error
    ledger = list(_ledger(folder / "ledger.jsonl", problems, kept, selection))
    write_json_lines(out / "ledger.jsonl", ledger)
    for name in ("findings.jsonl", "review.jsonl"):
        write_json_lines(out / name, read_json_lines(folder / name))
    for split in SPLITS:
        rows = read_json_lines(folder / f"{split}.jsonl") if has_split(folder, split) else iter(())
        write_json_lines(out / f"{split}.jsonl", (row for row in rows if row["problem_id"] in kept))
    write_tables(out)
    manifest["selection"] = {**facts_of(selection), "of": len(problems), "kept": len(kept)}
    chosen = [problem for problem_id, problem in problems.items() if problem_id in kept]
    manifest["counts"] = _counts(manifest["counts"], ledger, chosen)
    manifest["files"] = digests(out)
    write_card(out / "README.md", manifest)
    with write_atomically(target) as file:
        file.write(dump_json(manifest) + "\n")
    return manifest


def facts_of(selection: Selection) -> dict[str, Any]:
    """Return the conditions of a selection, for the manifest."""
    low, high = selection.solve_rate or (0.0, 1.0)
    return {"solve_rate": [low, high], "model": selection.solve_rate_model}


def refuse_to_overwrite(folder: Path, out: Path) -> None:
    """Raise InputError if ``out`` is the build, or holds anything but an earlier selection."""
    if out.resolve() == folder.resolve():
        raise InputError(f"--out {out} is the build itself: choose another folder")
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out} is a file: choose a folder")
    manifest = out / "manifest.json"
    if manifest.exists():
        try:
            is_selection = "selection" in load_json(manifest.read_text(encoding="utf-8"))
        except (OSError, ValueError, TypeError, RecursionError):
            is_selection = False
        if not is_selection:
            raise InputError(f"{out} holds a dataset that is no selection of problems: choose another --out")
    elif (out / ".build").exists() or ("ledger.jsonl" not in (taken := _taken(out)) and taken):
        raise InputError(f"{out} holds files that no selection wrote: choose another --out")


def _taken(out: Path) -> list[str]:
    """Return the files of a dataset that are there; an interrupted selection has at least its ledger."""
    return [name for name in FILES if (out / name).exists()]


def _ledger(
    path: Path, problems: Mapping[str, Problem], kept: set[str], selection: Selection
) -> Iterator[dict[str, Any]]:
    for row in read_json_lines(path):
        problem = problems.get(row["problem_id"])
        if problem is None or row["problem_id"] in kept:
            yield row
        else:
            yield {**row, "released_in": "", "not_selected": _why_not(problem, selection)}


def _why_not(problem: Problem, selection: Selection) -> str:
    rate = solve_rate_of(problem, selection.solve_rate_model)
    if rate is None:
        return "no samples: no solve rate"
    low, high = selection.solve_rate or (0.0, 1.0)
    return f"solve rate {rate:.4g}, not from {low:g} to {high:g}"


def _counts(counts: Mapping[str, Any], ledger: Sequence[dict[str, Any]], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the counts of a selection, given the build's: kept and corrected are only what was selected."""
    whole = summarize(ledger)
    tiers = whole["tiers"]
    chosen = [row for row in ledger if "not_selected" not in row]
    released = {str(o): by_tier((row for row in chosen if row["outcome"] == o), tiers) for o in RELEASED_OUTCOMES}
    return {
        **whole,
        "outcomes": {**whole["outcomes"], **released},
        "corrected": reasons_by_tier(chosen, tiers, Outcome.CORRECTED),
        "not_selected": by_tier((row for row in ledger if "not_selected" in row), tiers),
        **_rate_counts(counts, problems),
    }


def _rate_counts(counts: Mapping[str, Any], problems: Sequence[Problem]) -> dict[str, Any]:
    """Return the counts of the solve rates of the selected problems."""
    if "solve_rates" not in counts:
        return {}
    models = []
    for row in counts["solve_rates"]["models"]:
        rates = {p.problem_id: rate for p in problems for rate in p.solve_rates if rate.model == row["model"]}
        of_model = {problem_id: (rate.samples, rate.passed) for problem_id, rate in rates.items()}
        if of_model:
            models.append(ModelSamples(row["model"], row["file"], row["sha256"], of_model))
    return {"solve_rates": summarise_rates(problems, models, counts["tiers"])}
