"""Programs from a prefix and what a model wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepcoder.assemble_program import assemble
from stepcoder.records import CodeSpan

PREFIX = "def f(x):\n    y = 1\n"
REST = "    if x:\n        y = 2\n    return y\n"


def code(answer: str) -> str:
    return assemble("", answer, chat=True).source


# --- models that continue text -------------------------------------------------------------------------------------


def test_a_completion_goes_on_where_the_prefix_ends() -> None:
    program = assemble(PREFIX, REST)
    assert program.source == PREFIX + REST
    assert program.spans == (CodeSpan(0, len(REST), len(PREFIX)),)


def test_a_prefix_that_was_cut_within_a_line() -> None:
    assert assemble("def f(x):", "\n    return x\n").source == "def f(x):\n    return x\n"


def test_without_a_prefix_the_completion_is_the_program() -> None:
    assert assemble("", REST).source == REST


@pytest.mark.parametrize("completion", ["```python\nx = 1\n```\n", PREFIX + REST, ""])
def test_what_does_not_answer_in_markdown_is_taken_as_it_stands(completion: str) -> None:
    assert assemble(PREFIX, completion).source == PREFIX + completion


# --- chat models ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        "```python\nx = 1\n```",
        "```\nx = 1\n```\n",
        "Here it is:\n\n```python\nx = 1\n```\nIt sets `x`.\n",
        "Here it is:\n\n```\nx = 1\n```\nIt sets `x`.\n",
        "```py\nx = 1\n",
        "~~~python\nx = 1\n~~~\n",
        "````python\nx = 1\n````\n",
        "``` python title=f.py\nx = 1\n```\n",
        "```Python\nx = 1\n```\n",
    ],
)
def test_the_fenced_block_is_the_program(answer: str) -> None:
    assert code(answer) == "x = 1\n"


def test_of_several_blocks_the_last_is_the_program() -> None:
    assert code("First:\n```python\nx = 0\n```\nBetter:\n```python\nx = 1\n```\n") == "x = 1\n"


def test_a_block_of_python_comes_before_those_that_do_not_say_so() -> None:
    assert code("```python\nx = 1\n```\nIt prints:\n```\n5\n```\n") == "x = 1\n"
    assert code("```bash\nrun\n```\n```\nx = 1\n```\n") == "x = 1\n"


def test_an_answer_without_a_block_is_the_program() -> None:
    assert code("x = 1\n") == "x = 1\n"
    assert code("") == ""


def test_a_fence_within_a_line_is_none() -> None:
    assert code("x = '''\n ```` '''  # ```\n") == "x = '''\n ```` '''  # ```\n"


@pytest.mark.parametrize(
    "tail", ["", "\nIt sets y.\n", "\nIt prints:\n```\n5\n```\n", "\nTry:\n```python\nf(1)\n```\n"]
)
def test_a_block_that_the_prompt_had_opened_ends_at_the_first_fence(tail: str) -> None:
    assert assemble(PREFIX, REST + "```" + tail, chat=True, entry_point="f").source == PREFIX + REST


def test_a_block_that_goes_on_where_the_prefix_ends() -> None:
    answer = f"Sure:\n```python\n{REST}```\n"
    program = assemble(PREFIX, answer, chat=True, entry_point="f")
    assert program.source == PREFIX + REST
    assert program.given == len(PREFIX)


@pytest.mark.parametrize("start", ["", "\n"])
def test_a_block_that_repeats_the_prefix_stands_alone(start: str) -> None:
    answer = f"Sure:\n```python\n{start}{PREFIX}{REST}```\n"
    program = assemble(PREFIX, answer, chat=True, entry_point="f")
    assert program.source == start + PREFIX + REST
    assert program.given == 0


def test_a_prefix_of_blanks_is_no_sign_of_repetition() -> None:
    assert assemble("\n", "x = 1\n", chat=True).source == "\nx = 1\n"


# --- what the loss mask needs --------------------------------------------------------------------------------------


@given(
    st.sampled_from(["", PREFIX, "\n"]),
    st.lists(st.sampled_from(["```", "```python", "~~~", "x = 1", "", "Sure:", PREFIX, " ```"]), max_size=8),
    st.booleans(),
    st.booleans(),
)
def test_the_code_of_a_completion_stands_in_the_source_as_it_is(
    prefix: str, lines: list[str], end: bool, chat: bool
) -> None:
    completion = "\n".join(lines) + "\n" * end
    program = assemble(prefix, completion, chat)
    for span in program.spans:
        assert 0 <= span.start < span.end <= len(completion)
        written = completion[span.start : span.end]
        assert program.source[span.offset : span.offset + len(written)] == written
    assert program.source[: program.given] in ("", prefix)
    assert sum(span.end - span.start for span in program.spans) + program.given == len(program.source)
