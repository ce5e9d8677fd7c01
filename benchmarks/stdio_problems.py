"""A dozen small standard-input problems, invented for the benchmark; the expected outputs are those of the programs.

The programs read and write like typical solutions, and use only features that every peer's judge supports: no
``sys.stdin.buffer``, no ``__main__`` guard, no ``exit()``.
"""

from __future__ import annotations

import io
import random
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass

WRONG_PROGRAM = "print('no answer')\n"
"""A program that is wrong on every test of every problem."""


@dataclass(frozen=True, slots=True)
class StdioProblem:
    """A correct program and its tests."""

    name: str
    source: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]


def stdio_problems(tests: Callable[[int], int]) -> list[StdioProblem]:
    """Make the problems, the i-th with ``tests(i)`` tests; the same ones each time."""
    problems = []
    for index, (name, (source, make_input)) in enumerate(_PROBLEMS.items()):
        rng = random.Random(name)
        inputs = tuple(make_input(rng) for _ in range(tests(index)))
        code = compile(source, name, "exec")
        problems.append(StdioProblem(name, source, inputs, tuple(run_in_process(code, given) for given in inputs)))
    return problems


def run_in_process(code: object, given: str) -> str:
    """Return the output of a trusted program, which runs unprotected in this process."""
    stdin, sys.stdin = sys.stdin, io.StringIO(given)
    try:
        with redirect_stdout(io.StringIO()) as output:
            exec(code, {"__name__": "__main__"})  # type: ignore[arg-type]
    finally:
        sys.stdin = stdin
    return output.getvalue()


def _numbers(rng: random.Random, count: int, low: int = 1, high: int = 1000) -> list[int]:
    return [rng.randint(low, high) for _ in range(count)]


def _line(values: list[int]) -> str:
    return " ".join(map(str, values))


def _list_input(rng: random.Random) -> str:
    count = rng.randint(5, 200)
    return f"{count}\n{_line(_numbers(rng, count))}\n"


def _pair_input(rng: random.Random) -> str:
    return f"{_line(_numbers(rng, 2, 1, 10**9))}\n"


def _word_input(rng: random.Random) -> str:
    return "".join(rng.choices("abcde", k=rng.randint(5, 100))) + "\n"


def _edges_input(rng: random.Random) -> str:
    nodes, edges = rng.randint(5, 60), rng.randint(5, 120)
    lines = [_line([*_numbers(rng, 2, 1, nodes), rng.randint(1, 50)]) for _ in range(edges)]
    return f"{nodes} {edges}\n" + "\n".join(lines) + "\n"


def _cases_input(rng: random.Random) -> str:
    cases = [_list_input(rng) for _ in range(rng.randint(2, 6))]
    return f"{len(cases)}\n" + "".join(cases)


def _grid_input(rng: random.Random) -> str:
    height, width = _numbers(rng, 2, 3, 15)
    rows = ["".join(rng.choices("..#", k=width)) for _ in range(height)]
    return f"{height} {width}\n" + "\n".join(rows) + "\n"


def _brackets_input(rng: random.Random) -> str:
    return "".join(rng.choices("()[]", k=rng.randint(4, 60))) + "\n"


_PROBLEMS: dict[str, tuple[str, Callable[[random.Random], str]]] = {
    "largest gap between neighbours": (
        """\
n = int(input())
values = sorted(map(int, input().split()))
best = 0
for left, right in zip(values, values[1:]):
    best = max(best, right - left)
print(best)
""",
        _list_input,
    ),
    "steps of the greatest common divisor": (
        """\
a, b = map(int, input().split())
steps = 0
while b:
    a, b = b, a % b
    steps += 1
print(a, steps)
""",
        _pair_input,
    ),
    "most frequent letter": (
        """\
from collections import Counter
word = input().strip()
count = Counter(word)
letter = min(count, key=lambda c: (-count[c], c))
print(letter, count[letter])
""",
        _word_input,
    ),
    "cheapest way home": (
        """\
import heapq
import sys

def main():
    lines = sys.stdin.read().split("\\n")
    n, m = map(int, lines[0].split())
    graph = [[] for _ in range(n + 1)]
    for i in range(1, m + 1):
        a, b, cost = map(int, lines[i].split())
        graph[a].append((b, cost))
        graph[b].append((a, cost))
    best = [None] * (n + 1)
    queue = [(0, 1)]
    while queue:
        distance, node = heapq.heappop(queue)
        if best[node] is not None:
            continue
        best[node] = distance
        for neighbour, cost in graph[node]:
            if best[neighbour] is None:
                heapq.heappush(queue, (distance + cost, neighbour))
    print(-1 if best[n] is None else best[n])

main()
""",
        _edges_input,
    ),
    "sums without neighbours": (
        """\
import sys
data = list(map(int, sys.stdin.read().split()))
t = data[0]
position = 1
for _ in range(t):
    n = data[position]
    values = data[position + 1:position + 1 + n]
    position += n + 1
    take, leave = 0, 0
    for value in values:
        take, leave = leave + value, max(take, leave)
    print(max(take, leave))
""",
        _cases_input,
    ),
    "largest field": (
        """\
h, w = map(int, input().split())
grid = [input() for _ in range(h)]
seen = set()
best = 0
for i in range(h):
    for j in range(w):
        if grid[i][j] == "." and (i, j) not in seen:
            stack = [(i, j)]
            seen.add((i, j))
            size = 0
            while stack:
                y, x = stack.pop()
                size += 1
                for p, q in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
                    if 0 <= p < h and 0 <= q < w and grid[p][q] == "." and (p, q) not in seen:
                        seen.add((p, q))
                        stack.append((p, q))
            best = max(best, size)
print(best)
""",
        _grid_input,
    ),
    "where the brackets fail": (
        """\
text = input().strip()
stack = []
answer = "balanced"
for i, c in enumerate(text):
    if c in "([":
        stack.append(c)
    elif not stack or stack.pop() + c not in ("()", "[]"):
        answer = "fails at %d" % (i + 1)
        break
else:
    if stack:
        answer = "%d open" % len(stack)
print(answer)
""",
        _brackets_input,
    ),
    "longest rising subsequence": (
        """\
from bisect import bisect_left
n = int(input())
tails = []
for value in map(int, input().split()):
    place = bisect_left(tails, value)
    if place == len(tails):
        tails.append(value)
    else:
        tails[place] = value
print(len(tails))
""",
        _list_input,
    ),
    "prime factors": (
        """\
def factors(n):
    found = []
    divisor = 2
    while divisor * divisor <= n and divisor < 2000:
        while n % divisor == 0:
            found.append(divisor)
            n //= divisor
        divisor += 1
    if n > 1:
        found.append(n)
    return found

for number in input().split():
    print(*factors(int(number)))
""",
        _pair_input,
    ),
    "running median": (
        """\
from bisect import insort
import sys
n = int(sys.stdin.readline())
line = sys.stdin.readline()
seen = []
answers = []
for value in line.split():
    insort(seen, int(value))
    middle = len(seen) // 2
    answers.append(seen[middle] if len(seen) % 2 else (seen[middle - 1] + seen[middle]) / 2)
print(" ".join("%.1f" % a for a in answers))
""",
        _list_input,
    ),
    "shortest palindrome by deleting": (
        """\
s = input().strip()
n = len(s)
best = [[0] * n for _ in range(n)]
for i in range(n - 1, -1, -1):
    best[i][i] = 1
    for j in range(i + 1, n):
        if s[i] == s[j]:
            best[i][j] = best[i + 1][j - 1] + 2 if j > i + 1 else 2
        else:
            best[i][j] = max(best[i + 1][j], best[i][j - 1])
print(n - best[0][n - 1])
""",
        _word_input,
    ),
    "islands of friends": (
        """\
n, m = map(int, input().split())
parent = list(range(n + 1))

def find(x):
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x

for _ in range(m):
    a, b, c = map(int, input().split())
    if c % 2:
        parent[find(a)] = find(b)
groups = {}
for node in range(1, n + 1):
    groups.setdefault(find(node), []).append(node)
print(len(groups))
print(*sorted(map(len, groups.values())))
""",
        _edges_input,
    ),
}
"""A correct program and the function that makes its inputs, by name."""
