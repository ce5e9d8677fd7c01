"""The processes of a run: one, or those that ``accelerate launch`` starts. Each holds the whole model.

Roll-outs are divided among them; gradients are added up once per step. A model that does not fit one device needs a
framework that splits models: see ``stepcoder.engines.trl``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from apps_plus.errors import InputError
from apps_plus.interrupts import interrupts_held_back
from stepcoder.records import RolloutRequest


class Processes:
    """Communication of one process with the others, through accelerate."""

    def __init__(self, device: torch.device, accelerator: Any | None = None) -> None:
        self._accelerator = accelerator
        self.device = device
        self.count: int = accelerator.num_processes if accelerator else 1
        self.rank: int = accelerator.process_index if accelerator else 0

    @classmethod
    def launched(cls, device: str = "auto") -> Processes:
        """Connect the processes of ``accelerate launch``; without it, this process alone.

        Raises:
            InputError: There is no such device.
        """
        with interrupts_held_back():
            from accelerate import Accelerator

        if device == "cuda" and not torch.cuda.is_available():
            raise InputError("model.device is cuda, but torch sees no GPU: use auto or cpu")
        accelerator = Accelerator(cpu=device == "cpu")
        return cls(accelerator.device, accelerator)

    @property
    def main(self) -> bool:
        """True for the process that prints and writes files."""
        return self.rank == 0

    def share(self, items: Sequence[Any]) -> Sequence[Any]:
        """Return this process's part of a list: every item belongs to exactly one process."""
        return items[self.rank :: self.count]

    def share_groups(self, requests: Sequence[RolloutRequest]) -> list[RolloutRequest]:
        """Return this process's part of the requests: whole groups, each on exactly one process."""
        return [request for request in requests if request.group % self.count == self.rank]

    def minibatches(self, groups: Sequence[int], count: int, generator: torch.Generator) -> Iterator[Tensor]:
        """Divide the rows of all processes into minibatches at random; yield this process's rows of each.

        Each group is on one process, in the order of its samples. So the rows, ordered by group, are the same list for
        every number of processes, and so are the minibatches. One without rows is left out on all processes: a step on
        it would move the parameters by Adam's momentum alone.

        Args:
            groups: The group of each of this process's rows.
            count: The number of minibatches.
            generator: In the same state on every process.
        """
        everywhere = self.gather(groups)
        first = sum(self.gather([len(groups)])[: self.rank])  # this process's place in ``everywhere``
        ordered = sorted(range(len(everywhere)), key=everywhere.__getitem__)
        own = {place: row - first for place, row in enumerate(ordered) if 0 <= row - first < len(groups)}
        for chosen in torch.randperm(len(ordered), generator=generator).tensor_split(count):
            if len(chosen):
                yield torch.tensor([own[place] for place in chosen.tolist() if place in own], dtype=torch.long)

    def sum(self, value: Tensor) -> Tensor:
        """Sum over the processes a tensor that has the same shape on each."""
        if self._accelerator is None or self.count == 1:
            return value
        total: Tensor = self._accelerator.reduce(value.detach().clone(), "sum")
        return total

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean of all elements on all processes."""
        return self.sum(values.sum()) / self.sum(torch.tensor(float(values.numel()), device=values.device))

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of the processes, in place: each process divided its loss by the counts of all."""
        if self.count == 1:
            return
        for parameter in parameters:
            gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            parameter.grad = self.sum(gradient)

    def gather(self, items: Sequence[Any]) -> list[Any]:
        """Return the items of all processes, in the order of the processes."""
        from accelerate.utils import gather_object

        return list(items) if self.count == 1 else list(gather_object(list(items)))

    def wait(self) -> None:
        """Wait for all processes."""
        if self._accelerator is not None:
            self._accelerator.wait_for_everyone()
