"""Estimate the memory of a run on each device from the model's configuration, without loading weights.

P: parameters; A: trained parameters (P; with LoRA of rank r, the sum of r (in + out) over the linear layers); b: bytes
of ``model.dtype`` (float32: 4, bfloat16: 2); L: layers of width h and feed-forward width i; q: query heads,
k: key-value heads, of d numbers; V: vocabulary; Q: tokens of the longest prompt (data.max_prompt_tokens), R of the
longest response (rollout.max_tokens); B: sequences generated at once (rollout.batch_size); M: sequences per training
pass (micro_batch), of which G prompts differ: those of one problem have the same. In bytes:

    weights       4 A + b (P - A)     trained weights are float32
    gradients     4 A
    optimizer     8 A                 AdamW's two moments
    casts         2 A                 bfloat16: autocast's copy of the weights, for one forward and backward pass
    reference     b P                 none with LoRA (adapters off) and in supervised fine-tuning
    critic        12 C + 4 C          own critic: weights and moments, gradients; C = P without the output layer. A
                                      shared critic is a head of h numbers
    kv cache      2 L k d b B (Q + R)       R rounded up to the columns that are made at once
    generation    28 V B              the next token's distribution
                  + l Q or 2 h b B (Q + R)  one layer, over a prompt or at a step, whichever is more
    activations   L l (G Q + M R)     what the backward pass needs of the layers: a prompt that sequences share is
                                      computed once. In every layer each sequence then keeps ...
                  + 2 L q d b M Q     ... the prompt's keys and values,
                  + 2 L (q - k) d b M R   ... its own for each query head, which attention with a mask needs,
                  + L b M R (Q + R)   ... and the mask. Where nothing is shared, all of a micro-batch is equally long
                                      and needs no mask. With gradient checkpointing nothing is shared:
                                      (Q + R) M (L 4 h + l); in supervised fine-tuning (sft.max_tokens) M L l
    logits        20 V K              K = 256: tokens whose logits exist at once; in supervised fine-tuning all
                  + 8 V h             the gradient of the output layer, and what a chunk adds to it; none with LoRA
      of these l  16 h + b (3 h + (q + 2 k) d + 4 i)    one layer, per token: ``layer_activations``

The update's peak is the largest of: the policy's backward pass, with the gradients of earlier micro-batches; the
critic's, with the policy's gradients; and AdamW's step, which on a GPU holds one more number for each parameter. The
passes of prompts that differ are differentiated one after the other: after the first all gradients exist, and the
activations of the others, and each adds a gradient of the input embeddings. An own critic is trained in full, whatever
``model.lora_rank``: its activations are those without LoRA.
Generation and update alternate: the peak is the larger of the two.

l is the sum of the tensors that autograd saves for Llama and GPT-2 with PyTorch's scaled dot product attention; the
tests measure it again. ``benchmarks.training_memory`` measures whole steps. Not included: CUDA itself (about 1 GB),
fragmentation, the copy made when the model is written.

P and C are counted on the model's modules, made without storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

from stepcoder.config import TrainConfig

CHUNK = 256
"""``stepcoder.response_logprobs.CHUNK``, which needs torch."""
FLOAT32 = 4
BYTES = {"float32": 4, "bfloat16": 2}
LOGITS = 20
"""Bytes a token and word: logits, their softmax, the entropy's terms and two gradients, in float32."""
HEADROOM = 128
"""``harness.generation.slot_cache.HEADROOM``, which needs torch."""
DRAWING = 28
"""Bytes a sequence and word while a token is drawn: logits, probabilities, their order, sums and logarithms."""


@dataclass(frozen=True, slots=True)
class ModelSize:
    """The numbers of a model that its memory depends on."""

    parameters: int
    body: int
    """Parameters without the output layer: those of an own critic without its head."""
    trained: int
    layers: int
    hidden: int
    intermediate: int
    gated: bool
    """True if the feed-forward part has a gate (Llama; GPT-2 has none)."""
    kv_width: int
    """Numbers of a token's keys in one layer: key-value heads times their width."""
    query_width: int
    """Numbers of a token's queries in one layer: query heads times their width."""
    vocabulary: int


@dataclass(frozen=True, slots=True)
class MemoryEstimate:
    """Bytes on each device. Every process holds the whole model."""

    size: ModelSize
    weights: int
    gradients: int
    optimizer: int
    casts: int
    reference: int
    critic: int
    """Weights and optimiser moments."""
    critic_gradients: int
    kv_cache: int
    generation: int
    activations: int
    critic_activations: int
    """Those of an own critic, which LoRA does not adapt."""
    passes: int
    """Passes of one micro-batch, each over the sequences that share a prompt; 1 if nothing is shared."""
    embedding_gradient: int
    """The gradient of the policy's input embeddings, which each pass makes anew and adds to the others'."""
    critic_embedding_gradient: int
    logits: int
    """The logits that exist at once, and the gradient of the output layer that they make."""
    optimizer_step: int
    """Bytes of AdamW's temporary tensors in a step, beyond gradients and moments."""
    accumulates: bool
    """True if an optimiser step has several micro-batches, whose gradients add up."""

    @property
    def held(self) -> int:
        """Held throughout."""
        return self.weights + self.optimizer + self.reference + self.critic

    @property
    def generating(self) -> int:
        """Peak while programs are generated."""
        return self.held + self.casts + self.kv_cache + self.generation

    @property
    def updating(self) -> int:
        """Peak while the models are updated."""
        both = self.gradients + self.critic_gradients
        after_one = self.activations - self.activations // self.passes + self.embedding_gradient
        own = self.critic_activations
        after_one_own = own - own // self.passes + self.critic_embedding_gradient
        earlier = both if self.accumulates else 0
        policy = max(self.activations + self.logits + earlier, after_one + max(earlier, self.gradients))
        critic = max(own + max(earlier, self.gradients), after_one_own + both) if self.critic else 0
        return self.held + max(self.casts + max(policy, critic), both + self.optimizer_step)

    @property
    def peak(self) -> int:
        """Peak of the run."""
        return max(self.generating, self.updating)

    def rows(self) -> Iterator[tuple[str, int]]:
        """Yield the parts that are not 0, by name, and the peaks, at which not all parts are held."""
        parts = ("weights", "gradients", "optimizer", "casts", "reference", "critic", "critic_gradients")
        for name in (*parts, "kv_cache", "generation", "activations", "logits", "optimizer_step"):
            if value := getattr(self, name):
                yield name.replace("_", " "), value
        yield "while generating", self.generating
        yield "while updating", self.updating


def estimate(model_config: Any, config: TrainConfig) -> MemoryEstimate:
    """Estimate the memory of a run on each device.

    Args:
        model_config: A transformers ``PretrainedConfig`` of a causal language model.
        config: The run's settings.
    """
    size = measure(model_config, config.model.lora_rank)
    b, ppo, supervised = BYTES[config.model.dtype], config.update, config.method == "sft"
    full = size.trained == size.parameters
    own_critic = not supervised and ppo.advantages == "gae" and ppo.critic == "own"
    prompt, response, batch = config.data.max_prompt_tokens, config.rollout.max_tokens, config.rollout.batch_size
    columns = prompt + ceil(response / HEADROOM) * HEADROOM
    layer = layer_activations(size, b, config.model.lora_rank)
    at_once = config.sft.micro_batch * config.sft.max_tokens if supervised else min(CHUNK, ppo.micro_batch * response)
    embeddings = FLOAT32 * size.vocabulary * size.hidden
    output = embeddings if full else 0
    return MemoryEstimate(
        size=size,
        weights=FLOAT32 * size.trained + b * (0 if full else size.parameters),
        gradients=FLOAT32 * size.trained,
        optimizer=2 * FLOAT32 * size.trained,
        casts=b * size.trained if b < FLOAT32 else 0,
        reference=b * size.parameters if full and not supervised else 0,
        critic=3 * FLOAT32 * size.body if own_critic else 0,
        critic_gradients=FLOAT32 * size.body if own_critic else 0,
        kv_cache=2 * size.layers * size.kv_width * b * columns * batch,
        generation=batch * DRAWING * size.vocabulary
        + max(prompt * layer, 2 * size.hidden * b * batch * (prompt + response)),
        activations=_activations(size, config, b, config.model.lora_rank),
        critic_activations=_activations(size, config, b, 0) if own_critic else 0,
        passes=_passes(config),
        embedding_gradient=embeddings if full and _passes(config) > 1 else 0,
        critic_embedding_gradient=embeddings if own_critic and _passes(config) > 1 else 0,
        logits=at_once * LOGITS * size.vocabulary + output * (1 if supervised else 2),
        optimizer_step=FLOAT32 * max(size.trained, size.body if own_critic else 0) if _on_gpu(config) else 0,
        accumulates=_accumulates(config),
    )


def _activations(size: ModelSize, config: TrainConfig, b: int, lora_rank: int) -> int:
    """Return the bytes that a micro-batch's layers keep for the backward pass."""
    each = token_activations(size, b, config.model.gradient_checkpointing, lora_rank)
    if config.method == "sft":
        return config.sft.micro_batch * config.sft.max_tokens * each
    rows, prompt, response = config.update.micro_batch, config.data.max_prompt_tokens, config.rollout.max_tokens
    if not _shares(config):
        return rows * (prompt + response) * each
    copied = 2 * size.query_width * prompt + 2 * (size.query_width - size.kv_width) * response
    mask = response * (prompt + response)
    return (prompts_of(rows, config) * prompt + rows * response) * each + size.layers * b * rows * (copied + mask)


def _shares(config: TrainConfig) -> bool:
    """Return whether sequences of a micro-batch share a pass over their prompt."""
    rows = config.update.micro_batch
    return config.method != "sft" and not config.model.gradient_checkpointing and prompts_of(rows, config) < rows


def _passes(config: TrainConfig) -> int:
    return prompts_of(config.update.micro_batch, config) if _shares(config) else 1


def prompts_of(rows: int, config: TrainConfig) -> int:
    """Return how many prompts differ in a micro-batch of so many sequences, at most.

    The sequences are ordered by problem, and a minibatch has about an equal share of each problem's.
    """
    each = max(1, config.rollout.samples // config.update.minibatches)
    aligned = config.update.minibatches == 1 and (rows % each == 0 or each % rows == 0)
    return min(rows, config.rollout.problems, ceil(rows / each) + (0 if aligned else 1))


def _accumulates(config: TrainConfig) -> bool:
    if config.method == "sft":
        return config.sft.micro_batch < config.sft.batch_size
    return config.update.micro_batch * config.update.minibatches < config.rollout.per_step


def _on_gpu(config: TrainConfig) -> bool:
    import torch

    return config.model.device == "cuda" or (config.model.device == "auto" and torch.cuda.is_available())


def token_activations(size: ModelSize, b: int, checkpointing: bool, lora_rank: int = 0) -> int:
    """Return the bytes per token of a training pass, without logits."""
    layer = layer_activations(size, b, lora_rank)
    return size.layers * FLOAT32 * size.hidden + layer if checkpointing else size.layers * layer


def layer_activations(size: ModelSize, b: int, lora_rank: int = 0) -> int:
    """Return the bytes per token that one layer saves for the backward pass, where attention has no mask.

    Saved are, in float32, the inputs of the two norms, and before its weights what an RMSNorm made of them (models with
    a gate have RMSNorms; a frozen weight needs no input); in b, the inputs of attention, activation function and linear
    layers. In float32 the linear layers that read the same share one tensor; in bfloat16 autocast makes a copy for
    each. With LoRA the inputs are the adapters', each has r numbers of its own, and attention's output is copied too:
    PEFT casts it to float32, and autocast back.
    """
    norms = 4 if size.gated and not lora_rank else 2
    readers = 6 if size.gated and b < FLOAT32 else 3
    linear, wide = (7, 4) if size.gated else (4, 5)
    copied = size.query_width if lora_rank and b < FLOAT32 else 0
    attention = size.query_width + 2 * size.kv_width
    in_b = readers * size.hidden + attention + wide * size.intermediate + linear * lora_rank + copied
    return norms * FLOAT32 * size.hidden + b * in_b


def measure(model_config: Any, lora_rank: int = 0) -> ModelSize:
    """Count a model's parameters on its modules, made without storage."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(model_config)
    text = model_config.get_text_config()
    heads = text.num_attention_heads
    width = getattr(text, "head_dim", None) or text.hidden_size // heads
    kv_heads = getattr(text, "num_key_value_heads", None) or heads
    parameters = sum(parameter.numel() for parameter in model.parameters())
    linear = dict(_linear_layers(model))
    return ModelSize(
        parameters=parameters,
        body=sum(parameter.numel() for parameter in getattr(model, model.base_model_prefix).parameters()),
        trained=sum(lora_rank * (i + o) for i, o in linear.values()) if lora_rank else parameters,
        layers=text.num_hidden_layers,
        hidden=text.hidden_size,
        intermediate=_intermediate(text),
        gated=any(name.endswith("gate_proj") for name in linear),
        kv_width=kv_heads * width,
        query_width=heads * width,
        vocabulary=text.vocab_size,
    )


def _intermediate(text: Any) -> int:
    named = getattr(text, "intermediate_size", None) or getattr(text, "n_inner", None)
    return int(named or 4 * text.hidden_size)


def _linear_layers(model: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the linear layers that LoRA adapts, all but the output layer: names, numbers of inputs and outputs."""
    import torch
    from transformers.pytorch_utils import Conv1D  # GPT-2's, with a transposed weight

    output = model.get_output_embeddings()
    for name, module in model.named_modules():
        if isinstance(module, (torch.nn.Linear, Conv1D)) and module is not output:
            first, second = module.weight.shape
            yield name, (first, second)


def format_bytes(count: int) -> str:
    """Format bytes in units of 1,024: ``25.1 GiB``."""
    value, unit = float(count), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if abs(value) < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{count} B" if unit == "B" else f"{value:.3g} {unit}" if value < 100 else f"{value:,.0f} {unit}"
