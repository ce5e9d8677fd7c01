"""Models of a few thousand weights, made on the spot; for tests that need torch."""

import torch
from transformers import LlamaConfig, LlamaForCausalLM


def tiny_llama(seed=0, vocab_size=32, hidden_size=16, layers=2, context=128):
    """A Llama with random weights, in evaluation mode."""
    torch.manual_seed(seed)
    config = LlamaConfig(
        vocab_size=vocab_size,
        hidden_size=hidden_size,
        intermediate_size=2 * hidden_size,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=context,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=0,
        initializer_range=0.5,
    )
    return LlamaForCausalLM(config).eval()
