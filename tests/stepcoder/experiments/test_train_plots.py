"""Learning curves: which runs are one line, where their mean is taken, and what is drawn."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path
from typing import Any

import pytest

from apps_plus.errors import InputError, OutputError
from stepcoder.config_files import load_config, write_config
from stepcoder.experiments.learning_curves import (
    LoggedRun,
    curves,
    groups,
    mean_and_interval,
    metrics_of,
    points,
    read_run,
    running_mean,
)
from stepcoder.experiments.plots import METRICS, OTHER_STYLES, STYLES, draw_runs, subject

ROWS = [{"step": step, "rollouts": 32, "pass_rate": step / 4, "kl": 0.1} for step in (1, 2, 3)]


def run(*overrides: str, rows: Any = ROWS, folder: str = "run") -> LoggedRun:
    return LoggedRun(Path(folder), load_config("tiny", overrides), rows)


def run_folder(folder: Path, *overrides: str, rows: Any = ROWS) -> Path:
    folder.mkdir(parents=True)
    write_config(load_config("tiny", overrides), folder / "config.toml")
    (folder / "log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


# ---- which runs are one line


def labels(*runs: LoggedRun) -> dict[str, int]:
    return {label: len(group) for label, group in groups(runs).items()}


def test_seeds_of_a_method_are_one_line() -> None:
    runs = [run(f"seed={seed}", f"method={method}") for method in ("stepcoder", "ppo") for seed in range(3)]
    assert labels(*runs) == {"stepcoder": 3, "ppo": 3}


def test_other_settings_are_another_line_and_the_label_says_which() -> None:
    assert labels(run(), run("ppo.lr=0.001", "seed=1"), run("method=ppo")) == {
        "stepcoder, ppo.lr=0.0001": 1,
        "stepcoder, ppo.lr=0.001": 1,
        "ppo": 1,
    }


def test_what_does_not_change_learning_does_not_part_runs() -> None:
    assert labels(run(), run("seed=1", "save_every=3", "evaluation.every=7")) == {"stepcoder": 2}


def test_a_longer_run_is_another_line() -> None:
    assert len(labels(run(), run("seed=1", "ppo.steps=100"))) == 2


def test_the_same_seed_twice_is_no_second_draw() -> None:
    assert labels(run(folder="a"), run(folder="b")) == {"stepcoder, a": 1, "stepcoder, b": 1}


# ---- the mean and its interval


def test_students_interval_over_five_seeds() -> None:
    mean, low, high = mean_and_interval([1.0, 2.0, 3.0, 4.0, 5.0])
    half = 2.776445 * math.sqrt(2.5 / 5)  # t of 4 degrees of freedom at 97.5%
    assert (mean, low, high) == pytest.approx((3.0, 3.0 - half, 3.0 + half), abs=1e-5)


def test_one_run_has_no_interval() -> None:
    assert mean_and_interval([0.25]) == (0.25, 0.25, 0.25)


def test_the_mean_is_taken_where_all_runs_have_measured() -> None:
    short = [{**row, "pass_rate": 0.0} for row in ROWS[:2]]
    [curve] = curves([run(), run("seed=1", rows=short)], "pass_rate")
    assert (curve.x, curve.mean, curve.runs) == ([32, 64], [0.125, 0.25], 2)


def test_a_run_without_the_metric_is_left_out() -> None:
    [curve] = curves([run(), run("seed=1", rows=[{"step": 1, "rollouts": 32}])], "kl")
    assert curve.runs == 1


def test_steps_where_not_all_runs_count_rollouts() -> None:
    sft = run("method=sft", rows=[{"step": 1, "loss": 2.0, "pass_rate": 0.5}])
    assert [curve.x for curve in curves([run(), sft], "pass_rate")] == [[1, 2, 3], [1]]


def test_an_evaluation_stands_at_the_rollouts_of_its_step() -> None:
    rows = [{"step": 0, "eval/pass@1": 0.0}, *ROWS, {"step": 3, "eval/pass@1": 0.5}]
    assert points(rows, "eval/pass@1", over_rollouts=True) == [(0, 0.0), (96, 0.5)]
    assert points(rows, "eval/pass@1", over_rollouts=False) == [(0, 0.0), (3, 0.5)]


def test_the_last_value_of_a_step_counts() -> None:
    assert points([{"step": 1, "kl": 3.0}, {"step": 1, "kl": 1.0}], "kl", over_rollouts=False) == [(1, 1.0)]


def test_what_is_no_number_is_left_out() -> None:
    rows = [{"step": 1, "kl": None}, {"step": 2, "kl": math.nan}, {"step": 3, "kl": 1}, {"step": 4, "kl": "x"}]
    assert points(rows, "kl", over_rollouts=False) == [(3, 1.0)]


@pytest.mark.parametrize(("window", "means"), [(1, [0, 4, 8, 0]), (2, [0, 2, 6, 4]), (9, [0, 2, 4, 3])])
def test_the_running_mean(window: int, means: list[float]) -> None:
    assert [mean for _, mean in running_mean([(1, 0), (2, 4), (3, 8), (4, 0)], window)] == means


def test_evaluations_are_not_smoothed() -> None:
    rows = [{"step": step, "eval/pass@1": step / 4, "kl": step / 4} for step in (1, 2, 3)]
    [evaluated], [smoothed] = (curves([run(rows=rows)], name, smooth=3) for name in ("eval/pass@1", "kl"))
    assert (evaluated.mean, smoothed.mean) == ([0.25, 0.5, 0.75], [0.25, 0.375, 0.5])


def test_the_metrics_are_all_numbers_but_the_counters() -> None:
    assert metrics_of([run(rows=[{"step": 1, "rollouts": 2, "note": "x", "kl": 0.1, "reward": None}])]) == ["kl"]


# ---- folders


def test_a_run_is_read_from_its_folder(tmp_path: Path) -> None:
    read = read_run(run_folder(tmp_path / "a", "seed=4"))
    assert (read.config.seed, list(read.rows)) == (4, ROWS)


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is not a run: no config\.toml"):
        read_run(tmp_path)


def test_a_run_that_has_just_begun(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no step has ended yet"):
        read_run(run_folder(tmp_path / "a", rows=[]))


# ---- the picture


def test_every_method_has_a_style_of_its_own() -> None:
    from stepcoder.methods import METHODS

    assert set(STYLES) <= set(METHODS)  # another method takes one of OTHER_STYLES
    every = [*STYLES.values(), *OTHER_STYLES]
    assert len(every) == len(set(every)) >= len(METHODS)


@pytest.mark.parametrize(("name", "magic"), [("c.png", b"\x89PNG"), ("c.svg", b"<?xml"), ("c.pdf", b"%PDF")])
def test_the_suffix_decides_the_kind_of_file(tmp_path: Path, name: str, magic: bytes) -> None:
    pytest.importorskip("matplotlib")
    assert draw_runs([run(), run("seed=1"), run("method=ppo")], tmp_path / name) == ["pass_rate", "kl"]
    assert (tmp_path / name).read_bytes().startswith(magic)


def drawn(path: Path, *runs: LoggedRun, **options: Any) -> str:
    """Matplotlib writes each text into the SVG as a comment, too."""
    pytest.importorskip("matplotlib")
    draw_runs(runs, path / "c.svg", **options)
    return (path / "c.svg").read_text()


def test_the_legend_names_methods_and_how_many_runs(tmp_path: Path) -> None:
    text = drawn(tmp_path, run(), run("seed=1"), run("method=ppo"))
    for label in ("stepcoder (2 runs)", "ppo", "kl", "roll-outs"):
        assert f"<!-- {label} -->" in text


def test_a_line_whose_metrics_not_all_runs_measured_is_named_once(tmp_path: Path) -> None:
    without_kl = [{key: value for key, value in row.items() if key != "kl"} for row in ROWS]
    text = drawn(tmp_path, run(), run("seed=1", rows=without_kl), run("method=ppo"))
    assert text.count("<!-- stepcoder") == 1
    assert "<!-- stepcoder (1 to 2 runs) -->" in text


def test_lines_that_coincide_are_told_apart_by_marks_at_other_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure
    kept: list[Any] = []
    monkeypatch.setattr(figure, "savefig", lambda self, *_, **__: kept.append(self))
    draw_runs([run(), run("method=ppo"), run("method=grpo")], tmp_path / "c.png")
    for panel in kept[0].axes:
        assert len(panel.lines) == 3
        assert len({line.get_marker() for line in panel.lines}) == 3
        assert len({line.get_markevery() for line in panel.lines}) == 3
    first, second = ([line.get_marker() for line in panel.lines] for panel in kept[0].axes[:2])
    assert first == second, "a line has its mark in every panel"


def test_the_pass_rate_of_a_curriculum_is_that_of_its_stages(tmp_path: Path) -> None:
    assert "<!-- pass_rate (from each problem" in drawn(tmp_path, run(), run("method=ppo"))
    assert "<!-- pass_rate -->" in drawn(tmp_path, run("method=ppo"))


def test_the_metrics_that_are_asked_for(tmp_path: Path) -> None:
    text = drawn(tmp_path, run(), metrics=["kl"])
    assert "<!-- kl -->" in text
    assert "<!-- pass_rate" not in text


def test_by_default_those_that_tell_most() -> None:
    assert METRICS[:3] == ("eval/pass@1", "pass_rate", "reward")


def test_a_metric_that_nobody_measured(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match="no run has measured klx: choose from pass_rate, kl"):
        draw_runs([run()], tmp_path / "c.svg", ["klx"])


def test_without_matplotlib_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(InputError, match=r"apps-plus\[plots\]"):
        draw_runs([run()], tmp_path / "c.svg")


@pytest.mark.parametrize(("name", "message"), [("c.jpeg", "must end in"), ("nowhere/c.png", "no folder")])
def test_a_place_that_cannot_be_drawn(tmp_path: Path, name: str, message: str) -> None:
    pytest.importorskip("matplotlib")
    with pytest.raises(InputError, match=message):
        draw_runs([run()], tmp_path / name)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    (tmp_path / "c.png").mkdir()
    with pytest.raises(OutputError, match=r"c\.png"):
        draw_runs([run()], tmp_path / "c.png")


def test_the_title_says_what_the_runs_have_in_common() -> None:
    assert subject([run()]) == "model: a small model made from scratch; data: toy:nested"
    assert subject([run(), run("data.path=toy:deep")]) == "model: a small model made from scratch"
    assert subject([run("model.name=a"), run("model.name=b")]) == "data: toy:nested"
    assert subject([run(), run("model.name=b", "data.path=toy:deep")]) == ""


def test_a_panel_of_scores_says_what_they_are_of(tmp_path: Path) -> None:
    rows = [*ROWS, {"step": 3, "eval/pass@1": 0.5}]
    assert "eval/pass@1 (problems that were trained on)" in drawn(tmp_path, run(rows=rows))
    held_out = run("data.path=build", "data.eval_split=test", rows=rows)
    assert "eval/pass@1 (split test)" in drawn(tmp_path, held_out)
    mixed = drawn(tmp_path, run(rows=rows), held_out)
    assert "<!-- eval/pass@1 -->" in mixed


def test_all_panels_have_the_same_x(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figure_module = pytest.importorskip("matplotlib.figure")
    figures: list[Any] = []

    class Kept(figure_module.Figure):  # type: ignore[misc]
        def savefig(self, *given: Any, **options: Any) -> None:
            figures.append(self)

    monkeypatch.setattr(figure_module, "Figure", Kept)
    rows = [*ROWS, {"step": 1, "eval/pass@1": 0.5}]  # one evaluation, early
    draw_runs([run(rows=rows)], tmp_path / "a.png", ["eval/pass@1", "kl"])
    limits = {axes.get_xlim() for axes in figures[0].axes}
    assert len(limits) == 1
    [(low, high)] = limits
    assert low < 32
    assert high > 96
