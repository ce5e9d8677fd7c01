"""What a record's samples cost, for boards: tokens of a sample, and problems solved for a thousand of them.

Both are over all problems, whichever tier and k a board shows: a record has the sums over all samples. Models have
different tokenizers, so that equal texts may have different numbers of tokens.
"""

from __future__ import annotations

from harness.scoring.result_record import OVERALL, Record
from leaderboards.scores import score_of

EXPLANATION = (
    "tokens: of an answer with its reasoning, in the mean over all problems; solved/1k: problems solved (pass@1 "
    "overall) for 1,000 of these tokens"
)


def tokens_of(record: Record) -> float | None:
    """Return the completion tokens of a sample, reasoning included, in the mean; None if unknown."""
    return record.cost.tokens_per_sample if record.cost else None


def solved_per_1000_tokens(record: Record) -> float | None:
    """Return pass@1 over all problems divided by the thousands of tokens of a sample; None if unknown."""
    tokens, score = tokens_of(record), score_of(record, OVERALL, 1)
    return 1000 * score.value / tokens if tokens and score else None


def tokens_text(record: Record) -> str:
    """Format the tokens of a sample: ``1,234``; empty if unknown."""
    tokens = tokens_of(record)
    return "" if tokens is None else f"{tokens:,.0f}"


def solved_text(record: Record) -> str:
    """Format the problems solved for 1,000 tokens, with two decimal places; empty if unknown."""
    solved = solved_per_1000_tokens(record)
    return "" if solved is None else f"{solved:,.2f}"
