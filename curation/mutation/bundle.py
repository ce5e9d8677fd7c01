"""Run many mutants in few processes: a process costs more than most mutants do.

A *bundle* is one program that holds the sources of several and runs the one that its input names. They are mutants of
one program, so none gains by what it does to another; each has names of its own, and a script starts anew on each
input as usual. What they share is the state of imported modules.

A mutant with a limit on its steps (``bounded_program``) that took too many on an input does not run on later ones.
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

def _mutant_():
    import os
    line = b""
    while not line.endswith(b"\\n"):
        line += os.read(0, 1)
    kept, number = os.__dict__.setdefault("_mutants_", {{}}), int(line)
    if number not in kept:
        kept.clear()
        kept[number] = compile({sources}[number], "program.py", "exec", dont_inherit=True)
    if kept[number] is None:
        raise {error}
    return kept[number]

def _end_():
    import os
    kept = os.__dict__["_mutants_"]
    kept.update(dict.fromkeys(kept))

try:
    exec(_mutant_())
except BaseException as error:
    if type(error).__name__ == {error!r}:
        _end_()
    raise
"""
_MODULE = """
class {error}(BaseException):
    pass

_mutants_ = {{}}

def _mutant_(number):
    if number not in _mutants_:
        _mutants_.clear()
        names = {{"__name__": "solution", "__builtins__": __builtins__}}
        exec(compile({sources}[number], "program.py", "exec", dont_inherit=True), names)
        found = names.get({name!r})
        _mutants_[number] = found if callable(found) else getattr(names["Solution"](), {name!r})
    if _mutants_[number] is None:
        raise {error}
    return _mutants_[number]

def {name}(number, *arguments):
    try:
        return _mutant_(number)(*arguments)
    except BaseException as error:
        if type(error).__name__ == {error!r}:
            _mutants_[number] = None
        raise
"""


@dataclass(frozen=True, slots=True)
class Question:
    """One mutant, and the inputs that it is to run on."""

    source: str
    inputs: Sequence[Any]


def bundle(sources: Sequence[str], entry_point: str | None) -> str:
    """Return the program that runs one of several: ``ask`` says how its input names which."""
    texts = f"({', '.join(ascii(source) for source in sources)},)"
    if entry_point is None:
        return _SCRIPT.format(sources=texts, error=TOO_MANY_STEPS)
    return _MODULE.format(sources=texts, name=entry_point, error=TOO_MANY_STEPS)


def ask(number: int, given: Any, entry_point: str | None) -> Any:
    """Return the input of a bundle that runs its program of that number on an input."""
    return f"{number}\n{given}" if entry_point is None else [number, *given]


def run_bundled(
    run: Run, questions: Sequence[Question], entry_point: str | None, limits: Limits
) -> list[list[Execution]]:
    """Return the executions of each mutant on its inputs, as if each had run alone under the limits.

    Args:
        run: Runs a program on inputs. What it raises goes through.
        questions: The mutants with their inputs.
        entry_point: The function that the tests call; None for scripts.
        limits: Of one mutant. Its inputs after a timeout, or after one with too many steps, are not run; those after
            its ``program_seconds`` neither.
    """
    found: list[list[Execution]] = [[] for _ in questions]
    for start, end in _groups(questions, max(1, min(MOST_INPUTS, MOST_OUTPUT // limits.output_bytes))):
        pending = list(range(start, end))
        while pending:
            pending = _run_some(run, questions, pending, entry_point, limits, found)
    return found


def _groups(questions: Sequence[Question], most_inputs: int) -> Iterator[tuple[int, int]]:
    """Yield the (start, end) of the mutants that share a process; one with more inputs than that has one to itself."""
    sizes: dict[int, int] = {}  # many mutants run on the same inputs
    start = n_inputs = n_bytes = 0
    for end, question in enumerate(questions):
        for given in question.inputs:
            if id(given) not in sizes:
                sizes[id(given)] = len(given) if isinstance(given, str) else len(dump_json(given))
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
    found: list[list[Execution]],
) -> list[int]:
    """Run mutants in one process; fill in what they did. Returns those that are still to run.

    The first one counts in any case. Where a limit that all share ends a later one, it comes first in the next process.
    """
    inputs = [ask(n, given, entry_point) for n, i in enumerate(pending) for given in questions[i].inputs]
    total = limits.program_seconds
    shared = replace(limits, program_seconds=None if total is None else total * len(pending), stop_after_timeout=True)
    executions = run(bundle([questions[i].source for i in pending], entry_point), inputs, shared) if inputs else []
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
        found[i] = _within(own, total)
        if is_cut:
            return list(pending[n + 1 :])
    return []


def _within(executions: Sequence[Execution], total: float | None) -> list[Execution]:
    """Return the executions of one mutant, the first as one that nothing came before, and none beyond its time.

    What comes after too many steps did not run.
    """
    own: list[Execution] = []
    used = 0.0
    for execution in executions:
        if own and (own[-1].exception == TOO_MANY_STEPS or own[-1].ended is Ended.NOT_RUN):
            execution = Execution(Ended.NOT_RUN)
        elif total is not None and used > total and execution.ended not in NOT_RUN:
            execution = Execution(Ended.OUT_OF_BUDGET)
        elif not own:
            execution = replace(execution, alone=True)
        used += execution.seconds
        own.append(execution)
    return own
