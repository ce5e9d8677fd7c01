"""Tokenizers that are not what the model was trained with, or that change text."""

import json

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from command_line import run
from tiny_models import save_model, save_tokenizer

from harness.generation.tokenization import encode, encode_rendered, load_tokenizer
from harness.generation.tokenizer_warnings import NamedText, first_difference, load_file, tokenizer_warnings

PROMPTS = [NamedText("the prompt of Mbpp/2", "Write a function.\n"), NamedText("the prompt of Mbpp/3", "1 + 22\n")]
PROGRAMS = [
    NamedText("the solution of Mbpp/2", "def f(x):\n    return x\n"),
    NamedText("the solution of Mbpp/3", 'print("cafe\u0301")\n'),
]


def save_with(folder, **parts):
    """Save a byte-level tokenizer with other parts, such as a normaliser."""
    from transformers import PreTrainedTokenizerFast

    if not folder.is_dir() or not any(folder.iterdir()):
        save_tokenizer(folder)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(folder)
    for name, part in parts.items():
        setattr(tokenizer.backend_tokenizer, name, part)
    tokenizer.save_pretrained(folder)
    return folder


def warnings_of(folder, prompts=PROMPTS, programs=PROGRAMS):
    tokenizer = load_tokenizer(str(folder), None, trust_remote_code=False)
    return tokenizer_warnings(tokenizer, str(folder), None, prompts, programs)


def test_a_tokenizer_that_is_its_file_and_changes_nothing_is_not_warned_of(tmp_path):
    save_tokenizer(tmp_path)
    assert warnings_of(tmp_path) == []


@pytest.mark.parametrize("declared", [True, False])
def test_the_beginning_of_text_that_the_settings_declare_stands_before_plain_texts(tmp_path, declared):
    """As DeepSeek-V3's: transformers builds the tokenizer from the file, which does not have it."""
    save_with(tmp_path)
    settings = json.loads((tmp_path / "tokenizer_config.json").read_text())
    settings |= {"bos_token": "<|user|>", "add_bos_token": declared}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    tokenizer = load_tokenizer(str(tmp_path), None, trust_remote_code=False)
    assert tokenizer.decode(encode(tokenizer, "def f")) == "<|user|>" * declared + "def f"
    assert tokenizer.decode(encode_rendered(tokenizer, "def f")) == "def f"
    assert warnings_of(tmp_path, programs=PROGRAMS[:1]) == []


def test_a_normaliser_changes_solutions_and_the_characters_are_named(tmp_path):
    from tokenizers import normalizers

    save_with(tmp_path, normalizer=normalizers.NFC())
    [warning] = warnings_of(tmp_path)
    assert warning == (
        'the tokenizer changes 1 of 2 solutions: in the solution of Mbpp/3 "e\u0301" (U+0065 U+0301) becomes '
        '"\u00e9" (U+00E9); a program with such text may print something else than was written'
    )
    assert warnings_of(tmp_path, programs=PROGRAMS[:1]) == []


def test_lower_case_changes_prompts_too(tmp_path):
    from tokenizers import normalizers

    save_with(tmp_path, normalizer=normalizers.Lowercase())
    [warning] = warnings_of(tmp_path, programs=PROGRAMS[:1])
    assert warning.startswith('the tokenizer changes 1 of 2 prompts: in the prompt of Mbpp/2 "W" becomes "w"; ')


def test_a_class_that_rebuilds_the_tokenizer_differently_is_named(tmp_path):
    """The file splits digits one by one; GPT2Tokenizer builds GPT-2's own splitting in its place."""
    from tokenizers import pre_tokenizers

    digits, usual = pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)
    folder = save_with(tmp_path, pre_tokenizer=pre_tokenizers.Sequence([digits, usual]))
    bare = json.loads((folder / "tokenizer.json").read_text())
    number = max(bare["model"]["vocab"].values()) + 1
    bare["model"]["vocab"]["22"] = number
    bare["model"]["merges"].append(["2", "2"])
    (folder / "tokenizer.json").write_text(json.dumps(bare))
    assert warnings_of(folder) == []
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, "tokenizer_class": "GPT2Tokenizer"}))
    [warning] = warnings_of(folder)
    assert f'in the prompt of Mbpp/3 {number} "22"' in warning
    assert "transformers built it as GPT2Tokenizer" in warning
    (folder / "tokenizer_config.json").write_text(
        json.dumps({**settings, "tokenizer_class": "PreTrainedTokenizerFast"})
    )
    assert warnings_of(folder) == []


@pytest.mark.parametrize("name", ["no-such-folder", "owner/not-here", "./no-such-folder", "a//b"])
def test_without_a_file_there_is_nothing_to_compare(name):
    assert load_file(name, None) is None


def test_a_file_that_cannot_be_read_is_not_compared(tmp_path):
    (tmp_path / "tokenizer.json").write_text("{")
    assert load_file(str(tmp_path), None) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("same", "same", ("", "")),
        ("a  b", "a b", (" ", "")),
        ("ab", "a", ("b", "")),
        ("x" * 100 + "ab", "x" * 100 + "cb", ("a", "c")),
    ],
)
def test_the_first_difference(before, after, expected):
    assert first_difference(before, after) == expected


def test_generate_notes_them_before_the_first_sample(tmp_path):
    from tokenizers import normalizers

    folder = save_with(save_model(tmp_path / "model"), normalizer=normalizers.Lowercase())
    words = ["--limit", "1", "--max-tokens", "2", "--device", "cpu"]
    result = run("generate", "humaneval", "--model", folder, "--out", tmp_path / "samples.jsonl", *words)
    assert result.exit_code == 0, result.stderr
    notes = [line for line in result.stderr.splitlines() if line.startswith("note: the tokenizer changes")]
    assert len(notes) == 1
    assert notes[0].startswith("note: the tokenizer changes 1 of 1 prompts")
