"""Collect the relations and the edge lists that all given inputs of a problem share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from curation.generated_tests.standard_input.domains import Domain, Integers, Texts
from curation.generated_tests.standard_input.edge_lists import EdgeList, describe_graphs
from curation.generated_tests.standard_input.grammar import Body, Line, Repeat, counts_of
from curation.generated_tests.standard_input.relations import (
    Compared,
    DistinctRows,
    FixedEnd,
    Listed,
    Relation,
    equal_lengths,
    pairs_of_singles,
    pairs_with_lists,
    relations_of_lists,
)
from curation.generated_tests.standard_input.scopes import Path, Scope
from curation.generated_tests.standard_input.text_model import bodies_of, cases_of
from curation.generated_tests.stated_promises import Promises

MAX_COMPARED = 14
"""Single values of a scope that are compared with each other at most."""
ScopesByPath = Mapping[Path, Sequence[Scope]]


def edge_lists_of(
    body: Body,
    by_path: ScopesByPath,
    domains: Mapping[int, Domain],
    promises: Promises,
    compared: Sequence[Compared] = (),
) -> Iterator[EdgeList]:
    """Yield the blocks of rows ``u v ...`` whose first two values are always nodes.

    Values that the statement bounds by different ones (``x <= w, y <= h``) are places, not nodes.
    """
    for path, inner in bodies_of(body):
        for index, block in enumerate(inner):
            rows = block.body if isinstance(block, Repeat) else ()
            if len(rows) != 1 or not isinstance(rows[0], Line) or rows[0].vector is not None:
                continue
            tokens = rows[0].tokens
            ends = [domains[slot] for slot in tokens[:2]]
            if len(tokens) not in (2, 3) or not all(isinstance(end, Integers) for end in ends):
                continue
            limits, others = (_limits(slot, compared) for slot in tokens[:2])
            are_ordered = tokens[0] in others or tokens[1] in limits  # a_i < b_i <= n: one limit for both
            if limits and others and not limits & others and not are_ordered:
                continue
            scopes = [scope for scope in by_path.get(path, ()) if tokens[0] in scope.lists or _is_empty(scope, block)]
            for nodes in _node_counts(path, scopes, domains):
                graphs = [
                    (
                        scope.single[nodes],
                        list(zip(scope.lists.get(tokens[0], []), scope.lists.get(tokens[1], []), strict=True)),
                    )
                    for scope in scopes
                ]
                found = describe_graphs(path, index, tokens[0], tokens[1], nodes, graphs, promises.kinds)
                if found is not None and _is_about_nodes(ends, found):
                    yield found
                    break


def _limits(slot: int, compared: Sequence[Compared]) -> set[int]:
    """Return the slots whose values are upper ends of a slot's, by what the statement states."""
    return {
        each.slots[name]
        for each in compared
        if each.is_stated and each.operator in ("<", "<=") and each.slots.get(each.left.expression) == slot
        for name in each.right.names
    }


def _is_empty(scope: Scope, block: object) -> bool:
    return isinstance(block, Repeat) and block.count is not None and block.count.of(scope.single) == 0


def _is_about_nodes(ends: Sequence[Domain], found: EdgeList) -> bool:
    """Return whether the ends' stated ranges leave it open that they are nodes: not ``1 <= l <= r <= 10^9``."""
    return found.is_tree or not all(isinstance(end, Integers) and end.is_stated and not end.is_by_name for end in ends)


def _node_counts(path: Path, scopes: Sequence[Scope], domains: Mapping[int, Domain]) -> Iterator[int]:
    if scopes:
        shared = set.intersection(*(set(scope.single) for scope in scopes))
        yield from sorted(slot for slot in shared if isinstance(domains[slot], Integers) and (path == () or slot != 0))


def relations_of(
    body: Body,
    by_path: ScopesByPath,
    domains: Mapping[int, Domain],
    compared: Sequence[Compared],
    graphs: Sequence[EdgeList],
    promises: Promises,
) -> dict[Path, list[Relation]]:
    """Return all relations by the path of the scopes in which they hold."""
    stated = {slot: isinstance(domain, Integers) and domain.is_stated for slot, domain in domains.items()}
    of_cases = {0} if cases_of(body) is not None and len(body) == 2 else set()
    counts = frozenset(count.slot for count in counts_of(body) if count.slot is not None)
    lengths_stated = {s for s, d in domains.items() if isinstance(d, Texts) and d.stated_longest is not None}
    edges = {slot for graph in graphs for slot in (graph.source, graph.target)}
    relations: dict[Path, list[Relation]] = {path: [] for path, _ in bodies_of(body)}
    for relation in compared:
        relations[relation.path].append(relation)
    for path, scopes in by_path.items():
        singles = [
            slot
            for slot in sorted(set.intersection(*(set(scope.single) for scope in scopes)) - of_cases)
            if isinstance(domains[slot], Integers)
        ][:MAX_COMPARED]
        lists = sorted({slot for scope in scopes for slot in scope.lists} - edges)
        relations[path] += pairs_of_singles(
            path, scopes, [s for s in singles if s not in edges], stated, promises.kinds, counts
        )
        texts = [slot for slot in sorted(scopes[0].own) if _is_free_text(domains[slot])]
        free = frozenset() if promises.same_lengths else frozenset(filter(lengths_stated.__contains__, texts))
        relations[path] += equal_lengths(path, scopes, texts, free)
        whole = [slot for slot in lists if isinstance(domains[slot], Integers)]
        relations[path] += pairs_with_lists(path, scopes, singles, whole, stated)
        if path != () or not of_cases:
            for slot in lists:
                seen = [scope.lists[slot] for scope in scopes if scope.lists.get(slot)]
                relations[path] += relations_of_lists(path, slot, seen, promises.kinds, _is_stated(domains[slot]))
            relations[path] += _distinct_rows(path, body, by_path, edges, promises)
    return relations


def _is_free_text(domain: Domain) -> bool:
    return isinstance(domain, Texts) and domain.alphabet is not None and domain.length_slot is None


def _is_stated(domain: Domain) -> bool:
    return domain.is_stated if isinstance(domain, Integers | Texts) else False


def _distinct_rows(
    path: Path, body: Body, by_path: ScopesByPath, edges: set[int], promises: Promises
) -> Iterator[DistinctRows]:
    """Yield the blocks whose rows are always distinct, where the statement speaks of distinctness."""
    if "distinct" not in promises.kinds:
        return
    for inner_path, inner in bodies_of(body):
        if inner_path[:-1] != path or len(inner_path) != len(path) + 1 or len(inner) != 1:
            continue
        line = inner[0]
        if isinstance(line, Line) and line.vector is None and len(line.tokens) > 1 and not edges & set(line.tokens):
            rows = DistinctRows(path, line.tokens)
            if any(len(scope.lists.get(line.tokens[0], [])) > 1 for scope in by_path[path]) and all(
                rows.holds(scope) for scope in by_path[path]
            ):
                yield rows


def fixed_ends(by_path: ScopesByPath, names: Mapping[str, int], promises: Promises) -> Iterator[FixedEnd]:
    """Yield the promised ends of lists whose names have a slot, where all given lists have them."""
    for name, at, value in promises.ends:
        for path, scopes in sorted(by_path.items(), key=lambda each: -len(each[0])):  # the list itself comes first
            if name in names and any(scope.lists.get(names[name]) for scope in scopes):
                relation = FixedEnd(path, names[name], at, value)
                if all(map(relation.holds, scopes)):
                    yield relation
                break


def wider_indices(
    body: Body, domains: Mapping[int, Domain], relations: Mapping[Path, Sequence[Relation]], graphs: Sequence[EdgeList]
) -> dict[int, Domain]:
    """Give values that are bounded by another value (nodes, indices, permutations) the extreme of that value.

    Where the statement is silent on their range, the relation says it.
    """
    wider: dict[int, Domain] = {}
    limits: list[tuple[int, int]] = [(end, graph.nodes) for graph in graphs for end in (graph.source, graph.target)]
    counted = {
        element.vector: element.count for _, inner in bodies_of(body) for element in inner if isinstance(element, Line)
    }
    for found in relations.values():
        for relation in found:
            count = counted.get(relation.slot) if isinstance(relation, Listed) else None
            if not isinstance(relation, Listed) or count is None or count.slot is None:
                continue
            if relation.kind.startswith("permutation") or relation.kind.startswith("earlier index"):
                limits.append((relation.slot, count.slot))
    for slot, limit in limits:
        domain, other = domains[slot], domains[limit]
        if isinstance(domain, Integers) and isinstance(other, Integers):
            high = other.high if other.stated_high is None else other.stated_high
            low = domain.low if domain.stated_low is None else domain.stated_low
            if domain.stated_high is None or not domain.is_stated:
                wider[slot] = replace(domain, stated_low=min(low, 1), stated_high=max(high, domain.high), is_bound=True)
    return wider


def kinds_kept(
    relations: Mapping[Path, Sequence[Relation]], graphs: Sequence[EdgeList], domains: Mapping[int, Domain]
) -> frozenset[str]:
    """Return the kinds of promises that hard relations, edge lists and domains keep."""
    kept: set[str] = set()
    for found in relations.values():
        for relation in found:
            if not relation.is_hard:
                continue
            if isinstance(relation, DistinctRows):
                kept.add("distinct")
            elif isinstance(relation, FixedEnd):
                continue
            elif isinstance(relation, Listed):
                kept |= _KINDS_OF_LISTS[relation.kind]
            elif relation.operator in ("!=", "%", "gcd"):
                kept.add({"!=": "distinct", "%": "divisible", "gcd": "coprime"}[relation.operator])
            elif relation.is_stated:
                kept |= {"sorted"} | ({"distinct"} if relation.operator == "<" else set())
    for graph in graphs:
        kept |= {"tree", "connected", "simple"} if graph.is_tree else set()
        kept |= {"connected"} if graph.is_connected else set()
        kept |= {"distinct"} if not graph.has_repeats else set()
        kept |= {"simple"} if not graph.has_loops and not graph.has_repeats else set()
    moduli = {domain.modulus for domain in domains.values() if isinstance(domain, Integers)}
    kept |= ({"parity"} if 2 in moduli else set()) | ({"divisible"} if moduli - {1} else set())
    kept |= {"parity"} if any(isinstance(d, Texts) and d.length_modulus > 1 for d in domains.values()) else set()
    if any(isinstance(domain, Integers) and domain.is_power_of_two for domain in domains.values()):
        kept.add("power of two")
    if any(isinstance(domain, Texts) and domain.is_palindrome for domain in domains.values()):
        kept.add("palindrome")
    return frozenset(kept)


_KINDS_OF_LISTS = {
    "permutation of 1": {"permutation", "distinct", "unequal neighbours"},
    "permutation of 0": {"permutation", "distinct", "unequal neighbours"},
    "increasing": {"sorted", "distinct", "unequal neighbours"},
    "decreasing": {"sorted", "distinct", "unequal neighbours"},
    "nondecreasing": {"sorted"},
    "nonincreasing": {"sorted"},
    "distinct": {"distinct", "unequal neighbours"},
    "unequal neighbours": {"unequal neighbours"},
    "earlier index": {"tree", "connected"},
    "earlier index from 0": {"tree", "connected"},
    "sum is zero": {"zero sum"},
    "one parity": {"parity"},
}
