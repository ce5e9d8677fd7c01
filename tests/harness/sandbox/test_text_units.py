"""Units found in the text are those of the syntax tree, or are left to it."""

from __future__ import annotations

import pytest
from test_line_trace_constructs import PROGRAMS, source_of

from harness.sandbox.runtime.instrument import Instrumenter
from harness.sandbox.runtime.text_units import find_units


def lines_of_tree(source: str) -> set[int]:
    tree = compile(source, "", "exec", 0x400, dont_inherit=True)
    return {line for unit in Instrumenter(tree, source).units for line in unit}


@pytest.mark.parametrize("marked", PROGRAMS.values(), ids=list(PROGRAMS))
def test_the_lines_of_all_units_are_those_of_the_tree(marked: str) -> None:
    source = source_of(marked)
    found = find_units(source)
    if found is not None:
        lines = [line for unit in found.units for line in unit]
        assert sorted(lines) == sorted(lines_of_tree(source))
        assert all(line in found.units[unit] for line, unit in enumerate(found.unit_of) if unit >= 0)


@pytest.mark.parametrize(
    ("source", "units"),
    [
        ("x = 1\n\n# c\ny = 2  # d\n", [(1,), (4,)]),
        ("x = f(\n    1,\n\n    # c\n    2,\n)\n", [(1, 2, 5, 6)]),
        ("x = '''a\n\n# b'''\ny = '(['\nz = \"#\"\n", [(1, 2, 3), (4,), (5,)]),
        ("x = 'a\\\nb'\ny = 1 + \\\n    2\n", [(1, 2), (3, 4)]),
        ("'''Doc'''\nfrom __future__ import annotations\nx = 1\n", [(1, 2, 3)]),
        ("@a\n@b\ndef f(x,\n      y):\n    '''Doc\n\n    '''\n    return x\n", [(1, 2, 3, 4, 5, 6, 7), (8,)]),
        ("if a:\n    x\nelif b:\n    y\nelse:\n    z\n", [(1,), (2,), (3,), (4,), (5, 6)]),
        ("try:\n    x\nexcept A:\n    y\nexcept:\n    z\nfinally:\n    w\n", [(1, 2), (3,), (4,), (5, 6), (7, 8)]),
        ("def f():\n    global x\n    x = 1\n", [(1,), (2, 3)]),
        ("global_x = 1\nif_x = 2\nmatch = 3\nmatch[0]\n", [(1,), (2,), (3,), (4,)]),
        ("for x in y: z; w\nelse: v\n", [(1,), (2,)]),
        ("", []),
        ("# c\n", []),
    ],
)
def test_a_unit_is_a_logical_line_with_what_belongs_to_it(source: str, units: list[tuple[int, ...]]) -> None:
    found = find_units(source)
    assert found is not None
    assert found.units == units


@pytest.mark.parametrize(
    "source",
    [
        "x = [\n    a\n    for a in b]\n",
        "x = (a\n    or b)\n",
        "x = (a < b\n    < c)\n",
        "x = 1; y = (\n    2)\n",
        "if (a\n    ): x = 1\n",
        "assert x, (\n    y)\n",
        "x = f'''\n{a}\n'''\n",
        "match x:\n    case 1:\n        pass\n",
        "async def f():\n    pass\n",
        "try:\n    x\nexcept* A:\n    y\n",
        "def f():\n    'a' 'b'\n",
        "def f():\n    if x:\n        global y\n    y = 1\n",
        "@(lambda: f)\ndef g(): pass\n",
        "x = 1\r\n",
        "\fx = 1\n",
    ],
)
def test_what_the_text_does_not_tell_is_left_to_the_tree(source: str) -> None:
    compile(source, "", "exec", dont_inherit=True)
    assert find_units(source) is None


@pytest.mark.parametrize("source", ["x = (", "'", "'''", "x = ]", "if x", "\0", "'''\n'", "\\", "@a", "def f():"])
def test_what_is_no_program_raises_nothing(source: str) -> None:
    find_units(source)
