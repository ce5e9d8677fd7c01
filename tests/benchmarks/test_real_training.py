"""The comparison of methods on a real model: what its table says, and how a command that fails is told."""

from pathlib import Path

import pytest

from benchmarks.real_training import CommandError, Experiment, table
from harness.judging.verdict import Verdict
from harness.scoring.results import SampleResult


def results(passed: dict[str, int], samples: int = 4) -> list[SampleResult]:
    return [
        SampleResult(task, number, "introductory", Verdict.PASSED if number < count else Verdict.WRONG_ANSWER)
        for task, count in passed.items()
        for number in range(samples)
    ]


def test_the_table_has_each_model_beside_the_fine_tuned_one() -> None:
    tasks = [f"train/{number:04}" for number in range(12)]
    sft = {"chosen": results(dict.fromkeys(tasks, 1)), "held out": results(dict.fromkeys(tasks, 2))}
    better = {"chosen": results(dict.fromkeys(tasks, 3)), "held out": sft["held out"]}
    [*_, base, row] = table({"sft": sft, "grpo": better}).splitlines()
    assert base.startswith("| sft | 25.0 [")
    name, chosen, gain, held_out, same = (cell.strip() for cell in row.strip("| ").split("|"))
    assert (name, chosen[:4], gain[:5], held_out[:4], same[:4]) == ("grpo", "75.0", "+50.0", "50.0", "+0.0")
    assert "unlikely to be noise" in gain
    assert "may be noise" in same


def test_a_command_that_fails_is_one_line_that_names_its_log(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path, tmp_path / "model", steps=1, seed=0, jobs=1)
    with pytest.raises(CommandError, match=r"apps-plus explain ended with 2 .*not a whole build.*: see .*once\.log"):
        experiment.run("explain", tmp_path / "nothing", "1", log="once")


def test_what_is_finished_is_not_run_again(tmp_path: Path) -> None:
    experiment = Experiment(tmp_path, tmp_path / "model", steps=1, seed=0, jobs=1)
    (tmp_path / "runs" / "sft").mkdir(parents=True)
    (tmp_path / "runs" / "sft" / "summary.json").write_text("{}")
    experiment.train("sft", threads=1)
    assert not (tmp_path / "logs").exists()
