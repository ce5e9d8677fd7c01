"""Warn about samples that may not be what the user asked for: a pure function of their counts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from apps_plus.wording import plural
from harness.generation.backend import Sampling
from harness.generation.samples_file import SERVER
from harness.generation.server_check import IGNORED, from_rows, harmful_settings, warnings_of

if TYPE_CHECKING:
    from harness.generation.samples_file import SamplesFile


def warnings_about(samples: SamplesFile, sampling: Sampling, n: int, without_tests: int) -> list[str]:
    """Return one sentence for each unexpected property of the samples.

    Args:
        samples: All samples of the file.
        sampling: The requested sampling settings.
        n: Samples per problem.
        without_tests: Number of problems of the benchmark without tests.
    """
    return [
        *_run_warnings(samples, without_tests),
        *_answer_warnings(samples),
        *_sampling_warnings(samples, sampling, n),
    ]


def _run_warnings(samples: SamplesFile, without_tests: int) -> Iterator[str]:
    if samples.thrown_away:
        yield f"--fresh removed {plural(samples.thrown_away, 'sample')}"
    if without_tests:
        yield f"{without_tests} problems have no tests and were skipped"


def _answer_warnings(samples: SamplesFile) -> Iterator[str]:
    total, inside = len(samples.present), samples.inside_reasoning
    if samples.empty:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(samples.finish_reasons.items()))
        yield f"{samples.empty} samples are empty (finish reasons of all: {reasons})"
    if inside:
        yield f"{inside} of {total} samples end inside their reasoning: raise --max-reasoning-tokens"
    if (cut := samples.finish_reasons.get("length", 0) - inside) * 10 > total:
        yield f"{cut} of {total} samples were cut at --max-tokens"


def _sampling_warnings(samples: SamplesFile, sampling: Sampling, n: int) -> Iterator[str]:
    findings = from_rows(samples.settings.get(SERVER))
    yield from warnings_of(findings, sampling, n, plain=not samples.settings["prompt"]["chat"])
    left_out = samples.settings.get("left_out", [])
    if refused := [name for name in left_out if name not in harmful_settings(findings)]:
        yield f"not sent, because the server refuses it: {', '.join(refused)}"
    if "temperature" in left_out:
        requested = "greedy decoding" if sampling.temperature == 0 else f"temperature {sampling.temperature:g}"
        metric = f"pass@k of {n} samples" if n > 1 else "the score"
        yield f"{requested} was requested, but the server used its own temperature: {metric} is for that temperature"
    if "max_tokens" in left_out:
        yield "no limit of tokens was sent: the server's own limit applied"
    if sampling.thinking is False and samples.reasoned:
        yield f"--no-thinking was given, but {samples.reasoned} samples contain reasoning"
    told = any(finding.setting == "temperature" and finding.outcome == IGNORED for finding in findings)
    if sampling.temperature > 0 and samples.identical.found and not told:
        yield (
            f"all samples of each problem are identical at temperature {sampling.temperature:g}: "
            "the model or its server may ignore the temperature"
        )
