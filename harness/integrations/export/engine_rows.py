"""The rows that trainers read, one a problem. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps_plus.problem import Problem, dump_json
from apps_plus.storage import escape_surrogates
from harness.integrations.ground_truth import dump_ground_truth
from harness.integrations.questions import question_of

DATA_SOURCE = "apps+"
"""The name by which verl and SkyRL tell data sets apart; ``apps`` would choose verl's own judge of APPS."""


def verl_row(problem: Problem, split: str, index: int) -> dict[str, Any]:
    """Return a row of verl's ``RLHFDataset``, for its rule-based reward managers (verl 0.9)."""
    return {
        "data_source": DATA_SOURCE,
        "prompt": _messages(problem),
        "ability": "code",
        "reward_model": {"style": "rule", "ground_truth": dump_ground_truth(problem)},
        "extra_info": _facts(problem) | {"split": split, "index": index},
    }


def skyrl_row(problem: Problem, split: str, index: int) -> dict[str, Any]:
    """Return a row of SkyRL's ``PromptDataset``: ``env_class`` names the environment, which gets the rest."""
    return {
        "data_source": DATA_SOURCE,
        "prompt": _messages(problem),
        "env_class": "apps_plus",
        "reward_spec": {"method": "rule", "ground_truth": dump_ground_truth(problem)},
        "extra_info": _facts(problem) | {"split": split, "index": index},
    }


def trl_row(problem: Problem, split: str, index: int) -> dict[str, Any]:
    """Return a row of TRL's conversational prompt-only format; its reward functions get the other columns."""
    return {"prompt": _messages(problem), "ground_truth": dump_ground_truth(problem), **_facts(problem)}


def open_r1_row(problem: Problem, split: str, index: int) -> dict[str, Any]:
    """Return a row of open-r1: the prompt is text, and ``verification_info`` is what its own rewards read."""
    return {
        "prompt": question_of(problem),
        "ground_truth": dump_ground_truth(problem),
        "verification_info": {"language": "python", "test_cases": _test_cases(problem)},
        **_facts(problem),
    }


def _messages(problem: Problem) -> list[dict[str, str]]:
    return [{"role": "user", "content": question_of(problem)}]


def _facts(problem: Problem) -> dict[str, str]:
    return {"problem_id": problem.problem_id, "difficulty": problem.difficulty}


def _test_cases(problem: Problem) -> list[dict[str, str]]:
    """Return the tests in open-r1's words; arguments and values are JSON text."""
    kind = "stdin_stdout" if problem.entry_point is None else "function_call"
    return [
        {
            "fn_name": problem.entry_point or "",
            "input": _text(given),
            "output": _text(expected),
            "type": kind,
        }
        for given, expected in zip(problem.tests.inputs, problem.tests.outputs, strict=True)
    ]


def _text(value: Any) -> str:
    return escape_surrogates(value if isinstance(value, str) else dump_json(value))


@dataclass(frozen=True, slots=True)
class Engine:
    """A trainer."""

    row: Callable[[Problem, str, int], dict[str, Any]]
    reward: str
    """Where its configuration finds the reward, as Markdown, for the card."""


ENGINES: Mapping[str, Engine] = {
    "verl": Engine(
        verl_row,
        "`reward.custom_reward_function.path=pkg://harness.integrations.verl "
        "reward.custom_reward_function.name=compute_score`",
    ),
    "skyrl": Engine(
        skyrl_row,
        "the environment `apps_plus`: call `harness.integrations.skyrl.register()` in the Ray task that trains",
    ),
    "trl": Engine(trl_row, "`GRPOTrainer(reward_funcs=[harness.integrations.trl.apps_plus_reward], ...)`"),
    "open-r1": Engine(open_r1_row, "`python -m harness.integrations.open_r1 ... --reward_funcs apps_plus`"),
}


def engine_schema(name: str) -> Any:
    """Return the Arrow schema of an engine's rows: a table's types must not depend on its first rows."""
    import pyarrow as pa

    text = pa.string()
    facts = [("problem_id", text), ("difficulty", text)]
    messages = pa.list_(pa.struct([("role", text), ("content", text)]))
    extra_info = pa.struct([*facts, ("split", text), ("index", pa.int64())])
    case = pa.struct([("fn_name", text), ("input", text), ("output", text), ("type", text)])
    columns = {
        "verl": [
            ("data_source", text),
            ("prompt", messages),
            ("ability", text),
            ("reward_model", pa.struct([("style", text), ("ground_truth", text)])),
            ("extra_info", extra_info),
        ],
        "skyrl": [
            ("data_source", text),
            ("prompt", messages),
            ("env_class", text),
            ("reward_spec", pa.struct([("method", text), ("ground_truth", text)])),
            ("extra_info", extra_info),
        ],
        "trl": [("prompt", messages), ("ground_truth", text), *facts],
        "open-r1": [
            ("prompt", text),
            ("ground_truth", text),
            ("verification_info", pa.struct([("language", text), ("test_cases", pa.list_(case))])),
            *facts,
        ],
    }
    return pa.schema(columns[name])
