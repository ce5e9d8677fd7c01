"""Extract the program from an answer, for each form of answer."""

from __future__ import annotations

import pytest

from harness.judging.extraction.answer import ExtractionNote, Question
from harness.judging.extraction.extract import extract

F = "```"
CODE = "def f(x):\n    return x + 1\n"
DRAFT = "def f(x):\n    return None\n"


def block(code: str, language: str = "python") -> str:
    return f"{F}{language}\n{code}{F}\n"


def program(answer: str, entry_point: str | None = "f", reasoning_end: str | None = None) -> str:
    return extract(answer, Question(entry_point), reasoning_end).source


def notes(answer: str, entry_point: str | None = "f", reasoning_end: str | None = None) -> set[ExtractionNote]:
    return set(extract(answer, Question(entry_point), reasoning_end).notes)


# ---- reasoning


@pytest.mark.parametrize(
    "answer",
    [
        f"<think>\nPerhaps:\n{block(CODE)}",
        f"\n<thinking>{block(CODE)}Still thinking",
        f"<|channel|>analysis<|message|>{block(CODE)}",
        f"<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>commentary<|message|>{block(CODE)}",
        f"analysisWe need f.\n{block(CODE)}",
        f"[THINK]{block(CODE)}",
        "<think>",
    ],
)
def test_an_answer_that_ends_inside_its_reasoning_is_empty_and_says_so(answer: str) -> None:
    assert program(answer) == ""
    assert notes(answer) == {ExtractionNote.UNFINISHED}


def test_reasoning_reaches_to_the_last_closing_tag() -> None:
    answer = f"<think>a</think>\n{block(DRAFT)}wait\n</think>\n{block(CODE)}"
    assert program(answer) == CODE


def test_reasoning_after_the_program_is_set_aside_alone() -> None:
    assert program(f"{block(CODE)}<think>\n{block(DRAFT)}</think>\n") == CODE
    assert program(f"{block(CODE)}\n<think>\n{block(DRAFT)}") == CODE


def test_the_text_that_ends_the_reasoning_can_be_given() -> None:
    answer = f"{block(DRAFT)}== ANSWER ==\n{block(CODE)}"
    assert program(answer, reasoning_end="== ANSWER ==") == CODE
    assert ExtractionNote.REASONING in notes(answer, reasoning_end="== ANSWER ==")
    assert program(block(CODE), reasoning_end="== ANSWER ==") == ""
    assert notes(block(CODE), reasoning_end="== ANSWER ==") == {ExtractionNote.UNFINISHED}


def test_no_reasoning_is_looked_for_where_none_is_said() -> None:
    answer = f"<think>\n{block(DRAFT)}</think>\nI am done."
    assert program(answer, reasoning_end="none") == DRAFT


@pytest.mark.parametrize(
    "code",
    [
        'def f(x):\n    return x.split("</think>")[-1]\n',
        'def f(x):\n    return f"<think>{x}</think>"\n',
        "def f(x):\n    return '''\n<think>\n</think>\n''' + x\n",
    ],
)
def test_tags_in_a_program_are_no_reasoning(code: str) -> None:
    assert program(block(code)) == code
    assert program(f"<think>\n{block(DRAFT)}</think>\n{block(code)}") == code
    assert program(code) == code


# ---- fenced blocks


def test_the_last_block_that_can_be_the_program() -> None:
    assert program(block(DRAFT) + block(CODE)) == CODE
    assert program(block(CODE) + block("def f(x)\n    return x\n")) == CODE  # the last one does not parse
    assert program(
        block("class Solution:\n    def f(self, x):\n        return x\n") + block("print(f(1))\n")
    ).startswith("class")
    assert program(block("f = lambda x: x\n") + block("y = f(1)\n")) == "f = lambda x: x\n"


@pytest.mark.parametrize(
    "stub", ["...", "pass", "raise NotImplementedError", "raise NotImplementedError('later')", '"""Doc."""']
)
def test_a_stub_is_the_program_only_where_nothing_else_is(stub: str) -> None:
    code = f"def f(x):\n    {stub}\n"
    assert program(block(CODE) + block(code)) == CODE
    assert program(block(code) + "Nothing more.") == code
    assert ExtractionNote.STUB in notes(block(code) + "Nothing more.")


@pytest.mark.parametrize(
    "words",
    [
        "Do not write it like this:",
        "This is **wrong**:",
        "A common mistake is:",
        "Avoid the following:",
        "### Incorrect approach",
        "For comparison, the naive version:",
        "Don't do this:",
    ],
)
def test_an_example_of_what_not_to_do_gives_way_to_an_earlier_block(words: str) -> None:
    assert program(f"{block(CODE)}\n{words}\n\n{block(DRAFT)}") == CODE
    assert program(f"Hm.\n\n{words}\n\n{block(CODE)}") == CODE  # but is the program if there is no other


@pytest.mark.parametrize(
    "words",
    [
        "The code above is wrong. Corrected:",
        "Here is the fixed version:",
        "Instead of the naive one, use this:",
        "The final solution:",
        "That was a mistake.\n\nSo:",
    ],
)
def test_a_correction_is_the_program(words: str) -> None:
    assert program(f"{block(DRAFT)}\n{words}\n\n{block(CODE)}") == CODE


def test_imports_and_helpers_of_earlier_blocks_are_taken_along() -> None:
    imports = "import math\nfrom collections import Counter\n\nLIMIT = 3\n\n"
    helpers = "def g(x):\n    return math.floor(x) + LIMIT\n\ndef unused(x):\n    return x\n"
    main = "def f(x):\n    return g(x)\n"
    answer = f"First:\n{block(imports + helpers)}Then:\n{block(main)}"
    found = extract(answer, Question("f"))
    assert ExtractionNote.TAKEN_ALONG in found.notes
    namespace: dict[str, object] = {}
    exec(found.source, namespace)
    assert namespace["f"](1.5) == 4  # type: ignore[operator]
    assert "unused" not in namespace
    assert "Counter" not in namespace


def test_what_is_taken_along_comes_after_imports_from_the_future() -> None:
    main = "from __future__ import annotations\ndef f(x: Any):\n    return g(x)\n"
    source = program(block("def g(x):\n    return x\n") + block(main))
    compile(source, "program", "exec")
    assert source.index("__future__") < source.index("def g")


def test_a_star_import_is_taken_along_where_nobody_binds_a_name() -> None:
    assert program(block("from math import *\n") + block("def f(x):\n    return sqrt(x)\n")).startswith(
        "from math import *\n"
    )


# ---- scripts


def test_a_script_reads_and_prints() -> None:
    script = "n = int(input())\nprint(n)\n"
    tests = "assert solve(1) == 2\n"
    for after in (block("5\n", ""), block("3 4\n5\n", ""), block(tests), block("print(solve(3))\n"), block("x = 1\n")):
        assert program(f"{block(script)}\nSo:\n\n{after}", None) == script


def test_a_main_block_takes_its_functions_along() -> None:
    source = program(block("def solve(n):\n    return n + 1\n") + block("n = int(input())\nprint(solve(n))\n"), None)
    assert source == "def solve(n):\n    return n + 1\nn = int(input())\nprint(solve(n))\n"


def test_of_two_scripts_the_last_is_the_program() -> None:
    first, last = "print(input())\n", "import sys\nprint(sys.stdin.read())\n"
    assert program(block(first) + "Faster:\n" + block(last), None) == last


# ---- prose without blocks


@pytest.mark.parametrize(
    "answer",
    [
        f"Here is the function:\n\n{CODE}",
        f"{CODE}\nThis function returns the successor of x.\n",
        f"Sure!\n\n{CODE}\nIt adds one to it.\n\nExample:\n\nf(1) gives 2\n",
        "Here is what I would write:\n\n    def f(x):\n        return x + 1\n\nThat is all there is.\n",
    ],
)
def test_code_between_prose(answer: str) -> None:
    assert program(answer).strip() == CODE.strip()
    assert ExtractionNote.BARE_CODE in notes(answer)


@pytest.mark.parametrize("answer", ["def f(x):\n    return (x", CODE + "\ndef g(x):\n    return", CODE + "\nf(", "f(x"])
def test_unfinished_code_stays_as_it_is(answer: str) -> None:
    assert program(answer) == answer
    assert notes(answer) == {ExtractionNote.NO_BLOCK}


@pytest.mark.parametrize("answer", ["", "\n", "I cannot do that.", "```\n```", "42"])
def test_an_answer_without_code_raises_nothing(answer: str) -> None:
    assert program(answer).strip() in ("", answer.strip())


def test_every_piece_is_where_it_says() -> None:
    listed = f"1. So:\n\n   {F}python\n   import math\n\n   def f(x):\n       return math.pi\n   {F}\n"
    answer = f"<think>x</think>\n{listed}<|im_end|>"
    found = extract(answer, Question("f"))
    assert found.source == "import math\n\ndef f(x):\n    return math.pi\n"
    assert all(answer[p.start : p.start + len(p.text)] == p.text for p in found.pieces if p.start is not None)


# ---- answers after a prefix of the curriculum

PREFIX = "def f(x):\n    y = 1\n"
REST = "    if x:\n        y = 2\n    return y\n"


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (REST, PREFIX + REST),
        (REST + F, PREFIX + REST),
        (f"{REST}{F}\n\nUsage:\n{block('print(f(1))')}", PREFIX + REST),
        (f"{F}\nAgain:\n{block(PREFIX + REST)}", PREFIX + REST),
        (block(PREFIX + REST), PREFIX + REST),
        (block(CODE), CODE),
        (REST + "<|im_end|>", PREFIX + REST),
        ("    return (", PREFIX + "    return ("),
    ],
)
def test_an_answer_goes_on_after_a_prefix_or_begins_anew(answer: str, wanted: str) -> None:
    assert extract(answer, Question("f", PREFIX, is_prefix=True)).source.strip() == wanted.strip()


# ---- tags, fences and programs on one line


@pytest.mark.parametrize(
    "answer",
    [
        f"<think>Easy.</think>{F}python\n{CODE}{F}",
        f"<think></think>{F}python\n{CODE}{F}",
        f"[THINK]x[/THINK]{F}python\n{CODE}{F}",
        f"<thinking>x</thinking>Here is the code: {F}python\n{CODE}{F}",
        f"<think>\n{block(DRAFT)}No.</think>{F}python\n{CODE}{F}",
        f"<|channel>thought\n{block(DRAFT)}<channel|>{block(CODE)}",
        f"<unused94>thought\n{block(DRAFT)}<unused95>{block(CODE)}",
        f"assistantanalysisWe try\n{block(DRAFT)}assistantfinal\n{block(CODE)}",
        f"<think>x</think >\n{block(CODE)}",
        f"<think>x</think>\n{block(CODE)}</think>",
        f"<think>x</think>\n{block(CODE)}\nNote: I closed the </think> tag early.\n",
        f"{F}python def f(x):\n    return x + 1\n{F}",
        f"    {F}python\n    def f(x):\n        return x + 1\n    {F}\n",
        f"\ufeff{block(CODE)}",
        f"[PYTHON]\n{CODE}[/PYTHON]\n[TESTS]\nassert f(1) == 3\n[/TESTS]\n",
        f"<|im_start|>user\nWrite f.<|im_end|>\n<|im_start|>assistant\n{block(CODE)}",
    ],
)
def test_more_ways_in_which_models_answer(answer: str) -> None:
    assert program(answer).strip() == CODE.strip()


def test_a_program_in_the_reasoning_alone_does_not_count() -> None:
    assert program(f"Try:\n{block(CODE)}So use it.</think>{F}python\nprint(f(1))\n{F}\n").strip() != CODE.strip()
    assert program(f"<|channel>thought\n{block(CODE)}") == ""


@pytest.mark.parametrize(
    "body",
    [
        "return",
        "return None",
        "return ...",
        "raise ValueError('not implemented')",
        "y = 1\n    ...",
        "assert False, 'todo'",
    ],
)
def test_more_stubs(body: str) -> None:
    assert program(block(CODE) + block(f"def f(x):\n    {body}\n")) == CODE


@pytest.mark.parametrize("usage", ["f = f(1)\n", "f = Mock()\n", "import functools\nf = functools.cache(f)\n"])
def test_an_assignment_that_is_made_of_the_function_is_no_definition(usage: str) -> None:
    assert program(block(CODE) + block(usage)) == CODE


@pytest.mark.parametrize("snippet", ["    return x + 1\n", "def f(x):\n", "return x + 1\n"])
def test_a_quotation_in_the_explanation_is_not_the_program(snippet: str) -> None:
    humaneval = Question("f", 'def f(x):\n    """Add one."""\n')
    source = extract(f"{block(CODE)}\nIt ends with\n\n{block(snippet)}", humaneval).source
    assert source.endswith(CODE)


# ---- scripts in several blocks


def test_a_script_whose_last_block_only_calls_it() -> None:
    main = "def main():\n    n = int(input())\n    print(n)\n"
    assert program(block(main) + block("main()\n"), None) == main + "main()\n"


def test_definitions_alone_are_no_script_where_another_block_runs() -> None:
    script = "n = int(input())\nprint(n)\n"
    head = "import sys\ninput = sys.stdin.readline\nprint = sys.stdout.write\n"
    assert program(block(script) + "For faster input put this first:\n" + block(head), None) == script


def test_a_trial_that_feeds_itself_is_not_the_script() -> None:
    script = "print(int(input()) + 1)\n"
    trial = 'import io, sys\nsys.stdin = io.StringIO("3")\nprint(input())\n'
    assert program(block(script) + block(trial), None) == script


def test_a_table_that_a_loop_fills_is_taken_along_filled() -> None:
    source = program(block("K = {}\nfor i in range(3):\n    K[i] = i\n") + block("def f(x):\n    return K[x]\n"))
    namespace: dict[str, object] = {}
    exec(source, namespace)
    assert namespace["f"](2) == 2  # type: ignore[operator]


def test_a_helper_in_a_later_block_is_taken_along() -> None:
    source = program(block("def f(x):\n    return g(x)\n") + "with the helper:\n" + block("def g(x):\n    return x\n"))
    assert "def g" in source


# ---- other prose


@pytest.mark.parametrize(
    "before",
    [
        "Sure! Here's the code (O(n) time):",
        "**Solution**",
        "1. Loop over it.",
        "\u4e0b\u9762\u662f\u4ee3\u7801\uff1a",
        "---",
        "python\nCopy code",
    ],
)
@pytest.mark.parametrize(
    "after", ["", "\nExplanation: the list [1, 2] becomes [3, 4].\n", "\nI hope this helps! \U0001f60a\n"]
)
def test_code_between_prose_of_any_kind(before: str, after: str) -> None:
    assert program(f"{before}\n\n{CODE}{after}").strip() == CODE.strip()


def test_of_two_bare_programs_the_last_is_the_program() -> None:
    assert program(f"My first try:\n\n{DRAFT}\nThat is not right at all, so:\n\n{CODE}").strip() == CODE.strip()


def test_a_second_reasoning_is_reasoning_where_no_program_follows() -> None:
    assert program(f"<think>a</think>\n<think>\n{block(CODE)}</think>\nI cannot do that.\n").strip() != CODE.strip()
