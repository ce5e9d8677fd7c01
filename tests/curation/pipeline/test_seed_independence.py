"""Prove that a program's answers depend on no seed. A wrong proof would hide a program that answers by chance."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from curation.pipeline.seed_independence import is_seed_independent

PROVED = {
    "plain": "n = int(input())\nprint(n + 1)",
    "modules": "import math, collections as c\nfrom sys import stdin\nprint(math.gcd(*map(int, stdin)), c.Counter())",
    "star import": "from itertools import *\nprint(*permutations(input()))",
    "unused random": "import random, time\nprint(1)",
    "membership": "seen = set()\nfor x in input().split():\n    print(x in seen)\n    seen.add(x)",
    "size and order": "s = set(input())\nt = s & {'a'} | s.union('b')\nprint(len(t), sorted(t), max(s), s == t, not s)",
    "sorted list of a set": "print(sorted(list(set(input())), reverse=True), len({x for x in input()}))",
    "two sets at once": "a, b = set(), set()\na.update(input())\nb |= a\nprint(len(b))",
    "set as an attribute": "class A:\n    s = set()\n    def f(self, x):\n        return x in self.s\nprint(A().f(1))",
    "keys that are iterated": "d = {}\nfor k in d.keys(): print(k)\nprint(list(d.items()), sorted(d.keys(), key=str))",
    "standard input as a file": "print(open(0).read())",
    "main": "def main():\n    print(1)\nif __name__ == '__main__':\n    main()",
}

NOT_PROVED = {
    "syntax": "print 1",
    "a set in a loop": "for x in set(input()): print(x)",
    "a set in a loop, by a variable": "s = {'a', 'b'}\nt = s\nfor x in t: print(x)",
    "a set in a comprehension": "print([x for x in set(input())])",
    "a set that is printed": "print({'a', 'b'})",
    "a set in a text": "s = set(input())\nprint(f'{s}')",
    "a set that is popped": "s = set(input())\nprint(s.pop())",
    "a set in a list": "xs = [set(input())]\nprint(xs)",
    "a set that is joined": "print(''.join(set(input())))",
    "a set that is listed": "print(list(set(input())))",
    "a set that is returned": "def f():\n    return set(input())\nprint(list(f()))",
    "a set that is passed": "def f(s):\n    print(*s)\nf(set(input()))",
    "a set that is passed by default": "def f(s={'a', 'b'}):\n    print(*s)\nf()",
    "a set as an attribute, in a loop": "class A:\n    s = {'a', 'b'}\n    def f(t):\n        print(*t.s)\nA().f()",
    "a set printed as an attribute": "class A:\n    s = set('ab')\nprint('{0.s}'.format(A))",
    "a set given by match": "match set(input()):\n    case x:\n        print(*x)",
    "patterns with constants": "match 1:\n    case True | None:\n        print(1)",
    "a set by the walrus": "print(*(s := set(input())))",
    "ties by order": "print(max(set(input()), key=input().count), sorted(set(input()), key=len))",
    "the maker of sets": "from collections import defaultdict\nd = defaultdict(set)",
    "another function of that name": "def sorted(s):\n    return list(s)\nprint(sorted(set(input())))",
    "an imported function of that name": "from bisect import insort as len\nprint(len(set(input())))",
    "a set of keys": "a, b = dict.fromkeys('ab'), {}\nfor x in a.keys() - b.keys(): print(x)",
    "a set of keys, by a variable": "k = dict.fromkeys('ab').keys()\nprint(k & k)",
    "a set of keys, by a method": "f = dict.keys\nprint(f({}) & f({}))",
    "hash": "print(hash('a'))",
    "hash as a method": "print('a'.__hash__())",
    "id": "print(id(1))",
    "random": "import random\nprint(random.random())",
    "random, by its function": "from random import choice\nprint(choice('ab'))",
    "clock": "import time as t\nprint(t.time())",
    "a module as a value": "import sys\nf = [sys]\nprint(f[0].modules)",
    "another name of a module": "import sys\nprint(sys.hash_info)",
    "a module within a module": "import collections\nprint(collections._sys.modules)",
    "an unknown module": "import datetime\nprint(datetime.datetime.now())",
    "a relative import": "from . import math",
    "urandom": "import os\nprint(os.urandom(4))",
    "a file": "print(open('/dev/urandom', 'rb').read(4))",
    "a file, past standard input": "print((0, open)[1]('/dev/urandom'))",
    "eval": "eval('print(set(input()))')",
    "getattr": "print(getattr('a', '__ha' + 'sh__')())",
    "a class reached from a value": "print(().__class__.__base__.__subclasses__())",
    "built-in names": "print(__builtins__)",
    "the address of an array": "from array import array\nprint(array('i').buffer_info())",
}


@pytest.mark.parametrize("name", PROVED)
def test_a_program_that_depends_on_its_input_only_is_proved(name: str) -> None:
    assert is_seed_independent(PROVED[name])


@pytest.mark.parametrize("name", NOT_PROVED)
def test_what_may_depend_on_a_seed_is_not_proved(name: str) -> None:
    assert not is_seed_independent(NOT_PROVED[name])


def test_what_is_proved_prints_the_same_with_other_hash_seeds() -> None:
    for name, source in PROVED.items():
        outputs = {
            subprocess.run(
                [sys.executable, "-S", "-c", source],
                input="1 2 3\n" if "int" in source else "b a c\n" * 4,
                text=True,
                capture_output=True,
                env={**os.environ, "PYTHONHASHSEED": seed},
                check=False,
            ).stdout
            for seed in "01"
        }
        assert len(outputs) == 1, name
