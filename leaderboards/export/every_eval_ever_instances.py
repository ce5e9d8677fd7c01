"""Export the samples of a record as instance-level rows of Every Eval Ever 0.3.0, the companion of its aggregate file.

A record holds neither prompts nor completions: the file of samples, the results that ``evaluate`` wrote of it, and the
problems are given. Choices where the schema is open:

- One row a sample, joined with the overall pass@1 (``evaluation_result_id``), of which it is an instance.
- *reference* is the canonical solution: the tests are not part of a row. Where the benchmark has none, it is empty.
- A sample on which the harness failed has no verdict and no row.
- *File name*: the validator requires the aggregate's UUID; it is the hash of both contents.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from apps_plus.errors import InputError
from apps_plus.problem import dump_json
from apps_plus.storage import escape_surrogates
from harness.judging.verdict import Verdict
from harness.scoring.benchmarks.benchmark import BenchmarkProblem
from harness.scoring.output_paths import results_path
from harness.scoring.prepare import Prepared, prepare
from harness.scoring.result_record import OVERALL, Record
from harness.scoring.results import SampleResult, read_results
from harness.scoring.sample_cost import tokens_by_line
from harness.scoring.samples.read_samples import digest_of_samples
from harness.scoring.samples.sample import Sample
from leaderboards.export.every_eval_ever_names import collection, details
from leaderboards.verify.rerun_settings import options_of_record


@dataclass(frozen=True, slots=True)
class SampleFiles:
    """The files that hold what a record does not."""

    samples: Path
    """The samples of the record."""
    results: Path | None = None
    """What ``evaluate`` wrote of them; None: beside the samples."""
    data: Path | None = None
    """The problems, if they do not come with apps-plus."""


def instance_rows(record: Record, log: dict[str, Any], files: SampleFiles) -> list[dict[str, Any]]:
    """Return the rows of a record's samples.

    Args:
        record: The record.
        log: Its aggregate object.
        files: Its samples, results and problems.

    Raises:
        InputError: A file cannot be read, is not the record's, or lacks the result of a sample; or the record is of an
            unknown benchmark or rule.
    """
    _check_samples(record, files.samples)
    place = files.results or results_path(files.samples)
    results = {(result.task_id, result.sample): result for result in read_results(place)}
    prepared = prepare(options_of_record(record, files.samples, files.data))
    tokens = tokens_by_line(files.samples)
    rows = []
    numbers = Counter[str]()
    for (problem, sample), program in zip(prepared.scorable, prepared.programs.sources, strict=True):
        number = numbers[problem.task_id]
        numbers[problem.task_id] += 1
        result = results.get((problem.task_id, number))
        if result is None:
            raise InputError(
                f"{place} has no result of sample {number} of {problem.task_id}: evaluate {files.samples} to the end, "
                "or name its results with --results"
            )
        if result.verdict is not Verdict.HARNESS_ERROR:
            row = _row(record, log, prepared, problem, sample, program, result)
            usage = _token_usage(tokens.get(sample.line, {}))
            rows.append(row | ({"token_usage": usage} if usage else {}))
    return rows


def instances_text(rows: list[dict[str, Any]]) -> str:
    """Return the text of a file of rows. Raises InputError where there are none: the datastore refuses such a file."""
    if not rows:
        raise InputError("no sample has a verdict: there is nothing to write as instances")
    return "".join(escape_surrogates(dump_json(row)) + "\n" for row in rows)


def companion(folder: PurePosixPath, name: str, text: str, count: int) -> dict[str, Any]:
    """Return ``detailed_evaluation_results`` of the aggregate object.

    Args:
        folder: The folder of the aggregate file.
        name: Its UUID.
        text: The text of the rows' file.
        count: The number of rows.
    """
    return {
        "format": "jsonl",
        "file_path": str(folder / f"{name}_samples.jsonl"),
        "hash_algorithm": "sha256",
        "checksum": hashlib.sha256(text.encode()).hexdigest(),
        "total_rows": count,
    }


def _check_samples(record: Record, samples: Path) -> None:
    if record.samples is None:
        raise InputError(f"{record.id}: the record names no samples, so that {samples} cannot be known to be its own")
    digest = digest_of_samples(samples)
    if digest != record.samples.sha256:
        raise InputError(
            f"{samples} is not the file of {record.id}: its SHA-256 begins with {digest[:12]}, the record's with "
            f"{record.samples.sha256[:12]}"
        )


def _token_usage(tokens: Mapping[str, int]) -> dict[str, int] | None:
    """Return the schema's ``token_usage``; None unless the tokens of the prompt and of the answer are known."""
    if not tokens.keys() >= {"prompt_tokens", "completion_tokens"}:
        return None
    sent, made = tokens["prompt_tokens"], tokens["completion_tokens"]
    usage = {"input_tokens": sent, "output_tokens": made, "total_tokens": sent + made}
    reasoning = tokens.get("reasoning_tokens")
    # Some servers do not count reasoning among the others; the schema's total would then be wrong.
    return usage if reasoning is None or reasoning > made else usage | {"reasoning_tokens": reasoning}


def _row(
    record: Record,
    log: dict[str, Any],
    prepared: Prepared,
    problem: BenchmarkProblem,
    sample: Sample,
    program: str,
    result: SampleResult,
) -> dict[str, Any]:
    passed = result.verdict is Verdict.PASSED
    reference = [problem.canonical_solution] if problem.canonical_solution else []
    name = collection(record)
    hashed = json.dumps([problem.prompt, reference])
    row = {
        "schema_version": log["schema_version"],
        "evaluation_id": log["evaluation_id"],
        "model_id": log["model_info"]["id"],
        "evaluation_name": name,
        "evaluation_result_id": f"{name}.pass_at_1" if record.score(OVERALL, 1) else None,
        "sample_id": problem.task_id,
        "sample_hash": hashlib.sha256(hashed.encode()).hexdigest(),
        "interaction_type": "single_turn",
        "input": {"raw": problem.prompt, "reference": reference},
        "output": {"raw": [sample.text]},
        "answer_attribution": [
            {
                "turn_idx": 0,
                "source": "output.raw",
                "extracted_value": program,
                "extraction_method": str(prepared.programs.rule),
                "is_terminal": True,
            }
        ],
        "evaluation": {"score": float(passed), "is_correct": passed},
        "performance": {"additional_details": details(processor_seconds_of_tests=result.seconds)},
        "error": result.detail or None,
        "metadata": details(
            sample=result.sample,
            verdict=str(result.verdict),
            category=result.category,
            difficulty=problem.tier or None,
            tests_passed=result.tests_passed,
            tests_total=result.tests_total,
        ),
    }
    return {key: value for key, value in row.items() if value is not None}
