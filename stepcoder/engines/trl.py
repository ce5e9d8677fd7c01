"""CCCS and FGO in TRL's ``GRPOTrainer``, for models that need more than one device: DeepSpeed, FSDP, vLLM.

    with StepCoderAdapter(tasks, tokenizer) as adapter:
        trainer = GRPOTrainer(
            model,
            args=GRPOConfig("out", **adapter.settings()),
            train_dataset=adapter.dataset(),
            processing_class=tokenizer,
            rollout_func=adapter.rollout,
            reward_funcs=adapter.reward,
        )
        trainer.train()

How this differs from ``stepcoder.ppo``:

1. There is no critic: the advantage is GRPO's, one for a whole response. Methods that reward single lines (``rltf``)
   are refused.
2. A token that FGO masks has no gradient at all: TRL computes the KL to the reference, too, over the tokens of
   ``env_mask``. In ``stepcoder.ppo`` the KL is over all response tokens.
3. FGO's loss is divided by the number of tokens that count. ``loss_type="dapo"`` (in ``settings``) does that over the
   whole batch, on all processes; ``bnpo`` by micro-batch, ``grpo`` by response, ``dr_grpo`` not.
4. TRL computes log-probabilities at the sampling temperature, and logs as completion lengths the tokens that count.
5. Programs are judged after the whole batch is generated.

TRL documents ``rollout_func`` as experimental. This module is for TRL 1.16.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Any

from apps_plus.errors import InputError
from harness.doctor import available_cores
from stepcoder.config import PPOConfig, RolloutConfig
from stepcoder.engines.method_of_engine import method_of_engine
from stepcoder.environment import Environment, seed_of
from stepcoder.judging import Judge
from stepcoder.records import RewardedRollout, RolloutRequest, Task

STATE = "stepcoder_curriculum"
"""The curriculum's name among the ``stateful_callbacks`` of a checkpoint's ``trainer_state.json``."""
HELD_OUT = 0
"""Stage of the roll-outs of an evaluation: whole programs, not counted in the curriculum."""


class StepCoderAdapter:
    """Prompts, roll-outs, loss mask and rewards of a method for TRL's ``GRPOTrainer``.

    The first roll-out starts the judge's worker processes; ``close`` (or leaving ``with``) ends them.

    Args:
        tasks: The tasks to train on.
        tokenizer: The model's; pass it to the trainer too (``processing_class``).
        method: A row of ``stepcoder.methods.METHODS``.
        rho: CCCS: a problem moves to the next stage when the share of its roll-outs that pass exceeds this.
        rho_groups: CCCS: groups of roll-outs after which the share is reset; 0: never.
        samples: Roll-outs per problem: ``GRPOConfig.num_generations``.
        workers: Sandboxes of this process that judge at the same time; 0: its share of the machine's cores.
        test_seconds: Processor seconds per test.
        max_tests: Judge by at most this many tests per problem; 0: all.
        chat: Prompt through the model's chat template and extract the fenced program of its answer.
        eval_tasks: The held-out tasks.

    Raises:
        InputError: There is no such method, it does not fit GRPO, it fixes another update, or two problems have the
            same prompt.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        tokenizer: Any,
        method: str = "stepcoder",
        *,
        rho: float = 0.5,
        rho_groups: int = 4,
        samples: int = 16,
        workers: int = 0,
        test_seconds: float = 4.0,
        max_tests: int = 0,
        chat: bool = False,
        eval_tasks: Sequence[Task] = (),
    ) -> None:
        self._method = method_of_engine(method, "TRL", "in GRPOConfig")
        self._tasks, self._eval_tasks = list(tasks), list(eval_tasks)
        self._by_prompt = by_prompt([*self._tasks, *self._eval_tasks])
        self._tokenizer = tokenizer
        self._chat = chat
        self._samples = samples
        self.curriculum = self._method.curriculum(self._tasks, rho, samples, rho_groups)
        """The stage of each problem; the same on all processes."""
        self._judge = Judge(workers or cores_of_a_process(), test_seconds=test_seconds, max_tests=max_tests)
        self._state: Any = None

    def __enter__(self) -> StepCoderAdapter:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the judge's workers; a later roll-out starts new ones."""
        self._judge.close()

    # ---- the arguments of GRPOTrainer

    def settings(self) -> dict[str, Any]:
        """Return arguments of ``GRPOConfig``: the paper's hyper-parameters (section 4.2), and the loss type for FGO."""
        rollout, ppo = RolloutConfig(), PPOConfig()
        return {
            "num_generations": self._samples,
            "temperature": rollout.temperature,
            "top_p": rollout.top_p,
            "max_completion_length": rollout.max_tokens,
            "learning_rate": ppo.lr,
            "max_grad_norm": ppo.max_grad_norm,
            "beta": ppo.kl_coef,
            "epsilon": ppo.clip_range,
            "loss_type": "dapo",
        }

    def dataset(self) -> Any:
        """Return the ``train_dataset``."""
        return _dataset(self._tasks)

    def eval_dataset(self) -> Any:
        """Return the ``eval_dataset``: the held-out problems."""
        return _dataset(self._eval_tasks)

    def rollout(self, prompts: Sequence[str], trainer: Any) -> dict[str, Any]:
        """Generate and judge a batch: the ``rollout_func``.

        Args:
            prompts: This process's part of the batch: each prompt of the dataset, repeated once per sample.
            trainer: The ``GRPOTrainer``, which generates (with vLLM if it is set to).

        Returns:
            For each prompt ``prompt_ids`` (with the curriculum prefix), ``completion_ids``, ``logprobs`` (None if TRL
            computes them itself), ``env_mask`` (FGO's) and, for the reward functions, ``judged``: a
            ``stepcoder.records.RewardedRollout``.

        Raises:
            InputError: The trainer's settings or its checkpoint do not match, or a prompt is not in the dataset.
            WorkError: The judge's workers die repeatedly.
        """
        training = bool(trainer.model.training)
        self._restore_curriculum(trainer)
        ends = frozenset(trainer.eos_token_ids)
        environment = Environment(self._tokenizer, self._method, self._judge, ends, self._chat)
        # Equal prompts are encoded once.
        begun = {prompt: self._begin(environment, prompt, training) for prompt in dict.fromkeys(prompts)}
        prompt_ids = [list(begun[prompt].prompt_ids) for prompt in prompts]
        completion_ids, logprobs = generate(trainer, prompt_ids)
        pending = [environment.submit(begun[prompt], ids) for prompt, ids in zip(prompts, completion_ids, strict=True)]
        # A different seed on each process.
        judged = environment.finish(pending, seed_of(self._state.global_step, *completion_ids[0]))
        if training:
            self._advance_curriculum(judged)
            trainer.state.stateful_callbacks[STATE] = self.curriculum.state()
        return {
            "prompt_ids": prompt_ids,
            "completion_ids": completion_ids,
            "logprobs": logprobs,
            "env_mask": [[int(counts) for counts in one.loss_mask] for one in judged],
            "judged": judged,
        }

    def reward(
        self, judged: Sequence[RewardedRollout], log_metric: Any, log_extra: Any, **_: Any
    ) -> list[float | None]:
        """Return each program's reward, None after a harness error: the ``reward_funcs``. Log the metrics."""
        for name, value in self._metrics(judged).items():
            log_metric(name, value)
        log_extra("prefix", [one.rollout.prefix for one in judged])
        log_extra("verdict", [str(one.outcome.verdict) for one in judged])
        return [one.reward.total if one.usable else None for one in judged]

    # ---- the steps of a roll-out

    def _restore_curriculum(self, trainer: Any) -> None:
        """Restore the curriculum from the trainer's state, which each ``train()`` makes anew or loads."""
        if trainer.num_generations != self._samples:
            raise InputError(
                f"GRPOConfig.num_generations is {trainer.num_generations}, but the adapter's samples {self._samples}: "
                "give both the same number, or GRPOConfig(**adapter.settings())"
            )
        if trainer.state is self._state:
            return
        self._state = trainer.state
        if STATE in trainer.state.stateful_callbacks:
            self.curriculum.restore(trainer.state.stateful_callbacks[STATE])
        elif trainer.state.global_step:
            raise InputError("the checkpoint was written without this adapter: it does not hold the curriculum")

    def _begin(self, environment: Environment, prompt: str, training: bool) -> RolloutRequest:
        if (task := self._by_prompt.get(prompt)) is None:
            raise InputError(f"a prompt of the trainer's dataset is none of the adapter's tasks: {prompt[:80]!r}")
        start = HELD_OUT, 0
        if training:  # the same draw for all roll-outs of a problem, on all processes
            start = self.curriculum.draw(task.task_id, seed_of(self._state.global_step, task.task_id))
        return environment.begin(task, start)

    def _advance_curriculum(self, judged: Iterable[RewardedRollout]) -> None:
        """Count the roll-outs of all processes in the curriculum: those of a problem may be on several processes."""
        from accelerate.utils import gather_object

        here = [
            ((one.rollout.task.task_id, one.rollout.stage, one.rollout.share), one.outcome.passed)
            for one in judged
            if one.usable
        ]
        everywhere = gather_object(here)
        attempts = Counter(key for key, _ in everywhere)
        successes = Counter(key for key, passed in everywhere if passed)
        for key, count in sorted(attempts.items()):
            task_id, stage, share = key
            self.curriculum.observe(task_id, stage, successes[key], count, share)

    def _metrics(self, judged: Sequence[RewardedRollout]) -> dict[str, float]:
        tokens = sum(len(one.loss_mask) for one in judged)
        metrics = {
            "pass_rate": sum(one.outcome.passed for one in judged) / len(judged),
            "mask_share": sum(sum(one.loss_mask) for one in judged) / tokens,
            "response_tokens": tokens / len(judged),
        }
        if judged[0].rollout.stage == HELD_OUT:
            return metrics
        stages = {f"stage/{stage}": float(count) for stage, count in self.curriculum.counts().items()}
        return {**metrics, **stages, "full_generation": self.curriculum.full_generation_share()}


def generate(trainer: Any, prompt_ids: list[list[int]]) -> tuple[list[list[int]], list[list[float]] | None]:
    """Continue each prompt once, through TRL: with vLLM, paged attention or ``generate``, sharded or not.

    Returns:
        The tokens of each response, the end of text included; and their log-probabilities, if vLLM generated them.
    """
    count = trainer.num_generations if trainer.model.training else trainer.num_generations_eval
    completion_ids, logprobs = trainer._generate_single_turn(prompt_ids, None, {}, count)
    return [list(ids) for ids in completion_ids], logprobs


def by_prompt(tasks: Iterable[Task]) -> dict[str, Task]:
    """Index tasks by prompt, which is all that TRL passes to a ``rollout_func``.

    Raises:
        InputError: Two problems have the same prompt.
    """
    found: dict[str, Task] = {}
    for task in tasks:
        if (other := found.setdefault(task.prompt, task)).task_id != task.task_id:
            raise InputError(f"problems {other.task_id} and {task.task_id} have the same prompt: leave out one of them")
    return found


def cores_of_a_process() -> int:
    """Return this process's share of the cores, at least 1, by ``LOCAL_WORLD_SIZE`` of accelerate or torchrun."""
    return max(1, available_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _dataset(tasks: Sequence[Task]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"prompt": [task.prompt for task in tasks], "task_id": [task.task_id for task in tasks]})
