"""One roll-out in verl: begin where the curriculum says, let the engine continue the prompt, judge, reward, mask."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

from verl.experimental.agent_loop import AgentLoopBase, AgentLoopOutput
from verl.utils.config import omega_conf_to_dataclass
from verl.utils.profiler import simple_timer

from apps_plus.errors import InputError, WorkError
from harness.doctor import available_cores
from harness.generation.transformers_backend import end_tokens
from stepcoder.engines.verl.curriculum_actor import find_curriculum
from stepcoder.engines.verl.run_folder import RunFolder
from stepcoder.environment import Environment, PendingRollout, seed_of
from stepcoder.judging import Judge
from stepcoder.records import RewardedRollout

WHOLE = 0, 0
"""Stage and prefix of the roll-outs of an evaluation."""
LOSS_MASK = "loss_mask"
"""Name among the extra fields of a roll-out: for each response token, whether it counts in the policy loss."""


class StepCoderLoop(AgentLoopBase):
    """The roll-outs of a method of ``stepcoder.methods``. verl makes one instance for each.

    Args:
        folder: The run's, written by ``prepare``.
        held_out: True for an evaluation: whole programs, judged by every test, which the curriculum does not count.
    """

    def __init__(self, *args: Any, folder: str, held_out: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._held_out = held_out
        self._process = Process.of(folder, self.tokenizer, self.config)

    async def run(
        self, sampling_params: dict[str, Any], *, uid: str, session_id: int, task_id: str, global_steps: int, **_: Any
    ) -> AgentLoopOutput:
        """Generate and judge one program.

        Args:
            sampling_params: The engine's.
            uid: The name of the prompt's group.
            session_id: The roll-out's number within the group.
            task_id: The problem, a column of the rows.
            global_steps: The trainer's step, from 1.

        Returns:
            A ``response_mask`` of ones, since the model wrote every token, the reward, and the loss mask among the
            extra fields.

        Raises:
            InputError: The problem is not of this run, or its prompt is longer than the configuration allows.
            WorkError: The sandbox failed: verl leaves the roll-out out, and nothing is learnt from it.
        """
        process, group, step, number = self._process, str(uid), int(global_steps), int(session_id)
        task = process.folder.task(str(task_id), held_out=self._held_out)
        start = WHOLE if self._held_out else await process.curriculum.draw.remote(group, task.task_id, step)
        begun = process.environment.begin(task, tuple(start))
        self._refuse_too_long(task.task_id, begun.prompt_ids)
        timing: dict[str, float] = {}
        with simple_timer("generate_sequences", timing):
            output = await self.server_manager.generate(
                request_id=uuid4().hex, prompt_ids=list(begun.prompt_ids), sampling_params=sampling_params
            )
        response = list(output.token_ids)[: self.rollout_config.response_length]
        if not response:
            raise WorkError(f"the engine returned no token for a prompt of problem {task.task_id}")
        with simple_timer("compute_score", timing):
            pending = process.environment.submit(begun, response, held_out=self._held_out)
            done = await process.finish(pending, seed_of(process.folder.config.seed, step, task.task_id, number))
        if not done.usable:
            raise WorkError(f"the sandbox failed on a program of problem {task.task_id}: see apps-plus doctor")
        if not self._held_out:
            policy = output.extra_fields.get("min_global_steps")
            await process.curriculum.tell.remote(group, number, done.outcome.passed, done.rollout.share, policy)
        return self._output(done, output, timing)

    def _refuse_too_long(self, task_id: str, prompt_ids: Sequence[int]) -> None:
        longest = self.rollout_config.prompt_length
        if len(prompt_ids) > longest:
            raise InputError(
                f"the prompt of problem {task_id} has {len(prompt_ids)} tokens with its prefix, and "
                f"data.max_prompt_length is {longest}: raise it to what prepare printed"
            )

    def _output(self, done: RewardedRollout, output: Any, timing: dict[str, float]) -> AgentLoopOutput:
        response, logprobs = list(done.rollout.response_ids), output.log_probs
        return AgentLoopOutput(
            prompt_ids=list(done.rollout.prompt_ids),
            response_ids=response,
            response_mask=[1] * len(response),
            response_logprobs=list(logprobs)[: len(response)] if logprobs else None,
            reward_score=done.reward.total,
            num_turns=2,
            metrics=timing,
            extra_fields={
                **output.extra_fields,
                LOSS_MASK: [int(counts) for counts in done.loss_mask],
                "stage": done.rollout.stage,
                "verdict": str(done.outcome.verdict),
                "reward_extra_info": {"acc": float(done.outcome.passed)},
                "turn_scores": [],  # columns that verl expects of every loop
                "tool_rewards": [],
            },
        )


class Process:
    """What the roll-outs of one process share: the tasks, the judge, the curriculum's handle."""

    _known: dict[str, Process] = {}  # noqa: RUF012 - of the process

    def __init__(self, folder: Path, tokenizer: Any, verl_config: Any) -> None:
        self.folder = RunFolder.read(folder)
        config = self.folder.config
        judge = Judge(
            config.rollout.workers or _share_of_cores(verl_config),
            test_seconds=config.rollout.test_seconds,
            max_tests=config.rollout.max_tests,
        )
        ends = end_tokens(omega_conf_to_dataclass(verl_config.actor_rollout_ref.model), tokenizer)
        self.environment = Environment(tokenizer, self.folder.method, judge, frozenset(ends), config.model.chat)

    @classmethod
    def of(cls, folder: str, tokenizer: Any, verl_config: Any) -> Process:
        """Return this process's, made at the first call."""
        if folder not in cls._known:
            cls._known[folder] = cls(Path(folder), tokenizer, verl_config)
        return cls._known[folder]

    @cached_property
    def curriculum(self) -> Any:
        """The handle of the curriculum's actor."""
        return find_curriculum()

    async def finish(self, pending: PendingRollout, seed: int) -> RewardedRollout:
        """Wait for the verdict without holding up the other roll-outs. Raises WorkError."""
        # Unlike awaiting it, this neither raises nor, when the roll-out is cancelled, cancels a verdict that others
        # wait for: equal programs are judged once. What is retried after a failure of the sandbox does hold them up.
        await asyncio.wait([asyncio.wrap_future(pending.verdict)])
        return self.environment.finish([pending], seed)[0]


def _share_of_cores(verl_config: Any) -> int:
    """Return the cores of this machine for each of the agent loop workers that verl starts on it, at least 1."""
    agents = int(verl_config.actor_rollout_ref.rollout.agent.num_workers)
    return max(1, available_cores() // math.ceil(agents / int(verl_config.trainer.nnodes)))
