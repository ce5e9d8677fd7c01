"""Programs that are the same but for names, comments and layout."""

from __future__ import annotations

from curation.generated_tests.same_program import program_fingerprint

ADD = "def add(a, b):\n    total = a + b\n    return total\n"


def test_names_comments_layout_and_docstrings_make_no_difference():
    other = 'def plus(x, y):  # adds\n    """Add."""\n    s = (x + y)\n\n    return s\n'
    assert program_fingerprint(ADD) == program_fingerprint(other)


def test_another_order_of_operands_is_another_program():
    assert program_fingerprint(ADD) != program_fingerprint(ADD.replace("a + b", "b + a"))


def test_names_from_outside_count():
    assert program_fingerprint("print(max(1, 2))") != program_fingerprint("print(min(1, 2))")


def test_constants_count():
    assert program_fingerprint("n = 1\nprint(n)") != program_fingerprint("n = 2\nprint(n)")


def test_a_program_that_is_no_python_is_the_same_as_its_own_words():
    assert program_fingerprint("print 1") == program_fingerprint("print   1\n")
    assert program_fingerprint("print 1") != program_fingerprint("print 2")
