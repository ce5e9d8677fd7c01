"""CCCS and FGO in verl: its own workers draw the roll-outs of our trainer, and its losses see the mask."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("verl")

import numpy as np
import ray
from transfer_queue import KVBatchMeta
from verl.experimental.agent_loop import AgentLoopWorker
from verl.protocol import DataProto
from verl.trainer.ppo.core_algos import compute_gae_advantage_return
from verl.trainer.ppo.v1 import PPOTrainerSync
from verl.utils import tensordict_utils as tu
from verl.utils.config import omega_conf_to_dataclass
from verl.utils.dataset.rl_dataset import RLHFDataset, collate_fn
from verl.utils.tensordict_utils import list_of_dict_to_tensordict
from verl.workers.rollout.replica import TokenOutput
from verl.workers.utils.losses import ppo_loss
from verl_config import compose_verl

from apps_plus.errors import InputError, WorkError
from stepcoder import rollouts, train
from stepcoder.config import DataConfig, ModelConfig, PPOConfig, RolloutConfig, TrainConfig
from stepcoder.engines.verl import curriculum_actor
from stepcoder.engines.verl.agent_loop import LOSS_MASK
from stepcoder.engines.verl.prepare import prepare
from stepcoder.engines.verl.run_folder import HELD_OUT, LOOPS, TRAIN, RunFolder
from stepcoder.engines.verl.trainer import StepCoderTrainer, policy_loss_mask
from stepcoder.run_log import NoLog
from stepcoder.toys.tasks import make_tasks, noisy_programs
from stepcoder.toys.tiny_model import make_toy_model

SAMPLES, STEPS, RESPONSE = 4, 4, 256


# ---- a run, and verl's configuration of it


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> TrainConfig:
    """Train on four problems of the family of which the tests run only a part: masks are not all ones."""
    folder = tmp_path_factory.mktemp("model")
    texts = [task.prompt + text for task in make_tasks("wide", 4, 0) for text in noisy_programs(task, 20, 0)]
    make_toy_model(folder, texts, layers=1, width=16, heads=2)
    return TrainConfig(
        model=ModelConfig(name=str(folder), device="cpu"),
        data=DataConfig(path="toy:wide"),
        rollout=RolloutConfig(problems=4, samples=SAMPLES, max_tokens=RESPONSE, workers=1),
        ppo=PPOConfig(steps=STEPS, max_kl=float("inf")),
    )


@pytest.fixture(scope="module")
def folder(settings: TrainConfig, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("run")
    prepare(settings, made)
    return made


@pytest.fixture(scope="module")
def tokenizer(settings: TrainConfig) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(settings.model.name)


@pytest.fixture
def configured(settings: TrainConfig, folder: Path) -> Callable[..., Any]:
    """Return verl's configuration of the run, with overrides."""

    def made(*overrides: str) -> Any:
        return compose_verl(
            f"actor_rollout_ref.model.path={settings.model.name}",
            f"actor_rollout_ref.rollout.agent.agent_loop_config_path={folder / LOOPS}",
            "actor_rollout_ref.rollout.name=vllm",
            f"actor_rollout_ref.rollout.n={SAMPLES}",
            f"data.train_files={folder / TRAIN}",
            f"data.val_files={folder / HELD_OUT}",
            "data.max_prompt_length=256",
            f"data.max_response_length={RESPONSE}",
            "data.filter_overlong_prompts=False",
            *overrides,
        )

    return made


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """Start Ray, which gives up after 30 s, as no setting changes: a busy machine fails no test."""
    for attempt in range(6):
        try:
            ray.init("local", num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20)
            break
        except Exception as error:
            ray.shutdown()
            if attempt == 5 or "timed out during startup" not in str(error):
                raise
    yield
    ray.shutdown()


@pytest.fixture
def curriculum(cluster: None, folder: Path) -> Iterator[Any]:
    """Start the curriculum's actor."""
    from stepcoder.engines.verl.agent_loop import Process

    actor = curriculum_actor.start_curriculum(RunFolder.read(folder))
    yield actor
    ray.kill(actor)
    for process in Process._known.values():
        process.environment.judge.close()
    Process._known.clear()


# ---- the policy


class Script:
    """Writes the n-th response to a prompt: three of four right for half of the problems, for the others fewer."""

    def __init__(self, tokenizer: Any, tasks: Sequence[Any]) -> None:
        self._tokenizer = tokenizer
        self._tasks = {task.prompt: task for task in tasks}
        self._asked: Counter[tuple[int, ...]] = Counter()

    def respond(self, prompt_ids: Sequence[int]) -> list[int]:
        number = self._asked[tuple(prompt_ids)] % SAMPLES
        self._asked[tuple(prompt_ids)] += 1
        text = self._tokenizer.decode(prompt_ids, skip_special_tokens=True)
        task = next(task for prompt, task in self._tasks.items() if text.startswith(prompt))
        given = text[len(task.prompt) :]
        wrong = noisy_programs(task, 1, seed=number)[0][len(given) :]
        right = task.solution[len(given) :]
        texts = {
            0: [right, right, wrong, right],
            1: [wrong, right, right, right],
            2: [right, wrong, right.replace("return y", "return y ("), right],
            # The first ends where the longest length does, in the arm that no test runs: its last token is masked.
            3: [wrong.partition("    return y")[0], wrong.replace("return y", "return z"), right, right],
        }
        text = texts[int(task.task_id[-1])][number]
        end = [self._tokenizer.eos_token_id] if "return" in text else []
        return [*self._tokenizer(text, add_special_tokens=False)["input_ids"], *end]


class Engine:
    """Stands for ``LLMServerClient``: answers in an order of its own."""

    def __init__(self, script: Script, version: int | None = None) -> None:
        self._script, self.version = script, version

    async def generate(self, request_id: str, *, prompt_ids: list[int], sampling_params: dict[str, Any]) -> TokenOutput:
        assert sampling_params["temperature"] > 0
        ids = self._script.respond(prompt_ids)
        await asyncio.sleep(0.001 * (hash(request_id) % 7))
        version = {} if self.version is None else {"min_global_steps": self.version, "max_global_steps": self.version}
        return TokenOutput(token_ids=ids, log_probs=[-0.5] * len(ids), extra_fields=version)


Seen = tuple[tuple[int, ...], tuple[int, ...], tuple[bool, ...], float, int]
"""Prompt, response, loss mask, reward, stage."""


def rollouts_of_our_trainer(
    settings: TrainConfig, script: Script, out: Path, monkeypatch: pytest.MonkeyPatch
) -> list[list[Seen]]:
    """Run the trainer of this package on the script's responses; return what it rewarded, step by step."""
    steps: list[list[Seen]] = []
    rewarded = train.reward_and_mask

    def decode(policy: Any, prompts: Any, sampler: Any, ends: Any, size: int, finish: Any, *, logprobs: bool) -> None:
        for place, prompt in enumerate(prompts):
            ids = script.respond(prompt)
            finish(place, ids, [-0.5] * len(ids))

    def reward_and_mask(*given: Any) -> Any:
        found = rewarded(*given)
        steps.append(
            sorted(
                (r.rollout.prompt_ids, r.rollout.response_ids, r.loss_mask, float32(r.reward.total), r.rollout.stage)
                for r in found
            )
        )
        return found

    monkeypatch.setattr(rollouts, "decode", decode)
    monkeypatch.setattr(train, "reward_and_mask", reward_and_mask)
    train.train(settings, out, say=lambda _: None, log=NoLog())
    return steps


def float32(value: float) -> float:
    return float(np.float32(value))


def batch_of(config: Any, tokenizer: Any, file: str, step: int, samples: int = SAMPLES) -> DataProto:
    """Return a step's batch as verl's trainer makes it: each row once per roll-out, with its group's uid."""
    dataset = RLHFDataset(file, tokenizer, config.data)
    rows = [dataset[number] for number in range(len(dataset)) for _ in range(samples)]
    columns = {name: value for name, value in collate_fn(rows).items() if not isinstance(value, torch.Tensor)}
    columns["uid"] = np.array([f"{step}/{row['task_id']}" for row in rows], dtype=object)
    columns["session_id"] = np.array([number % samples for number in range(len(rows))])
    columns["global_steps"] = np.array([step] * len(rows))
    return DataProto.from_dict(tensors={"dummy": torch.zeros(len(rows))}, non_tensors=columns)


def draw(worker: AgentLoopWorker, batch: DataProto, **info: Any) -> DataProto:
    batch.meta_info.update(info)
    return asyncio.run(worker.generate_sequences(batch))


def seen_in(drawn: DataProto) -> list[Seen]:
    found = []
    for row in range(len(drawn)):
        prompt, response = drawn.batch["prompts"][row], drawn.batch["responses"][row]
        given = drawn.batch["attention_mask"][row].bool()
        width = len(prompt)
        mask = tuple(bool(counts) for counts in drawn.non_tensor_batch[LOSS_MASK][row])
        *before, reward = drawn.batch["rm_scores"][row][given[width:]].tolist()
        assert not any(before), "a reward before the last token"
        found.append(
            (
                tuple(prompt[given[:width]].tolist()),
                tuple(response[given[width:]].tolist()),
                mask,
                reward,
                int(drawn.non_tensor_batch["stage"][row]),
            )
        )
    return sorted(found)


def test_64_rollouts_are_those_of_our_trainer_bit_for_bit(
    settings: TrainConfig,
    folder: Path,
    tokenizer: Any,
    configured: Callable[..., Any],
    curriculum: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tasks = make_tasks("wide", 4, settings.seed)
    with monkeypatch.context() as patched:
        ours = rollouts_of_our_trainer(settings, Script(tokenizer, tasks), tmp_path, patched)
    config = configured()
    engine = Engine(Script(tokenizer, tasks))
    worker = AgentLoopWorker(config, engine)
    for step in range(1, STEPS + 1):
        engine.version = step - 1
        drawn = draw(worker, batch_of(config, tokenizer, config.data.train_files, step))
        assert seen_in(drawn) == ours[step - 1]
        assert drawn.batch["response_mask"].sum() == sum(len(response) for _, response, *_ in ours[step - 1])
        ray.get(curriculum.advance.remote(step))
    everything = [one for step in ours for one in step]
    assert len(everything) == 64
    assert {stage for *_, stage in everything} > {1, 2}
    assert len({reward for *_, reward, _ in everything}) == 4
    assert any(not all(mask) and not mask[-1] for _, _, mask, *_ in everything), "no mask leaves out a last token"


# ---- the reward, with GAE


def test_gae_keeps_the_reward(
    tokenizer: Any, settings: TrainConfig, configured: Callable[..., Any], curriculum: Any
) -> None:
    config = configured()
    worker = AgentLoopWorker(config, Engine(Script(tokenizer, make_tasks("wide", 4, settings.seed))))
    drawn = draw(worker, batch_of(config, tokenizer, config.data.train_files, 1))
    rewards, written = drawn.batch["rm_scores"], drawn.batch["response_mask"]
    _, returns = compute_gae_advantage_return(rewards, torch.zeros_like(rewards), written, 1.0, 1.0)
    assert torch.equal(returns[:, 0], rewards.sum(-1))
    # The trap: with the loss mask in its place, the reward of a response whose last token is masked is lost.
    masks = drawn.non_tensor_batch[LOSS_MASK]
    masked = torch.zeros_like(written)
    for row, mask in enumerate(masks):
        masked[row, : len(mask)] = torch.tensor(mask)
    _, lost = compute_gae_advantage_return(rewards, torch.zeros_like(rewards), masked, 1.0, 1.0)
    cut = torch.tensor([not mask[-1] for mask in masks])
    assert cut.any() and (lost[cut, 0] == 0).all() and (rewards[cut].sum(-1) != 0).all()


# ---- evaluation


def test_an_evaluation_gives_no_prefix_and_moves_nothing(
    settings: TrainConfig, tokenizer: Any, configured: Callable[..., Any], curriculum: Any
) -> None:
    config = configured("actor_rollout_ref.rollout.val_kwargs.temperature=0.2")
    worker = AgentLoopWorker(config, Engine(Script(tokenizer, make_tasks("wide", 4, settings.seed))))
    drawn = draw(worker, batch_of(config, tokenizer, config.data.val_files, 1, samples=1), validate=True)
    prompts = [tokenizer.decode(prompt, skip_special_tokens=True) for prompt, *_ in seen_in(drawn)]
    assert sorted(prompts) == [task.prompt for task in make_tasks("wide", 4, settings.seed)]
    assert set(drawn.non_tensor_batch["acc"]) == {0.0, 1.0}
    before = ray.get(curriculum.state.remote())
    ray.get(curriculum.advance.remote(1))
    assert ray.get(curriculum.state.remote()) == before


# ---- what is refused


def test_a_failure_of_the_sandbox_raises(
    settings: TrainConfig,
    tokenizer: Any,
    configured: Callable[..., Any],
    curriculum: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from harness.judging.judged_program import JudgedProgram
    from harness.judging.verdict import Verdict
    from stepcoder.judging import Judge

    monkeypatch.setattr(Judge, "result", lambda *_, **__: JudgedProgram(Verdict.HARNESS_ERROR, 0, 2))
    config = configured()
    worker = AgentLoopWorker(config, Engine(Script(tokenizer, make_tasks("wide", 4, settings.seed))))
    with pytest.raises(WorkError, match="the sandbox failed on a program of problem wide/"):
        draw(worker, batch_of(config, tokenizer, config.data.train_files, 1))
    ray.get(curriculum.advance.remote(1))
    assert {one["attempts"] for one in ray.get(curriculum.state.remote()).values()} == {0}


def test_a_prompt_that_is_too_long_is_refused(
    settings: TrainConfig, tokenizer: Any, configured: Callable[..., Any], curriculum: Any
) -> None:
    config = configured("data.max_prompt_length=16")
    worker = AgentLoopWorker(config, Engine(Script(tokenizer, make_tasks("wide", 4, settings.seed))))
    with pytest.raises(InputError, match=r"data.max_prompt_length is 16: raise it"):
        draw(worker, batch_of(config, tokenizer, config.data.train_files, 1))


def test_without_its_actor_the_loop_says_how_to_start_it(cluster: None) -> None:
    with pytest.raises(InputError, match="trainer_mode=stepcoder"):
        curriculum_actor.find_curriculum()


# ---- the trainer: the curriculum moves, and survives save and load


def trainer_of(config: Any, actor: Any, step: int) -> Any:
    """Return a trainer without its engines, which need a GPU."""
    trainer = StepCoderTrainer.__new__(StepCoderTrainer)
    trainer.config, trainer.curriculum, trainer.global_steps = config, actor, step
    return trainer


def pass_a_group(actor: Any, step: int) -> None:
    ray.get(actor.draw.remote("group", "wide/0000", step))
    for number in range(SAMPLES):
        ray.get(actor.tell.remote("group", number, True, 0.5, step - 1))


def test_a_step_moves_the_curriculum_and_logs_it(
    configured: Callable[..., Any], curriculum: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer, metrics = trainer_of(configured(), curriculum, 1), dict[str, float]()
    monkeypatch.setattr(PPOTrainerSync, "step", lambda self, *_: pass_a_group(self.curriculum, self.global_steps))
    trainer.step(metrics, {})
    assert metrics["stepcoder/stage/1"] == 3 and metrics["stepcoder/stage/2"] == 1
    assert metrics["stepcoder/pass_rate"] == 1 and metrics["stepcoder/rollouts"] == SAMPLES


def test_the_curriculum_survives_save_and_load(
    configured: Callable[..., Any], curriculum: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configured(f"trainer.default_local_dir={tmp_path}")
    pass_a_group(curriculum, 7)
    ray.get(curriculum.advance.remote(7))
    state = ray.get(curriculum.state.remote())
    latest = tmp_path / "latest_checkpointed_iteration.txt"
    monkeypatch.setattr(PPOTrainerSync, "_save_checkpoint", lambda self: latest.write_text(str(self.global_steps)))
    trainer_of(config, curriculum, 7)._save_checkpoint()
    ray.kill(curriculum)  # the run ends
    resumed = curriculum_actor.start_curriculum(RunFolder.read(folder))
    try:
        assert ray.get(resumed.state.remote()) != state
        trainer = trainer_of(config, resumed, 0)
        monkeypatch.setattr(PPOTrainerSync, "_load_checkpoint", lambda self: setattr(self, "global_steps", 7))
        trainer._load_checkpoint()
        assert ray.get(resumed.state.remote()) == state
        curriculum_file = tmp_path / "global_step_7" / curriculum_actor.FILE
        curriculum_file.write_text('{"other": {"stage": 1, "successes": 0, "attempts": 0}}')
        with pytest.raises(InputError, match="curriculum is of other problems"):
            trainer._load_checkpoint()
        curriculum_file.unlink()
        with pytest.raises(InputError, match="was written without StepCoder's trainer"):
            trainer._load_checkpoint()
    finally:
        ray.kill(resumed)


def test_another_number_of_samples_is_refused(configured: Callable[..., Any]) -> None:
    with pytest.raises(InputError, match=r"rollout.n is 8, but rollout.samples of the run's folder 4"):
        StepCoderTrainer(configured("actor_rollout_ref.rollout.n=8"))


def test_a_step_without_any_roll_out_is_refused(configured: Callable[..., Any], curriculum: Any) -> None:
    empty = KVBatchMeta(partition_id="train", keys=[], tags=[])
    with pytest.raises(WorkError, match="every roll-out of a step failed"):
        trainer_of(configured(), curriculum, 1)._balance_batch(empty, {})


# ---- the mask in verl's policy loss


PROMPT, RESPONSES = [5, 6, 7], ([11, 12, 13, 14], [15, 16])
MASKS = ([1, 0, 0, 1], [1, 0])
"""The second response leaves out its last token."""


@pytest.fixture
def queue(cluster: None) -> Iterator[KVBatchMeta]:
    """Put two roll-outs, as verl's worker does, and a padding sequence into verl's transfer queue."""
    import transfer_queue as tq

    config = compose_verl("transfer_queue.backend.SimpleStorage.num_data_storage_units=1").transfer_queue
    config.enable = True
    tq.init(config)
    written = [torch.ones(4, dtype=torch.int64), torch.ones(2, dtype=torch.int64), torch.zeros(1, dtype=torch.int64)]
    rows = [
        {
            "prompts": torch.tensor(PROMPT),
            "responses": torch.tensor(response),
            "response_mask": mask,
            "loss_mask": mask,
            "extra_fields": {LOSS_MASK: counts},
        }
        for response, mask, counts in zip((*RESPONSES, [9]), written, (*MASKS, MASKS[0]), strict=True)
    ]
    keys, tags = ["a_0_0", "a_1_0", "pad_0_0"], [{}, {}, {"is_padding": True}]
    tq.kv_batch_put(keys=keys, partition_id="train", fields=list_of_dict_to_tensordict(rows), tags=tags)
    yield KVBatchMeta(partition_id="train", keys=keys, tags=tags)
    tq.kv_clear(keys=keys, partition_id="train")
    tq.close()


def stored(batch: KVBatchMeta) -> Any:
    import transfer_queue as tq

    fields = ["prompts", "responses", "response_mask", "loss_mask"]
    return tq.kv_batch_get(keys=batch.keys, partition_id=batch.partition_id, select_fields=fields)


def rows_of(nested: Any) -> list[list[int]]:
    return [row.tolist() for row in nested.unbind()]


def test_the_losses_see_the_mask_while_the_policy_is_updated_only(queue: KVBatchMeta) -> None:
    before, counting = [[1] * 4, [1] * 2, [0]], [*map(list, MASKS), [0]]
    assert rows_of(stored(queue)["response_mask"]) == before
    with policy_loss_mask(queue) as share:
        data = stored(queue)
        assert rows_of(data["response_mask"]) == rows_of(data["loss_mask"]) == counting
        assert share == 0.5
    data = stored(queue)
    assert rows_of(data["response_mask"]) == rows_of(data["loss_mask"]) == before


def test_verls_policy_loss_is_the_mean_over_the_tokens_that_count(
    queue: KVBatchMeta, configured: Callable[..., Any]
) -> None:
    with policy_loss_mask(queue):
        data = stored(queue)
    lengths = [len(row) for row in rows_of(data["response_mask"])]
    generator = torch.Generator().manual_seed(0)
    advantages = [torch.randn(length, generator=generator) for length in lengths]
    data["advantages"] = torch.nested.as_nested_tensor(advantages, layout=torch.jagged)
    data["old_log_probs"] = torch.nested.as_nested_tensor(
        [torch.zeros(length) for length in lengths], layout=torch.jagged
    )
    # As verl's engine counts them, over all devices.
    tu.assign_non_tensor(
        data, dp_size=1, batch_num_tokens=data["loss_mask"].values().sum().item(), global_batch_size=None
    )
    config = configured("actor_rollout_ref.actor.ppo_micro_batch_size_per_gpu=1")
    actor = omega_conf_to_dataclass(config.actor_rollout_ref.actor)
    whole = [len(PROMPT) + length for length in lengths]
    logprobs = torch.zeros(sum(whole), requires_grad=True)
    nested = torch.nested.nested_tensor_from_jagged(logprobs, torch.tensor([0, *np.cumsum(whole)]))
    loss, _ = ppo_loss(actor, {"log_probs": nested}, data)
    loss.backward()
    for row, (end, length) in enumerate(zip(np.cumsum(whole), lengths, strict=True)):
        found = logprobs.grad[end - length - 1 : end - 1]  # a token's log-probability stands one place before it
        mask = torch.tensor([*MASKS, [0]][row])
        assert torch.allclose(found, -advantages[row] * mask / 3)
