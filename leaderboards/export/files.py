"""Choose the records of an export, make its files, and write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from apps_plus.errors import InputError
from apps_plus.storage import output_error, write_atomically
from harness.scoring.result_record import Record
from leaderboards.export.checksum_mark import is_as_exported
from leaderboards.export.every_eval_ever import Attribution, aggregate_file, files_with_instances
from leaderboards.export.every_eval_ever_instances import SampleFiles
from leaderboards.export.hugging_face import eval_results_text, model_card_text

EVAL_RESULTS, MODEL_CARD, EVERY_EVAL_EVER = "eval-results", "model-card", "every-eval-ever"
ROOTS = {EVAL_RESULTS: ".eval_results", EVERY_EVAL_EVER: "data"}
"""Folder that a format requires for its files; ``--out`` may name it, or its parent."""
SHOWN = 8
"""Names that a message lists at most."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export."""

    path: PurePosixPath
    """Path relative to ``--out``."""
    text: str
    records: tuple[str, ...]
    """Ids of the records in it."""


def records_of_model(records: Iterable[Record], model: str | None) -> list[Record]:
    """Return the records of a model, given its id or name, or part of one; None: all records. Sorted by id.

    An exact match wins: ``starcoder`` does not select ``starcoder-plus`` where both exist.

    Raises InputError where no record matches.
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
            f"--model {model}: no record matches: the models are {listed(record.model.id for record in records)}"
        )
    return found


def listed(names: Iterable[str]) -> str:
    """Join the distinct names, ``SHOWN`` at most."""
    distinct = list(dict.fromkeys(names))
    more = f" and {len(distinct) - SHOWN:,} more" if len(distinct) > SHOWN else ""
    return ", ".join(distinct[:SHOWN]) + more


def export_files(
    records: Sequence[Record],
    style: str,
    attribution: Attribution,
    *,
    together: bool = False,
    instances: SampleFiles | None = None,
    others: Sequence[Record] = (),
) -> list[ExportedFile]:
    """Make the files of an export, without writing them.

    Args:
        records: At least one record.
        style: ``eval-results``, ``model-card`` or ``every-eval-ever``.
        attribution: Facts that the records do not hold.
        together: For ``eval-results``: one file for all records, not one each.
        instances: For ``every-eval-ever``: the samples of the only record, to be written as instances.
        others: For ``every-eval-ever``: the records to give win rates against.

    Raises:
        InputError: Records of several models for a format of one model, a record without a fact that the format
            requires, or several records with the samples of one.
    """
    if instances is not None:
        [record] = _only(records)
        made_of_one = files_with_instances(record, attribution, instances, others)
        return [ExportedFile(path, text, (record.id,)) for path, text in made_of_one]
    if style == EVERY_EVAL_EVER:
        made = ((*aggregate_file(record, attribution, others), (record.id,)) for record in records)
        return [ExportedFile(path, text, ids) for path, text, ids in made]
    _refuse_several(records, style)
    ids = tuple(record.id for record in records)
    if style == MODEL_CARD:
        return [ExportedFile(PurePosixPath("README.md"), model_card_text(records, attribution.datasets), ids)]
    root = PurePosixPath(ROOTS[EVAL_RESULTS])
    if together:
        return [ExportedFile(root / "scores.yaml", eval_results_text(records, attribution.datasets), ids)]
    return [
        ExportedFile(root / f"{record.id}.yaml", eval_results_text([record], attribution.datasets), (record.id,))
        for record in records
    ]


def _only(records: Sequence[Record]) -> Sequence[Record]:
    if len(records) != 1:
        raise InputError(
            f"--samples are those of one record: choose one of {listed(record.id for record in records)}, by its file"
        )
    return records


def _refuse_several(records: Sequence[Record], style: str) -> None:
    models = {record.model.id for record in records}
    if len(models) > 1:
        raise InputError(
            f"{style} is about one model: choose one with --model: {listed(record.model.id for record in records)}"
        )


# ---- writing


def is_one_file(style: str, out: Path | None) -> bool:
    """Return whether an export makes one file: a model card, or eval-results without a folder in ``--out``."""
    if style == EVAL_RESULTS:
        return out is None or out.suffix in (".yaml", ".yml")
    return style == MODEL_CARD


def write(files: Sequence[ExportedFile], style: str, out: Path) -> list[Path]:
    """Write an export's files atomically, and return their paths in the same order.

    Raises:
        InputError: ``out`` or a file in it exists and is not an unchanged export; nothing is written.
        OutputError: A file cannot be written.
    """
    alone = is_one_file(style, out)
    paths = [out] if alone else [_below(out, file.path) for file in files]
    try:
        if alone and out.is_dir():
            raise InputError(f"--out {out} is a folder: name a file in it, such as {out / files[0].path.name}")
        if not alone and out.exists() and not out.is_dir():
            raise InputError(f"--out {out} is a file: {style} writes a folder, choose another path")
        for path, file in zip(paths, files, strict=True):
            _refuse_changed(path, file)
    except OSError as error:
        raise output_error(out, error) from error
    for path, file in zip(paths, files, strict=True):
        with write_atomically(path) as target:
            target.write(file.text)
    return paths


def _below(out: Path, path: PurePosixPath) -> Path:
    """Return the path below ``out``, without the format's folder if ``out`` is that folder already."""
    return out.joinpath(*path.parts[1:]) if out.name == path.parts[0] else out / path


def _refuse_changed(path: Path, file: ExportedFile) -> None:
    """Raise InputError where the file exists and is not an unchanged export: a model's own card, an edited one."""
    if not path.exists():
        return
    old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    if old != file.text and not is_as_exported(old):
        raise InputError(
            f"{path} exists and is not an export, or was changed after one: choose another --out, or move it away"
        )
