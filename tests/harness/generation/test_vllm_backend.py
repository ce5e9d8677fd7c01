"""The vllm backend with a fake engine of vLLM's interface: requests and answers."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import pytest
from echo_backend import plan

from apps_plus.errors import InputError
from harness.generation import vllm_backend as vllm
from harness.generation.backend import Answer, Request, Sampling


class Letters:
    """A tokenizer with one token per character."""

    chat_template = "yes"
    eos_token_id = 0
    pad_token_id = 0

    def __call__(self, text: str, **_: object) -> dict[str, list[int]]:
        return {"input_ids": list(map(ord, text))}

    def apply_chat_template(self, messages: list[dict[str, str]], **_: object) -> str:
        return f"<{messages[0]['content']}>"


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    seen = SimpleNamespace(made=[], calls=[])

    class LLM:
        def __init__(self, **options):
            seen.made.append(options)
            self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=40))

        def generate(self, prompts, sampling_params, use_tqdm):
            seen.calls.append((prompts, sampling_params))
            return [
                SimpleNamespace(
                    outputs=[SimpleNamespace(text=f"{p.seed}\ndef g", finish_reason="length", token_ids=[1, 2])]
                )
                for p in sampling_params
            ]

    module = ModuleType("vllm")
    module.LLM, module.SamplingParams = LLM, lambda **options: SimpleNamespace(**options)
    monkeypatch.setitem(sys.modules, "vllm", module)
    monkeypatch.setattr(vllm, "installed_version", lambda name: "0")
    monkeypatch.setattr(vllm, "load_tokenizer", lambda *_: Letters())
    monkeypatch.setattr(vllm, "CHUNK", 3)
    return seen


def run(requests: list[Request], sampling: Sampling) -> dict[tuple[str, int], Answer]:
    found: dict[tuple[str, int], Answer] = {}
    vllm.VLLMBackend("m").run(
        requests, sampling, lambda answered, tokens: found.update({(r.task_id, r.sample): a for r, a in answered})
    )
    return found


def test_every_sample_is_requested_once_with_its_own_seed(engine):
    requests = plan(2, n=4).requests()
    found = run(requests, Sampling(stop=("\ndef",)))
    assert found == {
        (r.task_id, r.sample): Answer(str(r.seed), "length", 2, prompt_tokens=len(r.prompt)) for r in requests
    }
    assert [len(prompts) for prompts, _ in engine.calls] == [3, 3, 2]
    assert engine.calls[0][0][0] == {"prompt_token_ids": list(map(ord, requests[0].prompt))}
    assert vars(engine.calls[0][1][0]) == {
        "temperature": 0.2,
        "top_p": 0.95,
        "max_tokens": 40 - len(requests[0].prompt),
        "seed": requests[0].seed,
        "stop": ["\ndef"],
    }


def test_a_prompt_that_does_not_fit_is_an_empty_sample(engine):
    assert run([Request("t", 0, "x" * 40, 1)], Sampling()) == {("t", 0): Answer("", "context_length", 0)}
    assert engine.calls == []


def test_conversations_go_through_the_chat_template(engine):
    run([Request("t", 0, [{"role": "user", "content": "hi"}], 1)], Sampling())
    assert engine.calls[0][0] == [{"prompt_token_ids": list(map(ord, "<hi>"))}]


def test_reasoning_tokens_and_the_thinking_switch_are_passed(engine, monkeypatch):
    monkeypatch.setattr(Letters, "chat_template", "{{ enable_thinking }}")
    monkeypatch.setattr(
        Letters, "apply_chat_template", lambda self, messages, **options: f"{options['enable_thinking']}<think>"
    )
    found = run([Request("t", 0, [{"role": "user", "content": "hi"}], 1)], Sampling(0.2, 0.95, 8, 0, (), 4, None, True))
    assert engine.calls[0][0] == [{"prompt_token_ids": list(map(ord, "True<think>"))}]
    assert engine.calls[0][1][0].max_tokens == 12
    assert found["t", 0] == Answer("", "length", 2, "1\ndef g", 2, prompt_tokens=11)


def test_without_vllm_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(vllm, "installed_version", lambda name: None)
    with pytest.raises(InputError, match="needs vLLM and a GPU: pip install vllm"):
        vllm.VLLMBackend("m").describe()
