"""Scripts that may leave state behind are told from those that cannot."""

from __future__ import annotations

import pytest

from harness.judging.stateless_scripts import is_stateless
from harness.sandbox import Sandbox
from harness.sandbox.execution import Program

STATEFUL = (
    "import collections\ncollections.ChainMap = None",
    "import math\nmath.pi += 1",
    "import math\nmath.pi, x = 1, 2",
    "import math\nfor math.pi in range(3): pass",
    "import math\ndel math.pi",
    "import math\n(math.pi) = 3",
    "import math\nm = math\nm.pi = 3",
    "import math as m\nm.pi = 3",
    "import math; math.pi = 3",
    "from collections import Counter\nCounter.most_common = None",
    "from collections import Counter\ntype(Counter()).most_common = None",
    "import sys\nsys.exit = None",
    "import sys\nsys.seen = 1",
    "import sys\nsys.modules.clear()",
    "from sys import modules",
    "from sys import stdin, modules",
    "import os",
    "import random",
    "if True: import math",
    "__builtins__.x = 1",
    "getattr(print, '_' * 2 + 'self' + '_' * 2).x = 1",
    "print('{0.\\x5f_self__}')",
    "open('x', 'w')",
    "class A:\n    def __del__(self): print(1)",
    "def f(): yield\nf().gi_frame.f_builtins['x'] = 1",
    "try: 1 / 0\nexcept Exception as e: e.x.tb_frame",
    "globals()",
    "x = 1  # " + "a" * (1 << 16),
)
STATELESS = (
    "",
    "print(int(input()) + 1)",
    "import math\nimport heapq, bisect\nprint(math.gcd(4, 6))",
    "from math import *\nfrom collections import Counter, deque as d",
    "import sys\ninput = sys.stdin.readline\nsys.setrecursionlimit(10**6)\nsys.stdout.write(input())",
    "from sys import stdin, stdout",
    "if __name__ == '__main__':\n    exit()",
    "class Node:\n    def __init__(self): self.left = None\n    def __lt__(self, other): return True",
    "node = [1]\nprint(node == 1, math_pi := 2)",
    "import math\nprint(math.pi == 3)",
)


@pytest.mark.parametrize("source", STATEFUL)
def test_a_script_that_may_leave_state(source: str) -> None:
    assert not is_stateless(source)


@pytest.mark.parametrize("source", STATELESS)
def test_a_script_that_leaves_none(source: str) -> None:
    assert is_stateless(source)


TRIES = (
    "import sys\nn = int(input())\nsys.setrecursionlimit(5000 + n)\ndef f(k): return 0 if k == 0 else f(k - 1)\n"
    "try: print(f(900 + 1000 * n))\nexcept RecursionError: print('deep')",
    "import sys\nn = int(input())\nprint(n)\nif n == 0: sys.stdout = None",
    "n = int(input())\nprint(n)\nif n == 0: print = int = input = None",
    "import sys\nn = int(input())\nprint(n)\nif n == 0: sys.stdin.close(); sys.stdout.close(); sys.stderr.close()",
    "import sys\nprint(len(sys.argv))\nsys.argv.append(1)",
    "from collections import Counter\nprint(len(Counter(input())))\nclass Counter: pass",
    "n = int(input())\nprint(n)\nif n == 0: exit()",
)


@pytest.mark.parametrize("source", TRIES)
def test_what_a_stateless_script_can_change_is_reset(sandbox: Sandbox, source: str) -> None:
    assert is_stateless(source)
    inputs = ["0\n", "1\n", "2\n"]
    together = [(run.ended, run.output) for run in sandbox.execute(Program(source), inputs)]
    assert together == [(run.ended, run.output) for text in inputs for run in sandbox.execute(Program(source), [text])]
