"""The process that runs untrusted programs, by forking itself.

Started by ``harness.sandbox.worker`` as a script, in a fresh interpreter that imports the standard library only. The
*zygote* puts the layers in force, imports what programs commonly import, and waits for jobs. For each job it forks
*runs* (``program``), watches them (``watch``), kills them, and answers with what it measured (``answers``).

Nothing here knows an expected output.
"""

from __future__ import annotations

import os
import sys

# Modules would draw new random seeds or forget other threads in each child after a fork. That is not needed here, and
# costs half of the fork.
_register_at_fork, os.register_at_fork = os.register_at_fork, lambda **_: None

# The package is looked for last: a package that lies next to it in site-packages must not replace a module of the
# standard library.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
from harness.sandbox.isolation import layers, libc
from harness.sandbox.runtime import confine, line_trace, measured_answers, program, wire
from harness.sandbox.runtime.report import REPORT_BYTES, read_report
from harness.sandbox.runtime.scratch import empty_scratch
from harness.sandbox.runtime.watch import Watch, children

sys.path.pop()

import _socket
import _thread
import builtins
import fcntl
import gc
import json
import random
import resource
import signal
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Sequence

LOWEST_OWN_FD = 16
"""Descriptors below are a run's: the zygote's own are above."""
WARM_UP_RUNS = 16
"""CPython specialises bytecode after eight executions."""
JOB_OUTPUT_BYTES = 64 << 20
"""Limit of the outputs of one job together, so that many inputs cannot fill the parent's memory."""
SCIENCE_BYTES = 512 << 20
"""Address space of the scientific libraries: they map far more than they touch."""
PRELOADED = (
    "__future__ abc array bisect cmath collections collections.abc contextlib copy datetime decimal enum fractions "
    "functools heapq itertools math operator queue random re string threading time typing"
).split()
assert REPORT_BYTES >= 4 * JOB_OUTPUT_BYTES


def main(settings: dict[str, Any]) -> None:
    """Serve the parent until it closes the connection. ``zygote.py SETTINGS``: JSON made by the parent."""
    layers.raise_limits()
    layers.reserve_stack()
    connection = _socket.socket(fileno=fcntl.fcntl(settings["fd"], fcntl.F_DUPFD_CLOEXEC, LOWEST_OWN_FD))
    os.close(settings["fd"])
    null = move_up(os.open(os.devnull, os.O_WRONLY))  # later, opening a file to write may be denied
    isolation = layers.isolate(settings["scratch_bytes"], settings["packages"], settings["without"])
    os.chdir(isolation.scratch or "/")
    os.environ.clear()
    preload(settings["packages"], settings["science"])
    zygote = Zygote(connection, isolation, null, settings["seed"], settings["science"])
    to_remove = "" if isolation.private_scratch else isolation.scratch
    wire.send(
        connection,
        {
            "layers": isolation.in_force,
            "missing": isolation.missing,
            "scratch": to_remove,
            "bounded": isolation.bounded,
            "baseline": zygote.baseline,
        },
    )
    zygote.serve()


def preload(packages: Sequence[str], science: bool) -> None:
    """Import what most programs import, so that a fork finds it loaded; drop the harness from ``sys.modules``."""
    sys.meta_path.append(layers.AllowedPackages(packages))
    for name in (*PRELOADED, *(["numpy.random"] if science else [])):
        __import__(name)
    os.register_at_fork = _register_at_fork
    import _sitebuiltins

    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    program.save_builtins()
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(0)  # solutions and tests are older than the limit
    _thread.stack_size(program.THREAD_STACK_BYTES)
    for name in [name for name in sys.modules if name.split(".")[0] == "harness"]:
        del sys.modules[name]


class Zygote:
    """Forks a run for each program, and watches it."""

    def __init__(
        self, connection: _socket.socket, isolation: layers.Layers, null: int, seed: int, science: bool
    ) -> None:
        self.connection = connection
        self.scratch = isolation.scratch
        self.polls_scratch = bool(isolation.scratch) and not isolation.private_scratch
        self.own_users = "namespaces" in isolation.in_force
        self.is_init = os.getpid() == 1
        self.baseline = isolation.baseline + (SCIENCE_BYTES if science else 0)
        self.filter = layers.program_filter(isolation)
        self.file_bytes = layers.most_allowed(resource.RLIMIT_FSIZE)
        self.cpu_seconds = layers.most_allowed(resource.RLIMIT_CPU)
        self.seed = seed
        self.null = null
        self.nothing = move_up(os.open(os.devnull, os.O_RDONLY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent does with it
        self.make_streams()
        sys.argv = ["program.py"]
        self.can_trace = False
        self.warm_up()
        if not self.is_init:  # the kernel ends a pid namespace with its init
            signal.signal(signal.SIGTERM, self.end)
            libc.die_with_parent(signal.SIGTERM)

    # --- warming up ------------------------------------------------------------------------------------------------

    def warm_up(self, trace: bool = False) -> None:
        """Run a dummy job until CPython has specialised the bytecode, then freeze the state that runs start from.

        Specialised bytecode and filled caches are then shared by all children instead of copied in each.
        """
        for _ in range(WARM_UP_RUNS):
            self.run_dummy(trace)
        random.seed(self.seed)
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed(self.seed)
        gc.collect()
        gc.freeze()

    def make_streams(self) -> None:
        """Make the standard streams of every run, once: they hold the numbers of descriptors, not the files."""
        for target in range(confine.INPUT_FD + 1):
            os.dup2(memory_file("standard"), target)
        os.closerange(confine.INPUT_FD + 1, LOWEST_OWN_FD)
        program.set_streams()

    def run_dummy(self, trace: bool) -> None:
        """Run a dummy script and a dummy function in this process, on files that nothing else uses."""
        limits = {"output_bytes": 1 << 20, "cpu_seconds": 1, "memory_bytes": 1 << 30, "open_files": 64, "threads": 64}
        set_limit, resource.setrlimit = resource.setrlimit, lambda *_: None
        try:
            for entry_point in (None, "f"):
                source = (
                    "import sys, math\ndef f(x=1): return [x]\nfor line in sys.stdin: print(line)\nprint(input())\n"
                )
                job = {"source": source, "entry_point": entry_point, "limits": limits, "trace": trace}
                run = self.make_run(job, ["x\n"] * 2 if entry_point is None else [[1], [2]])
                program.execute(run)
                measured_answers.take_lines_that_ran(run, 2)
        finally:
            resource.setrlimit = set_limit
        for fd in (confine.REPORT_FD, confine.OUTPUT_FD):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
        program.set_streams()

    def prepare_to_trace(self) -> None:
        """Import what tracing needs and warm it up; programs do not see these modules."""
        before = set(sys.modules)
        line_trace.prepare()
        self.warm_up(trace=True)
        for name in set(sys.modules) - before:
            del sys.modules[name]
        self.can_trace = True

    # --- jobs ------------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run one job after another until the parent closes the connection."""
        while (received := wire.receive(self.connection)) is not None:
            job, channel = received
            if "limits" in job:
                job["limits"]["output_bytes"] = min(job["limits"]["output_bytes"], self.file_bytes)
            if job.get("trace") and not self.can_trace:
                self.prepare_to_trace()
            if "stop" in job:  # for a program that had exited already
                continue
            if channel is not None:
                wire.send(self.connection, self.run_check(job, channel))
            else:
                answered, stopped = self.run_job(job)
                wire.send(self.connection, {"answers": answered, "stopped": stopped})

    def run_job(self, job: dict[str, Any]) -> tuple[list[dict[str, Any]], str]:
        """Run a program on its inputs.

        Returns:
            One answer per input, and why later inputs have none: ``timeout``, ``budget``, ``output`` or "". A first
            answer with ``compiled`` false stands for all: the program does not compile.
        """
        inputs, limits, stopped = job["inputs"], job["limits"], ""
        answered: list[dict[str, Any]] = []
        output_left, seconds_left = JOB_OUTPUT_BYTES, limits["program_seconds"] or float("inf")
        alone = job["entry_point"] is None and program.NEEDS_OWN_PROCESS.search(job["source"])
        while len(answered) < len(inputs) and not stopped:
            chunk = inputs[len(answered) : len(answered) + 1] if alone else inputs[len(answered) :]
            new, spent = self.run_chunk(job, chunk, seconds_left)
            self.clean_up()
            answered.extend(new)
            output_left -= sum(len(answer["report"]) + len(answer["output"]) for answer in new)
            seconds_left -= spent
            if new[-1]["timeout"] and limits["stop_after_timeout"]:
                stopped = "timeout"
            elif seconds_left <= 0:
                stopped = "budget"
            elif output_left < 0:
                stopped = "output"
            elif not new[-1]["compiled"]:
                break
        return answered, stopped

    def run_chunk(
        self, job: dict[str, Any], chunk: list[Any], seconds_left: float
    ) -> tuple[list[dict[str, Any]], float]:
        """Fork a run for these inputs.

        Returns one answer for each input that it got to, at least one; and the processor time of the run, which no
        report can change.
        """
        is_script, limits = job["entry_point"] is None, job["limits"]
        stdin = memory_file("input", chunk[0].encode("utf-8", "replace") if is_script else b"")
        output = memory_file("output")
        report = memory_file("report")
        run = self.make_run(job, chunk, seconds_left)
        watch = Watch(self.fork_run(run, stdin, output, report), limits, self.polls_scratch)
        os.close(stdin)
        watch.until_reported(report, len(chunk), seconds_left)
        if watch.timeout:
            watch.look_on(job["overrun"], report, len(chunk))
        watch.end()
        _, status, usage = os.wait4(watch.pid, 0)
        read = read_report(report, len(chunk), 2 * limits["output_bytes"] + 4096)
        if not (read.compiled or read.lines or watch.timeout or os.WIFSIGNALED(status)):
            read = read._replace(compiled=True)  # a compiler that fails reports; this report was erased
        os.close(report)
        new = measured_answers.answers_of(read, len(chunk), usage)
        new = new if watch.last is None else new[: watch.last + 1]
        died = read.compiled and len(read.lines) < len(new)
        new[-1]["timeout"] = watch.timeout or measured_answers.hit_cpu_limit(status)
        new[-1]["doubt"] = watch.doubt
        new[-1]["status"] = os.waitstatus_to_exitcode(status)
        new[-1]["scratch_full"] = watch.scratch_full
        if is_script:
            measured_answers.add_outputs(output, new, read.lines, limits["output_bytes"])
        elif died and os.fstat(output).st_size >= limits["output_bytes"]:
            new[-1]["output_full"] = True
        os.close(output)
        for answer, ran in zip(new, measured_answers.take_lines_that_ran(run, len(new)), strict=True):
            answer["ran"] = ran
        return new, usage.ru_utime + usage.ru_stime

    def run_check(self, job: dict[str, Any], channel: int) -> dict[str, Any]:
        """Run a program whose functions the tests call over a channel; the parent says when they are done."""
        stdin, output = memory_file("input"), memory_file("output")
        run = self.make_run(job, [()], is_check=True)
        watch = Watch(self.fork_run(run, stdin, output, channel), job["limits"], self.polls_scratch)
        os.close(channel)
        os.close(stdin)
        parent_is_gone = watch.until_stopped(self.connection)
        if watch.timeout:
            watch.look_on(job["overrun"], None, 1, self.connection)
        watch.end()
        _, status, usage = os.wait4(watch.pid, 0)
        full = os.fstat(output).st_size >= job["limits"]["output_bytes"]
        os.close(output)
        self.clean_up()
        if parent_is_gone:
            os._exit(0)
        return {
            "timeout": watch.timeout or measured_answers.hit_cpu_limit(status),
            "doubt": watch.doubt,
            "status": os.waitstatus_to_exitcode(status),
            "output_full": full,
            "scratch_full": watch.scratch_full,
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak_memory": measured_answers.peak_memory(usage),
            "ran": measured_answers.take_lines_that_ran(run, 1)[0],
        }

    # --- runs ------------------------------------------------------------------------------------------------------

    def fork_run(self, run: program.Run, stdin: int, output: int, report: int) -> int:
        """Fork; the child becomes the program. Returns its pid."""
        pid = os.fork()
        if pid == 0:
            program.take_over(run, stdin, output, report, self.null)
        return pid

    def make_run(
        self, job: dict[str, Any], inputs: list[Any], seconds_left: float = float("inf"), is_check: bool = False
    ) -> program.Run:
        """Return a run of a job's program on some of its inputs."""
        output_bytes = max(JOB_OUTPUT_BYTES, job["limits"]["output_bytes"])
        seconds_left = min(seconds_left, self.cpu_seconds - job["limits"]["cpu_seconds"] - 1)
        return program.Run(
            source=job["source"],
            entry_point=job["entry_point"],
            limits=job["limits"],
            dict_keys=job.get("dict_keys", "str"),
            inputs=inputs,
            is_check=is_check,
            microseconds=1e6 * seconds_left,
            seed=self.seed,
            scratch=self.scratch,
            baseline=self.baseline,
            own_users=self.own_users,
            output_bytes=output_bytes,
            file_bytes=min(output_bytes, self.file_bytes),
            filter=self.filter,
            recording=line_trace.recording_of(job["source"], len(inputs)) if job.get("trace") else None,
        )

    def clean_up(self) -> None:
        """Kill everything that the program started and empty its scratch. Returns when nothing of it is left."""
        while True:
            try:
                if self.is_init:
                    os.kill(-1, signal.SIGKILL)
                else:
                    for pid in children():
                        os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            try:
                os.wait()
            except ChildProcessError:
                break
        if self.scratch:
            empty_scratch(self.scratch)

    def end(self, _: int, __: object) -> NoReturn:
        """Kill the program and everything that it started, and exit: the parent has died.

        Where Landlock hides /proc, no children are found: the kernel kills the run when this process exits, since
        seccomp keeps it from changing its parent-death signal.
        """
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        while pids := children():
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            os.wait()
        os._exit(0)


def move_up(fd: int) -> int:
    """Move a file to a number that no run uses for its own."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, LOWEST_OWN_FD)
    os.close(fd)
    return moved


def memory_file(name: str, content: bytes = b"") -> int:
    """Return a file without a path that holds ``content``, at its start."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
    else:
        import tempfile

        with tempfile.TemporaryFile(dir=".", buffering=0) as file:
            fd = os.dup(file.fileno())
    wire.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
