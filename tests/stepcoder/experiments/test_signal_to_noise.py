"""The ratio on gradients whose mean and scatter are known, and the gradients against autograd."""

import math

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from random_llama import tiny_llama

from stepcoder.experiments.signal_to_noise import policy_gradients, signal_to_noise, three_masks
from stepcoder.records import Rollout

ROLLOUTS = [
    Rollout(None, 1, "", (3, 4, 5), (6, 7, 8, 2), (0.0,) * 4, "", True),
    Rollout(None, 1, "", (3, 4, 5), (9, 2), (0.0,) * 2, "", True),
    Rollout(None, 1, "", (3,), (10, 11, 12), (0.0,) * 3, "", False),
]
ADVANTAGES = [(0.5, 0.5, -1.0, 2.0), (1.0, -0.25), (-1.0, -1.0, -1.0)]
EXECUTED = [(True, True, False, True), (True, False), (True, True, True)]


def gaussian(count, mean, scatter=1.0, seed=0):
    """Gradients with this mean and this standard deviation in every direction."""
    mean = torch.tensor(mean, dtype=torch.double)
    noise = torch.randn(count, len(mean), dtype=torch.double, generator=torch.Generator().manual_seed(seed))
    return mean + scatter * noise


# ---- the ratio


def test_a_case_worked_out_by_hand():
    # Products of different roll-outs: 2*0, 2*1, 0*1 -> mean 2/3. Scatter: 5/3 - 2/3 = 1 a roll-out, 1/3 of the mean.
    found = signal_to_noise(torch.tensor([[2.0], [0.0], [1.0]]))
    assert (found.signal, found.noise, found.ratio, found.rollouts) == pytest.approx((2 / 3, 1 / 3, 2.0, 3))


def test_known_gaussians_give_their_ratio():
    found = signal_to_noise(gaussian(4000, [0.3, 0.4] + [0.0] * 8, scatter=0.5))
    assert found.signal == pytest.approx(0.25, rel=0.1)
    assert found.noise == pytest.approx(10 * 0.25 / 4000, rel=0.03)
    assert found.low < 0.25 / (10 * 0.25 / 4000) < found.high


def test_without_signal_the_ratio_is_zero_on_average():
    ratios = torch.tensor([signal_to_noise(gaussian(20, [0.0] * 30, seed=s), resamples=2).ratio for s in range(200)])
    assert abs(ratios.mean()) < 4 * ratios.std() / math.sqrt(len(ratios))
    assert ratios.min() < 0


def test_the_ratio_grows_with_the_roll_outs_and_not_with_a_factor():
    gradients = gaussian(2000, [1.0, 0.0, 0.0])
    whole, half = signal_to_noise(gradients), signal_to_noise(gradients[:1000])
    assert whole.ratio / half.ratio == pytest.approx(2, rel=0.15)
    assert signal_to_noise(7 * gradients).ratio == pytest.approx(whole.ratio)


def test_the_interval_covers_as_often_as_it_says():
    true = 0.25 * 60 / 4  # |mean|^2 * roll-outs / parameters
    covered = [
        found.low <= true <= found.high
        for seed in range(100)
        for found in [signal_to_noise(gaussian(60, [0.5, 0.0, 0.0, 0.0], seed=seed), resamples=200)]
    ]
    assert sum(covered) >= 85


def test_the_interval_lies_around_the_ratio():
    """A roll-out that was drawn twice makes no pair with itself: else every resample would find too much signal."""
    found = signal_to_noise(gaussian(100, [0.0] * 50))
    assert found.low < found.ratio < found.high
    assert abs((found.low + found.high) / 2 - found.ratio) < 0.5


def test_the_bootstrap_is_seeded():
    gradients = gaussian(30, [0.2] * 5)
    assert signal_to_noise(gradients, seed=1) == signal_to_noise(gradients, seed=1)
    assert signal_to_noise(gradients, seed=1).low != signal_to_noise(gradients, seed=2).low


# ---- several prompts


def test_what_differs_between_prompts_is_no_noise():
    gradients = torch.cat([gaussian(500, [5.0, 1.0], seed=1), gaussian(500, [-5.0, 1.0], seed=2)])
    found = signal_to_noise(gradients, [0] * 500 + [1] * 500)
    assert found.noise == pytest.approx(2 / 1000, rel=0.1)
    assert found.signal == pytest.approx(1.0, rel=0.2)


def test_each_prompt_weighs_the_same():
    gradients = torch.cat([gaussian(900, [1.0], 0.01), gaussian(100, [3.0], 0.01)])
    assert signal_to_noise(gradients, [7] * 900 + [3] * 100).signal == pytest.approx(4.0, rel=0.01)


def test_the_order_of_the_roll_outs_does_not_matter():
    gradients, prompts = gaussian(12, [1.0, 2.0]), [0, 1, 2] * 4
    order = sorted(range(12), key=lambda n: prompts[n])
    mixed = signal_to_noise(gradients, prompts)
    sorted_ = signal_to_noise(gradients[order], [prompts[n] for n in order])
    assert (mixed.signal, mixed.noise) == pytest.approx((sorted_.signal, sorted_.noise))


def test_a_prompt_with_one_roll_out_is_refused():
    with pytest.raises(ValueError, match="one roll-out"):
        signal_to_noise(torch.ones(3, 2), [0, 0, 1])


def test_as_many_prompts_as_gradients():
    with pytest.raises(ValueError, match="2 prompts for 3 gradients"):
        signal_to_noise(torch.ones(3, 2), [0, 0])


# ---- the masks and the gradients


def test_the_random_mask_keeps_as_many_tokens_as_the_executed_one():
    masks = three_masks([(True, False) * 20] * 5, seed=1)
    assert all(all(mask) and len(mask) == 40 for mask in masks["all"])
    assert masks["executed"] == [(True, False) * 20] * 5
    assert [sum(mask) for mask in masks["random"]] == [20] * 5
    assert len(set(masks["random"])) == 5


def by_hand(model, rollout, advantages, mask):
    """The gradient of the masked sum of advantage * log pi, token by token."""
    model.zero_grad()
    ids = torch.tensor([rollout.prompt_ids + rollout.response_ids])
    logits = model(input_ids=ids).logits[0].log_softmax(-1)
    start = len(rollout.prompt_ids)
    total = sum(advantages[t] * logits[start + t - 1, token] for t, token in enumerate(rollout.response_ids) if mask[t])
    total.backward()
    return torch.cat([parameter.grad.flatten() for parameter in model.parameters()])


def test_gradients_are_those_of_autograd():
    model = tiny_llama(seed=1)
    masks = three_masks(EXECUTED)
    found = policy_gradients(model, ROLLOUTS, ADVANTAGES, masks)
    for name, rows in found.items():
        for number, rollout in enumerate(ROLLOUTS):
            expected = by_hand(model, rollout, ADVANTAGES[number], masks[name][number])
            torch.testing.assert_close(rows[number], expected, rtol=1e-4, atol=1e-6)


def test_a_mask_with_every_token_is_no_mask():
    found = policy_gradients(tiny_llama(seed=1), ROLLOUTS, ADVANTAGES, three_masks(EXECUTED))
    assert torch.equal(found["all"][2], found["executed"][2])
    assert not torch.allclose(found["all"][0], found["executed"][0])


def test_the_model_is_left_as_it_was():
    model = tiny_llama(seed=1).train()
    policy_gradients(model, ROLLOUTS, ADVANTAGES, three_masks(EXECUTED))
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_frozen_parameters_are_left_out():
    model = tiny_llama(seed=1)
    for parameter in model.model.parameters():
        parameter.requires_grad_(False)
    left = sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
    found = policy_gradients(model, ROLLOUTS, ADVANTAGES, {"all": three_masks(EXECUTED)["all"]})
    assert found["all"].shape == (3, left)


def test_a_sketch_keeps_inner_products():
    model = tiny_llama(seed=1)
    masks = {"all": three_masks(EXECUTED)["all"]}
    whole = policy_gradients(model, ROLLOUTS, ADVANTAGES, masks)["all"]
    short = policy_gradients(model, ROLLOUTS, ADVANTAGES, masks, sketch=whole.shape[1] // 2)["all"]
    assert short.shape[1] == whole.shape[1] // 2
    size = whole.norm(dim=1)
    error = (short @ short.T - whole @ whole.T) / (size[:, None] * size[None, :])
    assert error.abs().max() < 0.1


def test_leaving_out_what_does_not_matter_gains_and_random_places_lose():
    """Half of each vector carries the signal, the other half noise alone: what FGO is for, in small."""
    useful = gaussian(2000, [0.2] * 5, seed=1)
    idle = gaussian(2000, [0.0] * 5, seed=2)
    kept = torch.rand(useful.shape, generator=torch.Generator().manual_seed(3)) < 0.5
    rest = torch.rand(idle.shape, generator=torch.Generator().manual_seed(4)) < 0.5
    everything = signal_to_noise(torch.cat([useful, idle], 1)).ratio
    executed = signal_to_noise(useful).ratio
    random = signal_to_noise(torch.cat([useful * kept, idle * rest], 1)).ratio
    assert executed > 1.5 * everything
    assert random < 0.8 * everything
