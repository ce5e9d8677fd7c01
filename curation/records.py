"""The records that flow through the pipeline: findings, solution results, votes, verified problems.

RawProblem -> VerifiedProblem (one journal entry) -> Decided -> Problem, ReviewItem or nothing, and a ledger line.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from apps_plus.problem import DEFAULT_TOLERANCE, Comparison, ComparisonRule, Tolerance, ToleranceKind, sha256_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


class Reason(StrEnum):
    """The reason for which a problem was dropped, corrected or sent to review."""

    MISSING_TESTS = "missing_tests"
    MISSING_SOLUTION = "missing_solution"
    MALFORMED_JSON = "malformed_json"
    IMAGE_ONLY = "image_only"
    INTERACTIVE = "interactive"
    INCOMPLETE_CODE = "incomplete_code"
    IRRELEVANT_CODE = "irrelevant_code"
    SYNTAX_ERROR = "syntax_error"
    API_MISUSE = "api_misuse"
    MISSING_DEPENDENCY = "missing_dependency"
    RUNTIME_ERROR = "runtime_error"
    TIMEOUT = "timeout"
    NO_OUTPUT = "no_output"
    NONDETERMINISTIC = "nondeterministic"
    OUTPUT_MISMATCH = "output_mismatch"
    MULTIPLE_OUTPUTS = "multiple_outputs"
    BAD_INPUT = "bad_input"
    NEAR_DUPLICATE = "near_duplicate"
    CONTAMINATED = "contaminated"


REASONS = {
    Reason.MISSING_TESTS: "there are no tests",
    Reason.MISSING_SOLUTION: "there is no solution to verify the tests with",
    Reason.MALFORMED_JSON: "the tests or solutions cannot be read, or do not fit each other",
    Reason.IMAGE_ONLY: "the statement has no text, or is an image",
    Reason.INTERACTIVE: "the program would have to talk with a judge that is not there",
    Reason.INCOMPLETE_CODE: "the solutions end in the middle",
    Reason.IRRELEVANT_CODE: "the solutions do not define the function that the tests call",
    Reason.SYNTAX_ERROR: "the solutions are no Python 3",
    Reason.API_MISUSE: "the solutions use modules or names that Python or a package has dropped since",
    Reason.MISSING_DEPENDENCY: "the solutions import what a plain Python with the scientific packages lacks",
    Reason.RUNTIME_ERROR: "the solutions raise, or the tests end before the solutions have read what they need",
    Reason.TIMEOUT: "the solutions do not end in time",
    Reason.NO_OUTPUT: "the solutions say nothing where an output is expected",
    Reason.NONDETERMINISTIC: "the solutions answer differently from run to run",
    Reason.OUTPUT_MISMATCH: "the solutions give other outputs than expected; waits for review where they agree",
    Reason.MULTIPLE_OUTPUTS: "several answers are right and one is expected; waits for review where solutions differ",
    Reason.BAD_INPUT: "a reviewer found a test's input to violate the statement, such as two samples run together",
    Reason.NEAR_DUPLICATE: "the statement repeats that of another problem",
    Reason.CONTAMINATED: "the canonical solution is the same program as one of HumanEval's",
}
"""The meaning of each reason, for the dataset card."""


class Note(StrEnum):
    """An observation or change that is no reason to drop: the other codes of findings.jsonl."""

    UNKNOWN_TIER = "unknown_tier"
    """The difficulty is not one of APPS's three."""
    RAW_DEFECT = "raw_defect"
    """A file of the raw problem could not be read as it should be."""
    DUPLICATE_TEST = "duplicate_test"
    """A test occurs twice; the second was removed."""
    CONTRADICTORY_TESTS = "contradictory_tests"
    """Two tests with the same input expect different outputs."""
    MENTIONS_IMAGE = "mentions_image"
    """The statement refers to an image that is not part of it."""
    JOINED_LINES = "joined_lines"
    """Tests given as lists of lines became texts."""
    LINE_ENDS = "line_ends"
    """Line ends other than \\n became \\n."""
    PARSED_ARGUMENTS = "parsed_arguments"
    """Arguments given as lines of JSON became a list."""
    OUTPUT_WRAPPING = "output_wrapping"
    """Outputs of a call-based problem were wrapped in a one-element list, by the results of the solutions."""
    INTEGER_KEYS = "integer_keys"
    """Dict arguments had integer keys before JSON made them strings, by the results of the solutions."""
    COMPARISON = "comparison"
    """A comparison mode other than exact was chosen, with the evidence."""
    REPAIRED = "repaired"
    """A solution needed a mechanical repair."""
    DISPUTED_TEST = "disputed_test"
    """Solutions disagree with the expected output or with each other; the votes."""
    UNFINISHED = "unfinished"
    """A solution passed every test it got to before its time for all tests was spent."""
    NUMBERS_AS_TEXT = "numbers_as_text"
    """Tests of a standard-input problem given as numbers became texts."""
    NO_CONDITIONALS = "no_conditionals"
    """The canonical solution runs, but ``ast`` cannot parse it: it is released without ``conditionals``."""
    CANONICAL = "canonical"
    """A solution was chosen as the canonical one."""
    GENERATED_TESTS = "generated_tests"
    """Tests were generated, and elected by the votes of accepted solutions."""
    NOT_STRENGTHENED = "not_strengthened"
    """No tests were generated, for this reason."""
    HELD_OUT_FAILURE = "held_out_failure"
    """An accepted solution that had no vote fails a generated test: it is wrong, or the test is."""
    SUSPECT_SOLUTION = "suspect_solution"
    """An accepted solution alone answers several generated inputs otherwise than all others: probably it is wrong."""
    OUTVOTED_CANONICAL = "outvoted_canonical"
    """Another solution became canonical: nearly all voters agreed on other answers than the first one's."""
    PARTED_SOLUTIONS = "parted_solutions"
    """Accepted solutions part ways on an input like the given ones."""
    DECISION = "decision"
    """A reviewer's decision was applied."""
    STALE_DECISION = "stale_decision"
    """A decision on an earlier version of the item, or one that cannot be carried out; it was not applied."""
    DISAGREEMENT = "disagreement"
    """Two reviewers decided differently."""


class Outcome(StrEnum):
    """The outcome of a raw problem: exactly one of these."""

    KEPT = "kept"
    CORRECTED = "corrected"
    DROPPED = "dropped"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about one problem, with evidence that can be checked."""

    stage: str
    code: str
    """A Reason or a Note."""
    detail: str
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_row(self, problem_id: str) -> dict[str, Any]:
        """Return the line of findings.jsonl."""
        return {"problem_id": problem_id, **asdict(self)}


@dataclass(frozen=True, slots=True)
class SolutionResult:
    """The result of one solution over all tests."""

    index: int
    """Position in the raw list of solutions, from 0."""
    code: str
    """``passed``, ``unfinished``, or the Reason for which it failed."""
    detail: str = ""
    repairs: tuple[str, ...] = ()
    failed_tests: tuple[int, ...] = ()
    line: int | None = None
    """Line that raised or does not parse, from 1."""
    same_as: int | None = None
    """Index of the earlier solution with the same text; copies have no vote."""


@dataclass(frozen=True, slots=True)
class Option:
    """One output that solutions agree on, other than the expected one."""

    output: str
    """The text, or the value as JSON text."""
    solutions: tuple[int, ...]
    """Their indices, copies aside."""


@dataclass(frozen=True, slots=True)
class Vote:
    """The votes of the solutions on one disputed test."""

    test: int
    expected: str
    for_expected: int
    options: tuple[Option, ...]
    """Other outputs, most votes first."""
    voters: int
    """Number of all solutions that answered the test."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A suggestion of the consensus, for the reviewer who decides."""

    kind: str
    """``expected_output``, ``comparison``, ``drop`` or ``look``."""
    text: str
    """One sentence, with the evidence."""
    outputs: dict[str, str] = field(default_factory=dict)
    """For ``expected_output``: the new output by test number, in the form of ``Option.output``."""
    comparison: str = ""
    votes: str = ""
    """Votes for it, of all: ``5/6``."""


def _row(record: DataclassInstance, **other: Any) -> dict[str, Any]:
    """Return the fields of a record, some with other values. ``asdict`` copies every value that is inside, slowly."""
    return {field.name: other.get(field.name, getattr(record, field.name)) for field in fields(record)}


@dataclass(frozen=True, slots=True)
class VerifiedProblem:
    """One raw problem with everything that the steps up to the consensus found; one entry of the journal."""

    problem_id: str
    raw_split: str
    difficulty: str
    url: str
    question: str
    starter_code: str
    entry_point: str | None = None
    tests: str = ""
    """JSON text of ``{"inputs", "outputs"}`` in normalised shape; empty if there are none."""
    dict_keys: str = "str"
    comparison: str = "exact"
    findings: tuple[Finding, ...] = ()
    solutions: tuple[SolutionResult, ...] = ()
    votes: tuple[Vote, ...] = ()
    suggestion: Suggestion | None = None
    canonical: int | None = None
    """Index of the canonical solution: the first that passes every test, as written before repaired."""
    canonical_source: str = ""
    conditionals: tuple[dict[str, Any], ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    """Sources of all solutions by index, repaired where needed, so that a reviewer can correct any problem."""
    blocked_by: str = ""
    """The Reason for which the problem could not be run."""
    tolerance: float = DEFAULT_TOLERANCE
    tolerance_kind: str = ""
    cases: str = ""
    """With ``comparison``, how outputs are compared: see ``apps_plus.problem.Problem``."""
    raw_digest: str = ""
    """First 8 digits of the statement's SHA-256, a dash, and 24 of ``RawProblem.digest()``. Not in the journal, whose
    keys hold the latter."""

    @property
    def rule(self) -> ComparisonRule:
        """The rule by which outputs are compared."""
        tolerance = Tolerance(self.tolerance, ToleranceKind(self.tolerance_kind))
        return ComparisonRule(Comparison(self.comparison), tolerance, self.cases)

    def digest(self) -> str:
        """Return the digest that a decision names: it changes with everything that the reviewer saw."""
        stated = {"tolerance": [self.tolerance, self.tolerance_kind]} if self.tolerance_kind else {}
        return sha256_of(
            {
                "question": self.question,
                "entry_point": self.entry_point,
                "tests": self.tests,
                "dict_keys": self.dict_keys,
                "canonical": self.canonical,
                "comparison": self.comparison,
                "votes": [asdict(vote) for vote in self.votes],
                "solutions": [(s.index, s.code) for s in self.solutions],
                "suggestion": asdict(self.suggestion) if self.suggestion else None,
                **stated,
            }
        )[:16]

    def to_json(self) -> dict[str, Any]:
        """Return the value in the journal; it shares the evidence of the findings."""
        return _row(
            self,
            findings=[_row(finding) for finding in self.findings],
            solutions=[_row(result) for result in self.solutions],
            votes=[_row(vote, options=[_row(option) for option in vote.options]) for vote in self.votes],
            suggestion=None if self.suggestion is None else asdict(self.suggestion),
        )

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> VerifiedProblem:
        """Read a value from the journal."""
        suggestion = row["suggestion"]
        return cls(
            **{
                **row,
                "findings": tuple(Finding(**f) for f in row["findings"]),
                "solutions": tuple(
                    SolutionResult(**{**s, "repairs": tuple(s["repairs"]), "failed_tests": tuple(s["failed_tests"])})
                    for s in row["solutions"]
                ),
                "votes": tuple(
                    Vote(**{**v, "options": tuple(Option(o["output"], tuple(o["solutions"])) for o in v["options"])})
                    for v in row["votes"]
                ),
                "suggestion": Suggestion(**suggestion) if suggestion else None,
                "conditionals": tuple(row["conditionals"]),
            }
        )
