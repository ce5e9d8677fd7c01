"""Exported rows, read as each trainer reads them: the canonical solution of every problem gets the full reward."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from types import SimpleNamespace

import datasets
import pytest
from command_line import run

import apps_plus
from apps_plus.problem import Problem
from harness.integrations.export.engine_rows import ENGINES, engine_schema
from harness.integrations.open_r1 import with_apps_plus
from harness.integrations.trl import apps_plus_reward
from harness.integrations.verl import compute_score

WRONG = "```python\nprint('no')\n```"


@pytest.fixture(scope="module")
def problems(sample_build) -> dict[str, Problem]:
    return {problem.problem_id: problem for problem in apps_plus.load(sample_build).train}


@pytest.fixture(scope="module")
def exports(sample_build, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    for target in ENGINES:
        assert run("export", sample_build, "--for", target, "--out", folder / target).exit_code == 0
    return folder


def rows_of(exports: Path, target: str) -> list[dict]:
    """The rows of the train split, as ``datasets`` loads the folder."""
    cache = exports / "cache"
    return list(datasets.load_dataset(str(exports / target), split="train", cache_dir=str(cache)))


def answer_of(problem: Problem) -> str:
    return f"Here it is.\n\n```python\n{problem.canonical_solution}\n```\n"


@pytest.mark.parametrize("target", ENGINES)
def test_each_problem_is_one_row_of_its_split(exports, sample_build, target):
    dataset = apps_plus.load(sample_build)
    loaded = datasets.load_dataset(str(exports / target), cache_dir=str(exports / "cache"))
    assert {split: len(rows) for split, rows in loaded.items()} == {s: len(dataset[s]) for s in loaded}
    assert loaded["train"].features.arrow_schema.names == engine_schema(target).names


@pytest.mark.parametrize("target", ENGINES)
def test_the_card_counts_the_problems_and_names_the_reward(exports, sample_build, target):
    card = (exports / target / "README.md").read_text()
    assert f"{len(apps_plus.load(sample_build))} programming problems" in card
    assert ENGINES[target].reward in card


def test_verl_scores_canonical_solutions_with_one_and_logs_the_verdict(exports, problems):
    for row in rows_of(exports, "verl"):
        assert [message["role"] for message in row["prompt"]] == ["user"]
        problem = problems[row["extra_info"]["problem_id"]]
        assert problem.question.strip() in row["prompt"][0]["content"]
        score = compute_score(
            data_source=row["data_source"],
            solution_str=answer_of(problem),
            ground_truth=row["reward_model"]["ground_truth"],
            extra_info=row["extra_info"],
        )
        assert score == {"score": 1.0, "acc": 1.0, "share_passed": 1.0, "verdict": "passed"}


def test_verl_scores_by_the_reward_that_its_settings_name(exports):
    row = rows_of(exports, "verl")[0]
    truth = row["reward_model"]["ground_truth"]
    assert compute_score("apps+", WRONG, truth, None)["score"] < 0
    assert compute_score("apps+", WRONG, truth, None, reward="passed")["score"] == 0.0
    assert compute_score("apps+", "```python\ndef f(:\n```", truth, None)["score"] == -1.0


def test_verl_calls_the_reward_by_its_configuration(exports, problems):
    pytest.importorskip("verl", reason="verl is not installed")
    from omegaconf import OmegaConf
    from verl.trainer.ppo.reward import get_custom_reward_fn

    function = {"path": "pkg://harness.integrations.verl", "name": "compute_score", "reward_kwargs": {"timeout": 8.0}}
    reward = get_custom_reward_fn(OmegaConf.create({"reward": {"custom_reward_function": function}}))
    for row in rows_of(exports, "verl"):
        answer = answer_of(problems[row["extra_info"]["problem_id"]])
        called = {"data_source": "apps+", "solution_str": answer, "extra_info": row["extra_info"]}
        assert reward(**called, ground_truth=row["reward_model"]["ground_truth"])["score"] == 1.0


def test_skyrl_makes_the_environment_that_a_row_names(exports, problems):
    skyrl_gym = pytest.importorskip("skyrl_gym", reason="skyrl-gym is not installed")
    from harness.integrations.skyrl import register

    register()
    register()
    for row in rows_of(exports, "skyrl"):
        problem = problems[row["extra_info"]["problem_id"]]
        extras = {name: value for name, value in row.items() if name not in ("prompt", "env_class")}
        environment = skyrl_gym.make(row["env_class"], env_config={}, extras=extras)
        prompt, _ = environment.init(row["prompt"])
        assert prompt == row["prompt"]
        step = environment.step(answer_of(problem))
        assert (step["reward"], step["done"], step["metadata"]["verdict"]) == (1.0, True, "passed")
        assert environment.get_metrics()["passed"] == 1.0


def test_trl_rewards_canonical_solutions_with_one(exports, problems):
    rows = rows_of(exports, "trl")
    columns = {name: [row[name] for row in rows] for name in ("ground_truth", "problem_id", "difficulty")}
    messages = [[{"role": "assistant", "content": answer_of(problems[row["problem_id"]])}] for row in rows]
    called = {"prompts": [row["prompt"] for row in rows], "completion_ids": None, "trainer_state": None}
    assert apps_plus_reward(completions=messages, **called, **columns) == [1.0] * len(rows)
    texts = [WRONG] * len(rows)
    assert max(apps_plus_reward(completions=texts, **called, **columns, reward="passed")) == 0.0


def test_trl_calls_the_reward_with_the_rows_columns(exports, problems):
    """The step of ``GRPOTrainer`` that asks for rewards, on what it needs of a trainer."""
    trl = pytest.importorskip("trl", reason="TRL is not installed")
    from accelerate import Accelerator

    rows = rows_of(exports, "trl")
    completions = [[{"role": "assistant", "content": answer_of(problems[row["problem_id"]])}] for row in rows]
    trainer = SimpleNamespace(
        accelerator=Accelerator(cpu=True),
        reward_funcs=[apps_plus_reward],
        reward_processing_classes=[None],
        reward_func_names=["apps_plus_reward"],
        state=SimpleNamespace(global_step=0),
        environments=None,
        args=SimpleNamespace(report_to=[]),
        _log_completion_extra=None,
        _log_metric=None,
    )
    prompts = [row["prompt"] for row in rows]
    rewards = trl.GRPOTrainer._calculate_rewards(trainer, rows, prompts, completions, [[0]] * len(rows))
    assert rewards.tolist() == [[1.0]] * len(rows)


def test_open_r1_finds_the_reward_among_its_own_by_name(exports, problems):
    others = {"code_format": object(), "tag_count": object()}
    reward_functions = with_apps_plus(lambda arguments: [others[name] for name in arguments.reward_funcs])
    arguments = SimpleNamespace(reward_funcs=["code_format", "apps_plus", "tag_count"])
    assert reward_functions(arguments) == [others["code_format"], apps_plus_reward, others["tag_count"]]
    assert arguments.reward_funcs == ["code_format", "apps_plus", "tag_count"]
    rows = rows_of(exports, "open-r1")
    messages = [[{"role": "assistant", "content": answer_of(problems[row["problem_id"]])}] for row in rows]
    truths = [row["ground_truth"] for row in rows]
    assert apps_plus_reward(completions=messages, ground_truth=truths, prompts=None) == [1.0] * len(rows)


def test_open_r1_s_own_rewards_find_the_tests(exports, problems):
    for row in rows_of(exports, "open-r1"):
        problem = problems[row["problem_id"]]
        cases = row["verification_info"]["test_cases"]
        assert row["verification_info"]["language"] == "python"
        assert len(cases) == len(problem.tests)
        if problem.entry_point is None:
            assert [case["output"] for case in cases] == list(problem.tests.outputs)


def test_many_threads_may_score_at_the_same_time(exports, problems):
    rows = rows_of(exports, "verl")

    async def score_all() -> list[dict]:
        calls = []
        for row in rows:
            answer = answer_of(problems[row["extra_info"]["problem_id"]])
            calls.append(asyncio.to_thread(compute_score, "apps+", answer, row["reward_model"]["ground_truth"], None))
        return await asyncio.gather(*calls)

    assert {score["score"] for score in asyncio.run(score_all())} == {1.0}


def test_a_build_is_not_exported_into_itself(sample_build):
    result = run("export", sample_build, "--for", "verl", "--out", sample_build)
    assert (result.exit_code, "is the build itself" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("target", "name"),
    [("verl", "README.md"), ("trl", "train.parquet"), ("hub", "test.jsonl"), ("apps-plus-v1", "data/v1/data.json")],
)
def test_files_that_no_export_for_the_target_wrote_are_kept(sample_build, tmp_path, target, name):
    theirs = tmp_path / name
    theirs.parent.mkdir(parents=True, exist_ok=True)
    theirs.write_text("[{}]")
    result = run("export", sample_build, "--for", target, "--out", tmp_path)
    assert (result.exit_code, f"{name}, which no export --for {target} wrote" in result.stderr) == (2, True)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [theirs]


@pytest.mark.parametrize("target", ["verl", "hub", "apps-plus-v1"])
def test_an_earlier_export_for_the_target_is_replaced(sample_build, tmp_path, target):
    assert run("export", sample_build, "--for", target, "--out", tmp_path).exit_code == 0
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert run("export", sample_build, "--for", target, "--out", tmp_path).exit_code == 0
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
    other = "trl" if target == "verl" else "verl"
    assert run("export", sample_build, "--for", other, "--out", tmp_path).exit_code == (0 if "v1" in target else 2)


def test_a_build_in_the_working_directory_is_exported_beside_it(sample_build, tmp_path, monkeypatch):
    shutil.copytree(sample_build, tmp_path / "build")
    monkeypatch.chdir(tmp_path / "build")
    assert run("export", ".", "--for", "trl").exit_code == 0
    assert (tmp_path / "build-trl" / "train.parquet").exists()
