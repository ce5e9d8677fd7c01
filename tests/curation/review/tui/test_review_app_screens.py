"""The review app on small and colourless terminals, and with unusual statements and outputs."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from review_screens import SIX, Person, item, review, scenario, with_texts, write_build
from rich.cells import cell_len
from rich.segment import Segment

from apps_plus.problem import dump_json
from curation.records import VerifiedProblem
from curation.review.queue import Item
from curation.review.tui.app import theme_for
from curation.review.tui.diff_pane import diff_pane
from curation.review.tui.item_view import first_view


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the editor by a command that ends at once."""
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "true")


SIZES = [(80, 24), (60, 15), (140, 40)]
TABS = ("1", "2", "3", "4", "5")


async def every_screen(person: Person) -> list[str]:
    """Return the text of each screen and each dialog, on the item under the cursor."""
    shown = [person.screen()]
    await person.press("f")
    shown.append(person.screen())
    await person.press("escape", "enter")
    for tab in TABS:
        await person.press(tab)
        shown.append(person.screen())
    for window in ("x", "m", "g", "question_mark", "b"):
        await person.press(window)
        shown.append(person.screen())
        await person.press("escape")
    await person.press("e")
    shown.append(person.screen())
    await person.press("escape")
    shown.append(person.screen())
    await person.press("escape", "escape")
    return shown


def has_control_characters(text: str) -> bool:
    return re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text) is not None


@pytest.mark.parametrize("size", SIZES, ids=str)
@scenario
async def test_every_screen_fits_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with review(write_build(tmp_path / "build"), size=size) as person:
        for shown in await every_screen(person):
            lines = shown.splitlines()
            assert len(lines) <= size[1]
            assert max(map(cell_len, lines)) <= size[0]
        assert "? Keys" in person.screen()


@scenario
async def test_resizing_lays_everything_out_again(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build"), size=(140, 40)) as person:
        await person.press("enter")
        assert "Print twice the number." in person.screen(), "the statement is beside the diff"
        await person.until(lambda: bool(re.search(r"expected +│ answer A", person.screen())))
        await person.pilot.resize_terminal(80, 24)
        await person.until(lambda: "Print twice the number." not in person.screen())
        await person.until(
            lambda: bool(re.search(r"^   expected +│ answer A$", "\n".join(person.lines()), re.MULTILINE))
        )
        await person.pilot.resize_terminal(58, 24)
        await person.until(lambda: " + answer A" in person.lines())
        place = person.lines().index(" - 5")
        assert person.lines()[place : place + 4] == [" - 5", "   ^", " + 8", "   ^"], "lines alternate"
        await person.pilot.resize_terminal(140, 40)
        await person.sees("Print twice the number.")


@scenario
async def test_whatever_is_open_is_laid_out_anew_when_the_terminal_changes(tmp_path: Path) -> None:
    async with review(write_build(tmp_path / "build"), size=(100, 30)) as person:
        for keys, sign in (
            ([], "0 of 6 done"),
            (["f"], "enter choose"),
            (["question_mark"], "esc closes"),
            (["b"], "space in or out"),
            (["enter"], "? Keys"),
            (["m"], "Note on"),
            (["e"], "Use"),
        ):
            await person.press(*keys)
            for size in ((60, 15), (80, 24)):
                await person.pilot.resize_terminal(*size)
                await person.until(lambda size=size: len(person.lines()) == size[1])
                await person.sees(sign)
                assert max(map(cell_len, person.lines())) <= size[0]
            if keys not in ([], ["enter"]):
                await person.press("escape")


def colours(person: Person) -> set[str]:
    """Return every colour on the screen except the terminal's own two."""
    strips = person.app.screen._compositor.render_strips()
    styles = [segment.style for strip in strips for segment in strip if segment.style is not None]
    named = {colour.name for style in styles for colour in (style.color, style.bgcolor) if colour is not None}
    return named - {"default"}


@scenario
async def test_nothing_is_said_by_colour_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_build(tmp_path / "build")
    keys = ("home", "f", "escape", "enter", "3", "4", "x", "escape", "1")

    async def shown(person: Person) -> list[str]:
        return [(await person.press(key), person.screen())[1] for key in keys]

    async with review(folder) as person:
        coloured = await shown(person)
    monkeypatch.setenv("NO_COLOR", "1")
    async with review(folder) as person:
        assert await shown(person) == coloured
        lines = person.lines()
        place = next(n for n, line in enumerate(lines) if line.startswith(" ≠ 5"))
        assert lines[place + 1].split() == ["^", "│", "^"]
        assert "[1 Diff]" in lines[2]
        await person.press("ctrl+p")
        await person.sees("Apply the suggestion")
        marked = [s.text for strip in person.app.screen._compositor.render_strips() for s in strip if underlined(s)]
        assert "".join(marked).split()[:2] == ["Apply", "the"], "the command that enter would choose"


def underlined(segment: Segment) -> bool:
    return segment.style is not None and bool(segment.style.underline)


@scenario
async def test_no_color_leaves_the_terminal_its_own_colours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_build(tmp_path / "build")
    async with review(folder) as person:
        assert colours(person)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TEXTUAL_THEME", "nord")
    async with review(folder) as person:
        for keys in ((), ("f",), ("escape", "enter"), ("2",), ("3",), ("x",), ("escape", "e"), ("escape", "m")):
            await person.press(*keys)
            assert colours(person) == set(), keys


def test_the_theme_suits_the_terminal() -> None:
    assert theme_for({}) == "textual-dark"
    assert theme_for({"COLORFGBG": "15;0"}) == "textual-dark"
    assert theme_for({"COLORFGBG": "0;15"}) == "textual-light"
    assert theme_for({"COLORFGBG": "0;15", "TEXTUAL_THEME": "nord"}) == "nord"
    assert theme_for({"NO_COLOR": "1"}) == "ansi-dark"
    assert theme_for({"NO_COLOR": "1", "COLORFGBG": "0;15"}) == "ansi-light"


@scenario
async def test_ten_thousand_items(tmp_path: Path) -> None:
    folder = write_build(tmp_path / "build", [item("train/00000", sources={"0": "#" * 2_000})])
    line = (folder / "review.jsonl").read_text()
    (folder / "review.jsonl").write_text("".join(line.replace("train/00000", f"train/{n:05d}") for n in range(10_000)))
    async with review(folder) as person:
        assert "0 of 10,000 done · 10,000 open" in person.screen()
        await person.press("end")
        await person.sees("▶ open       train/09999")
        await person.press("home", "pagedown", "ctrl+d", "pageup", "ctrl+u", "g")
        await person.type("5000")
        await person.press("enter")
        await person.press("x", "enter")
        assert "train/05001" in person.lines()[0]
        await person.press("escape", "slash")
        await person.type("09998")
        await person.sees("1 shown")
        await person.sees("train/09998")
        assert len(re.findall(r"train/\d{5}", "\n".join(person.lines()[2:19]))) == 1


HOSTILE = "\x1b[2J\x1b]0;title\x07 \x08\x08 \r\x9b31m a\tb 你好，世界 \u202etxet e\u0301 \ud800 \u200b"


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
@scenario
async def test_control_and_wide_characters_stay_text(tmp_path: Path, size: tuple[int, int]) -> None:
    hostile = with_texts("train/0001", HOSTILE * 3, HOSTILE, f"{HOSTILE}\n{'界' * 100}", f"{HOSTILE}\n{'界' * 99}x")
    hostile = replace(
        hostile,
        difficulty="\x1b[31m",
        url=HOSTILE,
        starter_code=HOSTILE,
        sources=dict.fromkeys(hostile.sources, f"# {HOSTILE}\nprint('{HOSTILE}')\n"),
        suggestion=replace(hostile.suggestion, text=HOSTILE),
    )
    async with review(write_build(tmp_path / "build", [hostile]), size=size) as person:
        shown = await every_screen(person)
        await person.press("enter", "w")
        shown.append(person.screen())
        for text in shown:
            assert not has_control_characters(text.replace("\n", ""))
            assert max(map(cell_len, text.splitlines())) <= size[0]
        await person.press("1", "w")
        assert "\\x1b[2J" in person.screen()


@pytest.mark.parametrize("line_ends", [" ", "\n"])
@scenario
async def test_outputs_of_a_megabyte_are_cut_around_the_first_difference(tmp_path: Path, line_ends: str) -> None:
    same = f"7{line_ends}" * 400_000
    expected, said = f"{same}41{line_ends}{same}", f"{same}42{line_ends}{same}"
    problem = with_texts("train/0001", "Print a lot.", f"{same}\n", expected, said)
    async with review(write_build(tmp_path / "build", [problem])) as person:
        await person.press("enter")
        diff = person.screen()
        await person.press("w", "n", "s", "S", "down", "pagedown", "2", "4", "w")
        assert "[4 Tests]" in person.lines()[2]
        assert "41" in diff
        assert "42" in diff
        assert "^^" in diff
        assert re.search(r"\[\d{3},\d{3}\ (lines|characters)", diff)
        assert "above" in diff


@scenario
async def test_programs_that_print_a_megabyte_run_again_and_their_answer_is_taken(tmp_path: Path) -> None:
    sources = {"0": "input()\nprint('7 ' * 400000 + '42 ' + '7 ' * 400000)", "1": "print(1)", "2": "print(2)"}
    problem = replace(with_texts("train/0001", "Print a lot.", "4\n", "41", "?"), sources=sources)
    async with review(write_build(tmp_path / "build", [problem])) as person:
        await person.press("enter", "r")
        await person.sees("run again just now", "▶   1× A  7 7 7")
        await person.press("e", "ctrl+t")
        await person.sees("Solutions that pass: 0 before, 1 after")


@scenario
async def test_an_item_with_thousands_of_tests_and_hundreds_of_solutions(tmp_path: Path) -> None:
    problem = SIX[0]
    many = replace(
        problem,
        tests=dump_json({"inputs": ["3\n"] * 3000, "outputs": ["6\n"] * 3000}),
        solutions=tuple(
            replace(problem.solutions[0], index=n, failed_tests=tuple(range(0, 3000, 7))) for n in range(300)
        ),
        votes=tuple(replace(problem.votes[0], test=test) for test in range(0, 3000, 7)),
        suggestion=None,
    )
    async with review(write_build(tmp_path / "build", [many])) as person:
        await person.press("enter", "3", "s", "5", "n", "N", "N")
        assert "test 2996, 429 of 429 disputed" in person.screen()
        await person.press("4", "n")
        assert "test 0: input" in person.screen()


# ---- the statement, the input and the difference of the present test


def long_texts(problem_id: str) -> VerifiedProblem:
    """A problem with a long statement that allows several answers, a long input, and outputs that differ at line 31."""
    numbers = [str(number) for number in range(60)]
    others = [*numbers[:30], "x", *numbers[31:]]
    question = "Print the numbers. If there are multiple answers, print any of them. " + "More words follow. " * 80
    return with_texts(problem_id, question, "INPUT-0\n" + "7\n" * 60, "\n".join(numbers), "\n".join(others))


@pytest.mark.parametrize("size", [(80, 24), (120, 35), (200, 50)], ids=str)
@scenario
async def test_the_input_and_the_difference_are_on_the_screen_together_and_the_statement_is_one_key_away(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with review(write_build(tmp_path / "build", [long_texts("train/0001")]), size=size) as person:
        await person.press("enter")
        await person.sees("INPUT-0", "first difference: line 31, token 1")
        assert any(re.match(r" ≠ 30 +│ x", line) for line in person.lines())
        beside = "Print the numbers." in person.text()
        assert beside == (size[0] >= 110)
        if not beside:
            await person.press("2")
            assert "Print the numbers." in person.text()
            await person.press("1")


def test_a_pane_that_holds_everything_is_not_cut() -> None:
    view = first_view(Item(item("train/0001"), "", ()))
    assert diff_pane(view, 90, height=40).plain == diff_pane(view, 90).plain


@pytest.mark.parametrize("height", [9, 12, 16, 18, 25, 30])
def test_what_is_cut_fits_the_pane_and_says_so(height: int) -> None:
    view = first_view(Item(long_texts("train/0001"), "", ()))
    first, _, rest = diff_pane(view, 76, height=height).plain.partition("─ in full ")
    assert rest.rstrip("\n").endswith(diff_pane(view, 76).plain.rpartition("\n")[2])
    if height >= 16:
        assert len(first.rstrip("\n").splitlines()) <= height
    assert "^" in first
    assert "INPUT-0" in first
