"""Decides whether a build may take the place of the finished dataset that lies in its folder.

The same command may, as often as it runs; so may a build of the same problems with the same options, wherever they lie
by now. Any other would make a finished dataset disappear without a word, and needs ``--replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import dump_json, load_json, sha256_of
from apps_plus.raw import RawSource
from apps_plus.storage import write_atomically

ORIGIN_FILE = "made-from.json"
"""In ``.build``: where RAW lay. The manifest, which is published, only has its name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What decides the content of a dataset, besides reviewers' decisions and the version of this toolkit."""

    place: str | None
    """Where RAW lies, in full; ``hub``; empty: the bundled sample; None: nobody noted it."""
    name: str
    n_problems: int
    limit: int | None
    overlap: Mapping[str, Any] | None
    """See ``OverlapLimit.facts``."""

    def told(self) -> str:
        """One line for people: ``raw_apps (10,000 problems)``."""
        options = [f"{self.n_problems:,} problems"]
        if self.limit is not None:
            options.append(f"--limit {self.limit}")
        if self.overlap is not None:
            options.append(f"--drop-overlap {self.overlap['above']}")
        return f"{self.name} ({', '.join(options)})"


def place_of(source: str | Path | None) -> str:
    """Where RAW lies, however the path to it was written."""
    return str(source or "") if source is None or str(source) == "hub" else str(Path(source).resolve())


def refuse_to_replace(out: Path, raw: RawSource, new: Origin) -> None:
    """Raise InputError where ``out`` holds a finished dataset that was made from other problems or by other options."""
    found = read_origin(out)
    if found is None:
        return
    old, digest = found
    same_raw = old.name == new.name if old.place is None else old.place == new.place
    if same_raw and (old.limit, old.overlap) == (new.limit, new.overlap):
        return  # the same command: what changed in RAW since is what it is to bring in
    if old.overlap == new.overlap and old.n_problems == new.n_problems and digest == digest_of(raw, new.n_problems):
        return
    raise InputError(
        f"{out} holds a finished dataset made from {old.told()}, this one would be from {new.told()}: choose another "
        "--out, or --replace it (reviewers' decisions stay)"
    )


def read_origin(out: Path) -> tuple[Origin, str] | None:
    """What the finished dataset in a folder was made from, and the digest of its problems; None: there is none.

    Raises InputError where its manifest is none that a build wrote.
    """
    path = out / "manifest.json"
    if not path.exists():
        return None
    try:
        manifest = load_json(path.read_text(encoding="utf-8"))
        problems = manifest["input"]
        place, name, digest = _read_place(out, problems), str(problems["name"]), str(problems["sha256"])
        return Origin(place, name, int(problems["problems"]), manifest["limit"], manifest.get("overlap")), digest
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is none that a build wrote: choose another --out, or move it away") from error


def _read_place(out: Path, problems: Mapping[str, Any]) -> str | None:
    """None where nobody noted it for these problems: the folder is a copy, or of an earlier version."""
    try:
        noted = load_json((out / ".build" / ORIGIN_FILE).read_text(encoding="utf-8"))
        return str(noted["raw"]) if noted["sha256"] == problems["sha256"] else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def note_origin(work: Path, origin: Origin, manifest: Mapping[str, Any]) -> None:
    """Note where RAW lay, once the dataset is finished. Raises OutputError."""
    with write_atomically(work / ORIGIN_FILE) as file:
        file.write(dump_json({"raw": origin.place, "sha256": manifest["input"]["sha256"]}) + "\n")


def digest_of(raw: RawSource, n_problems: int) -> str:
    """The digest of the first problems, as a manifest has it."""
    told: list[str] = []
    for problem in raw:
        if len(told) == n_problems:
            break
        told.append(f"{problem.problem_id}@{problem.digest()[:24]}")
    return sha256_of(told)
