"""``apps-plus trace``: its picture, its JSON, and its messages for invalid input."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import apps_plus.cli
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from apps_plus.storage import write_json_lines

PROGRAM = """\
n = int(input())
if n == 1:
    print("one")
elif n == 2:
    1 / 0
else:
    # whatever is left
    while n: pass
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    for n in range(4):
        (tmp_path / str(n)).write_text(f"{n}\n")
    return path


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """The folder of a build with two problems."""
    common: dict[str, Any] = {
        "question": "Invented.",
        "starter_code": "",
        "conditionals": (),
        "difficulty": "interview",
    }
    common |= {"comparison": Comparison.EXACT, "url": ""}
    double = "n = int(input())\nif n < 0:\n    print('?')\nelse:\n    print(2 * n)\n"
    problems = [
        Problem(
            "test/0000",
            entry_point=None,
            tests=UnitTests(("1\n", "2\n"), ("2\n", "4\n")),
            canonical_solution=double,
            **common,
        ),
        Problem(
            "test/0001",
            entry_point="f",
            tests=UnitTests(([1], [2]), (1, 2)),
            canonical_solution="def f(x):\n    return x\n",
            **common,
        ),
    ]
    folder = tmp_path / "build"
    folder.mkdir()
    for split in ("train", "validation"):
        (folder / f"{split}.jsonl").touch()
    write_json_lines(folder / "test.jsonl", (problem.to_row() for problem in problems))
    (folder / "manifest.json").write_text("{}")
    return folder


def run(*arguments: object, given: str | bytes | None = None) -> Result:
    return CliRunner().invoke(apps_plus.cli.app, ["trace", *map(str, arguments)], input=given)


def data(*arguments: object, given: str | None = None) -> dict[str, Any]:
    result = run(*arguments, "--json", given=given)
    assert result.exit_code == 0, result.output
    read: dict[str, Any] = json.loads(result.stdout)
    return read


# --- a program -----------------------------------------------------------------------------------------------------


def test_the_data_of_a_program(program: Path, tmp_path: Path) -> None:
    told = data(program, "--input", tmp_path / "1", "--input", tmp_path / "2")
    assert (told["executable"], told["executed"], told["missed"]) == ([1, 2, 3, 4, 5, 6, 8], [1, 2, 3, 4, 5], [6, 8])
    assert told["runs_of_lines"] == {"1": 2, "2": 2, "3": 1, "4": 1, "5": 1}
    assert [(c["kind"], c["start_line"]) for c in told["conditionals"]] == [("if", 2), ("elif", 4), ("while", 8)]
    assert [(r["name"], r["ended"], r["executed"]) for r in told["runs"]] == [
        ("1", "finished", [1, 2, 3]),
        ("2", "exception", [1, 2, 4, 5]),
    ]
    assert (told["runs"][1]["exception"], told["runs"][1]["line"]) == ("ZeroDivisionError", 5)
    assert told["source"] == PROGRAM
    assert "rlimits" in told["sandbox"]["layers"]


def test_what_a_person_sees(program: Path, tmp_path: Path) -> None:
    result = run(program, "--input", tmp_path / "1", "--input", tmp_path / "2")
    assert result.exit_code == 0
    shown = [line.rstrip() for line in result.stdout.splitlines()]
    assert "5 of 7 lines of code ran, 2 did not  |  1 x finished  |  1 x exception" in shown
    assert "2 2/2 ◆ ▌ if n == 1:" in shown
    assert "5 1/2   ✗     1 / 0" in shown
    assert "6 0/2   ░ else:" in shown
    assert "7             # whatever is left" in shown
    assert any(line.startswith("2  exception  ZeroDivisionError: division by zero (line 5)") for line in shown)


def test_standard_input_is_an_input(program: Path) -> None:
    assert data(program, "--input", "-", given="1\n")["executed"] == [1, 2, 3]


def test_without_an_input_there_is_one_empty_run(program: Path) -> None:
    told = data(program)
    assert (told["executed"], told["runs"][0]["exception"]) == ([1], "EOFError")


def test_a_timeout_shows_what_ran(program: Path, tmp_path: Path) -> None:
    told = data(program, "--input", tmp_path / "3", "--timeout", 0.1)
    assert (told["runs"][0]["ended"], told["executed"]) == ("timeout", [1, 2, 4, 6, 8])


def test_a_function(tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("class Solution:\n    def f(self, a, b):\n        return a + b\n")
    (tmp_path / "in").write_text("[1, 2]")
    told = data(tmp_path / "f.py", "--entry-point", "f", "--input", tmp_path / "in")
    assert (told["runs"][0]["result"], told["executed"]) == ("3", [1, 2, 3])


def test_a_program_that_does_not_compile_is_shown_with_its_error(tmp_path: Path) -> None:
    (tmp_path / "bad.py").write_text("x = 1\nif x\n    y\n")
    result = run(tmp_path / "bad.py")
    assert result.exit_code == 0
    assert "it does not compile" in result.stdout
    assert "SyntaxError: expected ':'" in result.stdout
    assert "2  ✗ if x" in re.sub(" +(?=✗)", "  ", result.stdout)
    told = data(tmp_path / "bad.py")
    assert (told["executable"], told["executed"], told["missed"], told["runs"][0]["line"]) == (None, None, None, 2)


@pytest.mark.parametrize(
    "source", ["", "\n\n", "# nothing\n", "\ufeffx = 1\r\ny = 2\r\n", "x = '[bold]'\nprint(x)", "\tx"]
)
def test_programs_of_odd_shapes(source: str, tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_bytes(source.encode())
    result = run(tmp_path / "odd.py", "--out", tmp_path / "odd.svg")
    assert result.exit_code == 0
    assert "odd.py" in result.stdout
    assert (tmp_path / "odd.svg").stat().st_size


def test_control_characters_do_not_reach_the_terminal_or_the_picture(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_text(
        "x = '\x1b[31m\x07'\nprint(x, '\\x1b]0;title\\x07\\r\\x9b')\nraise ValueError(x)\n"
    )
    for arguments in (("--out", tmp_path / "p.svg"), ("--out", tmp_path / "p.html")):
        result = run(tmp_path / "odd.py", *arguments)
        assert result.exit_code == 0
        for text in (result.stdout, *(Path(path).read_text() for path in arguments[1:])):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text)
            assert "\\x1b" in text


# --- a problem -----------------------------------------------------------------------------------------------------


def test_the_canonical_solution_of_a_problem_on_its_tests(build: Path) -> None:
    told = data(build, "test/0")
    assert (told["executed"], told["missed"]) == ([1, 2, 4, 5], [3])
    assert [(r["name"], r["verdict"]) for r in told["runs"]] == [("test 1", "passed"), ("test 2", "passed")]
    assert "2 x passed" in run(build, "1").stdout


def test_another_program_on_the_tests_of_a_problem(build: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("n = int(input())\nif n == 1:\n    print(2)\nelse:\n    1 / 0\n")
    told = data(build, "0", "--program", tmp_path / "mine.py")
    assert [r["verdict"] for r in told["runs"]] == ["passed", "runtime_error"]
    assert told["program"] == "mine.py on test/0000"


# --- pictures ------------------------------------------------------------------------------------------------------


def test_a_picture_is_whole_and_needs_nothing_from_elsewhere(program: Path, tmp_path: Path) -> None:
    written = []
    for name in ("a.svg", "b.svg", "c.html"):
        result = run(program, "--input", tmp_path / "1", "--out", tmp_path / name)
        assert (result.exit_code, result.stderr) == (0, f"picture written to {tmp_path / name}\n")
        written.append((tmp_path / name).read_text())
    assert written[0] == written[1]
    texts = "".join(xml.etree.ElementTree.fromstring(written[0]).itertext())
    for text in (texts.replace("\xa0", " "), written[2]):
        assert "3 of 7 lines of code ran" in text
        assert "one" in text
    for text in written:
        assert not re.search(r"@font-face|<script|<link|src=|url\(http", text)


# --- bad input -----------------------------------------------------------------------------------------------------

BAD = {
    "no such program": (["nowhere.py"], 2, "cannot read nowhere.py"),
    "a program that is not UTF-8": (["latin.py"], 2, "latin.py is not UTF-8 (byte 5)"),
    "no such input": (["p.py", "--input", "nowhere"], 2, "cannot read nowhere"),
    "an input that is not UTF-8": (["p.py", "--input", "latin.py"], 2, "latin.py is not UTF-8"),
    "an input that is a folder": (["p.py", "--input", "."], 2, "cannot read ."),
    "arguments that are not JSON": (["p.py", "--entry-point", "f", "--input", "p.py"], 2, "p.py is not JSON"),
    "arguments that are no list": (["p.py", "--entry-point", "f", "--input", "one"], 2, "not a JSON list"),
    "standard input twice": (["p.py", "--input", "-", "--input", "-"], 2, "given once"),
    "a picture of an unknown kind": (["p.py", "--out", "x.gif"], 2, "--out must end in .svg or .html"),
    "a picture without a kind": (["p.py", "--out", "x"], 2, "--out must end in .svg or .html"),
    "a picture that cannot be written": (["p.py", "--out", "one/x.svg"], 1, "cannot write one"),
    "a limit that is none": (["p.py", "--timeout", "0"], 2, "--timeout"),
    "a problem of a program": (["p.py", "0"], 2, "p.py is not"),
    "a program of a program": (["p.py", "--program", "p.py"], 2, "p.py is not"),
    "a build without a problem": (["build"], 2, "name one of its problems"),
    "an input of a problem": (["build", "0", "--input", "one"], 2, "has its own tests"),
    "no such problem": (["build", "77"], 2, "no problem 77"),
    "no such program for a problem": (["build", "0", "--program", "nowhere.py"], 2, "cannot read nowhere.py"),
    "a folder that is no build": (["empty", "0"], 2, "is not a build"),
}


@pytest.mark.parametrize("arguments, exit_code, told", BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_clear_line(
    arguments: list[str], exit_code: int, told: str, tmp_path: Path, build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text("print(1)\n")
    Path("latin.py").write_bytes(b"x = '\xe9'\n")
    Path("one").write_text("1")
    Path("empty").mkdir()
    result = run(*arguments)
    assert (result.exit_code, told in result.stderr) == (exit_code, True), result.output
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
