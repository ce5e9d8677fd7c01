"""The judges whose verdicts are predicted: packages, limits, and the names that they import before every program."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache


class OtherJudge(StrEnum):
    """A judge of programs in the format of APPS."""

    LIVECODEBENCH = "livecodebench"
    APPS = "apps"
    VERL = "verl"


@dataclass(frozen=True, slots=True)
class JudgeFacts:
    """Properties of a judge that the rules depend on."""

    title: str
    """The package and the function that the facts were read from."""
    test_seconds: float
    """Wall time allowed for one test."""
    program_seconds: float
    """Wall time allowed for all tests of a program."""
    recursion_limit: int
    digits: int
    """Most digits of an integer in decimal."""
    blocked_modules: frozenset[str]
    """Modules that a program cannot import."""


_BLOCKED = frozenset({"ipdb", "joblib", "resource", "psutil", "tkinter"})
FACTS = {
    OtherJudge.LIVECODEBENCH: JudgeFacts(
        "nvidia-livecodebench 26.3, evaluate_generations_by_problem", 6.0, float("inf"), 50_000, 50_000, _BLOCKED
    ),
    OtherJudge.APPS: JudgeFacts("hendrycks/apps at 362aedc, check_correctness", 4.0, 10.0, 1_000, 4_300, _BLOCKED),
    OtherJudge.VERL: JudgeFacts(
        "verl 0.9.1, prime_code.check_correctness", 10.0, 10.0, 600_000, 4_300, _BLOCKED | {"subprocess", "ctypes"}
    ),
}

_STARRED = (
    "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json "
    "typing"
).split()
"""Modules of which LiveCodeBench and verl import all names, besides the modules themselves."""
_APPS_NAMES = frozenset(
    "sys time itertools accumulate product permutations combinations collections Counter OrderedDict deque defaultdict "
    "ChainMap lru_cache math sqrt sin cos tan ceil fabs floor gcd exp log log2 fractions List Tuple np random "
    "heapq".split()
)


@cache
def names_given(judge: OtherJudge) -> frozenset[str]:
    """Return the names that a judge's imports define before every program."""
    if judge is OtherJudge.APPS:
        return _APPS_NAMES | _public_names("heapq")
    starred = (_public_names(name) for name in _STARRED)
    return frozenset(_STARRED).difference(["typing"]).union(*starred)


def _public_names(module_name: str) -> frozenset[str]:
    module = importlib.import_module(module_name)
    return frozenset(getattr(module, "__all__", None) or [name for name in dir(module) if name[0] != "_"])
