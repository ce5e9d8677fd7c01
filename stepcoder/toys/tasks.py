"""Generated Python problems with real unit tests, small enough for a model of half a million weights.

Every problem asks for a function that collects codes: digits, which its conditional statements append to a list.

    # task 3
    def solve(x):
        y = []
        if x > 0:
            y.append(4)
        if x > 1:
            y.append(1)
        ...
        return y

The problems of a family differ only in their codes: the *actions*, one token each. The prompt has the problem's number
and not the codes, so that only the unit tests determine the correct program. The function returns the list of the
actions that ran, in order: a program with any wrong action that a test runs fails that test, two mistakes cannot cancel
each other, and actions that no test runs are free.

The families (StepCoder, section 3):

- *deep*: conditionals in a row, all of them tested. Success is a product over the actions (equation 1), and a
  curriculum turns it into a sum of easier problems.
- *wide*: a dispatch of which the tests run two arms: most actions are irrelevant to the reward.
- *nested*: both. A dispatch of three arms with conditionals in each, of which the tests run the middle one. If it were
  the last, the curriculum's first stage would have the whole difficulty, and no method could learn it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from stepcoder.records import Task

CODES = 10
"""Number of different actions: the digits."""

_ACTION = re.compile(r"(?<=y\.append\()\d(?=\))")
_INDENT = "    "
_Block = list[str]
"""Lines of a program without the outer indentation; ``{}`` in place of each code."""


@dataclass(frozen=True, slots=True)
class ToyFamily:
    """Problems with the same program except for its actions."""

    name: str
    about: str
    """One line of description."""
    skeleton: str
    """The program, with ``{}`` in place of each code."""
    calls: tuple[tuple[int, ...], ...]
    """The arguments of each unit test."""

    @property
    def actions(self) -> int:
        """The number of actions of a program."""
        return self.skeleton.count("{}")


def make_tasks(family: str, count: int, seed: int) -> list[Task]:
    """Make the first ``count`` problems of a family; the same family, number and seed give the same problem.

    Raises:
        InputError: There is no such family.
    """
    if family not in FAMILIES:
        raise InputError(f"no toy family {family!r}: there are {', '.join(FAMILIES)}")
    return [_task(FAMILIES[family], number, seed) for number in range(count)]


def noisy_programs(task: Task, count: int, seed: int, right: float = 0.3, systematic: float = 0.5) -> list[str]:
    """Make programs for supervised fine-tuning in which each action is drawn independently.

    An action is the right one with probability ``right``, the systematic mistake (the next digit) with probability
    ``systematic``, else one of the remaining digits. A model fine-tuned on them is fluent line by line and nearly never
    right as a whole: with 12 tested actions in 0.3 ** 12 of its programs.
    """
    generator = random.Random(f"noise/{seed}/{task.task_id}")  # noqa: S311 - reproducible, not secret
    return [
        _ACTION.sub(lambda match: str(_noisy(int(match[0]), generator, right, systematic)), task.solution)
        for _ in range(count)
    ]


def actions_of(program: str) -> tuple[int, ...]:
    """Return the codes that a program appends, from top to bottom, executed or not."""
    return tuple(int(match[0]) for match in _ACTION.finditer(program))


def with_actions(task: Task, actions: tuple[int, ...]) -> str:
    """Return the task's program with other actions. Raises ValueError if there are too many or too few."""
    rest = iter(actions)
    try:
        program = _ACTION.sub(lambda _: str(next(rest)), task.solution)
    except StopIteration:
        raise ValueError(f"{task.task_id} has more actions than {len(actions)}") from None
    if next(rest, None) is not None:
        raise ValueError(f"{task.task_id} has fewer actions than {len(actions)}")
    return program


def _noisy(code: int, generator: random.Random, right: float, systematic: float) -> int:
    mistake = (code + 1) % CODES
    draw = generator.random()
    if draw < right:
        return code
    if draw < right + systematic:
        return mistake
    return generator.choice([other for other in range(CODES) if other not in (code, mistake)])


def _task(family: ToyFamily, number: int, seed: int) -> Task:
    generator = random.Random(f"task/{seed}/{family.name}/{number}")  # noqa: S311 - reproducible, not secret
    solution = family.skeleton.format(*(generator.randrange(CODES) for _ in range(family.actions)))
    solve = _function(solution)
    problem = Problem(
        problem_id=f"{family.name}/{number:04d}",
        question=f"Write solve(). It returns the list of the codes of task {number}: {family.about}.",
        canonical_solution=solution,
        entry_point="solve",
        tests=UnitTests(tuple(list(call) for call in family.calls), tuple(solve(*call) for call in family.calls)),
        starter_code="",
        conditionals=find_conditionals(solution),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )
    return Task(problem, prompt=f"# task {number}\n")


def _function(solution: str) -> Callable[..., list[int]]:
    """Load the canonical solution, which returns the expected outputs; it is generated here, so safe to run."""
    namespace: dict[str, Callable[..., list[int]]] = {}
    exec(solution, namespace)  # noqa: S102
    return namespace["solve"]


# ---- the programs


def _actions(count: int) -> _Block:
    return ["y.append({})"] * count


def _under(header: str, body: _Block) -> _Block:
    return [header, *(_INDENT + line for line in body)]


def _in_a_row(tests: int, actions: int) -> _Block:
    """Build ``if x > 0``, ``if x > 1``, ..., one after the other."""
    return [line for n in range(tests) for line in _under(f"if x > {n}:", _actions(actions))]


def _dispatch(name: str, arms: list[_Block]) -> _Block:
    """Build ``if name == 0``, ``elif name == 1``, ..."""
    return [line for n, arm in enumerate(arms) for line in _under(f"{'elif' if n else 'if'} {name} == {n}:", arm)]


def _program(parameters: str, body: _Block) -> str:
    return "\n".join(_under(f"def solve({parameters}):", ["y = []", *body, "return y"])) + "\n"


_FAMILIES = (
    ToyFamily(
        "deep",
        "six conditionals in a row, one code each",
        _program("x", _in_a_row(6, 1)),
        calls=tuple((x,) for x in range(7)),
    ),
    ToyFamily(
        "wide",
        "a dispatch of six arms with three codes each; two arms are tested",
        _program("x", _dispatch("x", [_actions(3)] * 6)),
        calls=((1,), (4,)),
    ),
    ToyFamily(
        "nested",
        "a dispatch of three arms with three conditionals in each, two codes each; the middle arm is tested",
        _program("k, x", _dispatch("k", [_in_a_row(3, 2)] * 3)),
        calls=tuple((1, x) for x in range(4)),
    ),
)

FAMILIES: dict[str, ToyFamily] = {family.name: family for family in _FAMILIES}
"""By name."""
