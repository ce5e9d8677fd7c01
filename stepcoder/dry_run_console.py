"""Print the plan of ``apps-plus train CONFIG --dry-run`` as text."""

from __future__ import annotations

from collections.abc import Iterator

from apps_plus.wording import plural
from stepcoder.dry_run import TrainingPlan, device_memory
from stepcoder.memory_estimate import format_bytes
from stepcoder.sharded_estimate import ROOM, ShardedEstimate


def lines(plan: TrainingPlan) -> Iterator[str]:
    """Format the plan as lines."""
    for part in (_method_lines, _model_lines, _data_lines, _work_lines, _folder_lines, _memory_lines):
        yield from part(plan)
    for fault in plan.faults:
        yield f"error       {fault}"
    for warning in plan.warnings:
        yield f"warning     {warning}"


def _method_lines(plan: TrainingPlan) -> Iterator[str]:
    config, method = plan.config, plan.method
    yield f"method      {config.method}: {method.about}"
    if (reward := method.reward or method.group_reward) is not None:
        names = f"reward {reward.__name__}, loss mask {method.mask.__name__}"
        yield f"            {names}, curriculum {method.curriculum.__name__}, advantages {config.update.advantages}"


def _model_lines(plan: TrainingPlan) -> Iterator[str]:
    model = plan.config.model
    name = "made from scratch" if model.is_toy else model.name
    details = f", {model.dtype}"
    if plan.memory is not None:
        size = plan.memory.size
        details = f": {size.parameters:,} parameters{details}"
        if size.trained != size.parameters:
            details += f", of which LoRA trains {size.trained:,} more"
    yield f"model       {name}{details}"


def _data_lines(plan: TrainingPlan) -> Iterator[str]:
    config, data = plan.config, plan.data
    if data is None:
        yield f"data        {config.data.path}: not counted"
        return
    middle, longest = data.prompt_tokens
    left_out = f" ({data.left_out:,} left out: too long)" if data.left_out else ""
    yield f"data        {config.data.path}: {plural(data.problems, 'problem')} to train on{left_out}"
    split = "" if config.data.toy_family else f" (split {config.data.eval_split})"
    yield f"            {data.evaluated:,} to evaluate on{split}"
    yield f"            prompts: median {middle:,} tokens, at most {longest:,}"
    if set(data.stages) != {1}:
        counts = ", ".join(f"{count:,} with {stages}" for stages, count in data.stages.items())
        yield f"curricula   problems by number of stages: {counts}"
        yield f"            prompts with the first stage's prefix: at most {data.longest_start:,} tokens"


def _work_lines(plan: TrainingPlan) -> Iterator[str]:
    config, rollout = plan.config, plan.config.rollout
    if plan.method.fine_tunes:
        steps = "?" if plan.steps is None else f"{plan.steps:,}"
        yield f"work        {steps} steps of {config.sft.batch_size} examples, {config.sft.epochs:g} epochs"
        return
    yield f"work        {plan.batches:,} steps of {rollout.problems} problems x {rollout.samples} roll-outs"
    passes = f"; {plan.batches * rollout.problems / plan.data.problems:.3g} times each problem" if plan.data else ""
    if redraw := config.update.redraw:
        yield f"            groups with equal rewards are drawn anew, up to {redraw} times each: so many more roll-outs"
    if plan.method.searches:
        yield "            where every roll-out of a problem fails, a prefix is searched for: so many more roll-outs"
    if limit := config.ppo.max_rollouts:
        yield f"            it ends after {limit:,} roll-outs (ppo.max_rollouts), if not earlier"
    yield f"            {plan.rollouts:,} programs of at most {rollout.max_tokens:,} tokens{passes}"


def _folder_lines(plan: TrainingPlan) -> Iterator[str]:
    config = plan.config
    events = ", tensorboard/" if config.tensorboard else ""
    yield f"writes      {plan.out}/: config.toml, log.jsonl{events}, model/, summary.json, and checkpoints/"
    yield f"            every {config.save_every} steps, of which the last {config.keep_checkpoints} are kept"


def _memory_lines(plan: TrainingPlan) -> Iterator[str]:
    if plan.memory is None:
        return
    yield "memory      on each device, at most (and about 1 GB for CUDA itself):"
    for name, count in plan.memory.rows():
        yield f"            {name:<18}{format_bytes(count):>10}"
    device, room = device_memory(plan.config.model.device)
    fits = plan.memory.peak < room
    yield f"            {device:<18}{format_bytes(room):>10}: it {'fits' if fits else 'does not fit'}"
    if not fits and plan.sharded is not None:
        yield from _sharded_lines(plan.sharded)


def _sharded_lines(sharded: ShardedEstimate) -> Iterator[str]:
    yield f"sharded     it fits {sharded.devices} devices of {format_bytes(ROOM)} with verl (docs/verl.md), on each:"
    for name, count in sharded.rows():
        yield f"            {name:<18}{format_bytes(count):>10}"
