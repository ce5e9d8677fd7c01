"""The state that every run is forked from: modules that programs import, warm bytecode, standard streams.

A fork copies the tables of all mapped files, of which a compiled module has five, and a run copies each page that it
writes to: few modules and little code make runs start fast.

Standard library only.
"""

from __future__ import annotations

import _thread
import gc
import json
import marshal
import os
import re
import resource
import signal
import sys
import warnings
from typing import TYPE_CHECKING, Any, NoReturn

from harness.sandbox.isolation import layers
from harness.sandbox.runtime import confine, line_trace, program
from harness.sandbox.runtime.memory_file import memory_file

if TYPE_CHECKING:
    from collections.abc import Sequence

WARM_UP_RUNS = 16
"""CPython specialises bytecode after eight executions."""
SCIENCE_BYTES = 512 << 20
"""Address space of the scientific libraries: they map far more than they touch."""
CONNECTION_FD, NULL_FD = 16, 17
"""The descriptors of the zygote's connection and of /dev/null, for writing. Those below are a run's, or closed."""
LOAD, TRACE = b"l", b"t"
"""Orders to prepare for runs that import further modules, and for runs that are traced."""
COMMON = (
    "__future__ abc bisect collections collections.abc contextlib copy functools heapq itertools math operator re "
    "string time typing"
).split()
"""The modules that most programs get by with."""
FURTHER = "array cmath datetime decimal enum fractions queue random threading".split()
"""Modules that are loaded for programs that may import more than the common ones."""
_NAME = rf"(?:{'|'.join(COMMON)}|io|os|sys)(?: +as +\w+)?"
_COMMON_IMPORT = re.compile(rf"\bimport +{_NAME}(?: *, *{_NAME})*(?= *(?:[;#\n]|\Z))|\bfrom +{_NAME} +import\b")
_IMPORT = re.compile(r"import|\b(?:exec|eval)\b")


def needs_further(source: str) -> bool:
    """Return whether a program may import more than the common modules.

    It is wrong about programs that hide what they import: these load it themselves, and take longer.
    """
    return _IMPORT.search(_COMMON_IMPORT.sub("", source)) is not None


class Template:
    """The state that runs are forked from, and what all of them have in common."""

    def __init__(self, isolation: layers.Layers, settings: dict[str, Any]) -> None:
        """Load the common modules and warm up. Called in the process that forkers are forked from."""
        self.seed = settings["seed"]
        self.science = settings["science"]
        self.own_pids = "namespaces" in isolation.in_force
        self.runs_may_fork = "seccomp" not in isolation.in_force
        self.baseline = isolation.baseline + (SCIENCE_BYTES if self.science else 0)
        self.run = program.Run(
            seed=self.seed,
            scratch=isolation.scratch,
            own_pids=self.own_pids,
            filter=layers.program_filter(isolation),
        )
        sys.meta_path.append(layers.AllowedPackages(settings["packages"]))
        load(COMMON)
        program.save_builtins()
        warnings.simplefilter("ignore")
        sys.set_int_max_str_digits(0)  # solutions and tests are older than the limit
        sys.argv = ["program.py"]
        _thread.stack_size(program.THREAD_STACK_BYTES)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.default_int_handler)  # whatever the parent does with it
        self._make_streams()
        self.warm_up()

    # --- warming up ------------------------------------------------------------------------------------------------

    def warm_up(self, trace: bool = False) -> None:
        """Run a dummy job until CPython has specialised the bytecode, then freeze the state that runs start from.

        Specialised bytecode and filled caches are then shared by all children instead of copied in each.
        """
        for _ in range(WARM_UP_RUNS):
            self._run_dummy(trace)
        self._freeze()

    def _freeze(self) -> None:
        for name in ("random", "numpy.random"):
            if name in sys.modules:
                sys.modules[name].seed(self.seed)
        gc.collect()
        gc.freeze()

    def _make_streams(self) -> None:
        """Make the standard streams of every run, once: they hold the numbers of descriptors, not the files."""
        for target in range(confine.INPUT_FD + 1):
            os.dup2(memory_file("standard"), target)
        os.closerange(confine.INPUT_FD + 1, CONNECTION_FD)
        program.set_streams()

    def _run_dummy(self, trace: bool) -> None:
        """Run a dummy script and a dummy function in this process, on files that nothing else uses."""
        limits = {"output_bytes": 1 << 20, "cpu_seconds": 1, "memory_bytes": 1 << 30, "open_files": 64, "threads": 64}
        set_limit, resource.setrlimit = resource.setrlimit, lambda *_: None
        try:
            for entry_point in (None, "f"):
                source = (
                    "import sys, math\ndef f(x=1): return [x]\nfor line in sys.stdin: print(line)\nprint(input())\n"
                )
                order = write_order(
                    source=source,
                    entry_point=entry_point,
                    limits=limits,
                    dict_keys="str",
                    inputs=["x\n"] * 2 if entry_point is None else [[1], [2]],
                    is_check=False,
                    microseconds=1e9,
                    output_bytes=1 << 20,
                    file_bytes=1 << 20,
                    resource_limits=[],
                )
                lines = memory_file("lines", size=line_trace.recording_bytes(source, 2)) if trace else None
                program.execute(self.read_order(order, lines))
                if lines is not None:
                    os.close(lines)
        finally:
            resource.setrlimit = set_limit
        for fd in (confine.REPORT_FD, confine.OUTPUT_FD):
            os.ftruncate(fd, 0)
            os.lseek(fd, 0, os.SEEK_SET)
        program.set_streams()

    def prepare(self, order: bytes) -> None:
        """Load the further modules, or what tracing needs; programs do not see the modules of the latter."""
        before = set(sys.modules)
        if order == LOAD:
            load([*FURTHER, *(["numpy.random"] if self.science else [])])
            self._freeze()
        else:
            line_trace.prepare()
            self.warm_up(trace=True)
            for name in set(sys.modules) - before:
                del sys.modules[name]

    # --- runs ------------------------------------------------------------------------------------------------------

    def become_run(self, stdin: int, output: int, report: int, order: int, lines: int | None = None) -> NoReturn:
        """Become the program of an order. Called in a fork.

        Args:
            stdin: Descriptor of the first input.
            output: Descriptor of the file for standard output.
            report: Descriptor of the report, or of the channel to the tests.
            order: Descriptor of the order (``write_order``).
            lines: Descriptor of the memory of a recording; None without tracing.
        """
        status = program.BROKEN
        try:
            run = self.read_order(os.pread(order, os.lseek(order, 0, os.SEEK_END), 0), lines)
            confine.arrange_descriptors(stdin, output, report, NULL_FD)
            confine.confine(run)
            program.execute(run)
            status = 0
        finally:
            program.exit_at_once(status)

    def read_order(self, data: bytes, lines: int | None) -> program.Run:
        """Return the run of an order."""
        run = self.run
        run.__dict__.update(json.loads(data) if data.startswith(b"{") else marshal.loads(data)[0])  # noqa: S302 (ours)
        if lines is None:
            run.recording = None
        else:
            run.recording = line_trace.recording_in(lines, run.source, len(run.inputs))
        return run


def write_order(**fields: Any) -> bytes:
    """Return an order for ``Template.read_order``: some of the fields of a run.

    ``marshal`` is fast and nests 2,000 lists at most.
    """
    try:
        return marshal.dumps((fields,))
    except ValueError:
        return json.dumps(fields).encode()


def load(modules: Sequence[str]) -> None:
    """Import modules, so that a fork finds them loaded.

    Some would draw new random seeds or forget other threads in each child after a fork. That is not needed here, and
    costs half of the fork.
    """
    register_at_fork, os.register_at_fork = os.register_at_fork, lambda **_: None
    for name in modules:
        __import__(name)
    os.register_at_fork = register_at_fork
