"""Infer the grammar of a problem's texts on standard input, and propose texts that obey it."""

from __future__ import annotations

from collections.abc import Sequence

from curation.generated_tests.candidate import InputModel


def infer(question: str, inputs: Sequence[str], outputs: Sequence[str] = ()) -> InputModel | None:
    """Return the model of a problem's inputs; None where no grammar explains every given one.

    Args:
        question: The statement.
        inputs: The given inputs.
        outputs: The expected outputs; they are not used.
    """
    from curation.generated_tests.standard_input.learn_model import learn_model
    from curation.generated_tests.standard_input.propose import TextInputs

    model = learn_model(question, inputs)
    return TextInputs(model) if model is not None else None
