"""Near-duplicates among statements."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.pipeline.near_duplicates import THRESHOLD, DuplicateIndex, DuplicatePair, jaccard, normalise, shingles

GARDEN = dedent("""\
    A gardener waters a row of n plants with one can. Each plant needs its own amount of water, and the river
    lies at the left end of the row. The can holds c liters when it is full. The gardener walks from plant to
    plant and goes back to the river whenever the can would not suffice for the plant that comes next. Walking
    from a plant to its neighbour costs a step, and so does walking from the river to the plant beside it.
    Nobody helps the gardener, who never waters half a plant, and who starts at the river with a full can. How
    many steps does the gardener need until the whole row is watered? The gardener is allowed to leave the can
    anywhere once the work is done, and to pass by plants that have drunk already without giving them more. It
    never rains, and the river never runs dry while somebody works along the row. A plant that got more than it
    needs would drown, so each is given its own amount and not a drop beyond it. The input holds n and c, and
    then the amounts, from the river on.

    -----Constraints-----
    1 <= n <= 1000
    """)


def find_near_duplicates(statements: Sequence[tuple[str, str]], threshold: float = THRESHOLD) -> list[DuplicatePair]:
    index = DuplicateIndex(threshold)
    pairs = [index.add(problem_id, question) for problem_id, question in statements]
    return [pair for pair in pairs if pair is not None]


def duplicates(*questions: str, threshold: float = THRESHOLD) -> list[tuple[str, str]]:
    named = [(chr(ord("a") + i), question) for i, question in enumerate(questions)]
    return [(pair.kept_id, pair.duplicate_id) for pair in find_near_duplicates(named, threshold)]


def test_nothing_repeats_nothing() -> None:
    assert find_near_duplicates([]) == []
    assert duplicates(GARDEN) == []


def test_equal_statements_are_duplicates_and_the_earlier_is_kept() -> None:
    assert find_near_duplicates([("x", GARDEN), ("y", "Another thing altogether is asked here."), ("z", GARDEN)]) == [
        DuplicatePair("x", "z", 1.0)
    ]


def test_case_whitespace_punctuation_and_images_do_not_count() -> None:
    other = GARDEN.upper().replace("\n", " ").replace("ROW.", "ROW!") + "![A can](https://example.org/can.png)"
    assert duplicates(GARDEN, other) == [("a", "b")]


def test_a_mended_typo_is_a_duplicate() -> None:
    assert duplicates(GARDEN, GARDEN.replace("need until", "require until")) == [("a", "b")]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<= 1000", "<= 100000"),
        ("<= n", "< n"),
        ("the left end", "the right end"),
        ("A gardener", "This is the hard version. A gardener"),
    ],
)
def test_versions_of_one_problem_are_different_problems(before: str, after: str) -> None:
    assert duplicates(GARDEN, GARDEN.replace(before, after), threshold=0.5) == []


def test_parts_of_a_series_are_different_problems() -> None:
    assert duplicates("Garden, part 1. " + GARDEN, "Garden, part 2. " + GARDEN) == []


def test_what_repeats_a_duplicate_points_at_the_kept_one() -> None:
    first = GARDEN
    second = first.replace("need until", "require until")
    third = second.replace("Nobody helps", "None helps").replace("a full can", "the full can")
    pairs = find_near_duplicates([("a", first), ("b", second), ("c", third)], threshold=0.85)
    assert [(pair.kept_id, pair.duplicate_id) for pair in pairs] == [("a", "b"), ("a", "c")]


def test_what_repeats_only_a_duplicate_points_at_the_kept_one_too() -> None:
    words = [f"w{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(200)]
    statements = [("a", " ".join(words[:150])), ("b", " ".join(words[20:170])), ("c", " ".join(words[40:190]))]
    pairs = find_near_duplicates(statements, threshold=0.7)
    assert jaccard(*(shingles(normalise(statements[i][1])) for i in (0, 2))) < 0.7
    assert [(pair.kept_id, pair.duplicate_id) for pair in pairs] == [("a", "b"), ("a", "c")]


def test_similarity_is_the_exact_jaccard_of_word_shingles() -> None:
    other = GARDEN.replace("need until", "require until")
    (pair,) = find_near_duplicates([("a", GARDEN), ("b", other)], threshold=0.8)
    assert pair.similarity == jaccard(shingles(normalise(GARDEN)), shingles(normalise(other))) < 1


def test_statements_of_a_few_words_are_duplicates_only_when_equal() -> None:
    assert duplicates("Add two numbers.", "Add two  numbers.\n", "Add two numbers!") == [("a", "b")]


def test_statements_that_are_only_an_image_are_compared_by_it() -> None:
    assert duplicates("![](https://example.org/1.png)", "![](https://example.org/2.png)") == []


def test_five_words_are_one_shingle() -> None:
    assert shingles(normalise("One, two; three: four five!")) == {"one two three four five"}
    assert shingles(normalise("one two three four")) == frozenset()


@pytest.mark.parametrize("threshold", [0, -1, 1.01])
def test_a_threshold_outside_its_range_is_an_error(threshold: float) -> None:
    with pytest.raises(ValueError, match="threshold"):
        find_near_duplicates([], threshold)


VOCABULARY = ["sum", "list", "path", "tree", "node", "edge", "cost", "step", "queue"]
WORDS = st.lists(st.sampled_from(VOCABULARY), min_size=5, max_size=30)


@given(st.lists(WORDS.map(" ".join), max_size=8))
def test_no_statement_is_both_kept_and_a_duplicate(questions: list[str]) -> None:
    pairs = find_near_duplicates([(str(i), question) for i, question in enumerate(questions)])
    kept, repeated = {pair.kept_id for pair in pairs}, [pair.duplicate_id for pair in pairs]
    assert not kept & set(repeated)
    assert len(repeated) == len(set(repeated))
    assert all(int(pair.kept_id) < int(pair.duplicate_id) for pair in pairs)


@given(WORDS.map(" ".join), st.lists(WORDS.map(" ".join), max_size=4))
def test_an_equal_statement_is_always_found(question: str, others: list[str]) -> None:
    statements = [("first", question), *((f"other{i}", other) for i, other in enumerate(others)), ("last", question)]
    assert [pair.kept_id for pair in find_near_duplicates(statements) if pair.duplicate_id == "last"] == ["first"]
