"""The domains of lists, matrices, tuples and dicts, as they are inferred from given values."""

import random

import pytest

from curation.generated_tests.arguments.dict_domains import MappingDomain, RecordDomain
from curation.generated_tests.arguments.domain import Size
from curation.generated_tests.arguments.infer_domain import Place, infer_domain
from curation.generated_tests.arguments.list_domains import ListDomain, MatrixDomain, TupleDomain
from curation.generated_tests.arguments.multiplicities import learn_multiplicities
from curation.generated_tests.arguments.solution_constants import Constants, read_constants
from curation.generated_tests.arguments.stated_facts import facts_of_parameters


def domain_of(values, question="", name="a"):
    [facts] = facts_of_parameters(question, [name])
    return infer_domain(values, Place(facts, Constants()))


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([[1, 5, 2], [4]], ListDomain),
        ([[[1, 2], [3, 4]], [[5, 6, 7], [8, 9, 9]]], MatrixDomain),
        ([["ann", 3], ["bob", 5]], TupleDomain),
        ([[1, 2], [0, 3], [5, 5]], TupleDomain),
        ([{"name": "ann", "age": 3}, {"name": "bob", "age": 5}], RecordDomain),
        ([{"x": 1}, {"y": 2, "z": 3}], MappingDomain),
    ],
)
def test_kind_of_domain(values, kind):
    domain = domain_of(values)
    assert isinstance(domain, kind)
    rng = random.Random(4)
    assert all(domain.reach(value) is not None for value in values)
    assert any(domain.reach(domain.draw(rng, Size.MIDDLE)) is not None for _ in range(20))


def test_matrices_stay_rectangular_and_square_ones_square():
    square = domain_of([[[1, 2], [3, 4]], [[1]], [[0, 1, 2]] * 3])
    assert square.reach([[1, 2], [3]]) is None
    assert square.reach([[1, 2]]) is None
    rng = random.Random(1)
    for value in [square.draw(rng, Size.MIDDLE) for _ in range(20)] + square.edges() + list(square.smallest()):
        assert all(len(row) == len(value) for row in value)


def test_one_square_matrix_is_no_rule_unless_the_statement_says_so():
    matrix = [[[1, 2, 3], [4, 5, 6], [7, 8, 9]]]
    stated = "1 <= a.length <= 9\n1 <= a[0].length <= 9\n"
    assert domain_of(matrix, stated).reach([[1, 2, 3], [4, 5, 6]]) is not None
    assert domain_of(matrix, f"Turn an n x n grid.\n{stated}").reach([[1, 2, 3], [4, 5, 6]]) is None


def test_lists_that_are_sorted_either_way_stay_so():
    domain = domain_of([[1, 4, 5, 9], [8, 3, 2], [12, 9, 5, 1, 0]])
    assert domain.reach([2, 6, 9]) == domain.reach([9, 6, 2]) == frozenset()
    assert domain.reach([4, 9, 2]) is None
    rng = random.Random(2)
    drawn = [domain.draw(rng, Size.MIDDLE) for _ in range(30)]
    assert all(domain.reach(value) is not None for value in drawn)
    assert any(value != sorted(value) for value in drawn)


def test_rotated_lists_stay_rotations_of_sorted_ones():
    domain = domain_of([[4, 6, 9, 1, 2], [7, 8, 1, 3]], "A sorted list was rotated.")
    assert domain.reach([6, 9, 1, 2, 4]) is not None
    assert domain.reach([6, 1, 9, 2, 4]) is None
    rng = random.Random(2)
    assert all(domain.reach(domain.draw(rng, Size.MIDDLE)) is not None for _ in range(30))


def test_short_lists_that_happen_to_be_rotated_are_no_rule():
    assert domain_of([[3, 1, 2], [1, 2]]).reach([3, 2, 1]) is not None


def test_triangles_stay_triangles():
    domain = domain_of([[[3], [7, 4], [2, 4, 6]], [[1], [2, 2]]])
    assert domain.reach([[5], [1, 2]]) is not None
    assert domain.reach([[5, 1], [1, 2]]) is None
    rng = random.Random(5)
    assert sum(domain.reach(domain.draw(rng, Size.MIDDLE)) is not None for _ in range(20)) >= 10


def test_nested_lists_that_hold_numbers_or_lists_do_not_hold_both():
    domain = domain_of([[[1, 2], [3]], [[[4], [5, 6]], [[7], [8]]]])
    assert domain.reach([[1, 2], [[3], [4]]]) is not None
    assert domain.reach([[1, [2]], [3]]) is None


def test_lengths_stay_powers_of_two_where_the_statement_speaks_of_them():
    lists = [[1, 2, 3, 4], [5, 6], list(range(8))]
    assert domain_of(lists).reach([1, 2, 3]) is not None
    domain = domain_of(lists, "Given is a list of 2^k integers.")
    assert domain.reach([1, 2, 3]) is None
    rng = random.Random(3)
    assert {len(domain.draw(rng, Size.MIDDLE)) for _ in range(40)} <= {1, 2, 4, 8, 16, 32, 64}


def test_lists_that_are_sorted_by_more_than_chance_stay_sorted():
    domain = domain_of([[1, 4, 5, 9], [2, 3, 8], [0, 7, 8, 11, 12]])
    assert domain.reach([4, 1]) is None
    rng = random.Random(1)
    assert all(value == sorted(value) for value in (domain.draw(rng, Size.MIDDLE) for _ in range(30)))


def test_lists_that_may_be_sorted_by_chance_are_an_open_risk_unless_the_statement_says_so():
    assert "not sorted" in domain_of([[1, 4, 5]]).reach([4, 1, 5])
    assert domain_of([[1, 4, 5]], "Given a sorted array, search.").reach([4, 1, 5]) is None


def test_distinct_lists_alike():
    assert "not distinct" in domain_of([[7, 1, 5]]).reach([7, 7, 1])
    assert domain_of([[7, 1, 5]], "All elements are distinct.").reach([7, 7, 1]) is None


def test_permutations_stay_permutations():
    domain = domain_of([[2, 1, 3], [1], [3, 1, 4, 2]])
    assert domain.reach([1, 3]) is None
    rng = random.Random(1)
    drawn = [domain.draw(rng, Size.MIDDLE) for _ in range(20)]
    assert all(sorted(value) == list(range(1, len(value) + 1)) for value in drawn)


def test_rows_of_text_keep_one_length():
    domain = domain_of([["ab", "ba"], ["abb", "bab", "aba"]])
    assert domain.reach(["ab", "aba"]) is None
    assert domain.reach(["ab", "bb"]) is not None


def test_elements_occur_as_often_as_the_statement_says():
    question = "Two numbers occur once and the rest occur only twice. Return their sum."
    domain = domain_of([[4, 5, 7, 5, 4, 8], [9, 10, 19, 13, 19, 13]], question)
    assert domain.reach([4, 5, 5, 7]) is not None
    assert domain.reach([4, 5, 6]) is None
    rng = random.Random(1)
    made = [domain.draw(rng, Size.MIDDLE) for _ in range(40)]
    assert sum(domain.reach(value) is not None for value in made) >= 10


def test_of_one_list_the_rarest_multiplicity_is_the_exception():
    learnt = learn_multiplicities([[2, 2, 3, 1, 1]])
    assert learnt.holds([5, 6, 6])
    assert not learnt.holds([5, 6, 7, 7])
    assert learnt.repair([1, 2, 3, 4], random.Random(0)) != [1, 2, 3, 4]


def test_an_edge_joins_two_different_nodes():
    domain = domain_of([[[0, 1], [2, 1], [3, 2]], [[1, 0], [0, 2]]])
    assert domain.reach([[1, 1]]) is None
    assert domain.reach([[2, 0]]) is not None


def test_zero_is_left_out_where_the_statement_excludes_it():
    domain = domain_of([[-3, 4], [2]], "A mixture of positives and negatives; no zeroes will exist.")
    assert domain.reach([0, 4]) is None
    assert domain.reach([-1, 4]) is not None


@pytest.mark.parametrize("question", ["The roll (1-6) of a die.", "`roll` is an integer between 1 and 6."])
def test_ranges_in_words(question):
    domain = domain_of([4, 2], question, "roll")
    assert domain.reach(6) == {"stated"}
    assert domain.reach(7) is None


def test_shared_constants_of_solutions():
    first = "def f(x):\n    return x > 18 and re.split('red|green', x)"
    second = "def f(y):\n    if y >= 18: return ['red', 'green', 99]"
    constants = read_constants([first, second, "not python("])
    assert constants.numbers == (18,)
    assert {"red", "green"} <= constants.texts


def test_rows_of_a_word_and_a_number_are_records_and_no_matrix():
    domain = domain_of([[["x", 3], ["yy", 6]], [["x", 1], ["zz", 2], ["y", 4]]])
    assert isinstance(domain, ListDomain)
    assert domain.reach([["yy", 3]]) is not None
    assert domain.reach([[3, "x"]]) is None


def test_commands_with_different_numbers_of_operands_keep_their_forms():
    domain = domain_of([[["add", 1, 9], ["ask", 2]], [["ask", 3], ["add", 2, 4], ["ask", 1]]])
    assert domain.reach([["ask", 2], ["add", 1, 4]]) is not None
    assert domain.reach([[2, "ask"]]) is None
