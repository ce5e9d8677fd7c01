"""Names of the fields that hold a model's text in rows of any tool.

A tool whose rows differ from others only in the name of this field needs one line in ``FIELDS``.
"""

from __future__ import annotations

from harness.scoring.samples.formats.texts import COMPLETION, PROGRAM, RESPONSE

FIELDS = {
    "solution": "solution",
    "completion": COMPLETION,
    "program": PROGRAM,
    "completions": COMPLETION,
    "generation": RESPONSE,
    "generations": RESPONSE,
    "raw_generation": RESPONSE,
    "raw_generations": RESPONSE,
    "generated_text": RESPONSE,
    "model_output": RESPONSE,
    "model_response": RESPONSE,
    "raw_response": RESPONSE,
    "raw_output": RESPONSE,
    "raw_completion": RESPONSE,
    "raw_solution": RESPONSE,
    "raw": RESPONSE,
    "gen": RESPONSE,
    "gens": RESPONSE,
    "generated": RESPONSE,
    "generated_completion": RESPONSE,
    "model_answer": RESPONSE,
    "model_completion": RESPONSE,
    "llm_output": RESPONSE,
    "llm_response": RESPONSE,
    "last_completion": COMPLETION,
    "code_list": PROGRAM,
    "output_list": RESPONSE,
    "source_codes": PROGRAM,
    "generated_code": PROGRAM,
    "generated_solution": PROGRAM,
    "extracted_code": PROGRAM,
    "extracted_answer": PROGRAM,
    "final_solution": PROGRAM,
    "full_code_for_eval": PROGRAM,
    "final_code": PROGRAM,
    "solution_code": PROGRAM,
    "python_code": PROGRAM,
    "response": RESPONSE,
    "responses": RESPONSE,
    "output": RESPONSE,
    "outputs": RESPONSE,
    "prediction": RESPONSE,
    "predictions": RESPONSE,
    "predicted": RESPONSE,
    "pred": RESPONSE,
    "preds": RESPONSE,
    "choices": RESPONSE,
    "answer": RESPONSE,
    "programs": PROGRAM,
    "codes": PROGRAM,
    "source_code": PROGRAM,
    "implementation": PROGRAM,
    "code": PROGRAM,
    "solutions": PROGRAM,
    "results": PROGRAM,
    "candidates": RESPONSE,
    "samples": RESPONSE,
    "messages": RESPONSE,
    "conversation": RESPONSE,
    "text": RESPONSE,
}
"""Fields that may hold the model's text, with the kind of text; the first field that a row has counts."""

PROBLEM_FIELDS = {
    "code": ("test_list", "canonical_code"),
    "text": ("test_list",),
    "solutions": ("input_output", "public_tests", "private_tests"),
    "answer": ("question_content",),
}
"""Fields that hold the problem's text, not the model's, in rows with one of these others (rows of MBPP and APPS)."""
