"""Writes the site: all pages into a folder beside the target, which then takes its place.

A killed build leaves the old site as it was. A folder that is not such a site is never touched; ``MARKER`` tells them
apart.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from apps_plus.errors import InputError
from apps_plus.printable import printable
from apps_plus.storage import lock, output_error
from harness.scoring.result_record import Record
from harness.scoring.result_record_files import dump_record
from leaderboards.board_notes import percent
from leaderboards.contamination import known
from leaderboards.site import facts, pages, wording
from leaderboards.site.charts import stacked_bar, whisker_bar
from leaderboards.site.naming import web_address
from leaderboards.site.pages import Site, make_site
from leaderboards.site.payload import board_payload, embedded, outcomes_script
from leaderboards.site.scoring import all_scores

if TYPE_CHECKING:
    from jinja2 import Environment

MARKER = ".apps-plus-site"
"""A folder with this file is a site that may be replaced."""
STATIC = ("site.css", "theme.js", "charts.js", "board.js", "compare.js")


def build_site(
    records: Sequence[Record], out: Path, title: str = "APPS+ leaderboard", unrank_contaminated: bool = False
) -> dict[str, Any]:
    """Write the site of the records, and say how many pages and boards it has.

    Raises:
        InputError: There is no record, or ``out`` exists and is not such a site.
        BusyError: Another process is writing it.
        OutputError: It cannot be written.
    """
    if not records:
        raise InputError("no records: a site needs one at least, such as apps-plus evaluate --record writes")
    target = out.resolve()
    check_target(target, out)
    with lock(target.with_name(f".{target.name}.lock")):
        site = make_site(title, list(all_scores(records, unrank_contaminated)))
        n_pages = _write(target, out, _files(site))
    return {"out": str(out), "pages": n_pages, "boards": len(site.boards)}


def check_target(target: Path, out: Path) -> None:
    """Raise InputError unless the folder is absent, empty, or a site that was made here."""
    if target == Path(target.anchor) or (target.exists() and not target.is_dir()):
        raise InputError(f"--out {out} is no folder that can be replaced: choose another path")
    if target.exists() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise InputError(
            f"{out} holds other things than a leaderboard site (no {MARKER} in it): choose a new or empty folder"
        )


# ---- pages


def _files(site: Site) -> Iterator[tuple[str, str]]:
    """The path from the site's root and the text of every file."""
    environment = _environment(site)
    yield MARKER, "Made by apps-plus leaderboard site. The next build replaces this folder and all that is in it.\n"
    for name in STATIC:
        yield f"static/{name}", (resources.files("leaderboards.site") / "static" / name).read_text("utf-8")
    yield "index.html", environment.get_template("index.html.j2").render(root="", page_title=site.title)
    board = environment.get_template("board.html.j2")
    for paged in site.boards:
        for page in paged:
            yield page.file, board.render(root="", page=page, payload=embedded(board_payload(page)))
    model = environment.get_template("model.html.j2")
    for model_page in site.models:
        yield model_page.file, model.render(root="../", page=model_page)
        for record, _, _ in model_page.records:
            yield f"records/{record.id}.json", dump_record(record)
            if record.problems:
                yield f"data/{record.id}.js", outcomes_script(record)


def _environment(site: Site) -> Environment:
    """Every text that a template prints is escaped, unless it is markup that charts or payload made."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    import apps_plus

    environment = Environment(
        loader=PackageLoader("leaderboards.site"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for function in (*_FILTERS, facts.settings, facts.categories_of, facts.tier_sizes, pages.group_summaries):
        environment.filters[function.__name__] = function
    environment.filters["clean"] = printable
    environment.filters["cut"] = lambda cut: facts.cut_title(*cut)
    environment.filters["is_contaminated"] = lambda record: bool(known(record))
    environment.globals |= {
        "site": site,
        "version": apps_plus.__version__,
        "STATUSES": wording.STATUSES,
        "CATEGORIES": wording.CATEGORIES,
        "SIZES": facts.SIZES,
        "BEST": pages.BEST,
        "NONE": wording.NONE,
        "whisker_bar": whisker_bar,
        "stacked_bar": stacked_bar,
    }
    return environment


_FILTERS = (
    web_address,
    wording.category_title,
    wording.group_title,
    wording.count,
    wording.interval,
    percent,
    wording.plural,
    wording.rank_range,
    wording.size,
    wording.tier_title,
)


# ---- the folder


def _write(target: Path, out: Path, files: Iterator[tuple[str, str]]) -> int:
    """Write the files beside the target and put them in its place; how many pages they are."""
    beside, old = (target.with_name(f".{target.name}.{role}") for role in ("new", "old"))
    n_pages = 0
    try:
        for left in (beside, old):  # of a build that was killed
            if left.exists():
                shutil.rmtree(left)
        for path, text in files:
            file = beside / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(text.encode("utf-8", "backslashreplace"))
            n_pages += path.endswith(".html")
        if target.exists():
            target.rename(old)
        beside.rename(target)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        if old.exists() and not target.exists():
            old.rename(target)
        raise output_error(out, error) from error
    return n_pages
