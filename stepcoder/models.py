"""The models of a run: the policy that is trained, the frozen reference, and the critic.

Trained weights are float32 for every ``model.dtype``: at the paper's learning rates an update is smaller than the
resolution of bfloat16. ``bfloat16`` is the type of the forward and backward passes and of frozen weights.
"""

from __future__ import annotations

import contextlib
import copy
import shutil
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from apps_plus.errors import WorkError
from harness.generation.continuous_batching import bare_model
from harness.generation.tokenization import error_line, hub_retries_unsaid, load_error, load_tokenizer
from stepcoder.config import ModelConfig, PPOConfig

LORA_TARGETS = "all-linear"
"""Every linear layer except the output layer."""


@dataclass
class Models:
    """Policy, reference and critic of one run, on one device."""

    policy: Any
    """The causal language model that is trained."""
    tokenizer: Any
    reference: Any | None
    """The frozen copy; None with LoRA, whose reference is the policy with its adapters off."""
    critic: Critic | None
    """None for advantages without a critic (GRPO, RLOO)."""
    device: torch.device
    dtype: torch.dtype

    def forward_dtype(self) -> contextlib.AbstractContextManager[Any]:
        """Run forward passes in the configured type."""
        context: contextlib.AbstractContextManager[Any] = torch.autocast(
            self.device.type, self.dtype, enabled=self.dtype is not torch.float32
        )
        return context

    @contextlib.contextmanager
    def learning(self) -> Iterator[None]:
        """Set training mode, which transformers needs to checkpoint activations; there is no dropout."""
        modules = [module for module in (self.policy, self.critic) if module is not None]
        for module in modules:
            module.train()
        try:
            yield
        finally:
            for module in modules:
                module.eval()

    @contextlib.contextmanager
    def as_reference(self) -> Iterator[Any]:
        """Give the reference model."""
        if self.reference is not None:
            yield self.reference
        else:
            with self.policy.disable_adapter():
                yield self.policy


class Critic(nn.Module):  # type: ignore[misc]  # torch is Any where it is not installed
    """V(s): the value of the tokens so far, a linear head on the last layer's hidden states.

    The head starts at zero, so that the first values are 0 and not noise.
    """

    def __init__(self, backbone: Any | None, hidden_size: int) -> None:
        super().__init__()
        self.backbone = backbone
        """A transformer of its own; None: the head reads the policy's hidden states, without a gradient to them."""
        self.head = nn.Linear(hidden_size, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def values(self, states: Tensor) -> Tensor:
        """Return the values (states,) of hidden states (states, width)."""
        with torch.autocast(states.device.type, enabled=False):  # bfloat16 has two decimal digits
            values: Tensor = self.head(states.float()).squeeze(-1)
        return values


def load_models(config: ModelConfig, ppo: PPOConfig | None, device: torch.device) -> Models:
    """Load a run's models; without ``ppo``, for supervised fine-tuning, only the policy.

    Raises:
        InputError: The model or its tokenizer cannot be loaded.
    """
    dtype = getattr(torch, config.dtype)
    tokenizer = load_tokenizer(config.name, config.revision, trust_remote_code=False)
    tokenizer.padding_side = "right"
    policy = load_policy(config, torch.float32 if config.lora_rank == 0 else dtype).to(device)
    reference = critic = None
    if config.gradient_checkpointing:
        policy.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    if ppo is not None:
        critic = _critic(policy, ppo)
        if config.lora_rank == 0:
            reference = _frozen(copy.deepcopy(policy).to(dtype))
    if config.lora_rank:
        policy = with_lora(policy, config)
    return Models(policy, tokenizer, reference, critic.to(device) if critic is not None else None, device, dtype)


def load_policy(config: ModelConfig, dtype: torch.dtype) -> Any:
    """Load the causal language model without dropout: PPO's ratio compares two passes. Raises InputError."""
    from transformers import AutoModelForCausalLM
    from transformers.utils import logging

    logging.disable_progress_bar()
    try:
        with hub_retries_unsaid():
            model = AutoModelForCausalLM.from_pretrained(config.name, revision=config.revision, dtype=dtype)
    except Exception as error:  # the libraries below raise many types
        raise load_error("the model ", config.name, error) from error
    for module in model.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
        if isinstance(getattr(module, "attention_dropout", None), float):
            module.attention_dropout = 0.0
    return model.eval()


def with_lora(policy: Any, config: ModelConfig) -> Any:
    """Add LoRA adapters to the policy's linear layers; only they are trained, in float32."""
    from peft import LoraConfig, get_peft_model

    lora = LoraConfig(
        r=config.lora_rank,
        lora_alpha=config.lora_alpha,
        target_modules=LORA_TARGETS,
        task_type="CAUSAL_LM",
    )
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is_gradient_checkpointing", category=FutureWarning)  # peft asks it
        policy = get_peft_model(policy, lora)
    for parameter in policy.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return policy.eval()


def body_of(policy: Any) -> Any:
    """Return the transformer under a language model's head, with its adapters."""
    model = bare_model(policy)
    return getattr(model, model.base_model_prefix)


def trainable(module: nn.Module) -> list[nn.Parameter]:
    """Return the parameters that are trained."""
    return [parameter for parameter in module.parameters() if parameter.requires_grad]


def save_model(models: Models, folder: Path) -> None:
    """Write the policy as a normal transformers folder in the configured type, adapters merged.

    The folder is replaced as a whole; after an error it is unchanged.

    Raises:
        WorkError: The disk is full, or cannot be written.
    """
    policy = models.policy
    if hasattr(policy, "merge_and_unload"):
        policy = copy.deepcopy(policy).merge_and_unload()
    weights = _converted(policy.state_dict(), models.dtype)
    half = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(half, ignore_errors=True)  # of a run that was killed
    try:
        _write(policy, weights, models, half)
        _put_in_place(half, folder)
    except Exception as error:  # safetensors and tokenizers have their own exceptions for a full disk
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error_line(error)
        raise WorkError(f"cannot write the model to {folder}: {reason}; make room, and --resume tries again") from error
    finally:
        shutil.rmtree(half, ignore_errors=True)


def _converted(weights: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Convert weights to another type, on the CPU. Tied weights stay one tensor: that is how they are recognised."""
    made: dict[tuple[Any, ...], Tensor] = {}
    converted = {}
    for name, tensor in weights.items():
        place = (tensor.device, tensor.data_ptr(), tensor.shape, tensor.stride())
        if place not in made:
            made[place] = tensor.to("cpu", dtype if tensor.is_floating_point() else tensor.dtype)
        converted[name] = made[place]
    return converted


def _write(policy: Any, weights: dict[str, Tensor], models: Models, folder: Path) -> None:
    policy.save_pretrained(folder, state_dict=weights)
    config = copy.deepcopy(policy.config)
    config.dtype = models.dtype  # save_pretrained wrote the type of the trained weights
    config.save_pretrained(folder)
    side = models.tokenizer.padding_side
    models.tokenizer.padding_side = "left"  # for generation
    try:
        models.tokenizer.save_pretrained(folder)
    finally:
        models.tokenizer.padding_side = side


def _put_in_place(half: Path, folder: Path) -> None:
    """Rename a folder to ``folder``, moving aside the one there: a rename does not replace it. Raises OSError."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    try:
        half.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _critic(policy: Any, ppo: PPOConfig) -> Critic | None:
    if ppo.advantages != "gae":
        return None
    hidden = policy.config.get_text_config().hidden_size
    return Critic(copy.deepcopy(body_of(policy)).float() if ppo.critic == "own" else None, hidden)


def _frozen(model: Any) -> Any:
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return model
