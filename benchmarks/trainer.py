"""Measure the cost of the trainer's parts, each against the same work without it, on one model and one machine.

    python -m benchmarks.trainer                            # a toy made on the spot; about five minutes on two cores
    python -m benchmarks.trainer --model DIR --data DIR     # a model and a build of your own

1. *Coverage*: the same roll-outs judged with and without recording the lines that ran (FGO needs them).
2. *Reward behind generation*: a step's programs judged while the next batch is written, beside one after the other.
3. *Generation*: tokens a second of ``stepcoder.rollouts`` beside transformers' own ``generate``, on the same prompts,
   at the same temperature and nucleus.

Each figure is the median over rounds, and ratios are taken within a round.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import torch

from benchmarks.sandbox import machine, print_progress
from harness.generation.decoding import left_pad
from harness.generation.transformers_backend import end_tokens
from harness.judging.judge import judge
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from stepcoder.assemble_program import assemble
from stepcoder.config import ModelConfig
from stepcoder.config_files import load_config
from stepcoder.curriculum import full_generation
from stepcoder.experience import generate_and_judge, requests_for
from stepcoder.judging import Judge
from stepcoder.models import Models, load_models
from stepcoder.processes import Processes
from stepcoder.records import Rollout, RolloutRequest, Task
from stepcoder.rollouts import RolloutSampling, sample
from stepcoder.run_log import NoLog
from stepcoder.tasks import load_tasks
from stepcoder.toys.base_model import toy_base

SAMPLING = RolloutSampling(0.8, 0.9, 96)


class NoJudge(Judge):
    """Judges nothing, to time generation alone."""

    def submit(self, task: Task, source: str, *, every_test: bool = False) -> Any:
        """Return no future."""


def coverage(rollouts: Sequence[Rollout], rounds: int) -> dict[str, Any]:
    """Time the judging of the roll-outs, traced and untraced, in one sandbox each."""
    programs = [(r.task.problem, assemble(r.prefix, r.completion).source) for r in rollouts]
    with Sandbox(trace=True) as traced, Sandbox() as plain:
        work: dict[str, Callable[[], None]] = {
            name: lambda sandbox=sandbox: _judge_all(sandbox, programs)  # type: ignore[misc]
            for name, sandbox in (("traced", traced), ("untraced", plain))
        }
        return compare(work, rounds)


def _judge_all(sandbox: Sandbox, programs: Sequence[tuple[Any, str]]) -> None:
    for problem, source in programs:
        judge(sandbox, source, problem, Limits(cpu_seconds=2.0))


def hidden(models: Models, requests: Sequence[RolloutRequest], batch_size: int, rounds: int) -> dict[str, Any]:
    """Time generating alone, judging alone, and both at once, as in a training step."""

    def generate() -> list[Rollout]:
        pending = generate_and_judge(models, requests, SAMPLING, batch_size, NoJudge(1), chat=False)
        return [one.rollout for one in pending]

    with Judge(1, remembered=0) as pool:
        programs = [(r.task, assemble(r.prefix, r.completion).source) for r in generate()]
        pool.outcomes(programs)  # start its sandbox

        def both() -> None:
            for one in generate_and_judge(models, requests, SAMPLING, batch_size, pool, chat=False):
                one.verdict.result()

        work: dict[str, Callable[[], object]] = {
            "generate": generate,
            "judge": lambda: pool.outcomes(programs),
            "both at once": both,
        }
        return compare(work, rounds)


def generation(models: Models, requests: Sequence[RolloutRequest], batch_size: int, rounds: int) -> dict[str, Any]:
    """Time the generation of this package and of transformers; count the tokens."""
    tokens: dict[str, int] = {"ours": 0, "transformers": 0}

    def ours() -> None:
        found = sample(models.policy, models.tokenizer, requests, SAMPLING, batch_size)
        tokens["ours"] = sum(len(rollout.response_ids) for rollout in found)

    def theirs() -> None:
        tokens["transformers"] = 0
        for at in range(0, len(requests), batch_size):
            tokens["transformers"] += _transformers(models, requests[at : at + batch_size])

    seconds = compare({"ours": ours, "transformers": theirs}, rounds)
    return seconds | {"tokens": tokens, "tokens a second": {name: tokens[name] / seconds[name] for name in tokens}}


def _transformers(models: Models, batch: Sequence[RolloutRequest]) -> int:
    ids, mask = left_pad([request.prompt_ids for request in batch], 0, models.device)
    ends = end_tokens(models.policy, models.tokenizer)
    with torch.inference_mode():
        written = models.policy.generate(
            input_ids=ids,
            attention_mask=mask,
            do_sample=True,
            temperature=SAMPLING.temperature,
            top_p=SAMPLING.top_p,
            top_k=0,
            max_new_tokens=SAMPLING.max_tokens,
            pad_token_id=models.tokenizer.pad_token_id,
            eos_token_id=sorted(ends),
        )
    rows = written[:, ids.shape[1] :].tolist()
    return sum(next((n + 1 for n, token in enumerate(row) if token in ends), len(row)) for row in rows)


def compare(work: dict[str, Callable[[], Any]], rounds: int) -> dict[str, Any]:
    """Return the median seconds of each, and the ratio of the first to each other; the order rotates by round."""
    names = list(work)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for number in range(rounds):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            began = time.perf_counter()
            work[name]()
            seconds[name].append(time.perf_counter() - began)
    ratios = {
        f"{names[0]} / {name}": median(a / b for a, b in zip(seconds[names[0]], seconds[name], strict=True))
        for name in names[1:]
    }
    return {name: median(values) for name, values in seconds.items()} | {"ratios": ratios, "all": seconds}


def main() -> None:
    """Measure, print, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="a folder or a name; by default a toy that is made here")
    parser.add_argument("--data", default="toy:nested", help="a build, or toy:FAMILY")
    parser.add_argument("--problems", type=int, default=8)
    parser.add_argument("--samples", type=int, default=16)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    report = run(arguments)
    print("\n".join(f"{name}: {value}" for name, value in report["machine"].items()))
    cover, both, made = report["coverage"], report["hidden"], report["generation"]
    print(f"coverage: judging traced takes {cover['ratios']['traced / untraced']:.2f} times judging untraced")
    alone, judged, together = both["generate"], both["judge"], both["both at once"]
    print(f"a step: generating {alone:.2f} s, judging {judged:.2f} s, both at once {together:.2f} s:")
    print(f"  {max(0.0, min(1.0, (alone + judged - together) / judged)):.0%} of the judging is hidden")
    speed = made["tokens a second"]
    print(f"generation: {speed['ours']:.0f} tokens a second, transformers {speed['transformers']:.0f}:")
    print(f"  {speed['ours'] / speed['transformers']:.2f} times")
    if arguments.json:
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run every measurement; return the numbers."""
    settings = [f"data.path={arguments.data}", "sft.epochs=0.5"]
    if arguments.model:
        settings.append(f"model.name={arguments.model}")
    config = load_config("tiny", settings)
    alone = Processes(torch.device("cpu"))
    tasks = load_tasks(config.data, "train", arguments.problems, chat=False, seed=0)
    with tempfile.TemporaryDirectory() as folder:
        if not arguments.model:
            config = toy_base(config, tasks, Path(folder) / "base", alone, print_progress, NoLog())
        models = load_models(ModelConfig(name=config.model.name, device="cpu"), None, alone.device)
        requests = requests_for(
            tasks, full_generation([t.task_id for t in tasks]), models.tokenizer, arguments.samples, 0, chat=False
        )
        rollouts = sample(models.policy, models.tokenizer, requests, SAMPLING, arguments.batch_size)
        # A comment makes every program different, so that each is judged.
        distinct = [replace(r, completion=f"{r.completion}\n# {n}") for n, r in enumerate(rollouts)]
        print_progress("coverage")
        found = {"machine": machine(), "coverage": coverage(distinct, arguments.rounds)}
        print_progress("reward behind generation")
        found["hidden"] = hidden(models, requests, arguments.batch_size, arguments.rounds)
        print_progress("generation")
        found["generation"] = generation(models, requests, arguments.batch_size, arguments.rounds)
    return found


if __name__ == "__main__":
    main()
