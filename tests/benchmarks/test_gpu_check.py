"""The checks for a GPU, tried on the CPU with tiny models; without packages that such a machine may lack."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("peft")

from benchmarks import gpu_check
from benchmarks.gpu_check import Bench, Check

ROOT = Path(__file__).parents[2]
WITHOUT = """
import sys
from importlib.machinery import PathFinder

class Others(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        hidden = name.partition(".")[0] in {"datasets", "pandas", "textual"}
        return None if hidden else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Others if finder is PathFinder else finder for finder in sys.meta_path]
from benchmarks.gpu_check import main
sys.exit(main(sys.argv[1:]))
"""


def test_every_check_is_ok_on_the_cpu_without_datasets_pandas_and_textual(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    words = ["--device", "cpu", "--small", "--json", str(report)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, *words],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "ok      bf16 step, every weight",
        "ok      bf16 step, LoRA",
        "ok      base model",
        "ok      generation",
        "ok      masks",
        "ok      resumption",
        "ok      nested",
    ]
    assert lines[-1].startswith("7 of 7 checks are ok, in ")
    checks = {check["name"]: check for check in json.loads(report.read_text())["checks"]}
    assert checks["resumption"]["values"]["apart"] == 0.0 < checks["resumption"]["values"]["changed"]
    assert checks["masks"]["values"]["control"] > 1.0


def test_without_a_cuda_device_it_says_so_and_checks_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_check.main([]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "sees no CUDA device: nothing was checked" in err


def test_a_check_that_fails_or_raises_is_not_ok_and_the_others_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def broken() -> gpu_check.Found:
        raise RuntimeError("no kernel image is available\nfor execution on the device")

    def three(bench: Bench):  # type: ignore[no-untyped-def]
        yield "one", broken
        yield "two", lambda: ("far off", False, {})
        yield "three", lambda: ("as it should be", True, {})

    monkeypatch.setattr(gpu_check, "checks", three)
    assert gpu_check.main(["--device", "cpu", "--small", "--json", str(tmp_path / "report.json")]) == 1
    assert capsys.readouterr().out.splitlines()[:3] == [
        "NOT OK  one: RuntimeError: no kernel image is available (0 s)",
        "NOT OK  two: far off (0 s)",
        "ok      three: as it should be (0 s)",
    ]
    assert [check["ok"] for check in json.loads((tmp_path / "report.json").read_text())["checks"]] == [
        False,
        False,
        True,
    ]


def test_a_check_is_a_line() -> None:
    assert Check("masks", "nothing changes", True, 1.4, {}).line() == "ok      masks: nothing changes (1 s)"
