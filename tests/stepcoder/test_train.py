"""Whole runs on toys, small enough for seconds: their files, and that they resume where they stopped."""

import json
import os
import signal
import threading
import time
from collections import Counter
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from two_processes import run_on_two

from apps_plus.errors import InputError, WorkError
from stepcoder import checkpoint, experience, redraw, train
from stepcoder.config import DataConfig, EvaluationConfig, ModelConfig, PPOConfig, RolloutConfig, SFTConfig, TrainConfig
from stepcoder.judging import Judge
from stepcoder.methods import METHODS
from stepcoder.records import Reward, RewardedRollout
from stepcoder.run_log import NoLog
from stepcoder.toys.tasks import make_tasks
from stepcoder.toys.tiny_model import make_toy_model


class Rows(NoLog):
    """Remembers what was logged."""

    def __init__(self):
        self.rows = {}

    def write(self, step, row):
        self.rows.setdefault(step, {}).update(row)

    def rewind(self, step):
        self.rows = {number: row for number, row in self.rows.items() if number <= step}


@pytest.fixture
def config(base):
    return TrainConfig(
        seed=3,
        save_every=100,
        model=ModelConfig(name=str(base), device="cpu"),
        data=DataConfig(path="toy:deep", limit=2, max_prompt_tokens=64),
        rollout=RolloutConfig(problems=2, samples=2, max_tokens=24, batch_size=4, workers=1),
        ppo=PPOConfig(steps=4, lr=1e-3, critic_lr=1e-3, micro_batch=4),
        sft=SFTConfig(lr=1e-3, epochs=2, batch_size=2, micro_batch=2),
        evaluation=EvaluationConfig(temperature=0.0),
    )


def weights(out):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(out / "model").state_dict()


def same(one, other):
    return one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)


def quiet(line):
    pass


def run(config, out, **options):
    log = options.pop("log", None) or Rows()
    summary = train.train(config, out, say=quiet, log=log, **options)
    return summary, log.rows


# ---- what a run is


@pytest.mark.parametrize("method", METHODS)
def test_every_method_runs_and_leaves_a_model_that_transformers_loads(config, tmp_path, method):
    summary, rows = run(replace(config, method=method, ppo=replace(config.ppo, steps=1)), tmp_path)
    assert weights(tmp_path)
    assert summary.scores["eval/pass@1"] == 0.0
    assert json.loads((tmp_path / "summary.json").read_text())["method"] == method
    assert json.loads((tmp_path / "model" / "apps_plus.json").read_text()) == {"chat": False}
    if not METHODS[method].fine_tunes:
        searched = rows[1]["rollouts"] - 4 if method == "bread" else 2 * rows[1].get("redrawn", 0)
        assert rows[1]["rollouts"] == summary.rollouts == 4 + searched
        assert rows[1]["reward"] == pytest.approx(sum(v for name, v in rows[1].items() if name.startswith("reward/")))


def test_the_pass_rate_of_whole_programs_leaves_out_those_with_a_prefix(config, tmp_path):
    """In the first step of a curriculum there are none; without one all programs are whole."""
    one = replace(config, ppo=replace(config.ppo, steps=1))
    _, rows = run(replace(one, method="stepcoder"), tmp_path / "stepcoder")
    assert "pass_rate" in rows[1]
    assert "pass_rate/whole" not in rows[1]
    _, rows = run(replace(one, method="ppo"), tmp_path / "ppo")
    assert rows[1]["pass_rate/whole"] == rows[1]["pass_rate"]


@pytest.mark.parametrize("advantages", ["grpo", "rloo"])
def test_without_a_critic(config, tmp_path, advantages):
    _, rows = run(replace(config, ppo=replace(config.ppo, steps=1, advantages=advantages)), tmp_path)
    assert "critic_grad_norm" not in rows[1]


def rewarded_by(monkeypatch, rewards):
    """Give the n-th roll-out that is rewarded in a group ``rewards(group)[n]``."""

    def reward_and_mask(judged, method, tokenizer, seed):
        found, seen = [], Counter()
        for one in judged:
            rollout = one.rollout
            given = rewards(rollout.group)[seen[rollout.group]]
            seen[rollout.group] += 1
            mask = (True,) * len(rollout.response_ids)
            reward, scores = Reward({"unit_tests": given}), {len(mask) - 1: given}
            found.append(RewardedRollout(rollout, one.program, one.outcome, reward, scores, mask))
        return found

    for module in (train, redraw):
        monkeypatch.setattr(module, "reward_and_mask", reward_and_mask)


def test_groups_with_equal_rewards_are_drawn_anew(config, tmp_path, monkeypatch):
    """Of two problems the first is drawn three times: its rewards differ in the third group, number 0 + 2 * 2."""
    rewarded_by(monkeypatch, lambda group: (1.0, 1.0) if group in (0, 2) else (1.0, -1.0))
    updated = []
    monkeypatch.setattr(train, "update", lambda *given: updated.append(given[2].groups.tolist()) or {})
    summary, rows = run(replace(config, method="dapo", ppo=replace(config.ppo, steps=1)), tmp_path)
    assert (rows[1]["redrawn"], rows[1]["left_out"], rows[1]["rollouts"]) == (2, 0, 8)
    assert rows[1]["equal_groups"] == 0.0
    assert updated == [[1, 1, 4, 4]]
    assert summary.rollouts == 8


def test_without_rewards_that_differ_no_parameter_moves(config, tmp_path, monkeypatch):
    rewarded_by(monkeypatch, lambda group: (-1.0, -1.0))
    summary, rows = run(replace(config, method="dapo", ppo=replace(config.ppo, steps=1)), tmp_path)
    assert (rows[1]["redrawn"], rows[1]["left_out"]) == (20, 2)
    assert rows[1]["equal_groups"] == 1.0
    assert summary.rollouts == rows[1]["rollouts"] == 2 * 2 * 11
    assert same(weights(tmp_path), weights_before(config))


@pytest.mark.parametrize("settings", [{"lora_rank": 2}, {"gradient_checkpointing": True}, {"dtype": "bfloat16"}])
def test_ways_to_hold_a_model(config, tmp_path, settings):
    summary, rows = run(
        replace(config, model=replace(config.model, **settings), ppo=replace(config.ppo, steps=2)), tmp_path
    )
    assert summary.steps == 2
    assert all(row["grad_norm"] >= 0 for row in (rows[1], rows[2]))
    assert weights(tmp_path).keys() == weights_of(config.model.name)


def weights_of(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).state_dict().keys()


def test_with_lora_the_reference_is_the_base_with_its_adapters_off(config, tmp_path):
    from stepcoder.models import load_models

    made = load_models(replace(config.model, lora_rank=2), config.ppo, torch.device("cpu"))
    assert made.reference is None
    for name, parameter in made.policy.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    ids = torch.tensor([[5, 6, 7]])
    base = load_models(config.model, None, torch.device("cpu")).policy(input_ids=ids).logits
    with made.as_reference() as reference:
        torch.testing.assert_close(reference(input_ids=ids).logits, base)
    assert not torch.allclose(made.policy(input_ids=ids).logits, base, atol=1e-3)


def test_gradient_checkpointing_changes_no_number(config, tmp_path):
    config = replace(config, ppo=replace(config.ppo, steps=2))
    run(config, tmp_path / "plain")
    run(replace(config, model=replace(config.model, gradient_checkpointing=True)), tmp_path / "checkpointed")
    one, other = weights(tmp_path / "plain"), weights(tmp_path / "checkpointed")
    for name in one:
        torch.testing.assert_close(one[name], other[name])


# ---- stopping and going on


@pytest.mark.parametrize(
    "held", [{}, {"lora_rank": 2}, {"lora_rank": 2, "dtype": "bfloat16"}], ids=["full", "lora", "lora-bfloat16"]
)
def test_a_resumed_run_is_the_unbroken_one_bit_for_bit(config, tmp_path, held):
    config = replace(config, model=replace(config.model, **held))
    run(config, tmp_path / "whole")
    run(replace(config, ppo=replace(config.ppo, steps=2)), tmp_path / "parts")
    summary, _ = run(config, tmp_path / "parts", resume=True)
    assert summary.steps == 4
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))
    if "dtype" not in held:  # bfloat16 rounds all weights
        assert not same(weights(tmp_path / "whole"), weights_before(config))


def test_a_resumed_run_counts_the_roll_outs_of_all_its_steps(config, tmp_path):
    """With groups drawn anew a step has more than ``rollout.problems`` times ``rollout.samples``."""
    first = replace(config, method="dapo", ppo=replace(config.ppo, steps=1))
    both = replace(first, ppo=replace(first.ppo, steps=2))
    whole, rows = run(both, tmp_path / "whole")
    run(first, tmp_path / "stopped")
    resumed, _ = run(both, tmp_path / "stopped", resume=True)
    assert resumed.rollouts == whole.rollouts == rows[1]["rollouts"] + rows[2]["rollouts"] > 2 * 4
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "stopped"))


@pytest.mark.parametrize("method", ["r3", "adaback", "bread", "egca"])
def test_resumed_runs_of_other_papers_methods_too(config, tmp_path, method):
    """Their draws depend on seed and step alone; ranges and prefixes are in the checkpoints."""
    config = replace(config, method=method, ppo=replace(config.ppo, steps=3))
    whole, rows = run(config, tmp_path / "whole")
    run(replace(config, ppo=replace(config.ppo, steps=2)), tmp_path / "parts")
    resumed, more = run(config, tmp_path / "parts", resume=True)
    assert resumed.rollouts == whole.rollouts
    for name in ("pass_rate", "reward", "prefix_share", "full_generation"):
        assert more[3][name] == rows[3][name]
    states = [tmp_path / name / "checkpoints" / "step-000003" / "state.json" for name in ("whole", "parts")]
    assert len({path.read_text() for path in states}) == 1
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_resumed_supervised_fine_tuning_too(config, tmp_path):
    config = replace(config, method="sft", sft=replace(config.sft, batch_size=1), save_every=1)
    run(config, tmp_path / "whole")
    broken = checkpoint.checkpoints(tmp_path / "whole" / "checkpoints")
    (tmp_path / "parts" / "checkpoints").mkdir(parents=True)
    assert broken[0].name == "step-000003"
    broken[0].rename(tmp_path / "parts" / "checkpoints" / broken[0].name)
    run(config, tmp_path / "parts", resume=True)
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_ctrl_c_keeps_the_steps_that_were_finished(config, tmp_path, monkeypatch):
    learnt = train._update

    def interrupted(held, batch, step):
        if step == 1:
            os.kill(os.getpid(), signal.SIGINT)  # in the middle of an update: it is finished first
            time.sleep(0.05)
        return learnt(held, batch, step)

    monkeypatch.setattr(train, "_update", interrupted)
    assert threading.current_thread() is threading.main_thread()
    with pytest.raises(KeyboardInterrupt):
        run(config, tmp_path / "parts")
    monkeypatch.undo()
    assert [path.name for path in checkpoint.checkpoints(tmp_path / "parts" / "checkpoints")] == ["step-000002"]
    run(config, tmp_path / "parts", resume=True)
    run(config, tmp_path / "whole")
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "parts"))


def test_only_the_last_checkpoints_are_kept(config, tmp_path):
    run(replace(config, save_every=1, keep_checkpoints=2), tmp_path)
    assert [path.name for path in checkpoint.checkpoints(tmp_path / "checkpoints")] == ["step-000003", "step-000004"]


def test_a_full_disk_keeps_the_last_good_checkpoint(config, tmp_path, monkeypatch):
    saved, calls = torch.save, []

    def full(value, path):
        calls.append(path)
        if len(calls) > 4:
            raise OSError(28, "No space left on device")
        saved(value, path)

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(WorkError, match=r"No space left.*the last good one is step-000001"):
        run(replace(config, save_every=1), tmp_path)
    assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-000001"]


def test_a_damaged_checkpoint_is_named(config, tmp_path):
    run(replace(config, ppo=replace(config.ppo, steps=1)), tmp_path)
    (tmp_path / "checkpoints" / "step-000001" / "policy.pt").write_bytes(b"PK")
    with pytest.raises(InputError, match=r"step-000001 cannot be read .*--resume uses the one before it"):
        run(config, tmp_path, resume=True)


def test_a_policy_that_diverges_is_stopped(config, tmp_path):
    with pytest.raises(WorkError, match=r"KL to the reference .*diverged"):
        run(replace(config, save_every=1, ppo=replace(config.ppo, lr=0.5, max_kl=0.01)), tmp_path)
    kept = [path.name for path in checkpoint.checkpoints(tmp_path / "checkpoints")]
    assert kept, "the checkpoint that the policy had diverged at is not the only one"


# ---- judging


def test_a_judge_that_dies_is_replaced(config, tmp_path, monkeypatch):
    asked, killed = experience.generate_and_judge, []

    def deadly(models, requests, sampling, batch_size, judge, **options):
        found = asked(models, requests, sampling, batch_size, judge, **options)
        if not killed:
            killed.extend(judge._workers._pool._processes)
            os.kill(killed[0], signal.SIGKILL)
        return found

    monkeypatch.setattr(train, "generate_and_judge", deadly)
    summary, _ = run(config, tmp_path)
    assert killed
    assert summary.steps == 4


# ---- data


def test_problems_with_long_prompts_are_left_out_and_counted(config, tmp_path):
    with pytest.raises(InputError, match=r"no problem has a prompt within 1 tokens"):
        run(replace(config, data=replace(config.data, max_prompt_tokens=1)), tmp_path)


def test_no_data(config, tmp_path):
    with pytest.raises(InputError, match=r"data\.path is not set"):
        run(replace(config, data=DataConfig()), tmp_path)


@pytest.mark.parametrize("count", [1, 3, 7])
def test_every_task_comes_once_before_any_comes_again(count):
    chosen = [task for step in range(2 * count) for task in experience.choose_tasks(count, 2, step, seed=1)]
    epochs = [chosen[at : at + count] for at in range(0, len(chosen), count)]
    assert all(sorted(epoch) == list(range(count)) for epoch in epochs)


# ---- several processes

TWO = """
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    from stepcoder.config_files import load_config
    from stepcoder.processes import Processes
    from stepcoder.run_log import NoLog
    from stepcoder.train import train

    train(load_config(sys.argv[1]), Path(sys.argv[2]), say=lambda line: None, log=NoLog())
    Path(sys.argv[2]).with_name(f"{os.getpid()}.count").write_text(str(Processes.launched("cpu").count))
"""


@pytest.mark.parametrize("method", ["stepcoder", "dapo", "bread", "adaback"])
def test_two_processes_do_what_one_does_with_the_same_global_batch(config, tmp_path, method):
    from stepcoder.config_files import write_config

    config = replace(config, method=method, ppo=replace(config.ppo, steps=2, minibatches=2))
    write_config(config, tmp_path / "config.toml")
    (tmp_path / "two.py").write_text(TWO)
    run_on_two(tmp_path / "two.py", [tmp_path / "config.toml", tmp_path / "two"], tmp_path)
    assert [path.read_text() for path in tmp_path.glob("*.count")] == ["2", "2"]
    run(config, tmp_path / "one")
    one, two = weights(tmp_path / "one"), weights(tmp_path / "two")
    assert not same(one, weights_before(config))
    for name in one:
        torch.testing.assert_close(one[name], two[name], atol=1e-5, rtol=1e-4)


def weights_before(config):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(config.model.name).state_dict()


# ---- what a reviewer found


def test_a_task_that_comes_twice_in_a_step_is_sampled_anew(config, tmp_path):
    from stepcoder.curriculum import full_generation
    from stepcoder.models import load_models

    tasks = make_tasks("deep", 1, 0) * 2
    tokenizer = load_models(config.model, None, torch.device("cpu")).tokenizer
    requests = experience.requests_for(tasks, full_generation([tasks[0].task_id]), tokenizer, 4, 0, 0, chat=False)
    assert len({request.seed for request in requests}) == 8
    assert [request.group for request in requests] == [0] * 4 + [1] * 4


def test_a_second_ctrl_c_saves_no_half_step(config, tmp_path, monkeypatch):
    def torn(models, optimizers, batch, settings, processes, seed):
        for parameter in models.policy.parameters():
            parameter.data += 1.0  # half of an update
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)

    monkeypatch.setattr(train, "update", torn)
    with pytest.raises(KeyboardInterrupt):
        run(config, tmp_path)
    assert checkpoint.checkpoints(tmp_path / "checkpoints") == []


def test_a_model_whose_logits_are_nan_is_named(config, tmp_path):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    broken = AutoModelForCausalLM.from_pretrained(config.model.name)
    torch.nn.init.constant_(broken.lm_head.weight, float("nan"))
    broken.save_pretrained(tmp_path / "broken")
    AutoTokenizer.from_pretrained(config.model.name).save_pretrained(tmp_path / "broken")
    with pytest.raises(WorkError, match="logits are not numbers"):
        run(replace(config, model=replace(config.model, name=str(tmp_path / "broken"))), tmp_path / "out")


def with_short_context(config, folder):
    """A model whose context of 16 tokens the prompts nearly fill."""
    texts = [task.prompt + task.solution for task in make_tasks("deep", 2, 0)]
    make_toy_model(folder, texts, layers=1, width=16, heads=2, context=16)
    return replace(config, model=replace(config.model, name=str(folder)))


def test_responses_end_where_the_models_context_does(config, tmp_path):
    short = with_short_context(config, tmp_path / "short")
    _, rows = run(replace(short, method="ppo", ppo=replace(config.ppo, steps=1)), tmp_path / "out")
    assert 0 < rows[1]["response_tokens"] < 16


def test_a_problem_whose_longest_prefix_fills_the_context_is_left_out(config, tmp_path):
    short = with_short_context(config, tmp_path / "short")
    with pytest.raises(InputError, match=r"context of 16"):
        run(replace(short, method="stepcoder"), tmp_path / "out")


def test_programs_that_the_harness_failed_on_are_no_failures_of_the_policy(config, tmp_path, monkeypatch):
    from harness.judging.verdict import Verdict

    wait = train.wait_for_verdicts

    def failed(pending, judge):
        return [
            replace(one, outcome=replace(one.outcome, verdict=Verdict.HARNESS_ERROR)) for one in wait(pending, judge)
        ]

    monkeypatch.setattr(train, "wait_for_verdicts", failed)
    with pytest.raises(WorkError, match="the sandbox failed on every program"):
        run(config, tmp_path)


def test_evaluation_judges_by_every_test(config, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "stepcoder.judging.Judge._job", lambda self, *given: seen.append(given[2]) or _job(self, *given)
    )
    run(replace(config, rollout=replace(config.rollout, max_tests=1), ppo=replace(config.ppo, steps=1)), tmp_path)
    assert seen[0] is False
    assert seen[-1] is True


_job = Judge._job


def test_a_run_that_has_all_its_steps_says_how_to_train_it_further() -> None:
    assert checkpoint.resumed_from(24, 240, "ppo.steps") == "resuming from step 24"
    assert checkpoint.resumed_from(240, 240, "ppo.steps") == "all 240 steps are done: a larger ppo.steps trains further"
