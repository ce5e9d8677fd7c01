"""Prompts, to the byte."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from echo_backend import benchmark, problem

from apps_plus.errors import InputError
from harness.generation.backend import cut_at_stop, sample_seed
from harness.generation.prompts import (
    TEMPLATES,
    Template,
    default_template,
    few_shot_problems,
    prompts_digest,
    template_named,
    templates_for,
)
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import TASKS
from harness.scoring.samples.sample_programs import ProgramRule

ADD = problem(0, "def add(a, b):\n    '''Sum.'''\n", entry_point="add")
MBPP_ADD = BenchmarkProblem(
    "Mbpp/5",
    "Write a function to add. ",
    None,
    "def add(a, b):\n    return a + b",
    (),
    examples=("assert add(1, 2) == 3", "assert add(0, 0) == 0"),
)
STDIN = BenchmarkProblem("test/0001", "Add two numbers.", None, "", ())
CALL = BenchmarkProblem("test/0002", "Add two numbers.", "add", "", (), starter_code="def add(a, b):\n    ")
METHOD = replace(CALL, starter_code="class Solution:\n    def add(self, a, b):\n        ")


def text_of(name: str, task: str, asked: BenchmarkProblem) -> str:
    prompt = template_named(task, name).prompt(asked)
    assert isinstance(prompt, str)
    return prompt


def user_message(task: str, asked: BenchmarkProblem) -> str:
    [message] = default_template(task, chat=True).prompt(asked)
    assert message["role"] == "user"
    return message["content"]


def test_humaneval_completion_is_the_prompt_itself():
    assert text_of("completion", "humaneval", ADD) == ADD.prompt


def test_humaneval_stripped_ends_without_a_newline():
    assert text_of("completion-stripped", "humaneval+", ADD) == ADD.prompt[:-1]


def test_humaneval_chat_holds_the_code_in_a_fence():
    assert "```python\ndef add(a, b):\n    '''Sum.'''\n```\n" in user_message("humaneval", ADD)


def test_mbpp_docstring_has_one_assertion():
    assert text_of("docstring", "mbpp", MBPP_ADD) == '"""\nWrite a function to add.\nassert add(1, 2) == 3\n"""\n'


def test_mbpp_plus_docstring_is_evalplus_prompt():
    prompt = '"""\nWrite a function to add.\nassert add(1, 2) == 3\n"""\n'
    plus = replace(MBPP_ADD, prompt=prompt, examples=("assert add(1, 2) == 3",))
    assert text_of("docstring", "mbpp+", plus) == prompt
    assert "your task: Write a function to add. Your code" in text_of("paper", "mbpp+", plus)


def test_mbpp_paper_has_every_assertion():
    assert text_of("paper", "mbpp", MBPP_ADD) == (
        "You are an expert Python programmer, and here is your task: Write a function to add. Your code should pass "
        "these tests:\n\nassert add(1, 2) == 3\nassert add(0, 0) == 0\n[BEGIN]\n"
    )


def test_mbpp_three_shots_are_solved_and_a_problem_is_not_shown_with_itself():
    template = template_named("mbpp", "paper-3shot")
    whole = benchmark([replace(MBPP_ADD, task_id=f"Mbpp/{number}") for number in (2, 3, 4, 11)], "mbpp")
    few_shot = few_shot_problems(template, whole)
    assert [shot.task_id for shot in few_shot] == ["Mbpp/2", "Mbpp/3", "Mbpp/4"]
    prompt = template.prompt(whole.problems[3], few_shot)
    assert prompt.count("[BEGIN]\ndef add(a, b):\n    return a + b\n[DONE]\n\n") == 3
    assert prompt.endswith("[BEGIN]\n")
    assert template.prompt(whole.problems[0], few_shot).count("[DONE]") == 2


def test_missing_few_shot_examples_are_an_error():
    with pytest.raises(InputError, match="lacks 2, 3, 4"):
        few_shot_problems(template_named("mbpp", "paper-3shot"), benchmark([MBPP_ADD], "mbpp"))


def test_mbpp_chat_shows_the_tests():
    assert "```python\nassert add(1, 2) == 3\nassert add(0, 0) == 0\n```" in user_message("mbpp", MBPP_ADD)


def test_apps_standard_input():
    expected = "\nQUESTION:\nAdd two numbers.\nUse Standard Input format\nANSWER:\n"
    assert text_of("question-answer", "apps", STDIN) == expected


def test_apps_call_based_has_the_starter_code():
    expected = "\nQUESTION:\nAdd two numbers.\ndef add(a, b):\n    \nUse Call-Based format\nANSWER:\n"
    assert text_of("question-answer", "apps+", CALL) == expected


@pytest.mark.parametrize(
    "asked, phrase",
    [(STDIN, "standard input"), (CALL, "a Python function named `add`"), (METHOD, "the method `add` of the class")],
)
def test_apps_chat_says_how_input_comes(asked, phrase):
    assert phrase in user_message("apps+", asked)


@pytest.mark.parametrize("task", TASKS)
def test_every_task_has_a_plain_and_a_chat_default(task):
    assert not default_template(task, chat=False).chat
    assert default_template(task, chat=True).chat
    assert default_template(task, chat=True).rule is ProgramRule.FENCED_BLOCK


@pytest.mark.parametrize("task", TASKS)
def test_names_are_unique(task):
    names = [template.name for template in templates_for(task)]
    assert len(names) == len(set(names))


def test_an_unknown_name_lists_those_there_are():
    with pytest.raises(InputError, match=r"no prompt 'x': choose one of completion .*chat"):
        template_named("humaneval", "x")
    with pytest.raises(InputError, match="no prompts for codecontests"):
        templates_for("codecontests")


def test_the_digest_depends_on_template_and_data():
    digests = {
        prompts_digest(template_named("humaneval", name), benchmark(problems))
        for name in ("completion", "chat")
        for problems in (3, 4)
    }
    assert len(digests) == 4


def test_no_prompt_holds_a_solution():
    secret = "SECRET = 1"
    asked = replace(MBPP_ADD, canonical_solution=secret, starter_code="def f(): pass")
    templates: list[Template] = [template for family in TEMPLATES.values() for template in family]
    assert all(secret not in json.dumps(template.prompt(asked)) for template in templates)


@pytest.mark.parametrize(
    "text, stop, cut",
    [
        ("    return 1\n\ndef g(): pass", ("\ndef",), "    return 1\n"),
        ("a\nprint(1)\nclass A", ("\nclass", "\nprint"), "a"),
        ("no stop", ("\ndef",), "no stop"),
        ("no stops", (), "no stops"),
        ("\ndef f", ("\ndef",), ""),
    ],
)
def test_text_ends_before_the_first_stop(text, stop, cut):
    assert cut_at_stop(text, stop) == cut


def test_every_sample_has_its_own_seed():
    seeds = {sample_seed(seed, task, n) for seed in (0, 1) for task in ("a", "b") for n in range(100)}
    assert len(seeds) == 400
    assert all(0 <= seed < 2**31 for seed in seeds)
    assert sample_seed(7, "HumanEval/0", 3) == 1587543183  # it must not change: resuming depends on it
