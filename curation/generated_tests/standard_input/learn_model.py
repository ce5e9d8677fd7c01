"""Infer the model of a problem's texts from the given inputs and the statement."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from curation.generated_tests.bounds import Bound, normalize_mathematics
from curation.generated_tests.standard_input.bind_names import Binding, bind_names, places_of
from curation.generated_tests.standard_input.domains import Domain, Integers, Texts, domain_of, length_links
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
    kinds_kept,
    relations_of,
    wider_indices,
)
from curation.generated_tests.standard_input.relations import Compared
from curation.generated_tests.standard_input.scopes import Path, Scope, scopes_of, values_by_slot
from curation.generated_tests.standard_input.stated_counts import read_counts, support_of, unsupported
from curation.generated_tests.standard_input.text_model import TextModel, bodies_of, cases_of, slots_of_element
from curation.generated_tests.stated_promises import mentions_cases, read_promises
from curation.generated_tests.stated_ranges import Comparison, read_ranges

UNSTATED_CASES = 20
"""Cases of a text where the statement does not say how many there may be."""
MAX_GIVEN_CHARACTERS = 3_000_000
"""Given inputs beyond it, all together, are too long to learn from."""


def learn_model(question: str, inputs: Sequence[str]) -> TextModel | None:
    """Return the model of the inputs; None where no grammar explains every one of them."""
    texts = [text.replace("\r", "") for text in inputs]
    if not texts or not all(text.strip() for text in texts) or sum(map(len, texts)) > MAX_GIVEN_CHARACTERS:
        return None
    lines, raw = [split_lines(text) for text in texts], [text.rstrip().split("\n") for text in texts]
    links = sorted({(each.factor, each.offset) for each in read_counts(question)})
    bodies = find_grammars(lines, raw, has_cases=mentions_cases(question), links=links)
    if not bodies:
        return None
    stated, counts = read_ranges(question), read_counts(question)

    def described(body: Body) -> tuple[float, Body, Binding, tuple[Tree, ...]]:
        trees = tuple(parse(body, *each) or [] for each in zip(lines, raw, strict=True))
        values = _values(body, trees)
        binding = bind_names(places_of(body, values, _numbers(body, values)), question, stated)
        return binding.score - _complexity(body) + support_of(body, binding.names, counts), body, binding, trees

    _, body, binding, trees = max(map(described, bodies), key=lambda each: each[0])
    return _model(body, binding, trees, question, all(text.endswith("\n") for text in texts))


def _complexity(body: Body) -> float:
    """Return the cost of what a grammar leaves to chance or bends to fit."""
    cost = sum(0.4 * (count.offset != 0) + 0.4 * (count.factor != 1) for count in counts_of(body))
    for element in body:
        if isinstance(element, Repeat):
            cost += 0.3 + _complexity(element.body)
        elif isinstance(element, Text) or (element.count is None and element.vector is not None):
            cost += 1.0
        else:
            cost += 0.3
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
    whole = frozenset(slot for slot, found in numbers.items() if found is not None)
    scopes = [scope for tree in trees for scope in scopes_of(body, tree, whole)]
    domains: dict[int, Domain] = {}
    for slot, element in slots_of(body):
        if not values[slot]:
            return None  # nothing is known of what a block of no rows would hold
        link = _length_link(slot, scopes) if slot not in whole else None
        domains[slot] = domain_of(
            values[slot], binding.names.get(slot), stated, promises, link, isinstance(element, Text)
        )
    if has_cases and cases_of(body) is not None:
        domains[0] = _number_of_cases(domains[0])
    integers = frozenset(slot for slot, domain in domains.items() if isinstance(domain, Integers))
    scopes = [scope for tree in trees for scope in scopes_of(body, tree, integers)]
    by_path: dict[Path, list[Scope]] = {}
    for scope in scopes:
        by_path.setdefault(scope.path, []).append(scope)
    slot_of = _slots_of_names(binding, stated.comparisons, domains, question)
    comparisons = [_with_lengths(each, slot_of) for each in stated.comparisons]
    compared = list(_stated_comparisons(comparisons, slot_of, body, by_path))
    domains |= _wider(domains, compared)
    graphs = list(edge_lists_of(body, by_path, domains, promises))
    relations = relations_of(body, by_path, domains, compared, graphs, promises)
    domains |= wider_indices(body, domains, relations, graphs)
    kept = kinds_kept(relations, graphs, domains)
    missing = tuple("/".join(sorted(kinds)) for kinds in promises.promised if not kinds & kept)
    unread = promises.unread + missing + tuple(_unexplained(body, whole))
    unread += tuple(unsupported(body, binding.names, read_counts(question)))
    unread += tuple(_unresolved(comparisons, slot_of, compared, kept))
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


def _unexplained(body: Body, whole: frozenset[int]) -> Iterator[str]:
    """Yield what the grammar leaves open: a list that numbers stand before, none of which is its length."""
    lines = [element for _, element in slots_of(body)]
    if any(isinstance(line, Line) and line.vector is not None and line.count is None for line in lines):
        singles = {slot for line in lines if isinstance(line, Line) for slot in line.tokens}
        if singles & whole:
            yield "the length of a list is not explained"


def _length_link(slot: int, scopes: Sequence[Scope]) -> tuple[int, int] | None:
    observed: list[tuple[str, Mapping[int, int]]] = []
    for scope in scopes:
        known = {each: value for each, value in scope.single.items() if isinstance(value, int)}
        if slot in scope.own:
            observed.append((str(scope.single[slot]), known))
    return length_links(observed)


def _stated_comparisons(
    comparisons: Sequence[Comparison],
    slot_of: Mapping[str, int],
    body: Body,
    by_path: Mapping[Path, Sequence[Scope]],
) -> Iterator[Compared]:
    """Yield the statement's comparisons of names that are bound, where the given inputs obey them."""
    home = {slot: path for path, inner in bodies_of(body) for element in inner for slot in slots_of_element(element)}
    for each in comparisons:
        known = _resolved(each, slot_of)
        if len(known) < len(set(each.left.names + each.right.names)):
            continue
        path = max((home[slot] for slot in known.values()), key=len)
        if any(home[slot] != path[: len(home[slot])] for slot in known.values()):
            path = ()
        relation = Compared(path, each.left, each.operator, each.right, known, True, True)
        if all(relation.holds(scope) for scope in by_path.get(path, ())):
            yield relation


def _slots_of_names(
    binding: Binding, comparisons: Sequence[Comparison], domains: Mapping[int, Domain], question: str
) -> dict[str, int]:
    """Return the slot of each name; a name for the length of the only text is that text's, as ``len_...`` is."""
    slot_of = {name: slot for slot, name in sorted(binding.names.items(), reverse=True)}
    texts = [slot for slot, domain in domains.items() if isinstance(domain, Texts)]
    text = normalize_mathematics(question)
    for name in {name for each in comparisons for name in each.left.names + each.right.names}:
        if len(texts) == 1 and len(name) == 1 and name not in slot_of and _is_length(name, text):
            slot_of[f"length {name}"] = texts[0]
    return slot_of


def _with_lengths(comparison: Comparison, slot_of: Mapping[str, int]) -> Comparison:
    """Write the names of a text's length as ``len_...``, which relations read so."""
    left, right = (_named_length(bound, slot_of) for bound in (comparison.left, comparison.right))
    return Comparison(left, comparison.operator, right)


def _named_length(bound: Bound, slot_of: Mapping[str, int]) -> Bound:
    expression, names = bound.expression, list(bound.names)
    for index, name in enumerate(names):
        if f"length {name}" in slot_of:
            names[index] = f"len_{name}"
            expression = re.sub(rf"\b{name}\b", names[index], expression)
    return Bound(expression, tuple(names), bound.offset)


def _is_length(name: str, text: str) -> bool:
    return bool(
        re.search(
            rf"\b(?:of )?(?:length|size)\s+(?:is |= ?|of )?{name}\b|\b{name} (?:is|denotes|=|—|-) (?:the )?length", text
        )
    )


def _resolved(comparison: Comparison, slot_of: Mapping[str, int]) -> dict[str, int]:
    """Return the slots of the names of a comparison that are known."""
    known: dict[str, int] = {}
    for name in comparison.left.names + comparison.right.names:
        slot = _slot_of(name.removeprefix("len_"), slot_of)
        if slot is not None:
            known[name] = slot
    return known


def _unresolved(
    comparisons: Sequence[Comparison], slot_of: Mapping[str, int], compared: Sequence[Compared], kept: frozenset[str]
) -> Iterator[str]:
    """Yield the comparisons of a bound name with something that is not known, unless an order that is kept says it.

    So are those that the given inputs break: then a name is bound to the wrong place.
    """
    obeyed = {(each.left, each.operator, each.right) for each in compared}
    for each in comparisons:
        known = _resolved(each, slot_of)
        unknown = set(each.left.names + each.right.names) - known.keys()
        says_little = each.left == each.right or any(len(name) > 4 for name in unknown)
        if not known or says_little or (not unknown and (each.left, each.operator, each.right) in obeyed):
            continue
        is_index = all(re.fullmatch(r"[ijk]|\w+?_?\(?[ijk]", name) for name in unknown)
        says_nothing = is_index and unknown and not any("[]" in name for name in known)
        if not says_nothing and not (is_index and unknown and kept & {"sorted", "tree", "permutation"}):
            yield f"{each.left.expression} {each.operator} {each.right.expression}"


def _slot_of(name: str, slot_of: Mapping[str, int]) -> int | None:
    for spelling in (f"length {name}", name, name.lower(), name.upper(), name.removesuffix("[]")):
        if spelling in slot_of:
            return slot_of[spelling]
    return None


def _wider(domains: Mapping[int, Domain], compared: Sequence[Compared]) -> dict[int, Domain]:
    """Give ends that the statement states by a name (``1 <= k <= n``) the extreme that the name can take."""
    wider = dict(domains)
    for _ in range(2):
        ends = {slot: _extremes(domain) for slot, domain in wider.items()}
        for each in compared:
            if each.operator not in ("<", "<="):
                continue
            strict = each.operator == "<"
            for mine, other, is_upper in ((each.left, each.right, True), (each.right, each.left, False)):
                slot = each.slots.get(mine.expression)
                domain = wider.get(slot) if slot is not None else None
                if not isinstance(domain, Integers) or mine.expression.startswith("len_"):
                    continue
                known = {name: ends[each.slots[name]][int(is_upper)] for name in other.names}
                value = other.value(known)
                if value is None:
                    continue
                if is_upper and domain.stated_high is None and value - strict >= domain.high:
                    wider[each.slots[mine.expression]] = replace(
                        domain, stated_high=int(value - strict), is_bound=True, is_by_name=True
                    )
                elif not is_upper and domain.stated_low is None and value + strict <= domain.low:
                    wider[each.slots[mine.expression]] = replace(
                        domain, stated_low=int(value + strict), is_bound=True, is_by_name=True
                    )
    return wider


def _extremes(domain: Domain) -> tuple[int, int]:
    if isinstance(domain, Integers):
        low = domain.low if domain.stated_low is None else domain.stated_low
        return low, domain.high if domain.stated_high is None else domain.stated_high
    if isinstance(domain, Texts):
        return domain.shortest, domain.longest if domain.stated_longest is None else domain.stated_longest
    return 0, 0
