"""Read chains of comparisons from normalised mathematics: ``1 <= l, r <= n`` as its terms and operators."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curation.generated_tests.bounds import NUMBER, read_bound

Chain = list[tuple[list[str], str]]
"""The terms between two operators, with the operator before them; the first has none."""

NAME = (
    r"(?:\|\s*[A-Za-z]\w*(?:\[[^\]\s]{1,12}\])*\s*\||[A-Za-z]\w*(?:\[[^\]\s]{0,12}\])*(?:\.(?:length|size)\b(?:\(\))?)?'?"
    r"(?:\(\s*[A-Za-z]\w*\s*\))?)"
)
"""Pattern of a name in a normalised text: ``n``, ``a_i``, ``nums[i][j]``, ``|S|``, ``nums.length``, ``len(s)``."""

_ATOM = rf"(?:{NUMBER}|(?:min|max)\s*\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|{NAME}|\([^()]*\))"
_TERM = rf"(?:-\s*)?{_ATOM}(?:\s*[-+*/^]\s*{_ATOM}|(?<=\d)\s?(?=[A-Za-z]\b){_ATOM}|\s?\([^()]*\))*"
_LIST = rf"{_TERM}(?:\s*(?:,|;|\band\b|\bor\b|&)\s*(?:\.\.\.\s*,?\s*)?{_TERM})*"
_OPERATOR = r"<=|>=|!=|<|>"
CHAIN = re.compile(rf"(?P<first>{_LIST})(?P<rest>(?:\s*(?:{_OPERATOR})\s*{_LIST})+)")
_LINK = re.compile(rf"\s*({_OPERATOR})\s*({_LIST})")
_ITEM = re.compile(rf"(\.\.\.)|({_TERM})")
_NOT_A_RANGE = re.compile(r"\b(?:sum|total)\b[^.<>]{0,28}$|∑|\\sum[^<>]{0,20}$|modulo|such that\s*$")
"""The words before a chain that bounds something else: a sum of the quantity, or a choice of the solver's."""


def read_chains(text: str) -> Iterator[Chain]:
    """Yield chains as lists of (terms, the operator before them); the first has none."""
    for match in CHAIN.finditer(text):
        chain: Chain = []
        before = match.string[max(0, match.start() - 30) : match.start()]
        parts = [("", match["first"]), *((m[1], m[2]) for m in _LINK.finditer(match["rest"]))]
        for index, (operator, written) in enumerate(parts):
            terms = _terms(written)
            mixed = len(terms) > 1 and (any(map(_is_number, terms)) or _ends_early(parts, index, len(chain)))
            if mixed and index == 0:
                terms = terms[-1:]
            elif mixed:  # one chain ends, another starts: "1 <= n <= 100, 1 <= m <= 200"
                chain.append((terms[:1] if _is_number(terms[0]) or not _is_number(terms[-1]) else terms[:-1], operator))
                yield chain
                chain, terms, operator = [], terms[-1:], ""
            chain.append((terms, operator))
        if len(chain) > 1 and not _NOT_A_RANGE.search(before):
            yield chain


def _ends_early(parts: list[tuple[str, str]], index: int, place: int) -> bool:
    """Return whether a list in a chain ends it and starts another: ``1 <= u, v <= n, u != v``."""
    following = parts[index + 1][0] if index + 1 < len(parts) else ""
    return bool(following) and place > 0 and (place > 1 or following == "!=")


def _terms(written: str) -> list[str]:
    terms: list[str] = []
    for match in _ITEM.finditer(written):
        if match[1]:
            if terms and (base := re.fullmatch(r"([A-Za-z]+)_?\d", terms[-1])):  # a_1, a_2, ..., a_n
                terms = [term for term in terms if not re.fullmatch(rf"{base[1]}_?\d", term)] + [f"{base[1]}_i"]
            continue
        term = match[2].strip()
        if term not in ("and", "or", "if", "where", "for"):
            terms.append(term)
    return terms


def _is_number(term: str) -> bool:
    bound = read_bound(term)
    return bound is not None and bound.number is not None
