"""Prefixes are cut at token boundaries that fine-tuning has seen."""

from __future__ import annotations

import pytest

pytest.importorskip("transformers")

from hypothesis import given, settings
from hypothesis import strategies as st
from small_tokenizers import END, TEXT, USER, byte_level, characters, sentence_piece, trained

from apps_plus.conditionals import find_conditionals
from apps_plus.errors import InputError
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from harness.generation.tokenization import continuation
from stepcoder.curriculum import stage_starts
from stepcoder.records import Task
from stepcoder.training_prompts import build_example, build_prompt, encode_example, encode_parts, encode_with_prefix

TRAINED = trained()
LLAMA = sentence_piece()
PROMPT = "Write f.\n"


def problem(solution: str) -> Problem:
    return Problem(
        problem_id="train/0001",
        question="",
        canonical_solution=solution,
        entry_point="f",
        tests=UnitTests((), ()),
        starter_code="",
        conditionals=(),
        comparison=Comparison.EXACT,
        difficulty="interview",
        url="",
    )


def tokens(tokenizer, ids: tuple[int, ...]) -> list[str]:
    return [tokenizer.decode([number]) for number in ids]


# --- where the cut is ----------------------------------------------------------------------------------------------

BRANCH = "def f(x):\n    if x:\n        return 1\n    return 0\n"


def test_a_token_that_straddles_the_start_is_left_to_the_model() -> None:
    start = BRANCH.index("    if")
    assert tokens(TRAINED, TRAINED(BRANCH)["input_ids"])[4:8] == ["):", "\n   ", " if", " x"]
    ids, text = encode_with_prefix(TRAINED, PROMPT, BRANCH, start)
    assert text == "def f(x):" == BRANCH[: start - 1]
    assert TRAINED.decode(ids) == PROMPT + text


def test_a_start_on_a_boundary_is_kept() -> None:
    tokenizer = byte_level()
    for start in range(len(BRANCH) + 1):
        ids, text = encode_with_prefix(tokenizer, PROMPT, BRANCH, start)
        assert text == BRANCH[:start]
        assert len(ids) == len(PROMPT) + start


def test_the_tokens_of_a_prefix_are_those_that_fine_tuning_sees() -> None:
    example, _ = encode_example(TRAINED, PROMPT, TEXT)
    for start in range(len(TEXT) + 1):
        ids, text = encode_with_prefix(TRAINED, PROMPT, TEXT, start)
        assert example[: len(ids)] == ids
        assert TRAINED.decode(ids) == PROMPT + text
        assert TEXT[:start].startswith(text)


def test_at_the_stages_of_a_curriculum_only_the_line_break_goes_with_the_next_line() -> None:
    starts = stage_starts(TEXT, find_conditionals(TEXT))
    assert [encode_with_prefix(TRAINED, PROMPT, TEXT, start)[1] for start in starts] == [TEXT[: starts[0] - 1], ""]


def test_splitting_the_prefix_alone_would_give_other_tokens() -> None:
    start = BRANCH.index("if x")
    alone = tuple(TRAINED(PROMPT + BRANCH[:start])["input_ids"])
    example, _ = encode_example(TRAINED, PROMPT, BRANCH)
    ids, text = encode_with_prefix(TRAINED, PROMPT, BRANCH, start)
    assert example[: len(alone)] != alone
    assert example[: len(ids)] == ids
    assert text == BRANCH[: start - 1]  # " if" is one token


def test_no_cut_is_within_a_character() -> None:
    tokenizer = byte_level()
    solution = "x = 'é𝄞'\n"
    texts = [encode_with_prefix(tokenizer, PROMPT, solution, start)[1] for start in range(len(solution) + 1)]
    assert texts == [solution[:start] for start in range(len(solution) + 1)]


@settings(deadline=None, max_examples=60)
@given(st.text("ab \n:é𝄞(", max_size=10), st.text("if x:\n é𝄞1", max_size=25), st.data())
def test_the_longest_prefix_of_tokens_that_is_not_longer_than_asked(prompt: str, solution: str, data) -> None:
    start = data.draw(st.integers(0, len(solution)))
    prompt_ids, solution_ids = encode_parts(TRAINED, prompt, solution)
    ids, text = encode_with_prefix(TRAINED, prompt, solution, start)
    assert solution.startswith(text)
    assert len(text) <= start
    assert ids[: len(prompt_ids)] == prompt_ids
    assert ids == prompt_ids + solution_ids[: len(ids) - len(prompt_ids)]
    assert TRAINED.decode(ids) == prompt + text
    longer = [
        TRAINED.decode(solution_ids[:count]) for count in range(len(ids) - len(prompt_ids) + 1, len(solution_ids))
    ]
    assert not any(solution.startswith(more) and len(more) <= start for more in longer)


# --- the border of prompt and solution -----------------------------------------------------------------------------


def test_the_start_at_0_is_the_prompt_alone() -> None:
    assert encode_with_prefix(TRAINED, PROMPT, BRANCH, 0) == (tuple(TRAINED(PROMPT)["input_ids"]), "")


def test_a_token_that_would_straddle_the_border_is_split_there() -> None:
    prompt, solution = "Write:\n", "    return 0\n"
    assert "\n   " in tokens(TRAINED, TRAINED(prompt + solution)["input_ids"])
    alone = tuple(TRAINED(prompt)["input_ids"])
    assert encode_with_prefix(TRAINED, prompt, solution, 0) == (alone, "")
    ids, length = encode_example(TRAINED, prompt, solution)
    assert ids[:length] == alone
    assert TRAINED.decode(ids) == prompt + solution + END
    longest, text = encode_with_prefix(TRAINED, prompt, solution, 8)
    assert longest == ids[: len(longest)]
    assert text == "   "  # " return" is one token


def test_a_start_before_the_first_boundary_gives_the_prompt_alone() -> None:
    assert encode_with_prefix(TRAINED, PROMPT, BRANCH, 2) == (tuple(TRAINED(PROMPT)["input_ids"]), "")


# --- examples ------------------------------------------------------------------------------------------------------


def test_an_example_is_prompt_solution_and_end_of_text() -> None:
    ids, length = encode_example(TRAINED, PROMPT, BRANCH)
    assert TRAINED.decode(ids[:length]) == PROMPT
    assert TRAINED.decode(ids[length:]) == BRANCH + END
    assert ids[-1] == TRAINED.eos_token_id


def test_a_tokenizer_without_an_end_of_text_is_refused() -> None:
    tokenizer = trained()
    tokenizer.eos_token = None
    with pytest.raises(InputError, match="end-of-text"):
        encode_example(tokenizer, PROMPT, BRANCH)


# --- what tokenizers add and change --------------------------------------------------------------------------------


def with_beginning():
    from tokenizers import processors

    tokenizer = trained(bos_token="<|begin|>")
    number = tokenizer.bos_token_id
    tokenizer._tokenizer.post_processor = processors.TemplateProcessing(
        single="<|begin|> $A", special_tokens=[("<|begin|>", number)]
    )
    return tokenizer


def test_the_beginning_of_text_is_the_prompts_and_stands_there_once() -> None:
    tokenizer = with_beginning()
    start = BRANCH.index("    return 0")
    for prompt in (PROMPT, "", "<|begin|>" + PROMPT):
        ids, text = encode_with_prefix(tokenizer, prompt, BRANCH, start)
        assert ids.count(tokenizer.bos_token_id) == 1
        assert ids[0] == tokenizer.bos_token_id
        assert continuation(tokenizer, (), ids) == prompt.removeprefix("<|begin|>") + text
        assert text == BRANCH[: start - 1]
        assert (
            encode_with_prefix(tokenizer, prompt, BRANCH, 0)[0] == ids[: encode_example(tokenizer, prompt, BRANCH)[1]]
        )


def test_the_special_tokens_that_end_a_chats_prompt_are_the_prompts() -> None:
    prompt = f"{USER}Write f.{END}{USER}"
    ids, length = encode_example(TRAINED, prompt, BRANCH)
    assert tokens(TRAINED, ids[:length])[-2:] == [END, USER]
    assert TRAINED.decode(ids[length:-1]) == BRANCH
    assert encode_with_prefix(TRAINED, prompt, BRANCH, 0) == (ids[:length], "")
    assert encode_with_prefix(TRAINED, prompt, BRANCH, 5)[1] == "def f"


def test_a_rendered_prompt_gets_no_beginning_of_text_that_the_template_did_not_write() -> None:
    tokenizer = with_beginning()
    rendered = f"{USER}Write f.{END}{USER}"
    plain, _ = encode_example(tokenizer, rendered, BRANCH)
    chat, _ = encode_example(tokenizer, rendered, BRANCH, rendered=True)
    assert plain == (tokenizer.bos_token_id, *chat)


def test_an_example_of_a_chat_ends_as_the_template_ends_an_answer_and_begins_where_it_begins_one() -> None:
    tokenizer = trained()
    tokenizer.chat_template = (
        "{% for m in messages %}{% if m.role == 'user' %}Q:{{ m.content }}\n"
        "{% else %}A:<think></think>{{ m.content }}<|user|>{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}A:{% endif %}"
    )
    task = Task(problem(BRANCH), "Write f.")
    ids, length = build_example(tokenizer, task, chat=True)
    assert tokenizer.decode(ids[:length]) == "Q:Write f.\nA:<think></think>"
    assert tokenizer.decode(ids[length:]) == f"```python\n{BRANCH}```{USER}"
    start = BRANCH.index("    return 0")
    given, prefix = build_prompt(tokenizer, task, start, chat=True)
    assert given == ids[: len(given)]
    assert prefix == BRANCH[: start - 1]


@pytest.mark.parametrize("prompt", [PROMPT, PROMPT * 5])
def test_a_tokenizer_that_normalises_text_is_cut_at_the_same_line(prompt: str) -> None:
    from tokenizers import normalizers

    tokenizer = trained()
    tokenizer._tokenizer.normalizer = normalizers.NFC()
    solution = "x = '" + "e\u0301" * 20 + "'\nif x:\n    y = 1\n"
    ids, text = encode_with_prefix(tokenizer, prompt, solution, solution.index("    y"))
    assert text == f"x = '{chr(0xE9) * 20}'\nif x:"
    assert tokenizer.decode(ids) == prompt + text


def test_sentence_piece() -> None:
    start = BRANCH.index("    return 0")
    ids, text = encode_with_prefix(LLAMA, PROMPT, BRANCH, start)
    assert text == BRANCH[:start]
    assert LLAMA.decode(ids) == PROMPT + text
    example, length = encode_example(LLAMA, PROMPT, BRANCH)
    assert example[: len(ids)] == ids
    assert LLAMA.decode(example[:length]) == PROMPT


def test_sentence_piece_that_straddles_the_border_is_refused_since_it_would_indent_the_program() -> None:
    with pytest.raises(InputError, match="line break"):
        encode_example(LLAMA, "ret", "urn 1")


def test_a_token_for_each_character() -> None:
    tokenizer = characters(sorted(set(PROMPT + BRANCH)))
    assert encode_with_prefix(tokenizer, PROMPT, BRANCH, 14)[1] == BRANCH[:14]
