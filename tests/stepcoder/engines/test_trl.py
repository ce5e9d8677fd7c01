"""CCCS and FGO in TRL's trainer: what its loss sees, what it does not, and what its checkpoints keep."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("trl")

from two_processes import run_on_two

from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.judging.judged_program import JudgedProgram
from harness.judging.verdict import Verdict
from stepcoder.engines.trl import STATE, StepCoderAdapter, by_prompt, cores_of_a_process
from stepcoder.records import Task

SIGN = """\
def sign(x):
    if x > 0:
        return 1
    if x < 0:
        return -1
    return 0
"""
"""Two conditionals, so three stages: from line 4, from line 2, from the first character."""
STAGES = ("def sign(x):\n    if x > 0:\n        return 1\n", "def sign(x):\n", "")
"""The prefix given at each stage."""
SAMPLES = 4


def task(name: str = "sign") -> Task:
    """Its unit tests ask for negative numbers only: lines 3 and 6 are never executed."""
    problem = Problem(
        problem_id=name,
        question="The sign.",
        canonical_solution=SIGN,
        entry_point="sign",
        tests=UnitTests(([-3], [-4]), (-1, -1)),
        starter_code="",
        conditionals=find_conditionals(SIGN),
        comparison=Comparison.EXACT,
        difficulty="introductory",
        url="",
    )
    return Task(problem, f"# {name} of a number\n")


def wrong(program: str) -> str:
    return program.replace("return -1", "return -2")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from stepcoder.toys.tiny_model import make_toy_model

    folder = tmp_path_factory.mktemp("model") / "tiny"
    make_toy_model(folder, [task().prompt + SIGN], vocab=280, layers=1, width=16, heads=2, context=256)
    return folder


@pytest.fixture(scope="module")
def tokenizer(model: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(model)


@pytest.fixture
def adapter(tokenizer: Any) -> Iterator[StepCoderAdapter]:
    with StepCoderAdapter([task()], tokenizer, samples=SAMPLES, workers=1, eval_tasks=[task("held out")]) as adapter:
        yield adapter


Writes = Callable[[int], str]
"""Return the policy's n-th response: the rest of a whole program after the given beginning."""


def policy(tokenizer: Any, writes: Writes) -> Callable[..., tuple[list[list[int]], None]]:
    """Stands for TRL's generation."""

    def generate(prompts: Sequence[list[int]], *_: Any) -> tuple[list[list[int]], None]:
        return [respond(number, ids) for number, ids in enumerate(prompts)], None

    def respond(number: int, ids: list[int]) -> list[int]:
        given = tokenizer.decode(ids).partition("\n")[2]
        rest = writes(number)[len(given) :]
        return [*tokenizer(rest, add_special_tokens=False)["input_ids"], tokenizer.eos_token_id]

    return generate


def solves(number: int) -> str:
    return SIGN


def solves_three_of_four(number: int) -> str:
    return wrong(SIGN) if number % 4 == 3 else SIGN


def solves_one_of_two(number: int) -> str:
    return wrong(SIGN) if number % 2 else SIGN


def fails(number: int) -> str:
    return wrong(SIGN)


def stand_in(tokenizer: Any, writes: Writes, *, training: bool = True, **fields: Any) -> Any:
    """The attributes of a GRPOTrainer that a roll-out uses."""
    return SimpleNamespace(
        model=SimpleNamespace(training=training),
        state=SimpleNamespace(stateful_callbacks={}, global_step=0),
        num_generations=SAMPLES,
        num_generations_eval=SAMPLES,
        eos_token_ids=[tokenizer.eos_token_id],
        _generate_single_turn=policy(tokenizer, writes),
        **fields,
    )


def roll_out(adapter: StepCoderAdapter, trainer: Any, count: int = SAMPLES, of: Task | None = None) -> dict[str, Any]:
    return adapter.rollout([(of or task()).prompt] * count, trainer)


def text_after_prompt(tokenizer: Any, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(ids)).removeprefix(task().prompt)


# ---- the prefix: CCCS


def test_the_prompt_holds_the_prefix_of_the_stage(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, fails))
    assert [text_after_prompt(tokenizer, ids) for ids in given["prompt_ids"]] == [STAGES[0]] * SAMPLES


def test_what_is_judged_is_the_prefix_and_what_was_written(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, solves_one_of_two))
    assert [str(one.outcome.verdict) for one in given["judged"]] == ["passed", "wrong_answer"] * 2


def test_a_problem_moves_on_stage_by_stage_when_most_roll_outs_pass(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    trainer = stand_in(tokenizer, solves_three_of_four)
    prefixes = [roll_out(adapter, trainer)["judged"][0].rollout.prefix for _ in range(4)]
    assert prefixes == [*STAGES, STAGES[-1]]


def test_a_problem_stays_when_no_more_than_rho_pass(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    roll_out(adapter, stand_in(tokenizer, solves_one_of_two))
    assert adapter.curriculum.stage("sign") == 1


def test_roll_outs_of_all_processes_count(
    adapter: StepCoderAdapter, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = stand_in(tokenizer, solves)
    roll_out(adapter, trainer, SAMPLES // 2 - 1)  # too few for a group
    assert adapter.curriculum.stage("sign") == 1
    monkeypatch.setattr("accelerate.utils.gather_object", lambda items: items + items)
    roll_out(adapter, trainer, SAMPLES // 2)
    assert adapter.curriculum.stage("sign") == 2


def test_evaluation_gives_no_prefix_and_moves_nothing(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, solves, training=False), of=task("held out"))
    assert {one.rollout.prefix for one in given["judged"]} == {""}
    assert adapter.curriculum.state() == {"sign": {"stage": 1, "successes": 0, "attempts": 0}}


# ---- the mask: FGO


def test_the_mask_leaves_out_the_lines_that_no_test_executed(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, solves))
    ids, mask = given["completion_ids"][0], given["env_mask"][0]
    masked = tokenizer.decode([token for token, counts in zip(ids, mask, strict=True) if not counts])
    assert masked and SIGN.endswith(masked) and "-1" not in masked
    assert mask[-1] == 1  # the end of text


def test_a_program_that_does_not_compile_counts_whole(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, lambda number: SIGN.replace("return 0", "return (")))
    assert given["judged"][0].outcome.verdict is Verdict.COMPILE_ERROR
    assert all(all(mask) for mask in given["env_mask"])


# ---- chat


def test_a_chat_model_is_asked_through_its_template_and_its_fenced_program_judged(model: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    tokenizer.chat_template = "Q: {{ messages[0]['content'] }}A:"
    answer = tokenizer(f"Here it is:\n```python\n{SIGN}```\n", add_special_tokens=False)["input_ids"]
    trainer = stand_in(tokenizer, solves)
    trainer._generate_single_turn = lambda prompts, *_: ([[*answer, tokenizer.eos_token_id] for _ in prompts], None)
    with StepCoderAdapter([task()], tokenizer, "ppo", samples=SAMPLES, workers=1, chat=True) as adapter:
        given = roll_out(adapter, trainer)
    assert tokenizer.decode(given["prompt_ids"][0]) == f"Q: {task().prompt}A:"
    assert given["judged"][0].outcome.passed


# ---- rewards


def rewards(adapter: StepCoderAdapter, given: dict[str, Any]) -> tuple[list[float | None], dict[str, float]]:
    metrics: dict[str, float] = {}
    extra: dict[str, list[str]] = {}
    return adapter.reward(judged=given["judged"], log_metric=metrics.__setitem__, log_extra=extra.__setitem__), metrics


def test_rewards_are_the_methods(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    given = roll_out(adapter, stand_in(tokenizer, solves_three_of_four))
    earned, metrics = rewards(adapter, given)
    assert earned == pytest.approx([1, 1, 1, -0.3])
    assert metrics["pass_rate"] == 0.75
    assert metrics["stage/2"] == 1 and metrics["full_generation"] == 0
    assert 0 < metrics["mask_share"] < 1


def test_a_failure_of_the_harness_earns_nothing_and_moves_nothing(
    adapter: StepCoderAdapter, tokenizer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = JudgedProgram(Verdict.HARNESS_ERROR, 0, 2)
    monkeypatch.setattr(adapter._judge, "result", lambda *_, **__: failed)
    earned, _ = rewards(adapter, roll_out(adapter, stand_in(tokenizer, solves)))
    assert earned == [None] * SAMPLES
    assert adapter.curriculum.state()["sign"]["attempts"] == 0


# ---- what is refused


@pytest.mark.parametrize("method", ["sft", "rltf"])
def test_methods_without_a_reward_for_a_response_are_refused(method: str, tokenizer: Any) -> None:
    with pytest.raises(InputError, match="no reward for a whole response"):
        StepCoderAdapter([task()], tokenizer, method)


def test_methods_that_fix_the_update_are_refused(tokenizer: Any) -> None:
    with pytest.raises(InputError, match="method dr_grpo fixes the update, which is TRL's here"):
        StepCoderAdapter([task()], tokenizer, "dr_grpo")


@pytest.mark.parametrize("method", ["bread", "pass-rate-weighted"])
def test_methods_that_need_a_whole_group_are_refused(method: str, tokenizer: Any) -> None:
    with pytest.raises(InputError, match=f"{method} needs the whole group"):
        StepCoderAdapter([task()], tokenizer, method)


def test_a_method_that_draws_gives_all_roll_outs_of_a_problem_the_same_prefix(tokenizer: Any) -> None:
    with StepCoderAdapter([task()], tokenizer, "r3", samples=SAMPLES, workers=1) as adapter:
        trainer, seen = stand_in(tokenizer, solves), set()
        for trainer.state.global_step in range(12):
            prefixes = {one.rollout.prefix for one in roll_out(adapter, trainer)["judged"]}
            assert len(prefixes) == 1
            seen |= prefixes
    assert seen == set(STAGES)


def test_two_problems_with_one_prompt_are_refused() -> None:
    first, second = task(), task("other")
    with pytest.raises(InputError, match="sign and other have the same prompt"):
        by_prompt([first, Task(second.problem, first.prompt)])


def test_another_number_of_generations_is_refused(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    trainer = stand_in(tokenizer, solves)
    trainer.num_generations = 8
    with pytest.raises(InputError, match="num_generations is 8, but the adapter's samples 4"):
        roll_out(adapter, trainer)


def test_a_prompt_of_another_dataset_is_refused(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    with pytest.raises(InputError, match="'# cube of a number"):
        roll_out(adapter, stand_in(tokenizer, solves), of=task("cube"))


def test_a_checkpoint_without_a_curriculum_is_refused(adapter: StepCoderAdapter, tokenizer: Any) -> None:
    trainer = stand_in(tokenizer, solves)
    trainer.state.global_step = 7
    with pytest.raises(InputError, match="without this adapter"):
        roll_out(adapter, trainer)


def test_the_processes_of_a_machine_share_its_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stepcoder.engines.trl.available_cores", lambda: 8)
    assert cores_of_a_process() == 8
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert cores_of_a_process() == 2
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "16")
    assert cores_of_a_process() == 1


# ---- in TRL's trainer


def trainer_of(adapter: StepCoderAdapter, model: Path, tokenizer: Any, out: Path, **settings: Any) -> Any:
    from trl import GRPOConfig, GRPOTrainer

    quick = {"max_completion_length": 8, "max_steps": 1, "save_strategy": "no", "logging_steps": 1, "report_to": "none"}
    here = {"use_cpu": True, "bf16": False, "per_device_train_batch_size": SAMPLES, "disable_tqdm": True}
    return GRPOTrainer(
        str(model),
        args=GRPOConfig(str(out), **{**adapter.settings(), **quick, **here, **settings}),
        train_dataset=adapter.dataset(),
        eval_dataset=adapter.eval_dataset(),
        processing_class=tokenizer,
        rollout_func=adapter.rollout,
        reward_funcs=adapter.reward,
    )


Trained = tuple[Any, list[dict[str, Any]]]


@pytest.fixture
def trained(
    adapter: StepCoderAdapter, model: Path, tokenizer: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> Trained:
    """A trainer after a step on two right and two wrong programs, and what its loss saw, by micro-batches."""
    trainer = trainer_of(adapter, model, tokenizer, tmp_path, **getattr(request, "param", {}))
    trainer._generate_single_turn = policy(tokenizer, solves_one_of_two)
    seen: list[dict[str, Any]] = []
    loss = trainer.compute_loss

    def compute_loss(model: Any, inputs: dict[str, Any], **fields: Any) -> Any:
        seen.append(inputs)
        return loss(model, inputs, **fields)

    trainer.compute_loss = compute_loss
    trainer.train()
    trainer.compute_loss = loss
    return trainer, seen


def test_the_loss_sees_prefixes_as_prompts(trained: Trained, tokenizer: Any) -> None:
    _, (inputs,) = trained
    for ids, mask in zip(inputs["prompt_ids"], inputs["prompt_mask"], strict=True):
        assert text_after_prompt(tokenizer, ids[mask.bool()].tolist()) == STAGES[0]
    assert all("if x > 0" not in tokenizer.decode(ids) for ids in inputs["completion_ids"])


def test_masked_tokens_have_exactly_no_part_in_the_loss(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, (inputs,) = trained
    kept = counts(inputs)
    assert 0 < kept.sum() < inputs["completion_mask"].sum()

    def loss_of(logprobs: Any) -> Any:
        answer = (logprobs, torch.zeros_like(logprobs), None)
        monkeypatch.setattr(trainer, "_get_per_token_logps_and_entropies", lambda *_, **__: answer)
        return trainer.compute_loss(trainer.model, inputs)

    logprobs = torch.randn(kept.shape, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = loss_of(logprobs)
    loss.backward()
    assert (logprobs.grad[~kept] == 0).all()
    assert (logprobs.grad[kept] != 0).all()
    assert loss_of((logprobs + 7 * ~kept).detach()) == loss.detach()  # to the last bit
    assert loss_of((logprobs + 7 * kept).detach()) != loss.detach()


WHOLE = {"beta": 0.0, "learning_rate": 0.0}
HALVES = {**WHOLE, "per_device_train_batch_size": SAMPLES // 2, "gradient_accumulation_steps": 2}


@pytest.mark.parametrize("trained", [WHOLE, HALVES], indirect=True, ids=["at once", "in two micro-batches"])
def test_the_gradient_is_the_mean_over_the_tokens_that_count_in_the_batch(trained: Trained) -> None:
    trainer, seen = trained
    model = trainer.model
    model.zero_grad()
    for inputs in seen:
        trainer.compute_loss(model, inputs).backward()
    found = [parameter.grad.clone() for parameter in model.parameters()]

    model.zero_grad()
    counted = sum(counts(inputs).sum() for inputs in seen)
    for inputs in seen:
        gained = inputs["advantages"][:, None] * logprobs_of(model, inputs, trainer.temperature)
        (-(gained * counts(inputs)).sum() / counted).backward()
    expected = [parameter.grad for parameter in model.parameters()]
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-6)
    norm = torch.stack([gradient.norm() for gradient in expected]).norm().item()
    assert trainer.state.log_history[0]["grad_norm"] == pytest.approx(norm, rel=1e-4)  # what the update was made of


def counts(inputs: dict[str, Any]) -> Any:
    return (inputs["completion_mask"] * inputs["tool_mask"]).bool()


def logprobs_of(model: Any, inputs: dict[str, Any], temperature: float) -> Any:
    """log pi of the responses' tokens, by the model's own forward pass."""
    ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
    attention = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
    width = inputs["completion_ids"].shape[1]
    logits = model(input_ids=ids, attention_mask=attention).logits[:, -width - 1 : -1] / temperature
    return logits.log_softmax(-1).gather(-1, inputs["completion_ids"][..., None])[..., 0]


def test_it_trains_and_its_checkpoints_keep_the_stages(
    adapter: StepCoderAdapter, model: Path, tokenizer: Any, tmp_path: Path
) -> None:
    saving = {"save_strategy": "steps", "save_steps": 1, "learning_rate": 1e-3}
    trainer = trainer_of(adapter, model, tokenizer, tmp_path, max_steps=2, **saving)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer._generate_single_turn = policy(tokenizer, solves_three_of_four)
    trainer.train()
    assert adapter.curriculum.stage("sign") == 3
    assert any(not torch.equal(value, before[name]) for name, value in trainer.model.state_dict().items())
    logged = [row["stage/2"] for row in trainer.state.log_history if "stage/2" in row]
    assert logged == [1.0]

    with StepCoderAdapter([task()], tokenizer, samples=SAMPLES, workers=1) as other:
        resumed = trainer_of(other, model, tokenizer, tmp_path, max_steps=2, **saving)
        given: list[str] = []

        def fail(prompts: Sequence[list[int]], *_: Any) -> Any:
            given.extend(text_after_prompt(tokenizer, ids) for ids in prompts)
            return policy(tokenizer, fails)(prompts)

        resumed._generate_single_turn = fail
        resumed.train(resume_from_checkpoint=str(tmp_path / "checkpoint-1"))
    assert given == [STAGES[1]] * SAMPLES
    assert resumed.state.stateful_callbacks[STATE] == {"sign": {"stage": 2, "successes": 0, "attempts": SAMPLES}}


def test_the_models_own_generation_and_evaluation_run(
    adapter: StepCoderAdapter, model: Path, tokenizer: Any, tmp_path: Path
) -> None:
    trainer = trainer_of(adapter, model, tokenizer, tmp_path, max_steps=2, per_device_eval_batch_size=SAMPLES)
    assert trainer.train().global_step == 2
    scores = trainer.evaluate()
    assert scores["eval_pass_rate"] == 0
    assert "eval_stage/1" not in scores


def test_the_script_of_the_docs_runs_on_two_processes(model: Path, tmp_path: Path) -> None:
    page = (Path(__file__).parents[3] / "docs" / "trl.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    (tmp_path / "train_trl.py").write_text(script, encoding="utf-8")
    few = {"--problems": 2, "--samples": 4, "--steps": 2, "--max-tokens": 8}
    words = ["toy:deep", model, "out", *(word for option in few.items() for word in option)]
    run_on_two(tmp_path / "train_trl.py", words, tmp_path)
    state = json.loads((tmp_path / "out" / "checkpoint-2" / "trainer_state.json").read_text(encoding="utf-8"))
    curriculum = state["stateful_callbacks"][STATE]
    assert sum(progress["attempts"] for progress in curriculum.values()) == 2 * 2 * 4  # of both processes
