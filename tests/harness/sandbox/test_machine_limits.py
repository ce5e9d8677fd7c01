"""Run under the machine's own limits (``ulimit``): what they allow is used, and what they lack is reported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from apps_plus.errors import SandboxError
from harness.sandbox import machine_limits
from harness.sandbox.execution import Ended, Execution, Limits
from harness.sandbox.machine_limits import excuse, hard_limits, in_words, most_workers, refuse, shortages

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have other limits")
MIB = 1 << 20

# --- what is short -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "most", "told"),
    [
        ("t", 60, "processor time is limited to 60 s a process (ulimit -t): a long evaluation or build may be ended"),
        (
            "v",
            1500 * MIB,
            "the address space is limited to 1.5 GiB (ulimit -v): programs that use numpy may use 924 MiB",
        ),
        (
            "v",
            400 * MIB,
            "(ulimit -v): programs may use 336 MiB of memory beside the interpreter's, not the 1 GiB that",
        ),
        ("d", 400 * MIB, "the data segment is limited to 400 MiB (ulimit -d): programs may use 336 MiB"),
        ("f", 16 * MIB, "the size of a file is limited to 16 MiB (ulimit -f): a longer input cannot be given"),
        ("f", 4 * MIB, "(ulimit -f): programs may print 4 MiB, not the 8 MiB that they are promised"),
        ("n", 40, "the number of open files is limited to 40 (ulimit -n): programs may open 40, not the 64 that"),
        (
            "u",
            30,
            "the number of processes is limited to 30 (ulimit -u): programs may start fewer threads than the 128",
        ),
        ("s", 1 * MIB, "the stack is limited to 1 MiB (ulimit -s): programs may recurse less deeply than the 512 MiB"),
    ],
)
def test_a_shortage_is_one_line_that_names_the_limit_and_what_it_means(option: str, most: int, told: str) -> None:
    [shortage] = shortages({option: most}, Limits())
    assert told in shortage.text
    assert not shortage.fatal
    assert "\n" not in shortage.text


@pytest.mark.parametrize(
    ("option", "most"),
    [("t", 7), ("v", 200 * MIB), ("d", 100 * MIB), ("f", 0), ("f", 100 << 10), ("n", 20), ("u", 10), ("s", 100 << 10)],
)
def test_where_nothing_can_be_run_that_is_refused_with_what_is_needed(option: str, most: int) -> None:
    with pytest.raises(SandboxError, match=rf"ulimit -{option}\): .*need.* at least .*: raise the limit"):
        refuse(shortages({option: most}, Limits()))


def test_limits_that_are_high_enough_are_not_spoken_of() -> None:
    generous = {"t": 3600, "v": 3 << 30, "d": 3 << 30, "f": 64 * MIB, "n": 1024, "u": 4096, "s": 512 * MIB}
    assert shortages(generous, Limits()) == ()
    assert shortages({}, Limits()) == ()


def test_what_is_needed_follows_from_what_programs_are_promised() -> None:
    assert shortages({"f": 64 * MIB}, Limits(output_bytes=65 * MIB))
    assert shortages({"v": 3 << 30}, Limits(memory_bytes=3 << 30))
    assert shortages({"t": 3600}, Limits(cpu_seconds=3600))[0].fatal
    assert not shortages({"v": 1200 * MIB}, Limits(), baseline=20 * MIB)


def test_fewer_workers_where_there_are_few_files_or_processes() -> None:
    assert most_workers(64, {}) == 64
    assert most_workers(64, {"n": 1024, "u": 4096}) == 64
    assert most_workers(64, {"n": 64}) < 64
    assert most_workers(64, {"u": 100}) < 64
    assert most_workers(2, {"n": 32, "u": 20}) == 1


def test_root_is_spared_the_limit_of_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "u" not in hard_limits()


@pytest.mark.parametrize(
    ("option", "most", "execution"),
    [
        ("v", 400 * MIB, Execution(Ended.MEMORY_LIMIT)),
        ("v", 400 * MIB, Execution(Ended.THREAD_LIMIT)),
        ("v", 400 * MIB, Execution(Ended.CHECK_FAILED, exception="MemoryError")),
        ("f", 4 * MIB, Execution(Ended.OUTPUT_LIMIT)),
        ("n", 40, Execution(Ended.EXCEPTION, exception="OSError", message="[Errno 24] Too many open files")),
        ("u", 30, Execution(Ended.THREAD_LIMIT)),
        ("s", 1 * MIB, Execution(Ended.SIGNAL, exception="SIGSEGV")),
    ],
)
def test_a_program_that_ran_into_the_machines_limit_has_not_failed(
    option: str, most: int, execution: Execution
) -> None:
    found = shortages({option: most}, Limits())
    fault = excuse(execution, found)
    assert fault.ended is Ended.HARNESS_ERROR
    assert f"ulimit -{option}" in fault.message
    assert excuse(execution, ()) is execution


@pytest.mark.parametrize("ended", [Ended.FINISHED, Ended.TIMEOUT, Ended.EXCEPTION, Ended.COMPILE_ERROR])
def test_other_ends_are_the_programs_own(ended: Ended) -> None:
    execution = Execution(ended, output="out")
    found = shortages({"v": 400 * MIB, "f": 4 * MIB, "n": 40, "u": 30, "s": MIB, "t": 60}, Limits())
    assert len(found) == 6
    assert excuse(execution, found) is execution


def test_a_limit_beyond_the_programs_own_is_not_to_blame() -> None:
    assert excuse(full := Execution(Ended.OUTPUT_LIMIT), shortages({"f": 16 * MIB}, Limits())) is full


@pytest.mark.parametrize(("size", "words"), [(0, "0 bytes"), (1 << 10, "1 KiB"), (1536 * MIB, "1.5 GiB")])
def test_sizes_in_words(size: int, words: str) -> None:
    assert in_words(size) == words


# --- for real: a process that may not raise its limits ---------------------------------------------------------------

_UNDER = """
import ctypes, json, resource, sys
ctypes.CDLL(None).prctl(24, 24, 0, 0, 0)  # PR_CAPBSET_DROP of CAP_SYS_RESOURCE, which would let children raise them
kind, soft, hard, do = json.loads(sys.argv[1])
number = getattr(resource, "RLIMIT_" + kind)
resource.setrlimit(number, (soft, hard if hard is not None else resource.getrlimit(number)[1]))
from apps_plus.errors import AppsPlusError
from harness.sandbox.execution import Checks, Limits, Program
from harness.sandbox.pool import run_all, worker_count
from harness.sandbox import Sandbox
from harness.doctor import examine_sandbox, try_programs
def told(executions):
    return [[str(one.ended), one.exception, one.message, len(one.output)] for one in executions]
if __name__ == "__main__":
    try:
        with Sandbox() as sandbox:
            answer = eval(do)
    except AppsPlusError as error:
        answer = type(error).__name__ + ": " + str(error)
    print(json.dumps(answer))
"""


def under(kind: str, most: int, do: str, soft_only: bool = False) -> Any:
    """Evaluate an expression in a process with a limit that neither it nor its children can raise."""
    given = json.dumps([kind, most, None if soft_only else most, do])
    done = subprocess.run([sys.executable, "-c", _UNDER, given], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def run(source: str, *inputs: str, limits: str = "Limits()") -> str:
    return f"told(sandbox.execute(Program({source!r}), {list(inputs) or ['']!r}, {limits}))"


ALLOWED = {
    "CPU": 60,
    "AS": 1500 * MIB,
    "DATA": 1200 * MIB,
    "FSIZE": 16 * MIB,
    "NOFILE": 40,
    "STACK": MIB,
    "CORE": 0,
    "MEMLOCK": 0,
    "NPROC": 2000,
}


@on_linux
@pytest.mark.parametrize("kind", ALLOWED)
def test_programs_of_every_kind_run_under_what_is_allowed(kind: str) -> None:
    assert under(kind, ALLOWED[kind], "try_programs(sandbox)") == ""


@on_linux
@pytest.mark.parametrize("kind", ["CPU", "FSIZE"])
def test_a_limit_that_may_be_raised_is_none(kind: str) -> None:
    assert under(kind, ALLOWED[kind], "[try_programs(sandbox), sandbox.shortages()]", soft_only=True) == ["", []]


@on_linux
@pytest.mark.parametrize("kind", ["CPU", "NOFILE", "FSIZE"])
def test_workers_run_under_what_is_allowed(kind: str) -> None:
    do = "[done.answer for done in run_all(try_programs, range(3), worker_count(2))]"
    given = json.dumps([kind, ALLOWED[kind], ALLOWED[kind], do])
    done = subprocess.run([sys.executable, "-c", _UNDER, given], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout) == ["", "", ""], done.stderr
    assert done.stderr.count("note: ") == 1
    assert "ulimit -" in done.stderr


@on_linux
@pytest.mark.parametrize(("kind", "most"), [("CPU", 6), ("AS", 200 * MIB), ("FSIZE", 100 << 10), ("NOFILE", 24)])
def test_a_machine_that_allows_too_little_is_refused(kind: str, most: int) -> None:
    answer = under(kind, most, run("print(1)"))
    assert answer.startswith("SandboxError: ")
    assert "ulimit -" in answer
    assert "raise the limit" in answer


@on_linux
@pytest.mark.parametrize(
    ("kind", "most", "source"),
    [
        ("AS", 400 * MIB, "x = bytearray(600 << 20)"),
        ("FSIZE", 4 * MIB, "print('x' * (6 << 20))"),
        ("NOFILE", 40, "fs = [open('/dev/null') for _ in range(50)]"),
        ("STACK", MIB, "import ctypes\nctypes.string_at(0)"),
    ],
)
def test_what_the_machine_ends_is_no_verdict_on_the_program(kind: str, most: int, source: str) -> None:
    [[ended, _, message, _]] = under(kind, most, run(source))
    assert (ended, "this program ran into it" in message) == ("harness_error", True)


@on_linux
def test_what_the_machine_ends_under_tests_is_no_verdict_on_the_program() -> None:
    check = "told([sandbox.check(Program('def f(n): return len(bytearray(n))', 'f'), Checks('f(600 << 20)'))])"
    [[ended, _, message, _]] = under("AS", 400 * MIB, check)
    assert (ended, "ulimit -v" in message) == ("harness_error", True)


@on_linux
def test_a_programs_own_limit_is_its_own_wherever_it_is_below_the_machines() -> None:
    assert under("AS", 1500 * MIB, run("x = bytearray(1300 << 20)"))[0][0] == "memory_limit"
    assert under("FSIZE", 16 * MIB, run("print('x' * (9 << 20))"))[0][0] == "output_limit"


@on_linux
def test_outputs_that_together_are_more_than_a_file_may_hold() -> None:
    executions = under("FSIZE", 16 * MIB, run("print(input() * (7 << 20), end='')", "a", "b", "c"))
    assert executions == [["finished", "", "", 7 * MIB]] * 3


@on_linux
def test_results_that_together_are_more_than_a_file_may_hold() -> None:
    do = "[len(one.result) for one in sandbox.execute(Program('def f(n): return chr(97) * n', 'f'), [[7 << 20]] * 3)]"
    assert under("FSIZE", 16 * MIB, do) == [(7 << 20) + 2] * 3


@on_linux
def test_an_input_that_no_file_may_hold_is_told() -> None:
    [[ended, _, message, _]] = under("FSIZE", 4 * MIB, "told(sandbox.execute(Program('print(1)'), ['x' * (6 << 20)]))")
    assert ended == "harness_error"
    assert "an input of 6 MiB cannot be given" in message


@on_linux
def test_inputs_that_together_take_more_time_than_a_process_may_have() -> None:
    loop = "import time\nend = time.process_time() + .4\nwhile time.process_time() < end: pass"
    executions = under("CPU", 6, run(loop, *map(str, range(16)), limits="Limits(cpu_seconds=0.9)"))
    assert executions == [["finished", "", "", 0]] * 16


@on_linux
def test_the_tests_of_many_programs_take_more_time_than_a_process_may_have() -> None:
    tests = "import time\\nend = time.process_time() + .45\\nwhile time.process_time() < end: pass\\nassert f(1) == 1"
    check = f"sandbox.check(Program('def f(x): return x', 'f'), Checks('{tests}'), Limits(cpu_seconds=0.5))"
    do = f"told([{check} for _ in range(14)])"
    assert under("CPU", 6, do) == [["finished", "", "", 0]] * 14


@on_linux
@pytest.mark.parametrize(
    ("kind", "most", "works"), [("NOFILE", 40, True), ("NOFILE", 20, False), ("FSIZE", 1000, False)]
)
def test_the_doctor_says_what_is_short_and_whether_programs_can_be_run(kind: str, most: int, works: bool) -> None:
    report = under(kind, most, "[(r := examine_sandbox()).works, r.limits, r.error]")
    assert report[0] is works
    assert "ulimit -" in (report[1][0] if works else report[2])


def test_outputs_that_together_are_more_than_a_program_may_print_in_one_process() -> None:
    do = run("print(input() * (20 << 20), end='')", "a", "b", "c", limits="Limits(output_bytes=30 << 20)")
    assert under("CORE", 0, do) == [["finished", "", "", 20 * MIB]] * 3


def test_a_worker_that_dies_may_have_used_up_its_processor_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine_limits, "hard_limits", dict)
    assert "ulimit" not in machine_limits.likely_cause_of_death()
    monkeypatch.setattr(machine_limits, "hard_limits", lambda: {"t": 60})
    assert "60 s of processor time (ulimit -t)" in machine_limits.likely_cause_of_death()
