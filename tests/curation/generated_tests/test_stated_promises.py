import pytest

from curation.generated_tests.stated_promises import mentions_cases, read_alphabets, read_promises

FRAME = "Count the jars.\n\n-----Input-----\nFirst comes N. {}\n\n-----Constraints-----\n- 1 ≤ N ≤ 9\n- {}\n"


@pytest.mark.parametrize(
    "sentence",
    [
        "It is guaranteed that a way home exists.",
        "No jar stands between two jars of honey: it is guaranteed that they never touch.",
        "The string is balanced.",
        "You may assume that the jars can always be moved by one swap.",
    ],
)
def test_a_promise_that_no_kind_represents_is_unread(sentence: str) -> None:
    assert read_promises(FRAME.format(sentence, "1 ≤ K ≤ 3")).unread


@pytest.mark.parametrize(
    "sentence",
    [
        "It is guaranteed that the sum of N over all test cases does not exceed 1000.",
        "The next line contains N space-separated integers.",
        "It is guaranteed that the answer fits in 64 bits.",
        "It is not guaranteed that the jars are full.",
        "All values in input are integers.",
        "It can be shown that an answer always exists.",
        "N will be no greater than 100.",
        "M lines follow, with A and B, denoting that there exists a pipe between jars A and B.",
        "Each jar can't be used more than once.",
        "Each letter is an ascii character.",
        "Each line has $n$ : it means that the jar must have $n$ sides.",
        "It is known that the radius of the lid is $r$. Every jar is wider.",
        "If the shelf contains 'P', then a jar stands there. else, it's not there.",
        "Note that $n$ is not given explicitly in input.",
        "The line contains $N$ (number of jars) and $X$ (minimum weight that a jar must have).",
        "The jars must be seen in a circular fashion.",
        "It is guaranteed that the weight does not depend on the choice of jars.",
        "Let us denote the number of such jars by K; it is guaranteed that K <= 300.",
        "Note that they don't have to be distinct.",
        "The next line contains the string S, having length exactly N.",
    ],
)
def test_sentences_that_restrict_nothing_are_no_promises(sentence: str) -> None:
    promises = read_promises(FRAME.format(sentence, "1 ≤ A_i ≤ 10^9 for each valid i"))
    assert (promises.unread, promises.promised) == ((), ())


@pytest.mark.parametrize(
    ("sentence", "kind"),
    [
        ("It is guaranteed that all numbers are distinct.", "distinct"),
        ("It is guaranteed that P is a permutation.", "permutation"),
        ("It is guaranteed that the graph is connected.", "connected"),
        ("It is guaranteed that from any shelf one can get to any other one.", "connected"),
        ("The line contains an even integer K.", "parity"),
        ("It is guaranteed that the list is sorted.", "sorted"),
        ("It is guaranteed that $a_i \\neq a_{i+1}$.", "unequal neighbours"),
        ("It is guaranteed that no two adjacent jars are equal.", "unequal neighbours"),
        ("It is guaranteed that gcd(P, Q) = 1.", "coprime"),
        ("It is guaranteed that all weights are powers of two.", "power of two"),
        ("It is guaranteed that $\\sum_{i=1}^{n} a_i = 0$.", "zero sum"),
    ],
)
def test_promises_of_known_kinds_must_be_found_in_the_inputs(sentence: str, kind: str) -> None:
    assert any(kind in kinds for kinds in read_promises(FRAME.format(sentence, "N is whole")).promised)


def test_a_constraint_in_words_that_nothing_reads_is_a_promise() -> None:
    assert read_promises(FRAME.format("", "the jars alternate in colour")).unread
    assert not read_promises(FRAME.format("", "1 ≤ K ≤ N")).unread


def test_the_body_counts_only_where_it_guarantees() -> None:
    assert not read_promises("Jars cannot be moved. Each must be full, exactly once.").unread
    assert read_promises("Jars are red. It is guaranteed that a red one stands first.").unread


@pytest.mark.parametrize(
    "sentence",
    [
        "The jars are chosen in such a way that it is possible to sort them by swaps alone.",
        "The shelves were chosen so that no jar is left over in the end.",
        "The moves are such that both feet of the bear stay on the ground.",
    ],
)
def test_what_is_chosen_so_that_something_holds_is_promised(sentence: str) -> None:
    assert read_promises(f"Sort the jars. {sentence}").unread


def test_what_the_solver_chooses_is_no_promise() -> None:
    assert not read_promises(
        "Arrange the jars in such a way that the sum is least. Count pairs such that they fit."
    ).unread


def test_a_rule_of_the_task_is_no_promise() -> None:
    assert not read_promises("Here, assume that the honey does not cool.").unread
    assert not read_promises("Assume that you have two hands and may carry one jar in either.").unread
    assert not read_promises("It is known that k jars, numbered from 1 to k, will be bought.").unread
    assert read_promises("It is known that a way to fill every jar exists.").unread
    assert read_promises("Here, assume that the jars in the list do not touch.").unread
    assert read_promises("You may assume that the honey does not cool during a walk.").unread


@pytest.mark.parametrize(
    ("sentence", "characters"),
    [
        ("The string consists of lowercase English letters.", "abcdefghijklmnopqrstuvwxyz"),
        ("Each cell is one of the characters '.' and '#'.", "#."),
        ("S is a binary string.", "01"),
        ("It consists of the digits 4 and 7.", "47"),
    ],
)
def test_alphabets_are_read(sentence: str, characters: str) -> None:
    assert [each.characters for each in read_alphabets(sentence)] == [characters]


def test_multiples_and_even_numbers_give_moduli() -> None:
    assert read_promises("It is guaranteed that the length is a multiple of 4 and even.").moduli == (4, 2)


def test_cases_are_recognised() -> None:
    assert mentions_cases("-----Input-----\nThe first line contains T, the number of test cases.")
    assert not mentions_cases("-----Input-----\nThe first line contains N, the number of jars.")


@pytest.mark.parametrize(
    "sentence",
    [
        "You may assume that N <= 500.",
        "In all subtasks, you can assume that 2 <= N <= 80.",
        "1 <= Length of text S <= 90",
        "N <= 40 - 25 points.",
        "Each price has exactly 2 digits after the decimal point.",
        "Let M denote the number of shelves.",
    ],
)
def test_ranges_in_sentences_are_no_promises(sentence: str) -> None:
    assert not read_promises(f"-----Constraints-----\n- {sentence}\n").unread


def test_what_a_number_counts_is_no_promise() -> None:
    described = "-----Input-----\nThe first line contains n — the number of pairs that do not touch.\n"
    assert not read_promises(described).unread
    assert read_promises("-----Input-----\nThe boxes do not touch each other.\n").unread


def test_words_that_texts_are_taken_from() -> None:
    question = '-----Constraints-----\n- Each move is from the list {"left", "right", "stay"}\n'
    assert read_promises(question).words == (("left", "right", "stay"),)


def test_a_range_of_elements_for_each_index_is_no_promise() -> None:
    promises = read_promises(FRAME.format("N jars follow.", "0 ≤ B_i ≤ 10^9 for each i such that 1 ≤ i ≤ N"))
    assert (promises.unread, promises.promised) == ((), ())


def test_a_comparison_of_elements_for_each_index_is_a_promise() -> None:
    promises = read_promises(FRAME.format("N jars follow.", "A_i ≠ B_i for each i such that 1 ≤ i ≤ N"))
    assert promises.promised == (frozenset({"distinct"}),)


def test_a_promise_beside_that_of_distinct_values_is_unread() -> None:
    plain = "It is guaranteed that all cells are distinct."
    more = "It is guaranteed that the lower right cell is white and all cells are distinct."
    assert read_promises(FRAME.format(plain, "1 ≤ K ≤ 3")).unread == ()
    [unread] = read_promises(FRAME.format(more, "1 ≤ K ≤ 3")).unread
    assert unread.endswith(more)


@pytest.mark.parametrize("words", ["a binary number a of length N", "a binary string a of length N"])
def test_a_binary_text_has_two_digits(words: str) -> None:
    [alphabet] = read_promises(FRAME.format(f"The second line contains {words}.", "1 ≤ K ≤ 3")).alphabets
    assert alphabet.characters == "01"


def test_unequal_neighbours_are_not_distinct() -> None:
    promises = read_promises(FRAME.format("It is guaranteed that neighboring jars are different.", "N is whole"))
    assert promises.promised[0] == {"unequal neighbours"}


def test_a_remark_after_a_range_is_no_promise() -> None:
    remark = "0 ≤ g ≤ 1000 (Well, a lot of honey! You can expect so much!)"
    assert read_promises(FRAME.format("", remark)).unread == ()
    assert read_promises(FRAME.format("", "the jars alternate! It is guaranteed!")).unread


def test_a_sentence_after_a_name_is_a_sentence_of_its_own() -> None:
    text = "Each line has the lid S and the jar T. You can assume that 1 <= N <= 100, 1 <= |S|, |T| <= 90."
    assert read_promises(FRAME.format(text, "1 ≤ K ≤ 3")).unread == ()


@pytest.mark.parametrize("span", ["characters a-z", "characters from 'a' to 'z'", "the letters 'a'-'z'"])
def test_spans_of_letters_are_alphabets(span: str) -> None:
    [alphabet] = read_promises(FRAME.format("", f"S consists of {span}")).alphabets
    assert alphabet.characters == "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("sentence", "are_even"), [("$|s|$ is even", True), ("N is even", False), ("s is of even length", True)]
)
def test_even_lengths_are_promised(sentence: str, are_even: bool) -> None:
    assert read_promises(FRAME.format("", sentence)).even_lengths == are_even
