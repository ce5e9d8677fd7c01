"""Infer the model of a problem's texts from the given inputs and the statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from curation.generated_tests.bounds import normalize_mathematics
from curation.generated_tests.candidate import Risk
from curation.generated_tests.standard_input.bind_names import Binding, bind_names, places_of
from curation.generated_tests.standard_input.domains import Domain, Integers, domain_of, length_links, spell_texts
from curation.generated_tests.standard_input.find_grammars import find_grammars
from curation.generated_tests.standard_input.grammar import (
    Body,
    Line,
    Repeat,
    Text,
    Tree,
    as_number,
    counts_of,
    parse,
    slots_of,
    split_lines,
)
from curation.generated_tests.standard_input.learn_relations import (
    edge_lists_of,
    fixed_ends,
    kinds_kept,
    relations_of,
    wider_indices,
)
from curation.generated_tests.standard_input.scopes import Path, Scope, scopes_of, values_by_slot
from curation.generated_tests.standard_input.stated_comparisons import (
    slots_of_names,
    stated_comparisons,
    stated_sums,
    supposed_comparisons,
    unresolved,
    wider,
    with_lengths,
    with_products,
)
from curation.generated_tests.standard_input.stated_counts import (
    read_counts,
    support_of,
    support_of_lines,
    unsupported,
)
from curation.generated_tests.standard_input.text_model import TextModel, cases_of
from curation.generated_tests.stated_promises import mentions_cases, read_promises
from curation.generated_tests.stated_ranges import read_ranges
from curation.generated_tests.statement_sections import split_sections

UNSTATED_CASES = 20
"""Cases of a text where the statement does not say how many there may be."""
MAX_GIVEN_CHARACTERS = 3_000_000
"""Given inputs beyond it, all together, are too long to learn from."""

_CASE_IS_LINE = re.compile(
    r"\b(?:only|single) line (?:of|in|for) (?:each|every|the) (?:test|case)"
    r"|\beach (?:test ?-?case|case|test) (?:contains|consists of|has|is)(?: of)?"
    r" (?:an? |one |exactly one )?(?:single )?line\b",
    re.IGNORECASE,
)
"""A case is one line: "the only line of each test case contains a string"."""
_EQUAL_SUM = re.compile(r"\S+ ?\+ ?(?:\S+ ?\+ ?)?\.\.\. ?\+ ?\S+ ?= ?\S+")
"""``w_1 + w_2 + ... + w_k = n``."""


def learn_model(question: str, inputs: Sequence[str]) -> TextModel | None:
    """Return the model of the inputs; None where no grammar explains every one of them."""
    texts = [text.replace("\r", "") for text in inputs]
    if not texts or not all(text.strip() for text in texts) or sum(map(len, texts)) > MAX_GIVEN_CHARACTERS:
        return None
    ends_with_newline = all(text.endswith("\n") for text in texts)
    last_line = _last_line(question, texts)
    if last_line:
        texts = [text.rstrip().rpartition("\n")[0] for text in texts]
    lines, raw = [split_lines(text) for text in texts], [text.rstrip().split("\n") for text in texts]
    links = sorted({(each.factor, each.offset) for each in read_counts(question)})
    bodies = find_grammars(lines, raw, mentions_cases(question), links, bool(_CASE_IS_LINE.search(question)))
    if not bodies:
        return None
    stated, counts = read_ranges(question), read_counts(question)

    def described(body: Body) -> tuple[float, Body, Binding, tuple[Tree, ...]]:
        trees = tuple(parse(body, *each) or [] for each in zip(lines, raw, strict=True))
        values = _values(body, trees)
        places = places_of(body, values, _numbers(body, values))
        binding = bind_names(places, question, stated, frozenset(each.name for each in counts))
        score = binding.score - _complexity(body) + support_of(body, binding.names, counts)
        return score + support_of_lines(body, binding.names, question), body, binding, trees

    _, body, binding, trees = max(map(described, bodies), key=lambda each: each[0])
    model = _model(body, binding, trees, question, ends_with_newline)
    return model if model is None or not last_line else _ended(model, last_line)


_ENDS = re.compile(
    r"\b(?:terminat\w*|followed by|ends? (?:with|by)|end of (?:the )?(?:input|file|data))\b"
    r"[^.\n]{0,80}?\b(?:0|zero(?:e?s)?)\b|\b(?:0|zero(?:e?s)?)\b[^.\n]{0,60}?\b(?:end of|ends|terminat)",
    re.IGNORECASE,
)
"""A line of zeros ends the text: "the last case is followed by a zero"."""


def _last_line(question: str, texts: Sequence[str]) -> str:
    """Return the line of zeros that ends every text, where the statement says that one does; else nothing."""
    last = {" ".join(text.split("\n")[-1].split()) for text in map(str.rstrip, texts)}
    several = all("\n" in text.strip() for text in texts)
    line = last.pop() if len(last) == 1 else ""
    return line if several and re.fullmatch(r"0(?: 0)*", line) and _ENDS.search(question) else ""


def _ended(model: TextModel, last_line: str) -> TextModel | None:
    """Return a model whose texts end with a line of zeros, so that no other line is one."""
    first = next(iter(model.body), None)
    block = first if isinstance(first, Repeat) and first.count is None and len(model.body) == 1 else None
    line = block.body[0] if block is not None else None
    if not isinstance(line, Line) or not line.tokens:
        return None
    domain = model.domains[line.tokens[0]]
    if not isinstance(domain, Integers) or domain.low < 1:
        return None
    low = max(1, domain.stated_low if domain.stated_low is not None else domain.low)
    domains = {**model.domains, line.tokens[0]: replace(domain, stated_low=low)}
    return replace(model, domains=domains, last_line=last_line)


FEW_SINGLE = 4
"""Single tokens of a line; more are rather a list."""


def _complexity(body: Body) -> float:
    """Return the cost of what a grammar leaves to chance or bends to fit."""
    cost = sum(0.4 * (count.offset != 0) + 0.4 * (count.factor != 1) for count in counts_of(body))
    for element in body:
        if isinstance(element, Repeat):
            cost += 0.3 + _complexity(element.body) + 0.4 * (element.count is None)
            cost += 0.6 * any(count == element.count for count in counts_of(element.body))  # a square is rare
        elif isinstance(element, Text) or (element.count is None and element.vector is not None):
            cost += 1.0
        else:
            cost += 0.3 + 0.3 * max(0, len(element.tokens) - FEW_SINGLE)
    return cost


def _values(body: Body, trees: Sequence[Tree]) -> dict[int, list[str]]:
    values: dict[int, list[str]] = {slot: [] for slot, _ in slots_of(body)}
    for tree in trees:
        for slot, found in values_by_slot(body, tree).items():
            values[slot] += found
    return values


def _numbers(body: Body, values: Mapping[int, Sequence[str]]) -> dict[int, list[int] | None]:
    """Return the integers of each slot whose values all are; None for the others."""
    lines = {element.slot for _, element in slots_of(body) if isinstance(element, Text)}
    numbers: dict[int, list[int] | None] = {}
    for slot, written in values.items():
        read = [as_number(value) for value in written]
        whole = [number for number in read if number is not None]
        numbers[slot] = whole if slot not in lines and written and len(whole) == len(read) else None
    return numbers


def _model(
    body: Body,
    binding: Binding,
    trees: tuple[Tree, ...],
    question: str,
    ends_with_newline: bool,
) -> TextModel | None:
    stated, promises, has_cases = read_ranges(question), read_promises(question), mentions_cases(question)
    values = _values(body, trees)
    numbers = _numbers(body, values)
    spelled = {
        slot
        for slot, element in slots_of(body)
        if values[slot] and spell_texts(values[slot], binding.names.get(slot), stated, promises)
    }
    whole = frozenset(slot for slot, found in numbers.items() if found is not None and slot not in spelled)
    scopes = [scope for tree in trees for scope in scopes_of(body, tree, whole)]
    domains: dict[int, Domain] = {}
    for slot, element in slots_of(body):
        if not values[slot]:
            return None  # nothing is known of what a block of no rows would hold
        link = _length_link(slot, scopes) if slot not in whole else None
        domains[slot] = domain_of(
            values[slot], binding.names.get(slot), stated, promises, link, isinstance(element, Text), slot in spelled
        )
    if has_cases and cases_of(body) is not None:
        domains[0] = _number_of_cases(domains[0])
    integers = frozenset(slot for slot, domain in domains.items() if isinstance(domain, Integers))
    scopes = [scope for tree in trees for scope in scopes_of(body, tree, integers)]
    by_path: dict[Path, list[Scope]] = {}
    for scope in scopes:
        by_path.setdefault(scope.path, []).append(scope)
    slot_of = slots_of_names(binding, stated.comparisons, domains, question)
    comparisons = [with_products(with_lengths(each, slot_of), slot_of) for each in stated.comparisons]
    comparisons += stated_sums(stated)
    compared = list(stated_comparisons(comparisons, slot_of, body, by_path))
    domains |= wider(domains, compared)
    unbound = [slot for slot in sorted(integers - binding.names.keys()) if not (slot == 0 and has_cases)]
    supposed = list(supposed_comparisons(comparisons, slot_of, unbound, body, by_path))
    compared += supposed
    graphs = list(edge_lists_of(body, by_path, domains, promises, compared))
    relations = relations_of(body, by_path, domains, compared, graphs, promises)
    ends = list(fixed_ends(by_path, slot_of, promises))
    for end in ends:
        relations[end.path].append(end)
    domains |= wider_indices(body, domains, relations, graphs)
    kept = kinds_kept(relations, graphs, domains)
    missing = tuple("/".join(sorted(kinds)) for kinds in promises.promised if not kinds & kept)
    unread = promises.unread + missing + tuple(_unexplained(body, whole))
    unread += tuple(_unexplained_constants(body, whole, question))
    unread += ("words of commands or code",) if _has_code(body, values) else ()
    unread += tuple(_equal_sums(question))
    if len(ends) < len(promises.ends):
        unread += ("an end of a list is always the same",)
    unread += tuple(unsupported(body, binding.names, read_counts(question)))
    named = [domains[slot] for slot in slot_of.values()]
    is_empty = any(isinstance(each, Integers) and each.ends(Risk.OPEN) == (0, 0) for each in named)
    unread += tuple(unresolved(comparisons, slot_of, compared, kept, is_empty))
    packed = {path: tuple(found) for path, found in relations.items() if found}
    return TextModel(
        body,
        domains,
        packed,
        tuple(graphs),
        trees,
        dict(binding.names),
        bool(unread),
        unread,
        ends_with_newline,
        has_cases,
    )


def _number_of_cases(domain: Domain) -> Domain:
    """Let a text hold a few cases more than the given ones, where the statement says of cases but not how many."""
    if not isinstance(domain, Integers):
        return domain
    domain = replace(domain, modulus=1)
    if domain.is_stated:
        return domain
    low = domain.low if domain.stated_low is None else domain.stated_low
    high = max(domain.high, UNSTATED_CASES) if domain.stated_high is None else domain.stated_high
    return replace(domain, stated_low=min(low, 1), stated_high=high, is_bound=True)


def _equal_sums(question: str) -> Iterator[str]:
    """Yield what the statement says of a sum of a list that equals something, which no relation represents."""
    sections = split_sections(question)
    for text in (sections.input, sections.constraints):
        for found in _EQUAL_SUM.finditer(normalize_mathematics(text)):
            yield " ".join(found[0].split())


def _unexplained(body: Body, whole: frozenset[int]) -> Iterator[str]:
    """Yield what the grammar leaves open: a list that numbers stand before, none of which is its length."""
    lines = [element for _, element in slots_of(body)]
    if any(isinstance(line, Line) and line.vector is not None and line.count is None for line in lines):
        of_cases = {0} if cases_of(body) is not None and len(body) == 2 else set()
        singles = {slot for line in lines if isinstance(line, Line) for slot in line.tokens} - of_cases
        if singles & whole:
            yield "the length of a list is not explained"


def _unexplained_constants(body: Body, whole: frozenset[int], question: str) -> Iterator[str]:
    """Yield a list of a constant length that the input's format does not state, where a number before it may tell it.

    Where n is 13 and 12 numbers follow, they are n-1, if nothing speaks of 12.
    """
    text = normalize_mathematics(split_sections(question).input or question)
    of_cases = {0} if cases_of(body) is not None and len(body) == 2 else set()
    singles: set[int] = set()
    for _, line in slots_of(body):
        if not isinstance(line, Line):
            continue
        count = line.count if line.vector is not None else None
        is_constant = count is not None and count.slot is None and bool(singles & whole - of_cases)
        if count is not None and is_constant and not re.search(rf"(?<!\d){count.offset}(?!\d)", text):
            yield f"{count.offset} values"
        singles |= set(line.tokens)


_CODE = re.compile(r"[A-Za-z].*[<>{};]|[<>{};].*[A-Za-z]")
"""A word or a line of a program or of markup."""


def _has_code(body: Body, values: Mapping[int, Sequence[str]]) -> bool:
    """Return whether there are commands or code, whose words do not stand in any order: ``insert 0 5``, ``<div>``."""
    for slot, line in slots_of(body):
        found = values[slot]
        is_list = isinstance(line, Line) and line.vector == slot
        has_numbers = any(as_number(value) is not None for value in found)
        has_words = any(value.isalpha() and len(value) > 1 for value in found)
        if (is_list and has_numbers and has_words) or any(map(_CODE.search, found)):
            return True
    return False


def _length_link(slot: int, scopes: Sequence[Scope]) -> tuple[int, int] | None:
    observed: list[tuple[str, Mapping[int, int]]] = []
    for scope in scopes:
        known = {each: value for each, value in scope.single.items() if isinstance(value, int)}
        if slot in scope.own:
            observed.append((str(scope.single[slot]), known))
    return length_links(observed)
