"""The process that runs a benchmark's own tests, out of reach of the program that they test.

HumanEval and MBPP say what is right in code: ``assert candidate(2) == 4``. Where that code runs in one process with the
program, the program can change what it means, read what it expects, or end the process before it is done. Here the
tests run in this process; the program runs in a sandbox of its own; between them is a channel on which only plain
values travel (``values``). What the tests know as ``candidate`` is a *proxy* that sends its arguments there.

One process serves many programs, one after another, so that each benchmark's tests are compiled once. Standard library
only; started by ``harness.sandbox`` as a script.
"""

import os
import sys

# The package is looked for last: a package that stands beside it in site-packages must not take the place of a module
# of the standard library.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
from harness.sandbox.isolation import layers, system_calls
from harness.sandbox.runtime import values, wire

sys.path.pop()

import _socket
import ast
import builtins
import contextlib
import json
import operator
import random
import re
import resource
import signal
import struct
import types
import warnings
from collections import OrderedDict, deque

RECURSION_LIMIT = 10 * values.MAX_DEPTH
"""A value as deep as may be is read in seven frames a level."""
MEMORY_BYTES = 2 << 30
"""Of the tests themselves, on top of the bare interpreter's."""
TESTS_FILE = "<tests>"
CACHED_BYTES = 64 << 20
"""Source text whose compiled form is kept."""
_HEADER = struct.Struct(">Q")


class ProgramGone(BaseException):
    """The program's process ended, or sent something that is no answer. No test catches it by accident."""


class NotCrossing(BaseException):
    """The tests hand the program something that cannot leave this process."""


class NeverCalled(Exception):
    """The tests ended without having asked anything of the program."""

    def __str__(self):
        return f"they never call the program (HumanEval's need a line `check({self.args[0] or '...'})` at their end)"


class ProgramError(Exception):
    """An exception of the program's own making, of a type that the tests cannot name."""


class TimeUp(BaseException):
    """The tests used up their own processor time on what the program gave them."""


_NOT_RAISED = {"StopIteration", "StopAsyncIteration"}
"""What ends a loop of the tests instead of failing it: ``all(map(candidate, inputs))`` would be true."""
_EXCEPTIONS = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type) and issubclass(kind, Exception) and name not in _NOT_RAISED
}


class Channel:
    """The tests' end of the channel to one program."""

    def __init__(self, fd, longest):
        self.fd = fd
        self.longest = longest
        self.dead = ""
        self.error = self.report = None
        self.remotes = {}
        self.made = set()
        self.asked = self.used = False

    def ask(self, request):
        """Send a request and return the reply. Raises what the program raised; ProgramGone where it cannot answer."""
        if self.dead:
            raise ProgramGone(self.dead)
        self.asked, self.used = True, self.used or request["do"] != "global"
        try:
            data = json.dumps(request).encode()
            with contextlib.suppress(OSError):  # it has ended; what it said before that can still be read
                self.write(_HEADER.pack(len(data)) + data)
            reply = self.read()
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

    def give_up(self, why, cause=None):
        self.dead = why
        raise ProgramGone(why) from cause

    def raise_like(self, reply):
        """Raise the exception that the program raised, as the most special built-in type that it is of."""
        kinds, report = reply.get("kinds"), reply["raised"]
        if type(kinds) is not list or type(report) is not dict:
            self.give_up("forged")
        names = [name for name in kinds[:50] if type(name) is str]
        kind = ProgramError
        if not _NOT_RAISED.intersection(names):
            kind = next((_EXCEPTIONS[name] for name in names if name in _EXCEPTIONS), ProgramError)
        report = self.clean(report)
        message = report["message"]
        try:
            self.error = kind(message)
        except TypeError:  # UnicodeDecodeError and its like want more than a message
            self.error = ProgramError(message)
        self.report = report
        raise self.error

    def clean(self, report):
        """A report of the program's with nothing in it but what such a report has."""
        texts = [report.get(key) if type(report) is dict else None for key in ("exception", "message")]
        if not all(type(text) is str for text in texts):
            self.give_up("forged")
        numbers = {key: report.get(key) if type(report.get(key)) is int else None for key in ("line", "column")}
        return {"exception": texts[0][:100], "message": texts[1][:500], **numbers}

    def write(self, data):
        while data:
            data = data[os.write(self.fd, data) :]

    def read(self):
        data = self.read_some(1 << 16)
        while len(data) < _HEADER.size:
            data += self.read_some(_HEADER.size)
        size = _HEADER.unpack_from(data)[0] + _HEADER.size
        if size > self.longest:
            raise ValueError("a reply that is too long")
        if len(data) < size:
            chunks, left = [data], size - len(data)
            while left:
                chunks.append(self.read_some(min(left, 1 << 20)))
                left -= len(chunks[-1])
            data = b"".join(chunks)
        return json.loads(data[_HEADER.size : size], parse_int=values.parse_int)

    def read_some(self, size):
        data = os.read(self.fd, size)
        if not data:
            raise EOFError
        return data

    def encode(self, value):
        return values.encode(value, number_of)

    def value(self, reply):
        """The value in a reply."""
        try:
            return values.decode(reply["value"], self.remote)
        except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
            self.give_up("forged", error)

    def remote(self, number):
        if type(number) is not int:
            raise ValueError("not a handle")
        return self.remotes.setdefault(number, Remote(self, number))

    def call(self, number, arguments, keywords):
        """Call an object of the program's; what it does to its arguments happens to the tests' own."""
        sent = [self.encode(argument) for argument in arguments]
        request = {"do": "call", "of": number, "args": sent, "keywords": self.encode(keywords)}
        reply = self.ask(request)
        result = self.value(reply)
        if "args" in reply:
            after = self.value({"value": reply["args"]})
            if type(after) is not list or len(after) != len(arguments):
                self.give_up("forged")
            for mine, new in zip(arguments, after, strict=True):
                change(mine, new)
        return result


def change(mine, new):
    """Make a value of the tests' what the program made of its copy. Returns it: the same object wherever that can be,
    as it would be in one process, else the new value.
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
        items = [change(*pair) for pair in zip(mine, new, strict=False)] + list(new)[len(mine) :]
        if kind is tuple:
            return mine if all(map(operator.is_, items, mine)) and len(items) == len(mine) else tuple(items)
        mine.clear()
        mine.extend(items)
    return mine


_CONTAINERS = (list, tuple, dict, set, bytearray, deque, OrderedDict)
"""What a call may change, or what may hold such a thing."""


def number_of(value):
    """The number of an object of the program's. Raises NotCrossing for one of the tests' own."""
    if type(value) is not Remote:
        _flags.not_crossing = f"the tests hand over a {type(value).__name__}, which cannot cross to the program"
        raise NotCrossing(_flags.not_crossing)
    return object.__getattribute__(value, "_number")


_OF_PLAIN_VALUES = frozenset().union(
    *map(dir, (bool, int, float, complex, str, bytes, list, tuple, dict, set, frozenset))
)
"""Methods that tests call on plain values, ``startswith`` or ``count``: an object of the program's own would be handed
what the tests expect, and say yes. Only what the tests made themselves, by calling a name in CapWords, has them."""


class Remote:
    """Stands for an object of the program's that is no plain value. It equals nothing but itself."""

    __slots__ = ("_channel", "_number")

    def __init__(self, channel, number):
        object.__setattr__(self, "_channel", channel)
        object.__setattr__(self, "_number", number)

    def __call__(self, *arguments, **keywords):
        return _made_by(self, _channel(self).call(number_of(self), arguments, keywords))

    def __getattr__(self, name):
        expected_plain = name in _OF_PLAIN_VALUES and number_of(self) not in _channel(self).made
        if expected_plain or name.startswith("__array"):  # numpy would believe an address that it is told
            raise AttributeError(f"a value of the program's own type has no {name} of its own here")
        return _made_by(self, _ask(self, "get", name=name))

    def __setattr__(self, name, value):
        _ask(self, "set", name=name, to=_channel(self).encode(value))

    def __getitem__(self, key):
        return _ask(self, "item", key=_channel(self).encode(key))

    def __len__(self):
        length = _ask(self, "length")
        return length if type(length) is int else NotImplemented

    def __bool__(self):
        return _ask(self, "truth") is True

    def __str__(self):
        text = _ask(self, "text")
        return text if type(text) is str else ""

    def __next__(self):
        channel = _channel(self)
        reply = channel.ask({"do": "next", "of": number_of(self)})
        if "end" in reply:
            raise StopIteration
        return channel.value(reply)

    def __iter__(self):
        iterator = _ask(self, "iter")
        channel = _channel(self)
        while type(iterator) is Remote:
            reply = channel.ask({"do": "next", "of": number_of(iterator)})
            if "end" in reply:
                return
            yield channel.value(reply)


def _made_by(maker, value):
    """What an object gave that the tests themselves made (by a class of the program's) counts as made by them, too."""
    made = _channel(maker).made
    if type(value) is Remote and number_of(maker) in made:
        made.add(number_of(value))
    return value


def _channel(remote):
    return object.__getattribute__(remote, "_channel")


def _ask(remote, what, **more):
    channel = _channel(remote)
    return channel.value(channel.ask({"do": what, "of": number_of(remote), **more}))


_flags = types.SimpleNamespace(time_up=False, not_crossing="")
"""What happened in the present job, whether the tests let it be seen or not."""
WORN_BYTES = 256 << 20
"""How much memory one job may have needed before this process has served its time."""
HANDS_OVER = re.compile(r"\b(?:eval|exec|compile|pickle|marshal|loads|__import__)\b")
"""What tests name that may run what a program returned: this process serves no other program after that."""


class Tests:
    """The compiled tests of many problems; of those not used for longest, some are given up."""

    def __init__(self):
        self.compiled = OrderedDict()
        self.size = 0

    def get(self, source):
        """Code, the names that it uses and does not define, and which of these must be modules.

        Raises SyntaxError where it does not compile.
        """
        if source in self.compiled:
            self.compiled.move_to_end(source)
            return self.compiled[source]
        tree = ast.parse(source)
        code, names = compile(tree, TESTS_FILE, "exec", dont_inherit=True), free_names(tree)
        self.compiled[source] = code, names, module_names(tree, names)
        self.size += len(source)
        while self.size > CACHED_BYTES:
            self.size -= len(self.compiled.popitem(last=False)[0])
        return self.compiled[source]


def free_names(tree):
    """The names that code reads and binds nowhere."""
    read, bound = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            bound.add(node.name)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return read - bound


def module_names(tree, names):
    """Those of the names that code reads attributes of, and nothing else, and that the standard library has."""
    reads = [node.value for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    others = {node.id for node in set(ast.walk(tree)).difference(reads) if isinstance(node, ast.Name)}
    return names.intersection(sys.stdlib_module_names).difference(others)


def run_tests(job, channel, tests):
    """Run the tests of one program. Returns what became of them.

    ``ended`` is ``held`` or ``failed`` (the tests), ``raised``, ``compile``, ``died`` or ``forged`` (the program),
    ``timeout`` (what it returned keeps the tests busy) or ``broken`` (the tests are no tests).
    """
    space = {"__name__": "tests", "__builtins__": builtins}
    random.seed(job["seed"])
    _flags.time_up, _flags.not_crossing = False, ""
    try:
        part = "prelude"
        prelude, *wanted_first = tests.get(job["prelude"])
        part = "tests"
        code, *wanted = tests.get(job["source"])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = {"message": f"{part}: {getattr(error, 'msg', error)}", "line": getattr(error, "lineno", None)}
        return told("broken", error) | where
    try:
        limit_time(job["seconds"])
        fetch(*wanted_first, space, channel)
        exec(prelude, space)
        if job["entry_point"]:  # without one, the tests find what they test by its name
            space[job["entry_point"]] = Remote(channel, values.ENTRY)
            if job["entry_point"][0].isupper():
                channel.made.add(values.ENTRY)
            space.setdefault("candidate", space[job["entry_point"]])  # as HumanEval calls it
        fetch(*wanted, space, channel)
        exec(code, space)
        ended = {"ended": channel.dead or "held"} if channel.used else told("broken", NeverCalled(job["entry_point"]))
    except BaseException as error:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        ended = outcome_of(error, channel)
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    if _flags.time_up:
        ended = {"ended": "timeout"}
    elif _flags.not_crossing:
        ended = told("broken", NotCrossing(_flags.not_crossing))
    return ended | {"report": channel.report}


def fetch(names, modules, space, channel):
    """Define what code reads and does not define as what the program means by it.

    What the program has under the name of a module of the standard library, the tests have too: they would ask the
    program's ``math`` what is right.
    """
    for name in sorted(names.difference(space, vars(builtins))):
        try:
            space[name] = channel.value(channel.ask({"do": "global", "name": name}))
        except KeyError:  # where the program has no such name either, the code that reads it raises NameError
            continue
        channel.used = channel.used or type(space[name]) is not Remote  # a plain value, or a type, as the solution
        if name in modules and type(space[name]) is Remote:
            space[name] = __import__(name)
        elif name[0].isupper() and type(space[name]) is Remote:
            channel.made.add(number_of(space[name]))


def outcome_of(error, channel):
    """What the exception that ended the tests says."""
    if channel.dead:
        return {"ended": channel.dead}
    if isinstance(error, TimeUp):
        return {"ended": "timeout"}
    if isinstance(error, NotCrossing) or not channel.asked:  # no program can be to blame
        return told("broken", error)
    return {"ended": "raised"} if error is channel.error else told("failed", error)


def told(ended, error):
    """An exception of the tests in words: the program's where its message holds an object of the program's."""
    line, trace = None, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == TESTS_FILE:
            line = trace.tb_lineno
        trace = trace.tb_next
    try:
        message = str(error)[:500].encode("utf-8", "replace").decode()
    except BaseException:
        message = ""
    return {"ended": ended, "exception": type(error).__name__, "message": message, "line": line}


def main(settings):
    """``test_runner.py SETTINGS``: JSON made by ``harness.sandbox``."""
    settings = json.loads(settings)
    layers.raise_limits()
    layers.reserve_stack()
    connection = _socket.socket(fileno=settings["fd"])
    null = os.open(os.devnull, os.O_WRONLY)  # later, opening a file to write may be out of the question
    isolation = layers.isolate(1 << 20, settings["packages"], settings["without"])
    serve_as_child()
    os.chdir(isolation.scratch or "/")
    os.environ.clear()
    sys.set_int_max_str_digits(0)
    sys.setrecursionlimit(RECURSION_LIMIT)
    sys.meta_path.append(layers.AllowedPackages(settings["packages"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    layers.lower_limit(resource.RLIMIT_AS, *(isolation.baseline + MEMORY_BYTES,) * 2)
    if (policy := layers.program_filter(isolation)) is not None:
        policy.install()
    signal.signal(signal.SIGVTALRM, time_up)
    wire.send(connection, {"scratch": "" if isolation.private_scratch else isolation.scratch})
    os.dup2(null, 2)  # nobody reads what tests say there, and a full pipe would stop them
    warnings.simplefilter("ignore")
    tests, at_first = Tests(), peak_memory()
    while (received := wire.receive(connection)) is not None:
        job, fd = received
        channel = Channel(fd, job["longest"])
        try:
            ended = run_tests(job, channel, tests)
        finally:
            os.close(fd)
        tidy_up(channel)
        ended["retired"] = (
            HANDS_OVER.search(job["source"]) is not None
            or peak_memory() > at_first + WORN_BYTES
            or used_seconds() + job["seconds"] + 2 > layers.most_allowed(resource.RLIMIT_CPU)
        )
        wire.send(connection, ended)


_builtins = dict(vars(builtins))


def tidy_up(channel):
    """Leave nothing of one job to the next: neither what the program gave nor what the tests changed."""
    channel.remotes.clear()
    channel.error = None
    if vars(builtins) != _builtins:
        vars(builtins).update(_builtins)
        for name in vars(builtins).keys() - _builtins:
            del vars(builtins)[name]
    sys.setrecursionlimit(RECURSION_LIMIT)
    decimal = sys.modules.get("decimal")
    if decimal is not None:
        decimal.setcontext(decimal.Context())


def peak_memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1024 if system_calls.LINUX else 1)


def limit_time(seconds):
    """Stop the tests after so much processor time: by an exception, or where that cannot be raised, in the midst of
    one operation on a monstrous value, by the kernel.
    """
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]  # the machine's: never to be raised, nor ours to lower
    soft = int(used_seconds() + seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def used_seconds():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def serve_as_child():
    """Go on as a child: the kernel spares the first process of a pid namespace most signals, its own limits' too."""
    child = os.fork()
    if child:
        os.closerange(3, 1024)
        _, status = os.waitpid(child, 0)
        os._exit(os.waitstatus_to_exitcode(status) & 0xFF)
    system_calls.die_with_parent()


def time_up(_, __):
    _flags.time_up = True  # tests may catch everything
    raise TimeUp


if __name__ == "__main__":
    main(sys.argv[1])
