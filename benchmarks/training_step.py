"""Measure the update of one training step beside an earlier commit's: processor time and peak memory.

    make real-model
    git worktree add ../before COMMIT
    python -m benchmarks.training_step --model real-model --against ../before

4 problems x 8 roll-outs x 128 tokens with LoRA: the reference and the critic score them, then one PPO update. The
roll-outs are made of random tokens from a seed, after prompts of 100 to 260 tokens, the same in both. Each run is a
process of its own that imports the code of its folder; the order changes from round to round. *Peak memory* is the most
resident memory during the step, and what it is above that before the step (weights, libraries). Ratios are taken within
a round. The table shows the loss of both, which must agree.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

HERE = Path(__file__).resolve().parent.parent
PROMPT_TOKENS = (100, 150, 200, 260)
VOCABULARY = 1000
"""The random tokens are below it."""


def child(arguments: argparse.Namespace) -> None:
    """Run one step with the packages that are on the path; print its figures as JSON."""
    import torch

    from stepcoder.batch import make_batch
    from stepcoder.config import ModelConfig, PPOConfig
    from stepcoder.models import load_models, trainable
    from stepcoder.ppo import advantages_and_returns, score, update
    from stepcoder.processes import Processes
    from stepcoder.records import Rollout

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    config = PPOConfig(critic=arguments.critic, micro_batch=arguments.micro_batch)
    device = torch.device("cpu")
    models = load_models(ModelConfig(name=arguments.model, lora_rank=16, device="cpu"), config, device)
    generator = torch.Generator().manual_seed(0)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(torch.randint(10, VOCABULARY, (count,), generator=generator).tolist())

    rollouts: list[Any] = []
    for group, length in enumerate(PROMPT_TOKENS):
        prompt = tokens(length)
        for _ in range(arguments.samples):
            written = tokens(arguments.tokens)
            rollouts.append(
                Rollout(
                    task=None,  # type: ignore[arg-type]
                    stage=1,
                    prefix="",
                    prompt_ids=prompt,
                    response_ids=written,
                    logprobs=(-7.0,) * len(written),
                    completion="",
                    finished=False,
                    group=group,
                )
            )
    batch = make_batch(rollouts, device)
    ends = batch.attention_mask.sum(-1) - 1
    batch.scores[torch.arange(len(batch)), ends] = torch.randn(len(batch), generator=generator)
    optimizers = {"policy": torch.optim.AdamW(trainable(models.policy), lr=1e-5)}
    if models.critic is not None:
        optimizers["critic"] = torch.optim.AdamW(trainable(models.critic), lr=1e-5)
    before = _resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak of loading
    wall, processor = time.perf_counter(), time.process_time()
    score(models, batch, config.micro_batch)
    advantages_and_returns(batch, config, Processes(device))
    found = update(models, optimizers, batch, config, Processes(device), seed=0)
    print(
        json.dumps(
            {
                "processor_seconds": time.process_time() - processor,
                "seconds": time.perf_counter() - wall,
                "before": before,
                "peak": _resident("VmHWM"),
                "policy_loss": found["policy_loss"],
                "kl": found["kl"],
            }
        )
    )


def _resident(name: str) -> int:
    from benchmarks.process_memory import field_bytes

    return field_bytes(Path("/proc/self/status"), name)


def run(folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """Run one step with the code of a folder, in a process of its own."""
    names = ("model", "threads", "samples", "tokens", "micro_batch", "critic")
    options = [word for name in names for word in (f"--{name.replace('_', '-')}", str(getattr(arguments, name)))]
    done = subprocess.run(
        [sys.executable, "-P", __file__, "--child", *options],  # -P: not the packages beside this file
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(folder)},
        cwd=folder,
    )
    if done.returncode:
        raise SystemExit(
            f"training_step: the step in {folder} failed: {(done.stderr.strip() or 'no message').splitlines()[-1]}"
        )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def main() -> None:
    """Measure both commits, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a folder, such as that of `make real-model`")
    parser.add_argument("--against", type=Path, help="a checkout of the commit to compare with; none: this one alone")
    parser.add_argument("--samples", type=int, default=8, help="roll-outs of each of the four problems")
    parser.add_argument("--tokens", type=int, default=128, help="of each roll-out")
    parser.add_argument("--micro-batch", type=int, default=8)
    parser.add_argument("--critic", choices=("own", "shared"), default="shared")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments)
        return
    arguments.model = str(Path(arguments.model).resolve())
    folders = {"this": HERE} | ({"against": arguments.against.resolve()} if arguments.against else {})
    for folder in folders.values():
        if not (folder / "stepcoder" / "ppo.py").is_file():
            raise SystemExit(f"training_step: {folder} is no checkout of apps-plus")
    found: dict[str, list[dict[str, float]]] = {name: [] for name in folders}
    for number in range(arguments.rounds):
        for name in list(folders)[:: -1 if number % 2 else 1]:
            found[name].append(run(folders[name], arguments))
            print(f"round {number + 1}: {name}: {found[name][-1]}", file=sys.stderr, flush=True)
    print("| code | processor s a step | peak memory, MiB | of it above the start | policy loss |")
    print("| :-- | --: | --: | --: | --: |")
    for name, rows in found.items():
        seconds, peak, above = (
            median(_figure(row, key) for row in rows) for key in ("processor_seconds", "peak", "above")
        )
        print(f"| {name} | {seconds:.1f} | {peak / 2**20:.0f} | {above / 2**20:.0f} | {rows[0]['policy_loss']:.6f} |")
    if arguments.against:
        for key in ("processor_seconds", "peak", "above"):
            ratios = sorted(_figure(a, key) / _figure(b, key) for a, b in zip(*found.values(), strict=True))
            print(f"{key}: {median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) of the earlier commit's")
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


def _figure(row: dict[str, float], key: str) -> float:
    return row["peak"] - row["before"] if key == "above" else row[key]


if __name__ == "__main__":
    main()
