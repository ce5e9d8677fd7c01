"""The tab Statement: the text, with the sentences that allow several answers pointed out. Pure functions."""

from __future__ import annotations

from textual.content import Content

from apps_plus.printable import one_line
from curation.records import VerifiedProblem
from curation.review.solution_answers import telling_sentences
from curation.review.tui.texts import bold, shown

STATEMENT_CHARACTERS = 60_000
"""Of a longer statement the beginning is shown."""


def statement_pane(problem: VerifiedProblem) -> Content:
    """The statement; sentences that allow several answers, or any order, are reversed and announced."""
    question = problem.question[:STATEMENT_CHARACTERS]
    parts: list[Content] = []
    places = telling_sentences(question)
    parts += [line.append("\n") for line in said_lines(question)]
    parts += [Content("\n")] if places else []
    end = 0
    for start, stop in places:
        parts += [
            Content(shown(question[end:start])),
            Content.styled(f"»{shown(question[start:stop])}«", "bold reverse"),
        ]
        end = stop
    parts.append(Content(shown(question[end:])))
    if len(problem.question) > len(question):
        parts.append(Content(f"\n[{len(problem.question) - len(question):,} characters more not shown]"))
    if problem.starter_code.strip():
        parts += [bold("\n\nstarter code\n"), Content(shown(problem.starter_code))]
    if problem.url:
        parts.append(Content.styled(f"\n\n{one_line(problem.url)}", "dim"))
    return Content("").join(parts)


def said_lines(question: str) -> list[Content]:
    """What the statement says about several answers, quoted; the tab Statement shows where."""
    places = telling_sentences(question[:STATEMENT_CHARACTERS])
    told = list(dict.fromkeys(one_line(question[start:stop], 300) for start, stop in places))
    return [Content.styled(f"★ the statement says: »{sentence}«", "$text-accent") for sentence in told[:2]]
