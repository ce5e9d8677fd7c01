"""Prompt templates by name, for each benchmark.

A template is a function from a problem to text, with its stop sequences and the rule that makes a program of an answer.
The rule is recorded in the settings of the samples, so that scoring need not guess it. Plain templates are for base
models, which continue text; chat templates are for models that answer conversations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from apps_plus.errors import InputError
from apps_plus.problem import sha256_of
from harness.generation.backend import Prompt
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.completion_tail import HUMANEVAL_STOPS, MBPP_STOPS
from harness.scoring.samples.sample_programs import ProgramRule


@dataclass(frozen=True, slots=True)
class Template:
    """A prompt template."""

    name: str
    description: str
    """One line, for messages."""
    rule: ProgramRule
    """The rule that makes a program of an answer."""
    render: Callable[[BenchmarkProblem], str]
    stop: tuple[str, ...] = ()
    """Stop sequences."""
    chat: bool = False
    """True: the text is a user's message; False: text to continue."""
    shots: tuple[str, ...] = ()
    """Numbers of the problems used as few-shot examples."""

    def prompt(self, problem: BenchmarkProblem, few_shot: Sequence[BenchmarkProblem] = ()) -> Prompt:
        """Return the prompt of a problem, after the solved ``few_shot`` examples; the problem itself is not one."""
        others = [other for other in few_shot if other.task_id != problem.task_id]
        text = "".join(map(_solved_example, others)) + self.render(problem)
        return [{"role": "user", "content": text}] if self.chat else text


def few_shot_problems(template: Template, benchmark: Benchmark) -> tuple[BenchmarkProblem, ...]:
    """Return a template's few-shot examples from the whole benchmark. Raises InputError if one is missing."""
    by_number = {problem.task_id.rpartition("/")[2]: problem for problem in benchmark.problems}
    missing = [number for number in template.shots if number not in by_number]
    if missing:
        raise InputError(
            f"--prompt {template.name} uses problems {', '.join(template.shots)} as examples, and {benchmark.source} "
            f"lacks {', '.join(missing)}: choose another --prompt"
        )
    return tuple(by_number[number] for number in template.shots)


# ---- HumanEval: the prompt is code to continue


def _code(problem: BenchmarkProblem) -> str:
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
"""The few-shot problems of Austin et al. 2021 (arXiv 2108.07732), appendix A."""


def _task(problem: BenchmarkProblem) -> str:
    """Return the task in words. MBPP+'s prompts are docstrings, with an assertion in them."""
    words = problem.prompt.strip()
    if words.startswith('"""') and words.endswith('"""'):
        words = "\n".join(line for line in words.strip('"').splitlines() if line not in problem.examples)
    return words.strip()


def _docstring(problem: BenchmarkProblem) -> str:
    """Return InCoder's prompt (Fried et al. 2022, arXiv 2204.05999), used by EvalPlus's MBPP+ too: one assertion."""
    return '"""\n' + "\n".join([_task(problem), *problem.examples[:1]]) + '\n"""\n'


def _paper(problem: BenchmarkProblem) -> str:
    """Return the prompt of Austin et al. 2021, figure 1."""
    tests = "\n".join(problem.examples)
    return (
        f"You are an expert Python programmer, and here is your task: {_task(problem)} "
        f"Your code should pass these tests:\n\n{tests}\n[BEGIN]\n"
    )


def _solved_example(problem: BenchmarkProblem) -> str:
    return _paper(problem) + problem.canonical_solution.removeprefix(problem.prompt).strip() + "\n[DONE]\n\n"


def _pass_these_tests(problem: BenchmarkProblem) -> str:
    tests = "\n".join(problem.examples)
    wanted = f"\n\nYour code should pass these tests:\n\n```python\n{tests}\n```" if tests else ""
    return f"{_task(problem)}{wanted}\n\nAnswer with the whole Python program in one fenced code block.\n"


# ---- APPS: a statement, perhaps code to start from, and a convention for input and output

APPS_STOP = ("\nQUESTION", "\n---", "\nANSWER")
"""The BigCode evaluation harness's stop sequences: after its answer a base model may write the next question."""


def _question_answer(problem: BenchmarkProblem) -> str:
    """Return the prompt format of Hendrycks et al. 2021 (arXiv 2105.09938), section 4."""
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


# ---- LiveCodeBench: its own prompts (arXiv 2403.07974, appendix A)

LIVECODEBENCH_STOP = ("\n###",)
"""The prompt for base models consists of such headings: after its answer a model may write the next question."""


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
            "the signature and docstring, unchanged",
            ProgramRule.PROMPT_PLUS_COMPLETION,
            _code,
            HUMANEVAL_STOPS,
        ),
        Template(
            "completion-stripped",
            "the same without the final newline, which many tokenizers join with the indentation after it",
            ProgramRule.PROMPT_PLUS_COMPLETION,
            _code_without_last_newline,
            HUMANEVAL_STOPS,
        ),
        Template("chat", "asks for the whole function", ProgramRule.FENCED_BLOCK, _complete_function, chat=True),
    ),
    "mbpp": (
        Template("docstring", "a docstring with the task and one assertion", ProgramRule.AS_IS, _docstring, MBPP_STOPS),
        Template("paper", "MBPP's own, with every assertion, no example", ProgramRule.AS_IS, _paper, ("[DONE]",)),
        Template("paper-3shot", "MBPP's own, three examples", ProgramRule.AS_IS, _paper, ("[DONE]",), shots=MBPP_SHOTS),
        Template("chat", "the task and every assertion", ProgramRule.FENCED_BLOCK, _pass_these_tests, chat=True),
    ),
    "apps": (
        Template("question-answer", "QUESTION, ANSWER: APPS's own", ProgramRule.AS_IS, _question_answer, APPS_STOP),
        Template("chat", "the statement, input and output conventions", ProgramRule.FENCED_BLOCK, _solve, chat=True),
    ),
    "livecodebench": (
        Template(
            "question-answer", "headings, no examples", ProgramRule.AS_IS, _livecodebench_base, LIVECODEBENCH_STOP
        ),
        Template("chat", "LiveCodeBench's own", ProgramRule.FENCED_BLOCK, _livecodebench_chat, chat=True),
    ),
}
"""Templates of each benchmark family; the first plain and the first chat template are the defaults."""


def templates_for(task: str) -> tuple[Template, ...]:
    """Return the templates of a task. Raises InputError if there are none."""
    family = task.partition("-")[0].rstrip("+")
    if family not in TEMPLATES:
        raise InputError(f"no prompts for {task}: there are prompts for {', '.join(TEMPLATES)}")
    return TEMPLATES[family]


def template_named(task: str, name: str) -> Template:
    """Return the template of that name. Raises InputError, which lists the valid names."""
    templates = templates_for(task)
    for template in templates:
        if template.name == name:
            return template
    known = "; ".join(f"{template.name} ({template.description})" for template in templates)
    raise InputError(f"{task} has no prompt {name!r}: choose one of {known}")


def default_template(task: str, chat: bool) -> Template:
    """Return a task's first chat or plain template."""
    return next(template for template in templates_for(task) if template.chat == chat)


def prompts_digest(template: Template, benchmark: Benchmark, few_shot: Sequence[BenchmarkProblem] = ()) -> str:
    """Return the SHA-256, in hex, of every prompt of the benchmark: it covers the template's text and the data."""
    return sha256_of([[problem.task_id, template.prompt(problem, few_shot)] for problem in benchmark.problems])
