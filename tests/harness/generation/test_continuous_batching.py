"""Rows that come and go: each gets the tokens that it gets alone, in every model whose cache is keys and values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
torch.set_num_threads(1)

from apps_plus.errors import WorkError
from harness.generation import slot_cache
from harness.generation.continuous_batching import decode
from harness.generation.nucleus import NucleusSampler, torch_stream
from harness.generation.slot_cache import rows_can_join

END, CONTEXT, VOCABULARY = 2, 64, 40
SIZES = {"vocab_size": VOCABULARY, "hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2}
HEADS = {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": CONTEXT}
TOKENS = {"bos_token_id": 1, "eos_token_id": END, "pad_token_id": 0, "initializer_range": 0.5}


def gpt2():
    from transformers import GPT2Config

    sizes = {"vocab_size": VOCABULARY, "n_positions": CONTEXT, "n_embd": 16, "n_layer": 2, "n_head": 2}
    return GPT2Config(**sizes, **TOKENS)


def llama():
    from transformers import LlamaConfig

    return LlamaConfig(**SIZES, **HEADS, **TOKENS)


def windowed():
    from transformers import MistralConfig

    return MistralConfig(**SIZES, **HEADS, **TOKENS, sliding_window=6)


def mixed_windows():
    from transformers import Gemma2Config

    return Gemma2Config(**SIZES, **HEADS, **TOKENS, head_dim=4, sliding_window=6)


def bloom():
    from transformers import BloomConfig

    return BloomConfig(vocab_size=VOCABULARY, hidden_size=16, n_layer=2, n_head=2, **TOKENS)


def convolutions():
    from transformers import Lfm2Config

    return Lfm2Config(**SIZES, **HEADS, **TOKENS, layer_types=["conv", "full_attention"], conv_L_cache=3)


JOIN = [gpt2, llama, windowed, mixed_windows, bloom]


def made(config, seed: int = 5):
    from transformers import AutoModelForCausalLM

    torch.manual_seed(seed)
    return AutoModelForCausalLM.from_config(config()).eval()


@dataclass
class Watched:
    """A model that remembers the shape of the tokens of each pass."""

    model: object
    shapes: list[tuple[int, int]] = field(default_factory=list)

    def __getattr__(self, name: str):
        return getattr(self.model, name)

    def __call__(self, input_ids, **given):
        self.shapes.append(tuple(input_ids.shape))
        return self.model(input_ids=input_ids, **given)


def prompts_of(count: int) -> list[list[int]]:
    return [[3 + (7 * number + place) % 30 for place in range(1 + 5 * number % 17)] for number in range(count)]


def decoded(model, prompts, slots, limits=None, temperature=1.0, **options):
    sampler = NucleusSampler(
        [torch_stream(seed, CONTEXT) for seed in range(len(prompts))], limits or [24] * len(prompts), temperature, 0.95
    )
    found: dict[int, list[int]] = {}

    def finish(row, tokens, logprobs):
        assert row not in found
        found[row] = tokens

    decode(model, prompts, sampler, {END}, slots, finish, **options)
    assert len(found) == len(prompts)
    return found


@torch.no_grad()
def alone(model, prompt, seed, limit=24, temperature=1.0):
    """Tokens of a prompt by whole passes, without a cache."""
    sampler = NucleusSampler([torch_stream(seed, CONTEXT)], [limit], temperature, 0.95)
    text = list(prompt)
    while len(text) - len(prompt) < limit and (text == list(prompt) or text[-1] != END):
        text.append(int(sampler.draw(model(torch.tensor([text])).logits[:, -1])))
    return text[len(prompt) :]


@pytest.mark.parametrize("config", [*JOIN, convolutions])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_rows_that_come_and_go_get_what_whole_passes_without_a_cache_give(config, temperature):
    model, prompts = made(config), prompts_of(9)
    limits = [24, 3, 24, 1, 10, 24, 24, 7, 24]
    found = decoded(model, prompts, 3, limits, temperature)
    for row, prompt in enumerate(prompts):
        assert found[row] == alone(model, prompt, row, limits[row], temperature), row


@pytest.mark.parametrize("config", [*JOIN, convolutions])
def test_the_number_of_slots_changes_nothing(config):
    model, prompts = made(config), prompts_of(12)
    limits = [24, 5, 24, 11, 1, 24, 3, 24, 16, 24, 24, 2]
    single = decoded(model, prompts, 1, limits)
    for slots in (2, 5, 12, 64):
        assert decoded(model, prompts, slots, limits) == single


@pytest.mark.parametrize("config", [gpt2, llama])
@pytest.mark.parametrize("slots", [8, 64])
def test_one_prompt_that_fills_the_context_leaves_the_other_rows_their_tokens(config, slots):
    model = made(config)
    prompts = [[3] * (CONTEXT - 1), *prompts_of(63)]
    limits = [min(24, CONTEXT - len(prompt)) for prompt in prompts]
    found = decoded(model, prompts, slots, limits)
    assert found == decoded(model, prompts, 1, limits)
    assert len(found[0]) == 1
    assert max(map(len, found.values())) == 24


def test_new_buffers_keep_what_the_old_ones_held(monkeypatch):
    model, prompts = made(llama), prompts_of(12)
    expected = decoded(model, prompts, 4)
    monkeypatch.setattr(slot_cache, "HEADROOM", 1)
    assert decoded(model, prompts, 4) == expected
    assert decoded(model, sorted(prompts, key=len), 4) == decoded(model, sorted(prompts, key=len), 1)


def test_only_models_without_recurrent_layers_let_rows_join():
    assert all(rows_can_join(made(config)) for config in JOIN)
    assert not rows_can_join(made(convolutions))


# ---- work


def test_a_place_that_becomes_free_is_filled_at_once():
    model = Watched(made(llama))
    limits = [2, 20, 2, 2, 2, 2, 2, 2]
    decoded(model, prompts_of(8), 2, limits, temperature=0.0, stops=lambda row, tokens: False)
    steps = [rows for rows, _ in model.shapes if (rows, _) != (1, 1)]
    assert max(rows for rows, _ in model.shapes) == 2
    total = sum(rows for rows, width in model.shapes if width == 1)
    assert steps, "no two rows were ever decoded together"
    assert len([shape for shape in model.shapes if shape[1] > 1]) >= 6
    assert total <= sum(limit - 1 for limit in limits) + 2, "rows that have ended are computed"


def test_the_prompt_of_a_problem_is_computed_once():
    model = Watched(made(llama))
    first, second = [3, 4, 5, 6], [7, 8, 9]
    found = decoded(model, [first] * 6 + [second] * 3, 4)
    assert Counter(shape for shape in model.shapes if shape[1] > 1) == {(1, 4): 1, (1, 3): 1}
    assert len({tuple(tokens) for tokens in found.values()}) > 3, "the samples are the same"


def test_rows_are_delivered_when_they_end():
    model, order, counted = made(llama), [], []
    sampler = NucleusSampler([torch_stream(0, 30)] * 3, [20, 3, 9], 0.0, 1.0)
    decode(model, prompts_of(3), sampler, set(), 3, lambda row, *_: order.append(row), count=counted.append)
    assert order == [1, 2, 0]
    assert sum(counted) == 20 + 3 + 9


def test_a_row_ends_where_stops_says():
    model = made(llama)
    free = decoded(model, prompts_of(6), 3, temperature=0.0)
    ended = decoded(model, prompts_of(6), 3, temperature=0.0, stops=lambda row, tokens: row == 1 and len(tokens) == 2)
    assert ended == free | {1: free[1][:2]}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_give_no_numbers_are_one_line(value):
    model = made(llama)
    with torch.no_grad():
        model.lm_head.weight[7] = value
    with pytest.raises(WorkError, match="logits are not numbers"):
        decoded(model, prompts_of(2), 2)
