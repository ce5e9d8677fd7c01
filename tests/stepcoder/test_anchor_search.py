"""BREAD: where all four roll-outs of a problem fail, the shortest prefix with which some pass and some fail."""

import json
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from stepcoder import train
from stepcoder.anchor_search import Bracket
from stepcoder.config import DataConfig, ModelConfig, PPOConfig, RolloutConfig, TrainConfig
from stepcoder.judging import Judge
from stepcoder.run_log import NoLog
from stepcoder.toys.tasks import make_tasks


def search(last, passed):
    """Search among the stages before ``last``; return the stages tried and the one that is kept, 0 for none."""
    bracket, tried, kept = Bracket(harder=last), [], 0
    while (stage := bracket.middle) is not None:
        tried.append(stage)
        if bracket.narrow(stage, passed(stage), 4):
            kept = stage
    return tried, kept


@pytest.mark.parametrize(
    ("passed", "tried", "kept"),
    [
        ({1: 4, 2: 3, 3: 1, 4: 0}, [2, 3, 4], 3),
        ({1: 4, 2: 4, 3: 4, 4: 1}, [2, 3, 4], 4),
        ({1: 2, 2: 0, 3: 0, 4: 0}, [2, 1], 1),
        ({1: 4, 2: 4, 3: 0, 4: 0}, [2, 3], 2),  # no stage is mixed: at least some pass
        ({1: 4, 2: 1, 3: 4, 4: 0}, [2, 3, 4], 2),  # by chance all pass later: the mixed one is kept
        ({1: 0, 2: 0, 3: 0, 4: 0}, [2, 1], 0),
    ],
)
def test_the_shortest_prefix_at_which_success_is_neither_0_nor_1(passed, tried, kept):
    assert search(5, passed.__getitem__) == (tried, kept)


def test_a_solution_without_prefixes_is_not_searched():
    assert search(1, lambda stage: 4) == ([], 0)


class Rows(NoLog):
    def __init__(self):
        self.rows = []

    def write(self, step, row):
        self.rows.append(row)


@pytest.fixture
def config(base):
    return TrainConfig(
        method="bread",
        model=ModelConfig(name=str(base), device="cpu"),
        data=DataConfig(path="toy:deep", limit=2, max_prompt_tokens=64),
        rollout=RolloutConfig(problems=2, samples=4, max_tokens=8, batch_size=16, workers=1),
        ppo=PPOConfig(steps=1, lr=1e-3, critic_lr=1e-3, micro_batch=8),
    )


def judged_by_prefix(monkeypatch, passes):
    """Let ``passes(given lines, n)`` say whether the n-th program of a group that was given so many lines passes."""
    seen = {}

    def result(judge, task, source, future, *, every_test=False):
        given = lines_given(source)
        seen[given, task.task_id] = seen.get((given, task.task_id), -1) + 1
        verdict = Verdict.PASSED if passes(given, seen[given, task.task_id] % 4) else Verdict.WRONG_ANSWER
        return JudgedProgram(verdict, 0, 1)

    monkeypatch.setattr(Judge, "result", result)


STAGES = {1: 10, 2: 6, 3: 2, 4: 0}
"""*deep* has six conditionals: stage by stage the lines of the canonical solution that are given."""


def lines_given(source):
    canonical = {task.solution for task in make_tasks("deep", 2, 0)}
    return max(n for n in STAGES.values() if any(source.startswith("".join(c.splitlines(True)[:n])) for c in canonical))


def run(config, out, **options):
    log = Rows()
    return train.train(config, out, say=lambda line: None, log=log, **options), log.rows


def test_a_group_that_fails_is_replaced_in_the_update_and_all_roll_outs_are_counted(config, tmp_path, monkeypatch):
    """With 6 lines one of four passes, with fewer none: of 2 groups of 4 each, two stages are tried."""
    judged_by_prefix(monkeypatch, lambda given, n: given == 10 or (given == 6 and n == 0))
    updated = []
    monkeypatch.setattr(train, "update", lambda *given: updated.append(given[2].groups.tolist()) or {})
    summary, rows = run(config, tmp_path)
    assert updated == [[2, 2, 2, 2, 3, 3, 3, 3]], "groups 0 and 1 failed; 2 and 3 have the prefix; 4 and 5 failed again"
    assert rows[0]["rollouts"] == summary.rollouts == 24
    assert rows[0]["stage/2"] == 2
    assert rows[0]["pass_rate"] == pytest.approx(2 / 24)


def test_a_group_in_which_some_pass_keeps_its_place(config, tmp_path, monkeypatch):
    judged_by_prefix(monkeypatch, lambda given, n: given == 0 and n == 3)
    updated = []
    monkeypatch.setattr(train, "update", lambda *given: updated.append(given[2].groups.tolist()) or {})
    summary, rows = run(config, tmp_path)
    assert updated == [[0] * 4 + [1] * 4]
    assert (summary.rollouts, rows[0]["full_generation"], rows[0]["prefix_share"]) == (8, 1.0, 0.0)


def test_a_group_that_fails_with_every_prefix_stays(config, tmp_path, monkeypatch):
    judged_by_prefix(monkeypatch, lambda given, n: False)
    updated = []
    monkeypatch.setattr(train, "update", lambda *given: updated.append(given[2].groups.tolist()) or {})
    run(config, tmp_path)
    assert updated == [[0] * 4 + [1] * 4]


def test_a_run_ends_after_its_roll_outs_and_resumes_to_the_same_number(config, tmp_path, monkeypatch):
    """A step has 24 roll-outs: the third is the first after which there are 50."""
    judged_by_prefix(monkeypatch, lambda given, n: given == 10 or (given == 6 and n == 0))
    long = replace(config, ppo=replace(config.ppo, steps=9, max_rollouts=50))
    summary, _ = run(long, tmp_path / "whole")
    assert (summary.steps, summary.rollouts) == (3, 72)
    run(config, tmp_path / "parts")
    resumed, _ = run(long, tmp_path / "parts", resume=True)
    assert (resumed.steps, resumed.rollouts) == (3, 72)
    state = json.loads((tmp_path / "parts" / "checkpoints" / "step-000003" / "state.json").read_text())
    assert {progress["stage"] for progress in state["curriculum"].values()} == {2}
    again, _ = run(long, tmp_path / "parts", resume=True)
    assert (again.steps, again.rollouts) == (3, 72)


def test_bread_does_not_draw_other_problems_too(config):
    with pytest.raises(ValueError, match=r"ppo.redraw must be 0"):
        replace(config, ppo=replace(config.ppo, redraw=1))
