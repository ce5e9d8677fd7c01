"""Write a config with comments, as the start of one's own: every setting, what it means, which values it takes.

The meanings are the lines under the fields in ``stepcoder.config``, read from its source.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType

from stepcoder import config as settings_module
from stepcoder.config import SECTIONS, TrainConfig, flatten
from stepcoder.config_errors import describe, field_of
from stepcoder.config_files import toml_value
from stepcoder.methods import METHODS

WIDTH = 120
CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "": "TrainConfig",
        "model": "ModelConfig",
        "data": "DataConfig",
        "rollout": "RolloutConfig",
        "ppo": "PPOConfig",
        "sft": "SFTConfig",
        "evaluation": "EvaluationConfig",
    }
)
"""The class of each section."""


def commented(config: TrainConfig) -> Iterator[str]:
    """Yield the lines of a TOML file that ``load_config`` reads back as ``config``."""
    docs, section = meanings(), ""
    for key, value in flatten(config).items():
        head, _, name = key.rpartition(".")
        if head != section:
            yield from ("", *_comment(docs[head]), f"[{head}]")
            section = head
        yield from _comment(f"{docs[key]}{_values(key)}")
        yield f"# {name} =" if value is None else f"{name} = {toml_value(value)}"
        if key == "method" and (fixed := METHODS[config.method].update):
            settings = ", ".join(f"ppo.{part} = {toml_value(setting)}" for part, setting in fixed.items())
            yield from _comment(f"This method fixes {settings}, whatever stands below")


def _values(key: str) -> str:
    """Return the values that a setting takes, in parentheses; empty for text."""
    values = f"one of {', '.join(METHODS)}" if key == "method" else describe(field_of(key))
    return "" if values == "text" else f" ({values})"


@cache
def meanings() -> Mapping[str, str]:
    """Return what each setting means, by its dotted key, and each section by its name."""
    parsed = ast.parse(inspect.getsource(settings_module))
    classes = {node.name: node for node in parsed.body if isinstance(node, ast.ClassDef)}
    found: dict[str, str] = {}
    for section in ("", *SECTIONS):
        node = classes[CLASSES[section]]
        found[section] = _one_line(ast.get_docstring(node) or "")
        for field, below in zip(node.body, node.body[1:], strict=False):
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and (text := _text(below)):
                key = f"{section}.{field.target.id}" if section else field.target.id
                found[key] = _one_line(text)
    return MappingProxyType(found)


def _text(node: ast.stmt) -> str:
    """Return the text of a statement that is nothing but a string; empty for another."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return node.value.value
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.replace("``", "`").split()).rstrip(".")


def _comment(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False)
