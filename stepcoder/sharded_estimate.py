"""Estimate the memory of a run whose models are sharded over N devices: the recipe of docs/verl.md, module by module.

With the symbols of ``stepcoder.memory_estimate``, T tokens in a training pass on one device (verl's
``ppo_max_token_len_per_gpu``) and tensor parallelism t, in bytes on each device:

    actor         16 P / N          float32 weights, gradients and AdamW's two moments
    critic        16 C / N          the same, without the output layer; none with GRPO
    reference     4 P / N
    layers        4 P / L           two layers are gathered at a time, in bfloat16
    activations   T (L 4 h + l) + 20 V T    gradient checkpointing; the logits of the whole pass exist at once
    engine        2 P / t           the copy that generates, in bfloat16; its key-value cache takes what is left

Generation and the two updates alternate. In the recipe the models that do not run lie in the machine's memory
(``param_offload``, ``optimizer_offload``), and the engine gives its memory back while models are updated
(``free_cache_engine``). So the peak on a device is that of the largest of the three.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from stepcoder.memory_estimate import FLOAT32, LOGITS, ModelSize, token_activations

BFLOAT16 = 2
TOKENS = 16_384
"""Tokens of a training pass on one device: ``ppo_max_token_len_per_gpu`` of the recipe."""
ROOM = 80_000_000_000
"""Bytes of the devices that the recipe is written for."""


@dataclass(frozen=True, slots=True)
class ShardedEstimate:
    """Bytes on each device."""

    devices: int
    actor: int
    critic: int
    reference: int
    layers: int
    activations: int
    engine: int

    @property
    def updating(self) -> int:
        """Peak while a model is updated, the other ones offloaded."""
        return max(self.actor, self.critic) + self.layers + self.activations

    @property
    def offloaded(self) -> int:
        """Bytes of the machine's memory that hold a device's share of the models that do not run."""
        return self.actor + self.critic + self.reference

    def rows(self) -> Iterator[tuple[str, int]]:
        """Yield the modules that are not 0, by name, and the sums."""
        for name in ("actor", "critic", "reference", "layers", "activations", "engine"):
            if value := getattr(self, name):
                yield name, value
        yield "while updating", self.updating
        yield "in host memory", self.offloaded


def estimate_sharded(
    size: ModelSize, devices: int, *, critic: bool, tokens: int = TOKENS, tensor_parallel: int = 1
) -> ShardedEstimate:
    """Estimate the memory of full fine-tuning on each of several devices.

    Args:
        size: The model's.
        devices: Over which the weights are sharded.
        critic: True for PPO with a critic of its own.
        tokens: Of a training pass on one device.
        tensor_parallel: Devices that share one copy of the engine.
    """
    trained = 4 * FLOAT32
    return ShardedEstimate(
        devices=devices,
        actor=trained * size.parameters // devices,
        critic=trained * size.body // devices if critic else 0,
        reference=FLOAT32 * size.parameters // devices,
        layers=2 * BFLOAT16 * size.parameters // size.layers,
        activations=tokens * (token_activations(size, BFLOAT16, checkpointing=True) + LOGITS * size.vocabulary),
        engine=BFLOAT16 * size.parameters // tensor_parallel,
    )


def estimate_fitting(size: ModelSize, *, critic: bool, room: int = ROOM, most: int = 1024) -> ShardedEstimate | None:
    """Estimate for the fewest devices that hold the run: 8, 16, 32, ...; None if ``most`` do not.

    Args:
        size: The model's.
        critic: True for PPO with a critic of its own.
        room: Bytes of each device.
        most: The most devices.
    """
    devices = 8
    while devices <= most:
        found = estimate_sharded(size, devices, critic=critic)
        if max(found.updating, found.engine) < room:
            return found
        devices *= 2
    return None
