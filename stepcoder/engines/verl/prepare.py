"""Write the folder of a run on verl: settings, rows, agent loops.

    python -m stepcoder.engines.verl.prepare paper runs/stepcoder --set data.path=BUILD --set model.name=MODEL

The settings are those of ``apps-plus train CONFIG``, of which the engine takes ``method``, ``data``, ``model.name``,
``model.chat``, ``rollout``'s ``samples``, ``workers`` and tests, ``ppo.rho``, ``ppo.rho_groups`` and the seed; its own
configuration has the rest. The build and the folder must be where every node reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from apps_plus.errors import AppsPlusError, InputError
from apps_plus.storage import write_atomically, write_json_lines
from harness.generation.tokenization import load_tokenizer
from stepcoder.config import TrainConfig
from stepcoder.config_files import load_config, write_config
from stepcoder.engines.method_of_engine import method_of_engine
from stepcoder.engines.verl.run_folder import CONFIG, HELD_OUT, LOOPS, TRAIN
from stepcoder.records import Task
from stepcoder.tasks import load_splits
from stepcoder.training_prompts import prompt_lengths, warnings_of_tasks

LOOP = "stepcoder"
"""Name of the agent loop of the rows to train on."""
HELD_OUT_LOOP = "stepcoder_held_out"
"""Name of the agent loop of the rows to evaluate on."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was written."""

    problems: int
    """Problems to train on."""
    left_out: int
    """Problems whose prompts are longer than ``data.max_prompt_tokens``."""
    held_out: int
    longest: int
    """Tokens of the longest prompt, with the prefix of its first stage."""
    warnings: tuple[str, ...]
    """Faults of the tokenizer that show on the problems to train on."""


def prepare(config: TrainConfig, folder: Path) -> Prepared:
    """Write a run's folder.

    Raises:
        InputError: The method does not fit, the model or the data cannot be read, or no prompt is short enough.
        OutputError: The folder cannot be written.
    """
    method = method_of_engine(config.method, "verl", "in verl's configuration")
    if config.model.is_toy:
        raise InputError("verl trains a model that exists: set model.name to a folder or a name on the hub")
    tokenizer = load_tokenizer(config.model.name, config.model.revision, trust_remote_code=False)
    tasks, held_out = load_splits(config)
    curriculum, chat = method.curriculum(tasks, config.ppo.rho, config.rollout.samples, 0), config.model.chat
    longest, fit = 0, []
    for task in tasks:
        alone, start = prompt_lengths(tokenizer, task, curriculum.longest_start(task.task_id), chat=chat)
        if alone <= config.data.max_prompt_tokens:
            fit.append(task)
            longest = max(longest, start)
    if not fit:
        limit = config.data.max_prompt_tokens
        raise InputError(f"no problem has a prompt of {limit} tokens or fewer: raise data.max_prompt_tokens")
    evaluated = [task for task in held_out if prompt_lengths(tokenizer, task, 0, chat=chat)[0] <= longest]
    write_config(_with_whole_paths(config), folder / CONFIG)
    write_json_lines(folder / TRAIN, rows(fit, LOOP))
    write_json_lines(folder / HELD_OUT, rows(evaluated, HELD_OUT_LOOP))
    _write_loops(folder)
    warnings = warnings_of_tasks(tokenizer, config.model.name, config.model.revision, fit)
    return Prepared(len(fit), len(tasks) - len(fit), len(evaluated), longest, tuple(warnings))


def rows(tasks: Sequence[Task], loop: str) -> Iterable[dict[str, Any]]:
    """Yield a row for each task: what verl's ``RLHFDataset`` reads. Neither solution nor tests are in it.

    Args:
        tasks: The problems.
        loop: The name of the agent loop that draws their roll-outs.
    """
    for index, task in enumerate(tasks):
        yield {
            "task_id": task.task_id,
            "agent_name": loop,
            "data_source": f"apps+/{task.problem.difficulty}",  # verl logs validation scores by this
            "prompt": [{"role": "user", "content": task.prompt}],  # shown in logs: the loop encodes its own
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {"index": index},
        }


def _with_whole_paths(config: TrainConfig) -> TrainConfig:
    if config.data.toy_family:
        return config
    return replace(config, data=replace(config.data, path=str(Path(config.data.path).absolute())))


def _write_loops(folder: Path) -> None:
    """Write what ``actor_rollout_ref.rollout.agent.agent_loop_config_path`` names."""
    target, place = "stepcoder.engines.verl.agent_loop.StepCoderLoop", str(folder.absolute())
    lines = []
    for name, held_out in ((LOOP, "false"), (HELD_OUT_LOOP, "true")):
        lines += [f"- name: {name}", f"  _target_: {target}", f"  folder: {_quoted(place)}", f"  held_out: {held_out}"]
    with write_atomically(folder / LOOPS) as file:
        file.write("\n".join(lines) + "\n")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"  # YAML's single quotes know no other escape


def main(
    config: Annotated[str, typer.Argument(help="a configuration of apps-plus train: a file, or a bundled name")],
    folder: Annotated[Path, typer.Argument(help="the run's folder, to be written")],
    overrides: Annotated[list[str] | None, typer.Option("--set", help="KEY=VALUE, as for apps-plus train")] = None,
) -> None:
    """Write the folder of a run on verl, and print the lengths that verl's configuration needs.

    Example: python -m stepcoder.engines.verl.prepare paper runs/stepcoder --set data.path=apps-plus-data
    """
    try:
        done = prepare(load_config(config, overrides or []), folder)
    except AppsPlusError as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(error.exit_code) from error
    left_out = f" ({done.left_out:,} left out: too long)" if done.left_out else ""
    counts = f"{done.problems:,} problems to train on{left_out}, {done.held_out:,} to evaluate on"
    typer.echo(f"{folder}: {counts}", err=True)
    for warning in done.warnings:
        typer.echo(f"note: {warning}", err=True)
    typer.echo(f"data.max_prompt_length={done.longest}")


if __name__ == "__main__":
    typer.run(main)
