"""Small records to rank: with the outcomes of problems, or with the number alone."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.scoring.result_record import DatasetFacts, ModelFacts, Record, SamplesFacts, Source, Status, TierScore

SOURCE = Source(title="A paper", where="Table 1")


def numbered(value: float, name: str = "m", n: int = 164, **fields: Any) -> Record:
    """A record of a paper that gives one number."""
    model = fields.pop("model", ModelFacts(id=name))
    facts = {
        "id": name,
        "status": Status.REPORTED,
        "dataset": DatasetFacts(name="humaneval", tiers={"": n}),
        "model": model,
        "scores": [TierScore(value=value)],
        "source": SOURCE,
        **fields,
    }
    return Record(**facts)


def tiered(values: Sequence[float], sizes: Sequence[int] = (700, 1000, 140), name: str = "m", **fields: Any) -> Record:
    """A record of apps+: overall, then the tiers."""
    tiers = dict(zip(("introductory", "interview", "competition"), sizes, strict=True))
    scores = [TierScore(tier=tier, value=value) for tier, value in zip(("overall", *tiers), values, strict=True)]
    return numbered(0, name, **{"dataset": DatasetFacts(name="apps+", tiers=tiers), "scores": scores, **fields})


def solved(passed: Sequence[int], name: str = "m", samples: int = 1, ks: Sequence[int] = (1,), **fields: Any) -> Record:
    """A record with outcomes: how many of each problem's samples passed; None leaves a problem out."""
    problems = {"": {f"P/{i}": (samples, c) for i, c in enumerate(passed) if c is not None}}
    value = sum(c for _, c in problems[""].values()) / samples / len(problems[""])
    facts = {
        "status": Status.SELF_REPORTED,
        "dataset": DatasetFacts(name="humaneval", tiers={"": len(passed)}),
        "problems": problems,
        "scores": [TierScore(value=value, k=k) for k in ks],
        "source": None,
        **fields,
    }
    return numbered(0, name, **facts)


def samples_file(sha: str = "a") -> SamplesFacts:
    return SamplesFacts(file="samples.jsonl", sha256=sha * 64, count=164)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def text_of(record_id: str, value: str = "0.5", more: str = "") -> str:
    """A record's JSON, quickly."""
    return (
        f'{{"id": "{record_id}", "status": "self_reported", "dataset": {{"name": "humaneval", "tiers": {{"": 164}}}}, '
        f'"model": {{"id": "{record_id}"}}, "scores": [{{"value": {value}}}]{more}}}'
    )


def write(folder: Path, **texts: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / f"{name}.json").write_text(text, "utf-8")
    return folder
