"""Find problems to drop because they share too much with a benchmark (``build --drop-overlap``).

Programs are compared by their lines with benchmarks that have canonical solutions; with any other benchmark, a file of
statements, statements are compared (``curation.overlap.statement_overlap``).

This is in addition to ``curation.overlap.contamination``, which is always on and finds whole programs under any names:
here enough lines must be the same, names included, and they may come from several tasks.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curation.overlap.benchmark_statements import BenchmarkStatements
from curation.overlap.line_overlap import LineIndex, Match, Reference, rounded
from curation.overlap.statement_overlap import LEAST_NEAR, Statement, StatementIndex, StatementMatch
from curation.overlap.statement_words import words_of
from curation.records import Finding, Reason

MIN_SHARED = 3
"""The least different lines that a dropped problem shares: two such as ``if n == 0:`` and ``if n == 1:`` are no
evidence, even if they are most of a short program."""


MIN_NGRAMS = 3
"""The least different n-grams of 13 words that the statement of a dropped problem shares with one item: 15 words."""


class OverlapLimit:
    """Finds programs that share more than a fraction of their telling lines with a benchmark, and such statements."""

    def __init__(
        self, above: float, references: Sequence[Reference], statements: Sequence[BenchmarkStatements] = ()
    ) -> None:
        self.above = above
        self.references = tuple(references)
        self.statements = tuple(statements)
        self._indexes = [(reference.name, LineIndex(reference.tasks)) for reference in references]
        self._statement_indexes = [(b.name, StatementIndex(b.items, max(above, LEAST_NEAR))) for b in statements]

    def find_statement(self, question: str) -> Finding | None:
        """Report the first benchmark with an item of which a statement shares too much, if any.

        Too much: of the statement's or the item's n-grams, or by the Jaccard similarity of their shingles.
        """
        for name, index in self._statement_indexes:
            match = index.match(Statement("", "", question), words_of(question), frozenset())
            by_ngrams = match.item_found >= MIN_NGRAMS and max(match.share, match.item_share) > self.above
            if by_ngrams or match.jaccard > max(self.above, LEAST_NEAR):
                return _repeated_statement(name, match, self.above)
        return None

    def find(self, program: str) -> Finding | None:
        """Report the first benchmark with which a program shares too many lines, if any."""
        for name, index in self._indexes:
            match = index.match(program)
            if match.fraction > self.above and len(match.shared) >= MIN_SHARED:
                return _contaminated(name, match, self.above)
        return None

    def facts(self) -> dict[str, Any]:
        """Return the entry ``overlap`` of the manifest: everything that the result depends on."""
        return {
            "above": self.above,
            "min_shared": MIN_SHARED,
            "benchmarks": [reference.facts() for reference in self.references]
            + [{**benchmark.facts(), "compared": "statements"} for benchmark in self.statements],
        }


def _repeated_statement(name: str, match: StatementMatch, above: float) -> Finding:
    detail = (
        f"the statement shares too much with {match.item_id} of {name}: {100 * match.share:.0f}% of its n-grams of 13 "
        f"words occur there, it has {100 * match.item_share:.0f}% of the other's, similarity {match.jaccard:.2f} "
        f"(limit: {above:g})"
    )
    shares = {"share": rounded(match.share), "item_share": rounded(match.item_share), "jaccard": rounded(match.jaccard)}
    return Finding("dedup", Reason.CONTAMINATED, detail, {"benchmark": name, "item": match.item_id, **shares})


def _contaminated(name: str, match: Match, above: float) -> Finding:
    detail = (
        f"{match.matched} of the {match.lines} telling lines of the canonical solution stand in canonical solutions "
        f"of {name} (limit: {above:g} of them)"
    )
    lines = {line: list(tasks) for line, tasks in match.shared.items()}
    evidence = {"benchmark": name, "fraction": rounded(match.fraction), "lines": lines}
    return Finding("dedup", Reason.CONTAMINATED, detail, evidence)
