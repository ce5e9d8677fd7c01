"""Rows of the speed table: rounds, samples, verdicts; one that fails does not lose the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import speed
from benchmarks.command_cost import Cost
from benchmarks.evaluate_cases import own_programs, sample_keys
from benchmarks.evaluators import OURS, Evaluation, disagreements
from benchmarks.speed_rows import ROWS, Row, RowSkippedError, Settings, _differing_files, evaluation, take_rounds
from benchmarks.speed_table import Figure
from harness.scoring.benchmarks.load import load_benchmark


def quiet(rounds: int = 1) -> Settings:
    return Settings(rounds, Path(), say=lambda _: None, progress=lambda _: None)


def test_the_order_changes_from_round_to_round() -> None:
    ran: list[str] = []
    rounds = take_rounds(quiet(3), {name: lambda name=name: ran.append(name) or len(ran) for name in "ab"})
    assert "".join(ran) == "abbaab"
    assert rounds == [{"a": 1, "b": 2}, {"a": 4, "b": 3}, {"a": 5, "b": 6}]


def test_an_interrupt_keeps_the_whole_rounds() -> None:
    calls: list[int] = []

    def interrupted_later() -> int:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return len(calls)

    settings = quiet(9)
    assert len(take_rounds(settings, {"a": interrupted_later})) == 2
    assert settings.interrupted


def test_an_interrupt_of_the_first_round_ends_the_row() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_rounds(quiet(), {"a": interrupted})


def test_a_failing_row_does_not_lose_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure("work", "wall time", "s", (1.0,), 2.0, at_least=False)

    def fails(_: Settings) -> list[Figure]:
        raise ValueError("no such thing")

    def skips(_: Settings) -> list[Figure]:
        raise RowSkippedError("it needs a file")

    for name, row in (("fails", fails), ("skips", skips), ("works", lambda _: [figure])):
        monkeypatch.setitem(ROWS, name, Row(row))
    figures, missing = speed.measure(["fails", "skips", "works"], quiet())
    assert [found.work for found in figures] == ["work"]
    assert figures[0].others is not None
    assert missing == {"fails": "failed, ValueError: no such thing", "skips": "skipped, it needs a file"}


def test_an_interrupted_run_keeps_what_was_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = Figure("work", "wall time", "s", (1.0,), 2.0, at_least=False)

    def interrupted(_: Settings) -> list[Figure]:
        raise KeyboardInterrupt

    monkeypatch.setitem(ROWS, "works", Row(lambda _: [figure]))
    monkeypatch.setitem(ROWS, "interrupted", Row(interrupted))
    settings = quiet()
    figures, missing = speed.measure(["works", "interrupted", "works"], settings)
    assert len(figures) == 1
    assert missing == {"interrupted": "interrupted"}
    assert settings.interrupted


def test_evalplus_rows_ask_for_their_file() -> None:
    with pytest.raises(RowSkippedError, match="--data humaneval"):
        evaluation("humaneval+", 2.0, quiet())


def test_own_samples_are_half_solutions_and_no_two_alike() -> None:
    benchmark = load_benchmark("humaneval")
    programs = own_programs(benchmark, {}, per_problem=4)
    assert len({program for _, program in programs}) == len(programs) == 4 * 164
    solutions = {problem.task_id: str(problem.canonical_solution).rstrip() for problem in benchmark.problems}
    assert sum(program.startswith(solutions[task_id] + "\n    # sample") for task_id, program in programs) == 2 * 164


def test_the_first_own_samples_hang() -> None:
    programs = own_programs(load_benchmark("humaneval"), {}, per_problem=1, hangs=1)
    assert ["while True" in program.rpartition('"""')[2] for _, program in programs[:2]] == [True, False]
    compile(programs[0][1], "hangs", "exec")


def test_disagreements_name_both_verdicts_and_count_rounds() -> None:
    cost = Cost(1.0, 1.0, 0)
    ours = Evaluation(cost, {"a#0": (True, "passed"), "b#0": (False, "wrong_answer"), "c#0": (True, "passed")})
    theirs = Evaluation(cost, {"a#0": (False, "timed  out"), "b#0": (False, "failed")})
    measured = {OURS: ours, "peer": theirs}
    assert disagreements([measured, measured]) == [
        "a#0: peer says timed out; ours passed (2 of 2 rounds)",
        "c#0: peer says not judged; ours passed (2 of 2 rounds)",
    ]


def test_samples_are_numbered_within_their_problem() -> None:
    assert sample_keys(["a", "b", "a"]) == ["a#0", "b#0", "a#1"]


def test_builds_are_compared_but_for_their_journals(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / ".build").mkdir(parents=True)
        (tmp_path / name / ".build" / "verified.jsonl").write_text(name)
        (tmp_path / name / "same.jsonl").write_text("same")
        (tmp_path / name / "ledger.jsonl").write_text(name)
    (tmp_path / "one" / "more.jsonl").write_text("")
    assert _differing_files(tmp_path / "one", tmp_path / "two") == ["ledger.jsonl", "more.jsonl"]
