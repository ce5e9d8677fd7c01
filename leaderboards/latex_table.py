"""Write boards as LaTeX tables with booktabs' rules. Pure functions from boards to text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from apps_plus.printable import one_line
from harness.scoring.result_record import OVERALL
from leaderboards.assemble_boards import Sheet
from leaderboards.board import Row
from leaderboards.board_notes import CONTAMINATED, names_of, percent
from leaderboards.cost import EXPLANATION, solved_text, tokens_text
from leaderboards.table_formats import cost_heads, grouped, size_text, tier_text

HEAD = "% Needs \\usepackage{booktabs}; with pdfLaTeX also \\usepackage[T1]{fontenc}."
ON_OTHERS = "it was scored on fewer problems or on others"
COST = EXPLANATION.replace("tokens:", "Tokens:", 1).replace("solved/1k:", "Solved/1k:") + "."
DAGGER = "\\textsuperscript{$\\dagger$}"
ESCAPES = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "`": r"\textasciigrave{}",
    **{c: "\\" + c for c in "$&%#_{}"},
    **{c: f"{{{c}}}" for c in "[]*"},  # after the end of a row or a rule LaTeX would read them as options
}


def escape_latex(text: str) -> str:
    """Escape a text for LaTeX."""
    return "".join(ESCAPES.get(c, c) for c in one_line(text)).replace("--", "-{}-")


def as_latex(sheets: Iterable[Sheet]) -> str:
    """Return a table for each board and k.

    The best of each column is bold; scores that cannot be distinguished from it are underlined. Intervals are left out,
    as in papers; the caption explains the marks.
    """
    return "\n".join([HEAD, *(line for sheet in sheets for line in _table(sheet))]) + "\n"


def _table(sheet: Sheet) -> Iterator[str]:
    board = sheet.main
    costs = ["Tokens", "Solved/1k"] if cost_heads(board.rows) else []
    sizes = ["Size"] if any(size_text(row.record) for row in board.rows) else []
    heads = ["Model", *sizes, *(escape_latex(tier_text(tier).capitalize()) for tier in sheet.boards), *costs]
    yield "\\begin{table}[t]"
    yield "  \\centering"
    yield f"  \\caption{{{_caption(sheet)}}}"
    label = "".join(c if c.isascii() and c.isalnum() else "-" for c in f"{board.key.slug}-pass-at-{board.k}")
    yield f"  \\label{{tab:{label}}}"
    yield f"  \\begin{{tabular}}{{l{'r' * (len(heads) - 1)}}}"
    yield "    \\toprule"
    yield f"    {_line(heads)}"
    names = names_of([row.record for row in board.rows])
    groups = grouped(board.rows)
    for group, rows in groups.items():
        yield "    \\midrule"
        if len(groups) > 1:
            yield f"    \\multicolumn{{{len(heads)}}}{{l}}{{\\textit{{{escape_latex(group)}}}}} \\\\"
        for row in rows:
            scores = (_score(sheet.row(row.record, tier)) for tier in sheet.boards)
            name = escape_latex(names[row.record.id]) + (DAGGER if row.rank is None else "")
            cost = [tokens_text(row.record) or "--", solved_text(row.record) or "--"] if costs else []
            yield f"    {_line([name, *(size_text(row.record) for _ in sizes), *scores, *cost])}"
    yield "    \\bottomrule"
    yield "  \\end{tabular}"
    yield "\\end{table}"


def _caption(sheet: Sheet) -> str:
    board = sheet.main
    sizes = ", ".join(f"{tier_text(tier)}: {its.n_problems:,}" for tier, its in sheet.boards.items())
    reasons = {CONTAMINATED if row.unranked == CONTAMINATED else ON_OTHERS for row in board.rows if row.unranked}
    why = [reason for reason in (CONTAMINATED, ON_OTHERS) if reason in reasons]
    dagger = f" {DAGGER}: not ranked, since {' or '.join(why)}." if why else ""
    name = f"{board.key.title}{'' if board.tier == OVERALL else ', ' + tier_text(board.tier)}"
    cost = f" {COST}" if cost_heads(board.rows) else ""
    return (
        f"pass@{board.k} (\\%) on {escape_latex(name)}. Problems: {escape_latex(sizes)}. Bold: the best of a column; "
        f"underlined: its difference to the best may be noise (the 95\\% interval contains zero).{dagger}{cost}"
    )


def _score(row: Row | None) -> str:
    if row is None:
        return "--"
    text = percent(row.score.value)
    if row.rank == 1:
        return f"\\textbf{{{text}}}"
    return f"\\underline{{{text}}}" if row.tied_with_best else text


def _line(cells: Iterable[str]) -> str:
    return " & ".join(cells) + " \\\\"
