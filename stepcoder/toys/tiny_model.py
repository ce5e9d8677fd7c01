"""Make a small language model: a tokenizer, and a decoder with random weights, in a normal model folder.

The tokenizer is a byte-level BPE whose tokens cannot cross the end of a line: a line with its newline is cut off before
anything is merged, so that the beginning of every line, before its indentation, is a token boundary in every text.
Curriculum prefixes end there; a prefix that ended within a token would be a split that the model has not seen. A token
may begin with a digit and contain no other, so that each action of ``stepcoder.toys.tasks`` is one token.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError

BOS, EOS, PAD = "<s>", "</s>", "<pad>"
SPECIAL_TOKENS = (BOS, EOS, PAD)
SMALLEST_VOCABULARY = 256 + len(SPECIAL_TOKENS)
"""One token per byte, so that every text can be encoded."""


def make_toy_model(
    folder: Path,
    texts: Sequence[str],
    *,
    vocab: int = 400,
    layers: int = 3,
    width: int = 96,
    heads: int = 4,
    context: int = 512,
    seed: int = 0,
) -> None:
    """Write a folder that ``AutoModelForCausalLM`` and ``AutoTokenizer`` load: a Llama decoder with random weights.

    Args:
        folder: The model folder; created if it is missing.
        texts: Texts to train the tokenizer on.
        vocab: Maximum size of the vocabulary, including the three special tokens and 256 bytes.
        layers: Decoder layers.
        width: Of the hidden states; the feed-forward layers are four times as wide.
        heads: Attention heads; they divide ``width`` into even parts.
        context: Longest sequence, in tokens.
        seed: Fixes the weights; torch's own generator is left as it was.

    Raises:
        InputError: A size that does not work.
    """
    if vocab < SMALLEST_VOCABULARY:
        raise InputError(f"a vocabulary of {vocab} is too small: {SMALLEST_VOCABULARY} is the least, one for each byte")
    if width % (2 * heads):
        raise InputError(f"a width of {width} does not split into {heads} heads of an even size: take a multiple")
    tokenizer = make_tokenizer(texts, vocab, context)
    model = _make_model(tokenizer, layers=layers, width=width, heads=heads, context=context, seed=seed)
    from transformers.utils import logging

    tokenizer.save_pretrained(folder)
    logging.disable_progress_bar()  # of one shard
    model.save_pretrained(folder)


def make_tokenizer(texts: Sequence[str], vocab: int = 400, context: int = 512) -> Any:
    """Train a ``PreTrainedTokenizerFast``: byte-level BPE, split at line ends and before digits before merging."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex("\n"), "merged_with_previous"),
            pre_tokenizers.Split(Regex("[0-9]"), "merged_with_next"),
            # Without its own pattern a token may hold several words: short sequences from few merges.
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=list(SPECIAL_TOKENS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bare.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=bare,
        bos_token=BOS,
        eos_token=EOS,
        pad_token=PAD,
        model_max_length=context,
        padding_side="left",
        clean_up_tokenization_spaces=False,
    )


def _make_model(tokenizer: Any, *, layers: int, width: int, heads: int, context: int, seed: int) -> Any:
    """Make a Llama with random weights, and greedy decoding as its generation config."""
    import torch
    from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

    special = {
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=heads,
        max_position_embeddings=context,
        **special,
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(do_sample=False, **special)
    return model
