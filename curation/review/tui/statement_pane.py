"""The tab Statement: the text, with the sentences that allow several answers marked. Pure functions."""

from __future__ import annotations

from textual.content import Content

from apps_plus.printable import one_line
from curation.records import VerifiedProblem
from curation.review.solution_answers import permissive_sentences
from curation.review.tui.text_layout import bold, printable_text

STATEMENT_CHARACTERS = 60_000
"""Longer statements are cut off here."""


def statement_pane(problem: VerifiedProblem) -> Content:
    """Return the statement; sentences that allow several answers, or any order, are quoted first and marked."""
    question = problem.question[:STATEMENT_CHARACTERS]
    parts: list[Content] = []
    places = permissive_sentences(question)
    parts += [line.append("\n") for line in permissive_lines(question)]
    parts += [Content("\n")] if places else []
    end = 0
    for start, stop in places:
        parts += [
            Content(printable_text(question[end:start])),
            Content.styled(f"»{printable_text(question[start:stop])}«", "bold reverse"),
        ]
        end = stop
    parts.append(Content(printable_text(question[end:])))
    if len(problem.question) > len(question):
        parts.append(Content(f"\n[{len(problem.question) - len(question):,} characters more not shown]"))
    if problem.starter_code.strip():
        parts += [bold("\n\nstarter code\n"), Content(printable_text(problem.starter_code))]
    if problem.url:
        parts.append(Content.styled(f"\n\n{one_line(problem.url)}", "$text-muted"))
    return Content("").join(parts)


def permissive_lines(question: str) -> list[Content]:
    """Quote the first two sentences of the statement that allow several answers, or any order."""
    places = permissive_sentences(question[:STATEMENT_CHARACTERS])
    sentences = list(dict.fromkeys(one_line(question[start:stop], 300) for start, stop in places))
    return [Content.styled(f"★ the statement says: »{sentence}«", "$text-accent") for sentence in sentences[:2]]
