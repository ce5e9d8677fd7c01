"""The environment of OpenEnv: its own client over WebSocket, and its own validation of the package and the server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest.importorskip("openenv", reason="OpenEnv is not installed")

import apps_plus
from apps_plus.errors import InputError
from harness.integrations.openenv import AppsPlusAction, AppsPlusEnvironment

PACKAGE = Path(__file__).parents[3] / "environments" / "openenv"


@pytest.fixture
def environment(sample_build) -> AppsPlusEnvironment:
    return AppsPlusEnvironment(str(sample_build))


def test_an_episode_ends_when_a_mended_program_passes(environment, sample_build):
    problem = apps_plus.load(sample_build).train[0]
    asked = environment.reset(problem_id=problem.problem_id)
    assert asked.question.startswith(problem.question.strip())
    assert (asked.done, asked.turns_left, asked.tests_total) == (False, 4, len(problem.tests))
    failed = environment.step(AppsPlusAction(answer="raise ValueError"))
    assert (failed.verdict, failed.reward, failed.done, failed.turns_left) == ("runtime_error", 0.0, False, 3)
    assert failed.failed_test["number"] == 0
    passed = environment.step(AppsPlusAction(answer=f"```python\n{problem.canonical_solution}\n```"))
    assert (passed.verdict, passed.reward, passed.done, passed.failed_test) == ("passed", 1.0, True, None)
    assert environment.state.step_count == 2
    with pytest.raises(InputError, match="call reset first"):
        environment.step(AppsPlusAction(answer=""))


def test_an_episode_ends_with_its_last_turn(sample_build):
    environment = AppsPlusEnvironment(str(sample_build), turns=1)
    environment.reset(seed=1)
    assert environment.step(AppsPlusAction(answer="1 / 0")).done


def test_a_seed_draws_the_same_problem(environment):
    assert environment.reset(seed=7).problem_id == environment.reset(seed=7).problem_id
    assert len({environment.reset(seed=seed).problem_id for seed in range(20)}) > 1


@pytest.mark.parametrize(
    ("arguments", "told"), [({}, "set APPS_PLUS_BUILD"), ({"build": "BUILD", "split": "dev"}, "no split 'dev'")]
)
def test_what_the_server_lacks_is_told(arguments, told, sample_build, monkeypatch):
    monkeypatch.delenv("APPS_PLUS_BUILD", raising=False)
    given = {name: str(sample_build) if value == "BUILD" else value for name, value in arguments.items()}
    with pytest.raises(InputError, match=told):
        AppsPlusEnvironment(**given)


@pytest.fixture(scope="module")
def server(sample_build) -> Iterator[str]:
    """The address of a running server."""
    environment = {**os.environ, "APPS_PLUS_BUILD": str(sample_build)}
    command = [sys.executable, str(PACKAGE / "server" / "app.py"), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        for line in process.stderr:
            if found := re.search(r"running on (http://[\d.]+:\d+)", line):
                yield found[1]
                break
        else:
            pytest.fail("the server did not start")
        process.terminate()
        process.stderr.read()


def openenv(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([Path(sys.executable).parent / "openenv", *words], capture_output=True, text=True)


def test_openenv_validates_the_running_server(server):
    ran = openenv("validate", "--url", server, "--timeout", "60")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Verdict: PASS" in ran.stdout


def test_openenv_validates_the_package():
    ran = openenv("validate", str(PACKAGE), "--level", "static", "--skip-build")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Verdict: PASS" in ran.stdout


def test_the_client_plays_an_episode_over_a_websocket(server, sample_build):
    from openenv.core.generic_client import GenericEnvClient

    problem = apps_plus.load(sample_build).train[0]
    with GenericEnvClient(base_url=server).sync() as client:
        asked = client.reset(problem_id=problem.problem_id)
        assert asked.observation["problem_id"] == problem.problem_id
        failed = client.step({"answer": "raise ValueError"})
        assert (failed.reward, failed.done, failed.observation["verdict"]) == (0.0, False, "runtime_error")
        passed = client.step({"answer": problem.canonical_solution})
        assert (passed.reward, passed.done) == (1.0, True)


def test_a_server_without_a_build_says_so_in_one_line():
    environment = {name: value for name, value in os.environ.items() if name != "APPS_PLUS_BUILD"}
    command = [sys.executable, str(PACKAGE / "server" / "app.py")]
    ran = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert ran.returncode == 1
    assert ran.stderr.splitlines()[-1].startswith("apps-plus: no build: set APPS_PLUS_BUILD")
