"""Check which statements allow an error, and how large; every sentence here is invented."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.problem import Tolerance, ToleranceKind
from apps_plus.stated_tolerance import stated_tolerance

EITHER, ABSOLUTE, RELATIVE = ToleranceKind.EITHER, ToleranceKind.ABSOLUTE, ToleranceKind.RELATIVE


@pytest.mark.parametrize(
    "number",
    [
        "10^-4",
        "10^{-4}",
        "10^{ - 4}",
        "$10^{-4}$",
        "$$$10^{-4}$$$",
        "\\(10^{-4}\\)",
        "10\N{MINUS SIGN}4",
        "10-4",
        "10\N{MINUS SIGN}4$10^{\N{MINUS SIGN}4}$",
        "10⁻⁴",
        "10<sup>-4</sup>",
        "10<sup>&minus;4</sup>",
        "10**-4",
        "10^(-4)",
        "1e-4",
        "1E-4",
        "`1e-4`",
        "1.0e-4",
        "0.0001",
        ".0001",
        "$1 \\cdot 10^{-4}$",
        "1 × 10^-4",
    ],
)
def test_a_small_number_is_read_however_it_is_set(number: str) -> None:
    for sentence in (
        f"Your answer is right if its absolute or relative error does not exceed {number}.",
        f"The absolute or relative error must be at most {number} for your answer to be accepted.",
    ):
        assert stated_tolerance(sentence) == Tolerance(1e-4, EITHER)


@pytest.mark.parametrize(
    ("question", "value", "kind"),
    [
        ("Print it with an absolute or relative error at most 1e-2.", 1e-2, EITHER),
        ("The relative error of your output should not exceed 10^-4.", 1e-4, RELATIVE),
        ("An absolute error of $10^{-6}$ is allowed.", 1e-6, ABSOLUTE),
        ("The output counts if the absolute error is $\\leq 10^{-6}$.", 1e-6, ABSOLUTE),
        ("It has to have an absolute error less than 10-2.", 1e-2, ABSOLUTE),
        ("Answers within 0.001 of the true value are accepted.", 1e-3, EITHER),
        ("Answers within an absolute or relative error of 10-6 will do.", 1e-6, EITHER),
        ("Your answer must be within 0.001.", 1e-3, EITHER),
        ("Any answer with at most 10^-6 absolute or relative error is fine.", 1e-6, EITHER),
        ("Your result may not differ by more than 0.01 in absolute value from the correct one.", 1e-2, ABSOLUTE),
        ("Accepted if the absolute difference to the correct answer is less than 1e-6.", 1e-6, ABSOLUTE),
        ("The answer counts if $\\frac{|a - b|}{\\max(1, |b|)} \\le 10^{-6}$.", 1e-6, EITHER),
        ("Print the answer with a precision of at least 10^{-6}.", 1e-6, EITHER),
        ("Results are compared with 1e-6 relative tolerance.", 1e-6, RELATIVE),
        ("Error must be within 1e-7.", 1e-7, EITHER),
        ("Print the answer with precision 10^{-6}.", 1e-6, EITHER),
        ("An absolute error 10^-6 is accepted.", 1e-6, ABSOLUTE),
        ("An error of ±0.001 is accepted.", 1e-3, EITHER),
        ("The answer's error must be less than 0.5 * 10^-3.", 5e-4, EITHER),
        ("The answer may have an error of $1e^{-6}$.", 1e-6, EITHER),
        ("Your answer should have a relative or absolute error not exceeding 10^{-4}.", 1e-4, EITHER),
        ("Its error may be no more than $\\epsilon = 10^{-6}$ for the answer to be right.", 1e-6, EITHER),
        ("Right if the absolute error is below 1e-6, or the relative error of the answer is.", 1e-6, EITHER),
        ("The absolute difference of your answer and the expected one should not exceed 10^-4.", 1e-4, ABSOLUTE),
        ("The answer's error must not be greater than $5 \\cdot 10^{-4}$.", 5e-4, EITHER),
        ("Your answer is accepted if its error is smaller than 0.5.", 0.5, EITHER),
        ("The tolerance for the answer is 1e-6.", 1e-6, EITHER),
        (
            "Subtask 1: answers with an error of no more than 10-2.\n\nSubtask 2: an error of no more than 10-6.",
            1e-6,
            EITHER,
        ),
        (
            "-----Input-----\nOne number.\n\n-----Output-----\nYour answer may be off by at most 1e-3.",
            1e-3,
            EITHER,
        ),
        (
            "-----Input-----\nOne number. Your answer may have an error of at most 1e-3.\n\n-----Output-----\nIt.",
            1e-3,
            EITHER,
        ),
    ],
)
def test_a_statement_that_allows_an_error(question: str, value: float, kind: ToleranceKind) -> None:
    assert stated_tolerance(question) == Tolerance(value, kind)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Print the answer rounded to 2 decimal places.",
        "Print your answer with at least 6 digits after the decimal point.",
        "The answer counts if it is correct up to 6 decimal places.",
        "Return the mean with a precision of two digits.",
        "It is guaranteed that the sum of n does not exceed 10^5.",
        "It is guaranteed that no two answers differ by less than 1e-9.",
        "Each length was measured with an absolute error of at most 0.01.",
        "-----Input-----\nThe points have an error of at most 0.01.\n\n-----Output-----\nPrint how many they are.",
        "Print the number of steps until the difference of two estimates is less than 1e-6.",
        "The standard deviation is 0.866025.",
        "The relative error of this method is 0.25. Print its name.",
        "The clock has an error of 0.1 seconds. Print the time.",
        "Print all pairs that differ by 0.5.",
        "The values differ by at least 0.001.",
        "He stops within 0.5 meters of your house.",
        "If the probability is less than 10^-6, print 0.",
        "Print the answer modulo 10^9+7.",
        "-10^-6 <= x <= 10^-6",
        "The sale price is 20% off.",
        "An error of 5% is allowed.",
    ],
)
def test_a_statement_that_allows_none(question: str) -> None:
    assert stated_tolerance(question) is None


@given(st.text(st.sampled_from("error within 10^-6 0.01 absolute answer.$\n"), max_size=200))
def test_any_text_is_read(question: str) -> None:
    tolerance = stated_tolerance(question)
    assert tolerance is None or 0 < tolerance.value <= 1
