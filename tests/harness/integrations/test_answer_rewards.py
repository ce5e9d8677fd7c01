"""Rewards of judged answers, and the sandboxes of a process that judge them."""

from __future__ import annotations

import multiprocessing
import threading

import pytest

import apps_plus
from apps_plus.errors import InputError
from harness.integrations import rewards
from harness.integrations.rewards import REWARD_FUNCTIONS, judge_answers, judging_threads, reward_named
from harness.judging.judge_answer import Judged
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from harness.sandbox.execution import Program
from harness.sandbox.threads import SandboxThreads


@pytest.mark.parametrize(
    ("verdict", "passed", "expected"),
    [
        (Verdict.PASSED, 4, {"stepcoder": 1.0, "passed": 1.0, "share": 1.0}),
        (Verdict.WRONG_ANSWER, 3, {"stepcoder": -0.3, "passed": 0.0, "share": 0.75}),
        (Verdict.TIMEOUT, 1, {"stepcoder": -0.6, "passed": 0.0, "share": 0.25}),
        (Verdict.COMPILE_ERROR, 0, {"stepcoder": -1.0, "passed": 0.0, "share": 0.0}),
        (Verdict.HARNESS_ERROR, 0, {"stepcoder": None, "passed": None, "share": None}),
    ],
)
def test_each_reward_of_each_verdict(verdict, passed, expected):
    outcome = JudgedProgram(verdict, passed, 4)
    assert {name: reward(outcome) for name, reward in REWARD_FUNCTIONS.items()} == expected


def test_an_unknown_reward_is_told_with_the_names_that_there_are():
    with pytest.raises(InputError, match="no reward 'exact': choose one of stepcoder, passed, share"):
        reward_named("exact")


def test_a_harness_error_is_judged_again(sample_build, monkeypatch):
    problem = apps_plus.load(sample_build).train[0]
    verdicts = iter([Verdict.HARNESS_ERROR, Verdict.PASSED])
    monkeypatch.setattr(
        rewards, "judge_text", lambda sandbox, job: Judged(JudgedProgram(next(verdicts), 1, 1), (), job.text)
    )
    [judged] = judge_answers([problem], ["x"])
    assert judged.outcome.verdict is Verdict.PASSED


def test_the_number_of_sandboxes_is_a_number(monkeypatch):
    monkeypatch.setenv("APPS_PLUS_WORKERS", "all")
    judging_threads.cache_clear()
    try:
        with pytest.raises(InputError, match="APPS_PLUS_WORKERS=all: set it to a number"):
            judging_threads()
    finally:
        judging_threads.cache_clear()


def run_source(sandbox, source: str) -> str:
    return sandbox.execute(Program(source), [""])[0].output


def test_threads_run_jobs_of_any_thread_each_in_its_own_sandbox():
    threads = SandboxThreads(2)
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        answers[number] = threads.submit(run_source, f"print({number})").result()

    callers = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    threads.close()
    assert answers == {number: f"{number}\n" for number in range(8)}


def test_threads_start_again_after_they_were_closed():
    threads = SandboxThreads(1)
    assert threads.submit(run_source, "print(1)").result() == "1\n"
    threads.close()
    assert threads.submit(run_source, "print(2)").result() == "2\n"
    threads.close()


def test_a_forked_process_has_sandboxes_of_its_own():
    threads = SandboxThreads(1)
    assert threads.submit(run_source, "print(1)").result() == "1\n"

    def work(connection) -> None:
        connection.send(threads.submit(run_source, "print(2)").result())
        threads.close()

    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=work, args=(theirs,))
    child.start()
    assert ours.poll(60)
    assert ours.recv() == "2\n"
    child.join()
    assert threads.submit(run_source, "print(3)").result() == "3\n"
    threads.close()
