"""What is read from a file of samples: one record a sample, whatever tool wrote the file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sample:
    """One text that a model wrote for one problem."""

    task_id: str
    """As the file names the problem; empty where only ``prompt`` or ``place`` tells which it is."""
    text: str
    """What the model wrote; empty where the file has no text (see ``missing``)."""
    field: str
    """What kind of text it is, by the canonical name of its field: ``completion`` goes on where the prompt ends,
    ``solution`` and ``program`` are whole programs, ``response`` is an answer in any form, such as Markdown."""
    line: int
    """Of the file, or the number of the entry in a document or a folder; from 1."""
    sample_id: str = ""
    """What the line itself says that its number is, if it does."""
    published: bool | None = None
    """The verdict that the file brings along, over all tests where it has several."""
    published_base: bool | None = None
    """The same for the base tests alone (EvalPlus)."""
    place: int | None = None
    """Where the file has no ids: the position of the problem in its benchmark, from 0."""
    prompt: str = ""
    """What the model was asked, where the file says so."""
    missing: str = ""
    """Why there is no text, where there is none: ``null``, or the error that the file has in its place."""
    source: str = ""
    """The field of the file that the text stood in, where that is not ``field``."""


@dataclass(frozen=True, slots=True)
class SamplesRead:
    """A file of samples, and what was understood of it."""

    samples: list[Sample]
    shape: str
    """What kind of file it is, in words."""
    notes: tuple[str, ...] = ()
    """What a person should know of how it was read."""
