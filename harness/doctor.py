"""Examine this machine: the layers of the sandbox, the processor, the memory, the GPUs and the optional extras.

The layers are tested by programs that try to get through them (``harness.sandbox.probes``).
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import apps_plus
from apps_plus.errors import SandboxError, WorkError
from apps_plus.extras import install_command
from harness.installed_packages import installed_version
from harness.sandbox import SCIENCE_PACKAGES, Isolation, Sandbox
from harness.sandbox.execution import Checks, Ended, Execution, Program
from harness.sandbox.probes import ProbeResult

OLDEST_PYTHON = (3, 11)
UNSAFE = Isolation(unsafe=True)
CPU_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""The file with the processor time that this control group (v2) may use."""

EXTRAS = {
    "train": ("torch", "transformers", "accelerate", "peft"),
    "trl": ("torch", "transformers", "accelerate", "peft", "trl"),
    "verl": ("cachetools", "fastapi", "transfer_queue", "uvicorn", "verl"),
    "real-model": ("gguf",),
    "tensorboard": ("tensorboard",),
    "plots": ("matplotlib",),
    "api": ("openai",),
    "serve": ("prometheus_client", "starlette", "uvicorn"),
    "ray": ("ray",),
    "inspect": ("inspect_ai",),
    "lm-eval": ("lm_eval",),
    "verifiers": ("verifiers",),
    "openenv": ("openenv",),
    "skyrl": ("skyrl_gym",),
    "web": ("textual_serve",),
    "browser": ("playwright",),
}
"""Each optional extra and the modules that it installs."""


@dataclass(frozen=True, slots=True)
class SandboxReport:
    """The sandbox on this machine."""

    works: bool
    """True if programs ran with the right results, on as many workers as an evaluation has."""
    layers: tuple[str, ...] = ()
    missing: dict[str, str] | None = None
    """For each layer that is not in force: the reason, and what it would need."""
    probes: tuple[ProbeResult, ...] = ()
    limits: tuple[str, ...] = ()
    """A sentence for each limit of the machine (``ulimit``) that is below what programs or the sandbox need."""
    error: str = ""

    @property
    def safe(self) -> bool:
        """Return whether the sandbox works and every probe was blocked."""
        return self.works and all(finding.blocked for finding in self.probes)


@dataclass(frozen=True, slots=True)
class Extra:
    """One optional extra."""

    name: str
    installed: bool
    missing: tuple[str, ...]
    install: str


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """Everything that ``apps-plus doctor`` reports."""

    ok: bool
    """True if programs can run in a sandbox on this machine."""
    version: str
    python: str
    python_supported: bool
    system: str
    cores: int
    memory_bytes: int
    sandbox: SandboxReport
    packages: dict[str, str | None]
    """The version of each scientific package; None where it is not installed."""
    gpus: tuple[str, ...]
    torch: str
    extras: tuple[Extra, ...]


def examine() -> DoctorReport:
    """Examine this machine; takes a second or two, more where torch is installed."""
    sandbox = examine_sandbox()
    supported = is_supported(sys.version_info[:2], platform.python_implementation())
    return DoctorReport(
        ok=sandbox.safe and supported,
        version=apps_plus.__version__,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        python_supported=supported,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        cores=available_cores(),
        memory_bytes=available_memory(),
        sandbox=sandbox,
        packages={name: installed_version(name) for name in SCIENCE_PACKAGES},
        gpus=gpus(),
        torch=torch_state(),
        extras=tuple(examine_extra(name) for name in EXTRAS),
    )


def is_supported(version: tuple[int, ...], implementation: str) -> bool:
    """Return whether the sandbox supports this Python."""
    return version >= OLDEST_PYTHON and implementation == "CPython"


# --- the sandbox ---------------------------------------------------------------------------------------------------


def examine_sandbox() -> SandboxReport:
    """Start a real sandbox, run programs in it and on workers, and try every probe."""
    try:
        with Sandbox(unsafe=True) as sandbox:
            limits = tuple(shortage.text for shortage in sandbox.shortages())
            layers, missing = sandbox.layers, sandbox.missing_layers
            error = try_programs(sandbox)
            findings = () if error else sandbox.findings
        error = error or try_workers()
        return SandboxReport(not error, layers, missing, findings, limits, error)
    except SandboxError as error:
        return SandboxReport(works=False, error=str(error))


def try_programs(sandbox: Sandbox, job: int = 0) -> str:
    """Run a program of each kind under the default limits. Returns what failed; "" where nothing did.

    Raises SandboxError where no program can be run.
    """
    [script] = sandbox.execute(Program("print(input()[::-1])"), [f"{job}1"])
    [call] = sandbox.execute(Program("def f(x): return x + 1", "f"), [[job]])
    tested = sandbox.check(Program("def f(x): return x + 1", "f"), Checks(f"assert f({job}) == {job + 1}"))
    ran = [
        ("a program", script, script.output == f"1{job}\n"),
        ("a function", call, call.result == f"{job + 1}"),
        ("a program under tests that are code", tested, tested.ended is Ended.FINISHED),
    ]
    if importlib.util.find_spec("numpy") is not None:
        [science] = sandbox.execute(Program("import numpy\nprint(numpy.arange(4).sum())"), [""])
        ran.append(("a program that uses numpy", science, science.output == "6\n"))
    return next((f"{what} gave a wrong result: {_describe(ended)}" for what, ended, right in ran if not right), "")


def _describe(execution: Execution) -> str:
    return " ".join(filter(None, [execution.ended, execution.exception, execution.message]))


def try_workers() -> str:
    """Run programs as an evaluation does, on as many workers. Returns what failed; "" where nothing did."""
    from harness.sandbox.pool import run_all, worker_count  # it needs this module

    workers = worker_count(0)
    try:
        answers = [done.answer for done in run_all(try_programs, range(2 * workers), workers, isolation=UNSAFE)]
    except (WorkError, OSError) as error:
        return f"{workers} workers could not be kept running: {error}"
    return next(filter(None, answers), "")


# --- the machine ---------------------------------------------------------------------------------------------------


def available_cores() -> int:
    """Return the cores that this process may use: the machine's, or fewer by affinity or a control group's quota."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = CPU_QUOTA.read_text().split()
        return max(1, min(cores, round(int(quota) / int(period))))
    except (OSError, ValueError):  # no control groups, or no quota ("max")
        return cores


def available_memory() -> int:
    """Return the memory in bytes that this process may use: the machine's, or a control group's limit."""
    try:
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return 0
    return min([physical, *cgroup_limits(Path("/proc/self/cgroup"), Path("/sys/fs/cgroup"))])


def cgroup_limits(membership: Path, root: Path) -> list[int]:
    """Return the memory limits of a process's control groups and those above, versions 1 and 2 (cgroups(7))."""
    limits = []
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "memory" not in controllers.split(","):
            continue
        base, name = (root / "memory", "memory.limit_in_bytes") if controllers else (root, "memory.max")
        folder = base / path.lstrip("/")
        for group in (folder, *folder.parents):
            with contextlib.suppress(OSError, ValueError):  # no such group here, or its limit is "max"
                limits.append(int((group / name).read_text(encoding="utf-8")))
            if group == base:
                break
    return limits


def gpus() -> tuple[str, ...]:
    """Return one line for each NVIDIA GPU: name, memory, driver."""
    if shutil.which("nvidia-smi") is None:
        return ()
    query = ["nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader"]
    return tuple(_output_of(query, timeout=20).splitlines())


_TORCH = """
import torch
names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
print(torch.__version__, "sees", ", ".join(names) or "no GPU")
"""


def torch_state() -> str:
    """Return the version of torch and the GPUs that it sees. A process of its own imports it, since that is slow."""
    if importlib.util.find_spec("torch") is None:
        return "not installed"
    return _output_of([sys.executable, "-c", _TORCH], timeout=120) or f"{installed_version('torch')} cannot be imported"


def _output_of(command: list[str], timeout: float) -> str:
    """Return what a command prints; "" where it fails."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def examine_extra(name: str) -> Extra:
    """Return which packages of an optional extra are missing."""
    missing = tuple(package for package in EXTRAS[name] if importlib.util.find_spec(package) is None)
    return Extra(name, not missing, missing, install_command(name))
