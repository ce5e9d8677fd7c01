"""Change a parsed text a little: one value, two values swapped, one element more or less, one case replaced."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from curation.generated_tests.candidate import Risk
from curation.generated_tests.standard_input.domains import Integers, Texts
from curation.generated_tests.standard_input.fill import CannotFillError, Filler
from curation.generated_tests.standard_input.grammar import Body, Line, Repeat, Text, Tree
from curation.generated_tests.standard_input.profiles import Profile
from curation.generated_tests.standard_input.scopes import Path
from curation.generated_tests.standard_input.text_model import TextModel

Maker = Callable[[random.Random], Tree | None]
TRIES = 8
"""Changes tried until one is accepted."""


@dataclass(slots=True)
class _Cell:
    """A value of a tree that can be replaced: the list that holds it, and where."""

    holder: list[Any]
    index: int
    slot: int
    path: Path


def change_of_given(model: TextModel) -> Maker:
    """Return a generator of changes to given inputs."""

    def make(rng: random.Random) -> Tree | None:
        return changes(model, rng.choice(model.given))(rng)

    return make


def changes(model: TextModel, tree: Tree) -> Maker:
    """Return a generator of accepted changes to a tree."""
    kinds = (_change_value, _change_value, _swap, _resize, _copy_value)

    def make(rng: random.Random) -> Tree | None:
        for _ in range(TRIES):
            changed = copy.deepcopy(tree)
            change = rng.choice((*kinds, _change_cases) if model.cases is not None else kinds)
            changed = change(model, changed, rng) or []
            if changed and model.risk_of(changed) is not None:
                return changed
        return None

    return make


def _cells(body: Body, tree: Tree, path: Path = ()) -> Iterator[_Cell]:
    for index, (element, values) in enumerate(zip(body, tree, strict=True)):
        if isinstance(element, Repeat):
            for iteration in values:
                yield from _cells(element.body, iteration, (*path, index))
        elif isinstance(element, Text):
            yield _Cell(values, 0, element.slot, path)
        else:
            for position, slot in enumerate(element.tokens):
                yield _Cell(values, position, slot, path)
            if element.vector is not None:
                for position in range(len(values[-1])):
                    yield _Cell(values[-1], position, element.vector, path)


def _free_cells(model: TextModel, tree: Tree) -> list[_Cell]:
    counts = model.counts
    return [cell for cell in _cells(model.body, tree) if cell.slot not in counts]


def _change_value(model: TextModel, tree: Tree, rng: random.Random) -> Tree | None:
    cells = _free_cells(model, tree)
    if not cells:
        return None
    cell = rng.choice(cells)
    domain = model.domains[cell.slot]
    value = cell.holder[cell.index]
    if isinstance(domain, Integers):
        near = int(value) + rng.choice((-2, -1, 1, 2))
        low, high = domain.ends(Risk.STATED)
        cell.holder[cell.index] = rng.choice((near, near, low, high, int(value) * 2, rng.randint(low, high)))
    elif isinstance(domain, Texts) and domain.alphabet:
        cell.holder[cell.index] = _change_text(str(value), domain, rng)
    else:
        try:
            cell.holder[cell.index] = Filler(model, rng, Profile("mixed")).value(cell.slot, cell.path, {})
        except CannotFillError:
            return None
    return tree


def _change_text(text: str, domain: Texts, rng: random.Random) -> str:
    assert domain.alphabet
    place = rng.randrange(len(text)) if text else 0
    letter = rng.choice(domain.alphabet)
    options = [text[:place] + letter + text[place + 1 :], text[::-1], "".join(sorted(text))]
    if len(text) > 1:
        other = rng.randrange(len(text))
        swapped = list(text)
        swapped[place], swapped[other] = swapped[other], swapped[place]
        options.append("".join(swapped))
    if domain.length_slot is None:
        options += [text[:place] + text[place + 1 :], text[:place] + letter + text[place:], text + text[-1:]]
    return rng.choice(options)


def _swap(model: TextModel, tree: Tree, rng: random.Random) -> Tree | None:
    """Swap two values of one slot."""
    by_slot: dict[int, list[_Cell]] = {}
    for cell in _free_cells(model, tree):
        by_slot.setdefault(cell.slot, []).append(cell)
    several = [cells for _, cells in sorted(by_slot.items()) if len(cells) > 1]
    if not several:
        return None
    one, other = rng.sample(rng.choice(several), 2)
    one.holder[one.index], other.holder[other.index] = other.holder[other.index], one.holder[one.index]
    return tree


def _copy_value(model: TextModel, tree: Tree, rng: random.Random) -> Tree | None:
    """Give one place the value of another of the same slot: a tie."""
    by_slot: dict[int, list[_Cell]] = {}
    for cell in _free_cells(model, tree):
        by_slot.setdefault(cell.slot, []).append(cell)
    several = [cells for _, cells in sorted(by_slot.items()) if len(cells) > 1]
    if not several:
        return None
    one, other = rng.sample(rng.choice(several), 2)
    one.holder[one.index] = other.holder[other.index]
    return tree


def _resize(model: TextModel, tree: Tree, rng: random.Random) -> Tree | None:
    """Make one count larger or smaller, and fit to it whatever it counts."""
    counts = model.counts - ({0} if model.cases is not None and len(model.body) == 2 else set())
    cells = [cell for cell in _cells(model.body, tree) if cell.slot in counts]
    if not cells:
        return None
    cell = rng.choice(cells)
    cell.holder[cell.index] = int(cell.holder[cell.index]) + rng.choice((-1, 1, 1, 2))
    try:
        _fit(model, model.body, tree, (), {}, rng)
    except CannotFillError:
        return None
    return tree


def _fit(model: TextModel, body: Body, tree: Tree, path: Path, single: dict[int, Any], rng: random.Random) -> None:
    """Cut or fill the lists and blocks of a tree until they are as long as their counts say."""
    filler = Filler(model, rng, Profile("mixed", "low", 4))
    for index, (element, values) in enumerate(zip(body, tree, strict=True)):
        if isinstance(element, Repeat):
            count = element.count.of(single) if element.count is not None else len(values)
            if count is None or not 0 <= count <= 2000:
                raise CannotFillError
            inner = (*path, index)
            if any(edges.path == path and edges.block == index for edges in model.edge_lists) and count != len(values):
                values[:] = filler.block(element, path, index, single)
                continue
            del values[count:]
            while len(values) < count:
                values.append(filler.body(element.body, inner, dict(single)))
            for iteration in values:
                _fit(model, element.body, iteration, inner, dict(single), rng)
            continue
        if isinstance(element, Line):
            _fit_line(model, element, values, path, single, filler)


def _fit_line(
    model: TextModel, line: Line, values: list[Any], path: Path, single: dict[int, Any], filler: Filler
) -> None:
    for position, slot in enumerate(line.tokens):
        domain = model.domains[slot]
        if isinstance(domain, Integers):
            single[slot] = int(values[position])
        elif isinstance(domain, Texts) and domain.length_slot in single:
            length = single[domain.length_slot] + domain.length_offset
            if len(str(values[position])) != length:
                values[position] = filler.value(slot, path, single)
    if line.vector is None or line.count is None:
        return
    count = line.count.of(single)
    if count is None or not 0 <= count <= 5000:
        raise CannotFillError
    if count > len(values[-1]):
        values[-1] += filler.values(line.vector, path, count - len(values[-1]), single)
    del values[-1][count:]


def _change_cases(model: TextModel, tree: Tree, rng: random.Random) -> Tree | None:
    """Leave out a case, repeat one, or put another in its place."""
    block = model.cases
    if block is None:
        return None
    cases = tree[-1]
    place = rng.randrange(len(cases))
    kind = rng.choice(("drop", "repeat", "replace", "replace"))
    if kind == "drop" and len(cases) > 1:
        del cases[place]
    elif kind == "repeat":
        cases.insert(rng.randrange(len(cases) + 1), copy.deepcopy(cases[place]))
    else:
        try:
            filler = Filler(model, rng, Profile("mixed", "mixed", 8))
            cases[place] = filler.body(block.body, (len(model.body) - 1,), {0: len(cases)})
        except CannotFillError:
            return None
    if len(model.body) == 2:
        tree[0][0] = len(cases)
    return tree
