"""Records of a file of samples: one for each sample, for files of any tool."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One text that a model wrote for one problem."""

    task_id: str
    """The problem's id in the file; empty if only ``prompt`` or ``place`` identifies it."""
    text: str
    """The model's text; empty if the file has none (see ``missing``)."""
    field: str
    """The kind of text, by the canonical name of its field: ``completion`` continues the prompt, ``solution`` and
    ``program`` are whole programs, ``response`` is an answer in any form, such as Markdown."""
    line: int
    """Line of the file, or number of the entry in a document or a folder; from 1."""
    sample_id: str = ""
    """The sample's number as the line gives it, or empty."""
    published: bool | None = None
    """The verdict in the file, over all tests if it has several."""
    published_base: bool | None = None
    """The verdict in the file on the base tests alone (EvalPlus)."""
    place: int | None = None
    """In files without ids: the position of the problem in its benchmark, from 0."""
    prompt: str = ""
    """The model's prompt, if the file has it."""
    missing: str = ""
    """The reason why there is no text: ``null``, or the error that the file has instead."""
    source: str = ""
    """The field of the file that held the text, if it is not ``field``."""


@dataclass(frozen=True, slots=True)
class SamplesRead:
    """The samples of a file, and how it was read."""

    samples: list[Sample]
    shape: str
    """The format of the file, in words."""
    notes: tuple[str, ...] = ()
    """Notes for people on how it was read."""


class NotASampleError(ValueError):
    """A row or document that cannot be read as samples; the message says why."""


class NoTextError(NotASampleError):
    """A row that names a problem but has no field with a text."""
