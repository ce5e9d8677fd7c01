r"""Read the mathematics of statements: numbers as they are written there, and bounds that name other quantities.

``10^5``, ``10^{5}``, ``10**5``, ``2 \cdot 10^5``, ``1,000``, ``1e9+7``, and ``105`` or ``1018`` where the superscript
was lost (APPS has lost most of CodeChef's).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

LARGEST = 10**40
"""No bound that is read is beyond it: ``10^{100}`` is a way to say "very many"."""

_REPLACED: list[tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]] = [
    (re.compile(r"\\(?:left|right|displaystyle|large|,|;|!|:|\s|quad|qquad)|~|[\u2009\u200a\u202f\u2061\u00ad]"), " "),
    (re.compile(r"\\(?:text|mathrm|mathit|mathbf|textrm|operatorname|rm|texttt|mathtt)\s*\{([^{}]*)\}"), r"\1"),
    (re.compile(r"\\(?:leqslant|leq|le|leqq)(?![a-z])|≤|⩽|≦|&le;|=<|<\s*=|＜="), " <= "),
    (re.compile(r"\\(?:geqslant|geq|ge|geqq)(?![a-z])|≥|⩾|≧|&ge;|=>|>\s*="), " >= "),
    (re.compile(r"\\(?:neq|ne)(?![a-z])|≠|!="), " != "),
    (re.compile(r"\\lt(?![a-z])|&lt;"), " < "),
    (re.compile(r"\\gt(?![a-z])|&gt;"), " > "),
    (re.compile(r"\\(?:cdot|times|ast)(?![a-z])|[·×⋅∗]"), " * "),
    (re.compile(r"\\(?:ldots|dots|cdots|dotsc)(?![a-z])|…|\.\.\."), " ... "),
    (re.compile(r"\\d?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}"), r"(\1)/(\2)"),
    (re.compile(r"\\(?:l|r)?vert(?![a-z])|\\mid(?![a-z])"), "|"),
    (re.compile(r"[−–]"), "-"),
    (re.compile(r"(<=\s*)(\d)\.10(1[0-8]|[3-9])(?!\.?\d)"), r"\1\2 * 10^\3"),
    (re.compile(r"(?<![\w}_^])\{\s*(\d+)\s*\}"), r"\1"),
    (re.compile(r"\b(is|are|be|and|of)(?=\d+\s*(?:<=|≤|\\leq?\b))"), r"\1 "),
    (re.compile(r"<sup>\s*([^<]*?)\s*</sup>"), r"^\1"),
    (re.compile(r"<sub>\s*([^<]*?)\s*</sub>"), r"_\1"),
    (re.compile(r"[`$]"), " "),
    (re.compile(r"\*\*(?=\S*\s*(?:<=|>=|<|>))"), " "),
    (re.compile(r"_\s*\{\s*([^{}]*?)\s*\}"), lambda m: "_" + re.sub(r"[\s,]+", "", m[1])),
    (re.compile(r"\^\s*\{\s*([^{}]*?)\s*\}"), r"^(\1)"),
    (re.compile(r"\\_"), "_"),
    (re.compile(r"\b(min|max)\s*\\?\{([^{}]*?)\\?\}"), r"\1(\2)"),
    (re.compile(r"\\[{}]"), " "),
    (re.compile(r"(?<=\d)[  ](?=000\b)"), ""),
    (re.compile(r"(?<=\d)\{?,\}?(?=\d{3}(?:\D|$))"), ""),
    (re.compile(r"(?<=\d)\\"), ""),
]
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Pow)
_WITHOUT_POWER = r"(?:\d+(?:\.\d+)?(?:[eE]\+?\d+)?)"
NUMBER = (
    rf"{_WITHOUT_POWER}(?:\s*(?:\^|\*\*)\s*(?:\(\s*\d+\s*\)|\d+)"
    r"|\s(?=[2-9]\b|1\d\b)\d+(?<=10 \d)|\s(?=1[0-8]\b)\d+(?<=10 \d\d))?"
)
"""Pattern of one number of a normalised text, with its power; without a sign."""


_FORMULA = re.compile(r"\$([^$\n]+)\$")


def normalize_mathematics(text: str) -> str:
    """Return the text with one spelling for each sign: ``<=``, ``>=``, ``!=``, ``*``, ``^``, no dollars, ``a_i``."""
    text = _with_one_spelling(_without_copies(text))
    return re.sub(r"[ \t\xa0]+", " ", text)


def _with_one_spelling(text: str) -> str:
    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return text


def _without_copies(text: str) -> str:
    """Leave out what a formula right after it repeats: ``1≤N≤105$1 \\leq N \\leq 10^5$``, as copied pages have it."""
    kept, last = [], 0
    for match in _FORMULA.finditer(text):
        before = text[last : match.start()]
        start = _start_of_copy(before[-2 * len(match[1]) - 8 :], match[1])
        kept.append(before if start is None else before[: len(before) + start])
        last = match.start()
    return "".join([*kept, text[last:]])


def _start_of_copy(before: str, formula: str) -> int | None:
    """Return where a copy of a formula starts in the text before it, counted from its end; None: there is none."""
    if not before or before[-1].isspace() or not _without_signs(before).endswith(wanted := _without_signs(formula)):
        return None
    starts = (k for k in range(len(before)) if k == 0 or not (before[k - 1].isalnum() or before[k].isspace()))
    return next((k - len(before) for k in starts if _without_signs(before[k:]) == wanted), None)


def _without_signs(text: str) -> str:
    """Return a text without spaces and superscripts, which copies lose."""
    return re.sub(r"[\s^()]", "", _with_one_spelling(text))


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: an expression over numbers and the names of other quantities."""

    expression: str
    """In Python's notation."""
    names: tuple[str, ...] = ()
    offset: int = 0
    """Added to the expression's value: -1 for the upper end of ``x < n``."""

    def value(self, known: Mapping[str, int | float]) -> int | float | None:
        """Return the bound where all its names are known; None where they are not, or it has no value."""
        if any(name not in known for name in self.names):
            return None
        if self.expression in known:
            return known[self.expression] + self.offset
        try:
            result = _evaluate(_parsed(self.expression), known)
        except (ArithmeticError, ValueError, SyntaxError):
            return None
        return result + self.offset if abs(result) <= LARGEST else None

    @property
    def number(self) -> int | float | None:
        """Return the bound if it names no quantity."""
        return None if self.names else self.value({})


def read_bound(text: str) -> Bound | None:
    """Read a bound of a normalised text; None if it is not one.

    ``10^5``, ``105`` (a lost superscript), ``10 5``, ``n-1``, ``n(n-1)/2``, ``min(n, 100)``.
    """
    text = re.sub(r"\b10 ([2-9]|1[0-8])\b", r"10^\1", text.strip())
    text = re.sub(r"(?<![\d.^])10([2-9]|1[0-8])(?![\d.])", r"10^\1", text)
    text = re.sub(r"(\d(?:\.\d+)?)\s*[xX]\s*(?=10\b)", r"\1*", text)
    text = re.sub(r"(\d+(?:\.\d+)?)[eE]\+?(\d{1,2})\b", r"(\1*10^\2)", text)
    text = re.sub(r"\*\s*\*", "^", text)
    text = re.sub(r"(?<=[\d)])\s*(?=[A-Za-z(])|(?<=[A-Za-z])(?=\s*\((?!.*,))", "*", text) if _is_product(text) else text
    if re.match(r"(?:min|max)\b", text):
        text = re.sub(r"(?<=[\d)])\s*(?=[A-Za-z(])|(?<=\b[A-Za-z])\s*(?=\()", "*", text)
    text = text.replace("^", "**")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    names: list[str] = []
    if not _is_plain(tree, names):
        return None
    bound = Bound(ast.unparse(tree), tuple(dict.fromkeys(names)))
    if not bound.names and bound.value({}) is None:
        return None
    return bound


def _is_product(text: str) -> bool:
    return not re.search(r"\b(?:min|max)\b", text) and bool(re.search(r"[\d)]\s*[A-Za-z(]|[A-Za-z]\s*\(", text))


def _is_plain(tree: ast.expr, names: list[str]) -> bool:
    match tree:
        case ast.Constant(value=bool()):
            return False
        case ast.Constant(value=int() | float()):
            return True
        case ast.Name(id=name):
            names.append(name)
            return len(name) <= 24
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return _is_plain(operand, names)
        case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _ARITHMETIC):
            return _is_plain(left, names) and _is_plain(right, names)
        case ast.Call(func=ast.Name(id="min" | "max"), args=args, keywords=[]):
            return bool(args) and all(_is_plain(arg, names) for arg in args)
    return False


@lru_cache(maxsize=512)
def _parsed(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


def _evaluate(tree: ast.expr, known: Mapping[str, int | float]) -> int | float:
    match tree:
        case ast.Constant(value=int() | float() as number):
            return number
        case ast.Name(id=name):
            return known[name]
        case ast.UnaryOp(op=op, operand=operand):
            value = _evaluate(operand, known)
            return -value if isinstance(op, ast.USub) else value
        case ast.BinOp(left=left, op=op, right=right):
            return _combine(op, _evaluate(left, known), _evaluate(right, known))
        case ast.Call(func=ast.Name(id=name), args=args):
            values = [_evaluate(arg, known) for arg in args]
            return min(values) if name == "min" else max(values)
    raise ValueError("not a bound")


def _combine(op: ast.operator, left: int | float, right: int | float) -> int | float:
    match op:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            product = left * right
            return int(product) if isinstance(product, float) and product.is_integer() else product
        case ast.Pow():
            if not 0 <= right <= 200 or abs(left) > 10**6:
                raise ValueError("too large a power")
            return int(left**right) if isinstance(right, int) else float(left**right)
        case _:
            both_whole = isinstance(left, int) and isinstance(right, int)
            return left // right if both_whole else left / right
