"""Choose the block of an answer that is the program, and what it needs of the blocks before it.

The last block that can be the program is the one. Not simply the last: models end with a usage, a sample run or its
output. It must parse and define the function with more than a stub; a script must read or print. One that is
introduced as an example of what not to do counts only where no earlier block serves.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from harness.judging.answer import Piece, Question, slice_pieces, text_of
from harness.judging.blocks import Block, dedent
from harness.judging.fences import OTHER_LANGUAGES
from harness.judging.python_code import (
    Defined,
    bindings,
    defines,
    missing_names,
    parse,
    prints_output,
    reads_input,
    span_of,
)


class Fitness(IntEnum):
    """How well a block serves as the program, the best last."""

    NO_PYTHON = 0
    NO_PROGRAM = 1
    """Python, but it defines nothing that is asked for: usage, tests, a class beside the matter."""
    STUB = 2
    PART = 3
    """A script that only reads or only prints: it may be a usage of another block."""
    WHOLE = 4


@dataclass(frozen=True, slots=True)
class Choice:
    """A block as the program."""

    block: Block
    fitness: Fitness
    continues: bool = False
    """Whether it goes on where the question's code ends, rather than defining the function itself."""


def choose(text: str, blocks: Sequence[Block], question: Question) -> Choice | None:
    """Return the block that is the program; None where no block holds Python that serves.

    Args:
        text: The answer, in which prose introduces blocks.
        blocks: Its blocks, in order.
        question: What is asked for.
    """
    ordinary = [block for block in blocks if block.language not in OTHER_LANGUAGES]
    for candidates in (ordinary, [block for block in blocks if block.language in OTHER_LANGUAGES]):
        choices = [choice for block in candidates if (choice := rate(block, question)).fitness > Fitness.NO_PROGRAM]
        if choices:
            best = max(choice.fitness for choice in choices)
            among = [choice for choice in choices if choice.fitness == best]
            serving = [choice for choice in among if not _is_discouraged(text, choice.block, blocks)]
            return (serving or among)[-1]
    return None


def rate(block: Block, question: Question) -> Choice:
    """Say how well a block serves, as it stands or without the indentation that all its lines share."""
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
    if found < Fitness.WHOLE and continues(block.code, question):
        return Choice(block, Fitness.WHOLE, continues=True)
    return Choice(block, found)


def stands_alone(code: str, question: Question) -> bool:
    """Whether code repeats the prefix that it was to go on after."""
    prefix = question.code_before.strip("\r\n") if question.is_prefix else ""
    return bool(prefix.strip()) and code.lstrip("\r\n").startswith(prefix)


def _rated_after_prefix(block: Block, question: Question) -> Choice:
    """Rate a block of an answer to a prompt that ends in the beginning of the program."""
    if stands_alone(block.code, question) or not (block.in_prompt or block.code[:1] in (" ", "\t")):
        return _rated(block, Question(question.entry_point))
    tree = parse(question.code_before + block.code)
    if question.entry_point is None:
        return Choice(block, _script_fitness(tree), continues=True)
    found = Fitness.NO_PYTHON if tree is None else _FITNESS[defines(tree, question.entry_point)]
    return Choice(block, found, continues=True)


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
            return Fitness.WHOLE
        case (False, False):
            return Fitness.NO_PROGRAM
    return Fitness.PART


def continues(code: str, question: Question) -> bool:
    """Whether code is the rest of the function that the question's code begins."""
    if not question.code_before or question.entry_point is None or code.lstrip("\r\n")[:1] not in (" ", "\t"):
        return False
    whole = parse(question.code_before + code)
    return whole is not None and defines(whole, question.entry_point) is Defined.REAL


# ---- what introduces a block

_BAD = re.compile(
    r"\b(?:wrong|incorrect(?:ly)?|bad|buggy|broken|faulty|flawed|naive|na\u00efve|invalid|inefficient|what not to do|"
    r"anti-?pattern|counter-?example|(?:common )?mistakes?|pitfalls?|(?:do not|don't|never|should not|shouldn't|avoid)"
    r"(?: \w+){0,3} (?:this|that|it|like|so|use|write|do|submit|following)|avoid)\b",
    re.IGNORECASE,
)
_GOOD = re.compile(
    r"\b(?:correct(?:ed|ly)?|fix(?:ed|es)?|final|right|improved|better|proper|instead|efficient|optimi[sz]ed|"
    r"updated|revised)\b",
    re.IGNORECASE,
)
_OF_CODE = "version|approach|way|solution|code|implementation|attempt|one|example"
_BAD_COMMENT = re.compile(
    r"\s*#+[ \t]*(?:(?:wrong|incorrect|bad|naive|buggy|broken|inefficient)"
    rf"(?:[ \t]+(?:{_OF_CODE}))?[ \t]*(?:[:!.(,-].*)?|"
    r"(?:do not|don't|never)[ \t]+(?:do|use|write|submit)\b.*)$",
    re.IGNORECASE | re.MULTILINE,
)
"""A first comment that is a verdict on the block, and not on what its code is about."""
_HEADING = re.compile(r"#{1,6}\s|\*\*.*\*\*:?$")


def _is_discouraged(text: str, block: Block, blocks: Sequence[Block]) -> bool:
    """Whether the words right before a block, or its first comment, say that it is no good."""
    start = max((other.end for other in blocks if other.end <= block.start), default=0)
    lines = [
        line.strip() for line in text[max(start, block.start - 600) : block.start].splitlines() if line.strip("`~ \t")
    ]
    if _BAD_COMMENT.match(block.code):
        return True
    if not lines:
        return False
    last = lines[-1]
    if _BAD.search(last) or _GOOD.search(last):
        return _condemns(last)
    return len(lines) > 1 and bool(_HEADING.match(lines[-2])) and _condemns(lines[-2])


def _condemns(words: str) -> bool:
    return _BAD.search(words) is not None and _GOOD.search(words) is None


# ---- what a block needs of the others


def take_along(choice: Choice, blocks: Sequence[Block], given: str) -> tuple[Piece, ...]:
    """Return the imports and helpers that the chosen block uses and does not bind, out of the blocks before it.

    Args:
        choice: The program's block.
        blocks: All blocks of the answer, in order.
        given: Code that stands before the program anyway.
    """
    earlier = [
        dedented
        for block in blocks
        if block.end <= choice.block.start and block.language not in OTHER_LANGUAGES
        and (dedented := _parsing(block)) is not None
    ]  # fmt: skip
    code = ("if 1:\n" if choice.continues else "") + choice.block.code
    have = bindings(tree) if (tree := parse(given)) is not None else {}
    return _taken(set(missing_names(code)) - set(have), earlier, set(have))


def _taken(wanted: set[str], earlier: Sequence[Block], have: set[str]) -> tuple[Piece, ...]:
    """The statements, in the answer's order, that bind the names and what these need in turn."""
    chosen: set[tuple[int, int, int]] = set()
    known = set(have)
    while wanted:
        name = wanted.pop()
        known.add(name)
        for number, span in _sources(name, earlier):
            chosen.add((number, *span))
            wanted |= missing_names(earlier[number].code[slice(*span)]) - known
    return tuple(
        piece
        for number, start, end in sorted(chosen)
        for piece in _whole_lines(slice_pieces(earlier[number].pieces, start, end))
    )


def _sources(name: str, earlier: Sequence[Block]) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield where a name is bound: the block's number and the statements' characters, of the last block that does."""
    for number in reversed(range(len(earlier))):
        code = earlier[number].code
        tree = parse(code)
        statements = bindings(tree).get(name, []) if tree is not None else []
        if statements:
            yield from ((number, span_of(code, statement)) for statement in statements)
            return
    for number, block in enumerate(earlier):  # nobody binds it by name: an import of everything may
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
