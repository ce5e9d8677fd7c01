"""Records that no model made: as many as a test needs, with outcomes, categories and failures."""

from __future__ import annotations

import datetime
import random
from collections.abc import Mapping
from typing import Any

from harness.scoring.pass_at_k import pass_at_k
from harness.scoring.result_record import (
    OVERALL,
    DatasetFacts,
    Failure,
    GenerationFacts,
    HarnessFacts,
    ModelFacts,
    Record,
    Reproduction,
    SamplesFacts,
    Source,
    Status,
    TierScore,
)

TIERS = {"introductory": 700, "interview": 1000, "competition": 140}
EASE = {"introductory": 1.0, "interview": 0.45, "competition": 0.15}
GROUPS = ("base", "instruct", "rl")
SIZES = (1.3e9, 6.7e9, 6.7e9, 13e9, 15.6e9, 34e9, 70e9)


def generated(number: int, tiers: Mapping[str, int] = TIERS, samples: int = 1, **changes: Any) -> Record:
    """The record of invented model ``number``, on ``tiers``, with ``samples`` of each problem."""
    rng = random.Random(number)
    skill = 0.15 + 0.6 * rng.random()
    problems = {
        tier: {f"{tier}/{i:04d}": (samples, _passed(rng, skill * EASE.get(tier, 1), samples)) for i in range(n)}
        for tier, n in tiers.items()
    }
    fields: dict[str, Any] = {
        "id": f"model-{number}",
        "status": Status.SELF_REPORTED,
        "date": datetime.date(2025, 1, 1),
        "dataset": DatasetFacts(name="apps+", version="v0", split="test", sha256="a" * 64, tiers=dict(tiers)),
        "model": ModelFacts(
            id=f"lab/model-{number}",
            name=f"Model {number}",
            parameters=SIZES[number % len(SIZES)],
            licence="apache-2.0",
            released=datetime.date(2024, 1 + number % 12, 1),
            cutoff=datetime.date(2021 if number % 3 else 2019, 1, 1),
            trained_on_apps=number % 4 == 0,
            group=GROUPS[number % 3],
            base="lab/base",
        ),
        "generation": GenerationFacts(
            prompt="plain",
            prompt_sha256="b" * 64,
            temperature=0.2 * (1 + number % 2),
            top_p=0.95,
            max_tokens=1024,
            samples=samples,
            seed=1,
            engine="vllm",
            dtype="bfloat16",
        ),
        "harness": HarnessFacts(
            version="0.1.0",
            commit="c" * 40,
            python="3.11.9",
            rule="fenced_block",
            limits={"cpu_seconds": 4.0},
            isolation=["namespaces", "landlock", "seccomp", "rlimits"],
        ),
        "scores": scores_of(problems, samples),
        "categories": {tier: _categories(rng, its) for tier, its in problems.items()},
        "problems": problems,
        "failures": [
            Failure(
                error="IndexError",
                category="runtime_error",
                count=41,
                task_id="introductory/0003",
                detail='Traceback (most recent call last):\n  File "program.py", line 3\nIndexError: list index',
            ),
            Failure(
                error="wrong_answer",
                category="failure",
                count=300,
                task_id="introductory/0007",
                detail="expected 4, got 5",
            ),
        ],
        "samples": SamplesFacts(file="samples.jsonl", sha256=f"{number:064x}", count=samples * sum(tiers.values())),
        "command": f"apps-plus evaluate apps+ samples-{number}.jsonl --record model-{number}.json",
        "notes": ["Invented."],
    }
    if number % 5 == 0:
        again = min(368, fields["samples"].count)
        fields |= {"status": Status.REPRODUCED, "reproduction": Reproduction(samples=again, agreed=again)}
    return Record(**(fields | changes))


def reported(number: int, tiers: Mapping[str, int] = TIERS, **changes: Any) -> Record:
    """The same where only the numbers are known."""
    record = generated(number, tiers)
    source = Source(title="A paper", url="https://example.org/paper", where="Table 1")
    bare = {"problems": {}, "categories": {}, "failures": [], "samples": None, "command": None, "harness": None}
    plain = [TierScore(tier=score.tier, k=score.k, value=round(score.value, 3)) for score in record.scores]
    fields = {name: getattr(record, name) for name in Record.model_fields}
    return Record(
        **(
            fields
            | bare
            | {
                "id": f"paper-{number}",
                "status": Status.REPORTED,
                "source": source,
                "scores": plain,
                "reproduction": None,
            }
            | changes
        )
    )


def scores_of(problems: Mapping[str, Mapping[str, tuple[int, int]]], samples: int) -> list[TierScore]:
    """pass@1, and pass@10 where there are samples for it, of every tier and of all."""
    ks = [k for k in (1, 10) if k <= samples]
    everything = {task_id: counts for its in problems.values() for task_id, counts in its.items()}
    scores = []
    for tier, counts in {OVERALL: everything, **{tier: its for tier, its in problems.items() if tier}}.items():
        for k, one in pass_at_k(counts, ks).estimates.items():
            scores.append(TierScore(tier=tier, k=k, value=one.value, ci95=(one.low, one.high), method=one.method))
    return scores


def _passed(rng: random.Random, chance: float, samples: int) -> int:
    return sum(rng.random() < chance for _ in range(samples))


def _categories(rng: random.Random, its: Mapping[str, tuple[int, int]]) -> dict[str, int]:
    total, passed = (sum(counts[i] for counts in its.values()) for i in (0, 1))
    failed = total - passed
    compile_errors, runtime_errors = int(failed * rng.uniform(0.01, 0.06)), int(failed * rng.uniform(0.2, 0.4))
    return {
        "passed": passed,
        "failure": failed - compile_errors - runtime_errors,
        "runtime_error": runtime_errors,
        "timeout": runtime_errors // 4,
        "compile_error": compile_errors,
    }
