"""The folder of a run: who may begin one there, and who may go on.

OUT/config.toml      every setting of the run
OUT/log.jsonl        what it measured (``stepcoder.run_log``)
OUT/checkpoints/     what it goes on from
OUT/model/           the result, a transformers folder
OUT/summary.json     what it came to
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.storage import lock
from stepcoder.config import TrainConfig
from stepcoder.config_files import changed_keys, load_config, write_config

CONFIG = "config.toml"
LOCK = ".train.lock"
TRACES = (CONFIG, "log.jsonl", "checkpoints", "model", "summary.json")
"""What a run leaves behind: where any of these is, there was one."""


def resumes(out: Path, config: TrainConfig, resume: bool) -> bool:
    """Whether a run goes on that was begun in ``out``; without one there, ``--resume`` begins it.

    Raises:
        InputError: There is a run, and either nobody asked to go on with it or the settings are no longer its own.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: it is not a folder: choose another")
    if not any((out / name).exists() for name in TRACES):
        return False
    if not resume:
        raise InputError(f"{out} holds a run already: add --resume to go on with it, or choose another --out")
    if not (out / CONFIG).is_file():
        raise InputError(f"{out} cannot be resumed: its {CONFIG} is missing: choose another --out")
    if changed := changed_keys(load_config(str(out / CONFIG)), config):
        told = ", ".join(changed)
        raise InputError(
            f"{out} was begun with other settings ({told}): set them as its {CONFIG} has them, or choose another --out"
        )
    return True


@contextmanager
def open_folder(out: Path, config: TrainConfig, resume: bool) -> Iterator[bool]:
    """Hold the folder for this process's run, with its settings in it. Gives whether it goes on.

    Raises:
        InputError: As ``resumes``.
        BusyError: Another run is at work in it.
        OutputError: It cannot be written.
    """
    resumes(out, config, resume)  # before the folder is made or touched
    with lock(out / LOCK):
        going_on = resumes(out, config, resume)
        write_config(config, out / CONFIG)
        yield going_on
