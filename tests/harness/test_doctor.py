"""Check what the doctor says of a machine, and how."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import harness.doctor
from apps_plus.errors import SandboxError
from harness.doctor import (
    EXTRAS,
    DoctorReport,
    Extra,
    SandboxReport,
    available_cores,
    available_memory,
    cgroup_limits,
    examine,
    examine_sandbox,
    is_supported,
)
from harness.doctor_cli import doctor, extras_line, report_table, why_not
from harness.sandbox import SCIENCE_PACKAGES, Sandbox, probes
from harness.sandbox.execution import Ended, Execution, Program
from harness.sandbox.probes import PROBES, ProbeResult, read_probe

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"

app = typer.Typer()
app.command()(doctor)


@pytest.fixture(scope="module")
def report() -> DoctorReport:
    return examine()


@pytest.fixture
def run(report: DoctorReport, monkeypatch: pytest.MonkeyPatch):
    """Run the command on a machine with this report."""

    def run(**changes: object):
        monkeypatch.setattr(harness.doctor, "examine", lambda: replace(report, **changes))
        return CliRunner().invoke(app, ["--json"])

    return run


def test_every_probe_is_blocked_where_every_layer_is_in_force(report: DoctorReport) -> None:
    if report.sandbox.missing:
        pytest.skip(f"this machine lacks {', '.join(report.sandbox.missing)}")
    assert [finding.name for finding in report.sandbox.probes if not finding.blocked] == []
    assert report.ok


def test_each_probe_succeeds_outside_of_the_sandbox_so_that_its_refusal_means_something() -> None:
    with probes.targets() as given:
        for probe in PROBES:
            source = probes._PROGRAM.format(attempt=probe.attempt.format(**given))
            out = harness.doctor._output_of([harness.doctor.sys.executable, "-c", source], timeout=60)
            assert out == "it could" or probe.name in ("environment", "ptrace"), probe


def test_a_layer_is_in_force_or_missing_with_what_it_needs(report: DoctorReport) -> None:
    missing = report.sandbox.missing or {}
    assert {*report.sandbox.layers, *missing} == {"namespaces", "landlock", "seccomp", "rlimits"}
    assert all(missing.values())


def test_probes_run_one_by_one_where_the_kernel_kills_the_program_that_tries_all() -> None:
    sources = []

    def run(program: Program) -> Execution:
        sources.append(program.source)
        killed = len(sources) == 1 or "os.fork" in program.source
        return Execution(Ended.SIGNAL, exception="SIGSYS") if killed else Execution(Ended.FINISHED, output="it could\n")

    results = probes.try_all(run, ())
    assert len(sources) == 1 + len(PROBES)
    assert [result.name for result in results] == [probe.name for probe in PROBES]
    assert [result.name for result in results if result.blocked] == ["processes"]


def test_probes_that_are_tried_in_one_program_are_told_apart() -> None:
    lines = ["refused: no" if probe.name == "read" else "it could" for probe in PROBES]
    results = probes.try_all(lambda program: Execution(Ended.FINISHED, output="\n".join(lines) + "\n"), ())
    assert [result.name for result in results if result.blocked] == ["read"]


@pytest.mark.parametrize(
    ("execution", "blocked"),
    [
        (Execution(Ended.FINISHED, output="refused: Operation not permitted\n"), True),
        (Execution(Ended.SIGNAL, exception="SIGSYS"), True),
        (Execution(Ended.FINISHED, output="it could\n"), False),
        (Execution(Ended.FINISHED, output=""), False),
        (Execution(Ended.EXCEPTION, exception="NameError"), False),
        (Execution(Ended.TIMEOUT), False),
        (Execution(Ended.HARNESS_ERROR), False),
    ],
)
def test_only_a_refusal_proves_that_a_probe_is_blocked(execution: Execution, blocked: bool) -> None:
    assert read_probe(PROBES[0], execution, ()).blocked is blocked


def test_a_sandbox_that_does_not_start_is_a_report_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SandboxError("the sandbox did not start: no")

    monkeypatch.setattr(Sandbox, "execute", fail)
    found = examine_sandbox()
    assert (found.works, found.safe, found.error) == (False, False, "the sandbox did not start: no")


def test_one_probe_that_gets_through_is_not_safe() -> None:
    through = ProbeResult("network", "connect", False, "it could")
    assert SandboxReport(True, ("rlimits",), {}, ()).safe
    assert not SandboxReport(True, ("rlimits",), {}, (through,)).safe


def test_json_is_one_object_and_the_exit_code_says_whether_programs_can_run(run) -> None:
    done = run(ok=True)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["ok"] is True


def test_a_machine_that_is_not_safe_exits_with_one_and_says_why(run) -> None:
    through = ProbeResult("network", "connect to a server", False, "it could")
    sandbox = SandboxReport(True, ("rlimits",), {"seccomp": "needs Linux"}, (through,))
    done = run(ok=False, sandbox=sandbox)
    assert done.exit_code == 1
    assert json.loads(done.stdout)["sandbox"]["probes"][0]["blocked"] is False
    assert "a program could connect to a server (seccomp: needs Linux)" in done.stderr


def test_why_not_names_the_sandboxs_own_error_and_the_python(report: DoctorReport) -> None:
    assert why_not(replace(report, sandbox=SandboxReport(False, error="it did not start"))) == "it did not start"
    assert "CPython 3.11" in why_not(replace(report, python_supported=False))


def test_people_get_a_table_with_everything(report: DoctorReport) -> None:
    from rich.console import Console

    console = Console(width=200, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(report_table(report, extras=True))
    text = console.export_text()
    for word in (
        *SCIENCE_PACKAGES,
        *report.sandbox.layers,
        *(probe.what for probe in PROBES),
        "extra train",
        report.python,
    ):
        assert word in text


def test_the_extras_are_one_line_unless_asked_for(report: DoctorReport) -> None:
    from rich.console import Console

    console = Console(width=400, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    there, missing = Extra("plots", True, (), "pip a"), Extra("api", False, ("openai",), "pip install api")
    console.print(report_table(replace(report, extras=(there, missing))))
    text = console.export_text()
    assert "plots; not installed: api (--extras says how)" in text
    assert "pip install api" not in text
    assert extras_line([missing]) == "none; not installed: api (--extras says how)"
    assert extras_line([there]) == "plots"


def test_the_extras_are_those_of_the_package() -> None:
    extras = tomllib.loads(PYPROJECT.read_text())["project"]["optional-dependencies"]
    for of_contributors in ("dev", "docs"):
        extras.pop(of_contributors)
    other_names = {"transferqueue": "transfer_queue"}
    packages = {
        name: [re.split(r"[>\[]", need)[0].replace("-", "_") for need in needs] for name, needs in extras.items()
    }
    assert {name: tuple(other_names.get(one, one) for one in found) for name, found in packages.items()} == EXTRAS


def test_a_missing_extra_comes_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "plots", ("no_such_package_here",))
    extra = harness.doctor.examine_extra("plots")
    assert (extra.installed, extra.missing) == (False, ("no_such_package_here",))
    assert extra.install.endswith("pip install 'apps-plus[plots]'")


def test_the_machine_has_cores_and_memory() -> None:
    assert available_cores() >= 1
    assert available_memory() > 1 << 28


@pytest.mark.parametrize(
    ("membership", "files", "limits"),
    [
        ("0::/a/b\n", {"memory.max": "900", "a/memory.max": "500", "a/b/memory.max": "max"}, [500, 900]),
        ("0::/\n", {"memory.max": "max"}, []),
        ("0::/gone\n", {}, []),
        ("5:cpu:/a\n4:memory:/a\n", {"memory/a/memory.limit_in_bytes": "700", "a/memory.max": "1"}, [700]),
        ("", {}, []),
    ],
)
def test_memory_is_what_the_control_groups_allow(
    tmp_path: Path, membership: str, files: dict[str, str], limits: list[int]
) -> None:
    (tmp_path / "self").write_text(membership)
    for name, text in files.items():
        (tmp_path / "fs" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "fs" / name).write_text(text)
    assert cgroup_limits(tmp_path / "self", tmp_path / "fs") == limits
    assert cgroup_limits(tmp_path / "absent", tmp_path / "fs") == []


@pytest.mark.parametrize(
    ("version", "implementation", "supported"),
    [((3, 11), "CPython", True), ((3, 14), "CPython", True), ((3, 10), "CPython", False), ((3, 11), "PyPy", False)],
)
def test_the_pythons_that_are_supported(version: tuple[int, int], implementation: str, supported: bool) -> None:
    assert is_supported(version, implementation) is supported
