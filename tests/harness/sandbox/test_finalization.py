"""Scripts end as the interpreter ends them, for each input. The programs are in ``exit_programs``."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from exit_programs import HEADS, INPUTS, PROGRAMS

from harness.sandbox import Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program

SHORT = Limits(cpu_seconds=0.3, wall_seconds=10)


@pytest.fixture
def python(tmp_path: Path) -> Callable[[str, str], tuple[bool, str]]:
    """``python program.py``: whether it exits with 0, and what it writes."""

    def run(source: str, given: str) -> tuple[bool, str]:
        program, stdin, stdout = (tmp_path / name for name in ("program.py", "input", "output"))
        program.write_text(source, encoding="utf-8")
        stdin.write_text(given, encoding="utf-8")
        with stdin.open("rb") as read, stdout.open("w+b") as write:
            done = subprocess.run(
                [sys.executable, "-S", program],
                stdin=read,
                stdout=write,
                stderr=subprocess.DEVNULL,
                env={"PYTHONUTF8": "1"},
                check=False,
            )
        return done.returncode == 0, stdout.read_bytes().decode()

    return run


def ended_well(executions: list[Execution]) -> list[tuple[bool, str]]:
    return [(execution.ended is Ended.FINISHED, execution.output) for execution in executions]


def script(sandbox: Sandbox, source: str, *inputs: str, limits: Limits | None = None) -> list[Execution]:
    return sandbox.execute(Program(textwrap.dedent(source)), inputs or [""], limits)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_input_ends_as_in_an_interpreter_of_its_own(
    sandbox: Sandbox, python: Callable[[str, str], tuple[bool, str]], name: str
) -> None:
    source = PROGRAMS[name]
    truth = [python(source, given) for given in INPUTS]
    assert ended_well(sandbox.execute(Program(source), INPUTS)) == truth
    assert ended_well(sandbox.execute(Program(source), INPUTS[:1])) == truth[:1]
    assert ended_well(sandbox.execute(Program(source), INPUTS, trace=True)) == truth


def test_the_lines_of_a_flush_at_exit_have_run(sandbox: Sandbox) -> None:
    source = PROGRAMS["collects and writes at exit"]
    flush = 1 + source.splitlines().index("    def flush(self):")
    for execution in sandbox.execute(Program(source), INPUTS, trace=True):
        assert execution.lines is not None
        assert {flush, flush + 1, flush + 2} <= execution.lines


def test_what_goes_wrong_in_a_flush_at_exit_is_told_with_its_line(sandbox: Sandbox) -> None:
    source = """
        import sys
        class W:
            def write(self, text): pass
            def flush(self):
                raise KeyError("lost")
        sys.stdout = W()
    """
    first, second = script(sandbox, source, "", "")
    assert (first.ended, first.exception, first.line) == (Ended.EXCEPTION, "KeyError", 6)
    assert (second.ended, second.exception, second.line) == (Ended.EXCEPTION, "KeyError", 6)


def test_the_programs_own_exception_is_told_before_that_of_its_flush(sandbox: Sandbox) -> None:
    source = "import sys\nsys.stdout.detach()\nint('x')\n"
    (execution,) = script(sandbox, source)
    assert (execution.ended, execution.exception, execution.line) == (Ended.EXCEPTION, "ValueError", 3)


# --- functions, and programs under tests -----------------------------------------------------------------------------

_FUNCTION = "def f(a, b):\n    print(a, b)\n    return a + b\n"


@pytest.mark.parametrize("head", HEADS)
def test_a_function_of_a_program_that_replaces_its_output(sandbox: Sandbox, head: str) -> None:
    program = Program(HEADS[head] + _FUNCTION, "f")
    executions = sandbox.execute(program, [[1, 2], [3, 4]])
    assert [(execution.ended, execution.result) for execution in executions] == [
        (Ended.FINISHED, "3"),
        (Ended.FINISHED, "7"),
    ]


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize(("result", "ended"), [(3, Ended.FINISHED), (4, Ended.CHECK_FAILED)])
def test_a_program_under_tests_that_replaces_its_output(sandbox: Sandbox, head: str, result: int, ended: Ended) -> None:
    checks = Checks(f"assert f(1, 2) == {result}\nassert f(3, 4) == 7")
    assert sandbox.check(Program(HEADS[head] + _FUNCTION, "f"), checks).ended is ended


# --- what a program does with its end -----------------------------------------------------------------------------

_STREAM = "class W:\n    def write(self, text): pass\n    def flush(self):\n        {deed}\nsys.stdout = W()\n"
_AT_THE_END = {
    "a flush": _STREAM,
    "atexit": "import atexit\ndef end():\n    {deed}\natexit.register(end)\n",
    "__del__": "class D:\n    def __del__(self):\n        {deed}\nd = D()\n",
    "close": "import io\nclass F(io.IOBase):\n    def close(self):\n        {deed}\nf = F()\n",
    "a closed stream": "class W:\n    flush = list\n    @property\n    def closed(_):\n     {deed}\nsys.stdout = W()\n",
    "a thread": "import threading\ndef end():\n    {deed}\nthreading.Timer(.01, end).start()\n",
    "a message": "class E(Exception):\n    def __str__(self):\n        {deed}\n" + _STREAM.replace("{deed}", "raise E"),
}
at_the_end = pytest.mark.parametrize("end", _AT_THE_END)


def ending(end: str, deed: str) -> str:
    return "import os, sys\n" + _AT_THE_END[end].replace("{deed}", deed)


@at_the_end
def test_the_end_has_the_time_of_its_input(sandbox: Sandbox, end: str) -> None:
    first, second = script(sandbox, ending(end, "while True: pass"), "", "", limits=SHORT)
    assert (first.ended, second.ended) == (Ended.TIMEOUT, Ended.NOT_RUN)


@at_the_end
def test_an_end_that_waits_has_the_wall_time_of_its_input(sandbox: Sandbox, end: str) -> None:
    limits = Limits(cpu_seconds=1, wall_seconds=0.5)
    (execution,) = script(sandbox, ending(end, "__import__('time').sleep(60)"), limits=limits)
    assert execution.ended is Ended.TIMEOUT


@at_the_end
def test_the_end_has_the_output_of_its_input(sandbox: Sandbox, end: str) -> None:
    limits = Limits(output_bytes=1 << 16)
    source = ending(end, "os.write(1, b'x' * (1 << 17))")
    for execution in script(sandbox, source, "", "", limits=limits):
        assert execution.ended is Ended.OUTPUT_LIMIT
        assert len(execution.output) == 1 << 16


@at_the_end
@pytest.mark.parametrize("deed", ["os._exit(0)", "os.closerange(0, 64)", "sys.stdout = None; sys.modules.clear()"])
def test_an_end_that_breaks_what_it_can_gains_nothing(sandbox: Sandbox, end: str, deed: str) -> None:
    source = "import os\nos.write(1, b'out')\n" + ending(end, deed)
    for execution in script(sandbox, source, "", ""):
        assert execution.output == "out"
        assert execution.ended in (Ended.FINISHED, Ended.EXCEPTION)
    assert script(sandbox, "print(input())", "next")[0].output == "next\n"


@at_the_end
def test_a_thread_that_the_end_starts_writes_nothing_into_another_inputs_output(sandbox: Sandbox, end: str) -> None:
    write = "lambda: [os.write(1, n.encode()) for _ in range(9999)]"
    deed = f"import threading; threading.Thread(target={write}, daemon=True).start()"
    source = "n = input()\n" + ending(end, deed) + "os.write(1, b'<%s>' % n.encode())\n"
    for number, execution in enumerate(script(sandbox, source, "0", "1", "2")):
        assert f"<{number}>" in execution.output  # the thread may be the first to write
        assert set(execution.output) <= {"<", str(number), ">"}


@at_the_end
def test_an_end_that_writes_a_report_of_its_own_forges_no_output(sandbox: Sandbox, end: str) -> None:
    source = ending(end, "os.write(3, b'0 0 1 {}' + bytes([10]))")
    for execution in script(sandbox, source, "", ""):
        assert execution.output == ""
        assert execution.ended in (Ended.FINISHED, Ended.EXCEPTION)


@at_the_end
def test_an_end_that_raises_what_it_can(sandbox: Sandbox, end: str) -> None:
    source = "class B(BaseException): pass\n" + ending(end, "raise B")
    for execution in script(sandbox, source, "", ""):
        assert execution.ended in (Ended.FINISHED, Ended.EXCEPTION)
        assert execution.exception in ("", "B", "E")
