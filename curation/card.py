"""Writes the dataset card: the funnel from raw to released, the splits, and how to rebuild it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps_plus.storage import write_atomically
from curation.records import REASONS, Reason
from curation.stats import PUBLISHED_COUNTS


def write_card(path: Path, manifest: dict[str, Any]) -> None:
    """Write the card of a build from its manifest. Raises OutputError."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("curation"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - Markdown, written for its reader
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    counts = manifest["counts"]
    reasons = {code: REASONS[Reason(code)] for code in [*counts["dropped"], *counts["needs_review"]]}
    text = environment.get_template("card.md.j2").render(
        manifest=manifest, counts=counts, reasons=reasons, published=PUBLISHED_COUNTS
    )
    with write_atomically(path) as file:
        file.write(text)
