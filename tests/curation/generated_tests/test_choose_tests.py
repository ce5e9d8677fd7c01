"""The choice of few tests that kill much."""

from __future__ import annotations

from curation.generated_tests.choose_tests import Choice, choose_tests


def choice(kills: str = "", kind: str = "random", output: str = "1", size: int = 10, lines: str = "") -> Choice:
    return Choice(frozenset(kills), frozenset(lines), kind, output, size)


def chosen(*choices: Choice, most: int = 15, most_bytes: int = 10_000) -> list[int]:
    return choose_tests(choices, most, most_bytes)


def test_the_strongest_comes_first():
    assert chosen(choice("a"), choice("abc"), choice("bd"))[:2] == [1, 2]


def test_a_second_kill_counts_less_than_a_first():
    assert chosen(choice("abcd"), choice("abc"), choice("e"))[:2] == [0, 2]


def test_a_second_kill_counts_more_than_nothing():
    assert chosen(choice("abcd"), choice(output="2"), choice("abc")) == [0, 2, 1]


def test_lines_that_run_first_count():
    assert chosen(choice(), choice(lines="x"))[0] == 1


def test_kinds_outputs_and_sizes_take_turns_where_nothing_is_killed():
    same = [choice() for _ in range(5)]
    other = [choice(kind="boundary"), choice(output="2"), choice(size=1000)]
    assert set(chosen(*same, *other, most=4)) == {0, 5, 6, 7}


def test_a_short_input_wins_over_an_equal_longer_one():
    assert chosen(choice("a", size=15), choice("a", size=9), most=1) == [1]


def test_there_are_no_more_than_asked_for_and_no_more_bytes():
    many = [choice(str(i)) for i in range(20)]
    assert len(chosen(*many, most=7)) == 7
    assert len(chosen(*many, most_bytes=35)) == 3
    assert chosen(choice("abc", size=99), choice("a", size=5), most_bytes=50) == [1]


def test_the_order_of_equal_choices_is_theirs():
    assert chosen(choice("a"), choice("b"), choice("c")) == [0, 1, 2]
