"""Turn the answers of the sandbox's processes into executions. Pure functions.

What the zygote measured is trusted; the report inside an answer is the program's, and is read with suspicion.
"""

from __future__ import annotations

import json
import re
import signal
from dataclasses import replace
from typing import Any

from harness.sandbox.execution import Ended, Execution
from harness.sandbox.runtime.instrument import lines_of
from harness.sandbox.runtime.line_trace import most_lines

_SKIPPED = {"timeout": Ended.NOT_RUN, "budget": Ended.OUT_OF_BUDGET, "output": Ended.OUTPUT_LIMIT}
"""The ending of skipped inputs, by the zygote's reason for skipping them."""


def executions_of(answers: list[dict[str, Any]], stopped: str, wanted: int, call_based: bool) -> list[Execution]:
    """Return one execution per input from the zygote's answers, which may stop early."""
    if answers and not answers[0]["compiled"]:
        return [_compile_error(answers[0])] * wanted
    executions = [_execution(answer, call_based) for answer in answers]
    if len(executions) == wanted:
        return executions
    return executions + [Execution(_SKIPPED[stopped])] * (wanted - len(executions))


def _compile_error(answer: dict[str, Any]) -> Execution:
    try:
        report = json.loads(answer["report"])
        name, message, line = _writable(report["exception"], 100), _writable(report["message"], 500), report["line"]
        line = line if isinstance(line, int) else None
        column = report.get("column")
        where = f" (column {column})" if isinstance(column, int) else ""
        return Execution(Ended.COMPILE_ERROR, exception=name, message=message + where, line=line)
    except (ValueError, TypeError, KeyError, RecursionError):
        reason = "took too long" if answer["timeout"] else "crashed"
        return Execution(Ended.COMPILE_ERROR, exception="CompilerCrash", message=f"the compiler {reason}")


def _execution(answer: dict[str, Any], call_based: bool) -> Execution:
    """Return the execution of one input: what the zygote measured, and the program's report."""
    measured: dict[str, Any] = {
        "output": answer["output"],
        "seconds": round(answer["seconds"], 4),
        "peak_memory": answer["peak_memory"],
        "alone": answer["alone"],
    }
    if answer.get("crowded"):
        return Execution(Ended.THREAD_LIMIT, **measured)
    if answer["scratch_full"]:
        return Execution(Ended.SCRATCH_LIMIT, **measured)
    if answer["timeout"]:
        return Execution(Ended.TIMEOUT, **measured)
    if answer["output_full"]:
        return Execution(Ended.OUTPUT_LIMIT, **measured)
    if answer["report"]:
        try:
            return _reported(_parse_report(answer["report"]), call_based, measured)
        except (ValueError, TypeError, KeyError, RecursionError):
            return Execution(Ended.EXCEPTION, exception="InvalidReport", message="wrote on its report", **measured)
    if answer["status"] == 0 and not call_based:
        return Execution(Ended.FINISHED, **measured)
    return _died(answer["status"], measured)


def _parse_report(text: str) -> dict[str, Any]:
    """Parse a report: a result as the one string that it is, all else if it is short. Raises ValueError.

    Any other JSON of that length could take many times its size in memory.
    """
    if text.startswith(_RESULT) and text.endswith("}"):
        return {"result": json.loads(text[len(_RESULT) - 1 : -1])}
    if len(text) > _LONGEST_FAULT:
        raise ValueError("a report without a result is short")
    report: dict[str, Any] = json.loads(text)
    return report


_RESULT = '{"result": "'
_LONGEST_FAULT = 1 << 16


def _died(status: int, measured: dict[str, Any]) -> Execution:
    """Return the execution of a process that ended without a report."""
    if status < 0:
        return Execution(Ended.SIGNAL, exception=_signal_name(-status), **measured)
    return Execution(Ended.EXCEPTION, exception="SystemExit", message=str(status), **measured)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # the real-time signals have no names
        return f"SIG{number}"


def _reported(report: dict[str, Any], call_based: bool, measured: dict[str, Any]) -> Execution:
    """Return the execution that a report describes. Raises ValueError, TypeError or KeyError where it is malformed."""
    if "exception" in report:
        return _raised(report, measured)
    if not call_based:
        if report:
            raise ValueError("a script reports no value")
        return Execution(Ended.FINISHED, **measured)
    if "result_type" in report:
        return Execution(Ended.FINISHED, result_type=_writable(report["result_type"], 100), **measured)
    if not isinstance(report["result"], str) or not report["result"].isascii() or is_slow_to_read(report["result"]):
        raise ValueError("a result is JSON text")
    return Execution(Ended.FINISHED, result=report["result"], **measured)


def _raised(report: dict[str, Any], measured: dict[str, Any]) -> Execution:
    """Return the execution that a reported exception describes. Raises KeyError where it is malformed."""
    name, line = _writable(report["exception"], 100), report["line"]
    ended = _LIMITS.get(name, Ended.EXCEPTION)
    if ended not in (Ended.EXCEPTION, Ended.MEMORY_LIMIT):
        return Execution(ended, **measured)
    line = line if isinstance(line, int) else None
    return Execution(ended, exception=name, message=_writable(report["message"], 500), line=line, **measured)


_LIMITS = {
    "MemoryError": Ended.MEMORY_LIMIT,
    "OutputLimit": Ended.OUTPUT_LIMIT,
    "ScratchLimit": Ended.SCRATCH_LIMIT,
    "ThreadLimit": Ended.THREAD_LIMIT,
    "ProcessLimit": Ended.PROCESS_LIMIT,
}
"""The limits behind exceptions, by the names that a run reports."""


def execution_under_tests(answer: dict[str, Any], outcome: dict[str, Any]) -> Execution:
    """Return the execution of a program under its tests, from the zygote's answer and the tester's outcome."""
    measured = {"seconds": round(answer["seconds"], 4), "peak_memory": answer["peak_memory"]}
    match outcome["ended"]:
        case "passed":
            return Execution(Ended.FINISHED, **measured)
        case "failed":
            raised = {"exception": outcome["exception"], "message": outcome["message"], "line": outcome["line"]}
            return Execution(Ended.CHECK_FAILED, **raised, **measured)
        case "broken":
            message = f"the tests do not work: {outcome['message']}"
            return Execution(Ended.HARNESS_ERROR, "", None, "", outcome["exception"], message, outcome["line"])
        case "timeout":
            return Execution(Ended.TIMEOUT, **measured)
    if answer["scratch_full"]:
        return Execution(Ended.SCRATCH_LIMIT, **measured)
    if outcome["ended"] == "died":
        if answer["timeout"]:
            return Execution(Ended.TIMEOUT, **measured)
        if answer["output_full"]:
            return Execution(Ended.OUTPUT_LIMIT, **measured)
        return _died(answer["status"], measured)
    try:
        if outcome["ended"] == "compile":
            return _compile_error({"report": json.dumps(outcome["report"]), "timeout": False})
        if outcome["ended"] == "raised":
            return _raised(outcome["report"], measured)
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    return Execution(Ended.EXCEPTION, exception="InvalidReport", message="wrote on its report", **measured)


# --- lines ---------------------------------------------------------------------------------------------------------


def with_lines(executions: list[Execution], answers: list[dict[str, Any]], source: str) -> list[Execution]:
    """Return the executions of a traced program with the lines that ran; skipped inputs ran none."""
    units: list[list[range]] = []
    traced = []
    for execution, answer in zip(executions, answers, strict=False):
        ran = answer["ran"]
        if ran is None or execution.ended is Ended.COMPILE_ERROR:
            return executions
        if ran["units"] is not None:
            units = _units(ran["units"], source)
        traced.append(replace(execution, lines=_begun(units, ran["begun"])))
    if not traced:
        return executions
    return traced + [replace(execution, lines=frozenset()) for execution in executions[len(traced) :]]


def _units(text: str, source: str) -> list[list[range]]:
    """Return the lines of each unit; none where the program forged the text."""
    end, units = len(lines_of(source)) - 1, []
    left = most_lines(end)
    for unit in text.split(";"):
        ranges = [range(int(first), min(int(last), end) + 1) for first, last in _RANGE.findall(unit)]
        left -= sum(map(len, ranges))
        if left < 0 or any(lines.start < 1 for lines in ranges):
            return []
        units.append(ranges)
    return units


_RANGE = re.compile("([0-9]{1,7})-([0-9]{1,7})")


def _begun(units: list[list[range]], begun: str) -> frozenset[int]:
    """Return the lines of the units that are marked."""
    marked = (ranges for ranges, mark in zip(units, begun, strict=False) if mark == "1")
    return frozenset(line for ranges in marked for lines in ranges for line in lines)


_LONG_NUMBER = re.compile("[0-9]{5000,}")
_READING_COST = 200_000**2
"""Squared digits that are read in well under a second."""


def is_slow_to_read(text: str) -> bool:
    """Return whether the numbers in a JSON text are so long that reading them, in quadratic time, takes seconds."""
    return sum(len(match[0]) ** 2 for match in _LONG_NUMBER.finditer(text)) > _READING_COST


def _writable(value: object, length: int) -> str:
    """Return a text of the program's as one that any file can hold: half of a surrogate pair becomes ``?``."""
    return str(value)[:length].encode("utf-8", "replace").decode()
