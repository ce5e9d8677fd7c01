"""The process that has untrusted programs run, in forks of itself.

Started by ``harness.sandbox.worker`` as a script, in a fresh interpreter that imports the standard library only. The
*zygote* puts the layers in force, imports what programs commonly import, and waits for jobs. For each job it has *runs*
forked (``forker``, ``program``), watches them (``watch``), kills them, and answers with what it measured
(``measured_answers``).

Nothing here knows an expected output.
"""

from __future__ import annotations

import os
import sys

# The package is looked for last: a package that lies next to it in site-packages must not replace a module of the
# standard library.
sys.path.append(os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))))
from harness.sandbox.isolation import layers
from harness.sandbox.runtime import confine, line_trace, measured_answers, wire
from harness.sandbox.runtime.forker import Forker, die_with_zygote, start_forker
from harness.sandbox.runtime.memory_file import memory_file
from harness.sandbox.runtime.program import NEEDS_OWN_PROCESS
from harness.sandbox.runtime.report import REPORT_BYTES, read_report
from harness.sandbox.runtime.scratch import empty_scratch
from harness.sandbox.runtime.template import CONNECTION_FD, LOAD, NULL_FD, TRACE, Template, needs_further, write_order
from harness.sandbox.runtime.watch import Watch

sys.path.pop()

import _sitebuiltins
import _socket
import builtins
import json
import resource
from typing import Any

JOB_OUTPUT_BYTES = 64 << 20
"""Limit of the outputs of one job together, so that many inputs cannot fill the parent's memory."""
assert REPORT_BYTES >= 4 * JOB_OUTPUT_BYTES


def main(settings: dict[str, Any]) -> None:
    """Serve the parent until it closes the connection. ``zygote.py SETTINGS``: JSON made by the parent."""
    layers.raise_limits()
    connection = _socket.socket(fileno=move(settings["fd"], CONNECTION_FD))
    move(os.open(os.devnull, os.O_WRONLY), NULL_FD)  # later, opening a file to write may be denied
    isolation = layers.isolate(settings["scratch_bytes"], settings["packages"], settings["without"])
    os.chdir(isolation.scratch or "/")
    os.environ.clear()
    builtins.exit, builtins.quit = _sitebuiltins.Quitter("exit", ""), _sitebuiltins.Quitter("quit", "")
    template = Template(isolation, settings)
    common = start_forker(template, [connection])
    further = None if template.runs_may_fork else start_forker(template, [connection, common.connection])
    die_with_zygote(template.own_pids)
    zygote = Zygote(connection, isolation, template.baseline, common, further, settings["science"])
    to_remove = "" if isolation.private_scratch else isolation.scratch
    wire.send(
        connection,
        {
            "layers": isolation.in_force,
            "missing": isolation.missing,
            "scratch": to_remove,
            "bounded": isolation.bounded,
            "baseline": template.baseline,
        },
    )
    zygote.serve()


class Zygote:
    """Has a run forked for each program, and watches it."""

    def __init__(
        self,
        connection: _socket.socket,
        isolation: layers.Layers,
        baseline: int,
        common: Forker,
        further: Forker | None,
        science: bool,
    ) -> None:
        self.connection = connection
        self.common, self.further, self.science = common, further or common, science
        self.own_pids = "namespaces" in isolation.in_force
        self.baseline = baseline
        self.scratch = isolation.scratch
        self.polls_scratch = bool(isolation.scratch) and not isolation.private_scratch
        self.file_bytes = layers.most_allowed(resource.RLIMIT_FSIZE)
        self.cpu_seconds = layers.most_allowed(resource.RLIMIT_CPU)

    # --- jobs ------------------------------------------------------------------------------------------------------

    def serve(self) -> None:
        """Run one job after another until the parent closes the connection."""
        while (received := wire.receive(self.connection)) is not None:
            job, channel = received
            if "limits" in job:
                job["limits"]["output_bytes"] = min(job["limits"]["output_bytes"], self.file_bytes)
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
        alone = job["entry_point"] is None and NEEDS_OWN_PROCESS.search(job["source"])
        while len(answered) < len(inputs) and not stopped:
            chunk = inputs[len(answered) : len(answered) + 1] if alone else inputs[len(answered) :]
            new, spent = self.run_chunk(job, chunk, seconds_left)
            self.empty_scratch()
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
        """Have a run forked for these inputs.

        Returns one answer for each input that it got to, at least one; and the processor time of the run, which no
        report can change.
        """
        is_script, limits = job["entry_point"] is None, job["limits"]
        stdin = memory_file("input", chunk[0].encode("utf-8", "replace") if is_script else b"")
        output, report, lines = memory_file("output"), memory_file("report"), self.lines_memory(job, len(chunk))
        watch, forker = self.fork_run(job, chunk, stdin, output, report, lines, seconds_left=seconds_left)
        os.close(stdin)
        watch.until_reported(report, len(chunk), seconds_left)
        if watch.timeout:
            watch.look_on(job["overrun"], report, len(chunk))
        watch.end()
        usage = forker.reap()
        status = usage.status
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
        for answer, ran in zip(new, self.take_lines(lines, job, len(chunk)), strict=False):
            answer["ran"] = ran
        return new, usage.seconds

    def run_check(self, job: dict[str, Any], channel: int) -> dict[str, Any]:
        """Run a program whose functions the tests call over a channel; the parent says when they are done."""
        stdin, output, lines = memory_file("input"), memory_file("output"), self.lines_memory(job, 1)
        watch, forker = self.fork_run(job, [()], stdin, output, channel, lines, is_check=True)
        os.close(channel)
        os.close(stdin)
        parent_is_gone = watch.until_stopped(self.connection)
        if watch.timeout:
            watch.look_on(job["overrun"], None, 1, self.connection)
        watch.end()
        usage = forker.reap()
        full = os.fstat(output).st_size >= job["limits"]["output_bytes"]
        os.close(output)
        self.empty_scratch()
        if parent_is_gone:
            os._exit(0)
        return {
            "timeout": watch.timeout or measured_answers.hit_cpu_limit(usage.status),
            "doubt": watch.doubt,
            "status": os.waitstatus_to_exitcode(usage.status),
            "output_full": full,
            "scratch_full": watch.scratch_full,
            "seconds": usage.seconds,
            "peak_memory": usage.peak_memory,
            "ran": self.take_lines(lines, job, 1)[0],
        }

    # --- runs ------------------------------------------------------------------------------------------------------

    def fork_run(
        self,
        job: dict[str, Any],
        inputs: list[Any],
        stdin: int,
        output: int,
        report: int,
        lines: int | None,
        seconds_left: float = float("inf"),
        is_check: bool = False,
    ) -> tuple[Watch, Forker]:
        """Have a run of a job's program forked for some of its inputs. Returns its watch and the forker to reap it."""
        limits, forker = job["limits"], self.common
        if self.science or needs_further(job["source"]):
            forker = self.further
            forker.prepare(LOAD)
        if lines is not None:
            forker.prepare(TRACE)
        output_bytes = max(JOB_OUTPUT_BYTES, limits["output_bytes"])
        file_bytes = min(output_bytes, self.file_bytes)
        seconds_left = min(seconds_left, self.cpu_seconds - limits["cpu_seconds"] - 1)
        address_space = self.baseline + (0 if lines is None else os.fstat(lines).st_size)
        order = write_order(
            source=job["source"],
            entry_point=job["entry_point"],
            limits=limits,
            dict_keys=job.get("dict_keys", "str"),
            inputs=inputs,
            is_check=is_check,
            microseconds=1e6 * seconds_left,
            output_bytes=output_bytes,
            file_bytes=file_bytes,
            resource_limits=confine.resource_limits(limits, len(inputs), address_space, file_bytes, self.own_pids),
        )
        memory = memory_file("order", order)
        pid = forker.fork(stdin, output, report, memory, *([] if lines is None else [lines]))
        os.close(memory)
        return Watch(pid, limits, self.polls_scratch, forker.has_ended), forker

    def lines_memory(self, job: dict[str, Any], inputs: int) -> int | None:
        """Return a file for the recording of the lines that run; None where they are not recorded."""
        size = line_trace.recording_bytes(job["source"], inputs) if job.get("trace") else 0
        return memory_file("lines", size=size) if size else None

    def take_lines(self, memory: int | None, job: dict[str, Any], inputs: int) -> list[dict[str, Any] | None]:
        """Return for each input which units ran, and close the file of the recording."""
        if memory is None:
            return [None] * inputs
        recording = line_trace.recording_in(memory, job["source"], inputs)
        ran = measured_answers.lines_that_ran(recording, inputs)
        if recording is not None:
            recording.close()
        os.close(memory)
        return ran

    def empty_scratch(self) -> None:
        """Remove all that a run has left in its scratch directory."""
        if self.scratch:
            empty_scratch(self.scratch)


def move(fd: int, number: int) -> int:
    """Move a file to a descriptor of that number, and return it."""
    if fd != number:
        os.dup2(fd, number, inheritable=False)
        os.close(fd)
    return number


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
