"""Print how many wrong programs the tests of one build let pass, or of two builds beside each other.

    apps-plus strength before; apps-plus strength after
    python -m benchmarks.strength before after
    python -m benchmarks.strength after          # a build with --strengthen: the given tests alone beside all tests

The wrong programs are the mutants that judge (``docs/strength.md``), which no search for tests has seen. Equivalent
mutants are those that answer like the canonical solution on a pool of valid inputs. With two builds, the problems are
those that both measured; groups by number of given tests are those of raw APPS.

A build that was strengthened has both figures in its ledger: what the given tests kill, and what all of them kill. The
equivalent mutants are the same ones, since a mutant that any test kills is not equivalent.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from apps_plus.cli import report_errors
from apps_plus.errors import InputError
from apps_plus.terminal import print_json
from curation.explain import read_ledger
from curation.mutation.score import MANY_TESTS, TEST_GROUPS, group_of, share, sum_up
from curation.mutation.strength import read_strengths

Row = Mapping[str, Any]
GROUPS = (*(name for _, name in TEST_GROUPS), MANY_TESTS)


def common_problems(builds: Sequence[Sequence[Row]]) -> list[list[Row]]:
    """Return the rows of each build about problems that every build has measured, in the order of the first."""
    by_id = [{row["problem_id"]: row for row in rows if row["test_strength"] is not None} for rows in builds]
    ids = [problem_id for problem_id in by_id[0] if all(problem_id in rows for rows in by_id)]
    return [[rows[problem_id] for problem_id in ids] for rows in by_id]


def compare(builds: Sequence[Sequence[Row]]) -> dict[str, list[dict[str, Any]]]:
    """Return the sums of each build by name of a group: all, each tier, each number of given tests."""
    first = builds[0]
    groups: dict[str, Callable[[Row], bool]] = {"all": lambda row: True}
    for tier in dict.fromkeys(row["difficulty"] for row in first):
        groups[tier or "(no tier)"] = lambda row, tier=tier: row["difficulty"] == tier  # type: ignore[misc]
    for name in GROUPS:
        groups[f"{name} given"] = lambda row, name=name: group_of(row["tests"] - row["generated"]) == name  # type: ignore[misc]
    sums = {
        name: [sum_up([row for row in rows if belongs(row)]) for rows in builds] for name, belongs in groups.items()
    }
    return {name: its for name, its in sums.items() if any(one["problems"] for one in its)}


def with_given_tests_alone(rows: Sequence[Row], ledger: Mapping[str, Row]) -> list[Row]:
    """Return the rows of a strengthened build as they would be with the given tests alone.

    Raises InputError where the ledger is about other mutants.
    """
    return [_given_alone(row, ledger.get(row["problem_id"], {})) for row in rows]


def _given_alone(row: Row, ledger: Row) -> Row:
    if not row["generated"]:
        return row
    judges = ledger.get("strengthened", {}).get("judges", {})
    if judges.get("mutants") != row["mutants"]:
        raise InputError(
            f"{row['problem_id']} was strengthened with other mutants than its strength was measured with: build again"
        )
    strength = share(judges["before"], judges["mutants"])
    tests = row["tests"] - row["generated"]
    return {**row, "tests": tests, "generated": 0, "killed": judges["before"], "test_strength": strength}


def survival(sums: Mapping[str, Any], *, with_equivalent: bool) -> float | None:
    """Return the share of mutants that pass every test."""
    equivalent = 0 if with_equivalent else sums["equivalent"]
    mutants = sums["mutants"] - equivalent
    return (mutants - sums["killed"]) / mutants if mutants else None


def print_table(names: Sequence[str], groups: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Print one line a group and build."""
    print(
        f"{'':<14} {'build':<20} {'problems':>8} {'15+ tests':>9} {'mutants':>8} {'survive':>8} {'':>7} "
        f"{'equivalent':>10} {'without':>8}"
    )
    for group, builds in groups.items():
        for name, sums in zip(names, builds, strict=True):
            alive = sums["mutants"] - sums["killed"]
            shares = [_percent(survival(sums, with_equivalent=wanted)) for wanted in (True, False)]
            enough = _percent(sums["with_15_tests"] / sums["problems"] if sums["problems"] else None)
            print(
                f"{group:<14} {name[-20:]:<20} {sums['problems']:>8,} {enough:>9} {sums['mutants']:>8,} {alive:>8,} "
                f"{shares[0]:>7} {sums['equivalent']:>10,} {shares[1]:>8}"
            )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


@report_errors
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "builds", nargs="+", type=Path, metavar="BUILD", help="a folder that apps-plus strength measured"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    names = [str(folder) for folder in arguments.builds]
    builds: list[list[Row]] = [[*read_strengths(folder)] for folder in arguments.builds]
    if len(builds) == 1 and any(row["generated"] for row in builds[0]):
        names = ["given tests", "all tests"]
        builds = [with_given_tests_alone(builds[0], read_ledger(arguments.builds[0])), builds[0]]
    builds = common_problems(builds)
    if not builds[0]:
        raise InputError("the builds have no measured problem in common")
    groups = compare(builds)
    if arguments.json:
        print_json({"builds": names, "groups": groups})
    else:
        print_table(names, groups)


if __name__ == "__main__":
    main()
