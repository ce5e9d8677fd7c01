"""``explain`` writes the evidence of a finding as people do."""

from __future__ import annotations

import json

from command_line import run


def test_evidence_is_plain_text(tmp_path):
    ledger = {"problem_id": "train/0001", "outcome": "dropped", "reasons": ["missing_tests"], "released_in": ""}
    ledger |= {"difficulty": "interview", "kind": "standard-input", "tests": 2, "solutions": {}, "comparison": "exact"}
    evidence = {"raw_tests": [[1, 2], [1, 3]], "repairs": ["missing_import"], "counts": {"line_ends": 2}}
    finding = {"problem_id": "train/0001", "stage": "screen", "code": "duplicate_test", "detail": "twice"}
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "ledger.jsonl").write_text(json.dumps(ledger))
    (tmp_path / "findings.jsonl").write_text(json.dumps({**finding, "evidence": evidence}))
    result = run("explain", tmp_path, "1")
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "raw tests: 1 and 2, 1 and 3 repairs: missing_import counts: 2 line ends" in text
