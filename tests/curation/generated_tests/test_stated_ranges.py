import pytest

from curation.generated_tests.stated_ranges import Range, StatedRanges, canonical_name, read_ranges

FORMATS = [
    ("1 <= n <= 100", 1, 100),
    ("1 ≤ n ≤ 10^5", 1, 10**5),
    ("$1 \\leq n \\leq 10^{5}$", 1, 10**5),
    ("1 <= n <= 10**5", 1, 10**5),
    ("- 1 ≤ n ≤ 2*105", 1, 2 * 10**5),
    ("1 ≤ n ≤ 10 5", 1, 10**5),
    ("1 ≤ n ≤ 1018", 1, 10**18),
    ("an integer $n$ ($2 \\le n \\le 2 \\cdot 10^5$) — the number of stones", 2, 2 * 10**5),
    ("n (1 <= n <= 1 000 000)", 1, 10**6),
    ("1 ≤ n ≤ 50,000", 1, 50000),
    ("0 < n < 1000", 1, 999),
    ("$2 \\leq n \\leq 2.1018$", 2, 2 * 10**18),
    ("$n \\in \\{0, 1, 2\\}$", 0, 2),
    ("n ∈ {3, 4}", 3, 4),
    ("-109 ≤ n ≤ 109", -(10**9), 10**9),
    ("0 \\leq n < 2^{28}", 0, 2**28 - 1),
    ("1000 >= n >= 3", 3, 1000),
    ("an integer n between 3 and 40", 3, 40),
    ("a positive integer n, not exceeding 1000", None, 1000),
]


def ends(stated: Range | None) -> tuple[object, object]:
    assert stated is not None
    return stated.low(), stated.high()


@pytest.mark.parametrize(("statement", "low", "high"), FORMATS)
def test_a_range_is_read_in_every_spelling(statement: str, low: int | None, high: int) -> None:
    assert ends(read_ranges(statement).of_value("n")) == (low, high)


def test_several_names_share_a_range_and_several_chains_share_a_line() -> None:
    stated = read_ranges("1 ≤ n, m ≤ 50, 0 ≤ a_i, b_i ≤ 9")
    assert [ends(stated.of_value(name)) for name in ("n", "m", "a_i", "b_i")] == [(1, 50)] * 2 + [(0, 9)] * 2


def test_bounds_pass_along_a_chain_and_its_comparisons_are_kept() -> None:
    stated = read_ranges("1 ≤ l_i ≤ r_i < n ≤ 200")
    assert ends(stated.of_value("l_i")) == (1, 199)
    assert ends(stated.of_value("n")) == (2, 200)
    written = [(each.left.expression, each.operator, each.right.expression) for each in stated.comparisons]
    assert written == [("l[]", "<=", "r[]"), ("r[]", "<", "n")]


def test_a_bound_may_name_other_quantities() -> None:
    stated = read_ranges("1 ≤ n ≤ 9\n1 ≤ m ≤ n*(n-1)/2\n0 ≤ a_i < 2^m")
    (edges, values) = stated.comparisons
    assert edges.right.value({"n": 5}) == 10
    assert edges.right.value({}) is None
    assert values.right.value({"m": 4}) == 16


def test_lengths_of_texts_and_lists() -> None:
    stated = read_ranges("1 <= nums.length <= 100\n-5 <= nums[i] <= 5\n1 ≤ |S| ≤ 20\nthe length of t is at most 7")
    assert ends(stated.of_length("nums")) == (1, 100)
    assert ends(stated.of_value("nums[i]")) == (-5, 5)
    assert ends(stated.of_length("S")) == (1, 20)
    assert ends(stated.of_length("t")) == (None, 7)


def test_constraints_go_before_the_body_and_examples_do_not_count() -> None:
    question = """Choose k such that 1 <= k <= 3. Let 1 <= n <= 7.

-----Constraints-----
1 <= n <= 40

-----Example-----
Input
9
Explanation: here 1 <= m <= 2
"""
    stated = read_ranges(question)
    assert ends(stated.of_value("n")) == (1, 40)
    assert stated.of_value("m") is None


def test_ranges_of_subtasks_count_only_where_nothing_else_is_stated() -> None:
    question = "---Constraints---\n1 ≤ n ≤ 10^5\n\n---Subtasks---\nSubtask 1: 1 ≤ n ≤ 10\nSubtask 2: 1 ≤ k ≤ 5"
    assert ends(read_ranges(question).of_value("n")) == (1, 10**5)
    assert ends(read_ranges(question).of_value("k")) == (1, 5)


def test_a_sum_of_quantities_is_not_a_range_of_one() -> None:
    assert read_ranges("the sum of n ≤ 1000").of_value("n") is None


def test_a_range_that_contradicts_itself_was_misread() -> None:
    assert read_ranges("5 ≤ n ≤ 10\n20 ≤ n ≤ 30") == StatedRanges()


@pytest.mark.parametrize(
    ("name", "canonical"),
    [("a_i", "a[]"), ("a[i]", "a[]"), ("Ai", "A[]"), ("a_1", "a1"), ("g_{i,j}", "g[][]"), ("nums[i][j]", "nums[][]")],
)
def test_names_have_one_spelling(name: str, canonical: str) -> None:
    assert canonical_name(name.replace(",", "")) == canonical


def test_bounds_within_nested_parentheses_and_braces() -> None:
    found = {
        (each.left.expression, each.right.expression)
        for each in read_ranges("1 <= m <= min(n(n-1)/2, 100)").comparisons
    }
    assert found == {("m", "min(n * (n - 1) / 2, 100)")}
    assert ends(read_ranges(r"$1 \leq N \leq {10}^{4}$").of_value("N")) == (1, 10**4)


def test_elements_of_lists_that_may_be_empty_do_not_narrow_a_stated_number() -> None:
    assert ends(read_ranges("1 <= n <= 50\n\n1 <= a_i < b_i <= n").of_value("n")) == (1, 50)


def test_a_length_in_words_is_compared() -> None:
    (compared,) = read_ranges("The number m doesn't exceed the length of the string s.").comparisons
    assert (compared.left.expression, compared.operator, compared.right.expression) == ("m", "<=", "len_s")


def test_a_formula_that_repeats_what_stands_before_it_counts_once() -> None:
    stated = read_ranges("Constraints\n- 1≤n≤105$1 \\leq n \\leq 10^5$\n- 2≤s[i]≤n$2 \\leq s[i] \\leq n$\n")
    assert ends(stated.of_value("n")) == (1, 10**5)
    assert [(each.left.expression, each.right.expression) for each in stated.comparisons] == [("s[]", "n")]


def test_formulas_beside_each_other_all_count() -> None:
    stated = read_ranges("Constraints\n- $1 \\leq n \\leq 9$, $2 \\leq k \\leq 8$\n- $1 \\leq m$$\\leq 7$\n")
    assert [ends(stated.of_value(name)) for name in "nkm"] == [(1, 9), (2, 8), (1, 7)]


def test_a_chain_of_ordered_elements_states_the_range_of_each() -> None:
    stated = read_ranges("$1 \\le a_1 < a_2 < \\ldots < a_n < l$, 1 <= l <= 50\n")
    assert ends(stated.of_value("a[]"))[0] == 1
    assert ("a[]", "<", "l") in {(c.left.expression, c.operator, c.right.expression) for c in stated.comparisons}


@pytest.mark.parametrize(
    ("sentence", "comparison"),
    [
        ("$N$ is divisible by $K$", ("N", "%", "K")),
        ("N is a multiple of K", ("N", "%", "K")),
        ("K divides N", ("N", "%", "K")),
        ("GCD(a, b) = 1", ("a", "gcd", "b")),
        ("p and q are coprime", ("p", "gcd", "q")),
    ],
)
def test_divisors_are_compared_by_name(sentence: str, comparison: tuple[str, str, str]) -> None:
    [found] = read_ranges(f"-----Constraints-----\n- {sentence}\n").comparisons
    assert (found.left.expression, found.operator, found.right.expression) == comparison


@pytest.mark.parametrize("sentence", ["Length of s is 8", "|s| = 8", "$|s|$ is exactly 8"])
def test_a_length_that_is_always_the_same(sentence: str) -> None:
    assert ends(read_ranges(f"-----Constraints-----\n- {sentence}\n").of_length("s")) == (8, 8)
    assert read_ranges(f"-----Constraints-----\n- if {sentence}, then 1 <= k <= 2\n").of_length("s") is None


def test_a_set_of_numbers_that_are_not_next_to_each_other_is_no_range() -> None:
    assert read_ranges("n ∈ {1, 5, 7}").of_value("n") is None


def test_all_elements_written_out_are_one_name() -> None:
    assert ends(read_ranges("1 ≤ A1, A2, A3...An ≤ 70").of_value("A_i")) == (1, 70)


@pytest.mark.parametrize(("text", "length"), [("jars.length == 26", 26), ("jars.length = 8.", 8)])
def test_a_length_that_equals_a_number_is_always_the_same(text: str, length: int) -> None:
    assert ends(read_ranges(f"Constraints:\n\n{text}\n").of_length("jars")) == (length, length)


def test_a_length_that_equals_a_name_or_a_sum_is_none() -> None:
    assert read_ranges("Constraints:\n\njars.length == n\nlids.length == 2 * n\n").of_length("jars") is None
    assert read_ranges("Constraints:\n\nlids.length == 2 * n\n").of_length("lids") is None
