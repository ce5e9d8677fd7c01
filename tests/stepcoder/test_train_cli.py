"""The ``train`` commands: what they refuse, what a dry run says, who talks, and how a run is resumed.

The training itself has tests of its own; here it is replaced, where it would begin.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from apps_plus.cli import DefaultGroup, report_errors
from apps_plus.errors import BusyError, InputError
from apps_plus.storage import lock
from stepcoder import cli
from stepcoder.config import flatten
from stepcoder.config_files import bundled_names, load_config
from stepcoder.run_folder import LOCK, open_folder, will_resume
from stepcoder.run_log import read_log

needs_torch = pytest.mark.skipif(
    any(find_spec(name) is None for name in ("torch", "transformers")), reason="needs torch and transformers"
)


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No process of ``accelerate launch``, in a folder of its own."""
    for name in cli.RANKS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Any:
    app = typer.Typer(cls=DefaultGroup, rich_markup_mode=None, pretty_exceptions_enable=False)
    for name, function in cli.COMMANDS.items():
        app.command(name=name)(report_errors(function))
    app.callback()(lambda: None)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


Train = Callable[..., Any]


@pytest.fixture
def trainer(monkeypatch: pytest.MonkeyPatch) -> Callable[[Train], list[dict[str, Any]]]:
    """Puts a function in the place of ``stepcoder.train.train``, and remembers what it was called with."""
    from dataclasses import make_dataclass

    monkeypatch.setattr(cli, "require", lambda *packages: None)
    fields = {"method": "", "steps": 3, "rollouts": 96, "scores": {"eval/pass@1": 0.5}, "model": "", "seconds": 60.0}
    summary = make_dataclass("Summary", fields)
    calls: list[dict[str, Any]] = []

    def install(work: Train) -> list[dict[str, Any]]:
        def train(config: Any, out: Path, **options: Any) -> Any:
            calls.append({"config": config, "out": out, **options})
            work(**calls[-1])
            return summary(**{**fields, "method": config.method, "model": str(out / "model")})

        stub = ModuleType("stepcoder.train")
        stub.train = train  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "stepcoder.train", stub)
        return calls

    return install


def three_steps(*, log: Any, resume: bool, say: Any, **_: Any) -> None:
    if resume:
        log.rewind(2)
    for step in range(3 if resume else 1, 4):
        log.write(step, {"pass_rate": 0.25})
    say("done")


# ---- a run


def test_a_run_leaves_its_settings_and_its_log(trainer: Any, tmp_path: Path) -> None:
    trainer(three_steps)
    result = run("tiny", "--out", "a", "--method", "ppo", "--set", "seed=7", "--json")
    assert result.exit_code == 0, result.stderr
    assert json.loads(result.stdout) == {
        "out": "a",
        "method": "ppo",
        "steps": 3,
        "rollouts": 96,
        "scores": {"eval/pass@1": 0.5},
        "model": "a/model",
        "seconds": 60.0,
    }
    assert load_config("a/config.toml") == load_config("tiny", ["method=ppo", "seed=7"])
    assert [row["step"] for row in read_log(Path("a"))] == [1, 2, 3]
    assert "done" in result.stderr
    assert not (tmp_path / "a" / LOCK).exists()


def test_people_get_scores_on_stdout_and_the_rest_on_stderr(trainer: Any) -> None:
    trainer(three_steps)
    result = run("tiny", "--out", "a")
    assert result.stdout == "eval/pass@1\t0.5000\n"
    assert result.stderr.splitlines()[-3:] == [
        "3 steps, 96 roll-outs; this command took 60 s; scores are of problems that were trained on",
        "curves:   apps-plus train plot a --out curves.png",
        "the model: a/model, a transformers folder",
    ]


def test_after_a_run_on_a_build_the_next_commands_are_named(trainer: Any, sample_build: Path) -> None:
    trainer(three_steps)
    result = run("sample", "--out", "my run", "--set", f"data.path={sample_build}", "--set", "data.eval_split=test")
    data = f"--data {sample_build} --split test"
    assert result.stderr.splitlines()[-4:] == [
        "3 steps, 96 roll-outs; this command took 60 s; scores are of split `test`",
        "curves:   apps-plus train plot 'my run' --out curves.png",
        f"samples:  apps-plus generate apps+ {data} --model 'my run/model' --out samples.jsonl",
        f"score:    apps-plus evaluate apps+ samples.jsonl {data}",
    ]


def test_fine_tuning_has_no_roll_outs_to_count(capsys: pytest.CaptureFixture[str]) -> None:
    told = {"scores": {}, "out": "a", "model": "a/model", "steps": 120, "rollouts": 0, "seconds": 300.0}
    cli.print_summary(told, load_config("tiny"), as_json=False)
    first = capsys.readouterr().err.splitlines()[0]
    assert first == "120 steps; this command took 5 min; scores are of problems that were trained on"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            ["data.path=nowhere"],
            "nowhere is not a build: no manifest.json; make one with apps-plus build RAW --out nowhere",
        ),
        (["data.path=toy:deep", "model.name=runs/sft/model"], "no model in runs/sft/model: there is no such folder"),
        (["data.path=toy:deep", "model.name=runs/sft"], "no model in runs/sft: there is no such folder"),
    ],
)
def test_what_is_not_there_is_said_before_anything_is_loaded(
    trainer: Any, tmp_path: Path, settings: list[str], message: str
) -> None:
    calls = trainer(three_steps)
    (tmp_path / "runs").mkdir()  # so that runs/sft is no name on the hub
    arguments = [part for setting in settings for part in ("--set", setting)]
    result = run("sample", "--out", "a", *arguments)
    assert (result.exit_code, calls, Path("a").exists()) == (2, [], False)
    assert message in result.stderr


def test_without_out_the_folder_names_config_method_and_seed(trainer: Any) -> None:
    calls = trainer(three_steps)
    assert run("tiny", "--method", "sft", "--set", "seed=3").exit_code == 0
    assert calls[0]["out"] == Path("runs/tiny-sft-seed3")


def test_the_method_counts_more_than_a_setting() -> None:
    assert cli.read_config("tiny", "ppo", ["method=sft"]).method == "ppo"


def test_a_run_that_is_there_is_not_overwritten(trainer: Any) -> None:
    calls = trainer(three_steps)
    run("tiny", "--out", "a")
    result = run("tiny", "--out", "a")
    assert (result.exit_code, len(calls)) == (2, 1)
    assert result.stderr == ("apps-plus: a holds a run already: add --resume to continue it, or choose another --out\n")


def test_a_run_goes_on_with_its_log(trainer: Any) -> None:
    calls = trainer(three_steps)
    run("tiny", "--out", "a")
    result = run("tiny", "--out", "a", "--resume", "--set", "ppo.steps=500")
    assert result.exit_code == 0, result.stderr
    assert [call["resume"] for call in calls] == [False, True]
    assert [row["step"] for row in read_log(Path("a"))] == [1, 2, 3]
    assert load_config("a/config.toml").ppo.steps == 500


def test_a_run_goes_on_with_a_lower_learning_rate_and_says_so(trainer: Any) -> None:
    calls = trainer(three_steps)
    run("tiny", "--out", "a")
    assert "resuming" not in run("tiny", "--out", "a", "--resume").stderr
    result = run("tiny", "--out", "a", "--resume", "--set", "ppo.lr=5e-5", "--set", "ppo.kl_coef=0.1")
    assert result.exit_code == 0, result.stderr
    assert result.stderr.count("resuming with other settings: ppo.lr 0.0001 -> 5e-05, ppo.kl_coef 0.05 -> 0.1\n") == 1
    assert calls[-1]["config"].ppo.lr == load_config("a/config.toml").ppo.lr == 5e-5


@pytest.mark.parametrize("arguments", [[], ["--resume"]])
def test_a_run_that_a_wrong_setting_stopped_begins_with_the_right_one(
    trainer: Any, sample_build: Path, arguments: list[str]
) -> None:
    def check(*, config: Any, log: Any, **_: Any) -> None:
        if config.data.split == "validation":
            raise InputError("its split validation is empty")
        log.write(1, {"pass_rate": 0.5})

    calls = trainer(check)
    data = ["--set", f"data.path={sample_build}"]
    assert run("sample", "--out", "a", *data, "--set", "data.split=validation").exit_code == 2
    result = run("sample", "--out", "a", *data, *arguments)
    assert result.exit_code == 0, result.stderr
    assert calls[-1]["resume"] is False
    assert load_config("a/config.toml").data.split == "train"


def test_resuming_what_has_not_begun_begins_it(trainer: Any) -> None:
    calls = trainer(three_steps)
    result = run("tiny", "--out", "a", "--resume")
    assert (result.exit_code, calls[0]["resume"]) == (0, False)
    assert "a holds no run yet" in result.stderr


def test_ctrl_c_exits_with_130_and_says_how_to_go_on(trainer: Any) -> None:
    def interrupted(**_: Any) -> None:
        raise KeyboardInterrupt

    trainer(interrupted)
    result = run("tiny", "--out", "a")
    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == (
        "apps-plus: interrupted; the same command with --resume continues from the last step in a"
    )
    assert not Path("a", LOCK).exists()


@pytest.mark.parametrize("name", cli.RANKS)
def test_the_other_processes_are_silent_and_write_nothing(
    trainer: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    trainer(three_steps)
    monkeypatch.setenv(name, "1")
    result = run("tiny", "--out", "a", "--json")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert not Path("a").exists()


def test_what_stops_all_processes_is_said_once(trainer: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise InputError("no such model")

    trainer(refuse)
    assert run("tiny", "--out", "a").stderr.endswith("apps-plus: no such model\n")
    monkeypatch.setenv("RANK", "1")
    result = run("tiny", "--out", "b")
    assert (result.exit_code, result.stderr) == (2, "")


def test_the_main_process_of_several_talks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.is_main()
    monkeypatch.setenv("RANK", "0")
    assert cli.is_main()


# ---- what is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tinny"], "did you mean tiny?"),
        (["tiny", "--method", "best"], "no method 'best': choose one of sft, ppo, stepcoder"),
        (["tiny", "--set", "ppo.lr=0"], '--set: ppo.lr = "0": must be a number above 0'),
        (["tiny", "--set", "x"], "--set x: write KEY=VALUE"),
    ],
)
def test_a_command_that_cannot_be_meant(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name in ("torch", "peft") else object())
    result = run("tiny", "--set", "model.lora_rank=4")
    assert result.exit_code == 2
    [line] = result.stderr.splitlines()
    assert line.startswith("apps-plus: training needs torch, peft: ")
    assert line.endswith("pip install 'apps-plus[train]'")


# ---- the folder of a run


TRACES = ["log.jsonl", "checkpoints/step-000001/state.json", "model/config.json", "summary.json"]


def leave(folder: Path, trace: str) -> None:
    (folder / trace).parent.mkdir(parents=True, exist_ok=True)
    (folder / trace).write_text('{"step": 1}\n')


@pytest.mark.parametrize("trace", TRACES)
def test_what_a_run_left_without_its_settings_is_not_gone_on_with(tmp_path: Path, trace: str) -> None:
    leave(tmp_path, trace)
    with pytest.raises(InputError, match="add --resume"):
        will_resume(tmp_path, load_config("tiny"), resume=False)
    with pytest.raises(InputError, match=r"its config\.toml is missing"):
        will_resume(tmp_path, load_config("tiny"), resume=True)


def test_other_files_are_no_run(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert not will_resume(tmp_path, load_config("tiny"), resume=False)


@pytest.mark.parametrize("trace", TRACES)
def test_settings_and_anything_that_came_of_them_are_a_run(tmp_path: Path, trace: str) -> None:
    with open_folder(tmp_path, load_config("tiny"), resume=False):
        leave(tmp_path, trace)
    with pytest.raises(InputError, match="holds a run already: add --resume"):
        will_resume(tmp_path, load_config("tiny"), resume=False)
    with pytest.raises(InputError, match=r"begun with other settings \(seed: 0 there, 1 now\)"):
        will_resume(tmp_path, load_config("tiny", ["seed=1"]), resume=True)
    assert will_resume(tmp_path, load_config("tiny"), resume=True)


@pytest.mark.parametrize("resume", [False, True])
def test_settings_alone_are_no_run_and_may_be_replaced(tmp_path: Path, resume: bool) -> None:
    with open_folder(tmp_path, load_config("tiny", ["seed=1"]), resume=False):
        (tmp_path / "log.jsonl").write_text("")
        (tmp_path / "checkpoints" / ".step-000001.part").mkdir(parents=True)
    with open_folder(tmp_path, load_config("paper"), resume=resume) as going_on:
        assert not going_on
    assert load_config(str(tmp_path / "config.toml")) == load_config("paper")


def test_settings_that_somebody_wrote_keep_their_comments_while_they_hold(tmp_path: Path) -> None:
    text = "# mine\n[data]\npath = 'toy:deep'\n"
    (tmp_path / "config.toml").write_text(text)
    config = load_config(str(tmp_path / "config.toml"))
    with open_folder(tmp_path, config, resume=False):
        assert (tmp_path / "config.toml").read_text() == text


@pytest.mark.parametrize("text", ["[", "unknown = 1\n"])
def test_settings_that_cannot_be_read_and_that_nothing_came_of_are_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.toml").write_text(text)
    with open_folder(tmp_path, load_config("tiny"), resume=False):
        assert load_config(str(tmp_path / "config.toml")) == load_config("tiny")


@pytest.mark.parametrize(
    ("name", "overrides", "stale"),
    [
        ("tiny", ["seed=1"], "seed"),
        ("tiny", ["data.path=toy:deep", "sft.lr=1"], "data.path, sft.lr"),
        ("tiny", ["data.max_prompt_tokens=100", "ppo.lam=0.5", "method=ppo"], ""),
        ("sample", ["data.path=other"], "data.path"),
        ("sample", ["sft.max_tokens=9", "model.dtype=bfloat16"], ""),
        ("sample", ["seed=1", "model.name=some/model"], ""),
    ],
)
def test_a_model_that_a_stopped_run_made_is_used_only_if_it_is_the_same(
    tmp_path: Path, name: str, overrides: list[str], stale: str
) -> None:
    with open_folder(tmp_path, load_config(name), resume=False):
        leave(tmp_path, "base/config.json")
    if stale:
        with pytest.raises(InputError, match=rf"made with other settings \({stale}\): remove it"):
            will_resume(tmp_path, load_config(name, overrides), resume=False)
    else:
        assert not will_resume(tmp_path, load_config(name, overrides), resume=False)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(InputError, match="it is not a folder"):
        will_resume(tmp_path / "a", load_config("tiny"), resume=False)


def test_changed_settings_are_named(tmp_path: Path) -> None:
    with open_folder(tmp_path, load_config("tiny"), resume=False):
        leave(tmp_path, "log.jsonl")
    with pytest.raises(
        InputError,
        match=r"\(seed: 0 there, 9 now; ppo\.lam: 1.0 there, 0.5 now\): set them as its config\.toml has",
    ):
        will_resume(tmp_path, load_config("tiny", ["ppo.lam=0.5", "seed=9", "save_every=2", "ppo.lr=1"]), resume=True)


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    first = open_folder(tmp_path, load_config("tiny"), resume=False)
    with first, pytest.raises(BusyError, match="another run is using"):
        open_folder(tmp_path, load_config("tiny"), resume=True).__enter__()


def test_a_folder_in_use_is_left_as_it_is(tmp_path: Path) -> None:
    with lock(tmp_path / LOCK), pytest.raises(BusyError):
        open_folder(tmp_path, load_config("tiny"), resume=False).__enter__()
    assert not (tmp_path / "config.toml").exists()


# ---- what would happen


@needs_torch
def test_a_dry_run_says_what_would_happen_and_writes_nothing(tmp_path: Path) -> None:
    settings = ("ppo.steps=10", "rollout.problems=4", "rollout.samples=8", "rollout.max_tokens=160")
    result = run("tiny", "--dry-run", "--out", tmp_path / "a", *(word for text in settings for word in ("--set", text)))
    assert result.exit_code == 0, result.stderr
    for words in (
        "stepcoder: PPO with CCCS and FGO",
        "reward stepcoder_reward, loss mask executed, curriculum cccs, advantages gae",
        "made from scratch: 5",  # about 508,320 parameters: some more or fewer, as its tokenizer has pieces
        " parameters, float32",
        "toy:nested: 4 problems to train on",
        "10 steps of 4 problems x 8 roll-outs",
        "320 programs of at most 160 tokens; 10 times each problem",
        "while updating",
    ):
        assert words in result.stdout
    assert list(tmp_path.iterdir()) == []


@needs_torch
def test_a_dry_run_of_the_paper_needs_no_hub_and_names_what_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    import transformers

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the hub was asked")

    monkeypatch.setattr(transformers.AutoConfig, "from_pretrained", refuse)
    monkeypatch.setattr("stepcoder.dry_run_console.device_memory", lambda _: ("of a GPU", 80_000_000_000))
    told = run("paper", "--dry-run").stdout
    for words in (
        "deepseek-ai/deepseek-coder-6.7b-instruct: 6,740,512,768 parameters",
        "of a GPU            74.5 GiB: it does not fit",
        "it fits 8 devices of 74.5 GiB with verl (docs/verl.md), on each:",
    ):
        assert words in told
    monkeypatch.setattr("stepcoder.dry_run_console.device_memory", lambda _: ("of a GPU", 800_000_000_000))
    told = run("paper", "--dry-run").stdout
    assert ": it fits\n" in told and "verl" not in told


@needs_torch
def test_a_dry_run_for_programs() -> None:
    settings = ("ppo.steps=10", "ppo.epochs=2", "rollout.problems=4", "rollout.samples=8")
    told = run("tiny", "--dry-run", "--json", *(word for text in settings for word in ("--set", text))).stdout
    plan = json.loads(told)
    assert (plan["method"], plan["steps"], plan["rollouts"], plan["faults"]) == ("stepcoder", 20, 320, [])
    assert plan["data"]["problems"] == sum(plan["data"]["stages"].values()) == 4
    assert min(map(int, plan["data"]["stages"])) > 1
    assert plan["memory_bytes"]["peak"] == plan["memory_bytes"]["while updating"]


@needs_torch
@pytest.mark.parametrize(("limit", "batches"), [(33, 2), (64, 2), (65, 3), (999, 10)])
def test_a_dry_run_ends_where_the_limit_of_roll_outs_does(limit: int, batches: int) -> None:
    settings = ("ppo.steps=10", f"ppo.max_rollouts={limit}", "rollout.problems=4", "rollout.samples=8")
    words = [word for text in settings for word in ("--set", text)]
    plan = json.loads(run("tiny", "--dry-run", "--json", *words).stdout)
    assert (plan["steps"], plan["rollouts"]) == (batches, 32 * batches)
    assert f"{batches} steps of 4 problems x 8 roll-outs" in run("tiny", "--dry-run", *words).stdout


@needs_torch
def test_without_a_curriculum_every_problem_has_one_stage() -> None:
    plan = json.loads(run("tiny", "--dry-run", "--json", "--method", "ppo").stdout)
    assert plan["data"]["stages"] == {"1": 4}


@needs_torch
def test_errors_that_would_stop_a_run_are_in_the_plan() -> None:
    result = run("tiny", "--dry-run", "--set", "data.max_prompt_tokens=1")
    assert result.exit_code == 2
    assert "error       no problem has a prompt of 1 tokens or fewer" in result.stdout
    assert "while updating" in result.stdout
    assert len(result.stderr.splitlines()) == 1


@needs_torch
def test_a_folder_that_holds_no_model_is_one_error_of_the_plan(tmp_path: Path) -> None:
    from stepcoder.dry_run import make_plan

    run_of_before = tmp_path / "run"
    (run_of_before / "model").mkdir(parents=True)
    (run_of_before / "model/config.json").write_text("{}")
    plan = make_plan(load_config("tiny", [f"model.name={run_of_before}"]), tmp_path / "out")
    assert plan.faults == (
        f"no model in {run_of_before}: it is the folder of a run, and its model is in {run_of_before / 'model'}",
    )


@needs_torch
def test_the_model_is_planned_without_a_build(tmp_path: Path) -> None:
    from stepcoder.toys.tiny_model import make_toy_model

    make_toy_model(tmp_path / "model", ["x = 1\n"])
    settings = ["--set", f"model.name={tmp_path / 'model'}", "--set", f"data.path={tmp_path / 'none'}"]
    result = run("tiny", "--dry-run", *settings)
    assert result.exit_code == 2
    assert "none: not counted" in result.stdout
    assert "is not a build" in result.stdout
    assert "parameters, float32" in result.stdout


@needs_torch
def test_problems_of_a_build_are_counted(sample_build: Path, tmp_path: Path) -> None:
    from apps_plus.storage import load
    from stepcoder.toys.tiny_model import make_toy_model

    make_toy_model(tmp_path / "model", ["x = 1\n"], context=100_000)
    problems = load(sample_build)
    settings = ["--set", f"model.name={tmp_path / 'model'}", "--set", f"data.path={sample_build}"]
    plan = json.loads(run("tiny", "--dry-run", "--json", *settings, "--set", "data.max_prompt_tokens=600").stdout)
    data = plan["data"]
    assert data["problems"] + data["left_out"] == len(problems.train)
    assert data["left_out"] > 0
    assert data["evaluated"] == len(problems.validation)
    assert data["prompt_tokens"][0] <= data["prompt_tokens"][1] <= 600


@needs_torch
def test_a_model_for_a_build_is_planned_as_it_would_be_made(sample_build: Path) -> None:
    from stepcoder.toys.base_model import BUILD_CONTEXT

    plan = json.loads(run("sample", "--dry-run", "--json", "--set", f"data.path={sample_build}").stdout)
    assert plan["data"]["context"] == BUILD_CONTEXT
    assert plan["faults"] == []


def toy_plan(folder: Path, method: str, *settings: str, context: int = 300, template: str | None = None) -> Any:
    """The plan of a run on generated tasks with a model whose tokens are single bytes."""
    from transformers import AutoTokenizer

    from stepcoder.toys.tiny_model import make_toy_model

    make_toy_model(folder / "model", ["x"], vocab=260, layers=1, context=context)
    if template is not None:
        tokenizer = AutoTokenizer.from_pretrained(folder / "model")
        tokenizer.chat_template = template
        tokenizer.save_pretrained(folder / "model")
    words = [f"model.name={folder / 'model'}", "data.path=toy:nested", "data.max_prompt_tokens=10000", *settings]
    arguments = [word for text in words for word in ("--set", text)]
    return json.loads(run("tiny", "--dry-run", "--json", "--method", method, *arguments).stdout)


@needs_torch
@pytest.mark.parametrize("method", ["stepcoder", "ppo"])
def test_programs_that_the_context_would_cut_short_are_warned_of(tmp_path: Path, method: str) -> None:
    from stepcoder.curriculum import stage_starts
    from stepcoder.toys.tasks import make_tasks

    tasks = make_tasks("nested", 4, 0)
    given = [stage_starts(task.solution, task.problem.conditionals)[0] for task in tasks]
    alone = max(len(task.prompt) for task in tasks)
    longest = max(len(task.prompt) + start for task, start in zip(tasks, given, strict=True))
    start = longest if method == "stepcoder" else alone
    found = toy_plan(tmp_path, method, "rollout.max_tokens=50", context=start + 49)
    assert found["data"]["prompt_tokens"][1] == alone
    assert found["data"]["longest_start"] == start > 0
    words = "the longest prompt with its curriculum prefix" if method == "stepcoder" else "the longest prompt"
    assert found["warnings"] == [
        f"{words} ({start} tokens) and rollout.max_tokens (50) make {start + 50} tokens, and the model's context holds "
        f"{start + 49}: lower rollout.max_tokens to 49, or data.max_prompt_tokens"
    ]
    assert toy_plan(tmp_path, method, "rollout.max_tokens=49", context=start + 49)["warnings"] == []
    assert toy_plan(tmp_path, "sft", "rollout.max_tokens=10000", context=start + 49)["warnings"] == []


@needs_torch
def test_a_context_that_holds_no_prompt(tmp_path: Path) -> None:
    [fault] = toy_plan(tmp_path, "stepcoder", context=8)["faults"]
    assert fault.startswith("no problem leaves room in the model's context of 8 tokens")


@needs_torch
def test_a_chat_model_is_asked_through_its_template(tmp_path: Path) -> None:
    around = "{% for message in messages %}<u>{{ message['content'] }}{% endfor %}<a>"
    plain = toy_plan(tmp_path, "ppo", context=2000)["data"]["prompt_tokens"]
    chat = toy_plan(tmp_path, "ppo", "model.chat=true", context=2000, template=around)["data"]["prompt_tokens"]
    assert [asked - without for asked, without in zip(chat, plain, strict=True)] == [6, 6]


@needs_torch
def test_a_chat_model_without_a_template(tmp_path: Path) -> None:
    [fault] = toy_plan(tmp_path, "stepcoder", "model.chat=true")["faults"]
    assert "chat template" in fault


# ---- config


@pytest.mark.parametrize("name", bundled_names())
def test_a_printed_config_is_read_back(tmp_path: Path, name: str) -> None:
    given = ["model.revision=main", "ppo.max_grad_norm=inf", "data.path=toy:deep"]
    result = run("config", name, *(part for setting in given for part in ("--set", setting)), "--method", "grpo")
    assert result.exit_code == 0, result.stderr
    (tmp_path / "mine.toml").write_text(result.stdout)
    assert load_config(str(tmp_path / "mine.toml")) == load_config(name, [*given, "method=grpo"])


def test_a_printed_config_says_what_each_setting_means() -> None:
    shown = run("config", "tiny", "--method", "dapo").stdout
    for key, value in flatten(load_config("tiny")).items():
        name = key.rpartition(".")[2]
        assert re.search(rf"^#.*\n{'# ' if value is None else ''}{name} =", shown, re.M), key
    assert "# Weight of the KL to the reference (paper: 0.05) (a number at least 0)\nkl_coef = 0.05" in shown
    assert "# This method fixes ppo.advantages =" in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_a_printed_config_as_json() -> None:
    assert json.loads(run("config", "paper", "--json").stdout) == flatten(load_config("paper"))


# ---- plot and ablation


def test_plot_draws_the_runs_that_it_is_given(trainer: Any) -> None:
    pytest.importorskip("matplotlib")
    trainer(three_steps)
    for seed in (0, 1):
        run("tiny", "--out", f"run{seed}", "--set", f"seed={seed}")
    result = run("plot", "run0", "run1", "--out", "c.svg", "--json")
    assert result.exit_code == 0, result.stderr
    assert "wrote c.svg: pass_rate (2 runs, 1 line)" in result.stderr
    [curve] = json.loads(result.stdout)["metrics"]["pass_rate"]
    assert (curve["label"], curve["runs"], curve["mean"]) == ("stepcoder", 2, [0.25] * 3)
    assert Path("c.svg").stat().st_size > 1000


def test_plot_leaves_out_a_run_without_a_step(trainer: Any) -> None:
    pytest.importorskip("matplotlib")
    trainer(three_steps)
    run("tiny", "--out", "run")
    trainer(lambda **_: None)
    run("tiny", "--out", "begun")
    result = run("plot", "begun", "run", "--out", "c.svg")
    assert result.exit_code == 0, result.stderr
    assert "note: begun is left out: no step of it has ended yet" in result.stderr
    alone = run("plot", "begun", "--out", "d.svg")
    assert (alone.exit_code, Path("d.svg").exists()) == (2, False)
    assert "begun: no step has ended yet: wait for the first" in alone.stderr


def test_plot_of_a_folder_that_is_no_run() -> None:
    pytest.importorskip("matplotlib")
    result = run("plot", "nothing")
    assert result.exit_code == 2
    assert "nothing is not a run" in result.stderr


def test_ablation_hands_its_options_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Found:
        def to_json(self) -> dict[str, Any]:
            return {"rows": [1]}

        def markdown(self) -> str:
            return "the table"

    calls: list[dict[str, Any]] = []
    stub = ModuleType("stepcoder.experiments.ablation")
    stub.run_ablation = lambda **options: calls.append(options) or Found()  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "stepcoder.experiments.ablation", stub)
    monkeypatch.setattr(cli, "require", lambda *packages: None)
    assert run("ablation", "--out", "a").stdout == "the table\n"
    found = run(
        "ablation",
        "--family",
        "deep",
        "--family",
        "wide",
        "--methods",
        "ppo, rltf",
        "--seeds",
        2,
        "--set",
        "ppo.steps=9",
        "--json",
    )
    assert json.loads(found.stdout) == {"out": "ablation", "rows": [1]}
    for call in calls:
        call.pop("say")
    assert calls == [
        {"out": Path("a"), "families": None, "methods": None, "seeds": 5, "workers": 0, "settings": ()},
        {
            "out": Path("ablation"),
            "families": ["deep", "wide"],
            "methods": ["ppo", "rltf"],
            "seeds": 2,
            "workers": 0,
            "settings": ["ppo.steps=9"],
        },
    ]


@needs_torch
def test_the_example_of_train_runs_without_training(tmp_path: Path) -> None:
    from apps_plus.cli import app

    command = typer.main.get_command(app)
    example = command.get_command(typer.Context(command), "train").epilog.removeprefix("Example:").split()
    result = CliRunner().invoke(app, [*example[1:], "--dry-run", "--out", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    assert not (tmp_path / "run").exists()
