"""Signs that several answers to a problem are right although all accepted solutions agree. Pure functions.

The sentences of a statement say so, or its sample does: where a test's input is a sample and its expected output is not
what the statement shows for it, some solution that answers differently from the author was the source of the tests.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from curation.pipeline.statement_flags import allows_any_order, allows_several_answers
from curation.pipeline.statement_samples import sample_outputs, shows_output

_AROUND = " \t\r\n:.-=_*`"
"""The text allowed between the word *output* and the sample's output."""
_DECIMAL = re.compile(r"[+-]?\d*\.\d+")


def signs_of_several_answers(
    question: str, inputs: Sequence[Any], outputs: Sequence[Any], call_based: bool
) -> list[str]:
    """Return the signs, each in a few words; empty if only one answer seems to be right.

    Args:
        question: The statement.
        inputs: Those of the given tests.
        outputs: Their expected outputs.
        call_based: True if the problem calls a function: its statement can write a value in many ways, so that its
            samples are not compared.
    """
    signs = []
    if allows_any_order(question):
        signs.append("the statement allows any order")
    elif allows_several_answers(question):
        signs.append("the statement allows several answers")
    differing = [
        test
        for test, (given, output) in enumerate(zip(inputs, outputs, strict=True))
        if not call_based and _differs_from_sample(question, given, output)
    ]
    if differing:
        signs.append(f"the statement shows another output for the input of test {differing[0]}")
    return signs


def _differs_from_sample(question: str, given: Any, expected: str) -> bool:
    """Return whether an input is a sample of the statement, and each of its outputs there is another one."""
    samples = sample_outputs(question, given, call_based=False)
    return (
        bool(samples)
        and not any(shows_output(sample, expected, call_based=False) for sample in samples)
        and all(_is_other_output(sample, expected) for sample in samples)
    )


def _is_other_output(sample: str, expected: str) -> bool:
    """Return whether a text begins with another output: one of several words, of which one is really another.

    One word is seldom one of several right ones. Decimals may be rounded otherwise, and a word that begins with the
    expected one is followed by something without a space.
    """
    words, shown = expected.strip(_AROUND).split(), sample.strip(_AROUND).split()
    if len(words) < 2 or len(shown) < len(words):
        return False
    return any(
        not theirs.startswith(ours) and not (_DECIMAL.fullmatch(ours) and _DECIMAL.fullmatch(theirs))
        for ours, theirs in zip(words, shown, strict=False)
    )
