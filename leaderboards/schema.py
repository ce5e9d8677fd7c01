"""Write the JSON schema of records, for other tools that check or make them.

python -m leaderboards.schema        writes leaderboards/record.schema.json
"""

from __future__ import annotations

import json
from pathlib import Path

from apps_plus.storage import write_atomically
from harness.scoring.result_record import SCHEMA_VERSION, Record

PLACE = Path(__file__).with_name("record.schema.json")


def schema() -> str:
    """Return the schema of the classes that read records. It cannot express their consistency checks."""
    facts = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A result record of apps-plus, version {SCHEMA_VERSION}",
        **{key: value for key, value in Record.model_json_schema(mode="validation").items() if key != "title"},
    }
    return json.dumps(facts, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the schema file."""
    with write_atomically(PLACE) as file:
        file.write(schema())


if __name__ == "__main__":
    main()
