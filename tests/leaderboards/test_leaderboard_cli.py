"""``leaderboard show``, ``compare``, ``check``, ``add``: stdout is data, a mistake is one line with what there is."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from pathlib import Path

import pytest
from board_records import solved, text_of, write
from typer.testing import CliRunner

from apps_plus.cli import app
from harness.scoring.result_record_files import dump_record

COMPETITION = ("paper-rltf-apps-plus", "paper-stepcoder-apps-plus", "--tier", "competition")


def invoke(*arguments: object, width: int = 100):
    result = CliRunner().invoke(app, ["leaderboard", *map(str, arguments)], env={"COLUMNS": str(width)})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def stderr_of(result) -> str:
    """The one line on stderr."""
    [line] = result.stderr.splitlines()
    return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two models with outcomes, the better one ahead by eight problems."""
    records = {name: solved([1] * n + [0] * (40 - n), name) for name, n in (("ours", 30), ("theirs", 22))}
    return write(tmp_path / "records", **{name: dump_record(record) for name, record in records.items()})


# ---- show


def test_show_prints_the_shipped_boards() -> None:
    result = invoke("show")
    assert result.exit_code == 0
    for title in ("apps+ (paper, test): pass@1", "humaneval: pass@1", "mbpp (test): pass@1"):
        assert title in result.stdout


def test_show_is_what_runs_where_no_command_is_named(folder: Path) -> None:
    assert invoke(folder).stdout == invoke("show", folder).stdout


def test_records_of_ones_own_are_shown_instead(folder: Path) -> None:
    result = invoke("show", folder)
    assert "ours (75.0%) is better than every other row" in " ".join(result.stdout.split())
    assert "StepCoder" not in result.stdout


@pytest.mark.parametrize("name", ["apps+", "apps+-paper-test", "APPS+"])
def test_a_dataset_is_chosen_by_name_or_slug(name: str) -> None:
    titles = [board["title"] for board in json.loads(invoke("show", "--dataset", name, "--json").stdout)["boards"]]
    assert "apps+ (paper, test): pass@1" in titles
    assert not any("mbpp" in title for title in titles)


def test_one_tier_is_shown_and_ranks() -> None:
    result = invoke("show", "--dataset", "apps+-paper-test", "--tier", "competition")
    assert "cannot be distinguished from 8 others at 140 problems" in " ".join(result.stdout.split())
    assert "interview" not in result.stdout


def test_tier_all_is_overall_and_each() -> None:
    arguments = ("show", "--dataset", "apps+-paper-test")
    assert invoke(*arguments, "--tier", "all").stdout == invoke(*arguments).stdout


@pytest.mark.parametrize(
    ("filters", "titles"),
    [
        (("--group", "rl"), {"StepCoder 6.7B", "RLTF 6.7B", "PPOCoder 6.7B", "Vanilla PPO 6.7B"}),
        (("--model", "stepcoder W"), {"StepCoder w/o CCCS 6.7B", "StepCoder w/o FGO 6.7B"}),
        (("--model", "bigcode/"), {"StarCoder 15.6B"}),
        (("--group", "rl", "--model", "ppo", "--status", "reported"), {"PPOCoder 6.7B", "Vanilla PPO 6.7B"}),
    ],
)
def test_filters_choose_rows_that_are_ranked_among_themselves(filters: tuple[str, ...], titles: set[str]) -> None:
    result = invoke("show", "--dataset", "apps+-paper-test", "--tier", "overall", "--json", *filters)
    [board] = json.loads(result.stdout)["boards"]
    assert {row["record"]["model"]["name"] for row in board["rows"]} == titles
    assert board["rows"][0]["rank"] == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--dataset", "humanevl"), "no record is of humanevl: choose one of "),
        (
            ("--dataset", "apps+-paper-test", "--tier", "hard"),
            "has no tier hard: it has overall, introductory, interview",
        ),
        (("--dataset", "apps+-paper-test", "--k", "5"), "apps+ (paper, test) has no pass@5: it has pass@1"),
        (("--group", "xl"), "no record there has group xl: choose from base, instruct, rl"),
        (("--model", "gpt-9"), "no record there has model gpt-9: choose from "),
        (("no/such/folder",), "no/such/folder does not exist"),
    ],
)
def test_what_is_not_there_is_one_line_with_what_is(options: tuple[str, ...], message: str) -> None:
    result = invoke("show", *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert message in stderr_of(result)


def test_k_below_1_is_wrong_usage() -> None:
    assert invoke("show", "--k", "0").exit_code == 2


def test_other_ks_are_mentioned_and_can_be_chosen(tmp_path: Path) -> None:
    record = solved([0, 1, 2], samples=2, ks=[1]).model_copy()
    scores = [{"k": 1, "value": 0.5}, {"k": 2, "value": 2 / 3}]
    data = {**json.loads(dump_record(record)), "scores": scores}
    write(tmp_path, m=json.dumps(data))
    assert "humaneval also has pass@2: choose it with --k" in invoke("show", tmp_path).stdout
    assert "humaneval: pass@2" in invoke("show", tmp_path, "--k", 2).stdout
    assert len(json.loads(invoke("show", tmp_path, "--json").stdout)["boards"]) == 2


def test_contaminated_rows_lose_their_rank_on_demand() -> None:
    options = ("show", "--dataset", "apps+-paper-test", "--tier", "overall", "--json")
    [board] = json.loads(invoke(*options, "--unrank-contaminated").stdout)["boards"]
    assert board["rows"][0]["record"]["model"]["name"] == "DeepSeek-Coder-Instruct 6.7B"
    assert board["rows"][-1]["rank"] is None


@pytest.mark.parametrize("style", ["markdown", "csv", "json", "latex", "table"])
def test_out_writes_what_stdout_would_have(tmp_path: Path, style: str) -> None:
    options = ("show", "--dataset", "humaneval", "--format", style)
    result = invoke(*options, "--out", tmp_path / "board")
    assert (result.exit_code, result.stdout) == (0, "")
    assert f"wrote {tmp_path / 'board'}" in result.stderr
    written = (tmp_path / "board").read_text()
    assert "StepCoder" in written
    printed = invoke(*options).stdout
    assert [line.rstrip() for line in printed.splitlines()] == written.splitlines()


@pytest.mark.parametrize("style", ["csv", "table"])
@pytest.mark.parametrize("given", [True, False])
def test_out_replaces_no_record(folder: Path, style: str, given: bool) -> None:
    target = folder / "ours.json"
    before = target.read_text()
    result = invoke("show", *([folder] if given else []), "--format", style, "--out", target)
    assert result.exit_code == 2
    assert "is a record, which a board would replace" in stderr_of(result)
    assert target.read_text() == before


def test_out_replaces_no_file_that_it_reads_though_it_is_no_record(folder: Path) -> None:
    write(folder, broken='{"id": "x"')
    assert invoke("show", folder, "--out", folder / "broken.json").exit_code == 2
    assert (folder / "broken.json").read_text() == '{"id": "x"'


def test_out_may_be_written_again(folder: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert invoke("show", folder, "--json", "--out", tmp_path / "board.json").exit_code == 0


@pytest.mark.parametrize("command", ["show", "check"])
def test_a_faulty_file_cannot_write_to_the_terminal(folder: Path, command: str) -> None:
    write(folder, odd=text_of("odd", more=', "\\u001b]0;pwn\\u0007": 1'))
    line = stderr_of(invoke(command, folder))
    assert "pwn" in line
    assert line.isprintable()


def test_json_is_one_object_and_nothing_else(folder: Path) -> None:
    assert invoke("show", folder, "--json").stdout == invoke("show", folder, "--format", "json").stdout
    assert set(json.loads(invoke("show", folder, "--json").stdout)) == {"boards", "faults"}


def test_csv_on_stdout_is_csv(folder: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(invoke("show", folder, "--format", "csv").stdout)))
    assert [row["id"] for row in rows] == ["ours", "theirs"]


@pytest.mark.parametrize("style", ["table", "json"])
def test_bad_files_are_told_after_the_good_ones_were_shown(folder: Path, style: str) -> None:
    write(folder, broken='{"id": "x"', odd=text_of("odd", value="NaN"))
    result = invoke("show", folder, "--format", style)
    assert result.exit_code == 2
    assert "ours" in result.stdout
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == [
        str(folder / "broken.json"),
        str(folder / "odd.json"),
    ]


# ---- compare


def test_compare_by_ids_of_the_shipped_records() -> None:
    result = invoke("compare", *COMPETITION)
    assert result.exit_code == 0
    assert "it may be noise: the interval contains 0" in " ".join(result.stdout.split())


def test_compare_by_files_and_as_json(folder: Path) -> None:
    printed = json.loads(invoke("compare", folder / "theirs.json", folder / "ours.json", "--json").stdout)
    assert (printed["paired"], printed["may_be_noise"], len(printed["b_only"])) == (True, False, 8)
    assert printed["conclusion"].startswith("B is better")


def test_compare_reads_from_pipes(folder: Path, tmp_path: Path) -> None:
    pipes = [tmp_path / name for name in ("a", "b")]
    for pipe, name in zip(pipes, ("theirs", "ours"), strict=True):
        os.mkfifo(pipe)
        text = (folder / f"{name}.json").read_text()
        threading.Thread(target=pipe.write_text, args=(text,), daemon=True).start()
    assert json.loads(invoke("compare", *pipes, "--json").stdout)["conclusion"].startswith("B is better")


def test_a_name_that_is_too_long_for_a_file_is_no_record_either() -> None:
    assert "xxx is neither a file nor the id of a record" in stderr_of(invoke("compare", "x" * 5000, COMPETITION[0]))


def test_compare_by_ids_of_ones_own_records(folder: Path) -> None:
    assert "problem by problem, on the 40 problems" in " ".join(
        invoke("compare", "ours", "theirs", folder).stdout.split()
    )


def test_a_file_named_without_its_ending_is_suggested(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert "ours is neither a file nor the id of a record: did you mean ours.json?" in stderr_of(
        invoke("compare", "ours", "theirs")
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("paper-rltf", "paper-stepcoder-apps-plus"),
            "paper-rltf is neither a file nor the id of a record: did you mean paper-rltf",
        ),
        (("paper-rltf-mbpp", "paper-stepcoder-apps-plus"), "give two records of one board"),
        ((*COMPETITION[:2], "--tier", "hard"), "has no pass@1 of tier hard: it has overall: pass@1; introductory"),
        ((*COMPETITION, "--k", "10"), "has no pass@10 of tier competition"),
    ],
)
def test_what_cannot_be_compared_is_one_line(arguments: tuple[str, ...], message: str) -> None:
    result = invoke("compare", *arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in stderr_of(result)


# ---- check


def test_the_shipped_records_pass_with_remarks() -> None:
    result = invoke("check")
    assert result.exit_code == 0
    assert "note: paper-ppocoder-apps-plus: pass@1 overall is 32.1%" in result.stdout
    assert "errors: 0; notes on published figures: 5" in result.stdout


def test_a_contradiction_fails_the_check(folder: Path) -> None:
    wrong = solved([1, 0], "wrong").model_copy(update={"scores": solved([1, 1]).scores})
    write(folder, wrong=dump_record(wrong))
    result = invoke("check", folder)
    assert result.exit_code == 1
    assert "error: wrong: pass@1 of overall is 100.0%, its problems give 50.0%" in result.stdout


def test_a_faulty_file_fails_the_check(folder: Path) -> None:
    write(folder, broken="{")
    result = invoke("check", folder, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["findings"] == []
    assert str(folder / "broken.json") in stderr_of(result)


# ---- add


def test_added_records_are_shown(folder: Path, tmp_path: Path) -> None:
    write(tmp_path, mine=dump_record(solved([1] * 40, "mine")))
    result = invoke("add", tmp_path / "mine.json", "--to", folder)
    assert (result.exit_code, result.stdout) == (0, f"{folder / 'mine.json'}\n")
    assert "mine (100.0%)" in " ".join(invoke("show", folder).stdout.split())


def test_adding_twice_is_refused(folder: Path) -> None:
    result = invoke("add", folder / "ours.json", "--to", folder)
    assert result.exit_code == 2
    assert "its id ours is that of" in stderr_of(result)
