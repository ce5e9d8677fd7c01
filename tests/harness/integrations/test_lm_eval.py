"""The tasks of lm-eval, run by lm-eval: canonical answers score 1 in every difficulty and in the group."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from command_line import run

import apps_plus
from harness.integrations.cli import LM_EVAL_TASKS
from harness.integrations.lm_eval_tasks.apps_plus_task import load_problems, score_answers


def answer_of(problem) -> str:
    return f"```python\n{problem.canonical_solution}\n```"


def test_the_command_prints_the_folder_of_the_tasks():
    folder = Path(run("lm-eval-path").stdout.strip())
    assert folder == LM_EVAL_TASKS
    names = {yaml.safe_load(path.read_text())["task"] for path in folder.glob("apps_plus_*.yaml")}
    group = yaml.safe_load((folder / "apps_plus.yaml").read_text())
    assert names == set(group["task"])


def test_answers_are_scored_by_the_build_s_tests(sample_build):
    problems = {problem.problem_id: problem for problem in apps_plus.load(sample_build).test}
    for doc in load_problems(str(sample_build))["test"]:
        assert score_answers(doc, [answer_of(problems[doc["task_id"]])]) == {"pass@1": 1.0}
        assert score_answers(doc, [["nothing"]]) == {"pass@1": 0.0}


def test_a_build_must_be_named():
    with pytest.raises(apps_plus.errors.InputError, match="--metadata"):
        load_problems(difficulty="interview", version=1.0)


def all_problems(build):
    """Of all splits: the test split of the sample has no problem of some difficulty."""
    dataset = apps_plus.load(build)
    return [*dataset.train, *dataset.validation, *dataset.test]


@pytest.fixture(scope="module")
def canonical(sample_build):
    """lm-eval's interface of a model, which answers with canonical solutions."""
    pytest.importorskip("lm_eval", reason="lm-eval is not installed")
    from lm_eval.api.model import LM

    problems = {problem.question.strip(): problem for problem in all_problems(sample_build)}

    class Canonical(LM):
        def generate_until(self, requests, disable_tqdm=False):
            answers = []
            for request in requests:
                asked = request.args[0]
                [problem] = [problem for question, problem in problems.items() if asked.startswith(question)]
                answers.append(answer_of(problem))
            return answers

        def loglikelihood(self, requests, disable_tqdm=False):
            raise NotImplementedError

        loglikelihood_rolling = loglikelihood

    return Canonical()


def test_lm_eval_scores_canonical_answers_with_one(sample_build, canonical):
    import lm_eval
    from lm_eval.tasks import TaskManager

    metadata = {"build": str(sample_build), "split": "all"}
    manager = TaskManager(include_path=str(LM_EVAL_TASKS), include_defaults=False, metadata=metadata)
    ran = lm_eval.simple_evaluate(model=canonical, tasks=["apps_plus"], task_manager=manager, bootstrap_iters=0)
    by_task = {
        name: value
        for name, values in ran["results"].items()
        for key, value in values.items()
        if key.startswith("pass@1,")
    }
    problems = all_problems(sample_build)
    tiers = {problem.difficulty for problem in problems}
    assert by_task == {"apps_plus": 1.0, **{f"apps_plus_{tier}": 1.0 for tier in tiers}}
    scored = sum(ran["n-samples"][name]["effective"] for name in by_task if name != "apps_plus")
    assert scored == len(problems)
