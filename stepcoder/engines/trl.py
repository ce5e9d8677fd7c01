"""CCCS and FGO in TRL's ``GRPOTrainer``, for whoever outgrows this trainer: DeepSpeed, FSDP and vLLM are TRL's.

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

1. There is no critic: the advantage is GRPO's, one for a whole response. A method that rewards single lines (``rltf``)
   cannot be had.
2. A token that FGO masks has no gradient at all: TRL takes the KL to the reference, too, over the tokens that
   ``env_mask`` leaves. In ``stepcoder.ppo`` the KL is over all response tokens.
3. FGO's loss is divided by the number of tokens that count. ``loss_type="dapo"`` (of ``settings``) does that over the
   whole batch, on all processes; ``bnpo`` micro-batch by micro-batch, ``grpo`` response by response, ``dr_grpo`` not.
4. TRL scores tokens at the sampling temperature, and what it logs as completion lengths are the tokens that count.
5. Programs are judged when all of a batch are written, not meanwhile.

TRL calls ``rollout_func`` experimental. This is written for TRL 1.16.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any

from apps_plus.errors import InputError
from harness.doctor import available_cores
from harness.generation.tokenization import continuation
from harness.judging.outcome import Outcome
from stepcoder.assemble_program import assemble
from stepcoder.config import PPOConfig, RolloutConfig
from stepcoder.experience import Experience, reward_and_mask, seed_of
from stepcoder.judging import Judge
from stepcoder.methods import method_named
from stepcoder.records import Reward, Rollout, Task
from stepcoder.rewards import rltf_reward
from stepcoder.training_prompts import build_prompt

STATE = "stepcoder_curriculum"
"""The curriculum's name among the ``stateful_callbacks`` of a checkpoint's ``trainer_state.json``."""
HELD_OUT = 0
"""The stage of a roll-out that evaluates: the model writes everything, and the curriculum does not see it."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What reward functions are told of one roll-out, as ``judged``."""

    rollout: Rollout
    outcome: Outcome
    reward: Reward | None
    """None: the harness failed, and nothing is known of the program."""
    mask: tuple[bool, ...]
    """Of each response token, whether it counts in the loss."""


class StepCoderAdapter:
    """Gives TRL's ``GRPOTrainer`` a method's prompts, roll-outs, loss mask and rewards.

    Its judges are processes of their own, started by the first roll-out and ended by ``close`` (or ``with``).

    Args:
        tasks: What is trained on.
        tokenizer: The model's, which the trainer must be given too (``processing_class``).
        method: A row of ``stepcoder.methods.METHODS``.
        rho: CCCS: a problem moves on when the share of its roll-outs that pass exceeds this.
        rho_groups: After so many groups without moving on, the share is counted anew; 0: never.
        samples: Roll-outs of a problem: ``GRPOConfig.num_generations``.
        workers: Sandboxes of this process that judge at the same time; 0: its share of the machine's cores.
        test_seconds: Processor time that a program has for one test.
        max_tests: Judge by the first so many tests of a problem; 0: all.
        chat: Ask through the model's chat template and take the fenced program of its answer.
        eval_tasks: What is held out.

    Raises:
        InputError: There is no such method, it does not fit GRPO, or two problems have the same prompt.
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
        self._method = method_named(method)
        if self._method.reward in (None, rltf_reward):
            raise InputError(
                f"method {method} has no reward for a whole response, which is what GRPO takes: choose another"
            )
        self._tasks, self._eval_tasks = list(tasks), list(eval_tasks)
        self._by_prompt = by_prompt([*self._tasks, *self._eval_tasks])
        self._tokenizer = tokenizer
        self._chat = chat
        self._samples = samples
        self.curriculum = self._method.curriculum(self._tasks, rho, samples, rho_groups)
        """Where each problem stands; the same on all processes."""
        self._judge = Judge(workers or cores_of_a_process(), test_seconds=test_seconds, max_tests=max_tests)
        self._state: Any = None

    def __enter__(self) -> StepCoderAdapter:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the judges; a later roll-out starts others."""
        self._judge.close()

    # ---- what GRPOTrainer is given

    def settings(self) -> dict[str, Any]:
        """Arguments of ``GRPOConfig``: the paper's hyper-parameters (section 4.2), and a loss that FGO fits."""
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
        """``train_dataset``."""
        return _dataset(self._tasks)

    def eval_dataset(self) -> Any:
        """``eval_dataset``: the held-out problems."""
        return _dataset(self._eval_tasks)

    def rollout(self, prompts: Sequence[str], trainer: Any) -> dict[str, Any]:
        """``rollout_func``: prompts with the curriculum's prefixes, what the policy writes after them, and FGO's mask.

        Args:
            prompts: This process's part of the batch: each prompt of the dataset as often as it is to be continued.
            trainer: The ``GRPOTrainer``, which generates (with vLLM where it uses that).

        Returns:
            For each prompt ``prompt_ids``, ``completion_ids``, ``logprobs`` (None where TRL computes them itself),
            ``env_mask`` and, for the reward functions, ``judged``.

        Raises:
            InputError: The trainer's settings or its checkpoint do not fit, or a prompt is none of the dataset's.
            WorkError: Workers that judge die again and again.
        """
        training = bool(trainer.model.training)
        self._follow(trainer)
        asked = self._ask(prompts, training)
        prompt_ids = [list(rollout.prompt_ids) for rollout in asked]
        completion_ids, logprobs = generate(trainer, prompt_ids)
        ends = frozenset(trainer.eos_token_ids)
        judged = self._judged([self._written(r, ids, ends) for r, ids in zip(asked, completion_ids, strict=True)])
        if training:
            self._observe(judged)
            trainer.state.stateful_callbacks[STATE] = self.curriculum.state()
        return {
            "prompt_ids": prompt_ids,
            "completion_ids": completion_ids,
            "logprobs": logprobs,
            "env_mask": [[int(counts) for counts in one.mask] for one in judged],
            "judged": judged,
        }

    def reward(self, judged: Sequence[Judged], log_metric: Any, log_extra: Any, **_: Any) -> list[float | None]:
        """``reward_funcs``: each program's reward; None for those that the harness failed on. Logs what it knows."""
        for name, value in self._metrics(judged).items():
            log_metric(name, value)
        log_extra("prefix", [one.rollout.prefix for one in judged])
        log_extra("verdict", [str(one.outcome.verdict) for one in judged])
        return [None if one.reward is None else one.reward.total for one in judged]

    # ---- the steps of a roll-out

    def _follow(self, trainer: Any) -> None:
        """Begin where the trainer begins: it makes its state anew, or loads a checkpoint's, in each ``train()``."""
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
            raise InputError(
                "the checkpoint was written without this adapter: it does not say where the curriculum stands"
            )

    def _ask(self, prompts: Sequence[str], training: bool) -> list[Rollout]:
        """Roll-outs of which nothing is written yet: those of one prompt share what it was encoded to."""
        begun = {prompt: self._begun(prompt, training) for prompt in dict.fromkeys(prompts)}
        return [begun[prompt] for prompt in prompts]

    def _begun(self, prompt: str, training: bool) -> Rollout:
        if (task := self._by_prompt.get(prompt)) is None:
            raise InputError(f"a prompt of the trainer's dataset is none of the adapter's tasks: {prompt[:80]!r}")
        stage = self.curriculum.stage(task.task_id) if training else HELD_OUT
        start = self.curriculum.start(task.task_id) if training else 0
        ids, prefix = build_prompt(self._tokenizer, task, start, chat=self._chat)
        return Rollout(task, stage, prefix, ids, (), (), "", False)

    def _written(self, asked: Rollout, ids: Sequence[int], ends: frozenset[int]) -> Rollout:
        finished = ids[-1] in ends
        completion = continuation(self._tokenizer, asked.prompt_ids, ids[:-1] if finished else ids)
        return Rollout(asked.task, asked.stage, asked.prefix, asked.prompt_ids, tuple(ids), (), completion, finished)

    def _judged(self, rollouts: list[Rollout]) -> list[Judged]:
        programs = [assemble(r.prefix, r.completion, self._chat, r.task.problem.entry_point) for r in rollouts]
        outcomes = self._judge.outcomes([(r.task, p.source) for r, p in zip(rollouts, programs, strict=True)])
        seed = seed_of(self._state.global_step, *rollouts[0].response_ids)  # another on each process
        experience = Experience(rollouts, programs, [], [], outcomes)
        found = reward_and_mask(experience, self._method, self._tokenizer, seed)
        rewards = [reward if usable else None for reward, usable in zip(found.rewards, found.usable, strict=True)]
        return [Judged(*parts) for parts in zip(rollouts, outcomes, rewards, found.loss_masks, strict=True)]

    def _observe(self, judged: Iterable[Judged]) -> None:
        """Tell the curriculum what the roll-outs of all processes came to: a problem's may be spread over several."""
        from accelerate.utils import gather_object

        here = [
            ((one.rollout.task.task_id, one.rollout.stage), one.outcome.passed)
            for one in judged
            if one.reward is not None
        ]
        everywhere = gather_object(here)
        attempts = Counter(key for key, _ in everywhere)
        successes = Counter(key for key, passed in everywhere if passed)
        for (task_id, stage), count in attempts.items():
            self.curriculum.observe(task_id, stage, successes[task_id, stage], count)

    def _metrics(self, judged: Sequence[Judged]) -> dict[str, float]:
        tokens = sum(len(one.mask) for one in judged)
        metrics = {
            "pass_rate": sum(one.outcome.passed for one in judged) / len(judged),
            "mask_share": sum(sum(one.mask) for one in judged) / tokens,
            "response_tokens": tokens / len(judged),
        }
        if judged[0].rollout.stage == HELD_OUT:
            return metrics
        stages = {f"stage/{stage}": float(count) for stage, count in self.curriculum.counts().items()}
        return {**metrics, **stages, "full_generation": self.curriculum.full_generation_share()}


def generate(trainer: Any, prompt_ids: list[list[int]]) -> tuple[list[list[int]], list[list[float]] | None]:
    """Continue each prompt once, as TRL itself does: by vLLM, by paged attention or by ``generate``, sharded or not.

    Returns:
        The tokens of each response, its end of text included; and their log-probabilities, where vLLM wrote them.
    """
    count = trainer.num_generations if trainer.model.training else trainer.num_generations_eval
    completion_ids, logprobs = trainer._generate_single_turn(prompt_ids, None, {}, count)
    return [list(ids) for ids in completion_ids], logprobs


def by_prompt(tasks: Iterable[Task]) -> dict[str, Task]:
    """The tasks by their prompts, which are all that TRL tells a ``rollout_func``.

    Raises:
        InputError: Two problems have the same.
    """
    found: dict[str, Task] = {}
    for task in tasks:
        if (other := found.setdefault(task.prompt, task)).task_id != task.task_id:
            raise InputError(f"problems {other.task_id} and {task.task_id} have the same prompt: leave out one of them")
    return found


def cores_of_a_process() -> int:
    """This process's share of the cores where ``accelerate launch`` or ``torchrun`` started several here; 1 or more."""
    return max(1, available_cores() // int(os.environ.get("LOCAL_WORLD_SIZE", "1")))


def _dataset(tasks: Sequence[Task]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"prompt": [task.prompt for task in tasks], "task_id": [task.task_id for task in tasks]})
