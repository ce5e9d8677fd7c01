"""The choice of few tests that kill much."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

import pytest

from curation.generated_tests.choose_tests import BYTES, KILL, KIND, LINE, OUTPUT, REPEATED, SIZE, Choice, choose_tests


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


def by_looking_at_all(choices: Sequence[Choice], most: int) -> list[int]:
    """Choose as the module's docstring says, with every gain computed anew at each step."""
    chosen: list[int] = []
    while len(chosen) < min(most, len(choices)):
        left = [i for i in range(len(choices)) if i not in chosen]
        chosen.append(max(left, key=lambda i: (gain_after(choices[i], [choices[k] for k in chosen]), -i)))
    return chosen


def gain_after(one: Choice, before: Sequence[Choice]) -> float:
    gain = -BYTES * one.size
    for weight, parts in (
        (KILL, lambda each: each.kills),
        (LINE, lambda each: each.lines),
        (KIND, lambda each: {each.kind}),
        (SIZE, lambda each: {each.size.bit_length()}),
        (OUTPUT, lambda each: {each.output}),
    ):
        seen = Counter(part for each in before for part in parts(each))
        gain += weight * sum(sorted(REPEATED[weight] ** seen[part] for part in parts(one)))
    return gain


@pytest.mark.parametrize("seed", range(20))
def test_each_choice_has_the_greatest_gain_after_those_before(seed):
    rng = random.Random(seed)
    choices = [
        choice(
            "".join(rng.sample("abcdefgh", rng.randint(0, 5))),
            rng.choice(["random", "boundary"]),
            rng.choice("1234"),
            rng.randint(5, 60),
            "".join(rng.sample("xyz", rng.randint(0, 2))),
        )
        for _ in range(40)
    ]
    assert choose_tests(choices, 15, 10_000) == by_looking_at_all(choices, 15)
