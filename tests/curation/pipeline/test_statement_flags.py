"""Flags of statements; every sentence here is invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.pipeline.statement_flags import (
    allows_any_order,
    allows_several_answers,
    is_image_only,
    is_interactive,
    mentions_image,
)


@pytest.mark.parametrize(
    "question",
    [
        "![](https://example.org/task.png)",
        "See the image below.\n\n<img src='task.gif' alt='the whole task'>",
        "# Problem Statement\n[Image]\n-----Input-----\nThe first line contains an integer $n$.\n"
        "-----Output-----\nPrint the answer.\n-----Examples-----\nInput\n3 apples\nOutput\nseven green pears sing\n",
        "The problem is given in the picture: https://example.org/a/task.jpg?size=500",
        "![task][picture]\nWrite a function that returns the result.",
    ],
)
def test_a_task_that_is_in_an_image(question: str) -> None:
    assert is_image_only(question)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Return the sum.",
        "Print the answer.",
        "See the picture below.",
        "Reverse a linked list in place. ![a list](https://example.org/list.png)",
        "Let [Image] be a sorted array. Count the pairs whose product is a square.",
        "<b>Mirror</b> a binary tree around its root [Image]",
    ],
)
def test_a_task_that_is_in_its_text_however_short(question: str) -> None:
    assert not is_image_only(question)


@pytest.mark.parametrize(
    "question",
    [
        "Tile the floor as in the picture below. ![](https://example.org/floor.png)",
        "The following figure shows a cactus graph. [Image]",
        "Here lies a snake (see image). <img src='snake.png'>",
    ],
)
def test_a_statement_that_leans_on_its_image(question: str) -> None:
    assert mentions_image(question)


@pytest.mark.parametrize(
    "question",
    [
        "Tile the floor with dominoes. ![](https://example.org/floor.png)",
        "Figure out how to rotate an image by ninety degrees. ![](https://example.org/fun.png)",
        "The text says: see the picture below.",
    ],
)
def test_a_statement_that_does_not_lean_on_an_image(question: str) -> None:
    assert not mentions_image(question)


@pytest.mark.parametrize(
    "question",
    [
        "This is an interactive problem. Guess the number.",
        "Note that this task is interactive.",
        "You know n.\n\n-----Interaction-----\nPrint a query and read the reply.",
        "-----Interaction with the judge-----\nPrint ? x to ask.",
        "After each query, do not forget to flush\nthe output.",
        "Call fflush(stdout) once you have printed a guess.",
        "In Python use sys.stdout.flush().",
        "Print a question, flush the output after every line, then read the answer.",
    ],
)
def test_a_dialogue_with_a_judge(question: str) -> None:
    assert is_interactive(question)


@pytest.mark.parametrize(
    "question",
    [
        "This is not an interactive problem.",
        "Write an interactive shell that knows three commands.",
        "Five cards of one suit are a flush; ten to ace of one suit is a royal flush.",
        "The plumber may flush the pipe after every shower.",
        "The judge is asked by the jury to announce the winner.",
        "There is a hidden permutation; its prefix maxima are given.",
        "Particles of equal charge interact with one another.",
    ],
)
def test_no_dialogue_with_a_judge(question: str) -> None:
    assert not is_interactive(question)


@pytest.mark.parametrize(
    "question",
    [
        "If there are several routes, print any of them.",
        "If several routes exist, output any.",
        "When more than one menu fits, you may print any one of them.",
        'If there are many menus, print any "one" solution.',
        "Given n, return any balanced sequence of length n.",
        "Return any such pair (if several answers exist, return any).",
        "Any valid schedule will be accepted.",
        "Should two knots be possible, then any of them is fine; if there are multiple, find any one.",
        "Find any integer that divides both and exceeds k.",
        "For the first sample, 3 1 2 is also a correct answer.",
        "Print YES and then any suitable arrangement of the chairs.",
        "You may return the names in any order.",
        "If several knots satisfy this, anyone will do.",
        "Print n numbers, representing one possible order in which the boats can leave.",
        "Find at least one suitable arrangement, or report that there is none.",
        "If such a garden exists, construct one such graph.",
        "There may be several right plans. Your function only needs to produce (any) one of these.",
        "Where the longest common subsequence is not unique, any longest common subsequence will be valid.",
        "There are many pairs of dishes, it doesn't matter which one you choose.",
        "If there are several routes, print one of them.",
        "If there are many menus, output an arbitrary one.",
        "In case of several seatings choose an arbitrary one.",
        "Any sequence of dances that is not longer than an hour is suitable.",
        "Your task is to sort the boats by no more than $n$ such swaps.",
    ],
)
def test_any_of_several_answers_is_accepted(question: str) -> None:
    assert allows_several_answers(question)


@pytest.mark.parametrize(
    "question",
    [
        "If there are several answers, print the smallest.",
        "If there are multiple routes, output the lexicographically least one.",
        "Return True if any of the numbers is prime.",
        "Print any of the following messages that apply.",
        "You may swap any two neighbours; print the least number of swaps.",
        "Choose any index i and raise a[i]; how many ways are there?",
        "The operations may be performed in any order.",
        "The input holds several test cases.",
        "If there are two equal words, removing any one of them is fine.",
        "Print the maximum score of any valid set of moves.",
        "You can print each letter in any case.",
        "Return the least cost of a garden with at least one valid path.",
        "Return true if the nodes form exactly one valid tree.",
        "Output: 11 Explanation: One possible solution is to go right twice.",
        "In the second sample it doesn't matter which stone is taken, the sum is the same.",
        "Return how many boats you can reach in at most k moves.",
        "For multiple queries, print one of these: YES or NO.",
        "If there are several leaves of one size, one of them falls at random.",
    ],
)
def test_one_answer_is_right(question: str) -> None:
    assert not allows_several_answers(question)


@pytest.mark.parametrize(
    "question",
    [
        "You can print the islands in any order.",
        "Return the answer in any arbitrary order.",
        "Print k numbers, the chosen seats, in any order.",
        "The order of the returned list doesn't matter.",
        "The order of the elements in the output is not important.",
        "The order of the elements is not tested.",
        "The answer may be given in any order.",
    ],
)
def test_the_outputs_order_is_free(question: str) -> None:
    assert allows_any_order(question)
    assert allows_several_answers(question)


@pytest.mark.parametrize(
    "question",
    [
        "Spells can be cast in any order; print how much mana remains.",
        "Print the largest number formed by concatenating the digits in any order.",
        "The input lists the cities in arbitrary order.",
        "Return the length of the longest word made by combining the letters in any order.",
        "The order of ingredients doesn't matter.",
        "Output: 20 Explanation: dishes can be served in any order.",
        "Print the words in alphabetical order.",
        "if-not:python,ruby The order of the returned list doesn't matter if:python,ruby Sort the returned list.",
        "Order of the returned elements is unimportant in the Elixir version.",
    ],
)
def test_the_outputs_order_is_not_free(question: str) -> None:
    assert not allows_any_order(question)


@given(st.text())
def test_any_text_has_an_answer_to_every_question(question: str) -> None:
    for predicate in (
        is_image_only,
        mentions_image,
        is_interactive,
        allows_several_answers,
        allows_any_order,
    ):
        assert predicate(question) in (True, False)
    assert allows_several_answers(question) or not allows_any_order(question)
