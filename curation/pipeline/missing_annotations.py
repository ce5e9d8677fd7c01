"""Predict which names a program lacks when its functions are defined, so that it need not run to find out.

Solutions of LeetCode's problems annotate with ``List`` and import nothing: as written they all end with a NameError.
The functions and classes at the top of a program are followed in the order in which Python evaluates them. Whatever is
not understood ends the prediction, so that every predicted name is certain.
"""

from __future__ import annotations

import ast
import importlib
import re
import typing
from contextlib import suppress
from types import ModuleType
from typing import Any

from apps_plus.conditionals import parse
from harness.judging.repair_program import PREAMBLE_MODULES, import_for

_HINT = re.compile(rf"\bdef\b.*\b(?:{'|'.join(sorted(typing.__all__))})\b")
"""A function on whose first line a name of ``typing`` stands."""
_TYPES: dict[str, Any] = {
    kind.__name__: kind for kind in (bool, bytes, complex, dict, float, frozenset, int, list, object, set, str, tuple)
}
_IMPORTABLE = frozenset([*PREAMBLE_MODULES, "typing"])
"""Modules that every program can import."""


def missing_annotations(source: str) -> list[str]:
    """Return names of the usual imports that annotations lack, in the order in which Python raises NameError for them.

    Each is raised once those before it are imported. The list may end early; it is empty where nothing is certain.
    """
    if _HINT.search(source) is None:
        return []
    definitions = _Definitions()
    with suppress(_NotUnderstoodError, SyntaxError, ValueError, RecursionError, MemoryError):
        definitions.follow(parse(source.removeprefix("\ufeff")).body, dict(_TYPES))
    return list(definitions.imported)


class _NotUnderstoodError(Exception):
    """Code whose effect is not predicted."""


class _Definitions:
    """The definitions of a program, followed as far as they are understood. A scope has the known values by name."""

    def __init__(self) -> None:
        self.imported: dict[str, Any] = {}
        """The missing names with the values that the usual imports give them."""

    def follow(self, body: list[ast.stmt], scope: dict[str, Any], in_class: bool = False) -> None:
        """Follow statements. Raises _NotUnderstoodError."""
        for statement in body:
            match statement:
                case ast.Expr(value=ast.Constant()) | ast.Pass():
                    pass
                case ast.Import(names=names) if not in_class:
                    for alias in names:
                        scope[alias.asname or alias.name] = _module(alias.name)
                case ast.ImportFrom(module=str(name), names=names, level=0) if not in_class:
                    scope |= _imported(_module(name), names)
                case ast.FunctionDef(decorator_list=[], name=name):
                    self._follow_signature(statement.args, statement.returns, scope)
                    scope[name] = None
                case ast.ClassDef(decorator_list=[], keywords=[], bases=[] | [ast.Name(id="object")], name=name):
                    self.follow(statement.body, dict(scope), in_class=True)
                    scope[name] = type(name, (), {})
                case _:
                    raise _NotUnderstoodError

    def _follow_signature(self, arguments: ast.arguments, returns: ast.expr | None, scope: dict[str, Any]) -> None:
        defaults = [*arguments.defaults, *(default for default in arguments.kw_defaults if default is not None)]
        if arguments.posonlyargs or not all(isinstance(default, ast.Constant) for default in defaults):
            raise _NotUnderstoodError
        annotated = [*arguments.args, arguments.vararg, *arguments.kwonlyargs, arguments.kwarg]
        for annotation in (*(argument.annotation for argument in annotated if argument), returns):
            if annotation is not None:
                self._value(annotation, scope)

    def _value(self, node: ast.expr, scope: dict[str, Any]) -> Any:
        """Evaluate an annotation as Python does. Raises _NotUnderstoodError, also where Python raises TypeError."""
        match node:
            case ast.Constant(value=None | str() as value):
                return value
            case ast.Name(id=name):
                value = scope[name] if name in scope else self._import(name)
                if value is None:
                    raise _NotUnderstoodError
                return value
            case ast.Tuple(elts=items):
                return tuple([self._value(item, scope) for item in items])
            case ast.List(elts=items):
                return [self._value(item, scope) for item in items]
            case ast.Subscript(value=ast.Name() as generic, slice=index):
                made_of = self._value(generic, scope)
                if any(_is_code(part) for part in ast.walk(index)):
                    raise _NotUnderstoodError
                of = self._value(index, scope)
                try:
                    return made_of[of]
                except Exception as error:  # any object of a module may stand here, and Python raises the same
                    raise _NotUnderstoodError from error
        raise _NotUnderstoodError

    def _import(self, name: str) -> Any:
        """Return the value that the usual import gives a name, which is missing where it is first used."""
        if name not in self.imported:
            statement = import_for(name)
            if statement is None:
                raise _NotUnderstoodError
            module = importlib.import_module(statement.split()[1])
            self.imported[name] = module if statement.startswith("import") else getattr(module, name)
        return self.imported[name]


def _is_code(node: ast.AST) -> bool:
    """Return whether ``typing`` would compile a text; in this process, ``parse`` alone reads what a program holds."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and not node.value.isidentifier()


def _module(name: str) -> ModuleType:
    if name not in _IMPORTABLE:
        raise _NotUnderstoodError
    return importlib.import_module(name)


def _imported(module: ModuleType, names: list[ast.alias]) -> dict[str, Any]:
    """Return the values that ``from module import names`` binds."""
    if [alias.name for alias in names] == ["*"]:
        every = getattr(module, "__all__", None) or [name for name in dir(module) if not name.startswith("_")]
        return {name: getattr(module, name) for name in every}
    if not all(hasattr(module, alias.name) for alias in names):
        raise _NotUnderstoodError
    return {alias.asname or alias.name: getattr(module, alias.name) for alias in names}
