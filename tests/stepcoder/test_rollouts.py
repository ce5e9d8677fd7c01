"""Sampling: what is drawn depends on its own seed alone, and its log-probabilities are the model's."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from random_llama import tiny_llama

from stepcoder.records import Request
from stepcoder.rollouts import Sampling, by_length, draw, generate, left_pad

END = 2
PROMPTS = [[3, 4, 5, 6, 7, 8], [9], [10, 11, 12], [13, 14]]
SAMPLING = Sampling(temperature=0.8, top_p=0.9, max_tokens=20)


@pytest.fixture(scope="module")
def policy():
    return tiny_llama(seed=5)


def drawn(policy, numbers, sampling=SAMPLING):
    return generate(policy, [PROMPTS[n] for n in numbers], numbers, sampling, {END})


@pytest.mark.parametrize("temperature", [0.0, 0.8, 1.0])
def test_logprobs_are_those_of_a_fresh_pass(policy, temperature):
    ids, logprobs = drawn(policy, [0, 1, 2, 3], Sampling(temperature, 1.0, 20))
    for prompt, response, found in zip(PROMPTS, ids, logprobs, strict=True):
        logits = policy(input_ids=torch.tensor([prompt + response])).logits[0, len(prompt) - 1 : -1]
        expected = (logits / (temperature or 1.0)).log_softmax(-1).gather(-1, torch.tensor(response)[:, None])[:, 0]
        assert found == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_sample_does_not_depend_on_its_batch(policy):
    together, _ = drawn(policy, [0, 1, 2, 3])
    assert [drawn(policy, [n])[0][0] for n in range(4)] == together
    assert drawn(policy, [3, 1])[0] == [together[3], together[1]]


def test_seeds_make_different_samples(policy):
    ids, _ = generate(policy, [PROMPTS[0]] * 6, list(range(6)), SAMPLING, {END})
    assert len({tuple(response) for response in ids}) > 1


def test_temperature_0_is_greedy(policy):
    ids, _ = drawn(policy, [0, 1, 2, 3], Sampling(0.0, 1.0, 6))
    for prompt, response in zip(PROMPTS, ids, strict=True):
        text = list(prompt)
        for token in response:
            assert token == policy(input_ids=torch.tensor([text])).logits[0, -1].argmax().item()
            text.append(token)


def test_a_response_stops_after_its_end_token_or_at_the_longest_length(policy):
    ids, _ = generate(policy, [PROMPTS[1]] * 40, list(range(40)), Sampling(1.0, 1.0, 12), {END})
    assert {END} == {response[-1] for response in ids if len(response) < 12}
    assert all(END not in response[:-1] for response in ids)
    assert any(len(response) < 12 for response in ids), "no sample ended early: the test shows nothing"


def test_rows_that_have_ended_leave_the_batch(policy, monkeypatch):
    """Of 40 samples of random lengths the last steps are asked of few rows."""
    seen = []
    forward = policy.forward
    monkeypatch.setattr(policy, "forward", lambda **given: seen.append(len(given["input_ids"])) or forward(**given))
    generate(policy, [PROMPTS[1]] * 40, list(range(40)), Sampling(1.0, 1.0, 60), {END})
    assert seen[0] == 40
    assert seen[-1] < 40


# ---- drawing


def test_draws_follow_the_distribution():
    logits = torch.tensor([0.5, 0.3, 0.2]).log().expand(30000, 3)
    uniforms = torch.rand(30000, generator=torch.Generator().manual_seed(0))
    found = torch.bincount(draw(logits, uniforms, Sampling(1.0, 1.0, 1)), minlength=3) / 30000
    torch.testing.assert_close(found, torch.tensor([0.5, 0.3, 0.2]), atol=0.01, rtol=0)


@pytest.mark.parametrize(
    ("top_p", "possible"), [(0.05, {1}), (0.5, {1}), (0.6, {1, 2}), (0.85, {0, 1, 2}), (1.0, {0, 1, 2, 3})]
)
def test_the_nucleus_is_the_fewest_tokens_that_reach_top_p(top_p, possible):
    logits = torch.tensor([0.2, 0.5, 0.25, 0.05]).log().expand(1000, 4)
    uniforms = torch.linspace(0, 0.9999, 1000)
    assert set(draw(logits, uniforms, Sampling(1.0, top_p, 1)).tolist()) == possible


def test_left_padding_is_hidden_from_attention():
    ids, mask = left_pad([[5, 6, 7], [8]], "cpu")
    assert ids.tolist() == [[5, 6, 7], [0, 0, 8]]
    assert mask.tolist() == [[1, 1, 1], [0, 0, 1]]


def test_prompts_of_similar_length_share_a_batch():
    requests = [Request(None, 1, "", (0,) * length, 0, 0) for length in (2, 9, 3, 8, 1)]
    assert list(by_length(requests, 2)) == [[1, 3], [2, 0], [4]]
