"""Find the values that the comparisons of a statement speak of: ``k <= n``, ``a_i <= len(s)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from curation.generated_tests.bounds import Bound, normalize_mathematics
from curation.generated_tests.standard_input.bind_names import Binding
from curation.generated_tests.standard_input.domains import Domain, Integers, Texts
from curation.generated_tests.standard_input.grammar import Body
from curation.generated_tests.standard_input.relations import Compared
from curation.generated_tests.standard_input.scopes import Path, Scope
from curation.generated_tests.standard_input.text_model import bodies_of, slots_of_element
from curation.generated_tests.stated_ranges import Comparison, StatedRanges


def stated_comparisons(
    comparisons: Sequence[Comparison],
    slot_of: Mapping[str, int],
    body: Body,
    by_path: Mapping[Path, Sequence[Scope]],
) -> Iterator[Compared]:
    """Yield the statement's comparisons of names that are bound, where the given inputs obey them."""
    home = {slot: path for path, inner in bodies_of(body) for element in inner for slot in slots_of_element(element)}
    for each in comparisons:
        known = resolved(each, slot_of)
        if len(known) < len(set(each.left.names + each.right.names)):
            continue
        path = max((home[slot] for slot in known.values()), key=len)
        if any(home[slot] != path[: len(home[slot])] for slot in known.values()):
            path = ()
        relation = Compared(path, each.left, each.operator, each.right, known, True, True)
        if all(relation.holds(scope) for scope in by_path.get(path, ())):
            yield relation


def stated_sums(stated: StatedRanges) -> Iterator[Comparison]:
    """Yield the upper ends that the statement gives to sums of all elements of a list."""
    for name, found in stated.values.items():
        high = found.high()
        if name.startswith("sum_") and high is not None:
            yield Comparison(Bound(name, (name,)), "<=", Bound(str(int(high))))


def supposed_comparisons(
    comparisons: Sequence[Comparison],
    slot_of: Mapping[str, int],
    unbound: Sequence[int],
    body: Body,
    by_path: Mapping[Path, Sequence[Scope]],
) -> Iterator[Compared]:
    """Yield the comparisons of a bound name with one that is not, for every nameless slot that it may mean.

    Those that the given inputs break are not meant. Keeping the others leaves out valid inputs and lets none through.
    """
    for each in comparisons:
        known = resolved(each, slot_of)
        unknown = sorted(set(each.left.names + each.right.names) - known.keys())
        if known and len(unknown) == 1 and re.fullmatch(r"(?![ijk]\b)[A-Za-z]\w?(?:\[\])?", unknown[0]):
            for slot in unbound:
                yield from stated_comparisons([each], {**slot_of, unknown[0]: slot}, body, by_path)


def slots_of_names(
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


def with_lengths(comparison: Comparison, slot_of: Mapping[str, int]) -> Comparison:
    """Write the names of a text's length as ``len_...``, which relations read so."""
    left, right = (_named_length(bound, slot_of) for bound in (comparison.left, comparison.right))
    return Comparison(left, comparison.operator, right)


def with_products(comparison: Comparison, slot_of: Mapping[str, int]) -> Comparison:
    """Write a name that has no slot, but whose two letters have, as their product: ``NM`` for ``N * M``."""
    left, right = (_as_product(bound, slot_of) for bound in (comparison.left, comparison.right))
    return Comparison(left, comparison.operator, right)


def _as_product(bound: Bound, slot_of: Mapping[str, int]) -> Bound:
    expression, names = bound.expression, list(bound.names)
    for name in bound.names:
        if re.fullmatch(r"[A-Za-z]{2}", name) and name not in slot_of and all(letter in slot_of for letter in name):
            expression = re.sub(rf"\b{name}\b", f"({name[0]} * {name[1]})", expression)
            names = [each for each in names if each != name] + list(name)
    return Bound(expression, tuple(dict.fromkeys(names)), bound.offset)


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
            rf"\b(?:of )?(?:length|size)\s+(?:is |= ?|of |\()?\s*{name}\b"
            rf"|\b{name} (?:is|denotes|=|—|-) (?:the )?length",
            text,
        )
    )


def resolved(comparison: Comparison, slot_of: Mapping[str, int]) -> dict[str, int]:
    """Return the slots of the names of a comparison that are known."""
    known: dict[str, int] = {}
    for name in comparison.left.names + comparison.right.names:
        base = name.removeprefix("len_").removeprefix("sum_")
        slot = _slot_of(base, slot_of)
        if slot is None and name.startswith("sum_"):
            slot = _slot_of(f"{base}[]", slot_of)
        if slot is not None:
            known[name] = slot
    return known


def unresolved(
    comparisons: Sequence[Comparison],
    slot_of: Mapping[str, int],
    compared: Sequence[Compared],
    kept: frozenset[str],
    is_empty: bool = False,
) -> Iterator[str]:
    """Yield the comparisons of a bound name with something that is not known, unless an order that is kept says it.

    So are those that the given inputs break: then a name is bound to the wrong place. With ``is_empty`` some block
    never has a row, and elements that are bound to no slot are its own: they say nothing.
    """
    obeyed = {(each.left, each.operator, each.right) for each in compared}
    for each in comparisons:
        known = resolved(each, slot_of)
        unknown = set(each.left.names + each.right.names) - known.keys()
        says_little = each.left == each.right or any(len(name) > 4 and not name.startswith("sum_") for name in unknown)
        says_little = says_little or (is_empty and bool(unknown) and all(map(_is_element, unknown)))
        if not known or says_little or (each.left, each.operator, each.right) in obeyed:
            continue
        is_index = all(re.fullmatch(r"[ijk]|\w+?_?\(?[ijk]", name) for name in unknown)
        says_nothing = is_index and unknown and not any("[]" in name for name in known)
        if not says_nothing and not (is_index and unknown and kept & {"sorted", "tree", "permutation"}):
            yield f"{each.left.expression} {each.operator} {each.right.expression}"


def _is_element(name: str) -> bool:
    """Return whether a name is that of an element of a list: ``a[]``, or ``it`` for i_t."""
    return "[]" in name or bool(re.fullmatch(r"[a-z][a-z]", name))


def _slot_of(name: str, slot_of: Mapping[str, int]) -> int | None:
    for spelling in (f"length {name}", name, name.lower(), name.upper(), name.removesuffix("[]")):
        if spelling in slot_of:
            return slot_of[spelling]
    return None


def wider(domains: Mapping[int, Domain], compared: Sequence[Compared]) -> dict[int, Domain]:
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
                if not isinstance(domain, Integers) or mine.expression.startswith(("len_", "sum_")):
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
