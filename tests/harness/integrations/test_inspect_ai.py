"""The task of inspect_ai, run by inspect_ai: canonical answers score 1, and the log tells why others do not."""

from __future__ import annotations

from pathlib import Path

import pytest

inspect_ai = pytest.importorskip("inspect_ai", reason="inspect_ai is not installed")
from inspect_ai.model import ModelOutput, ModelUsage, get_model

import apps_plus
from apps_plus.problem import Problem


@pytest.fixture(scope="module")
def problems(sample_build) -> list[Problem]:
    return apps_plus.load(sample_build).test


def evaluate(build: Path, answer_of, logs: Path, **arguments):
    """Run the task by the name of its entry point, with answers in place of a model's."""
    problems = {problem.question.strip(): problem for problem in apps_plus.load(build).test}

    def respond(messages, *_):
        asked = messages[-1].text
        [problem] = [problem for question, problem in problems.items() if asked.startswith(question)]
        output = ModelOutput.from_content("mockllm", answer_of(problem))
        output.usage = ModelUsage()  # without it mockllm downloads a tokenizer to count
        return output

    model = get_model("mockllm/model", custom_outputs=respond, memoize=False)
    [log] = inspect_ai.eval(
        "apps_plus/apps_plus",
        task_args={"build": str(build), **arguments},
        model=model,
        log_dir=str(logs),
        display="none",
    )
    assert log.status == "success", log.error
    return log


def metrics_of(log) -> dict[str, float]:
    return {name: metric.value for score in log.results.scores for name, metric in score.metrics.items()}


def test_canonical_answers_score_one_in_every_difficulty(sample_build, problems, tmp_path):
    log = evaluate(sample_build, lambda problem: f"```python\n{problem.canonical_solution}\n```", tmp_path)
    metrics = metrics_of(log)
    assert len(log.samples) == len(problems)
    assert metrics["accuracy"] == 1.0
    assert {metrics[problem.difficulty] for problem in problems} == {1.0}


def test_a_wrong_answer_is_told_with_its_verdict_and_the_log_holds_no_tests(sample_build, problems, tmp_path):
    log = evaluate(sample_build, lambda problem: "```python\nraise ValueError('mine')\n```", tmp_path)
    assert metrics_of(log)["accuracy"] == 0.0
    [score] = log.samples[0].scores.values()
    assert score.value == "I"
    assert (score.metadata["verdict"], score.metadata["category"]) == ("runtime_error", "runtime_error")
    assert score.answer.strip() == "raise ValueError('mine')"
    assert all(set(sample.metadata) == {"difficulty"} for sample in log.samples)


def test_a_difficulty_may_be_chosen(sample_build, problems, tmp_path):
    log = evaluate(sample_build, lambda problem: "", tmp_path, difficulty="introductory")
    assert len(log.samples) == sum(problem.difficulty == "introductory" for problem in problems)
