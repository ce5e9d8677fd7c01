"""Prompts by name: what a model is asked, and how what it answers becomes a program.

A template is a function from a problem to text, with the stop sequences and the rule that belong to it. The rule is
written beside the samples, so that scoring them takes no guess. Plain templates are for models that continue text, chat
templates for models that answer a person.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps_plus.errors import InputError
from apps_plus.problem import sha256_of
from harness.generation.backend import Prompt
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.completion_tail import HUMANEVAL_STOPS, MBPP_STOPS
from harness.scoring.samples.sample_programs import Rule


@dataclass(frozen=True, slots=True)
class Template:
    """One way to ask."""

    name: str
    about: str
    """One line for people."""
    rule: Rule
    """How an answer becomes a program."""
    render: Callable[[BenchmarkProblem], str]
    stop: tuple[str, ...] = ()
    chat: bool = False
    """The text is what a user says; else it is text to continue."""
    shots: tuple[str, ...] = ()
    """Numbers of the problems that are shown solved before the one that is asked."""

    def prompt(self, problem: BenchmarkProblem, shown: Sequence[BenchmarkProblem] = ()) -> Prompt:
        """What the model is given. ``shown`` are the problems to show solved; a problem is never shown with itself."""
        others = [other for other in shown if other.task_id != problem.task_id]
        text = "".join(map(_solved, others)) + self.render(problem)
        return [{"role": "user", "content": text}] if self.chat else text


def shown_problems(template: Template, benchmark: Benchmark) -> tuple[BenchmarkProblem, ...]:
    """The problems that a template shows solved, out of a whole benchmark. Raises InputError where one is not in it."""
    by_number = {problem.task_id.rpartition("/")[2]: problem for problem in benchmark.problems}
    missing = [number for number in template.shots if number not in by_number]
    if missing:
        raise InputError(
            f"--prompt {template.name} shows problems {', '.join(template.shots)} solved, and {benchmark.source} lacks "
            f"{', '.join(missing)}: take another --prompt"
        )
    return tuple(by_number[number] for number in template.shots)


# ---- HumanEval: the prompt is code to continue


def _code_itself(problem: BenchmarkProblem) -> str:
    return problem.prompt


def _code_without_last_newline(problem: BenchmarkProblem) -> str:
    return problem.prompt.rstrip()


def _complete_function(problem: BenchmarkProblem) -> str:
    return (
        "Complete this Python function. Answer with the whole function in one fenced code block, together with the "
        f"imports and helper functions that it needs.\n\n```python\n{problem.prompt.rstrip()}\n```\n"
    )


# ---- MBPP: a sentence and some assertions

MBPP_SHOTS = ("2", "3", "4")
"""Austin et al. 2021 (arXiv 2108.07732), appendix A: the prompt problems that they used."""


def _task(problem: BenchmarkProblem) -> str:
    """The task in words. MBPP+'s prompts are docstrings already, with an assertion in them."""
    words = problem.prompt.strip()
    if words.startswith('"""') and words.endswith('"""'):
        words = "\n".join(line for line in words.strip('"').splitlines() if line not in problem.examples)
    return words.strip()


def _docstring(problem: BenchmarkProblem) -> str:
    """InCoder's prompt (Fried et al. 2022, arXiv 2204.05999), which EvalPlus's MBPP+ also has: one assertion."""
    return '"""\n' + "\n".join([_task(problem), *problem.examples[:1]]) + '\n"""\n'


def _begin(problem: BenchmarkProblem) -> str:
    """The prompt of Austin et al. 2021, figure 1."""
    tests = "\n".join(problem.examples)
    return (
        f"You are an expert Python programmer, and here is your task: {_task(problem)} "
        f"Your code should pass these tests:\n\n{tests}\n[BEGIN]\n"
    )


def _solved(problem: BenchmarkProblem) -> str:
    return _begin(problem) + problem.canonical_solution.removeprefix(problem.prompt).strip() + "\n[DONE]\n\n"


def _pass_these_tests(problem: BenchmarkProblem) -> str:
    tests = "\n".join(problem.examples)
    wanted = f"\n\nYour code should pass these tests:\n\n```python\n{tests}\n```" if tests else ""
    return f"{_task(problem)}{wanted}\n\nAnswer with the whole Python program in one fenced code block.\n"


# ---- APPS: a statement, perhaps code to start from, and a convention for input and output

APPS_STOP = ("\nQUESTION", "\n---", "\nANSWER")
"""As the BigCode evaluation harness has them: a model that goes on after its answer asks itself the next question."""


def _question_answer(problem: BenchmarkProblem) -> str:
    """The format that models were tuned on in Hendrycks et al. 2021 (arXiv 2105.09938), section 4."""
    starter = f"\n{problem.starter_code}" if problem.starter_code.strip() else ""
    convention = "Use Call-Based format" if problem.entry_point else "Use Standard Input format"
    return f"\nQUESTION:\n{problem.prompt}{starter}\n{convention}\nANSWER:\n"


def _solve(problem: BenchmarkProblem) -> str:
    if problem.entry_point and "class Solution" in problem.starter_code:
        convention = f"Write the method `{problem.entry_point}` of the class `Solution`; it returns the answer."
    elif problem.entry_point:
        convention = f"Write a Python function named `{problem.entry_point}` that returns the answer."
    else:
        convention = "Write a Python program that reads standard input and prints the answer to standard output."
    starter = problem.starter_code.strip("\n")
    start = f" Start from this code:\n\n```python\n{starter}\n```" if starter.strip() else ""
    return (
        f"{problem.prompt.strip()}\n\n{convention}{start}\n\nAnswer with the whole program in one fenced code block.\n"
    )


# ---- LiveCodeBench: its own words (arXiv 2403.07974, appendix A)

LIVECODEBENCH_STOP = ("\n###",)
"""Its base models' prompt is made of such headings: a model that goes on asks itself the next question."""


def _livecodebench_chat(problem: BenchmarkProblem) -> str:
    if problem.starter_code.strip():
        how = (
            "You will use the following starter code to write the solution to the problem and enclose your code within"
        )
        start, how = problem.starter_code, f"{how} delimiters."
    else:
        how = (
            "Read the inputs from stdin solve the problem and write the answer to stdout (do not directly test on the "
            "sample inputs). Enclose your code within delimiters as follows. Ensure that when the python program runs, "
            "it reads the inputs, runs the algorithm and writes output to STDOUT."
        )
        start = "# YOUR CODE HERE"
    return (
        "You are an expert Python programmer. You will be given a question (problem specification) and will generate a "
        "correct Python program that matches the specification and passes all tests.\n\n"
        f"### Question:\n{problem.prompt}\n\n### Format: {how}\n```python\n{start}\n```\n\n"
        "### Answer: (use the provided format with backticks)\n\n"
    )


def _livecodebench_base(problem: BenchmarkProblem) -> str:
    starter = f"### Starter Code\n{problem.starter_code}\n\n" if problem.starter_code.strip() else ""
    return f"### Question\n{problem.prompt}\n\n{starter}### Answer\n\n"


TEMPLATES: dict[str, tuple[Template, ...]] = {
    "humaneval": (
        Template(
            "completion",
            "the signature and docstring as they are",
            Rule.PROMPT_PLUS_COMPLETION,
            _code_itself,
            HUMANEVAL_STOPS,
        ),
        Template(
            "completion-stripped",
            "the same without the newline at its end, which many tokenizers join with the indentation after it",
            Rule.PROMPT_PLUS_COMPLETION,
            _code_without_last_newline,
            HUMANEVAL_STOPS,
        ),
        Template("chat", "asks for the whole function", Rule.FENCED_BLOCK, _complete_function, chat=True),
    ),
    "mbpp": (
        Template("docstring", "a docstring with the task and one assertion", Rule.AS_IS, _docstring, MBPP_STOPS),
        Template("paper", "MBPP's own, with every assertion, no example", Rule.AS_IS, _begin, ("[DONE]",)),
        Template("paper-3shot", "MBPP's own, three examples", Rule.AS_IS, _begin, ("[DONE]",), shots=MBPP_SHOTS),
        Template("chat", "the task and every assertion", Rule.FENCED_BLOCK, _pass_these_tests, chat=True),
    ),
    "apps": (
        Template("question-answer", "QUESTION, ANSWER: APPS's own", Rule.AS_IS, _question_answer, APPS_STOP),
        Template("chat", "the statement and how input and output go", Rule.FENCED_BLOCK, _solve, chat=True),
    ),
    "livecodebench": (
        Template("question-answer", "headings, no examples", Rule.AS_IS, _livecodebench_base, LIVECODEBENCH_STOP),
        Template("chat", "LiveCodeBench's own", Rule.FENCED_BLOCK, _livecodebench_chat, chat=True),
    ),
}
"""By family of benchmarks; the first plain and the first chat template are the defaults."""


def templates_for(task: str) -> tuple[Template, ...]:
    """The templates of a TASK. Raises InputError where there are none."""
    family = task.partition("-")[0].rstrip("+")
    if family not in TEMPLATES:
        raise InputError(f"no prompts for {task}: the tasks are those of {', '.join(TEMPLATES)}")
    return TEMPLATES[family]


def template_named(task: str, name: str) -> Template:
    """The template of that name. Raises InputError, which lists the names there are."""
    templates = templates_for(task)
    for template in templates:
        if template.name == name:
            return template
    known = "; ".join(f"{template.name} ({template.about})" for template in templates)
    raise InputError(f"{task} has no prompt {name!r}: choose one of {known}")


def default_template(task: str, chat: bool) -> Template:
    """The first template of its kind."""
    return next(template for template in templates_for(task) if template.chat == chat)


def prompts_digest(template: Template, benchmark: Benchmark, shown: Sequence[BenchmarkProblem] = ()) -> str:
    """SHA-256, in hex, of every prompt of the benchmark: the template's text and the data in one."""
    return sha256_of([[problem.task_id, template.prompt(problem, shown)] for problem in benchmark.problems])
