"""Check what the cache remembers and what it must not, and that no kill, damage or deletion fails a run."""

from __future__ import annotations

import logging
import os
import pickle
import resource
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps_plus.errors import InputError
from apps_plus.problem import DictKeys, load_json, unlimited_digits
from harness.sandbox import Sandbox
from harness.sandbox import cache as cache_module
from harness.sandbox.cache import CacheUse, ExecutionCache
from harness.sandbox.cache_key import Setting, key_of
from harness.sandbox.execution import Checks, Ended, Execution, Limits, Program

SETTING = Setting(1, ("seccomp", "rlimits"), (("numpy", "2.0"),), "cpython 3.11.2", "linux x86_64")
DONE = [Execution(Ended.FINISHED, output="42\n", seconds=0.1, peak_memory=1 << 20)]


def key(number: int = 0) -> str:
    return f"{number:064x}"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "executions.sqlite"


@pytest.fixture
def cache(path: Path) -> Iterator[ExecutionCache]:
    with ExecutionCache(path) as cache:
        yield cache


def python(code: str, *args: object) -> subprocess.Popen[str]:
    """Another process, which runs ``code`` and answers on its standard output."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(cache_module.__file__).parents[2])},
    )


@contextmanager
def disk_with_room_for(size: int) -> Iterator[None]:
    """No file may grow beyond ``size``, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


# --- keys ----------------------------------------------------------------------------------------------------------

ASKED: dict[str, Any] = {
    "setting": SETTING,
    "program": Program("def f(x): return x", "f"),
    "asked": [[1, {"a": 1, "b": 2}]],
    "limits": Limits(),
    "seed": 0,
    "dict_keys": DictKeys.STR,
}


def test_the_same_question_has_the_same_key() -> None:
    again = ASKED | {"program": Program("def f(x): return x", "f"), "limits": Limits(), "setting": replace(SETTING)}
    assert key_of(**ASKED) == key_of(**again)
    assert key_of(**ASKED) == key_of(**ASKED | {"asked": ((1, {"a": 1, "b": 2}),)}), "a tuple reaches it as a list"


@pytest.mark.parametrize(
    "change",
    [
        {"program": Program("def f(x): return  x", "f")},
        {"program": Program("def f(x): return x", "g")},
        {"program": Program("def f(x): return x")},
        {"program": Program("def f(x): return x", "")},
        {"asked": [[2, {"a": 1, "b": 2}]]},
        {"asked": [[True, {"a": 1, "b": 2}]]},
        {"asked": [[1.0, {"a": 1, "b": 2}]]},
        {"asked": [["1", {"a": 1, "b": 2}]]},
        {"asked": [[1, {"b": 2, "a": 1}]]},
        {"asked": [[1, {"a": 1, "b": 2}], [1, {"a": 1, "b": 2}]]},
        {"asked": []},
        {"asked": Checks("assert f(1) == 1")},
        {"limits": Limits(cpu_seconds=5.0)},
        {"limits": Limits(program_seconds=1.0)},
        {"limits": Limits(stop_after_timeout=False)},
        {"seed": 1},
        {"dict_keys": DictKeys.INT},
        {"setting": replace(SETTING, sandbox=2)},
        {"setting": replace(SETTING, layers=("rlimits",))},
        {"setting": replace(SETTING, packages=(("numpy", "2.1"),))},
        {"setting": replace(SETTING, python="cpython 3.11.3")},
        {"setting": replace(SETTING, machine="linux aarch64")},
    ],
    ids=str,
)
def test_whatever_decides_an_execution_is_part_of_the_key(change: dict[str, Any]) -> None:
    assert key_of(**ASKED | change) != key_of(**ASKED)


def test_tests_and_their_prelude_are_part_of_the_key() -> None:
    asked = [Checks("x"), Checks("y"), Checks("x", "y"), Checks("", "x"), ["x"], [["x", ""]]]
    assert len({key_of(**ASKED | {"asked": given}) for given in asked}) == len(asked)


def test_the_setting_names_this_python_and_the_installed_packages() -> None:
    setting = Setting.here(7, ["rlimits"], ["numpy", "no-such-package"])
    assert setting.sandbox == 7
    assert sys.version in setting.python
    assert sys.implementation.name in setting.python
    assert dict(setting.packages)["numpy"].count(".") >= 1
    assert dict(setting.packages)["no-such-package"] == ""


def test_long_integers_and_half_surrogate_pairs_have_keys() -> None:
    assert key_of(**ASKED | {"asked": [[10**9000]]}) != key_of(**ASKED | {"asked": [[10**9000 + 1]]})
    assert key_of(**ASKED | {"asked": ["\ud800"]}) != key_of(**ASKED | {"asked": ["\ud801"]})


@pytest.mark.parametrize("value", [{1, 2}, b"x", object()], ids=lambda value: type(value).__name__)
def test_what_is_not_json_has_no_key_and_is_not_remembered(cache: ExecutionCache, value: object) -> None:
    no_key = key_of(**ASKED | {"asked": [[value]]})
    runs: list[int] = []
    for _ in range(2):
        assert cache.recall(no_key, lambda: runs.append(1) or DONE) == DONE
    assert len(runs) == 2


# --- remembering ---------------------------------------------------------------------------------------------------


def test_what_is_known_is_not_run_again(cache: ExecutionCache) -> None:
    runs: list[int] = []
    for _ in range(3):
        assert cache.recall(key(), lambda: runs.append(1) or DONE) == DONE
    assert len(runs) == 1
    assert cache.use == CacheUse(hits=2, misses=1)


ODD = [
    Execution(Ended.FINISHED, output="a\r\n\0\ufffd水🙂\ud800", seconds=0.1 + 0.2, peak_memory=1 << 40),
    Execution(Ended.FINISHED, result="[" + "9" * 9000 + ', NaN, {"k": "\\ud800"}]'),
    Execution(Ended.FINISHED, result_type="set"),
    Execution(Ended.EXCEPTION, exception="KeyError", message="'\N{REPLACEMENT CHARACTER}'", line=3),
    Execution(Ended.SIGNAL, exception="SIGSEGV"),
    Execution(Ended.OUTPUT_LIMIT, output="x" * 100_000),
    Execution(Ended.CHECK_FAILED, exception="AssertionError", line=1),
    Execution(Ended.FINISHED, output="after others", alone=False),
]


def test_executions_come_back_as_they_were(cache: ExecutionCache, path: Path) -> None:
    cache.put(key(), ODD)
    assert cache.get(key()) == ODD
    assert list(map(astuple, cache.get(key()))) == list(map(astuple, ODD)), "fields that equality leaves out, too"
    with ExecutionCache(path) as other:
        again = other.get(key())
    assert again == ODD
    assert isinstance(again[0].ended, Ended)


TEXTS = st.text(st.characters())
EXECUTIONS = st.builds(
    Execution,
    st.sampled_from([Ended.FINISHED, Ended.EXCEPTION, Ended.COMPILE_ERROR, Ended.MEMORY_LIMIT]),
    output=TEXTS,
    result=st.none() | TEXTS,
    result_type=TEXTS,
    exception=TEXTS,
    message=TEXTS,
    line=st.none() | st.integers(),
    seconds=st.floats(0, 1e6),
    peak_memory=st.integers(0),
)


@given(executions=st.lists(EXECUTIONS, min_size=1, max_size=3))
def test_any_execution_survives_its_encoding(executions: list[Execution]) -> None:
    assert cache_module._decode(key(), cache_module._encode(key(), executions)) == executions


@pytest.mark.parametrize(
    "decided_by_the_moment",
    [
        Execution(Ended.HARNESS_ERROR),
        Execution(Ended.TIMEOUT),
        Execution(Ended.NOT_RUN),
        Execution(Ended.OUT_OF_BUDGET),
        Execution(Ended.SCRATCH_LIMIT),
        Execution(Ended.THREAD_LIMIT),
        Execution(Ended.PROCESS_LIMIT),
        Execution(Ended.SIGNAL, exception="SIGKILL"),
        Execution(Ended.SIGNAL, exception="SIGXCPU"),
        Execution(Ended.COMPILE_ERROR, exception="CompilerCrash", message="the compiler took too long"),
    ],
    ids=lambda execution: f"{execution.ended}-{execution.exception}",
)
def test_what_a_slow_or_broken_moment_decided_is_not_remembered(
    cache: ExecutionCache, decided_by_the_moment: Execution
) -> None:
    cache.put(key(), [*DONE, decided_by_the_moment, *DONE])
    assert cache.get(key()) is None


def test_nothing_and_very_much_are_not_remembered(cache: ExecutionCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "_LARGEST", 1000)
    cache.put(key(0), [])
    cache.put(key(1), [Execution(Ended.FINISHED, output="x" * 600)] * 2)
    cache.put(key(2), [Execution(Ended.FINISHED, output="x" * 600)])
    assert [cache.get(key(number)) is not None for number in range(3)] == [False, False, True]


# --- several at once -----------------------------------------------------------------------------------------------

WRITER = """
    import sys
    from harness.sandbox.cache import ExecutionCache
    from harness.sandbox.execution import Ended, Execution

    cache = ExecutionCache(sys.argv[1])
    for number in range(int(sys.argv[2]), int(sys.argv[3])):
        cache.put(f"{number:064x}", [Execution(Ended.FINISHED, output=f"{number} " * 500)])
        print(number, flush=True)
    """


def is_whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_what_was_remembered_survives_the_kill_of_its_writer(path: Path) -> None:
    process = python(WRITER, path, 0, 1 << 30)
    assert process.stdout is not None
    while int(process.stdout.readline()) < 50:
        pass
    process.send_signal(signal.SIGKILL)
    told = [line for line in process.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    last = int(told[-1]) if told else 50
    with ExecutionCache(path) as cache:
        assert all(cache.get(key(n)) == [Execution(Ended.FINISHED, output=f"{n} " * 500)] for n in range(last + 1))
        cache.put(key(1 << 40), DONE)
        assert (cache.get(key(1 << 40)), cache.use.trouble) == (DONE, "")
    assert is_whole(path)


def test_two_processes_write_at_once(path: Path) -> None:
    writers = [python(WRITER, path, start, start + 200) for start in (0, 200)]
    assert [writer.communicate() and writer.returncode for writer in writers] == [0, 0]
    with ExecutionCache(path) as cache:
        assert all(cache.get(key(number)) is not None for number in range(400))
    assert is_whole(path)


def test_threads_share_one(cache: ExecutionCache) -> None:
    def work(start: int) -> None:
        for number in range(start, start + 50):
            cache.recall(key(number), lambda: DONE)
            cache.recall(key(number), lambda: [])

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cache.use == CacheUse(hits=200, misses=200)


def test_a_forked_child_opens_it_anew(cache: ExecutionCache) -> None:
    cache.put(key(0), DONE)
    child = os.fork()
    if not child:
        try:
            known = cache.get(key(0))
            cache.put(key(1), DONE)
            os._exit(0 if known == DONE and cache.get(key(1)) == DONE else 1)
        finally:
            os._exit(2)
    cache.put(key(2), DONE)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert [cache.get(key(number)) for number in range(3)] == [DONE] * 3


def test_a_worker_gets_the_path_and_its_own_counts(path: Path, cache: ExecutionCache) -> None:
    cache.put(key(), DONE)
    worker = pickle.loads(pickle.dumps(cache))
    assert (worker.path, worker.max_bytes) == (path, cache.max_bytes)
    assert worker.get(key()) == DONE
    assert worker.get(key(1)) is None
    cache.add_use(worker.take_use())
    cache.add_use(worker.take_use())
    assert cache.use == CacheUse(hits=1, misses=1)
    worker.close()


# --- not a cache ---------------------------------------------------------------------------------------------------


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE executions (key, used, data)")


def newer_cache(path: Path) -> None:
    ExecutionCache(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")


def half_a_cache(path: Path) -> None:
    with ExecutionCache(path) as cache:
        for number in range(500):
            cache.put(key(number), ODD)
    with path.open("r+b") as file:
        file.truncate(4096)


def cache_without_its_table(path: Path) -> None:
    ExecutionCache(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE executions")


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda path: path.write_bytes(b'{"problem_id": "train/0000"}\n' * 100), "no cache of executions: choose"),
        (lambda path: path.write_bytes(os.urandom(5000)), "no cache of executions: choose another file, or delete"),
        (foreign_database, "another program's database: choose another file"),
        (newer_cache, "another version's: delete it"),
        (half_a_cache, "is damaged .*: delete it; only time is lost"),
        (cache_without_its_table, "is damaged .*: delete it; only time is lost"),
        (Path.mkdir, "not a regular file"),
    ],
    ids=["text", "noise", "database", "newer", "torn", "no-table", "folder"],
)
def test_something_else_is_one_clear_error_and_stays_as_it_was(
    path: Path, make: Callable[[Path], object], told: str
) -> None:
    make(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(InputError, match=told) as caught:
        ExecutionCache(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert before is None or path.read_bytes() == before


def test_an_empty_file_and_a_missing_folder_are_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    for name in ("empty", "new/folder/cache"):
        with ExecutionCache(tmp_path / name) as cache:
            cache.put(key(), DONE)
            assert cache.get(key()) == DONE


# --- damage, deletion and full disks while it is in use --------------------------------------------------------------


def test_it_may_be_deleted_between_runs(path: Path) -> None:
    with ExecutionCache(path) as cache:
        cache.put(key(), DONE)
    assert [file.name for file in path.parent.iterdir()] == [path.name], "it is one file"
    path.unlink()
    with ExecutionCache(path) as cache:
        assert cache.get(key()) is None
        assert cache.use.trouble == ""


def test_it_may_be_deleted_during_a_run(tmp_path: Path) -> None:
    path = tmp_path / "folder/cache"
    with ExecutionCache(path) as one, ExecutionCache(path) as other:
        one.put(key(0), DONE)
        path.unlink()
        path.parent.rmdir()
        assert one.get(key(0)) is None
        one.put(key(1), DONE)
        other.put(key(2), DONE)
        assert (one.get(key(2)), other.get(key(1))) == (DONE, DONE)
        assert one.use.trouble == other.use.trouble == ""
    assert is_whole(path)


def test_deleted_between_the_look_and_the_write_it_is_made_anew(
    path: Path, cache: ExecutionCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.put(key(0), DONE)
    seen = cache_module._identity(path)
    path.unlink()
    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "_identity", lambda path: seen)
        cache.put(key(1), DONE)
    cache.put(key(2), DONE)
    assert [cache.get(key(number)) for number in range(3)] == [None, None, DONE]
    assert cache.use.trouble == ""


@pytest.mark.parametrize("data", [b"", b"noise", cache_module._encode(key(7), DONE), "text", 5], ids=repr)
def test_a_damaged_entry_is_unknown_and_replaced(path: Path, cache: ExecutionCache, data: object) -> None:
    cache.put(key(), DONE)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE executions SET data = ?", (data,))
    assert cache.get(key()) is None
    cache.put(key(), DONE)
    assert cache.get(key()) == DONE


def test_damage_during_a_run_is_told_once_and_the_run_goes_on(
    path: Path, cache: ExecutionCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put(key(), DONE)
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
    for _ in range(3):
        assert cache.recall(key(), lambda: DONE) == DONE
    (record,) = caplog.records
    assert record.getMessage() == cache.use.trouble
    assert f"cannot use the cache {path}" in cache.use.trouble
    assert "delete it, only time is lost" in cache.use.trouble


def test_where_no_file_can_be_the_run_goes_on_without(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").touch()
    cache = ExecutionCache(tmp_path / "file/cache")
    assert [cache.recall(key(), lambda: DONE) for _ in range(2)] == [DONE, DONE]
    assert cache.use.misses == 2
    (record,) = caplog.records
    assert "continuing without it" in record.getMessage()


def test_on_a_full_disk_it_still_knows_what_it_knew(
    path: Path, cache: ExecutionCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.put(key(0), DONE)
    noise = [Execution(Ended.FINISHED, output=os.urandom(20_000).hex())]
    with disk_with_room_for(path.stat().st_size):
        cache.put(key(1), noise)
        cache.put(key(2), noise)
        assert [cache.get(key(number)) for number in range(3)] == [DONE, None, None]
    (record,) = caplog.records
    assert f"cannot write the cache {path}" in record.getMessage()
    assert is_whole(path)


def test_one_that_may_only_be_read_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExecutionCache(path) as cache:
        cache.put(key(0), DONE)
    with ExecutionCache(path) as cache:
        assert cache._connection is not None
        cache._connection.execute("PRAGMA query_only = ON")
        monkeypatch.setattr(cache_module, "_now", lambda: 1 << 40)
        assert cache.get(key(0)) == DONE, "that it was used now could not be written"
        cache.put(key(1), DONE)
        assert [cache.get(key(0)), cache.get(key(1))] == [DONE, None]
        assert "continuing without adding to it" in cache.use.trouble


def test_a_file_that_another_process_keeps_locked_does_not_stop_a_run(
    path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(cache_module, "_PATIENCE", 0.01)
    ExecutionCache(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        cache = ExecutionCache(path)
        assert cache.recall(key(), lambda: DONE) == DONE
    (record,) = caplog.records
    assert "locked" in record.getMessage()


def test_trouble_that_several_workers_have_is_told_once(
    cache: ExecutionCache, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    for worker in range(3):
        cache.add_use(CacheUse(1, 2, f"worker {worker}: no space"))
    assert cache.use == CacheUse(3, 6, "worker 0: no space")
    assert len(caplog.records) == 1


# --- size ----------------------------------------------------------------------------------------------------------


def noise(number: int) -> list[Execution]:
    return [Execution(Ended.FINISHED, output=f"{number}" + os.urandom(1000).hex())]


def test_it_does_not_grow_beyond_its_size(path: Path) -> None:
    with ExecutionCache(path, max_bytes=100_000) as cache:
        for number in range(300):
            cache.put(key(number), noise(number))
        known = [number for number in range(300) if cache.get(key(number))]
    assert path.stat().st_size <= 110_000
    assert known == list(range(known[0], 300)), "the oldest go first"
    assert len(known) > 30


def test_what_was_used_last_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hour = [0]
    monkeypatch.setattr(cache_module, "_now", lambda: hour[0])
    with ExecutionCache(path, max_bytes=100_000) as cache:
        for number in range(300):
            hour[0] = number
            cache.put(key(number), noise(number))
            assert cache.get(key(0)) is not None


def test_an_entry_too_large_for_its_size_pushes_nothing_out(path: Path) -> None:
    with ExecutionCache(path, max_bytes=100_000) as cache:
        cache.put(key(0), DONE)
        cache.put(key(1), [Execution(Ended.FINISHED, output=os.urandom(80_000).hex())])
        assert (cache.get(key(0)), cache.get(key(1))) == (DONE, None)


# --- in the sandbox ------------------------------------------------------------------------------------------------


@pytest.fixture
def sandbox(cache: ExecutionCache) -> Iterator[Sandbox]:
    with Sandbox(cache=cache) as sandbox:
        yield sandbox


CLOCK = "import time; print(time.time_ns(), input())"
"""No two runs of it print the same."""


def test_a_program_that_is_known_is_not_run(sandbox: Sandbox, cache: ExecutionCache) -> None:
    first = sandbox.execute(Program(CLOCK), ["a", "b"])
    assert sandbox.execute(Program(CLOCK), ["a", "b"]) == first
    with Sandbox(cache=cache) as other:
        assert other.execute(Program(CLOCK), ["a", "b"]) == first
    assert cache.use == CacheUse(hits=2, misses=1)


@pytest.mark.parametrize("change", [{"seed": 1}, {"dict_keys": DictKeys.INT}, {"limits": Limits(cpu_seconds=3.0)}])
def test_asked_otherwise_it_is_run_again(sandbox: Sandbox, change: dict[str, Any]) -> None:
    assert sandbox.execute(Program(CLOCK), ["a"]) != sandbox.execute(Program(CLOCK), ["a"], **change)


def test_outputs_and_long_integers_are_those_of_the_first_run(sandbox: Sandbox) -> None:
    programs = [
        (Program("import os; os.write(1, b'a\\r\\n\\0\\xff\\xed\\xa0\\x80')"), [""]),
        (Program("def f(n): return [10 ** n, float('inf'), {'k': '\\ud800'}]", "f"), [[9000], [3]]),
        (Program("def f(n): return {n}", "f"), [[1]]),
        (Program("def f(n): return n[0]", "f"), [[1]]),
        (Program("def f(:"), ["", ""]),
    ]
    for program, inputs in programs:
        first = sandbox.execute(program, inputs)
        assert sandbox.execute(program, inputs) == first
    returned = sandbox.execute(programs[1][0], programs[1][1])[0].result
    assert returned is not None
    with unlimited_digits():
        assert load_json(returned)[0] == 10**9000


def test_tests_that_are_code_are_not_run_again(sandbox: Sandbox, cache: ExecutionCache) -> None:
    program = Program("import time\ndef f(): return time.time_ns()", "f")
    checks = Checks("assert f() == 0, str(f())")
    first = sandbox.check(program, checks)
    assert first.ended is Ended.CHECK_FAILED
    assert sandbox.check(program, checks) == first
    assert sandbox.check(program, Checks(checks.source, "x = 1")) != first
    assert cache.use == CacheUse(hits=1, misses=2)


def test_probes_are_tried_without_the_cache(sandbox: Sandbox, cache: ExecutionCache) -> None:
    assert sandbox.blocked
    assert cache.use == CacheUse()


def test_a_timeout_is_tried_again(sandbox: Sandbox, cache: ExecutionCache) -> None:
    short = Limits(cpu_seconds=0.1, wall_seconds=5)
    for _ in range(2):
        (execution,) = sandbox.execute(Program("while True: pass"), [""], short)
        assert execution.ended is Ended.TIMEOUT
    assert cache.use == CacheUse(hits=0, misses=2)


def test_without_a_cache_every_run_is_one() -> None:
    with Sandbox() as sandbox:
        assert sandbox.execute(Program(CLOCK), ["a"]) != sandbox.execute(Program(CLOCK), ["a"])
