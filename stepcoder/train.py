"""Train a model, from a configuration to a model folder: generate, judge, score, update, save, evaluate."""

from __future__ import annotations

import math
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch

from apps_plus.errors import WorkError
from stepcoder.anchor_search import search_anchors
from stepcoder.batch import Batch, make_batch
from stepcoder.config import TrainConfig
from stepcoder.environment import PendingRollout, reward_and_mask, seed_of, wait_for_verdicts
from stepcoder.evaluation import evaluate
from stepcoder.experience import choose_tasks, generate_and_judge, requests_for
from stepcoder.interrupt import Interrupt, Stopped
from stepcoder.methods import method_named
from stepcoder.models import load_models
from stepcoder.optimizers import set_lr, warm_up
from stepcoder.ppo import advantages_and_returns, score, update
from stepcoder.processes import Processes
from stepcoder.records import RewardedRollout, RolloutRequest
from stepcoder.redraw import draw_anew, groups_with_equal_rewards
from stepcoder.rollouts import RolloutSampling
from stepcoder.run_log import Log
from stepcoder.sft import train_sft
from stepcoder.tasks import data_digest
from stepcoder.toys.base_model import toy_base
from stepcoder.training_prompts import warnings_of_tasks
from stepcoder.training_run import (
    DivergenceError,
    Doing,
    RunSummary,
    Say,
    TrainingRun,
    discard,
    filter_by_length,
    load_data,
    new_run,
    open_judge,
    resume_run,
    save,
    write_results,
)


def train(config: TrainConfig, out: Path, *, resume: bool = False, say: Say = print, log: Log) -> RunSummary:
    """Run a training from its configuration to the trained model.

    Args:
        config: Every setting.
        out: The run's folder: ``checkpoints/``, ``model/`` and ``summary.json`` are written there.
        resume: Resume from the last checkpoint in ``out``, if there is one.
        say: Called with each message for the user.
        log: Receives the metrics of every step.

    Raises:
        InputError: The model or the data cannot be used.
        WorkError: Gradients that are not finite, a KL over ``ppo.max_kl``, dead workers, a full disk. The last good
            checkpoint is kept.
        KeyboardInterrupt: Ctrl-C; the finished steps are in a checkpoint.
    """
    began = time.monotonic()
    method = method_named(config.method)
    base = config.model.name
    torch.manual_seed(config.seed)
    processes = Processes.launched(config.model.device)
    log.doing("reading the problems")
    tasks, eval_tasks = load_data(config, say)
    with open_judge(config) as judge, Interrupt.on_ctrl_c() as stop:
        if config.model.is_toy:
            config = toy_base(config, tasks, out / "base", processes, say, log, stop)
        log.doing(f"loading the model{'' if Path(config.model.name).is_dir() else ' from the hub'}")
        models = load_models(config.model, None if method.fine_tunes else config.update, processes.device)
        log.doing("checking the tokenizer")
        for warning in warnings_of_tasks(models.tokenizer, config.model.name, config.model.revision, tasks):
            say(f"note: {warning}")
        log.doing("measuring the prompts")
        tasks = filter_by_length(tasks, models, config, method, say)
        if method.fine_tunes:
            steps, rollouts = train_sft(config, models, tasks, processes, out, resume, log, stop, say), 0
            scores = evaluate(models, eval_tasks, config, judge, processes, log.doing)
            log.write(steps, scores)
        else:
            run = new_run(config, method, processes, models, tasks, eval_tasks, judge, stop)
            steps, scores = train_ppo(run, out, resume, say, log)
            rollouts = run.rollouts
    summary = RunSummary(
        config.method, steps, rollouts, scores, str(out / "model"), data_digest(tasks), time.monotonic() - began
    )
    if processes.main:
        log.doing("writing the model")
        write_results(out, models, summary, config, base)
    processes.wait()
    return summary


def train_ppo(run: TrainingRun, out: Path, resume: bool, say: Say, log: Log) -> tuple[int, dict[str, float]]:
    """Run the training loop. Return the number of steps and the scores of the last evaluation."""
    config, folder = run.config, out / "checkpoints"
    run.doing = log.doing
    step = resume_run(run, folder, say, log) if resume else 0
    log.expect(config.ppo.steps)
    scores: dict[str, float] = {}
    saved = step
    try:
        while step < config.ppo.steps and not 0 < config.ppo.max_rollouts <= run.rollouts:
            row = train_step(run, step)
            step += 1
            if config.evaluation.every and step % config.evaluation.every == 0:
                row |= (scores := evaluate(run.models, run.eval_tasks, config, run.judge, run.processes, run.doing))
            log.write(step, row)
            if step % config.save_every == 0:
                saved = save(run, folder, step)
            run.stop.check(run.processes)
    except Stopped:
        if saved < step:
            save(run, folder, step)
        raise
    except DivergenceError:
        discard(run, folder, step)
        raise
    if saved < step:
        save(run, folder, step)
    if not scores or (config.evaluation.every and step % config.evaluation.every):
        scores = evaluate(run.models, run.eval_tasks, config, run.judge, run.processes, run.doing)
        log.write(step, scores)
    return step, scores


def train_step(run: TrainingRun, step: int) -> dict[str, float]:
    """Collect a batch of roll-outs and update the models on it. ``step`` counts from 0."""
    config, clock = run.config, Clock(run.doing)
    chat, rollout = config.model.chat, config.rollout
    tasks = [run.tasks[number] for number in choose_tasks(len(run.tasks), rollout.problems, step, config.seed)]
    requests = requests_for(tasks, run.curriculum, run.models.tokenizer, rollout.samples, config.seed, step, chat=chat)
    requests = run.processes.share_groups(requests)

    def generate(wanted: Sequence[RolloutRequest]) -> list[PendingRollout]:
        sampling = RolloutSampling.of(rollout)
        return generate_and_judge(
            run.models, wanted, sampling, rollout.batch_size, run.judge, chat=chat, report=clock.report
        )

    with clock("generate"):
        pending, replaced = generate(requests), list[RewardedRollout]()
        run.stop.check(run.processes)
    if config.update.redraw:
        with clock("redraw"):
            pending, replaced = draw_anew(run, step, pending, generate)
    if run.method.searches:
        with clock("anchor"):
            pending, replaced = search_anchors(run, step, pending, generate)
    with clock("forward"):
        drawn = [one.rollout for one in pending]
        batch = make_batch(drawn, run.models.device, rollout.temperature, rollout.max_tokens)
        score(run.models, batch, config.ppo.micro_batch)
        _refuse_divergence(batch, config, step, run.processes)
    with clock("judge"):  # most programs were judged while the models were computing
        judged = wait_for_verdicts(pending, run.judge)
        rollouts = reward_and_mask(judged, run.method, run.models.tokenizer, seed_of(config.seed, step))
        _refuse_without_verdicts(rollouts, run.processes)
        run.stop.check(run.processes)
    with clock("update"):
        batch = batch.with_rewards(rollouts)
        if config.update.redraw:
            batch = batch.without(groups_with_equal_rewards(rollouts))
        diagnostics = _update(run, batch, step)
    if config.update.redraw:
        diagnostics |= _redraw_metrics(run, rollouts, replaced)
    _advance_curriculum(run, [*rollouts, *replaced])
    metrics = _rollout_metrics(run, [*rollouts, *replaced]) | _equal_groups(run, rollouts)
    run.rollouts += int(metrics["rollouts"])
    return metrics | diagnostics | clock.seconds


def _update(run: TrainingRun, batch: Batch, step: int) -> dict[str, float]:
    config = run.config.update
    for name, optimizer in run.optimizers.items():
        full = config.lr if name == "policy" else config.critic_lr
        set_lr(optimizer, full * warm_up(step, config.warmup_steps))
    advantages_and_returns(batch, config, run.processes)
    return update(run.models, run.optimizers, batch, config, run.processes, seed_of(run.config.seed, "order", step))


def _advance_curriculum(run: TrainingRun, rollouts: Sequence[RewardedRollout]) -> None:
    """Count the usable roll-outs of all processes in the curriculum of each process."""
    passed: dict[int, Counter[bool]] = defaultdict(Counter)
    for one in rollouts:
        if one.usable:
            passed[one.rollout.group][one.outcome.passed] += 1
    begun = {one.rollout.group: one.rollout for one in rollouts}
    mine = [
        (begun[group].task.task_id, begun[group].stage, count[True], count.total(), begun[group].share)
        for group, count in passed.items()
    ]
    for observation in sorted(run.processes.gather(mine)):
        run.curriculum.observe(*observation)


def _rollout_metrics(run: TrainingRun, rollouts: Sequence[RewardedRollout]) -> dict[str, float]:
    """Compute the metrics of a step's roll-outs, over all processes."""
    gathered = run.processes.gather(
        [
            (
                one.outcome.passed,
                one.reward,
                len(one.loss_mask),
                one.rollout.finished,
                sum(one.loss_mask),
                one.usable,
                one.rollout.share,
            )
            for one in rollouts
        ]
    )
    passed, rewards, lengths, finished, kept, usable, shares = zip(*gathered, strict=True)
    whole_passed = [success for success, share in zip(passed, shares, strict=True) if not share]
    count, tokens = len(gathered), sum(lengths)
    parts: Counter[str] = Counter()
    for reward in rewards:
        parts.update({f"reward/{name}": value / count for name, value in reward.parts.items()})
        if reward.lines:
            parts["reward/lines"] += sum(reward.lines.values()) / count
    return {
        "rollouts": count,
        "reward": sum(parts.values()),
        **parts,
        "pass_rate": sum(passed) / count,
        **({"pass_rate/whole": sum(whole_passed) / len(whole_passed)} if whole_passed else {}),
        "finished": sum(finished) / count,
        "harness_errors": usable.count(False),
        "response_tokens": tokens / count,
        "mask_share": sum(kept) / max(1, tokens),
        "prefix_share": sum(shares) / count,
        **{f"stage/{stage}": problems for stage, problems in run.curriculum.counts().items()},
        "full_generation": run.curriculum.full_generation_share(),
    }


def _equal_groups(run: TrainingRun, rollouts: Sequence[RewardedRollout]) -> dict[str, float]:
    """Return the share of the update's groups whose roll-outs all have the same reward, over all processes."""
    if run.config.rollout.samples == 1:  # a group of one has nothing to compare
        return {}
    groups = {one.rollout.group for one in rollouts}
    counts = run.processes.gather([(len(groups), len(groups_with_equal_rewards(rollouts)))])
    every, equal = (sum(column) for column in zip(*counts, strict=True))
    return {"equal_groups": equal / max(1, every)}


def _redraw_metrics(
    run: TrainingRun, used: Sequence[RewardedRollout], replaced: Sequence[RewardedRollout]
) -> dict[str, float]:
    """Count the groups that were drawn anew, and those that were left out of the update, over all processes."""
    groups = {one.rollout.group for one in replaced}
    counts = run.processes.gather([(len(groups), len(groups_with_equal_rewards(used)))])
    redrawn, left_out = zip(*counts, strict=True)
    return {"redrawn": sum(redrawn), "left_out": sum(left_out)}


def _refuse_divergence(batch: Batch, config: TrainConfig, step: int, processes: Processes) -> None:
    """Raise DivergenceError, before the update, if the KL to the reference exceeds ``ppo.max_kl``."""
    assert batch.ref_logprobs is not None
    moved = processes.sum((batch.logprobs - batch.ref_logprobs).sum())
    kl = float(moved / processes.sum(batch.response_mask.sum()))
    if math.isnan(kl) or abs(kl) > config.ppo.max_kl:
        raise DivergenceError(
            f"after step {step} the KL to the reference is {kl:.3g} nats a token (ppo.max_kl {config.ppo.max_kl}): the "
            "policy has diverged; resume from the last checkpoint with --resume and a lower ppo.lr or a higher "
            "ppo.kl_coef"
        )


def _refuse_without_verdicts(rollouts: Sequence[RewardedRollout], processes: Processes) -> None:
    """Raise WorkError if the harness failed on every program."""
    if not any(processes.gather([one.usable for one in rollouts])):
        raise WorkError("the sandbox failed on every program of a step: run apps-plus doctor to check this machine")


PHASES = {
    "generate": "generating",
    "redraw": "drawing groups anew",
    "anchor": "searching for prefixes",
    "forward": "computing log-probabilities",
    "judge": "judging",
    "update": "updating",
}
"""Texts that the progress display shows for the parts of a step."""


class Clock:
    """Measures the seconds of each part of a step, and shows which one it is at."""

    def __init__(self, doing: Doing) -> None:
        self.seconds: dict[str, float] = {}
        self._doing, self._phase = doing, ""

    def report(self, count: str) -> None:
        """Show how far the part is."""
        self._doing(self._phase, count)

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Measure a block."""
        self._phase = PHASES[name]
        self._doing(self._phase, "")
        began = time.perf_counter()
        yield
        if torch.cuda.is_available():
            torch.cuda.synchronize()
        self.seconds[f"seconds/{name}"] = time.perf_counter() - began
