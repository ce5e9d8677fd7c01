"""A small record to export."""

from __future__ import annotations

import json
from typing import Any

from harness.scoring.result_record import Record


def a_record(record_id: str = "mini-humaneval", **fields: Any) -> Record:
    facts = {
        "id": record_id,
        "status": "self_reported",
        "date": "2026-11-20",
        "dataset": {"name": "humaneval", "tiers": {"": 164}},
        "model": {"id": "tiny-lab/mini", "name": "Mini 1B"},
        "scores": [{"value": 0.5}],
        **fields,
    }
    return Record.model_validate_json(json.dumps(facts))
