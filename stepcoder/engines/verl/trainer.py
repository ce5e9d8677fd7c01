"""verl's synchronous trainer with StepCoder's loss mask and curriculum: ``trainer.v1.trainer_mode=stepcoder``.

verl finds it where ``VERL_USE_EXTERNAL_MODULES`` names this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ray
import torch
import transfer_queue as tq
from omegaconf import open_dict
from tensordict import TensorDict
from verl.trainer.ppo.v1 import PPOTrainerSync, register_trainer
from verl.utils.checkpoint.checkpoint_manager import find_latest_ckpt_path

from apps_plus.errors import InputError, WorkError
from stepcoder.engines.verl.agent_loop import LOSS_MASK
from stepcoder.engines.verl.curriculum_actor import load_curriculum, save_curriculum, start_curriculum
from stepcoder.engines.verl.run_folder import RunFolder

MODE = "stepcoder"
"""The trainer's name in ``trainer.v1.trainer_mode``."""


@register_trainer(MODE)
class StepCoderTrainer(PPOTrainerSync):
    """The curriculum moves after each step and is in each checkpoint; FGO's mask is applied in the policy loss.

    Raises:
        InputError: verl's configuration and the run's folder disagree.
    """

    def __init__(self, config: Any) -> None:
        with open_dict(config):
            config.trainer.v1.trainer_mode = "sync"  # verl takes any other name for an asynchronous trainer
        folder = RunFolder.named_by(config)
        _refuse_other_samples(config, folder)
        super().__init__(config)
        self.curriculum = start_curriculum(folder)

    def step(self, metrics: dict[str, Any], timing_raw: dict[str, Any]) -> Any:
        """Run a step, then count its groups in the curriculum; the checkpoint of the step follows.

        Raises:
            WorkError: Every roll-out failed.
        """
        batch = super().step(metrics, timing_raw)
        moved = ray.get(self.curriculum.advance.remote(self.global_steps))
        metrics.update({f"stepcoder/{name}": value for name, value in moved.items()})
        return batch

    def _balance_batch(self, batch: Any, metrics: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        if not len(batch):
            raise WorkError(
                "every roll-out of a step failed: the log of the agent loop workers says why; if the sandbox did, run "
                "apps-plus doctor on each node"
            )
        return super()._balance_batch(batch, metrics, *args, **kwargs)

    def _update_actor(self, batch: Any, metrics: dict[str, Any]) -> Any:
        with policy_loss_mask(batch) as share:
            metrics["stepcoder/mask_share"] = share
            return super()._update_actor(batch, metrics)

    def _save_checkpoint(self) -> None:
        # Before the rest: the file that names the latest checkpoint is written last.
        save_curriculum(
            self.curriculum, Path(self.config.trainer.default_local_dir) / f"global_step_{self.global_steps}"
        )
        super()._save_checkpoint()

    def _load_checkpoint(self) -> None:
        super()._load_checkpoint()
        if self.global_steps:
            load_curriculum(self.curriculum, resumed_folder(self.config))


def resumed_folder(config: Any) -> Path:
    """Return the folder of the checkpoint that verl resumes from, where there is one."""
    trainer = config.trainer
    if trainer.resume_mode == "resume_path":
        return Path(trainer.resume_from_path).absolute()
    return Path(find_latest_ckpt_path(str(Path(trainer.default_local_dir).absolute())))


@contextmanager
def policy_loss_mask(batch: Any) -> Iterator[float]:
    """Have the losses see the roll-outs' loss masks within the block; yield the share of tokens that count.

    verl's losses are over the tokens of ``response_mask`` and divided by the number of those of ``loss_mask``, which
    are the same: the tokens that the model wrote.

    Args:
        batch: Names the sequences in the transfer queue. Those that pad it have no tokens that count.
    """
    stored = tq.kv_batch_get(
        keys=batch.keys, partition_id=batch.partition_id, select_fields=["response_mask", "extra_fields"]
    )
    written = list(stored["response_mask"].unbind())
    counting = [
        mask if tag.get("is_padding", False) else mask * torch.tensor(_plain(extra)[LOSS_MASK], dtype=mask.dtype)
        for mask, extra, tag in zip(written, list(stored["extra_fields"]), batch.tags, strict=True)
    ]
    _store_masks(batch, counting)
    try:
        yield float(sum(mask.sum() for mask in counting) / max(1, sum(mask.sum() for mask in written)))
    finally:
        _store_masks(batch, written)


def _plain(extra: Any) -> dict[str, Any]:
    found: dict[str, Any] = getattr(extra, "data", extra)  # as it is stored, or wrapped by tensordict
    return found


def _store_masks(batch: Any, masks: Sequence[torch.Tensor]) -> None:
    nested = torch.nested.as_nested_tensor(list(masks), layout=torch.jagged)
    fields = TensorDict({"response_mask": nested, "loss_mask": nested}, batch_size=len(masks))
    tq.kv_batch_put(keys=batch.keys, partition_id=batch.partition_id, fields=fields)


def _refuse_other_samples(config: Any, folder: RunFolder) -> None:
    given, wanted = config.actor_rollout_ref.rollout.n, folder.config.rollout.samples
    if given != wanted:
        raise InputError(
            f"actor_rollout_ref.rollout.n is {given}, but rollout.samples of the run's folder {wanted}, which the "
            "curriculum counts by: give both the same number"
        )
