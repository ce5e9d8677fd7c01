"""Count a build: outcomes and reasons by tier, splits, tests. Pure functions over ledger rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from apps_plus.errors import BuildFolderError
from apps_plus.problem import DIFFICULTIES, load_json
from curation.records import Outcome

PUBLISHED_COUNTS = {
    "the paper (arXiv 2402.01391)": "7,456",
    "its repository's README": "7,413",
    "the tiers given there, added up": "7,053",
}
"""Published sizes of APPS+; the three disagree."""


ENOUGH_TESTS = 15
"""Released problems with at least so many tests are counted."""


def summarize(ledger: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the counts of a build, for the manifest and the card.

    Every table maps a name to counts by tier (``total`` added); tiers that the data does not name come last.
    """
    rows = list(ledger)
    tiers = tiers_of(rows)
    released = [row for row in rows if row["released_in"]]
    return {
        "tiers": tiers,
        "raw": by_tier(rows, tiers),
        "outcomes": {str(o): by_tier((r for r in rows if r["outcome"] == o), tiers) for o in Outcome},
        "dropped": reasons_by_tier(rows, tiers, Outcome.DROPPED),
        "needs_review": reasons_by_tier(rows, tiers, Outcome.NEEDS_REVIEW),
        "corrected": reasons_by_tier(rows, tiers, Outcome.CORRECTED),
        "released": by_tier(released, tiers),
        "splits": {s: by_tier((r for r in released if r["released_in"] == s), tiers) for s in _SPLITS},
        "kinds": {k: by_tier((r for r in released if r["kind"] == k), tiers) for k in _KINDS},
        "tests": {
            tier: sum(r["tests"] for r in released if tier in (r["difficulty"], "total")) for tier in _all(tiers)
        },
        "solutions": dict(sorted(sum((Counter(row["solutions"]) for row in rows), Counter()).items())),
        **({"strengthened": strengthened_counts(rows, tiers)} if any("strengthened" in row for row in rows) else {}),
    }


def strengthened_counts(rows: Sequence[dict[str, Any]], tiers: Sequence[str]) -> dict[str, Any]:
    """Return the counts of generated tests, by tier, and what the held-out solutions and the mutants say of them."""
    tried = [row for row in rows if "strengthened" in row]
    released = [row for row in tried if row["released_in"]]
    extended = [row for row in released if row["generated_tests"]]
    reasons = sorted({row["strengthened"]["left_alone"] for row in tried} - {""})
    facts = [row["strengthened"] for row in extended]
    return {
        "extended": by_tier(extended, tiers),
        "left_alone": {
            reason: by_tier((row for row in tried if row["strengthened"]["left_alone"] == reason), tiers)
            for reason in reasons
        },
        "generated_tests": {
            tier: sum(row["generated_tests"] for row in extended if tier in (row["difficulty"], "total"))
            for tier in _all(tiers)
        },
        "enough_tests": by_tier((row for row in released if row["tests"] >= ENOUGH_TESTS), tiers),
        "held_out": {
            "solutions": sum(len(fact["held_out"]) for fact in facts),
            "failing": sum(len(fact["held_out_failing"]) for fact in facts),
        },
        "judge_mutants": {name: sum(fact["judges"][name] for fact in facts) for name in ("mutants", "before", "after")},
    }


_SPLITS = ("train", "validation", "test")
_KINDS = ("standard-input", "call-based")


def tiers_of(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Return APPS's three tiers, and any other difficulty that occurs."""
    return [*DIFFICULTIES, *sorted({row["difficulty"] for row in rows} - set(DIFFICULTIES))]


def by_tier(rows: Iterable[dict[str, Any]], tiers: Sequence[str]) -> dict[str, int]:
    """Count the rows of each tier, and all of them (``total``)."""
    counts = Counter(row["difficulty"] for row in rows)
    return {**{tier: counts[tier] for tier in tiers}, "total": sum(counts.values())}


def reasons_by_tier(
    rows: Sequence[dict[str, Any]], tiers: Sequence[str], outcome: Outcome
) -> dict[str, dict[str, int]]:
    """Count the rows of one outcome by their first reason, the most common first."""
    chosen = [row for row in rows if row["outcome"] == outcome]
    counts = Counter(row["reasons"][0] for row in chosen)
    return {
        reason: by_tier((row for row in chosen if row["reasons"][0] == reason), tiers)
        for reason, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    }


def strength_rows(strength: Mapping[str, Any] | None) -> dict[str, Mapping[str, Any]]:
    """Return the rows of the table of strengths: all problems, each tier, each number of given tests."""
    if strength is None:
        return {}
    tiers = {tier or "(no tier)": group for tier, group in strength["tiers"].items()}
    given = {f"{name} given test{'' if name == '1' else 's'}": group for name, group in strength["given_tests"].items()}
    return {"all": strength["total"], **tiers, **given}


def percent(part: int, whole: int) -> str:
    """Return a share in percent, ``-`` of nothing."""
    return f"{part / whole:.1%}" if whole else "-"


def _all(tiers: Sequence[str]) -> list[str]:
    return [*tiers, "total"]


def title_of(folder: Path) -> str:
    """Return the title of a build's plots, ``my-apps-plus: 100 problems of raw_apps by apps-plus 0.1.0, 2026-01-02``.

    The date is that of today. What the manifest does not say is left out.
    """
    manifest = load_json((folder / "manifest.json").read_text(encoding="utf-8"))
    given, tool = manifest.get("input") or {}, manifest.get("tool")
    made = f": {given['problems']:,} problems of {given['name']}" if given.keys() >= {"problems", "name"} else ""
    made += f" by {tool}" if made and tool else ""
    return f"{folder.resolve().name}{made}, {date.today().isoformat()}"


def read_counts(folder: Path) -> dict[str, Any]:
    """Read the counts of a build from its manifest. Raises BuildFolderError if it is not a finished build."""
    path = folder / "manifest.json"
    try:
        counts: dict[str, Any] = load_json(path.read_text(encoding="utf-8"))["counts"]
        if missing := {"tiers", "raw", "outcomes", "dropped", "released", "splits"} - counts.keys():
            raise ValueError(f"no counts of {', '.join(sorted(missing))}")
    except FileNotFoundError:
        raise BuildFolderError.unfinished(folder) from None
    except OSError as error:
        raise BuildFolderError(
            f"cannot read {path}: {error.strerror or error}: make it readable, or build again"
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BuildFolderError(f"{path} cannot be read ({error}): build again") from error
    return counts
