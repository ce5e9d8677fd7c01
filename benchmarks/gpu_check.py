"""Check training and generation on one CUDA device: one line a check, meant to take under eight minutes.

    make gpu-check
    python -m benchmarks.gpu_check --json gpu.json
    python -m benchmarks.gpu_check --device cpu --small    # try the checks themselves, where there is no GPU

1. *bf16 step*: training steps of a model of random weights, every weight and with LoRA; the peak memory beside the
   forecast of ``apps-plus train --dry-run``.
2. *base model*: supervised fine-tuning of a model that the check makes, on generated programs.
3. *generation*: continuous batching beside transformers' ``generate``: the same greedy text in float32, and the tokens
   a second of both in the device's usual type.
4. *masks*: the advantages of tokens that no test executed change no gradient.
5. *resumption*: a LoRA run that stopped and was resumed has the weights of the unbroken run.
6. *nested*: StepCoder on generated tasks that need both of its parts, at a size that a CPU cannot do.

Nothing is downloaded. The exit code is 0 if all is well, 1 if a check failed, 2 if there is no such device.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from stepcoder.run_log import LogRow, NoLog

CUBLAS = "CUBLAS_WORKSPACE_CONFIG"
"""Without this variable cuBLAS may give other sums from run to run."""
NEAR = 0.10
"""The most that the forecast of memory may differ from what is measured, as a share of that."""
SAME_TEXT = 0.95
"""The least share of prompts with the same greedy text: where two tokens are equally likely but for the last bit, the
size of the batch decides."""
SAME_WEIGHTS = 1e-3
"""The most that a resumed run's weights may differ from the unbroken run's, as a share of what training changed."""
SAME_GRADIENT = 1e-5
"""The most that masked tokens may change the gradient, as a share of its norm: sums have another order."""


@dataclass(frozen=True, slots=True)
class Size:
    """Sizes of the models, batches and runs of the checks."""

    shape: dict[str, int]
    """Arguments of ``LlamaConfig`` for the steps whose memory is measured."""
    prompt: int
    response: int
    """Tokens of the prompts and responses of those steps."""
    toy: dict[str, int]
    """Arguments of ``make_toy_model`` for the other checks."""
    base_epochs: float
    problems: int
    samples: int
    steps: int
    """Of the run of *nested*."""
    prompts: int
    new_tokens: int
    """Of the generation."""


LARGE = Size(
    shape={
        "vocab_size": 32256,
        "hidden_size": 2048,
        "intermediate_size": 5504,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
    },
    prompt=512,
    response=256,
    toy={"layers": 8, "width": 512, "heads": 8},
    base_epochs=1.0,
    problems=4,
    samples=64,
    steps=40,
    prompts=128,
    new_tokens=96,
)
"""A step of 1.3 billion weights takes about 50 GiB with every weight, and StepCoder's run trains 27 million."""
MIDDLE = replace(
    LARGE,
    shape={**LARGE.shape, "hidden_size": 1024, "intermediate_size": 2752, "num_hidden_layers": 12},
    prompt=256,
    response=128,
)
"""For devices with less than 80 GiB."""
SMALL = Size(
    shape={
        "vocab_size": 512,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
    },
    prompt=16,
    response=8,
    toy={"layers": 1, "width": 32, "heads": 2},
    base_epochs=1.0,
    problems=1,
    samples=4,
    steps=3,
    prompts=4,
    new_tokens=8,
)
LARGE_BYTES = 80 * 2**30


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check."""

    name: str
    figure: str
    """The measured numbers, in words."""
    ok: bool
    seconds: float
    values: dict[str, Any]
    """The numbers of the figure."""

    def line(self) -> str:
        """Return the line that is printed."""
        return f"{'ok    ' if self.ok else 'NOT OK'}  {self.name}: {self.figure} ({self.seconds:.0f} s)"


Found = tuple[str, bool, dict[str, Any]]
"""The figure of a check in words, True if it passed, and its numbers."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Device, sizes and scratch folder of the checks."""

    device: Any
    size: Size
    folder: Path

    @property
    def on_cuda(self) -> bool:
        """True on a CUDA device."""
        return bool(self.device.type == "cuda")

    @property
    def base(self) -> Path:
        """The folder of the model that the checks 3 to 6 begin with."""
        return self.folder / "base"

    def config(self, **model: Any) -> Any:
        """Return the settings of a run from the base model on *nested*."""
        from stepcoder.config_files import load_config

        config = load_config("tiny", ["ppo.lr=3e-5", "ppo.critic_lr=2e-4", "ppo.warmup_steps=4", "sft.lr=1e-3"])
        size, per_step = self.size, self.size.problems * self.size.samples
        held: dict[str, Any] = {"name": str(self.base), "device": "cuda" if self.on_cuda else "cpu", **model}
        return replace(
            config,
            model=replace(config.model, **held),
            data=replace(config.data, limit=size.problems),
            rollout=replace(config.rollout, problems=size.problems, samples=size.samples, batch_size=per_step),
            ppo=replace(config.ppo, steps=size.steps, micro_batch=min(64, per_step)),
            sft=replace(config.sft, epochs=size.base_epochs),
            evaluation=replace(config.evaluation, every=0),
        )

    def tasks(self) -> list[Any]:
        """Make the problems."""
        from stepcoder.toys.tasks import make_tasks

        return list(make_tasks("nested", self.size.problems, 0))


# ---- 1. training steps in bfloat16, and their memory


def check_step(bench: Bench, lora_rank: int) -> Found:
    """Do training steps of a model of random weights in bfloat16."""
    from transformers import AutoConfig

    from benchmarks.training_memory import measure_peaks
    from stepcoder.config import DataConfig, ModelConfig, PPOConfig, RolloutConfig, TrainConfig
    from stepcoder.memory_estimate import estimate, format_bytes

    folder = bench.folder / "shape"
    if not folder.is_dir():
        save_shape(folder, bench)
    size = bench.size
    config = TrainConfig(
        method="ppo",
        model=ModelConfig(name=str(folder), dtype="bfloat16", lora_rank=lora_rank),
        data=DataConfig(path="toy:nested", max_prompt_tokens=size.prompt),
        rollout=RolloutConfig(problems=4, samples=4, max_tokens=size.response, batch_size=16),
        ppo=PPOConfig(micro_batch=8, lr=1e-5, critic_lr=1e-5),
    )
    peaks = measure_peaks(config, bench.device)
    told = estimate(AutoConfig.from_pretrained(folder), config)
    ratio = told.peak / peaks.peak if peaks.peak > 0 else float("inf")
    norms = {name: peaks.diagnostics[name] for name in ("grad_norm", "critic_grad_norm")}
    finite = all(0 < norm < float("inf") for norm in norms.values())
    near = abs(ratio - 1) <= NEAR
    figure = (
        f"peak {format_bytes(peaks.peak)}, forecast {format_bytes(told.peak)} ({ratio:.2f} of it"
        f"{'' if bench.on_cuda else ', which is not judged on the CPU'}), gradients "
        f"{', '.join(f'{norm:.3g}' for norm in norms.values())}"
    )
    measured = {name: getattr(peaks, name) for name in ("held", "generating", "updating")}
    forecast = {name: getattr(told, name) for name in measured}
    return figure, finite and (near or not bench.on_cuda), {"measured": measured, "forecast": forecast, **norms}


def save_shape(folder: Path, bench: Bench) -> None:
    """Write a model of random weights in the shape of ``Size``, and a tokenizer, of which only its end is used."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM
    from transformers.utils import logging

    from stepcoder.toys.tiny_model import make_tokenizer

    logging.disable_progress_bar()
    config = LlamaConfig(**bench.size.shape, max_position_embeddings=4096, tie_word_embeddings=False, eos_token_id=1)
    torch.manual_seed(0)
    with torch.device(bench.device):
        model = LlamaForCausalLM(config).to(torch.bfloat16)
    model.save_pretrained(folder)
    make_tokenizer(["def f(x):\n    return x\n"]).save_pretrained(folder)


# ---- 2. the base model


def check_base(bench: Bench) -> Found:
    """Fine-tune the model from which the other checks begin."""
    from stepcoder.interrupt import Interrupt
    from stepcoder.processes import Processes
    from stepcoder.toys.base_model import make_base

    rows = Rows()
    config = bench.config(name="toy")
    alone = Processes(bench.device)
    make_base(config, bench.tasks(), bench.base, alone, lambda line: None, rows, Interrupt(), bench.size.toy)
    losses = [row["loss"] for row in rows.rows.values()]
    first, last = losses[0], fmean(losses[-3:])
    figure = f"{len(losses)} steps, loss {first:.2f} to {last:.2f}"
    return figure, last < first, {"steps": len(losses), "first loss": first, "last loss": last}


def device_dtype(bench: Bench) -> str:
    """Return the type of forward passes that training on the device would use."""
    return "bfloat16" if bench.on_cuda else "float32"


# ---- 3. generation


def check_generation(bench: Bench) -> Found:
    """Continue prompts of mixed length, beside transformers' ``generate``."""
    from benchmarks.generation import ours, theirs
    from harness.generation.backend import Request, Sampling
    from harness.generation.transformers_backend import HFBackend

    count = bench.size.prompts
    tasks = bench.tasks()
    requests = []
    for number in range(count):
        task = tasks[number % len(tasks)]
        given = task.solution[: len(task.solution) * number // count]
        requests.append(Request(f"{task.task_id}/{number}", 0, task.prompt + given, seed=0))
    sampling = Sampling(temperature=0.0, max_tokens=bench.size.new_tokens)
    same: dict[str, int] = {}
    speeds: dict[str, tuple[float, float]] = {}
    for dtype in ("float32", "bfloat16"):
        backend = HFBackend(str(bench.base), device=str(bench.device), dtype=dtype, batch_size=max(2, count // 4))
        ours(backend, requests[:2], sampling)  # warm up
        began = time.perf_counter()
        texts, tokens = ours(backend, requests, sampling)
        between = time.perf_counter()
        other_texts, other_tokens = theirs(backend, requests, sampling, by_length=False)
        ended = time.perf_counter()  # the tokens are on the CPU: the device has finished
        speeds[dtype] = tokens / (between - began), other_tokens / (ended - between)
        same[dtype] = sum(texts[request.task_id] == other_texts[request.task_id] for request in requests)
    usual = device_dtype(bench)
    speed, other = speeds[usual]
    figure = (
        f"same greedy text for {same['float32']} of {count} prompts in float32; {speed:,.0f} tokens/s in {usual}, "
        f"transformers {other:,.0f} ({speed / other:.2f} times)"
    )
    return figure, same["float32"] >= SAME_TEXT * count, {"same text": same, "of": count, "tokens a second": speeds}


# ---- 4. masks


def check_masks(bench: Bench) -> Found:
    """Change the advantages of masked tokens a hundredfold; the policy's gradient must stay."""
    import torch

    from stepcoder.batch import make_batch
    from stepcoder.curriculum import full_generation
    from stepcoder.environment import reward_and_mask, wait_for_verdicts
    from stepcoder.experience import generate_and_judge, requests_for
    from stepcoder.judging import Judge
    from stepcoder.methods import METHODS
    from stepcoder.models import load_models
    from stepcoder.ppo import Counts, policy_objective, policy_pass
    from stepcoder.rollouts import RolloutSampling

    config = bench.config()
    models = load_models(config.model, replace(config.ppo, critic="shared"), bench.device)
    tasks = bench.tasks()
    curriculum = full_generation([task.task_id for task in tasks])
    requests = requests_for(tasks, curriculum, models.tokenizer, config.rollout.samples, 0, chat=False)
    with Judge(config.rollout.workers) as judge:
        pending = generate_and_judge(
            models, requests, RolloutSampling.of(config.rollout), config.rollout.batch_size, judge, chat=False
        )
        judged = wait_for_verdicts(pending, judge)
    rewarded = reward_and_mask(judged, METHODS["stepcoder"], models.tokenizer, 0)
    batch = make_batch([one.rollout for one in rewarded], bench.device, config.rollout.temperature)
    batch = batch.with_rewards(rewarded)
    share = float((batch.response_mask * (1 - batch.loss_mask)).sum() / batch.response_mask.sum())
    if not share:  # a small model may write nothing that compiles, and all tokens of such programs count
        even = torch.arange(batch.ids.shape[1], device=bench.device) % 2
        batch = replace(batch, loss_mask=batch.response_mask * even)
    generator = torch.Generator().manual_seed(0)
    noise = torch.randn(batch.ids.shape, generator=generator).to(bench.device) * batch.response_mask
    masked = batch.response_mask * (1 - batch.loss_mask)
    counts = Counts(batch.loss_mask.sum(), batch.response_mask.sum(), torch.tensor(float(len(batch))))

    def gradient(advantages: Any) -> Any:
        models.policy.zero_grad()
        with models.learning():
            for number in range(0, len(batch), config.ppo.micro_batch):
                part = replace(batch, advantages=advantages)[number : number + config.ppo.micro_batch].trimmed()
                logprobs, _, _ = policy_pass(models, part)
                loss, _ = policy_objective(logprobs, part, config.ppo, counts)
                loss.backward()
        return torch.cat([one.grad.flatten() for one in models.policy.parameters() if one.grad is not None])

    usual, changed = gradient(noise), gradient(noise * (1 + 99 * masked))
    unmasked = gradient(noise * (1 + 99 * batch.loss_mask))
    norm = float(usual.norm())
    moved, control = float((changed - usual).norm()) / norm, float((unmasked - usual).norm()) / norm
    by_tests, share = share, float(masked.sum() / batch.response_mask.sum())
    errors = sum(not one.usable for one in rewarded)
    figure = (
        f"{share:.0%} of {int(batch.response_mask.sum()):,} tokens masked ({by_tests:.0%} by the tests); a hundredfold "
        f"advantage there changes the gradient by {moved:.1e} of its norm, elsewhere by {control:.3g}"
    )
    ok = moved <= SAME_GRADIENT < control and norm > 0 and share > 0 and not errors
    return (
        figure,
        ok,
        {
            "masked": share,
            "masked by tests": by_tests,
            "changed by": moved,
            "control": control,
            "harness errors": errors,
        },
    )


# ---- 5. resumption


def check_resumption(bench: Bench) -> Found:
    """Train with LoRA for four steps; then two, and two more after resuming."""
    import torch
    from safetensors.torch import load_file

    config = bench.config(lora_rank=8)
    config = replace(config, ppo=replace(config.ppo, steps=4, lr=1e-3))
    stopped = replace(config, ppo=replace(config.ppo, steps=2))
    with repeatable(torch):
        run_training(config, bench.folder / "whole")
        run_training(stopped, bench.folder / "parts")
        run_training(config, bench.folder / "parts", resume=True)
    folders = (bench.base, bench.folder / "whole" / "model", bench.folder / "parts" / "model")
    before, whole, parts = (load_file(folder / "model.safetensors") for folder in folders)
    change = sum(float((whole[name] - before[name]).double().pow(2).sum()) for name in before) ** 0.5
    apart = sum(float((whole[name] - parts[name]).double().pow(2).sum()) for name in before) ** 0.5
    share = apart / change if change else float("inf")
    figure = (
        "the weights of the resumed run are those of the unbroken one"
        if apart == 0
        else f"the resumed run's weights differ from the unbroken one's by {share:.1e} of what training changed"
    )
    return figure, share <= SAME_WEIGHTS, {"changed": change, "apart": apart}


@contextmanager
def repeatable(torch: Any) -> Iterator[None]:
    """Ask torch for kernels that give the same sums each time, where it has them."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


# ---- 6. a run


def check_nested(bench: Bench) -> Found:
    """Train with StepCoder on *nested*; nothing may fail, and the curriculum must advance.

    The small model of a CPU is no better than its few steps: whether it advances is not judged.
    """
    config = bench.config(dtype=device_dtype(bench))
    began = time.perf_counter()
    rows = list(run_training(config, bench.folder / "nested").rows.values())
    seconds = time.perf_counter() - began
    steps = [row for row in rows if "prefix_share" in row]
    score = next(row["eval/pass@1"] for row in reversed(rows) if "eval/pass@1" in row)
    errors = int(sum(row["harness_errors"] for row in steps))
    first, last = steps[0], steps[-1]
    advanced = last["prefix_share"] < first["prefix_share"]
    finite = all(abs(row["kl"]) < float("inf") and row["grad_norm"] < float("inf") for row in steps)
    figure = (
        f"{len(steps)} steps of {int(first['rollouts'])} roll-outs, {seconds / len(steps):.1f} s each; prefixes from "
        f"{first['prefix_share']:.0%} of the solutions to {last['prefix_share']:.0%}, greedy pass@1 {score:.2f}, "
        f"{errors} errors of the sandbox"
    )
    values = {"steps": len(steps), "seconds": seconds, "pass@1": score, "rows": steps}
    return figure, (advanced or not bench.on_cuda) and finite and not errors, values


def run_training(config: Any, out: Path, *, resume: bool = False) -> Rows:
    """Train; return the rows of the log."""
    from stepcoder.train import train

    rows = Rows()
    train(config, out, resume=resume, say=lambda line: None, log=rows)
    return rows


class Rows(NoLog):
    """Keeps the rows of a log by step."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[str, Any]] = {}

    def write(self, step: int, row: LogRow) -> None:
        """Add numbers to the row of a step."""
        self.rows.setdefault(step, {}).update(row)


# ---- all


def checks(bench: Bench) -> Iterator[tuple[str, Callable[[], Found]]]:
    """Yield the checks with their names, in order."""
    yield "bf16 step, every weight", lambda: check_step(bench, 0)
    yield "bf16 step, LoRA", lambda: check_step(bench, 16)
    yield "base model", lambda: check_base(bench)
    yield "generation", lambda: check_generation(bench)
    yield "masks", lambda: check_masks(bench)
    yield "resumption", lambda: check_resumption(bench)
    yield "nested", lambda: check_nested(bench)


def run_checks(bench: Bench, only: Sequence[str] = ()) -> Iterator[Check]:
    """Run the checks one after the other; one that raises is not ok."""
    import gc

    import torch

    for name, work in checks(bench):
        if only and name not in only and name != "base model":  # the others begin with it
            continue
        print(f"...     {name}", file=sys.stderr, flush=True)
        began = time.perf_counter()
        try:
            figure, ok, values = work()
        except Exception as error:  # whatever is wrong with the device, the other checks run
            lines = str(error).splitlines() or [""]
            figure, ok, values = f"{type(error).__name__}: {lines[0]}"[:300], False, {}
        yield Check(name, figure, ok, time.perf_counter() - began, values)
        gc.collect()
        if bench.on_cuda:
            torch.cuda.empty_cache()


def describe_device(device: Any) -> dict[str, Any]:
    """Return the names and versions that figures depend on."""
    import platform

    import torch
    import transformers

    found = {"torch": torch.__version__, "transformers": transformers.__version__, "python": platform.python_version()}
    if device.type != "cuda":
        return {"device": "CPU", **found}
    properties = torch.cuda.get_device_properties(device)
    return {"device": properties.name, "bytes": properties.total_memory, "cuda": torch.version.cuda, **found}


def main(words: Sequence[str] | None = None) -> int:
    """Run the checks; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--small", action="store_true", help="tiny models and few steps: tries the checks themselves")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this check; repeatable")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all numbers there")
    given = parser.parse_args(words)
    os.environ.setdefault(CUBLAS, ":4096:8")  # read when CUDA starts
    import torch

    if given.device == "cuda" and not torch.cuda.is_available():
        print(
            f"gpu_check: torch {torch.__version__} sees no CUDA device: nothing was checked. "
            "--device cpu --small tries the checks themselves",
            file=sys.stderr,
        )
        return 2
    device = torch.device(given.device)
    machine = describe_device(device)
    size = SMALL if given.small else LARGE if machine.get("bytes", 0) >= LARGE_BYTES else MIDDLE
    print(f"gpu_check: {', '.join(f'{name} {value}' for name, value in machine.items())}", file=sys.stderr)
    folder = Path(tempfile.mkdtemp(prefix="gpu-check-"))
    began, found = time.perf_counter(), []
    try:
        for check in run_checks(Bench(device, size, folder), given.only):
            print(check.line(), flush=True)
            found.append(check)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    failed = sum(not check.ok for check in found)
    seconds = time.perf_counter() - began
    print(f"{len(found) - failed} of {len(found)} checks are ok, in {seconds / 60:.1f} min")
    if given.json:
        report = {"machine": machine, "seconds": seconds, "checks": [asdict(check) for check in found]}
        given.json.write_text(json.dumps(report, indent=2) + "\n")
    return 1 if failed or not found else 0


if __name__ == "__main__":
    sys.exit(main())
