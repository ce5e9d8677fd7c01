"""The schema in the repository is that of the classes that read records."""

from __future__ import annotations

import json

from leaderboards.schema import PLACE, schema


def test_the_schema_is_up_to_date() -> None:
    message = "leaderboards/record.schema.json is out of date: run `python -m leaderboards.schema`"
    assert json.loads(PLACE.read_text("utf-8")) == json.loads(schema()), message


def test_the_schema_refuses_fields_that_nobody_knows() -> None:
    facts = json.loads(schema())
    assert facts["additionalProperties"] is False
    assert {"id", "status", "dataset", "model", "scores"} == set(facts["required"])
    assert all(part.get("additionalProperties") is False for part in facts["$defs"].values() if "properties" in part)
