"""What a judged program earns: StepCoder's reward and those of the three methods that it is compared with.

| outcome of the tests | StepCoder, CodeRL | PPOCoder | RLTF, at the end | RLTF, at the error |
| --- | --- | --- | --- | --- |
| passes all | +1 | +1 + R_ast + R_dfg | +1 | |
| fails any | -0.3 | -0.3 + R_ast + R_dfg | -0.3 + 1.3 * share passed | |
| runtime error, limit | -0.6 | -0.6 + R_ast + R_dfg | -0.6 | -0.3 |
| does not compile | -1 | -1 + R_ast + R_dfg | -1 | -0.3 |

R_ast and R_dfg are between 0 and 1; of a program that does not parse both are 0. The KL penalty is the trainer's
(``PPOConfig.kl_coef``), for all alike; CodeRL and RLTF have none. Where each comes from, and where the released code
does otherwise:

StepCoder (Dou et al. 2024, arXiv 2402.01391), equation 3. Its code was never released.

CodeRL (Le et al. 2022, arXiv 2207.01780), section 3.3.1: the return of a program. Paper and code (salesforce/CodeRL)
subtract the return of a greedy program and spread what is left over the tokens by the scores of a critic that predicts
the outcome; here the critic of PPO does both, so that as a reward it is StepCoder's.

PPOCoder (Shojaee et al. 2023, arXiv 2301.13816), its section on the reward: execution signal, syntactic and semantic
matching score and KL penalty, summed without weights. The code (reddy-lab-code-research/PPOCoder) knows two execution
signals only, +1 where the program compiles and -1 where not; the four above are the paper's, for tasks with unit tests.
The paper's target is any ground truth: here the canonical solution.

RLTF (Liu et al. 2023, arXiv 2307.04349): coarse (equation 3), fine-grained (4) and adaptive feedback (5).

1. The paper sums a loss for each (6). The code (Zyq-scut/RLTF) puts the adaptive reward in the place of the coarse one
   of programs that fail, as here: the sum would pay the same outcome twice.
2. Coarse and adaptive losses subtract the reward of a baseline program (8, 10). PPO's value function does.
3. The fine-grained loss is R_fine * sum of log p over the tokens from S to E, times alpha = T / (E - S), so that a line
   weighs as much as a whole program of T tokens (9). (The code multiplies by T / T instead: it counts the mask's
   elements, not those that are set.) PPO has no loss of its own for a span; it has rewards at tokens. So R_fine is
   given once, at the last token of the line. The return of that line's tokens, and through gamma * lambda of those
   before it, falls by it; that of all later tokens does not. Being given once and not at every token of the line, it
   weighs the same however long the line is, which is what alpha is for.
4. Errors of the whole program (U_global: the span is all of it) are penalised at the last token: part ``fine``.
5. The code sorts errors by matching messages, which change with Python's version, the paper by a table of them. Here
   ``error_kind`` sorts by verdict, exception type and line.

Nothing here raises or takes long, whatever the program is: ``syntax_match`` and ``data_flow`` say how.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from harness.judging.outcome import Outcome
from harness.judging.verdict import CATEGORIES, REWARDS, Verdict
from harness.sandbox.runtime.instrument import lines_of
from stepcoder.data_flow import data_flow_match
from stepcoder.records import Reward
from stepcoder.syntax_match import syntax_match

RewardFunction = Callable[[Outcome, str, str], Reward]
"""Takes the outcome, the program's source and the canonical solution."""

SYNTAX_WEIGHT = 1.0
"""Of R_ast (PPOCoder, section on the reward; ``reward.py`` of its code: the parts are summed as they are)."""

DATA_FLOW_WEIGHT = 1.0
"""Of R_dfg (as ``SYNTAX_WEIGHT``)."""

ADAPTIVE_SPAN = 1.3
"""From no test passed, at the coarse reward of -0.3, to nearly all, at +1 (RLTF, equation 5)."""

FINE_PENALTY = -0.3
"""R_fine (RLTF, equation 4; ``--fine_grained_weight 0.3`` in its scripts)."""


def stepcoder_reward(outcome: Outcome, program: str, solution: str) -> Reward:
    """StepCoder, equation 3: the outcome of the tests alone."""
    return Reward({"unit_tests": execution_reward(outcome.verdict)})


def coderl_reward(outcome: Outcome, program: str, solution: str) -> Reward:
    """CodeRL, section 3.3.1: the outcome of the tests alone."""
    return Reward({"unit_tests": execution_reward(outcome.verdict)})


def ppocoder_reward(outcome: Outcome, program: str, solution: str) -> Reward:
    """PPOCoder: the outcome of the tests, and how much of the solution's syntax tree and data flow the program has."""
    return Reward(
        {
            "execution": execution_reward(outcome.verdict),
            "syntax": SYNTAX_WEIGHT * syntax_match(program, solution),
            "data_flow": DATA_FLOW_WEIGHT * data_flow_match(program, solution),
        }
    )


def rltf_reward(outcome: Outcome, program: str, solution: str) -> Reward:
    """RLTF: by the outcome, by the share of tests passed, and by where the error is."""
    kind = error_kind(outcome, program)
    line = outcome.error_line if kind is ErrorKind.LINE else None
    return Reward(
        {
            "coarse": execution_reward(outcome.verdict),
            "adaptive": adaptive_reward(outcome),
            "fine": FINE_PENALTY if kind is ErrorKind.GLOBAL else 0.0,
        },
        {} if line is None else {line: FINE_PENALTY},
    )


def execution_reward(verdict: Verdict) -> float:
    """What the outcome of the tests is worth: the first column of the module's table.

    Raises:
        ValueError: the verdict is ``HARNESS_ERROR``, which is not the program's: nothing may be learnt from it.
    """
    reward = REWARDS[verdict]
    if reward is None:
        raise ValueError(f"{verdict} says nothing of a program and earns no reward")
    return reward


def adaptive_reward(outcome: Outcome) -> float:
    """RLTF, equation 5: what tests passed add to the coarse reward of a program that runs and fails some."""
    if CATEGORIES[outcome.verdict] != "failure" or not outcome.tests_total:
        return 0.0
    return ADAPTIVE_SPAN * outcome.tests_passed / outcome.tests_total


class ErrorKind(StrEnum):
    """What an error can be blamed on (RLTF, section on fine-grained feedback)."""

    GLOBAL = "global"
    """U_global: the whole program."""
    LINE = "line"
    """U_line: the line at which it was raised."""
    IGNORE = "ignore"
    """U_ignore: not known; and programs without an error."""


_GLOBAL_VERDICTS = frozenset(
    (Verdict.TIMEOUT, Verdict.MEMORY_LIMIT, Verdict.SCRATCH_LIMIT, Verdict.THREAD_LIMIT, Verdict.PROCESS_LIMIT)
)
"""Limits: where a program happens to be when it meets one says little. RLTF has the first of them only."""

_GLOBAL_TYPES = frozenset(("RecursionError",))

_IGNORED_TYPES = frozenset(("IndentationError", "TabError", "RuntimeError"))
"""RLTF's: the line that does not fit its surroundings is often not the wrong one. (Its code takes the line of two of
the three indentation errors. Triple-quoted strings without an end, which it ignores too, count as lines here: since
Python 3.10 the error is where the string begins, no longer at the end of the file.)"""


def error_kind(outcome: Outcome, program: str) -> ErrorKind:
    """What a program's error can be blamed on.

    A syntax error on the last line that is not blank is global: the program ends before it is whole. Errors without a
    line of the program are ignored: a crash of the interpreter, an entry point that is not there, and, of what does
    not compile, all but syntax errors.
    """
    if outcome.verdict in _GLOBAL_VERDICTS:
        return ErrorKind.GLOBAL
    if outcome.verdict not in (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR) or outcome.error_type in _IGNORED_TYPES:
        return ErrorKind.IGNORE
    if outcome.error_type in _GLOBAL_TYPES:
        return ErrorKind.GLOBAL if outcome.verdict is Verdict.RUNTIME_ERROR else ErrorKind.IGNORE
    return _located(outcome, program)


def _located(outcome: Outcome, program: str) -> ErrorKind:
    lines = lines_of(program)  # line 1 is at index 1
    if outcome.error_line is None or not 1 <= outcome.error_line < len(lines):
        return ErrorKind.IGNORE
    rest_is_blank = all(not line.strip() for line in lines[outcome.error_line + 1 :])
    if outcome.verdict is Verdict.COMPILE_ERROR and rest_is_blank:
        return ErrorKind.GLOBAL
    return ErrorKind.LINE
