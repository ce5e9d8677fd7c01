"""Hands records on in formats that others read: which records, in which files, and where those are written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from apps_plus.errors import InputError
from apps_plus.storage import output_error, write_atomically
from harness.scoring.result_record import Record
from leaderboards.export.every_eval_ever import Attribution, aggregate_file
from leaderboards.export.hugging_face import eval_results_text, model_card_text
from leaderboards.export.mark import is_as_exported

EVAL_RESULTS, MODEL_CARD, EVERY_EVAL_EVER = "eval-results", "model-card", "every-eval-ever"
ROOTS = {EVAL_RESULTS: ".eval_results", EVERY_EVAL_EVER: "data"}
"""The folder that a format's files stand in; ``--out`` may be it, or what it is in."""
SHOWN = 8


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A file of an export."""

    path: PurePosixPath
    """Where it stands, seen from ``--out``."""
    text: str
    records: tuple[str, ...]
    """The ids of the records in it."""


def of_model(records: Iterable[Record], model: str | None) -> list[Record]:
    """The records of a model, by its id or its name, or a part of one; None: all of them. Sorted by id.

    What is equal goes before what is a part: ``starcoder`` does not mean ``starcoder-plus`` where both are there.

    Raises InputError where there is no such record.
    """
    records = sorted(records, key=lambda record: record.id)
    if model is None:
        return records
    wanted = model.casefold()
    names = {record.id: (record.model.id.casefold(), record.model.title.casefold()) for record in records}
    equal = [record for record in records if wanted in names[record.id]]
    found = equal or [record for record in records if any(wanted in name for name in names[record.id])]
    if not found:
        raise InputError(
            f"--model {model}: no record is of it: there are {listed(record.model.id for record in records)}"
        )
    return found


def listed(names: Iterable[str]) -> str:
    """Distinct names, the first few."""
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - SHOWN:,} more" if len(distinct) > SHOWN else ""
    return ", ".join(distinct[:SHOWN]) + more


def export_files(
    records: Sequence[Record], style: str, who: Attribution, *, together: bool = False
) -> list[ExportedFile]:
    """The files of an export.

    Args:
        records: At least one.
        style: ``eval-results``, ``model-card`` or ``every-eval-ever``.
        who: What the records cannot say themselves.
        together: For ``eval-results``: one file for all records, not one for each.

    Raises:
        InputError: Records of several models for a format that is about one, or a record that lacks what the format
            requires.
    """
    if style == EVERY_EVAL_EVER:
        made = ((*aggregate_file(record, who), (record.id,)) for record in records)
        return [ExportedFile(path, text, ids) for path, text, ids in made]
    _refuse_several(records, style)
    ids = tuple(record.id for record in records)
    if style == MODEL_CARD:
        return [ExportedFile(PurePosixPath("README.md"), model_card_text(records, who.datasets), ids)]
    root = PurePosixPath(ROOTS[EVAL_RESULTS])
    if together:
        return [ExportedFile(root / "scores.yaml", eval_results_text(records, who.datasets), ids)]
    return [
        ExportedFile(root / f"{record.id}.yaml", eval_results_text([record], who.datasets), (record.id,))
        for record in records
    ]


def _refuse_several(records: Sequence[Record], style: str) -> None:
    models = {record.model.id for record in records}
    if len(models) > 1:
        raise InputError(
            f"{style} is about one model: choose one with --model: {listed(record.model.id for record in records)}"
        )


# ---- writing


def is_one_file(style: str, out: Path | None) -> bool:
    """Whether ``--out`` names the one file that everything goes into; so does no ``--out`` at all."""
    if style == EVAL_RESULTS:
        return out is None or out.suffix in (".yaml", ".yml")
    return style == MODEL_CARD


def write(files: Sequence[ExportedFile], style: str, out: Path) -> list[Path]:
    """Write an export's files, each whole or not at all; the paths come back in the order of the files.

    Raises:
        InputError: ``out``, or a file in it, exists and is something else; nothing is written then.
        OutputError: It cannot be written.
    """
    alone = is_one_file(style, out)
    paths = [out] if alone else [_below(out, file.path) for file in files]
    try:
        if alone and out.is_dir():
            raise InputError(f"--out {out} is a folder: name a file in it, {out / files[0].path.name} say")
        if not alone and out.exists() and not out.is_dir():
            raise InputError(f"--out {out} is a file: {style} writes a folder, name another place")
        for path, file in zip(paths, files, strict=True):
            _refuse_foreign(path, file)
    except OSError as error:
        raise output_error(out, error) from error
    for path, file in zip(paths, files, strict=True):
        with write_atomically(path) as target:
            target.write(file.text)
    return paths


def _below(out: Path, path: PurePosixPath) -> Path:
    """The path in ``out``; where that is the format's own folder already, not once more below it."""
    return out.joinpath(*path.parts[1:]) if out.name == path.parts[0] else out / path


def _refuse_foreign(path: Path, file: ExportedFile) -> None:
    """Raise InputError where a file exists that is not as an export left it: a model's own card, an edited one."""
    if not path.exists():
        return
    old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if old != file.text and not is_as_exported(old):
        raise InputError(
            f"{path} exists and is no earlier export, or was changed since: choose another --out, or move it away"
        )
