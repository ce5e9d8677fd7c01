"""Measure the peak memory of training steps beside the forecast of ``apps-plus train CONFIG --dry-run``.

    make real-model
    python -m benchmarks.training_memory --model real-model              # full and LoRA, float32, on the CPU
    python -m benchmarks.training_memory --model real-model --device cuda --dtype bfloat16

Each case is a process of its own: it loads the models, then does two steps (the first makes AdamW's moments) of 4
problems x 2 roll-outs x 64 tokens after prompts of 192: tokens are drawn, scored, and learnt from. Prompts and
responses have the lengths that the forecast assumes: all as long as the limits allow.

On a GPU the peak is ``torch.cuda.max_memory_allocated``. On the CPU it is the most resident memory of the process less
that before the models were loaded, with the libraries imported; the C library is set to give freed memory back at once,
which it does not by default (``MALLOC_MMAP_THRESHOLD_``), so that the figure is what the step holds.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from benchmarks.process_memory import field_bytes
from stepcoder.config import DataConfig, ModelConfig, PPOConfig, RolloutConfig, TrainConfig
from stepcoder.memory_estimate import estimate, format_bytes

PROMPT, RESPONSE, PROBLEMS, SAMPLES = 192, 64, 4, 2
GIVES_BACK = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"}
WORDS = (10, 400)
"""The tokens of prompts are drawn from this range."""


@dataclass(frozen=True, slots=True)
class Peaks:
    """The most bytes that were held beyond what the process held before its models were loaded."""

    held: int
    """After the first step, between generation and update."""
    generating: int
    updating: int
    diagnostics: dict[str, float]
    """Of the last update."""

    @property
    def peak(self) -> int:
        """The larger of the two."""
        return max(self.generating, self.updating)


class MemoryMeter:
    """Measures the memory of this process, or what its tensors hold on a GPU."""

    def __init__(self, device: Any) -> None:
        import torch

        self._cuda = torch.cuda if device.type == "cuda" else None
        self._before = self.now()

    def now(self) -> int:
        """Return the bytes that are held."""
        return int(self._cuda.memory_allocated()) if self._cuda else field_bytes(Path("/proc/self/status"), "VmRSS")

    def held(self) -> int:
        """Return the bytes that are held beyond those before."""
        return self.now() - self._before

    def reset(self) -> None:
        """Forget the peak."""
        if self._cuda:
            self._cuda.reset_peak_memory_stats()
        else:
            Path("/proc/self/clear_refs").write_text("5")

    def peak(self) -> int:
        """Return the most bytes beyond those before, since ``reset``."""
        most = self._cuda.max_memory_allocated() if self._cuda else field_bytes(Path("/proc/self/status"), "VmHWM")
        return int(most) - self._before


def import_libraries() -> None:
    """Import what loading and training a model imports, by a backward pass of a tiny one with adapters: some 150 MiB.

    They are no part of what a step holds, but the resident memory of a process counts them.
    """
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    tiny = LlamaConfig(
        vocab_size=64,
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        num_key_value_heads=1,
    )
    lora = LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(LlamaForCausalLM(tiny), lora)
    model(input_ids=torch.zeros((1, 8), dtype=torch.long)).logits.sum().backward()


def measure_peaks(config: TrainConfig, device: Any) -> Peaks:
    """Do two steps with the settings' models, lengths and batches; return the peaks of the second.

    Raises:
        InputError: The model cannot be loaded.
        WorkError: A gradient is not finite.
    """
    import torch

    from harness.generation.continuous_batching import decode
    from harness.generation.nucleus import NucleusSampler, torch_stream
    from stepcoder.batch import make_batch
    from stepcoder.models import load_models, trainable
    from stepcoder.optimizers import adamw
    from stepcoder.ppo import advantages_and_returns, score, update
    from stepcoder.processes import Processes
    from stepcoder.records import Rollout

    import_libraries()
    meter = MemoryMeter(device)
    torch.manual_seed(0)
    ppo, rollout = config.update, config.rollout
    models = load_models(config.model, ppo, device)
    optimizers = {"policy": adamw(trainable(models.policy), ppo.lr, ppo.weight_decay, ppo.adam_beta2)}
    if models.critic is not None:
        optimizers["critic"] = adamw(trainable(models.critic), ppo.critic_lr, ppo.weight_decay, ppo.adam_beta2)
    length = config.data.max_prompt_tokens
    groups = [tuple(torch.randint(*WORDS, (length,)).tolist()) for _ in range(rollout.problems)]
    prompts = [prompt for prompt in groups for _ in range(rollout.samples)]
    peaks = Peaks(0, 0, 0, {})
    for _step in range(2):
        held = meter.held()
        meter.reset()
        written: dict[int, tuple[list[int], list[float]]] = {}
        streams = [torch_stream(number, rollout.max_tokens) for number in range(len(prompts))]
        sampler = NucleusSampler(streams, [rollout.max_tokens] * len(prompts), rollout.temperature, rollout.top_p)
        with models.forward_dtype():
            decode(
                models.policy,
                prompts,
                sampler,
                set(),
                rollout.batch_size,
                lambda row, tokens, logprobs: written.update({row: (tokens, logprobs)}),  # noqa: B023
                logprobs=True,
            )
        generating = meter.peak()
        meter.reset()
        rollouts = [
            Rollout(
                task=None,  # type: ignore[arg-type]
                stage=1,
                prefix="",
                prompt_ids=prompts[row],
                response_ids=tuple(tokens),
                logprobs=tuple(logprobs),
                completion="",
                finished=False,
                group=row // rollout.samples,
            )
            for row, (tokens, logprobs) in sorted(written.items())
        ]
        batch = make_batch(rollouts, device, rollout.temperature, rollout.max_tokens)
        ends = batch.attention_mask.sum(-1) - 1
        batch.scores[torch.arange(len(batch), device=device), ends] = torch.randn(len(batch)).to(device)
        score(models, batch, ppo.micro_batch)
        advantages_and_returns(batch, ppo, Processes(device))
        found = update(models, optimizers, batch, ppo, Processes(device), seed=0)
        peaks = Peaks(held, generating, meter.peak(), found)
    return peaks


def forecast(config: TrainConfig) -> dict[str, int]:
    """Return the forecast in the words of ``Peaks``."""
    from transformers import AutoConfig

    found = estimate(AutoConfig.from_pretrained(config.model.name), config)
    return {"held": found.held, "generating": found.generating, "updating": found.updating, "peak": found.peak}


def settings(
    model: str,
    *,
    lora: bool,
    dtype: Literal["float32", "bfloat16"],
    checkpointing: bool,
    critic: Literal["own", "shared"],
    prompt: int,
    response: int,
) -> TrainConfig:
    """Return the settings of a case."""
    return TrainConfig(
        method="ppo",
        model=ModelConfig(name=model, dtype=dtype, lora_rank=16 if lora else 0, gradient_checkpointing=checkpointing),
        data=DataConfig(path="toy:nested", max_prompt_tokens=prompt),
        rollout=RolloutConfig(problems=PROBLEMS, samples=SAMPLES, max_tokens=response, batch_size=PROBLEMS * SAMPLES),
        ppo=PPOConfig(micro_batch=PROBLEMS * SAMPLES, critic=critic, lr=1e-6, critic_lr=1e-6),
    )


def run_child(arguments: Sequence[str]) -> dict[str, int]:
    """Measure one case in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.training_memory", "--child", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | GIVES_BACK,
    )
    if done.returncode:
        raise SystemExit(f"training_memory: {(done.stderr.strip() or 'no message').splitlines()[-1]}")
    found: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    """Measure the cases, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a folder, such as that of `make real-model`")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--dtype", choices=("float32", "bfloat16"), default="float32")
    parser.add_argument("--case", action="append", choices=("full", "lora"), help="default: both")
    parser.add_argument("--critic", choices=("own", "shared"), default="own")
    parser.add_argument("--checkpointing", action="store_true")
    parser.add_argument("--prompt", type=int, default=PROMPT, help="tokens of every prompt")
    parser.add_argument("--response", type=int, default=RESPONSE, help="tokens of every response")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    rows: list[tuple[str, dict[str, int], dict[str, int]]] = []
    for case in given.case or ("full", "lora"):
        config = settings(
            given.model,
            lora=case == "lora",
            dtype=given.dtype,
            checkpointing=given.checkpointing,
            critic=given.critic,
            prompt=given.prompt,
            response=given.response,
        )
        if given.child:
            import torch

            torch.set_num_threads(1)
            config = replace(config, model=replace(config.model, device="cuda" if given.device != "cpu" else "cpu"))
            peaks = measure_peaks(config, torch.device(given.device))
            print(json.dumps({name: getattr(peaks, name) for name in ("held", "generating", "updating", "peak")}))
            return
        options = ["--model", given.model, "--device", given.device, "--dtype", given.dtype, "--case", case]
        options += ["--critic", given.critic, "--prompt", str(given.prompt), "--response", str(given.response)]
        options += ["--checkpointing"] if given.checkpointing else []
        rows.append((case, run_child(options), forecast(config)))
    print("| case | phase | measured | forecast | forecast / measured |")
    print("| :-- | :-- | --: | --: | --: |")
    for case, measured, told in rows:
        for name, count in measured.items():
            counts = f"{format_bytes(count)} | {format_bytes(told[name])} | {told[name] / count:.2f}"
            print(f"| {case} | {name} | {counts} |")
    if given.json:
        report = [dict(zip(("case", "measured", "forecast"), row, strict=True)) for row in rows]
        given.json.write_text(json.dumps({"settings": vars(given) | {"json": None}, "rows": report}, indent=2) + "\n")


if __name__ == "__main__":
    main()
