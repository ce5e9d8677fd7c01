"""Paths of the files that an evaluation writes, and of the settings that ``generate`` wrote beside its samples."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from apps_plus.errors import InputError, OutputError
from apps_plus.storage import look_at
from harness.scoring.options import EvaluateOptions
from harness.scoring.samples.read_samples import name_of_samples


def results_path(samples: Path) -> Path:
    """Return the default path of the results: ``x.results.jsonl`` beside ``x.jsonl`` or beside the folder ``x``."""
    return beside(samples, ".results.jsonl")


def summary_path(results: Path) -> Path:
    """Return the path of the summary of a file of results: ``x.summary.json`` beside ``x.jsonl``."""
    return results.with_name(results.name.removesuffix(".jsonl") + ".summary.json")


def before_path(results: Path) -> Path:
    """Return the path that keeps what another run left in a file of results: ``x.before.jsonl`` beside ``x.jsonl``."""
    return results.with_name(results.name.removesuffix(".jsonl") + ".before.jsonl")


def settings_path(samples: Path) -> Path:
    """Return the path of the settings that ``generate`` writes beside a file of samples."""
    return beside(samples, ".settings.json")


def beside(samples: Path, suffix: str) -> Path:
    """Return the path beside a file or folder of samples that has its name and this suffix."""
    place = samples if samples.name and samples.name != ".." else samples.resolve()
    return place.with_name(name_of_samples(place) + suffix)


def check_out(out: Path, options: EvaluateOptions) -> None:
    """Check that results can be written to a path.

    Raises:
        InputError: ``--out`` is not a file that results can be kept in.
        OutputError: The default path, beside the samples, cannot be written.
    """
    try:
        sources = [path.resolve() for path in (options.samples, options.data) if path is not None]
        written = [path for results in (out, before_path(out)) for path in (results, summary_path(results))]
        taken = {path.resolve() for path in written} & set(sources)
        there = look_at(out)
    except (OSError, RuntimeError) as error:  # RuntimeError: symbolic links in a loop
        raise InputError(
            f"--out {out} cannot be a file ({getattr(error, 'strerror', None) or error}): choose another"
        ) from error
    if taken:
        raise InputError(f"--out {out} would overwrite what it is made from: choose another file")
    if out.suffix == ".gz":
        raise InputError(f"--out {out}: results are appended line by line, so not compressed: leave out the .gz")
    if there is not None and stat.S_ISDIR(there.st_mode):
        raise InputError(f"--out {out} is a folder: give a file, such as {out / 'results.jsonl'}")
    if (there is not None and not stat.S_ISREG(there.st_mode)) or out.absolute().parent == Path("/dev"):
        raise InputError(f"--out {out} is not a regular file: choose another")
    if options.out is None and not os.access(out.parent, os.W_OK):
        raise OutputError(f"cannot write results beside {options.samples}: give a path with --out")
