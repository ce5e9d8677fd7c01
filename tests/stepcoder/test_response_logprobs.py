"""log pi of response tokens: as a whole pass gives it, with its gradients, but without its work and its memory."""

from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from random_llama import tiny_llama

from stepcoder import response_logprobs
from stepcoder.batch import Batch
from stepcoder.models import body_of
from stepcoder.ppo import token_logprobs
from stepcoder.response_logprobs import output_layer, response_states

PROMPTS = [[5, 6, 7, 8], [9, 10]]
LENGTHS = [[3, 1, 5], [2, 4, 1]]


def batch(temperature=0.8):
    """Two groups of three sequences of different lengths; padding is token 0."""
    generator = torch.Generator().manual_seed(1)
    sequences = [
        (group, prompt, torch.randint(3, 30, (length,), generator=generator).tolist())
        for group, prompt in enumerate(PROMPTS)
        for length in LENGTHS[group]
    ]
    width = 11  # wider than any: padding is to be trimmed
    ids, attention, response = (torch.zeros((6, width), dtype=torch.long) for _ in range(3))
    for row, (_, prompt, written) in enumerate(sequences):
        end = len(prompt) + len(written)
        ids[row, :end] = torch.tensor(prompt + written)
        attention[row, :end] = 1
        response[row, len(prompt) : end] = 1
    mask = response.float()
    groups = torch.tensor([group for group, _, _ in sequences])
    return Batch(ids, attention, mask, mask, torch.zeros_like(mask), groups, torch.zeros_like(mask), temperature)


def expected(model, given):
    """log pi and entropy by the model's own logits, a sequence at a time."""
    chosen, spread = torch.zeros_like(given.response_mask), torch.zeros_like(given.response_mask)
    rows = []
    for row, (ids, mask) in enumerate(zip(given.ids, given.response_mask, strict=True)):
        end = int(mask.nonzero().max()) + 1
        logprobs = (model(ids[None, :end]).logits[0, :-1] / given.temperature).log_softmax(-1)
        for place in mask.nonzero()[:, 0].tolist():
            chosen[row, place] = logprobs[place - 1, ids[place]].detach()
            spread[row, place] = -(logprobs[place - 1].exp() * logprobs[place - 1]).sum().detach()
            rows.append(logprobs[place - 1, ids[place]])
    return chosen, spread, torch.stack(rows)


def gpt2():
    from transformers import GPT2Config, GPT2LMHeadModel

    torch.manual_seed(3)
    sizes = {"vocab_size": 32, "n_positions": 32, "n_embd": 16, "n_layer": 2, "n_head": 2, "initializer_range": 0.5}
    return GPT2LMHeadModel(GPT2Config(**sizes, bos_token_id=1, eos_token_id=2)).eval()


def capped(cap=2.0):
    """A model that caps its logits after the output layer."""
    from transformers import Gemma2Config, Gemma2ForCausalLM

    torch.manual_seed(3)
    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "head_dim": 4}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "sliding_window": 4, "final_logit_softcapping": cap}
    return Gemma2ForCausalLM(Gemma2Config(**sizes, **heads, initializer_range=0.5)).eval()


def recurrent():
    from transformers import Lfm2Config, Lfm2ForCausalLM

    torch.manual_seed(3)
    sizes = {"vocab_size": 32, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "conv_L_cache": 3}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "layer_types": ["conv", "full_attention"]}
    return Lfm2ForCausalLM(Lfm2Config(**sizes, **heads, initializer_range=0.5)).eval()


MODELS = [tiny_llama, gpt2, capped, recurrent]


@pytest.mark.parametrize("make_model", MODELS)
@pytest.mark.parametrize("chunk", [4, 256])
def test_logprobs_entropy_and_gradients_are_those_of_whole_passes(make_model, chunk, monkeypatch):
    monkeypatch.setattr(response_logprobs, "CHUNK", chunk)
    model, given = make_model(), batch()
    other = copy.deepcopy(model)
    chosen, spread, rows = expected(other, given)
    found, entropy = token_logprobs(model, given, entropy=True)
    torch.testing.assert_close(found.detach(), chosen, atol=2e-5, rtol=0)
    torch.testing.assert_close(entropy.detach(), spread, atol=2e-5, rtol=0)
    weights = torch.linspace(-1, 2, len(rows))
    (found[given.response_mask.bool()] * weights).sum().backward()
    (rows * weights).sum().backward()
    for (name, one), two in zip(model.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(one.grad, two.grad, atol=1e-4, rtol=1e-3, msg=name)


def test_the_gradient_of_the_entropy_goes_through_the_chunks(monkeypatch):
    monkeypatch.setattr(response_logprobs, "CHUNK", 4)
    model, given = tiny_llama(), batch()
    other = copy.deepcopy(model)
    _, entropy = token_logprobs(model, given, entropy=True, entropy_gradient=True)
    entropy.sum().backward()
    logprobs = (other(given.ids, attention_mask=given.attention_mask).logits[:, :-1] / given.temperature).log_softmax(
        -1
    )
    (-(logprobs.exp() * logprobs).sum(-1) * given.response_mask[:, 1:]).sum().backward()
    torch.testing.assert_close(model.lm_head.weight.grad, other.lm_head.weight.grad, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("make_model", [tiny_llama, gpt2])
def test_a_group_shares_the_pass_over_its_prompt(make_model, monkeypatch):
    model, given, seen = make_model(), batch(), []
    body = body_of(model)
    forward = body.forward
    monkeypatch.setattr(body, "forward", lambda **asked: seen.append(asked["input_ids"].shape) or forward(**asked))
    response_states(body, given)
    assert seen == [(1, 4), (3, 4), (1, 2), (3, 3)]  # a prompt, and its responses without their last tokens


def test_sequences_without_a_common_prompt_are_one_trimmed_pass(monkeypatch):
    model, given, seen = tiny_llama(), batch()[torch.tensor([0, 3])], []
    forward = model.model.forward
    monkeypatch.setattr(
        model.model, "forward", lambda **asked: seen.append(asked["input_ids"].shape) or forward(**asked)
    )
    response_states(model.model, given)
    assert seen == [(2, 7)]


def test_checkpointed_activations_exclude_a_cache():
    model, given = tiny_llama(), batch()
    plain, _ = token_logprobs(model, given)
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model.train()
    found, _ = token_logprobs(model, given)
    torch.testing.assert_close(found, plain, atol=2e-5, rtol=0)
    found.sum().backward()


def test_all_logits_never_exist_at_once(monkeypatch):
    monkeypatch.setattr(response_logprobs, "CHUNK", 4)
    model, given, sizes = tiny_llama(), batch(), []
    model.lm_head.register_forward_hook(lambda module, asked, made: sizes.append(made.numel() // 32))
    assert output_layer(model, model.model) is model.lm_head
    sizes.clear()
    held = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: held.append(t) or t, lambda t: t):
        token_logprobs(model, given, entropy=True)[0].sum().backward()
    assert max(sizes) == 4
    assert sum(sizes) == 2 * 16  # of 16 tokens, once forward and once backward


@pytest.mark.parametrize("cap", [2.0, 1000.0])
def test_logits_that_are_capped_after_the_output_layer_are_the_models_own(cap):
    """A cap far above the logits too: training may raise them to it."""
    model = capped(cap)
    assert output_layer(model, body_of(model)) is None


def test_a_recurrent_model_has_a_plain_output_layer():
    assert output_layer(recurrent(), body_of(recurrent())) is not None


def test_adapters_count_in_the_states_and_can_be_switched_off():
    from peft import LoraConfig, get_peft_model

    given, plain = batch(), tiny_llama()
    before, _ = token_logprobs(plain, given)
    adapted = get_peft_model(copy.deepcopy(plain), LoraConfig(r=2, target_modules="all-linear", task_type="CAUSAL_LM"))
    with torch.no_grad():
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                parameter.normal_()
    found, _ = token_logprobs(adapted, given)
    chosen, _, _ = expected(adapted, given)
    torch.testing.assert_close(found.detach(), chosen, atol=1e-4, rtol=0)
    assert not torch.allclose(found, before)
    with adapted.disable_adapter():
        torch.testing.assert_close(token_logprobs(adapted, given)[0], before, atol=1e-5, rtol=0)
