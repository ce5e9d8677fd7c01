"""Schema of a result record: the scores of one model on one benchmark, with everything needed to check them.

A record is one JSON object; ``docs/records.md`` explains its fields, and ``leaderboards/record.schema.json`` is
generated from these classes. Unknown fields are errors: their meaning in a newer version is not guessed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = 1
OVERALL = "overall"
VERSION_DIGITS = 12
"""Digits of a hash that serves as version, for problems without one."""
MOST, MOST_SAMPLES = 1_000_000, 1_000_000_000
"""Limits: of problems, of samples of one problem and of any k; of samples of all problems. Far above any measurement,
and small enough to compute with."""
MOST_TOKENS = 10**15
"""Limit of the tokens of all samples."""
LEAST_AGREED = 0.95
"""The least share of the rerun samples that agree, for a record to be ``reproduced``."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=0, le=MOST_SAMPLES)]
Tokens = Annotated[int, Field(ge=0, le=MOST_TOKENS)]
Size = Annotated[int, Field(gt=0, le=MOST)]
"""The number of problems of a tier, or of samples of one problem."""
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
"""One line of text."""
Id = Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.+_-]{0,118}[a-z0-9+])?$")]
"""Safe as a file name and in a URL."""


class Part(BaseModel):
    """Base of all parts of a record: strict, frozen, no unknown fields."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class Status(StrEnum):
    """The evidence for a record."""

    REPORTED = "reported"
    """A number from a publication; ``source`` cites it."""
    SELF_REPORTED = "self_reported"
    """Measured by its author."""
    REPRODUCED = "reproduced"
    """Rerun by somebody else; ``reproduction`` has how many samples ran and how many agreed."""


class DatasetFacts(Part):
    """The problems."""

    name: Name
    """``apps+``, ``humaneval``, ``mbpp+``, ..."""
    version: Name | None = None
    """The version of the problems of that name: ``paper``, ``1.0``, ``v0.1.0``."""
    split: Name | None = None
    sha256: Sha256 | None = None
    """Hash of the problems and their tests, as ``evaluate`` computes it: equal for the same problems."""
    tiers: dict[str, Size]
    """Problems in each tier; ``{"": n}`` where there are no tiers."""
    days: dict[str, datetime.date] = {}
    """For each problem, the day of its contest, where the problems have one (LiveCodeBench): for boards of a window."""
    test_strength: Share | None = None
    """Mean share of wrong programs (mutants of the canonical solution) that the tests of a problem reject; None: not
    measured."""

    @property
    def n_problems(self) -> int:
        """The number of problems in all tiers."""
        return sum(self.tiers.values())

    @property
    def named_by_hash(self) -> bool:
        """True if the version is the start of the hash."""
        return self.sha256 is not None and self.version == self.sha256[:VERSION_DIGITS]


class ModelFacts(Part):
    """The model. Unknown facts are None, not guessed."""

    id: Name
    """Its id on its hub, or the name that its makers use."""
    name: Name | None = None
    """Name to show; None: the id."""
    revision: Name | None = None
    parameters: Annotated[float, Field(gt=0)] | None = None
    licence: Name | None = None
    released: datetime.date | None = None
    cutoff: datetime.date | None = None
    """The last day that its training data may come from."""
    trained_on_apps: bool | None = None
    """True if APPS or APPS+ (also its training split) is part of its training data."""
    group: Name | None = None
    """The group it is listed under: ``base``, ``instruct``, ``rl``."""
    base: Name | None = None
    """The model that it was trained from."""

    @property
    def title(self) -> str:
        """The name to show."""
        return self.name or self.id


class GenerationFacts(Part):
    """How the samples were generated."""

    prompt: Name | None = None
    """The template's name."""
    prompt_sha256: Sha256 | None = None
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Share | None = None
    max_tokens: Annotated[int, Field(gt=0, le=MOST_SAMPLES)] | None = None
    samples: Size | None = None
    """Samples of each problem."""
    seed: Annotated[int, Field(ge=-(1 << 63), lt=1 << 64)] | None = None
    engine: Name | None = None
    dtype: Name | None = None
    max_reasoning_tokens: Annotated[int, Field(gt=0, le=MOST_SAMPLES)] | None = None
    """Reasoning tokens allowed in addition to ``max_tokens``; None: they count towards ``max_tokens``."""
    reasoning_effort: Name | None = None
    """``none``, ``minimal``, ``low``, ``medium``, ``high``, or another value of the model's API."""
    thinking: bool | None = None
    """True if the chat template enabled thinking; None: not set."""
    left_out: list[Name] | None = None
    """Settings that were not sent because the server refuses them; the values above did not apply."""


class Money(Part):
    """A price that was paid."""

    amount: Annotated[float, Field(ge=0)]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    """Its code in ISO 4217: ``USD``, ``EUR``."""


class CostFacts(Part):
    """What the generation of the samples cost. Sums over ``samples``; None: unknown."""

    samples: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]
    """Samples that the sums are over: those of the scored problems whose tokens are known."""
    prompt_tokens: Tokens | None = None
    """A prompt that a server read once for several samples counts once."""
    completion_tokens: Tokens | None = None
    """With the tokens of reasoning."""
    reasoning_tokens: Tokens | None = None
    """Those of ``completion_tokens`` that were reasoning."""
    seconds: Annotated[float, Field(ge=0)] | None = None
    """Wall-clock time of the generation. It depends on the machine or server, and on how many requests ran at once."""
    money: Money | None = None

    @property
    def tokens_per_sample(self) -> float | None:
        """Completion tokens of a sample, in the mean."""
        return None if self.completion_tokens is None else self.completion_tokens / self.samples

    @model_validator(mode="after")
    def _coherent(self) -> CostFacts:
        if (self.reasoning_tokens or 0) > (self.completion_tokens or 0):
            raise ValueError(
                f"{self.reasoning_tokens:,} reasoning_tokens cannot be part of {self.completion_tokens or 0:,} "
                "completion_tokens"
            )
        return self


class HarnessFacts(Part):
    """The software and settings that judged the samples."""

    name: Name = "apps-plus"
    version: Name | None = None
    commit: Name | None = None
    python: Name | None = None
    rule: Name | None = None
    """The rule that made programs of the samples."""
    reasoning_end: Name | None = None
    """The text that ended a model's reasoning, if ``--reasoning-end`` gave one (``none``: no reasoning)."""
    field: Name | None = None
    """The field of the samples' rows that holds the text, if ``--field`` named one."""
    given_imports: bool | None = None
    """True if a program that lacked an import which judges usually provide was given it; None: unknown."""
    limits: dict[str, float] = {}
    isolation: list[str] = []
    """The sandbox layers in force."""


class TierScore(Part):
    """pass@k of one tier, or of all."""

    tier: str = OVERALL
    k: Size = 1
    value: Share
    ci95: tuple[Share, Share] | None = None
    """The 95% interval; None: unknown."""
    method: Name | None = None
    """The method that computed the interval."""

    @model_validator(mode="after")
    def _inside(self) -> TierScore:
        if self.ci95 and not self.ci95[0] - 1e-9 <= self.value <= self.ci95[1] + 1e-9:
            raise ValueError(f"the value {self.value} is not within its interval {list(self.ci95)}")
        return self


class SamplesFacts(Part):
    """The file of samples that was scored."""

    file: Name
    sha256: Sha256
    count: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]


class Source(Part):
    """Source of a reported number."""

    title: Name
    url: Name | None = None
    where: Name
    """The table, page or line."""


class Reproduction(Part):
    """Result of rerunning samples."""

    samples: Annotated[int, Field(gt=0, le=MOST_SAMPLES)]
    """Samples that were rerun."""
    agreed: Count
    """Those that got their published verdict."""
    date: datetime.date | None = None
    note: Annotated[str, Field(max_length=1_000)] | None = None

    @model_validator(mode="after")
    def _no_more_than_ran(self) -> Reproduction:
        if self.agreed > self.samples:
            raise ValueError(f"{self.agreed} of {self.samples} samples cannot agree")
        return self


class Failure(Part):
    """One kind of failure with an example, as ``apps-plus errors`` shows it."""

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
    """Day of the measurement or publication."""
    dataset: DatasetFacts
    model: ModelFacts
    generation: GenerationFacts = GenerationFacts()
    harness: HarnessFacts | None = None
    """None: unknown."""
    scores: Annotated[list[TierScore], Field(min_length=1)]
    categories: dict[str, dict[str, Count]] = {}
    """Samples in each error category, by tier (the paper's figure 4)."""
    problems: dict[str, dict[str, tuple[Size, Count]]] = {}
    """For each tier and problem: samples judged, samples passed. Paired comparison needs it."""
    failures: list[Failure] = []
    samples: SamplesFacts | None = None
    cost: CostFacts | None = None
    """None: unknown."""
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
        """Return the score of a tier, or None."""
        return next((score for score in self.scores if score.tier == tier and score.k == k), None)

    def n_problems(self, tier: str = OVERALL) -> int:
        """Return the number of problems that the score of a tier is over: those with samples, where known."""
        if self.problems:
            return sum(len(its) for name, its in self.problems.items() if tier in (OVERALL, name))
        return self.dataset.n_problems if tier == OVERALL else self.dataset.tiers.get(tier, 0)

    def outcomes(self, tier: str = OVERALL) -> dict[str, tuple[int, int]]:
        """Return ``(judged, passed)`` samples of each problem of a tier; empty if only scores are known."""
        return {
            task_id: counts
            for name, its in self.problems.items()
            if tier in (OVERALL, name)
            for task_id, counts in its.items()
        }


def _faults(record: Record) -> Iterator[str]:
    """Yield a message for each contradiction in a record."""
    tiers = record.dataset.tiers
    seen = set()
    for score in record.scores:
        if score.tier != OVERALL and score.tier not in tiers:
            yield f"scores: no tier {score.tier!r} in dataset.tiers ({', '.join(tiers)})"
        if (score.tier, score.k) in seen:
            yield f"scores: {score.tier} pass@{score.k} occurs twice"
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
            yield f"problems: {min(twice)} is in two tiers"
        seen_ids |= its.keys()
        if len(its) > tiers.get(tier, 0):
            yield f"problems: {len(its)} of tier {tier!r}, which has {tiers[tier]}"
        for task_id, (judged, passed) in its.items():
            if passed > judged:
                yield f"problems: {task_id}: {passed} of {judged} samples cannot have passed"
    if record.cost and record.samples and record.cost.samples > record.samples.count:
        yield f"cost.samples is {record.cost.samples:,}, but samples.count is {record.samples.count:,}"
    if record.status is Status.REPORTED and record.source is None:
        yield "source is missing: a reported number cites its source"
    yield from _reproduction_faults(record)


def _reproduction_faults(record: Record) -> Iterator[str]:
    """Yield a message for each contradiction between a record and its reproduction."""
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
            f"reproduction: {again.agreed:,} of {again.samples:,} samples agreed: a reproduced record needs at least "
            f"{LEAST_AGREED:.0%}"
        )
