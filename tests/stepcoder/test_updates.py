"""The updates of GRPO, Dr. GRPO, DAPO and RLOO, worked out by hand on one group of four roll-outs.

The responses have 1, 2, 2 and 3 tokens and the rewards 1, -0.6, -0.6 and -1, whose mean is -0.3. Less the mean they are
1.3, -0.3, -0.3 and -0.7; the sum of their squares is 2.36, the deviation sqrt(2.36 / 3). The means of the others are
-2.2 / 3, -0.2, -0.2 and -0.2 / 3.
"""

import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from stepcoder.batch import Batch
from stepcoder.config import PPOConfig, RolloutConfig, TrainConfig
from stepcoder.ppo import Counts, advantages_and_returns, policy_objective
from stepcoder.processes import Processes

LENGTHS = (1, 2, 2, 3)
REWARDS = (1.0, -0.6, -0.6, -1.0)
DEVIATION = math.sqrt(2.36 / 3)
MAX_TOKENS = 5
ALONE = Processes(torch.device("cpu"))


def settings(method, **changed):
    """The update of a method, whose configuration has other values in all that the method fixes."""
    return replace(TrainConfig(method=method, ppo=PPOConfig(kl_coef=0.05)).update, **changed)


def group(config, ref_log_ratio=0.0):
    """The four roll-outs with their advantages; log(pi_ref / pi) is 0 except at the second one's first token."""
    mask = torch.tensor([[1.0] * length + [0.0] * (3 - length) for length in LENGTHS])
    scores = torch.zeros(4, 3)
    for row, (length, reward) in enumerate(zip(LENGTHS, REWARDS, strict=True)):
        scores[row, length - 1] = reward
    ref = torch.zeros(4, 3)
    ref[1, 0] = ref_log_ratio
    zeros = torch.zeros(4, 3)
    batch = Batch(zeros.long(), mask.long(), mask, mask, scores, torch.zeros(4), zeros, max_tokens=MAX_TOKENS)
    batch.ref_logprobs, batch.values = ref, zeros
    advantages_and_returns(batch, config, ALONE)
    return batch


def gradient(batch, config, log_ratio=0.0, parts=1):
    """The gradient of the loss with respect to each log pi, where log pi - log pi_old is ``log_ratio``."""
    counted, written, responses = batch.loss_mask.sum(), batch.response_mask.sum(), torch.tensor(float(len(batch)))
    logprobs = torch.full((4, 3), log_ratio, requires_grad=True)
    for at in range(0, 4, 4 // parts):
        rows = slice(at, at + 4 // parts)
        policy_objective(logprobs[rows], batch[rows], config, Counts(counted, written, responses))[0].backward()
    return logprobs.grad


def by_token(values):
    return torch.tensor(
        [[value] * length + [0.0] * (3 - length) for value, length in zip(values, LENGTHS, strict=True)]
    )


def close(found, expected):
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)


Z_SCORES = [value / DEVIATION for value in (1.3, -0.3, -0.3, -0.7)]


def test_grpo_takes_the_mean_of_each_response_and_then_of_the_responses():
    config = settings("grpo")
    batch = group(config)
    close(batch.advantages, by_token(Z_SCORES))
    close(gradient(batch, config), by_token([-z / (4 * n) for z, n in zip(Z_SCORES, LENGTHS, strict=True)]))


def test_grpo_has_the_kl_in_the_loss_and_not_in_the_reward():
    """At a token to which the reference gives twice the probability, k3 is 2 - 1 - log 2, and its derivative 1 - 2."""
    config = settings("grpo")
    batch = group(config, ref_log_ratio=math.log(2))
    close(batch.advantages, by_token(Z_SCORES))
    expected = by_token([-z / (4 * n) for z, n in zip(Z_SCORES, LENGTHS, strict=True)])
    expected[1, 0] += 0.05 * (1 - 2) / (4 * 2)
    close(gradient(batch, config), expected)
    counts = Counts(torch.tensor(8.0), torch.tensor(8.0), torch.tensor(4.0))
    _, found = policy_objective(torch.zeros(4, 3), batch, config, counts)
    assert found["kl_loss"].item() == pytest.approx((1 - math.log(2)) / (4 * 2))


def test_dr_grpo_divides_by_no_deviation_and_no_length():
    config = settings("dr_grpo")
    batch = group(config, ref_log_ratio=math.log(2))
    close(batch.advantages, by_token([1.3, -0.3, -0.3, -0.7]))
    close(gradient(batch, config), by_token([-a / (4 * MAX_TOKENS) for a in (1.3, -0.3, -0.3, -0.7)]))


def test_dapo_takes_the_mean_of_all_tokens_and_no_kl():
    config = settings("dapo")
    batch = group(config, ref_log_ratio=math.log(2))
    close(batch.advantages, by_token(Z_SCORES))
    close(gradient(batch, config), by_token([-z / 8 for z in Z_SCORES]))


def test_rloo_compares_each_response_with_the_others_and_pays_the_kl_in_the_reward():
    """The second response earns 0.05 log 2 more where the reference gives one of its tokens twice the probability."""
    config = settings("rloo")
    batch = group(config)
    expected = [1 + 2.2 / 3, -0.4, -0.4, -1 + 0.2 / 3]
    close(batch.advantages, by_token(expected))
    close(gradient(batch, config), by_token([-a / 4 for a in expected]))
    paid, more = group(config, ref_log_ratio=math.log(2)), 0.05 * math.log(2)
    shifted = [expected[0] - more / 3, expected[1] + more, expected[2] - more / 3, expected[3] - more / 3]
    close(paid.advantages, by_token(shifted))
    close(gradient(paid, config), by_token([-a / 4 for a in shifted]))


@pytest.mark.parametrize("method", ["grpo", "dr_grpo", "dapo", "rloo", "ppo"])
def test_micro_batches_add_up_to_the_minibatch(method):
    config = settings(method, **({"advantages": "rloo"} if method == "ppo" else {}))
    batch = group(config, ref_log_ratio=math.log(2))
    close(gradient(batch, config, math.log(1.1), parts=4), gradient(batch, config, math.log(1.1)))


def test_a_masked_token_does_not_count_in_the_length_of_its_response():
    config = settings("grpo")
    batch = group(config)
    batch.loss_mask = batch.loss_mask.clone()
    batch.loss_mask[3, 0] = 0
    assert gradient(batch, config)[3].tolist() == pytest.approx([0, *[-Z_SCORES[3] / (4 * 2)] * 2], abs=1e-5)


def test_egca_gives_the_whole_advantage_of_a_response_to_the_statement_that_was_wrong():
    """The error of the last response is at its second token: -(-0.7 / deviation) / 4 there, and nothing after it."""
    config = settings("egca")
    assert config == settings("grpo")
    batch = group(config)
    batch.loss_mask = batch.loss_mask.clone()
    batch.loss_mask[3] = torch.tensor([0.0, 1.0, 0.0])
    found = gradient(batch, config)
    assert found[3].tolist() == pytest.approx([0, -Z_SCORES[3] / 4, 0], abs=1e-5)
    assert found.sum(-1).tolist() == pytest.approx([-z / 4 for z in Z_SCORES], abs=1e-5), "no response weighs less"


@pytest.mark.parametrize(("ratio", "clipped"), [(1.19, False), (1.25, False), (1.29, True)])
def test_a_clip_range_of_its_own_above_one(ratio, clipped):
    """At 1.25, between the two ranges, tokens of the good response still have a gradient."""
    config = settings("dapo")
    found = gradient(group(config), config, math.log(ratio))
    assert found[0, 0].item() == pytest.approx(0 if clipped else -ratio * Z_SCORES[0] / 8, abs=1e-5)
    assert found[3, 0].item() == pytest.approx(-ratio * Z_SCORES[3] / 8, abs=1e-5)


def test_below_one_the_clip_range_is_the_lower_one():
    config = settings("dapo")
    found = gradient(group(config), config, math.log(0.75))
    assert found[3].tolist() == [0, 0, 0]
    assert found[0, 0].item() == pytest.approx(-0.75 * Z_SCORES[0] / 8, abs=1e-5)


def test_what_a_method_fixes_counts_more_than_the_configuration():
    config = TrainConfig(method="dr_grpo", rollout=RolloutConfig(samples=2), ppo=PPOConfig(kl_coef=0.3, lr=1e-4))
    assert (config.update.kl_coef, config.update.lr, config.update.advantages) == (0.0, 1e-4, "dr_grpo")
    assert replace(config, method="ppo").update == config.ppo


def test_a_method_that_compares_roll_outs_needs_two():
    with pytest.raises(ValueError, match=r"rollout.samples must be >= 2"):
        TrainConfig(method="grpo", rollout=RolloutConfig(samples=1))
