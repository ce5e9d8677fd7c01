import math
import random
from itertools import islice, pairwise

import pytest

from curation.generated_tests.candidate import Candidate, Risk
from curation.generated_tests.standard_input import infer
from curation.generated_tests.standard_input.fill import Filler
from curation.generated_tests.standard_input.grammar import Count, Line, slots_of
from curation.generated_tests.standard_input.profiles import Profile
from curation.generated_tests.standard_input.propose import TextInputs

SHELVES = """A shop has shelves.

-----Input-----
The first line contains a single integer $t$ ($1 \\le t \\le 50$), the number of test cases.
The first line of each test case contains two integers $n$ and $k$ ($1 \\le k \\le n \\le 100$).
The second line of each test case contains $n$ integers $a_1, a_2, \\ldots, a_n$ ($0 \\le a_i \\le 10^9$).

-----Output-----
Print one number for each test case.
"""
SHELVES_INPUT = "2\n3 2\n5 0 7\n2 1\n9 9\n"
TREE = """You are given a tree of N nodes.

-----Input-----
The first line contains N. Each of the next N-1 lines contains two integers u and v: an edge of the tree.

-----Constraints-----
- 2 ≤ N ≤ 100
- 1 ≤ u, v ≤ N
"""
GRID = """-----Input-----
The first line contains N and M. Then N lines follow with M characters each: '.' or '#'.

-----Constraints-----
1 <= N, M <= 8
"""


def model_of(question: str, *inputs: str) -> TextInputs:
    model = infer(question, inputs)
    assert isinstance(model, TextInputs)
    assert all(model.accepts(text) for text in inputs)
    return model


def first(model: TextInputs, count: int = 80, seed: int = 1) -> list[Candidate]:
    return list(islice(model.candidates(random.Random(seed)), count))


def cases_of_shelves(text: str) -> list[tuple[int, int, list[int]]]:
    lines = iter(text.splitlines())
    cases = []
    for _ in range(int(next(lines))):
        n, k = map(int, next(lines).split())
        cases.append((n, k, list(map(int, next(lines).split()))))
    assert next(lines, None) is None
    return cases


def test_every_candidate_obeys_counts_ranges_and_comparisons() -> None:
    for candidate in first(model_of(SHELVES, SHELVES_INPUT)):
        cases = cases_of_shelves(candidate.input)
        assert 1 <= len(cases) <= 50
        for n, k, values in cases:
            assert 1 <= k <= n <= 100
            assert len(values) == n
            assert all(0 <= value <= 10**9 for value in values)


def test_the_first_hundred_hold_every_kind() -> None:
    candidates = first(model_of(SHELVES, SHELVES_INPUT), 100)
    assert {each.generator for each in candidates} >= {
        "many", "boundary", "small", "random", "ties", "sorted", "extreme", "large", "neighbour",
    }  # fmt: skip
    cases = [case for each in candidates for case in cases_of_shelves(each.input)]
    assert {n for n, _, _ in cases} >= {1, 2, 100}
    assert max(max(values) for _, _, values in cases) == 10**9
    assert any(n > 2 and len(set(values)) == 1 for n, _, values in cases)
    assert len({each.input for each in candidates}) == len(candidates)


def test_candidates_are_the_same_for_the_same_seed() -> None:
    model = model_of(SHELVES, SHELVES_INPUT)
    assert first(model, 30, 3) == first(model, 30, 3) != first(model, 30, 4)


def test_stated_ranges_make_stated_risk_and_given_ones_seen() -> None:
    candidates = first(model_of(SHELVES, SHELVES_INPUT))
    assert {each.risk for each in candidates} == {Risk.STATED, Risk.SEEN}


def test_where_the_statement_is_silent_values_beyond_the_given_are_open() -> None:
    model = model_of("Read n, then n numbers.", "3\n4 9 2\n", "1\n5\n")
    assert model.accepts("4\n4 9 2 1\n")
    for each in first(model, 100):
        count, *values = map(int, each.input.split())
        assert count == len(values)
        assert min(values) >= 0
        if each.risk is not Risk.OPEN:
            assert 1 <= count <= 3
            assert all(2 <= value <= 9 for value in values)


def test_a_relation_that_holds_perhaps_by_chance_is_kept_in_what_is_proposed() -> None:
    question = "-----Input-----\nThe only line contains two integers a and b (1 <= a <= 50, 1 <= b <= 50).\n"
    model = model_of(question, "3 4\n", "1 2\n", "2 9\n")
    assert model.accepts("3 2\n")
    assert all(int(a) <= int(b) for a, b in (each.input.split() for each in first(model, 60)))


@pytest.mark.parametrize("text", ["2\n3 2\n5 0 7\n", "1\n3 4\n1 2 3\n", "1\n2 1\n1 -1\n", "1\n2 1\n1 2 3\n", "x\n"])
def test_what_the_statement_forbids_is_not_accepted(text: str) -> None:
    assert not model_of(SHELVES, SHELVES_INPUT).accepts(text)


def test_the_ends_of_edges_count_as_values_that_are_made() -> None:
    model = model_of(TREE, "4\n1 2\n1 3\n3 4\n").model
    filler = Filler(model, random.Random(0), Profile(pinned={0: 8}))
    filler.body(model.body, (), {})
    assert filler.made == 1 + 7 * 2


def test_edges_of_a_tree_stay_a_tree() -> None:
    model = model_of(TREE, "4\n1 2\n1 3\n3 4\n")
    assert not model.accepts("4\n1 2\n1 2\n3 4\n")
    sizes = set()
    for candidate in first(model, 60):
        numbers = list(map(int, candidate.input.split()))
        n, ends = numbers[0], numbers[1:]
        sizes.add(n)
        reached = {1}
        for _ in range(n):
            for u, v in zip(ends[::2], ends[1::2], strict=True):
                if u in reached or v in reached:
                    reached |= {u, v}
        assert len(ends) == 2 * (n - 1)
        assert reached == set(range(1, n + 1))
    assert {2, 3, 100} <= sizes


def test_rows_of_a_grid_are_as_wide_as_the_text_says() -> None:
    for candidate in first(model_of(GRID, "2 3\n.#.\n###\n"), 60):
        head, *rows = candidate.input.splitlines()
        n, m = map(int, head.split())
        assert n == len(rows)
        assert 1 <= n <= 8
        assert {len(row) for row in rows} == {m}
        assert set("".join(rows)) <= set(".#")


def test_a_promise_that_nothing_represents_leaves_only_whole_given_cases() -> None:
    question = SHELVES + "\n-----Constraints-----\nIt is guaranteed that the shelves hold an honest receipt.\n"
    candidates = first(model_of(question, SHELVES_INPUT))
    given = {(3, 2, (5, 0, 7)), (2, 1, (9, 9))}
    assert candidates
    for candidate in candidates:
        assert {(n, k, tuple(values)) for n, k, values in cases_of_shelves(candidate.input)} <= given


def test_distinct_numbers_stay_distinct_where_the_statement_says_so() -> None:
    question = SHELVES.replace("$n$ integers", "$n$ distinct integers")
    for candidate in first(model_of(question, "1\n4 2\n5 0 7 1\n")):
        for n, _, values in cases_of_shelves(candidate.input):
            assert len(set(values)) == n


def test_neighbours_differ_a_little_and_are_accepted() -> None:
    model = model_of(SHELVES, SHELVES_INPUT)
    near = list(islice(model.neighbours(SHELVES_INPUT, random.Random(1)), 25))
    assert len({each.input for each in near}) == 25
    assert all(model.accepts(each.input) and each.input != SHELVES_INPUT for each in near)


def test_inputs_that_no_grammar_explains_have_no_model() -> None:
    assert infer("", ["3\n1 2\n", "5 5 5\n\n7\n"]) is None
    assert infer("", []) is None
    assert infer("", [""]) is None


def test_a_text_without_final_newline_stays_so() -> None:
    assert all(not each.input.endswith("\n") for each in first(model_of(SHELVES, SHELVES_INPUT.rstrip()), 20))


def test_a_number_that_is_the_length_of_a_text_is_kept_small_with_it() -> None:
    question = """-----Input-----
The first line contains T, the number of test cases. Each test case has two lines: N, and a string S of length N.

-----Constraints-----
1 <= T <= 100
1 <= N <= 10^5
S consists of lowercase English letters.
"""
    candidates = first(model_of(question, "2\n3\nabz\n1\nq\n"), 60)
    assert "many" in {each.generator for each in candidates}
    for candidate in candidates:
        lines = candidate.input.splitlines()[1:]
        assert all(int(n) == len(text) for n, text in zip(lines[::2], lines[1::2], strict=True))


def test_names_of_several_letters_and_the_order_of_the_format_bind_the_values() -> None:
    question = """-----Input-----
The first line contains $n$, $step$ and $k$.

-----Constraints-----
- $1 \\leq k \\leq n \\leq 50$
- $0 \\leq step \\leq 9$
"""
    model = model_of(question, "8 2 3\n")
    assert model.accepts("50 9 50\n")
    assert not model.accepts("3 2 8\n")
    assert not model.accepts("8 10 3\n")


def test_a_comparison_with_a_name_that_binds_nowhere_is_kept_for_every_value_it_may_mean() -> None:
    question = """-----Input-----
The first line contains n (1 <= n <= 60). The second line contains the fee and the tax (x <= n).
"""
    model = model_of(question, "9\n4 2\n")
    values = [list(map(int, each.input.split())) for each in first(model, 60)]
    assert len(values) >= 6
    assert all(fee <= n and tax <= n for n, fee, tax in values)


def test_values_stay_within_the_sum_of_a_list() -> None:
    question = """-----Input-----
The first line contains n (1 <= n <= 20). The second line contains n integers a_1, ..., a_n
(1 <= a_i <= 30, a_1 + a_2 + ... + a_n <= 100). The third line contains q (1 <= q <= a_1 + a_2 + ... + a_n).
"""
    model = model_of(question, "3\n5 6 7\n11\n")
    for each in first(model, 60):
        n, *values, q = map(int, each.input.split())
        assert len(values) == n
        assert 1 <= q <= sum(values) <= 100


def test_a_line_of_zeros_ends_every_text_and_stands_nowhere_else() -> None:
    question = """-----Input-----
Each case is a line with an integer n (0 <= n <= 9) and a line of n integers. The input is terminated by a 0.
"""
    model = model_of(question, "2\n5 6\n1\n7\n0\n", "1\n3\n3\n1 2 4\n0\n")
    candidates = first(model, 40)
    assert len(candidates) >= 20
    for each in candidates:
        *lines, last = each.input.splitlines()
        assert last == "0"
        assert "0" not in lines[::2]


def test_words_are_taken_from_the_list_that_the_statement_gives() -> None:
    question = """-----Input-----
The first line contains T.
Each case is a line with two suits.

-----Constraints-----
- 1 <= T <= 30
- Each suit is one of "clubs", "hearts", "spades"
"""
    words = {word for each in first(model_of(question, "1\nclubs hearts\n"), 40) for word in each.input.split()[1:]}
    assert words == {"clubs", "hearts", "spades"}


def test_promised_palindromes_are_made() -> None:
    question = """-----Input-----
The only line contains a string s of lowercase English letters (1 <= |s| <= 12). It is guaranteed that s is a
palindrome.
"""
    texts = {each.input.strip() for each in first(model_of(question, "abcba\n", "dd\n"), 40)}
    assert len(texts) >= 20
    assert all(text == text[::-1] for text in texts)


def test_lines_that_are_said_to_follow_are_lines_where_one_case_does_not_show_it() -> None:
    question = """-----Input-----
The first line contains T, the number of test cases. Each test case starts with C.
Then follow C lines: each contains two integers x and y.

-----Constraints-----
1 <= T <= 9
1 <= C <= 9
1 <= x, y <= 50
"""
    assert model_of(question, "1\n1\n4 7\n").accepts("1\n2\n1 2\n3 4\n")


BITS = """-----Input-----
The first line contains n (1 <= n <= 30), the length of the lamp row.
The second line contains a row of n characters. Each character is either 0 or 1.
"""


def test_digits_that_spell_a_text_are_no_number() -> None:
    model = model_of(BITS, "5\n11010\n", "2\n11\n")
    texts = [each.input.split() for each in first(model, 60)]
    assert all(len(row) == int(count) and set(row) <= {"0", "1"} for count, row in texts)
    assert any(row.startswith("0") for _, row in texts)


def test_a_letter_that_is_excluded_is_never_proposed() -> None:
    question = """-----Input-----
The only line contains a word of lowercase letters that does not contain the letter 'q'. Its length is at most 30.
"""
    assert not any("q" in each.input for each in first(model_of(question, "heron\n", "stork\n"), 80))


def test_a_sum_that_equals_a_value_leaves_the_text_to_its_pieces() -> None:
    question = """-----Input-----
The first line contains n and k (1 <= k <= n <= 50).
The second line contains k parts (1 <= w_i <= n, w_1 + w_2 + ... + w_k = n).
"""
    assert first(model_of(question, "9 2\n4 5\n"), 20) == []


PLANTS = """-----Input-----
The first line contains N, M and K. Each of the next K lines contains two integers r and c: there is a plant in row r
and column c.

-----Constraints-----
- 1 ≤ N, M ≤ 100
- 1 ≤ K ≤ 50
- 1 ≤ r ≤ N
- 1 ≤ c ≤ M
- all places are pairwise distinct
"""


def test_places_in_a_grid_are_distinct_and_no_edges() -> None:
    model = model_of(PLANTS, "4 4 5\n1 4\n2 2\n2 3\n3 3\n4 1\n")
    assert not model.model.edge_lists
    assert not model.model.pieces_only
    assert not model.accepts("4 4 2\n1 1\n1 1\n")
    widths = set()
    for candidate in first(model):
        rows = [tuple(map(int, line.split())) for line in candidate.input.splitlines()]
        (height, width, count), places = rows[0], rows[1:]
        assert len(set(places)) == len(places) == count
        assert all(1 <= row <= height and 1 <= column <= width for row, column in places)
        widths.add((height < width) - (height > width))
    assert widths == {-1, 0, 1}


@pytest.mark.parametrize("last", ["A_{N-1}", "A_N"])
def test_a_list_that_starts_at_zero_has_one_more_than_its_last_index(last: str) -> None:
    question = f"""-----Input-----
The first line contains N. The second line contains $A_0, A_1, \\ldots, {last}$.

-----Constraints-----
1 ≤ N ≤ 50
-5 ≤ A_i ≤ 5
"""
    more = last == "A_N"
    model = model_of(question, f"3\n1 -2 5{' 4' * more}\n", f"1\n0{' 4' * more}\n")
    assert model.model.body == (Line((0,)), Line((), 1, Count(0, 1, int(more))))
    for candidate in first(model):
        count, *values = map(int, candidate.input.split())
        assert len(values) == count + more


def test_all_is_no_quantity_of_a_comparison() -> None:
    question = """-----Input-----
The first line contains $n$ ($1 \\le n \\le 100$).
The second line contains $n$ integers $a_1, a_2, \\ldots, a_n$ ($1 \\le a_i \\le n$, all $a_i$ are unique).
"""
    model = model_of(question, "5\n3 1 2 5 4\n")
    assert not model.model.pieces_only
    for candidate in first(model):
        count, *values = map(int, candidate.input.split())
        assert sorted(values) == list(range(1, count + 1))


def test_names_of_two_letters_bind_where_the_statement_compares_them() -> None:
    question = """-----Input-----
The first line contains two integers M and N. The second line contains two integers Rx and Ry.

-----Constraints-----
- 1 ≤ M, N ≤ 1000
- 0 ≤ Rx ≤ M
- 0 ≤ Ry ≤ N
"""
    model = model_of(question, "20 30\n4 25\n")
    assert not model.model.pieces_only
    for candidate in first(model):
        m, n, x, y = map(int, candidate.input.split())
        assert 0 <= x <= m
        assert 0 <= y <= n


def test_blocks_of_two_lines_are_twice_as_many_lines() -> None:
    question = """-----Input-----
The first line contains T, the number of test cases. The first line of each test case contains N. The following $2*N$
lines consist of a driver's name S on one line and the time X on the next.

-----Constraints-----
- 1 ≤ T ≤ 1
- 1 ≤ N ≤ 100
- 1 ≤ |S| ≤ 20
- 1 ≤ X ≤ 1000
"""
    model = model_of(question, "1\n3\nHamilton\n75\nVettel\n76\nBottas\n70\n")
    assert not model.model.pieces_only
    for candidate in first(model):
        _, count, *lines = candidate.input.split()
        assert len(lines) == 2 * int(count)
        assert all(1 <= int(time) <= 1000 for time in lines[1::2])


def test_edges_whose_first_node_is_the_smaller_one_are_edges() -> None:
    question = TREE.replace("1 ≤ u, v ≤ N", "1 ≤ u < v ≤ N")
    model = model_of(question, "6\n1 3\n2 3\n3 4\n4 5\n5 6\n")
    assert [edges.is_tree for edges in model.model.edge_lists] == [True]


def test_few_given_cases_are_taken_up_to_twice_each() -> None:
    promising = SHELVES.replace("A shop has shelves.", "It is guaranteed that the shelves can be filled.")
    texts = [candidate.input for candidate in first(model_of(promising, SHELVES_INPUT))]
    assert len(texts) >= 15
    cases = [cases_of_shelves(text) for text in texts]
    assert {repr(case) for each in cases for case in each} == {"(3, 2, [5, 0, 7])", "(2, 1, [9, 9])"}
    assert max(map(len, cases)) == 4


def test_cases_of_one_line_of_words_each_are_put_together_anew() -> None:
    question = "-----Input-----\nFirst T, the number of test cases. Each test case is one line: the name of a jar.\n"
    model = model_of(question, "3\njar\nred jar\nold red jar\n")
    texts = [candidate.input.splitlines() for candidate in first(model)]
    assert len(texts) >= 15
    assert all(int(count) == len(names) for count, *names in texts)
    assert {name for _, *names in texts for name in names} == {"jar", "red jar", "old red jar"}


def test_rows_that_differ_stay_so_also_where_both_values_may_be_equal() -> None:
    question = (
        "-----Input-----\nN M\na_1 b_1\n:\na_M b_M\n"
        "-----Constraints-----\n- 1 ≤ N, M ≤ 9\n- 1 ≤ a_i, b_i ≤ N\n- If i ≠ j, (a_i, b_i) ≠ (a_j, b_j).\n"
    )
    model = model_of(question, "4 6\n1 1\n1 2\n2 1\n4 4\n3 1\n2 3\n")
    texts = [candidate.input.splitlines() for candidate in first(model)]
    assert any(len(rows) > 3 for rows in texts)
    assert all(len(set(rows)) == len(rows) for _, *rows in texts)


def test_earlier_nodes_keep_a_promise_that_all_are_connected() -> None:
    question = (
        "It is guaranteed that the rooms are connected.\n\n-----Input-----\n"
        "First n (2 ≤ n ≤ 99). Then n - 1 integers p_2, p_3, ..., p_n (1 ≤ p_i ≤ i - 1): doors join p_i and i.\n"
    )
    texts = [candidate.input.split() for candidate in first(model_of(question, "6\n1 1 3 2 5\n", "3\n1 2\n"))]
    assert texts
    assert all(1 <= int(room) <= number for _, *rooms in texts for number, room in enumerate(rooms, 1))


def test_a_line_of_many_numbers_is_rather_a_list_that_a_number_before_it_counts() -> None:
    question = "-----Input-----\nThe number of jars, then their sizes. The number of lids, then their sizes.\n"
    body = model_of(question, "6\n1 2 3 4 5 6\n6\n3 4 5 6 7 9\n").model.body
    lines = [line for _, line in slots_of(body) if isinstance(line, Line)]
    assert [(line.tokens, line.vector, line.count) for line in lines] == [((0,), None, None), ((), 1, Count(0))]


PAIRS = "-----Input-----\nFirst T. Then T lines with two integers N and K.\n-----Constraints-----\n- 1 ≤ T ≤ 9\n- {}\n"
LISTS = (
    "-----Input-----\nFirst t (1 ≤ t ≤ 9), the number of test cases. Each has a line with n (1 ≤ n ≤ 50), then n "
    "integers $a_1, a_2, \\ldots, a_n$ ($-10^6 \\le a_i \\le 10^6$). {}\n"
)


def pairs_of(question: str, *inputs: str) -> list[tuple[int, int]]:
    lines = [line.split() for each in first(model_of(question, *inputs)) for line in each.input.splitlines()[1:]]
    return [(int(n), int(k)) for n, k in lines]


def lists_of(question: str, *inputs: str) -> list[list[int]]:
    texts = [candidate.input.splitlines() for candidate in first(model_of(question, *inputs))]
    return [list(map(int, line.split())) for lines in texts for line in lines[2::2]]


def test_a_number_that_a_name_divides_is_divisible_by_it() -> None:
    question = PAIRS.format("1 ≤ N, K ≤ 1000\n- N is divisible by K")
    pairs = pairs_of(question, "3\n5 1\n4 2\n10 10\n")
    assert len(set(pairs)) > 50
    assert all(n % k == 0 for n, k in pairs)


def test_numbers_without_a_common_divisor_stay_so() -> None:
    pairs = pairs_of(PAIRS.format("1 ≤ N, K ≤ 1000\n- gcd(N, K) = 1"), "3\n5 1\n4 3\n9 10\n")
    assert len(set(pairs)) > 50
    assert all(math.gcd(n, k) == 1 for n, k in pairs)


def test_powers_of_two_stay_powers_of_two() -> None:
    question = LISTS.format("It is guaranteed that all elements are powers of two.").replace("-10^6", "1")
    lists = lists_of(question, "2\n3\n4 64 2\n4\n1 1 8 2\n")
    assert {value for values in lists for value in values} <= {1 << power for power in range(20)}
    assert max(max(values) for values in lists) > 64


def test_a_promised_sum_of_zero_is_kept() -> None:
    lists = lists_of(LISTS.format("It is guaranteed that the sum of all a_i is 0."), "2\n3\n4 -6 2\n2\n1 -1\n")
    assert len(lists) > 50
    assert not any(map(sum, lists))


def test_neighbours_that_differ_by_promise_may_be_equal_elsewhere() -> None:
    lists = lists_of(LISTS.format("It is guaranteed that $a_i \\neq a_{i+1}$."), "2\n5\n4 6 4 2 4\n3\n1 2 1\n")
    assert all(left != right for values in lists for left, right in pairwise(values))
    assert any(len(set(values)) < len(values) for values in lists)


def test_a_promised_even_length_is_kept() -> None:
    question = (
        "-----Input-----\nFirst T, the number of test cases. Each is a line with a string s.\n"
        "-----Constraints-----\n- 1 ≤ T ≤ 9\n- 2 ≤ |s| ≤ 60\n- |s| is even\n- s consists of 'A' and 'B'\n"
    )
    texts = {line for each in first(model_of(question, "2\nABAB\nBA\n")) for line in each.input.splitlines()[1:]}
    assert len({len(text) for text in texts}) > 4
    assert not any(len(text) % 2 for text in texts)


def test_a_block_that_never_has_a_row_leaves_nothing_unread() -> None:
    question = (
        "-----Input-----\nThe first line has n and q (1 ≤ n ≤ 30, q = 0). The second line has n integers "
        "$a_1, a_2, \\ldots, a_n$ ($1 \\le a_i \\le 40$). "
        "Each of the q lines has l_i and r_i ($1 \\le l_i \\le r_i \\le n$).\n"
    )
    model = model_of(question, "3 0\n7 2 7\n", "2 0\n1 1\n").model
    assert model.unread == ()
    assert model.names[2] == "a[]"


def test_lines_that_another_number_counts_than_is_stated_leave_it_to_given_cases() -> None:
    question = (
        "-----Input-----\nThe first line has N and K, the shelves and the rooms. "
        "Each of the next N lines has s_i, e_i, p_i.\n"
        "-----Constraints-----\n- 1 ≤ N, K ≤ 90\n"
    )
    assert model_of(question, "2 4\n1 10 1\n10 20 2\n").model.unread == ()
    wrong = question.replace("next N lines", "next Q lines").replace("1 ≤ N, K", "1 ≤ N, K, Q")
    assert model_of(wrong, "2 4\n1 10 1\n10 20 2\n").model.unread


def test_a_bound_on_an_absolute_value_is_no_length() -> None:
    question = PAIRS.format("1 ≤ N ≤ 100\n- |K| ≤ 300")
    values = {k for _, k in pairs_of(question, "1\n2 3\n")}
    assert min(values) < 0
    assert len(values) > 20
    assert max(map(abs, values)) == 300


def test_single_characters_stay_single() -> None:
    question = (
        "-----Input-----\nFirst N. Then N characters, each 'H' or 'T'.\n-----Constraints-----\n- 1 ≤ N ≤ 20\n"
        "- each character is 'H' or 'T'\n"
    )
    words = {word for each in first(model_of(question, "5\nH T T H T\n")) for word in each.input.split("\n")[1].split()}
    assert words == {"H", "T"}


def test_a_square_of_lines_that_follow_is_no_case_of_three_lines() -> None:
    question = (
        "-----Input-----\nFirst T, the number of test cases. Each has a line with N. N lines follow. The i-th of these "
        "lines has N integers $A_{i1}, A_{i2}, \\ldots, A_{iN}$.\n"
        "-----Constraints-----\n- 1 ≤ T ≤ 9\n- 1 ≤ N ≤ 70\n- 1 ≤ A_{ij} ≤ 900\n"
    )
    for candidate in first(model_of(question, "1\n3\n1 2 3\n4 5 6\n7 8 9\n")):
        lines = iter(candidate.input.splitlines())
        for _ in range(int(next(lines))):
            n = int(next(lines))
            assert all(len(next(lines).split()) == n for _ in range(n))
        assert next(lines, None) is None
