import pytest

from curation.generated_tests.answer_bounds import is_within, largest_answer


@pytest.mark.parametrize(
    ("sentence", "largest"),
    [
        ("It is guaranteed that the answer fits in a 64-bit signed integer.", 2**63 - 1),
        ("The answer will fit in 64 bit binary number.", 2**64 - 1),
        ("The answer and all intermediate calculations are guaranteed to fit in a 32-bit integer.", 2**31 - 1),
        ("It's known that the result always fits unsigned 32-bit integer type.", 2**32 - 1),
        ("The given number fits in 32 bits.", None),
        ("If the answer does not fit in 32 bits, print -1.", None),
        ("Print the number of jars.", None),
    ],
)
def test_the_bits_that_an_answer_is_said_to_fit_in_are_read(sentence: str, largest: int | None) -> None:
    assert largest_answer(f"Count the jars. {sentence}\n\n-----Input-----\nn\n") == largest


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("3 9223372036854775807\n", True),
        ("3 9223372036854775808\n", False),
        ("-9223372036854775808\n", True),
        ("1" * 5000, False),
        ("abc12345678901234567890123 1.25\n", True),
        (2**63, False),
        ([[1, 2**62], {"a": -(2**63)}], True),
        ([[1, 2**62], {"a": 2**64}], False),
        (True, True),
        (1.5e300, True),
        (None, True),
    ],
)
def test_an_answer_with_an_integer_beyond_64_bits_is_told(output: object, expected: bool) -> None:
    assert is_within(output, 2**63 - 1) is expected
    assert is_within(output, None)
