"""A program that writes on its own report cannot move its limits, and cannot blame the harness."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from harness.sandbox import Sandbox
from harness.sandbox.execution import Ended, Execution, Limits, Program
from harness.sandbox.read_answers import executions_of
from harness.sandbox.runtime.report import LONGEST_FAULT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the kernel decides a timeout")

SHORT = Limits(cpu_seconds=0.3, wall_seconds=30, program_seconds=1.0)


@pytest.fixture(scope="module", params=[(), ("namespaces",)], ids=["full", "without namespaces"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    with Sandbox(without=request.param) as sandbox:
        yield sandbox


def spinning_behind(write: str) -> Program:
    """A program that rewrites its report now and then while it spins for seconds of processor time."""
    return Program(
        f"import os, threading, time\ndef forge():\n    while True:\n        {write}\n        time.sleep(0.01)\n"
        "threading.Thread(target=forge, daemon=True).start()\n"
        "end = time.process_time() + 5\nwhile time.process_time() < end: pass\nprint('done')\n"
    )


CLAIMS = {
    "a time to come": ("os.pwrite(3, b'99999999 compiled\\n', 0)", Ended.TIMEOUT),
    "the time so far": ("os.pwrite(3, b'%d compiled\\n' % (1e6 * time.process_time()), 0)", Ended.TIMEOUT),
    "nothing": ("os.ftruncate(3, 0)", Ended.COMPILE_ERROR),
}


@pytest.mark.parametrize(("write", "ended"), CLAIMS.values(), ids=CLAIMS)
def test_a_report_that_claims_time_for_compiling_moves_the_limit_once(
    sandbox: Sandbox, write: str, ended: Ended
) -> None:
    (execution,) = sandbox.execute(spinning_behind(write), [""], SHORT)
    assert execution.ended is ended
    (after,) = sandbox.execute(Program("print(1)"), [""], SHORT)
    assert after.output == "1\n"


def test_claims_of_no_time_do_not_spare_the_budget_of_all_inputs(sandbox: Sandbox) -> None:
    source = (
        "import os, time\nend = time.process_time() + 0.2\nwhile time.process_time() < end: pass\n"
        "os.write(3, b'1 0 1 {}\\n')\nos._exit(0)\n"
    )
    executions = sandbox.execute(Program(source), [""] * 20, SHORT)
    assert executions[-1].ended is Ended.OUT_OF_BUDGET


def reported(text: str, *, compiled: bool = True, call_based: bool = True) -> Execution:
    answer = {
        "compiled": compiled,
        "report": text,
        "output": "",
        "seconds": 0.1,
        "peak_memory": 1,
        "alone": True,
        "timeout": False,
        "scratch_full": False,
        "output_full": False,
        "status": 0,
    }
    (execution,) = executions_of([answer], "", 1, call_based)
    return execution


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("text", ['{"exception": ' + "[" * 50_000, "{", "[]", "7", '{"exception": 1}', '{"result": "}'])
def test_a_malformed_report_is_the_programs_fault(text: str, compiled: bool) -> None:
    expected = ("InvalidReport", Ended.EXCEPTION) if compiled else ("CompilerCrash", Ended.COMPILE_ERROR)
    execution = reported(text, compiled=compiled)
    assert (execution.exception, execution.ended) == expected


def test_a_long_report_is_read_only_as_one_string() -> None:
    long = '{"result": "' + "1" * (1 << 20) + '"}'
    assert reported(long.replace("1", "a")).result == "a" * (1 << 20)
    assert reported('{"exception": "' + "a" * (1 << 20) + '"}').exception == "InvalidReport"


def test_the_report_of_a_program_that_does_not_compile_is_short(sandbox: Sandbox) -> None:
    line = "b'1 0 1 {\"column\": ' + b'1' * LONGEST + b'}'".replace("LONGEST", str(LONGEST_FAULT))
    source = f"import os\nos.ftruncate(3, 0)\nos.pwrite(3, {line}, 0)\nos._exit(0)"
    (execution,) = sandbox.execute(Program(source), [""], SHORT)
    assert (execution.ended, execution.exception) == (Ended.EXCEPTION, "InvalidReport")
