"""The area below the tabs of an item: a pane, a list above it on two tabs, the statement beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from curation.review.solution_answers import tests_of
from curation.review.tui.diff_pane import diff_pane
from curation.review.tui.history_pane import history_pane
from curation.review.tui.item_view import ItemView, Tab
from curation.review.tui.row_list import RowList
from curation.review.tui.solutions_pane import solution_line, source_pane
from curation.review.tui.statement_pane import statement_pane
from curation.review.tui.tests_pane import test_line, test_pane
from curation.review_decisions import Decision

MIN_WIDTH_FOR_STATEMENT = 110
"""Width in cells from which the statement is shown beside the other tabs."""


class ItemBody(Horizontal):
    """Show the active tab and move within it; decisions and runs are done by the screen."""

    def __init__(self, view: ItemView) -> None:
        super().__init__(id="main")
        self.view = view
        self.tab = Tab.DIFF
        self.decisions: Sequence[Decision] = ()
        """All decisions about the item, for the tab History."""
        self.running = ""
        """A description of the running job, if any."""

    def compose(self) -> ComposeResult:
        """Create the list above the pane, and the statement beside both."""
        with Vertical(id="left"):
            yield RowList(id="list")
            with VerticalScroll(id="scroll", can_focus=False):
                yield Static(id="pane")
        with VerticalScroll(id="side", can_focus=False):
            yield Static(id="statement")

    @property
    def list(self) -> RowList:
        """The list of solutions or tests."""
        return self.query_one("#list", RowList)

    @property
    def pane(self) -> VerticalScroll:
        """The scrollable pane."""
        return self.query_one("#scroll", VerticalScroll)

    # ---- painting

    def show_tab(self, tab: Tab) -> None:
        """Switch to a tab, scrolled to its top; call ``paint`` after it."""
        self.tab = tab
        self.set_class(self._has_list, "with-list")
        self.pane.scroll_home(animate=False)
        self.query_one("#side", VerticalScroll).scroll_home(animate=False)
        self._fill_list()

    def show(self, view: ItemView, tab: Tab) -> None:
        """Switch to another view and tab; call ``paint`` after it."""
        self.view = view
        self.show_tab(tab)

    @property
    def _has_list(self) -> bool:
        return self.tab in (Tab.SOLUTIONS, Tab.TESTS)

    def _fill_list(self) -> None:
        """Fill the list of the tab (empty on tabs without one), and fit its height to its rows, at most 40%."""
        problem = self.view.problem
        if self.tab is Tab.SOLUTIONS:
            self.list.fill(problem.solutions, partial(solution_line, problem), self.view.solution)
        elif self.tab is Tab.TESTS:
            tests = tests_of(problem)
            rows = tuple(zip(range(len(tests)), tests.inputs, tests.outputs, strict=True))
            self.list.fill(rows, partial(test_line, problem), self.view.test)
        else:
            self.list.fill((), partial(solution_line, problem))
        self.list.styles.height = min(self.list.count, max(self.screen.size.height * 2 // 5 - 2, 3)) + 1

    def paint(self) -> None:
        """Update the pane and the statement from the current view."""
        beside = self.screen.size.width >= MIN_WIDTH_FOR_STATEMENT and self.tab is not Tab.STATEMENT
        if beside != self.has_class("with-statement"):
            self.set_class(beside, "with-statement")
            self.call_after_refresh(self.paint)  # the width of the pane has changed
        if beside:
            self.query_one("#statement", Static).update(statement_pane(self.view.problem))
        region = self.pane.scrollable_content_region
        self.query_one("#pane", Static).update(self._content(max(region.width - 2, 20), region.height))

    def _content(self, width: int, height: int) -> Content:
        if self.tab is Tab.DIFF:
            return diff_pane(self.view, width, self.running, height)
        if self.tab is Tab.STATEMENT:
            return statement_pane(self.view.problem)
        if self.tab is Tab.SOLUTIONS:
            return source_pane(self.view)
        if self.tab is Tab.TESTS:
            return test_pane(self.view, width)
        return history_pane(self.view.item, self.decisions)

    # ---- moving

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Show the row under the cursor in the pane; read it from the list, which may have been refilled since."""
        row = event.row_list.cursor
        if self.tab is Tab.SOLUTIONS:
            self.view = replace(self.view, solution=row)
        elif self.tab is Tab.TESTS and row != self.view.test:
            self.view = replace(self.view, test=row, answer_index=0, reruns=None)
        self.pane.scroll_home(animate=False)
        self.paint()

    def step_test(self, step: int) -> None:
        """Go to the next or the previous failing test."""
        self.view = self.view.step_test(step)
        if self.tab is Tab.TESTS:
            self.list.cursor = self.view.test
        elif self.tab is not Tab.DIFF:
            self.show_tab(Tab.DIFF)

    def step_solution(self, step: int) -> None:
        """Go to the next or previous answer on the tab Diff, or solution on any other tab."""
        if self.tab is Tab.DIFF:
            self.view = self.view.step_answer(step)
            return
        self.view = self.view.step_solution(step)
        if self.tab is not Tab.SOLUTIONS:
            self.show_tab(Tab.SOLUTIONS)
        self.list.cursor = self.view.solution

    def move(self, step: int) -> None:
        """Move by a row of the list, or by two lines of a pane without a list."""
        if self._has_list:
            self.list.move(step)
        else:
            self.pane.scroll_relative(y=2 * step, animate=False)

    def page(self, step: int) -> None:
        """Scroll the pane by a page."""
        if step > 0:
            self.pane.scroll_page_down(animate=False)
        else:
            self.pane.scroll_page_up(animate=False)
