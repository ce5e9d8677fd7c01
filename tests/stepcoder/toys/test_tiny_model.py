"""A model made from scratch: its folder is a normal one, and its tokens never cross the end of a line."""

import functools
import hashlib

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from transformers import AutoModelForCausalLM, AutoTokenizer

from apps_plus.errors import InputError
from harness.generation.backend import Request, Sampling
from harness.generation.transformers_backend import HFBackend
from stepcoder.toys.tasks import FAMILIES, actions_of, make_tasks, noisy_programs, with_actions
from stepcoder.toys.tiny_model import make_tokenizer, make_toy_model


@functools.cache
def texts(family="nested"):
    return tuple(task.prompt + p for task in make_tasks(family, 4, 0) for p in noisy_programs(task, 20, 0))


@functools.cache
def tokenizer(family="nested"):
    return make_tokenizer(texts(family))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("toy") / "model"
    make_toy_model(folder, texts(), layers=1, width=16, heads=2)
    return folder


def pieces(family, text):
    return [tokenizer(family).decode([token]) for token in tokenizer(family)(text)["input_ids"]]


# ---- the tokenizer

ODD = ["", "\n", "\n\n\n", "x\n\n    y\n", "a\r\nb", "\tif é:\n\t\treturn '→ 🙂'\n", "12345\n 6", "  \n  \n", "no end"]


@pytest.mark.parametrize("text", ODD)
def test_every_text_comes_back_as_it_was(text):
    assert tokenizer().decode(tokenizer()(text)["input_ids"]) == text


@pytest.mark.parametrize("text", ODD)
def test_no_token_goes_on_after_the_end_of_a_line(text):
    found = tokenizer()(text, return_offsets_mapping=True)["offset_mapping"]
    assert not [text[start:end] for start, end in found if "\n" in text[start : end - 1]]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_text_cut_at_a_line_is_the_first_tokens_of_the_whole(family):
    task = make_tasks(family, 1, 0)[0]
    whole = tokenizer(family)(task.prompt + task.solution)["input_ids"]
    lines = task.solution.splitlines(keepends=True)
    for count in range(len(lines) + 1):
        cut = tokenizer(family)(task.prompt + "".join(lines[:count]))["input_ids"]
        assert whole[: len(cut)] == cut


@pytest.mark.parametrize("family", FAMILIES)
def test_programs_differ_in_the_tokens_of_their_actions_only(family):
    task = make_tasks(family, 1, 0)[0]
    mistaken = with_actions(task, tuple((code + 1) % 10 for code in actions_of(task.solution)))
    right, wrong = pieces(family, task.solution), pieces(family, mistaken)
    assert len(right) == len(wrong)
    assert sum(a != b for a, b in zip(right, wrong, strict=True)) == FAMILIES[family].actions


@pytest.mark.parametrize("family", FAMILIES)
def test_programs_are_short(family):
    assert len(pieces(family, make_tasks(family, 1, 0)[0].solution)) <= 96


def test_nothing_is_added_to_a_text():
    assert pieces("deep", "x") == ["x"]


def test_a_vocabulary_without_every_byte_is_refused(tmp_path):
    with pytest.raises(InputError, match="258 is too small: 259"):
        make_toy_model(tmp_path / "model", texts(), vocab=258)
    assert not (tmp_path / "model").exists()


# ---- the model


@pytest.mark.parametrize(("width", "heads"), [(16, 3), (12, 4)])
def test_a_width_that_does_not_split_is_refused(tmp_path, width, heads):
    with pytest.raises(InputError, match=f"width of {width} does not split into {heads} heads"):
        make_toy_model(tmp_path / "model", texts(), width=width, heads=heads)


def test_the_folder_loads_as_any_other(folder):
    model, loaded = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert model.config.vocab_size == len(loaded)
    assert (loaded.bos_token, loaded.eos_token, loaded.pad_token) == ("<s>", "</s>", "<pad>")
    assert loaded("# task 0\n")["input_ids"] == tokenizer()("# task 0\n")["input_ids"]


def test_its_settings_name_its_special_tokens(folder):
    model, loaded = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    for config in (model.config, model.generation_config):
        assert (config.bos_token_id, config.eos_token_id, config.pad_token_id) == (
            loaded.bos_token_id,
            loaded.eos_token_id,
            loaded.pad_token_id,
        )


def test_the_default_has_about_half_a_million_weights(tmp_path):
    make_toy_model(tmp_path, texts())
    model = AutoModelForCausalLM.from_pretrained(tmp_path)
    assert 400_000 < sum(parameter.numel() for parameter in model.parameters()) < 600_000


def test_generate_takes_it(folder):
    asked = [Request("toy", number, "# task 0\n", seed=number) for number in range(2)]
    answers = {}

    def deliver(found, _tokens):
        answers.update({request.sample: answer for request, answer in found})

    HFBackend(str(folder), device="cpu").run(asked, Sampling(max_tokens=4), deliver)
    assert {sample: answer.finish_reason for sample, answer in answers.items()} == {0: "length", 1: "length"}


def weights(folder):
    return hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()


def test_the_seed_fixes_the_weights(tmp_path, folder):
    for name, seed in (("same", 0), ("other", 1)):
        make_toy_model(tmp_path / name, texts(), layers=1, width=16, heads=2, seed=seed)
    assert weights(tmp_path / "same") == weights(folder) != weights(tmp_path / "other")


def test_torchs_own_random_numbers_are_left_alone(tmp_path):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    make_toy_model(tmp_path, texts(), layers=1, width=16, heads=2)
    assert torch.equal(torch.rand(3), expected)
