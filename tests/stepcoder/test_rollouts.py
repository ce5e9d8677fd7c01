"""Roll-outs: a sample depends on its own prompt and seed alone; its log-probabilities are the model's."""

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from random_llama import tiny_llama

from harness.generation.continuous_batching import decode
from harness.generation.nucleus import NucleusSampler, torch_stream
from stepcoder.processes import Processes
from stepcoder.records import RolloutRequest
from stepcoder.rollouts import RolloutSampling, by_length, sample

END = 2


def tiny_gpt2(seed, context):
    """A GPT-2, whose learned positions raise an error past the context."""
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(seed)
    sizes = {"vocab_size": 32, "n_positions": context, "n_embd": 16, "n_layer": 2, "n_head": 2}
    return GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=1, eos_token_id=END, initializer_range=0.5)).eval()


PROMPTS = [[3, 4, 5, 6, 7, 8], [9], [10, 11, 12], [13, 14]]
SAMPLING = RolloutSampling(temperature=0.8, top_p=0.9, max_tokens=20)


@pytest.fixture(scope="module")
def policy():
    return tiny_llama(seed=5)


def responses(policy, prompts, seeds, sampling=SAMPLING, limits=None):
    streams = [torch_stream(seed, sampling.max_tokens) for seed in seeds]
    limits = limits or [sampling.max_tokens] * len(prompts)
    sampler = NucleusSampler(streams, limits, sampling.temperature, sampling.top_p)
    ids, logprobs = [None] * len(prompts), [None] * len(prompts)

    def finish(row, tokens, found):
        assert ids[row] is None
        ids[row], logprobs[row] = tokens, found

    decode(policy, prompts, sampler, {END}, len(prompts), finish, logprobs=True)
    return ids, logprobs


def drawn(policy, numbers, sampling=SAMPLING):
    return responses(policy, [PROMPTS[n] for n in numbers], numbers, sampling)


@pytest.mark.parametrize("temperature", [0.0, 0.8, 1.0])
def test_logprobs_are_those_of_a_fresh_pass(policy, temperature):
    ids, logprobs = drawn(policy, [0, 1, 2, 3], RolloutSampling(temperature, 1.0, 20))
    for prompt, response, found in zip(PROMPTS, ids, logprobs, strict=True):
        logits = policy(input_ids=torch.tensor([prompt + response])).logits[0, len(prompt) - 1 : -1]
        expected = (logits / (temperature or 1.0)).log_softmax(-1).gather(-1, torch.tensor(response)[:, None])[:, 0]
        assert found == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_sample_does_not_depend_on_its_batch(policy):
    together, _ = drawn(policy, [0, 1, 2, 3])
    assert [drawn(policy, [n])[0][0] for n in range(4)] == together
    assert drawn(policy, [3, 1])[0] == [together[3], together[1]]


def test_seeds_make_different_samples(policy):
    ids, _ = responses(policy, [PROMPTS[0]] * 6, range(6), SAMPLING)
    assert len({tuple(response) for response in ids}) > 1


def test_temperature_0_is_greedy(policy):
    ids, _ = drawn(policy, [0, 1, 2, 3], RolloutSampling(0.0, 1.0, 6))
    for prompt, response in zip(PROMPTS, ids, strict=True):
        text = list(prompt)
        for token in response:
            assert token == policy(input_ids=torch.tensor([text])).logits[0, -1].argmax().item()
            text.append(token)


def test_a_response_stops_after_its_end_token_or_at_the_longest_length(policy):
    ids, _ = responses(policy, [PROMPTS[1]] * 40, range(40), RolloutSampling(1.0, 1.0, 12))
    assert {END} == {response[-1] for response in ids if len(response) < 12}
    assert all(END not in response[:-1] for response in ids)
    assert any(len(response) < 12 for response in ids), "no sample ended early: the test shows nothing"


# ---- limits


def test_each_row_has_its_own_limit(policy):
    free, _ = drawn(policy, [0, 1, 2, 3])
    ids, logprobs = responses(policy, PROMPTS, range(4), limits=[1, 20, 3, 7])
    assert ids == [response[:limit] for response, limit in zip(free, [1, 20, 3, 7], strict=True)]
    assert [len(row) for row in logprobs] == [len(row) for row in ids]


class Numbers:
    """A tokenizer: a number for each token."""

    eos_token_id = END
    chat_template = None

    def decode(self, ids, **_):
        return "".join(f"{token} " for token in ids)


def of_mixed_length(groups, samples, context):
    """Requests of which the first group's prompt leaves room for 1 token, the second's for 9, the others' for more."""
    lengths = [context - 1, context - 9, *(1 + 3 * group % 7 for group in range(groups - 2))]
    return [
        RolloutRequest(None, 1, "", (3,) * length, group, 100 * group + number)
        for group, length in enumerate(lengths)
        for number in range(samples)
    ]


def tokens_by_seed(rollouts, requests):
    return {
        request.seed: (rollout.response_ids, rollout.finished)
        for request, rollout in zip(requests, rollouts, strict=True)
    }


@pytest.mark.parametrize("make_model", [tiny_llama, tiny_gpt2])
def test_a_long_prompt_does_not_shorten_the_responses_of_its_batch(make_model):
    """The same tokens in batches of 1, 8 and 64, and divided among two processes, where the context binds."""
    model, sampling = make_model(seed=5, context=24), RolloutSampling(1.0, 1.0, 18)
    requests = of_mixed_length(groups=16, samples=4, context=24)
    alone = tokens_by_seed(sample(model, Numbers(), requests, sampling, 1), requests)
    for size in (8, 64):
        assert tokens_by_seed(sample(model, Numbers(), requests, sampling, size), requests) == alone
    divided = {}
    for rank in (0, 1):
        process = Processes(torch.device("cpu"))
        process.rank, process.count = rank, 2
        own = process.share_groups(requests)
        assert len(own) == 32
        divided |= tokens_by_seed(sample(model, Numbers(), own, sampling, 8), own)
    assert divided == alone
    lengths = {seed: len(ids) for seed, (ids, _) in alone.items()}
    assert {lengths[number] for number in range(4)} == {1}
    assert max(lengths[100 + number] for number in range(4)) == 9
    assert max(lengths.values()) == 18


# ---- order


def test_long_prompts_come_first_and_a_group_stays_together():
    lengths_and_groups = ((2, 0), (9, 1), (3, 2), (2, 3), (2, 0), (9, 1))
    requests = [RolloutRequest(None, 1, "", (0,) * length, group, 0) for length, group in lengths_and_groups]
    assert by_length(requests) == [1, 5, 2, 0, 4, 3]
