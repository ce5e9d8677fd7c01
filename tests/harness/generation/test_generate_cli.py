"""The ``generate`` command: output, errors, interruption."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

import command_line
import pytest
from click.testing import Result
from model_server import ModelServer, Reply, answer, reasoned, refuses

from harness.scoring.benchmarks.load import load_benchmark

FIRST = load_benchmark("humaneval").problems[0]
needs_openai = pytest.mark.skipif(find_spec("openai") is None, reason="needs the openai package")
ENVIRONMENT = {
    name: value
    for name, value in os.environ.items()
    if not name.startswith("OPENAI_") and not name.lower().endswith("_proxy")
}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "apps_plus.cli", "generate", *map(str, arguments)]


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(os.environ) - set(ENVIRONMENT):
        monkeypatch.delenv(name)


def run(*arguments: object) -> Result:
    return command_line.run("generate", *arguments)


def run_process(*arguments: object) -> subprocess.CompletedProcess:
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=60, env=ENVIRONMENT)


def server_arguments(server: ModelServer, out: Path, *more: object) -> list[object]:
    asked = ["humaneval", "--model", "m", "--backend", "openai", "--base-url", server.url, "--out", out]
    return [*asked, "--no-check-server", *more]


def test_show_prompt_prints_it_to_the_byte_without_a_model():
    result = run("humaneval", "--show-prompt", "--prompt", "completion")
    assert (result.exit_code, result.stdout) == (0, FIRST.prompt)
    assert "HumanEval/0, prompt completion, rule prompt_plus_completion" in result.stderr


def test_show_prompt_of_a_conversation_and_another_problem():
    result = run(
        "humaneval", "--show-prompt", "--model", "m", "--backend", "openai", "--problem", "HumanEval/7", "--json"
    )
    shown = json.loads(result.stdout)
    assert (shown["task_id"], shown["prompt"], shown["rule"]) == ("HumanEval/7", "chat", "fenced_block")
    assert shown["given"] == json.loads(shown["text"])


def test_three_shots_come_from_the_data_whatever_the_split(tmp_path):
    row = {"text": "Add.", "code": "def add(a, b):\n    return a + b", "test_list": ["assert add(1, 2) == 3"]}
    data = tmp_path / "mbpp.jsonl"
    data.write_text("".join(json.dumps({**row, "task_id": number}) + "\n" for number in (1, 2, 3, 4, 11, 12)))
    result = run("mbpp", "--data", data, "--show-prompt", "--prompt", "paper-3shot")
    assert result.stdout.count("return a + b\n[DONE]\n") == 3
    assert result.stderr.startswith("Mbpp/11, prompt paper-3shot, rule as_is")


@needs_openai
def test_samples_of_a_server_in_human_evals_format(tmp_path, rows):
    with ModelServer() as server:
        result = run_process(*server_arguments(server, tmp_path / "s.jsonl", "--limit", 3, "--n", 2, "--json"))
    assert result.returncode == 0, result.stderr
    summary = json.loads(result.stdout)
    assert (summary["written"], summary["rule"], summary["finish_reasons"]) == (6, "fenced_block", {"stop": 6})
    assert {row["task_id"] for row in rows(tmp_path / "s.jsonl")} == {f"HumanEval/{number}" for number in range(3)}
    assert "generate: 6 of 6" in result.stderr


@needs_openai
def test_a_plain_prompt_goes_to_the_completions_endpoint(tmp_path):
    with ModelServer() as server:
        result = run(*server_arguments(server, tmp_path / "s.jsonl", "--limit", 1, "--prompt", "completion"))
        assert result.exit_code == 0, result.stderr
        assert result.stdout == ""
        assert server.bodies[0]["prompt"] == FIRST.prompt
        assert server.bodies[0]["stop"][0] == "\nclass"


@needs_openai
def test_a_picky_server_with_a_thinking_model(tmp_path, rows):
    """The summary warns of refused parameters, and of answers cut inside their reasoning."""

    def picky(body, number):
        return refuses("temperature", "max_tokens")(body, number) or reasoned(None, "length", reasoning="hm")

    with ModelServer(picky) as server:
        more = [
            "--limit",
            2,
            "--max-tokens",
            10,
            "--max-reasoning-tokens",
            20,
            "--no-thinking",
            "--reasoning-effort",
            "low",
        ]
        result = run(*server_arguments(server, tmp_path / "s.jsonl", *more))
        body = server.bodies[-1]
    assert result.exit_code == 0, result.stderr
    assert (body["max_completion_tokens"], body["chat_template_kwargs"]) == (30, {"enable_thinking": False})
    assert "temperature" not in body
    assert "note: 2 of 2 samples end inside their reasoning: raise --max-reasoning-tokens" in result.stderr
    assert "note: not sent, because the server refuses it: temperature" in result.stderr
    assert "note: --no-thinking was given, but 2 samples contain reasoning" in result.stderr
    assert {row["reasoning"] for row in rows(tmp_path / "s.jsonl")} == {"hm"}


def test_a_batch_is_written_and_read_without_a_key(tmp_path, rows):
    out, batch = tmp_path / "s.jsonl", tmp_path / "requests.jsonl"
    common = ["humaneval", "--model", "m", "--backend", "openai", "--limit", 2, "--n", 2, "--out", out]
    written = run(*common, "--batch-out", batch)
    assert written.exit_code == 0, written.stderr
    assert "4 requests in" in written.stderr
    requests = rows(batch)
    assert [row["custom_id"] for row in requests] == [
        "HumanEval/0#0",
        "HumanEval/0#1",
        "HumanEval/1#0",
        "HumanEval/1#1",
    ]
    output = tmp_path / "output.jsonl"
    output.write_text(
        "".join(
            json.dumps({"custom_id": row["custom_id"], "response": {"status_code": 200, "body": answer(row["body"])}})
            + "\n"
            for row in requests[:3]
        )
    )
    result = run(*common, "--batch-in", output)
    assert result.exit_code == 0, result.stderr
    assert len(rows(out)) == 3
    assert "note: 1 samples are still missing: --batch-out writes a batch of these" in result.stderr
    again = run(*common, "--batch", tmp_path / "again.jsonl", "--json")
    assert json.loads(again.stdout)["requests"] == 1


@needs_openai
def test_ctrl_c_keeps_finished_samples_and_the_same_command_resumes(tmp_path, rows):
    out = tmp_path / "s.jsonl"
    with ModelServer(lambda body, number: Reply(answer(body), delay=0.2)) as server:
        arguments = server_arguments(server, out, "--limit", 30, "--concurrency", 2)
        running = subprocess.Popen(command(*arguments), stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
        deadline = time.monotonic() + 50
        while not (out.exists() and out.read_bytes().count(b"\n") >= 3) and time.monotonic() < deadline:
            time.sleep(0.02)
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=30)
        assert running.returncode == 130, errors
        assert "interrupted; finished work is kept" in errors
        assert "Traceback" not in errors
        kept = rows(out)
        assert 3 <= len(kept) < 30
        server.behaviour = lambda body, number: None
        result = run(*arguments)
        assert result.exit_code == 0, result.stderr
    assert rows(out)[: len(kept)] == kept
    assert sorted(row["task_id"] for row in rows(out)) == sorted(f"HumanEval/{number}" for number in range(30))


@needs_openai
def test_a_second_process_cannot_write_the_same_file(tmp_path):
    with ModelServer(lambda body, number: Reply(answer(body), delay=1.0)) as server:
        arguments = server_arguments(server, tmp_path / "s.jsonl", "--limit", 40, "--concurrency", 1)
        running = subprocess.Popen(command(*arguments), stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        try:
            deadline = time.monotonic() + 50
            while not server.bodies and time.monotonic() < deadline:
                time.sleep(0.02)
            second = run_process(*arguments)
        finally:
            running.kill()
            running.wait()
    assert second.returncode == 1
    assert "another process is writing" in second.stderr.splitlines()[-1]


BAD = {
    "no model": (["humaneval", "--out", "s.jsonl"], "--model"),
    "no output": (["humaneval", "--model", "m"], "--out"),
    "an unknown task": (["codecontests", "--model", "m", "--out", "s.jsonl"], "codecontests"),
    "a task without its data": (["mbpp", "--model", "m", "--out", "s.jsonl"], "--data"),
    "compressed output": (["humaneval", "--model", "m", "--out", "s.jsonl.gz"], "must end in .jsonl"),
    "an unknown backend": (["humaneval", "--model", "m", "--out", "s.jsonl", "--backend", "tgi"], "hf, openai, vllm"),
    "an unknown prompt": (
        ["humaneval", "--model", "m", "--out", "s.jsonl", "--backend", "openai", "--prompt", "x"],
        "completion-stripped",
    ),
    "a prompt for the other endpoint": (
        "humaneval --model m --out s.jsonl --backend openai --prompt completion --endpoint chat".split(),
        "--prompt completion needs --endpoint completions",
    ),
    "the same greedy answer twice": (
        ["humaneval", "--model", "m", "--out", "s.jsonl", "--temperature", "0", "--n", "2"],
        "use --n 1",
    ),
    "a top-p of nothing": (["humaneval", "--model", "m", "--out", "s.jsonl", "--top-p", "0"], "--top-p"),
    "a temperature of nan": (
        ["humaneval", "--model", "m", "--out", "s.jsonl", "--temperature", "nan"],
        "--temperature",
    ),
    "a batch of a local model": (
        ["humaneval", "--model", "m", "--out", "s.jsonl", "--batch-out", "b.jsonl"],
        "batches need --backend openai",
    ),
    "a batch both ways": (
        "humaneval --model m --out s.jsonl --backend openai --batch-out b.jsonl --batch-in o.jsonl".split(),
        "read the answers first",
    ),
    "the answers of a batch without its settings": (
        "humaneval --model m --out s.jsonl --backend openai --batch-in o.jsonl --fresh".split(),
        "--fresh",
    ),
    "thinking about text to continue": (
        "humaneval --model m --out s.jsonl --backend openai --prompt completion --no-thinking".split(),
        "--no-thinking needs a chat prompt",
    ),
    "an unknown problem": (
        ["humaneval", "--show-prompt", "--prompt", "chat", "--problem", "HumanEval/900"],
        "HumanEval/900: not in humaneval",
    ),
}


@pytest.mark.parametrize("arguments, message", BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_clear_line(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2, result.stderr
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []
