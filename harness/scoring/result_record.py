"""What one model scored on one benchmark, as a file that others can check: the record that leaderboards are made of.

A record is one JSON object; ``docs/records.md`` explains its fields, and ``leaderboards/record.schema.json`` is made
from the classes here. Unknown fields are refused, not passed over: what a newer version means by them is not guessed.
"""

from __future__ import annotations

import datetime
import difflib
import json
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from apps_plus.errors import InputError
from apps_plus.storage import json_fault, write_atomically

SCHEMA_VERSION = 1
OVERALL = "overall"
VERSION_DIGITS = 12
"""Of a hash, where it is the version of problems that have no other."""
MOST, MOST_SAMPLES = 1_000_000, 1_000_000_000
"""Problems, samples of one problem, and any k; samples of all problems. Far above what anybody has measured, far below
what arithmetic with them would choke on."""
LEAST_AGREED = 0.95
"""Of the samples that ran again, where a record is ``reproduced``."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
Size = Annotated[int, Field(gt=0, le=MOST)]
"""Of a tier, or of the samples of one problem."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""A line of text."""
Id = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.+_-]{0,118}[a-z0-9+])?$")]
"""Safe as a file's name and in an address."""


class Part(BaseModel):
    """What all parts of a record have in common."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Status(StrEnum):
    """How far a record can be trusted."""

    REPORTED = "reported"
    """A figure from a paper; ``source`` says where."""
    SELF_REPORTED = "self_reported"
    """Measured by whoever hands it in."""
    REPRODUCED = "reproduced"
    """Run again by somebody else; ``reproduction`` says how much of it, and how much agreed."""


class DatasetFacts(Part):
    """The problems."""

    name: Name
    """``apps+``, ``humaneval``, ``mbpp+``, ..."""
    version: Name | None = None
    """What parts one set of problems of that name from another: ``paper``, ``1.0``, ``v0.1.0``."""
    split: Name | None = None
    sha256: Sha256 | None = None
    """Of the problems and their tests, as ``evaluate`` computes it: equal where the problems are the same."""
    tiers: dict[str, Size]
    """Problems in each tier; ``{"": n}`` where there are no tiers."""

    @property
    def n_problems(self) -> int:
        """Problems in all tiers."""
        return sum(self.tiers.values())

    @property
    def named_by_hash(self) -> bool:
        """Whether the version only says what the hash says."""
        return self.sha256 is not None and self.version == self.sha256[:VERSION_DIGITS]


class ModelFacts(Part):
    """The model. What is not known is None, not guessed."""

    id: Name
    """As on its hub, or a name that its makers would recognise."""
    name: Name | None = None
    """For people; None: the id."""
    revision: Name | None = None
    parameters: Annotated[float, Field(gt=0)] | None = None
    licence: Name | None = None
    released: datetime.date | None = None
    cutoff: datetime.date | None = None
    """The last day that its training data may come from."""
    trained_on_apps: bool | None = None
    """Whether APPS or APPS+ is part of its training data, the training split included."""
    group: Name | None = None
    """What it is listed under: ``base``, ``instruct``, ``rl``."""
    base: Name | None = None
    """The model that it was trained from."""

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.id


class GenerationFacts(Part):
    """How the samples were made."""

    prompt: Name | None = None
    """The template's name."""
    prompt_sha256: Sha256 | None = None
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Share | None = None
    max_tokens: Annotated[int, Field(gt=0, le=MOST_SAMPLES)] | None = None
    samples: Size | None = None
    """For each problem."""
    seed: Annotated[int, Field(ge=-(1 << 63), lt=1 << 64)] | None = None
    engine: Name | None = None
    dtype: Name | None = None
    max_reasoning_tokens: Annotated[int, Field(gt=0, le=MOST_SAMPLES)] | None = None
    """Tokens of reasoning that were allowed besides ``max_tokens``; None: they shared these."""
    reasoning_effort: Name | None = None
    """``none``, ``minimal``, ``low``, ``medium``, ``high``, or what else the model knows."""
    thinking: bool | None = None
    """Whether the chat template was told to let the model think; None: it was told nothing."""
    left_out: list[Name] | None = None
    """Settings that were not sent, because the server refuses them: the values above were then not in force."""


class HarnessFacts(Part):
    """What judged the samples."""

    name: Name = "apps-plus"
    version: Name | None = None
    commit: Name | None = None
    python: Name | None = None
    rule: Name | None = None
    """How a sample became a program."""
    reasoning_end: Name | None = None
    """The text that ended a model's reasoning (``none``: nothing was reasoning), where evaluate was told."""
    field: Name | None = None
    """In which field of the samples' rows the text stands, where evaluate was told."""
    given_imports: bool | None = None
    """Whether a program that lacked an import which judges usually provide was given it; None: not said."""
    limits: dict[str, float] = {}
    isolation: list[str] = []
    """Layers of the sandbox that were in force."""


class TierScore(Part):
    """One number: pass@k of one tier, or of all."""

    tier: str = OVERALL
    k: Size = 1
    value: Share
    ci95: tuple[Share, Share] | None = None
    """None where only the number is known."""
    method: Name | None = None
    """How the interval was computed."""

    @model_validator(mode="after")
    def _inside(self) -> TierScore:
        if self.ci95 and not self.ci95[0] - 1e-9 <= self.value <= self.ci95[1] + 1e-9:
            raise ValueError(f"the value {self.value} is not within its interval {list(self.ci95)}")
        return self


class SamplesFacts(Part):
    """The file of samples that the scores are of."""

    file: Name
    sha256: Sha256
    count: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]


class Source(Part):
    """Where a reported figure stands."""

    title: Name
    url: Name | None = None
    where: Name
    """A table, a page, a line."""


class Reproduction(Part):
    """What came of running samples again."""

    samples: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]
    """How many ran again."""
    agreed: Count
    """How many of them got the verdict that was published for them."""
    date: datetime.date | None = None
    note: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _no_more_than_ran(self) -> Reproduction:
        if self.agreed > self.samples:
            raise ValueError(f"{self.agreed} of {self.samples} samples cannot agree")
        return self


class Failure(Part):
    """One way in which samples failed, with an example: what ``apps-plus errors`` shows."""

    error: Name
    category: Name
    count: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]
    task_id: Name
    detail: str = ""


class Record(Part):
    """One model on one benchmark."""

    schema_version: Annotated[int, Field(ge=1, le=SCHEMA_VERSION)] = SCHEMA_VERSION
    id: Id
    status: Status
    date: datetime.date | None = None
    """When it was measured, or published."""
    dataset: DatasetFacts
    model: ModelFacts
    generation: GenerationFacts = GenerationFacts()
    harness: HarnessFacts | None = None
    """None: not said."""
    scores: Annotated[list[TierScore], Field(min_length=1)]
    categories: dict[str, dict[str, Count]] = {}
    """Samples in each error category, by tier (the paper's figure 4)."""
    problems: dict[str, dict[str, tuple[Size, Count]]] = {}
    """For each tier and problem: how many samples were judged, how many passed. What paired comparison needs."""
    failures: list[Failure] = []
    samples: SamplesFacts | None = None
    command: Annotated[str, Field(max_length=2_000)] | None = None
    source: Source | None = None
    reproduction: Reproduction | None = None
    notes: list[str] = []

    @model_validator(mode="after")
    def _coherent(self) -> Record:
        faults = list(_faults(self))
        if faults:
            raise ValueError(faults[0])
        return self

    def score(self, tier: str = OVERALL, k: int = 1) -> TierScore | None:
        """The score of a tier, or None."""
        return next((score for score in self.scores if score.tier == tier and score.k == k), None)

    def n_problems(self, tier: str = OVERALL) -> int:
        """Problems that the score of a tier is over: those with samples, where that is known."""
        if self.problems:
            return sum(len(its) for name, its in self.problems.items() if tier in (OVERALL, name))
        return self.dataset.n_problems if tier == OVERALL else self.dataset.tiers.get(tier, 0)

    def outcomes(self, tier: str = OVERALL) -> dict[str, tuple[int, int]]:
        """``(judged, passed)`` samples of each problem of a tier; empty where only the scores are known."""
        return {
            task_id: counts
            for name, its in self.problems.items()
            if tier in (OVERALL, name)
            for task_id, counts in its.items()
        }


def _faults(record: Record) -> Iterator[str]:
    """What contradicts itself."""
    tiers = record.dataset.tiers
    seen = set()
    for score in record.scores:
        if score.tier != OVERALL and score.tier not in tiers:
            yield f"scores: no tier {score.tier!r} in dataset.tiers ({', '.join(tiers)})"
        if (score.tier, score.k) in seen:
            yield f"scores: {score.tier} pass@{score.k} stands there twice"
        seen.add((score.tier, score.k))
    if not tiers:
        yield "dataset.tiers is empty"
    for name, where in (("problems", record.problems), ("categories", record.categories)):
        for tier in where:
            if tier not in tiers and not (name == "categories" and tier == OVERALL):
                yield f"{name}: no tier {tier!r} in dataset.tiers"
    seen_ids: set[str] = set()
    for tier, its in record.problems.items():
        if twice := seen_ids & its.keys():
            yield f"problems: {min(twice)} stands in two tiers"
        seen_ids |= its.keys()
        if len(its) > tiers.get(tier, 0):
            yield f"problems: {len(its)} of tier {tier!r}, which has {tiers[tier]}"
        for task_id, (judged, passed) in its.items():
            if passed > judged:
                yield f"problems: {task_id}: {passed} of {judged} samples cannot have passed"
    if record.status is Status.REPORTED and record.source is None:
        yield "source is missing: a reported figure says where it stands"
    yield from _reproduction_faults(record)


def _reproduction_faults(record: Record) -> Iterator[str]:
    """What a record cannot say of samples that ran again."""
    again, samples = record.reproduction, record.samples
    if again and samples and again.samples > samples.count:
        yield f"reproduction.samples is {again.samples:,}, but samples.count is {samples.count:,}"
    if record.status is not Status.REPRODUCED:
        return
    if again is None:
        yield "reproduction is missing: a reproduced record says how many samples ran again"
    elif samples is None:
        yield "samples is missing: a reproduced record names the file whose samples ran again"
    elif again.agreed < LEAST_AGREED * again.samples:
        yield (
            f"reproduction: {again.agreed:,} of {again.samples:,} samples agreed: where fewer than {LEAST_AGREED:.0%} "
            "do, nothing is reproduced"
        )


# ---- files


def parse_record(text: str, where: str) -> Record:
    """A record from its JSON text.

    Raises InputError naming the field that is wrong; of several, the first.
    """
    try:
        data = json.loads(text, parse_constant=_refuse, object_pairs_hook=_no_repeats)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {json_fault(error)}") from error
    if not isinstance(data, dict):
        raise InputError(f"{where}: not a record: a record is one JSON object")
    version = data.get("schema_version", SCHEMA_VERSION)
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise InputError(f"{where}: of schema version {version}; this apps-plus knows {SCHEMA_VERSION}: update it")
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        raise InputError(f"{where}: {told(error)}") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the field {next(name for name in names if names.count(name) > 1)!r} stands there twice")
    return data


def told(error: ValidationError) -> str:
    """The first fault of a record, in words: ``scores.0.value: Input should be less than or equal to 1``."""
    faults = error.errors(include_url=False, include_context=False)
    # A field that nobody knows is often the one that is missing, misspelt.
    fault = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    place = ".".join(str(step) for step in fault["loc"])
    more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
    if fault["type"] == "extra_forbidden":
        return f"{place}: no such field{_near(fault['loc'])}{more}"
    if fault["type"] == "missing":
        return f"{place} is missing{more}"
    message = fault["msg"].removeprefix("Value error, ")
    got = fault.get("input")
    seen = f", not {json.dumps(got, default=str)[:60]}" if isinstance(got, (str, int, float, bool)) else ""
    return f"{place}: {message}{seen}{more}" if place else message + more


def _near(loc: tuple[int | str, ...]) -> str:
    names = [name for part in Part.__subclasses__() for name in part.model_fields]
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f": did you mean {close[0]}?" if close else ""


def read_record(path: Path) -> Record:
    """Read a record's file. Raises InputError naming the file, and the field where one is wrong."""
    return parse_record(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A file's text with its line ends as they are. Raises InputError where it cannot be read."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8: save it in that encoding") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def dump_record(record: Record) -> str:
    """The record as the text of its file: what is not said is left out."""
    data = {
        key: value for key, value in record.model_dump(mode="json", exclude_none=True).items() if value not in ({}, [])
    }
    problems = data.pop("problems", None)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    if problems is None:
        return text + "\n"
    # A line for each tier, not four for each problem.
    lines = ",\n".join(
        f"    {json.dumps(tier)}: {json.dumps(its, ensure_ascii=False)}" for tier, its in problems.items()
    )
    return f'{text[:-2]},\n  "problems": {{\n{lines}\n  }}\n}}\n'


def check_replaceable(path: Path, option: str) -> None:
    """Raise InputError where a record written to ``path`` would replace something that is none.

    ``option`` is what named the path, for the message. An empty file may be replaced.
    """
    if not path.is_file() or not path.stat().st_size:
        return
    try:
        read_record(path)
    except InputError as error:
        raise InputError(f"{option} {path} exists and is no record: choose another, or move it away") from error


def write_record(record: Record, path: Path) -> None:
    """Write a record's file, whole or not at all. Raises OutputError where it cannot be written."""
    with write_atomically(path) as file:
        file.write(dump_record(record))
