"""The constants that several accepted solutions share: where they branch, and the vocabulary that they know."""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_SEPARATORS = re.compile(r"[\s,|()]+")
"""Between the words of a list in a text, or of a regular expression."""
MOST = 12
"""Number of solutions that are read."""


@dataclass(frozen=True, slots=True)
class Constants:
    """Constants that at least a third of the read solutions hold."""

    numbers: tuple[int, ...] = ()
    texts: frozenset[str] = frozenset()


def read_constants(solutions: Sequence[str]) -> Constants:
    """Return the shared constants of the first solutions that parse; none where fewer than two do."""
    counts: Counter[int | str] = Counter()
    read = 0
    for source in solutions[:MOST]:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        counts.update(set(_constants(tree)))
        read += 1
    shared = [constant for constant, count in counts.items() if count >= max(2, read / 3)]
    numbers = sorted({one for one in shared if isinstance(one, int) and abs(one) >= 2}, key=lambda one: (abs(one), one))
    return Constants(tuple(numbers[:12]), frozenset(one for one in shared if isinstance(one, str)))


def _constants(tree: ast.AST) -> Iterator[int | str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, (int, str)) and not isinstance(node.value, bool):
            yield node.value
            if isinstance(node.value, str) and len(node.value) < 500:
                yield from (word for word in _SEPARATORS.split(node.value) if word and word != node.value)
