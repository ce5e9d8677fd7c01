"""The model of argument lists: what it accepts, what it proposes, and how risky it says that is."""

import random
from itertools import islice

import pytest

from curation.generated_tests.arguments.infer import infer
from curation.generated_tests.candidate import Risk


def model_of(inputs, question="Return something.", starter="", **more):
    model = infer(question, inputs, "solve", starter, **more)
    assert model is not None
    return model


def proposed(model, count=200, seed=0):
    return list(islice(model.candidates(random.Random(seed)), count))


def test_a_function_without_arguments_has_no_model():
    assert infer("Say hello.", [[]], "solve", "") is None


@pytest.mark.parametrize(
    "inputs",
    [
        [[3], [8]],
        [[[1, 5, 2]], [[]]],
        [["abc", 2], ["", 1]],
        [[[[1, 2], [3, 4]], 1]],
        [[{"name": "ann", "age": 3}], [{"name": "bob", "age": 5}]],
        [[[["x", 1], ["y", 2]]], [[["z", 4]]]],
        [[1.5, None], [2, "a"]],
        [["12:30"], ["07:05"]],
        [['"abc"'], ['"b"']],
        [[[[1, 2], [3, 4], []]]],
        [[1, 2], [1]],
        [["a, b; c"], ["d (e)"]],
        [[[[[1], [2]], [[3]]]]],
        [[True, [False]], [False, [True, True]]],
    ],
)
def test_given_inputs_are_accepted_and_proposals_are_new_and_accepted(inputs):
    model = model_of(inputs)
    assert all(map(model.accepts, inputs))
    candidates = proposed(model, 80)
    values = [repr(candidate.input) for candidate in candidates]
    assert candidates
    assert len(set(values)) == len(values)
    assert not set(values) & set(map(repr, inputs))
    assert all(model.accepts(candidate.input) for candidate in candidates)


def test_candidates_depend_on_the_seed_alone():
    inputs = [[[4, 1, 3], "ab"], [[2], "c"]]
    assert proposed(model_of(inputs), seed=3) == proposed(model_of(inputs), seed=3)
    assert proposed(model_of(inputs), seed=3) != proposed(model_of(inputs), seed=4)


def test_stated_ranges_are_reached_and_never_left():
    question = "Count the ways.\n\nConstraints:\n\n1 <= n <= 40"
    candidates = proposed(model_of([[3], [5]], question, "def solve(n):"))
    values = [candidate.input[0] for candidate in candidates]
    assert {1, 40} <= set(values)
    assert all(1 <= value <= 40 for value in values)
    assert {candidate.risk for candidate in candidates} == {Risk.SEEN, Risk.STATED}


def test_where_the_statement_is_silent_values_go_on_to_ten_times_the_largest_and_are_open():
    candidates = proposed(model_of([[3], [5]]))
    beyond = [candidate for candidate in candidates if candidate.risk is Risk.OPEN]
    assert all(1 <= candidate.input[0] <= 50 for candidate in candidates)
    assert all(candidate.input[0] not in (3, 4, 5) for candidate in beyond)
    assert {candidate.generator for candidate in beyond} == {"beyond: smaller", "beyond: larger"}


def test_no_negative_number_where_none_was_given_and_no_zero_where_numbers_are_positive():
    silent = proposed(model_of([[[3, 1]], [[5]]]))
    assert all(value >= 0 for candidate in silent for value in candidate.input[0])
    positive = proposed(model_of([[[3, 1]], [[5]]], "You get a list of positive integers."))
    assert all(value >= 1 for candidate in positive for value in candidate.input[0])


def test_the_empty_list_and_zero_only_where_the_statement_names_them():
    inputs = [[[3, 1]], [[5]], [[2, 2, 9]]]

    def proposes_empty(question):
        model = model_of(inputs, question)
        return "[[]]" in {repr(one.input) for one in proposed(model)}, model.risk([[]])

    assert proposes_empty("") == (False, Risk.OPEN)
    assert proposes_empty("The array is never empty.") == (False, None)
    assert proposes_empty("If the array is empty return 0.") == (True, Risk.STATED)
    assert proposes_empty("If nothing is found return an empty array.") == (False, Risk.OPEN)
    assert not any(0 in one.input[0] for one in proposed(model_of(inputs)))


def test_the_first_hundred_hold_some_of_every_kind():
    inputs = [[[3, 1, 4], 9], [[5, 5], 2], [[8], 30]]
    question = "Constraints:\n\n1 <= k <= 100\n1 <= a.length <= 50\n0 <= a[i] <= 1000"
    names = {one.generator for one in proposed(model_of(inputs, question, "def solve(a, k):"), 100)}
    assert {"boundary", "exhaustive", "small", "random", "large", "one argument", "neighbour"} <= names


def test_inputs_stay_small():
    question = "Constraints:\n\n1 <= a.length <= 100000\n0 <= a[i] <= 1000000000"
    candidates = proposed(model_of([[[3, 1, 4]]], question, "def solve(a):"))
    assert max(len(repr(one.input)) for one in candidates) <= 5000
    assert any(value > 10**8 for one in candidates for value in one.input[0])


def test_neighbours_of_an_input_are_new_and_accepted():
    model = model_of([[[3, 1, 4], 9], [[5, 5], 2]])
    start = [[4, 4, 2], 5]
    near = list(islice(model.neighbours(start, random.Random(1)), 30))
    assert len(near) == 30
    assert start not in [one.input for one in near]
    assert all(model.accepts(one.input) for one in near)


def test_texts_of_leetcode_lose_their_quotes():
    model = model_of([[['"ab"', '"cd"']]], "Each word consists of lowercase English letters.", "def solve(words):")
    assert model.accepts([['"ab"', '"cd"']])
    assert all('"' not in word for one in proposed(model) for word in one.input[0])


def test_a_statement_that_promises_something_unknown_makes_every_new_input_open():
    candidates = proposed(model_of([[[1, 2], 3]], "It is guaranteed that a pair with this sum exists."))
    assert {one.risk for one in candidates} == {Risk.OPEN}


def test_words_that_the_solutions_know_are_a_vocabulary():
    solution = "def solve(a): return {'red': 1, 'green': 2, 'blue': 3}[a]"
    model = model_of([["red"], ["green"]], solutions=[solution, solution.replace("a", "b")])
    assert model.risk(["rod"]) is None


def test_a_stated_parity_is_kept_where_the_given_inputs_show_it():
    inputs = [[[3, 1, 4, 1]], [[5, 8]], [[2, 7, 1, 1]]]
    question = "There are an even number of stones in a row."
    lengths = {len(one.input[0]) % 2 for one in proposed(model_of(inputs, question))}
    sums = {sum(one.input[0]) % 2 for one in proposed(model_of(inputs, question))}
    assert (lengths, sums) == ({0}, {1})
    assert {len(one.input[0]) % 2 for one in proposed(model_of(inputs, "Count the stones."))} == {0, 1}


@pytest.mark.parametrize(
    "promise",
    [
        "If there is a solution, it is guaranteed to be unique.",
        "Each list has exactly one answer.",
        "There is always a solution.",
        "It is guaranteed that lows[i] < highs[i] for each element.",
    ],
)
def test_nothing_is_proposed_where_the_answer_itself_is_promised(promise):
    assert proposed(model_of([[[3, 1]], [[5, 2, 2]]], promise)) == []


@pytest.mark.parametrize(
    "words", ["a list of even length n", "lists with an even length", "* n is even", "an even-length list"]
)
def test_the_words_for_a_parity(words):
    model = model_of([[[3, 1]], [[5, 2, 2, 8]]], f"You get {words}." if "*" not in words else f"Count.\n{words}\n")
    assert {len(one.input[0]) % 2 for one in proposed(model)} == {0}


def test_empty_rows_at_the_end_stay_where_another_list_is_as_long():
    model = model_of([[[7, 8, 9], [[1], [2], []]]])
    assert all(len(rows) == len(names) for names, rows in (one.input for one in proposed(model)))


def test_empty_rows_at_the_end_of_two_matrices_are_an_accident():
    given = [[[1, 0], [0, 1], []], [[1, 1], [0, 1], []]]
    model = model_of([given], "You get two n x n matrices.")
    assert {len(row) - len(rows) for one in proposed(model) for rows in one.input for row in rows} == {0}


def test_numbers_keep_to_the_digits_that_the_statement_names():
    model = model_of([[4774], [47]], "Given is a number whose digits are 4 or 7.")
    proposals = proposed(model, 30)
    assert proposals
    assert all(set(str(candidate.input[0])) <= set("47") for candidate in proposals)
    assert model.reach([45]) is None


def test_texts_keep_to_the_digits_that_the_statement_names():
    model = model_of([["1221"], ["2"]], "The code consists only of digits 1 and 2.")
    assert all(set(candidate.input[0]) <= set("12") for candidate in proposed(model, 30))


def test_elements_of_a_list_of_digits_are_digits():
    model = model_of([[[1, 3, 1]], [[4, 7, 5, 7]]], "Given a **_list of digits_**, sort it. No negatives or zeros.")
    numbers = {number for candidate in proposed(model, 100) for number in candidate.input[0]}
    assert numbers <= set(range(1, 10))


def test_decimals_beyond_the_given_ones_are_no_seen_values():
    model = model_of([[1.52], [1.83], [1.75]])
    assert model.risk([1.6]) is Risk.SEEN
    assert model.risk([1.95]) is Risk.OPEN


def test_an_end_that_all_texts_share_is_kept():
    model = model_of([["72102450"], ["12300456780"], ["40"], ["910"]])
    assert all(candidate.input[0].endswith("0") for candidate in proposed(model, 50))


@pytest.mark.parametrize(
    ("question", "promised"),
    [
        ("It is guaranteed that a way exists.", True),
        ("The list is guaranteed to be sorted.", False),
        ("You may assume that there are only lowercase letters.", False),
        ("You are guaranteed an integer argument. It is guaranteed that the route never crosses itself.", True),
        ("Write code that will guarantee a win.", False),
    ],
)
def test_a_promise_that_the_model_does_not_keep_makes_every_input_an_open_risk(question, promised):
    assert model_of([[[1, 2, 5]], [[3, 4]]], question).promised is promised


def test_zero_is_no_command_where_the_statement_lists_other_ones():
    question = "A jar gets commands:\n\n-2: turn left\n-1: turn right\n1 <= x <= 9: move x steps\n"
    starter = "def moved(commands):\n    pass\n"
    for listed, may_be_zero in ((question, False), (question.replace("-2: turn left\n", "0: stop\n"), True)):
        model = infer(listed, [[[4, -1, 3]], [[-2, 7, -1, 2]], [[1, -2]]], "moved", starter)
        assert (model.risk([[4, 0, 3]]) is not None) == may_be_zero
        assert model.risk([[4, -2, 3]]) is not None


def test_a_promise_of_one_place_at_most_makes_new_inputs_open():
    starter = "def packed(jars):\n    pass\n"
    for promise, risk in (("Each jar is in one box at most.", Risk.OPEN), ("Each jar is red.", Risk.SEEN)):
        model = infer(f"Count the jars. {promise}", [[[4, 1, 3]], [[2, 7, 1, 2]]], "packed", starter)
        assert model.risk([[4, 2, 3]]) is risk


@pytest.mark.parametrize("sentence", ["You may assume no extra spaces.", "You are guaranteed to hit every jar."])
def test_sentences_that_promise_nothing_of_the_arguments(sentence):
    starter = "def packed(jars):\n    pass\n"
    model = infer(sentence, [[[4, 1, 3]], [[2, 7, 1, 2]]], "packed", starter)
    assert model.risk([[4, 2, 3]]) is Risk.SEEN


@pytest.mark.parametrize(
    "sentence",
    [
        "The steps are such that the bear stays in the wood.",
        "So there are two kinds of rows, no hybrid cases like [1,2,1,4].",
        "The rows are chosen in such a way that they can be sorted.",
        "Exactly one of 2N numbers is repeated N times.",
        "Assume that there is only one number that comes twice.",
        "It's guaranteed that the result will be in range [1, 2 * 10^9]",
        "The given array won't violate the rule that no two neighbours are 1.",
    ],
)
def test_nothing_is_proposed_where_the_input_as_a_whole_is_promised_to_be_such_that_something_holds(sentence):
    inputs = [[[4, 4, 3]], [[7, 5, 4, 5]], [[1, 2]]]
    assert proposed(model_of(inputs, f"Walk. {sentence} Return the end."), 10) == []
    assert proposed(model_of(inputs, "Walk. Return the pairs such that the sum is even."), 10)


def test_a_text_that_is_always_valid_makes_new_ones_an_open_risk():
    inputs = [["1 year old"], ["5 years old"], ["7 years old"]]
    candidates = proposed(model_of(inputs, "Assume test input string always valid."), 20)
    assert {candidate.risk for candidate in candidates} == {Risk.OPEN}


@pytest.mark.parametrize("spelling", ["jars[i] will be either 5, 10, or 20.", "jars[i] is 5, 10 or 20"])
def test_numbers_that_the_statement_lists_are_the_only_ones(spelling):
    inputs = [[[5, 5, 10]], [[20, 5]]]
    values = {value for each in proposed(model_of(inputs, spelling, "def solve(jars):")) for value in each.input[0]}
    assert values == {5, 10, 20}


@pytest.mark.parametrize("spelling", ["If jars[i] is 5 or 10, stop.", "jars[i] is 5 or 10"])
def test_numbers_of_a_condition_or_that_given_ones_exceed_are_not_the_only_ones(spelling):
    inputs = [[[5, 5, 10]], [[20, 5]]]
    values = {value for each in proposed(model_of(inputs, spelling, "def solve(jars):")) for value in each.input[0]}
    assert values - {5, 10, 20}


def test_a_promise_that_a_number_is_less_than_something_that_is_no_number_is_one():
    inputs = [["leet2code3", 10], ["ha22", 5]]
    promised = "It's guaranteed that k is less than or equal to the length of the decoded text."
    assert all(each.risk is Risk.OPEN for each in proposed(model_of(inputs, promised), 20))
    bounded = "It's guaranteed that k is less than or equal to 50."
    assert any(each.risk is not Risk.OPEN for each in proposed(model_of(inputs, bounded), 20))


def test_a_sorted_list_that_is_rotated_by_the_statement_stays_so():
    question = "Suppose an array sorted in ascending order is rotated at some pivot. Find the least element."
    model = model_of([[[1, 3, 5]], [[2, 2, 2, 0, 1]]], question)
    lists = [each.input[0] for each in proposed(model, 100)]
    assert any(values != sorted(values) for values in lists)
    assert all(sum(a > b for a, b in zip(values, values[1:] + values[:1], strict=True)) <= 1 for values in lists)


def test_spaces_that_do_not_break_are_spaces():
    question = "Fill jars.\n\njars[i]\xa0will be\xa0either 5, 10, or 20."
    values = {
        value for each in proposed(model_of([[[5, 5, 10]]], question, "def solve(jars):")) for value in each.input[0]
    }
    assert values == {5, 10, 20}
