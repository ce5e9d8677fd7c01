"""The checkers that ship: each accepts right answers and rejects wrong ones. Every example is invented here."""

from __future__ import annotations

import runpy
from typing import Any

import pytest

from curation.decisions import CHECKERS

EXAMPLES: dict[str, tuple[Any, Any, list[Any], list[Any]]] = {
    "every_split_in_any_order": (
        "2\n4\n1 2 1 2\n4\n1 3 2 1\n",
        "1\n2 2\n2\n1 3\n3 1\n",
        ["1\n2 2\n2\n3 1\n1 3\n", "1\n2 2\n2\n1 3\n3 1"],
        [
            "1\n2 2\n2\n1 3\n1 3\n",
            "1\n2 2\n1\n1 3\n",
            "2\n2 2\n1 3\n1\n3 1\n",
            "1\n2 2\n2\n1 3\n3 1\n0\n",
            "1\n2 2\n",
            "-1\n-1\n",
        ],
    ),
    "chairs_that_keep_the_peace": (
        "2\n1\n2\n",
        "2\n6 4\n",
        ["2\n4 6\n", "1\n8 6\n", "4 \n6 8 \n\n"],
        ["2\n4 8\n", "2\n3 4\n", "5\n6 4\n", "2\n6 6\n", "2\n6 4 8\n", "2\n"],
    ),
    "shortest_and_longest_lis": (
        "2\n3 <>\n4 >><\n",
        "1 3 2\n1 3 2\n4 3 1 2\n4 2 1 3\n",
        ["2 3 1\n2 3 1\n4 2 1 3\n4 3 1 2\n"],
        ["3 1 2\n1 3 2\n4 3 1 2\n4 3 1 2\n", "1 3 2\n1 3 2\n4 3 1 2\n", "1 3 3\n1 3 2\n4 3 1 2\n4 3 1 2\n"],
    ),
    "beautiful_array": (
        "2\n3 2\n1 2 2\n2 1\n1 2\n",
        "4\n1 2 1 2\n-1\n",
        ["5\n2 1 2 1 2\n-1\n", "6\n1 2 1 2 1 2\n-1\n"],
        [
            "3\n1 2 2\n-1\n",
            "-1\n-1\n",
            "4\n1 2 1 2\n2\n1 2\n",
            "4\n1 4 1 4\n-1\n",
            "3\n2 1 2\n-1\n",
            "5\n1 2 1 2\n-1\n",
        ],
    ),
    "mex_operations": (
        "1\n3\n1 0 2\n",
        "3\n2 1 2\n",
        ["3\n1 2 1\n"],
        ["0\n\n", "1\n2\n", "3\n2 1 4\n", "4\n2 1 2\n", "7\n1 1 1 1 2 1 2\n", "3\n2 1 2\n0\n"],
    ),
    "strongest_army": (
        "1\n3 2\n4 0\n1 9\n5 0\n",
        "4\n3 2 -2 1\n",
        ["4\n3 2 -2 1\n", "4\n1 2 -2 3\n"],
        ["2\n1 3\n", "3\n3 2 1\n", "4\n3 2 2 1\n", "4\n3 -2 2 1\n", "5\n3 2 -2 1\n", "4\n3 2 -2 4\n", "0\n"],
    ),
    "circle_of_divisors": (
        "3\n15\n9\n12\n",
        "3 5 15\n1\n3 9\n0\n2 6 3 12 4\n0\n",
        ["15 3 5\n1\n9 3\n0\n4 2 6 3 12\n0\n"],
        [
            "15 3 5\n0\n9 3\n0\n2 6 3 12 4\n0\n",
            "15 3 5\n1\n9 3\n0\n2 3 6 12 4\n1\n",
            "15 3 5\n1\n9 3\n0\n2 3 6 12 4\n0\n",
            "15 3\n0\n9 3\n0\n2 6 3 12 4\n0\n",
            "15 3 5\n1\n9 3\n0\n",
        ],
    ),
    "append_to_make_good": (
        "2\n2\n3 5\n1\n4\n",
        "2\n6 14\n2\n4 8\n",
        ["2\n14 6\n1\n12\n"],
        ["0\n\n1\n12\n", "2\n6 14\n", "2\n6 15\n1\n12\n", "4\n6 14 0 0\n1\n12\n", "2\n6 14\n1\n12\n0\n"],
    ),
    "no_cap_on_its_own_marker": (
        "2\n4\n5 5 7 9\n3\n1 1 2\n",
        "Yes\n7 9 5 5\nNo\n",
        ["Yes\n9 7 5 5\nNo\n"],
        ["Yes\n7 5 9 5\nNo\n", "No\nNo\n", "Yes\n7 9 5 5\nYes\n2 1 1\n", "Yes\n7 7 5 5\nNo\n", "Yes\n7 9 5 5\n"],
    ),
    "votes_with_these_counts": (
        "3\n3\n2 1 0\n2\n2 0\n2\n1 0\n",
        "2 1 1\n-1\n-1\n",
        ["2 1 1\n-1\n-1\n", "2 1 1 \n -1\n-1\n\n"],
        ["1 2 1\n-1\n-1\n", "-1\n-1\n-1\n", "2 1 1\n1 1\n-1\n", "3 1 1\n-1\n-1\n", "2 1 1\n-1\n", "2 1 1 4\n-1\n-1\n"],
    ),
    "ball_passed_k_times": (
        "2\n4 1\n3 0\n",
        "3 1 2 4\n3 1 2\n",
        ["2 1 4 3\n3 2 1\n", "3 4 1 2\n3 1 2\n"],
        ["2 3 4 1\n3 1 2\n", "4 3 2 1\n3 1 2\n", "3 3 2 4\n3 1 2\n", "3 1 2 4\n"],
    ),
    "pages_pairwise_coprime": (
        "2\n6\n1\n",
        "3\n3 1 2 3\n2 4 5\n1 6\n1\n1 1\n",
        ["3\n2 5 6\n2 1 2\n2 3 4\n1\n1 1\n"],
        [
            "3\n2 3 6\n3 1 2 5\n1 4\n1\n1 1\n",
            "4\n2 5 6\n2 1 2\n1 3\n1 4\n1\n1 1\n",
            "3\n2 5 6\n2 1 2\n1 4\n1\n1 1\n",
            "3\n2 5 6\n2 1 2\n3 3 4 5\n1\n1 1\n",
            "3\n2 5 6\n2 1 2\n2 3 4\n",
            "3\n2 5 6\n2 1 2\n2 3 4\n1\n2 1\n",
        ],
    ),
    "even_indegrees": (
        "2\n3 2\n1 2\n2 3\n2 1\n1 2\n",
        "0 1\n-1\n",
        ["0 1\n-1\n", "0 1 -1"],
        ["1 0\n-1\n", "-1\n-1\n", "0 1\n0\n", "0 2\n-1\n", "0\n-1\n", "0 1\n"],
    ),
    "groups_in_any_order": (
        "4\nhttp://a/x\nhttp://b/x\nhttp://c\nhttp://d\n",
        "2\nhttp://a http://b\nhttp://c http://d\n",
        ["2\nhttp://d http://c\nhttp://b http://a\n"],
        [
            "2\nhttp://a http://c\nhttp://b http://d\n",
            "1\nhttp://a http://b\n",
            "1\nhttp://a http://b http://c http://d\n",
        ],
    ),
    "perfect_array": (
        "2\n1\n3\n",
        "5\n1 3 5\n",
        ["100\n7 7 7\n", "5\n1 3 5\n"],
        ["5\n1 2 3\n", "101\n7 7 7\n", "0\n7 7 7\n", "5\n1 3\n", "5\n"],
    ),
    "xor_of_windows": (
        "2\n3 2 6\n2 1 9\n",
        "2 4 2\n9 9\n",
        ["6 0 6\n9 9\n", "0 6 0\n9 9\n"],
        ["2 4 4\n9 9\n", "2 4\n9 9\n", "2 4 2\n9 8\n", "2 4 2\n", "-1 -7 -1\n9 9\n"],
    ),
    "matrix_of_mexes": (
        "1\n2 2\n",
        "0 1\n5 5\n",
        ["1 0\n7 8\n", "0 9\n1 9\n"],
        ["1 1\n1 1\n", "0 1\n", "0 1 1\n5 5 5\n", "0 1\n5 -5\n", "0 1\n5 5\n0 0\n"],
    ),
    "cubes_that_add_up_to_a_square": (
        "2\n1\n3\n",
        "1\n1 2 3\n",
        ["9\n3 3 3\n", "4\n2 3 1\n"],
        ["2\n1 2 3\n", "1\n1 2 2\n", "0\n1 2 3\n", "1\n1 2\n", "1\n"],
    ),
    "array_with_x_narrow_subsequences": (
        "5 2\n",
        "3\n4 5 6\n",
        ["5\n10 20 30 40 50\n", "4\n9 1 1 20\n"],
        ["4\n1 1 1 9\n", "2\n1 2\n", "-1\n", "3\n1 1 9 9\n", "4\n0 2 9 20\n"],
    ),
    "partition_of_least_goodness": (
        "4 1\n0 5 6 7\n",
        "7\n1 2 2 2\n",
        ["7\n2 1 1 1\n"],
        ["8\n1 1 1 1\n", "7\n1 1 1 1\n", "7\n1 2 2\n", "7\n1 2 2 3\n"],
    ),
    "least_lis_plus_lds": (
        "5\n",
        "3 4 5 1 2\n",
        ["4 5 2 3 1\n", "2 1 4 3 5\n"],
        ["1 2 3 4 5\n", "5 4 3 2 1\n", "3 4 5 1 1\n", "2 1\n"],
    ),
    "tree_of_least_distance": (
        "6 3\n",
        "4\n1 2\n2 3\n3 4\n3 5\n5 6\n",
        ["4\n6 1\n1 2\n6 3\n3 4\n6 5\n"],
        [
            "3\n6 1\n1 2\n6 3\n3 4\n6 5\n",
            "5\n1 2\n2 3\n3 4\n4 5\n3 6\n",
            "5\n1 2\n2 3\n3 4\n4 5\n2 6\n",
            "4\n6 1\n1 2\n2 6\n3 4\n6 5\n",
            "4\n6 1\n1 2\n6 3\n3 4\n",
        ],
    ),
    "park_all_cars": (
        "2 1\n0 1\n1 0\n0 0\n0 0\n",
        "2\n1 2 2\n1 1 2\n",
        ["2\n1 2 2\n1 1 2\n", "4\n1 3 1\n1 3 2\n1 2 2\n1 1 2\n"],
        ["-1\n", "1\n1 2 2\n", "2\n1 1 1\n1 1 2\n", "1\n1 1 2\n", "3\n1 2 2\n1 1 2\n", "3\n1 2 3\n1 2 2\n1 1 2\n"],
    ),
    "cheapest_schedule": (
        "3 1\n2 9 4\n",
        "6\n4 2 3\n",
        ["6\n4 2 3\n"],
        ["15\n2 3 4\n", "6\n2 3 4\n", "6\n4 2 2\n", "6\n4 2\n", "1\n3 4 2\n"],
    ),
    "same_bitwise_program": (
        "3\n& 7\n| 4\n^ 1\n",
        "2\n& 3\n^ 5\n",
        ["2\n& 3\n^ 5\n", "3\n& 7\n| 4\n^ 1\n", "4\n& 3\n^ 4\n^ 3\n^ 2\n"],
        ["1\n& 3\n", "3\n& 3\n^ 5\n", "2\n& 3\n^ 1029\n", "6\n& 3\n^ 5\n| 0\n| 0\n| 0\n| 0\n", "0\n"],
    ),
    "tree_with_fewest_changes": (
        "4\n1 2 1 3\n",
        "1\n1 1 1 3\n",
        ["1\n2 2 1 3\n", "1\n1 3 1 3\n", "1\n1 4 1 3\n"],
        ["0\n1 2 1 3\n", "1\n1 2 1 3\n", "2\n1 1 1 3\n", "2\n1 1 1 1\n", "2\n1 4 1 2\n", "1\n1 5 1 3\n", "1\n1 1 1\n"],
    ),
    "sortable_subsequences": (
        "4\n20 10 40 30\n",
        "2\n2 1 2\n2 3 4\n",
        ["2\n2 4 3\n2 2 1\n"],
        [
            "1\n4 1 2 3 4\n",
            "2\n2 1 3\n2 2 4\n",
            "2\n2 1 2\n2 1 2\n",
            "2\n2 1 2\n2 3 4\n1 1\n",
            "2\n2 1 2\n1 3\n",
            "2\n2 1 2\n3 3 4\n",
        ],
    ),
    "graph_with_k_triangles": (
        "1\n",
        "3\n011\n101\n110\n",
        ["4\n0110\n1010\n1101\n0010\n"],
        [
            "3\n011\n101\n100\n",
            "3\n111\n101\n110\n",
            "3\n010\n101\n010\n",
            "4\n0111\n1011\n1101\n1110\n",
            "3\n011\n101\n",
        ],
    ),
    "colours_of_touching_rectangles": (
        "3\n0 0 1 1\n1 0 2 3\n1 3 2 4\n",
        "YES\n1\n2\n1\n",
        ["YES\n3\n4\n1\n", "YES\n1\n2\n1\n"],  # the first and the third meet in no more than a line's end
        ["YES\n1\n1\n2\n", "YES\n1\n2\n2\n", "NO\n", "YES\n1\n2\n5\n", "YES\n1\n2\n"],
    ),
    "picked_nodes_in_any_order": (
        "3\n1 2\n1 3\n0 0 0\n0 1 1\n",
        "2\n2\n3\n",
        ["2\n3\n2\n"],
        ["1\n2\n", "2\n2\n2\n", "3\n2\n3\n", "3\n2\n2\n", "3\n1\n2\n3\n"],
    ),
    "most_pairs_with_a_common_divisor": (
        "8\n",
        "2\n3 6\n2 4\n",
        ["2\n8 4\n6 3\n", "2\n2 8\n3 6\n"],
        ["2\n2 3\n4 6\n", "1\n2 4\n", "2\n2 4\n4 6\n", "2\n3 6\n", "2\n3 6\n2 10\n", "3\n3 6\n2 4\n8 8\n"],
    ),
    "jumps_by_different_vectors": (
        "1 3\n",
        "1 1\n1 3\n1 2\n",
        ["1 1\n1 3\n1 2\n"],
        ["1 1\n1 2\n1 3\n", "1 3\n1 1\n1 2\n", "1 1\n1 3\n", "1 1\n1 3\n1 3\n", "1 1\n1 4\n1 2\n", "-1\n"],
    ),
    "digits_in_two_colours": (
        "3\n3\n121\n2\n21\n4\n3210\n",
        "121\n21\n-\n",
        ["121\n21\n-\n"],
        ["111\n21\n-\n", "121\n12\n-\n", "121\n-\n-\n", "121\n21\n2111\n", "12\n21\n-\n", "121\n21\n"],
    ),
    "largest_for_smallest": (
        "3\n9 5 7\n2 1 2\n",
        "5 9 7\n",
        ["7 9 5\n"],
        ["9 7 5\n", "5 9\n", "5 9 5\n", "5 9 7 7\n"],
    ),
    "skills_of_most_force": (
        "4 6 2 1 3\n4 4 5 5\n",
        "8\n4 4 6 6\n",
        ["8\n6 4 6 5\n", "8\n4 6 5 6 \n", "8\n5 4 6 6\n"],
        [
            "7\n5 5 6 5\n",
            "8\n5 5 6 5\n",
            "10\n6 4 6 6\n",
            "8\n6 4 6 6\n",
            "8\n6 4 6 4\n",
            "8\n4 4 7 6\n",
            "8\n4 6 6\n",
            "8\n4 4 6 6 6\n",
        ],
    ),
    "tree_with_these_component_sizes": (
        "10010\n",
        "1 2\n1 3\n1 4\n1 5\n",
        ["5 1\n5 2\n3 5\n4 5\n"],
        ["-1\n", "1 2\n2 3\n3 4\n4 5\n", "1 2\n1 3\n1 4\n", "1 2\n1 2\n1 4\n1 5\n", "1 2\n1 3\n1 4\n1 6\n"],
    ),
    "direct_edges_without_cycle": (
        "2\n3 3\n1 1 2\n0 2 3\n0 3 1\n2 1\n1 2 1\n",
        "YES\n1 2\n2 3\n1 3\nYES\n2 1\n",
        ["YES\n1 3\n1 2\n3 2\nYES\n2 1\n", "YES\n1 2\n3 2\n3 1\nYES\n2 1\n"],
        [
            "YES\n1 2\n2 3\n3 1\nYES\n2 1\n",
            "YES\n2 1\n2 3\n1 3\nYES\n2 1\n",
            "YES\n1 2\n2 3\nYES\n2 1\n",
            "YES\n1 2\n1 2\n1 3\nYES\n2 1\n",
            "NO\nYES\n2 1\n",
            "YES\n1 2\n2 3\n1 3\n",
        ],
    ),
    "fewest_colours_on_a_circle": (
        "3\n3\n4 5 6\n4\n1 2 2 3\n3\n7 7 8\n",
        "3\n1 2 3\n2\n1 2 1 2\n2\n1 1 2\n",
        ["3\n3 1 2\n2\n2 1 2 1\n2\n2 2 1\n", "3\n1 3 2\n2\n1 2 1 2\n2\n1 1 2\n"],
        [
            "3\n1 2 3\n2\n1 2 2 1\n2\n1 1 2\n",
            "3\n1 2 1\n2\n1 2 1 2\n2\n1 1 2\n",
            "3\n1 2 3\n3\n1 2 1 3\n2\n1 1 2\n",
            "3\n1 2 3\n2\n1 2 1 2\n",
            "3\n1 2 3\n2\n1 3 1 3\n2\n1 1 2\n",
        ],
    ),
    "permutation_of_value_k": (
        "4\n3 6\n3 5\n1 0\n2 5\n",
        "1 3 2\n1 2 3\n1\n-1\n",
        ["2 3 1\n3 2 1\n1\n-1\n"],
        [
            "1 2 3\n1 2 3\n1\n-1\n",
            "-1\n1 2 3\n1\n-1\n",
            "1 3 2\n1 2 3\n1\n1 2\n",
            "3 3 3\n1 2 3\n1\n-1\n",
            "1 3 2\n1 2 3\n1\n",
        ],
    ),
    "reversed_subsequence_of_best_sum": (
        "2\n4\n3 -9 -9 4\n2\n-1 -1\n",
        "7\n2 2 4\n0\n0\n",
        ["7\n2 1 3\n0\n0\n", "7\n2 2 4\n0\n1 2\n"],
        [
            "4\n0\n0\n0\n",
            "7\n2 1 4\n0\n0\n",
            "7\n2 4 2\n0\n0\n",
            "7\n2 2 5\n0\n0\n",
            "8\n2 2 4\n0\n0\n",
            "7\n2 2 4\n",
        ],
    ),
    "two_colours_a_box": (
        "1\n2 3\n1 2 3\n",
        "0 1 1 2\n2 3 0 0\n",
        ["0 1 2 2\n1 2 2 1\n", "2 3 2 0\n1 2 0 1\n"],
        ["0 1 1 2\n2 3 1 1\n", "0 1 1 2\n", "0 1 1 1\n2 3 1 1\n", "0 1 1 2\n2 3 3 0\n", "0 1 2 2\n0 1 2 2\n"],
    ),
    "permutation_of_sorted_segments": (
        "2\n4\n2 1 3\n2 2 3\n3 2 3 4\n2\n2 1 2\n",
        "1 3 2 4\n1 2\n",
        ["1 3 2 4\n2 1\n"],
        ["1 3 4 2\n1 2\n", "4 2 3 1\n1 2\n", "1 3 2\n1 2\n", "1 3 2 4\n1 1\n", "1 3 2 4\n1 2\n3\n"],
    ),
    "columns_to_swap": (
        "3\n3\n1 2 1\n3 3 2\n2\n1 1\n1 2\n2\n1 1\n2 2\n",
        "1\n1\n-1\n1\n1\n",
        ["1\n1\n-1\n1\n2\n"],
        [
            "0\n\n-1\n1\n1\n",
            "2\n2 3\n-1\n1\n1\n",
            "1\n2\n-1\n1\n1\n",
            "1\n1\n0\n\n1\n1\n",
            "-1\n-1\n1\n1\n",
            "1\n1\n-1\n",
        ],
    ),
    "words_to_reverse": (
        "3\n3\n01\n011\n0011\n2\n0\n11\n2\n010\n0110\n",
        "1\n1\n-1\n0\n\n",
        ["1\n3\n-1\n0\n", "1\n2\n-1\n0\n"],
        ["0\n-1\n0\n", "2\n1 2\n-1\n0\n", "1\n4\n-1\n0\n", "1\n1\n0\n0\n", "-1\n-1\n0\n", "1\n1\n-1\n", "1\n\n-1\n0\n"],
    ),
    "spots_to_close": (
        "2\n3 2\n1 2\n2 3\n1 0\n",
        "1\n2\n0\n\n",
        ["1\n1\n0\n", "1\n3\n0\n"],
        ["0\n\n0\n", "2\n1 2\n0\n", "1\n4\n0\n", "1\n2\n", "1\n2\n1\n1\n", "1\n2\n0\n0\n"],
    ),
    "word_exactly_once": (
        "3\n8\n?bacaba?\n7\nzzzzzzz\n11\nabacaba?aba\n",
        "Yes\nabacabaz\nNo\nYes\nabacabazaba\n",
        ["YES\nabacabac\nno\nyes\nabacabaaaba\n"],
        [
            "Yes\nzbacabaz\nNo\nYes\nabacabazaba\n",
            "Yes\nabacabaz\nNo\nYes\nabacabacaba\n",
            "No\nNo\nYes\nabacabazaba\n",
            "Yes\nabacaba?\nNo\nYes\nabacabazaba\n",
            "Yes\nabacabaz\nYes\nabacaba\nYes\nabacabazaba\n",
            "Yes\nabacabaz\nNo\n",
        ],
    ),
    "beat_the_most_frequent": (
        "2\nRRS\nSP\n",
        "PPP\nRR\n",
        ["PPP\nSS\n", "PPP\nRS\n"],
        ["PPR\nRR\n", "PP\nRR\n", "PPP\nRP\n", "PPP\n", "PPP\nRR\nP\n"],
    ),
    "missing_numbers_replaced": (
        "2\n3\n-1 10 -1\n4\n5 -1 8 8\n",
        "0 10\n2 6\n",
        ["0 10\n2 7\n"],
        ["0 9\n2 6\n", "0 10\n3 5\n", "0 10\n2 5\n", "0 10\n", "1 10\n2 6\n", "0 10\n2 6\n0\n"],
    ),
    "indices_of_a_peak": (
        "2\n5\n1 5 2 4 3\n3\n3 1 2\n",
        "YES\n1 2 3\nNO\n",
        ["Yes\n3 4 5\nno\n", "YES\n1 2 5\nNO\n"],
        [
            "NO\nNO\n",
            "YES\n1 3 4\nNO\n",
            "YES\n2 1 3\nNO\n",
            "YES\n1 2 6\nNO\n",
            "YES\n1 2 3\nYES\n1 2 3\n",
            "YES\n1 2 3\n",
        ],
    ),
    "perfect_keyboard": (
        "2\nabcb\nabca\n",
        "YES\nabcdefghijklmnopqrstuvwxyz\nNO\n",
        ["YES\nzcbadefghijklmnopqrstuvwxy\nNO\n"],
        [
            "YES\nacbdefghijklmnopqrstuvwxyz\nNO\n",
            "YES\nabc\nNO\n",
            "NO\nNO\n",
            "YES\nabcdefghijklmnopqrstuvwxyz\nYES\nabcdefghijklmnopqrstuvwxyz\n",
            "yes\nabcdefghijklmnopqrstuvwxyz\nno\n",
        ],
    ),
    "negative_prefixes_end_early": (
        "2\n3\n-1 2 -3\n0 1 0\n2\n4 -4\n0 0\n",
        "-1 2 -3\n4 -4\n",
        ["-3 2 -1\n4 -4\n"],
        ["-1 2 -3\n-4 4\n", "2 -1 -3\n4 -4\n", "-1 2 -1\n4 -4\n", "-1 2 -3\n4\n", "-1 2 -3\n4 -4\n0\n"],
    ),
    "permutation_with_prefix_maxima": (
        "2\n4\n2 2 4 4\n2\n1 1\n",
        "2 1 4 3\n-1\n",
        ["2 1 4 3\n-1\n"],
        ["1 2 4 3\n-1\n", "-1\n-1\n", "2 1 4 3\n1 2\n", "2 2 4 4\n-1\n", "2 1 4 3\n"],
    ),
    "divisible_by_no_digit": (
        "2\n1\n3\n",
        "-1\n233\n",
        ["-1\n239\n", "-1\n557\n"],
        ["1\n233\n", "-1\n-1\n", "-1\n23\n", "-1\n222\n", "-1\n203\n", "-1\n135\n", "-1\n"],
    ),
    "swap_to_a_smaller_name": (
        "2\nDBCA DA\nB A\n",
        "ABCD\n---\n",
        ["BDCA\n---\n", "CBDA\n---\n"],
        ["DBCA\n---\n", "ABDC\n---\n", "ABCD\nB\n", "---\n---\n", "AAAA\n---\n", "ABC\n---\n", "ABCD\n"],
    ),
    "shortest_common_supersequence": (
        ["ab", "ba"],
        "aba",
        ["bab"],
        ["abba", "abb", "ab", ["a", "b", "a"]],
    ),
    "letters_by_frequency": (
        ["abcbc!"],
        "bbcca!",
        ["ccbb!a", "bbcc!a"],
        ["bcbca!", "abbcc!", "bbcca", "bbccaa!", ["b", "b", "c", "c", "a", "!"], ""],
    ),
    "shortest_superstring": (
        [["xy", "zw"]],
        "xyzw",
        ["zwxy"],
        ["xyz", "xzyw", "xyzww", ["xy", "zw", "", ""]],
    ),
    "any_peak": (
        [[3, 1, 2, 2, 5]],
        0,
        [4],
        [1, 2, 3, 5, -1, "0", True],
    ),
    "longest_happy_string": (
        [1, 0, 3],
        "ccac",
        ["cacc"],
        ["ccca", "cca", "ccaca", "caca", ["c", "c", "a", "c"]],
    ),
    "letters_never_three_in_a_row": (
        [2, 3],
        "babab",
        ["bbaab", "bbaba"],
        ["bbbaa", "babb", "babaa", "babac", ["b", "a", "b", "a", "b"]],
    ),
    "remove_fewest_parentheses": (
        ["a)(b)(c"],
        "a(b)c",
        [],
        ["a(b)", "a)b(c", "(ab)c", "abc", "ab)(c", ["a", "(", "b", ")", "c"]],
    ),
    "triples_of_edges": (
        "2\n4\n1 2\n3 1\n1 4\n4\n1 2\n2 3\n3 4\n",
        "YES\n1 2 3 4\nNO\n",
        ["YES\n1 4 2 3\nNO\n"],
        ["NO\nNO\n", "YES\n2 1 3 4\nNO\n", "YES\n1 2 3 3\nNO\n", "YES\n1 2 3 4\nYES\n2 1 3 4\n", "YES\n1 2 3\nNO\n"],
    ),
    "operations_with_or_k": (
        "2\n3 3\n1 2 0\n3 8\n1 2 0\n",
        "3 2 1\n-1\n",
        ["3 1 2\n-1\n"],
        ["1 2 3\n-1\n", "-1\n-1\n", "3 3 1\n-1\n", "3 1 2\n3 1 2\n", "3 1\n-1\n", "3 1 2\n"],
    ),
    "permutation_with_one_lis": (
        "2\n4 3\n2 3 4\n2 1\n2\n",
        "YES\n4 1 2 3\nNO\n",
        ["YES\n3 1 2 4\nNO\n"],
        ["YES\n2 1 3 4\nNO\n", "YES\n1 2 3 4\nNO\n", "YES\n4 3 2 1\nNO\n", "NO\nNO\n", "YES\n4 1 2\nNO\n"],
    ),
    "most_green": (
        "2\n2\n1 4\n2 6\n3\n1 2\n1 2\n1 2\n",
        "01\n011\n",
        ["10\n100\n", "01\n001\n"],
        ["00\n011\n", "01\n111\n", "01\n", "0\n011\n", "02\n011\n"],
    ),
    "shortest_text_with_n_pairs": (
        "2\n4\n1\n",
        "XXDD\nXD\n",
        ["XXDD\nXD\n"],
        ["XDXD\nXD\n", "XXDD\nDX\n", "XXDD\n", "XDDDD\nXD\n", "XxDD\nXD\n"],
    ),
    "square_divisor": (
        "2\n2\n6 6\n1\n18\n",
        "2\n3\n",
        ["3\n3\n", "6\n3\n"],
        ["1\n3\n", "4\n3\n", "-2\n3\n", "2\n2\n", "2\n", "2\n3\n1\n"],
    ),
    "signs_of_least_sum": (
        "2\n3\n1 2 1\n2\n5 5\n",
        "-1 2 1\n5 5\n",
        ["1 2 -1\n5 5\n"],
        ["-1 2 -1\n5 5\n", "1 2 1\n5 5\n", "-1 2 1\n-5 5\n", "-1 2\n5 5\n", "-1 3 0\n5 5\n", "-1 2 1\n"],
    ),
    "all_colours_show": (
        "4 2\n3 2\n",
        "1 3\n",
        ["2 1\n"],
        ["1 1\n", "1 2\n", "-1\n", "1 4\n", "1\n", "2 3\n", "0 3\n"],
    ),
    "lists_joined": (
        "3\n0 2\n1 0\n0 0\n",
        "0 2\n1 3\n2 0\n",
        ["3 2\n1 0\n0 1\n"],
        ["0 2\n1 0\n0 0\n", "0 3\n3 0\n1 2\n", "3 2\n1 3\n2 1\n", "0 2\n1 3\n", "0 2\n1 3\n1 0\n", "3 2\n1 0\n0 2\n"],
    ),
    "jackpot_moves": (
        "3\n111\n232\n",
        "2\n1 1\n2 1\n",
        ["2\n2 1\n1 1\n"],
        ["2\n1 1\n1 1\n", "1\n1 1\n", "4\n1 1\n2 1\n1 1\n1 -1\n", "2\n1 1\n", "-1\n", "2\n1 1\n3 1\n", "2\n1 1\n2 2\n"],
    ),
    "recovered_array": (
        "3 2\n1 1 2 5\n2 1 3 9\n",
        "YES\n4 4 9\n",
        ["YES\n4 0 0\n", "YES\n-7 4 9\n"],
        ["NO\n", "YES\n4 5 9\n", "YES\n0 0 0\n", "YES\n4 4\n", "YES\n4 -1000000001 0\n", "NO\n4 4 9\n"],
    ),
    "bridges_that_fit": (
        "3 3\n1 2\n4 5\n8 8\n3 3 4\n",
        "Yes\n1 2\n",
        ["Yes\n2 1\n", "Yes\n1 3\n", "Yes\n3 2\n"],
        ["No\n", "Yes\n1 1\n", "Yes\n1\n", "Yes\n1 4\n", "yes\n1 2\n", "Yes\n1 2 3\n"],
    ),
    "colours_of_prime_divisors": (
        "5\n",
        "2\n1 1 2 1 2\n",
        ["2\n2 2 1 2 1\n", "2\n1 1 2 2 2\n"],
        ["2\n1 1 1 1 2\n", "1\n1 1 1 1 1\n", "2\n1 2 2 1 2\n", "3\n1 1 2 1 3\n", "2\n1 1 2 1\n", "2\n1 1 2 1 3\n"],
    ),
    "numbers_on_a_tree": (
        "3\n0 1\n1 0\n1 0\n",
        "YES\n2 1 3\n",
        ["YES\n5 7 4\n", "YES\n2 2 1\n"],
        ["NO\n", "YES\n3 1 2\n", "YES\n1 1 1\n", "YES\n2 1\n", "YES\n1 0 3\n", "YES\n2 1 1000000001\n"],
    ),
    "numbers_with_these_ands": (
        "3\n-1 1 2\n1 -1 0\n2 0 -1\n",
        "3 1 2\n",
        ["7 1 2\n", "3 5 2\n"],
        ["3 1 3\n", "3 3 2\n", "3 1\n", "3 1 -2\n", "3 1 2 0\n"],
    ),
    "prefix_products_all_differ": (
        "5\n",
        "YES\n1\n2\n4\n3\n5\n",
        ["YES\n1\n3\n4\n2\n5\n"],
        ["NO\n", "YES\n1\n2\n3\n4\n5\n", "YES\n1\n2\n4\n3\n3\n", "YES\n1\n2\n4\n3\n", "YES\n5\n1\n2\n4\n3\n"],
    ),
    "earlier_numbers_with_this_xor": (
        "5\n5\n3\n6\n6\n8\n",
        "0\n0\n2 0 1\n1 2\n0\n",
        ["0\n0\n2 1 0\n2 0 1\n0\n"],
        [
            "0\n0\n0\n1 2\n0\n",
            "0\n0\n2 0 1\n1 3\n0\n",
            "0\n0\n2 0 0\n1 2\n0\n",
            "0\n1 0\n2 0 1\n1 2\n0\n",
            "0\n0\n2 0 1\n1 1\n0\n",
            "0\n0\n2 0 1\n1 2\n",
            "0\n0\n2 0 1\n1 -2\n0\n",
            "0\n0\n2 0 1\n1 2\n2 1\n",
        ],
    ),
    "sums_all_differ": (
        "2\n2\n1 4\n1\n9\n",
        "YES\n1 2\nYES\n1\n",
        ["YES\n10 2\nYES\n1000000\n"],
        [
            "YES\n1 4\nYES\n1\n",
            "NO\nYES\n1\n",
            "YES\n1 1\nYES\n1\n",
            "YES\n0 1\nYES\n1\n",
            "YES\n1\nYES\n1\n",
            "YES\n1 2\n",
        ],
    ),
    "rocks_that_sound": (
        "3 2\n",
        ">.v\n...\n^..\n1 1\n",
        [">.v\n...\n...\n1 1\n", "v..\n...\n>..\n1 1\n"],
        [
            ">..\n...\n...\n1 1\n",
            ">.v\n...\n...\n2 1\n",
            ">vv\n^<.\n...\n1 1\n",
            ">.v\n...\n1 1\n",
            ">.v\n.x.\n...\n1 1\n",
            "><.\n...\n...\n1 1\n",
        ],
    ),
    "matching_or_independent_set": (
        "1\n2 3\n1 2\n2 3\n4 5\n",
        "Matching\n1 3\n",
        ["Matching\n3 2\n", "IndSet\n1 3\n", "IndSet\n6 5\n"],
        [
            "Matching\n1 2\n",
            "IndSet\n4 5\n",
            "Impossible\n",
            "IndSet\n1 1\n",
            "Matching\n1\n",
            "IndSet\n1 7\n",
            "Matching\n1 3 2\n",
        ],
    ),
    "differs_in_one_place": (
        "2\n2 3\nabc\nxbd\n2 3\naaa\nbbb\n",
        "abd\n-1\n",
        ["xbc\n-1\n"],
        ["abc\n-1\n", "-1\n-1\n", "abd\naba\n", "abd\n", "ab\n-1\n", "aBd\n-1\n", "abd\n-1\n-1\n"],
    ),
    "ternary_numbers": (
        "2\n3\n210\n1\n2\n",
        "110\n100\n1\n1\n",
        ["100\n110\n1\n1\n"],
        [
            "120\n120\n1\n1\n",
            "010\n200\n1\n1\n",
            "110\n100\n1\n",
            "110\n100\n2\n0\n",
            "110\n101\n1\n1\n",
            "110\n10\n1\n1\n",
        ],
    ),
    "question_marks_replaced": (
        ["a?c?"],
        "abca",
        ["adcz", "azcb"],
        ["aacb", "abcc", "a?ca", "bbca", "abc", "abcA", ["a", "b", "c", "a"]],
    ),
    "longest_common_subsequence": (
        ["abcd", "bxad"],
        "bd",
        ["ad"],
        ["b", "ab", "bad", "db", ["b", "d"]],
    ),
    "one_wrong_digit": (
        "120 17\n",
        "203\n",
        ["104\n", "173\n"],
        ["103\n", "003\n", "204\n", "1030\n", "-103\n", "1 3\n"],
    ),
    "truth_as_number": (
        [6],
        True,
        [1],
        [False, 0, 2, 1.0, "True", [True]],
    ),
    "any_perfect_power": (
        [64],
        [8, 2],
        [[4, 3], [2, 6], [8.0, 2]],
        [[2, 5], [64, 1], [-8, 2], [8, 2, 1], [8.5, 2], ["8", "2"], [2, 10**9], "82"],
    ),
    "matrix_of_ones": (
        "2\n2 4 2 1\n2 3 1 2\n",
        "YES\n1100\n0011\nNO\n",
        ["YES\n0101\n1010\nNO\n"],
        [
            "YES\n1100\n1100\nNO\n",
            "YES\n1110\n0001\nNO\n",
            "NO\nNO\n",
            "YES\n1100\n0011\nYES\n100\n010\n",
            "YES\n1100\n001\nNO\n",
            "YES\n1100\n0011\n",
        ],
    ),
    "shortest_palindrome": (
        ["abc"],
        "abcba",
        ["cbabc"],
        ["abccba", "abc", "acbca", "aba", "bcacb", ["a", "b", "c", "b", "a"]],
    ),
    "most_beautiful_necklace": (
        "2\n4 2\n",
        "2\nabaaba\n",
        ["2\naabaab\n", "2\nbaabaa\n"],
        [
            "1\naaabba\n",
            "2\naaabab\n",
            "0\naaabab\n",
            "1\naabbaa\n",
            "2\nababab\n",
            "2\nabaab\n",
            "2\nabaabac\n",
            "2\n",
        ],
    ),
    "set_that_generates": (
        "3\n4 5 6\n",
        "1 2 3\n",
        ["3 2 1\n"],
        ["4 5 6\n", "1 2 4\n", "1 3 3\n", "2 3\n", "0 2 3\n", "1 2 3 4\n"],
    ),
    "edges_for_parities": (
        "3 3\n1 1 0\n1 2\n2 3\n1 3\n",
        "1\n1\n",
        ["2\n3\n2\n"],
        ["0\n", "1\n2\n", "-1\n", "2\n1\n1\n", "1\n4\n", "2\n1\n", "1\n1\n2\n", "3\n1\n2\n3\n"],
    ),
    "maze_of_difficulty_t": (
        "2\n",
        "2 2\n0\n",
        ["2 3\n1\n1 3 2 3\n", "3 2\n1\n1 1 1 2\n"],
        [
            "1 2\n0\n",
            "2 3\n0\n",
            "2 2\n1\n1 1 1 2\n",
            "2 3\n2\n1 3 2 3\n1 3 2 3\n",
            "2 3\n2\n1 3 2 3\n",
            "2 3\n2\n1 3 2 3\n1 3 1 4\n",
            "51 2\n0\n",
        ],
    ),
    "permutation_with_next_greater": (
        "2\n3\n3 -1 4\n2\n2 2\n",
        "2 1 3\n-1\n",
        ["2 1 3\n-1\n"],
        ["1 2 3\n-1\n", "3 1 2\n-1\n", "-1\n-1\n", "2 1 3\n1 2\n", "2 1 1\n-1\n", "2 1 3\n"],
    ),
    "sorted_by_shifts_of_three": (
        "4\n3\n2 3 1\n3\n2 1 3\n3\n2 1 2\n4\n2 1 4 3\n",
        "1\n1 \n-1\n2\n1 1 \n2\n2 1 \n",
        ["4\n1 1 1 1\n-1\n5\n1 1 1 1 1\n5\n2 2 2 2 1\n"],
        [
            "-1\n-1\n2\n1 1\n2\n2 1\n",
            "1\n1\n1\n1\n2\n1 1\n2\n2 1\n",
            "1\n1\n-1\n-1\n2\n2 1\n",
            "1\n1\n-1\n2\n1 1\n-1\n",
            "10\n1 1 1 1 1 1 1 1 1 1\n-1\n2\n1 1\n2\n2 1\n",
            "1\n1\n-1\n2\n1 1\n2\n1 2\n",
            "1\n0\n-1\n2\n1 1\n2\n2 1\n",
            "1\n1\n-1\n2\n1 1\n2\n3 1\n",
            "1\n1\n-1\n2\n1 1\n2\n2\n",
            "1\n1\n-1\n2\n1 1\n2\n2 1\n0\n",
        ],
    ),
    "pairs_that_leave_two": (
        "2\n3\n2\n",
        "2\n3 2\n3 1\n2\n2 1\n",
        ["2\n2 3\n1 3\n2\n1 2\n", "2\n3 1\n2 2\n2\n1 2\n"],
        [
            "2\n1 2\n2 3\n2\n1 2\n",
            "3\n1 2\n2 3\n2\n1 2\n",
            "2\n3 2\n3 2\n2\n2 1\n",
            "2\n3 3\n3 1\n2\n2 1\n",
            "2\n3 2\n3 1\n",
            "2\n3 2\n3 1\n2\n2 1\n2\n",
        ],
    ),
    "swaps_between_two_words": (
        "3\n3\nabb\nbab\n2\nab\nab\n2\nab\ncb\n",
        "Yes\n2\n1 1\n2 1\nYes\n1\n1 1\nNo\n",
        ["YES\n2\n2 2\n1 2\nyes\n1\n2 2\nno\n", "Yes\n2\n1 1\n2 1\nYes\n2\n1 2\n1 2\nNo\n"],
        [
            "Yes\n1\n1 1\nYes\n1\n1 1\nNo\n",
            "No\nYes\n1\n1 1\nNo\n",
            "Yes\n2\n1 1\n2 1\nYes\n0\nNo\n",
            "Yes\n2\n1 1\n2 1\nYes\n1\n1 1\nYes\n1\n1 1\n",
            "Yes\n2\n1 1\n2 1\nYes\n5\n1 1\n1 1\n1 1\n1 1\n1 1\nNo\n",
            "Yes\n2\n1 1\n2 4\nYes\n1\n1 1\nNo\n",
            "Yes\n2\n1 1\n2 1\nYes\n1\n0 0\nNo\n",
            "Yes\n2\n1 1\n2 1\nYes\n1\n1 1\nNo\nNo\n",
            "Yes\n2\n1 1\n2 1\n",
        ],
    ),
    "prefixes_to_flip": (
        "2\n3\n110\n011\n1\n0\n0\n",
        "3 2 3 1\n0\n",
        ["4 3 1 3 1\n2 1 1\n"],
        [
            "2 1 3\n0\n",
            "0\n0\n",
            "3 2 3 1\n1 1\n",
            "3 2 3 1\n4 1 1 1 1\n",
            "3 2 3 4\n0\n",
            "3 2 3 0\n0\n",
            "3 2 3 1\n",
            "3 2 3 1\n0\n0\n",
            "-1\n0\n",
        ],
    ),
}
"""By checker: an input, the expected output, other right answers, wrong answers."""


def names() -> list[str]:
    return sorted(path.stem for path in CHECKERS.glob("*.py"))


def accepts(name: str, given: Any, expected: Any, actual: Any) -> bool:
    """Judge like the sandbox: an exception is a wrong answer."""
    check = runpy.run_path(str(CHECKERS / f"{name}.py"))["check"]
    try:
        return check(given, expected, actual)
    except Exception:
        return False


def test_every_checker_has_examples() -> None:
    assert sorted(EXAMPLES) == names()


@pytest.mark.parametrize("name", names())
def test_a_checker_accepts_right_answers_and_rejects_wrong_ones(name: str) -> None:
    given, expected, right, wrong = EXAMPLES[name]
    assert accepts(name, given, expected, expected)
    assert [answer for answer in right if not accepts(name, given, expected, answer)] == []
    assert [answer for answer in (*wrong, "", "\n", "a b c", None) if accepts(name, given, expected, answer)] == []
    assert wrong
