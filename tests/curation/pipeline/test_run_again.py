"""Run solutions again: alone, joined, with other seeds."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest
from solution_runs import judge_by, verify

from apps_plus.problem import Comparison
from curation.pipeline.describe_runs import describe_runs
from curation.pipeline.run_again import check_second_run, confirm_exactly
from curation.pipeline.run_solutions import Runner, run_solutions
from curation.records import Reason
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Limits


def test_if_a_call_breaks_a_later_one_each_runs_alone(function: Callable[..., Runner]) -> None:
    leaky = dedent("""
        seen = []
        def f(n):
            seen.append(n)
            return sum(seen)
    """)
    (run,) = verify(function([1], [2], [3]), [leaky], [1, 2, 3])
    assert (run.passed, run.alone, run.repairs) == (True, True, ()), "each test alone is right, and so again"
    assert [execution.result for execution in run.executions] == ["1", "2", "3"]


def test_a_program_that_is_wrong_alone_too_keeps_its_first_run(function: Callable[..., Runner]) -> None:
    (run,) = verify(function([1], [2]), ["def f(n):\n    return 1\n"], [1, 2])
    assert run.verdicts == [Verdict.PASSED, Verdict.WRONG_ANSWER]
    assert not run.alone


def test_an_empty_string_over_two_lines_is_joined_if_more_tests_then_pass(script: Callable[..., Runner]) -> None:
    """It compiles as written, so only its verdicts show the fault."""
    source = "print('\\\n'.join(input()))"
    joined, as_meant = verify(script("ab", "c"), [source], ["a\nb", "c"]), verify(script("ab"), [source], ["ab"])
    assert (joined[0].repairs, joined[0].passed) == (("broken_string",), True)
    assert (as_meant[0].repairs, as_meant[0].passed) == ((), True)


BY_HASH = "print(sorted({'a', 'b', 'c', 'd', 'e', 'f'}, key=hash))"
BY_CHANCE = "import random\nprint(random.random())"
BY_CLOCK = "import time\nprint(time.time_ns())"
BY_ADDRESS_OF_CHANCE = "import os\nprint(os.urandom(8))"


@pytest.mark.parametrize("source", [BY_HASH, BY_CHANCE, BY_CLOCK, BY_ADDRESS_OF_CHANCE])
def test_output_that_differs_between_two_runs_is_not_stable(script: Callable[..., Runner], source: str) -> None:
    (run,) = verify(script("x"), [source], ["x"])
    assert (run.stable, run.votes, run.passed) == (False, False, False)
    assert describe_runs([run], ["x"])[0].code == Reason.NONDETERMINISTIC


def test_a_program_that_is_right_by_chance_is_not_stable(script: Callable[..., Runner]) -> None:
    first = "import random\nprint(random.random() == random.Random(0).random())"
    (run,) = verify(script("x"), [first], ["True"])
    assert run.verdicts == [Verdict.PASSED]
    assert (run.stable, run.passed) == (False, False)


def test_a_program_that_fails_by_chance_is_not_stable(script: Callable[..., Runner]) -> None:
    source = "import random\nassert random.random() == random.Random(0).random()\nprint('x')"
    (run,) = verify(script("x"), [source], ["x"])
    assert run.verdicts == [Verdict.PASSED]
    assert (run.stable, run.passed) == (False, False)


def test_a_randomised_algorithm_with_one_answer_is_stable(script: Callable[..., Runner]) -> None:
    quicksort = dedent("""
        import random
        def sort(xs):
            if not xs:
                return []
            p = random.choice(xs)
            return sort([x for x in xs if x < p]) + [x for x in xs if x == p] + sort([x for x in xs if x > p])
        print(*sort(list(map(int, input().split()))))
    """)
    (run,) = verify(script("3 1 2"), [quicksort], ["1 2 3"])
    assert (run.stable, run.passed) == (True, True)


def test_two_right_answers_are_stable_however_they_are_written(script: Callable[..., Runner]) -> None:
    padded = "import random\nprint('1' + ' ' * int(9 * random.random()) + '2')"
    runner = script("x")
    (run,) = verify(runner, [padded], ["1 2"], judge_by(Comparison.TOKENS, runner, ["1 2"]))
    assert (run.stable, run.passed) == (True, True)


def test_a_program_that_fails_the_same_way_twice_is_stable(script: Callable[..., Runner]) -> None:
    source = "import random\nprint(random.random())\nif input() == 'x': raise ValueError(random.random())"
    (run,) = verify(script("x", "x"), [source], ["x", "x"])
    assert run.stable
    (wrong,) = verify(script("x"), ["print('y')"], ["x"])
    assert wrong.stable


def test_a_program_that_timed_out_is_not_check_second_run(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    quick = Runner(sandbox, None, ["go", "stop", "go"], Limits(cpu_seconds=0.2, wall_seconds=5))
    runs = run_solutions(quick, ["while input() == 'stop': \n while True: pass\nprint('went')"])
    confirm_exactly(quick, runs, ["went"] * 3)
    assert [e.ended for e in runs[0].executions] == [Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]
    monkeypatch.setattr(Sandbox, "execute", None)
    check_second_run(quick, runs, judge_by(Comparison.EXACT, quick, ["went"] * 3))
    assert runs[0].stable
    assert describe_runs(runs, ["went"] * 3)[0].code == Reason.TIMEOUT


def test_a_program_that_passes_and_depends_on_no_seed_does_not_run_again(
    script: Callable[..., Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = script("x")
    _, wrong, by_chance = sources = ["print('x')", "print('y')", "print(*{'x'})"]
    runs = run_solutions(runner, sources)
    confirm_exactly(runner, runs, ["x"])
    again: list[str] = []
    run = Runner.run
    monkeypatch.setattr(Runner, "run", lambda self, source, *seed: again.append(source) or run(self, source, *seed))
    check_second_run(runner, runs, judge_by(Comparison.EXACT, runner, ["x"]))
    assert again == [wrong, by_chance]
    assert [run.passed for run in runs] == [True, False, True]
