"""Proxies: what the tests of a program hold in place of its objects, and the channel that they use.

Only values in the grammar of ``values`` cross the channel, and each reply is parsed with suspicion: it comes from the
process of the program. Standard library only.
"""

from __future__ import annotations

import builtins
import contextlib
import operator
import types
from collections import OrderedDict, deque
from typing import TYPE_CHECKING, Any, NoReturn

from harness.sandbox.runtime import values, wire

if TYPE_CHECKING:
    from collections.abc import Iterator

state = types.SimpleNamespace(time_up=False, not_crossing="")
"""Events of the present job, kept even where the tests catch the exception: their time was up; why a value of theirs
could not cross to the program."""


class ProgramGone(BaseException):
    """The program's process ended, or sent a malformed reply. Not an Exception: tests must not catch it by accident."""


class NotCrossing(BaseException):
    """The tests pass the program a value that cannot leave this process."""


class ProgramError(Exception):
    """An exception of the program's own making, of a type that the tests cannot name."""


_NOT_RAISED = {"StopIteration", "StopAsyncIteration"}
"""Exceptions that would end a loop of the tests instead of failing it: ``all(map(candidate, inputs))`` would hold."""
_EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and name not in _NOT_RAISED
}


class Channel:
    """The tests' end of the channel to one program."""

    def __init__(self, fd: int, longest: int) -> None:
        self.fd = fd
        self.longest = longest
        self.dead = ""
        """The reason for which the program answers no more: ``died``, ``forged`` or ``compile``."""
        self.error: Exception | None = None
        """The last exception of the program that was raised here."""
        self.report: dict[str, Any] | None = None
        """Its report, or that of a compile error."""
        self.proxies: dict[int, Proxy] = {}
        self.made_by_tests: set[int] = set()
        """Handles of objects that the tests made, by calling a class of the program's."""
        self.requested = self.called = False

    def request(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return the reply. Raises the program's exception; ProgramGone where it cannot answer."""
        if self.dead:
            raise ProgramGone(self.dead)
        self.requested, self.called = True, self.called or request["do"] != "global"
        reply: Any = None
        try:
            data = wire.frame(request)
            with contextlib.suppress(OSError):  # it has ended; a reply that it sent before can still be read
                wire.write(self.fd, data)
            reply = wire.read(self.fd, self.longest, values.parse_int)
            if type(reply) is not dict:
                raise ValueError("not a reply")
        except (OSError, EOFError) as error:
            self.give_up("died", error)
        except (ValueError, RecursionError) as error:
            self.give_up("forged", error)
        if "compile" in reply:
            self.report = self.clean(reply["compile"])
            self.give_up("compile")
        if "raised" in reply:
            self.raise_like(reply)
        return reply

    def give_up(self, why: str, cause: BaseException | None = None) -> NoReturn:
        """Use the channel no more. Raises ProgramGone."""
        self.dead = why
        raise ProgramGone(why) from cause

    def raise_like(self, reply: dict[str, Any]) -> NoReturn:
        """Raise the program's exception, as the most specific built-in type that it is an instance of."""
        kinds, report = reply.get("kinds"), reply["raised"]
        if type(kinds) is not list or type(report) is not dict:
            self.give_up("forged")
        names = [name for name in kinds[:50] if type(name) is str]
        kind: type[Exception] = ProgramError
        if not _NOT_RAISED.intersection(names):
            kind = next((_EXCEPTIONS[name] for name in names if name in _EXCEPTIONS), ProgramError)
        report = self.clean(report)
        message = report["message"]
        try:
            self.error = kind(message)
        except TypeError:  # UnicodeDecodeError and the like need more than a message
            self.error = ProgramError(message)
        self.report = report
        raise self.error

    def clean(self, report: Any) -> dict[str, Any]:
        """Return a report of the program's with only the fields and types that a report has."""
        texts: list[Any] = [report.get(key) if type(report) is dict else None for key in ("exception", "message")]
        if not all(type(text) is str for text in texts):
            self.give_up("forged")
        numbers = {key: report.get(key) if type(report.get(key)) is int else None for key in ("line", "column")}
        return {"exception": texts[0][:100], "message": texts[1][:500], **numbers}

    def encode(self, value: Any) -> Any:
        """Write a value of the tests in the grammar. Raises NotCrossing."""
        return values.encode(value, handle_of)

    def value(self, reply: dict[str, Any]) -> Any:
        """Return the value in a reply. Raises ProgramGone where it is malformed."""
        try:
            return values.decode(reply["value"], self.proxy)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            self.give_up("forged", error)

    def proxy(self, handle: Any) -> Proxy:
        """Return the proxy of an object of the program's, the same one each time. Raises ValueError."""
        if type(handle) is not int:
            raise ValueError("not a handle")
        return self.proxies.setdefault(handle, Proxy(self, handle))

    def call(self, handle: int, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        """Call an object of the program's; changes of its arguments are made to the tests' own."""
        sent = [self.encode(argument) for argument in arguments]
        request = {"do": "call", "of": handle, "args": sent, "keywords": self.encode(keywords)}
        reply = self.request(request)
        result = self.value(reply)
        if "args" in reply:
            after = self.value({"value": reply["args"]})
            if type(after) is not list or len(after) != len(arguments):
                self.give_up("forged")
            for mine, new in zip(arguments, after, strict=True):
                change(mine, new)
        return result


_CONTAINERS = (list, tuple, dict, set, bytearray, deque, OrderedDict)
"""Types of values that a call may change, or that may hold such a value."""


def change(mine: Any, new: Any) -> Any:
    """Make a value of the tests equal to the program's changed copy of it.

    Returns the same object wherever that can be changed in place, as in one process; else the new value.
    """
    kind = type(new)
    if kind not in _CONTAINERS or not isinstance(mine, kind):
        return new
    if kind is dict or kind is OrderedDict:
        items = {key: change(mine[key], value) if key in mine else value for key, value in new.items()}
        mine.clear()
        mine.update(items)
    elif kind is set:
        mine.clear()
        mine.update(new)
    elif kind is bytearray:
        mine[:] = new
    else:
        changed = [change(*pair) for pair in zip(mine, new, strict=False)] + list(new)[len(mine) :]
        if kind is tuple:
            return mine if all(map(operator.is_, changed, mine)) and len(changed) == len(mine) else tuple(changed)
        mine.clear()
        mine.extend(changed)
    return mine


# --- proxies -------------------------------------------------------------------------------------------------------

_OF_PLAIN_VALUES = frozenset[str]().union(
    *map(dir, (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset))
)
"""Methods of plain values, such as ``startswith`` and ``count``. An object of the program's own would get the expected
value as an argument, and could agree with it. So only objects that the tests made have them."""


class Proxy:
    """A proxy of an object of the program's that has no plain value. It equals only itself."""

    __slots__ = ("_channel", "_handle")

    def __init__(self, channel: Channel, handle: int) -> None:
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_handle", handle)

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the object."""
        return _made_by(self, _channel_of(self).call(handle_of(self), arguments, keywords))

    def __getattr__(self, name: str) -> Any:
        expected_plain = name in _OF_PLAIN_VALUES and handle_of(self) not in _channel_of(self).made_by_tests
        if expected_plain or name.startswith("__array"):  # numpy would read memory at the address that it gets
            raise AttributeError(f"a value of the program's own type has no {name} of its own here")
        return _made_by(self, _request(self, "get", name=name))

    def __setattr__(self, name: str, value: Any) -> None:
        _request(self, "set", name=name, to=_channel_of(self).encode(value))

    def __getitem__(self, key: Any) -> Any:
        return _request(self, "item", key=_channel_of(self).encode(key))

    def __len__(self) -> int:
        length = _request(self, "length")
        return length if type(length) is int else NotImplemented

    def __bool__(self) -> bool:
        return _request(self, "truth") is True

    def __str__(self) -> str:
        text = _request(self, "text")
        return text if type(text) is str else ""

    def __next__(self) -> Any:
        channel = _channel_of(self)
        reply = channel.request({"do": "next", "of": handle_of(self)})
        if "end" in reply:
            raise StopIteration
        return channel.value(reply)

    def __iter__(self) -> Iterator[Any]:
        iterator = _request(self, "iter")
        channel = _channel_of(self)
        while type(iterator) is Proxy:
            reply = channel.request({"do": "next", "of": handle_of(iterator)})
            if "end" in reply:
                return
            yield channel.value(reply)


def handle_of(value: Any) -> int:
    """Return the handle of a proxy. Raises NotCrossing for an object of the tests' own."""
    if type(value) is not Proxy:
        state.not_crossing = f"the tests hand over a {type(value).__name__}, which cannot cross to the program"
        raise NotCrossing(state.not_crossing)
    handle: int = object.__getattribute__(value, "_handle")
    return handle


def _made_by(maker: Proxy, value: Any) -> Any:
    """Return a value; one that an object made by the tests returned counts as made by the tests too."""
    made = _channel_of(maker).made_by_tests
    if type(value) is Proxy and handle_of(maker) in made:
        made.add(handle_of(value))
    return value


def _channel_of(proxy: Proxy) -> Channel:
    channel: Channel = object.__getattribute__(proxy, "_channel")
    return channel


def _request(proxy: Proxy, kind: str, **more: Any) -> Any:
    channel = _channel_of(proxy)
    return channel.value(channel.request({"do": kind, "of": handle_of(proxy), **more}))
