"""The hf backend with a tiny model of random weights: batches, seeds, stops, memory."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from echo_backend import benchmark, plan, problem
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.errors import InputError, WorkError
from harness.generation.backend import Answer, Request, Sampling
from harness.generation.decoding import by_length, to_rows
from harness.generation.generate import generate
from harness.generation.options import choose_template
from harness.generation.tokenization import continuation, encode, load_tokenizer, weights_digest
from harness.generation.trained_prompts import RECORD, record_prompts
from harness.generation.transformers_backend import HFBackend, end_tokens

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
torch.set_num_threads(1)  # so small a model gains nothing from more
from tiny_models import CHAT_TEMPLATE, CONTEXT, save_model

GREEDY = Sampling(temperature=0.0, max_tokens=24)
SAMPLED = Sampling(temperature=0.8, top_p=0.9, max_tokens=24)
PROMPTS = ["def f(x):\n", "x", "class A:\n    def method(self, a, b):\n        return a", "print(1)\n", "def f(x):"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def chat_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("chat"), chat=True)


def requests(prompts: Sequence[str] = PROMPTS, n: int = 1) -> list[Request]:
    return [
        Request(f"t/{number}", sample, prompt, 1000 * number + sample)
        for number, prompt in enumerate(prompts)
        for sample in range(n)
    ]


def answers(
    model: Path, asked: Sequence[Request], sampling: Sampling, batch_size: int = 16, **options
) -> dict[tuple[str, int], Answer]:
    found: dict[tuple[str, int], Answer] = {}

    def deliver(answered, tokens):
        assert len(answered) <= 1, "answers wait for each other"
        for request, answer in answered:
            assert (request.task_id, request.sample) not in found
            found[request.task_id, request.sample] = answer

    HFBackend(str(model), device="cpu", batch_size=batch_size, **options).run(asked, sampling, deliver)
    assert len(found) == len(asked)
    return found


# ---- sampling


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("batch_size", [2, 3, 16])
def test_a_batch_gives_what_single_requests_give(model, sampling, batch_size):
    assert answers(model, requests(n=2), sampling, batch_size) == answers(model, requests(n=2), sampling, 1)


def test_greedy_decoding_equals_that_of_transformers(model):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer, reference = AutoTokenizer.from_pretrained(model), AutoModelForCausalLM.from_pretrained(model)
    ours = answers(model, requests(), GREEDY)
    for number, prompt in enumerate(PROMPTS):
        ids = tokenizer(prompt, return_tensors="pt")["input_ids"]
        for _ in range(GREEDY.max_tokens):
            with torch.no_grad():
                ids = torch.cat([ids, reference(ids).logits[:, -1:].argmax(-1)], dim=1)
            if ids[0, -1] == tokenizer.eos_token_id:
                ids = ids[:, :-1]
                break
        assert prompt + ours[f"t/{number}", 0].text == tokenizer.decode(ids[0], clean_up_tokenization_spaces=False)


def test_samples_of_a_problem_differ_and_are_reproducible(model):
    first = answers(model, requests(n=4), SAMPLED)
    assert len({answer.text for answer in first.values()}) == 20
    assert answers(model, list(reversed(requests(n=4))), SAMPLED) == first


def test_a_sample_depends_on_its_own_seed_alone(model):
    whole = answers(model, requests(n=4), SAMPLED)
    part = [request for request in requests(n=4) if request.sample in (1, 3)]
    assert answers(model, part, SAMPLED).items() <= whole.items()


def test_tokens_are_counted_before_a_sample_ends(model, monkeypatch):
    """Deliveries without answers come about once a second; with a clock that runs, at every pass."""
    seconds = iter(range(10**6))
    monkeypatch.setattr("harness.generation.decoding.time.monotonic", lambda: float(next(seconds)))
    told: list[tuple[int, int]] = []
    found: list[Answer] = []

    def deliver(answered, tokens):
        told.append((len(answered), tokens))
        found.extend(answer for _, answer in answered)

    HFBackend(str(model), device="cpu").run(requests(), GREEDY, deliver)
    assert told[0][0] == 0
    ends = sum(answer.finish_reason == "stop" for answer in found)  # an end token is drawn, and not part of an answer
    assert sum(tokens for _, tokens in told) == sum(answer.tokens for answer in found) + ends


# ---- where answers end


def test_an_answer_ends_before_a_stop_sequence(model):
    free = answers(model, requests(n=3), SAMPLED)
    texts = [answer.text for answer in free.values()]
    windows = [text[start : start + 2] for text in texts for start in range(4, len(text) - 2)]
    stop = next(window for window in windows if window.isascii())
    stopped = answers(model, requests(n=3), Sampling(0.8, 0.9, 24, stop=(stop, "never there")), 4)
    for key, answer in free.items():
        before, found, _ = answer.text.partition(stop)
        assert stopped[key].text == before
        if found:
            assert stopped[key].finish_reason == "stop"
            assert stopped[key].tokens <= answer.tokens
    assert sum(a.tokens for a in stopped.values()) < sum(a.tokens for a in free.values()), "it continued after the stop"


def test_reasons_and_lengths(model):
    found = answers(model, requests(n=8), Sampling(1.5, 1.0, 24))
    for answer in found.values():
        assert answer.finish_reason == ("length" if answer.tokens == 24 else "stop")
    assert {answer.finish_reason for answer in found.values()} == {"length", "stop"}


def test_the_context_limits_each_row_by_itself(model):
    """A prompt that nearly fills the context gets the remaining tokens, whatever rows share its batch."""
    prompts = ["x" * (CONTEXT - 4), "y", "z" * CONTEXT, "x" * (CONTEXT - 4), "w" * (CONTEXT - 10)]
    found = answers(model, requests(prompts), GREEDY)
    assert [found[f"t/{number}", 0].tokens for number in (0, 3)] == [4, 4]
    assert found["t/2", 0] == Answer("", "context_length", 0)
    assert found["t/4", 0] == answers(model, requests(prompts)[4:], GREEDY)["t/4", 0]
    assert found["t/1", 0] == answers(model, requests(prompts)[1:2], GREEDY)["t/1", 0]


@pytest.mark.parametrize("batch_size", [8, 64])
def test_where_the_context_binds_a_batch_gives_what_single_requests_give(model, batch_size):
    prompts = ["x" * (CONTEXT - 1), "y" * (CONTEXT - 9), *(3 * chr(97 + number) for number in range(14))]
    asked = requests(prompts, n=4)
    together, alone = (answers(model, asked, SAMPLED, size) for size in (batch_size, 1))
    assert together == alone
    assert [together["t/0", sample].tokens for sample in range(4)] == [1] * 4
    assert max(together["t/1", sample].tokens for sample in range(4)) == 9
    assert max(answer.tokens for answer in together.values()) == SAMPLED.max_tokens


def test_long_prompts_come_first_and_the_samples_of_a_problem_together(model):
    tokenizer = load_tokenizer(str(model), None, False)
    asked = requests(["x" * length for length in (8, 90, 8, 70)], n=2)
    rows, _ = to_rows(asked, GREEDY, "m", tokenizer, CONTEXT)
    ordered = [(len(row.ids), row.request.task_id, row.request.sample) for row in by_length(rows)]
    expected = [(90, "t/1"), (70, "t/3"), (8, "t/0"), (8, "t/2")]
    assert ordered == [(length, task, sample) for length, task in expected for sample in (0, 1)]


# ---- prompts


def test_a_conversation_goes_through_the_chat_template(chat_model):
    backend = HFBackend(str(chat_model))
    messages = [{"role": "user", "content": "add"}]
    assert backend.is_chat()
    assert backend.preview(messages) == "<|user|>add<|end|><|assistant|>"
    ids = encode(backend.tokenizer, messages)
    assert backend.tokenizer.decode(ids, skip_special_tokens=False) == "<|user|>add<|end|><|assistant|>"
    assert answers(chat_model, [Request("t/0", 0, messages, 1)], SAMPLED)["t/0", 0].tokens


def test_reasoning_gets_tokens_of_its_own_and_is_no_answer_when_cut(tmp_path, chat_model):
    thinker = shutil.copytree(chat_model, tmp_path / "thinker")
    tokenizer = load_tokenizer(str(thinker), None, False)
    tokenizer.chat_template = CHAT_TEMPLATE.replace(
        "<|assistant|>", "<|assistant|>{% if enable_thinking %}<think>{% endif %}"
    )
    tokenizer.save_pretrained(thinker)
    sampling = Sampling(0.0, 1.0, 4, max_reasoning_tokens=3, thinking=True)
    messages = [{"role": "user", "content": "add"}]
    assert HFBackend(str(thinker)).preview(messages, sampling) == "<|user|>add<|end|><|assistant|><think>"
    found = answers(thinker, [Request("t/0", 0, messages, 1)], sampling)["t/0", 0]
    assert (found.text, found.finish_reason, found.tokens, found.reasoning_tokens) == ("", "length", 7, 7)
    assert found.reasoning


def test_a_switch_that_the_template_lacks_is_an_error_before_files_are_written(tmp_path, chat_model):
    words = ["generate", "humaneval", "--model", str(chat_model), "--out", str(tmp_path / "s.jsonl"), "--no-thinking"]
    result = CliRunner().invoke(app, words)
    assert "--no-thinking: the model's chat template has no switch" in result.output
    assert list(tmp_path.iterdir()) == []


def test_the_default_prompt_is_what_the_model_expects(model, chat_model):
    assert choose_template("humaneval", None, "hf", HFBackend(str(model))).name == "completion"
    assert choose_template("humaneval", None, "hf", HFBackend(str(chat_model))).name == "chat"


def test_a_model_that_was_trained_on_plain_prompts_gets_them_though_it_has_a_chat_template(tmp_path, chat_model):
    trained = str(shutil.copytree(chat_model, tmp_path / "trained"))
    record_prompts(Path(trained), chat=False)
    assert choose_template("humaneval", None, "hf", HFBackend(trained)).name == "completion"
    assert choose_template("humaneval", "chat", "hf", HFBackend(trained)).name == "chat"
    record_prompts(Path(trained), chat=True)
    assert choose_template("humaneval", None, "hf", HFBackend(trained)).name == "chat"


def test_a_model_that_was_trained_on_conversations_begins_its_answer_where_those_of_its_training_began(
    tmp_path, chat_model
):
    thinker = shutil.copytree(chat_model, tmp_path / "thinker")
    tokenizer = load_tokenizer(str(thinker), None, False)
    tokenizer.chat_template = CHAT_TEMPLATE.replace("<|assistant|>", "<|assistant|><think>")
    tokenizer.save_pretrained(thinker)
    asked = Request("t/0", 0, [{"role": "user", "content": "add"}], 1)
    as_template, closed = "<|user|>add<|end|><|assistant|><think>", "\n\n</think>\n\n"
    assert HFBackend(str(thinker)).preview(asked.prompt) == as_template
    record_prompts(thinker, chat=True)
    backend = HFBackend(str(thinker))
    assert backend.preview(asked.prompt) == as_template + closed
    [row], _ = to_rows([asked], GREEDY, str(thinker), backend.tokenizer, CONTEXT)
    assert backend.tokenizer.decode(row.ids, skip_special_tokens=False) == as_template + closed
    assert row.opened == ""


def test_the_end_of_an_answer_in_the_chat_template_ends_answers(model, chat_model):
    loaded = HFBackend(str(chat_model))
    tokenizer = loaded.tokenizer
    tokenizer.chat_template = CHAT_TEMPLATE.replace("<|end|>", "<|assistant|>")
    assert end_tokens(loaded.model, tokenizer) == set(tokenizer.convert_tokens_to_ids(["<|end|>", "<|assistant|>"]))
    assert end_tokens(loaded.model, HFBackend(str(model)).tokenizer) == {tokenizer.eos_token_id}


@pytest.mark.parametrize("text", ["{", "[]", '{"chat": 1}', "{}"])
def test_a_record_of_the_training_that_says_nothing_is_an_error(tmp_path, chat_model, text):
    trained = shutil.copytree(chat_model, tmp_path / "trained")
    (trained / RECORD).write_text(text)
    with pytest.raises(InputError, match=r"apps_plus\.json .*: remove it, or train again"):
        HFBackend(str(trained)).is_chat()


def test_a_model_without_a_chat_template_refuses_conversations(model):
    assert not HFBackend(str(model)).is_chat()
    with pytest.raises(InputError, match="no chat template"):
        HFBackend(str(model)).preview([{"role": "user", "content": "add"}])


def test_a_failing_chat_template_is_an_error(tmp_path, chat_model):
    broken = shutil.copytree(chat_model, tmp_path / "broken")
    for path in broken.iterdir():
        if path.suffix in (".json", ".jinja") and CHAT_TEMPLATE[:20] in path.read_text():
            path.write_text(path.read_text().replace("{% if add", "{{ raise_exception('no') }}{% if add"))
    with pytest.raises(InputError, match="chat template refuses the prompt: no"):
        HFBackend(str(broken)).preview([{"role": "user", "content": "add"}])


def test_the_first_space_of_an_answer_is_kept():
    """Tokenizers with spaces inside their tokens, such as Llama's, drop the first space when decoding."""

    class Llamas:
        def decode(self, ids: list[int], **_: object) -> str:
            return "".join([" def", "   return", " x"][token] for token in ids)[1:]

    assert continuation(Llamas(), [0], [1, 2]) == "   return x"


# ---- memory


class SmallMemoryModel:
    """A model that raises torch's out-of-memory error for more than ``rows`` rows."""

    def __init__(self, model, rows: int, error: type[Exception]) -> None:
        self._model, self._rows, self._error = model, rows, error
        self.sizes: list[int] = []

    def __getattr__(self, name: str):
        return getattr(self._model, name)

    def __call__(self, input_ids, **options):
        self.sizes.append(len(input_ids))
        if len(input_ids) > self._rows:
            raise self._error("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self._model(input_ids=input_ids, **options)


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_a_batch_that_is_too_large_is_halved(model, error):
    messages: list[str] = []
    found: dict[tuple[str, int], Answer] = {}
    backend = HFBackend(str(model), device="cpu", batch_size=8, notify=messages.append)
    backend.model = SmallMemoryModel(backend.model, 3, error)

    def deliver(answered, tokens):
        assert not {(request.task_id, request.sample) for request, _ in answered} & found.keys()
        found.update({(request.task_id, request.sample): answer for request, answer in answered})

    backend.run(requests(n=4), SAMPLED, deliver)
    assert found == answers(model, requests(n=4), SAMPLED)
    assert [size for size in backend.model.sizes if size > 3] == [8, 4]
    out_of_memory = [line for line in messages if "loading" not in line]
    assert out_of_memory == [f"out of memory: continuing with batches of {size}" for size in (4, 2)]


def test_out_of_memory_with_one_request_is_one_line(model):
    backend = HFBackend(str(model), device="cpu")
    backend.model = SmallMemoryModel(backend.model, 0, torch.OutOfMemoryError)
    with pytest.raises(WorkError, match="out of memory on t/2 alone: use a smaller"):
        backend.run(requests(), SAMPLED, lambda answered, tokens: None)


def test_other_errors_are_not_taken_for_memory(model):
    backend = HFBackend(str(model), device="cpu")
    backend.model = SmallMemoryModel(backend.model, 0, KeyError)
    with pytest.raises(KeyError):
        backend.run(requests(), SAMPLED, lambda answered, tokens: None)


# ---- models


@pytest.mark.parametrize("name", ["./nowhere", "/nowhere/model", "a/b/c"])
def test_a_missing_folder_is_an_error(name):
    with pytest.raises(InputError, match="no such folder"):
        HFBackend(name).describe()


@pytest.mark.parametrize("missing", ["config.json", "tokenizer.json", "model.safetensors"])
def test_an_incomplete_model_folder_is_a_one_line_error(model, tmp_path, missing):
    part = shutil.copytree(model, tmp_path / "part")
    (part / missing).unlink()
    backend = HFBackend(str(part), device="cpu")
    with pytest.raises(InputError, match="cannot load") as error:
        backend.describe()
        _ = backend.model
    assert "\n" not in str(error.value)


def test_damaged_weights_are_an_error(model, tmp_path):
    part = shutil.copytree(model, tmp_path / "part")
    (part / "model.safetensors").write_bytes(b"\xff" * 100)
    with pytest.raises(InputError, match="cannot load"):
        _ = HFBackend(str(part), device="cpu").model


def test_an_unknown_device_or_dtype_is_an_error(model):
    with pytest.raises(InputError, match=r"cannot load .* on quantum"):
        _ = HFBackend(str(model), device="quantum").model
    with pytest.raises(InputError, match="--dtype int4"):
        HFBackend(str(model), dtype="int4").describe()


def test_the_settings_name_the_weights_dtype_and_versions(model, tmp_path):
    settings = HFBackend(str(model), device="cpu").describe()
    assert (settings["dtype"], settings["device"]) == ("float32", "cpu")
    assert settings["versions"]["torch"] == torch.__version__
    assert settings["model"]["weights_sha256"] == weights_digest(str(model))
    other = save_model(tmp_path / "other", seed=1)
    assert weights_digest(str(other)) != weights_digest(str(model))


def test_half_precision_runs_too(model):
    assert answers(model, requests(), GREEDY, dtype="bfloat16")


# ---- resuming


def test_a_resumed_run_ends_like_an_uninterrupted_one(model, tmp_path, rows):
    def asked(limit):
        prompts = [problem(number, f"def f{number}(x{'y' * number}):\n") for number in range(6)]
        return plan(prompts, n=3, sampling=SAMPLED, limit=limit)

    def lines(path):
        return {(row["task_id"], row["sample"]): {**row, "seconds": None} for row in rows(path)}

    out, whole = tmp_path / "samples.jsonl", tmp_path / "whole.jsonl"
    generate(asked(2), "hf", HFBackend(str(model), device="cpu", batch_size=4), out)
    data = out.read_bytes()
    out.write_bytes(data[: len(data) - random.Random(0).randrange(1, 60)])  # killed while it wrote
    assert generate(asked(None), "hf", HFBackend(str(model), device="cpu", batch_size=5), out)["from_before"] == 5
    generate(asked(None), "hf", HFBackend(str(model), device="cpu", batch_size=16), whole)
    assert lines(out) == lines(whole)
    assert len(lines(out)) == len(benchmark(6)) * 3
