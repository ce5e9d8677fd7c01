# ruff: noqa: E501
# A program on a line of its own reads better than one that is wrapped.
# fmt: off
"""Correct programs in every odd style that people write. None may be rejected. Data only.

Each solves its task as ``python program.py`` (or a plain import and call) would have it. Scripts are judged on three
inputs in a row, functions on three calls: nothing that one test leaves behind may fail the next.
"""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Odd:
    """One correct program and its tests."""

    name: str
    source: str
    inputs: tuple[Any, ...] = ()
    outputs: tuple[Any, ...] = ()
    entry_point: str | None = None
    checks: str = ""
    prelude: str = ""
    writes_files: bool = False
    """It writes files of its own: not where no file may be written at all."""
    needs_namespaces: bool = False
    """It makes something in /dev/shm, which is its own only there."""
    packages: tuple[str, ...] = ()

    @property
    def style(self) -> str:
        """``script``, ``function`` (call-based) or ``checks`` (HumanEval)."""
        return "checks" if self.checks else "function" if self.entry_point else "script"


ODD: list[Odd] = []
"""All of them."""


def _dedent(source: str) -> str:
    return textwrap.dedent(source).strip("\n") + "\n"


# --- scripts: add two numbers on two lines ---------------------------------------------------------------------------

_INPUTS = ("3\n4\n", "10\n-3\n", "0\n0")
_OUTPUTS = ("7\n", "7\n", "0\n")


def _script(name: str, source: str, inputs: tuple[str, ...] = _INPUTS, outputs: tuple[str, ...] = _OUTPUTS, **fields: Any) -> None:
    ODD.append(Odd(name, _dedent(source), inputs, outputs, **fields))


for _name, _reader in (
    ("input", "a = int(input()); b = int(input())"),
    ("input with a prompt that is empty", "a, b = int(input('')), int(input(''))"),
    ("a loop over stdin", "import sys\na, b = [int(line) for line in sys.stdin]"),
    ("read", "import sys\na, b = map(int, sys.stdin.read().split())"),
    ("readline", "import sys\ninput = sys.stdin.readline\na, b = int(input()), int(input())"),
    ("readlines", "import sys\na, b = map(int, sys.stdin.readlines())"),
    ("an iterator", "import sys\nlines = iter(sys.stdin)\na, b = int(next(lines)), int(next(lines))"),
    ("iter of input with a sentinel", "import sys\na, b = map(int, iter(sys.stdin.readline, ''))"),
    ("the buffer", "import sys\na, b = map(int, sys.stdin.buffer.read().split())"),
    ("the buffer's lines", "import sys\nread = sys.stdin.buffer.readline\na, b = int(read()), int(read())"),
    ("the buffer's readlines", "import sys\na, b = map(int, sys.stdin.buffer.readlines())"),
    ("the raw buffer", "import sys\na, b = map(int, sys.stdin.buffer.raw.read().split())"),
    ("text, then the buffer", "import sys\na, b = map(int, (sys.stdin.read() + sys.stdin.buffer.read().decode()).split())"),
    ("a line, then the rest", "import sys\na = int(input()); b = int(sys.stdin.read())"),
    ("a line, then an iterator", "import sys\na = int(sys.stdin.readline()); b = int(next(iter(sys.stdin)))"),
    ("input after everything was read", "import sys\na, b = map(int, sys.stdin.read().split())\ntry: input()\nexcept EOFError: pass\nelse: a = None"),
    ("until the end of input", "xs = []\nwhile True:\n    try: xs.append(int(input()))\n    except EOFError: break\na, b = xs"),
    ("until any error", "xs = []\ntry:\n    while 1: xs.append(int(input()))\nexcept: pass\na, b = xs"),
    ("open(0)", "a, b = map(int, open(0))"),
    ("open(0).read", "a, b = map(int, open(0).read().split())"),
    ("open(0) in binary", "a, b = map(int, open(0, 'rb').read().split())"),
    ("open(0), kept open", "f = open(0, closefd=False)\na, b = map(int, f)\nf.close()"),
    ("open of /dev/stdin", "a, b = map(int, open('/dev/stdin'))"),
    ("os.read", "import os\na, b = map(int, os.read(0, 10 ** 6).split())"),
    ("os.read and fstat", "import io, os\na, b = map(int, io.BytesIO(os.read(0, os.fstat(0).st_size)).readlines())"),
    ("a fast reader", "import io, os, sys\nclass Fast(io.IOBase):\n    def __init__(self): self.buffer = io.BytesIO()\n    def readline(self):\n        while b'\\n' not in self.buffer.getvalue()[self.buffer.tell():]:\n            data = os.read(0, max(os.fstat(0).st_size, 8192))\n            if not data: break\n            at = self.buffer.tell()\n            self.buffer.seek(0, 2), self.buffer.write(data), self.buffer.seek(at)\n        return self.buffer.readline()\nread = Fast().readline\na, b = int(read()), int(read())"),
    ("fileinput", "import fileinput\na, b = map(int, fileinput.input())"),
    ("a StringIO for stdin", "import io, sys\nsys.stdin = io.StringIO(sys.stdin.read())\na, b = int(input()), int(input())"),
    ("a BytesIO for input", "import io, os, sys\ninput = io.BytesIO(os.read(0, os.fstat(0).st_size)).readline\na, b = int(input()), int(input())"),
    ("a wrapper around the buffer", "import io, sys\nsys.stdin = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8-sig')\na, b = int(input()), int(input())"),
    ("a reconfigured stdin", "import sys\nsys.stdin.reconfigure(encoding='latin-1')\na, b = int(input()), int(input())"),
    ("stdin that is detached", "import sys\na, b = map(int, sys.stdin.detach().read().split())"),
    ("stdin closed afterwards", "import sys\na, b = map(int, sys.stdin)\nsys.stdin.close()"),
    ("stdin with a with", "import sys\nwith sys.stdin as f: a, b = map(int, f)"),
    ("sys.__stdin__", "import sys\na, b = map(int, sys.__stdin__)"),
    ("a memory map", "import mmap\na, b = map(int, mmap.mmap(0, 0, prot=mmap.PROT_READ)[:].split())"),
    ("a duplicate", "import os\na, b = map(int, os.fdopen(os.dup(0)))"),
    ("a look whether it is a terminal", "import sys\nassert not sys.stdin.isatty() and sys.stdin.readable()\na, b = map(int, sys.stdin)"),
    ("select before reading", "import select, sys\nselect.select([sys.stdin], [], [])\na, b = map(int, sys.stdin)"),
    ("seeking back", "import sys\nsys.stdin.read()\nsys.stdin.seek(0)\na, b = map(int, sys.stdin)"),
    ("a generator of tokens", "import sys\ndef tokens():\n    for line in sys.stdin: yield from line.split()\nt = tokens()\na, b = int(next(t)), int(next(t))"),
    ("a lambda over input", "read = lambda: list(map(int, input().split()))\n(a,), (b,) = read(), read()"),
    ("literal_eval and eval", "import ast\na, b = ast.literal_eval(input()), eval(input())"),
    ("numpy's reader", "import numpy as np\na, b = map(int, np.array(open(0).read().split(), dtype=np.int64))"),
    ("numpy's loadtxt", "import numpy, sys\na, b = map(int, numpy.loadtxt(sys.stdin))"),
    ("redefined input", "import sys\ninput = lambda: sys.stdin.readline().rstrip()\na, b = int(input()), int(input())"),
    ("redefined input in builtins", "import builtins, sys\nbuiltins.input = lambda *_: sys.stdin.readline().strip()\na, b = int(input()), int(input())"),
    ("a thread that reads", "import queue, sys, threading\nq = queue.Queue()\nthreading.Thread(target=lambda: [q.put(int(x)) for x in sys.stdin]).start()\na, b = q.get(), q.get()"),
):
    _packages = ("numpy",) if "numpy" in _name else ()
    _script(f"reads by {_name}", _reader + "\nprint(a + b)\n", packages=_packages)

_SUM = "a, b = map(int, open(0))\n"
for _name, _writer in (
    ("print", "print(a + b)"),
    ("print without an end", "print(a + b, end='')"),
    ("print with a flush", "print(a + b, flush=True)"),
    ("print with odd ends", "print('', a + b, sep='', end='\\r\\n')"),
    ("print with spaces at the end", "print(a + b, '  ')"),
    ("print to a file", "import sys\nprint(a + b, file=sys.stdout)"),
    ("sys.stdout.write", "import sys\nsys.stdout.write(str(a + b))"),
    ("writelines", "import sys\nsys.stdout.writelines([str(a + b), '\\n', '\\n'])"),
    ("the buffer", "import sys\nsys.stdout.buffer.write(b'%d\\n' % (a + b))"),
    ("the buffer and print", "import sys\nprint(end='', flush=True)\nsys.stdout.buffer.write(b'%d\\n' % (a + b))\nsys.stdout.flush()"),
    ("the raw buffer", "import sys\nsys.stdout.buffer.raw.write(b'%d\\n' % (a + b))"),
    ("os.write", "import os\nos.write(1, str(a + b).encode())"),
    ("open(1)", "print(a + b, file=open(1, 'w'))"),
    ("open(1) that is never closed", "f = open(1, 'w')\nf.write(str(a + b))"),
    ("open of /dev/stdout", "print(a + b, file=open('/dev/stdout', 'w'))"),
    ("a duplicate", "import os\nwith os.fdopen(os.dup(1), 'w') as f: f.write(str(a + b))"),
    ("a StringIO at the end", "import io, sys\nout = io.StringIO()\nsys.stdout, old = out, sys.stdout\nprint(a + b)\nsys.stdout = old\nprint(out.getvalue(), end='')"),
    ("a wrapper", "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8')\nprint(a + b)"),
    ("a buffered writer", "import io, sys\nsys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, 'w'), 1 << 16))\nprint(a + b)"),
    ("an object in place of stdout", "import os, sys\nclass W:\n    def __init__(self, fd): self.fd, self.parts = fd, []\n    def write(self, text): self.parts.append(text)\n    def flush(self):\n        os.write(self.fd, ''.join(self.parts).encode())\n        self.parts = []\nsys.stdout = W(sys.stdout.fileno())\nprint(a + b)"),
    ("a writer that flushes at exit", "import atexit, io, os\nout = io.BytesIO()\natexit.register(lambda: os.write(1, out.getvalue()))\nout.write(str(a + b).encode())"),
    ("a reconfigured stdout", "import sys\nsys.stdout.reconfigure(line_buffering=True, encoding='utf-8', newline='\\n')\nprint(a + b)"),
    ("a line in pieces", "for c in str(a + b): print(c, end='')\nprint()"),
    ("redirect_stdout", "import contextlib, io\nout = io.StringIO()\nwith contextlib.redirect_stdout(out): print(a + b)\nprint(out.getvalue().strip())"),
    ("standard error besides", "import sys\nprint('debug', file=sys.stderr)\nsys.stderr.write('x' * 100_000)\nprint(a + b)"),
    ("logging besides", "import logging\nlogging.basicConfig(level=10)\nlogging.info('x')\nprint(a + b)"),
    ("a warning besides", "import warnings\nwarnings.warn('x')\nprint(a + b)"),
    ("pprint", "import pprint\npprint.pprint(a + b)"),
    ("stdout closed", "import sys\nprint(a + b)\nsys.stdout.close()"),
    ("stdout set to nothing", "import sys\nprint(a + b)\nsys.stdout.flush()\nsys.stdout = None"),
    ("descriptor 1 closed", "import os\nprint(a + b, flush=True)\nos.close(1)"),
    ("redefined print", "import functools\nprint = functools.partial(print, flush=True)\nprint(a + b)"),
    ("redefined print in builtins", "import builtins, sys\nbuiltins.print = lambda *xs: sys.stdout.write(' '.join(map(str, xs)) + '\\n')\nprint(a + b)"),
    ("the display hook", "import sys\nsys.displayhook(a + b)"),
    ("a destructor at exit", "class A:\n    def __del__(self, print=print, c=a + b): print(c)\nx = A()"),
    ("a context at exit", "import contextlib, atexit\nstack = contextlib.ExitStack()\natexit.register(stack.close)\nstack.callback(print, a + b)"),
    ("a finalizer of weakref", "import weakref\nclass A: pass\nx = A()\nweakref.finalize(x, print, a + b)"),
    ("atexit", "import atexit\natexit.register(print, a + b)"),
    ("sys.exit(0)", "import sys\nprint(a + b)\nsys.exit(0)"),
    ("sys.exit()", "import sys\nprint(a + b)\nsys.exit()"),
    ("exit()", "print(a + b)\nexit()"),
    ("exit in a function", "def main():\n    print(a + b)\n    exit(0)\nmain()\nprint('no')"),
    ("quit()", "print(a + b)\nquit()"),
    ("SystemExit", "print(a + b)\nraise SystemExit"),
    ("SystemExit of false", "print(a + b)\nraise SystemExit(False)"),
    ("exit in a loop, in try and finally", "import sys\nwhile True:\n    try: sys.exit()\n    finally: print(a + b)"),
    ("exit caught and raised again", "import sys\ntry: sys.exit(0)\nexcept SystemExit:\n    print(a + b)\n    raise"),
    ("os._exit after a flush", "import os\nprint(a + b, flush=True)\nos._exit(0)"),
    ("an exit with atexit", "import atexit, sys\natexit.register(print, a + b)\nsys.exit()"),
    ("an exit in a thread", "import sys, threading\ndef run():\n    print(a + b)\n    sys.exit(1)\nthreading.Thread(target=run).start()"),
    ("an error in a thread", "import threading\nprint(a + b)\nthreading.Thread(target=lambda: 1 / 0).start()"),
    ("an error in a destructor", "class A:\n    def __del__(self): 1 / 0\nx = A()\ndel x\nprint(a + b)"),
    ("an error in atexit", "import atexit\natexit.register(lambda: 1 / 0)\nprint(a + b)"),
    ("a main guard", "def main():\n    print(a + b)\nif __name__ == '__main__':\n    main()"),
    ("a main guard and an exit", "import sys\ndef main():\n    print(a + b)\n    return 0\nif __name__ == '__main__':\n    sys.exit(main())"),
    ("a look at its own module", "import sys\nc = a + b\nprint(sys.modules['__main__'].c)"),
    ("a look at its own file", "import os.path, sys\nassert os.path.basename(__file__) and sys.argv and len(sys.argv) == 1\nprint(a + b)"),
    ("globals and exec", "exec('c = a + b')\nprint(globals()['c'])"),
    ("class bodies", "class Main:\n    print(a + b)"),
    ("a class with a solve", "class Solution:\n    def solve(self, x, y): return x + y\nprint(Solution().solve(a, b))"),
    ("a decorator", "def call(f): return f()\n@call\ndef main(): print(a + b)"),
    ("names in other letters", "été, 数 = a, b\nprint(été + 数)"),
    ("a name in odd letters", "ﬁ = a + b\nprint(fi)"),
    ("a star import", "from math import *\nfrom sys import *\nfrom collections import *\nprint(a + b + floor(0.5))"),
    ("many modules", "import bisect, cmath, collections, copy, datetime, decimal, enum, fractions, functools, heapq, itertools, json, math, operator, random, re, statistics, string, sys, time, typing, unittest, uuid, zlib\nprint(a + b)"),
    ("asyncio", "import asyncio\nasync def main(): print(a + b)\nasyncio.run(main())"),
    ("dataclasses", "from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\n    def total(self): return self.x + b\nprint(A(a).total())"),
    ("enumerations, protocols, generics", "import enum, typing\nT = typing.TypeVar('T')\nclass E(enum.IntFlag):\n    A = 1\nclass P(typing.Protocol): ...\nclass G(typing.Generic[T]): ...\nprint(a + b)"),
    ("pickles of its own classes", "import pickle\nclass A:\n    def __init__(self, x): self.x = x\nprint(pickle.loads(pickle.dumps(A(a + b))).x)"),
    ("doctest", "import doctest\ndef f(x):\n    '''\n    >>> f(1)\n    1\n    '''\n    return x\ndoctest.testmod()\nprint(f(a + b))"),
    ("unittest", "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(1, 1)\nunittest.TextTestRunner().run(unittest.defaultTestLoader.loadTestsFromTestCase(T))\nprint(a + b)"),
    ("inspect of its own source", "import inspect\ndef f(): pass\ntry: inspect.getsource(f)\nexcept (OSError, TypeError): pass\nprint(a + b)"),
    ("traceback printing", "import traceback\ntry: 1 / 0\nexcept ZeroDivisionError: traceback.print_exc()\nprint(a + b)"),
    ("a cache that lives on", "import functools\n@functools.lru_cache(None)\ndef f(n): return n if n < 2 else f(n - 1) + f(n - 2)\nassert f(60) == 1548008755920 and f.cache_info().misses == 61\nprint(a + b)"),
    ("a deep recursion", "import sys\nsys.setrecursionlimit(10 ** 6)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\nprint(a + b + f(20_000) - 20_000)"),
    ("a deep recursion of C", "import functools, sys\nsys.setrecursionlimit(10 ** 6)\n@functools.lru_cache(None)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\nn = 9_000 if sys.version_info < (3, 12) else 300\nprint(a + b + f(n) - n)"),
    ("a usual recursion", "def f(n): return 0 if n == 0 else 1 + f(n - 1)\nprint(a + b + f(900) - 900)"),
    ("a recursion error that is caught", "def f(): return f()\ntry: f()\nexcept RecursionError: print(a + b)"),
    ("a big stack", "import sys, threading\nsys.setrecursionlimit(10 ** 7)\nthreading.stack_size(1 << 26)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\ndef main(): print(a + b + f(30_000) - 30_000)\nt = threading.Thread(target=main)\nt.start()\nt.join()"),
    ("a bigger stack", "import sys, threading\nsys.setrecursionlimit(1 << 30)\nthreading.stack_size(512 * 1024 * 1024 - 1 if 0 else 1 << 29)\nt = threading.Thread(target=lambda: print(a + b))\nt.start()"),
    ("the limits of the system", "import resource\nresource.setrlimit(resource.RLIMIT_STACK, (resource.getrlimit(resource.RLIMIT_STACK)[1],) * 2)\nprint(a + b)"),
    ("the limits of the system, in try", "import resource, sys\ntry: resource.setrlimit(resource.RLIMIT_STACK, (2 ** 29, -1))\nexcept Exception: pass\nsys.setrecursionlimit(10 ** 6)\nprint(a + b)"),
    ("a late thread", "import threading, time\ndef late():\n    time.sleep(0.02)\n    print(a + b)\nthreading.Thread(target=late).start()"),
    ("a timer", "import threading\nthreading.Timer(0.01, print, (a + b,)).start()"),
    ("threads and a pool", "from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(4) as pool: print(sum(pool.map(int, [a, b])))"),
    ("a pool of threads that is never shut", "from concurrent.futures import ThreadPoolExecutor\nprint(ThreadPoolExecutor(2).submit(sum, [a, b]).result())"),
    ("a daemon thread", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\nprint(a + b)"),
    ("multiprocessing's threads", "from multiprocessing.dummy import Pool\nprint(sum(Pool(2).map(int, [a, b])))"),
    ("a lock, an event, a condition", "import threading\nwith threading.Lock(), threading.Condition(), threading.Semaphore(): pass\nprint(a + b)"),
    ("signals", "import signal\nsignal.signal(signal.SIGINT, signal.SIG_DFL)\nsignal.signal(signal.SIGPIPE, signal.SIG_DFL)\nprint(a + b)"),
    ("an alarm for itself", "import signal\nsignal.signal(signal.SIGALRM, lambda *_: None)\nsignal.alarm(5)\nprint(a + b)\nsignal.alarm(0)"),
    ("an alarm that is late", "import signal, time\nclass Late(Exception): pass\ndef late(*_): raise Late\nsignal.signal(signal.SIGALRM, late)\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntry:\n    while True: time.sleep(1)\nexcept Late: print(a + b)"),
    ("a tracer of its own", "import sys\nsys.settrace(None)\nsys.setprofile(None)\nprint(a + b)"),
    ("collection off", "import gc\ngc.disable()\ngc.collect()\nprint(a + b)"),
    ("huge integers", "import sys\nsys.set_int_max_str_digits(0)\nx = int('9' * 6000)\nprint(a + b + len(str(x)) - 6000)"),
    ("huge integers without asking", "print(a + b + len(str(10 ** 5000)) - 5001)"),
    ("the limit of digits, lower", "import sys\nsys.set_int_max_str_digits(5000)\nprint(a + b)"),
    ("decimals", "import decimal\ndecimal.getcontext().prec = 60\nprint(int(decimal.Decimal(a) + b))"),
    ("decimals in a local context", "import decimal\nwith decimal.localcontext() as context:\n    context.prec = 2\n    print(int(decimal.Decimal(a) + b))"),
    ("a check of the usual precision", "import decimal\nassert decimal.getcontext().prec == 28\ndecimal.getcontext().prec = 5\nprint(a + b)"),
    ("fractions, complex, statistics", "import fractions, statistics\nprint(int(fractions.Fraction(a) + b + (0j).real + statistics.mean([0, 0])))"),
    ("a seed", "import random\nrandom.seed(5)\nassert random.random() == 0.6229016948897019\nprint(a + b)"),
    ("a shuffle", "import random\nxs = [a, b]\nrandom.shuffle(xs)\nprint(sum(xs))"),
    ("the system's random numbers", "import os, secrets, uuid\nassert os.urandom(4) != os.urandom(5) and secrets.token_hex() and uuid.uuid4()\nprint(a + b)"),
    ("the clock", "import datetime, time\nassert time.time() > 1.6e9 and time.perf_counter() and datetime.datetime.now().year > 2020\nprint(a + b)"),
    ("a short nap", "import time\ntime.sleep(0.01)\nprint(a + b)"),
    ("time zones", "import datetime, zoneinfo\ntry: zoneinfo.ZoneInfo('Europe/Paris')\nexcept Exception: pass\nprint(a + b)"),
    ("locales", "import locale\ntry: locale.setlocale(locale.LC_ALL, '')\nexcept locale.Error: pass\nprint(a + b)"),
    ("the environment", "import os\nos.environ['X'] = '1'\nassert os.environ.get('ONLINE_JUDGE') is None and os.getenv('X') == '1'\nprint(a + b)"),
    ("a file that is not there", "import os, sys\nif os.path.exists('input.txt'): sys.stdin = open('input.txt')\nprint(a + b)"),
    ("a file that is not there, in try", "import sys\ntry: sys.stdin = open('input.txt'); sys.stdout = open('output.txt', 'r')\nexcept OSError: pass\nprint(a + b)"),
    ("typed memory", "import array, ctypes, struct\nprint(sum(array.array('i', [a, b])) + ctypes.c_int(0).value + struct.unpack('i', bytes(4))[0])"),
    ("regular expressions, json, csv", "import csv, io, json, re\nassert re.sub(r'\\d', '', 'a1') == 'a' and json.loads('[1]') == [1] and list(csv.reader(io.StringIO('1,2')))\nprint(a + b)"),
    ("f-strings, walrus, match", "match [a, b]:\n    case [x, y] if (z := x + y) is not None: print(f'{z!r}')"),
    ("generators, comprehensions, star", "print(*(x + y for x, y in [(a, b)]))"),
    ("a semicolon, tabs", "if True:\n\tc = a + b; print(c);"),
    ("a top-level await of nothing", "import asyncio\nprint(asyncio.new_event_loop().run_until_complete(asyncio.sleep(0, a + b)))"),
    ("changed builtins", "import builtins\nbuiltins.sum = lambda xs: __import__('functools').reduce(lambda x, y: x + y, xs)\nprint(sum([a, b]))"),
    ("shadowed builtins", "list, str, sum, max, input, len = [a, b], 1, 2, 3, 4, 5\nprint(list[0] + list[1])"),
    ("deleted names", "del __file__, __doc__\nprint(a + b)"),
    ("cleared modules", "import sys\nsys.modules.pop('json', None)\nimport json\nprint(json.loads(str(a + b)))"),
    ("numpy", "import numpy as np\nprint(np.add(a, b))"),
    ("numpy at random", "import numpy as np\nnp.random.seed(1)\nrng = np.random.default_rng(5)\nprint(a + b + int(rng.integers(1)))"),
    ("numpy's errors", "import numpy as np\nnp.seterr(all='raise')\nprint(a + b)"),
    ("scipy", "from scipy.special import comb\nprint(a + b + int(comb(3, 3)) - 1)"),
    ("networkx", "import networkx as nx\nprint(a + b + nx.path_graph(3).number_of_nodes() - 3)"),
    ("a number of many digits", "import math\nmath.factorial(3000)\nprint(a + b)"),
    ("a byte order mark in the source", "print(a + b)\n# \ufeff"),
    ("sets and hashes", "print(a + b, end='') if {'x', 'y'} == set('yx') else None"),
    ("weak references", "import weakref\nclass A: pass\nx = A()\nprint(a + b if weakref.ref(x)() is x else 0)"),
    ("memory that it frees", "x = bytearray(100 << 20)\ndel x\nprint(a + b)"),
    ("the work of a second", "sum(i * i for i in range(10 ** 6))\nprint(a + b)"),
    ("its own exception hook", "import sys\nsys.excepthook = lambda *_: None\nprint(a + b)"),
    ("an exit code of a false value", "import sys\nprint(a + b)\nsys.exit(None)"),
):
    _packages = tuple(name for name in ("numpy", "scipy", "networkx") if name in _name)
    _fields = {"writes_files": "/dev/stdout" in _writer, "needs_namespaces": "multiprocessing" in _writer}
    _script(f"writes by {_name}", _SUM + _writer, packages=_packages, **_fields)

for _name, _writer in (
    ("a file in scratch", "open('x.txt', 'w').write(str(a + b))\nprint(open('x.txt').read())"),
    ("a temporary file", "import tempfile\nwith tempfile.TemporaryFile('w+') as f:\n    f.write(str(a + b))\n    f.seek(0)\n    print(f.read())"),
    ("a named temporary file", "import os, tempfile\nwith tempfile.NamedTemporaryFile('w', delete=False) as f: f.write(str(a + b))\nprint(open(f.name).read())\nos.unlink(f.name)"),
    ("a temporary folder", "import pathlib, tempfile\nwith tempfile.TemporaryDirectory() as d:\n    p = pathlib.Path(d, 'x')\n    p.write_text(str(a + b))\n    print(p.read_text())"),
    ("a new file each time", "print(a + b, file=open('x', 'x'))\nprint(open('x').read())"),
    ("folders", "import os, shutil\nos.makedirs('a/b/c')\nos.chdir('a/b/c')\nos.chdir('/'.join(['..'] * 3))\nshutil.rmtree('a')\nprint(a + b)"),
    ("folders that stay", "import os\nos.makedirs('a/b/c')\nos.chdir('a')\nprint(a + b)"),
    ("a database", "import sqlite3\ndb = sqlite3.connect('x.db')\ndb.execute('create table t (x)')\nprint(db.execute('select ?', (a + b,)).fetchone()[0])"),
    ("a shelf", "import shelve\nwith shelve.open('s') as s: s['x'] = a + b\nwith shelve.open('s') as s: print(s['x'])"),
    ("a module of its own", "import sys\nopen('mine.py', 'w').write(f'x = {a + b}')\nsys.path.insert(0, '.')\nimport mine\nprint(mine.x)"),
    ("standard input from a file", "import sys\nopen('input.txt', 'w').write(str(a + b))\nsys.stdin = open('input.txt')\nprint(input())"),
    ("standard output to a file and back", "import sys\nold, sys.stdout = sys.stdout, open('out', 'w')\nprint(a + b)\nsys.stdout.close()\nsys.stdout = old\nprint(open('out').read(), end='')"),
):
    _script(f"works with {_name}", _SUM + _writer, writes_files=True)
_script("works with a database in memory", _SUM + "import sqlite3\nprint(sqlite3.connect(':memory:').execute('select ? + ?', (a, b)).fetchone()[0])")

_script("input with Windows line ends", "print(int(input()) + int(input()))", ("3\r\n4\r\n", "1\r\n2", "0\r\n0\r\n"), ("7\r\n", "3\n", "0"))
_script("input with a byte order mark", "import sys\nprint(int(sys.stdin.read().lstrip('\\ufeff')) + 1)", ("\ufeff3", "4\n", "\ufeff5\n"), ("4", "5", "6"))
_script("input in other letters", "print(input()[::-1])", ("żółw\n", "水🙂\n", "e\u0301\n"), ("włóż\n", "🙂水\n", "\u0301e\n"))
_script("input that is empty", "import sys\nprint(len(sys.stdin.read()))", ("", "\n", " "), ("0", "1", "1"))
_script("input of many lines", "import sys\nprint(sum(map(int, sys.stdin)))", ("1\n" * 50_000, "2\n" * 10, ""), ("50000", "20", "0"))
_script("input that is never read", "print('hello')", ("1\n", "", "x" * 100_000), ("hello\n",) * 3)
_script("input of huge integers", "print(int(input()) * 10)", ("9" * 6000, "8" * 5000, "7"), ("9" * 6000 + "0", "8" * 5000 + "0", "70"))
_script("output of many lines", "n = int(input())\nfor i in range(n): print(i)", ("20000", "3", "0"), ("\n".join(map(str, range(20_000))), "0\n1\n2\n", ""))
_script("output of odd characters", "print(chr(int(input())))", ("233", "128578", "8232"), ("é\n", "🙂\n", "\u2028\n"))
_script("output with empty lines at its end", "print(input(), end='\\n\\n\\n')", ("a", "b", "c"), ("a\n", "b", "c\n\n"))
_script("state that lives in builtins", "import builtins\nassert not hasattr(builtins, 'mark')\nbuiltins.mark = 1\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in a module", "import string\nassert not hasattr(string, 'mark')\nstring.mark = 1\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in a class of the library", "import collections\nassert not hasattr(collections.Counter, 'mark')\ncollections.Counter.mark = 1\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in the recursion limit", "import sys\nassert sys.getrecursionlimit() == 1000\nsys.setrecursionlimit(5000)\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in the random numbers", "import random\nx = random.getstate()[1][:5]\nrandom.random()\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in a default argument of the library", "import json\nassert json.dumps([1]) == '[1]'\njson.dumps = repr\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in the heap of threads", "import threading\nassert threading.active_count() == 1\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))
_script("state that lives in atexit", "import atexit\natexit.register(print, 'end')\nprint(input())", ("1", "2", "3"), ("1\nend", "2\nend", "3\nend"))
_script("state that lives in the numbers of descriptors", "import os\nfd = os.open('/dev/null', os.O_RDONLY)\nprint(input())", ("1", "2", "3"), ("1", "2", "3"))

# --- functions -------------------------------------------------------------------------------------------------------


def _function(name: str, source: str, inputs: tuple[Any, ...], outputs: tuple[Any, ...], **fields: Any) -> None:
    ODD.append(Odd(name, _dedent(source), inputs, outputs, **{"entry_point": "f", **fields}))


_PAIRS = ([3, 4], [10, -3], [0, 0])
_SUMS = (7, 7, 0)
for _name, _source in (
    ("a function", "def f(a, b): return a + b"),
    ("a lambda", "f = lambda a, b: a + b"),
    ("a method", "class Solution:\n    def f(self, a, b): return a + b"),
    ("a method with a state", "class Solution:\n    def __init__(self): self.n = 0\n    def f(self, a, b):\n        self.n += 1\n        assert self.n == 1 or True\n        return a + b"),
    ("a static method", "class Solution:\n    @staticmethod\n    def f(a, b): return a + b"),
    ("a class method", "class Solution(object):\n    @classmethod\n    def f(cls, a, b): return cls.g(a) + b\n    g = int"),
    ("a method that recurs", "class Solution:\n    def f(self, a, b): return a if b == 0 else self.f(a + 1, b - 1) if b > 0 else self.f(a - 1, b + 1)"),
    ("a built-in", "from operator import add as f"),
    ("a partial", "import functools\nf = functools.partial(lambda x, a, b: a + b, None)"),
    ("a callable object", "class F:\n    def __call__(self, a, b): return a + b\nf = F()"),
    ("a class", "class f(int):\n    def __new__(cls, a, b): return a + b"),
    ("a cached function", "import functools\n@functools.cache\ndef f(a, b): return a + b"),
    ("a decorated function", "import functools\ndef logged(g):\n    @functools.wraps(g)\n    def inner(*args): return g(*args)\n    return inner\n@logged\ndef f(a, b): return a + b"),
    ("default and other arguments", "def f(a, b, c=[], *d, e=1, **g):\n    return a + b"),
    ("a global that it changes", "total = 0\ndef f(a, b):\n    global total\n    total = a + b\n    return total"),
    ("a memo between calls", "memo = {}\ndef f(a, b):\n    if (a, b) not in memo: memo[a, b] = a + b\n    return memo[a, b]"),
    ("a state that spoils the next call", "seen = []\ndef f(a, b):\n    seen.extend([a, b])\n    return sum(seen)"),
    ("a mutable default that spoils the next call", "def f(a, b, acc=[]):\n    acc += [a, b]\n    return sum(acc)"),
    ("a main guard", "def f(a, b): return a + b\nif __name__ == '__main__':\n    print(f(int(input()), int(input())))"),
    ("a main guard that fails", "def f(a, b): return a + b\nif __name__ == '__main__':\n    raise SystemExit(1)"),
    ("prints besides", "print('start')\ndef f(a, b):\n    print('debug', a, b)\n    return a + b"),
    ("prints without end", "def f(a, b):\n    print('x' * 300_000)\n    return a + b"),
    ("standard error besides", "import sys\ndef f(a, b):\n    sys.stderr.write('x')\n    return a + b"),
    ("a replaced stdout", "import io, sys\nsys.stdout = io.StringIO()\ndef f(a, b): return a + b"),
    ("an import inside", "def f(a, b):\n    import math, collections\n    return a + b"),
    ("a deep recursion", "import sys\nsys.setrecursionlimit(10 ** 6)\ndef g(n): return n and 1 + g(n - 1)\ndef f(a, b): return a + b + g(20_000) - 20_000"),
    ("a thread", "import threading\ndef f(a, b):\n    out = []\n    t = threading.Thread(target=lambda: out.append(a + b))\n    t.start()\n    t.join()\n    return out[0]"),
    ("a subclass of int", "class N(int): pass\ndef f(a, b): return N(a + b)"),
    ("an enumeration", "import enum\nE = enum.IntEnum('E', {f'x{i}': i for i in range(10)})\ndef f(a, b): return E(a + b)"),
    ("a float that is whole", "def f(a, b): return float(a + b)"),
    ("numpy's integer", "import numpy\ndef f(a, b): return numpy.int64(a + b)"),
    ("numpy's sum", "import numpy as np\ndef f(a, b): return np.array([a, b]).sum()"),
    ("numpy's small integer", "import numpy as np\ndef f(a, b): return np.int8(a + b)"),
    ("other letters", "def f(ä, 数): return ä + 数"),
    ("annotations", "from __future__ import annotations\nfrom typing import *\ndef f(a: Nothing, b: 'int') -> Whatever: return a + b"),
    ("a redefinition", "def f(a, b): return None\ndef f(a, b): return a + b"),
    ("nested functions", "def f(a, b):\n    def g():\n        nonlocal a\n        a += b\n    g()\n    return a"),
    ("an exception inside", "def f(a, b):\n    try: return [][5]\n    except IndexError: return a + b"),
    ("an exit that it catches", "import sys\ndef f(a, b):\n    try: sys.exit(1)\n    except SystemExit: return a + b"),
    ("a changed recursion limit and digits", "import sys\nsys.set_int_max_str_digits(0)\ndef f(a, b): return a + b"),
    ("input read at import", "import sys\nrest = sys.stdin.read()\ndef f(a, b): return a + b"),
):
    _function(f"is {_name}", _source, _PAIRS, _SUMS, packages=("numpy",) if "numpy" in _name else ())

_VALUE = ([1], [2], [3])
for _name, _source, _outputs in (
    ("a tuple", "def f(n): return (n, (n, 'x'))", ([1, [1, "x"]], [2, [2, "x"]], [3, [3, "x"]])),
    ("a named tuple", "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(n): return P(n, n)", ([1, 1], [2, 2], [3, 3])),
    ("a default dict", "from collections import defaultdict\ndef f(n):\n    d = defaultdict(list)\n    d['a'].append(n)\n    return d", ({"a": [1]}, {"a": [2]}, {"a": [3]})),
    ("a counter", "from collections import Counter\ndef f(n): return Counter('a' * n)", ({"a": 1}, {"a": 2}, {"a": 3})),
    ("an ordered dict", "from collections import OrderedDict\ndef f(n): return OrderedDict(b=n, a=1)", ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 3})),
    ("a dict of integers", "def f(n): return {n: 'x'}", ({"1": "x"}, {"2": "x"}, {"3": "x"})),
    ("a list of a subclass", "class L(list): pass\ndef f(n): return L([n])", ([1], [2], [3])),
    ("a text of a subclass", "class S(str): pass\ndef f(n): return S('x' * n)", ("x", "xx", "xxx")),
    ("numpy's scalars in a list", "import numpy as np\ndef f(n): return [np.int64(n), np.float64(n), np.bool_(True)]", ([1, 1, True], [2, 2, True], [3, 3, True])),
    ("numpy's list", "import numpy as np\ndef f(n): return np.arange(n).tolist()", ([0], [0, 1], [0, 1, 2])),
    ("none", "def f(n): pass", (None, None, None)),
    ("a bool", "def f(n): return n > 1", (False, True, True)),
    ("infinity", "def f(n): return float('inf')", (float("inf"),) * 3),
    ("a huge integer", "def f(n): return 10 ** 5000 + n", (10**5000 + 1, 10**5000 + 2, 10**5000 + 3)),
    ("a text in other letters", "def f(n): return 'é🙂\\x00' * n", ("é🙂\0", "é🙂\0" * 2, "é🙂\0" * 3)),
    ("the argument's list, changed", "def f(n):\n    xs = [n]\n    xs.sort()\n    xs.append(xs[0])\n    return xs", ([1, 1], [2, 2], [3, 3])),
    ("a list that is shared", "shared = []\ndef f(n):\n    shared.clear()\n    shared.append(n)\n    return shared", ([1], [2], [3])),
    ("the same list twice", "def f(n):\n    x = [n]\n    return [x, x]", ([[1], [1]], [[2], [2]], [[3], [3]])),
    ("a deep list", "def f(n):\n    x = n\n    for _ in range(50): x = [x]\n    return x", tuple(__import__("functools").reduce(lambda x, _: [x], range(50), n) for n in (1, 2, 3))),
    ("a long list", "def f(n): return list(range(n * 10_000))", tuple(list(range(n * 10_000)) for n in (1, 2, 3))),
):
    _function(f"returns {_name}", _source, _VALUE, _outputs, packages=("numpy",) if "numpy" in _name else ())
_function("sorts its argument in place", "def f(xs):\n    xs.sort()\n    return xs", ([[3, 1]], [[2, 1]], [[]]), ([1, 3], [1, 2], []))
_function("takes the last of its argument", "def f(xs):\n    return xs.pop() if xs else None", ([[3, 1]], [[2, 1]], [[]]), (1, 1, None))
_function("takes dicts, nulls and nested lists", "def f(d, n): return [d['a'], n]", ([{"a": [1, {"b": None}]}, None], [{"a": "x"}, 1.5], [{"a": {}}, True]), ([[1, {"b": None}], None], ["x", 1.5], [{}, True]))
_function("takes no arguments", "def f(): return 'x'", ([], [], []), ("x", "x", "x"))

# --- test code, as HumanEval and MBPP have it ---------------------------------------------------------------------------


def _checked(name: str, source: str, checks: str, prelude: str = "", **fields: Any) -> None:
    checks = _dedent(checks)
    if "check(candidate)" in checks:
        checks += "\ncheck(f)\n"
    ODD.append(Odd(name, _dedent(source), entry_point="f", checks=checks, prelude=_dedent(prelude), **fields))


_HUMANEVAL = """
METADATA = {'author': 'jt', 'dataset': 'test'}


def check(candidate):
    assert candidate(3, 4) == 7
    assert candidate(x=10, y=-3) == 7, "keywords"
    assert candidate(0, 0) == 0
    assert True
"""
_PROMPT = 'from typing import List\n\n\ndef f(x: int, y: int) -> int:\n    """ Add x and y.\n    >>> f(1, 2)\n    3\n    """\n'
for _name, _source in (
    ("a completion of a prompt", _PROMPT + "    return x + y\n"),
    ("a completion with more after it", _PROMPT + "    return x + y\n\n\ndef other():\n    pass\n\n\nclass Other: pass\n"),
    ("a completion with a main guard", _PROMPT + "    return x + y\n\n\nif __name__ == '__main__':\n    import doctest\n    doctest.testmod()\n    print(f(1, 2))\n"),
    ("a completion with asserts of its own", _PROMPT + "    return x + y\n\nassert f(1, 2) == 3\nprint('fine')\n"),
    ("a completion with its own check", _PROMPT + "    return x + y\n\ndef check(candidate):\n    assert candidate(1, 1) == 2\ncheck(f)\n"),
    ("a completion with helpers", "def helper(x): return x\n" + _PROMPT + "    def inner(): return helper(x) + y\n    return inner()\n"),
    ("a completion with a redefinition", _PROMPT + "    pass\n\ndef f(x, y):\n    return x + y\n"),
    ("a completion that prints", _PROMPT + "    print(x, y)\n    return x + y\n"),
    ("a completion with a cache", "import functools\n@functools.lru_cache(maxsize=None)\ndef f(x, y): return x + y\n"),
    ("a completion that recurs", "import sys\nsys.setrecursionlimit(10 ** 5)\ndef g(n): return n and 1 + g(n - 1)\ndef f(x, y): return x + y + g(5000) - 5000\n"),
    ("a completion that returns numpy's", "import numpy as np\ndef f(x, y): return np.int64(x + y)\n"),
    ("a completion that returns a subclass", "class N(int): pass\ndef f(x, y): return N(x + y)\n"),
    ("a completion with threads", "import threading\ndef f(x, y):\n    out = []\n    t = threading.Thread(target=lambda: out.append(x + y)); t.start(); t.join()\n    return out[0]\n"),
    ("a completion that is a callable object", "class F:\n    def __call__(self, x, y): return x + y\nf = F()\n"),
    ("a completion that reads nothing", "import sys\nsys.stdin.read()\ndef f(x, y): return x + y\n"),
    ("a completion that writes on standard error", "import sys\ndef f(x, y):\n    print('x', file=sys.stderr)\n    return x + y\n"),
    ("a completion with state", "calls = 0\ndef f(x, y):\n    global calls\n    calls += 1\n    return x + y\n"),
    ("a completion in tabs", "def f(x, y):\n\treturn x + y\n"),
    ("a completion with Windows line ends", "def f(x, y):\r\n    return x + y\r\n"),
    ("a completion with a daemon", "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()\ndef f(x, y): return x + y\n"),
):
    _checked(_name, _source, _HUMANEVAL, "from typing import List\n\n\ndef f(x: int, y: int) -> int:\n    pass\n", packages=("numpy",) if "numpy" in _name else ())
for _name, _source, _checks in (
    ("a set", "def f(n): return {n, 'x'}", "assert f(1) == {1, 'x'}\nassert f(2) == set(['x', 2])\nassert 'x' in f(3)"),
    ("a frozenset", "def f(n): return frozenset([n])", "assert f(1) == {1}\nassert hash(f(1))"),
    ("a complex", "def f(n): return complex(n, 1)", "assert f(1) == 1 + 1j"),
    ("bytes", "def f(n): return b'x' * n", "assert f(2) == b'xx'"),
    ("a fraction", "from fractions import Fraction\ndef f(n): return Fraction(n, 3)", "from fractions import Fraction\nassert f(2) == Fraction(2, 3)"),
    ("a decimal", "from decimal import Decimal\ndef f(n): return Decimal(n) / 4", "from decimal import Decimal\nassert f(1) == Decimal('0.25')"),
    ("a date", "import datetime\ndef f(n): return datetime.date(2000, 1, n)", "import datetime\nassert f(2) == datetime.date(2000, 1, 2)\nassert f(2) < f(3)"),
    ("infinity", "def f(n): return float('inf') * n", "import math\nassert f(1) == float('inf')\nassert math.isinf(f(-1))"),
    ("not a number", "def f(n): return float('nan')", "import math\nassert math.isnan(f(1))\nassert f(1) != f(1)"),
    ("a tuple", "def f(n): return n, [n, (n,)]", "assert f(1) == (1, [1, (1,)])\nassert isinstance(f(1), tuple)\na, b = f(2)\nassert a == 2"),
    ("a named tuple", "from collections import namedtuple\nP = namedtuple('P', 'x y')\ndef f(n): return P(n, n)", "assert f(1) == (1, 1)"),
    ("a dict with odd keys", "def f(n): return {(n, 1): 'x', 1.5: None, None: True, 2: []}", "assert f(1) == {(1, 1): 'x', 1.5: None, None: True, 2: []}"),
    ("a counter", "from collections import Counter\ndef f(n): return Counter('ab' * n)", "assert f(2) == {'a': 2, 'b': 2}\nassert dict(f(1)) == {'a': 1, 'b': 1}"),
    ("a default dict", "from collections import defaultdict\ndef f(n):\n    d = defaultdict(int)\n    d[n] += 1\n    return d", "assert f(1) == {1: 1}"),
    ("a deque", "from collections import deque\ndef f(n): return deque([n])", "from collections import deque\nassert f(1) == deque([1])\nassert list(f(1)) == [1]"),
    ("a range", "def f(n): return range(n)", "assert f(3) == range(3)\nassert list(f(2)) == [0, 1]"),
    ("a generator", "def f(n):\n    for i in range(n): yield i", "assert list(f(3)) == [0, 1, 2]\nassert sum(f(4)) == 6\nassert next(iter(f(1))) == 0"),
    ("an iterator", "def f(n): return map(str, range(n))", "assert list(f(3)) == ['0', '1', '2']\nassert set(f(1)) == {'0'}"),
    ("views of a dict", "def f(n): return {n: n}.items()", "assert list(f(3)) == [(3, 3)]"),
    ("a function", "def f(n): return lambda m: n + m", "assert f(3)(4) == 7\nadd = f(1)\nassert [add(i) for i in (1, 2)] == [2, 3]"),
    ("none", "def f(n): pass", "assert f(1) is None\nassert f(1) == None"),
    ("a bool", "def f(n): return n > 1", "assert f(2) is True\nassert not f(1)\nassert f(1) == False"),
    ("a text", "def f(n): return 'é🙂\\x00\\ud800' * n", "assert f(1) == 'é🙂\\x00\\ud800'\nassert len(f(2)) == 8"),
    ("a huge integer", "def f(n): return 10 ** 6000 + n", "assert f(1) == 10 ** 6000 + 1\nassert f(2) % 10 == 2"),
    ("a float", "def f(n): return n / 3", "assert abs(f(1) - 0.333333) < 1e-5\nassert round(f(2), 2) == 0.67\nassert f(3) == 1"),
    ("numpy's scalars", "import numpy as np\ndef f(n): return [np.float64(n) / 2, np.bool_(n > 1), np.int32(n)]", "assert f(1) == [0.5, False, 1]\nassert f(2) == [1, True, 2]"),
    ("a list of lists", "def f(n): return [[i] * n for i in range(n)]", "assert f(2) == [[0, 0], [1, 1]]\nassert f(0) == []\nassert sorted(f(2)) == f(2)\nassert len(f(3)) == 3"),
    ("a subclass of list", "class L(list): pass\ndef f(n): return L([n])", "assert f(1) == [1]\nassert isinstance(f(1), list)"),
):
    _checked(f"test code gets {_name}", _source, _checks, packages=("numpy",) if "numpy" in _name else ())
for _name, _source, _checks, _prelude in (
    ("hands over lists that it keeps", "def f(xs):\n    xs = sorted(xs)\n    return xs", "words = ['b', 'a']\nassert f(words) == ['a', 'b']\nassert words == ['b', 'a']", ""),
    ("looks at a list sorted in place", "def f(xs):\n    xs.sort()", "words = ['b', 'a']\nassert f(words) is None\nassert words == ['a', 'b']", ""),
    ("does not mind that its argument changes", "def f(xs):\n    total = 0\n    while xs: total += xs.pop()\n    return total", "assert f([1, 2]) == 3\nassert f([1, 2]) == 3\nassert f([]) == 0", ""),
    ("hands over tuples, sets, dicts", "def f(x): return type(x).__name__", "assert f((1,)) == 'tuple'\nassert f({1}) == 'set'\nassert f({(1, 2): 3}) == 'dict'\nassert f(frozenset()) == 'frozenset'\nassert f(1j) == 'complex'\nassert f(b'') == 'bytes'\nassert f(None) == 'NoneType'\nassert f(True) == 'bool'", ""),
    ("hands over infinity and not a number", "def f(x): return x != x or x > 10 ** 300", "assert f(float('inf')) and f(float('nan')) and not f(1.0)", ""),
    ("expects an exception", "def f(x):\n    if x < 0: raise ValueError('negative')\n    return x", "try:\n    f(-1)\nexcept ValueError as error:\n    assert 'negative' in str(error)\nelse:\n    assert False\nassert f(1) == 1", ""),
    ("expects an exception of a kind", "def f(d): return d['x']", "try:\n    f({})\n    assert False, 'no exception'\nexcept LookupError:\n    pass", ""),
    ("uses a helper of the prompt", "def poly(xs, x): return sum(c * x ** i for i, c in enumerate(xs))\ndef f(xs): return -xs[0] / xs[1]", "import math, copy\nfor xs in ([1, 2], [-6, 3]):\n    assert math.fabs(poly(xs, f(copy.deepcopy(xs)))) < 1e-4", "import math\n\n\ndef poly(xs, x):\n    return sum([c * math.pow(x, i) for i, c in enumerate(xs)])\n\n\ndef f(xs):\n    pass"),
    ("undoes it with a helper of the prompt", "def f(s): return ''.join(chr((ord(c) - 97 - 5) % 26 + 97) for c in s)", "from random import randint, choice\nimport string\nfor _ in range(20):\n    text = ''.join(choice(string.ascii_lowercase) for _ in range(randint(1, 9)))\n    assert f(encode(text)) == text", "def encode(s):\n    return ''.join([chr(((ord(ch) + 5 - ord('a')) % 26) + ord('a')) for ch in s])"),
    ("calls it through map, all and zip", "def f(n): return n * 2", "assert all(map(f, [1, 2]))\nassert list(map(f, [1, 2, 3])) == [2, 4, 6]\nassert all(a == b for a, b in zip(map(f, [1, 2]), [2, 4]))\nassert sorted([3, 1], key=f) == [1, 3]\nassert max([1, 5, 2], key=f) == 5", ""),
    ("calls it many times", "def f(n): return n * n", "for i in range(300):\n    assert f(i) == i * i", ""),
    ("hands over something large", "def f(xs): return sum(xs)", "assert f(list(range(50_000))) == sum(range(50_000))", ""),
    ("uses math from its set-up code", "def f(n): return n ** 0.5", "assert math.isclose(f(2), 1.414, rel_tol=1e-3)", "import math"),
    ("uses an import of the program's", "import math\ndef f(n): return n ** 0.5", "assert math.isclose(f(2), 1.414, rel_tol=1e-3)", ""),
    ("calls another function of the program's", "def f(n): return n + 1\ndef g(n): return n - 1", "assert g(f(5)) == 5\nassert f(g(5)) == 5", ""),
    ("makes an object of the program's", "class Pair:\n    def __init__(self, a, b): self.a, self.b = a, b\ndef f(pairs): return max(p.b - p.a for p in pairs)", "assert f([Pair(5, 24), Pair(15, 25)]) == 19", ""),
    ("uses a class of its set-up code", "class Node:\n    def __init__(self, value): self.value, self.left, self.right = value, None, None\ndef f(node): return 0 if node is None else 1 + max(f(node.left), f(node.right))", "root = Node(1)\nroot.left = Node(2)\nassert f(root) == 2", ""),
    ("prints", "def f(n): return n", "print(f(1))\nassert f(1) == 1", ""),
    ("defines classes and functions", "def f(n): return n", "class T:\n    def run(self): assert f(1) == 1\nT().run()\ndef again():\n    assert f(2) == 2\nagain()", ""),
    ("compares within a tolerance", "def f(xs): return [x / 3 for x in xs]", "def close(a, b): return all(abs(x - y) < 1e-6 for x, y in zip(a, b))\nassert close(f([1, 2]), [1 / 3, 2 / 3])", ""),
    ("is long in its only call", "def f(n): return sum(i * i for i in range(n))", "assert f(10 ** 6) == 333332833333500000", ""),
    ("runs with unittest", "def f(n): return n", "import unittest\nclass T(unittest.TestCase):\n    def test(self): self.assertEqual(f(1), 1)\nresult = unittest.TestResult()\nunittest.defaultTestLoader.loadTestsFromTestCase(T).run(result)\nassert result.wasSuccessful() and result.testsRun == 1", ""),
):
    _checked(f"test code {_name}", _source, _checks, _prelude)
