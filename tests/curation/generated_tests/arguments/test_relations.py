"""Relations between arguments: which are learnt, which are rules, and that repaired arguments obey them."""

import random

import pytest

from curation.generated_tests.arguments.relations import learn_relations
from curation.generated_tests.arguments.stated_facts import facts_of_parameters
from curation.generated_tests.arguments.stated_relations import stated_relations


def learnt(inputs, names=("", "", ""), question=""):
    facts = facts_of_parameters(question, names[: len(inputs[0])])
    relations = learn_relations(inputs, facts, question)
    return {(one.kind.name, one.left, one.right): one for one in relations}


@pytest.mark.parametrize(
    ("inputs", "relation"),
    [
        ([[[1, 2], "ab"], [[3], "c"]], ("same length", 0, 1)),
        ([[3, [7, 7, 7]], [1, [4]]], ("length", 0, 1)),
        ([[1, [7, 7]], [0, [4]], [3, [1, 1, 5, 1]]], ("one less than the length", 0, 1)),
        ([[3, [7, 7]], [2, [4]], [5, [1, 1, 5, 1]]], ("one more than the length", 0, 1)),
        ([[2, [[1, 2]]], [1, [[1]]]], ("width", 0, 1)),
        ([[2, [5, 6, 7]], [0, [5]]], ("index", 0, 1)),
        ([[2, [5, 6]], [0, [5]]], ("at most length", 0, 1)),
        ([["b", "abc"], ["x", "xyz"]], ("element", 0, 1)),
        ([[[2, 5], 2], [[3], 3]], ("element", 1, 0)),
        ([[1, 4], [2, 3]], ("below", 0, 1)),
        ([[1, 4], [3, 3]], ("at most", 0, 1)),
        ([[4, [[0, 3], [1, 2]]], [3, [[2, 0]]]], ("numbers below", 1, 0)),
        ([[4, [[0, 3, 9]]], [3, [[2, 0, 7], [1, 0, 8]]]], ("labels below", 1, 0)),
        ([["abc", "bca"], ["xy", "yx"]], ("same elements", 0, 1)),
        ([[[1, 0], [[5, 6], [7, 8]]], [[0, 0], [[1]]]], ("place in the grid", 0, 1)),
        ([[[1], [1, 2]], [[], [4]], [[5, 5], [5, 3, 5]]], ("part", 0, 1)),
        ([[9, [4, 6]], [7, [5, 3]], [12, [8, 5]]], ("at most sum", 0, 1)),
        ([["abc", ["xyz", "bca"]], ["xy", ["yy", "xx"]]], ("as long as its elements", 0, 1)),
    ],
)
def test_a_relation_that_all_given_inputs_obey_is_learnt_and_repaired(inputs, relation):
    found = learnt(inputs)
    assert relation in found
    one = found[relation]
    assert all(map(one.holds, inputs))
    rng = random.Random(3)
    broken = [inputs[0][0], inputs[1][1]]
    assert one.holds(one.repair(list(broken), rng))


def test_a_relation_that_one_input_violates_is_not_learnt():
    assert ("at most", 0, 1) not in learnt([[1, 4], [5, 3]])


def test_an_order_of_two_numbers_is_a_rule_only_with_evidence():
    few = [[9, 4], [10, 6]]
    assert not learnt(few)["below", 1, 0].rule
    assert learnt(few * 3)["below", 1, 0].rule
    assert learnt(few, ("a", "b"), "Given integers with b < a, count.")["below", 1, 0].rule
    assert learnt([[4, 9], [6, 10]], ("start", "end"), "Sum the interval, inclusive.")["below", 0, 1].rule


def test_an_index_is_a_rule_where_the_name_says_so():
    inputs = [[2, [5, 6, 7]], [0, [5]]]
    assert learnt(inputs, ("k", "values"))["index", 0, 1].rule
    assert not learnt(inputs, ("target", "values"))["index", 0, 1].rule


def test_comparisons_of_the_statement_are_kept_where_the_given_inputs_obey_them():
    question = "Constraints:\n\n1 <= k <= piles.length\npiles.length <= h"
    facts = facts_of_parameters(question, ["piles", "k", "h"])
    found = stated_relations(facts, [[[3, 6], 2, 8]])
    assert found
    assert all(one.holds([[1, 2, 3], 2, 3]) for one in found)
    assert not all(one.holds([[1, 2, 3], 4, 3]) for one in found)
    assert not all(one.holds([[1, 2, 3], 2, 2]) for one in found)
    assert not [one for one in stated_relations(facts, [[[3, 6], 5, 1]]) if not one.holds([[3, 6], 5, 1])]


def test_stated_comparisons_of_elements_and_lengths_are_kept():
    question = "Constraints:\n1 <= low <= min(26, word.length)\nstart[i] < finish[i]\nstart[i] < limit"
    names = ["word", "low", "start", "finish", "limit"]
    facts = facts_of_parameters(question, names)
    found = stated_relations(facts, [["abc", 2, [1, 2], [3, 3], 9]])
    assert all(one.holds(["abcd", 4, [1, 5], [2, 6], 6]) for one in found)
    assert not all(one.holds(["abc", 4, [1, 5], [2, 6], 6]) for one in found)
    assert not all(one.holds(["abcd", 4, [1, 6], [2, 6], 9]) for one in found)
    assert not all(one.holds(["abcd", 4, [1, 5], [2, 6], 5]) for one in found)


def test_divisors_and_common_divisors_are_kept():
    facts = facts_of_parameters("Constraints:\nn is divisible by k\na and b are coprime", ["n", "k", "a", "b"])
    found = stated_relations(facts, [[6, 3, 4, 9]])
    assert len(found) == 2
    assert all(one.holds([8, 2, 5, 3]) for one in found)
    assert not all(one.holds([8, 3, 5, 3]) for one in found)
    assert not all(one.holds([8, 2, 9, 3]) for one in found)


def test_a_number_one_off_few_lengths_is_chance():
    assert ("one less than the length", 0, 1) not in learnt([[1, [7, 7]], [3, [1, 1, 5, 1]]])
