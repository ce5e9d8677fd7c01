"""Write boards as Markdown, CSV and JSON. Pure functions from boards to text.

CSV and JSON hold shares of 1; Markdown is for people and holds percent.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from apps_plus.printable import one_line
from harness.scoring.result_record import CostFacts, Record
from leaderboards.assemble_boards import Sheet
from leaderboards.board import Board, BoardKey, Difference, Interval, Row
from leaderboards.board_notes import names_of, percent
from leaderboards.cost import EXPLANATION, solved_per_1000_tokens, solved_text, tokens_of, tokens_text
from leaderboards.score_difference import conclusion, how_compared
from leaderboards.scores import score_of

GROUPS = {
    "base": "Base models",
    "instruct": "Supervised fine-tuned models",
    "rl": "RL-based models",
    "rl-ablation": "Ablations",
}
"""Titles of the known groups, in the order of display; other groups follow under their own names. The first three are
those of StepCoder's table 1, shortened (RL: reinforcement learning); it has the ablations under the third."""
NO_GROUP = "Other models"
FORMULAS = ("=", "+", "-", "@")
"""First characters of a text that a spreadsheet reads as a formula."""
COLUMNS = (
    "dataset version split tier k rank rank_best rank_worst tied_with_best id model_id model group parameters licence "
    "released cutoff trained_on_apps base revision status value low high method n_problems samples temperature top_p "
    "date source where url warnings notes prompt_tokens completion_tokens reasoning_tokens tokens_per_sample "
    "solved_per_1000_tokens generation_seconds money currency"
).split()


# ---- texts that several formats share


def grouped(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Group rows by the titles of their groups: known groups first, rows without a group last."""
    places = [*GROUPS.values()]
    groups: dict[str, list[Row]] = {}
    for row in rows:
        name = row.record.model.group
        groups.setdefault(NO_GROUP if name is None else GROUPS.get(name, name), []).append(row)

    def place(title: str) -> tuple[bool, int, str]:
        return title == NO_GROUP, places.index(title) if title in places else len(places), title

    return {title: groups[title] for title in sorted(groups, key=place)}


def rank_text(row: Row) -> str:
    """Format the rank: ``3``, ``1-4`` where the data allow several ranks, ``-`` without a rank."""
    if row.rank is None or row.rank_range is None:
        return "-"
    low, high = row.rank_range
    return str(low) if low == high else f"{low}-{high}"


def size_text(record: Record) -> str:
    """Format the number of parameters: ``6.7B``, ``350M``; empty where unknown."""
    n = record.model.parameters
    if n is None:
        return ""
    for unit, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if n >= 0.9995 * unit:
            return f"{n / unit:.3g}{letter}"
    return f"{n:,.0f}"


def score_text(score: Interval | None) -> str:
    """Format a score in percent: ``36.1 [33.9,38.3]``. A narrow column breaks it at its only blank."""
    return "-" if score is None else f"{percent(score.value)} [{percent(score.low)},{percent(score.high)}]"


def status_text(record: Record) -> str:
    """Format the status: ``reported``, ``self-reported``, ``reproduced (164 of 164)`` with the verdicts that agreed.

    ``reproduced (33 of 33, in part: 33/164)`` if only 33 of the 164 samples ran again.
    """
    again, part = record.reproduction, part_text(record)
    in_part = f", in part: {part}" if part else ""
    more = f" ({again.agreed:,} of {again.samples:,}{in_part})" if again and record.status == "reproduced" else ""
    return record.status.replace("_", "-") + more


def part_text(record: Record) -> str:
    """Return ``33/164`` if 33 of the 164 samples of a reproduced record ran again; empty if all of them did."""
    again, samples = record.reproduction, record.samples
    if again is None or record.status != "reproduced" or (samples and again.samples == samples.count):
        return ""
    return f"{again.samples:,}/{samples.count:,}" if samples else f"{again.samples:,}/?"


def cost_heads(rows: Iterable[Row]) -> tuple[str, ...]:
    """Return the heads of the columns of cost; none if the tokens of no row are known."""
    return ("tokens", "solved/1k") if any(tokens_of(row.record) is not None for row in rows) else ()


def tier_text(tier: str) -> str:
    """Return a tier's name, or ``(no tier)``."""
    return tier or "(no tier)"


# ---- JSON


def as_json(sheets: Iterable[Sheet], faults: Sequence[str] = ()) -> dict[str, Any]:
    """Return all boards as a JSON object, without the outcomes of problems and the examples of failures."""
    return {
        "boards": [board_json(board) for sheet in sheets for board in sheet.boards.values()],
        "faults": list(faults),
    }


def board_json(board: Board) -> dict[str, Any]:
    """Return one board with its rows."""
    key = board.key
    return {
        "title": board.title,
        "dataset": key.dataset,
        "version": key.version or None,
        "split": key.split or None,
        "tier": board.tier,
        "k": board.k,
        "n_problems": board.n_problems,
        "remarks": list(board.notes),
        "rows": [row_json(row) for row in board.rows],
    }


def row_json(row: Row) -> dict[str, Any]:
    """Return one row with its record."""
    record = row.record.model_dump(
        mode="json", exclude_none=True, exclude={"problems": True, "failures": True, "dataset": {"days": True}}
    )
    why = {"unranked": row.unranked} if row.unranked else {}
    return {
        "rank": row.rank,
        "rank_range": list(row.rank_range) if row.rank_range else None,
        "tied_with_best": row.tied_with_best,
        "score": score_json(row.score),
        "warnings": list(row.warnings),
        **why,
        **({"tokens_per_sample": tokens} if (tokens := tokens_of(row.record)) is not None else {}),
        **({"solved_per_1000_tokens": solved} if (solved := solved_per_1000_tokens(row.record)) is not None else {}),
        "record": record,
    }


def difference_json(it: Difference) -> dict[str, Any]:
    """Return the comparison of two records; the difference is B minus A."""
    scores = {}
    for letter, record, common in zip("ab", (it.a, it.b), it.on_common or (None, None), strict=True):
        score = score_of(record, it.tier, it.k)
        scores[letter] = {"id": record.id, "model": record.model.title, "score": score and score_json(score)}
        if common is not None:
            scores[letter]["on_common_problems"] = score_json(common)
    return {
        **scores,
        "board": BoardKey.of(it.a).title,
        "tier": it.tier,
        "k": it.k,
        "b_minus_a": {"value": it.difference, "ci95": [it.low, it.high]},
        "p_value": it.p_value,
        "paired": it.paired,
        "n_problems": it.n_problems,
        "may_be_noise": it.is_noise,
        "conclusion": conclusion(it),
        "how": how_compared(it),
        "a_only": list(it.a_only),
        "b_only": list(it.b_only),
    }


def score_json(score: Interval) -> dict[str, Any]:
    """Return a score with its interval."""
    interval = [score.low, score.high]
    return {"value": score.value, "ci95": interval, "method": score.method, "n_problems": score.n_problems}


# ---- CSV


def as_csv(sheets: Iterable[Sheet]) -> str:
    """Return one line for each model, tier and k; unknown values are empty.

    A text that a spreadsheet would read as a formula gets an apostrophe in front; control characters are escaped.
    JSON has the texts unchanged.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for sheet in sheets:
        for board in sheet.boards.values():
            for row in board.rows:
                writer.writerow({name: inert(cell) for name, cell in _cells(board, row).items()})
    return text.getvalue()


def inert(cell: object) -> object:
    """Make a cell safe: no formula, no control characters."""
    if not isinstance(cell, str):
        return cell
    text = one_line(cell)
    return f"'{text}" if text.startswith(FORMULAS) else text


def _cells(board: Board, row: Row) -> dict[str, Any]:
    record, model, score, source = row.record, row.record.model, row.score, row.record.source
    low, high = row.rank_range or (None, None)
    return {
        **{"dataset": board.key.dataset, "version": board.key.version, "split": board.key.split},
        **{"tier": board.tier, "k": board.k, "rank": row.rank, "rank_best": low, "rank_worst": high},
        **{"tied_with_best": _yes_no(row.tied_with_best), "id": record.id, "model_id": model.id, "model": model.title},
        **{name: getattr(model, name) for name in ("group", "licence", "released", "cutoff", "base", "revision")},
        **{"parameters": model.parameters and f"{model.parameters:.0f}", "status": record.status.value},
        **{"trained_on_apps": _yes_no(model.trained_on_apps), "date": record.date},
        **{"value": score.value, "low": round(score.low, 6), "high": round(score.high, 6), "method": score.method},
        **{"n_problems": score.n_problems, "samples": record.generation.samples},
        **{"temperature": record.generation.temperature, "top_p": record.generation.top_p},
        **({"source": source.title, "where": source.where, "url": source.url} if source else {}),
        **{"warnings": "; ".join(row.warnings), "notes": " ".join(record.notes)},
        **(_cost_cells(record, record.cost) if record.cost else {}),
    }


def _cost_cells(record: Record, cost: CostFacts) -> dict[str, Any]:
    tokens, solved, money = cost.tokens_per_sample, solved_per_1000_tokens(record), cost.money
    return {
        **{name: getattr(cost, name) for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens")},
        **{"tokens_per_sample": None if tokens is None else round(tokens, 3)},
        **{"solved_per_1000_tokens": None if solved is None else round(solved, 6)},
        **{"generation_seconds": cost.seconds},
        **({"money": money.amount, "currency": money.currency} if money else {}),
    }


def _yes_no(known: bool | None) -> str | None:
    return None if known is None else "yes" if known else "no"


# ---- Markdown


def as_markdown(sheets: Iterable[Sheet]) -> str:
    """Return a section for each board and k: a table, and below it a list of notes and warnings."""
    return "\n".join(line for sheet in sheets for line in _markdown(sheet))


def _markdown(sheet: Sheet) -> Iterator[str]:
    board = sheet.main
    yield f"## {escape_markdown(board.title)}\n"
    yield "pass@k in percent, with 95% intervals; rank: the ranks that the data allow, with 95% confidence.\n"
    tiers = [escape_markdown(tier_text(tier)) for tier in sheet.boards]
    costs = list(cost_heads(board.rows))
    facts = {name: fact for name, fact in FACTS.items() if any(fact(row.record) for row in board.rows)}
    sources = ["source"] if any(row.record.source for row in board.rows) else []
    heads = ["rank", "model", *facts, "status", *tiers, *costs, *sources]
    yield _line(heads)
    yield _line([*["---"] * (3 + len(facts)), *["---:"] * (len(tiers) + len(costs)), *["---"] * len(sources)])
    for row in board.rows:
        yield _line(_markdown_cells(sheet, row, facts, bool(costs), bool(sources)))
    yield ""
    if costs:
        yield f"- {EXPLANATION}"
    names = names_of([row.record for row in board.rows])
    for note in board.notes:
        yield f"- {escape_markdown(note)}"
    for row in board.rows:
        for text in (*row.warnings, *row.record.notes):
            yield f"- {escape_markdown(names[row.record.id])}: {escape_markdown(text)}"
    yield ""


FACTS: Mapping[str, Callable[[Record], object]] = MappingProxyType(
    {
        "group": lambda record: record.model.group,
        "size": lambda record: size_text(record),
        "licence": lambda record: record.model.licence,
        "released": lambda record: record.model.released,
        "cut-off": lambda record: record.model.cutoff,
    }
)
"""Columns of facts about models; one that no row has is left out."""


def _markdown_cells(
    sheet: Sheet, row: Row, facts: Mapping[str, Callable[[Record], object]], with_cost: bool, with_source: bool
) -> list[str]:
    record, model = row.record, row.record.model
    title = f"{model.title} ({model.id})" if model.name and model.id not in model.name else model.title
    texts = [title, *(fact(record) for fact in facts.values()), status_text(record)]
    scores = [_score(sheet.row(record, tier)) for tier in sheet.boards]
    costs = [tokens_text(record), solved_text(record)] if with_cost else []
    source = record.source
    cited = "" if source is None else f"{_link(source.title, source.url)}, {escape_markdown(source.where)}"
    cells = [rank_text(row), *(escape_markdown(str(text or "")) for text in texts), *scores, *costs]
    return [*cells, cited] if with_source else cells


def _score(row: Row | None) -> str:
    text = score_text(row.score if row else None)
    return f"**{text}**" if row and row.rank == 1 else text


def _link(title: str, url: str | None) -> str:
    if url is None or not url.startswith(("https://", "http://")):
        return escape_markdown(title)
    target = "".join(c if c.isalnum() or c in "-._~:/?#@!$&*+,;=%" else f"%{ord(c):02X}" for c in url)
    return f"[{escape_markdown(title)}]({target})"


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def escape_markdown(text: str) -> str:
    """Escape a text for one cell of a Markdown table: no markup, no HTML, one line."""
    return "".join("\\" + c if c in "\\`*_[]<>|~#$&" else c for c in one_line(text))
