"""Property: extraction returns the same program for every way of wrapping it, in scoring and in training."""

from __future__ import annotations

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

CASES = [
    *((way, wrap, program) for way, wrap in (FENCED | IN_PROMPTS_BLOCK | BARE).items() for program in PROGRAMS),
    *((way, wrap, program) for way, wrap in STUBBED.items() for program in FUNCTIONS),
]
HUMANEVAL_PROMPT = 'def f(x):\n    """Return x and one."""\n'


def same(code: str, wanted: str) -> bool:
    return code.strip("\n") == wanted.strip("\n")


def extracted(answer: str, program: Written) -> Extraction:
    return extract(answer, Question(program.entry_point))


def scored(answer: str, program: Written, field: str = "completion") -> str:
    problem = BenchmarkProblem("x/1", "Write f.", program.entry_point, "", ())
    benchmark = Benchmark("apps+", "invented", (problem,), completes_code=False)
    return make_programs(benchmark, [(problem, Sample("x/1", answer, field, 1))], None, None).sources[0]


@pytest.mark.parametrize(("way", "wrap", "program"), CASES, ids=[f"{way}-{p.name}" for way, _, p in CASES])
def test_program_out_equals_program_in(way, wrap, program) -> None:
    answer = wrap(program)
    assert same(extracted(answer, program).source, program.code)
    assert same(scored(answer, program), program.code)
    assert same(assemble("", answer, True, program.entry_point).source, program.code)


@pytest.mark.parametrize("reasoned", REASONED)
@pytest.mark.parametrize("way", ["a block in prose", "never closed", "a usage after", "bare", "a stub before"])
@pytest.mark.parametrize("program", PROGRAMS[:6] + PROGRAMS[-2:], ids=lambda program: program.name)
def test_program_out_equals_program_in_after_reasoning(reasoned: str, way: str, program: Written) -> None:
    wrap = (FENCED | BARE | STUBBED)[way]
    if way == "a stub before" and program.entry_point is None:
        pytest.skip("a script has no stub")
    answer = REASONED[reasoned](draft_block(program), wrap(program))
    assert same(extracted(answer, program).source, program.code)
    assert same(assemble("", answer, True, program.entry_point).source, program.code)
    assert same(scored(answer, program), program.code)


@given(
    st.sampled_from(CASES), st.sampled_from(sorted(REASONED)), st.sampled_from(["", "\n", "\n\n", "<|im_end|>", "</s>"])
)
@settings(max_examples=150, deadline=None)
def test_every_combination_comes_out_the_same_for_scores_and_for_training(case, reasoned: str, end: str) -> None:
    _, wrap, program = case
    answer = REASONED[reasoned](draft_block(program), wrap(program)) + end
    trained = assemble("", answer, True, program.entry_point)
    assert trained.source == extracted(answer, program).source == scored(answer, program, "response")
    if wrap not in IN_PROMPTS_BLOCK.values():  # after reasoning, an answer does not continue the prompt's block
        assert same(trained.source, program.code)
    for span in trained.spans:
        assert trained.source[span.offset :].startswith(answer[span.start : span.end])


@pytest.mark.parametrize("wrap", [*FENCED.values(), *STUBBED.values()], ids=[*FENCED, *STUBBED])
@pytest.mark.parametrize("program", FUNCTIONS, ids=lambda program: program.name)
def test_the_prompts_own_code_goes_before_a_program_of_humaneval(wrap, program: Written) -> None:
    found = extract(wrap(program), Question("f", HUMANEVAL_PROMPT))
    assert found.fenced
    assert HUMANEVAL_PROMPT in found.source
    assert same(found.source.replace(HUMANEVAL_PROMPT + "\n", "", 1), program.code)
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
