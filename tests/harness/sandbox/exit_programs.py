# ruff: noqa: E501
# fmt: off
"""Scripts whose output, or part of it, is written when they end. Data only; each prints what it reads.

What each must print, and whether it ends well, is what ``python program.py`` does (``test_finalization.py`` asks it).
"""

from __future__ import annotations

import sys
import textwrap

INPUTS = ("3 4\n", "-1 5\n", "0 0\n")
"""The inputs of each, run one after another: nothing that one leaves behind may show in the next."""

_COLLECTS = """
import os, sys
class W:
    def __init__(self, fd):
        self.fd = fd
        self.parts = []
    def write(self, text):
        self.parts.append(text)
    def flush(self):
        os.write(self.fd, "".join(self.parts).encode())
        self.parts = []
sys.stdout = W(sys.stdout.fileno())
a, b = map(int, input().split())
"""
"""The usual head: what is printed is collected, and written by the flush at exit."""

_FAST_IO = """
import os, sys
from io import BytesIO, IOBase
BUFSIZE = 8192
class FastIO(IOBase):
    newlines = 0
    def __init__(self, file):
        self._fd = file.fileno()
        self.buffer = BytesIO()
        self.writable = "x" in file.mode or "r" not in file.mode
        self.write = self.buffer.write if self.writable else None
    def read(self):
        while True:
            b = os.read(self._fd, max(os.fstat(self._fd).st_size, BUFSIZE))
            if not b:
                break
            ptr = self.buffer.tell()
            self.buffer.seek(0, 2), self.buffer.write(b), self.buffer.seek(ptr)
        self.newlines = 0
        return self.buffer.read()
    def readline(self):
        while self.newlines == 0:
            b = os.read(self._fd, max(os.fstat(self._fd).st_size, BUFSIZE))
            self.newlines = b.count(b"\\n") + (not b)
            ptr = self.buffer.tell()
            self.buffer.seek(0, 2), self.buffer.write(b), self.buffer.seek(ptr)
        self.newlines -= 1
        return self.buffer.readline()
    def flush(self):
        if self.writable:
            os.write(self._fd, self.buffer.getvalue())
            self.buffer.truncate(0), self.buffer.seek(0)
class IOWrapper(IOBase):
    def __init__(self, file):
        self.buffer = FastIO(file)
        self.flush = self.buffer.flush
        self.writable = self.buffer.writable
        self.write = lambda s: self.buffer.write(s.encode("ascii"))
        self.read = lambda: self.buffer.read().decode("ascii")
        self.readline = lambda: self.buffer.readline().decode("ascii")
sys.stdin, sys.stdout = IOWrapper(sys.stdin), IOWrapper(sys.stdout)
input = lambda: sys.stdin.readline().rstrip("\\r\\n")
a, b = map(int, input().split())
"""

_PRINT = "print(a + b)\nprint(a * b)\n"
_READ = "a, b = map(int, input().split())\n"

PROGRAMS: dict[str, str] = {
    "collects and writes at exit": _COLLECTS + _PRINT,
    "collects; in a main function": _COLLECTS.replace("a, b =", "def main():\n    a, b =") + "    print(a + b)\nmain()\n",
    "collects; without a function": "import io, os, sys\nsys.stdout = io.StringIO()\n" + _READ + _PRINT + "os.write(1, sys.stdout.getvalue().encode())\n",
    "collects; the list is a global": _COLLECTS.replace("self.parts = []\n    def", "pass\n    def", 1).replace("self.parts = []", "parts.clear()").replace("self.parts", "parts") .replace("class W", "parts = []\nclass W") + _PRINT,
    "collects; exit in the middle": _COLLECTS + "print(a + b)\nsys.exit()\nprint(a * b)\n",
    "collects; exit with 0": _COLLECTS + "print(a + b)\nsys.exit(0)\n",
    "collects; exit with 1": _COLLECTS + "print(a + b)\nsys.exit(1)\n",
    "collects; an exception": _COLLECTS + "print(a + b)\n1 / 0\n",
    "collects; some of it before": "print('first')\n" + _COLLECTS + _PRINT,
    "collects; the old stream used afterwards": _COLLECTS + _PRINT + "sys.__stdout__.write('last\\n')\n",
    "collects; restored": _COLLECTS + _PRINT + "sys.stdout.flush()\nsys.stdout = sys.__stdout__\nprint('last')\n",
    "collects; restored without a flush": _COLLECTS + _PRINT + "sys.stdout = sys.__stdout__\nprint('last')\n",
    "collects; never empties": _COLLECTS.replace("        self.parts = []\nsys", "sys") + _PRINT,
    "collects; a flush that raises": _COLLECTS.replace("        self.parts = []\nsys", "        raise ValueError('no')\nsys") + _PRINT,
    "collects; a flush that exits": _COLLECTS.replace("        self.parts = []\nsys", "        sys.exit(0)\nsys") + _PRINT,
    "collects; a flush that raises once": _COLLECTS.replace("        os.write", "        if self.fd: self.fd = 0; raise ValueError\n        os.write").replace("(self.fd, \"", "(1, \"") + _PRINT,
    "collects; no flush": _COLLECTS.replace("def flush", "def put") + _PRINT,
    "collects; closed": _COLLECTS.replace("    def write", "    closed = True\n    def write", 1) + _PRINT,
    "collects; closed is broken": _COLLECTS.replace("    def write", "    @property\n    def closed(self): raise ValueError\n    def write", 1) + _PRINT,
    "collects; written by __del__": _COLLECTS.replace("sys.stdout = W", "    def __del__(self): self.flush()\nsys.stdout = W").replace("def flush(self)", "def flush(self): pass\n    def put(self)").replace("self.flush()", "self.put()") + _PRINT,
    "collects; standard error too": _COLLECTS + "sys.stderr = W(1)\nprint('error', file=sys.stderr)\n" + _PRINT,
    "collects; standard error cannot be flushed": _COLLECTS + _PRINT + "class E:\n    def write(self, text): pass\n    def flush(self): 1 / 0\nsys.stderr = E()\n",
    "collects; also as __stdout__": _COLLECTS + "sys.__stdout__ = sys.stdout\n" + _PRINT,
    "collects; a daemon thread": _COLLECTS + "import threading, time\nthreading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n" + _PRINT,
    "collects; what a thread prints late": _COLLECTS + "import threading, time\ndef late(): time.sleep(.05); print(a - b)\nthreading.Thread(target=late).start()\n" + _PRINT,
    "collects; what atexit prints": _COLLECTS + "import atexit\natexit.register(lambda: print(a - b))\n" + _PRINT,
    "collects; what a thread registers": _COLLECTS + "import atexit, threading, time\ndef late(): time.sleep(.05); atexit.register(print, a - b)\nthreading.Thread(target=late).start()\n" + _PRINT,
    "FastIO": _FAST_IO + _PRINT,
    "FastIO; exit": _FAST_IO + _PRINT + "exit = sys.exit\nexit(0)\n",
    "FastIO; for output only": _FAST_IO.replace("sys.stdin, sys.stdout = IOWrapper(sys.stdin), IOWrapper(sys.stdout)", "sys.stdout = IOWrapper(sys.stdout)").replace("input = lambda: sys.stdin", "input = lambda: sys.__stdin__") + _PRINT,
    "FastIO; its own print": _FAST_IO.replace("a, b =", "def print(*args, **kwargs):\n    sep, file = kwargs.pop('sep', ' '), kwargs.pop('file', sys.stdout)\n    file.write(sep.join(map(str, args)))\n    file.write(kwargs.pop('end', '\\n'))\n    if kwargs.pop('flush', False): file.flush()\na, b =") + _PRINT,
    "FastIO; in main": _FAST_IO.replace("a, b =", "def main():\n    a, b =") + "    print(a + b)\nif __name__ == '__main__':\n    main()\n",
    "FastIO; os imported afterwards": _FAST_IO.replace("import os, sys", "import sys").replace("BUFSIZE = 8192", "import os\nBUFSIZE = 8192") + _PRINT,
    "FastIO; flushed when it is finalised": _FAST_IO.replace("sys.stdin, sys.stdout = IOWrapper(sys.stdin), IOWrapper(sys.stdout)", "out = IOWrapper(sys.stdout)\nsys.stdin = IOWrapper(sys.stdin)") + "out.write(str(a + b) + '\\n')\n",
    "a wrapper": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.buffer, write_through=False)\n" + _READ + _PRINT,
    "a wrapper; a big buffer": "import io, sys\nsys.stdout = io.TextIOWrapper(io.BufferedWriter(sys.stdout.buffer.raw, 1 << 20))\n" + _READ + _PRINT,
    "a wrapper; detached": "import sys\nout = sys.stdout.detach()\n" + _READ + "out.write(b'%d\\n' % (a + b))\n",
    "a wrapper; detached and wrapped": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach(), 'ascii')\n" + _READ + _PRINT,
    "a wrapper; codecs": "import codecs, sys\nsys.stdout = codecs.getwriter('utf8')(sys.stdout.buffer)\n" + _READ + _PRINT,
    "opened again": "import sys\nsys.stdout = open(1, 'w', closefd=False)\n" + _READ + _PRINT,
    "opened again; closes": "import sys\nsys.stdout = open(1, 'w')\n" + _READ + _PRINT,
    "opened again; /dev/stdout": "import sys\nout = open(sys.stdout.fileno(), 'w', 1 << 16)\n" + _READ + "print(a + b, file=out)\n",
    "opened again; os.fdopen": "import os\nout = os.fdopen(1, 'w')\n" + _READ + "out.write(f'{a + b}\\n')\n",
    "opened again; by another name": "put = open\nout = put(1, 'w', closefd=False)\n" + _READ + "out.write(f'{a + b}\\n')\n",
    "opened again; held by a class": "class Out:\n    file = open(1, 'w', closefd=False)\n" + _READ + "Out.file.write(f'{a + b}\\n')\n",
    "opened again; held by a cycle": "class Out: pass\nout = Out()\nout.me = out\nout.file = open(1, 'w', closefd=False)\ndef f(): return out\n" + _READ + "out.file.write(f'{a + b}\\n')\n",
    "closed": "import sys\n" + _READ + _PRINT + "sys.stdout.close()\n",
    "closed; then printed": "import sys\n" + _READ + _PRINT + "sys.stdout.close()\nprint('lost')\n",
    "its descriptor closed": "import os\n" + _READ + _PRINT + "os.close(1)\n",
    "its descriptor closed after a flush": "import os, sys\n" + _READ + _PRINT + "sys.stdout.flush()\nos.close(1)\n",
    "removed": "import sys\n" + _READ + _PRINT + "del sys.stdout\n",
    "None": "import sys\n" + _READ + _PRINT + "sys.stdout = None\nprint('lost')\n",
    "atexit; a flush": "import atexit, io, os, sys\nout = io.StringIO()\nsys.stdout = out\natexit.register(lambda: os.write(1, out.getvalue().encode()))\n" + _READ + _PRINT,
    "atexit; sys.__stdout__": "import atexit, io, sys\nsys.stdout = io.BytesIO() if 0 else io.StringIO()\natexit.register(lambda: sys.__stdout__.write(sys.stdout.getvalue()))\n" + _READ + _PRINT,
    "atexit; the last first": "import atexit\n" + _READ + "for x in a, b: atexit.register(print, x)\n",
    "atexit; raises": "import atexit\n" + _READ + "atexit.register(print, 'called')\natexit.register(lambda: 1 / 0)\n" + _PRINT,
    "atexit; exits": "import atexit, sys\n" + _READ + "atexit.register(print, 'called')\natexit.register(sys.exit, 3)\n" + _PRINT,
    "atexit; after an exception": "import atexit\n" + _READ + "atexit.register(print, 'called')\n1 / 0\n",
    "atexit; a global of the program": "import atexit\nlines = []\n@atexit.register\ndef put(): print('\\n'.join(lines))\n" + _READ + "lines.append(str(a + b))\n",
    "__del__; a global of the program": "import os\nlines = []\nclass Out:\n    def __del__(self): os.write(1, '\\n'.join(lines).encode())\nout = Out()\n" + _READ + "lines.append(str(a + b))\n",
    "__del__; prints": "class Out:\n    def __del__(self): print(self.last)\nout = Out()\n" + _READ + "out.last = a + b\n",
    "__del__; prints to what was in place of stdout": _COLLECTS + "class Out:\n    def __del__(self): print('del')\nout = Out()\n" + _PRINT,
    "__del__; in a cycle": "class Out:\n    def __del__(self): print(self.last)\nout = Out()\nout.me = out\n" + _READ + "out.last = a + b\ndel out\n",
    "__del__; raises": "class Out:\n    def __del__(self): 1 / 0\nout = Out()\n" + _READ + _PRINT,
    "__del__; of the module's importer": "import __main__\nclass Out:\n    def __del__(self): print(__main__.a)\nout = Out()\n" + _READ,
    "weakref; finalize": "import weakref\nclass Out: pass\nout = Out()\n" + _READ + "weakref.finalize(out, print, a + b)\n",
    "weakref; a callback": "import weakref\nclass Out: pass\nout = Out()\n" + _READ + "seen = weakref.ref(out, lambda _: print('gone'))\ndel out\n" + _PRINT,
    "a generator with a finally": "def lines():\n    try:\n        yield input()\n    finally:\n        print('done')\ng = lines()\na, b = map(int, next(g).split())\n" + _PRINT,
    "a generator with an except": "def lines():\n    try:\n        yield input()\n    except:\n        print('done')\ng = lines()\na, b = map(int, next(g).split())\n" + _PRINT,
    "a generator in a with": "class C:\n    def __enter__(self): return 0\n    def __exit__(self, *_): print('left')\ndef lines():\n    with C(): yield input()\ng = lines()\na, b = map(int, next(g).split())\n" + _PRINT,
    "partial print": "import functools, io, sys\nout = io.StringIO()\nold, print = print, functools.partial(print, file=out)\n" + _READ + _PRINT + "old(out.getvalue(), end='')\n",
    "partial print, never flushed": _COLLECTS.replace("sys.stdout = W", "import functools\nout = W").replace("a, b", "print = functools.partial(print, file=out)\na, b", 1) + _PRINT,
    "redirect_stdout": "import contextlib, io\nout = io.StringIO()\n" + _READ + "with contextlib.redirect_stdout(out):\n    print(a + b)\nprint(out.getvalue(), end='')\n",
    "redirect_stdout; left by an exit": "import contextlib, io, sys\n" + _READ + "print(a)\nwith contextlib.redirect_stdout(io.StringIO()):\n    print('lost')\n    sys.exit(0)\n",
    "redirect_stdout; never left": "import contextlib, io\n" + _READ + "print(a)\nc = contextlib.redirect_stdout(io.StringIO())\nc.__enter__()\nprint('lost')\n",
    "a thread, not joined": "import threading, time\n" + _READ + "def late(): time.sleep(.05); print(a - b)\nthreading.Thread(target=late).start()\n" + _PRINT,
    "a thread that starts another": "import threading, time\n" + _READ + "def later(): time.sleep(.05); print(a - b)\ndef late(): time.sleep(.05); threading.Thread(target=later).start()\nthreading.Thread(target=late).start()\n" + _PRINT,
    "a Timer": "import threading\n" + _READ + "threading.Timer(.05, print, (a - b,)).start()\n" + _PRINT,
    "a pool of threads": "from concurrent.futures import ThreadPoolExecutor\n" + _READ + "ThreadPoolExecutor(2).submit(print, a + b)\n",
    "standard input replaced, that prints when it goes": "import os, sys\nclass In:\n    def __init__(self, file): self.readline = file.readline\n    def __del__(self): os.write(1, b'gone\\n')\nsys.stdin = In(sys.stdin)\na, b = map(int, sys.stdin.readline().split())\nprint(a + b)\n",
    "standard error on 1": "import sys\nsys.stderr = open(1, 'w')\n" + _READ + _PRINT + "print('error', file=sys.stderr)\n",
    "reconfigured": "import sys\nsys.stdout.reconfigure(line_buffering=False, write_through=False, newline='\\r\\n')\n" + _READ + _PRINT,
    "os._exit loses what is not flushed": "import os\n" + _READ + _PRINT + "os._exit(0)\n",
    "a hook for what goes wrong": "import sys\nsys.unraisablehook = lambda u: sys.__stdout__.write('hooked\\n')\nimport atexit\natexit.register(lambda: 1 / 0)\n" + _READ + _PRINT,
}
"""By name."""

if sys.version_info[:2] == (3, 12):  # there a thread may start no other while the interpreter shuts down
    del PROGRAMS["a thread that starts another"]

HEADS: dict[str, str] = {
    "collects": _COLLECTS.rpartition("a, b =")[0],
    "FastIO": _FAST_IO.rpartition("a, b =")[0],
    "StringIO": "import io, sys\nsys.stdout = io.StringIO()\n",
    "a wrapper": "import io, sys\nsys.stdout = io.TextIOWrapper(sys.stdout.detach(), 'ascii')\n",
    "opened again": "import sys\nsys.stdout = open(1, 'w', closefd=False)\n",
    "None": "import sys\nsys.stdout = None\n",
    "broken": "import sys\nclass W:\n    def write(self, text): pass\n    def flush(self): raise SystemExit\nsys.stdout = W()\n",
    "atexit": "import atexit, sys\natexit.register(sys.stdout.flush)\n",
    "partial print": "import functools, io\nprint = functools.partial(print, file=io.StringIO())\n",
}
"""The lines before the functions of a program, by name."""

PROGRAMS = {name: textwrap.dedent(source).lstrip("\n") for name, source in PROGRAMS.items()}
