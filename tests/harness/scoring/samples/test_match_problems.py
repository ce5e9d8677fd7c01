"""Match samples with problems: other spellings of ids, and samples without ids."""

from __future__ import annotations

import pytest

from apps_plus.errors import InputError
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.match_problems import NamedTasks, match_samples
from harness.scoring.samples.sample import Sample


def benchmark(*problems: tuple[str, str] | str, name: str = "humaneval", tiers: tuple[str, ...] = ()) -> Benchmark:
    found = []
    for number, one in enumerate(problems):
        task_id, function = (one, f"f{number}") if isinstance(one, str) else one
        prompt = f'def {function}(x):\n    """Invented, and long."""\n'
        found.append(BenchmarkProblem(task_id, prompt, function, "", (), tiers[number] if tiers else ""))
    return Benchmark(name, "invented", tuple(found), True)


HUMANEVAL = benchmark(*((f"HumanEval/{n}", f"f{n}") for n in range(12)))
MBPP = benchmark(*((f"Mbpp/{n}", f"g{n}") for n in range(11, 31)), name="mbpp")


def matched(given: Benchmark, *samples: Sample) -> list[str | None]:
    found = match_samples(given, samples)
    by_sample = {id(sample): problem.task_id for problem, sample in found.known}
    assert len(found.known) + len(found.unknown) == len(samples)
    return [by_sample.get(id(sample)) for sample in samples]


@pytest.mark.parametrize(
    "task_id",
    [
        "HumanEval/3", "HumanEval_3", "humaneval-3", "humaneval/3", "HUMANEVAL/03", "human-eval/3",
        "python/HumanEval/3", "Python/3", "python3/HumanEval/3",
        "HumanEval_3_f3", "3_f3", "HumanEval+/3", "openai_humaneval/3", "3", "0003",
        "request-3", "task_3", "f3", "HumanEval/3/1", "HumanEval/3-sample-1", "HumanEval/3#0",
        "HumanEval_3_renamed", "my-model-HumanEval/3",
    ],
)  # fmt: skip
def test_an_id_of_humaneval_in_any_spelling(task_id: str) -> None:
    assert matched(HUMANEVAL, Sample(task_id, "", "completion", 1)) == ["HumanEval/3"]


@pytest.mark.parametrize(
    "task_id",
    [
        "HumanEval/300",
        "Mbpp/3",
        "mbpp_3_f3",
        "abc3",
        "3_other",
        "train/3",
        "HumanEval/",
        "java/HumanEval/3",
        "",
    ],
)
def test_an_id_of_something_else_is_nothing(task_id: str) -> None:
    assert matched(HUMANEVAL, Sample(task_id, "", "completion", 1)) == [None]


@pytest.mark.parametrize(("task_id", "found"), [
    ("mbpp_12_g12", "Mbpp/12"), ("MBPP/12", "Mbpp/12"), ("MbppPlus/12", "Mbpp/12"), ("12", "Mbpp/12"),
    ("mbpp_12_renamed", "Mbpp/12"),
])  # fmt: skip
def test_an_id_of_mbpp(task_id: str, found: str | None) -> None:
    assert matched(MBPP, Sample(task_id, "", "completion", 1)) == [found]


def test_ids_of_apps_name_their_split_or_are_the_only_ones() -> None:
    given = benchmark("train/0042", "test/0042", "test/0043", name="apps")
    ids = ["test/42", "apps_test_0042", "apps/train/42", "42", "43", "APPS/43"]
    samples = [Sample(task_id, "", "program", n) for n, task_id in enumerate(ids, 1)]
    assert matched(given, *samples) == ["test/0042", "test/0042", "train/0042", None, "test/0043", None]


def test_another_spelling_is_said_another_case_is_not() -> None:
    told = match_samples(HUMANEVAL, [Sample("humaneval/3", "", "completion", 1)]).notes
    assert told == ()
    told = match_samples(HUMANEVAL, [Sample("HumanEval_3", "", "completion", 1)]).notes
    assert told == ("1 ids are spelled differently: HumanEval_3 was read as HumanEval/3",)
    told = match_samples(HUMANEVAL, [Sample("003", "", "completion", 1)]).notes
    assert told == ("ids are numbers only: 003 was read as HumanEval/3",)


def by_position(names: list[str], start: int = 0) -> list[Sample]:
    return [
        Sample("", f"def {name}(x):\n    return x\n", "program", n + 1, place=n + start) for n, name in enumerate(names)
    ]


def test_positions_count_in_the_benchmarks_own_order() -> None:
    found = match_samples(MBPP, by_position(["g11", "g12"]))
    assert [problem.task_id for problem, _ in found.known] == ["Mbpp/11", "Mbpp/12"]
    assert found.notes == ("2 samples have no ids: position i is the i-th problem of mbpp, from 0",)


def test_positions_from_a_later_start_are_told_by_the_functions() -> None:
    found = match_samples(HUMANEVAL, by_position(["f5", "f6", "helper", "f8"]))
    assert [problem.task_id for problem, _ in found.known] == [f"HumanEval/{n}" for n in (5, 6, 7, 8)]
    assert "by the functions they define" in found.notes[0]


def test_positions_within_a_tier_are_told_by_the_functions() -> None:
    given = benchmark("test/0", "test/1", "test/2", "test/3", name="apps", tiers=("a", "b", "b", "a"))
    assert matched(given, *by_position(["f1", "f2"])) == ["test/1", "test/2"]
    assert matched(given, *by_position(["f0", "f3"])) == ["test/0", "test/3"]


def test_numbers_that_are_positions_are_told_by_the_functions() -> None:
    """MBPP's test split starts at 11, but some number it from 0; some number HumanEval from 1."""
    samples = [Sample(str(n), f"def g{n + 11}(x): pass\n", "program", n + 1) for n in range(20)]
    assert matched(MBPP, *samples) == [f"Mbpp/{n + 11}" for n in range(20)]
    samples = [Sample(f"request-{n + 1}", f"def f{n}(x): pass\n", "program", n + 1) for n in range(12)]
    assert matched(HUMANEVAL, *samples) == [f"HumanEval/{n}" for n in range(12)]


def test_positions_that_cannot_be_of_this_benchmark_are_refused() -> None:
    with pytest.raises(InputError, match="13 positions, but humaneval has 12 problems"):
        match_samples(HUMANEVAL, by_position(["f0"] * 13))
    with pytest.raises(InputError, match="0 of 3 define the function of humaneval at their position"):
        match_samples(HUMANEVAL, by_position(["g11", "g12", "g13"]))


def test_positions_of_livecodebench_count_by_sorted_ids() -> None:
    given = benchmark("b", "a", name="livecodebench")
    samples = [Sample("", "print(1)", "program", n + 1, place=n) for n in range(2)]
    assert matched(given, *samples) == ["a", "b"]


def test_a_prompt_tells_the_problem_where_the_id_does_not() -> None:
    shot, asked = HUMANEVAL.problems[7].prompt, HUMANEVAL.problems[4].prompt
    few_shots = f"An example:\n{shot}\nNow yours:\n{asked}"
    numbered_from_one = Sample("5", "", "response", 1, prompt=few_shots)
    unnamed = Sample("", "", "response", 2, prompt=asked)
    foreign = Sample("", "", "response", 3, prompt="Something else that nobody asked for.")
    assert matched(HUMANEVAL, numbered_from_one, unnamed, foreign) == ["HumanEval/4", "HumanEval/4", None]


def test_which_problems_must_be_loaded() -> None:
    wanted = NamedTasks([Sample("apps_test_0042", "", "program", 1), Sample("17", "", "program", 2)])
    assert [task_id in wanted for task_id in ("test/0042", "test/0017", "test/0018")] == [True, True, False]
    assert "test/0018" in NamedTasks([Sample("", "", "program", 1, place=0)])
