"""The processes of a run: one, or as many as ``accelerate launch`` starts. Each holds the whole model.

Roll-outs are shared out, gradients are added up once a step. What does not fit one device needs a framework that splits
models: see ``stepcoder.engines.trl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from apps_plus.errors import InputError
from stepcoder.records import Request


class Processes:
    """What one process knows of the others, through accelerate."""

    def __init__(self, device: torch.device, accelerator: Any | None = None) -> None:
        self._accelerator = accelerator
        self.device = device
        self.count: int = accelerator.num_processes if accelerator else 1
        self.rank: int = accelerator.process_index if accelerator else 0

    @classmethod
    def launched(cls, device: str = "auto") -> Processes:
        """The processes that ``accelerate launch`` started; this one alone where it did not.

        Raises:
            InputError: There is no such device.
        """
        from accelerate import Accelerator

        if device == "cuda" and not torch.cuda.is_available():
            raise InputError("model.device is cuda, but torch sees no GPU: use auto or cpu")
        accelerator = Accelerator(cpu=device == "cpu")
        return cls(accelerator.device, accelerator)

    @property
    def main(self) -> bool:
        """Whether this is the process that talks and writes."""
        return self.rank == 0

    def share(self, items: Sequence[Any]) -> Sequence[Any]:
        """This process's part of a list: every item belongs to exactly one process."""
        return items[self.rank :: self.count]

    def share_groups(self, requests: Sequence[Request]) -> list[Request]:
        """This process's part of the roll-outs to draw: every group whole, on exactly one process."""
        return [request for request in requests if request.group % self.count == self.rank]

    def sum(self, value: Tensor) -> Tensor:
        """The sum over the processes of a tensor that each has in the same shape."""
        if self._accelerator is None or self.count == 1:
            return value
        total: Tensor = self._accelerator.reduce(value.detach().clone(), "sum")
        return total

    def mean(self, values: Tensor) -> Tensor:
        """The mean of all elements that the processes hold."""
        return self.sum(values.sum()) / self.sum(torch.tensor(float(values.numel()), device=values.device))

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of the processes, in place: each divided its loss by the counts of all."""
        if self.count == 1:
            return
        for parameter in parameters:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            parameter.grad = self.sum(gradient)

    def gather(self, items: Sequence[Any]) -> list[Any]:
        """The items of all processes, first those of process 0."""
        from accelerate.utils import gather_object

        return list(items) if self.count == 1 else list(gather_object(list(items)))

    def wait(self) -> None:
        """Until all are here."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()
