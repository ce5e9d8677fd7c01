"""Answer the calls of tests that run in another process (``test_runner``), on the channel that both share.

Standard library only; this runs in the process of the program.
"""

from __future__ import annotations

from typing import Any

from harness.sandbox.runtime import values, wire
from harness.sandbox.runtime.confine import REPORT_FD
from harness.sandbox.runtime.report import OUTPUT_LIMIT

_MUTABLE = (list, dict)
"""The encoded forms of arguments that a call may have changed (or that hold such an argument)."""


class Objects:
    """The program's objects that the tests may name: each has a number, its *handle*."""

    def __init__(self, module: dict[str, Any]) -> None:
        self.module = module
        self.entry: Any = None
        self.handles: list[Any] = []
        self.numbers: dict[int, int] = {}

    def handle(self, value: Any) -> int:
        """Return the number of an object, a new one where it has none."""
        number = self.numbers.setdefault(id(value), len(self.handles))
        if number == len(self.handles):
            self.handles.append(value)
        return number

    def encode(self, value: Any) -> Any:
        """Write a value in the grammar of ``values``."""
        return values.encode(value, self.handle)

    def decode(self, data: Any) -> Any:
        """Read a value in the grammar of ``values``."""
        return values.decode(data, self.object)

    def object(self, number: int) -> Any:
        """Return the object with a number."""
        return self.entry if number == values.ENTRY else self.handles[number]

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one request: a value, and the arguments where the call changed them."""
        kind = request["do"]
        if kind == "call":  # here, not in a method: each frame leaves the program one level less to recurse
            function, sent = self.object(request["of"]), request["args"]
            arguments, keywords = self.decode(sent), self.decode(request["keywords"])
            result = {"value": self.encode(function(*arguments, **keywords))}
            if not any(type(one) in _MUTABLE for one in sent):
                return result
            after = [self.encode(argument) for argument in arguments]
            return result if after == sent else {**result, "args": after}
        if kind == "global":
            return {"value": self.encode(self.module[request["name"]])}
        subject = self.object(request["of"])
        if kind == "get":
            return {"value": self.encode(getattr(subject, request["name"]))}
        if kind == "set":
            setattr(subject, request["name"], self.decode(request["to"]))
            return {"value": None}
        if kind == "next":
            try:
                return {"value": self.encode(next(subject))}
            except StopIteration:
                return {"end": True}
        if kind == "iter":
            return {"value": {"handle": self.handle(iter(subject))}}
        if kind == "item":
            return {"value": self.encode(subject[self.decode(request["key"])])}
        if kind == "length":
            return {"value": self.encode(len(subject))}
        return {"value": self.encode(str(subject) if kind == "text" else bool(subject))}


def receive() -> dict[str, Any] | None:
    """Return the next request; None where the tests have closed the channel."""
    try:
        request: dict[str, Any] = wire.read(REPORT_FD)
    except EOFError:
        return None
    return request


def send(message: dict[str, Any], limit: int = 1 << 20) -> None:
    """Send a reply; the output limit as an exception instead where it is longer than ``2 * limit + 4096`` bytes."""
    data = wire.frame(message)
    if len(data) > 2 * limit + 4096 + wire.HEADER_BYTES:
        data = wire.frame({"raised": OUTPUT_LIMIT, "kinds": []})
    wire.write(REPORT_FD, data)
