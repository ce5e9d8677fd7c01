"""Predict the names that annotations lack: exactly those for which Python raises NameError, in that order.

Since 3.14 Python raises it only where annotations are evaluated at once.
"""

from __future__ import annotations

import re
from textwrap import indent

import pytest

from curation.pipeline.missing_annotations import missing_annotations
from harness.judging.late_annotations import with_eager_annotations
from harness.judging.repair_program import with_import

METHODS = {
    "one": "def f(self, xs: List[int]) -> int:\n    return 1",
    "order": "def f(self, x: Dict[str, List[int]], *y: Optional[int], z: Tuple=None, **w: Any) -> Set[Deque]: pass",
    "two methods": "def f(self, x: List) -> int: pass\n\ndef g(self, x: List[List[int]]) -> Optional[List]: pass",
    "a text": "def f(self, x: Optional['Node']) -> List['Node']: pass",
    "a type that is no generic": "def f(self, x: List[int, str], y: Dict) -> int: pass",
    "a name that no judge imports": "def f(self, x: List[int], y: TreeNode, z: Optional[int]) -> int: pass",
    "a default that comes first": "def f(self, x: List = nothing) -> Dict: pass",
    "constants": "'text'\n\ndef f(self, x: int = 3, y: List = None) -> None: pass\n\npass",
    "a function as a type": "def g(self): pass\n\ndef f(self, x: g, y: List): pass",
}
SOURCES = {
    "a text that is code": 'def f(x: List["int | str"]) -> Dict: pass',
    **{name: f"class Solution:\n{indent(body, '    ')}\n" for name, body in METHODS.items()},
    "function": METHODS["order"],
    "imported": "from typing import List\nimport typing, math\ndef f(x: List, y: Dict) -> int: pass",
    "star import": "from typing import *\ndef f(x: List) -> Counter: pass",
    "later annotations": "from __future__ import annotations\ndef f(x: List): pass",
    "an import that may fail": "import nothing\ndef f(x: List): pass",
    "code before": "1 / 0\ndef f(x: List): pass",
    "two classes": "class A(object):\n    def f(self, x: List): pass\nclass B:\n    def f(self, a: A, y: Dict): pass",
    "a base class that is missing": "class A(B):\n    def f(self, x: List): pass",
    "no Python": "def f(x: List:",
}


def raised_by_python(source: str) -> list[str]:
    """Define what a program defines, with one import more for each NameError; return the names."""
    names: list[str] = []
    while True:
        try:
            eager = with_eager_annotations(source) or source
            exec(compile(eager, "program.py", "exec", dont_inherit=True), {"__name__": "program"})
        except NameError as error:
            found = re.search(r"'(\w+)'", str(error))
            repaired = with_import(source, found[1]) if found else None
            if found is None or repaired is None:
                return names
            names.append(found[1])
            source = repaired
        except Exception:
            return names
        else:
            return names


@pytest.mark.parametrize("name", SOURCES)
def test_every_predicted_name_is_raised_in_that_order(name: str) -> None:
    predicted = missing_annotations(SOURCES[name])
    assert raised_by_python(SOURCES[name])[: len(predicted)] == predicted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("one", "List"),
        ("order", "Dict List Optional Tuple Any Set Deque"),
        ("two methods", "List Optional"),
        ("a text", "Optional List"),
        ("a type that is no generic", "List"),
        ("a name that no judge imports", "List"),
        ("a default that comes first", ""),
        ("constants", "List"),
        ("function", "Dict List Optional Tuple Any Set Deque"),
        ("imported", "Dict"),
        ("star import", ""),
        ("two classes", "List Dict"),
        ("later annotations", ""),
        ("an import that may fail", ""),
        ("code before", ""),
        ("a text that is code", "List"),
    ],
)
def test_names_are_predicted_as_far_as_the_definitions_are_understood(name: str, expected: str) -> None:
    assert missing_annotations(SOURCES[name]) == expected.split()
