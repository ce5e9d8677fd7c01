"""Rules over a program whose function the tests call: what passes here and could be rejected by another judge.

The judges import the program once, make one ``Solution`` where the text has ``class Solution``, and call it for every
test in the same process. A rule returns whether it applies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import Any

from apps_plus.problem import DictKeys
from harness.judging.extraction.python_code import missing_names, parse
from harness.scoring.benchmarks.apps_judge import dict_keys_of
from harness.scoring.other_judges import program_rules
from harness.scoring.other_judges.judges import OtherJudge, names_given
from harness.scoring.other_judges.name_rules import names_bound
from harness.scoring.other_judges.program_rules import Rules, names_read
from harness.scoring.other_judges.reasons import Reason
from harness.scoring.other_judges.values import depth_of_lists, has_integer_keys, has_number, unwrapped

_CHANGES = frozenset(
    "append extend insert pop popleft appendleft remove clear add discard update setdefault sort reverse "
    "popitem".split()
)
_MAKES_TUPLES = frozenset(
    "zip enumerate items most_common combinations permutations product divmod namedtuple tuple groupby "
    "combinations_with_replacement zip_longest pairwise findall".split()
)


class CalledProgram:
    """A program, its syntax tree, and the tests that call it."""

    def __init__(self, source: str, entry_point: str, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        self.source = source
        self.entry_point = entry_point
        self.tree = parse(source) or ast.Module([], [])
        self.inputs = inputs
        self.outputs = outputs


def solution_text(judge: OtherJudge, program: CalledProgram) -> bool:
    """The text ``class Solution`` in a program whose function is not a method of it."""
    if "class Solution" not in program.source:
        return False
    for statement in program.tree.body:
        if isinstance(statement, ast.ClassDef) and statement.name == "Solution":
            return program.entry_point not in names_bound(statement.body) and not statement.bases
    return True


def state_between_tests(judge: OtherJudge, program: CalledProgram) -> bool:
    """A global, a mutable default or an attribute that a call changes: the next call sees the change."""
    if len(program.inputs) < 2:
        return False
    functions = [n for n in ast.walk(program.tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]
    module = names_bound(program.tree.body)
    classes = [node for node in program.tree.body if isinstance(node, ast.ClassDef)]
    fields = {name for one in classes for name in names_bound(one.body)} | _set_at_start(classes)
    return any(_leaves_state(function, module, fields) for function in functions)


def _set_at_start(classes: Sequence[ast.ClassDef]) -> set[str]:
    """Return the attributes that ``__init__`` sets."""
    return {
        node.attr
        for one in classes
        for method in one.body
        if isinstance(method, ast.FunctionDef) and method.name == "__init__"
        for node in ast.walk(method)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
    }


def _leaves_state(function: ast.FunctionDef | ast.AsyncFunctionDef, module: set[str], fields: set[str]) -> bool:
    if function.name == "__init__":
        return False
    nodes = list(ast.walk(function))
    if any(isinstance(node, ast.Global) for node in nodes):
        return True
    arguments = {node.arg for node in nodes if isinstance(node, ast.arg)}
    own = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} | arguments
    outer = (module - own) | _mutable_defaults(function)
    return any(_changes(node, outer, fields) for node in nodes)


def _mutable_defaults(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    given = function.args
    positional = [*given.posonlyargs, *given.args]
    pairs = list(zip(reversed(positional), reversed(given.defaults), strict=False))
    pairs += [(a, d) for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True) if d is not None]
    return {a.arg for a, d in pairs if isinstance(d, (ast.List, ast.Dict, ast.Set, ast.Call))}


def _changes(node: ast.AST, outer: set[str], fields: set[str]) -> bool:
    """Return whether a node changes a value that is bound outside of the function, or a field of the object."""
    match node:
        case ast.Call(func=ast.Attribute(value=value, attr=attr)) if attr in _CHANGES:
            return _is_outer(value, outer, fields)
        case ast.Subscript(value=value, ctx=ast.Store() | ast.Del()):
            return _is_outer(value, outer, fields)
        case ast.AugAssign(target=target):
            return isinstance(target, ast.Attribute) and _is_outer(target, outer, fields)
        case ast.Attribute(value=ast.Name(id=name), ctx=ast.Store()):
            return name in outer
    return False


def _is_outer(node: ast.expr, outer: set[str], fields: set[str]) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        return node.id in outer
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in fields


def integer_keys(judge: OtherJudge, program: CalledProgram) -> bool:
    """Keys of dicts that look like integers, which LiveCodeBench leaves as JSON's texts."""
    return dict_keys_of(program.inputs) is DictKeys.INT or any(map(has_integer_keys, program.outputs))


def dropped_arguments(judge: OtherJudge, program: CalledProgram) -> bool:
    """A dict whose keys are integers, and further arguments."""
    return any(
        len(arguments) > 1 and isinstance(arguments[0], dict) and has_integer_keys(arguments[0])
        for arguments in program.inputs
    )


def no_arguments(judge: OtherJudge, program: CalledProgram) -> bool:
    """A call without arguments: the format of one line of JSON for each argument cannot say so."""
    return not all(program.inputs)


def nested_tuples(judge: OtherJudge, program: CalledProgram) -> bool:
    """A list or dict in the expected value, where the program makes tuples.

    APPS's and verl's judges turn the tuples of a list into lists where the expected value is in a list of one.
    """
    if not any(_has_inner_list(judge, output) for output in program.outputs):
        return False
    taken_apart = {id(node) for parent in ast.walk(program.tree) for node in _taken_apart(parent)}
    return any(_makes_tuples(node) for node in ast.walk(program.tree) if id(node) not in taken_apart)


def _makes_tuples(node: ast.AST) -> bool:
    match node:
        case ast.Tuple(ctx=ast.Load()):
            return True
        case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
            return name in _MAKES_TUPLES
        case ast.Name(id=name):  # as in map(tuple, rows)
            return name == "tuple"
    return False


def _taken_apart(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the parts of a node whose tuples go into no value: ``for i, x in enumerate(xs)``, ``a, b = b, a``.

    A tuple that a function returns as it is becomes a list in every judge.
    """
    match node:
        case ast.For(target=ast.Tuple(), iter=part) | ast.comprehension(target=ast.Tuple(), iter=part):
            yield part
        case (
            ast.Assign(targets=[ast.Tuple()], value=part)
            | ast.Subscript(slice=part)
            | ast.Return(value=ast.Tuple() as part)
        ):
            yield part
        case ast.For(iter=ast.Tuple() as part) | ast.comprehension(iter=ast.Tuple() as part):
            yield part
        case ast.Compare(left=part, comparators=parts):
            yield from (part, *parts)
        case ast.BinOp(op=ast.Mod(), right=part):
            yield part
        case ast.Call(func=ast.Name(id="all" | "any" | "sum" | "max" | "min" | "isinstance" | "set"), args=parts):
            yield from parts


def _has_inner_list(judge: OtherJudge, expected: Any) -> bool:
    value = unwrapped(expected)
    repaired = judge is not OtherJudge.LIVECODEBENCH and value is not expected and isinstance(value, list)
    return depth_of_lists(value) > (2 if repaired else 1)


def numpy_value(judge: OtherJudge, program: CalledProgram) -> bool:
    """The program uses numpy, and may return a number of numpy's: one is expected, and ``tolist`` is not used."""
    if not {"np", "numpy"} & names_read(program.tree):
        return False
    converts = any(
        isinstance(node, ast.Attribute) and node.attr in ("tolist", "item") for node in ast.walk(program.tree)
    )
    return not converts and any(map(has_number, program.outputs))


def caught_name_error(judge: OtherJudge, program: CalledProgram) -> bool:
    """A name that the program does not define and the judge does, where a NameError is caught."""
    return "NameError" in names_read(program.tree) and bool(missing_names(program.source) & names_given(judge))


_ALL = tuple(OtherJudge)
_ONLY_LIVECODEBENCH, _ONLY_VERL = (OtherJudge.LIVECODEBENCH,), (OtherJudge.VERL,)
_AS_LINES = (OtherJudge.LIVECODEBENCH, OtherJudge.VERL)

RULES: Rules[CalledProgram] = (
    *program_rules.RULES,
    (Reason.SOLUTION_CLASS, solution_text, _ALL),
    (Reason.STATE_BETWEEN_TESTS, state_between_tests, _ALL),
    (Reason.INTEGER_KEYS, integer_keys, _ONLY_LIVECODEBENCH),
    (Reason.DROPPED_ARGUMENTS, dropped_arguments, (OtherJudge.APPS, OtherJudge.VERL)),
    (Reason.NO_ARGUMENTS, no_arguments, _AS_LINES),
    (Reason.NESTED_TUPLES, nested_tuples, _ALL),
    (Reason.NUMPY_VALUE, numpy_value, _ONLY_VERL),
    (Reason.CAUGHT_NAME_ERROR, caught_name_error, _ALL),
)
"""Each rule with its reason and the judges for which it holds."""
