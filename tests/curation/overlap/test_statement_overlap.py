"""Words and n-grams of statements, and which statements are found in a benchmark."""

from __future__ import annotations

import random

import pytest

from curation.overlap.benchmark_statements import BenchmarkItem, BenchmarkStatements
from curation.overlap.drop_overlap import OverlapLimit
from curation.overlap.statement_overlap import (
    COMMON,
    Statement,
    StatementMatch,
    match_statements,
    summarise_matches,
)
from curation.overlap.statement_words import ngrams, words_of

WORDS = [f"w{number}" for number in range(2000)]


def text(seed: int, count: int = 120) -> str:
    """A statement of its own words: no two share three in a row."""
    return " ".join(random.Random(seed).choices(WORDS, k=count))


def benchmark(**statements: str) -> BenchmarkStatements:
    items = tuple(BenchmarkItem(name, statement) for name, statement in statements.items())
    return BenchmarkStatements("bench", "bench.jsonl", "00", "question", items)


def problems(*questions: str) -> list[Statement]:
    return [Statement(f"train/{number:04d}", "interview", question) for number, question in enumerate(questions)]


def only(question: str, against: BenchmarkStatements) -> StatementMatch:
    (match,) = match_statements(problems(question), against)
    return match


@pytest.mark.parametrize(
    "marked_up",
    [
        "For each <b class='x' id=y>row</b>, print the sum; it is at most 10<sup>5</sup>.",
        "<p>For each&nbsp;row,</p>\n<p>print the sum; it is at most $10^5$.</p>",
        "For each **row**, print the _sum_; it is at most $10^{5}$.",
        "For each `row`, print the sum; it is at most 10⁵.",
        "For each row, ![picture](http://example.com/a.png) print the sum; it is at most \\mathbf{10^5}.",
    ],
)
def test_words_are_the_same_however_they_are_marked_up(marked_up: str) -> None:
    assert words_of(marked_up) == "for each row print the sum it is at most 10 5".split()


def test_a_comparison_is_no_tag() -> None:
    assert words_of("print a if a<b and c>d") == "print a if a b and c d".split()
    assert words_of("a &lt;b&gt; c") == ["a", "b", "c"]
    assert words_of("1 \\leq n \\leq 10") == words_of("1 ≤ n ≤ 10") == ["1", "n", "10"]


def test_a_text_has_a_13_gram_for_each_of_its_words_but_the_last_12() -> None:
    assert len(ngrams(WORDS[:20])) == 8
    assert ngrams(WORDS[:9]) == {" ".join(WORDS[:9])}
    assert ngrams(WORDS[:7]) == frozenset()


def test_an_equal_statement_is_found_whole_in_its_item_alone() -> None:
    match = only(text(1).upper() + "!", benchmark(a=text(2), b=text(1)))
    assert (match.item_id, match.share, match.item_share, match.jaccard) == ("b", 1.0, 1.0, 1.0)


def test_an_item_inside_a_longer_statement_is_found_by_its_own_share() -> None:
    inside = text(3, 40)
    match = only(f"{text(4)} {inside} {text(5)}", benchmark(a=inside))
    assert (match.item_share, match.item_found) == (1.0, 28)
    assert match.share == 28 / (280 - 12)
    assert match.jaccard < 0.2


def test_a_statement_with_every_tenth_word_changed_is_a_near_match_without_a_13_gram() -> None:
    words = text(6).split()
    changed = " ".join("other" if number % 10 == 0 else word for number, word in enumerate(words))
    match = only(changed, benchmark(a=text(7), b=text(6)))
    assert (match.found, match.item_id) == (0, "b")
    assert match.jaccard > 0.25


def test_other_statements_match_nothing() -> None:
    match = only(text(8), benchmark(a=text(9), b="Too few words."))
    assert (match.found, match.item_id, match.overlap) == (0, None, 0.0)


def test_a_short_item_is_one_n_gram_of_its_own_length() -> None:
    short = " ".join(WORDS[:9])
    match = only(f"{text(10)} {short} {text(11)}", benchmark(a=short))
    assert (match.item_id, match.item_share, match.share) == ("a", 1.0, 0.0)


def test_set_phrases_of_many_items_or_problems_do_not_count() -> None:
    phrase = text(12, 15)
    items = {f"i{number}": f"{phrase} {text(100 + number, 30)}" for number in range(COMMON + 1)}
    assert only(f"{phrase} {text(13)}", benchmark(**items)).found == 0
    many = problems(*(f"{phrase} {text(200 + number, 30)}" for number in range(COMMON + 1)))
    assert all(match.found == 0 for match in match_statements(many, benchmark(a=f"{phrase} {text(14)}")))


def test_rows_that_are_repeated_do_not_make_a_statement_a_set_phrase() -> None:
    assert only(text(15), benchmark(**{f"i{number}": text(15) for number in range(30)})).share == 1.0


def test_the_summary_counts_and_lists_the_best_first() -> None:
    against = benchmark(a=text(16), b=text(17, 40))
    matches = match_statements(problems(text(18), f"{text(17, 40)} {text(19)}", text(16)), against)
    report = summarise_matches(matches, against, 0.25, 1)
    assert (report["problems"], report["with_ngrams"], report["more_than_half"], report["near"]) == (3, 2, 2, 1)
    assert [row["problem_id"] for row in report["matches"]] == ["train/0002", "train/0001"]
    assert [row["item"] for row in report["top"]] == ["a"]


def test_altered_statements_are_found() -> None:
    generator = random.Random(20)

    def alter(statement: str) -> str:
        words = [generator.choice(WORDS) if generator.random() < 0.1 else word for word in statement.split()]
        return "<p>" + " ".join(words) + "</p>"

    own = [text(300 + number, 200) for number in range(40)]
    altered = benchmark(**{f"train/{number:04d}": alter(statement) for number, statement in enumerate(own[:20])})
    matches = match_statements(problems(*own), altered)
    assert [match.item_id for match in matches if match.jaccard >= 0.25] == [
        f"train/{number:04d}" for number in range(20)
    ]


@pytest.mark.parametrize(("above", "dropped"), [(0.5, True), (0.95, False)])
def test_a_build_drops_a_statement_that_shares_more_than_the_limit(above: float, dropped: bool) -> None:
    against = benchmark(a=text(21))
    finding = OverlapLimit(above, (), (against,)).find_statement(f"{text(21, 100)} {text(22, 20)}")
    assert (finding is not None) is dropped
    if finding is not None:
        assert finding.evidence["item"] == "a"
        assert "of bench" in finding.detail


def test_two_n_grams_are_no_reason_to_drop() -> None:
    item = text(23, 14)
    limit = OverlapLimit(0.5, (), (benchmark(a=item),))
    assert limit.find_statement(f"{text(24)} {item} {text(25)}") is None
