"""The same elements of a list in any order, and the elements of the lists in it in any order too."""

import json


def check(input: object, expected: list[object], actual: object) -> bool:
    """Return whether both lists have the same elements, apart from their order at every level."""
    return isinstance(actual, list) and key(actual) == key(expected)


def key(value: object) -> str:
    """Return a text that is equal for values that are equal apart from order; 2.0 equals 2, true does not equal 1."""
    if isinstance(value, list):
        return f"[{','.join(sorted(map(key, value)))}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
