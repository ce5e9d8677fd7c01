"""One item: five tabs, one line that says what is suggested, and the keys that decide."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Static

from curation.decisions import Action, Decision
from curation.records import REASONS, Reason
from curation.review.dialogs import Ask, Choose
from curation.review.keys import bindings
from curation.review.laboratory import Finished, replies_on
from curation.review.page import Bench, CloseItem, Decide, OpenFix, OpenItem, Page
from curation.review.panes import (
    View,
    diff_pane,
    headline,
    history_pane,
    solution_line,
    source_pane,
    statement_pane,
    suggestion_line,
    test_line,
    test_pane,
    words_line,
)
from curation.review.queue import Item
from curation.review.row_list import RowList
from curation.review.voices import input_text, output_text, strongest_test, tests_of
from harness.sandbox import Sandbox

TABS = ("Diff", "Statement", "Solutions", "Tests", "History")
WITH_STATEMENT = 130
"""Cells from which on the statement stands beside the other tabs."""


class ItemScreen(Page):
    """The second screen."""

    NAME_IN_KEYMAP = "item"
    BINDINGS = bindings("item")

    def __init__(self, bench: Bench, problem_id: str) -> None:
        super().__init__(bench)
        self.tab = 0
        self._ticket = 0
        self._began = 0.0
        self._timer: Timer | None = None
        self.problem_id = problem_id
        self.view = self._look(problem_id)

    def _look(self, problem_id: str) -> View:
        item = self.desk.session.queue.item(problem_id)
        test = strongest_test(item.problem)
        vote = next((vote for vote in item.problem.votes if vote.test == test), None)
        first = vote.options[0].solutions[0] if vote else 0
        return View(item, test=test, solution=first)

    def compose(self) -> ComposeResult:
        """The head, the tabs, the pane (with a list over it on two of the tabs), the statement where there is room."""
        yield Static(id="head")
        yield Static(id="suggestion")
        yield Static(id="words")
        yield Static(id="tabs")
        with Horizontal(id="main"):
            with Vertical(id="left"):
                yield RowList(id="list")
                with VerticalScroll(id="scroll", can_focus=False):
                    yield Static(id="pane")
            with VerticalScroll(id="side", can_focus=False):
                yield Static(id="statement")
        yield from self.feet()

    def on_mount(self) -> None:
        """Show the first tab."""
        if self.stands:
            self.show_tab(0)

    def show(self, problem_id: str) -> None:
        """Show another item."""
        self.bench.laboratory.stop()
        self._ticket = 0
        self.problem_id, self.view = problem_id, self._look(problem_id)
        if self.stands:
            self.show_tab(0)

    @property
    def item(self) -> Item:
        """The item that is shown."""
        return self.view.item

    # ---- painting

    def show_tab(self, tab: int) -> None:
        """Show a tab from its top."""
        self.tab = tab % len(TABS)
        self.set_class(self.tab in (2, 3), "with-list")
        self.query_one("#scroll", VerticalScroll).scroll_home(animate=False)
        self.query_one("#side", VerticalScroll).scroll_home(animate=False)
        if self.tab == 2:
            count = len(self.item.problem.solutions)
            self._fill_list(count, self._draw_solution, self.view.solution)
        if self.tab == 3:
            self._fill_list(len(tests_of(self.item.problem)), self._draw_test(), self.view.test)
        self.paint()
        self.call_after_refresh(self.paint)

    def _fill_list(self, count: int, draw: Callable[[int, int], Content], cursor: int) -> None:
        """The list is no higher than it need be, and leaves the pane most of the screen."""
        self._list.styles.height = min(count, max(self.size.height * 2 // 5 - 2, 3)) + 1
        self._list.fill(count, draw, cursor)

    @property
    def _list(self) -> RowList:
        return self.query_one("#list", RowList)

    def _draw_solution(self, number: int, width: int) -> Content:
        return solution_line(self.view, self.item.problem.solutions[number], width)

    def _draw_test(self) -> Callable[[int, int], Content]:
        problem = self.item.problem
        tests = tests_of(problem)

        def draw(number: int, width: int) -> Content:
            shown = input_text(problem, tests.inputs[number]), output_text(problem, tests.outputs[number])
            return test_line(problem, number, shown, width)

        return draw

    def paint(self) -> None:
        """The head and the pane."""
        if not self.stands:
            return
        width = self.size.width
        row = self.desk.session.row(self.problem_id)
        place = f"{self.desk.place(self.problem_id) + 1:,} of {len(self.desk.visible):,}"
        note = self.desk.notes.get(self.problem_id, "")
        proposal = self.desk.session.suggested(self.problem_id)
        self.write("#head", headline(self.view, row, place, note, width - 2))
        self.write("#suggestion", suggestion_line(self.item, proposal is not None, width - 2))
        words = words_line(self.item, self.desk.session.history(self.problem_id), width - 2)
        self.query_one("#words").display = bool(words)
        self.write("#words", words)
        self.write("#tabs", tab_line(self.tab))
        beside = width >= WITH_STATEMENT and self.tab != 1
        if beside != self.has_class("with-statement"):
            self.set_class(beside, "with-statement")
            self.call_after_refresh(self.paint)  # the pane has another width now
        if beside:
            self.write("#statement", statement_pane(self.item.problem))
        self.write("#pane", self._pane(max(self.query_one("#scroll").scrollable_content_region.width - 2, 20)))

    def _pane(self, width: int) -> Content:
        if self.tab == 0:
            return diff_pane(self.view, width, self._progress())
        if self.tab == 1:
            return statement_pane(self.item.problem)
        if self.tab == 2:
            return source_pane(self.view)
        if self.tab == 3:
            return test_pane(self.view, width)
        return history_pane(self.item, self.desk.session.history(self.problem_id))

    def _progress(self) -> str:
        if not self._ticket:
            return ""
        count = sum(result.same_as is None for result in self.item.problem.solutions)
        return f"running {count} solutions on test {self.view.test} ... {time.monotonic() - self._began:.0f} s"

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """The pane shows what the cursor stands on."""
        if self.tab == 2:
            self.view = replace(self.view, solution=event.row)
        elif self.tab == 3 and event.row != self.view.test:
            self.view = replace(self.view, test=event.row, voice=0, replies=None)
        self.query_one("#scroll", VerticalScroll).scroll_home(animate=False)
        self.paint()

    # ---- looking around

    def action_next_test(self, step: int = 1) -> None:
        """The next failing test."""
        self.view = self.view.step_test(step)
        if self.tab not in (0, 3):
            self.show_tab(0)
        elif self.tab == 3:
            self._list.cursor = self.view.test
        self.paint()

    def action_previous_test(self) -> None:
        """The failing test before."""
        self.action_next_test(-1)

    def action_next_solution(self, step: int = 1) -> None:
        """The next answer on the tab Diff, the next solution on any other."""
        if self.tab == 0:
            self.view = self.view.step_voice(step)
            heard = self.view.heard()
            self.view = replace(self.view, solution=heard.solutions[0]) if heard else self.view
        else:
            self.view = self.view.step_solution(step)
            if self.tab != 2:
                self.show_tab(2)
            self._list.cursor = self.view.solution
        self.paint()

    def action_previous_solution(self) -> None:
        """The answer or solution before."""
        self.action_next_solution(-1)

    def action_whitespace(self) -> None:
        """Show white space, or hide it."""
        self.view = replace(self.view, whitespace=not self.view.whitespace)
        self.paint()

    def action_run_again(self) -> None:
        """Run every solution on this test, and show what they say now."""
        item, test, limits = self.item, self.view.test, self.bench.limits

        def job(sandbox: Sandbox) -> object:
            return replies_on(sandbox, item, test, limits)

        self.bench.laboratory.stop()
        self._ticket = self.bench.laboratory.run(job, self)
        self._began = time.monotonic()
        if self._timer is None:
            self._timer = self.set_interval(1.0, self._tick)
        self.show_tab(0)

    def _tick(self) -> None:
        if self._ticket and self.tab == 0:
            self.paint()

    def on_finished(self, event: Finished) -> None:
        """The solutions have run."""
        if event.ticket != self._ticket:
            return
        self._ticket = 0
        if event.error:
            self.say(event.error, is_error=True)
        else:
            self.view = replace(self.view, replies=event.answer, voice=0)
            self.say(f"every solution has run again on test {self.view.test}")
        self.paint()

    def action_next_tab(self) -> None:
        """The next tab."""
        self.show_tab(self.tab + 1)

    def action_previous_tab(self) -> None:
        """The tab before."""
        self.show_tab(self.tab - 1)

    def action_tab_1(self) -> None:
        """Diff."""
        self.show_tab(0)

    def action_tab_2(self) -> None:
        """Statement."""
        self.show_tab(1)

    def action_tab_3(self) -> None:
        """Solutions."""
        self.show_tab(2)

    def action_tab_4(self) -> None:
        """Tests."""
        self.show_tab(3)

    def action_tab_5(self) -> None:
        """History."""
        self.show_tab(4)

    def action_scroll_down(self) -> None:
        """Down a line; on a tab with a list, the next of it."""
        self._scroll(1)

    def action_scroll_up(self) -> None:
        """Up a line."""
        self._scroll(-1)

    def _scroll(self, step: int) -> None:
        if self.tab in (2, 3):
            self._list.move(step)
        else:
            self.query_one("#scroll", VerticalScroll).scroll_relative(y=2 * step, animate=False)

    def action_page_down(self) -> None:
        """Down a page."""
        self.query_one("#scroll", VerticalScroll).scroll_page_down(animate=False)

    def action_page_up(self) -> None:
        """Up a page."""
        self.query_one("#scroll", VerticalScroll).scroll_page_up(animate=False)

    def action_next_item(self, step: int = 1) -> None:
        """The next item of the queue."""
        wanted = self.desk.step(self.problem_id, step)
        if wanted is None:
            self.say("this is the last item" if step > 0 else "this is the first item")
        else:
            self.post_message(OpenItem(wanted))

    def action_previous_item(self) -> None:
        """The item before."""
        self.action_next_item(-1)

    def action_close(self) -> None:
        """Back to the queue."""
        self.bench.laboratory.stop()
        self.post_message(CloseItem())

    # ---- deciding

    def action_apply(self) -> None:
        """Apply what is suggested: a drop at once, a correction after a trial."""
        proposal = self.desk.session.suggested(self.problem_id)
        if proposal is None:
            self.say("nothing can be applied as it is suggested: decide with y, x, e or c", is_error=True)
        elif proposal.action is Action.CORRECT:
            self.desk.drafts[self.problem_id] = proposal.changes
            self._fix()
        else:
            self.post_message(Decide(self.problem_id, proposal.action, proposal.reason))

    def _fix(self, begin: str = "") -> None:
        heard = self.view.heard()
        answer = heard.output if heard is not None else None
        self.post_message(OpenFix(self.problem_id, self.view.test, begin, answer))

    def action_keep(self) -> None:
        """Keep it as it is."""
        self.post_message(Decide(self.problem_id, Action.KEEP))

    def action_drop(self) -> None:
        """Drop it, for a reason."""

        def done(reason: str | None) -> None:
            if reason is not None:
                self.post_message(Decide(self.problem_id, Action.DROP, reason))

        options = [(str(reason), f"{reason:<20} {REASONS[reason].partition(';')[0]}") for reason in _likely(self.item)]
        self.app.push_screen(Choose(f"Drop {self.problem_id}: why?", options), done)

    def action_edit(self) -> None:
        """Edit the expected output of this test."""
        self._fix("edit")

    def action_comparison(self) -> None:
        """Choose the comparison."""
        self._fix("comparison")

    def action_canonical(self) -> None:
        """Choose the canonical solution."""
        self._fix("canonical")

    def action_flag(self) -> None:
        """Ask for a second reviewer."""
        self.post_message(Decide(self.problem_id, Action.FLAG))

    def action_skip(self) -> None:
        """No opinion."""
        self.post_message(Decide(self.problem_id, Action.SKIP))

    def action_note(self) -> None:
        """Write a note."""
        ask_for_note(self, self.problem_id)


def ask_for_note(page: Page, problem_id: str) -> None:
    """Ask for the note that goes with an item's decision."""

    def done(text: str | None) -> None:
        if text is None:
            return
        page.desk.notes.pop(problem_id, None)
        if text.strip():
            page.desk.notes[problem_id] = text.strip()
            page.say("the note goes with your next decision on this item")
        page.paint()

    page.app.push_screen(Ask(f"Note on {problem_id}", page.desk.notes.get(problem_id, "")), done)


def _likely(item: Item) -> list[Reason]:
    """Every reason, the item's own first, then those that a reviewer may find."""
    own = [Reason(reason) for reason in item.reasons if reason in set(Reason)]
    return list(dict.fromkeys([*own, Reason.MULTIPLE_OUTPUTS, Reason.OUTPUT_MISMATCH, *Reason]))


def tab_line(active: int) -> Content:
    """The names of the tabs; the one that is shown stands in brackets."""
    parts = []
    for number, name in enumerate(TABS):
        text = f"[{number + 1} {name}]" if number == active else f" {number + 1} {name} "
        parts.append(Content.styled(text, "bold reverse" if number == active else "dim"))
    return Content(" ").join(parts)


def last_word(decision: Decision) -> str:
    """A decision in a few words, for the line that speaks."""
    told = f"{decision.action}{f' ({decision.reason})' if decision.reason else ''}"
    return f"{decision.problem_id}: {told}" + (", with a note" if decision.note else "")
