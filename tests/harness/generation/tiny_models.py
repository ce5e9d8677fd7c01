"""Build a tokenizer, and a GPT-2 of a few kilobytes with random weights."""

from __future__ import annotations

from pathlib import Path

CHAT_TEMPLATE = (
    "{% for message in messages %}<|user|>{{ message['content'] }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
CONTEXT = 96


def save_tokenizer(folder: Path, chat: bool = False) -> None:
    """Save a byte-level BPE tokenizer, which encodes any text losslessly. Like GPT-2's, it has no padding token."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    special = ["<|end|>", "<|user|>", "<|assistant|>"]
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=special,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bare.train_from_iterator(["def f(x):\n    return x\n", "class A:\n    pass\n", "print(1)\n"] * 3, trainer)
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="<|end|>")
    if chat:
        tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)


def save_model(folder: Path, chat: bool = False, seed: int = 0) -> Path:
    """Save a GPT-2 of two layers; its random weights are scaled so that the probabilities of tokens differ."""
    import torch
    from transformers import AutoTokenizer, GenerationConfig, GPT2Config, GPT2LMHeadModel

    save_tokenizer(folder, chat)
    torch.manual_seed(seed)
    vocabulary = len(AutoTokenizer.from_pretrained(folder))
    config = GPT2Config(
        vocab_size=vocabulary, n_positions=CONTEXT, n_embd=16, n_layer=2, n_head=2, bos_token_id=0, eos_token_id=0
    )
    model = GPT2LMHeadModel(config)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.mul_(8.0)
    # The model's own sampling settings must be ignored: these contradict those of the tests.
    model.generation_config = GenerationConfig(do_sample=True, top_k=1, repetition_penalty=9.0, eos_token_id=0)
    model.save_pretrained(folder)
    return folder
