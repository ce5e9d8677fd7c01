"""Property: extraction returns the same program for every way of wrapping it, in scoring and in training."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wrapped_answers import (
    BARE,
    FENCED,
    FUNCTIONS,
    IN_PROMPTS_BLOCK,
    PROGRAMS,
    REASONED,
    STUBBED,
    Written,
    draft_block,
)

from harness.judging.extraction.answer import Extraction, Question
from harness.judging.extraction.extract import extract
from harness.scoring.benchmarks.benchmark import Benchmark, BenchmarkProblem
from harness.scoring.samples.read_samples import Sample
from harness.scoring.samples.sample_programs import make_programs
from stepcoder.assemble_program import assemble

WAYS = {way: (wrap, PROGRAMS) for way, wrap in (FENCED | IN_PROMPTS_BLOCK | BARE).items()}
WAYS |= {way: (wrap, FUNCTIONS) for way, wrap in STUBBED.items()}
"""Ways to write a program in an answer, and the programs that can be written so: a script has no stub."""
CASES = [(wrap, program) for wrap, programs in WAYS.values() for program in programs]
HUMANEVAL_PROMPT = 'def f(x):\n    """Return x and one."""\n'


def same(code: str, wanted: str) -> bool:
    return code.strip("\n") == wanted.strip("\n")


def extracted(answer: str, program: Written) -> Extraction:
    return extract(answer, Question(program.entry_point))


def scored(answer: str, program: Written, field: str = "completion") -> str:
    problem = BenchmarkProblem("x/1", "Write f.", program.entry_point, "", ())
    benchmark = Benchmark("apps+", "invented", (problem,), completes_code=False)
    return make_programs(benchmark, [(problem, Sample("x/1", answer, field, 1))], None, None).sources[0]


def changed(wrap: Callable[[Written], str], programs: Sequence[Written]) -> list[tuple[str, str]]:
    """Names of the programs that come out of their answers other than they went in, and the readers that did it."""
    found = []
    for program in programs:
        answer = wrap(program)
        read = {
            "extract": extracted(answer, program).source,
            "make_programs": scored(answer, program),
            "assemble": assemble("", answer, True, program.entry_point).source,
        }
        found += [(program.name, reader) for reader, source in read.items() if not same(source, program.code)]
    return found


@pytest.mark.parametrize("way", WAYS)
def test_program_out_equals_program_in(way: str) -> None:
    wrap, programs = WAYS[way]
    assert changed(wrap, programs) == []


@pytest.mark.parametrize("reasoned", REASONED)
@pytest.mark.parametrize("way", ["a block in prose", "never closed", "a usage after", "bare", "a stub before"])
def test_program_out_equals_program_in_after_reasoning(reasoned: str, way: str) -> None:
    wrap, programs = WAYS[way]
    some = [program for program in PROGRAMS[:6] + PROGRAMS[-2:] if program in programs]
    assert some
    assert changed(lambda program: REASONED[reasoned](draft_block(program), wrap(program)), some) == []


@given(
    st.sampled_from(CASES), st.sampled_from(sorted(REASONED)), st.sampled_from(["", "\n", "\n\n", "<|im_end|>", "</s>"])
)
@settings(max_examples=150, deadline=None)
def test_every_combination_comes_out_the_same_for_scores_and_for_training(case, reasoned: str, end: str) -> None:
    wrap, program = case
    answer = REASONED[reasoned](draft_block(program), wrap(program)) + end
    trained = assemble("", answer, True, program.entry_point)
    assert trained.source == extracted(answer, program).source == scored(answer, program, "response")
    if wrap not in IN_PROMPTS_BLOCK.values():  # after reasoning, an answer does not continue the prompt's block
        assert same(trained.source, program.code)
    for span in trained.spans:
        assert trained.source[span.offset :].startswith(answer[span.start : span.end])


@pytest.mark.parametrize("wrap", [*FENCED.values(), *STUBBED.values()], ids=[*FENCED, *STUBBED])
def test_the_prompts_own_code_goes_before_a_program_of_humaneval(wrap: Callable[[Written], str]) -> None:
    for program in FUNCTIONS:
        found = extract(wrap(program), Question("f", HUMANEVAL_PROMPT))
        assert found.fenced, program.name
        assert HUMANEVAL_PROMPT in found.source
        assert same(found.source.replace(HUMANEVAL_PROMPT + "\n", "", 1), program.code), program.name
        compile(found.source, "program", "exec")  # __future__ imports come first


BODY = "    y = x\n    return y + 1\n"


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{BODY}```\n",
        f"{BODY}```\n\nThis adds one.\n",
        f"{BODY}\n```python\nprint(f(1))\n```\n",
        f"<think>\nOne.\n</think>\n{BODY}",
        f"<think>\n```python\n    return None\n```\n</think>\n\n{BODY}",
        f"Sure: ```python\n{BODY}```",
        f"{BODY}<|endoftext|>",
        f"{BODY}\nThis returns the successor.\n",
        "```python\ny = x\nreturn y + 1\n```\n",
        "```python\ny = x\n    return y + 1\n```\n",
    ],
)
def test_a_body_goes_on_where_the_prompt_of_humaneval_ends(answer: str) -> None:
    assert same(extract(answer, Question("f", HUMANEVAL_PROMPT)).source, HUMANEVAL_PROMPT + BODY)
