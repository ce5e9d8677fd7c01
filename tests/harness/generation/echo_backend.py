"""Four small problems, and a backend whose model is a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from harness.generation.backend import Answer, Deliver, Prompt, Request, Sampling
from harness.generation.generate import GenerationPlan
from harness.generation.prompts import default_template
from harness.sandbox.execution import Checks
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem, Suite

SUITE = Suite("base", Checks("def check(f): assert f(1) == 1"))


def problem(number: int, prompt: str | None = None, **fields: Any) -> BenchmarkProblem:
    prompt = f"def f{number}(x):\n" if prompt is None else prompt
    fields = {
        "entry_point": f"f{number}",
        "canonical_solution": prompt + "    return x\n",
        "suites": (SUITE,),
        **fields,
    }
    return BenchmarkProblem(f"HumanEval/{number}", prompt, **fields)


def benchmark(problems: int | Sequence[BenchmarkProblem] = 4, name: str = "humaneval") -> Benchmark:
    if isinstance(problems, int):
        problems = [problem(number) for number in range(problems)]
    return Benchmark(name, "invented", tuple(problems), completes_code=name.startswith("humaneval"))


def plan(
    problems: int | Sequence[BenchmarkProblem] = 4, n: int = 1, chat: bool = False, **fields: Any
) -> GenerationPlan:
    sampling = fields.pop("sampling", Sampling())
    return GenerationPlan(benchmark(problems), default_template("humaneval", chat), sampling, n, **fields)


class Echo:
    """A backend that answers with prompt and seed, two answers per delivery, last request first."""

    def __init__(self, answer: Callable[[Request], Answer] | None = None, **settings: Any) -> None:
        self.asked: list[Request] = []
        self._answer = answer or (lambda request: Answer(f"{request.prompt}{request.seed}", "stop", 5))
        self._settings = settings

    def describe(self) -> dict[str, Any]:
        return {"model": {"name": "echo"}, **self._settings}

    def is_chat(self) -> bool:
        return False

    def preview(self, prompt: Prompt) -> str:
        return str(prompt)

    def run(self, requests: Sequence[Request], sampling: Sampling, deliver: Deliver) -> None:
        turned = list(reversed(requests))
        for start in range(0, len(turned), 2):
            pair = turned[start : start + 2]
            self.asked += pair
            answers = [self._answer(request) for request in pair]
            deliver(list(zip(pair, answers, strict=True)), 10)
