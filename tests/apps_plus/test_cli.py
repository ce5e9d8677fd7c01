"""The command line: exit codes, one line for what went wrong, stdout for data alone."""

from __future__ import annotations

import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import run

from apps_plus.cli import COMMANDS


def run_process(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "apps_plus.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, timeout=120)


def test_help_lists_every_command():
    result = run_process("--help")
    assert result.returncode == 0
    assert all(f"  {name} " in result.stdout for name in COMMANDS)


@pytest.mark.parametrize(
    "arguments", [["--help"], ["leaderboard", "--help"], ["review", "--help"], ["train", "--help"]]
)
def test_no_sentence_in_a_list_of_commands_is_cut_off(arguments):
    assert "..." not in run(*arguments).stdout.partition("Commands:")[2]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_ends_with_an_example(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert result.stdout.rstrip().splitlines()[-1].strip().startswith(f"Example:  apps-plus {command}")


def test_help_imports_nothing_heavy():
    code = (
        "import sys; sys.argv = ['apps-plus', '--help']\nfrom apps_plus.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "heavy = {'torch', 'datasets', 'pandas', 'textual', 'matplotlib', 'numpy', 'pyarrow', 'pydantic', 'rich'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert result.stdout.splitlines()[-1] == "heavy: []"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_lists_a_command_with_the_first_sentence_of_its_docstring(command):
    target, sentence = COMMANDS[command]
    module, name = target.split(":")
    function = getattr(importlib.import_module(module), name)
    function = next(iter(function.values())) if isinstance(function, dict) else function
    paragraph = " ".join((inspect.getdoc(function) or "").split("\n\n")[0].split())
    assert paragraph == sentence or paragraph.startswith(f"{sentence} ")
    assert sentence.endswith(".")


def test_version():
    assert run("--version").stdout.startswith("apps-plus 0.")


def test_build_with_json_prints_one_object_and_nothing_else(raw, tmp_path):
    result = run_process("build", raw, "--out", tmp_path / "out", "--json")
    assert result.returncode == 0
    assert json.loads(result.stdout)["counts"]["released"]["total"] == 8


def test_a_cache_is_used_by_another_build_and_its_use_is_told(raw, tmp_path):
    told = []
    for name in ("one", "two"):
        result = run("build", raw, "--out", name, "--cache", "programs.cache", "--json", cwd=tmp_path)
        assert (result.exit_code, json.loads(result.stdout)["counts"]["released"]["total"]) == (0, 8)
        told.append(result.stderr.splitlines()[-1])
    number = told[0].split()[2]
    assert told == [f"{known} of {number} runs of a program were found in programs.cache" for known in (0, number)]


def test_a_cache_that_cannot_be_written_is_told_once_and_the_build_goes_on(raw, tmp_path):
    (tmp_path / "file").touch()
    result = run_process("build", raw, "--out", tmp_path / "out", "--workers", 2, "--cache", tmp_path / "file/cache")
    assert result.returncode == 0
    assert result.stderr.count("continuing without it") == 1


def test_explain_tells_the_story(sample_build):
    result = run("explain", sample_build, "test/0")
    assert result.exit_code == 0
    assert "needs review: output_mismatch" in result.stdout
    assert "5 agree on" in result.stdout
    story = json.loads(run("explain", sample_build, "test/0000", "--json").stdout)
    assert story["ledger"]["outcome"] == "needs_review"


def test_explain_knows_every_problem_of_the_sample(sample_build, rows):
    from io import StringIO

    from rich.console import Console

    from curation.console import _explanation
    from curation.explain import explain_problem

    for row in rows(sample_build / "ledger.jsonl"):
        console = Console(file=StringIO(), width=80)
        for part in _explanation(explain_problem(sample_build, row["problem_id"]), whole_statement=True):
            console.print(part)
        assert row["outcome"].replace("_", " ") in console.file.getvalue()


def test_stats_counts_and_draws(sample_build, tmp_path):
    pytest.importorskip("matplotlib")
    counts = json.loads(run("stats", sample_build, "--json", "--plot", tmp_path / "funnel.png").stdout)
    assert counts["raw"]["total"] == counts["released"]["total"] + sum(
        by_tier["total"] for name in ("dropped", "needs_review") for by_tier in counts[name].values()
    )
    assert (tmp_path / "funnel.png").read_bytes().startswith(b"\x89PNG")
    assert "The funnel" in run("stats", sample_build).stdout


BAD = {
    "a missing folder": (["build", "nowhere"], 2, "nowhere"),
    "an empty folder": (["build", "empty"], 2, "no problems in"),
    "a file that is not JSON": (["build", "bad.jsonl"], 2, "bad.jsonl:2: not JSON"),
    "a row without a question": (["build", "noquestion.jsonl"], 2, "noquestion.jsonl:1"),
    "an empty file": (["build", "empty.jsonl"], 2, "empty.jsonl"),
    "an unknown kind of file": (["build", "data.csv"], 2, "data.csv"),
    "an --out that is a file": (["build", "good.jsonl", "--out", "data.csv"], 1, "data.csv"),
    "a decisions folder that is not there": (["build", "good.jsonl", "--decisions", "nowhere"], 2, "nowhere"),
    "two ways to choose problems": (["build", "--limit", "3", "--sample", "3"], 2, "leave one out"),
    "two ways to choose tasks": (["generate", "humaneval", "--limit", "3", "--sample", "3"], 2, "leave one out"),
    "a share that is none": (["build", "good.jsonl", "--shard", "3/2"], 2, "3/2"),
    "a cache that is none": (["build", "good.jsonl", "--cache", "data.csv"], 2, "data.csv is no cache of executions"),
    "no such option": (["build", "--colour"], 2, "--colour"),
    "explain without a build": (["explain", "empty", "1"], 2, "is not a whole build"),
    "explain an unknown problem": (["explain", "BUILD", "train/9999"], 2, "train/9999"),
    "stats without a build": (["stats", "empty"], 2, "is not a whole build"),
    "a plot of an unknown kind": (["stats", "BUILD", "--plot", "x.doc"], 2, "must end in .png"),
}


@pytest.mark.parametrize("arguments, exit_code, told", BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_clear_line(arguments, exit_code, told, tmp_path, sample_build):
    (tmp_path / "empty").mkdir()
    row = {"problem_id": 1, "question": "q", "solutions": "", "input_output": ""}
    (tmp_path / "good.jsonl").write_text(json.dumps(row) + "\n")
    (tmp_path / "bad.jsonl").write_text(json.dumps(row) + "\n{oops\n")
    (tmp_path / "noquestion.jsonl").write_text('{"problem_id": 1}\n')
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "data.csv").write_text("a,b\n")
    result = run(*[sample_build if argument == "BUILD" else argument for argument in arguments], cwd=tmp_path)
    assert result.exit_code == exit_code, result.stderr
    assert told in result.stderr
    assert result.stdout == ""
    if "Usage" not in result.stderr:
        assert len(result.stderr.strip().splitlines()) == 1


def test_a_build_says_what_one_should_know_before_relying_on_it(raw, tmp_path):
    (raw / "train/0001/metadata.json").write_text('{"difficulty": "easy"}')
    (raw / "train/0002/metadata.json").write_text('{"difficulty": "introductory"}')
    for name in ("0000", "0001"):
        (raw / f"train/{name}/solutions.json").unlink()
    (tmp_path / "out/decisions").mkdir(parents=True)
    row = {"problem_id": "train/9", "item_digest": "x", "action": "keep", "reviewer": "ada", "time": "2026-01-02"}
    (tmp_path / "out/decisions/ada.jsonl").write_text(json.dumps(row) + "\n")
    told = run("build", raw, "--limit", 2, "--out", tmp_path / "out").stderr
    assert "note: no problem was released: the funnel says why" in told
    assert "note: 1 decisions name a problem that is not in the data" in told
    assert "note: tiers that APPS does not have: easy" in told


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_stdout_is_one_clear_line(sample_build):
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "apps_plus.cli", "stats", str(sample_build)]
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, timeout=120)
    assert (result.returncode, result.stderr) == (
        1,
        "apps-plus: cannot write to standard output: No space left on device\n",
    )


def test_a_name_cannot_write_to_the_terminal(tmp_path):
    result = run("stats", f"{tmp_path}/\x1b]0;pwned\x07")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr and "\\x1b]0;pwned\\x07" in result.stderr


def test_a_shell_completes_commands_and_options():
    code = "import sys; sys.argv[0] = 'apps-plus'; from apps_plus.cli import main; main()"  # the console script
    for words, expected in (("apps-plus leaderboard s", ["show", "site"]), ("apps-plus stats --pl", ["--plot"])):
        settings = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" ")), "_APPS_PLUS_COMPLETE": "complete_bash"}
        environment = {**os.environ, **settings}
        command = [sys.executable, "-c", code]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
        assert result.stdout.split() == expected, result.stderr
