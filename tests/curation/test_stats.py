"""The counts of a build, from invented ledger rows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.errors import BuildFolderError
from curation.records import Outcome
from curation.stats import by_tier, read_counts, reasons_by_tier, summarize, tiers_of

RELEASED = ("kept", "corrected")


def row(outcome: str = "kept", *reasons: str, difficulty: str = "interview", **more: Any) -> dict[str, Any]:
    """A ledger row; what is released goes into train."""
    return {
        "outcome": outcome,
        "reasons": list(reasons),
        "difficulty": difficulty,
        "kind": "standard-input",
        "tests": 2,
        "solutions": {"passed": 1},
        "released_in": "train" if outcome in RELEASED else "",
        **more,
    }


def test_the_tiers_of_apps_come_first_and_stand_there_even_where_empty() -> None:
    assert tiers_of([]) == ["introductory", "interview", "competition"]
    rows = [row(difficulty="zen"), row(difficulty=""), row(difficulty="competition")]
    assert tiers_of(rows) == ["introductory", "interview", "competition", "", "zen"]


def test_rows_are_counted_by_tier_and_in_all() -> None:
    rows = [row(), row(), row(difficulty="competition")]
    assert by_tier(rows, tiers_of(rows)) == {"introductory": 0, "interview": 2, "competition": 1, "total": 3}


def test_reasons_are_counted_by_the_first_one_commonest_first() -> None:
    rows = [
        row("dropped", "timeout"),
        row("dropped", "runtime_error", "timeout"),
        row("dropped", "runtime_error", difficulty="competition"),
        row("dropped", "api_misuse"),
        row("needs_review", "output_mismatch"),
    ]
    counted = reasons_by_tier(rows, tiers_of(rows), Outcome.DROPPED)
    assert list(counted) == ["runtime_error", "api_misuse", "timeout"]
    assert counted["runtime_error"] == {"introductory": 0, "interview": 1, "competition": 1, "total": 2}


def test_the_counts_of_a_build() -> None:
    counts = summarize(
        [
            row(),
            row("corrected", "repaired", kind="call-based", tests=5, released_in="test", difficulty="competition"),
            row("dropped", "timeout", tests=100, solutions={"timeout": 3, "passed": 1}),
            row("needs_review", "multiple_outputs"),
        ]
    )
    assert counts["raw"]["total"] == 4
    assert {name: tiers["total"] for name, tiers in counts["outcomes"].items()} == {
        "kept": 1,
        "corrected": 1,
        "dropped": 1,
        "needs_review": 1,
    }
    assert {name: tiers["total"] for name, tiers in counts["splits"].items()} == {
        "train": 1,
        "validation": 0,
        "test": 1,
    }
    assert counts["kinds"]["call-based"] == {"introductory": 0, "interview": 0, "competition": 1, "total": 1}
    assert counts["tests"] == {"introductory": 0, "interview": 2, "competition": 5, "total": 7}, "of released ones"
    assert counts["solutions"] == {"passed": 4, "timeout": 3}
    assert (list(counts["dropped"]), list(counts["needs_review"])) == (["timeout"], ["multiple_outputs"])


def test_a_build_of_nothing_has_counts_too() -> None:
    assert summarize([])["raw"] == {"introductory": 0, "interview": 0, "competition": 0, "total": 0}


@given(
    st.lists(
        st.builds(
            row,
            st.sampled_from([*map(str, Outcome)]),
            st.sampled_from(["timeout", "repaired"]),
            difficulty=st.sampled_from(["introductory", "interview", "", "other"]),
            tests=st.integers(0, 9),
        )
    )
)
def test_every_row_is_counted_once_in_every_table_and_every_tier(rows: list[dict[str, Any]]) -> None:
    counts = summarize(rows)
    tiers = [*counts["tiers"], "total"]
    for tier in tiers:
        assert sum(table[tier] for table in counts["outcomes"].values()) == counts["raw"][tier]
        assert sum(table[tier] for table in counts["splits"].values()) == counts["released"][tier]
        assert sum(table[tier] for table in counts["kinds"].values()) == counts["released"][tier]
    for table in (counts["raw"], counts["released"], counts["tests"]):
        assert sum(table[tier] for tier in tiers) == 2 * table["total"]
    assert json.loads(json.dumps(counts)) == counts


def test_the_counts_are_read_from_the_manifest(tmp_path: Path) -> None:
    counts = summarize([])
    (tmp_path / "manifest.json").write_text(json.dumps({"counts": counts}))
    assert read_counts(tmp_path) == counts


def test_a_folder_without_a_manifest_is_no_whole_build(tmp_path: Path) -> None:
    with pytest.raises(
        BuildFolderError, match="is not a whole build: make or finish it with apps-plus build RAW --out"
    ):
        read_counts(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "5", '{"files": {}}', '{"counts": {}}', "\x00"])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(BuildFolderError, match=r"manifest\.json cannot be read"):
        read_counts(tmp_path)


def test_a_manifest_that_is_not_utf_8_or_no_file_is_named(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.json"
    manifest.write_bytes(b'{"counts": "\xff"}')
    with pytest.raises(BuildFolderError, match="build again"):
        read_counts(tmp_path)
    manifest.unlink()
    manifest.mkdir()
    with pytest.raises(BuildFolderError, match="build again"):
        read_counts(tmp_path)
