"""Check what a program can and cannot do in the sandbox, and what is reported. Every program here is invented."""

from __future__ import annotations

import contextlib
import json
import math
import os
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sandbox_processes import descendants, is_alive, wait_for

from apps_plus.errors import SandboxError
from apps_plus.problem import DictKeys, load_json, unlimited_digits
from harness.sandbox import Sandbox
from harness.sandbox.execution import MISSING_ENTRY_POINT, Ended, Execution, Limits, Program

SHORT = Limits(cpu_seconds=0.5, wall_seconds=10)
"""For programs that loop for ever."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def script(sandbox: Sandbox) -> Callable[..., Execution]:
    def run(source: str, stdin: str = "", limits: Limits | None = None, **options: Any) -> Execution:
        (execution,) = sandbox.execute(Program(textwrap.dedent(source)), [stdin], limits, **options)
        return execution

    return run


@pytest.fixture
def call(sandbox: Sandbox) -> Callable[..., Execution]:
    def run(source: str, *arguments: Any, limits: Limits | None = None, **options: Any) -> Execution:
        program = Program(textwrap.dedent(source), "f")
        (execution,) = sandbox.execute(program, [list(arguments)], limits, **options)
        return execution

    return run


@pytest.fixture
def returned(call: Callable[..., Execution]) -> Callable[..., Any]:
    """The value that ``f`` returns."""

    def run(source: str, *arguments: Any, **options: Any) -> Any:
        execution = call(source, *arguments, **options)
        assert execution.ended is Ended.FINISHED, execution
        assert execution.result is not None, execution
        return load_json(execution.result)

    return run


def needs(sandbox: Sandbox, *layers: str) -> None:
    missing = [layer for layer in layers if layer not in sandbox.layers]
    if missing:
        pytest.skip(f"this machine lacks {', '.join(missing)}")


# --- scripts -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reader",
    [
        "a = input(); b = input()",
        "import sys; a, b = sys.stdin.read().split()",
        "import sys; a, b = (line.strip() for line in sys.stdin)",
        "import sys; a, b = map(str.strip, sys.stdin.readlines())",
        "import sys; a, b = sys.stdin.buffer.read().decode().split()",
        "import sys; a = sys.stdin.readline().strip(); b = input()",
        "a, b = open(0).read().split()",
        "a, b = open(0, 'rb').read().decode().split()",
        "a, b = open('/dev/stdin').read().split()",
        "import os; a, b = os.read(0, 100).decode().split()",
        "import io, os; a, b = io.BytesIO(os.read(0, os.fstat(0).st_size)).read().decode().split()",
        "import fileinput; a, b = (line.strip() for line in fileinput.input())",
    ],
)
def test_a_script_reads_standard_input_in_any_way(script: Callable[..., Execution], reader: str) -> None:
    assert script(reader + "; print(b + a)", "left\nright\n").output == "rightleft\n"


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("print('out', end='')", "out"),
        ("import sys; sys.stdout.write('out')", "out"),
        ("import sys; sys.stdout.buffer.write(b'out')", "out"),
        ("import os; os.write(1, b'out')", "out"),
        ("print('out', end='', file=open(1, 'w'))", "out"),
        ("f = open(1, 'w'); f.write('out')", "out"),
        ("import io, sys; sys.stdout = io.TextIOWrapper(sys.stdout.buffer); print('out', end='')", "out"),
        ("import sys; sys.stdout = open(1, 'w', closefd=False); print('out', end='')", "out"),
        ("print('out', end=''); exit()", "out"),
        ("print('out', end=''); quit()", "out"),
        ("import sys; print('out', end=''); sys.exit(0)", "out"),
        ("print('out', end=''); raise SystemExit", "out"),
        ("import os; print('out', end='', flush=True); os._exit(0)", "out"),
        ("import os; print('lost'); os._exit(0)", ""),
        ("if __name__ == '__main__': print('out', end='')", "out"),
        ("import atexit; atexit.register(print, 'out', end='')", "out"),
        ("import threading; threading.Thread(target=print, args=('out',)).start()", "out\n"),
        ("import sys; print('lost', file=sys.stderr)", ""),
        ("input('prompt')", "prompt"),
        ("print('ž 水 🙂')", "ž 水 🙂\n"),
        ("print('a\\r\\nb')", "a\r\nb\n"),
        ("import os; os.write(1, b'a\\xffb')", "a\N{REPLACEMENT CHARACTER}b"),
        (r"import re; print(re.sub('\d', '#', 'a1'))", "a#\n"),
        ("def main():\n    print(global_name)\nglobal_name = 1\nmain()", "1\n"),
        ("import __main__; x = 5; print(__main__.x)", "5\n"),
        ("import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)", "A\n"),
        ("from dataclasses import dataclass\n@dataclass\nclass A:\n    x: int\nprint(A(1))", "A(x=1)\n"),
    ],
)
def test_a_script_that_ends_well_is_finished_with_its_output(
    script: Callable[..., Execution], source: str, output: str
) -> None:
    execution = script(source, "line\n")
    assert (execution.ended, execution.output) == (Ended.FINISHED, output)


def test_each_input_is_run_by_a_process_of_its_own(sandbox: Sandbox) -> None:
    source = """
        import builtins, os
        print(input(), getattr(builtins, "mark", None), os.listdir("."))
        builtins.mark = 1
        os.makedirs("a/b/c")
        open("a/file", "w").write("x")
    """
    first, second = sandbox.execute(Program(textwrap.dedent(source)), ["1", "2"])
    assert (first.output, second.output) == ("1 None []\n", "2 None []\n")


def test_no_inputs_no_executions(sandbox: Sandbox) -> None:
    assert sandbox.execute(Program("print(1)"), []) == []


def test_windows_line_ends_reach_the_program_as_in_any_text(script: Callable[..., Execution]) -> None:
    assert script("print(repr(input()))", "a\r\nb").output == "'a'\n"


def test_input_past_the_end_is_an_eof_error(script: Callable[..., Execution]) -> None:
    execution = script("input()\n\nx = input()\n", "only one")
    assert (execution.ended, execution.exception, execution.line) == (Ended.EXCEPTION, "EOFError", 3)


def test_an_input_that_utf8_cannot_write_is_still_an_input(script: Callable[..., Execution]) -> None:
    assert script("print(len(input()))", "a\ud800b").ended is Ended.FINISHED


def test_a_thread_with_a_big_stack_recurses_deeply(script: Callable[..., Execution]) -> None:
    source = """
        import sys, threading
        sys.setrecursionlimit(1 << 20)
        threading.stack_size(1 << 27)
        def depth(n):
            return 0 if n == 0 else 1 + max(depth(n - 1), 0)
        thread = threading.Thread(target=lambda: print(depth(50_000)))
        thread.start()
        thread.join()
    """
    assert script(source).output == "50000\n"


def test_deep_recursion_without_a_thread(script: Callable[..., Execution]) -> None:
    source = """
        import sys
        sys.setrecursionlimit(1 << 20)
        def depth(n):
            return 0 if n == 0 else 1 + depth(n - 1)
        print(depth(50_000))
    """
    assert script(source).output == "50000\n"


def test_a_dozen_threads_with_stacks_of_the_usual_size(script: Callable[..., Execution]) -> None:
    source = """
        import threading
        counted = threading.Event()
        threads = [threading.Thread(target=counted.wait) for _ in range(12)]
        for thread in threads: thread.start()
        print(threading.active_count())
        counted.set()
    """
    assert script(source).output == "13\n"


def test_a_script_may_write_and_read_files_of_its_own(script: Callable[..., Execution]) -> None:
    source = """
        import tempfile
        with open("notes.txt", "w") as file: file.write("kept")
        with tempfile.TemporaryFile("w+") as file: file.write("too")
        print(open("notes.txt").read())
    """
    assert script(source).output == "kept\n"


# --- functions -----------------------------------------------------------------------------------------------------


def test_a_function_is_called_with_its_arguments(returned: Callable[..., Any]) -> None:
    assert returned("def f(a, b): return a + b", [1], [2]) == [1, 2]


def test_a_method_of_class_solution_is_called(returned: Callable[..., Any]) -> None:
    assert returned("class Solution:\n    def f(self, a): return a * 2", 21) == 42


def test_what_a_function_prints_is_ignored(call: Callable[..., Execution]) -> None:
    execution = call("def f(): print('noise'); return 1")
    assert (execution.result, execution.output) == ("1", "")


def test_a_module_that_guards_its_main_is_only_imported(returned: Callable[..., Any]) -> None:
    assert returned("name = __name__\ndef f(): return name\nif name == '__main__': 1/0") == "solution"


def test_state_of_the_module_lives_from_call_to_call(sandbox: Sandbox) -> None:
    source = "seen = []\ndef f(x):\n    seen.append(x)\n    return seen"
    executions = sandbox.execute(Program(source, "f"), [[1], [2]])
    assert [execution.result for execution in executions] == ["[1]", "[1, 2]"]


def test_changing_an_argument_changes_no_other_call(sandbox: Sandbox) -> None:
    shared = [3, 1, 2]
    executions = sandbox.execute(Program("def f(xs):\n    xs.sort()\n    return xs.pop()", "f"), [[shared], [shared]])
    assert [execution.result for execution in executions] == ["3", "3"]
    assert shared == [3, 1, 2]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("None", None),
        ("True", True),
        ("1.5", 1.5),
        ("(1, (2, 'x'))", [1, [2, "x"]]),
        ("{1: 'a', 'b': 2}", {"1": "a", "b": 2}),
        ("'ž\\ud800'", "ž\ud800"),
        ("__import__('collections').Counter('aab')", {"a": 2, "b": 1}),
        ("__import__('collections').defaultdict(list, a=[1])", {"a": [1]}),
        ("__import__('collections').OrderedDict(a=1)", {"a": 1}),
        ("__import__('collections').namedtuple('P', 'x y')(1, 2)", [1, 2]),
        ("__import__('enum').IntEnum('E', 'A').A", 1),
        ("[float('inf')]", [float("inf")]),
    ],
)
def test_json_like_values_come_back(returned: Callable[..., Any], expression: str, value: Any) -> None:
    result = returned(f"def f(): return {expression}")
    assert result == value
    assert type(result) is type(value)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("numpy.int64(7)", 7),
        ("numpy.float64(0.5)", 0.5),
        ("numpy.bool_(True)", True),
        ("[numpy.int32(1)]", [1]),
        ("numpy.arange(3).tolist()", [0, 1, 2]),
    ],
)
def test_numpy_scalars_are_numbers(returned: Callable[..., Any], expression: str, value: Any) -> None:
    assert returned(f"import numpy\ndef f(): return {expression}") == value


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        ("{1, 2}", "set"),
        ("[{1, 2}]", "set"),
        ("b'bytes'", "bytes"),
        ("iter([])", "list_iterator"),
        ("map(str, [])", "map"),
        ("object()", "object"),
        ("1j", "complex"),
        ("{(1, 2): 3}", "dict with keys of type tuple"),
        ("__import__('fractions').Fraction(1, 2)", "Fraction"),
        ("__import__('collections').deque()", "deque"),
        ("__import__('numpy').arange(3)", "ndarray"),
    ],
)
def test_other_objects_are_not_values(call: Callable[..., Execution], expression: str, name: str) -> None:
    execution = call(f"def f(): return {expression}")
    assert (execution.ended, execution.result, execution.result_type) == (Ended.FINISHED, None, name)


def test_a_list_in_itself_is_nested_too_deep(call: Callable[..., Execution]) -> None:
    execution = call("def f():\n    xs = []\n    xs.append(xs)\n    return xs")
    assert (execution.result, execution.result_type) == (None, "list that is nested too deep")


def test_nan_comes_back_as_nan(returned: Callable[..., Any]) -> None:
    value = returned("def f(): return float('nan')")
    assert math.isnan(value)


@pytest.mark.parametrize("base", ["int", "str", "list", "dict", "float"])
def test_a_subclass_is_read_through_its_base_whatever_it_says_of_itself(
    returned: Callable[..., Any], base: str
) -> None:
    source = f"""
        class Liar({base}):
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __hash__(self): return 0
            def __int__(self): return 42
            def __float__(self): return 42.0
            def __str__(self): return "42"
            def __repr__(self): return "42"
            def __iter__(self): return iter([42])
            def items(self): return [(42, 42)]
            def __class__(self): return bool
        def f(): return Liar()
    """
    value = returned(source)
    assert not value
    assert type(value).__name__ == base


def test_integers_of_thousands_of_digits_go_in_and_come_out(returned: Callable[..., Any]) -> None:
    big = 10**5000 + 7
    assert returned("def f(x): return x + 1", big) == big + 1


def test_a_script_prints_integers_of_thousands_of_digits(script: Callable[..., Execution]) -> None:
    with unlimited_digits():
        assert script("print(int(input()) + 1)", "9" * 5000).output == "1" + "0" * 5000 + "\n"


def test_the_keys_of_a_dict_are_text_as_json_has_them(returned: Callable[..., Any]) -> None:
    assert returned("def f(d): return [type(k).__name__ for k in d]", {"1": 2}) == ["str"]


def test_the_keys_of_a_dict_are_integers_where_the_problem_says_so(returned: Callable[..., Any]) -> None:
    source = "def f(d): return [repr(k) for k in d] + [repr(k) for k in d[1][0]]"
    arguments = {"1": [{"-2": 0, "x": 0, "--3": 0, "": 0}]}
    assert returned(source, arguments, dict_keys=DictKeys.INT) == ["1", "-2", "'x'", "'--3'", "''"]


@pytest.mark.parametrize("source", ["def g(): pass", "f = 5", "class Solution:\n    def g(self): pass", ""])
def test_a_program_without_the_function_is_said_to_lack_it(call: Callable[..., Execution], source: str) -> None:
    execution = call(source)
    assert (execution.ended, execution.exception) == (Ended.EXCEPTION, MISSING_ENTRY_POINT)


def test_a_call_that_raises_leaves_the_next_ones_running(sandbox: Sandbox) -> None:
    executions = sandbox.execute(Program("def f(x):\n    return 6 // x", "f"), [[1], [0], [2]])
    assert [execution.result for execution in executions] == ["6", None, "3"]
    assert (executions[1].exception, executions[1].line) == ("ZeroDivisionError", 2)


@pytest.mark.parametrize(
    ("death", "ended"),
    [
        ("__import__('os')._exit(0)", Ended.EXCEPTION),
        ("__import__('os').abort()", Ended.SIGNAL),
        ("__import__('sys').exit(0)", Ended.EXCEPTION),
        ("__import__('os').close(3)", Ended.EXCEPTION),
        ("__import__('os').closerange(0, 64)", Ended.EXCEPTION),
        ("__import__('ctypes').string_at(0)", Ended.SIGNAL),
    ],
)
def test_inputs_after_the_one_that_killed_the_run_are_run(sandbox: Sandbox, death: str, ended: Ended) -> None:
    source = f"def f(x):\n    if x == 1: {death}\n    return x"
    executions = sandbox.execute(Program(source, "f"), [[0], [1], [2], [3]])
    assert [execution.result for execution in executions] == ["0", None, "2", "3"]
    assert executions[1].ended is ended


# --- how a run ends ------------------------------------------------------------------------------------------------


def test_an_exception_is_told_by_type_message_and_deepest_line(script: Callable[..., Execution]) -> None:
    source = "def f(x):\n    return [][x]\n\nprint('before')\nf(3)\n"
    execution = script(source)
    assert execution.ended is Ended.EXCEPTION
    assert (execution.exception, execution.message, execution.line) == ("IndexError", "list index out of range", 2)
    assert execution.output == "before\n"


def test_the_line_is_the_programs_where_a_library_raised(script: Callable[..., Execution]) -> None:
    execution = script("import json\n\njson.loads('{')\n")
    assert (execution.exception, execution.line) == ("JSONDecodeError", 3)


@pytest.mark.parametrize(
    ("exit_with", "message"),
    [
        ("sys.exit(3)", "3"),
        ("sys.exit('no solution')", "no solution"),
        ("os._exit(3)", "3"),
        ("sys.exit(False or 1)", "1"),
    ],
)
def test_an_exit_status_other_than_zero_is_an_exception(
    script: Callable[..., Execution], exit_with: str, message: str
) -> None:
    execution = script(f"import os, sys; {exit_with}")
    assert (execution.ended, execution.exception, execution.message) == (Ended.EXCEPTION, "SystemExit", message)


@pytest.mark.parametrize(
    ("death", "name"),
    [
        ("os.abort()", "SIGABRT"),
        ("ctypes.string_at(0)", "SIGSEGV"),
        ("os.kill(os.getpid(), 9)", "SIGKILL"),
        ("os.kill(os.getpid(), 40)", "SIG40"),
    ],
)
def test_a_death_by_signal_is_told_by_its_name(script: Callable[..., Execution], death: str, name: str) -> None:
    execution = script(f"import ctypes, os; {death}")
    assert (execution.ended, execution.exception) == (Ended.SIGNAL, name)


def test_endless_recursion_is_a_recursion_error(script: Callable[..., Execution]) -> None:
    execution = script("def f(): f()\nf()")
    assert (execution.ended, execution.exception, execution.line) == (Ended.EXCEPTION, "RecursionError", 1)


@pytest.mark.parametrize(
    "source",
    [
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "class E(Exception):\n    def __str__(self): return 5\nraise E",
        "raise ValueError('\\ud800')",
        "raise type('\\N{SNOWMAN}' * 1000, (Exception,), {})('x' * 100_000)",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise ExceptionGroup('several', [ValueError(1)])",
    ],
)
def test_an_odd_exception_is_one_that_can_be_written_to_a_file(script: Callable[..., Execution], source: str) -> None:
    execution = script(source)
    assert execution.ended is Ended.EXCEPTION
    (execution.exception + execution.message).encode()
    assert len(execution.exception) <= 100
    assert len(execution.message) <= 500


@pytest.mark.parametrize(
    ("source", "exception", "line"),
    [
        ("x = 1\nif x\n", "SyntaxError", 2),
        ("def f():\nreturn 1", "IndentationError", 2),
        ("if 1:\n\tx = 1\n        y = 2", "TabError", 3),
        ("print 'python 2'", "SyntaxError", 1),
        ("return 1", "SyntaxError", 1),
        ("x = '" + "9", "SyntaxError", 1),
    ],
)
def test_what_does_not_compile_is_told_with_its_line(
    script: Callable[..., Execution], source: str, exception: str, line: int
) -> None:
    execution = script(source)
    assert (execution.ended, execution.exception, execution.line) == (Ended.COMPILE_ERROR, exception, line)
    assert execution.message


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\0",
        "x = '\ud800'",
        "(" * 100_000,
        "-" * 1_000_000 + "1",
        "x = " + "[" * 100_000 + "]" * 100_000,
        "x = 1" + "+1" * 200_000,
        "\n".join(" " * depth + "if 1:" for depth in range(200)),
    ],
)
def test_a_source_that_breaks_the_compiler_does_not_compile_or_runs(
    script: Callable[..., Execution], source: str
) -> None:
    execution = script(source)
    if execution.ended is not Ended.FINISHED:  # later Pythons compile some of them
        assert execution.ended is Ended.COMPILE_ERROR
        assert execution.exception


def test_a_compile_error_stands_for_every_input(sandbox: Sandbox) -> None:
    executions = sandbox.execute(Program("x ="), ["1", "2", "3"])
    assert [execution.ended for execution in executions] == [Ended.COMPILE_ERROR] * 3


def test_constant_folding_makes_no_bomb(script: Callable[..., Execution]) -> None:
    execution = script("x = 'a' * 10**12", limits=SHORT)
    assert execution.ended in (Ended.MEMORY_LIMIT, Ended.COMPILE_ERROR)


# --- limits --------------------------------------------------------------------------------------------------------


def test_a_loop_without_end_is_a_timeout_with_what_it_printed(script: Callable[..., Execution]) -> None:
    execution = script("print('so far', flush=True)\nwhile True: pass", limits=SHORT)
    assert (execution.ended, execution.output) == (Ended.TIMEOUT, "so far\n")
    assert execution.seconds >= SHORT.cpu_seconds


def test_threads_add_up_their_processor_time(script: Callable[..., Execution]) -> None:
    source = """
        import hashlib, threading
        def burn():
            while True: hashlib.pbkdf2_hmac("sha256", b"x", b"y", 10_000)
        for _ in range(3): threading.Thread(target=burn).start()
    """
    assert script(source, limits=SHORT).ended is Ended.TIMEOUT


def test_a_sleeper_is_stopped_by_the_wall_cap(script: Callable[..., Execution]) -> None:
    execution = script("import time; time.sleep(3600)", limits=Limits(wall_seconds=0.5))
    assert execution.ended is Ended.TIMEOUT


@pytest.mark.parametrize("signals", ["SIGTERM", "SIGINT", "SIGALRM"])
def test_a_program_that_ignores_signals_still_times_out(script: Callable[..., Execution], signals: str) -> None:
    source = f"import signal\nsignal.signal(signal.{signals}, signal.SIG_IGN)\nwhile True:\n  try: 1/0\n  except: pass"
    assert script(source, limits=SHORT).ended is Ended.TIMEOUT


def test_after_a_timeout_the_later_inputs_are_not_run(sandbox: Sandbox) -> None:
    program = Program("if input() == 'loop':\n    while True: pass\nprint('done')")
    executions = sandbox.execute(program, ["go", "loop", "go"], SHORT)
    assert [e.ended for e in executions] == [Ended.FINISHED, Ended.TIMEOUT, Ended.NOT_RUN]


def test_after_a_timeout_the_later_inputs_are_run_where_that_is_wanted(sandbox: Sandbox) -> None:
    limits = Limits(cpu_seconds=0.3, wall_seconds=10, stop_after_timeout=False)
    source = Program("def f(loop):\n    while loop: pass\n    return 1", "f")
    executions = sandbox.execute(source, [[False], [True], [False]], limits)
    assert [e.ended for e in executions] == [Ended.FINISHED, Ended.TIMEOUT, Ended.FINISHED]


def test_each_call_has_a_time_limit_of_its_own(sandbox: Sandbox) -> None:
    source = "import time\ndef f():\n    start = time.process_time()\n    while time.process_time() < start + 0.3: pass"
    executions = sandbox.execute(Program(source, "f"), [[]] * 4, Limits(cpu_seconds=0.9, wall_seconds=30))
    assert [e.ended for e in executions] == [Ended.FINISHED] * 4


@pytest.mark.parametrize(
    "source",
    [
        "x = bytearray(1 << 30)",
        "xs = []\nwhile True: xs.append(bytearray(1 << 20))",
        "x = list(range(10**9))",
        "x = 'a'\nwhile True: x += x",
    ],
)
def test_too_much_memory_is_the_memory_limit(script: Callable[..., Execution], source: str) -> None:
    assert script(source, limits=Limits(memory_bytes=256 << 20)).ended is Ended.MEMORY_LIMIT


def test_a_program_that_catches_its_memory_error_goes_on(script: Callable[..., Execution]) -> None:
    execution = script("try: x = bytearray(1 << 40)\nexcept MemoryError: print('small then')")
    assert (execution.ended, execution.output) == (Ended.FINISHED, "small then\n")


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('x' * 1000)",
        "import os\nwhile True: os.write(1, b'x' * 1000)",
        "import sys\nsys.stdout.write('x' * 2_000_000)",
        "while True:\n    try: print('x' * 1000)\n    except OSError: break",
    ],
)
def test_too_much_output_is_the_output_limit(script: Callable[..., Execution], source: str) -> None:
    execution = script(source, limits=Limits(output_bytes=1 << 20))
    assert execution.ended is Ended.OUTPUT_LIMIT
    assert len(execution.output) <= 1 << 20


def test_a_value_too_large_is_the_output_limit(call: Callable[..., Execution]) -> None:
    execution = call("def f(): return 'x' * 2_000_000", limits=Limits(output_bytes=1 << 20))
    assert (execution.ended, execution.result) == (Ended.OUTPUT_LIMIT, None)


def test_the_values_of_many_calls_do_not_add_up(sandbox: Sandbox) -> None:
    source = Program("def f(): return '\"' * 400_000", "f")
    executions = sandbox.execute(source, [[]] * 4, Limits(output_bytes=1 << 20))
    assert [e.ended for e in executions] == [Ended.FINISHED] * 4


def test_what_calls_print_does_not_add_up(sandbox: Sandbox) -> None:
    source = Program("def f(): print('x' * 600_000); return 1", "f")
    executions = sandbox.execute(source, [[]] * 4, Limits(output_bytes=1 << 20))
    assert [e.result for e in executions] == ["1"] * 4


def test_a_file_in_scratch_has_the_size_limit_of_the_output(script: Callable[..., Execution]) -> None:
    execution = script("open('f', 'wb').write(bytes(2 << 20))", limits=Limits(output_bytes=1 << 20))
    assert execution.ended is Ended.SCRATCH_LIMIT


def test_all_files_in_scratch_together_have_a_limit(sandbox: Sandbox, script: Callable[..., Execution]) -> None:
    needs(sandbox, "namespaces")
    source = "for i in range(100): open(str(i), 'wb').write(bytes(1 << 20))"
    execution = script(source, limits=Limits(scratch_bytes=4 << 20))
    assert execution.ended is Ended.SCRATCH_LIMIT


def test_open_files_have_a_limit(script: Callable[..., Execution]) -> None:
    execution = script("xs = [open('f', 'w') for _ in range(100)]")
    assert (execution.ended, execution.exception) == (Ended.EXCEPTION, "OSError")
    assert "Too many open files" in execution.message


def test_processor_time_and_memory_are_measured(script: Callable[..., Execution]) -> None:
    execution = script("x = bytearray(b'x' * (50 << 20))\nfor i in range(10**6): pass")
    assert execution.seconds > 0
    assert execution.peak_memory > 50 << 20


# --- what a program cannot do --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "ended"),
    [
        ("os.fork()", Ended.PROCESS_LIMIT),
        ("os.forkpty()", Ended.EXCEPTION),
        ("os.system('true') and 1/0", Ended.EXCEPTION),
        ("os.execv('/bin/true', ['true'])", Ended.EXCEPTION),
        ("os.posix_spawn('/bin/true', ['true'], {})", Ended.PROCESS_LIMIT),
        ("subprocess.run(['true'])", Ended.PROCESS_LIMIT),
        ("multiprocessing.get_context('fork').Process(target=print).start()", Ended.PROCESS_LIMIT),
    ],
)
def test_no_process_is_started(sandbox: Sandbox, script: Callable[..., Execution], source: str, ended: Ended) -> None:
    needs(sandbox, "seccomp")
    execution = script(f"import multiprocessing, os, subprocess\n{source}\n")
    assert execution.ended is ended, execution


@pytest.mark.parametrize(
    "source",
    [
        "socket.create_connection(('127.0.0.1', 22))",
        "socket.socket()",
        "socket.socket(socket.AF_UNIX)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('8.8.8.8', 53))",
        "urllib.request.urlopen('http://127.0.0.1/')",
    ],
)
def test_no_socket_is_opened(sandbox: Sandbox, script: Callable[..., Execution], source: str) -> None:
    needs(sandbox, "seccomp")
    assert script(f"import socket, urllib.request\n{source}\n").ended is Ended.EXCEPTION


def test_no_file_of_the_host_is_read(sandbox: Sandbox, script: Callable[..., Execution], tmp_path: Path) -> None:
    needs(sandbox, "landlock")
    secret = tmp_path / "secret.txt"
    secret.write_text("expected output")
    names = [str(secret), __file__, str(Path.home() / ".profile"), "/etc/passwd", "/etc/shadow", "/proc/1/environ"]
    names += [f"/proc/{os.getpid()}/environ", "/proc/self/environ", "/proc/1/mem", "/proc/1/cmdline", "/dev/mem"]
    source = """
        for name in open(0).read().split():
            try: print(name, open(name, "rb").read(9))
            except OSError: pass
    """
    execution = script(source, "\n".join(names))
    assert (execution.ended, execution.output) == (Ended.FINISHED, "")


def test_no_folder_of_the_host_is_listed(sandbox: Sandbox, script: Callable[..., Execution], tmp_path: Path) -> None:
    needs(sandbox, "landlock")
    source = """
        import os
        for name in open(0).read().split():
            try: print(name, os.listdir(name))
            except OSError: pass
    """
    execution = script(source, "\n".join([str(tmp_path), str(Path.home()), "/tmp", "/", "/etc", "/proc"]))
    assert (execution.ended, execution.output) == (Ended.FINISHED, "")


def test_no_file_of_the_host_is_written_moved_or_removed(
    sandbox: Sandbox, script: Callable[..., Execution], tmp_path: Path
) -> None:
    needs(sandbox, "landlock")
    (tmp_path / "old").write_text("old")
    source = f"""
        import os
        os.chdir("/")
        for deed in (
            lambda: open("{tmp_path}/new", "w"),
            lambda: open("{tmp_path}/old", "w"),
            lambda: os.remove("{tmp_path}/old"),
            lambda: os.rename("{tmp_path}/old", "{tmp_path}/new"),
            lambda: os.mkdir("{tmp_path}/new"),
            lambda: os.symlink("/", "{tmp_path}/new"),
            lambda: os.truncate("{tmp_path}/old", 0),
            lambda: open("{tempfile.gettempdir()}/apps-plus-was-here", "w"),
        ):
            try:
                deed()
                print("done")
            except OSError: pass
    """
    execution = script(source)
    assert (execution.ended, execution.output) == (Ended.FINISHED, "")
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text() == "old"
    assert not (Path(tempfile.gettempdir()) / "apps-plus-was-here").exists()


def test_the_environment_is_empty(script: Callable[..., Execution], monkeypatch: pytest.MonkeyPatch) -> None:
    assert script("import os; print(dict(os.environ))").output == "{}\n"
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    source = Program(
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.getenv.restype = ctypes.c_char_p\n"
        "print(libc.getenv(b'OPENAI_API_KEY'), libc.getenv(b'HOME'), libc.getenv(b'PATH'))"
    )
    with Sandbox() as fresh:
        assert fresh.execute(source, [""])[0].output == "None None None\n"


def test_the_command_line_tells_nothing(script: Callable[..., Execution]) -> None:
    assert script("import sys; print(sys.argv)").output == "['program.py']\n"


def test_no_descriptor_is_left_but_its_own(script: Callable[..., Execution]) -> None:
    source = """
        import os
        def is_open(fd):
            try: return bool(os.fstat(fd))
            except OSError: return False
        print([fd for fd in range(1024) if is_open(fd)])
    """
    assert script(source).output == "[0, 1, 2, 3, 4, 5]\n"  # 3 is the report; 4 and 5 are copies of 1 and 0


def test_no_descriptor_is_left_where_the_parent_has_many_open(tmp_path: Path) -> None:
    held = [os.open(tmp_path, os.O_RDONLY) for _ in range(200)]
    try:
        with Sandbox() as crowded:
            source = "import os\nfor fd in range(6, 1024):\n  try: print(fd, os.fstat(fd))\n  except OSError: pass"
            assert crowded.execute(Program(source), [""])[0].output == ""
    finally:
        for fd in held:
            os.close(fd)


@pytest.mark.parametrize(
    "deed",
    [
        "os.kill(parent, 9)",
        "os.kill(os.getppid(), 9)",
        "os.kill(1, 2)",
        "os.kill(-1, 9)",
        "os.kill(0, 9)",
        "os.killpg(0, 9)",
        "signal.pidfd_send_signal(os.pidfd_open(1), 9)",
        "(fcntl.fcntl(0, fcntl.F_SETSIG, 2), fcntl.fcntl(0, fcntl.F_SETOWN, 1))",
        "fcntl.fcntl(0, fcntl.F_SETOWN, os.getppid())",
        "resource.prlimit(1, resource.RLIMIT_CPU, (0, 0))",
        "resource.prlimit(os.getppid(), resource.RLIMIT_NOFILE, (0, 0))",
        "os.setpriority(os.PRIO_PROCESS, 1, 19)",
        "os.sched_setaffinity(1, {0})",
        "os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0))",
        "check(libc.shmget(0, 4096, 0o1600))",
        "check(libc.msgget(0, 0o1600))",
        "check(libc.semget(0, 1, 0o1600))",
        "check(libc.ptrace(16, os.getppid(), 0, 0))",
        "check(libc.unshare(0x10000000))",
        "check(libc.mount(b'none', b'/', b'tmpfs', 0, None))",
        "check(libc.setns(0, 0))",
        "os.chroot('.')",
        "os.setuid(12345)",
        "os.mknod('device', 0o60600, os.makedev(8, 0))",
    ],
)
def test_nothing_else_on_the_machine_is_touched(sandbox: Sandbox, script: Callable[..., Execution], deed: str) -> None:
    needs(sandbox, "namespaces", "seccomp")
    source = f"""
        import ctypes, fcntl, os, resource, signal
        parent = {os.getpid()}
        libc = ctypes.CDLL(None, use_errno=True)
        def check(result):
            if result == -1: raise OSError(ctypes.get_errno(), "refused")
        try:
            {deed}
        except OSError:
            print("refused")
    """
    before = sandbox.execute(Program("print(1)"), [""])
    execution = script(source)
    assert (execution.ended, execution.output) == (Ended.FINISHED, "refused\n")
    assert sandbox.execute(Program("print(1)"), [""])[0].output == before[0].output


@pytest.mark.parametrize(
    "mess",
    [
        "os.mkdir('d', 0)",
        "os.umask(0o777); os.makedirs('d'); open('f', 'w').close()",
        "os.close(os.open('f', os.O_CREAT, 0))",
        "os.symlink('/', 'root'); os.symlink('loop', 'loop')",
        "os.mkfifo('pipe')",
        "[(os.mkdir('d'), os.chdir('d')) for _ in range(1500)]",
        "[os.mkdir(str(i)) for i in range(500)]",
        "open('\\udcff\\n', 'w').close()",
    ],
)
def test_whatever_mess_a_program_leaves_is_gone_for_the_next(sandbox: Sandbox, mess: str) -> None:
    messy, tidy = Program(f"import os\n{mess}\nprint('made')"), Program("import os\nprint(os.listdir('.'))")
    assert sandbox.execute(messy, [""])[0].output == "made\n"
    assert sandbox.execute(tidy, [""])[0].output == "[]\n"


def test_nothing_is_left_of_a_program_that_patches_everything(sandbox: Sandbox) -> None:
    source = """
        import builtins, json, os, sys
        builtins.print = builtins.open = builtins.len = json.dumps = os.write = os._exit = sys.exit = None
        sys.modules.clear()
        def f(): return 1
    """
    vandal, (after,) = Program(textwrap.dedent(source), "f"), sandbox.execute(Program("print(len('abc'))"), [""])
    assert sandbox.execute(vandal, [[], []])[0].ended in (Ended.FINISHED, Ended.EXCEPTION, Ended.SIGNAL)
    assert sandbox.execute(Program("print(len('abc'))"), [""])[0].output == after.output == "3\n"


# --- forged reports ------------------------------------------------------------------------------------------------

FORGERIES = [
    b"garbage\n",
    b"\xff\xfe\n",
    b"\n",
    b"\n" * 10_000,
    b"{}\n" * 10_000,
    b"x" * 100_000,
    b"[" * 100_000 + b"\n",
    b"1" * 50_000 + b"\n",
    b"null\n",
    b"[]\n",
    b'"exception"\n',
    b'{"result": 5}\n',
    b'{"result": "5", "result_type": 5}\n',
    b'{"result": "' + b"[" * 50_000 + b'"}\n',
    b'{"result": "\\"\\ud800\\""}\n',
    b'{"exception": "E"}\n',
    b'{"exception": {"a": 1}, "message": ["\\ud800"], "line": "x"}\n',
    b'{"exception": "\\ud800", "message": "\\ud800", "line": 1e999}\n',
    b'{"compiled": false, "exception": "SyntaxError", "message": "", "line": 1}\n',
]


@pytest.mark.parametrize("forgery", FORGERIES, ids=range(len(FORGERIES)))
@pytest.mark.parametrize("ending", ["", "os._exit(0)", "os.kill(os.getpid(), 9)"])
def test_a_script_that_forges_its_report_gains_no_output(sandbox: Sandbox, forgery: bytes, ending: str) -> None:
    source = f"import os, sys\nprint('truth')\nsys.stdout.flush()\nos.write(3, {forgery!r})\n{ending}\n"
    forged, after = sandbox.execute(Program(source), ["", ""])[0], sandbox.execute(Program("print(1)"), [""])[0]
    assert set(forged.output.split()) <= {"truth"}
    assert forged.result is None
    assert forged.ended in (Ended.FINISHED, Ended.EXCEPTION, Ended.SIGNAL, Ended.OUTPUT_LIMIT)
    (forged.exception + forged.message).encode()
    assert after.output == "1\n"


@pytest.mark.parametrize("forgery", FORGERIES, ids=range(len(FORGERIES)))
@pytest.mark.parametrize("ending", ["return 7", "os._exit(0)"])
def test_a_function_that_forges_its_report_breaks_nothing(sandbox: Sandbox, forgery: bytes, ending: str) -> None:
    source = f"import os\ndef f():\n    os.write(3, {forgery!r})\n    {ending}\n"
    executions = sandbox.execute(Program(source, "f"), [[], [], []])
    assert len(executions) == 3
    assert all(e.ended in (Ended.FINISHED, Ended.EXCEPTION, Ended.OUTPUT_LIMIT) for e in executions)
    for execution in executions:
        "".join((execution.exception, execution.message, execution.result or "", execution.result_type)).encode()


def test_a_forged_result_is_worth_what_a_returned_one_is(sandbox: Sandbox) -> None:
    line = "1 0 1 " + json.dumps({"result": "[1]"}) + "\n"
    source = f"import os\ndef f():\n    os.write(3, {line.encode()!r})\n    os._exit(0)"
    assert sandbox.execute(Program(source, "f"), [[]])[0].result == "[1]"


def test_an_endless_report_is_stopped(sandbox: Sandbox) -> None:
    for flood in ("b'x' * 60000", "b'\\n' * 60000", "b'{}\\n' * 20000"):
        source = f"import os\nwhile True: os.write(3, {flood})"
        (execution,) = sandbox.execute(Program(source), [""], Limits(output_bytes=1 << 20))
        assert execution.ended in (Ended.OUTPUT_LIMIT, Ended.EXCEPTION, Ended.SIGNAL)


@pytest.mark.parametrize("last", ["0, 64", "0, 3", "3, 4", "1, 2"])
def test_a_script_may_close_every_descriptor(sandbox: Sandbox, last: str) -> None:
    source = f"import os\nos.write(1, b'truth')\nos.closerange({last})"
    (execution,) = sandbox.execute(Program(source), [""])
    assert (execution.ended, execution.output) == (Ended.FINISHED, "truth")


# --- packages, seeds -----------------------------------------------------------------------------------------------


def test_scientific_packages_are_there(script: Callable[..., Execution]) -> None:
    execution = script("import numpy as np; print(np.arange(4).sum())")
    assert (execution.ended, execution.output) == (Ended.FINISHED, "6\n")


@pytest.mark.parametrize("package", ["rich", "pytest", "apps_plus", "harness", "pip"])
def test_other_installed_packages_are_not(script: Callable[..., Execution], package: str) -> None:
    for source in (f"import {package}", f"import numpy, {package}"):
        execution = script(source)
        assert (execution.ended, execution.exception) == (Ended.EXCEPTION, "ModuleNotFoundError")


def test_two_runs_with_one_seed_agree(script: Callable[..., Execution]) -> None:
    source = "import random; print(random.random(), hash('text'))"
    assert script(source).output == script(source).output


def test_another_seed_changes_hashes_and_random_numbers(script: Callable[..., Execution]) -> None:
    for expression in ("hash('text')", "random.random()"):
        source = f"import random; print({expression})"
        assert script(source, seed=0).output != script(source, seed=1).output


# --- the sandbox's own processes -----------------------------------------------------------------------------------


def scratch_folders() -> set[str]:
    return {path.name for path in Path(tempfile.gettempdir()).glob("apps-plus-*")}


linux_only = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


@linux_only
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = set(descendants(os.getpid()))
    with Sandbox() as fresh:
        zygotes = set()
        for source in ("print(1)", "while True: pass", "open('f', 'w').write('x')", "import os; os.abort()"):
            fresh.execute(Program(source), [""], Limits(cpu_seconds=0.2, wall_seconds=10))
            zygotes = zygotes or set(descendants(os.getpid())) - before
            assert set(descendants(os.getpid())) - before == zygotes
    assert set(descendants(os.getpid())) == before
    assert scratch_folders() == set()


@linux_only
def test_no_process_outlives_a_parent_that_was_killed(tmp_path: Path) -> None:
    source = (
        "from harness.sandbox.execution import Program\nfrom harness.sandbox import Sandbox\n"
        "sandbox = Sandbox()\nprint(sandbox.layers, flush=True)\n"
        "sandbox.execute(Program('import time; time.sleep(60)'), [''])"
    )
    env = {"PYTHONPATH": str(Path(__file__).parents[3]), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, env=env) as parent:
        assert parent.stdout is not None
        parent.stdout.readline()
        below = wait_for(lambda: descendants(parent.pid))
        parent.kill()
    assert below
    assert wait_for(lambda: not any(is_alive(pid) for pid in below))


@linux_only
def test_a_zygote_that_was_killed_between_programs_is_replaced() -> None:
    with Sandbox() as fresh:
        before = set(descendants(os.getpid()))
        assert fresh.execute(Program("print(1)"), [""])[0].output == "1\n"
        for pid in set(descendants(os.getpid())) - before:
            with contextlib.suppress(ProcessLookupError):  # it died with another of them
                os.kill(pid, signal.SIGKILL)
        assert fresh.execute(Program("print(2)"), [""])[0].output == "2\n"


@linux_only
def test_a_zygote_that_is_killed_at_work_is_our_fault_and_never_an_exception() -> None:
    before, done = set(descendants(os.getpid())), threading.Event()
    with Sandbox() as fresh:
        needs(fresh, "namespaces")
        fresh.execute(Program("print(1)"), [""])
        idle = len(set(descendants(os.getpid())) - before)

        def kill_whenever_a_program_runs() -> None:
            while not done.wait(0.05):
                processes = [pid for pid in descendants(os.getpid()) if pid not in before]
                if len(processes) > idle:  # or it would kill one that has not started; children come first
                    os.kill(processes[0], signal.SIGKILL)

        killer = threading.Thread(target=kill_whenever_a_program_runs)
        killer.start()
        try:
            executions = fresh.execute(Program("import time; time.sleep(20)"), ["", ""])
        finally:  # or it would kill the sandboxes of all later tests
            done.set()
            killer.join()
        assert [e.ended for e in executions] == [Ended.HARNESS_ERROR] * 2
        assert fresh.execute(Program("print(1)"), [""])[0].output == "1\n"


@pytest.mark.parametrize("executable", ["/bin/false", "/nowhere/python"])
def test_a_sandbox_that_cannot_start_is_an_error_that_says_what_to_do(
    executable: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "executable", executable)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Sandbox() as broken, pytest.raises(SandboxError, match="apps-plus doctor"):
        broken.execute(Program("print(1)"), [""])
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_sent_to_the_sandbox_is_our_fault(call: Callable[..., Execution]) -> None:
    assert call("def f(x): return 1", object()).ended is Ended.HARNESS_ERROR
    assert call("def f(x): return 1", 1).result == "1"


def test_a_machine_that_grants_half_a_namespace_still_runs_programs() -> None:
    """Some systems let a process enter a user namespace and then refuse what is needed to use it."""
    source = f"""
        import sys
        sys.path.insert(0, {str(Path(__file__).parents[3])!r})
        from harness.sandbox.isolation import landlock, libc
        from harness.sandbox.execution import Program
        from harness.sandbox import Sandbox
        try:
            libc.no_new_privileges()
            landlock.restrict_files(["/"], [], ["/tmp", "/dev/null"])  # no writing below /proc: no uid_map
        except OSError:
            print("no landlock")
            raise SystemExit
        with Sandbox() as sandbox:
            print("namespaces" in sandbox.layers, "namespaces" in sandbox.missing_layers)
            print([e.output for e in sandbox.execute(Program("print(input())"), ["1", "2", "3"])])
    """
    if sys.platform != "linux":
        pytest.skip("needs Linux")
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, check=False)
    if done.stdout == "no landlock\n":
        pytest.skip("needs Landlock to play such a system")
    assert done.stdout == "False True\n['1\\n', '2\\n', '3\\n']\n", done.stderr


# ---- a budget for all inputs together


BURN = "import time\nstart = time.process_time()\n"
BURN += "def burn(seconds):\n    while time.process_time() < start + seconds: pass\n"


def test_a_function_whose_budget_is_spent_is_not_called_again(sandbox: Sandbox) -> None:
    program = Program(
        BURN + "def f(x):\n    global start\n    start = time.process_time()\n    burn(0.3)\n    return x\n", "f"
    )
    executions = sandbox.execute(program, [[i] for i in range(9)], Limits(program_seconds=0.5))
    ended = [execution.ended for execution in executions]
    assert ended == sorted(ended, key=[Ended.FINISHED, Ended.OUT_OF_BUDGET].index)
    assert {Ended.FINISHED, Ended.OUT_OF_BUDGET} == set(ended)


def test_a_script_whose_budget_is_spent_is_not_run_again(sandbox: Sandbox) -> None:
    executions = sandbox.execute(Program(BURN + "burn(0.3)\n"), [""] * 9, Limits(program_seconds=0.5))
    assert executions[0].ended is Ended.FINISHED
    assert executions[-1].ended is Ended.OUT_OF_BUDGET


def test_the_last_input_may_overdraw_the_budget(sandbox: Sandbox) -> None:
    (execution,) = sandbox.execute(Program(BURN + "burn(0.3)\n"), [""], Limits(program_seconds=0.1))
    assert execution.ended is Ended.FINISHED


# --- used as it must not be ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"memory_bytes": 1e9}, "memory_bytes"),
        ({"output_bytes": 0}, "output_bytes"),
        ({"scratch_bytes": -1}, "scratch_bytes"),
        ({"open_files": 64.0}, "open_files"),
        ({"threads": 1 << 70}, "threads"),
        ({"cpu_seconds": float("nan")}, "cpu_seconds"),
        ({"cpu_seconds": 0}, "cpu_seconds"),
        ({"wall_seconds": None}, "wall_seconds"),
        ({"program_seconds": "1"}, "program_seconds"),
    ],
)
def test_what_can_be_no_limit_is_refused_by_name(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(ValueError, match=name):
        Limits(**fields)


@pytest.mark.parametrize(
    ("program", "inputs", "told"),
    [
        (Program("1"), ["", 3], r"inputs\[1\] is of type int: a script takes a str"),
        (Program("1"), [["a", "b"]], r"inputs\[0\] is of type list"),
        (Program("def f(x): 1", "f"), ["abc"], "a function takes a list of arguments"),
        (Program("def f(x): 1", "f"), [{"x": 3}], "a function takes a list of arguments"),
        (Program(None), [""], "source of a program is a str"),
    ],
)
def test_what_is_no_input_is_refused_with_its_place(
    sandbox: Sandbox, program: Program, inputs: list[Any], told: str
) -> None:
    with pytest.raises(TypeError, match=told):
        sandbox.execute(program, inputs)


@pytest.mark.parametrize("seed", [-1, 1 << 32, "x"])
def test_what_is_no_seed_is_refused(sandbox: Sandbox, seed: Any) -> None:
    with pytest.raises(ValueError, match="a seed is an int from 0"):
        sandbox.execute(Program("1"), [""], seed=seed)


class InterruptionError(Exception):
    pass


def test_an_interrupted_program_leaves_no_answer_to_the_next_one() -> None:
    def interrupt(*_: object) -> None:
        raise InterruptionError

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Sandbox() as interrupted:
            interrupted.execute(Program("print(0)"), [""])
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(InterruptionError):
                interrupted.execute(Program("import time\ntime.sleep(2)\nprint('late')"), [""])
            assert interrupted.execute(Program("print('right')"), [""])[0].output == "right\n"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_sandbox_is_one_threads_at_a_time() -> None:
    with Sandbox() as shared:
        shared.execute(Program("1"), [""])
        busy = threading.Thread(target=shared.execute, args=(Program("import time\ntime.sleep(1)"), [""]))
        busy.start()
        time.sleep(0.3)
        with pytest.raises(RuntimeError, match="in use by another thread"):
            shared.execute(Program("1"), [""])
        busy.join()
        assert shared.execute(Program("print(1)"), [""])[0].output == "1\n"


def test_a_sandbox_does_not_survive_a_fork() -> None:
    with Sandbox() as mine:
        mine.execute(Program("1"), [""])
        pid = os.fork()
        if pid == 0:
            try:
                mine.execute(Program("1"), [""])
            except RuntimeError as error:
                os._exit(0 if "make another" in str(error) else 2)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert mine.execute(Program("print(1)"), [""])[0].output == "1\n"


# --- what an attack with fresh eyes found --------------------------------------------------------------------------


@pytest.mark.parametrize("without", [(), ("namespaces",), ("namespaces", "landlock")])
def test_no_socket_of_the_host_is_reached(tmp_path: Path, without: tuple[str, ...]) -> None:
    path = str(tmp_path / "socket")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server, Sandbox(without=without) as less:
        needs(less, "seccomp")
        server.bind(path)
        server.setblocking(False)
        source = f"import socket\na, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)\na.sendto(b'x', {path!r})"
        assert less.execute(Program(source), [""])[0].exception == "PermissionError"
        with pytest.raises(BlockingIOError):
            server.recv(1)
        pair = "import socket\na, b = socket.socketpair()\na.send(b'x')\nprint(b.recv(1))"
        assert less.execute(Program(pair), [""])[0].output == "b'x'\n"


def test_a_forged_report_buys_no_time(sandbox: Sandbox) -> None:
    source = """
        import os, time
        print("right", flush=True)
        while True:
            os.write(3, b"999999999 6 0 {}\\n")
            for _ in range(10000): pass
    """
    (execution,) = sandbox.execute(Program(textwrap.dedent(source)), [""], Limits(cpu_seconds=0.3, wall_seconds=5))
    assert execution.ended is Ended.TIMEOUT
    assert execution.seconds < 2


def test_a_report_beyond_the_limit_is_no_result(sandbox: Sandbox) -> None:
    source = """
        import os, resource
        def f():
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.getrlimit(resource.RLIMIT_FSIZE)[1],) * 2)
            os.write(3, b'0 0 1 {"result": "[' + b"0," * 3_000_000 + b'0]"}\\n')
            os._exit(0)
    """
    (execution,) = sandbox.execute(Program(textwrap.dedent(source), "f"), [[]], Limits(output_bytes=1 << 20))
    assert execution.result is None
    assert execution.ended is not Ended.FINISHED


@pytest.mark.parametrize(
    "source",
    [
        "import io, sys\nout = io.TextIOWrapper(sys.stdout.buffer)\nout.write(input())",
        "import io\nout = io.BufferedWriter(io.FileIO(1, 'w'))\nout.write(input().encode())",
        "def g():\n    try: yield 1\n    finally: print(input(), end='')\nx = g()\nnext(x)",
        "import sys\nsys.stdin = open(0)\nprint(input(), end='')",
        "import os, sys\nsys.stdout = os.fdopen(1, 'w')\nprint(input(), end='')",
        "import sys\nsys.stdin = open(0); sys.stdout = open(1, 'w')\nprint(input(), end='')",
    ],
)
def test_each_input_of_a_script_finds_its_streams_and_loses_no_output(sandbox: Sandbox, source: str) -> None:
    assert [e.output for e in sandbox.execute(Program(source), ["a", "b", "c"])] == ["a", "b", "c"]


def test_an_input_may_be_larger_than_an_output(sandbox: Sandbox) -> None:
    inputs = ["x" * (2 << 20)] * 2
    executions = sandbox.execute(Program("print(len(input()))"), inputs, Limits(output_bytes=1 << 20))
    assert [e.output for e in executions] == ["2097152\n"] * 2
