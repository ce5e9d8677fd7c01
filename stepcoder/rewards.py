"""Rewards of a judged program: StepCoder's, and those of the methods that it is compared with.

To add a reward, write a ``RewardFunction`` here and use it in a row of ``stepcoder.methods.METHODS``. Add it to the
tables of ``tests/stepcoder/test_rewards.py`` and ``test_methods.py``, and to ``docs/training.md``.

| outcome of the tests | StepCoder, CodeRL | PPOCoder | RLTF, at the end | RLTF, at the error |
| --- | --- | --- | --- | --- |
| passes all | +1 | +1 + R_ast + R_dfg | +1 | |
| fails any | -0.3 | -0.3 + R_ast + R_dfg | -0.3 + 1.3 * share passed | |
| runtime error, limit | -0.6 | -0.6 + R_ast + R_dfg | -0.6 | -0.3 |
| does not compile | -1 | -1 + R_ast + R_dfg | -1 | -0.3 |

R_ast and R_dfg are between 0 and 1, and 0 for a program that does not parse. The trainer adds the KL penalty
(``PPOConfig.kl_coef``) to every reward; the papers of CodeRL and RLTF have none. The sources, and where the released
code differs:

StepCoder (Dou et al. 2024, arXiv 2402.01391), equation 3. Its code was never released.

CodeRL (Le et al. 2022, arXiv 2207.01780), section 3.3.1: the return of a program. Paper and code (salesforce/CodeRL)
subtract the return of a greedy program and distribute the rest over the tokens by the scores of a critic that predicts
the outcome. Here PPO's critic does both, so the reward equals StepCoder's.

PPOCoder (Shojaee et al. 2023, arXiv 2301.13816), its section on the reward: execution signal, syntactic and semantic
matching score and KL penalty, summed without weights. The code (reddy-lab-code-research/PPOCoder) has two execution
signals only, +1 if the program compiles and -1 if not; the four above are the paper's, for tasks with unit tests.
The reference is the canonical solution.

RLTF (Liu et al. 2023, arXiv 2307.04349): coarse (equation 3), fine-grained (4) and adaptive feedback (5).

1. The paper sums a loss for each (6). The code (Zyq-scut/RLTF) replaces the coarse reward of failing programs by the
   adaptive one, as here: the sum would reward the same outcome twice.
2. Coarse and adaptive losses subtract the reward of a baseline program (8, 10). Here PPO's value function does.
3. The fine-grained loss is R_fine * sum of log p over the tokens from S to E, times alpha = T / (E - S), so that a line
   weighs as much as a whole program of T tokens (9). (The code multiplies by T / T instead: it counts the mask's
   elements, not those that are set.) PPO has rewards at tokens, and no loss for a span. So R_fine is given once, at the
   last token of the line. It lowers the return of that line's tokens and, through gamma * lambda, of those before it,
   but not of later tokens. Given once, it weighs the same for a line of any length, which is the purpose of alpha.
4. Errors of the whole program (U_global: the span is all of it) are penalised at the last token: part ``fine``.
5. The code classifies errors by their messages, which change with Python's version, the paper by a table of them. Here
   ``error_kind`` classifies by verdict, exception type and line.

Share of tests: the tests passed, from 0 to 1, alike (``pass_rate_reward``) or weighted by 1 - the share of the group's
roll-outs that pass them (``weighted_pass_rates``), after VeRPO (Wang et al. 2026, arXiv 2601.03525), which estimates
the difficulty of a test from the same roll-outs. Its own weights differ, and it adds the outcome of all tests: see
docs/algorithm.md.

The functions of a program neither raise nor take long for any program: see ``syntax_match`` and ``data_flow_match``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import CATEGORIES, REWARDS, Verdict
from harness.sandbox.runtime.instrument import lines_of
from stepcoder.data_flow_match import data_flow_match
from stepcoder.records import Reward
from stepcoder.syntax_match import syntax_match

RewardFunction = Callable[[JudgedProgram, str, str], Reward]
"""(outcome of the tests, the program's source, the canonical solution) -> reward."""
GroupRewardFunction = Callable[[Sequence[JudgedProgram]], list[Reward]]
"""Outcomes of a problem's roll-outs on the same tests -> the reward of each."""

SYNTAX_WEIGHT = 1.0
"""Weight of R_ast (PPOCoder, section on the reward; ``reward.py`` of its code: the parts are summed unweighted)."""

DATA_FLOW_WEIGHT = 1.0
"""Weight of R_dfg (as ``SYNTAX_WEIGHT``)."""

ADAPTIVE_SPAN = 1.3
"""Range of the adaptive reward: from -0.3 with no test passed to nearly +1 with all (RLTF, equation 5)."""

FINE_PENALTY = -0.3
"""R_fine (RLTF, equation 4; ``--fine_grained_weight 0.3`` in its scripts)."""


def stepcoder_reward(outcome: JudgedProgram, program: str, solution: str) -> Reward:
    """Reward the outcome of the tests (StepCoder, equation 3)."""
    return Reward({"unit_tests": execution_reward(outcome.verdict)})


def coderl_reward(outcome: JudgedProgram, program: str, solution: str) -> Reward:
    """Reward the outcome of the tests (CodeRL, section 3.3.1)."""
    return Reward({"unit_tests": execution_reward(outcome.verdict)})


def ppocoder_reward(outcome: JudgedProgram, program: str, solution: str) -> Reward:
    """Reward the outcome, and the match of syntax tree and data flow with the solution's (PPOCoder)."""
    return Reward(
        {
            "execution": execution_reward(outcome.verdict),
            "syntax": SYNTAX_WEIGHT * syntax_match(program, solution),
            "data_flow": DATA_FLOW_WEIGHT * data_flow_match(program, solution),
        }
    )


def rltf_reward(outcome: JudgedProgram, program: str, solution: str) -> Reward:
    """Reward the outcome, the share of tests passed, and penalise the line of the error (RLTF)."""
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
    """Return the reward of a verdict: the first column of the module's table.

    Raises:
        ValueError: The verdict is ``HARNESS_ERROR``, which is not the program's fault.
    """
    reward = REWARDS[verdict]
    if reward is None:
        raise ValueError(f"{verdict} is not the program's fault and has no reward")
    return reward


def adaptive_reward(outcome: JudgedProgram) -> float:
    """Return the reward of the passed tests of a program that fails others (RLTF, equation 5)."""
    if CATEGORIES[outcome.verdict] != "failure" or not outcome.tests_total:
        return 0.0
    return ADAPTIVE_SPAN * outcome.tests_passed / outcome.tests_total


def pass_rate_reward(outcome: JudgedProgram, program: str, solution: str) -> Reward:
    """Reward the share of tests passed, from 0 to 1; a program without tests by its verdict. Raises ValueError."""
    execution_reward(outcome.verdict)  # refuses a failure of the harness
    share = outcome.tests_passed / outcome.tests_total if outcome.tests_total else float(outcome.passed)
    return Reward({"tests": share})


def weighted_pass_rates(group: Sequence[JudgedProgram]) -> list[Reward]:
    """Reward the tests passed, each weighted by 1 - the share of the group's roll-outs that pass it.

    The weights are divided by their sum: a program that passes every test earns 1, whatever the others do. If every
    roll-out passes every test, each earns 1.

    Raises:
        ValueError: The outcomes are on different numbers of tests.
    """
    counts = {outcome.tests_total for outcome in group}
    if len(counts) != 1:
        raise ValueError(f"the outcomes of a group are on different numbers of tests: {sorted(counts)}")
    failed = [frozenset(outcome.failed_tests) for outcome in group]
    weights = [sum(test in tests for tests in failed) / len(group) for test in range(counts.pop())]
    total = sum(weights)
    return [Reward({"tests": 1 - sum(weights[test] for test in tests) / total if total else 1.0}) for tests in failed]


class ErrorKind(StrEnum):
    """The part of a program that an error is attributed to (RLTF, section on fine-grained feedback)."""

    GLOBAL = "global"
    """U_global: the whole program."""
    LINE = "line"
    """U_line: the line that raised it."""
    IGNORE = "ignore"
    """U_ignore: unknown, or no error."""


_GLOBAL_VERDICTS = frozenset(
    (Verdict.TIMEOUT, Verdict.MEMORY_LIMIT, Verdict.SCRATCH_LIMIT, Verdict.THREAD_LIMIT, Verdict.PROCESS_LIMIT)
)
"""Limits: the line at which a program reaches one is arbitrary. RLTF has the first of them only."""

_GLOBAL_TYPES = frozenset(("RecursionError",))

_IGNORED_TYPES = frozenset(("IndentationError", "TabError", "RuntimeError"))
"""RLTF's: the line that an indentation error names is often not the wrong one. (Its code uses the line of two of the
three indentation errors. It also ignores unterminated triple-quoted strings, which are lines here: since Python 3.10
the error is reported at the beginning of the string, no longer at the end of the file.)"""


def error_kind(outcome: JudgedProgram, program: str) -> ErrorKind:
    """Classify the error of a program.

    A syntax error on the last line that is not blank is global: the program is cut off. Errors without a line of the
    program are ignored: a crash of the interpreter, a missing entry point, compile errors that are not syntax errors.
    """
    if outcome.verdict in _GLOBAL_VERDICTS:
        return ErrorKind.GLOBAL
    if outcome.verdict not in (Verdict.RUNTIME_ERROR, Verdict.COMPILE_ERROR) or outcome.error_type in _IGNORED_TYPES:
        return ErrorKind.IGNORE
    if outcome.error_type in _GLOBAL_TYPES:
        return ErrorKind.GLOBAL if outcome.verdict is Verdict.RUNTIME_ERROR else ErrorKind.IGNORE
    return _located(outcome, program)


def _located(outcome: JudgedProgram, program: str) -> ErrorKind:
    lines = lines_of(program)  # line 1 is at index 1
    if outcome.error_line is None or not 1 <= outcome.error_line < len(lines):
        return ErrorKind.IGNORE
    rest_is_blank = all(not line.strip() for line in lines[outcome.error_line + 1 :])
    if outcome.verdict is Verdict.COMPILE_ERROR and rest_is_blank:
        return ErrorKind.GLOBAL
    return ErrorKind.LINE
