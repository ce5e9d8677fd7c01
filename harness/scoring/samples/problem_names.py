"""Find a benchmark's problems by their ids, in any spelling, by their functions, and by their prompts."""

from __future__ import annotations

import re
from collections.abc import Sequence

from harness.scoring.benchmarks.benchmark import BenchmarkProblem

Problems = Sequence[BenchmarkProblem]

_DEFINED = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_NEUTRAL = frozenset(
    "python python3 py openai task request req problem prob question sample item row custom id q bigcode google"
    " research evalplus multiple multipl e completion query prompt".split()
)
"""Words before an id that do not identify its benchmark."""
_FAMILIES = (
    {"humaneval", "humanevalplus", "humanevalpack", "humanevalx", "humanevalsynthesize"},
    {"mbpp", "mbppplus", "mbppsanitized", "sanitizedmbpp"},
)
"""Names of the benchmarks before a number."""
_OTHER_LANGUAGES = frozenset(
    "c cpp cs csharp clj d dart elixir ex go hs haskell java javascript jl js julia kotlin kt lua ml ocaml perl php pl"
    " r rb rkt rs ruby rust scala sh bash swift ts typescript v".split()
)
_SAMPLE_NUMBER = r"[/_\-:#. ](?:(?:sample|s|n|epoch)[_-]?)?\d{1,5}"


def defined_in(text: str) -> list[str]:
    """Return the names of the functions that a text defines, each once."""
    return list(dict.fromkeys(_DEFINED.findall(text)))


class Names:
    """Finds problems by their ids, numbers and functions."""

    def __init__(self, problems: Problems) -> None:
        self._by_id = {problem.task_id: problem for problem in problems}
        self._by_short: dict[str, list[BenchmarkProblem]] = {}
        self._by_entry: dict[str, list[BenchmarkProblem]] = {}
        for problem in problems:
            self._by_short.setdefault(short_id(problem.task_id), []).append(problem)
            if problem.entry_point:
                self._by_entry.setdefault(problem.entry_point, []).append(problem)

    def strong(self, task_id: str) -> BenchmarkProblem | None:
        """Return the problem that an id names by more than a number; None if there is none, or several fit."""
        exact = self._by_id.get(task_id)
        if exact is not None:
            return exact
        prefix, _, number = task_id.rpartition("/")
        close = self._by_short.get(short_id(task_id), []) if prefix and number else []
        close = [p for p in close if p.task_id.rpartition("/")[0].lower() == prefix.lower()]
        if len(close) == 1:
            return close[0]
        return self._spelled(task_id) or _only(self._by_entry.get(task_id, []))

    def _spelled(self, task_id: str) -> BenchmarkProblem | None:
        """Return the problem whose number, prefix and function are the parts of an id."""
        found: dict[str, BenchmarkProblem] = {}
        for digits in re.finditer(r"\d+", task_id):
            front, back = task_id[: digits.start()], task_id[digits.end() :]
            for problem in self._by_short.get(digits[0].lstrip("0") or "0", []):
                if _suffix_fits(problem, back) and _prefix_fits(problem, front, back):
                    found[problem.task_id] = problem
        return _only(list(found.values()))

    def by_number(self, number: int) -> BenchmarkProblem | None:
        """Return the only problem of this number."""
        return _only(self._by_short.get(str(number), []))

    def by_function(self, text: str) -> list[BenchmarkProblem]:
        """Return the problems whose function a program defines."""
        return [p for name in defined_in(text) if (p := _only(self._by_entry.get(name, []))) is not None]


def _only(problems: Sequence[BenchmarkProblem]) -> BenchmarkProblem | None:
    return problems[0] if len(problems) == 1 else None


def _words(text: str) -> list[str]:
    return [word.lower() for word in re.split(r"[^A-Za-z0-9]+", text) if word]


def _prefix_fits(problem: BenchmarkProblem, front: str, back: str) -> bool:
    """Return whether the text before a number is the problem's prefix, in any spelling."""
    if not front:  # 3_is_not_prime
        return back[1:] == problem.entry_point
    own = "".join(_words(problem.task_id.rpartition("/")[0]))
    words = [word for word in _words(front) if word not in _NEUTRAL]
    family = next((family for family in _FAMILIES if own in family), None)
    if family is None:
        return bool(words) and "".join(words) in (own, f"apps{own}")
    if _OTHER_LANGUAGES & set(words):
        return False
    return any("".join(words[start:]) in family for start in range(len(words)))  # other words may precede the name


def _suffix_fits(problem: BenchmarkProblem, back: str) -> bool:
    """Return whether the text after a number is the problem's function, or the number of a sample."""
    if not back or back[1:] == problem.entry_point or re.fullmatch(_SAMPLE_NUMBER, back):
        return True
    # MultiPL-E renames some functions of MBPP: after the benchmark's name and the number, any name is accepted.
    known = any("".join(_words(problem.task_id.rpartition("/")[0])) in family for family in _FAMILIES)
    return known and bool(re.fullmatch(r"_[A-Za-z_]\w*", back))


def number_in(task_id: str) -> int | None:
    """Return the number of an id that has nothing else to identify it: ``0042``, ``request-42``."""
    match = re.fullmatch(rf"(?P<front>.*?[/_\-:#. ]?)?(?P<number>\d{{1,9}})(?:{_SAMPLE_NUMBER})?", task_id)
    if match is None or any(word not in _NEUTRAL for word in _words(match["front"] or "")):
        return None
    return int(match["number"])


def short_id(task_id: str) -> str:
    """Return the number in an id, without leading zeros."""
    name = task_id.rpartition("/")[2]
    return name.lstrip("0") or "0"


class Prompts:
    """Finds problems by the model's prompt."""

    def __init__(self, problems: Problems) -> None:
        self._prompts = [(text, problem) for problem in problems if len(text := problem.prompt.strip()) > 20]
        self._known: dict[str, BenchmarkProblem | None] = {}

    def find(self, prompt: str) -> BenchmarkProblem | None:
        """Return the problem whose text comes last in a prompt (examples of others may precede it)."""
        if prompt not in self._known:
            ends = [
                (at + len(text), len(text), problem)
                for text, problem in self._prompts
                if (at := prompt.rfind(text)) >= 0
            ]
            best = max(ends, key=lambda one: one[:2], default=None)
            same = [one for one in ends if best is not None and one[:2] == best[:2]]
            self._known[prompt] = best[2] if best is not None and len(same) == 1 else None
        return self._known[prompt]
