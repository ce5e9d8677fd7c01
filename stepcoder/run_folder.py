"""The folder of a run: who may begin one there, and who may go on.

OUT/config.toml      every setting of the run
OUT/base/            the model that it made itself, where ``model.name`` is ``toy``
OUT/log.jsonl        what it measured (``stepcoder.run_log``)
OUT/checkpoints/     what it goes on from
OUT/model/           the result, a transformers folder
OUT/summary.json     what it came to
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.storage import lock
from stepcoder.config import TrainConfig
from stepcoder.config_changes import changed_keys, describe_tuning, matches, refused_keys
from stepcoder.config_files import load_config, write_config
from stepcoder.run_log import LOG, say_nothing

CONFIG = "config.toml"
LOCK = ".train.lock"
BASE = "base"
BASE_FROM = ("seed", "model.name", "model.chat", "data.path", "data.split", "data.limit")
"""What a model that a run makes itself depends on (sections end in a dot) ..."""
TAUGHT_FROM = (*BASE_FROM, "model.", "sft.")
"""... where it is taught, too: on generated tasks."""


def resumes(out: Path, config: TrainConfig, resume: bool) -> bool:
    """Whether a run goes on that was begun in ``out``; without one there, ``--resume`` begins it.

    Raises:
        InputError: There is a run, and either nobody asked to go on with it or the settings are no longer its own.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: it is not a folder: choose another")
    if not holds_run(out):
        _refuse_base(out, config)
        return False
    if not resume:
        raise InputError(f"{out} holds a run already: add --resume to go on with it, or choose another --out")
    if not (out / CONFIG).is_file():
        raise InputError(f"{out} cannot be resumed: its {CONFIG} is missing: choose another --out")
    if changed := refused_keys(load_config(str(out / CONFIG)), config):
        told = ", ".join(changed)
        raise InputError(
            f"{out} was begun with other settings ({told}): set them as its {CONFIG} has them, or choose another --out"
        )
    return True


def holds_run(out: Path) -> bool:
    """Whether a run has come to anything in ``out``: a step, a checkpoint, a model.

    Settings alone are no run. It stopped before its first step, mostly for one of them, which is to be mended.
    """
    log = out / LOG
    measured = log.is_file() and log.stat().st_size > 0
    saved = any((out / "checkpoints").glob("step-*"))
    return measured or saved or (out / "model").exists() or (out / "summary.json").exists()


def _refuse_base(out: Path, config: TrainConfig) -> None:
    """Raise InputError where a run that came to nothing left a model that this one would make otherwise."""
    if config.model.is_toy:
        refuse_other_base(out / BASE, out / CONFIG, config)


def refuse_other_base(base: Path, made_by: Path, config: TrainConfig) -> None:
    """Raise InputError where there is a model in ``base`` that this configuration would make otherwise.

    ``made_by`` is the file of the configuration that it was made by; where that is gone, nothing can be told.
    """
    if not all(path.is_file() for path in (made_by, base / "config.json")):
        return
    names = TAUGHT_FROM if config.data.toy_family else BASE_FROM
    changed = changed_keys(load_config(str(made_by)), config, may_grow=False)
    if made := [key for key in changed if matches(key, names)]:
        raise InputError(
            f"{base} is a model that was made with other settings ({', '.join(made)}): remove it, or choose another "
            "--out"
        )


@contextmanager
def open_folder(
    out: Path, config: TrainConfig, resume: bool, say: Callable[[str], None] = say_nothing
) -> Iterator[bool]:
    """Hold the folder for this process's run, with its settings in it. Gives whether it goes on.

    Args:
        out: The folder; made where it is missing.
        config: The settings.
        resume: Go on with a run that is there.
        say: Told which settings a run goes on with that it was not begun with.

    Raises:
        InputError: As ``resumes``.
        BusyError: Another run is at work in it.
        OutputError: It cannot be written.
    """
    resumes(out, config, resume)  # before the folder is made or touched
    with lock(out / LOCK):
        going_on = resumes(out, config, resume)
        if going_on and (changes := describe_tuning(load_config(str(out / CONFIG)), config)):
            say(f"going on with other settings: {', '.join(changes)}")
        _keep_settings(out, config)
        yield going_on


def _keep_settings(out: Path, config: TrainConfig) -> None:
    """Write the settings, unless they are there: a file that somebody wrote keeps its comments."""
    with suppress(InputError):
        if load_config(str(out / CONFIG)) == config:
            return
    write_config(config, out / CONFIG)
