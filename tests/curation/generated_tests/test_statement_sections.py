"""Splitting a statement into its sections."""

from __future__ import annotations

from curation.generated_tests.stated_promises import read_promises
from curation.generated_tests.statement_sections import split_sections

SHORTEST_WALK = """Find the shortest walk home.
{note}
It may cross a road twice.

-----Input-----
- The first line contains N.

-----Constraints-----
- 1 <= N <= 9

-----Note-----
Of the sample: go left.
"""


def test_a_remark_in_the_body_is_part_of_it():
    sections = split_sections(SHORTEST_WALK.format(note="Note: a way home always exists there."))
    assert sections.body.endswith("Note: a way home always exists there.\nIt may cross a road twice.")
    assert sections.input == "- The first line contains N."
    assert sections.constraints == "- 1 <= N <= 9"


def test_a_note_with_a_heading_of_its_own_says_nothing_of_inputs():
    sections = split_sections(SHORTEST_WALK.format(note=""))
    assert "left" not in sections.body + sections.input + sections.constraints + sections.subtasks


def test_what_a_remark_promises_is_read():
    assert read_promises(SHORTEST_WALK.format(note="Note: a way home always exists there.")).unread
    assert not read_promises(SHORTEST_WALK.format(note="Note: the input will always be valid.")).unread


def test_the_functions_of_a_library_say_nothing_of_inputs():
    taught = "=====Function Descriptions=====\nfill() always returns a list that must not be empty.\n"
    sections = split_sections(taught + "=====Problem Statement=====\nFill the jars.\n=====Input Format=====\nN jars.")
    assert (sections.body, sections.input) == ("Fill the jars.", "N jars.")
    assert not read_promises(taught).unread


ROBOTS = """Where do the robots meet?

## Example

For `n = 3`, go left, since 1 <= 2 <= 3.

# Input/Output

 - `[input]` integer `n`

 `3 <= n <= 9`

 - `[output]` an integer

 where 0 <= r <= 5
"""


def test_input_and_output_below_one_heading_are_told_apart_also_after_an_example():
    sections = split_sections(ROBOTS)
    assert "3 <= n <= 9" in sections.input
    assert "r <= 5" not in sections.body + sections.input + sections.constraints


def test_the_words_input_and_output_within_an_example_head_its_parts():
    sections = split_sections("Sort.\n\n# Example\n\nInput:\n1 <= 2\nOutput:\n3\n")
    assert sections.input == ""
