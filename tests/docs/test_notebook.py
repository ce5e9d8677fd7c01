"""The notebook, run as a reader would: all cells from top to bottom, in a new process and an empty folder.

The cell tagged ``install`` is left out, since the package under test is installed. What the text promises is looked for
in what the cells print.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parents[2] / "docs/notebooks/first_steps.ipynb"
CELLS = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
CODE = {cell["id"]: "".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "code"}
INSTALL = {cell["id"] for cell in CELLS if "install" in cell["metadata"].get("tags", ())}

RUNNER = """
import ast, contextlib, io, json, subprocess, sys

def shell(command):
    done = subprocess.run(command, shell=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    print(done.stdout)
    if done.returncode != 0:
        sys.exit(f"{command}: exit code {done.returncode}: {done.stderr}")

cells, namespace, printed = json.load(sys.stdin), {"__name__": "__main__", "shell": shell}, {}
for name, source in cells.items():
    with contextlib.redirect_stdout(io.StringIO()) as output:  # "single" displays the values of expressions
        exec(compile(ast.Interactive(ast.parse(source).body), name, "single"), namespace)
    printed[name] = output.getvalue()
json.dump(printed, sys.stdout)
"""


def as_python(source: str) -> str:
    """A cell with each line after ``!`` as a call of ``shell``."""
    return re.sub(r"^!(.*)$", lambda match: f"shell({match[1]!r})", source, flags=re.MULTILINE)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The output of each cell, with runs of blanks as one blank."""
    folder = tmp_path_factory.mktemp("notebook")
    cells = {name: as_python(source) for name, source in CODE.items() if name not in INSTALL}
    environment = os.environ | {"HF_HOME": str(folder / "hub"), "HF_HUB_OFFLINE": "1", "COLUMNS": "100"}
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps(cells),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return {name: " ".join(text.split()) for name, text in json.loads(done.stdout).items()}


def test_the_file_is_as_it_is_kept_in_a_repository() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    ids = [cell["id"] for cell in CELLS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name) for name in ids)
    for cell in CELLS:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]


def test_only_the_install_cell_has_a_magic() -> None:
    assert INSTALL == {name for name, source in CODE.items() if re.search("^%", source, re.MULTILINE)} == {"install"}


@pytest.mark.parametrize(
    ("cell", "promised", "found"),
    [
        ("machine", "*not ready*", ": ready"),
        ("build", "71 raw problems", "raw 30 28 13 71"),
        ("build", "47 are released", "released 20 16 11 47"),
        ("look", "21 of the 47", "train 5 5 11"),
        ("problem", "its 5 tests", "'NUNNUN\\n' -> '1\\n4\\n'"),
        ("explain", "dropped because its solutions are nondeterministic", "dropped: nondeterministic"),
        ("judge", "`passed` on all five tests", "right: passed passed passed passed passed wrong:"),
        ("judge", "the endless one gets `timeout`", "endless: timeout timeout timeout timeout timeout"),
        ("evaluate", "14 of the 21", "passed 14 (66.7)"),
        ("compare", "`theirs` 11", "passed 11 (52.4)"),
        ("compare", "this difference may be noise", "may be noise: the interval contains 0"),
        ("rows", "Each of the 21 rows", "features: ['messages'], num_rows: 21"),
    ],
)
def test_what_the_text_promises_comes_out(printed: dict[str, str], cell: str, promised: str, found: str) -> None:
    texts = " ".join("".join(part["source"]) for part in CELLS if part["cell_type"] == "markdown")
    assert promised in texts
    assert found in printed[cell]


def test_the_build_drops_and_leaves_as_many_as_the_text_says(printed: dict[str, str]) -> None:
    dropped, left = (
        sum(int(total) for total in re.findall(rf"{row}: \w+(?: (?:\d+|-)){{3}} (\d+)", printed["build"]))
        for row in ("dropped", "review")
    )
    assert (dropped, left) == (19, 5)


def test_the_wrong_program_passes_some_tests_and_not_others(printed: dict[str, str]) -> None:
    verdicts = re.search("wrong: (.*) endless:", printed["judge"])
    assert verdicts
    assert set(verdicts[1].split()) == {"passed", "wrong_answer"}


def test_the_interval_is_the_one_in_the_text(printed: dict[str, str]) -> None:
    interval = re.search(r"pass@1 .*?\[(\d+)\.\d,(\d+)\.\d\]", printed["evaluate"])
    assert interval
    assert f"anything from {interval[1]} to {interval[2]}" in json.dumps(CELLS)
