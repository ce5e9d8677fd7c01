"""The memory that a run takes: every count against the model's own parameters, every activation against autograd's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from stepcoder.bundled_shapes import bundled_shape
from stepcoder.config import ModelConfig, PPOConfig, TrainConfig
from stepcoder.memory_estimate import (
    CHUNK,
    HEADROOM,
    ModelSize,
    estimate,
    format_bytes,
    measure,
    prompts_of,
    token_activations,
)

LLAMA = transformers.LlamaConfig(
    hidden_size=64,
    intermediate_size=160,
    num_hidden_layers=3,
    num_attention_heads=4,
    num_key_value_heads=2,
    vocab_size=500,
    max_position_embeddings=256,
    bos_token_id=0,
    eos_token_id=0,
)
TIED = transformers.LlamaConfig(**{**LLAMA.to_dict(), "tie_word_embeddings": True})
GPT2 = transformers.GPT2Config(
    n_embd=64, n_layer=3, n_head=4, vocab_size=500, n_positions=256, bos_token_id=0, eos_token_id=0
)
MODELS = pytest.mark.parametrize("config", [LLAMA, TIED, GPT2], ids=["llama", "tied", "gpt2"])

DEEPSEEK_CODER_6_7B = bundled_shape("deepseek-ai/deepseek-coder-6.7b-instruct", None)
DEEPSEEK_CODER_1_3B = bundled_shape("deepseek-ai/deepseek-coder-1.3b-base", None)


def train_config(*, dtype: str = "float32", lora_rank: int = 0, **fields: Any) -> TrainConfig:
    return TrainConfig(model=ModelConfig(dtype=dtype, lora_rank=lora_rank), **fields)


def numbers(parameters: Any) -> int:
    return sum(parameter.numel() for parameter in parameters)


# ---- parameters


@MODELS
def test_parameters_are_counted_as_the_model_has_them(config: Any) -> None:
    model = transformers.AutoModelForCausalLM.from_config(config)
    size = measure(config)
    assert size.parameters == size.trained == numbers(model.parameters())
    assert size.body == numbers(getattr(model, model.base_model_prefix).parameters())
    assert size.gated == (config is not GPT2)


@MODELS
def test_adapters_are_counted_as_peft_makes_them(config: Any) -> None:
    peft = pytest.importorskip("peft")
    model = transformers.AutoModelForCausalLM.from_config(config)
    lora = peft.LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = peft.get_peft_model(model, lora)
    trained, _ = adapted.get_nb_trainable_parameters()
    assert measure(config, lora_rank=4).trained == trained


def test_bundled_shapes_have_the_parameters_of_the_released_weights() -> None:
    assert measure(DEEPSEEK_CODER_6_7B).parameters == 6_740_512_768
    assert measure(DEEPSEEK_CODER_1_3B).parameters == 1_346_471_936


def test_a_revision_has_no_bundled_shape() -> None:
    assert bundled_shape("deepseek-ai/deepseek-coder-1.3b-base", "a-branch") is None


# ---- what is held


def test_full_fine_tuning_in_bfloat16() -> None:
    found, size = estimate(LLAMA, train_config(dtype="bfloat16")), measure(LLAMA)
    assert found.weights == found.gradients == 4 * size.parameters
    assert (found.optimizer, found.casts, found.reference) == (
        8 * size.parameters,
        2 * size.parameters,
        2 * size.parameters,
    )
    assert (found.critic, found.critic_gradients) == (12 * size.body, 4 * size.body)


def test_full_fine_tuning_in_float32_has_no_casts_and_a_reference_as_large() -> None:
    found, size = estimate(LLAMA, train_config()), measure(LLAMA)
    assert (found.casts, found.reference) == (0, 4 * size.parameters)


def test_lora_needs_no_reference_and_trains_the_adapters_alone() -> None:
    found, size = estimate(LLAMA, train_config(dtype="bfloat16", lora_rank=4)), measure(LLAMA, 4)
    assert found.reference == 0
    assert found.weights == 2 * size.parameters + 4 * size.trained
    assert (found.gradients, found.optimizer) == (4 * size.trained, 8 * size.trained)


@pytest.mark.parametrize(
    "fields",
    [{"ppo": PPOConfig(critic="shared")}, {"ppo": PPOConfig(advantages="grpo")}, {"method": "sft"}],
    ids=["shared", "grpo", "sft"],
)
def test_who_has_no_critic_of_its_own(fields: Any) -> None:
    found = estimate(LLAMA, train_config(**fields))
    assert found.critic == found.critic_gradients == 0


def test_supervised_fine_tuning_has_no_reference() -> None:
    assert estimate(LLAMA, train_config(method="sft")).reference == 0


def test_the_paper_on_one_device_is_more_than_one_has() -> None:
    found = estimate(DEEPSEEK_CODER_6_7B, train_config(dtype="bfloat16"))
    assert found.held == 14 * 6_740_512_768 + 12 * (6_740_512_768 - 32_256 * 4096)  # 174 GB, before anything is done


# ---- what comes and goes


def cache_bytes(config: Any, batch: int, tokens: int) -> int:
    model = transformers.AutoModelForCausalLM.from_config(config).eval()
    with torch.no_grad():
        cache = model(input_ids=torch.zeros((batch, tokens), dtype=torch.long), use_cache=True).past_key_values
    return sum(part.nbytes for layer in cache.layers for part in (layer.keys, layer.values))


@MODELS
def test_the_kv_cache_is_as_large_as_transformers_makes_it(config: Any) -> None:
    settings = train_config()
    settings = replace(
        settings,
        data=replace(settings.data, max_prompt_tokens=20),
        rollout=replace(settings.rollout, max_tokens=12, batch_size=3),
    )
    assert estimate(config, settings).kv_cache == cache_bytes(config, 3, 20 + HEADROOM)


def saved_bytes(config: Any, dtype: Any, checkpointing: bool, batch: int) -> int:
    """Return the bytes that autograd saves in a forward pass up to the last hidden states, without parameters."""
    model = transformers.AutoModelForCausalLM.from_config(config)
    if checkpointing:
        model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    model.train()
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        if tensor.untyped_storage().data_ptr() not in own:
            kept[tensor.untyped_storage().data_ptr()] = tensor  # alive, so that no address comes twice
        return tensor

    ids = torch.zeros((batch, 64), dtype=torch.long)
    mask = torch.ones_like(ids)
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast("cpu", dtype, enabled=dtype is not torch.float32),
    ):
        body = getattr(model, model.base_model_prefix)
        _ = body(input_ids=ids, attention_mask=mask, use_cache=False).last_hidden_state.sum()
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


@pytest.mark.parametrize("config", [LLAMA, GPT2], ids=["llama", "gpt2"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_layers_activations_are_about_what_autograd_saves(config: Any, dtype: str) -> None:
    # four sequences more: what does not grow with tokens (casts of weights, masks) falls out
    kind = getattr(torch, dtype)
    measured = (saved_bytes(config, kind, False, 6) - saved_bytes(config, kind, False, 2)) / (4 * 64)
    size = measure(config)
    told = token_activations(size, kind.itemsize, False)
    assert 0.9 * measured < told < 1.1 * measured


def test_checkpointing_keeps_the_input_of_each_layer() -> None:
    measured = (saved_bytes(LLAMA, torch.float32, True, 6) - saved_bytes(LLAMA, torch.float32, True, 2)) / (4 * 64)
    size = measure(LLAMA)
    inputs = size.layers * 4 * size.hidden
    assert inputs <= measured <= inputs + 10 * size.hidden  # and the last norm's
    assert token_activations(size, 4, True) < token_activations(size, 4, False)


def test_the_estimate_knows_how_many_logits_exist_at_once_and_how_many_columns_are_made() -> None:
    from harness.generation import slot_cache
    from stepcoder import response_logprobs

    assert response_logprobs.CHUNK == CHUNK
    assert slot_cache.HEADROOM == HEADROOM


def step_settings(samples: int, problems: int, micro_batch: int, minibatches: int = 1, **model: Any) -> TrainConfig:
    settings = train_config(**model)
    return replace(
        settings,
        model=replace(settings.model, device="cpu"),
        data=replace(settings.data, max_prompt_tokens=48),
        rollout=replace(settings.rollout, problems=problems, samples=samples, max_tokens=16),
        ppo=PPOConfig(micro_batch=micro_batch, minibatches=minibatches),
    )


def saved_by_states(config: Any, settings: TrainConfig) -> int:
    """Return the bytes that autograd saves for response states, without weights and their casts."""
    from peft import LoraConfig, get_peft_model

    from stepcoder.batch import Batch
    from stepcoder.response_logprobs import response_states

    model = transformers.AutoModelForCausalLM.from_config(config)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    dtype = getattr(torch, settings.model.dtype)
    if rank := settings.model.lora_rank:
        model = model.to(dtype)
        lora = LoraConfig(r=rank, target_modules="all-linear", task_type="CAUSAL_LM")
        model = get_peft_model(model, lora).get_base_model()
    model.train()
    rows, prompt = settings.rollout.per_step, settings.data.max_prompt_tokens
    ids = torch.zeros((rows, prompt + settings.rollout.max_tokens), dtype=torch.long)
    ids[:, 0] = torch.arange(rows) // settings.rollout.samples
    written = torch.zeros(ids.shape)
    written[:, prompt:] = 1
    given = (ids, torch.ones_like(ids), written, written, written, ids[:, 0], written)
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    shapes = {tuple(shape) for one in model.parameters() for shape in (one.shape, one.shape[::-1])}
    kept: dict[int, Any] = {}

    def keep(tensor: Any) -> Any:
        if tensor.untyped_storage().data_ptr() not in own and tuple(tensor.shape) not in shapes:
            kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    body = getattr(model, model.base_model_prefix)
    with (
        torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor),
        torch.autocast("cpu", dtype, enabled=dtype is not torch.float32),
    ):
        _ = response_states(body, Batch(*given)).sum()
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


@pytest.mark.parametrize("config", [LLAMA, GPT2], ids=["llama", "gpt2"])
@pytest.mark.parametrize("rank", [0, 4])
@pytest.mark.parametrize("samples", [1, 4], ids=["alone", "shared"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_activations_of_a_step_are_within_a_tenth_of_what_autograd_saves(
    config: Any, rank: int, samples: int, dtype: str
) -> None:
    pytest.importorskip("peft")
    settings = step_settings(samples, 8 // samples, 8, lora_rank=rank, dtype=dtype)
    measured = saved_by_states(config, settings)
    assert 0.9 * measured < estimate(config, settings).activations < 1.1 * measured


@pytest.mark.parametrize(
    ("samples", "problems", "micro_batch", "minibatches", "prompts"),
    [
        (8, 4, 8, 1, 1),
        (16, 4, 8, 1, 1),
        (2, 4, 8, 1, 4),
        (1, 8, 8, 1, 8),
        (3, 4, 8, 1, 4),
        (6, 4, 4, 1, 2),
        (16, 4, 8, 2, 2),
        (16, 4, 8, 16, 4),
        (64, 1, 8, 2, 1),
    ],
)
def test_sequences_of_one_problem_share_their_prompt(
    samples: int, problems: int, micro_batch: int, minibatches: int, prompts: int
) -> None:
    assert prompts_of(micro_batch, step_settings(samples, problems, micro_batch, minibatches)) == prompts


def test_gradients_of_earlier_micro_batches_are_held_with_the_activations_of_the_next() -> None:
    one, two = (estimate(LLAMA, step_settings(2, 4, micro_batch)) for micro_batch in (8, 4))
    assert (one.accumulates, two.accumulates) == (False, True)
    held = two.gradients + two.critic_gradients
    assert two.updating == two.held + two.activations + two.logits + held
    after_one = one.activations * 3 // 4 + one.embedding_gradient + one.gradients + one.critic_gradients
    assert one.updating == one.held + max(one.activations + max(one.logits, one.gradients), after_one)
    assert (one.passes, estimate(LLAMA, step_settings(1, 8, 8)).passes) == (4, 1)


def test_a_critic_of_its_own_is_trained_in_full_beside_lora() -> None:
    whole, lora = (estimate(LLAMA, step_settings(2, 4, 8, lora_rank=rank)) for rank in (0, 4))
    assert lora.critic_activations == whole.activations > lora.activations
    assert (lora.embedding_gradient, lora.critic_embedding_gradient) == (0, whole.embedding_gradient)


def test_adamw_on_a_gpu_holds_a_number_for_each_parameter() -> None:
    settings = step_settings(2, 4, 8)
    on_gpu = replace(settings, model=replace(settings.model, device="cuda"))
    assert estimate(LLAMA, settings).optimizer_step == 0
    assert estimate(LLAMA, on_gpu).optimizer_step == 4 * measure(LLAMA).parameters


def test_the_most_is_the_larger_of_the_two_phases() -> None:
    found = estimate(LLAMA, train_config())
    assert found.peak == max(found.generating, found.updating)
    many = estimate(LLAMA, replace(train_config(), rollout=replace(TrainConfig().rollout, batch_size=100_000)))
    assert many.peak == many.generating > found.peak


def test_parts_of_0_bytes_are_left_out() -> None:
    names = [name for name, _ in estimate(LLAMA, train_config(method="sft")).rows()]
    assert names == [
        "weights", "gradients", "optimizer", "kv cache", "generation", "activations", "logits", "while generating",
        "while updating",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (25 * 2**30, "25 GiB"), (200 * 2**30, "200 GiB")],
)
def test_bytes_for_people(count: int, text: str) -> None:
    assert format_bytes(count) == text


def test_a_size_is_a_value() -> None:
    assert measure(LLAMA) == measure(LLAMA)
    assert isinstance(measure(LLAMA), ModelSize)
