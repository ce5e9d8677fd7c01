"""The process that runs untrusted programs, by forking itself.

Started by ``harness.sandbox`` as a script, in a fresh interpreter that imports the standard library only. The *zygote*
puts the layers in force, imports what programs commonly import, and waits for jobs. For each job it forks *runs*
(``_program``), times them, measures them and kills them.

Nothing here knows an expected output.
"""

import os
import sys

# What modules would do in each child after a fork (draw a new random seed, forget other threads) is not wanted here,
# and costs half of the fork.
_register_at_fork, os.register_at_fork = os.register_at_fork, lambda **_: None

# The package is looked for last: a package that stands beside it in site-packages must not take the place of a module
# of the standard library.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
from harness.sandbox.isolation import layers, system_calls
from harness.sandbox.runtime import line_trace, program, wire

sys.path.pop()

import _socket
import _thread
import builtins
import fcntl
import gc
import json
import random
import re
import resource
import select
import signal
import time
import warnings
from collections import namedtuple

COMPILE_SECONDS = 10.0
"""Processor time for the compiler; what takes longer is a bomb."""
LOWEST_OWN_FD = 16
"""Descriptors below are a run's: the zygote's own are above."""
REHEARSALS = 16
"""Bytecode is adapted after eight executions."""
JOB_OUTPUT_BYTES = 64 << 20
"""What the outputs of one job may add up to, so that many inputs cannot fill the parent's memory."""
REPORT_BYTES = 4 * JOB_OUTPUT_BYTES
"""More than any report holds."""
POLL_SECONDS = 0.05
"""How often the size of a scratch directory is looked at that is no mount of its own."""
PRELOADED = (
    "__future__ abc array bisect cmath collections collections.abc contextlib copy datetime decimal enum fractions "
    "functools heapq itertools math operator queue random re string threading time typing"
).split()


def main(settings):
    """``zygote.py SETTINGS``: JSON made by ``harness.sandbox``."""
    layers.raise_limits()
    layers.reserve_stack()
    settings = json.loads(settings)
    connection = _socket.socket(fileno=fcntl.fcntl(settings["fd"], fcntl.F_DUPFD_CLOEXEC, LOWEST_OWN_FD))
    os.close(settings["fd"])
    null = high(os.open(os.devnull, os.O_WRONLY))  # later, opening a file to write may be out of the question
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


def preload(packages, science):
    """Import what most programs import, so that a fork finds it ready; and forget what is ours."""
    sys.meta_path.append(layers.AllowedPackages(packages))
    for name in (*PRELOADED, *(["numpy.random"] if science else [])):
        __import__(name)
    os.register_at_fork = _register_at_fork
    import _sitebuiltins

    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    program.remember_builtins()
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(0)  # solutions and tests are older than the limit
    _thread.stack_size(program.THREAD_STACK_BYTES)
    for name in [name for name in sys.modules if name.split(".")[0] == "harness"]:
        del sys.modules[name]


class Zygote:
    """Forks a run for each program, and watches it."""

    def __init__(self, connection, isolation, null, seed, science):
        self.connection = connection
        self.scratch = isolation.scratch
        self.polls_scratch = bool(isolation.scratch) and not isolation.private_scratch
        self.own_users = "namespaces" in isolation.in_force
        self.is_init = os.getpid() == 1
        self.baseline = isolation.baseline + (
            (512 << 20) if science else 0
        )  # its libraries map far more than they touch
        self.filter = layers.program_filter(isolation)
        self.file_bytes = layers.most_allowed(resource.RLIMIT_FSIZE)
        self.cpu_seconds = layers.most_allowed(resource.RLIMIT_CPU)
        self.seed = seed
        self.null = null
        self.nothing = high(os.open(os.devnull, os.O_RDONLY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever our parent does with it
        self.make_streams()
        sys.argv = ["program.py"]
        self.can_trace = False
        self.warm_up()

    def warm_up(self, trace=False):
        """Take the way of a run often enough for the interpreter to know it, and start from there."""
        for _ in range(REHEARSALS):
            self.rehearse(trace)
        random.seed(self.seed)
        if "numpy.random" in sys.modules:
            sys.modules["numpy.random"].seed(self.seed)
        gc.collect()
        gc.freeze()

    def make_streams(self):
        """The standard streams of every run, made once: they hold the numbers of descriptors, not the files."""
        for target in range(program.INPUT_FD + 1):
            os.dup2(memory_file("standard"), target)
        os.closerange(program.INPUT_FD + 1, LOWEST_OWN_FD)
        program.set_streams()

    def rehearse(self, trace):
        """Take the way of a run here, on descriptors of no meaning.

        What the interpreter writes down when it takes a way for the first times (its bytecode, adapted; its caches)
        is then shared by all children instead of copied in each.
        """
        limits = {"output_bytes": 1 << 20, "cpu_seconds": 1, "memory_bytes": 1 << 30, "open_files": 64, "threads": 64}
        resource_limit, resource.setrlimit = resource.setrlimit, lambda *_: None
        try:
            for entry_point in (None, "f"):
                source = (
                    "import sys, math\ndef f(x=1): return [x]\nfor line in sys.stdin: print(line)\nprint(input())\n"
                )
                job = {"source": source, "entry_point": entry_point, "limits": limits, "trace": trace}
                run = self.make_run(job, ["x\n"] * 2 if entry_point is None else [[1], [2]])
                program.run(run)
                lines_that_ran(run, 2)
        finally:
            resource.setrlimit = resource_limit
        for fd in (program.REPORT_FD, program.OUTPUT_FD):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
        program.set_streams()

    def serve(self):
        """Run one job after another until the parent closes the connection."""
        while (received := wire.receive(self.connection)) is not None:
            job, channel = received
            if "limits" in job:
                job["limits"]["output_bytes"] = min(job["limits"]["output_bytes"], self.file_bytes)
            if job.get("trace") and not self.can_trace:
                self.prepare_to_trace()
            if "stop" in job:  # the program had ended before it was told to
                continue
            if channel is not None:
                wire.send(self.connection, self.run_check(job, channel))
            else:
                answers, stopped = self.run_job(job)
                wire.send(self.connection, {"answers": answers, "stopped": stopped})

    def prepare_to_trace(self):
        """Import and rehearse what programs that are not traced do without; other programs do not see it."""
        before = set(sys.modules)
        self.warm_up(trace=True)
        for name in set(sys.modules) - before:
            del sys.modules[name]
        self.can_trace = True

    def run_job(self, job):
        """One answer per input, and why the later inputs have none: ``timeout``, ``budget``, ``output`` or nothing.

        A first answer with ``compiled`` false stands for all: the program does not compile.
        """
        inputs, limits, answers, stopped = job["inputs"], job["limits"], [], ""
        output_left, seconds_left = JOB_OUTPUT_BYTES, limits["program_seconds"] or float("inf")
        alone = job["entry_point"] is None and program.WILD.search(job["source"])
        while len(answers) < len(inputs) and not stopped:
            chunk = inputs[len(answers) : len(answers) + 1] if alone else inputs[len(answers) :]
            new = self.run_chunk(job, chunk, seconds_left)
            self.clean_up()
            answers.extend(new)
            output_left -= sum(len(answer["report"]) + len(answer["output"]) for answer in new)
            seconds_left -= sum(answer["seconds"] for answer in new)
            if new[-1]["timeout"] and limits["stop_after_timeout"]:
                stopped = "timeout"
            elif seconds_left <= 0:
                stopped = "budget"
            elif output_left < 0:
                stopped = "output"
            elif not new[-1]["compiled"]:
                break
        return answers, stopped

    def run_chunk(self, job, chunk, seconds_left):
        """Fork a run for these inputs and describe what became of it: at least one answer, one per input it got to."""
        is_script, limits = job["entry_point"] is None, job["limits"]
        stdin = memory_file("input", chunk[0].encode("utf-8", "replace") if is_script else b"")
        output = memory_file("output")
        report = memory_file("report")
        run = self.make_run(job, chunk, seconds_left)
        pid = self.fork_run(run, stdin, output, report)
        os.close(stdin)
        timeout, scratch_full = self.watch(pid, report, limits, len(chunk), seconds_left)
        _, status, usage = os.wait4(pid, 0)
        said = read_report(report, len(chunk), 2 * limits["output_bytes"] + 4096)
        if not (said.compiled or said.lines or timeout or os.WIFSIGNALED(status)):
            said = said._replace(compiled=True)  # a compiler that fails reports; this one's report was wiped out
        os.close(report)
        answers = answers_of(said, len(chunk), usage)
        died = said.compiled and len(said.lines) < len(answers)
        answers[-1] |= {"timeout": timeout or ran_out(status), "status": os.waitstatus_to_exitcode(status)}
        answers[-1]["scratch_full"] = scratch_full
        if is_script:
            collect_outputs(output, answers, said.lines, limits["output_bytes"])
        elif died and os.fstat(output).st_size >= limits["output_bytes"]:
            answers[-1]["output_full"] = True
        os.close(output)
        for one, ran in zip(answers, lines_that_ran(run, len(answers)), strict=True):
            one["ran"] = ran
        return answers

    def fork_run(self, run, stdin, output, report):
        """Fork; the child becomes the program. Returns its pid."""
        pid = os.fork()
        if pid == 0:
            program.take_over(run, stdin, output, report, self.null)
        return pid

    def make_run(self, job, inputs, seconds_left=float("inf"), is_check=False):
        """What the child is to do."""
        output_bytes = max(JOB_OUTPUT_BYTES, job["limits"]["output_bytes"])
        seconds_left = min(seconds_left, self.cpu_seconds - job["limits"]["cpu_seconds"] - 1)
        return program.Job(
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

    def run_check(self, job, channel):
        """Run a program whose functions the tests call over a channel; the parent says when they are done."""
        stdin, output = memory_file("input"), memory_file("output")
        run = self.make_run(job, [()], is_check=True)
        pid = self.fork_run(run, stdin, output, channel)
        os.close(channel)
        os.close(stdin)
        timeout, scratch_full, gone = self.watch_check(pid, job["limits"])
        _, status, usage = os.wait4(pid, 0)
        full = os.fstat(output).st_size >= job["limits"]["output_bytes"]
        os.close(output)
        self.clean_up()
        if gone:
            os._exit(0)
        return {
            "timeout": timeout or ran_out(status),
            "status": os.waitstatus_to_exitcode(status),
            "output_full": full,
            "scratch_full": scratch_full,
            "seconds": usage.ru_utime + usage.ru_stime,
            "peak_memory": peak_memory(usage),
            "ran": lines_that_ran(run, 1)[0],
        }

    def watch_check(self, pid, limits):
        """Wait until the program has exited, used up its time, or the parent wants no more of it; then kill it.

        Returns whether it ran out of time, whether its scratch was full, and whether the parent is gone.
        """
        clock, process = process_clock(pid), open_process(pid)
        sources = [self.connection] if process is None else [self.connection, process]
        deadline, timeout, scratch_full, gone = time.monotonic() + limits["wall_seconds"], False, False, False
        while True:
            left = time_left(clock, limits["cpu_seconds"], deadline)
            if left <= 0:
                timeout = True
                break
            ready = select.select(sources, [], [], self.patience(left, process))[0]
            if self.connection in ready:
                gone = wire.receive(self.connection) is None
                break
            if process in ready or (process is None and has_exited(pid)):
                break
            if self.polls_scratch and scratch_size(limits["scratch_bytes"]) > limits["scratch_bytes"]:
                scratch_full = True
                break
        os.kill(pid, signal.SIGKILL)
        if process is not None:
            os.close(process)
        return timeout, scratch_full, gone

    def patience(self, left, process):
        """Seconds to wait for news: less than what is left where something must be looked at in between."""
        left = max(left, 0.002)
        return min(left, POLL_SECONDS) if self.polls_scratch or process is None else left

    def watch(self, pid, report, limits, inputs, seconds_left):
        """Wait until the run has exited or used up what it may use, then see to it that it is dead.

        Each input has its own time limit, and so has the compiler before the first: which one the run is at is read
        from its report, and only when a limit may have been reached. Returns whether it ran out of time, and whether
        its scratch was full.
        """
        clock, process = process_clock(pid), open_process(pid)
        sources, seen = [] if process is None else [process], 0
        allowed, deadline = limits["cpu_seconds"], time.monotonic() + limits["wall_seconds"]
        timeout = scratch_full = False
        while True:
            left = time_left(clock, min(allowed, seconds_left + limits["cpu_seconds"]), deadline)
            if left <= 0:
                said, now = read_report(report, inputs), time.monotonic()
                limit = limits["cpu_seconds"] if said.compiled else COMPILE_SECONDS
                limit += min(said.used / 1e6, read_clock(clock))
                done = len(said.lines)
                if done >= inputs or (now >= deadline and done == seen) or (now < deadline and limit <= allowed):
                    timeout = True
                    break
                if now >= deadline:
                    seen, deadline = done, now + limits["wall_seconds"]
                allowed = max(allowed, limit)
                continue
            if select.select(sources, [], [], self.patience(left, process))[0]:
                break
            if process is None and has_exited(pid):
                break
            if self.polls_scratch and scratch_size(limits["scratch_bytes"]) > limits["scratch_bytes"]:
                scratch_full = True
                break
        os.kill(pid, signal.SIGKILL)
        if process is not None:
            os.close(process)
        return timeout, scratch_full

    def clean_up(self):
        """Kill whatever the program started and empty its scratch. Returns when nothing of it is left."""
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


def lines_that_ran(run, inputs):
    """For each of so many inputs what the run recorded, and None where it did not; the recording is gone then.

    The units are told once, with the first input.
    """
    if run.recording is None:
        return [None] * inputs
    ran = run.recording.read(inputs)
    run.recording.close()
    run.recording = None
    if ran is None:
        return [None] * inputs
    return [{"units": None if number else ran[0], "begun": begun} for number, begun in enumerate(ran[1])]


Said = namedtuple("Said", "compiled used compile_time lines left")
"""What a run reported: whether the program compiled; processor time up to the last line, and for compiling, in
microseconds; its lines; and whether it ended of its own accord after the last."""
Line = namedtuple("Line", "seconds end text")
"""Of one input: its processor time, where its output ends, and the report, JSON."""
REPORT_LINE = re.compile(rb"([0-9]{1,15}) ([0-9]{1,12}) ([01]) (?=\{)")


def read_report(report, inputs, longest=REPORT_BYTES):
    """Read what a run has reported so far of its inputs. A line that is none ends it: it is the answer to its input."""
    data = os.pread(report, min(os.fstat(report).st_size, REPORT_BYTES), 0)
    first, _, rest = data.partition(b"\n")
    used, _, word = first.partition(b" ")
    if word != program.COMPILED:
        match = REPORT_LINE.match(first)
        if match and b'"column"' in first:
            return Said(False, 0, 0, [Line(0.0, 0, first[match.end() :])], False)
        return Said(bool(data), 0, 0, [Line(0.0, REPORT_BYTES, b"forged")] if data else [], bool(data))
    lines, left = [], False
    begun = compile_time = int(used) if used.isdigit() and len(used) < 16 else 0
    for text in rest.split(b"\n", inputs)[:-1]:
        match = REPORT_LINE.match(text)
        if match is None or len(text) > longest:
            lines.append(Line(0.0, REPORT_BYTES, b"forged"))
            return Said(True, begun, compile_time, lines, True)
        now = max(begun, int(match[1]))
        lines.append(Line((now - begun) / 1e6, int(match[2]), text[match.end() :]))
        begun, left = now, match[3] == b"1"
    return Said(True, begun, compile_time, lines, left)


def answers_of(said, inputs, usage):
    """One answer for each line of the report; one more, without, for the input that the run did not survive."""
    spent = usage.ru_utime + usage.ru_stime  # no line of the report is believed beyond
    answers = [answer(said.compiled, line.text, min(line.seconds, spent), usage) for line in said.lines]
    if not answers or (said.compiled and not said.left and len(answers) < inputs):
        took = spent - said.used / 1e6
        answers.append(answer(said.compiled, b"", max(took, 0.0), usage))
    answers[0]["alone"] = True
    return answers[:inputs]


def answer(compiled, report, seconds, usage):
    """What the parent is told of one input where nothing went wrong around it."""
    return {
        "compiled": compiled,
        "alone": False,
        "timeout": False,
        "status": 0,
        "report": report.decode("utf-8", "replace"),
        "output": "",
        "output_full": False,
        "scratch_full": False,
        "seconds": seconds,
        "peak_memory": peak_memory(usage),
    }


def collect_outputs(output, answers, lines, limit):
    """Give each answer its part of what the run wrote; the last one, where it did not report, what is left."""
    start, size = 0, os.fstat(output).st_size
    for number, one in enumerate(answers):
        end = max(start, min(lines[number].end if number < len(lines) else size, size))
        one["output"] = os.pread(output, min(end - start, limit), start).decode("utf-8", "replace")
        one["output_full"] = one["output_full"] or end - start >= limit
        start = end


def peak_memory(usage):
    return usage.ru_maxrss * (1024 if system_calls.LINUX else 1)


def ran_out(status):
    """Whether the kernel ended a run at its limit of processor time (where no clock can be read from outside)."""
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGXCPU and not system_calls.LINUX


def process_clock(pid):
    """The kernel's count of a process's time over all its threads (clock_getcpuclockid(3) computes the same number)."""
    return (~pid << 3) | 2 if system_calls.LINUX else None


def read_clock(clock):
    return 0.0 if clock is None else time.clock_gettime(clock)


def time_left(clock, seconds, deadline):
    """Seconds until a process has used up its processor time or its wall time, whichever may come first."""
    return min(seconds - read_clock(clock), deadline - time.monotonic())


def open_process(pid):
    """A descriptor that is ready once a process has exited; None where there is no such thing."""
    return os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None


def has_exited(pid):
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def children():
    try:
        with open(f"/proc/self/task/{os.getpid()}/children") as file:
            return [int(pid) for pid in file.read().split()]
    except OSError:
        return []


def scratch_size(enough):
    """Bytes in the current directory and below, counted until there are more than enough."""
    total, folders = 0, ["."]
    while folders and total <= enough:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:  # removed or closed in the meantime
            continue
    return total


def empty_scratch(scratch):
    """Remove everything in a directory, whatever its permissions and however deep, and stay in it."""
    os.chmod(scratch, 0o700)
    os.chdir(scratch)
    levels, trail = [clear_files(scratch)], []
    while levels:
        if levels[-1]:
            trail.append(levels[-1].pop())
            levels.append(clear_files(trail[-1]))
        else:
            levels.pop()
            if trail:
                os.chdir("..")
                os.rmdir(trail.pop())


def clear_files(directory):
    """Go into a directory and remove its files. Returns the names of the directories in it."""
    os.chmod(directory, 0o700)
    os.chdir(directory)
    with os.scandir(".") as entries:
        entries = list(entries)
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            os.unlink(entry.name)
    return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]


def high(fd):
    """The same file under a number that no run has for its own."""
    moved = fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, LOWEST_OWN_FD)
    os.close(fd)
    return moved


def memory_file(name, content=b""):
    """A file without a path, holding ``content``, at its start."""
    if hasattr(os, "memfd_create"):
        fd = os.memfd_create(name, 0)
    else:
        import tempfile

        with tempfile.TemporaryFile(dir=".", buffering=0) as file:
            fd = os.dup(file.fileno())
    while content:
        content = content[os.write(fd, content) :]
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


if __name__ == "__main__":
    main(sys.argv[1])
