"""The update, piece by piece, against numbers worked out by hand and against autograd."""

import copy
import functools
import math
from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from random_llama import tiny_llama

from apps_plus.errors import WorkError
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from stepcoder.advantages import explained_variance, gae, group_advantages, whiten
from stepcoder.batch import Batch, make_batch
from stepcoder.config import PPOConfig
from stepcoder.models import Critic, Models
from stepcoder.optimizers import adamw
from stepcoder.ppo import (
    advantages_and_returns,
    policy_loss,
    score,
    token_logprobs,
    update,
    value_loss,
)
from stepcoder.processes import Processes
from stepcoder.records import Assembled, Reward, RewardedRollout, Rollout

CPU = torch.device("cpu")
ALONE = Processes(CPU)
CONFIG = PPOConfig(lr=1e-3, critic_lr=1e-3, micro_batch=2)


def models(critic="own"):
    policy = tiny_llama(seed=1)
    reference = tiny_llama(seed=2)
    for parameter in reference.parameters():
        parameter.requires_grad_(False)
    backbone = copy.deepcopy(policy.model) if critic == "own" else None
    head = Critic(backbone, policy.config.hidden_size) if critic else None
    return Models(policy, None, reference, head, CPU, torch.float32)


def optimizers(made, lr=1e-3):
    found = {"policy": adamw(made.policy.parameters(), lr, 0.0)}
    return found | ({"critic": adamw(made.critic.parameters(), lr, 0.0)} if made.critic else {})


SHAPES = [((3, 4, 5), (6, 7, 8, 2)), ((9, 10), (11, 2)), ((3, 4, 5), (12, 13, 14)), ((9, 10), (15, 16, 17, 18, 2))]


@functools.cache
def rollouts():
    return [
        Rollout(None, 1, "", prompt, response, fresh_logprobs(prompt, response), "", True, group)
        for (prompt, response), group in zip(SHAPES, (0, 1, 0, 1), strict=True)
    ]


@torch.no_grad()
def fresh_logprobs(prompt, response):
    """log pi of each response token, from one pass over this sequence alone."""
    logits = models(None).policy(input_ids=torch.tensor([prompt + response])).logits[0].log_softmax(-1)
    return tuple(logits[len(prompt) - 1 + place, token].item() for place, token in enumerate(response))


def batch(masks=None):
    masks = masks or [[True] * len(r.response_ids) for r in rollouts()]
    scores = [{len(r.response_ids) - 1: earned} for r, earned in zip(rollouts(), (1.0, -0.3, -1.0, -0.6), strict=True)]
    return make_batch(rollouts(), CPU).with_rewards(rewarded(scores, masks))


def rewarded(scores, masks, verdicts=(Verdict.PASSED,) * 4):
    program, reward = Assembled("", ()), Reward({})
    outcomes = [JudgedProgram(verdict, 0, 0) for verdict in verdicts]
    return [
        RewardedRollout(rollout, program, outcome, reward, score, tuple(mask))
        for rollout, outcome, score, mask in zip(rollouts(), outcomes, scores, masks, strict=True)
    ]


# ---- the batch


def test_padding_prompt_and_prefix_are_not_written_by_the_policy():
    made = batch()
    assert made.ids[1].tolist() == [9, 10, 11, 2, 0, 0, 0]
    assert made.attention_mask[1].tolist() == [1, 1, 1, 1, 0, 0, 0]
    assert made.response_mask[1].tolist() == [0, 0, 1, 1, 0, 0, 0]


def test_a_reward_is_given_at_its_token():
    made = make_batch(rollouts(), CPU).with_rewards(rewarded([{3: 1.0, 0: -0.2}, {}, {}, {}], [[True] * 4] * 4))
    assert made.scores[0].tolist() == pytest.approx([0, 0, 0, -0.2, 0, 0, 1.0])


def test_a_rollout_that_the_harness_failed_on_is_left_out():
    verdicts = (Verdict.PASSED, Verdict.HARNESS_ERROR, Verdict.TIMEOUT, Verdict.COMPILE_ERROR)
    made = make_batch(rollouts(), CPU).with_rewards(rewarded([{}] * 4, [[True]] * 4, verdicts))
    assert made.groups.tolist() == [0, 0, 1]


# ---- what the models say


def test_logprobs_in_a_padded_batch_are_those_of_each_sequence_alone():
    made, given = models(), batch()
    found, _ = token_logprobs(made.policy, given)
    torch.testing.assert_close(found, given.logprobs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("micro_batch", [1, 3, 4])
def test_the_reference_and_the_critic_are_asked_about_the_same_tokens(micro_batch):
    made, given = models(), batch()
    made.reference = made.policy
    score(made, given, micro_batch)
    torch.testing.assert_close(given.ref_logprobs, given.logprobs, atol=1e-5, rtol=0)
    assert given.values.shape == given.ids.shape


def test_in_bfloat16_the_policy_is_asked_again():
    made, given = models(), batch()
    made.dtype = torch.bfloat16
    before = given.logprobs.clone()
    score(made, given, 4)
    torch.testing.assert_close(given.logprobs, before, atol=0.2, rtol=0)
    assert not given.logprobs.equal(before)


def test_nothing_is_said_outside_the_response():
    made, given = models(), batch()
    score(made, given, 4)
    outside = given.response_mask == 0
    for values in (given.logprobs, given.ref_logprobs, given.values):
        assert not values[outside].any()


def test_entropy_of_a_uniform_policy_is_the_log_of_the_vocabulary():
    policy = tiny_llama(seed=0)
    torch.nn.init.zeros_(policy.lm_head.weight)
    _, entropy = token_logprobs(policy, batch(), entropy=True)
    assert entropy[0, 3].item() == pytest.approx(math.log(policy.config.vocab_size), abs=1e-5)


# ---- advantages


def test_gae_by_hand():
    """Two tokens, gamma 1, lambda 0.5: A_2 = 1 - 0.4 = 0.6; A_1 = 0 + 0.4 - 0.2 + 0.5 * 0.6 = 0.5."""
    rewards = torch.tensor([[0.0, 0.0, 1.0, 0.0]])
    values = torch.tensor([[0.0, 0.2, 0.4, 0.0]])
    mask = torch.tensor([[0.0, 1.0, 1.0, 0.0]])
    advantages, returns = gae(rewards, values, mask, gamma=1.0, lam=0.5)
    assert advantages[0].tolist() == pytest.approx([0, 0.5, 0.6, 0])
    assert returns[0].tolist() == pytest.approx([0, 0.7, 1.0, 0])


def test_with_lambda_one_the_return_is_what_is_still_to_come():
    generator = torch.Generator().manual_seed(0)
    rewards, values = torch.rand(3, 6, generator=generator), torch.rand(3, 6, generator=generator)
    mask = torch.ones(3, 6)
    _, returns = gae(rewards, values, mask, gamma=1.0, lam=1.0)
    torch.testing.assert_close(returns, rewards.flip(-1).cumsum(-1).flip(-1))


def test_the_kl_to_the_reference_is_paid_at_every_token():
    made, given = models(), batch()
    given.scores.zero_()
    score(made, given, 4)
    given.values = torch.zeros_like(given.values)
    advantages_and_returns(given, replace(CONFIG, lam=0.0, whiten=False), ALONE)
    expected = -CONFIG.kl_coef * (given.logprobs - given.ref_logprobs)
    torch.testing.assert_close(given.advantages, expected)


def test_whitened_advantages_have_mean_0_and_variance_1_where_the_policy_wrote():
    mask = torch.tensor([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0]])
    found = whiten(torch.tensor([[1.0, 5.0, 99.0], [2.0, 8.0, -3.0]]), mask, ALONE)
    counted = found[mask.bool()]
    assert counted.mean().item() == pytest.approx(0, abs=1e-6)
    assert counted.var().item() == pytest.approx(1, abs=1e-5)
    assert found[0, 2] == 0


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("rloo", [1.0, 0.3, -1.0, -0.3]),
        ("grpo", [1 / math.sqrt(2), 1 / math.sqrt(2), -1 / math.sqrt(2), -1 / math.sqrt(2)]),
    ],
)
def test_critic_free_advantages_compare_a_rollout_with_its_group(kind, expected):
    total = torch.tensor([1.0, -0.3, 0.0, -0.6])
    found = group_advantages(total, torch.tensor([0, 1, 0, 1]), kind)
    assert found.tolist() == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("kind", ["rloo", "grpo"])
def test_a_group_that_earns_the_same_teaches_nothing(kind):
    found = group_advantages(torch.tensor([0.5, 0.5, 0.5]), torch.tensor([3, 3, 3]), kind)
    assert found.tolist() == pytest.approx([0, 0, 0])


# ---- losses


def scored(masks=None, config=CONFIG):
    made, given = models(), batch(masks)
    score(made, given, 4)
    advantages_and_returns(given, config, ALONE)
    return made, given


def test_before_any_update_the_ratio_is_one_and_nothing_is_clipped():
    made, given = scored()
    logprobs, _ = token_logprobs(made.policy, given)
    loss, clipfrac, approx_kl = policy_loss(logprobs, given, 0.2)
    assert loss.item() == pytest.approx(-(given.advantages * given.loss_mask).sum().item(), abs=1e-4)
    assert clipfrac.item() == 0
    assert approx_kl.item() == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize(
    ("advantage", "ratio", "expected", "clipped"),
    [(1.0, 1.5, -1.2, 1), (1.0, 0.5, -0.5, 0), (-1.0, 1.5, 1.5, 0), (-1.0, 0.5, 0.8, 1), (1.0, 1.1, -1.1, 0)],
)
def test_the_ratio_is_clipped_where_it_went_far_enough(advantage, ratio, expected, clipped):
    one = torch.ones(1, 1)
    given = Batch(one.long(), one.long(), one, one, one, torch.zeros(1), 0 * one, advantages=advantage * one)
    loss, clipfrac, _ = policy_loss(math.log(ratio) * one, given, 0.2)
    assert loss.item() == pytest.approx(expected)
    assert clipfrac.item() == clipped


def test_a_token_that_fgo_masks_moves_the_policy_by_nothing():
    """The gradient with FGO's mask is that of the loss over the tokens that count, to the last bit of the others."""
    masks = [[True, False, True, True], [True, True], [False, False, False], [True, True, False, False, True]]
    _made, given = scored(masks)
    logprobs = given.logprobs.clone().requires_grad_()
    policy_loss(logprobs, given, 0.2)[0].backward()
    assert ((logprobs.grad != 0) <= (given.loss_mask != 0)).all()
    assert (logprobs.grad[given.loss_mask != 0] != 0).all()


def test_value_and_kl_stay_over_all_tokens_under_fgo():
    nothing = [[False] * len(r.response_ids) for r in rollouts()]
    _made, given = scored(nothing)
    values = (given.values + 0.01).requires_grad_()
    value_loss(values, given, 0.2).backward()
    assert (values.grad != 0).equal(given.response_mask != 0)


def test_the_value_is_clipped_as_the_ratio_is():
    one = torch.ones(1, 1)
    given = Batch(one.long(), one.long(), one, one, one, torch.zeros(1), 0 * one, values=0 * one, returns=one)
    assert value_loss(0.9 * one, given, 0.2).item() == pytest.approx(0.5 * 0.8**2)


# ---- the update


def test_an_update_makes_what_went_well_likelier():
    made, given = scored()
    before = given.logprobs.clone()
    update(made, optimizers(made), given, replace(CONFIG, kl_coef=0.0), ALONE, seed=0)
    after, _ = token_logprobs(made.policy, given)
    gained = ((after - before) * given.response_mask).sum(-1)
    assert gained[0] > gained[2]
    assert ((after - before) * given.advantages).sum() > 0


@pytest.mark.parametrize("critic", ["own", "shared", None])
@pytest.mark.parametrize("size", [1, 3])
def test_micro_batches_change_nothing_but_memory(size, critic):
    results = []
    for micro_batch in (4, size):
        made, given = models(critic), batch()
        config = replace(CONFIG, micro_batch=micro_batch, advantages="gae" if critic else "rloo")
        score(made, given, micro_batch)
        advantages_and_returns(given, config, ALONE)
        diagnostics = update(made, optimizers(made, lr=1e-4), given, config, ALONE, seed=0)
        results.append((made.policy.state_dict(), diagnostics))
    (whole, told), (parts, told_in_parts) = results
    for name, tensor in whole.items():
        torch.testing.assert_close(parts[name], tensor, atol=2e-5, rtol=1e-3)
    assert told_in_parts == pytest.approx(told, rel=1e-3, abs=1e-4)


def test_the_policy_learns_nothing_when_no_token_counts():
    nothing = [[False] * len(r.response_ids) for r in rollouts()]
    made, given = scored(nothing)
    before = copy.deepcopy(made.policy.state_dict())
    update(made, optimizers(made), given, CONFIG, ALONE, seed=0)
    assert all(tensor.equal(before[name]) for name, tensor in made.policy.state_dict().items())


def test_a_shared_critic_leaves_the_policy_alone():
    nothing = [[False] * len(r.response_ids) for r in rollouts()]
    made, given = models("shared"), batch(nothing)
    score(made, given, 4)
    advantages_and_returns(given, CONFIG, ALONE)
    before = copy.deepcopy(made.policy.state_dict())
    update(made, optimizers(made), given, CONFIG, ALONE, seed=0)
    assert all(tensor.equal(before[name]) for name, tensor in made.policy.state_dict().items())
    assert made.critic.head.weight.abs().sum() > 0


def test_gradients_that_are_not_finite_change_no_parameter():
    made, given = scored()
    given.advantages[0, 3] = float("nan")
    before = [copy.deepcopy(module.state_dict()) for module in (made.policy, made.critic)]
    with pytest.raises(WorkError, match=r"not finite .*ppo\.lr"):
        update(made, optimizers(made), given, CONFIG, ALONE, seed=0)
    for module, state in zip((made.policy, made.critic), before, strict=True):
        assert all(tensor.equal(state[name]) for name, tensor in module.state_dict().items())


def test_diagnostics_have_their_usual_names():
    made, given = scored()
    told = update(made, optimizers(made), given, replace(CONFIG, epochs=2, minibatches=2), ALONE, seed=0)
    assert {"approx_kl", "clipfrac", "entropy", "explained_variance", "kl", "grad_norm", "value_loss"} <= told.keys()
    assert all(math.isfinite(value) for value in told.values())


def test_without_a_critic_there_is_no_value_loss():
    made, given, config = models(critic=None), batch(None), replace(CONFIG, advantages="rloo")
    score(made, given, 4)
    advantages_and_returns(given, config, ALONE)
    told = update(made, optimizers(made), given, config, ALONE, seed=0)
    assert "policy_loss" in told
    assert not {"value_loss", "explained_variance", "critic_grad_norm"} & told.keys()


def test_returns_that_differ_by_rounding_have_no_variance_to_explain():
    mask = torch.ones(2, 2)
    equal = torch.tensor([[1.0, 1.0], [1.0, 1.0 + 1e-6]])
    assert math.isnan(explained_variance(torch.zeros(2, 2), equal, mask, ALONE))
    returns = torch.tensor([[1.0, 0.0], [1.0, 0.0]])
    assert explained_variance(0.5 * returns, returns, mask, ALONE) == pytest.approx(0.75)


class OneOfTwo(Processes):
    """The part of one of two processes; what the other would send is given."""

    def __init__(self, rank, gathered):
        super().__init__(CPU)
        self.rank, self.count, self._gathered = rank, 2, iter(gathered)

    def gather(self, items):
        lists = next(self._gathered)
        assert list(items) == lists[self.rank]
        return [item for part in lists for item in part]


def ids_of_minibatches(given, minibatches, processes):
    order = torch.Generator().manual_seed(3)
    chosen = processes.minibatches(given.groups.tolist(), minibatches, order)
    return [sorted(map(tuple, given[rows].ids.tolist())) for rows in chosen]


@pytest.mark.parametrize("minibatches", [1, 2, 3, 4, 9])
def test_minibatches_are_the_same_on_one_process_and_on_two(minibatches):
    given = batch()
    halves = [given[given.groups == rank] for rank in (0, 1)]
    alone = ids_of_minibatches(given[torch.tensor([0, 2, 1, 3])], minibatches, ALONE)
    gathered = [[half.groups.tolist() for half in halves], [[len(half)] for half in halves]]
    parts = [ids_of_minibatches(halves[rank], minibatches, OneOfTwo(rank, gathered)) for rank in (0, 1)]
    assert [sorted(one + other) for one, other in zip(*parts, strict=True)] == alone
    assert len(alone) == min(minibatches, 4)


def test_a_minibatch_without_rollouts_moves_no_parameter():
    made, given = scored()
    used = optimizers(made)
    update(made, used, given, CONFIG, ALONE, seed=0)  # Adam has momentum now
    before = copy.deepcopy(made.policy.state_dict())
    update(made, used, given[:0], CONFIG, ALONE, seed=0)
    assert all(tensor.equal(before[name]) for name, tensor in made.policy.state_dict().items())


def test_the_entropy_has_a_gradient_only_where_it_counts():
    made, given = scored()
    without, with_it = (token_logprobs(made.policy, given, entropy=True, entropy_gradient=g)[1] for g in (False, True))
    assert without.equal(with_it) and not without.requires_grad and with_it.requires_grad
