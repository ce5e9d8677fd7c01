"""Continuous batching on a real pretrained model, beside transformers' own ``generate``.

`make test-real-model` fetches the model and runs these.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = os.environ.get("APPS_PLUS_REAL_MODEL", "")
pytestmark = pytest.mark.real_model
if not FOLDER:
    pytest.skip("APPS_PLUS_REAL_MODEL names no folder that `make real-model` wrote", allow_module_level=True)
torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from benchmarks.generation import ours, requests_of, theirs
from harness.generation.backend import Request, Sampling
from harness.generation.generate import generate
from harness.generation.transformers_backend import HFBackend, end_tokens

CONTEXT = 1024


def backend(batch_size: int = 16) -> HFBackend:
    assert (Path(FOLDER) / "config.json").is_file(), f"APPS_PLUS_REAL_MODEL={FOLDER}: no model is there"
    return HFBackend(FOLDER, device="cpu", batch_size=batch_size)


def test_the_folder_holds_a_model_a_tokenizer_and_a_chat_template():
    made = backend()
    assert made.is_chat()
    assert made.preview([{"role": "user", "content": "Hi"}]).endswith("<|im_end|>\n<|im_start|>assistant\n")
    ends = made.tokenizer.convert_tokens_to_ids(["<|im_end|>"])
    assert [made.tokenizer.pad_token_id, made.tokenizer.eos_token_id] == ends * 2
    assert end_tokens(made.model, made.tokenizer) == set(ends)
    assert made.model.get_output_embeddings().weight is made.model.get_input_embeddings().weight
    assert made.model.dtype is torch.float32


def test_greedy_text_is_that_of_transformers():
    made, sampling = backend(4), Sampling(temperature=0.0, max_tokens=32)
    asked = requests_of(made, 8)
    assert ours(made, asked, sampling) == theirs(made, asked, sampling, by_length=True)


@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_the_same_tokens_in_batches_of_1_8_and_64_where_the_context_binds(temperature):
    """One prompt of 1,023 tokens in a context of 1,024, beside 63 short ones."""
    made = backend()
    made.model.config.max_position_embeddings = CONTEXT
    word = next(iter(made.tokenizer(" x")["input_ids"]))
    long = made.tokenizer.decode([word] * (CONTEXT - 1))
    assert len(made.tokenizer(long)["input_ids"]) == CONTEXT - 1
    asked = [Request("long", 0, long, 0)]
    asked += [Request(f"t/{n}", 0, f"def f{n}({'xyz'[n % 3]}):\n    return", n) for n in range(1, 64)]
    found = []
    for made.batch_size in (1, 8, 64):
        answers = {}
        made.run(asked, Sampling(temperature, max_tokens=8), lambda new, _: answers.update(new))  # noqa: B023
        found.append(answers)
    assert found[0] == found[1] == found[2]
    assert found[0][asked[0]].tokens + (found[0][asked[0]].finish_reason == "stop") == 1
    assert max(answer.tokens for answer in found[0].values()) == 8


def test_a_killed_run_goes_on_and_loses_only_rows_in_flight(tmp_path, rows):
    from echo_backend import plan, problem

    problems = [problem(number, f"def f{number}(x):\n") for number in range(6)]
    asked = plan(problems, n=2, sampling=Sampling(0.8, 0.9, 12))
    whole, out = tmp_path / "whole.jsonl", tmp_path / "samples.jsonl"
    generate(asked, "hf", backend(4), whole)

    def stop_after_five(progress):
        if progress.done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generate(asked, "hf", backend(4), out, report=stop_after_five)
    assert len(rows(out)) == 5
    assert generate(asked, "hf", backend(4), out)["from_before"] == 5
    by_sample = [{(row["task_id"], row["sample"]): row for row in rows(path)} for path in (out, whole)]
    assert by_sample[0] == by_sample[1]
