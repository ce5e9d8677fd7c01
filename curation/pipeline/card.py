"""Write the dataset card: the funnel from raw to released, the splits, and how to rebuild it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from apps_plus.storage import write_atomically
from curation.generated_tests.strengthened import LEFT_ALONE
from curation.records import REASONS, Reason
from curation.stats import PUBLISHED_COUNTS, percent, strength_rows


def write_card(path: Path, manifest: dict[str, Any]) -> None:
    """Write the card of a build from its manifest, also of an earlier version's. Raises OutputError."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    manifest = {**manifest, "decisions": {"shipped": None, **manifest["decisions"]}}

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
        manifest=manifest,
        counts=counts,
        reasons=reasons | overlap_reason(manifest.get("overlap"), reasons),
        published=PUBLISHED_COUNTS,
        left_alone=LEFT_ALONE,
        overlap_options=overlap_options(manifest.get("overlap")),
        strength=counts.get("strength"),
        strength_rows=strength_rows(counts.get("strength")),
        percent=percent,
    )
    with write_atomically(path) as file:
        file.write(text)


def overlap_options(overlap: dict[str, Any] | None) -> str:
    """Return the options ``--drop-overlap`` and ``--overlap-with`` of a build, for the command that repeats it."""
    if overlap is None:
        return ""
    names = [benchmark["benchmark"] for benchmark in overlap["benchmarks"]]
    benchmarks = "".join(f" --overlap-with {name if name == 'humaneval' else f'{name}=FILE'}" for name in names)
    return f" --drop-overlap {overlap['above']}{benchmarks}"


def overlap_reason(overlap: dict[str, Any] | None, reasons: dict[str, str]) -> dict[str, str]:
    """Return the wider meaning of ``contaminated`` in a build with ``--drop-overlap``."""
    code = str(Reason.CONTAMINATED)
    if overlap is None or code not in reasons:
        return {}
    above = f"(above {overlap['above']})"
    shared = [
        f"it shares too {what} {above} with those of {', '.join(names)}"
        for what, names in (
            ("many lines", _compared(overlap, "programs")),
            ("much of its statement", _compared(overlap, "statements")),
        )
        if names
    ]
    return {code: ", or ".join([reasons[code], *shared])}


def _compared(overlap: dict[str, Any], what: str) -> list[str]:
    return [b["benchmark"] for b in overlap["benchmarks"] if b.get("compared", "programs") == what]
