"""``evaluate``, ``errors`` and ``compare``: data on stdout, one-line errors, Ctrl-C keeps finished results."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tiny_benchmarks import HUMANEVAL, write_lines
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.durations import TimeLeft
from harness.scoring.progress import describe, progress_bar
from harness.scoring.run_samples import EvaluationProgress

RIGHT = "    return 2 * x\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with problems and the samples of two models."""
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "he.jsonl", HUMANEVAL)
    for name, completions in (("a", [RIGHT, "    raise KeyError('\\x1b[31m' * 3 + '\\ud800')\n"]), ("b", [RIGHT] * 2)):
        write_lines(tmp_path / f"{name}.jsonl", [{"task_id": "HumanEval/0", "completion": c} for c in completions])
    return tmp_path


def invoke(*arguments: object):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def evaluate(*arguments: object):
    return invoke("evaluate", "humaneval", *arguments, "--data", "he.jsonl", "--workers", 1)


def test_json_is_one_object_and_the_file_has_the_same(folder: Path, ran: list[str]) -> None:
    result = evaluate("a.jsonl", "--json", "--k", "1,2")
    told = json.loads(result.stdout)
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert told == json.loads((folder / "a.results.summary.json").read_text())
    assert told["pass_at_k"]["overall"]["1"]["value"] == 0.5
    assert told["exceptions"]["overall"]["runtime_error"] == {"KeyError": 1}


def test_the_screen_shows_numbers_and_where_the_files_are(folder: Path, ran: list[str]) -> None:
    result = evaluate("a.jsonl")
    assert result.exit_code == 0
    assert "pass@1" in result.stdout
    assert "KeyError" in result.stdout
    assert result.stderr.splitlines()[-1] == (
        "The verdicts are in a.results.jsonl, the summary in a.results.summary.json."
    )


def test_without_a_score_the_reason_stands_in_its_place(folder: Path, ran: list[str]) -> None:
    result = evaluate("a.jsonl", "--k", "10")
    assert result.exit_code == 0
    reason = "pass@10 was not computed: every problem has fewer than 10 samples (HumanEval/0 has 2 samples)"
    text = " ".join(result.stdout.split())
    before = text.partition("samples by category")[0]
    assert before.endswith(f"2 samples {reason} ")
    assert text.count("pass@10") == 1


@pytest.mark.parametrize("shown", [["--json"], []])
def test_ids_that_no_terminal_should_see(folder: Path, ran: list[str], shown: list[str]) -> None:
    rows = [{"task_id": "HumanEval/0", "completion": RIGHT}, {"task_id": "\x1b[2J\ud800", "completion": ""}]
    write_lines(folder / "c.jsonl", rows)
    result = evaluate("c.jsonl", *shown)
    assert result.exit_code == 0
    assert "1 of 2 samples" in result.stdout
    assert "\x1b[2J" not in result.stdout + result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["a.jsonl", "--k", "0"], "'0' is not a list of numbers above zero: write 1,10,100"),
        (["a.jsonl", "--k", "1,x"], "not a list of numbers"),
        (["a.jsonl", "--k", ""], "not a list of numbers"),
        (["a.jsonl", "--timeout", "0"], "not a number of seconds above 0"),
        (["a.jsonl", "--timeout", "nan"], "not a number of seconds above 0"),
        (["a.jsonl", "--timeout", "1e9"], "not a number of seconds above 0"),
        (["a.jsonl", "--rule", "nope"], "there is no rule nope: choose one of as_is, prompt_plus_completion"),
        (["a.jsonl", "--plot", "a.txt"], "the name must end in .png, .svg or .pdf"),
        (["a.jsonl", "--split", "train"], "humaneval has no split train"),
        (["a.jsonl", "--out", "a.jsonl"], "would overwrite what it is made from"),
        (["a.jsonl", "--rule", "as_is", "--cut-tail"], "leave --cut-tail out"),
        (["nope.jsonl"], "cannot read nope.jsonl: No such file or directory"),
        (["he.jsonl"], "he.jsonl:1: no completion, solution or program"),
    ],
)
def test_a_mistake_is_told_before_any_work(folder: Path, ran: list[str], arguments: list[str], told: str) -> None:
    result = evaluate(*arguments)
    assert (result.exit_code, result.stdout, ran) == (2, "", [])
    assert told in result.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["a.jsonl", "b.jsonl", "he.jsonl"]


def test_a_plot_is_drawn(folder: Path, ran: list[str]) -> None:
    pytest.importorskip("matplotlib")
    result = evaluate("a.jsonl", "--plot", "errors.svg", "--json")
    assert json.loads(result.stdout)
    assert "wrote errors.svg" in result.stderr
    assert (folder / "errors.svg").read_text().lstrip().startswith("<?xml")


def test_fresh_runs_everything_again(folder: Path, ran: list[str]) -> None:
    for options, programs in (([], 2), ([], 2), (["--fresh"], 4)):
        assert evaluate("a.jsonl", *options).exit_code == 0
        assert len(ran) == programs


def test_errors_shows_the_commonest_with_an_example(folder: Path, ran: list[str]) -> None:
    evaluate("a.jsonl")
    shown = invoke("errors", "a.results.jsonl")
    assert "KeyError" in shown.stdout
    assert "HumanEval/0, sample 1" in shown.stdout
    told = json.loads(invoke("errors", "a.results.jsonl", "--json").stdout)
    assert (told["kinds"], told["errors"][0]["error"], told["errors"][0]["count"]) == (1, "KeyError", 1)


def test_compare_names_both_files(folder: Path, ran: list[str]) -> None:
    for name in "ab":
        evaluate(f"{name}.jsonl")
    told = json.loads(invoke("compare", "a.results.jsonl", "b.results.jsonl", "--json").stdout)
    assert (told["a"], told["b"]) == ("a.results.jsonl", "b.results.jsonl")
    assert "a.results.jsonl" in invoke("compare", "a.results.jsonl", "b.results.jsonl").stdout


def change_summary(path: Path, **changes: object) -> None:
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_results_of_two_benchmarks_are_not_compared(folder: Path, ran: list[str]) -> None:
    for name in "ab":
        evaluate(f"{name}.jsonl")
    change_summary(folder / "b.results.summary.json", task="humaneval+")
    result = invoke("compare", "a.results.jsonl", "b.results.jsonl")
    assert result.exit_code == 2
    assert "a.results.jsonl is of humaneval, b.results.jsonl of humaneval+" in result.stderr


def test_compare_says_that_the_limits_were_others(folder: Path, ran: list[str]) -> None:
    for name in "ab":
        evaluate(f"{name}.jsonl")
    change_summary(folder / "b.results.summary.json", limits={"cpu_seconds": 9})
    told = json.loads(invoke("compare", "a.results.jsonl", "b.results.jsonl", "--json").stdout)
    assert "the two were judged with different limits, by the summaries beside them" in told["remarks"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["errors", "nope"], "cannot read nope"),
        (
            ["errors", "a.jsonl"],
            "a.jsonl:1: not a result of apps-plus evaluate: no 'sample': give the file of verdicts",
        ),
        (["errors", "scored.jsonl"], "did you mean scored.results.jsonl?"),
        (["compare", "scored.json", "a.jsonl"], "did you mean scored.results.jsonl?"),
        (["errors", "empty"], "empty holds no results: write some with apps-plus evaluate"),
        (["compare", "empty", "a.jsonl"], "empty holds no results"),
    ],
)
def test_what_holds_no_results(folder: Path, arguments: list[str], told: str) -> None:
    for name in ("empty", "scored.results.jsonl"):
        (folder / name).touch()
    for name in ("scored.jsonl", "scored.json"):
        (folder / name).write_bytes((folder / "a.jsonl").read_bytes())
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


def test_exchanged_arguments_are_told(folder: Path) -> None:
    result = invoke("evaluate", "a.jsonl", "humaneval")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "TASK comes before SAMPLES: give humaneval a.jsonl" in result.stderr


# ---- progress


def test_progress_is_lines_where_stderr_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as report:
        for done in range(4):
            report(EvaluationProgress("evaluate", done, 3, 0, done, done))
        report(EvaluationProgress("alone", 3, 3, 0, 3, 3))
    lines = capsys.readouterr().err.splitlines()
    starts = ["evaluate: 0 of 3, ", "evaluate: 3 of 3, ", "again, alone: 3 of 3, "]
    assert [line.startswith(start) for line, start in zip(lines, starts, strict=True)] == [True] * 3


def test_progress_goes_nowhere_where_stderr_is_closed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", None)
    with progress_bar() as report:
        report(EvaluationProgress("evaluate", 1, 3, 0, 1, 1))
    assert capsys.readouterr().out == ""


def test_progress_tells_speed_and_how_many_passed() -> None:
    now = 0.0
    left = TimeLeft(clock=lambda: now)
    half = EvaluationProgress("evaluate", 20, 100, 10, 4, 20)
    assert describe(half, 2.0, left) == "5.0/s, passed 20.0%, 10 from before"  # too soon to say how long it takes
    now = 5.0
    seen = describe(EvaluationProgress("evaluate", 40, 100, 10, 8, 40), 7.5, left)
    assert seen == "4.0/s, passed 20.0%, 10 from before, 15 s left"
    assert describe(EvaluationProgress("evaluate", 0, 100, 0, 0, 0), 0.0, TimeLeft()) == "0.0/s"
    assert describe(EvaluationProgress("evaluate", 4, 4, 4, 1, 4), 0.1, TimeLeft()) == "passed 25.0%, 4 from before"


# ---- interrupts


SLOW = "    import time\n    time.sleep(0.2)\n    return 2 * x\n"


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (lambda process: os.killpg(process.pid, signal.SIGINT), 130),  # Ctrl-C reaches the workers too
        (lambda process: process.kill(), -signal.SIGKILL),
    ],
    ids=["SIGINT", "SIGKILL"],
)
def test_the_same_command_goes_on_after_an_interrupt(
    folder: Path, stop: Callable[[subprocess.Popen], None], code: int
) -> None:
    rows = [{"task_id": "HumanEval/0", "completion": f"{SLOW}    # {number}\n"} for number in range(15)]
    write_lines(folder / "slow.jsonl", rows)
    command = [sys.executable, "-m", "apps_plus.cli", "evaluate", "humaneval", "slow.jsonl"]
    command += ["--data", "he.jsonl", "--workers", "1"]
    results = folder / "slow.results.jsonl"
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while process.poll() is None and not (results.exists() and results.read_bytes().count(b"\n") >= 2):
        time.sleep(0.01)
    stop(process)
    _, told = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in told
    if code == 130:
        assert told.splitlines()[-1].startswith("apps-plus: interrupted; finished work is kept")
    kept = set(results.read_text().splitlines())
    assert 2 <= len(kept) < 15
    again = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert again.returncode == 0
    assert f"{len(kept)} from before" in again.stderr
    assert kept < set(results.read_text().splitlines())
    assert results.read_text().count("\n") == 15
