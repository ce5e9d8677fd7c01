"""Train a small real model on easy real problems by several methods, and compare them on problems seen and held out.

    make real-model
    python -m benchmarks.real_training --model real-model --mbpp mbpp.jsonl --out real-training

Every step is a command of apps-plus, and is printed; what is finished is not run again, so that the same command
resumes after a crash or Ctrl-C. The steps: MBPP and the bundled sample become a build (``benchmarks.mbpp_rows``); the
model is fine-tuned on its training problems; those that the fine-tuned model solves now and then, by its rate over 16
samples, are chosen; every method trains LoRA adapters on them, with the same number of roll-outs from the same model;
every model writes programs for the chosen problems and for problems of the split ``test``, which are judged.
``table.md`` has pass@1 with 95% intervals and the differences to the fine-tuned model, problem by problem;
``curves.png`` the pass rates in training.

The settings below were fixed before the first run. One seed: an interval is over problems, and says nothing of what
another seed would give.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from benchmarks.mbpp_rows import write_rows
from harness.scoring.paired_comparison import compare
from harness.scoring.results import SampleResult, read_results

METHODS = ("ppo", "grpo", "stepcoder", "stepcoder-no-cccs", "stepcoder-no-fgo")
SOLVE_RATE = "0.05:0.6"
"""A problem is chosen whose 16 samples pass at this rate: at least once, and at most 9 times."""
RATED = 64
"""Training problems that are rated, drawn by a hash of their ids."""
CHOSEN = 16
"""At most this many problems to train on."""
HELD_OUT = 48
"""Problems of the split ``test`` that the models are compared on."""
TEMPERATURE, TOP_P = "0.8", "0.95"
LONGEST = "128"
"""Tokens of an answer, in training and evaluation."""
SFT_SETTINGS = (
    "sft.lr=2e-5",
    "sft.epochs=1",
    "sft.batch_size=16",
    "sft.micro_batch=4",
    "sft.warmup_epochs=0.1",
    "sft.max_tokens=512",
    "model.lora_rank=0",
    "model.gradient_checkpointing=false",
    "save_every=10",
)
RL_SETTINGS = (
    "model.dtype=bfloat16",
    "model.lora_rank=16",
    "rollout.problems=4",
    "rollout.samples=8",
    f"rollout.max_tokens={LONGEST}",
    "rollout.batch_size=32",
    "rollout.workers=1",
    "ppo.lr=1e-4",
    "ppo.critic_lr=1e-3",
    "ppo.micro_batch=8",
)
"""As ``single-gpu-lora``, but for the size of a step and learning rates for so few of them."""


class CommandError(Exception):
    """A command ended with an error; the message is one line."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """The folder of the comparison, and how its commands run."""

    out: Path
    model: Path
    steps: int
    seed: int
    jobs: int
    """Commands at the same time; each has as many threads as its share of the cores."""

    @property
    def build(self) -> Path:
        """The dataset of MBPP and the sample."""
        return self.out / "build"

    @property
    def chosen(self) -> Path:
        """The dataset of the problems to train on."""
        return self.out / "chosen"

    def run(self, *arguments: str | Path, threads: int = 0, log: str) -> None:
        """Run ``apps-plus`` with its output in ``out/logs``. Raises CommandError."""
        words = [str(word) for word in arguments]
        print(f"apps-plus {shlex.join(words)}", flush=True)
        environment = dict(os.environ)
        if threads:
            environment |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        path = self.out / "logs" / f"{log}.log"
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            done = subprocess.run(
                [sys.executable, "-m", "apps_plus", *words], stdout=file, stderr=file, env=environment, check=False
            )
        if done.returncode:
            last = path.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:] or [""]
            raise CommandError(f"apps-plus {words[0]} ended with {done.returncode} ({last[0]}): see {path}")

    def train(self, name: str, *settings: str, threads: int) -> None:
        """Train ``out/runs/NAME`` unless it is finished."""
        folder = self.out / "runs" / name
        if (folder / "summary.json").is_file():
            return
        sets = [part for setting in (f"seed={self.seed}", *settings) for part in ("--set", setting)]
        resume = ["--resume"] if (folder / "config.toml").is_file() else []
        self.run("train", "single-gpu-lora", "--out", folder, *resume, *sets, threads=threads, log=f"train-{name}")

    def samples(self, name: str, model: Path, data: Path, split: str, n: int, *more: str, threads: int) -> Path:
        """Write and judge samples of a model; return the file of the results."""
        out = self.out / "samples" / f"{name}.jsonl"
        results = out.with_suffix(".results.jsonl")
        out.parent.mkdir(exist_ok=True)
        chosen = ("apps+", "--data", data, "--split", split)
        drawn = ["--n", str(n), "--temperature", TEMPERATURE, "--top-p", TOP_P, "--max-tokens", LONGEST]
        drawn += ["--batch-size", "32", "--seed", str(self.seed + 1), "--dtype", "bfloat16", *more]
        self.run("generate", *chosen, "--model", model, "--out", out, *drawn, threads=threads, log=f"generate-{name}")
        self.run("evaluate", "apps+", out, "--data", data, "--split", split, "--workers", "1", log=f"evaluate-{name}")
        return results

    @property
    def cores(self) -> int:
        """Cores that this process may use."""
        return len(os.sched_getaffinity(0))

    def work_through(self, work: Sequence[Callable[[int], None]]) -> None:
        """Call each with its number of threads, ``jobs`` at the same time; the first error ends it."""
        threads = max(1, self.cores // self.jobs)
        pool = ThreadPoolExecutor(self.jobs)
        try:
            for future in [pool.submit(one, threads) for one in work]:
                future.result()
        finally:  # after an error or Ctrl-C, what has begun ends, and nothing else begins
            pool.shutdown(cancel_futures=True)


def prepare(experiment: Experiment, mbpp: Path) -> None:
    """Make the dataset, fine-tune, and choose the problems. Raises InputError or CommandError."""
    rows = experiment.out / "rows.jsonl"
    if not rows.is_file():
        print(write_rows(mbpp, rows), flush=True)
    experiment.run("build", rows, "--out", experiment.build, log="build")
    sft = [f"data.path={experiment.build}", f"model.name={experiment.model}", "model.dtype=float32", "method=sft"]
    evaluation = ["data.eval_split=test", "data.eval_limit=8", f"rollout.max_tokens={LONGEST}"]
    experiment.train("sft", *sft, *evaluation, *SFT_SETTINGS, threads=experiment.cores)
    if (experiment.chosen / "manifest.json").is_file():
        return
    fine_tuned = experiment.out / "runs" / "sft" / "model"
    rated = ("--sample", str(RATED))
    results = experiment.samples("rate", fine_tuned, experiment.build, "train", 16, *rated, threads=experiment.cores)
    experiment.run("difficulty", experiment.build, "--results", f"sft={results}", log="difficulty")
    experiment.run(
        "difficulty", experiment.build, "--keep", SOLVE_RATE, "--out", experiment.chosen, log="difficulty-keep"
    )


def train_methods(experiment: Experiment) -> None:
    """Train by every method. Raises CommandError."""
    common = [
        f"model.name={experiment.out / 'runs' / 'sft' / 'model'}",
        "model.gradient_checkpointing=false",
        f"data.path={experiment.chosen}",
        f"data.limit={CHOSEN}",
        "data.eval_split=train",
        f"data.eval_limit={CHOSEN}",
        "evaluation.every=0",
        "save_every=5",
        f"ppo.steps={experiment.steps}",
        *RL_SETTINGS,
    ]

    def work(method: str) -> Callable[[int], None]:
        return lambda threads: experiment.train(method, f"method={method}", *common, threads=threads)

    experiment.work_through([work(method) for method in METHODS])


def score_models(experiment: Experiment) -> dict[str, dict[str, list[SampleResult]]]:
    """Sample from every model; return its results on the chosen problems and on those held out. Raises CommandError."""
    models = ["sft", *METHODS]
    found: dict[str, dict[str, list[SampleResult]]] = {name: {} for name in models}

    def work(name: str, part: str) -> Callable[[int], None]:
        def sample(threads: int) -> None:
            model = experiment.out / "runs" / name / "model"
            if part == "chosen":
                data, split, n, more = experiment.chosen, "train", 16, ("--limit", str(CHOSEN))
            else:
                data, split, n, more = experiment.build, "test", 4, ("--sample", str(HELD_OUT))
            results = experiment.samples(f"{part}-{name}", model, data, split, n, *more, threads=threads)
            found[name][part] = read_results(results)

        return sample

    experiment.work_through([work(name, part) for name in models for part in ("chosen", "held out")])
    return found


def table(found: dict[str, dict[str, list[SampleResult]]]) -> str:
    """Return pass@1 of each model and its difference to the fine-tuned one, as a Markdown table."""
    lines = [
        "| model | chosen problems, pass@1 | less sft | problems held out, pass@1 | less sft |",
        "| :-- | --: | :-- | --: | :-- |",
    ]
    for name, parts in found.items():
        cells = []
        for part in ("chosen", "held out"):
            compared = compare(found["sft"][part], parts[part])
            cells.append(_percent(compared.overall.b))
            cells.append("" if name == "sft" else f"{_points(compared.overall.b_minus_a)}; {compared.conclusion}")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def _percent(estimate: Any) -> str:
    return f"{100 * estimate.value:.1f} [{100 * estimate.low:.1f}, {100 * estimate.high:.1f}]"


def _points(estimate: Any) -> str:
    return f"{100 * estimate.value:+.1f} [{100 * estimate.low:+.1f}, {100 * estimate.high:+.1f}]"


def main() -> None:
    """Run the comparison; print the table and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, required=True, help="folder of the model: make real-model")
    parser.add_argument("--mbpp", type=Path, required=True, help="mbpp.jsonl of Austin et al.")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=16, help="of 4 problems x 8 roll-outs")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="methods trained at the same time")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    experiment = Experiment(given.out.resolve(), given.model.resolve(), given.steps, given.seed, given.jobs)
    try:
        prepare(experiment, given.mbpp)
        train_methods(experiment)
        found = score_models(experiment)
    except (InputError, CommandError) as error:
        raise SystemExit(f"real_training: {error}") from None
    except KeyboardInterrupt:
        print("real_training: stopped; the same command resumes", file=sys.stderr)
        raise SystemExit(130) from None
    runs = [experiment.out / "runs" / method for method in METHODS]
    shown = [part for metric in ("pass_rate", "reward", "kl") for part in ("--metric", metric)]
    experiment.run("train", "plot", *runs, "--out", experiment.out / "curves.png", "--smooth", "4", *shown, log="plot")
    written = table(found)
    (experiment.out / "table.md").write_text(written, encoding="utf-8")
    rollouts = {run.name: json.loads((run / "summary.json").read_text(encoding="utf-8"))["rollouts"] for run in runs}
    (experiment.out / "rollouts.json").write_text(json.dumps(rollouts, indent=2) + "\n", encoding="utf-8")
    print(f"{written}\n{experiment.out}: table.md, curves.png, rollouts.json")


if __name__ == "__main__":
    main()
