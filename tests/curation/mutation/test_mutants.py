import ast
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.mutation.bytecode import bytecode_of_tree, tree_of
from curation.mutation.mutants import make_mutants

TIES = '''def best(names, ages, default=0):
    """Return the oldest; the text `a < b` here is none of the program."""
    top = ages[0]
    who = default  # not "None": a comment keeps its bytes \t é
    for i in range(1, len(ages)):
        if ages[i] > top and names[i]:
            top = max(top, ages[i])
            who = i
    return names[who:] + sorted(names, key=len)
'''


def bytecode_of(source: str) -> object:
    return bytecode_of_tree(tree_of(source))


def changed(source: str, operator: str | None = None) -> set[str]:
    """Return the changed line of every mutant of a one-line program (or the lines, joined)."""
    return {mutant.source for mutant in make_mutants(source) if operator in (None, mutant.operator)}


@pytest.mark.parametrize(
    ("source", "operator", "mutants"),
    [
        ("print(a + b)", "arithmetic", {"print(a - b)", "print(a * b)"}),
        ("x += 1", "augmented", {"x = 1"}),
        ("print((a) # a + b\n / b)", "division", {"print((a) # a + b\n // b)"}),
        ("print(a ^ b)", "bits", {"print(a & b)", "print(a | b)"}),
        ("print(a << b)", "bits", {"print(a >> b)"}),
        ("print(a < b)", "comparison", {"print(a <= b)", "print(a > b)", "print(a != b)"}),
        ("print(a not  in b)", "comparison", {"print(a in b)"}),
        ("print(a and b)", "boolean", {"print(a or b)"}),
        ("print(a or b)", "dropped_term", {"print(False or b)", "print(a or False)"}),
        ("print(not a)", "boolean", {"print((a))"}),
        ("print(-a)", "arithmetic", {"print((a))"}),
        ("print(7)", "constant", {"print(8)", "print(6)", "print(0)"}),
        ("print(-1)", "constant", {"print(0)", "print((-2))", "print(1)"}),
        ("print(0.5)", "constant", {"print(1.5)", "print((-0.5))", "print(0.0)"}),
        ("print(n%1000003)", "constant", {f"print(n%{k})" for k in (1000004, 1000002, 1000005, 1000001, 500001, 0)}),
        ("print(True)", "boolean", {"print(False)"}),
        ("def f(k=2): pass", "default", {"def f(k=3): pass", "def f(k=1): pass", "def f(k=0): pass"}),
        ("print(range(n))", "range", {"print(range((n) + 1))", "print(range((n) - 1))", "print(range(1, n))"}),
        ("print(a[i])", "index", {"print(a[(i) + 1])", "print(a[(i) - 1])"}),
        ("print(a[:k])", "slice", {"print(a[1:k])", "print(a[:(k) + 1])", "print(a[:(k) - 1])"}),
        ("print(a[1:])", "slice", {"print(a[1:-1])"}),
        ("a if c else b", "condition", {"a if (not (c)) else b", "a if True else b", "a if False else b"}),
        ("while c: f()", "condition", {"while (not (c)): f()", "while False: f()"}),
        ("print(min(a))", "function", {"print(max(a))"}),
        ("print(s.rstrip(x))", "function", {"print(s.lstrip(x))"}),
        ("print(sorted(a))", "dropped_call", {"print((a))"}),
        ("print((a + b).strip())", "dropped_call", {"print((a + b))"}),
        ("print(f(a, b))", "swapped_arguments", {"print(f(b, a))"}),
        ("a.sort(key=len)", "dropped_keyword", {"a.sort()"}),
        ("print(sorted(a, reverse=True))", "dropped_keyword", {"print(sorted(a))"}),
        ("print(sorted(a))", "reversed_order", {"print(sorted(a)[::-1])"}),
        ("print(ascii_lowercase)", "text", {"print(ascii_lowercase[:-1])"}),
        ("print('YES')", "text", {"print('yes')", "print('ZES')"}),
        ("print('')", "text", {"print('x')"}),
        (
            "for x in a:\n  if x: break\n  f()",
            "jump",
            {f"for x in a:\n  if x: {to}\n  f()" for to in ("continue", "pass")},
        ),
        ("f()", "deleted_statement", {"pass"}),
        ("a = b; b = a", "swapped_statements", {"b = a; a = b"}),
        ("best = float('inf'); f(best)", "initial_value", {"best = 0; f(best)", "best = 1; f(best)"}),
        ("print(defaultdict(int))", "default", {"print(defaultdict((lambda: 1)))"}),
    ],
)
def test_operator_makes_these_mutants(source: str, operator: str, mutants: set[str]) -> None:
    assert changed(source, operator) == mutants


def test_alphabet_loses_its_last_or_first_letter() -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    assert {f"f({letters[:-1]!r})", f"f({letters[1:]!r})"} <= changed(f"f('{letters}')", "text")


def test_statement_that_alone_sets_a_name_is_not_deleted() -> None:
    assert "x = 1\nprint(x)" not in changed("x = 1\nx = x + n\nprint(x)", "deleted_statement")
    assert not any("pass\nprint(x)" in source for source in changed("x = n\nprint(x)"))


def test_statements_that_do_not_depend_on_each_other_are_not_swapped() -> None:
    assert changed("a = 1; b = 2", "swapped_statements") == set()
    assert changed("a = s.count(x); b = s.count(y)", "swapped_statements") == set()
    assert changed("a = s.pop(x); b = s.pop(y)", "swapped_statements") == {"b = s.pop(y); a = s.pop(x)"}


def test_docstrings_annotations_and_f_strings_stay() -> None:
    for mutant in make_mutants('def f(x: int = y) -> "a < b":\n    "1 + 1"\n    return f"{x + 1}"\n'):
        assert ('-> "a < b"' in mutant.source and 'f"{x + 1}"' in mutant.source) or mutant.operator == "jump"
        assert '"1 + 1"' in mutant.source


def test_limits_of_the_interpreter_stay() -> None:
    assert changed("import sys; sys.setrecursionlimit(10 ** 6)") == {"import sys; pass"}


def test_the_rest_of_the_program_keeps_its_bytes() -> None:
    source = "# -*- coding: latin1 -*- print é\r\nx = 'é'; print x1 if 0 else 2\n"
    assert make_mutants(source) == []  # Python 2
    source = "# print é <>\r\nx = 'é' ; y = a<b \x0c\r\n\r\n# end"
    assert "# print é <>\r\nx = 'é' ; y = a>b \x0c\r\n\r\n# end" in changed(source, "comparison")


def test_byte_order_mark_stays_and_moves_no_position() -> None:
    assert changed("\ufeffprint(a + b)", "arithmetic") == {"\ufeffprint(a - b)", "\ufeffprint(a * b)"}


def test_every_mutant_compiles_and_differs_from_all_others() -> None:
    mutants = make_mutants(TIES)
    found = [bytecode_of(mutant.source) for mutant in mutants] + [bytecode_of(TIES)]
    assert len(mutants) > 30 and len(set(found)) == len(found)


def test_programs_that_python_cannot_parse_have_none() -> None:
    assert make_mutants("print 1") == make_mutants("x = '\udc80'") == make_mutants("\0") == make_mutants("") == []


def test_limit_takes_the_first_of_a_fixed_order() -> None:
    mutants = make_mutants(TIES)
    assert all(make_mutants(TIES, limit) == mutants[:limit] for limit in (0, 1, 10, 10_000))


def test_few_mutants_are_spread_over_operators_and_lines() -> None:
    every, few = make_mutants(TIES), make_mutants(TIES, 20)
    assert {mutant.operator for mutant in few} == {mutant.operator for mutant in every}
    assert len({mutant.line for mutant in few}) >= 6


def test_half_of_the_mutants_are_guides_whatever_the_limit() -> None:
    mutants = make_mutants(TIES * 3)
    guides = [mutant for mutant in mutants if mutant.is_guide]
    assert 0.35 < len(guides) / len(mutants) < 0.65
    assert len({mutant.mutant_id for mutant in mutants}) == len(mutants)


@given(st.sampled_from([TIES, "a = [i for i in x if i % 2]\nprint(*a, sep=', ')\n"]), st.integers(0, 60))
def test_a_mutant_differs_from_the_program_in_one_place(source: str, number: int) -> None:
    mutants = make_mutants(source)
    mutant = mutants[number % len(mutants)]
    ast.parse(mutant.source)
    before, after = source.split("\n"), mutant.source.split("\n")
    assert before[: mutant.line - 1] == after[: mutant.line - 1]
    assert before[-1] == after[-1]


def test_bytecode_ignores_lines_and_tells_constants_apart() -> None:
    assert bytecode_of("x = 1\n\n\ny = (2)") == bytecode_of("x = 1; y = 2")
    assert bytecode_of("pass\nx = 1") == bytecode_of("x = 1")
    different = ["x = 1", "x = 1.0", "x = True", "x = 0.0", "x = -0.0", "x = '1'", "x = (1, 0)", "x = (True, 0)"]
    assert len({bytecode_of(source) for source in different}) == len(different)
    assert bytecode_of("def f(a): return a") != bytecode_of("def f(b): return b")


def test_the_mutants_of_a_long_program_are_not_all_held():
    source = "\n".join(f"x{i} = x{i - 1} + 1" for i in range(1000))
    tracemalloc.start()
    try:
        assert len(make_mutants(source, 3)) == 3
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1000 * len(source) / 2  # there are several mutants of each line
