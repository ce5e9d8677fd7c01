"""The state of a training run: set it up, save and resume checkpoints, write the results."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import torch

from apps_plus.errors import InputError, WorkError
from harness.generation.trained_prompts import record_prompts
from harness.generation.transformers_backend import context_length
from stepcoder.checkpoint import checkpoints, load_checkpoint, resumed_from, save_checkpoint
from stepcoder.config import TrainConfig
from stepcoder.curriculum import Curriculum
from stepcoder.interrupt import Interrupt
from stepcoder.judging import Judge
from stepcoder.methods import Method, method_named
from stepcoder.model_card import write_card
from stepcoder.models import Models, save_model, trainable
from stepcoder.optimizers import adamw
from stepcoder.processes import Processes
from stepcoder.records import Task
from stepcoder.run_log import Log
from stepcoder.tasks import load_splits
from stepcoder.training_prompts import prompt_lengths

Say = Callable[[str], None]
Doing = Callable[[str, str], None]
"""Show what is being done and how far it is (``stepcoder.run_log.Log.doing``)."""


def show_nothing(phase: str, count: str) -> None:
    """Show nothing."""


class DivergenceError(WorkError):
    """The KL to the reference exceeds ``ppo.max_kl``."""


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The result of a run, as in ``summary.json``."""

    method: str
    steps: int
    rollouts: int
    scores: dict[str, float]
    """Of the last evaluation."""
    model: str
    """The folder of the trained model."""
    data_digest: str
    seconds: float


@dataclass
class TrainingRun:
    """The state of a PPO run."""

    config: TrainConfig
    method: Method
    processes: Processes
    models: Models
    optimizers: dict[str, torch.optim.Optimizer]
    tasks: list[Task]
    eval_tasks: list[Task]
    curriculum: Curriculum
    judge: Judge
    stop: Interrupt
    rollouts: int = 0
    """Roll-outs of all steps, over all processes."""
    doing: Doing = show_nothing
    """Called with what the step is doing."""


def load_data(config: TrainConfig, say: Say) -> tuple[list[Task], list[Task]]:
    """Load the tasks to train on and to evaluate on, and say how many of a build there are. Raises InputError."""
    tasks, eval_tasks = load_splits(config)
    if not config.data.toy_family:
        data = config.data
        train_on = f"{len(tasks):,} problems to train on (split {data.split} of {data.path})"
        say(f"{train_on}, {len(eval_tasks):,} to evaluate on (split {data.eval_split})")
    return tasks, eval_tasks


def filter_by_length(
    tasks: Sequence[Task], models: Models, config: TrainConfig, method: Method, say: Say
) -> list[Task]:
    """Drop the tasks with a prompt over ``data.max_prompt_tokens``, or a first stage that fills the model's context.

    Raises:
        InputError: None is left.
    """
    longest, context = config.data.max_prompt_tokens, context_length(models.policy)
    first = method.curriculum(tasks, config.ppo.rho, config.rollout.samples, 0)

    def fits(task: Task) -> bool:
        start = first.longest_start(task.task_id)
        alone, whole = prompt_lengths(models.tokenizer, task, start, chat=config.model.chat)
        return alone <= longest and (context is None or whole < context)

    fit = [task for task in tasks if fits(task)]
    limits = f"{longest} tokens (data.max_prompt_tokens)" + (
        f", or the model's context of {context}" if context else ""
    )
    if len(fit) < len(tasks):
        say(f"left out {len(tasks) - len(fit):,} problems whose prompt is over {limits}")
    if not fit:
        raise InputError(f"no problem has a prompt within {limits}: raise it, or take another model")
    return fit


@contextmanager
def open_judge(config: TrainConfig) -> Iterator[Judge]:
    """Give the run's judge; end its workers with the block."""
    rollout = config.rollout
    with Judge(
        rollout.workers,
        test_seconds=rollout.test_seconds,
        max_tests=rollout.max_tests,
        locate=method_named(config.method).locate,
    ) as judge:
        yield judge


def new_run(
    config: TrainConfig,
    method: Method,
    processes: Processes,
    models: Models,
    tasks: list[Task],
    eval_tasks: list[Task],
    judge: Judge,
    stop: Interrupt,
) -> TrainingRun:
    """Set up a run at step 0. Raises InputError if its problems cannot be divided among the processes."""
    if config.rollout.problems % processes.count:
        raise InputError(
            f"rollout.problems = {config.rollout.problems} cannot be shared by {processes.count} processes: make it a "
            "multiple"
        )
    ppo = config.ppo
    optimizers: dict[str, torch.optim.Optimizer] = {
        "policy": adamw(trainable(models.policy), ppo.lr, ppo.weight_decay, ppo.adam_beta2)
    }
    if models.critic is not None:
        optimizers["critic"] = adamw(trainable(models.critic), ppo.critic_lr, ppo.weight_decay, ppo.adam_beta2)
    curriculum = method.curriculum(tasks, ppo.rho, config.rollout.samples, ppo.rho_groups)
    return TrainingRun(config, method, processes, models, optimizers, tasks, eval_tasks, curriculum, judge, stop)


def _modules(run: TrainingRun) -> dict[str, torch.nn.Module]:
    return {"policy": run.models.policy} | ({"critic": run.models.critic} if run.models.critic is not None else {})


def save(run: TrainingRun, folder: Path, step: int) -> int:
    """Write a checkpoint; return its step. Raises WorkError."""
    if run.processes.main:
        run.doing("writing a checkpoint", "")
        state = {"curriculum": run.curriculum.state(), "rollouts": run.rollouts}
        save_checkpoint(folder, step, _modules(run), run.optimizers, state, run.config.keep_checkpoints)
    run.processes.wait()
    return step


def discard(run: TrainingRun, folder: Path, step: int) -> None:
    """Remove the checkpoint of a diverged policy, unless it is the only one."""
    saved = checkpoints(folder)
    if run.processes.main and len(saved) > 1 and saved[-1].name.endswith(f"{step:06d}"):
        shutil.rmtree(saved[-1])


def resume_run(run: TrainingRun, folder: Path, say: Say, log: Log) -> int:
    """Load the last checkpoint; return its step. Raises InputError if it is damaged."""
    saved = checkpoints(folder)
    if not saved:
        say(f"no checkpoint in {folder}: the run starts at step 0")
        log.rewind(0)
        return 0
    state = load_checkpoint(saved[-1], _modules(run), run.optimizers)
    run.curriculum.restore(state["curriculum"])
    step = int(state["step"])
    run.rollouts = int(state.get("rollouts", step * run.config.rollout.per_step))
    log.rewind(step)
    say(resumed_from(step, run.config.ppo.steps, "ppo.steps"))
    return step


def write_results(out: Path, models: Models, summary: RunSummary, config: TrainConfig, base: str) -> None:
    """Write the model, its card and the summary. Raises WorkError."""
    try:
        save_model(models, out / "model")
        record_prompts(out / "model", chat=config.model.chat)
        write_card(out / "model", config, summary.data_digest, summary.scores, summary.steps, base)
        (out / "summary.json").write_text(json.dumps(asdict(summary), indent=2) + "\n")
    except OSError as error:
        raise WorkError(
            f"cannot write the model to {out / 'model'}: {error.strerror or error}; --resume tries again"
        ) from error
