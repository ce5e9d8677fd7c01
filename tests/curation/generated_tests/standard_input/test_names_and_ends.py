"""Names that a format and its constraints write in several ways, and lists whose ends are always the same."""

import random
from itertools import islice

import pytest

from curation.generated_tests.standard_input import infer
from curation.generated_tests.standard_input.bind_names import names_in_order
from curation.generated_tests.standard_input.propose import TextInputs


def model_of(question: str, *inputs: str) -> TextInputs:
    model = infer(question, inputs)
    assert isinstance(model, TextInputs)
    assert all(model.accepts(text) for text in inputs)
    return model


def texts_of(model: TextInputs, count: int = 80) -> list[str]:
    return [each.input for each in islice(model.candidates(random.Random(1)), count)]


def numbers_in(line: str) -> list[int]:
    return list(map(int, line.split()))


def test_a_list_of_the_constraints_that_the_format_spells_out_is_not_another_name() -> None:
    question = (
        "-----Input-----\nThe first line has A0, A1 and S.\n\n-----Constraints-----\n0 <= A_i <= 9\n1 <= S <= 50\n"
    )
    assert model_of(question, "4 5 20\n").model.names == {0: "A0", 1: "A1", 2: "S"}


JARS = """Fill the jars.

-----Input-----
The first line contains N. The second line has N space-separated integers A1, A2, A3...An.

-----Constraints-----
1 <= N <= 30
1 <= A1, A2, A3...An <= 70
"""


def test_a_list_that_is_written_out_in_constraints_is_one_name() -> None:
    model = model_of(JARS, "4\n1 5 2 8\n")
    assert model.model.names == {0: "N", 1: "A[]"}
    lists = [numbers_in(text.split("\n")[1]) for text in texts_of(model)]
    assert {1, 70} <= {value for values in lists for value in values}
    assert all(1 <= value <= 70 for values in lists for value in values)


def test_names_of_constraints_that_differ_in_case_are_those_of_the_format() -> None:
    question = JARS.replace("A1, A2, A3...An.", "a_1 ... a_N.").replace("A1, A2, A3...An", "A_i")
    assert all("A[]" not in names or "a[]" not in names for names in names_in_order(question))
    assert not model_of(question, "3\n4 5 6\n").model.unread


SHELF = """Which jars stand in the way?

-----Input-----
The first line has H, W and Q. Then H lines with W numbers each: the shelf. Then Q lines with r_i, c_i and p_i.

-----Constraints-----
1 <= H, W, Q <= 9
1 <= r_i <= H
1 <= c_i <= W
0 <= A_{i,j} <= 99
0 <= p_i <= 50
"""


def test_a_list_that_only_the_constraints_name_takes_the_place_where_it_fits() -> None:
    model = model_of(SHELF, "2 3 4\n90 8 7\n60 55 4\n1 3 50\n2 1 0\n2 2 1\n1 1 1\n")
    assert set(model.model.names.values()) == {"H", "W", "Q", "r[]", "c[]", "A[][]", "p[]"}
    for text in texts_of(model):
        lines = [numbers_in(line) for line in text.splitlines()]
        height, width, _ = lines[0]
        assert all(1 <= row <= height and 1 <= column <= width for row, column, _ in lines[height + 1 :])


def test_two_letters_without_a_sign_are_a_product() -> None:
    question = "-----Input-----\nOne line with N, M and K.\n\n-----Constraints-----\n1 <= N, M <= 9\n1 <= K <= NM\n"
    for text in texts_of(model_of(question, "3 4 11\n")):
        n, m, k = numbers_in(text)
        assert 1 <= k <= n * m


def test_a_name_in_parentheses_after_length_is_the_length_of_the_text() -> None:
    question = (
        "-----Input-----\nThe first line has a text s of the letters 'x' and 'y', with a length (n) of 9 at most.\n"
        "The second line has m (1 <= m <= 9). Next m lines have l_i and r_i (1 <= l_i <= r_i <= n).\n"
    )
    model = model_of(question, "xxyxyyx\n4\n5 7\n1 1\n3 4\n5 5\n")
    assert not model.model.unread
    for text in texts_of(model):
        s, _, *rows = text.splitlines()
        assert all(1 <= low <= high <= len(s) for low, high in map(numbers_in, rows))


SAWS = "-----Input-----\nThe first line has n (1 <= n <= 9), the second a_1, ..., a_n, the third b_1, ..., b_n.\n{}\n"


@pytest.mark.parametrize(
    ("promise", "first", "last"),
    [
        ("It is guaranteed that a_1 = 1 and b_n = 0.", 1, 0),
        ("It's guaranteed that $a_1 = 1$, $b_{n} = 0$, a_1 < a_2 < ... < a_n.", 1, 0),
        ("Note that b_1 = b_n = 0.", None, 0),
    ],
)
def test_ends_of_lists_that_are_always_the_same_stay_so(promise: str, first: int | None, last: int) -> None:
    model = model_of(SAWS.format(promise), "3\n1 4 8\n0 2 0\n", "2\n1 2\n0 0\n")
    texts = texts_of(model, 40)
    assert texts
    for text in texts:
        a, b = (numbers_in(line) for line in text.split("\n")[1:3])
        assert first in (None, a[0])
        assert b[-1] == last
    assert not model.accepts("2\n1 2\n5 5\n")


def test_ends_that_the_given_lists_do_not_have_leave_nothing_made_up() -> None:
    model = model_of(SAWS.format("It is guaranteed that a_1 = 7."), "3\n1 4 8\n3 2 0\n")
    assert model.model.unread
    assert texts_of(model) == []


def test_a_condition_on_an_end_is_no_promise() -> None:
    model = model_of(SAWS.format("If a_1 = 7, the saw is blunt."), "3\n1 4 8\n3 2 0\n")
    assert not model.model.unread


def test_a_column_of_rows_keeps_its_ends() -> None:
    question = "-----Input-----\nThe first line has n (1 <= n <= 9). Then n lines with b_i (0 <= b_i <= 5) and c_i"
    question += " (0 <= c_i <= 50), where b_1 = 0.\n".replace("where", "and")
    for text in texts_of(model_of(question, "2\n0 9\n3 8\n")):
        assert text.split("\n")[1].startswith("0 ")


def test_rows_of_bits_without_spaces_are_texts_of_bits() -> None:
    question = (
        "-----Input-----\nThe first line has N and M (1 <= N, M <= 9). N lines follow with M integers A_{i, 1}, ...,"
        " A_{i, M} NOT separated by spaces.\n\n-----Constraints-----\n"
        "- $A_{i, j} \\in \\{0, 1\\}$ for each valid $i, j$\n"
    )
    rows = {row for text in texts_of(model_of(question, "3 3\n010\n000\n001\n")) for row in text.split()[2:]}
    assert len(rows) > 20
    assert all(set(row) <= {"0", "1"} for row in rows)


def test_a_range_of_characters_is_an_alphabet_also_of_digits() -> None:
    question = "-----Input-----\nThe first line has a, the second b.\n\n-----Constraints-----\n1 <= |a| = |b| <= 20\n"
    question += "'1' <= a_i, b_i <= '3'\n"
    model = model_of(question, "1111\n2211\n", "222\n111\n")
    for text in texts_of(model):
        a, b = text.split()
        assert len(a) == len(b)
        assert set(a + b) <= {"1", "2", "3"}


def test_texts_that_are_stated_to_be_of_one_length_and_to_differ_stay_so() -> None:
    question = "-----Input-----\nThe first line has a binary string A, the second a binary string B.\n"
    question += "\n-----Constraints-----\n- 1 ≤ |A|, |B| ≤ 20\n- A != B\n- |A| = |B|\n"
    texts = texts_of(model_of(question, "101\n010\n"))
    assert len(texts) > 20
    for text in texts:
        a, b = text.split()
        assert len(a) == len(b)
        assert a != b


ROOTS = "-----Input-----\nThe first line has n (1 <= n <= 50), the second the roots{}. 1 <= A_i <= n\n"


def test_a_list_of_a_constant_length_that_nothing_states_leaves_nothing_made_up() -> None:
    given = "13\n1 1 1 1 1 4 3 4 4 3 4 3\n"
    assert model_of(ROOTS.format(": 12 numbers A_i"), given).model.unread == ()
    assert model_of(ROOTS.format(": numbers A_i"), given).model.unread
    for text in texts_of(model_of(ROOTS.format(": an array A of size n-1"), given)):
        first, _, others = text.partition("\n")
        assert len(others.split()) == int(first) - 1


def test_a_permutation_that_no_given_line_shows_leaves_nothing_made_up() -> None:
    question = "-----Input-----\nThe first line has n (n <= 9). {}\n"
    given = "3\n5 5 5\n"
    assert model_of(question.format("The second has n numbers, a permutation of some set."), given).model.unread
    assert not model_of(question.format("The second has n numbers."), given).model.unread


def test_words_of_commands_and_of_code_are_not_shuffled() -> None:
    question = (
        "-----Input-----\nThe first line has n (n <= 9), the number of commands. Then n lines with a command each.\n"
    )
    assert texts_of(model_of(question, "4\ninsert 0 5\nprint\nremove 6\nsort\n")) == []
    assert texts_of(model_of(question, "2\n<div> Welcome\n</div> Bye\n")) == []
    assert texts_of(model_of(question, "3\nup 5\ndown 7\nup 1\n"))


def test_the_name_a_after_contains_is_no_article() -> None:
    question = (
        "-----Input-----\nThe first line contains a, the second line contains b, and the third line contains m.\n"
    )
    question += "\n-----Constraints-----\n1 <= a <= 10\n1 <= b <= 20\n2 <= m <= 1000\n"
    assert names_in_order(question)[0] == ("a", "b", "m")


def test_names_of_two_letters_with_an_index_are_names() -> None:
    question = "-----Input-----\nThe first line has N and M. N lines follow with x[i] and y[i], then M lines\n"
    question += "with sx[i], sy[i], dx[i] and dy[i].\n\n-----Constraints-----\n1 <= N, M <= 9\n"
    assert names_in_order(question)[0] == ("N", "M", "x[]", "y[]", "sx[]", "sy[]", "dx[]", "dy[]")
