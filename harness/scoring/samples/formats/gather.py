"""Gather the samples of a file, entry by entry, with notes on how they were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from apps_plus.errors import InputError
from apps_plus.printable import one_line
from harness.scoring.samples.formats.lm_eval import filter_of, is_lm_eval_row
from harness.scoring.samples.formats.rows import read_row
from harness.scoring.samples.formats.texts import PROGRAM, Text, texts_of
from harness.scoring.samples.sample import NotASampleError, NoTextError, Sample, SamplesRead

EXAMPLE = '{"task_id": "HumanEval/0", "completion": "..."}'
_POSITIONS = "lists without ids"
_GENERIC = ("JSON lines", "a JSON array", "a parquet file")
"""Containers that do not identify the tool that wrote them."""


class Gathering:
    """Collects the samples of one file."""

    def __init__(self, where: Callable[[int], str], field: str | None = None) -> None:
        """Start without samples.

        Args:
            where: Describes the entry of a number, for messages.
            field: The field of a row that holds its text; None: detected.
        """
        self.where = where
        self.field = field
        self.samples: list[Sample] = []
        self.shapes: Counter[str] = Counter()
        self._no_samples: list[int] = []
        self._no_text: list[tuple[int, str, str]] = []
        self._filters: dict[str, str] = {}
        self._other_filters = self._empty_lists = 0
        self._other_fields: Counter[str] = Counter()

    def add(self, value: Any, number: int) -> None:
        """Add an entry: a row, or the texts of the problem at this position. Raises InputError."""
        if isinstance(value, Mapping):
            self._add_row(value, number)
            return
        texts = texts_of(value) if isinstance(value, (list, str)) or value is None else None
        if texts is None or (self.shapes and _POSITIONS not in self.shapes):
            raise InputError(f"{self.where(number)}: not a JSON object")
        self.shapes[_POSITIONS] += 1
        self._empty_lists += not texts
        self.samples += [_at_position(text, number) for text in texts]

    def _add_row(self, row: Mapping[str, Any], number: int) -> None:
        if _POSITIONS in self.shapes:
            raise InputError(f"{self.where(number)}: a JSON object among lists: a file has one kind of entries")
        if is_lm_eval_row(row) and self._is_of_another_filter(row):
            self._other_filters += 1
            return
        try:
            read = read_row(row, number, self.field)
        except NoTextError as fault:
            self._no_text.append((number, _id_of(row), str(fault)))
            return
        except NotASampleError as fault:
            raise InputError(f"{self.where(number)}: {fault}") from fault
        if read is None:
            self._no_samples.append(number)
            return
        self.shapes[read.shape] += 1
        self._empty_lists += not read.samples
        self.samples += read.samples
        self._other_fields.update(read.others)

    def _is_of_another_filter(self, row: Mapping[str, Any]) -> bool:
        document, name = filter_of(row)
        return self._filters.setdefault(document, name) != name

    def finish(self, name: str, container: str) -> SamplesRead:
        """Return all samples.

        Args:
            name: The name of the file, for messages.
            container: The format of the file, in words.

        Raises:
            InputError: There is no sample.
        """
        if not self.samples:
            if self._no_text:
                number, _, fault = self._no_text[0]
                raise InputError(f"{self.where(number)}: {one_line(fault, 200)}")
            if self._no_samples:
                raise InputError(f"{self.where(self._no_samples[0])}: no task_id")
            raise InputError(f"{name} holds no samples: a line looks like {EXAMPLE}")
        self._fill_in_missing()
        generic = container in _GENERIC and not self._is_plain()
        shape = f"{container}, {' and '.join(self.shapes)}" if generic else container
        return SamplesRead(self.samples, shape, tuple(self._notes(shape)))

    def _fill_in_missing(self) -> None:
        """Give rows without any text an empty sample, of the same kind as the others."""
        for number, task_id, _ in self._no_text:
            self.samples.append(Sample(task_id, "", "", number, missing="none of the fields is there"))
        kinds = Counter(sample.field for sample in self.samples if not sample.missing)
        usual = kinds.most_common(1)[0][0] if kinds else "completion"
        self.samples = [replace(s, field=usual, source="") if s.missing else s for s in self.samples]
        self.samples.sort(key=lambda sample: sample.line)

    def _is_plain(self) -> bool:
        return set(self.shapes) <= {"rows"}

    def _notes(self, shape: str) -> list[str]:
        notes = [] if self._is_plain() and shape == "JSON lines" else [f"read as {shape}"]
        if len(self.shapes) > 1:
            notes.append("the entries are of several kinds: " + _counted(self.shapes))
        fields = Counter((sample.source, sample.field) for sample in self.samples if sample.source)
        for (source, field), count in fields.items():
            notes.append(f"{count:,} samples: the text is in {source}, read {_AS[field]}")
        if self._other_filters:
            notes.append(
                f"{self._other_filters:,} lines left out: the same samples again, for another filter of lm-eval"
            )
        if self._other_fields and self.field is None:
            others = ", ".join(self._other_fields)
            notes.append(f"the rows also hold texts in {one_line(others, 100)}: --field chooses another")
        if self._no_samples:
            count, first = len(self._no_samples), self._no_samples[0]
            what = f"the first is number {first}" if count > 1 else f"number {first}"
            notes.append(f"entries left out, since they have no task_id and no text: {count:,} ({what})")
        if self._empty_lists:
            notes.append(f"{self._empty_lists:,} entries hold an empty list: no samples")
        missing = Counter(sample.missing for sample in self.samples if sample.missing)
        if missing:
            count, reasons = sum(missing.values()), one_line("; ".join(list(missing)[:3]), 120)
            notes.append(
                f"{count:,} of {len(self.samples):,} samples have no text ({reasons}): empty programs, which fail"
            )
        return notes


_AS = {
    "completion": "as a completion of the prompt",
    "program": "as a whole program",
    "solution": "as a whole program",
    "response": "as an answer",
}


def _at_position(text: Text, number: int) -> Sample:
    return Sample(
        "", text.text, text.kind or PROGRAM, number, place=number - 1, published=text.passed, missing=text.missing
    )


def _id_of(row: Mapping[str, Any]) -> str:
    from harness.scoring.samples.formats.ids import problem_name

    return problem_name(row).task_id


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items())
