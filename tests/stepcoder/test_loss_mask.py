"""FGO: exactly these tokens count in the policy loss. What ran comes from the sandbox.

Responses are written token by token: ``|`` stands between two tokens, ``~`` before one that does not count, and
``<c3>`` for a byte. They are what a model sampled, not what a tokenizer would split the text into.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

pytest.importorskip("transformers")

from hypothesis import given
from hypothesis import strategies as st
from small_tokenizers import END, byte_level, name_of, trained

from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.generation.tokenization import continuation
from harness.judging.judge import judge
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits
from harness.tracing.coverage import union
from stepcoder.assemble_program import assemble
from stepcoder.loss_mask import all_tokens, executed_tokens, line_ends, random_tokens
from stepcoder.records import Assembled, CodeSpan
from stepcoder.token_offsets import response_offsets


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(trace=True) as sandbox:
        yield sandbox


def executed(
    sandbox: Sandbox, source: str, inputs: Sequence[Any], entry_point: str | None = "f", limits: Limits | None = None
) -> frozenset[int] | None:
    """The lines that any of the tests executed; a call-based test has one argument."""
    problem = Problem(
        problem_id="test/0000",
        question="Invented.",
        canonical_solution="",
        entry_point=entry_point,
        tests=UnitTests(tuple(inputs if entry_point is None else ([given] for given in inputs)), (0,) * len(inputs)),
        starter_code="",
        conditionals=(),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )
    if entry_point is None:
        problem = Problem.from_row(
            {
                **problem.to_row(),
                "tests": f'{{"inputs": {[*inputs]}, "outputs": {["x"] * len(inputs)}}}'.replace("'", '"'),
            }
        )
    return union(judged.execution for judged in judge(sandbox, source, problem, limits))


def tokens_of(marked: str) -> list[bytes]:
    return [
        re.sub(rb"<([0-9a-f]{2})>", lambda byte: bytes.fromhex(byte[1].decode()), token.removeprefix("~").encode())
        for token in marked.split("|")
    ]


def marked_tokens(tokens: Sequence[bytes], mask: Sequence[bool]) -> list[str]:
    """The tokens with their marks, for a comparison that shows which one is wrong."""
    return [("" if counts else "~") + repr(token)[1:] for token, counts in zip(tokens, mask, strict=True)]


def response(tokens: Sequence[bytes]) -> tuple[list[tuple[int, int]], str]:
    """The offsets of sampled tokens, and their text."""
    tokenizer = byte_level(tokens)
    ids = tokenizer.convert_tokens_to_ids([name_of(token) for token in tokens])
    prompt = tokenizer("What f is.\n")["input_ids"]
    return response_offsets(tokenizer, prompt, ids), continuation(tokenizer, prompt, ids)


def check(
    sandbox: Sandbox,
    marked: str,
    *inputs: Any,
    prefix: str = "",
    chat: bool = False,
    entry_point: str | None = "f",
    limits: Limits | None = None,
) -> None:
    tokens = tokens_of(marked)
    wanted = [not token.startswith("~") for token in marked.split("|")]
    offsets, text = response(tokens)
    program = assemble(prefix, text, chat, entry_point)
    mask = executed_tokens(offsets, program, executed(sandbox, program.source, inputs, entry_point, limits))
    assert marked_tokens(tokens, mask) == marked_tokens(tokens, wanted)


# --- which tokens of a line ----------------------------------------------------------------------------------------


def test_every_token_of_an_executed_line_counts_and_none_of_another(sandbox: Sandbox) -> None:
    check(sandbox, "def| f|(x|):|\n|    |if| x|:|\n|~        |~return|~ 1|~\n|    |return| 2|\n", 0)


def test_a_line_break_is_of_the_line_that_it_ends(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    if x:|\n|~        return 1|~\n|    return 2|\n", 0)


def test_a_token_that_straddles_an_executed_and_an_unexecuted_line_counts(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    if x|:\n        |~return|~ 1|\n    |return| 2", 0)


def test_a_token_over_many_lines_counts_for_any_of_them(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    y = 0|\n    if x:\n        y = 1|\n        y = 2\n    return y\n", 0)
    check(sandbox, "def f(x):\n    if x:\n|~        y = 1\n|~        y = 2\n        y = 3\n|    return x", 0)


def test_several_statements_on_one_line_are_one_line(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n|    if x: |return 1\n|    y = 1|; return y|; y = 2", 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_python(sandbox: Sandbox, end: str) -> None:
    marked = "def f(x):|\n|    if x:\n|~        x = '\x0c\u2028'\n|~        x = 1\n|    return x|\n"
    check(sandbox, marked.replace("\n", end), 0)


def test_a_line_break_in_two_tokens(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\r\n    if x:\r\n|~        return 1\r|~\n|    return 2", 0)


# --- statements ----------------------------------------------------------------------------------------------------

MULTI_LINE = """\
def f(x):
|    y = max(
|        1,
|        2|,
|    )
|    if x:
|~        y = max(
|~            3,
|~            4|~,
|~        )
|    z = 'a' \\
|        'b'
|    return y"""


def test_a_statement_over_several_lines_counts_as_a_whole(sandbox: Sandbox) -> None:
    check(sandbox, MULTI_LINE, 0)


DECORATORS = """\
def same(g):
|    return g
|~
|@same
|def f(x):
|    return x
|~
|@same
|@(
|    same
|)
|def unused(
|    x,
|    y=1,
|):
|~    return x
|~
|@same
|class A:
|    y = 1
|~
|    @property
|    def z(self):
|~        return 1
"""


def test_decorators_and_headers_count_where_the_definition_ran_and_bodies_where_they_did(sandbox: Sandbox) -> None:
    check(sandbox, DECORATORS, 0)


def test_a_definition_within_a_branch_that_no_test_takes(sandbox: Sandbox) -> None:
    check(
        sandbox,
        "def f(x):\n    if x:\n|~        def g(y):\n|~            return y\n|~        class A:\n|~            z = 1\n"
        "|    def h(y):\n|~        return y\n|    return x\n",
        0,
    )


SOLUTION = """\
class Solution:
|    y = 1
|    def f(self, x):
|        if x:
|~            return self.g(x)
|        return self.y
|    def g(self, x):
|~        return x
"""


def test_a_method_of_a_class(sandbox: Sandbox) -> None:
    check(sandbox, SOLUTION, 0)


def test_code_after_an_early_return_does_not_count(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n|    x += 1\n|    return x\n|~    x += 2\n|~    return x\n", 0)


TEXTS = '''\
~# A comment.
|"""What the module is."""
|~
|x = 1|  # one
|~# two
|def f(x):
|    """What it does,
|
|    and how.
|    """
|~    # three
|    return x  # four
|~
|~
|def g(x):
|    """What it does."""
|~    # five
|~    return x
|~# six'''


def test_comments_and_blank_lines_are_no_code_and_docstrings_belong_to_their_header(sandbox: Sandbox) -> None:
    check(sandbox, TEXTS, 0)


def test_the_lines_of_a_string_are_text_whatever_they_look_like(sandbox: Sandbox) -> None:
    check(sandbox, 'def f(x):\n    y = """\n|# a|\n|\n|b"""\n|    return y\n|~# c', 0)


# --- blocks --------------------------------------------------------------------------------------------------------

IF = """\
def f(x):
    if x == 1:
|~        y = 1
|    elif x == 2:
|{two}        y = 2
|{other}    else:
|{other}        y = 3
|    return y
"""


@pytest.mark.parametrize(("arguments", "two", "other"), [((2,), "", "~"), ((3,), "~", ""), ((2, 3), "", "")])
def test_an_else_counts_with_its_block(sandbox: Sandbox, arguments: tuple[int, ...], two: str, other: str) -> None:
    check(sandbox, IF.format(two=two, other=other), *arguments)


def test_an_elif_that_is_never_asked_does_not_count(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    if x:\n|        x = 2\n|~    elif f(0):\n|~        x = 3\n|    return x\n", 1)


TRY = """\
def f(x):
|    try:
|        y = 1 // x
|{works}        y += 1
|{fails}    except ZeroDivisionError:
|{fails}        y = 0
|{works}    else:
|{works}        y += 2
|    finally:
|        z = 1
|    return y + z
"""


@pytest.mark.parametrize(("arguments", "works", "fails"), [((1,), "", "~"), ((0,), "~", ""), ((0, 1), "", "")])
def test_an_except_counts_where_it_was_looked_at_and_a_finally_always(
    sandbox: Sandbox, arguments: tuple[int, ...], works: str, fails: str
) -> None:
    check(sandbox, TRY.format(works=works, fails=fails), *arguments)


LOOPS = """\
def f(x):
|    for y in x:
|{body}        if y:
|{found}            break
|{end}    else:
|{end}        y = 0
|    while y < 0:
|~        y += 1
|    return y
"""


@pytest.mark.parametrize(
    ("argument", "body", "found", "end"), [([], "~", "~", ""), ([0], "", "~", ""), ([1], "", "", "~")]
)
def test_the_body_and_the_else_of_a_loop(
    sandbox: Sandbox, argument: list[int], body: str, found: str, end: str
) -> None:
    check(sandbox, LOOPS.format(body=body, found=found, end=end), argument)


MATCH = """\
def f(x):
    match x:
|        case 1:
|~            return 1
|        case 2 if x:
|            return 2
|~        case _:
|~            return 3
|~    return 4"""


def test_a_case_counts_where_it_was_tried(sandbox: Sandbox) -> None:
    check(sandbox, MATCH, 2)


# --- parts of expressions ------------------------------------------------------------------------------------------

COMPREHENSION = """\
def f(x):
|    return [
|{element}        y + 1|{element}
|        for y in x|
|{condition}        if y|{condition}
|    ]
"""


@pytest.mark.parametrize(("argument", "element", "condition"), [([], "~", "~"), ([0], "~", ""), ([1], "", "")])
def test_a_comprehension_over_several_lines(
    sandbox: Sandbox, argument: list[int], element: str, condition: str
) -> None:
    check(sandbox, COMPREHENSION.format(element=element, condition=condition), argument)


def test_a_comprehension_on_one_line_counts_as_a_whole(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    return| [|y + 1| for y in x| if y|]", [])


PASSED_OVER = """\
def f(x):
|    y = (
|        1
|        if not x
|~        else 2
|    )
|    z = (
|        x
|~        and y
|    )
|    g = lambda: (
|~        y
|    )
|    assert not x, (
|~        y
|    )
|    return z
"""


def test_what_an_expression_passes_over_on_lines_of_its_own_does_not_count(sandbox: Sandbox) -> None:
    check(sandbox, PASSED_OVER, 0)


# --- scripts -------------------------------------------------------------------------------------------------------


def test_a_script(sandbox: Sandbox) -> None:
    marked = "n = int(input())\n|if n:\n|~    print(n)\n|else:\n|    print()\n|def f():\n|~    pass\n"
    check(sandbox, marked + "|if __name__ == '__main__':\n|    n = 1", "0\n", entry_point=None)


def test_the_main_block_of_a_function_does_not_count(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    return x\n|if __name__ == '__main__':\n|~    print(f(1))\n", 0)


# --- how programs end ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "marked",
    [
        "def| f(x:\n|    return| 1|\n|\n|# a comment\n",
        "def f(x):\n|return x|",
        "def f(x):\n|    break\n|",
        "x = 1\n|\x00|",
        "Sorry|, I| do not know.|",
    ],
)
def test_of_a_program_that_does_not_compile_every_token_counts(sandbox: Sandbox, marked: str) -> None:
    check(sandbox, marked, 0)


def test_of_a_program_that_dies_half_way_what_ran_counts(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n|    y = 1\n|    y /= x|\n|~    y += 1\n|~    return y", 0)
    check(sandbox, "x = 1\n|y = x / 0|\n|~def f(x):\n|~    return x\n", 0)
    check(sandbox, "import sys\n|sys.exit(1)|\n|~print(1)\n", "", entry_point=None)


def test_a_program_that_dies_deep_below(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n|    return g(x) + f(x + 1)|\n|def g(x):\n|    return x\n|~    return 1", 0)


def test_of_a_program_that_never_ends_what_ran_counts(sandbox: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.2, wall_seconds=10)
    marked = "def f(x):\n|    while x:\n|        x += 1\n|        if x < 0:\n|~            break\n|~    return x"
    check(sandbox, marked, 1, limits=limits)
    check(sandbox, marked, 1, 0, limits=limits)  # the second test is not run


def test_a_program_that_lacks_the_function_counts_as_far_as_it_ran(sandbox: Sandbox) -> None:
    check(sandbox, "def g(x):\n|~    return x\n|y = 1", 0)


# --- several tests -------------------------------------------------------------------------------------------------

ARMS = """\
def f(x):
    if x == 1:
|{one}        return 1
|{asks}    if x == 2:
|{two}        return 2
|{three}    return 3
"""


@pytest.mark.parametrize(
    ("arguments", "one", "asks", "two", "three"),
    [
        ((1,), "", "~", "~", "~"),
        ((1, 2), "", "", "", "~"),
        ((2, 2), "~", "", "", "~"),
        ((3, 1), "", "", "~", ""),
        ((3, 2, 1), "", "", "", ""),
    ],
)
def test_a_line_counts_that_any_test_executed(
    sandbox: Sandbox, arguments: tuple[int, ...], one: str, asks: str, two: str, three: str
) -> None:
    check(sandbox, ARMS.format(one=one, asks=asks, two=two, three=three), *arguments)


def test_one_test_that_dies_takes_nothing_from_the_others(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n|    y = 1 / x\n|    return y\n", 0, 1)


def test_without_tests_only_what_is_no_code_counts(sandbox: Sandbox) -> None:
    check(sandbox, "Sure:\n|```python\n|~def f(x):\n|~    return x\n|```\n|Done.", chat=True)


# --- around the code -----------------------------------------------------------------------------------------------


def test_a_prefix_shifts_the_lines(sandbox: Sandbox) -> None:
    check(sandbox, "    if x:\n|~        return 1\n|    return 2\n", 0, prefix="def f(x):\n    x += 0\n\n")


def test_a_prefix_that_ends_within_a_line(sandbox: Sandbox) -> None:
    check(sandbox, "\n    |if x:\n|~        return 1\n|    return 2\n", 0, prefix="def f(x):")
    check(sandbox, "~ + 1|~\n|    return 2\n", 0, prefix="def f(x):\n    if x:\n        return 1")
    check(sandbox, "~ + 1|\n    |return 2\n", 0, prefix="def f(x):\n    if x:\n        return 1")


def test_a_prefix_with_characters_of_several_bytes(sandbox: Sandbox) -> None:
    check(sandbox, "    if x:\n|~        return 1\n|    return 2\n", 0, prefix="def f(x):\n    y = 'é中𝄞'\n")


ANSWER = """\
Here| is| f|:

|```|python|
|def f(x):
|    if x:
|~        return 1
|    return 2
|~
|~# f(0) is 2
|```|

It| returns 2|."""


def test_prose_and_fences_count(sandbox: Sandbox) -> None:
    check(sandbox, ANSWER, 0, chat=True)


def test_a_token_of_code_and_fence_counts(sandbox: Sandbox) -> None:
    check(sandbox, "```python\ndef| f(x):\n|    return 1\n|~    return| 2\n```|\nis f", 0, chat=True)
    check(sandbox, "```python\n|def f(x):\n|    return 1\n|~# end\n|```|\n", 0, chat=True)


def test_an_answer_that_goes_on_after_the_prefix(sandbox: Sandbox) -> None:
    check(sandbox, "    if x:\n|~        y = 1\n|    return x\n|```|\nDone.", 0, prefix="def f(x):\n", chat=True)


def test_an_answer_that_repeats_the_prefix(sandbox: Sandbox) -> None:
    marked = "So:\n```python\n|def f(x):\n|    if x:\n|~        y = 1\n|    return x\n|```"
    check(sandbox, marked, 0, prefix="def f(x):\n", chat=True)


def test_the_end_of_text_counts(sandbox: Sandbox) -> None:
    tokenizer = byte_level()
    source, unexecuted = "def f(x):\n    return x\n", "    return 1"
    ids = [*tokenizer(source + unexecuted)["input_ids"], tokenizer.eos_token_id]
    program = assemble("", source + unexecuted)
    mask = executed_tokens(response_offsets(tokenizer, [], ids), program, executed(sandbox, program.source, [0], "f"))
    assert mask == (True,) * len(source) + (False,) * len(unexecuted) + (True,)


# --- characters of several bytes -----------------------------------------------------------------------------------


def test_every_byte_of_a_character_is_on_its_line(sandbox: Sandbox) -> None:
    check(
        sandbox,
        "def f(x):\n|    y = '|<c3>|<a9>|<f0>|<9d><84>|<9e>'|\n|    if x:\n"
        "|~        y = '|~<c3>|~<a9>|~<e4><b8>|~<ad>'|~\n|    return y",
        0,
    )


def test_a_token_from_within_a_character_to_the_next_line(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    if x:\n|~        y = '|~<c3>|<a9>'\n    |return x", 0)
    check(sandbox, "def f(x):\n    if x: # <e4>|<b8>|<ad>\n |~       x = 1|~\n|    return x", 0)


def test_names_beyond_ascii(sandbox: Sandbox) -> None:
    check(sandbox, "def f(x):\n    é|<e4><b8>|<ad> = x\n|    if x:\n|~        return ñ\n|    return é<e4><b8><ad>", 0)


# --- a tokenizer's own tokens --------------------------------------------------------------------------------------


def test_tokens_as_a_trained_tokenizer_splits_a_program(sandbox: Sandbox) -> None:
    tokenizer = trained()
    source = "def f(x):\n    if x > 1:\n        return 'é'\n    return 0\n"
    ids = [*tokenizer(source)["input_ids"], tokenizer.eos_token_id]
    program = assemble("", source)
    mask = executed_tokens(response_offsets(tokenizer, [], ids), program, executed(sandbox, source, [0], "f"))
    assert [(tokenizer.decode([number]), counts) for number, counts in zip(ids, mask, strict=True)] == [
        ("def", True),
        (" f", True),
        ("(", True),
        ("x", True),
        ("):", True),
        ("\n   ", True),
        (" if", True),
        (" x", True),
        (" >", True),
        (" 1", True),
        (":", True),
        ("\n       ", True),  # the end of the line before
        (" return", False),
        (" '", False),
        ("é", False),
        ("'", False),
        ("\n   ", True),  # the indentation of the line after
        (" return", True),
        (" 0", True),
        ("\n", True),
        (END, True),
    ]


# --- the definition, for any text ----------------------------------------------------------------------------------


def line_of_each_character(source: str) -> list[int]:
    line, lines = 1, []
    for index, character in enumerate(source):
        lines.append(line)
        line += character == "\n" or (character == "\r" and source[index + 1 : index + 2] != "\n")
    return lines


@st.composite
def programs(draw: st.DrawFn) -> tuple[Assembled, list[tuple[int, int]]]:
    text = st.text("ab \n\r", max_size=12)
    before, code, after, prefix = draw(text), draw(text), draw(text), draw(text)
    between, more = draw(text), draw(text)
    first = CodeSpan(len(before), len(before + code), len(prefix))
    second = CodeSpan(len(before + code + between), len(before + code + between + more), len(prefix + code))
    program = Assembled(prefix + code + more, tuple(span for span in (first, second) if span.start < span.end))
    length = len(before + code + between + more + after)
    cuts = sorted(draw(st.lists(st.integers(0, length), max_size=8)))
    spans = zip([0, *cuts], [*cuts, length], strict=True)
    return program, [(start, min(end + draw(st.integers(0, 1)), length)) for start, end in spans]


@given(programs(), st.frozensets(st.integers(1, 8)))
def test_a_token_counts_where_any_character_of_it_does(
    case: tuple[Assembled, list[tuple[int, int]]], ran: frozenset[int]
) -> None:
    program, spans = case
    lines = line_of_each_character(program.source)

    def counts(character: int) -> bool:
        inside = [span for span in program.spans if span.start <= character < span.end]
        return not inside or lines[character - inside[0].start + inside[0].offset] in ran

    wanted = tuple(start == end or any(map(counts, range(start, end))) for start, end in spans)
    assert executed_tokens(spans, program, ran) == wanted
    assert executed_tokens(spans, program, None) == (True,) * len(spans)


@given(programs())
def test_the_last_token_of_a_line_is_the_last_with_a_character_on_it(
    case: tuple[Assembled, list[tuple[int, int]]],
) -> None:
    program, spans = case
    lines = line_of_each_character(program.source)
    wanted: dict[int, int] = {}
    for index, (start, end) in enumerate(spans):
        for span in program.spans:
            for character in range(max(start, span.start), min(end, span.end)):
                wanted[lines[character - span.start + span.offset]] = index
    assert line_ends(spans, program) == wanted


def test_the_last_token_of_each_line() -> None:
    offsets, text = response(tokens_of("    if| x:|\n        |return| 1\n|\n|    return 2|\n|```"))
    assert line_ends(offsets, assemble("def f(x):\n", text, chat=True, entry_point="f")) == {2: 2, 3: 4, 4: 5, 5: 7}


# --- the other masks -----------------------------------------------------------------------------------------------


def test_all_tokens() -> None:
    assert all_tokens(3) == (True, True, True)
    assert all_tokens(0) == ()


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 2**32))
def test_a_random_mask_has_as_many_tokens_and_is_fixed_by_its_seed(like: list[bool], seed: int) -> None:
    mask = random_tokens(like, seed)
    assert (len(mask), sum(mask)) == (len(like), sum(like))
    assert random_tokens(like[::-1], seed) == mask


def test_a_random_mask_favours_no_place() -> None:
    like = [True] * 3 + [False] * 7
    chosen = Counter(index for seed in range(2000) for index in range(10) if random_tokens(like, seed)[index])
    assert all(500 < chosen[index] < 700 for index in range(10))


def test_a_random_mask_leaves_the_global_generator_alone() -> None:
    before = random.getstate()
    random_tokens([True, False], 1)
    assert random.getstate() == before
