"""Tokenizers of a few kilobytes, of each kind that models of code have, made here. Needs ``transformers``."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence
from typing import Any

END = "<|end|>"
USER = "<|user|>"

TEXT = """\
def f(x):
    if x > 1:
        return 'é'
    for a in range(x):
        print(a)
    return 0

class A:
    def g(self):
        while self.x:
            self.x -= 1
        return self.x
"""


@functools.cache
def byte_names() -> dict[int, str]:
    """The character by which byte-level BPE names each byte that occurs in UTF-8, as in ``tokenizers``."""
    from tokenizers import pre_tokenizers

    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    numbers = [*range(0x800), *range(0x800, 0xD800, 0x800), 0xE000, 0xF000, *range(0x10000, 0x110000, 0x10000)]
    names: dict[int, str] = {}
    for character in map(chr, numbers):
        names.update(zip(character.encode(), level.pre_tokenize_str(character)[0][0], strict=True))
    return names


def name_of(token: bytes) -> str:
    return "".join(byte_names()[byte] for byte in token)


def byte_level(tokens: Iterable[bytes] = ()) -> Any:
    """Byte-level BPE that has these tokens besides the single bytes, and would split no text into them itself."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    names = [END, USER, *byte_names().values(), *(name_of(token) for token in tokens)]
    vocabulary = {name: number for number, name in enumerate(dict.fromkeys(names))}
    bare = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    bare.add_special_tokens([END, USER])
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=END)


def trained(vocabulary: int = 320, **special: str) -> Any:
    """Byte-level BPE as GPT-2's, trained on a program: its tokens straddle line breaks and indentation."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    bare = Tokenizer(models.BPE())
    bare.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bare.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END, USER, *special.values()],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    bare.train_from_iterator([TEXT] * 3, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=END, **special)


def sentence_piece() -> Any:
    """Llama's kind: BPE over characters with bytes to fall back on; blanks are U+2581, and one stands before a text."""
    from tokenizers import Tokenizer, decoders, models, normalizers, trainers
    from transformers import PreTrainedTokenizerFast

    bytes_ = [f"<0x{byte:02X}>" for byte in range(256)]
    bare = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    bare.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    trainer = trainers.BpeTrainer(
        vocab_size=360, special_tokens=["<unk>", "<s>", "</s>", *bytes_], show_progress=False, limit_alphabet=50
    )
    lines = re.findall(r"[^\n]+", TEXT.replace("é", "e"))  # no token has a line break in it, as in Llama's
    bare.train_from_iterator(lines, trainer)
    vocabulary, merges = bare.get_vocab(), _merges(bare)
    vocabulary.setdefault("▁return", len(vocabulary))
    bare = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    bare.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse(), decoders.Strip(" ", 1, 0)]
    bare.decoder = decoders.Sequence(steps)
    bare.add_special_tokens(["<unk>", "<s>", "</s>"])
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token="</s>", unk_token="<unk>")


def _merges(bare: Any) -> list[tuple[str, str]]:
    import json

    return [tuple(pair) for pair in json.loads(bare.to_str())["model"]["merges"]]


def characters(alphabet: Sequence[str]) -> Any:
    """One token a character."""
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {character: number for number, character in enumerate([END, *alphabet])}
    bare = Tokenizer(models.WordLevel(vocabulary, unk_token=END))
    bare.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    bare.decoder = decoders.Fuse()
    bare.add_special_tokens([END])
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=END)


def word_piece(words: Sequence[str]) -> Any:
    """Words with a blank between any two, but where a token begins with ``##``: nothing that bytes could spell."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    vocabulary = {word: number for number, word in enumerate([END, *words])}
    bare = Tokenizer(models.WordPiece(vocabulary, unk_token=END))
    bare.pre_tokenizer = pre_tokenizers.Whitespace()
    bare.decoder = decoders.WordPiece(cleanup=False)
    bare.add_special_tokens([END])
    return PreTrainedTokenizerFast(tokenizer_object=bare, eos_token=END)
