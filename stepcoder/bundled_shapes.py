"""The shapes of the models that the bundled configurations name: a plan of such a run needs no network.

Each is the architecture part of the model's own ``config.json``, as ``transformers`` names it.
"""

from __future__ import annotations

from typing import Any

_DEEPSEEK_CODER: dict[str, Any] = {
    "vocab_size": 32256,
    "max_position_embeddings": 16384,
    "hidden_act": "silu",
    "rms_norm_eps": 1e-6,
    "tie_word_embeddings": False,
}
"""What the sizes of DeepSeek Coder (Guo et al. 2024, arXiv 2401.14196) have in common: Llama's layers."""

LLAMA_SHAPES: dict[str, dict[str, Any]] = {
    "deepseek-ai/deepseek-coder-1.3b-base": {
        **_DEEPSEEK_CODER,
        "hidden_size": 2048,
        "intermediate_size": 5504,
        "num_hidden_layers": 24,
        "num_attention_heads": 16,
        "num_key_value_heads": 16,
    },
    "deepseek-ai/deepseek-coder-6.7b-instruct": {
        **_DEEPSEEK_CODER,
        "hidden_size": 4096,
        "intermediate_size": 11008,
        "num_hidden_layers": 32,
        "num_attention_heads": 32,
        "num_key_value_heads": 32,
    },
}
"""Arguments of ``LlamaConfig``, by the model's name on the hub."""


def bundled_shape(name: str, revision: str | None) -> Any | None:
    """Return the ``LlamaConfig`` of a bundled model, None if it is not one; a revision may have another shape."""
    if revision is not None or name not in LLAMA_SHAPES:
        return None
    from transformers import LlamaConfig

    return LlamaConfig(**LLAMA_SHAPES[name])
