"""The screen of the queue: every item to review, a filter, a search, and the progress."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from apps_plus.printable import one_line
from curation.review.queue import QueueRow, State
from curation.review.tui.base_screen import ReviewScreen, ScreenContext
from curation.review.tui.dialogs import ChoiceDialog, InputDialog
from curation.review.tui.keys import bindings
from curation.review.tui.messages import OpenItem
from curation.review.tui.row_list import RowList
from curation.review.tui.text_layout import fit, fold_words
from curation.review.worklist import RowFilter

_KINDS = {"expected_output": "correct", "comparison": "compare", "drop": "drop", "look": "look"}
_SHORT = {"introductory": "intro", "interview": "inter", "competition": "comp", State.DISAGREEMENT: "disagree"}
"""Tiers, in the abbreviations of papers' tables, and states, where the columns are narrow."""
_WIDE = 96
"""Width in cells from which nothing is abbreviated."""
SIGNS = {State.OPEN: " ", State.DONE: "✓", State.STALE: "~", State.DISAGREEMENT: "≠", State.FLAGGED: "!"}
"""Shown before the word, to recognise states without colour."""


def columns(width: int, id_width: int = 10) -> list[tuple[str, int]]:
    """Return the columns of the list and their widths; the last takes the rest."""
    wide = width >= _WIDE
    names = [("state", 14 if wide else 10), ("id", id_width), ("tier", 12 if wide else 6), ("votes", 6)]
    if width >= 72:
        names += [("reason", 16), ("suggests", 8)]
    else:
        names += [("suggests", 8)]
    if width >= 120:
        names += [("reviewers", 16)]
    used = sum(size + 1 for _, size in names)
    return [*names, ("statement", max(width - used, 4))]


def cells(row: QueueRow) -> dict[str, str]:
    """Return the text of a row in each column."""
    return {
        "state": f"{SIGNS[row.state]} {row.state}",
        "id": row.problem_id,
        "tier": row.tier,
        "votes": row.votes,
        "reason": ", ".join(row.reasons),
        "suggests": _KINDS.get(row.suggestion, row.suggestion),
        "reviewers": ", ".join(row.reviewers),
        "statement": ("✎ " if row.has_note else "") + row.title,
    }


def row_text(row: QueueRow, width: int, id_width: int = 10) -> Content:
    """Return one line of the list."""
    texts = cells(row)
    if width < _WIDE:
        texts["tier"] = _SHORT.get(row.tier, row.tier)
        texts["state"] = f"{SIGNS[row.state]} {_SHORT.get(row.state, row.state)}"
    style = "$text-muted" if row.state is State.DONE else ""
    parts = [fit(one_line(texts[name]), size) for name, size in columns(width, id_width)]
    return Content.styled(" ".join(parts), style)


def header_text(width: int, id_width: int = 10) -> Content:
    """Return the line with the names of the columns."""
    return Content.styled("  " + " ".join(fit(name, size) for name, size in columns(width, id_width)), "bold underline")


def detail_rows(height: int) -> int:
    """Return how many of a screen's rows the details of one item take: more on a higher screen."""
    return max(2, min(height // 6, 4))


class QueueScreen(ReviewScreen):
    """The first screen: the list of items."""

    NAME_IN_KEYMAP = "queue"
    BINDINGS = bindings("queue")

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self._id_width = min(max((cell_len(i) for i in self.worklist.session.queue.ids), default=8), 18)

    def compose(self) -> ComposeResult:
        """Create the progress line, the list, and the details of the row under the cursor."""
        yield Static(id="progress")
        yield Static(id="columns")
        yield RowList(id="queue")
        yield Static(id="detail")
        yield from self.compose_footer()

    def on_mount(self) -> None:
        """Put the cursor on the first item that needs a decision."""
        first = next((row.problem_id for row in self.worklist.visible if self.worklist.needs_decision(row)), "")
        self.show_rows(first)
        if self.worklist.session.read_only:
            self.show_message(f"read-only, no decision can be saved: {self.worklist.session.read_only}", is_error=True)

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one("#queue", RowList)

    @property
    def current(self) -> QueueRow | None:
        """The row under the cursor; None in an empty list."""
        visible = self.worklist.visible
        return visible[min(self.rows.cursor, len(visible) - 1)] if visible else None

    def show_rows(self, problem_id: str = "") -> None:
        """Fill the list with the visible rows, and put the cursor on an item."""
        visible = self.worklist.visible
        place = self.worklist.position(problem_id) if problem_id else 0
        self.rows.fill(visible, lambda row, width: row_text(row, width, self._id_width), place)
        self.paint()

    def paint(self) -> None:
        """Update the lines around the list."""
        if not self.is_laid_out:
            return
        width = self.size.width
        filtered = self.worklist.filter.describe()
        shown = f"  ({len(self.worklist.visible):,} shown: {one_line(filtered)})" if filtered else ""
        who = f"{self.worklist.session.reviewer}, {self.worklist.left():,} left"
        progress = self.worklist.progress().describe(width - len(shown) - cell_len(who) - 5)
        parts = ((f" {progress}", "bold"), (f" · {one_line(who)}", "bold"), (shown, "$text-accent"))
        self.write("#progress", Content.assemble(*parts))
        self.write("#columns", header_text(width - 2, self._id_width))
        self.query_one("#detail").styles.height = detail_rows(self.size.height)
        self.write("#detail", self._detail(width - 2))

    def _detail(self, width: int) -> Content:
        row = self.current
        if row is None:
            empty = (
                "No item matches the filter: esc clears it."
                if self.worklist.rows
                else "No problem of this build needs review."
            )
            return Content(empty)
        who = f"{row.state} by {', '.join(row.reviewers)}" if row.reviewers else f"{row.state}"
        facts = " · ".join([row.problem_id, row.tier or "no tier", ", ".join(row.reasons), who])
        note = self.worklist.notes.get(row.problem_id)
        above = Content(fit(one_line(facts + (f" · your note: {note}" if note else "")), width))
        rows = detail_rows(self.size.height) - 1
        return Content("\n").join([above, fold_words(Content(one_line(row.suggestion_text)), width, rows)])

    def on_row_list_moved(self, _: RowList.Moved) -> None:
        """Show the details of the row under the cursor."""
        self.paint()

    def on_row_list_chosen(self, _: RowList.Chosen) -> None:
        """Open the item, after a click."""
        self.action_open()

    # ---- keys

    def action_open(self) -> None:
        """Open the item under the cursor."""
        if self.current is not None:
            self.post_message(OpenItem(self.current.problem_id))

    def action_move(self, step: int) -> None:
        """Move the cursor by rows."""
        self.rows.move(step)

    def action_page(self, step: int) -> None:
        """Move the cursor by a page."""
        self.rows.move(step * max(self.rows.size.height - 1, 1))

    def action_first(self) -> None:
        """Go to the first item."""
        self.rows.cursor = 0

    def action_last(self) -> None:
        """Go to the last item."""
        self.rows.cursor = self.rows.count

    def action_next_open(self) -> None:
        """Go to the next item that needs my decision."""
        found = self.worklist.next_open(self.current.problem_id) if self.current is not None else None
        if found is None:
            self.show_message("no other item here needs your decision")
        else:
            self.rows.cursor = self.worklist.position(found)

    def action_search(self) -> None:
        """Search while the text is typed."""
        before = self.worklist.filter

        def done(text: str | None) -> None:
            self.apply_filter(before if text is None else replace(before, text=text.strip()))

        typed = lambda text: self.apply_filter(replace(before, text=text.strip()))  # noqa: E731
        hint = "id, words of the title, a reason, a reviewer"
        self.app.push_screen(
            InputDialog("Search (enter keeps the search, esc cancels it)", before.text, hint, typed), done
        )

    def action_filter(self) -> None:
        """Choose a filter."""
        choices = self.worklist.filter_choices()
        options = [("", f"{'all items':<29}{len(self.worklist.rows):>6,}")]
        for field, value, count in choices:
            chosen = "x" if getattr(self.worklist.filter, field) == value else " "
            options.append((f"{field}={value}", f"[{chosen}] {field:<8}{one_line(value) or '(none)':<17}{count:>6,}"))
        self.app.push_screen(
            ChoiceDialog("Show only (filters combine; choose one again to remove it)", options), self._toggle
        )

    def _toggle(self, choice: str | None) -> None:
        if choice is None:
            return
        if not choice:
            self.apply_filter(RowFilter())
            return
        field, _, value = choice.partition("=")
        now = getattr(self.worklist.filter, field)
        self.apply_filter(replace(self.worklist.filter, **{field: "" if now == value else value}))

    def action_clear(self) -> None:
        """Clear the search and the filter."""
        self.apply_filter(RowFilter())

    def apply_filter(self, row_filter: RowFilter) -> None:
        """Show the rows that a filter accepts; the cursor stays on its item if that is visible."""
        current = self.current
        self.worklist.apply_filter(row_filter)
        self.show_rows(current.problem_id if current else "")
