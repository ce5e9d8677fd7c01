"""Formats of sample files, a module for each tool or container.

To read the files of another tool:

- Rows that differ only in the field that holds the text: add the field's name to ``FIELDS`` in ``fields.py``.
- Other rows: write ``<tool>.py`` with ``is_<tool>_row(row)`` and ``read_<tool>_row(row, number, field)``, and add both
  to ``ROW_READERS`` in ``readers.py``.
- A JSON document that holds rows in a new structure: add a function to ``documents.py`` and to ``DOCUMENT_READERS`` in
  ``readers.py``.
- Another container (an archive, a binary file): ``harness.scoring.samples.read_samples`` detects these by their first
  bytes.

Test it in ``tests/harness/scoring/samples/test_sample_formats.py``.
"""
