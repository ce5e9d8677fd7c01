"""Measure ``generate --backend hf`` beside transformers' ``generate``: tokens a processor-second, and the same text.

    make real-model
    python -m benchmarks.generation --model real-model            # about half an hour on one core
    python -m benchmarks.generation --model real-model --prompts 16 --max-tokens 64 --rounds 1

The prompts are HumanEval's, spread over all its lengths, in the model's chat template if it has one. Decoding is
greedy. All contenders continue the same tokens with the same model, on the same threads, up to the same end tokens and
limit:

- *apps-plus*: ``HFBackend.run``, with tokenization and the text of each answer.
- *transformers*: ``generate`` on batches in the order of the problems.
- *transformers, by length*: ``generate`` on batches of prompts of similar length.

A token counts up to the end of its own answer. Figures are medians over rounds, in which the order rotates; ratios are
taken within a round. Text may differ where two words are equally likely but for the last bit, which the size of a batch
and its padding change: the table counts such answers, between the two runs of transformers too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import torch

from apps_plus.errors import AppsPlusError
from benchmarks.sandbox import machine, print_progress
from harness.generation.backend import Answer, Request, Sampling
from harness.generation.decoding import left_pad, to_rows
from harness.generation.tokenization import continuation
from harness.generation.transformers_backend import HFBackend, context_length, end_tokens
from harness.scoring.benchmarks.load import load_benchmark

OURS, THEIRS, SORTED = "apps-plus", "transformers", "transformers, by length"


@dataclass(frozen=True, slots=True)
class Result:
    """One contender's answers to all prompts, and what they cost."""

    texts: tuple[str, ...]
    tokens: int
    processor_seconds: float
    seconds: float

    @property
    def speed(self) -> float:
        """Tokens a processor-second."""
        return self.tokens / self.processor_seconds


def requests_of(backend: HFBackend, count: int) -> list[Request]:
    """Return requests for ``count`` of HumanEval's problems, evenly spread over the lengths of their prompts."""
    problems = sorted(load_benchmark("humaneval").problems, key=lambda problem: len(problem.prompt))
    chosen = {problems[place * len(problems) // count].task_id for place in range(count)}
    found = []
    for problem in load_benchmark("humaneval").problems:
        if problem.task_id in chosen:
            text = f"Complete this function.\n\n```python\n{problem.prompt}```"
            prompt = [{"role": "user", "content": text}] if backend.is_chat() else problem.prompt
            found.append(Request(problem.task_id, 0, prompt, seed=0))
    return found


def timed(work: Callable[[], tuple[dict[str, str], int]], requests: Sequence[Request]) -> Result:
    """Run a contender; count the processor time of all threads of this process."""
    began, processor = time.perf_counter(), time.process_time()
    texts, tokens = work()
    processor, wall = time.process_time() - processor, time.perf_counter() - began
    return Result(tuple(texts[request.task_id] for request in requests), tokens, processor, wall)


def ours(backend: HFBackend, requests: Sequence[Request], sampling: Sampling) -> tuple[dict[str, str], int]:
    """Return the texts of ``generate --backend hf``, and the tokens of the answers and of their ends."""
    answers: dict[str, Answer] = {}
    backend.run(requests, sampling, lambda answered, _: answers.update({r.task_id: a for r, a in answered}))
    tokens = sum((answer.tokens or 0) + (answer.finish_reason == "stop") for answer in answers.values())
    return {task_id: answer.text for task_id, answer in answers.items()}, tokens


def theirs(
    backend: HFBackend, requests: Sequence[Request], sampling: Sampling, by_length: bool
) -> tuple[dict[str, str], int]:
    """Return the texts of transformers' ``generate``, and the tokens of the answers and of their ends."""
    model, tokenizer = backend.model, backend.tokenizer
    rows, _ = to_rows(requests, sampling, backend.model_name, tokenizer, context_length(model))
    if by_length:
        rows.sort(key=lambda row: -len(row.ids))
    ends = end_tokens(model, tokenizer)
    texts, tokens = {}, 0
    for start in range(0, len(rows), backend.batch_size):
        batch = rows[start : start + backend.batch_size]
        ids, mask = left_pad([row.ids for row in batch], tokenizer.pad_token_id, model.device)
        with torch.inference_mode():
            written = model.generate(
                input_ids=ids,
                attention_mask=mask,
                do_sample=False,
                max_new_tokens=sampling.max_tokens,
                eos_token_id=sorted(ends),
                pad_token_id=tokenizer.pad_token_id,
            )
        for row, new in zip(batch, written[:, ids.shape[1] :].tolist(), strict=True):
            length = next((at for at, token in enumerate(new) if token in ends), len(new))
            texts[row.request.task_id] = continuation(tokenizer, row.ids, new[:length])
            tokens += min(length + 1, len(new))
    return texts, tokens


def measure(
    backend: HFBackend, requests: Sequence[Request], sampling: Sampling, rounds: int
) -> dict[str, list[Result]]:
    """Run every contender in every round."""
    work: dict[str, Callable[[], tuple[dict[str, str], int]]] = {
        OURS: lambda: ours(backend, requests, sampling),
        THEIRS: lambda: theirs(backend, requests, sampling, by_length=False),
        SORTED: lambda: theirs(backend, requests, sampling, by_length=True),
    }
    found: dict[str, list[Result]] = {name: [] for name in work}
    names = list(work)
    for number in range(rounds):
        for name in names[number % 3 :] + names[: number % 3]:
            found[name].append(timed(work[name], requests))
            last = found[name][-1]
            print_progress(
                f"round {number + 1} of {rounds}: {name}: {last.tokens} tokens, {last.speed:.1f} a processor-second"
            )
    return found


def table(found: dict[str, list[Result]]) -> list[dict[str, Any]]:
    """Return a row for each contender: speed, our speed over it, answers whose text is ours."""
    rows = []
    for name, results in found.items():
        ratios = [mine.speed / other.speed for mine, other in zip(found[OURS], results, strict=True)]
        rows.append(
            {
                "name": name,
                "tokens": results[0].tokens,
                "tokens a processor-second": median(result.speed for result in results),
                "tokens a second": median(result.tokens / result.seconds for result in results),
                "ratio": median(ratios),
                "ratios": sorted(ratios),
                "same text as ours": sum(map(str.__eq__, found[OURS][0].texts, results[0].texts)),
            }
        )
    return rows


def main() -> None:
    """Measure, print a table, and write the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True, help="a folder, such as that of `make real-model`, or a name")
    parser.add_argument("--prompts", type=int, default=64)
    parser.add_argument("--batch-size", type=int, default=16)
    parser.add_argument("--max-tokens", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    backend = HFBackend(arguments.model, device=arguments.device, batch_size=arguments.batch_size)
    try:
        requests = requests_of(backend, arguments.prompts)
        sampling = Sampling(temperature=0.0, max_tokens=arguments.max_tokens)
        measure(backend, requests[:2], Sampling(temperature=0.0, max_tokens=4), 1)  # warm up
        found = measure(backend, requests, sampling, arguments.rounds)
    except AppsPlusError as error:
        raise SystemExit(f"benchmarks.generation: {error}") from error
    rows = table(found)
    print("| contender | tokens | tokens a processor-second | ours over it (lowest to highest) | same text as ours |")
    print("| :-- | --: | --: | --: | --: |")
    for row in rows:
        low, high = row["ratios"][0], row["ratios"][-1]
        print(
            f"| {row['name']} | {row['tokens']} | {row['tokens a processor-second']:.1f} | "
            f"{row['ratio']:.2f} ({low:.2f} to {high:.2f}) | {row['same text as ours']} of {len(requests)} |"
        )
    both = sum(map(str.__eq__, found[THEIRS][0].texts, found[SORTED][0].texts))
    print(f"\ntransformers gives the same text in both orders for {both} of {len(requests)}")
    if arguments.json:
        report = {"machine": machine(), "settings": vars(arguments) | {"json": None}, "rows": rows}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
