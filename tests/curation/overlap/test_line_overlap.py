"""Lines that count, their overlap with a benchmark, and the problems that a build drops for it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from raw_problems import LIMITS, doubling, write_raw

import apps_plus
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from curation.build import BuildOptions, build
from curation.overlap.benchmark_statements import BenchmarkItem, BenchmarkStatements
from curation.overlap.drop_overlap import MIN_SHARED, OverlapLimit
from curation.overlap.line_overlap import (
    LineIndex,
    Reference,
    ReferenceTask,
    docstring_of,
    load_reference,
    measure,
    most_overlapping,
    summarise,
)
from curation.overlap.near_statements import COMMON_TASKS, near_statements
from curation.overlap.program_lines import RULES, normalised_lines, plain_lines, telling_lines
from curation.review_decisions import Action, Decision, append_decision

SUMMED = "def total(xs):\n    s = 0\n    for x in xs:\n        s += x * x\n    return s % 97\n"


def problem(problem_id: str, solution: str, question: str = "Invented.") -> Problem:
    return Problem(
        problem_id, question, solution, None, UnitTests((), ()), "", (), Comparison.EXACT, "introductory", ""
    )


def reference(*programs: str, name: str = "humaneval", statements: tuple[str, ...] = ()) -> Reference:
    told = (*statements, *[""] * len(programs))
    tasks = tuple(ReferenceTask(f"T/{i}", program, told[i]) for i, program in enumerate(programs))
    return Reference(name, "invented", "00", "all", tasks)


# ---- lines


def test_plain_lines_are_the_text_s_own_without_white_space_around_them() -> None:
    assert plain_lines("\n  # why\n\tx  =  1 \r\n\n") == ["# why", "x  =  1"]


@pytest.mark.parametrize(
    "other",
    [
        "a=f( 1 )\nif a : print('x')",
        'a = f(1)  # why\n\n# because\nif a:\n\tprint("x")\n',
        '"""Told."""\na = f(\n    1\n)\nif (a): print("x")',
        "a = f(1); \nif a:\n    'told'\n    print('x')",
    ],
)
def test_normalised_lines_are_one_spelling_of_a_program(other: str) -> None:
    assert normalised_lines(other) == ["a = f(1)", "if a:", "print('x')"]


def test_statements_on_one_line_are_lines_of_their_own() -> None:
    assert normalised_lines("a = b + 1; c = d(a)") == ["a = b + 1", "c = d(a)"]


def test_names_stay_so_another_name_is_another_line() -> None:
    assert normalised_lines("a = b + 1") != normalised_lines("a = c + 1")


@pytest.mark.parametrize(
    "line",
    [
        "pass", "import sys", "from math import *", "return", "return x", "return -1", "return []", "x = 0", "x = []",
        "x = y = -1", "x: int = 0", "x += 1", "s += x", "x = set()", "main()", "while True:", "while n:", "if not x:",
        "for c in s:", "for i in range(n):", "for i in range(1, len(s) - 1):", "def f(n, m=g(3)):",
        "class Solution(object):", "try:", "global x", "if __name__ == '__main__':",
    ],
)  # fmt: skip
def test_a_line_that_anyone_writes_is_trivial(line: str) -> None:
    program = line + ("\n    pass\nfinally:\n    pass" if line == "try:" else "\n    pass" if line[-1] == ":" else "")
    program = f"def f():\n    {program}".replace("\n", "\n    ") if "return" in line else program
    assert telling_lines(program) == []


@pytest.mark.parametrize(
    "line",
    [
        "return a + b", "x = y * 2", "x = [0] * n", "x += y[i]", "x[i] = 0", "if x > 0:", "while i < n:", "print(x)",
        "for a, b in zip(x, y):", "for i in range(2, int(n ** 0.5) + 1):", "x = int(input())", "xs.sort()",
    ],
)  # fmt: skip
def test_a_line_that_computes_or_asks_is_telling(line: str) -> None:
    program = "def f():\n    " + line + ("\n        pass" if line[-1] == ":" else "")
    assert telling_lines(program) == [line]


def test_else_except_finally_case_and_decorators_are_trivial() -> None:
    program = (
        "@cache\ndef f(x):\n"
        "    try:\n        g(x)\n    except ValueError as e:\n        g(e)\n    finally:\n        g(0)\n"
        "    match x:\n        case 1:\n            g(1)\n    if x > 1:\n        g(2)\n    elif x > 0:\n        g(3)\n"
        "    else:\n        g(4)\n"
    )
    assert telling_lines(program) == [
        "g(x)", "g(e)", "g(0)", "match x:", "g(1)", "if x > 1:", "g(2)", "elif x > 0:", "g(3)", "g(4)",
    ]  # fmt: skip


def test_code_that_is_not_python_has_its_plain_lines_under_every_rule() -> None:
    program = "print 'x'\nreturn 0\n"
    assert [rule(program) for rule in RULES.values()] == [["print 'x'", "return 0"]] * 3


@given(st.text(alphabet="ab=+():\n #'\\\x00\ud800if", max_size=40))
def test_any_text_has_lines(text: str) -> None:
    for rule in RULES.values():
        assert all(line.strip() for line in rule(text))


# ---- fractions


def test_the_fraction_counts_lines_as_often_as_they_stand_there_and_in_any_task() -> None:
    index = LineIndex(reference("a = f(b)", "c = g(b)\na = f(b)").tasks)
    match = index.match("a = f(b)\na = f(b)\nc = g(b)\nz = h(b)\nimport os\nx = 0")
    assert (match.lines, match.matched, match.fraction) == (4, 3, 0.75)
    assert match.shared == {"a = f(b)": ("T/0", "T/1"), "c = g(b)": ("T/1",)}


def test_a_program_without_telling_lines_shares_nothing() -> None:
    match = LineIndex(reference("x = 0\nimport sys").tasks).match("x = 0\nimport sys")
    assert (match.lines, match.fraction, match.bin) == (0, 0.0, 0)


@pytest.mark.parametrize(
    ("matched", "of", "bin_"), [(0, 7, 0), (1, 99, 1), (1, 10, 1), (2, 10, 2), (5, 10, 5), (10, 10, 10)]
)
def test_a_bin_ends_with_its_own_tenth(matched: int, of: int, bin_: int) -> None:
    program = "\n".join(f"x = f({i})" for i in range(of))
    index = LineIndex(reference("\n".join(f"x = f({i})" for i in range(matched))).tasks)
    assert index.match(program).bin == bin_


def test_half_is_not_more_than_half() -> None:
    problems = [problem("half", "a = f(1)\na = f(2)"), problem("more", "a = f(1)\na = f(1)\na = f(2)")]
    summary = summarise(problems, (there := reference("a = f(1)")), measure(problems, there))
    assert summary["more_than_half"]["telling"] == {"count": 1, "of": 2, "share": 0.5}
    assert sum(row["problems"] for row in summary["histogram"]) == 2
    assert [row["problems"] for row in summary["histogram"] if row["up_to"] in (0.5, 0.7)] == [1, 1]


def test_trivial_lines_would_make_an_overlap_and_are_reported_too() -> None:
    problems = [problem("a", "def f(n):\n    x = 0\n    for i in range(n):\n        x += g(i)\n    return x")]
    there = reference("def f(n):\n    x = 0\n    for i in range(n):\n        x += h(i)\n    return x")
    counts = {
        rule: above["count"]
        for rule, above in summarise(problems, there, measure(problems, there))["more_than_half"].items()
    }
    assert counts == {"plain": 1, "normalised": 1, "telling": 0}


def test_the_other_direction_counts_the_benchmark_s_tasks() -> None:
    problems = [problem("a", "a = f(1)\n" + "\n".join(f"b = g({i})" for i in range(9)))]
    there = reference("a = f(1)", "z = z(z)")
    summary = summarise(problems, there, measure(problems, there))
    assert summary["more_than_half"]["telling"]["count"] == 0
    assert summary["benchmark_in_apps_plus"]["telling"] == {"count": 1, "of": 2, "share": 0.5}


def test_the_most_overlapping_come_first_and_none_that_shares_nothing() -> None:
    there = reference("a = f(1)\na = f(2)")
    solutions = {"none": "b = f(3)", "one": "a = f(1)", "two": "a = f(1)\na = f(2)", "half": "a = f(1)\nb = f(3)"}
    overlaps = measure([problem(name, solution) for name, solution in solutions.items()], there)
    assert [overlap.problem_id for overlap in most_overlapping(overlaps, 9)] == ["two", "one", "half"]
    assert [overlap.problem_id for overlap in most_overlapping(overlaps, 1)] == ["two"]


# ---- benchmarks


def test_humaneval_has_164_tasks_whose_statement_is_their_docstring() -> None:
    humaneval = load_reference("humaneval")
    assert len(humaneval.tasks) == 164
    assert len(humaneval.sha256) == 64
    assert "from typing" not in humaneval.tasks[0].statement
    assert humaneval.tasks[0].statement.startswith("Check if in given list")
    assert all(task.statement for task in humaneval.tasks)
    assert humaneval.tasks[0].statement.splitlines()[0] not in telling_lines(humaneval.tasks[0].program)


def test_the_docstring_is_that_of_the_function_asked_for() -> None:
    program = "def g():\n    '''Helper.'''\ndef f():\n    '''Asked.'''\n"
    assert [docstring_of(program, name) for name in ("f", "g", "h", None)] == ["Asked.", "Helper.", "", ""]
    assert docstring_of("not python", "f") == ""


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("livecode", None, "choose one of"),
        ("apps", None, "choose one of"),
        ("mbpp", None, "mbpp=FILE"),
        ("mbpp", "gone", "gone"),
    ],
)
def test_a_benchmark_that_cannot_be_had_is_named(tmp_path: Path, name: str, data: str | None, message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_reference(name, tmp_path / data if data else None)


# ---- statements


def test_a_statement_that_holds_a_task_s_words_is_near_however_long_it_is() -> None:
    statement = "Find the length of the shortest string that has both as subsequences."
    problems = [
        problem("long", "", f"{statement} {'More is said of it here and there. ' * 9}"),
        problem("other", "", "No."),
    ]
    (pair,) = near_statements(problems, reference("", statements=(statement,)).tasks)
    assert (pair.problem_id, pair.task_id, pair.similarity) == ("long", "T/0", 1.0)
    assert 0 < pair.jaccard < 0.6


def test_how_a_benchmark_begins_its_sentences_tells_nothing() -> None:
    begun = "Write a python function to find the number that"
    tasks = reference(*[""] * 5, statements=tuple(f"{begun} is {word}." for word in "abcde")).tasks
    assert len(tasks) > COMMON_TASKS
    assert near_statements([problem("p", "", f"{begun} we need.")], tasks) == []


def test_two_shared_shingles_are_no_pair() -> None:
    tasks = reference("", statements=("one two three four five six",)).tasks
    assert near_statements([problem("p", "", "one two three four five six")], tasks) == []


# ---- in a build


def lines(*numbers: int) -> str:
    return "".join(f"    x = x * {n} + f{n}(x)\n" for n in numbers)


def test_a_limit_names_the_tasks_and_the_lines() -> None:
    limit = OverlapLimit(0.5, [reference("y = 1", name="mbpp"), reference(f"def f(x):\n{lines(1, 2, 3)}")])
    finding = limit.find(f"def g(x):\n{lines(1, 2, 3, 9)}    return x")
    assert finding is not None
    assert finding.code == "contaminated"
    assert "3 of the 4 telling lines" in finding.detail
    assert finding.evidence["benchmark"] == "humaneval"
    assert finding.evidence["lines"]["x = x * 1 + f1(x)"] == ["T/0"]


@pytest.mark.parametrize(
    "program",
    [lines(1, 2, 3, 7, 8, 9), lines(1, 2), lines(1, 1, 1, 1), "    return 5\n"],
    ids=["half", "few", "one", "none"],
)
def test_half_the_lines_or_fewer_than_three_different_ones_are_not_enough(program: str) -> None:
    assert MIN_SHARED == 3
    assert OverlapLimit(0.5, [reference(f"def f(x):\n{lines(1, 2, 3)}")]).find(f"def g(x):\n{program}") is None


SQUARES = "def f(x):\n    y = abs(x) ** 2\n    y = y - x * x\n    z = y * y + 2 * x\n    return z + {number}\n"


LIMIT = OverlapLimit(0.5, [reference(SQUARES.format(number=0))])


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Raw problems of which the last's solution is that of a task but for its last line; and their build."""
    problems = {"0000": doubling(0), "0003": doubling(3, **{"solutions.json": [SQUARES.format(number=3)]})}
    folder = tmp_path_factory.mktemp("overlapping")
    raw = write_raw(folder / "raw", problems)
    build(BuildOptions(raw, folder / "out", workers=1, limits=LIMITS))
    return raw, folder / "out"


def rebuild(built: tuple[Path, Path], out: Path, limit: OverlapLimit | None) -> dict[str, Any]:
    """Build again, in a copy of the folder: nothing needs to be verified."""
    if not out.exists():
        shutil.copytree(built[1], out)
    return build(BuildOptions(built[0], out, workers=1, limits=LIMITS, overlap=limit, replace=True))


def files(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}


def test_a_build_drops_what_overlaps_as_contaminated_and_says_why(
    built: tuple[Path, Path], tmp_path: Path, rows: Callable[[Path], list[dict[str, Any]]]
) -> None:
    out = tmp_path / "out"
    manifest = rebuild(built, out, LIMIT)
    ledger = {row["problem_id"]: row for row in rows(out / "ledger.jsonl")}
    assert (ledger["train/0003"]["outcome"], ledger["train/0003"]["reasons"]) == ("dropped", ["contaminated"])
    (finding,) = [row for row in rows(out / "findings.jsonl") if row["code"] == "contaminated"]
    assert finding["evidence"]["lines"]["y = abs(x) ** 2"] == ["T/0"]
    assert finding["evidence"]["fraction"] == 0.75
    assert len(ledger) == 2 == sum(counts["total"] for counts in manifest["counts"]["outcomes"].values())
    assert len(apps_plus.load(out)) == manifest["counts"]["released"]["total"] == 1 == len(apps_plus.load(built[1])) - 1


def test_the_manifest_and_the_card_tell_the_option_where_it_was_given(built: tuple[Path, Path], tmp_path: Path) -> None:
    told = {"benchmark": "humaneval", "split": "all", "tasks": 1, "sha256": "00"}
    manifest = rebuild(built, tmp_path / "out", LIMIT)
    assert manifest["overlap"] == {"above": 0.5, "min_shared": 3, "benchmarks": [told]}
    card = (tmp_path / "out" / "README.md").read_text()
    assert "--drop-overlap 0.5 --overlap-with humaneval\n" in card
    assert "or it shares too many lines" in card
    assert not any(b"overlap" in files(built[1])[name] for name in ("manifest.json", "README.md"))


def test_a_build_drops_a_statement_of_a_benchmark(
    built: tuple[Path, Path], tmp_path: Path, rows: Callable[[Path], list[dict[str, Any]]]
) -> None:
    statement = "Return the number doubled, plus 3. Problem 3 of many."
    quiz = BenchmarkStatements("quiz", "quiz.jsonl", "00", "question", (BenchmarkItem("q/1", statement),))
    out = tmp_path / "out"
    manifest = rebuild(built, out, OverlapLimit(0.9, (), (quiz,)))
    ledger = {row["problem_id"]: row["reasons"] for row in rows(out / "ledger.jsonl")}
    assert ledger == {"train/0000": [], "train/0003": ["contaminated"]}
    assert manifest["overlap"]["benchmarks"][0]["compared"] == "statements"
    card = (out / "README.md").read_text()
    assert "--drop-overlap 0.9 --overlap-with quiz=FILE" in card
    assert "shares too much of its statement (above 0.9) with those of quiz" in card


def test_the_option_verifies_nothing_again_and_builds_are_byte_identical(
    built: tuple[Path, Path], tmp_path: Path
) -> None:
    journal = (built[1] / ".build" / "verified.jsonl").read_bytes()
    for name in ("a", "b"):
        rebuild(built, tmp_path / name, LIMIT)
    assert files(tmp_path / "a") == files(tmp_path / "b") != files(built[1])
    assert (tmp_path / "a" / ".build" / "verified.jsonl").read_bytes() == journal
    rebuild(built, tmp_path / "a", None)
    assert files(tmp_path / "a") == files(built[1])


def test_what_a_person_decided_to_release_stays(
    built: tuple[Path, Path], tmp_path: Path, rows: Callable[[Path], list[dict[str, Any]]]
) -> None:
    out = tmp_path / "out"
    (row,) = [row for row in rows(built[1] / "ledger.jsonl") if row["problem_id"] == "train/0003"]
    shutil.copytree(built[1], out)
    kept = Decision(row["problem_id"], row["item_digest"], Action.KEEP, "ada", "2026-01-02T03:04:05Z")
    append_decision(out / "decisions", kept)
    rebuild(built, out, LIMIT)
    assert [row["outcome"] for row in rows(out / "ledger.jsonl")] == ["kept", "kept"]
