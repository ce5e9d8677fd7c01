"""The plot of the error categories."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError, OutputError
from harness.scoring.plots import check_plot_path, draw_categories, segments, title_of

COUNTS = {"passed": 60, "failure": 25, "runtime_error": 12, "timeout": 4, "compile_error": 3}


def summary(**categories: Mapping[str, int]) -> dict[str, Any]:
    return {"task": "apps+ $x$", "categories": {"overall": COUNTS, **categories}}


def test_a_bar_adds_up_to_all_samples() -> None:
    assert segments(COUNTS) == {
        "passed": 60, "failure": 25, "runtime error": 8, "timeout": 4, "compile error": 3, "harness error": 0,
    }  # fmt: skip
    assert sum(segments(COUNTS | {"harness_error": 2}).values()) == 102


@pytest.mark.parametrize(
    ("name", "magic"), [("errors.png", b"\x89PNG"), ("errors.svg", b"<?xml"), ("errors.pdf", b"%PDF")]
)
def test_the_suffix_decides_the_kind_of_file(tmp_path: Path, name: str, magic: bytes) -> None:
    pytest.importorskip("matplotlib")
    draw_categories(summary(), tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(magic)


def test_the_title_names_task_model_and_day() -> None:
    day = date.today().isoformat()
    samples = {"file": "s.jsonl"}
    assert title_of({"task": "mbpp", "samples": samples, "generation": None}) == f"mbpp: s.jsonl, {day}"
    generation = {"model": {"name": "org/m"}}
    assert title_of({"task": "mbpp", "samples": samples, "generation": generation}) == f"mbpp: org/m, {day}"


def texts(path: Path) -> str:
    """Return the text of an SVG: Matplotlib writes each label as a comment too."""
    return path.read_text()


def test_every_count_is_told_whether_it_fits_its_segment_or_not(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    tiny = COUNTS | {"passed": 12_345, "harness_error": 1}
    draw_categories(summary(introductory=tiny), tmp_path / "errors.svg")
    drawn = texts(tmp_path / "errors.svg")
    for label in ("60", "25", "12,345", "timeout 4", "compile error 3", "harness error 1", "introductory"):
        assert f"<!-- {label} -->" in drawn


@pytest.mark.parametrize(
    "group", ["", "$a_b$", "a tier whose name is as long as a tier's name can be " * 2, "\x1b[31m"]
)
def test_any_name_of_a_tier_can_be_drawn(tmp_path: Path, group: str) -> None:
    pytest.importorskip("matplotlib")
    draw_categories(summary(**{group: COUNTS}), tmp_path / "errors.png")
    assert (tmp_path / "errors.png").stat().st_size > 1000


def test_no_samples_are_an_empty_picture(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    draw_categories({"task": "mbpp", "categories": {"overall": dict.fromkeys(COUNTS, 0)}}, tmp_path / "errors.png")
    assert (tmp_path / "errors.png").exists()


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match=r"must end in \.png, \.svg or \.pdf"):
        draw_categories(summary(), tmp_path / "errors.jpeg")


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"apps-plus\[plots\]"):
        draw_categories(summary(), tmp_path / "errors.png")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match=r"no folder .*nowhere"):
        check_plot_path(tmp_path / "nowhere" / "errors.png")


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "errors.png").mkdir()
    with pytest.raises(OutputError, match=r"errors\.png"):
        draw_categories(summary(), tmp_path / "errors.png")
