"""The folder of a run: decide whether a run may start or resume there, and hold it for one process.

OUT/config.toml      every setting of the run
OUT/base/            the base model that the run made itself, if ``model.name`` is ``toy``
OUT/.base.part/      the same while it is made, with checkpoints to resume from
OUT/log.jsonl        metrics by step (``stepcoder.run_log``)
OUT/checkpoints/     the state at the last steps, to resume from
OUT/model/           the trained model, a transformers folder
OUT/summary.json     steps, roll-outs and scores
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.storage import lock
from stepcoder.config import TrainConfig
from stepcoder.config_changes import changed_keys, describe_refused, describe_tuning, matches, refused_keys
from stepcoder.config_files import load_config, write_config
from stepcoder.run_log import LOG, say_nothing

CONFIG = "config.toml"
LOCK = ".train.lock"
BASE = "base"
CHECKPOINTS = "checkpoints"
BASE_FROM = ("seed", "model.name", "model.chat", "data.path", "data.split", "data.limit")
"""Settings that an untrained base model depends on (sections end in a dot)."""
FINE_TUNED_FROM = (*BASE_FROM, "model.", "sft.")
"""Settings that a fine-tuned base model depends on, as made for generated tasks."""


def will_resume(out: Path, config: TrainConfig, resume: bool) -> bool:
    """Return whether the run in ``out`` will be resumed; False if there is none, also with ``resume``.

    Raises:
        InputError: There is a run, and either ``resume`` is false or its settings differ.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: it is not a folder: choose another")
    if not holds_run(out):
        _refuse_base(out, config)
        return False
    if not resume:
        raise InputError(f"{out} holds a run already: add --resume to continue it, or choose another --out")
    if not (out / CONFIG).is_file():
        raise InputError(f"{out} cannot be resumed: its {CONFIG} is missing: choose another --out")
    begun = load_config(str(out / CONFIG))
    if changed := refused_keys(begun, config):
        raise InputError(
            f"{out} was begun with other settings ({describe_refused(begun, config, changed)}): set them as its "
            f"{CONFIG} has them, or choose another --out"
        )
    return True


def holds_run(out: Path) -> bool:
    """Return whether ``out`` holds a step, a checkpoint, a model or a summary of a run.

    Settings alone are no run: it stopped before its first step, and may be started with other settings.
    """
    log = out / LOG
    measured = log.is_file() and log.stat().st_size > 0
    saved = any((out / CHECKPOINTS).glob("step-*"))
    return measured or saved or (out / "model").exists() or (out / "summary.json").exists()


def _refuse_base(out: Path, config: TrainConfig) -> None:
    """Raise InputError if a run that stopped before step 1 left a base model of other settings."""
    if config.model.is_toy:
        refuse_other_base(out / BASE, out / CONFIG, config)


def refuse_other_base(base: Path, made_by: Path, config: TrainConfig) -> None:
    """Raise InputError if ``base`` holds a model of other settings, or one that is half made.

    Args:
        base: The folder of the base model.
        made_by: The file of the settings it was made with; if it is missing, nothing is refused.
        config: The present settings.
    """
    made = (base / "config.json").is_file()
    if not made_by.is_file() or not (made or is_begun(base)):
        return
    names = FINE_TUNED_FROM if config.data.toy_family else BASE_FROM
    changed = changed_keys(load_config(str(made_by)), config, may_grow=False)
    if other := [key for key in changed if matches(key, names)]:
        raise InputError(
            f"{base if made else unfinished_base(base)} is a model that was {'made' if made else 'begun'} with other "
            f"settings ({', '.join(other)}): remove it, or choose another --out"
        )


def unfinished_base(base: Path) -> Path:
    """Return the folder in which the model of ``base`` is made."""
    return base.with_name(f".{base.name}.part")


def is_begun(base: Path) -> bool:
    """Return whether the model of ``base`` is half made: its making stopped, and left a checkpoint."""
    return any((unfinished_base(base) / CHECKPOINTS).glob("step-*"))


@contextmanager
def open_folder(
    out: Path, config: TrainConfig, resume: bool, say: Callable[[str], None] = say_nothing
) -> Iterator[bool]:
    """Lock the folder for this process's run and write its settings. Give whether the run is resumed.

    Args:
        out: The folder; created if it is missing.
        config: The settings.
        resume: Resume the run in it, if there is one.
        say: Called with the settings that a resumed run changes.

    Raises:
        InputError: As ``will_resume``.
        BusyError: Another process holds it.
        OutputError: It cannot be written.
    """
    will_resume(out, config, resume)  # check before the folder is created
    with lock(out / LOCK):
        resumed = will_resume(out, config, resume)
        if resumed and (changes := describe_tuning(load_config(str(out / CONFIG)), config)):
            say(f"resuming with other settings: {', '.join(changes)}")
        _write_settings(out, config)
        yield resumed


def _write_settings(out: Path, config: TrainConfig) -> None:
    """Write the settings unless the file has the same ones: then it keeps its comments."""
    with suppress(InputError):
        if load_config(str(out / CONFIG)) == config:
            return
    write_config(config, out / CONFIG)
