"""Check, before a build starts, that it can succeed and overwrites nothing that it should not.

A build may replace the finished dataset in its folder if it is the same command, or has the same problems and options,
also from another place, or if it adds generated tests (``--strengthen``) to it. Any other needs ``--replace``: else a
finished dataset would be lost without a warning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import dump_json, load_json, sha256_of
from apps_plus.raw import RawSource
from apps_plus.storage import write_atomically
from curation.pipeline.publish import FILES

ORIGIN_FILE = "made-from.json"
"""In ``.build``: the path of RAW. The manifest, which is published, has only its name."""


def refuse_to_overwrite(source: str | Path | None, out: Path) -> None:
    """Raise InputError if the files of a build would overwrite raw data, or files that no build wrote."""
    if source is not None and Path(source).exists():
        raw = Path(source).resolve()
        if out.resolve() in (raw, raw.parent if raw.is_file() else raw):
            raise InputError(f"--out {out} is where the raw data lies: choose another folder")
    if (out / "manifest.json").exists() or (out / ".build").exists():
        return
    taken = [name for name in FILES if (out / name).exists()]
    if taken:
        raise InputError(f"{out} holds {taken[0]}, which no build wrote: choose another --out")


def refuse_unusable(raw: RawSource) -> None:
    """Raise InputError if no problem has tests, or none has solutions: nothing could be released."""
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


@dataclass(frozen=True, slots=True)
class Origin:
    """The input and options that a dataset depends on, besides reviewers' decisions and the version of this toolkit."""

    place: str | None
    """The full path of RAW; ``hub``; empty for the bundled sample; None if unknown."""
    name: str
    n_problems: int
    limit: int | None
    overlap: Mapping[str, Any] | None
    """See ``OverlapLimit.facts``."""
    strengthen: Mapping[str, Any] | None = None
    """See ``curation.strengthen_problems.settings_of``; None without generated tests."""
    sample: int | None = None

    def asked_tests(self) -> tuple[int, int] | None:
        """Return --tests and --seed; None without generated tests."""
        return None if self.strengthen is None else (int(self.strengthen["tests"]), int(self.strengthen["seed"]))

    def describe(self) -> str:
        """Return one line for people: ``raw_apps (10,000 problems)``."""
        options = [f"{self.n_problems:,} problems"]
        if self.limit is not None:
            options.append(f"--limit {self.limit}")
        if self.sample is not None:
            options.append(f"--sample {self.sample}")
        if self.overlap is not None:
            options.append(f"--drop-overlap {self.overlap['above']}")
        if (asked := self.asked_tests()) is not None:
            options.append("--strengthen --tests {} --seed {}".format(*asked))
        return f"{self.name} ({', '.join(options)})"


def resolve_raw(source: str | Path | None) -> str:
    """Return the full path of RAW, ``hub``, or an empty text for the bundled sample."""
    return str(source or "") if source is None or str(source) == "hub" else str(Path(source).resolve())


def refuse_to_replace(out: Path, raw: RawSource, ids: Sequence[str], new: Origin) -> None:
    """Raise InputError if ``out`` holds a finished dataset that was made from other problems or with other options."""
    found = read_origin(out)
    if found is None:
        return
    old, digest = found
    # generated tests are added to a dataset without any; those of an earlier version are made again, as all else is
    extends = old.asked_tests() in (None, new.asked_tests())
    same_raw = old.name == new.name if old.place is None else old.place == new.place
    if extends and same_raw and (old.limit, old.sample, old.overlap) == (new.limit, new.sample, new.overlap):
        return  # the same command, which brings in any change of RAW
    same_size = extends and (old.overlap, old.n_problems) == (new.overlap, new.n_problems)
    if same_size and digest == digest_of(raw, ids):
        return
    raise InputError(
        f"{out} holds a finished dataset made from {old.describe()}, this one would be from {new.describe()}: choose "
        "another --out, or --replace it (reviewers' decisions stay)"
    )


def read_origin(out: Path) -> tuple[Origin, str] | None:
    """Return what the finished dataset in a folder was made from, and the digest of its problems; None without one.

    Raises InputError if its manifest was not written by a build.
    """
    path = out / "manifest.json"
    if not path.exists():
        return None
    try:
        manifest = load_json(path.read_text(encoding="utf-8"))
        if "selection" in manifest:
            raise InputError(f"{out} holds problems that were selected from a build: choose another --out")
        problems = manifest["input"]
        place, name, digest = _read_place(out, problems), str(problems["name"]), str(problems["sha256"])
        overlap, strengthen = manifest.get("overlap"), manifest.get("strengthen")
        origin = Origin(
            place, name, int(problems["problems"]), manifest["limit"], overlap, strengthen, manifest.get("sample")
        )
        origin.asked_tests()  # raises where the manifest is damaged
        return origin, digest
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise InputError(f"{path} is none that a build wrote: choose another --out, or move it away") from error


def _read_place(out: Path, problems: Mapping[str, Any]) -> str | None:
    """Return the path of RAW; None if it is unknown for these problems: a copied folder, or an earlier version."""
    try:
        noted = load_json((out / ".build" / ORIGIN_FILE).read_text(encoding="utf-8"))
        return str(noted["raw"]) if noted["sha256"] == problems["sha256"] else None
    except (OSError, ValueError, LookupError, TypeError):
        return None


def note_origin(work: Path, origin: Origin, manifest: Mapping[str, Any]) -> None:
    """Note the path of RAW, once the dataset is finished. Raises OutputError."""
    with write_atomically(work / ORIGIN_FILE) as file:
        file.write(dump_json({"raw": origin.place, "sha256": manifest["input"]["sha256"]}) + "\n")


def digest_of(raw: RawSource, ids: Sequence[str]) -> str:
    """Return the digest of these problems, as it is in a manifest."""
    chosen = set(ids)
    problems = (problem for problem in raw if problem.problem_id in chosen)
    return sha256_of([f"{problem.problem_id}@{problem.digest()[:24]}" for problem in problems])
