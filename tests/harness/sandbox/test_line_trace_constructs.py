"""Check which lines count as run, construct by construct.

A program is written with a mark before each line: ``+`` it ran, ``-`` it is code and did not run, nothing: it is no
code. The same holds on every version of Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits, Program
from harness.tracing.coverage import executable_lines

PROGRAMS = {
    "nothing": "",
    "comments and blank lines are no code": """
  # first

+ x = 1  # beside code

  # last
""",
    # --- simple statements
    "a statement over several lines": """
+ x = [
+     1,

      # in between
+     2,
+ ]
""",
    "a statement that raises in its middle began": """
+ x = [
+     1,
+     1 / 0,
+     2,
+ ]
- y = 2
""",
    "continued lines": r"""
+ x = 1 + \
+     2
+ assert x == 3, \
-     "no"
""",
    "several statements on a line": """
+ x = 1; y = 2
+ x = 1 / 0; y = (
-     2)
- z = 3
""",
    "strings over lines, with what looks like comments and blank lines": '''
+ x = """a
+
+ # b
+
+ """
+ y = ("a"
       # a comment
+      "b"

+      "c")
+ z = f"""
+ # {x}
+
+ """
''',
    "a string that is a statement": '''
+ x = 1
+ """
+ not a docstring
+ """
''',
    "annotations, pass, global, ellipsis, del": """
+ def f():
+     global g
+     x: int
+     y: int = 1
+     g = y
+     del y
+     ...
+     pass
+ f()
+ z: int
""",
    "an import over several lines": """
+ from math import (
+     pi,
+     tau,
+ )
+ import nothing_of_this_name
- import math
""",
    "the docstring and future imports of a module": '''
+ """Doc
+
+ string."""

  # comment
+ from __future__ import annotations

+ x: 1 / 0 = 1
''',
    "a module that is a docstring": '''
+ """Doc."""
''',
    "a star at the right of an assignment and a walrus": """
+ if (n := 0):
-     x = 1
+ a, *b = (
+     1,
+     2,
+ )
""",
    # --- if
    "if": """
+ if 1 > 2:
-     x = 1
+ elif 2 > 1:
+     x = 2
- elif 3 > 1:
-     x = 3
- else:
-     x = 4
""",
    "else": """
+ if 1 > 2:
-     x = 1

  # why
+ else:
      # because
+     x = 2
""",
    "an if below else": """
+ if 1 > 2:
-     x = 1
+ else:
+     if 2 > 1:
+         x = 2
-     else:
-         x = 3
""",
    "an if on one line ran, whether or not its body did": """
+ if 1 > 2: x = 1
+ else: x = 2
+ if 1 < 2: x = 1
- else: x = 2
""",
    "a condition over several lines": """
+ if (1 > 2
-         and 2 > 3
+ ):
-     x = 1
""",
    "what the compiler drops": """
+ if 0:
-     x = 1
+ if True:
+     x = 2
- else:
-     x = 3
+ while False:
-     pass
+ if __debug__:
+     pass
""",
    # --- loops
    "loops": """
+ for i in range(2):
+     if i:
+         continue
+     x = i
+ while x < 2:
+     x += 1
+ for i in []:
-     x = 1
""",
    "else of a loop": """
+ for i in [1]:
+     pass
+ else:
+     x = 1
+ while True:
+     break
- else:
-     x = 2
""",
    "a loop over several lines": """
+ for i in (
+     1,
+     2,
+ ):
+     break
-     x = 1
""",
    # --- try
    "try without an exception": """
+ try:
+     x = 1
- except ValueError:
-     x = 2
- except:
-     x = 3
+ else:
+     x = 4
+ finally:
+     x = 5
""",
    "an except clause ran where it was looked at": """
+ try:
+     1 / 0
-     x = 1
+ except ValueError as error:
-     x = 2
+ except (
+     KeyError,
+     ZeroDivisionError,
+ ):
+     x = 3
- except TypeError:
-     x = 4
- else:
-     x = 5
+ finally:
+     x = 6
""",
    "except clauses that are no names": """
+ class E(Exception):
+     kinds = [KeyError]
+ try:
+     raise E
+ except tuple(E.kinds):
-     x = 1
+ except (ValueError, E) as error:
+     x = 2
- except:
-     x = 3
+ try:
+     raise E
+ except KeyError: x = 1
+ except nothing: x = 2
- except E: x = 3
""",
    "an exception that no clause takes": """
+ try:
+     try: 1 / 0
+     except (KeyError,
+             IndexError): x = 1
+     except ValueError:
-         x = 2
+     finally:
+         x = 3
+ except ValueError:
-     x = 4
""",
    "an except clause that is reached at the end of the stack": """
+ def f():
+     try:
+         f()
+     except ValueError:
-         x = 1
+     except RecursionError:
+         x = 2
+ f()
""",
    "a bare except": """
+ try:
+     1 / 0
  # why not
+ except:
      # because
+     x = 2
+ try: 1 / 0
+ except: pass
+ finally: pass
""",
    "finally runs while an exception passes, and what follows does not": """
+ def f():
+     try:
+         return 1
+     finally:
+         x = 2
-     x = 3
+ f()
+ try:
+     1 / 0
+ finally:
+     x = 1
- x = 2
""",
    "exception groups": """
+ try:
+     raise ExceptionGroup(
+         "g",
+         [ValueError()],
+     )
+ except* KeyError:
-     x = 1
+ except* ValueError:
+     x = 2
""",
    "try in try": """
+ try:
+     try:
+         1 / 0
+     except KeyError:
-         pass
+ except ZeroDivisionError:
+     pass
""",
    "assert": """
+ assert 1
+ assert (
+     0
+ ), (
+     "x"
+ )
- x = 1
""",
    # --- with
    "with": """
+ from contextlib import nullcontext, suppress
+ with suppress(ZeroDivisionError):
+     1 / 0
-     x = 1
+ with (
+     nullcontext() as a,
+     nullcontext(),
+ ):
+     x = 2
+ with nullcontext(1 / 0):
-     x = 3
""",
    # --- functions and classes
    "functions": """
+ def f(
+     a,
+     b=1,

      # last
+     *c,
+ ) -> int:
-     return a
+ def g(): return 1
+ def h():
+     if 1:
+         return 2
-     return 3
+ h()
""",
    "the docstring of a function stands with its def": '''
+ def f():
+     """Doc
+
+     string.
+     """
      # comment
-     return 1
+ def g():
+     """Doc."""
+ class A:
+     """Doc."""
+     x = 1
+ def h(): "Doc."
+ def i():
+     "Doc."; x = 1
-     y = 2
''',
    "decorators": """
+ import functools
+ @functools.partial(
+     print,
+ )

  # comment
+ @staticmethod
+ def f():
-     return 1
+ @functools.cache
+ class A: pass
+ @nothing
+ def g():
-     pass
- x = 1
""",
    "nested functions and classes": """
+ class A(
+     object,
+ ):
+     x = 1
+     class B:
+         y = 2
+     def f(self):
+         def g():
-             return 1
+         return 2
+ A().f()
""",
    "a class body that dies": """
+ class A:
+     x = 1
+     1 / 0
-     y = 2
- x = 1
""",
    "methods that the interpreter calls": """
+ class A:
+     def __del__(self):
+         x = 1
+     def __eq__(self, other):
+         return True
+     def __repr__(self):
-         return ""
+ A() == 1
""",
    "recursion without end": """
+ def f(n):
+     x = n
+     return f(n + 1)
-     return 0
+ try:
+     f(0)
+ except RecursionError:
+     x = 1
""",
    "generators": """
+ def f():
+     yield 1
+     x = 2
+     yield 3
-     yield 4
+ def g():
-     yield 1
+ g()
+ it = f()
+ next(it); next(it)
""",
    "async": """
+ import asyncio
+ async def f():
+     async def g():
-         pass
+     await asyncio.sleep(0)
+     async for i in h():
+         x = i
+     return [
+         i
+         async for i in h()
+         if i
+     ]
+ async def h():
+     yield 1
+ asyncio.run(f())
""",
    # --- match
    "match": """
+ x = 3
+ match x:
+     case 1 | 2:
-         y = 1
      # comment
+     case 3 if x > 5:
-         y = 2
+     case 3:
+         y = 3
-     case int(
-         z
-     ):
-         y = 4
-     case _:
-         y = 5
""",
    "match that falls through": """
+ match (
+     1,
+     2,
+ ):
+     case [
+         1,
+         3,
+     ]:
-         y = 1
+     case (a, b) if (
+         a > 1
-         and b > 1
+     ):
-         y = 2
+     case (a,
+           9) if (
-         a > 1
+     ):
-         y = 2
+     case z:
          # comment
+         y = 3
""",
    "match on what raises": """
+ match 1 / 0:
-     case 1: x = 1
-     case _: x = 2
""",
    # --- expressions
    "a ternary": """
+ x = (1
+      if 2 > 1
-      else 3)
+ x = (
-     1
+     if 1 > 2
+     else
+     2
+ )
+ x = 1 if 2 else (
+     3)
""".replace("else (\n+     3)", "else (\n-     3)"),
    "and, or": """
+ x = (1
+      and 0
-      and 2 / 0
+      or 3
-      or [
-          4,
-      ])
""",
    "a chain of comparisons": """
+ x = (
+     2
+     < 1
-     < 1 / 0
+ )
""",
    "comprehensions": """
+ x = [i
+      for i in []]
+ x = [
-     i + 1
+     for i in [1, 2]
+     if i > 2
+ ]
+ x = {
-     i:
-     j
+     for i in [1]
+     for j in []
+ }
+ x = (
-     i
+     for i in [1]
-     if i
+ )
""",
    "a lambda": """
+ f = lambda: (
-     1
+ )
+ g = lambda a, b=(
+     1): (
+     2
+ )
+ g(1)
""",
    "what is shared by lines belongs to what holds it": """
+ x = f(1, 2 if 1 else 3) if 0 else (4,
+                                    5)
+ y = [(i,
+       j) for i in []
-      for j in []]
""",
    "keyword arguments, attributes, slices": """
+ x = dict(
+     a=1,
+     b=2,
+ ).get(
+     "a"
+ )
+ y = [1, 2][
+     0:
+     1
+ ]
+ z = ("a"
+      .upper()
+      .lower())
""",
    # --- ends
    "sys.exit": """
+ import sys
+ def f():
+     sys.exit(0)
-     return 1
+ f()
- x = 1
""",
    "os._exit": """
+ import os
+ x = 1
+ os._exit(0)
- x = 2
""",
    "a signal that kills": """
+ import os, signal
+ def f(): os.kill(os.getpid(), signal.SIGKILL)
+ f()
- x = 2
""",
    "an endless loop": """
+ x = 0
+ while True:
+     x += 1
+     if x < 0:
-         break
- x = 2
""",
    "exit handlers": """
+ import atexit
+ @atexit.register
+ def f():
+     x = 1
+ 1 / 0
- x = 2
""",
    "threads": """
+ import threading
+ def f():
+     x = 1
+ thread = threading.Thread(target=f)
+ thread.start()
+ thread.join()
+ x = 2
""",
    "code that a program makes is not its own": """
+ exec("x = 1\\nif x:\\n    y = 2\\nelse:\\n    y = 3")
+ if x == 2:
-     pass
""",
    # --- text
    "line ends of other systems": "+ x = 1\r\n+ if x > 1:\r\n-     y = 1\r\n+ else:\r+     y = 2\n",
    "tabs, form feeds and letters of any script": """
+ if 1:
+ \tx = "é\x0cø"; y = ("ü",
+ \t    1)
\x0c
+ äöü = 1; ß = [
+     2]
""",
}
TESTED = [pytest.param(marked, id=name.replace(" ", "-")) for name, marked in PROGRAMS.items()]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(trace=True) as sandbox:
        yield sandbox


def marks_of(source: str, executable: frozenset[int], ran: frozenset[int]) -> str:
    """The program with its marks."""
    lines = re.split("\r\n|\r|\n", source)
    assert max(executable | ran, default=0) <= len(lines)
    marks = ["+" if number in ran else "-" if number in executable else " " for number in range(1, len(lines) + 1)]
    return "\n".join(f"{mark} {line}".rstrip() for mark, line in zip(marks, lines, strict=True))


def source_of(marked: str) -> str:
    """The program without its marks."""
    return re.sub(r"(^|\r\n|\r|\n)(?:[+ -](?: |(?=[\r\n]|$)))?", r"\1", marked.removeprefix("\n"))


@pytest.mark.parametrize("marked", TESTED)
def test_which_lines_ran(marked: str, sandbox: Sandbox) -> None:
    source = source_of(marked)
    execution = sandbox.execute(Program(source), [""], Limits(cpu_seconds=0.3))[0]
    executable = executable_lines(source)
    assert executable is not None
    assert execution.lines is not None, execution
    lines = re.split("\r\n|\r|\n", marked.removeprefix("\n"))
    expected = "\n".join(line.rstrip() for line in lines)
    assert marks_of(source, executable, execution.lines) == expected, execution
    assert execution.lines <= executable
