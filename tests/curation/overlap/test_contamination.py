"""Find solutions that are a benchmark's canonical solution."""

from __future__ import annotations

from textwrap import dedent

import pytest

from curation.overlap.contamination import BenchmarkProgram, find_contamination, fingerprints_of, humaneval_fingerprints

LONGEST = dedent('''\
    def longest(words):
        """The longest word."""
        best = ""
        for word in words:
            if len(word) > len(best):
                best = word
        return best
    ''')

FINGERPRINTS = fingerprints_of([BenchmarkProgram("Bench/1", LONGEST, "longest")])


def found(solution: str) -> str | None:
    return find_contamination(dedent(solution), FINGERPRINTS)


def test_the_canonical_solution_is_found() -> None:
    assert found(LONGEST) == "Bench/1"


def test_names_docstrings_annotations_and_decorators_do_not_matter() -> None:
    solution = """\
        from functools import cache

        @cache
        def solve(xs: list[str]) -> str:
            champion: str = ""
            for x in xs:
                if len(x) > len(champion):
                    champion = x
            return champion
        """
    assert found(solution) == "Bench/1"


def test_a_method_is_found_without_its_self() -> None:
    solution = """\
        class Solution:
            def longestWord(self, words):
                best = ""
                for word in words:
                    if len(word) > len(best):
                        best = word
                return best
        """
    assert found(solution) == "Bench/1"


def test_one_function_of_several_is_found() -> None:
    assert found("def other(x):\n    y = x\n    return y\n\n" + LONGEST) == "Bench/1"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (">", ">="),
        ('best = ""', 'best = "a"'),
        ("len(word)", "sum(word)"),
        ("best = word\n", "best = words\n"),
        ("longest(words)", "longest(words, n)"),
        ("longest(words)", "longest(words=())"),
        ("longest(words)", "longest(*words)"),
    ],
)
def test_another_program_is_not_found(before: str, after: str) -> None:
    assert found(LONGEST.replace(before, after, 1)) is None


def test_names_may_not_be_merged_by_renaming() -> None:
    assert found(LONGEST.replace("best", "word")) is None


def test_a_function_of_one_statement_is_nobodys() -> None:
    program = 'def total(xs):\n    """Add them."""\n    return sum(xs)\n'
    assert fingerprints_of([BenchmarkProgram("Bench/2", program, "total")]) == {}


def test_a_part_that_the_program_calls_is_not_the_program() -> None:
    assert found(LONGEST + "\nprint(len(longest(input().split())) * 2)\n") is None


def test_a_solution_that_is_no_python_holds_none() -> None:
    assert found("print 'hello'") is None
    assert found("x = 1\0") is None


def test_scripts_hold_none() -> None:
    assert found("best = ''\nfor word in input().split():\n    best = max(best, word)\nprint(best)\n") is None


def test_recursion_counts_as_the_functions_own_name() -> None:
    program = "def depth(x):\n    if not x:\n        return 0\n    return 1 + max(depth(y) for y in x)\n"
    fingerprints = fingerprints_of([BenchmarkProgram("Bench/3", program, "depth")])
    assert find_contamination(program.replace("depth", "rec"), fingerprints) == "Bench/3"
    method = program.replace("def depth(x)", "def f(self, x)").replace("depth(", "self.f(")
    assert find_contamination("class Solution:\n" + _indent(method), fingerprints) == "Bench/3"


def test_helpers_are_compared_with_the_function_that_calls_them() -> None:
    program = dedent("""\
        def is_odd(n):
            return n % 2 == 1

        def odds(ns):
            kept = [n for n in ns if is_odd(n)]
            return kept
        """)
    fingerprints = fingerprints_of([BenchmarkProgram("Bench/4", program, "odds")])
    assert find_contamination(program.replace("is_odd", "odd"), fingerprints) == "Bench/4"
    assert find_contamination(program.replace("== 1", "== 0"), fingerprints) is None


def test_each_comprehension_has_its_own_names() -> None:
    program = "def f(a, b):\n    c = [i for i in a]\n    return c + [i for i in b]\n"
    fingerprints = fingerprints_of([BenchmarkProgram("Bench/5", program, "f")])
    assert find_contamination("def g(x, y):\n    z = [p for p in x]\n    return z + [q for q in y]\n", fingerprints)
    assert not find_contamination("def g(x, y):\n    z = [p for p in x]\n    return z + [x for q in y]\n", fingerprints)


def test_inner_functions_lambdas_and_handlers_are_renamed_too() -> None:
    program = dedent("""\
        def f(a):
            import math as m
            def inner(x, *, k=1):
                nonlocal a
                a = x + k
                return a
            try:
                return sorted(a, key=lambda t: -t)
            except TypeError as e:
                print(e)
            match a:
                case [first, *rest] | {"k": first, **rest}:
                    return first, rest
            return inner(m.pi, k=2)
        """)
    fingerprints = fingerprints_of([BenchmarkProgram("Bench/6", program, "f")])
    renamed = program
    for old, new in [
        ("inner", "g"),
        ("lambda t: -t", "lambda z: -z"),
        (" as e", " as error"),
        ("print(e)", "print(error)"),
        ("first", "head"),
        ("rest", "tail"),
        ("math as m", "math"),
        ("m.pi", "math.pi"),
    ]:
        assert old in renamed
        renamed = renamed.replace(old, new)
    assert find_contamination(renamed, fingerprints) == "Bench/6"
    assert find_contamination(renamed.replace("math.pi", "math.e"), fingerprints) is None
    assert find_contamination(renamed.replace("k=", "j="), fingerprints) is None


def test_an_entry_point_that_the_program_lacks_is_an_error() -> None:
    with pytest.raises(ValueError, match="Bench/7"):
        fingerprints_of([BenchmarkProgram("Bench/7", "x = 1", "solve")])


def test_humaneval_has_a_fingerprint_for_most_tasks() -> None:
    fingerprints = humaneval_fingerprints()
    assert 100 < len(fingerprints) <= 164
    assert all(task_id.startswith("HumanEval/") for task_id in fingerprints.values())


def test_a_renamed_humaneval_solution_is_found() -> None:
    solution = dedent("""\
        from typing import List

        def close(ns: List[float], d: float) -> bool:
            for i, a in enumerate(ns):
                for j, b in enumerate(ns):
                    if i != j:
                        gap = abs(a - b)
                        if gap < d:
                            return True
            return False
        """)
    assert find_contamination(solution, humaneval_fingerprints()) == "HumanEval/0"


def _indent(program: str) -> str:
    return "".join("    " + line for line in program.splitlines(keepends=True))
