"""CCCS: where stages start, and when a problem moves on."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import apps_plus
from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import Conditional
from stepcoder.curriculum import Curriculum, StageProgress, full_generation, stage_indices, stage_starts

SAMPLE = Path(apps_plus.__file__).parent / "sample"


def starts(source: str) -> tuple[int, ...]:
    return stage_starts(source, find_conditionals(source))


def remaining(source: str) -> list[str]:
    """The first line that the model writes, at each stage."""
    return [source[start:].splitlines()[0] for start in starts(source)]


# --- where stages start --------------------------------------------------------------------------------------------

NINE = "x = 0\n" + "".join(f"if x == {number}:\n    x += 1\n" for number in range(9))


def test_nine_conditionals_are_three_strides_of_three_and_full_generation() -> None:
    assert list(stage_indices(9)) == [6, 3, 0]
    assert remaining(NINE) == ["if x == 6:", "if x == 3:", "if x == 0:", "x = 0"]


@pytest.mark.parametrize(
    ("conditionals", "indices"),
    [
        (0, []),
        (1, [0]),
        (2, [1, 0]),
        (3, [1]),
        (4, [2, 0]),
        (5, [3, 1]),
        (6, [4, 2, 0]),
        (7, [4, 1]),
        (8, [5, 2]),
        (10, [7, 4, 1]),
        (16, [12, 8, 4, 0]),
        (17, [13, 9, 5, 1]),
    ],
)
def test_stages_by_the_formula(conditionals: int, indices: list[int]) -> None:
    assert list(stage_indices(conditionals)) == indices


@given(st.integers(1, 10**6))
def test_no_stage_has_more_than_a_stride_of_new_conditionals(conditionals: int) -> None:
    indices = stage_indices(conditionals)
    curricula = math.ceil(math.sqrt(conditionals))
    stride = math.ceil(conditionals / curricula)
    assert len(indices) == conditionals // stride
    assert [conditionals - stage * stride for stage in range(1, len(indices) + 1)] == list(indices)
    assert 0 <= indices[-1] < stride


def test_a_solution_without_conditionals_is_written_whole_from_the_first_step() -> None:
    assert starts("x = 1\nprint(x)\n") == (0,)
    assert starts("") == (0,)


def test_a_start_is_the_beginning_of_a_line_so_that_the_indentation_is_written_too() -> None:
    source = "def f(x):\n    y = 1\n    if x:\n        y = 2\n    return y\n"
    assert starts(source) == (len("def f(x):\n    y = 1\n"), 0)


def test_an_elif_and_an_except_start_at_their_own_line() -> None:
    source = "def f(x):\n    try:\n        g()\n    except E:\n        pass\n"
    assert remaining(source) == ["    except E:", "    try:", "def f(x):"]
    assert remaining("y = 0\nif x:\n    y = 1\nelif z:\n    y = 2\n") == ["elif z:", "if x:", "y = 0"]


def test_a_conditional_on_the_first_line_makes_no_stage_of_its_own() -> None:
    assert starts("for x in y:\n    if x:\n        z()\n") == (len("for x in y:\n"), 0)
    assert starts("while 1:\n    pass\n") == (0,)


def test_the_order_of_the_conditionals_does_not_matter() -> None:
    assert stage_starts(NINE, find_conditionals(NINE)[::-1]) == starts(NINE)


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_in_python(newline: str) -> None:
    first = f"x = 'é\x0c\u2028'{newline}"
    assert starts(f"{first}if x:{newline}    pass{newline}") == (len(first), 0)


@pytest.mark.parametrize("line", [0, 3])
def test_conditionals_of_another_program_are_refused(line: int) -> None:
    with pytest.raises(InputError, match=f"line {line} of 2"):
        stage_starts("x = 1\n", [Conditional(line, 0, line, 5, "if")])


@given(st.lists(st.integers(1, 30), max_size=40))
def test_starts_decrease_strictly_and_end_in_full_generation(lines: list[int]) -> None:
    source = "x\n" * 30
    found = stage_starts(source, [Conditional(line, 0, line, 1, "if") for line in lines])
    assert found[-1] == 0
    assert all(later < earlier for earlier, later in pairwise(found))
    assert len(found) <= len(stage_indices(len(lines))) + 1


def solutions_of_the_sample() -> Iterator[str]:
    for path in sorted(SAMPLE.glob("*/*/solutions.json")):
        yield from json.loads(path.read_text(encoding="utf-8"))


def test_every_stage_of_the_sample_starts_a_line_with_a_conditional() -> None:
    staged = 0
    for source in solutions_of_the_sample():
        try:
            found = starts(source)
        except (SyntaxError, ValueError):  # the sample has programs that do not compile
            continue
        assert found[-1] == 0
        for start in found[:-1]:
            assert source[start - 1] == "\n"
            word = source[start:].split(maxsplit=1)[0].rstrip(":")
            assert word in {"if", "elif", "for", "while", "try", "except", "match", "async"}, source[start:]
            staged += 1
    assert staged > 50


# --- when a problem moves on ---------------------------------------------------------------------------------------


def three_stages(**settings: float) -> Curriculum:
    return Curriculum({"a": (40, 10, 0), "b": (0,)}, **{"rho": 0.5, "group": 4, **settings})


def test_a_problem_begins_with_the_most_given() -> None:
    curriculum = three_stages()
    assert (curriculum.stage("a"), curriculum.start("a")) == (1, 40)
    assert (curriculum.stage("b"), curriculum.start("b")) == (1, 0)


def test_it_moves_on_when_more_than_rho_of_a_group_pass() -> None:
    curriculum = three_stages()
    assert not curriculum.observe("a", 1, 2, 4)
    assert curriculum.observe("a", 1, 3, 4)
    assert (curriculum.stage("a"), curriculum.start("a")) == (2, 10)


def test_exactly_rho_does_not_suffice() -> None:
    assert not three_stages().observe("a", 1, 2, 4)
    assert not three_stages(rho=0.3, group=10).observe("a", 1, 3, 10)


def test_less_than_a_group_does_not_suffice() -> None:
    curriculum = three_stages()
    assert not curriculum.observe("a", 1, 3, 3)
    assert curriculum.observe("a", 1, 0, 1)


def test_the_share_is_over_all_roll_outs_since_it_entered_the_stage() -> None:
    curriculum = three_stages()
    assert not curriculum.observe("a", 1, 0, 4)
    assert not curriculum.observe("a", 1, 4, 4)
    assert curriculum.observe("a", 1, 1, 1)


def test_what_failed_long_ago_is_forgotten() -> None:
    curriculum = Curriculum({"a": (20, 0)}, rho=0.5, group=4, memory=8)
    for _ in range(2):
        assert not curriculum.observe("a", 1, 0, 4)
    assert curriculum.state()["a"] == {"stage": 1, "successes": 0, "attempts": 0}
    assert curriculum.observe("a", 1, 3, 4)


def test_each_stage_is_counted_anew() -> None:
    curriculum = three_stages()
    assert curriculum.observe("a", 1, 16, 16)
    assert curriculum.state()["a"] == {"stage": 2, "successes": 0, "attempts": 0}
    assert not curriculum.observe("a", 2, 0, 4)


def test_roll_outs_of_another_stage_are_not_counted() -> None:
    curriculum = three_stages()
    assert curriculum.observe("a", 1, 4, 4)
    assert not curriculum.observe("a", 1, 4, 4)
    assert not curriculum.observe("a", 3, 4, 4)
    assert curriculum.state()["a"] == {"stage": 2, "successes": 0, "attempts": 0}


def test_it_stays_at_full_generation_and_never_moves_back() -> None:
    curriculum = three_stages()
    assert curriculum.observe("a", 1, 4, 4)
    assert curriculum.observe("a", 2, 4, 4)
    assert not curriculum.observe("a", 3, 4, 4)
    for _ in range(9):
        assert not curriculum.observe("a", 3, 0, 4)
    assert (curriculum.stage("a"), curriculum.start("a")) == (3, 0)


def test_problems_move_on_apart() -> None:
    curriculum = Curriculum({"a": (9, 0), "b": (9, 0)}, group=2)
    assert curriculum.observe("a", 1, 2, 2)
    assert (curriculum.stage("a"), curriculum.stage("b")) == (2, 1)


@pytest.mark.parametrize(("successes", "attempts"), [(2, 1), (-1, 1)])
def test_impossible_counts_are_refused(successes: int, attempts: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        three_stages().observe("a", 1, successes, attempts)


@pytest.mark.parametrize("places", [(), (5,)])
def test_a_curriculum_that_does_not_end_in_full_generation_is_refused(places: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="last stage"):
        Curriculum({"a": places})


def test_counts_and_the_share_of_full_generation() -> None:
    curriculum = Curriculum({"a": (9, 0), "b": (9, 5, 0), "c": (0,), "d": (9, 0)}, group=1)
    assert (curriculum.counts(), curriculum.full_generation_share()) == ({1: 4}, 0.25)
    curriculum.observe("b", 1, 1, 1)
    curriculum.observe("d", 1, 1, 1)
    assert (curriculum.counts(), curriculum.full_generation_share()) == ({1: 2, 2: 2}, 0.5)
    assert Curriculum({}).full_generation_share() == 0


def test_without_a_curriculum_everything_is_written_from_the_first_step() -> None:
    curriculum = full_generation(["a", "b"])
    assert (curriculum.stage("a"), curriculum.start("b"), curriculum.full_generation_share()) == (1, 0, 1)
    assert not curriculum.observe("a", 1, 16, 16)


# --- checkpoints ---------------------------------------------------------------------------------------------------


def test_a_restored_curriculum_goes_on_as_the_first_would() -> None:
    first, second = three_stages(), three_stages()
    first.observe("a", 1, 4, 4)
    first.observe("a", 2, 2, 3)
    second.restore(json.loads(json.dumps(first.state())))
    assert second.state() == first.state() == {"a": {"stage": 2, "successes": 2, "attempts": 3}, "b": {**BEGUN}}
    assert second.observe("a", 2, 1, 1)
    assert first.state()["a"]["stage"] == 2


BEGUN = {"stage": 1, "successes": 0, "attempts": 0}


def test_the_state_of_other_problems_is_refused_and_changes_nothing() -> None:
    curriculum = three_stages()
    before = curriculum.state()
    for state in ({"a": BEGUN}, {"a": BEGUN, "b": BEGUN, "c": BEGUN}, {"a": BEGUN, "b": {**BEGUN, "stage": 2}}):
        with pytest.raises(InputError, match="same data"):
            curriculum.restore(state)
    assert curriculum.state() == before


def test_progress_begins_at_the_first_stage() -> None:
    assert StageProgress() == StageProgress(stage=1, successes=0, attempts=0)
