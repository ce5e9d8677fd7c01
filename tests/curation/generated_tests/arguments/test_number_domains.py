"""The domains of numbers."""

import pytest

from curation.generated_tests.arguments.number_domains import IntegerDomain
from curation.generated_tests.arguments.span import Span

SPAN = Span(1, 10**6, 1, 10**6)


@pytest.mark.parametrize(
    ("digits", "count"), [("69", 2 + 4 + 8 + 16 + 32 + 64), ("1256", 5460), ("123456789", 9 + 81 + 729)]
)
def test_numbers_of_stated_digits_are_listed_while_they_are_few(digits, count):
    domain = IntegerDomain(SPAN, digits=frozenset(digits))
    edges = domain.edges()
    assert len(edges) == count
    assert all(set(str(number)) <= set(digits) for number in edges)


def test_numbers_of_any_digits_are_not_all_listed():
    assert len(IntegerDomain(SPAN, digits=frozenset("0123456789")).edges()) < 10_000
