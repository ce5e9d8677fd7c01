"""``explain`` writes the evidence of a finding as people do."""

from __future__ import annotations

import json

from command_line import run

from curation.console import beginning


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


def test_the_outcome_comes_first_and_of_a_long_statement_only_the_beginning(tmp_path):
    ledger = {"problem_id": "train/0001", "outcome": "needs_review", "reasons": ["output_mismatch"], "released_in": ""}
    ledger |= {"difficulty": "interview", "kind": "standard-input", "tests": 2, "solutions": {}, "comparison": "exact"}
    finding = {"problem_id": "train/0001", "stage": "verify", "code": "output_mismatch", "detail": "5 of 6 say 7"}
    words = [f"word{number}" for number in range(300)]  # one line, as many statements of APPS are
    item = {"problem_id": "train/0001", "question": " ".join(words), "tests": '{"inputs": [], "outputs": []}'}
    (tmp_path / "manifest.json").write_text("{}")
    (tmp_path / "ledger.jsonl").write_text(json.dumps(ledger))
    (tmp_path / "findings.jsonl").write_text(json.dumps({**finding, "evidence": {}}))
    (tmp_path / "review.jsonl").write_text(json.dumps(item))
    text = " ".join(run("explain", tmp_path, "1").stdout.split())
    assert text.index("needs review: output_mismatch") < text.index("5 of 6 say 7") < text.index("word0")
    assert "(--statement prints all of it)" in text
    assert "word100" not in text
    whole = " ".join(run("explain", tmp_path, "1", "--statement").stdout.split())
    assert " ".join(words) in whole
    assert "(--statement" not in whole


def test_a_short_statement_is_whole():
    assert beginning("Add two numbers.\n\n\nInput: a and b.") == "Add two numbers.\nInput: a and b."
    five = "\n".join("abcde")
    assert beginning(five) == "a\nb\nc\nd ...\n(--statement prints all of it)"
