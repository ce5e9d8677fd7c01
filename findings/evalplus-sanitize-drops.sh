#!/usr/bin/env bash
# EvalPlus's sanitize keeps the names that the asked function uses, and drops statements that make them work.
. "$(dirname "$0")/shared/environment.sh"
# sanitize alone: the rest of EvalPlus's dependencies are clients of models
install --no-deps evalplus==0.3.1
install datasets==5.2.0 numpy==2.4.6 tqdm==4.70.1 appdirs==1.4.4 wget==3.2 tempdir==0.7.1 termcolor==3.3.0 psutil==7.2.2 \
    tree-sitter==0.26.1 tree-sitter-python==0.25.0
observe <<'PYTHON'
from evalplus.sanitize import sanitize
from report import report

PROGRAMS = {
    "a helper without `return`": """
def add_to(seen, x):
    seen.add(x)

def answer(n):
    seen = set()
    for x in range(n):
        add_to(seen, x % 3)
    return len(seen)
""",
    "a helper with a decorator": """
from functools import lru_cache

@lru_cache(None)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)

def answer(n):
    return fib(n)
""",
    "a helper that yields": """
def evens(n):
    yield from range(0, n, 2)

def answer(n):
    return sum(evens(n))
""",
    "a loop that fills a table": """
SQUARES = {}
for i in range(100):
    SQUARES[i] = i * i

def answer(n):
    return SQUARES[n]
""",
    "two constants in one statement": """
BASE, MODULUS = 31, 1009

def answer(n):
    return pow(BASE, n, MODULUS)
""",
    "a second, corrected definition": """
def answer(n):
    return n - 1

def answer(n):
    return n + 1
""",
}


def run(program):
    names = {}
    try:
        exec(program, names)
        return repr(names["answer"](10))
    except Exception as error:
        return type(error).__name__


results = {what: (run(program), run(sanitize(program, "answer"))) for what, program in PROGRAMS.items()}
report(
    "evalplus tree-sitter",
    "all that the asked function needs stays, so answer(10) is the same after sanitize",
    "; ".join(f"{what}: {before} becomes {after}" for what, (before, after) in results.items()),
    holds=all(before != after for before, after in results.values()),
)
PYTHON
