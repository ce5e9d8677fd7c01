"""The queue: every item that waits for a person, with a filter, a search and a line that says how far it is."""

from __future__ import annotations

from dataclasses import replace

from rich.cells import cell_len
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from apps_plus.printable import one_line
from curation.review.queue import QueueRow, State
from curation.review.tui.dialogs import Ask, Choose
from curation.review.tui.keys import bindings
from curation.review.tui.page import Bench, OpenItem, Page
from curation.review.tui.row_list import RowList
from curation.review.tui.texts import fit
from curation.review.worklist import Filter

_KINDS = {"expected_output": "correct", "comparison": "compare", "drop": "drop", "look": "look"}
_SHORT = {"introductory": "intro", "interview": "interv", "competition": "compet"}
SIGNS = {State.OPEN: " ", State.DONE: "✓", State.STALE: "~", State.DISAGREEMENT: "≠", State.FLAGGED: "!"}
"""Before the word, so that states can be told at a glance without colour."""


def columns(width: int, id_width: int = 10) -> list[tuple[str, int]]:
    """The columns of the list and their widths; the last takes what is left."""
    wide = width >= 96
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
    """What a row says in each column."""
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
    """One line of the list."""
    told = cells(row)
    if width < 96:
        told["tier"] = _SHORT.get(row.tier, row.tier)
    style = "dim" if row.state is State.DONE else ""
    parts = [fit(one_line(told[name]), size) for name, size in columns(width, id_width)]
    return Content.styled(" ".join(parts), style)


def header_text(width: int, id_width: int = 10) -> Content:
    """The names of the columns."""
    return Content.styled("  " + " ".join(fit(name, size) for name, size in columns(width, id_width)), "bold underline")


class QueueScreen(Page):
    """The first screen."""

    NAME_IN_KEYMAP = "queue"
    BINDINGS = bindings("queue")

    def __init__(self, bench: Bench) -> None:
        super().__init__(bench)
        self._id_width = min(max((cell_len(i) for i in self.desk.session.queue.ids), default=8), 18)

    def compose(self) -> ComposeResult:
        """Progress, the list, what there is to know of the row under the cursor."""
        yield Static(id="progress")
        yield Static(id="columns")
        yield RowList(id="queue")
        yield Static(id="detail")
        yield from self.feet()

    def on_mount(self) -> None:
        """The cursor begins on the first item that waits."""
        first = next((row.problem_id for row in self.desk.visible if self.desk.waits(row)), "")
        self.show_rows(first)
        if self.desk.session.read_only:
            self.say(f"read only, nothing can be decided: {self.desk.session.read_only}", is_error=True)

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one("#queue", RowList)

    @property
    def current(self) -> QueueRow | None:
        """The row under the cursor."""
        visible = self.desk.visible
        return visible[min(self.rows.cursor, len(visible) - 1)] if visible else None

    def show_rows(self, problem_id: str = "") -> None:
        """Fill the list anew, with the cursor on an item."""
        visible = self.desk.visible
        place = self.desk.place(problem_id) if problem_id else 0
        self.rows.fill(visible, lambda row, width: row_text(row, width, self._id_width), place)
        self.paint()

    def paint(self) -> None:
        """The lines around the list."""
        if not self.stands:
            return
        width = self.size.width
        told = self.desk.filter.told()
        shown = f"  ({len(self.desk.visible):,} shown: {one_line(told)})" if told else ""
        progress = self.desk.progress().told(width - len(shown) - 2)
        self.write("#progress", Content.assemble((f" {progress}", "bold"), (shown, "$text-accent")))
        self.write("#columns", header_text(width - 2, self._id_width))
        self.write("#detail", self._detail(width - 2))

    def _detail(self, width: int) -> Content:
        row = self.current
        if row is None:
            empty = (
                "Nothing here: esc clears the filter."
                if self.desk.rows
                else "No problem waits for review in this build."
            )
            return Content(empty)
        who = f"{row.state} by {', '.join(row.reviewers)}" if row.reviewers else f"{row.state}"
        facts = " · ".join([row.problem_id, row.tier or "no tier", ", ".join(row.reasons), who])
        note = self.desk.notes.get(row.problem_id)
        lines = [fit(one_line(facts), width), fit(one_line(row.suggestion_text), width)]
        if note:
            lines[0] = fit(one_line(f"{facts} · your note: {note}"), width)
        return Content("\n".join(lines))

    def on_row_list_moved(self, _: RowList.Moved) -> None:
        """Tell of the row under the cursor."""
        self.paint()

    def on_row_list_chosen(self, _: RowList.Chosen) -> None:
        """A click opens."""
        self.action_open()

    # ---- keys

    def action_open(self) -> None:
        """Open the item."""
        if self.current is not None:
            self.post_message(OpenItem(self.current.problem_id))

    def action_move(self, step: int) -> None:
        """Down or up by so many rows."""
        self.rows.move(step)

    def action_page(self, step: int) -> None:
        """A page down, or up."""
        self.rows.move(step * max(self.rows.size.height - 1, 1))

    def action_first(self) -> None:
        """To the top."""
        self.rows.cursor = 0

    def action_last(self) -> None:
        """To the end."""
        self.rows.cursor = self.rows.count

    def action_next_open(self) -> None:
        """To the next item that waits."""
        found = self.desk.next_open(self.current.problem_id) if self.current is not None else None
        if found is None:
            self.say("no other item here waits for you")
        else:
            self.rows.cursor = self.desk.place(found)

    def action_search(self) -> None:
        """Search while it is typed."""
        before = self.desk.filter

        def done(text: str | None) -> None:
            self.narrow(before if text is None else replace(before, text=text.strip()))

        typed = lambda text: self.narrow(replace(before, text=text.strip()))  # noqa: E731
        hint = "id, words of the statement, a reviewer"
        self.app.push_screen(Ask("Search (enter keeps it, esc leaves it)", before.text, hint, typed), done)

    def action_filter(self) -> None:
        """Choose what is shown."""
        choices = self.desk.choices()
        options = [("", f"{'everything':<28}{len(self.desk.rows):>6,}")]
        for field, value, count in choices:
            chosen = "x" if getattr(self.desk.filter, field) == value else " "
            options.append((f"{field}={value}", f"[{chosen}] {field:<8}{one_line(value) or '(none)':<17}{count:>6,}"))
        self.app.push_screen(Choose("Show only (a second choice narrows it further)", options), self._toggle)

    def _toggle(self, choice: str | None) -> None:
        if choice is None:
            return
        if not choice:
            self.narrow(Filter())
            return
        field, _, value = choice.partition("=")
        now = getattr(self.desk.filter, field)
        self.narrow(replace(self.desk.filter, **{field: "" if now == value else value}))

    def action_clear(self) -> None:
        """Show everything."""
        self.narrow(Filter())

    def narrow(self, wanted: Filter) -> None:
        """Show the rows that a filter lets through; the cursor stays on its item where that is among them."""
        current = self.current
        self.desk.show(wanted)
        self.show_rows(current.problem_id if current else "")
