"""FGO as an estimator: the signal-to-noise ratio of the policy gradient with all tokens, executed ones, random ones.

    python -m benchmarks.gradients                          # about ten minutes on one core
    python -m benchmarks.gradients --family wide --rollouts 400 --json gradients.json

For each family of generated tasks a model is made from scratch and fine-tuned on noisy programs, as in `apps-plus train
ablation`. At fixed prompts (up to a conditional) it generates many programs; the sandbox records the lines that their
tests executed. Every program's gradient of sum(mask * advantage * log pi) is taken with three masks: none, FGO's, and a
random one of FGO's size; the advantage is the reward less the mean reward of the prompt's other programs. The ratio is
|E g|^2 over the variance of the mean of all programs; it grows with their number, so only the factors between masks
mean something (``stepcoder.experiments.signal_to_noise``).
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from benchmarks.sandbox import machine, print_progress
from stepcoder.advantages import group_advantages
from stepcoder.config import ModelConfig
from stepcoder.config_files import load_config
from stepcoder.curriculum import Curriculum
from stepcoder.environment import reward_and_mask, wait_for_verdicts
from stepcoder.experience import generate_and_judge, requests_for
from stepcoder.experiments.signal_to_noise import policy_gradients, signal_to_noise, three_masks
from stepcoder.judging import Judge
from stepcoder.methods import METHODS
from stepcoder.models import Models, load_models
from stepcoder.processes import Processes
from stepcoder.records import JudgedRollout, Task
from stepcoder.rollouts import RolloutSampling
from stepcoder.run_log import NoLog
from stepcoder.tasks import load_tasks
from stepcoder.toys.base_model import toy_base

STARTS = {"deep": (4,), "wide": (4, 3), "nested": (7, 6)}
"""The conditionals, from 0, at which the model begins to write: few enough actions are tested from there on that some
programs pass. Of *deep* every line runs, of the others ever less."""


def measure(family: str, start: int, wanted: int, seed: int, folder: Path) -> dict[str, Any]:
    """Measure one family: the share of executed tokens, of passing programs, and the three ratios."""
    config = load_config("tiny", [f"data.path=toy:{family}", f"seed={seed}"])
    tasks = load_tasks(config.data, "", 0, chat=False, seed=seed)
    alone = Processes(torch.device("cpu"))
    config = toy_base(config, tasks, folder / family, alone, print_progress, NoLog())
    models = load_models(ModelConfig(name=config.model.name, device="cpu"), None, alone.device)
    judged = programs_from(start, models, tasks, wanted // len(tasks))
    rewarded = reward_and_mask(judged, METHODS["stepcoder"], models.tokenizer, seed)
    rollouts, masks = [one.rollout for one in rewarded], [one.loss_mask for one in rewarded]
    groups = [rollout.group for rollout in rollouts]
    totals = torch.tensor([one.reward.total for one in rewarded])
    advantages = group_advantages(totals, torch.tensor(groups), "rloo").tolist()
    per_token = [[value] * len(mask) for value, mask in zip(advantages, masks, strict=True)]
    gradients = policy_gradients(models.policy, rollouts, per_token, three_masks(masks, seed))
    ratios = {name: signal_to_noise(found, groups) for name, found in gradients.items()}
    kept = sum(map(sum, masks)) / sum(map(len, masks))
    passed = sum(one.outcome.passed for one in rewarded) / len(rewarded)
    return {
        "family": family,
        "start": start,
        "rollouts": len(rollouts),
        "passed": passed,
        "kept": kept,
        **{name: asdict(ratio) for name, ratio in ratios.items()},
    }


def programs_from(start: int, models: Models, tasks: Sequence[Task], samples: int) -> list[JudgedRollout]:
    """Generate programs from the line of a conditional on, and judge them."""
    starts = {task.task_id: (line_start(task, start), 0) for task in tasks}
    requests = requests_for(tasks, Curriculum(starts), models.tokenizer, samples, "gradients", chat=False)
    with Judge(1) as judge:
        pending = generate_and_judge(models, requests, RolloutSampling(0.8, 0.9, 96), 64, judge, chat=False)
        return wait_for_verdicts(pending, judge)


def line_start(task: Task, conditional: int) -> int:
    """Return the index in the solution of the first character of a conditional's line."""
    line = sorted(task.problem.conditionals)[conditional].start_line
    return sum(len(text) for text in task.solution.splitlines(keepends=True)[: line - 1])


def show(found: dict[str, Any]) -> str:
    """Format one row of the table."""
    cells = [f"{found[name]['ratio']:.2f} ({found[name]['low']:.2f} to {found[name]['high']:.2f})" for name in MASKS]
    gain = found["executed"]["ratio"] / found["all"]["ratio"] if found["all"]["ratio"] > 0 else float("nan")
    return (
        f"| {found['family']} | {found['start']} | {found['rollouts']} | {found['passed']:.0%} | {found['kept']:.0%} | "
        + " | ".join(cells)
        + f" | {gain:.1f} |"
    )


MASKS = ("all", "executed", "random")


def main() -> None:
    """Measure the families that are asked for and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--family", action="append", choices=sorted(STARTS), help="all by default")
    parser.add_argument("--start", type=int, help="the conditional, from 0, at which the model begins to write")
    parser.add_argument("--rollouts", type=int, default=800)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    rows = []
    print("| family | begins at | roll-outs | passed | executed tokens | all | executed | random | FGO's factor |")
    print("| --- | ---: | ---: | ---: | ---: | --- | --- | --- | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        for family in arguments.family or STARTS:
            for start in STARTS[family] if arguments.start is None else (arguments.start,):
                rows.append(measure(family, start, arguments.rollouts, arguments.seed, Path(folder)))
                print(show(rows[-1]), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
