"""Normal forms: programs that share one are equivalent, and programs that are not equivalent share none."""

from __future__ import annotations

import pytest

from curation.mutation.bytecode import normal_bytecode_of
from curation.mutation.mutants import make_mutants

READ = "n = int(input())\nm = int(input())\na = list(map(int, input().split()))\ns = input()\n"
"""Two integers, a list of integers, and a text."""


def same(first: str, second: str, before: str = READ, *, is_script: bool = True) -> bool:
    forms = [normal_bytecode_of(before + program, is_script=is_script) for program in (first, second)]
    return bool(forms[0] == forms[1])


def best(test: str, start: str = "0", value: str = "x") -> str:
    return f"best = {start}\nfor x in a:\n    if {test}:\n        best = {value}\nprint(best)\n"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("print(len(s) == 0)", "print(len(s) <= 0)"),
        ("print(len(s) > 0)", "print(0 < len(s))"),
        ("print(len(s) > 0)", "print(len(s) != 0)"),
        ("print(n % 2 == 1)", "print(n % 2 >= 1)"),
        ("print(n % 5 != 4)", "print(n % 5 < 4)"),
        ("print((n & 4) > 0)", "print((n & 4) != 0)"),
        ("for i in range(n): print(i == 0)", "for i in range(n): print(i <= 0)"),
        ("c = 0\nfor x in a: c += 1\nprint(c > 0)", "c = 0\nfor x in a: c += 1\nprint(c != 0)"),
        ("print((n - m) % 2)", "print((n + m) % 2)"),
        ("print((n ^ m) & 1)", "print((n - m) % 2)"),
        ("print(n if n > m else m)", "print(n if n >= m else m)"),
        (best("x > best"), best("x >= best")),
        (best("best < x"), best("best <= x")),
        (best("x < best", "10 ** 9"), best("x <= best", "10 ** 9")),
        ("print(int(n // 2))", "print(n // 2)"),
        ("print(abs(len(s)))", "print(len(s))"),
        ("print(abs(-(n * m)))", "print(abs(n * m))"),
        ("print(str(s + 'x'))", "print(s + 'x')"),
        ("print(str(f(s)))", "print(f(s))"),
        ("print(list(sorted(a)))", "print(sorted(a))"),
        ("print(sorted(list(f(s))))", "print(sorted(f(s)))"),
        ("print(sum(list(a)))", "print(sum(a))"),
        ("print(*list(f(s)))", "print(*f(s))"),
        ("print(','.join(list(f(s))))", "print(','.join(f(s)))"),
        ("b, c = list(f(s))", "b, c = f(s)"),
        ("print(s.strip().split())", "print(s.split())"),
        ("print(int(input().rstrip()))", "print(int(input()))"),
        ("import sys\nprint(sys.stdin.readline().strip().split())", "import sys\nprint(sys.stdin.readline().split())"),
        ("if __name__ == '__main__': print(1)", "if __name__ >= '__main__': print(1)"),
        ("def f(x):\n    return x\n    print(x)\nf(1)", "def f(x):\n    return x\nf(1)"),
        ("for x in a:\n    if x: continue", "for x in a:\n    if x: pass"),
        ("def f(x):\n    print(x)\n    return\nf(1)", "def f(x):\n    print(x)\nf(1)"),
        ("k = 0\nk = len(s)\nprint(k)", "k = 1\nk = len(s)\nprint(k)"),
        ("import sys\nsys.stdout.flush()", "import sys"),
        ("def unused(x): return x + 1\nprint(n)", "def unused(x): return x - 1\nprint(n)"),
        ("def g(x): return g(x + 1)\nprint(n)", "def g(x): return g(x - 1)\nprint(n)"),
        ("class A:\n    def g(self): return 1\nprint(n)", "class A:\n    def g(self): return 2\nprint(n)"),
        ("MOD = 10 ** 9 + 7\nprint(n)", "MOD = 10 ** 9 + 8\nprint(n)"),
        ("INF = float('inf')\nprint(n)", "INF = 0\nprint(n)"),
        ("get = lambda: int(input()) + 1\nprint(n)", "get = lambda: int(input()) - 1\nprint(n)"),
    ],
)
def test_equivalent_programs_have_one_normal_form(first, second):
    assert same(first, second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("print(n == 0)", "print(n <= 0)"),
        ("print(n % 2 == 1)", "print(n % 2 == 0)"),
        ("print(n % 3 == 1)", "print(n % 3 >= 1)"),
        ("print(n % -2 == 1)", "print(n % -2 >= 1)"),
        ("print((n & m) > 0)", "print((n & m) != 0)"),
        ("print(len(s) > 0)", "print(len(s) >= 0)"),
        ("def f(x): print(x % 2 == 1)\nf(n / 2)", "def f(x): print(x % 2 >= 1)\nf(n / 2)"),
        ("n = n / 2\nprint(n % 2 == 1)", "n = n / 2\nprint(n % 2 >= 1)"),
        ("len = f\nprint(len(s) == 0)", "len = f\nprint(len(s) <= 0)"),
        ("from numpy import *\nprint(len(s) == 0)", "from numpy import *\nprint(len(s) <= 0)"),
        ("for i in range(-n, n): print(i == 0)", "for i in range(-n, n): print(i <= 0)"),
        ("c = 0\nfor x in a: c -= 1\nprint(c == 0)", "c = 0\nfor x in a: c -= 1\nprint(c >= 1)"),
        ("print((n - m) % 3)", "print((n + m) % 3)"),
        ("print((s - m) % 2)", "print((s + m) % 2)"),
        (best("x > best", "0.0"), best("x >= best", "0.0")),
        (best("x > best", "False"), best("x >= best", "False")),
        (best("x > best", value="x + 1"), best("x >= best", value="x + 1")),
        (best("x > best") + "a.append(0.5)", best("x >= best") + "a.append(0.5)"),
        (best("x > best") + "b = a\nb[0] = 0.5", best("x >= best") + "b = a\nb[0] = 0.5"),
        (best("x > best") + "f(a)", best("x >= best") + "f(a)"),
        (best("x > best") + "print(best is n)", best("x >= best") + "print(best is n)"),
        ("print(n if n > m else m + 1)", "print(n if n >= m else m + 1)"),
        (
            "x = 0\nf = lambda: x\nx = 0.5 if n else x\nprint(int(x))",
            "x = 0\nf = lambda: x\nx = 0.5 if n else x\nprint(x)",
        ),
        ("y = [0.5, y][0] if n else 1\nprint(int(y))", "y = [0.5, y][0] if n else 1\nprint(y)"),
        ("print(int(n / 2))", "print(n / 2)"),
        ("print(int(n > 2))", "print(n > 2)"),
        ("print(abs(n))", "print(n)"),
        ("print(str(n) + str(m))", "print(n + m)"),
        ("print(str(n), end='')", "print(m, end='')"),
        ("print(list(reversed(a)))", "print(reversed(a))"),
        ("print(any(list(f(s))))", "print(any(f(s)))"),
        ("for x in list(a): a.remove(x)", "for x in a: a.remove(x)"),
        ("print(s.strip().split(' '))", "print(s.split(' '))"),
        ("print(f(s).strip().split())", "print(f(s).split())"),
        ("print(s.strip(s).split())", "print(s.split())"),
        ("for x in a:\n    if x: break", "for x in a:\n    if x: pass"),
        ("for x in a:\n    if x: continue\n    print(x)", "for x in a:\n    if x: pass\n    print(x)"),
        ("k = 0\nk = k + 1\nprint(k)", "k = 1\nk = k + 1\nprint(k)"),
        ("k = 0\nif n: k = len(s)\nprint(k)", "k = 1\nif n: k = len(s)\nprint(k)"),
        ("k = 0\nprint(k)\nk = 2\nprint(k)", "k = 1\nprint(k)\nk = 2\nprint(k)"),
        ("def g(): return k\nk = 0\nk = g()\nprint(k)", "def g(): return k\nk = 1\nk = g()\nprint(k)"),
        ("try:\n    k = 0\n    k = int(s)\nexcept: print(k)", "try:\n    k = 1\n    k = int(s)\nexcept: print(k)"),
        ("import sys\nsys.stdout = f(s)\nsys.stdout.flush()", "import sys\nsys.stdout = f(s)"),
        ("def g(x): return x + 1\nprint(g(n))", "def g(x): return x - 1\nprint(g(n))"),
        ("def g(x): return x + 1\neval('print(g(1))')", "def g(x): return x - 1\neval('print(g(1))')"),
        ("def g(x): return x + 1\nglobals()['g'](1)", "def g(x): return x - 1\nglobals()['g'](1)"),
        ("def h(): print(1)\ndef g(): h()\ng()", "def h(): print(2)\ndef g(): h()\ng()"),
        ("class A(B):\n    def g(self): return 1\nA().run()", "class A(B):\n    def g(self): return 2\nA().run()"),
        ("class A:\n    def __lt__(self, o): return 1\nA()", "class A:\n    def __lt__(self, o): return 0\nA()"),
        ("class A:\n    x = 1\nprint(A.x)", "class A:\n    x = 2\nprint(A.x)"),
        ("k = 0\nk += n\nprint(n)", "pass\nk += n\nprint(n)"),
        ("k = f(1)\nprint(n)", "k = f(2)\nprint(n)"),
    ],
)
def test_different_programs_have_different_normal_forms(first, second):
    assert not same(first, second)


def test_functions_of_a_program_that_is_called_from_outside_count():
    one, two = "def g(x): return x + 1\n", "def g(x): return x - 1\n"
    assert same(one, two, "") and not same(one, two, "", is_script=False)
    assert same("def g(x):\n  def h(): return 1\n  return x\n", "def g(x):\n  return x\n", "", is_script=False)
    method = "class Solution:\n    def g(self, x): return x + {}\n"
    assert not same(method.format(1), method.format(2), "", is_script=False)


def test_mutants_that_provably_change_nothing_are_not_made():
    source = READ + "def unused(x): return x * 3\nprint(n % 2 == 1)\n"
    sources = {mutant.source.removeprefix(READ) for mutant in make_mutants(source, is_script=True)}
    assert not any("n % 2 >= 1" in one or "x + 3" in one for one in sources)
    assert any("n % 2 != 1" in one for one in sources)
    assert any("x + 3" in mutant.source for mutant in make_mutants(source))
