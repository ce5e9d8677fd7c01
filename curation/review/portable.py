"""Make decisions portable: bind them to the raw problem, so that they hold on any machine. Pure functions.

The digest of an item covers the votes and the results of all solutions, which may differ with the version of Python and
the speed of the machine. A reviewer who judged the statement and the tests can have the decision hold wherever these
are the same: it then names the digest of the raw problem, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from curation.review_decisions import Decision


def make_portable(decisions: Iterable[Decision], ledger: Iterable[Mapping[str, Any]]) -> list[Decision]:
    """Return the decisions, those about an item of the ledger bound to its raw problem.

    Stale decisions stay as they are. A retraction names the new id of what it retracts.

    Args:
        decisions: Oldest first.
        ledger: The lines of the build's ``ledger.jsonl``; those of earlier versions have no ``raw_digest``.
    """
    raw_digests = {(row.get("problem_id"), row.get("item_digest")): str(row.get("raw_digest", "")) for row in ledger}
    new_ids: dict[str, str] = {}
    bound = []
    for decision in decisions:
        raw_digest = raw_digests.get((decision.problem_id, decision.item_digest), "")
        new = replace(
            decision,
            raw_digest=raw_digest or decision.raw_digest,
            retracts=new_ids.get(decision.retracts, decision.retracts),
        )
        new_ids[decision.decision_id] = new.decision_id
        bound.append(new)
    return bound
