"""Estimate the memory of a run on each device from the model's configuration, without loading weights.

P: parameters; A: trained parameters (P; with LoRA of rank r, the sum of r (in + out) over the linear layers); b: bytes
of ``model.dtype`` (float32: 4, bfloat16: 2); L: layers of width h and feed-forward width i; k: key-value heads of d
numbers; V: vocabulary; S: tokens of the longest sequence (data.max_prompt_tokens + rollout.max_tokens; sft.max_tokens);
B: sequences generated at once (rollout.batch_size); M: sequences per training pass (micro_batch). In bytes:

    weights       4 A + b (P - A)     trained weights are float32
    gradients     4 A
    optimizer     8 A                 AdamW's two moments
    casts         2 A                 bfloat16: autocast's copy of the weights, for one forward and backward pass
    reference     b P                 none with LoRA (adapters off) and in supervised fine-tuning
    critic        12 C + 4 C          own critic: weights and moments, gradients; C = P without the output layer. A
                                      shared critic is a head of h numbers
    kv cache      2 L k d b S B
    generation    B (28 V + l S)      the next token's distribution; one layer over the prompts
    activations   M S L l + 20 V K    for the backward pass; with gradient checkpointing M S (L 4 h + l) + 20 V K
      of these K  256                 tokens whose logits exist at once; in supervised fine-tuning all M S
      of these l  24 h + b (5 h + 4 i)    one layer, per token (5 i if the feed-forward part has no gate)

l was fitted to the tensors that autograd saves for Llama and GPT-2 with PyTorch's scaled dot product attention; the
tests measure it again. Generation and update alternate: the peak is the larger of the two. Not included: CUDA itself
(about 1 GB), fragmentation, the copy made when the model is written; and what is saved where the sequences of a
micro-batch have the same prompt, which is computed once.

P and C are counted on the model's modules, made without storage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stepcoder.config import TrainConfig

CHUNK = 256
"""``stepcoder.response_logprobs.CHUNK``, which needs torch."""
FLOAT32 = 4
BYTES = {"float32": 4, "bfloat16": 2}
LOGITS = 20
"""Bytes a token and word: logits, their softmax, the entropy's terms and two gradients, in float32."""
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
        return self.held + self.casts + self.gradients + self.critic_gradients + self.activations

    @property
    def peak(self) -> int:
        """Peak of the run."""
        return max(self.generating, self.updating)

    def rows(self) -> Iterator[tuple[str, int]]:
        """Yield the parts that are not 0, by name, and the sums."""
        parts = ("weights", "gradients", "optimizer", "casts", "reference", "critic", "critic_gradients")
        for name in (*parts, "kv_cache", "generation", "activations"):
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
    prompt, batch = config.data.max_prompt_tokens, config.rollout.batch_size
    tokens = prompt + config.rollout.max_tokens
    learnt = config.sft.micro_batch * config.sft.max_tokens if supervised else ppo.micro_batch * tokens
    return MemoryEstimate(
        size=size,
        weights=FLOAT32 * size.trained + b * (0 if full else size.parameters),
        gradients=FLOAT32 * size.trained,
        optimizer=2 * FLOAT32 * size.trained,
        casts=b * size.trained if b < FLOAT32 else 0,
        reference=b * size.parameters if full and not supervised else 0,
        critic=3 * FLOAT32 * size.body if own_critic else 0,
        critic_gradients=FLOAT32 * size.body if own_critic else 0,
        kv_cache=2 * size.layers * size.kv_width * b * tokens * batch,
        generation=batch * (DRAWING * size.vocabulary + prompt * layer_activations(size, b)),
        activations=learnt * token_activations(size, b, config.model.gradient_checkpointing)
        + (learnt if supervised else min(CHUNK, learnt)) * LOGITS * size.vocabulary,
    )


def token_activations(size: ModelSize, b: int, checkpointing: bool) -> int:
    """Return the bytes per token of a training pass, without logits."""
    layer = layer_activations(size, b)
    return size.layers * FLOAT32 * size.hidden + layer if checkpointing else size.layers * layer


def layer_activations(size: ModelSize, b: int) -> int:
    """Return the bytes per token that one layer saves for the backward pass: the residual in float32, the rest in b."""
    wide = 4 if size.gated else 5
    return 6 * FLOAT32 * size.hidden + b * (5 * size.hidden + wide * size.intermediate)


def measure(model_config: Any, lora_rank: int = 0) -> ModelSize:
    """Count a model's parameters on its modules, made without storage."""
    import torch
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(model_config)
    text = model_config.get_text_config()
    heads = text.num_attention_heads
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
        kv_width=kv_heads * (getattr(text, "head_dim", None) or text.hidden_size // heads),
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
