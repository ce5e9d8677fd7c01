"""Check which statements of a program are conditional, and where they start and end."""

from __future__ import annotations

import ast
import warnings
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.conditionals import find_conditionals


def starts(source: str) -> list[tuple[str, int, int]]:
    return [(c.kind, c.start_line, c.start_col) for c in find_conditionals(dedent(source))]


def kinds(source: str) -> list[str]:
    return [c.kind for c in find_conditionals(dedent(source))]


def test_program_without_conditionals_has_none() -> None:
    assert find_conditionals("") == ()
    assert find_conditionals("n = int(input())\nprint(n + 1)\n") == ()


def test_each_kind_is_found_where_its_keyword_stands() -> None:
    source = """\
        while True:
            try:
                n = int(input())
            except EOFError:
                break
            for i in range(n):
                if i % 2:
                    print(i)
                elif i:
                    print(-i)
        match n:
            case 0:
                print("none")
        """
    assert starts(source) == [
        ("while", 1, 0),
        ("try", 2, 4),
        ("except", 4, 4),
        ("for", 6, 4),
        ("if", 7, 8),
        ("elif", 9, 8),
        ("match", 11, 0),
    ]


def test_end_is_exclusive_and_includes_else() -> None:
    (loop,) = find_conditionals("for i in x:\n    a()\nelse:\n    b()\nc()\n")
    assert (loop.start_line, loop.start_col, loop.end_line, loop.end_col) == (1, 0, 4, 7)


def test_elif_starts_at_its_keyword_and_reaches_to_the_end_of_the_chain() -> None:
    source = "if a:\n    x()\nelif b:\n    y()\nelif c:\n    z()\nelse:\n    w()\n"
    found = find_conditionals(source)
    assert [(c.kind, c.start_line, c.end_line) for c in found] == [("if", 1, 8), ("elif", 3, 8), ("elif", 5, 8)]


def test_if_below_else_is_an_if() -> None:
    source = """\
        if a:
            x()
        else:
            if b:
                y()
            elif c:
                z()
        """
    assert starts(source) == [("if", 1, 0), ("if", 4, 4), ("elif", 6, 4)]


def test_name_that_begins_with_elif_is_not_an_elif() -> None:
    assert kinds("elif_ = 1\nif elif_: pass\n") == ["if"]


def test_one_line_compound_statements() -> None:
    assert starts("for i in x: y(i)\nif a: b()\nelif c: d()\nwhile a: break") == [
        ("for", 1, 0),
        ("if", 2, 0),
        ("elif", 3, 0),
        ("while", 4, 0),
    ]


@pytest.mark.parametrize(
    "source",
    [
        "with open(a) as f: pass",
        "x = [i for i in y if i]",
        "x = {i: j for i in y for j in z if j}",
        "x = a if b else c",
        "f = lambda x: 1 if x else 2",
        "assert x",
        "text = 'if a:'  # while b:",
    ],
)
def test_what_is_not_a_conditional_statement(source: str) -> None:
    assert find_conditionals(source) == ()


def test_else_and_finally_are_not_counted_apart() -> None:
    source = """\
        try:
            a()
        except ValueError:
            b()
        except (KeyError, TypeError) as error:
            c()
        else:
            d()
        finally:
            e()
        """
    assert starts(source) == [("try", 1, 0), ("except", 3, 0), ("except", 5, 0)]


def test_except_star_is_an_except() -> None:
    assert starts("try:\n    a()\nexcept* ValueError:\n    b()\n") == [("try", 1, 0), ("except", 3, 0)]


def test_async_for_starts_at_async_and_async_with_is_none() -> None:
    source = "async def f():\n    async for x in y: pass\n    async with z: pass\n"
    assert starts(source) == [("for", 2, 4)]


def test_inside_decorated_functions_and_classes() -> None:
    source = """\
        @cache
        class A:
            @property
            def f(self):
                if self: return 1
        """
    assert starts(source) == [("if", 5, 8)]


def test_match_used_as_a_name_is_not_a_match() -> None:
    assert kinds("match = re.match(a, b)\nmatch(x)\n") == []


def test_columns_count_utf8_bytes_as_in_ast() -> None:
    source = 'if "é": x = "ß"\nelif "ü": y = "漢"\n'
    first, second = find_conditionals(source)
    assert (first.end_line, first.end_col) == (2, len('elif "ü": y = "漢"'.encode()))
    assert (second.kind, second.start_col) == ("elif", 0)


def test_unicode_line_separators_and_form_feeds_do_not_shift_lines() -> None:
    assert starts('s = "\u2028\x85"\n\x0c\nif s:\n    a()\nelif t:\n    b()\n') == [("if", 3, 0), ("elif", 5, 0)]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_newline_ends_a_line(newline: str) -> None:
    assert starts(newline.join(["if a:", "    b()", "elif c:", "    d()", ""])) == [("if", 1, 0), ("elif", 3, 0)]


def test_syntax_errors_are_the_callers() -> None:
    with pytest.raises(SyntaxError):
        find_conditionals("if x print(x)")
    with pytest.raises((SyntaxError, ValueError)):
        find_conditionals("x = 1\0")


def test_warnings_of_the_program_stay_quiet() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert kinds('if x is 1: print("\\d")') == ["if"]


def _body(lines: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    return lines.map(lambda body: ["    " + line for line in body])


def _compound(block: st.SearchStrategy[list[str]]) -> st.SearchStrategy[list[str]]:
    body = _body(block)
    return st.one_of(
        st.tuples(body).map(lambda b: ["while é:", *b[0]]),
        st.tuples(body, body).map(lambda b: ["for i in x:", *b[0], "else:", *b[1]]),
        st.tuples(body, body).map(lambda b: ["if a:", *b[0], "else:", *b[1]]),
        st.tuples(body, body, body).map(lambda b: ["if a:", *b[0], "elif b:", *b[1], "else:", *b[2]]),
        st.tuples(body, body).map(lambda b: ["try:", *b[0], "except E:", *b[1]]),
        st.tuples(body).map(lambda b: ["with y:", *b[0]]),
        st.tuples(block, block).map(lambda b: b[0] + b[1]),
    )


programs = st.recursive(st.just(["x = [i for i in y if i]"]), _compound, max_leaves=12)


@given(programs)
def test_every_line_that_begins_with_a_keyword_is_found_and_no_other(lines: list[str]) -> None:
    source = "\n".join(lines) + "\n"
    expected = []
    for number, line in enumerate(lines, 1):
        word = line.strip().split()[0].rstrip(":")
        if word in ("if", "elif", "for", "while", "try", "except"):
            expected.append((word, number, len(line) - len(line.lstrip())))
    assert [(c.kind, c.start_line, c.start_col) for c in find_conditionals(source)] == expected


@given(programs)
def test_what_starts_at_an_if_up_to_its_end_parses_alone(lines: list[str]) -> None:
    source = "\n".join(lines) + "\n"
    for found in find_conditionals(source):
        if found.kind in ("elif", "except"):
            continue
        span = source.encode().split(b"\n")[found.start_line - 1 : found.end_line]
        span[-1] = span[-1][: found.end_col]
        ast.parse(dedent(b"\n".join(span).decode()))
