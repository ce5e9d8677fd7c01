"""Find problems whose statement is in a benchmark: by shared n-grams of 13 words, and by near matches.

N-grams as in GPT-3 (arXiv 2005.14165, appendix C). Those in more than 10 different items, or in more than 10 problems,
are set phrases (``the first line contains a single integer t the number of test cases``) and count on neither side.
Near matches are pairs whose sets of 5-word shingles have a high Jaccard similarity: MinHash finds the candidates, and
each is verified by the exact similarity (``curation.pipeline.near_duplicates``, which also drops repeated statements).
N-grams find a statement inside a longer one; near matches one whose words were changed here and there.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from curation.overlap.benchmark_statements import BenchmarkItem, BenchmarkStatements
from curation.overlap.line_overlap import rounded
from curation.overlap.statement_words import MIN_WORDS, NGRAM_WORDS, ngrams, runs, words_of
from curation.pipeline.near_duplicates import candidate_index, jaccard, minhash, shingles

COMMON = 10
"""An n-gram in more items or problems than this is a set phrase."""
NEAR = 0.2
"""Jaccard similarity from which a pair is a near match.

Of 1,511 raw problems compared with 1,512 others, 41 have one (26 from 0.25, 14 from 0.4): problems of one series, or
one exercise of two sites. Of 20 statements of which 15% of the words were replaced at random, all have one (15 from
0.25).
"""
LEAST_NEAR = 0.1
"""The lowest similarity for which candidates are searched."""


class Statement(NamedTuple):
    """A problem of the build."""

    problem_id: str
    difficulty: str
    question: str


@dataclass(frozen=True, slots=True)
class StatementMatch:
    """The part of one problem's statement that a benchmark holds."""

    problem_id: str
    difficulty: str
    ngrams: int
    """Distinct n-grams of the statement, set phrases left out."""
    found: int
    """Of these: those that some item has."""
    item_id: str | None = None
    """The item that has most of them; where none has any, the nearest one. None: nothing is shared."""
    item_found: int = 0
    """N-grams that the statement and this item share."""
    item_ngrams: int = 0
    """Distinct n-grams of this item, set phrases left out."""
    jaccard: float = 0.0
    """Similarity of the sets of 5-word shingles of the statement and this item."""

    @property
    def share(self) -> float:
        """Share of the statement's n-grams that the benchmark has."""
        return self.found / self.ngrams if self.ngrams else 0.0

    @property
    def item_share(self) -> float:
        """Share of the best item's n-grams that the statement has: 1 if all of it stands in the statement."""
        return self.item_found / self.item_ngrams if self.item_ngrams else 0.0

    @property
    def overlap(self) -> float:
        """The larger of the two shares, and of the similarity: how much one text is in the other."""
        return max(self.share, self.item_share, self.jaccard)

    def to_row(self, benchmark: str) -> dict[str, Any]:
        """Return a line of ``--out``, and of the lists in ``--json``."""
        return {
            "problem_id": self.problem_id,
            "difficulty": self.difficulty,
            "benchmark": benchmark,
            "ngrams": self.ngrams,
            "found": self.found,
            "share": rounded(self.share),
            "item": self.item_id,
            "item_ngrams": self.item_ngrams,
            "item_found": self.item_found,
            "item_share": rounded(self.item_share),
            "jaccard": rounded(self.jaccard),
        }


class StatementIndex:
    """The statements of a benchmark, indexed by n-gram and by MinHash."""

    def __init__(self, items: Iterable[BenchmarkItem], near: float = NEAR) -> None:
        """Index the items; ``near`` is the least Jaccard similarity of a near match, above 0."""
        self.near = near
        self.ids: list[str] = []
        self._shingles: list[frozenset[str]] = []
        self._ngrams: list[frozenset[str]] = []
        self._items: dict[str, list[int]] = {}
        self._candidates = candidate_index(near)
        seen: set[str] = set()
        for item in items:
            words = words_of(item.statement)
            if (text := " ".join(words)) not in seen:  # repeated rows must not make their n-grams common
                seen.add(text)
                self._add(item.item_id, words)
        self._common = frozenset(gram for gram, items in self._items.items() if len(items) > COMMON)
        self.lengths = sorted({gram.count(" ") + 1 for gram in self._items} | {NGRAM_WORDS})
        """Lengths of the n-grams, in words: short items are n-grams of their own length."""

    def _add(self, item_id: str, words: list[str]) -> None:
        number = len(self.ids)
        self.ids.append(item_id)
        self._ngrams.append(ngrams(words))
        self._shingles.append(shingles(words))
        for gram in self._ngrams[-1]:
            self._items.setdefault(gram, []).append(number)
        if self._shingles[-1]:
            self._candidates.insert(number, minhash(self._shingles[-1]))

    def shared(self, words: list[str]) -> frozenset[str]:
        """Return the n-grams of some words that items have, set phrases too."""
        return frozenset(gram for size in self.lengths for gram in runs(words, size) if gram in self._items)

    def match(self, statement: Statement, words: list[str], common: frozenset[str]) -> StatementMatch:
        """Match one statement, given its words and the n-grams that are set phrases among the problems."""
        ignored = self._common | common
        counted = self.shared(words) - ignored
        own = ngrams(words) - ignored
        problem = (statement.problem_id, statement.difficulty, len(own), len(own & counted))
        by_item = Counter(number for gram in counted for number in self._items[gram])
        theirs = shingles(words)
        numbers = {*by_item, *self._near_items(theirs)}
        if not numbers:
            return StatementMatch(*problem)
        similar = {number: jaccard(theirs, self._shingles[number]) for number in numbers}
        best = min(numbers, key=lambda number: (-by_item[number], -similar[number], number))
        if similar[best] < self.near:  # one text in two versions is more than a part that two texts share
            best = min((n for n in numbers if similar[n] >= self.near), key=lambda n: (-similar[n], n), default=best)
        item = (self.ids[best], by_item[best], len(self._ngrams[best] - ignored))
        return StatementMatch(*problem, *item, similar[best])

    def _near_items(self, theirs: frozenset[str]) -> list[int]:
        if not theirs:
            return []
        candidates: list[int] = self._candidates.query(minhash(theirs))
        return [number for number in candidates if jaccard(theirs, self._shingles[number]) >= self.near]


def match_statements(
    statements: Sequence[Statement], benchmark: BenchmarkStatements, near: float = NEAR
) -> list[StatementMatch]:
    """Match every statement with a benchmark, in the order given."""
    index = StatementIndex(benchmark.items, near)
    words = [words_of(statement.question) for statement in statements]
    problems = Counter(gram for own in words for gram in index.shared(own))
    common = frozenset(gram for gram, count in problems.items() if count > COMMON)
    return [index.match(statement, own, common) for statement, own in zip(statements, words, strict=True)]


def summarise_matches(
    matches: Sequence[StatementMatch], benchmark: BenchmarkStatements, near: float, top: int
) -> dict[str, Any]:
    """Return the report on a benchmark's statements: an element of ``with`` in ``--json``."""
    found = [match for match in matches if match.found or match.item_found]
    similar = [match for match in matches if match.jaccard >= near]
    listed = sorted({*found, *similar}, key=lambda m: (-m.overlap, -m.item_found, m.problem_id))
    return {
        **benchmark.facts(),
        "source": benchmark.source,
        "compared": "statements",
        "rule": {"ngram_words": NGRAM_WORDS, "least_words": MIN_WORDS, "common": COMMON, "near": near},
        "problems": len(matches),
        "with_ngrams": len(found),
        "more_than_half": sum(max(match.share, match.item_share) > 0.5 for match in matches),
        "near": len(similar),
        "items_found": len({match.item_id for match in listed}),
        "top": [match.to_row(benchmark.name) for match in listed[:top]],
        "matches": [match.to_row(benchmark.name) for match in listed],
    }
