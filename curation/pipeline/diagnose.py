"""Find the reason for which a solution failed, from its execution. Pure functions.

A program for Python 2 fails in three ways: it does not parse (``syntax_error``), it uses removed modules or builtins
(``api_misuse``), or it behaves differently (any reason).
"""

from __future__ import annotations

import re
import sys

from curation.records import Reason
from harness.sandbox import SCIENCE_PACKAGES
from harness.sandbox.execution import MISSING_ENTRY_POINT, Ended, Execution

REMOVED_MODULES = frozenset(
    "__builtin__ ConfigParser HTMLParser Queue StringIO Tkinter UserDict asynchat asyncore cPickle cStringIO cookielib "
    "distutils formatter future_builtins httplib imp md5 parser sets sha smtpd symbol urllib2 urlparse".split()
)
"""Modules removed from Python: importing one is ``api_misuse``, not ``missing_dependency``."""

REMOVED_BUILTINS = frozenset(
    "apply basestring buffer cmp coerce execfile file intern long raw_input reduce reload unichr unicode xrange".split()
)
_REMOVED_METHOD = re.compile(
    r"""
      '[\w.]*(?:[Dd]ict|Counter)'\ object\ has\ no\ attribute\ '(?:has_key|iteritems|iterkeys|itervalues)'
    | '(?:str|bytes|int)'\ object\ has\ no\ attribute\ '(?:decode|encode)'
    | '(?:generator|enumerate|filter|map|zip|reversed|itertools\.\w+|\w*iterator|[\w.]*IO\w*)'
      \ object\ has\ no\ attribute\ 'next'
    | '(?:dict_\w+|filter|map|range|zip)'\ object\ has\ no\ attribute\ '(?:append|extend|index|pop|remove|sort)'
    """,
    re.VERBOSE,
)
"""Error messages for methods of Python 2, with the type they belonged to: ``next`` missing in None is not one."""

_CUT_OFF = re.compile(
    r"was never closed|unexpected EOF|expected an indented block|unterminated triple-quoted|expected 'except' or 'fin"
)


def diagnose(source: str, execution: Execution, expects_output: bool) -> tuple[Reason, str]:
    """Return the reason for one failed execution, and a line that describes it.

    Args:
        source: The program, repaired where it was.
        execution: The failed execution; one that finished counts as a wrong answer.
        expects_output: True if the expected output of the test is not empty.
    """
    error = f"{execution.exception}: {execution.message}".strip(": ")
    if execution.ended is Ended.COMPILE_ERROR:
        return _diagnose_syntax(source, execution), error
    if execution.ended is Ended.TIMEOUT:
        return Reason.TIMEOUT, "used up its time"
    if execution.ended is Ended.EXCEPTION:
        return _diagnose_exception(source, execution), error
    if execution.ended in (Ended.SIGNAL, Ended.MEMORY_LIMIT):
        return Reason.RUNTIME_ERROR, error or str(execution.ended)
    if execution.ended is Ended.OUTPUT_LIMIT:
        return Reason.OUTPUT_MISMATCH, "printed more than the limit"
    if expects_output and has_no_output(execution):
        return Reason.NO_OUTPUT, "returned None" if execution.result else "printed nothing"
    if execution.result_type:
        return Reason.OUTPUT_MISMATCH, f"returned a {execution.result_type}, which is not a JSON-like value"
    return Reason.OUTPUT_MISMATCH, "gave another output"


def has_no_output(execution: Execution) -> bool:
    """Return whether a finished execution printed nothing, or returned None."""
    return execution.result == "null" or (
        execution.result is None and not execution.result_type and not execution.output.strip()
    )


def _diagnose_syntax(source: str, execution: Execution) -> Reason:
    last_line = len(source.rstrip().split("\n"))
    at_end = execution.line is not None and execution.line >= last_line
    never_closed = "was never closed" in execution.message or "triple-quoted" in execution.message
    if never_closed or (at_end and _CUT_OFF.search(execution.message)):
        return Reason.INCOMPLETE_CODE
    return Reason.SYNTAX_ERROR


def _diagnose_exception(source: str, execution: Execution) -> Reason:
    name, message = execution.exception, execution.message
    if name == MISSING_ENTRY_POINT:
        return Reason.IRRELEVANT_CODE if source.strip() else Reason.INCOMPLETE_CODE
    if name in ("ModuleNotFoundError", "ImportError"):
        module = re.search(r"(?:No module named|from) '([\w.]+)'", message)
        top = module[1].split(".")[0] if module else ""
        old = top in REMOVED_MODULES or top in sys.stdlib_module_names
        return Reason.API_MISUSE if old else Reason.MISSING_DEPENDENCY
    if name == "NameError":
        missing = re.match(r"name '(\w+)'", message)
        return Reason.API_MISUSE if missing and missing[1] in REMOVED_BUILTINS else Reason.RUNTIME_ERROR
    if name == "AttributeError":
        return Reason.API_MISUSE if _is_removed_attribute(message) else Reason.RUNTIME_ERROR
    return Reason.RUNTIME_ERROR


def _is_removed_attribute(message: str) -> bool:
    module = re.match(r"module '([\w.]+)' has no attribute", message)
    if module:
        return module[1].split(".")[0] in {*sys.stdlib_module_names, *SCIENCE_PACKAGES}
    return _REMOVED_METHOD.match(message) is not None
