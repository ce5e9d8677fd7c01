"""The rules by which EvalPlus compares an answer with the reference's, and the code that runs them.

They follow ``evalplus/eval/__init__.py`` (``unsafe_execute``) and ``_special_oracle.py``: equality, or a tolerance for
floats, and rules of their own for a dozen problems with several correct answers.
"""

from __future__ import annotations

_ANY_ANSWER = frozenset({"are_equivalent"})
_OR_ZERO = frozenset({"sum_div"})
_ONLY_WHETHER_NONE = frozenset({"check_str", "text_match_three", "text_starta_endb"})
_AS_SETS = frozenset(
    "similar_elements find_char_long common_in_nested_lists extract_singly larg_nnum intersection_array "
    "find_dissimilar Diff".split()
)

_COMPARE = """
def _floats(value):
    if isinstance(value, float):
        return True
    return isinstance(value, (list, tuple)) and len(value) > 0 and all(isinstance(item, float) for item in value)


def _near(value, expected, atol):
    if isinstance(expected, (list, tuple)):
        if not isinstance(value, (list, tuple)) or len(value) != len(expected):
            return False
        return all(_near(one, other, atol) for one, other in zip(value, expected))
    if not isinstance(value, (bool, int, float, complex)) or not isinstance(expected, (bool, int, float, complex)):
        return False
    if value == expected or abs(expected) == float("inf"):  # nothing but itself is near to infinity
        return value == expected
    return abs(value - expected) <= atol + 1e-07 * abs(expected)


def _same(value, expected, atol, exact):
    if exact:
        return True
    atol = atol or (1e-06 if _floats(expected) else 0)
    return bool(atol) and type(value) is type(expected) and _near(value, expected, atol)
"""

_RULES = {
    "any": "True",
    "whether_none": "expected == (value if isinstance(value, bool) else value is not None)",
    "as_sets": "set(value) == set(expected)",
    "or_zero": "_same(value, expected, ATOL, value == expected or value == 0)",
    "equal": "_same(value, expected, ATOL, value == expected)",
    "root": "abs(sum(c * value ** i for i, c in enumerate(arguments[0]))) <= ATOL",
    "pyramid": "_same(value, expected, ATOL, value == expected or abs(value - _surface(*arguments)) <= ATOL)",
    "digits": "_same(value, expected, ATOL, value == expected or value == _digits(*arguments))",
}
"""Source of the expression that accepts an answer, by rule."""

_ORACLES = {
    "pyramid": """
def _surface(base, height):
    return round(base ** 2 + 2 * base * ((base / 2) ** 2 + height ** 2) ** 0.5)
""",
    "digits": """
def _digits(one, other):
    width = max(len(str(one)), len(str(other)))
    return sum(abs(int(a) - int(b)) for a, b in zip(str(one).zfill(width), str(other).zfill(width)))
""",
}
"""Source of functions that compute the other correct answer of two ambiguous problems (Mbpp/581 and Mbpp/558)."""


def rule_of(entry_point: str) -> str:
    """Return the rule by which a problem's answers are compared, by the name of its function."""
    special = {"find_zero": "root", "surface_Area": "pyramid", "digit_distance_nums": "digits"}
    if entry_point in special:
        return special[entry_point]
    for names, rule in ((_ANY_ANSWER, "any"), (_OR_ZERO, "or_zero"), (_AS_SETS, "as_sets")):
        if entry_point in names:
            return rule
    return "whether_none" if entry_point in _ONLY_WHETHER_NONE else "equal"


def accepting_code(rule: str, atol: float) -> str:
    """Return test code that defines ``accepts(value, expected, arguments)`` for a rule."""
    return (
        f"{_COMPARE}{_ORACLES.get(rule, '')}\n"
        f"ATOL = {atol!r}\n\n"
        "def accepts(value, expected, arguments):\n"
        f"    return {_RULES[rule]}\n"
    )


def expected_form(rule: str) -> str:
    """Return the expression for the expected output, where the reference returned ``value``."""
    return "value is not None" if rule == "whether_none" else "value"


def has_digests(rule: str) -> bool:
    """Return whether equal canonical forms mean that the rule accepts an answer."""
    return rule != "root"  # it does not look at the expected output


def canonical_form(rule: str) -> str:
    """Return the expression for the bytes of ``_value``'s canonical form: where two are equal, the rule accepts.

    ``_dumps`` is ``marshal.dumps``. It writes built-in types only, each with a mark of its own: 1, 1.0, True and "1"
    differ, as do lists and tuples, 0.0 and -0.0. Version 2 has no references: nothing but the value decides the form.
    """
    if rule == "as_sets":
        return "_dumps(sorted([_dumps(_item, 2) for _item in set(_value)]), 2)"
    if rule == "whether_none":
        return "_dumps(_value if isinstance(_value, bool) else _value is not None, 2)"
    return "_dumps(_value, 2)"
