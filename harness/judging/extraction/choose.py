"""Choose the block of an answer that is the program, and the statements that it needs from other blocks.

The last block that can be the program is chosen: it must parse and define the function with more than a stub; a script
must read or print. The last block of an answer is often a usage, a sample run or its output instead. A block that is
introduced as an example of what not to do counts only if no earlier block is fit.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from harness.judging.extraction.answer import Piece, Question, slice_pieces, text_of
from harness.judging.extraction.blocks import Block, dedent
from harness.judging.extraction.fences import OTHER_LANGUAGES
from harness.judging.extraction.introductions import is_discouraged
from harness.judging.extraction.python_code import (
    Defined,
    acts,
    bindings,
    defines,
    feeds_itself,
    missing_names,
    parse,
    prints_output,
    reads_input,
    span_of,
)

_MANY = 60
"""Most blocks of an answer for each to be rated together with what it uses of the others."""


class Fitness(IntEnum):
    """Fitness of a block as the program, in ascending order."""

    NO_PYTHON = 0
    NO_PROGRAM = 1
    """Python that does not define what is required: usage, tests, an unrelated class."""
    STUB = 2
    PART = 3
    """A script that only reads or only prints: it may be a usage of another block."""
    CONTINUES = 4
    """The rest of the function that the question's code begins; a block with the whole function is preferred."""
    WHOLE = 5


@dataclass(frozen=True, slots=True)
class Choice:
    """A block that may be the program, with its fitness."""

    block: Block
    fitness: Fitness
    continues: bool = False
    """True if it continues where the question's code ends, false if it defines the function itself."""


def choose(text: str, blocks: Sequence[Block], question: Question) -> Choice | None:
    """Return the block that is the program; None if no block is fit.

    Args:
        text: The answer, in which prose introduces blocks.
        blocks: Its blocks, in order.
        question: The requirements of the program.
    """
    ordinary = [block for block in blocks if block.language not in OTHER_LANGUAGES]
    for candidates in (ordinary, [block for block in blocks if block.language in OTHER_LANGUAGES]):
        choices = [_rate_among(block, blocks, question) for block in candidates]
        best = max((choice.fitness for choice in choices), default=Fitness.NO_PROGRAM)
        if best > Fitness.NO_PROGRAM:
            among = [choice for choice in choices if choice.fitness == best]
            recommended = [choice for choice in among if not is_discouraged(text, choice.block, blocks)]
            return _without_quotations(recommended or among)[-1]
    return None


def _rate_among(block: Block, blocks: Sequence[Block], question: Question) -> Choice:
    """Rate a block of an answer; a script together with what it uses of other blocks (it may be ``main()`` alone)."""
    choice = rate(block, question)
    if question.entry_point is not None or choice.continues or len(blocks) > _MANY:
        return choice
    if parse(choice.block.code) is None or not missing_names(choice.block.code):
        return choice
    helpers = text_of(take_along(choice, blocks, question.code_before))
    if not helpers:
        return choice
    return replace(choice, fitness=_script_fitness(parse(helpers + choice.block.code)))


def _without_quotations(choices: Sequence[Choice]) -> list[Choice]:
    """Remove blocks that only repeat lines of an earlier, longer one, as explanations do."""
    kept: list[Choice] = []
    for choice in choices:
        lines = _lines_of(choice.block)
        if not any(lines < _lines_of(earlier.block) for earlier in kept[-_MANY:]):
            kept.append(choice)
    return kept


def _lines_of(block: Block) -> frozenset[str]:
    return frozenset(line.strip() for line in block.code.splitlines() if line.strip())


def rate(block: Block, question: Question) -> Choice:
    """Rate a block, unchanged or without the common indentation of its lines, whichever is fitter."""
    straight = _rated_after_prefix(block, question) if question.is_prefix else _rated(block, question)
    if straight.fitness is Fitness.WHOLE or straight.continues:
        return straight
    pieces = dedent(block.pieces)
    if pieces == block.pieces:
        return straight
    return max(straight, _rated(replace(block, pieces=pieces), question), key=lambda choice: choice.fitness)


def _rated(block: Block, question: Question) -> Choice:
    tree = parse(block.code)
    if question.entry_point is None:
        return Choice(block, _script_fitness(tree))
    found = Fitness.NO_PYTHON if tree is None else _FITNESS[defines(tree, question.entry_point)]
    if found < Fitness.CONTINUES and continues(block.code, question):
        return Choice(block, Fitness.CONTINUES, continues=True)
    return Choice(block, found)


def stands_alone(code: str, question: Question) -> bool:
    """Return whether code repeats the prefix that it was to continue."""
    prefix = question.code_before.strip("\r\n") if question.is_prefix else ""
    return bool(prefix.strip()) and code.lstrip("\r\n").startswith(prefix)


def _rated_after_prefix(block: Block, question: Question) -> Choice:
    """Rate a block of an answer to a prompt that ends with the beginning of the program."""
    if stands_alone(block.code, question) or not _may_continue(block, question):
        return _rated(block, Question(question.entry_point))
    tree = parse(question.code_before + block.code)
    if question.entry_point is None:
        return Choice(block, _script_fitness(tree), continues=True)
    found = Fitness.NO_PYTHON if tree is None else _FITNESS[defines(tree, question.entry_point)]
    if found is Fitness.WHOLE and not block.in_prompt:
        found = Fitness.CONTINUES
    return Choice(block, found, continues=True)


def _may_continue(block: Block, question: Question) -> bool:
    """Return whether a block can continue the prefix: it began there, is indented, or a script that uses its names."""
    if block.in_prompt or block.code[:1] in (" ", "\t"):
        return True
    if question.entry_point is not None:
        return False
    given = parse(question.code_before)
    return given is not None and bool(missing_names(block.code) & bindings(given).keys())


_FITNESS = {
    Defined.NOT: Fitness.NO_PROGRAM,
    Defined.IMPORTED: Fitness.NO_PROGRAM,
    Defined.STUB: Fitness.STUB,
    Defined.REAL: Fitness.WHOLE,
}


def _script_fitness(tree: ast.Module | None) -> Fitness:
    if tree is None:
        return Fitness.NO_PYTHON
    match (reads_input(tree), prints_output(tree)):
        case (True, True):
            return Fitness.WHOLE if acts(tree) and not feeds_itself(tree) else Fitness.PART
        case (False, False):
            return Fitness.NO_PROGRAM
    return Fitness.PART


def continues(code: str, question: Question) -> bool:
    """Return whether code is the rest of the function that the question's code begins."""
    if not question.code_before or question.entry_point is None or code.lstrip("\r\n")[:1] not in (" ", "\t"):
        return False
    whole = parse(question.code_before + code)
    return whole is not None and defines(whole, question.entry_point) is Defined.REAL


# ---- statements from other blocks


def take_along(choice: Choice, blocks: Sequence[Block], given: str) -> tuple[Piece, ...]:
    """Return the imports and helpers in other blocks that the chosen block uses and does not bind.

    If several blocks bind a name, the last one before the chosen block counts, else the first one after it.

    Args:
        choice: The program's block.
        blocks: All blocks of the answer, in order.
        given: Code that precedes the program in any case.
    """
    others = [
        dedented
        for block in reversed(blocks)
        if block.start != choice.block.start and block.language not in OTHER_LANGUAGES
        and (dedented := _parsing(block)) is not None
    ]  # fmt: skip
    before = [block for block in others if block.start < choice.block.start]
    after = [block for block in others if block.start > choice.block.start]
    earlier = [*after, *reversed(before)]  # searched from the end
    code = ("if 1:\n" if choice.continues else "") + choice.block.code
    have = bindings(tree) if (tree := parse(given)) is not None else {}
    return _binding_statements(set(missing_names(code)) - set(have), earlier, set(have))


def _binding_statements(missing: set[str], earlier: Sequence[Block], have: set[str]) -> tuple[Piece, ...]:
    """Return the statements, in the answer's order, that bind the names, and the names that those use in turn."""
    chosen: set[tuple[int, int, int]] = set()
    known = set(have)
    while missing:
        name = missing.pop()
        known.add(name)
        for number, span in _sources(name, earlier):
            chosen.add((number, *span))
            missing |= missing_names(earlier[number].code[slice(*span)]) - known
    return tuple(
        piece
        for number, start, end in sorted(chosen)
        for piece in _whole_lines(slice_pieces(earlier[number].pieces, start, end))
    )


def _sources(name: str, earlier: Sequence[Block]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield the statements of the last block that binds a name: the block's number and the statement's span."""
    for number in reversed(range(len(earlier))):
        code = earlier[number].code
        tree = parse(code)
        statements = bindings(tree).get(name, []) if tree is not None else []
        if statements:
            yield from ((number, span_of(code, statement)) for statement in statements)
            return
    for number, block in enumerate(earlier):  # no block binds it by name: a star import may
        tree = parse(block.code)
        for statement in tree.body if tree is not None else []:
            if isinstance(statement, ast.ImportFrom) and statement.names[0].name == "*":
                yield number, span_of(block.code, statement)


def _whole_lines(pieces: tuple[Piece, ...]) -> tuple[Piece, ...]:
    return pieces if text_of(pieces).endswith(("\n", "\r")) else (*pieces, Piece("\n", None))


def _parsing(block: Block) -> Block | None:
    for tried in (block, replace(block, pieces=dedent(block.pieces))):
        if parse(tried.code) is not None:
            return tried
    return None
