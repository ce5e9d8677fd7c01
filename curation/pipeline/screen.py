"""Steps that read a raw problem and block what cannot be run: no tests, no solutions, an unusable statement."""

from __future__ import annotations

from dataclasses import replace

from apps_plus.problem import DIFFICULTIES, RawProblem, load_json
from curation.pipeline.normalize import Unusable, parse_tests
from curation.pipeline.problem_state import ProblemState
from curation.pipeline.statement_flags import is_image_only, is_interactive, mentions_image
from curation.records import Finding, Note, Reason

STAGE = "screen"


def note_raw_defects(raw: RawProblem, state: ProblemState) -> None:
    """Note files of the raw problem that could not be read, and a difficulty that APPS does not have."""
    state.findings += [Finding("ingest", Note.RAW_DEFECT, defect) for defect in raw.defects]
    if raw.difficulty not in DIFFICULTIES:
        state.findings.append(Finding("ingest", Note.UNKNOWN_TIER, f"{raw.difficulty!r} is none of APPS's three tiers"))


def note_image(raw: RawProblem, state: ProblemState) -> None:
    """Note a statement that refers to an image."""
    if mentions_image(raw.question):
        state.findings.append(Finding(STAGE, Note.MENTIONS_IMAGE, "the statement leans on an image"))


def read_tests(raw: RawProblem, state: ProblemState) -> None:
    """Bring the tests into one shape, or block the problem."""
    shaped, notes = parse_tests(raw.input_output)
    state.findings += notes
    if isinstance(shaped, Unusable):
        state.block(shaped.finding)
        return
    state.runner = replace(state.runner, entry_point=shaped.entry_point, inputs=shaped.inputs)
    state.outputs, state.has_tests = shaped.outputs, True


def read_solutions(raw: RawProblem, state: ProblemState) -> None:
    """Read the list of solutions, or block the problem."""
    state.solutions, fault = parse_solutions(raw.solutions)
    if fault is not None:
        state.block(fault)


def parse_solutions(text: str | None) -> tuple[list[str], Finding | None]:
    """Return the programs in ``solutions.json``, or an empty list and the reason."""
    if text is None:
        return [], Finding(STAGE, Reason.MISSING_SOLUTION, "the file solutions.json is missing")
    try:
        solutions = load_json(text)
    except (ValueError, RecursionError) as error:
        return [], Finding(STAGE, Reason.MALFORMED_JSON, f"solutions is not JSON: {error}")
    if not isinstance(solutions, list) or not all(isinstance(source, str) for source in solutions):
        return [], Finding(STAGE, Reason.MALFORMED_JSON, "solutions is not a list of programs")
    if not any(source.strip() for source in solutions):
        return [], Finding(STAGE, Reason.MISSING_SOLUTION, "the list of solutions is empty")
    return solutions, None


def screen_statement(raw: RawProblem, state: ProblemState) -> None:
    """Block a statement that is empty, an image, or asks for an interactive program."""
    if not raw.question.strip():
        state.block(Finding(STAGE, Reason.IMAGE_ONLY, "the statement has no text"))
    elif is_image_only(raw.question):
        evidence = {"statement": raw.question[:300]}
        state.block(Finding(STAGE, Reason.IMAGE_ONLY, "the statement is an image", evidence))
    elif is_interactive(raw.question):
        state.block(Finding(STAGE, Reason.INTERACTIVE, "the statement asks for a dialogue with a hidden judge"))
