"""The taskset of verifiers, checked by its own ``vf-validate``: gold solutions pass, and no answer does not."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

vf = pytest.importorskip("verifiers.v1", reason="verifiers 0.4 is not installed")

import apps_plus
from harness.integrations.verifiers import AppsPlusConfig, AppsPlusTaskset

MODULE = Path(__file__).parents[3] / "environments" / "verifiers"
"""The folder of the module by whose name verifiers finds the taskset."""


def tasks_of(build: Path, **fields) -> list:
    return list(AppsPlusTaskset(AppsPlusConfig(build=str(build), **fields)))


def test_a_task_is_a_problem_whose_data_holds_no_tests_and_no_solution(sample_build):
    problems = {problem.problem_id: problem for problem in apps_plus.load(sample_build).test}
    tasks = tasks_of(sample_build)
    assert [task.key for task in tasks] == list(problems)
    for task in tasks:
        problem, data = problems[task.key], task.data.model_dump_json()
        assert task.data.prompt.startswith(problem.question.strip())
        assert json.dumps(problem.canonical_solution)[1:-1] not in data


def test_tasks_may_be_chosen_by_difficulty(sample_build):
    assert {task.data.difficulty for task in tasks_of(sample_build, difficulty="interview", split="all")} == {
        "interview"
    }


@pytest.mark.parametrize(("stepcoder", "wrong"), [(False, 0.0), (True, -0.6)])
def test_the_reward_of_an_answer(sample_build, stepcoder, wrong):
    [task, *_] = tasks_of(sample_build, task={"stepcoder": stepcoder})

    class Trace:
        last_reply = ""
        metrics: dict = {}  # noqa: RUF012

        def record_metrics(self, metrics: dict) -> None:
            self.metrics = metrics

    trace = Trace()
    trace.last_reply = f"So:\n```python\n{task.problem.canonical_solution}\n```"
    assert asyncio.run(task.tests(trace)) == 1.0
    assert trace.metrics == {"share_passed": 1.0}
    trace.last_reply = "```python\nraise ValueError\n```"
    assert asyncio.run(task.tests(trace)) == wrong


def test_vf_validate_passes_on_gold_and_on_no_op(sample_build, tmp_path):
    command = [Path(sys.executable).parent / "vf-validate", "apps-plus-env", "--taskset.build", sample_build]
    options = ["--taskset.split", "all", "--runtime.type", "subprocess", "-o", tmp_path, "--run.name", "run"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(MODULE), os.environ.get("PYTHONPATH", "")])}
    ran = subprocess.run(
        [*map(str, command), *map(str, options), "--no-rich"], capture_output=True, text=True, env=environment
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    count = len(apps_plus.load(sample_build))
    assert (summary["mode"], summary["total"], summary["outcomes"]["valid"]) == ("all", count, count)
    assert summary["checks"]["gold"]["valid"] == summary["checks"]["noop"]["valid"] == count
