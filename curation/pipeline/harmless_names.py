"""The names that a program may use whose answers are proved to depend on no seed: see ``seed_independence``.

What is missing here is not wrong, only not proved: a program that uses it runs twice.
"""

from __future__ import annotations

import importlib
from functools import cache

WHOLE = frozenset("array bisect cmath collections copy decimal fractions functools heapq itertools math re".split())
"""Modules whose public names compute from their arguments alone."""
PARTS = {
    "__future__": frozenset("annotations absolute_import division print_function unicode_literals".split()),
    "operator": frozenset("add itemgetter mul sub truediv xor".split()),
    "queue": frozenset("Empty LifoQueue PriorityQueue Queue".split()),
    "random": frozenset[str](),
    "string": frozenset("ascii_letters ascii_lowercase ascii_uppercase capwords digits punctuation".split()),
    "sys": frozenset("exit float_info maxsize setrecursionlimit stderr stdin stdout version_info".split()),
    "time": frozenset[str](),
    "typing": frozenset(
        "Any Callable Deque DefaultDict Dict Generator Iterable Iterator List NamedTuple Optional Sequence Tuple "
        "TypeVar Union".split()
    ),
}
"""Modules of which only these names may be used. ``random`` and ``time`` are often imported, and not used."""

FORBIDDEN_NAMES = frozenset(
    "breakpoint compile delattr dir eval exec getattr globals hash help id locals setattr vars".split()
)
FORBIDDEN_ATTRIBUTES = frozenset(["buffer_info"])
"""Of an ``array``: its address."""
SPECIAL_NAMES = frozenset(
    "__add__ __contains__ __eq__ __getitem__ __gt__ __init__ __iter__ __len__ __lt__ __main__ __mul__ __name__ __new__ "
    "__next__ __repr__ __setitem__ __slots__ __str__".split()
)
"""Those that a program may use; it may define methods with any."""

SET_MAKERS = frozenset(["set", "frozenset"])
SET_RESULTS = frozenset("copy difference intersection symmetric_difference union".split())
SET_METHODS = frozenset(
    "add clear difference_update discard intersection_update isdisjoint issubset issuperset remove "
    "symmetric_difference_update update".split()
)
"""Methods that return no set, and whose effect does not depend on its order."""
SET_FUNCTIONS = frozenset("all any bool frozenset len max min set sorted".split())
"""Functions whose result does not depend on the order of a set, since no two of its elements are equal."""
VIEW_FUNCTIONS = frozenset(
    "all any dict enumerate filter frozenset iter len list map max min reversed set sorted sum tuple zip".split()
)
"""Functions that do nothing but iterate over ``d.keys()``."""


def is_special(name: str) -> bool:
    """Return whether a name is one that Python gives a meaning, and may lead elsewhere."""
    return name.startswith("__") and name.endswith("__") and name not in SPECIAL_NAMES


@cache
def names_of(module: str) -> frozenset[str] | None:
    """Return the names of a module that a program may use; None for a module that it may not import."""
    if module in PARTS:
        return PARTS[module]
    if module not in WHOLE:
        return None
    found = importlib.import_module(module)
    return frozenset(getattr(found, "__all__", None) or [name for name in dir(found) if not name.startswith("_")])
