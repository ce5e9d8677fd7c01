"""What a person should know about samples before scoring them: pure, over what was counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from harness.generation.backend import Sampling

if TYPE_CHECKING:
    from harness.generation.samples_file import SamplesFile


def remarks_on(samples: SamplesFile, sampling: Sampling, n: int, without_tests: int) -> list[str]:
    """A sentence for each thing that is not as one would expect.

    Args:
        samples: All that are in the file.
        sampling: How they were asked for.
        n: How many of each problem.
        without_tests: Problems of the benchmark that have no tests.
    """
    return [*_on_the_run(samples, without_tests), *_on_answers(samples), *_on_sampling(samples, sampling, n)]


def _on_the_run(samples: SamplesFile, without_tests: int) -> Iterator[str]:
    if samples.thrown_away:
        yield f"--fresh threw away {samples.thrown_away} samples that were there"
    if without_tests:
        yield f"{without_tests} problems have no tests, and were not asked for"


def _on_answers(samples: SamplesFile) -> Iterator[str]:
    total, inside = len(samples.present), samples.inside_reasoning
    if samples.empty:
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(samples.finish_reasons.items()))
        yield f"{samples.empty} samples are empty (finish reasons of all: {reasons})"
    if inside:
        yield f"{inside} of {total} samples end inside their reasoning: raise --max-reasoning-tokens"
    if (cut := samples.finish_reasons.get("length", 0) - inside) * 10 > total:
        yield f"{cut} of {total} samples were cut at --max-tokens"


def _on_sampling(samples: SamplesFile, sampling: Sampling, n: int) -> Iterator[str]:
    left_out = samples.settings.get("left_out", [])
    if left_out:
        yield f"not sent, because the server does not take it: {', '.join(left_out)}"
    if "temperature" in left_out:
        asked = "greedy decoding" if sampling.temperature == 0 else f"temperature {sampling.temperature:g}"
        meaning = f"pass@k is of {n} samples at that one" if n > 1 else "the score is of samples at that one"
        yield f"{asked} was asked for, the server used a temperature of its own: {meaning}"
    if "max_tokens" in left_out:
        yield "no limit of tokens was sent: the server's own held"
    if sampling.thinking is False and samples.reasoned:
        yield f"--no-thinking was asked for, yet {samples.reasoned} samples come with reasoning"
    if sampling.temperature > 0 and samples.repeats.samples and not samples.repeats.differ:
        yield (
            f"all samples of each problem are the same, at temperature {sampling.temperature:g}: "
            "the model or its server may not sample at all"
        )
