"""The mutation score of a problem's tests, as records, and its sums over problems. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from curation.mutation.mutants import Mutant

DIGITS = 4
"""Of a strength after the point."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A mutant that passes every test."""

    mutant_id: str
    operator: str
    line: int
    """Line of the change in the canonical solution, from 1."""
    equivalent: bool = False
    """True if it answers like the canonical solution on the whole pool of valid inputs, too."""


@dataclass(frozen=True, slots=True)
class ProblemStrength:
    """The count of judge mutants of a problem's canonical solution that its tests reject; guides do not count."""

    problem_id: str
    tests: int
    generated: int = 0
    """Of ``tests``, those that are not of raw APPS."""
    mutants: int = 0
    killed: int = 0
    survivors: tuple[Survivor, ...] = ()
    operators: Mapping[str, Sequence[int]] = field(default_factory=dict)
    """(killed, all) of each operator."""
    pool: int = 0
    """Valid inputs on which survivors were compared with the canonical solution; 0: none could be made."""
    lines: tuple[int, int] | None = None
    """Lines of the canonical solution that the tests reach, of all with code; None: not known."""
    branches: tuple[int, int] | None = None
    """Branches that the tests take, of all: two for each ``if`` and loop."""
    fault: str = ""
    """The reason for which nothing was measured."""
    fewer: int = 1
    """So many times fewer mutants than usual were made, since the canonical solution takes many steps."""

    @property
    def equivalent(self) -> int:
        """The number of survivors that are very probably equivalent."""
        return sum(survivor.equivalent for survivor in self.survivors)

    @property
    def strength(self) -> float | None:
        """The share of mutants that the tests reject, equivalent ones counted as survivors; None without mutants."""
        return share(self.killed, self.mutants)

    def to_json(self) -> dict[str, Any]:
        """Return the record as a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProblemStrength:
        """Read what ``to_json`` wrote."""
        pairs = {name: tuple(data[name]) if data[name] is not None else None for name in ("lines", "branches")}
        survivors = tuple(Survivor(**survivor) for survivor in data["survivors"])
        return cls(**{**data, "survivors": survivors, **pairs})


def share(part: int, whole: int) -> float | None:
    """Return part / whole, rounded; None where the whole is nothing."""
    return round(part / whole, DIGITS) if whole else None


def count_operators(mutants: Iterable[Mutant], survivors: Iterable[Survivor]) -> dict[str, tuple[int, int]]:
    """Return (killed, all) of each operator, by name."""
    made = Counter(mutant.operator for mutant in mutants)
    alive = Counter(survivor.operator for survivor in survivors)
    return {operator: (count - alive[operator], count) for operator, count in sorted(made.items())}


# ---- sums


TEST_GROUPS = ((1, "1"), (2, "2"), (5, "3-5"), (14, "6-14"))
"""The most tests of a group, and its name; the last group is ``15+``."""
MANY_TESTS = "15+"


def group_of(tests: int) -> str:
    """Return the name of the group of problems with so many given tests."""
    return next((name for most, name in TEST_GROUPS if tests <= most), MANY_TESTS)


def summarize(rows: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sums over the lines of ``strength.jsonl``: over all, by tier, by given tests, by operator.

    The strength of a group is that of all its mutants together; ``mean`` is the mean of its problems.
    """
    tiers = dict.fromkeys(row["difficulty"] for row in rows)
    given = {row["problem_id"]: group_of(row["tests"] - row["generated"]) for row in rows}
    groups = [name for _, name in TEST_GROUPS] + [MANY_TESTS]
    return {
        "total": sum_up(rows),
        "tiers": {tier: sum_up([row for row in rows if row["difficulty"] == tier]) for tier in tiers},
        "given_tests": {
            name: sum_up(its) for name in groups if (its := [r for r in rows if given[r["problem_id"]] == name])
        },
        "operators": _sum_operators(rows),
        "settings": dict(settings),
    }


def sum_up(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums of some lines of ``strength.jsonl``."""
    mutants, killed = (sum(row[name] for row in rows) for name in ("mutants", "killed"))
    equivalent = sum(survivor["equivalent"] for row in rows for survivor in row["survivors"])
    strengths = [row["test_strength"] for row in rows if row["test_strength"] is not None]
    return {
        "problems": len(rows),
        "not_measured": len(rows) - len(strengths),
        "tests": sum(row["tests"] for row in rows),
        "with_15_tests": sum(row["tests"] >= 15 for row in rows),
        "mutants": mutants,
        "killed": killed,
        "equivalent": equivalent,
        "strength": share(killed, mutants),
        "strength_without_equivalent": share(killed, mutants - equivalent),
        "mean": round(sum(strengths) / len(strengths), DIGITS) if strengths else None,
        "lines": _sum_pairs(rows, "lines"),
        "branches": _sum_pairs(rows, "branches"),
    }


def _sum_pairs(rows: Sequence[Mapping[str, Any]], name: str) -> list[int]:
    pairs = [row[name] for row in rows if row[name] is not None]
    return [sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)]


def _sum_operators(rows: Sequence[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    killed: Counter[str] = Counter()
    mutants: Counter[str] = Counter()
    for row in rows:
        for operator, (its_killed, its_mutants) in row["operators"].items():
            killed[operator] += its_killed
            mutants[operator] += its_mutants
    equivalent = Counter(s["operator"] for row in rows for s in row["survivors"] if s["equivalent"])
    return {
        operator: {
            "mutants": count,
            "killed": killed[operator],
            "equivalent": equivalent[operator],
            "strength": share(killed[operator], count),
        }
        for operator, count in sorted(mutants.items(), key=lambda item: (-item[1], item[0]))
    }
