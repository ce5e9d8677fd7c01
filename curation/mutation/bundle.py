"""Run many programs in few processes: a process costs more than most mutants do.

A *bundle* is one program that holds the sources of several and runs the one that its input names. They are mutants of
one program, so none gains by what it does to another; each has names of its own, and a script starts anew on each
input as usual. What they share is the state of imported modules.

A mutant with a limit on its steps (``bounded_program``) that took too many on an input does not run on later ones.
Other programs may be bundled that leave nothing behind, and may take too many steps on a few inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from apps_plus.problem import dump_json
from curation.mutation.bounded_program import TOO_MANY_STEPS
from harness.sandbox.execution import Ended, Execution, Limits

Run = Callable[[str, Sequence[Any], Limits], Sequence[Execution]]
"""Runs a program on inputs, in one process as far as it can."""

MOST_INPUTS = 2_000
"""Inputs of one process, of all its mutants together."""
MOST_BYTES = 4_000_000
"""Of these inputs."""
MOST_OUTPUT = 512 << 20
"""Bytes that all these inputs together may be answered with: mutants that print without end are common."""
NOT_RUN = (Ended.NOT_RUN, Ended.OUT_OF_BUDGET)
SHARED_LIMITS = (Ended.OUTPUT_LIMIT, Ended.MEMORY_LIMIT, Ended.SCRATCH_LIMIT, Ended.THREAD_LIMIT, Ended.PROCESS_LIMIT)
"""Ends for which the mutants before may be to blame: what they printed and left behind counts, too."""

_SCRIPT = """
class {error}(BaseException):
    pass

def _program_():
    import os
    line = b""
    while not line.endswith(b"\\n"):
        line += os.read(0, 1)
    kept, number = os.__dict__.setdefault("_bundled_", {{}}), int(line)
    if number not in kept:
        kept.clear()
        kept[number], kept["overruns"] = compile({sources}[number], "program.py", "exec", dont_inherit=True), 0
    if kept["overruns"] >= {overruns}:
        raise {error}
    return kept[number]

def _end_():
    import os
    if {has_threads}:
        import threading
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
    if "_Over_" in globals() and _Over_.is_over:
        os.__dict__["_bundled_"]["overruns"] += 1
        raise {error}

try:
    exec(_program_())
finally:
    _end_()
"""
_MODULE = """
class {error}(BaseException):
    pass

_functions_, _overruns_ = {{}}, {{}}

def _function_(number):
    if _overruns_.get(number, 0) >= {overruns}:
        raise {error}
    if number not in _functions_:
        _functions_.clear()
        names = {{"__name__": "solution", "__builtins__": __builtins__}}
        exec(compile({sources}[number], "program.py", "exec", dont_inherit=True), names)
        found = names.get({name!r})
        _functions_[number] = found if callable(found) else getattr(names["Solution"](), {name!r})
    return _functions_[number]

def {name}(number, *arguments):
    try:
        return _function_(number)(*arguments)
    except BaseException as error:
        if error.__class__.__name__ == {error!r}:
            _overruns_[number] = _overruns_.get(number, 0) + 1
        raise
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One program, and the inputs that it is to run on."""

    source: str
    inputs: Sequence[Any]


def bundle(sources: Sequence[str], entry_point: str | None, overruns: int = 1) -> str:
    """Return the program that runs one of several: ``ask`` says how its input names which.

    One that took too many steps on so many inputs (``overruns``) runs on no other.
    """
    texts = f"({', '.join(ascii(source) for source in sources)},)"
    if entry_point is None:
        has_threads = any("thread" in source for source in sources)
        return _SCRIPT.format(sources=texts, error=TOO_MANY_STEPS, overruns=overruns, has_threads=has_threads)
    return _MODULE.format(sources=texts, name=entry_point, error=TOO_MANY_STEPS, overruns=overruns)


def ask(number: int, given: Any, entry_point: str | None) -> Any:
    """Return the input of a bundle that runs its program of that number on an input."""
    return f"{number}\n{given}" if entry_point is None else [number, *given]


def length_of(given: Any) -> int:
    """Return the characters of an input: of a text, or of the arguments as JSON."""
    return len(given if isinstance(given, str) else dump_json(given))


def smallest_first(inputs: Sequence[Any]) -> list[int]:
    """Return the positions of inputs, the smallest first: most mutants die on few, and small ones cost least."""
    return sorted(range(len(inputs)), key=lambda i: length_of(inputs[i]))


def run_bundled(
    run: Run, questions: Sequence[Question], entry_point: str | None, limits: Limits, overruns: int = 1
) -> list[list[Execution]]:
    """Return the executions of each program on its inputs, as if each had run alone under the limits.

    Args:
        run: Runs a program on inputs. What it raises goes through.
        questions: The programs with their inputs.
        entry_point: The function that the tests call; None for scripts.
        limits: Of one program. Its inputs after a timeout are not run; those after its ``program_seconds`` neither.
        overruns: Inputs on which a program may take too many steps; those after them are not run.
    """
    found: list[list[Execution]] = [[] for _ in questions]
    for start, end in _groups(questions, max(1, min(MOST_INPUTS, MOST_OUTPUT // limits.output_bytes))):
        pending = list(range(start, end))
        while pending:
            pending = _run_some(run, questions, pending, entry_point, limits, overruns, found)
    return found


def _groups(questions: Sequence[Question], most_inputs: int) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of the mutants that share a process; one with more inputs than that has one to itself."""
    sizes: dict[int, int] = {}  # many mutants run on the same inputs
    start = n_inputs = n_bytes = 0
    for end, question in enumerate(questions):
        for given in question.inputs:
            if id(given) not in sizes:
                sizes[id(given)] = length_of(given)
        size = len(question.source) + sum(sizes[id(given)] for given in question.inputs)
        if end > start and (n_inputs + len(question.inputs) > most_inputs or n_bytes + size > MOST_BYTES):
            yield start, end
            start, n_inputs, n_bytes = end, 0, 0
        n_inputs += len(question.inputs)
        n_bytes += size
    if start < len(questions):
        yield start, len(questions)


def _run_some(
    run: Run,
    questions: Sequence[Question],
    pending: Sequence[int],
    entry_point: str | None,
    limits: Limits,
    overruns: int,
    found: list[list[Execution]],
) -> list[int]:
    """Run mutants in one process; fill in what they did. Returns those that are still to run.

    The first one counts in any case. Where a limit that all share ends a later one, it comes first in the next process.
    """
    inputs = [ask(n, given, entry_point) for n, i in enumerate(pending) for given in questions[i].inputs]
    total = limits.program_seconds
    shared = replace(limits, program_seconds=None if total is None else total * len(pending), stop_after_timeout=True)
    program = bundle([questions[i].source for i in pending], entry_point, overruns)
    executions = run(program, inputs, shared) if inputs else []
    start = 0
    for n, i in enumerate(pending):
        own = list(executions[start : start + len(questions[i].inputs)])
        start += len(own)
        used = sum(execution.seconds for execution in own)
        is_cut = any(execution.ended in NOT_RUN for execution in own)
        is_over = any(execution.ended is Ended.TIMEOUT for execution in own) or (total is not None and used > total)
        is_doubtful = (is_cut and not is_over) or any(execution.ended in SHARED_LIMITS for execution in own)
        if is_doubtful and n > 0:
            return list(pending[n:])
        found[i] = _within(own, total, overruns)
        if is_cut:
            return list(pending[n + 1 :])
    return []


def _within(executions: Sequence[Execution], total: float | None, overruns: int) -> list[Execution]:
    """Return the executions of one program, the first as one that nothing came before, and none beyond its time.

    What comes after so many that took too many steps did not run.
    """
    own: list[Execution] = []
    used, left = 0.0, overruns
    for execution in executions:
        if left == 0 or (own and own[-1].ended is Ended.NOT_RUN):
            execution = Execution(Ended.NOT_RUN)
        elif total is not None and used > total and execution.ended not in NOT_RUN:
            execution = Execution(Ended.OUT_OF_BUDGET)
        elif not own:
            execution = replace(execution, alone=True)
        used += execution.seconds
        left -= execution.exception == TOO_MANY_STEPS
        own.append(execution)
    return own
