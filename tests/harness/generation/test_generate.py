"""Generate: n samples of each problem, seeded, resumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from echo_backend import Echo, plan, problem

from apps_plus.errors import InputError, WorkError
from harness.generation.backend import Answer, Sampling, sample_seed
from harness.generation.generate import GenerationProgress, generate


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "samples.jsonl"


def samples(path: Path) -> dict[tuple[str, int], str]:
    found = [json.loads(line) for line in path.read_text().splitlines()]
    by_id = {(row["task_id"], row["sample"]): row["completion"] for row in found}
    assert len(by_id) == len(found), "a sample is there twice"
    return by_id


def stops_after(count: int) -> Echo:
    """Return a model that fails after ``count`` answers."""

    def answer(request):
        if len(model.asked) > count:
            raise WorkError("the model has gone")
        return Answer(f"{request.prompt}{request.seed}", "stop", 5)

    model = Echo(answer)
    return model


def test_n_samples_of_each_problem(out):
    summary = generate(plan(4, n=3), "echo", Echo(), out)
    assert samples(out).keys() == {(f"HumanEval/{number}", sample) for number in range(4) for sample in range(3)}
    assert (summary["written"], summary["n_samples"], summary["n_problems"], summary["tokens"]) == (12, 12, 4, 60)


def test_each_sample_has_its_own_seed(out):
    generate(plan(2, n=2, sampling=Sampling(seed=5)), "echo", Echo(), out)
    assert samples(out)["HumanEval/1", 1] == f"def f1(x):\n{sample_seed(5, 'HumanEval/1', 1)}"


def test_a_resumed_run_ends_like_an_uninterrupted_one(out, tmp_path):
    with pytest.raises(WorkError, match="the model has gone"):
        generate(plan(4, n=3), "echo", stops_after(6), out)
    kept = samples(out)
    assert 0 < len(kept) < 12
    model = Echo()
    summary = generate(plan(4, n=3), "echo", model, out)
    assert summary["from_before"] == len(kept)
    assert {(request.task_id, request.sample) for request in model.asked}.isdisjoint(kept)
    generate(plan(4, n=3), "echo", Echo(), tmp_path / "whole.jsonl")
    assert samples(out) == samples(tmp_path / "whole.jsonl")


def test_a_larger_n_adds_samples(out):
    generate(plan(2, n=1), "echo", Echo(), out)
    before = samples(out)
    model = Echo()
    generate(plan(2, n=3), "echo", model, out)
    assert len(model.asked) == 4
    assert before.items() <= samples(out).items()


def test_existing_samples_are_not_requested(out):
    generate(plan(2, n=2), "echo", Echo(), out)
    model = Echo()
    summary = generate(plan(2, n=1), "echo", model, out)
    assert (model.asked, summary["from_before"], summary["n_samples"]) == ([], 2, 4)


def test_a_sample_has_problems_of_each_difficulty(out):
    tasks = [problem(number, tier="easy" if number < 4 else "hard") for number in range(8)]
    generate(plan(tasks, sample=4), "echo", Echo(), out)
    numbers = sorted(int(task_id.rpartition("/")[2]) for task_id, _ in samples(out))
    assert [number < 4 for number in numbers] == [True, True, False, False]


def test_a_limit_and_named_problems(out):
    generate(plan(4, limit=2), "echo", Echo(), out)
    assert [task_id for task_id, _ in sorted(samples(out))] == ["HumanEval/0", "HumanEval/1"]
    generate(plan(4, problem_ids=("HumanEval/3", "HumanEval/3")), "echo", Echo(), out)
    assert len(samples(out)) == 3


def test_an_unknown_problem_is_named(out):
    with pytest.raises(InputError, match="--problem HumanEval/9: not in humaneval"):
        generate(plan(4, problem_ids=("HumanEval/9",)), "echo", Echo(), out)
    assert not out.exists()


@pytest.mark.parametrize(
    "other, settings, named",
    [
        (plan(4, sampling=Sampling(seed=1)), {}, "another sampling.seed"),
        (plan(4, sampling=Sampling(max_tokens=9)), {}, "another sampling.max_tokens"),
        (plan(3), {}, "another data.problems"),
        (plan(4, chat=True), {}, "another prompt.name"),
        (plan(4), {"dtype": "float16"}, "another dtype"),
    ],
)
def test_other_settings_need_another_file_or_fresh(out, other, settings, named):
    generate(plan(4), "echo", Echo(), out)
    with pytest.raises(InputError, match=named):
        generate(other, "echo", Echo(**settings), out)
    summary = generate(other, "echo", Echo(**settings), out, fresh=True)
    assert (summary["from_before"], summary["thrown_away"]) == (0, 4)


def test_problems_without_tests_are_skipped_unless_named(out):
    some = [problem(0), problem(1, suites=()), problem(2)]
    summary = generate(plan(some), "echo", Echo(), out)
    assert (summary["n_problems"], summary["problems_without_tests"]) == (2, 1)
    generate(plan(some, problem_ids=("HumanEval/1",)), "echo", Echo(), out)
    assert len(samples(out)) == 3
    with pytest.raises(InputError, match="no problems with tests"):
        generate(plan(some[1:2]), "echo", Echo(), out.with_name("other.jsonl"))


def test_the_settings_name_the_rule_that_makes_programs(out):
    generate(plan(2, sampling=Sampling(stop=("\ndef",))), "echo", Echo(), out)
    settings = json.loads((out.parent / "samples.settings.json").read_text())
    assert settings["prompt"]["rule"] == "prompt_plus_completion"
    assert settings["sampling"] == {"temperature": 0.2, "top_p": 0.95, "max_tokens": 1024, "seed": 0, "stop": ["\ndef"]}
    assert (settings["task"], settings["model"], settings["backend"], settings["n"]) == (
        "humaneval",
        {"name": "echo"},
        "echo",
        1,
    )


def test_the_settings_name_the_reasoning_settings(out):
    sampling = Sampling(max_reasoning_tokens=2048, reasoning_effort="low", thinking=False)
    generate(plan(2, sampling=sampling), "echo", Echo(), out)
    asked = {"max_reasoning_tokens": 2048, "reasoning_effort": "low", "thinking": False}
    settings = json.loads((out.parent / "samples.settings.json").read_text())
    assert settings["sampling"].items() >= asked.items()
    with pytest.raises(InputError, match=r"another sampling.max_reasoning_tokens \(2048 in the file, None now\)"):
        generate(plan(2), "echo", Echo(), out)


class Picky(Echo):
    """A model whose server refuses the temperature after the first delivery."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    def left_out(self, sampling: Sampling) -> list[str]:
        return sorted(self.refused)

    def run(self, requests, sampling, deliver) -> None:
        self.found = list(self.refused)

        def refuse(answered, tokens):
            self.refused = ["temperature"]
            deliver(answered, tokens)

        super().run(requests, sampling, refuse)


def test_refused_parameters_are_in_the_settings_and_the_warnings(out):
    summary = generate(plan(2, n=2), "openai", Picky(), out)
    settings = json.loads((out.parent / "samples.settings.json").read_text())
    assert (settings["refused"], settings["left_out"], summary["left_out"]) == (["temperature"],) * 3
    assert summary["remarks"] == [
        "not sent, because the server refuses it: temperature",
        "temperature 0.2 was requested, but the server used its own temperature: "
        "pass@k of 2 samples is for that temperature",
    ]
    again = Picky()
    generate(plan(2, n=3), "openai", again, out)
    assert again.found == ["temperature"]


def test_identical_samples_are_a_warning(out):
    same = Echo(lambda request: Answer(str(request.prompt), "stop", 5))
    assert "all samples of each problem are identical" in generate(plan(3, n=3), "echo", same, out)["remarks"][0]
    assert generate(plan(3, n=3), "echo", Echo(), out, fresh=True)["remarks"] == ["--fresh removed 9 samples"]
    assert generate(plan(3), "echo", same, out.with_name("other.jsonl"))["remarks"] == []


def test_samples_cut_inside_their_reasoning_are_counted_apart_from_other_cut_ones(out):
    inside = Echo(lambda request: Answer("", "length", 9, f"hm {request.seed}", 9))
    summary = generate(plan(3), "echo", inside, out)
    assert summary["inside_reasoning"] == 3
    assert "3 of 3 samples end inside their reasoning: raise --max-reasoning-tokens" in summary["remarks"]
    assert not any("--max-tokens" in warning for warning in summary["remarks"])


def test_reasoning_despite_no_thinking_is_a_warning(out):
    thinker = Echo(lambda request: Answer("x", "stop", 9, "hm"))
    summary = generate(plan(2, sampling=Sampling(thinking=False)), "echo", thinker, out)
    assert summary["remarks"] == ["--no-thinking was given, but 2 samples contain reasoning"]


def test_empty_answers_are_counted(out):
    summary = generate(plan(3), "echo", Echo(lambda request: Answer(" \n", "length", 2)), out)
    assert (summary["empty"], summary["finish_reasons"]) == (3, {"length": 3})


def test_progress_counts_reused_samples(out):
    generate(plan(4, limit=1), "echo", Echo(), out)
    reports: list[GenerationProgress] = []
    generate(plan(4), "echo", Echo(), out, report=reports.append)
    assert [(progress.done, progress.reused, progress.total) for progress in reports] == [
        (1, 1, 4),
        (3, 1, 4),
        (4, 1, 4),
    ]
    assert reports[-1].tokens == 20


def test_the_seconds_of_all_samples_add_up_to_the_time_of_all_runs(out, monkeypatch):
    clock = iter(range(0, 10**6, 2))
    monkeypatch.setattr("harness.generation.generate.time.monotonic", lambda: float(next(clock)))
    generate(plan(4), "echo", Echo(), out)
    generate(plan(4, n=2), "echo", Echo(), out)
    assert [json.loads(line)["seconds"] for line in out.read_text().splitlines()] == [1.0] * 8


def test_the_time_of_answers_that_were_computed_before_is_not_known(out):
    backend = Echo()
    backend.answered_before = True
    generate(plan(2), "echo", backend, out)
    assert len(samples(out)) == 2
    assert '"seconds"' not in out.read_text()
