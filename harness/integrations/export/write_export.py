"""Write an export of a build into a folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError, InputError
from apps_plus.problem import Dataset, Problem, dump_json, load_json
from apps_plus.storage import SPLITS, json_fault, load, output_error, write_atomically, write_table
from harness.integrations.export.apps_plus_v1 import v1_row
from harness.integrations.export.cards import engine_card, engine_mark, eval_yaml, hub_card
from harness.integrations.export.engine_rows import ENGINES, engine_schema
from harness.integrations.export.targets import Target

V1_FILE = Path("data", "v1", "data.json")
"""Path of the released file in its repository."""
V1_MARK = '[\n{"prompt":'
"""Beginning of the file as it is written here; the released file has no line for each problem."""
HUB_MARK = "name: APPS+\n"
"""Beginning of ``eval.yaml``."""
MARKED = 4_096
"""Characters at the beginning of a file within which its mark stands."""
NOT_PUBLISHED = {".build", "decisions"}
"""Of a build's folder: its journal, and the reviewers' files."""


@dataclass(frozen=True, slots=True)
class Export:
    """A finished export."""

    folder: Path
    files: tuple[str, ...]
    """Relative to the folder, with ``/``."""
    problems: int
    left_out: tuple[str, ...] = ()
    """Ids of problems that the shape cannot hold."""


def export_build(build: Path, target: Target, out: Path, repository: str = "") -> Export:
    """Write an export into the folder ``out``. Files of an earlier export for it are replaced, one after another.

    Args:
        build: The folder of a finished build.
        target: What reads the export.
        out: The folder.
        repository: ``hub``: ``ORG/NAME`` of the dataset, for its card and ``eval.yaml``; may be empty.

    Raises:
        BuildFolderError: ``build`` is not a finished build.
        InputError: ``out`` is the build itself, or has files of these names that no export for this target wrote.
        OutputError: The folder cannot be written.
    """
    if out.resolve() == build.resolve():
        raise InputError(f"--out {out} is the build itself: give another folder")
    dataset = load(build)
    _refuse_to_overwrite(build, target, out)
    if target is Target.HUB:
        return _export_for_hub(build, dataset, out, repository)
    if target is Target.APPS_PLUS_V1:
        return _export_v1(dataset, out)
    return _export_for_engine(build, dataset, target, out)


def _export_for_engine(build: Path, dataset: Dataset, target: Target, out: Path) -> Export:
    engine, schema = ENGINES[target], engine_schema(target)
    # First: it tells whose the rest is.
    _write_text(out / "README.md", engine_card(target, dataset, _description(build)))
    files = []
    for split in SPLITS:
        if dataset[split]:  # readers refuse a file without rows
            rows = (engine.row(problem, split, index) for index, problem in enumerate(dataset[split]))
            write_table(out / f"{split}.parquet", rows, schema)
            files.append(f"{split}.parquet")
    return Export(out, (*files, "README.md"), len(dataset))


def _export_v1(dataset: Dataset, out: Path) -> Export:
    left_out: list[str] = []

    def lines() -> Iterator[str]:
        for problem in _problems(dataset):
            row = v1_row(problem)
            if row is None:
                left_out.append(problem.problem_id)
            else:
                yield dump_json(row)

    count = 0
    with write_atomically(out / V1_FILE) as file:
        for count, line in enumerate(lines(), 1):
            file.write(("[\n" if count == 1 else ",\n") + line)
        file.write("\n]\n" if count else "[]\n")
    return Export(out, (V1_FILE.as_posix(),), count, tuple(left_out))


def _export_for_hub(build: Path, dataset: Dataset, out: Path, repository: str) -> Export:
    """Copy the files that the manifest names, and write the card and ``eval.yaml``."""
    names = _published(build)
    # First: it tells whose the rest is.
    _write_text(out / "eval.yaml", eval_yaml(dataset, _description(build)))
    try:
        for name in [*names, "manifest.json"]:
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(build / name, out / name)
        card = (build / "README.md").read_text(encoding="utf-8")
    except OSError as error:
        raise output_error(out, error) from error
    _write_text(out / "README.md", hub_card(card, dataset, repository))
    return Export(out, tuple(dict.fromkeys([*names, "manifest.json", "README.md", "eval.yaml"])), len(dataset))


def _published(build: Path) -> list[str]:
    return sorted(name for name in _manifest(build)["files"] if Path(name).parts[0] not in NOT_PUBLISHED)


def _refuse_to_overwrite(build: Path, target: Target, out: Path) -> None:
    """Raise InputError if ``out`` has a file of the export's, unless an earlier export for the target wrote it."""
    if target is Target.HUB:
        written, mark = ["eval.yaml", *_published(build), "manifest.json", "README.md"], HUB_MARK
    elif target is Target.APPS_PLUS_V1:
        written, mark = [V1_FILE.as_posix()], V1_MARK
    else:
        written, mark = ["README.md", *(f"{split}.parquet" for split in SPLITS)], engine_mark(target)
    try:
        with (out / written[0]).open(encoding="utf-8", errors="replace") as file:
            earlier = mark in file.read(MARKED)
    except OSError:  # none there, or it cannot be read
        earlier = False
    taken = None if earlier else next((name for name in written if os.path.lexists(out / name)), None)
    if taken is not None:
        raise InputError(f"{out} holds {taken}, which no export --for {target} wrote: choose another --out")


def _problems(dataset: Dataset) -> Iterator[Problem]:
    for split in SPLITS:
        yield from dataset[split]


def _manifest(build: Path) -> dict[str, Any]:
    """Read the tool and the files of a build. Raises BuildFolderError."""
    path = build / "manifest.json"
    try:
        manifest = load_json(path.read_text(encoding="utf-8"))
        return {"tool": str(manifest["tool"]), "files": list(manifest["files"])}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        fault = f"it has no {error}" if isinstance(error, KeyError) else json_fault(error)
        raise BuildFolderError(f"cannot read {path} ({fault}): build again") from error


def _description(build: Path) -> str:
    """Return the origin of a build, as a clause: by which version, from what."""
    manifest = _manifest(build)
    return f"built by {manifest['tool']}"


def _write_text(path: Path, text: str) -> None:
    with write_atomically(path) as file:
        file.write(text)
