"""Checkpoints: all that a resumed run needs to continue as the unbroken run would.

``step-NNNNNN/`` is written under another name and renamed, so that it is complete or absent.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import nn

from apps_plus.errors import InputError, WorkError

_PREFIX = "step-"


def save_checkpoint(
    folder: Path,
    step: int,
    modules: Mapping[str, nn.Module],
    optimizers: Mapping[str, torch.optim.Optimizer],
    state: Mapping[str, Any],
    keep: int,
) -> Path:
    """Write a checkpoint and remove all but the last ``keep``.

    Raises:
        WorkError: The disk is full, or cannot be written; earlier checkpoints are kept.
    """
    target = folder / f"{_PREFIX}{step:06d}"
    half = folder / f".{target.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(half, ignore_errors=True)
        half.mkdir()
        for name, module in modules.items():
            torch.save(_trained(module), half / f"{name}.pt")
        for name, optimizer in optimizers.items():
            torch.save(optimizer.state_dict(), half / f"{name}.optimizer.pt")
        (half / "state.json").write_text(json.dumps({"step": step, **state}))
        shutil.rmtree(target, ignore_errors=True)
        half.rename(target)
    except (OSError, RuntimeError) as error:  # torch reports a full disk as a RuntimeError
        shutil.rmtree(half, ignore_errors=True)
        raise WorkError(
            f"cannot write the checkpoint {target}: {str(error).splitlines()[0]}; "
            f"{_describe_last(folder)}: make room and continue with --resume"
        ) from error
    for old in checkpoints(folder)[:-keep]:
        shutil.rmtree(old)
    return target


def checkpoints(folder: Path) -> list[Path]:
    """Return the complete checkpoints, oldest first."""
    return sorted(path for path in folder.glob(f"{_PREFIX}*") if (path / "state.json").is_file())


def resumed_from(step: int, steps: int, key: str) -> str:
    """Say at which step a run goes on; if it has all its steps, which setting gives it more."""
    if step < steps:
        return f"resuming from step {step}"
    return f"all {steps} steps are done: a larger {key} trains further"


def load_checkpoint(
    path: Path, modules: Mapping[str, nn.Module], optimizers: Mapping[str, torch.optim.Optimizer]
) -> dict[str, Any]:
    """Load a checkpoint into the modules and optimisers, and return its state.

    Raises:
        InputError: It is damaged, or of another model.
    """
    try:
        for name, module in modules.items():
            weights = torch.load(path / f"{name}.pt", map_location="cpu", weights_only=True)
            unknown = module.load_state_dict(weights, strict=False).unexpected_keys
            if unknown or set(weights) != set(_trained(module)):
                raise ValueError(f"{name} has other parameters")
        for name, optimizer in optimizers.items():
            optimizer.load_state_dict(torch.load(path / f"{name}.optimizer.pt", map_location="cpu", weights_only=True))
        state: dict[str, Any] = json.loads((path / "state.json").read_text())
    except Exception as error:  # torch raises many types for a damaged file
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise InputError(f"{path} cannot be read ({reason}): remove it, and --resume uses the one before it") from error
    return state


def _trained(module: nn.Module) -> dict[str, torch.Tensor]:
    """Return the trained parameters: of a model with adapters, the adapters alone."""
    trained = {name for name, parameter in module.named_parameters() if parameter.requires_grad}
    return {name: tensor for name, tensor in module.state_dict().items() if name in trained}


def _describe_last(folder: Path) -> str:
    earlier = checkpoints(folder)
    return f"the last good one is {earlier[-1].name}" if earlier else "there is none before it"
