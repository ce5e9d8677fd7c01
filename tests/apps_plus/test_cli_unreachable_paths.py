"""Paths that cannot be looked at: in a folder that may not be searched, or too long. One line, never a traceback."""

from __future__ import annotations

import ctypes
import errno
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from apps_plus.cli import report_errors

PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2

WRITTEN = {
    "leaderboard show": ["leaderboard", "show", "--out", "LOCKED/board.txt"],
    "leaderboard site": ["leaderboard", "site", "--out", "LOCKED/site"],
    "leaderboard site, deeper": ["leaderboard", "site", "--out", "LOCKED/inner/site"],
    "leaderboard add": ["leaderboard", "add", "RECORD", "--to", "LOCKED/records"],
    "leaderboard export": ["leaderboard", "export", "RECORD", "--format", "model-card", "--out", "LOCKED/card.md"],
    "leaderboard export, a folder": [
        "leaderboard", "export", "RECORD", "--format", "every-eval-ever", "--developer", "d", "--out", "LOCKED/eee",
    ],
    "build": ["build", "--out", "LOCKED/build"],
    "stats": ["stats", "BUILD", "--plot", "LOCKED/funnel.png"],
    "overlap": ["overlap", "BUILD", "--out", "LOCKED/overlap.jsonl"],
    "review export": ["review", "export", "BUILD", "LOCKED/decisions"],
    "train": ["train", "tiny", "--out", "LOCKED/run"],
    "trace": ["trace", "program.py", "--out", "LOCKED/trace.svg"],
}  # fmt: skip
"""Commands that write: exit code 1."""
if find_spec("torch") is None or find_spec("transformers") is None:
    del WRITTEN["train"]  # it says first that these are missing

READ = {
    "leaderboard show": ["leaderboard", "show", "LOCKED/records"],
    "leaderboard check": ["leaderboard", "check", "LOCKED/records"],
    "leaderboard verify": ["leaderboard", "verify", "LOCKED/record.json", "--samples", "samples.jsonl"],
    "build, a folder": ["build", "LOCKED/raw", "--out", "new"],
    "build, a file": ["build", "LOCKED/raw.jsonl", "--out", "new"],
    "build, decisions": ["build", "--decisions", "LOCKED/decisions", "--out", "new"],
    "explain": ["explain", "LOCKED/build", "train/1"],
    "stats": ["stats", "LOCKED/build"],
    "overlap": ["overlap", "LOCKED/build"],
    "difficulty": ["difficulty", "LOCKED/build", "--keep", "0:1"],
    "difficulty, samples": ["difficulty", "BUILD", "--samples", "LOCKED/samples.jsonl"],
    "review list": ["review", "list", "LOCKED/build"],
    "review export": ["review", "export", "LOCKED/build", "new"],
    "evaluate": ["evaluate", "humaneval", "LOCKED/samples.jsonl"],
    "evaluate apps": ["evaluate", "apps", "samples.jsonl", "--data", "LOCKED/raw"],
    "evaluate apps+": ["evaluate", "apps+", "samples.jsonl", "--data", "LOCKED/build"],
    "evaluate --out": ["evaluate", "humaneval", "samples.jsonl", "--out", "LOCKED/results.jsonl"],
    "errors": ["errors", "LOCKED/results.jsonl"],
    "compare": ["compare", "LOCKED/a.jsonl", "LOCKED/b.jsonl"],
    "train plot": ["train", "plot", "LOCKED/run", "--out", "new.png"],
    "trace": ["trace", "LOCKED/program.py"],
}
"""Commands that read: exit code 2."""

RUN_ALL = """
import contextlib, io, json, sys
import typer
from apps_plus.cli import app
command, told = typer.main.get_command(app), []
for arguments in json.load(sys.stdin):
    err = io.StringIO()
    with contextlib.redirect_stderr(err), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = command.main(args=arguments, standalone_mode=False) or 0
        except SystemExit as error:
            code = error.code
        except BaseException as error:
            code = repr(error)
    told.append([code, err.getvalue()])
json.dump(told, sys.stdout)
"""


def obey_permissions() -> None:
    """Give up root's right to read everything; any other user has none."""
    if os.geteuid() == 0:
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def run_all(commands: list[list[str]], folder: Path) -> list[tuple[int | str, str]]:
    """Exit code and stderr of each command, all in one process that permissions bind."""
    result = subprocess.run(
        [sys.executable, "-c", RUN_ALL],
        input=json.dumps(commands),
        capture_output=True,
        text=True,
        cwd=folder,
        preexec_fn=obey_permissions,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    return [tuple(told) for told in json.loads(result.stdout)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sample_build) -> Path:
    """A folder with what the commands need, and ``locked``, which may not be searched."""
    folder = tmp_path_factory.mktemp("unreachable")
    (folder / "program.py").write_text("print(1)\n")
    (folder / "samples.jsonl").write_text('{"task_id": "HumanEval/0", "completion": "    return 1"}\n')
    decision = {"problem_id": "test/0000", "item_digest": "x", "action": "skip", "reviewer": "ada"}
    (folder / "build/decisions").mkdir(parents=True)
    (folder / "build/decisions/ada.jsonl").write_text(json.dumps({**decision, "time": "2026-01-02"}) + "\n")
    for path in sample_build.iterdir():
        if path.is_file():
            (folder / "build" / path.name).symlink_to(path)
    (folder / "locked/inner").mkdir(parents=True)
    (folder / "locked").chmod(0)
    yield folder
    (folder / "locked").chmod(0o700)


def concrete(arguments: list[str], locked: str) -> list[str]:
    record = next((Path(__file__).parents[2] / "leaderboards/results").rglob("measured*.json"))
    names = {"RECORD": str(record), "BUILD": "build"}
    return [names.get(argument, argument).replace("LOCKED", locked) for argument in arguments]


LONG = "x" * 300
"""No file's name may have so many bytes."""


@pytest.mark.parametrize("locked", ["locked", LONG], ids=["a folder that may not be searched", "too long a name"])
def test_what_cannot_be_looked_at_is_one_line(folder, locked):
    rights = subprocess.run(["ls", "locked/inner"], cwd=folder, preexec_fn=obey_permissions, capture_output=True)
    if rights.returncode == 0:
        pytest.skip("permissions do not bind this user")
    asked = [(f"{name} ({kind})", code, arguments) for kind, code, table in TABLES for name, arguments in table.items()]
    told = run_all([concrete(arguments, locked) for _, _, arguments in asked], folder)
    wrong = {
        name: (code, stderr)
        for (name, wanted, _), (code, stderr) in zip(asked, told, strict=True)
        if code != wanted or len(stderr.strip().splitlines()) != 1 or "[Errno" in stderr
    }
    assert not wrong


TABLES = (("writes", 1, WRITTEN), ("reads", 2, READ))


def exits_with(error: OSError, **parameters: object) -> int:
    def command(**parameters: object) -> None:
        raise error

    with pytest.raises(SystemExit) as exit_:
        report_errors(command)(**parameters)
    return exit_.value.code


@pytest.mark.parametrize("code", [errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ENOTDIR, errno.ELOOP])
@pytest.mark.parametrize("path", ["/there/out", "/there/out/in/it", "/there/.out.lock"])
def test_a_path_to_write_to_is_told_as_the_option_gave_it(code, path, capsys):
    assert exits_with(OSError(code, "no", path), out=Path("/there/out")) == 1
    assert capsys.readouterr().err.startswith("apps-plus: cannot write /there/out: no: ")


@pytest.mark.parametrize("path", ["/elsewhere", "/there/out2", b"/there/bytes"])
def test_another_path_is_one_to_read(path, capsys):
    assert exits_with(PermissionError(errno.EACCES, "no", path), out=Path("/there/out"), data=None) == 2
    assert f"cannot read {os.fsdecode(path)}: no: give a path" in capsys.readouterr().err


def test_an_error_of_another_kind_is_not_hidden():
    def command() -> None:
        raise FileNotFoundError(errno.ENOENT, "no", "/there")

    with pytest.raises(FileNotFoundError):
        report_errors(command)()
