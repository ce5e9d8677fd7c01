"""Count the verdicts that could differ under another judge, for the summary of an evaluation. Pure functions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from harness.judging.verdict import Verdict
from harness.scoring.other_judges.judges import FACTS, OtherJudge
from harness.scoring.other_judges.reasons import SENTENCES, Reason
from harness.scoring.results import SampleResult


def summarise_differences(judge: OtherJudge, results: Sequence[SampleResult]) -> dict[str, Any]:
    """Return ``as_judge`` of the summary: how many verdicts could differ, in which direction, and why.

    A sample with several reasons counts for each of them. Faults of the harness count neither here nor there.
    """
    judged = [result for result in results if result.verdict is not Verdict.HARNESS_ERROR]
    differing = [result for result in judged if result.could_differ]
    passed = sum(result.verdict is Verdict.PASSED for result in differing)
    counts = Counter(reason for result in differing for reason in result.could_differ)
    return {
        "judge": str(judge),
        "version": FACTS[judge].title,
        "samples": len(judged),
        "could_differ": len(differing),
        "could_be_rejected": passed,
        "could_be_accepted": len(differing) - passed,
        "reasons": {name: {"samples": count, "why": SENTENCES[Reason(name)]} for name, count in counts.most_common()},
    }


def headline(differences: Mapping[str, Any]) -> str:
    """Return the counts in one sentence."""
    of = f"{differences['could_differ']:,} of {differences['samples']:,} verdicts could differ"
    if not differences["could_differ"]:
        return of
    return (
        f"{of}: {differences['could_be_rejected']:,} pass here and could be rejected there, "
        f"{differences['could_be_accepted']:,} fail here and could be accepted there"
    )
