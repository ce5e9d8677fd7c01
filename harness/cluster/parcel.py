"""Pack jobs for another machine. What many jobs have in common is left out, and travels once."""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

_KEPT = 16
"""Number of shared objects that a worker keeps: jobs with the same one follow each other."""


def pack(work: Callable[..., Any], job: Any, shared: tuple[type, ...]) -> tuple[bytes, list[Any]]:
    """Pickle a job.

    Args:
        work: The function of a module that does it.
        job: The job.
        shared: Types whose objects are left out.

    Returns:
        The parcel, and the objects that are not in it, in their order.
    """
    if not shared:
        return pickle.dumps((work, job), pickle.HIGHEST_PROTOCOL), []
    file = io.BytesIO()
    packer = _Packer(file, shared)
    packer.dump((work, job))
    return file.getvalue(), packer.left_out


class _Packer(pickle.Pickler):
    def __init__(self, file: io.BytesIO, shared: tuple[type, ...]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._shared = shared
        self.left_out: list[Any] = []

    def persistent_id(self, thing: Any) -> int | None:
        """Return the place of a shared object in ``left_out``; None for any other."""
        if not isinstance(thing, self._shared):
            return None
        self.left_out.append(thing)
        return len(self.left_out) - 1


class Unpacker:
    """Unpacks parcels, and keeps the shared objects that were used last."""

    def __init__(self, fetch: Callable[[Any], bytes]) -> None:
        """Take the function that fetches a shared object, pickled, by a reference to it."""
        self._fetch = fetch
        self._kept: OrderedDict[Any, Any] = OrderedDict()

    def unpack(self, parcel: bytes, references: Sequence[Any]) -> tuple[Callable[..., Any], Any]:
        """Return the work and the job of a parcel.

        Args:
            parcel: What ``pack`` wrote: our own bytes, which no program writes.
            references: To the shared objects, in the order of ``pack``.
        """
        unpickler = _Unpickler(io.BytesIO(parcel))
        unpickler.persistent_load = lambda place: self._shared(references[place])  # type: ignore[method-assign]
        work, job = unpickler.load()
        return work, job

    def _shared(self, reference: Any) -> Any:
        if reference not in self._kept:
            self._kept[reference] = pickle.loads(self._fetch(reference))  # noqa: S301
        self._kept.move_to_end(reference)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return self._kept[reference]


class _Unpickler(pickle.Unpickler):
    """Has attributes of its own, unlike ``pickle.Unpickler``."""
