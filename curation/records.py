"""The records that flow through the pipeline: findings, votes, what was verified of a problem, what was decided.

RawProblem -> VerifiedProblem (one journal entry) -> Decided -> Problem, ReviewItem or nothing, and a ledger line.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from apps_plus.problem import DEFAULT_TOLERANCE, Comparison, ComparisonRule, Tolerance, ToleranceKind, sha256_of


class Reason(StrEnum):
    """Why a problem was dropped, corrected or sent to review."""

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
    Reason.NEAR_DUPLICATE: "the statement repeats that of another problem",
    Reason.CONTAMINATED: "the canonical solution is the same program as one of HumanEval's",
}
"""What each reason says of a problem, for the card."""


class Note(StrEnum):
    """What was observed or done without being a reason to drop: the other codes of findings.jsonl."""

    UNKNOWN_TIER = "unknown_tier"
    """The difficulty is none of APPS's three."""
    RAW_DEFECT = "raw_defect"
    """A file of the raw problem could not be read as it should be."""
    DUPLICATE_TEST = "duplicate_test"
    """A test stands there twice; the second was left out."""
    CONTRADICTORY_TESTS = "contradictory_tests"
    """Two tests with the same input expect different outputs."""
    MENTIONS_IMAGE = "mentions_image"
    """The statement leans on an image that is not part of it."""
    JOINED_LINES = "joined_lines"
    """Tests given as lists of lines became texts."""
    LINE_ENDS = "line_ends"
    """Line ends other than \\n became \\n."""
    PARSED_ARGUMENTS = "parsed_arguments"
    """Arguments given as lines of JSON became a list."""
    OUTPUT_WRAPPING = "output_wrapping"
    """Which outputs of a call-based problem are wrapped in a list of one, as the solutions show."""
    INTEGER_KEYS = "integer_keys"
    """Dict arguments had integer keys before JSON made them strings, as the solutions show."""
    COMPARISON = "comparison"
    """A comparison mode other than exact was chosen, and on what evidence."""
    REPAIRED = "repaired"
    """A solution needed a mechanical repair."""
    DISPUTED_TEST = "disputed_test"
    """Solutions disagree with the expected output, or among themselves: the votes."""
    UNFINISHED = "unfinished"
    """A solution passed every test it got to before its time for all tests was spent."""
    NUMBERS_AS_TEXT = "numbers_as_text"
    """Tests of a standard-input problem given as numbers became texts."""
    NO_CONDITIONALS = "no_conditionals"
    """The canonical solution runs, but its syntax tree cannot be read: it is released without ``conditionals``."""
    CANONICAL = "canonical"
    """Which solution was chosen as the canonical one."""
    DECISION = "decision"
    """A reviewer's decision was applied."""
    STALE_DECISION = "stale_decision"
    """A decision judged an item that has changed since; it was not applied."""
    DISAGREEMENT = "disagreement"
    """Two reviewers decided differently."""


class Outcome(StrEnum):
    """Where every raw problem ends: exactly one of these."""

    KEPT = "kept"
    CORRECTED = "corrected"
    DROPPED = "dropped"
    NEEDS_REVIEW = "needs_review"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fact about one problem, with evidence that a person can check."""

    stage: str
    code: str
    """A Reason or a Note."""
    detail: str
    evidence: dict[str, Any] = field(default_factory=dict)

    def to_row(self, problem_id: str) -> dict[str, Any]:
        """The line of findings.jsonl."""
        return {"problem_id": problem_id, **asdict(self)}


@dataclass(frozen=True, slots=True)
class SolutionResult:
    """What became of one solution over all tests."""

    index: int
    """Its place in raw APPS, from 0."""
    code: str
    """``passed``, or the Reason that it failed for."""
    detail: str = ""
    repairs: tuple[str, ...] = ()
    failed_tests: tuple[int, ...] = ()
    line: int | None = None
    """Where it raised, or does not parse."""
    same_as: int | None = None
    """The earlier solution that has the same text; copies have no vote."""


@dataclass(frozen=True, slots=True)
class Option:
    """One output that solutions agree on."""

    output: str
    """The text, or the value as JSON text."""
    solutions: tuple[int, ...]
    """Who gave it, copies aside."""


@dataclass(frozen=True, slots=True)
class Vote:
    """How the solutions stand on one disputed test."""

    test: int
    expected: str
    for_expected: int
    options: tuple[Option, ...]
    """Other outputs, most votes first."""
    voters: int
    """All solutions that answered the test."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the consensus would do; a person decides."""

    kind: str
    """``expected_output``, ``comparison``, ``drop`` or ``look``."""
    text: str
    """One sentence with the evidence."""
    outputs: dict[str, str] = field(default_factory=dict)
    """For ``expected_output``: the new one by test number, as in Option."""
    comparison: str = ""
    votes: str = ""
    """Such as ``5/6``."""


@dataclass(frozen=True, slots=True)
class VerifiedProblem:
    """All that later stages need to know of one raw problem; one entry of the journal."""

    problem_id: str
    raw_split: str
    difficulty: str
    url: str
    question: str
    starter_code: str
    entry_point: str | None = None
    tests: str = ""
    """JSON text of ``{"inputs", "outputs"}`` in their one shape; empty where there are none."""
    dict_keys: str = "str"
    comparison: str = "exact"
    findings: tuple[Finding, ...] = ()
    solutions: tuple[SolutionResult, ...] = ()
    votes: tuple[Vote, ...] = ()
    suggestion: Suggestion | None = None
    canonical: int | None = None
    """Index of the canonical solution: the first, as written before repaired, that passes everything."""
    canonical_source: str = ""
    conditionals: tuple[dict[str, Any], ...] = ()
    sources: dict[str, str] = field(default_factory=dict)
    """Sources (repaired where needed) of all solutions: a person can look at any problem and correct it."""
    blocked_by: str = ""
    """The Reason that ended the pipeline for it before anything ran."""
    tolerance: float = DEFAULT_TOLERANCE
    tolerance_kind: str = ""
    cases: str = ""
    """With ``comparison``, how outputs are compared: see ``apps_plus.problem.Problem``."""

    @property
    def rule(self) -> ComparisonRule:
        """How outputs are compared."""
        tolerance = Tolerance(self.tolerance, ToleranceKind(self.tolerance_kind))
        return ComparisonRule(Comparison(self.comparison), tolerance, self.cases)

    def digest(self) -> str:
        """What a decision names: it changes whenever what the reviewer saw changes."""
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
        """The journal's value."""
        return asdict(self)

    @classmethod
    def from_json(cls, row: dict[str, Any]) -> VerifiedProblem:
        """Read a journal's value back."""
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
