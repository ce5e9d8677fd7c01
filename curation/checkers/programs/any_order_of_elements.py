"""The same elements of a list in any order; what is inside an element as it is expected."""

import json


def check(input: object, expected: list[object], actual: object) -> bool:
    """Return whether both lists have the same elements, each as often."""
    return isinstance(actual, list) and sorted(map(key, actual)) == sorted(map(key, expected))


def key(value: object) -> str:
    """Return a text that is equal for equal values; 2.0 equals 2, and true does not equal 1."""
    if isinstance(value, list):
        return f"[{','.join(map(key, value))}]"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)
