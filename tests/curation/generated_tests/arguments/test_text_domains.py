"""The domains of texts, as they are inferred from given ones."""

import random

import pytest

from curation.generated_tests.arguments.chunk_text_domain import ChunkTextDomain, chunks_of, split_into, units_of
from curation.generated_tests.arguments.domain import STATED, WITHIN, Size
from curation.generated_tests.arguments.fixed_domains import ChoiceDomain
from curation.generated_tests.arguments.infer_text_domain import infer_text_domain
from curation.generated_tests.arguments.pattern_text_domain import PatternTextDomain
from curation.generated_tests.arguments.solution_constants import Constants
from curation.generated_tests.arguments.stated_facts import Facts, facts_of_parameters
from curation.generated_tests.arguments.text_domains import FreeTextDomain, SeparatedTextDomain


def domain_of(texts, question="", name="s", constants=Constants()):  # noqa: B008
    [facts] = facts_of_parameters(question, [name])
    return infer_text_domain(texts, facts, constants, inside=False)


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["house", "garden", "tree"], FreeTextDomain),
        (["0110", "1"], FreeTextDomain),
        (["(())", "()"], FreeTextDomain),
        (["..-.", "---..-."], FreeTextDomain),
        (["the old house", "a tree"], SeparatedTextDomain),
        (["3,14,2", "7"], SeparatedTextDomain),
        (["12:30", "07:05"], PatternTextDomain),
        (["A1", "B12"], PatternTextDomain),
        (["3 + (4*2)", "1 + 1"], PatternTextDomain),
        (["2020-02-29", "2021-12-31"], ChoiceDomain),
        (["P01K02H03", "T11"], ChunkTextDomain),
    ],
)
def test_kind_of_domain(texts, kind):
    domain = domain_of(texts)
    assert isinstance(domain, kind)
    assert all(domain.reach(text) is not None for text in texts)


@pytest.mark.parametrize(
    "texts",
    [["house", "tree"], ["a b", "c d e"], ["12:30", "07:05"], ["(())", "()"], ["x1", "y22"], ["P01K02H03", "T11"]],
)
def test_drawn_texts_mostly_belong(texts):
    domain = domain_of(texts)
    rng = random.Random(5)
    drawn = [domain.draw(rng, size) for size in Size for _ in range(40)]
    assert sum(domain.reach(text) is not None for text in drawn) >= 0.9 * len(drawn)


def test_letters_outside_the_stated_case_do_not_belong():
    domain = domain_of(["abc", "q"], "The string consists of lowercase English letters.")
    assert domain.reach("zb") == STATED
    assert domain.reach("Ab") is None


def test_few_letters_used_often_are_the_whole_alphabet():
    domain = domain_of(["LRLRRLLR", "RRLLRLRRRL"])
    assert domain.reach("LLR") is not None
    assert domain.reach("LLU") is None


def test_brackets_stay_balanced():
    domain = domain_of(["(())()", "()"])
    rng = random.Random(2)
    assert domain.reach("(()") is None
    assert all(domain.reach(domain.draw(rng, Size.MIDDLE)) is not None for _ in range(50))


def test_numbers_as_texts_have_no_leading_zero():
    domain = domain_of(["1203", "88", "4567"])
    assert domain.reach("0120") is None
    assert domain.reach("0") is not None


def test_times_stay_within_the_given_hours_and_minutes():
    domain = domain_of(["00:00", "12:30", "23:59"])
    assert domain.reach("17:05") == WITHIN
    assert domain.reach("24:05") is None
    assert domain.reach("12:60") is None
    assert domain.reach("7:05") == WITHIN or domain.reach("7:05") is None


def test_numbers_in_formulas_are_others_of_as_many_digits():
    domain = domain_of(["3+2*2"])
    assert domain.reach("7+9*4") is not None
    assert domain.reach("7+10*4") is None
    assert domain.reach("7+/4") is None


def test_words_that_the_solutions_know_are_not_replaced_by_others():
    constants = Constants(texts=frozenset({"dime", "penny", "dollar"}))
    assert domain_of(["dime", "penny"], constants=constants).reach("nickel") is None
    sentence = domain_of(["dime penny", "penny dollar dime"], constants=constants)
    assert sentence.reach("dollar dollar") == WITHIN
    assert sentence.reach("dollar abc") is None


def test_a_chain_is_split_into_the_fewest_chunks():
    assert split_into("seventy", ["seven", "seventy", "ty"]) == ["seventy"]
    assert split_into("onetwo", ["one", "two"]) == ["one", "two"]
    assert split_into("onetw", ["one", "two"]) == []


def test_number_words_without_separator_are_chains_of_the_words_that_solutions_know():
    known = {"one", "two", "six", "eight"}
    assert chunks_of(["onetwo", "six"], known) == [["one", "two"], ["six"]]
    assert chunks_of(["onetwo", "xis"], known) == []


def test_units_of_one_form_recur():
    assert units_of(["A1B2C3", "D4"]) == [["A1", "B2", "C3"], ["D4"]]
    assert units_of(["A1", "R1C1"]) == []
    assert units_of(["abc", "def"]) == []


def test_facts_of_a_place_without_a_statement_limit_nothing():
    assert infer_text_domain(["ab", "cde"], Facts(), Constants(), inside=False).reach("edcba") is not None


def test_a_word_and_a_number_keep_their_places():
    domain = domain_of(["north 12", "south 3", "west 40"])
    assert domain.reach("south 12") is not None
    assert domain.reach("12 south") is None
    assert domain.reach("south south") is None


def test_numbers_of_an_address_are_stated():
    domain = domain_of(["1.2.30.4"], "You are given an IP address.")
    assert domain.reach("255.0.30.4") == {"stated"}
    assert domain.reach("256.0.30.4") is None
    assert domain.reach("1.2.30") is None
    assert domain_of(["1.2.30.4"], "You are given a version.").reach("255.0.30.4") is None


def test_few_words_keep_the_places_that_they_have_in_texts_of_one_form():
    domain = domain_of(["1 year old", "2 years old", "5 years old"])
    assert domain.reach("2 year old") == WITHIN
    assert domain.reach("2 old years") is None
    cards = domain_of(["3C", "9D", "4H", "QS", "JH"])
    assert cards.reach("4C") == WITHIN
    assert cards.reach("4QS") is None


def test_a_number_of_three_digits_or_more_keeps_their_number():
    domain = domain_of(["call (555) 867-5309", "dial (123) 456-7890"])
    assert domain.reach("call (600) 800-6000") is not None
    assert domain.reach("call (600) 8000-6000") is None
    rng = random.Random(3)
    drawn = [domain.draw(rng, Size.MIDDLE) for _ in range(40)]
    assert all(len(text) == len("call (555) 867-5309") for text in drawn if domain.reach(text) is not None)


def test_texts_of_a_list_in_the_statement_are_others_of_that_list():
    deck = "DECK = ['2S', '3S', 'JS', 'QS', '2D', '3D', 'JD']"
    domain = domain_of(["2S", "JD", "3D"], deck)
    assert domain.reach("QS") == WITHIN
    assert domain.reach("4S") is None
    assert domain_of(["2S", "5D", "3D"], deck).reach("4D") is not None


def test_signs_stand_beside_each_other_and_at_ends_only_as_given():
    domain = domain_of(["9,3,#,#", "1,#", "4,#,#,2"])
    assert domain.reach("9,#,3,#") is not None
    assert domain.reach("9,#,#,1,#,4") is not None
    assert domain.reach("9,,3") is None
    assert domain.reach("9,3,") is None


def test_nothing_empty_is_made_of_texts_with_a_structure():
    assert domain_of(["-4", "  7 b", "+1 c d"]).reach("") is None
    assert domain_of(["-4", "  7 b", "+1 c d", ""]).reach("") == WITHIN
