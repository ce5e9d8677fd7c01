"""The prompts of a problem: those of ``apps-plus generate apps+``, so that a model is trained as it is evaluated."""

from __future__ import annotations

from apps_plus.problem import Problem
from apps_plus.storage import escape_surrogates
from harness.generation.prompts import default_template
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.benchmarks.load import apps_plus_problem


def question_of(problem: Problem | BenchmarkProblem) -> str:
    """Return the text that asks a chat model for a program; UTF-8 can write it."""
    asked = apps_plus_problem(problem) if isinstance(problem, Problem) else problem
    prompt = default_template("apps+", chat=True).prompt(asked)
    assert not isinstance(prompt, str), "a chat prompt is a list of messages"
    return escape_surrogates(str(prompt[0]["content"]))
