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


def test_annotations_make_no_difference():
    assert program_fingerprint(ADD) == program_fingerprint(ADD.replace("(a, b)", "(a: int, b: int) -> int"))


def test_a_missing_value_is_another_than_none():
    assert program_fingerprint("def f():\n    return\n") != program_fingerprint("def f():\n    return None\n")


def test_numbers_that_are_equal_are_not_the_same():
    assert len({program_fingerprint(f"print({number})") for number in ("1", "1.0", "True")}) == 3


def test_a_name_that_is_bound_twice_is_not_two_names():
    assert program_fingerprint("a = 1\na = 2\nprint(a)") != program_fingerprint("a = 1\nb = 2\nprint(a)")
