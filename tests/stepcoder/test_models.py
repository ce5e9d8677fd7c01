"""Writing a trained model: whole or not at all, in the configured type, tied weights once."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")

from apps_plus.errors import WorkError
from harness.generation.transformers_backend import context_of
from stepcoder.config import ModelConfig
from stepcoder.models import Models, load_models, save_model
from stepcoder.toys.tiny_model import make_tokenizer

VOCABULARY = 300
LLAMA = transformers.LlamaConfig(
    hidden_size=32,
    intermediate_size=64,
    num_hidden_layers=2,
    num_attention_heads=2,
    vocab_size=VOCABULARY,
    max_position_embeddings=128,
    bos_token_id=0,
    eos_token_id=1,
    tie_word_embeddings=True,
)
UNTIED = transformers.LlamaConfig(**{**LLAMA.to_dict(), "tie_word_embeddings": False})
GPT2 = transformers.GPT2Config(
    n_embd=32, n_layer=2, n_head=2, vocab_size=VOCABULARY, n_positions=64, bos_token_id=0, eos_token_id=1
)
BYTES = {"float32": 4, "bfloat16": 2}


def models_of(tmp_path: Path, config: Any, **settings: Any) -> Models:
    base = tmp_path / "base"
    torch.manual_seed(0)
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(base)
    make_tokenizer(["x = 1\n"], vocab=VOCABULARY).save_pretrained(base)
    return load_models(ModelConfig(name=str(base), device="cpu", **settings), None, torch.device("cpu"))


def numbers(policy: Any) -> int:
    """Of its weights; a tied one counts once."""
    return sum(parameter.numel() for parameter in policy.parameters())


# ---- what is written


@pytest.mark.parametrize("config", [LLAMA, UNTIED, GPT2], ids=["llama, tied", "llama", "gpt2, tied"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_folder_has_the_configured_type_and_each_weight_once(tmp_path: Path, config: Any, dtype: str) -> None:
    models = models_of(tmp_path, config, dtype=dtype)
    save_model(models, tmp_path / "model")
    read = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype="auto")
    assert {parameter.dtype for parameter in read.parameters()} == {getattr(torch, dtype)}
    assert json.loads((tmp_path / "model" / "config.json").read_text())["dtype"] == dtype
    header = 10_000  # of the file: names and places
    size = (tmp_path / "model" / "model.safetensors").stat().st_size
    assert 0 <= size - BYTES[dtype] * numbers(models.policy) < header
    assert header < BYTES[dtype] * VOCABULARY * 32  # a second copy of the embedding would be seen
    for name, tensor in models.policy.state_dict().items():
        assert read.state_dict()[name].equal(tensor.to(getattr(torch, dtype)))


def test_the_policy_is_left_as_it_was(tmp_path: Path) -> None:
    models = models_of(tmp_path, LLAMA, dtype="bfloat16")
    side = models.tokenizer.padding_side
    save_model(models, tmp_path / "model")
    assert {parameter.dtype for parameter in models.policy.parameters()} == {torch.float32}
    assert models.tokenizer.padding_side == side


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_adapters_are_merged(tmp_path: Path, dtype: str) -> None:
    pytest.importorskip("peft")
    models = models_of(tmp_path, LLAMA, dtype=dtype, lora_rank=2)
    for name, parameter in models.policy.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    ids = torch.tensor([[5, 6, 7]])
    with torch.no_grad(), models.forward_dtype():
        trained = models.policy(input_ids=ids).logits.float()
        save_model(models, tmp_path / "model")
        read = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model", dtype="auto")
        untrained = transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "base")(input_ids=ids).logits.float()
        torch.testing.assert_close(read(input_ids=ids).logits.float(), trained, atol=0.02, rtol=0.02)
    assert not torch.allclose(trained, untrained, atol=0.1)
    assert read.dtype is getattr(torch, dtype)


# ---- a full disk


@contextmanager
def files_of_at_most(count: int) -> Iterator[None]:
    """The system refuses to write more than so many bytes to a file, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("room", [100, 20_000], ids=["for nothing", "for the configuration"])
def test_a_model_that_does_not_fit_on_the_disk_leaves_nothing(tmp_path: Path, room: int) -> None:
    models = models_of(tmp_path, LLAMA)
    before = sorted(tmp_path.iterdir())
    with files_of_at_most(room), pytest.raises(WorkError) as caught:
        save_model(models, tmp_path / "model")
    assert str(caught.value).startswith(f"cannot write the model to {tmp_path / 'model'}: ")
    assert str(caught.value).endswith("; make room, and --resume tries again")
    assert "File too large" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == before
    save_model(models, tmp_path / "model")
    assert transformers.AutoModelForCausalLM.from_pretrained(tmp_path / "model")


@pytest.mark.parametrize("error", [Exception("No space left\non device"), RuntimeError("no"), OSError(28, "full")])
def test_whatever_a_library_says_the_model_before_stands_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    models = models_of(tmp_path, LLAMA)
    save_model(models, tmp_path / "model")
    before = {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()}

    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(type(models.tokenizer), "save_pretrained", fail)
    with pytest.raises(WorkError, match="cannot write the model"):
        save_model(models, tmp_path / "model")
    assert {path.name: path.read_bytes() for path in (tmp_path / "model").iterdir()} == before
    assert models.tokenizer.padding_side == "right"


def test_a_model_replaces_the_one_before_and_what_a_killed_run_left(tmp_path: Path) -> None:
    models = models_of(tmp_path, LLAMA)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "old.txt").write_text("")
    (tmp_path / ".model.part").mkdir()
    (tmp_path / ".model.part" / "half.safetensors").write_text("")
    save_model(models, tmp_path / "model")
    names = {path.name for path in (tmp_path / "model").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json"} <= names
    assert not names & {"old.txt", "half.safetensors"}
    assert {path.name for path in tmp_path.iterdir()} == {"base", "model"}


# ---- the context


@pytest.mark.parametrize(
    ("config", "context"),
    [(LLAMA, 128), (GPT2, 64), (transformers.BloomConfig(), None)],
    ids=["llama", "gpt2", "bloom: no positions"],
)
def test_the_context_is_read_from_the_configuration(config: Any, context: int | None) -> None:
    assert context_of(config) == context
