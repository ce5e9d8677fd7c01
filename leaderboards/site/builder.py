"""Write all pages of the site into a temporary folder, then replace the target folder with it.

A killed build leaves the old site as it was. Only a folder with the file ``MARKER`` is replaced.
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
from apps_plus.wording import plural
from harness.scoring.result_record import Record
from harness.scoring.result_record_files import dump_record
from leaderboards.board_notes import percent
from leaderboards.contamination import known
from leaderboards.cost import EXPLANATION, solved_text, tokens_text
from leaderboards.site import descriptions, pages, wording
from leaderboards.site.board_scores import all_board_scores
from leaderboards.site.charts import stacked_bar, whisker_bar
from leaderboards.site.naming import web_address
from leaderboards.site.pages import Site, make_site
from leaderboards.site.payload import board_payload, embedded, outcomes_script

if TYPE_CHECKING:
    from jinja2 import Environment

MARKER = ".apps-plus-site"
"""File that marks a folder as a generated site, which may be replaced."""
STATIC = (
    "site.css",
    "theme.js",
    "charts.js",
    "statistics.js",
    "problems.js",
    "window.js",
    "board.js",
    "compare.js",
)


def build_site(
    records: Sequence[Record], out: Path, title: str = "APPS+ leaderboard", unrank_contaminated: bool = False
) -> dict[str, Any]:
    """Write the site of the records. Return ``out`` and the numbers of pages and boards.

    Raises:
        InputError: There is no record, or ``out`` exists and is not a generated site.
        BusyError: Another process is writing it.
        OutputError: It cannot be written.
    """
    if not records:
        raise InputError("no records: make one at least with apps-plus evaluate --record")
    target = out.resolve()
    check_target(target, out)
    with lock(target.with_name(f".{target.name}.lock")):
        site = make_site(title, list(all_board_scores(records, unrank_contaminated)))
        n_pages = _write(target, out, _files(site))
    return {"out": str(out), "pages": n_pages, "boards": len(site.boards)}


def check_target(target: Path, out: Path) -> None:
    """Raise InputError unless the folder is absent, empty, or a generated site."""
    if target == Path(target.anchor) or (target.exists() and not target.is_dir()):
        raise InputError(f"--out {out} is not a folder that can be replaced: choose another path")
    if target.exists() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise InputError(f"{out} holds other files than a leaderboard site (no {MARKER}): choose a new or empty folder")


# ---- pages


def _files(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the path (relative to the site's root) and the text of every file."""
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
    """Make the Jinja environment: it escapes every text, but for the markup of charts and payload."""
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
    for function in _FILTERS:
        environment.filters[function.__name__] = function
    environment.filters["clean"] = printable
    environment.filters["cut"] = lambda cut: descriptions.cut_title(*cut)
    environment.filters["is_contaminated"] = lambda record: bool(known(record))
    environment.globals |= {
        "site": site,
        "version": apps_plus.__version__,
        "STATUSES": wording.STATUSES,
        "CATEGORIES": wording.CATEGORIES,
        "SIZES": descriptions.SIZES,
        "BEST": pages.BEST,
        "COST": EXPLANATION,
        "NONE": wording.NONE,
        "whisker_bar": whisker_bar,
        "stacked_bar": stacked_bar,
    }
    return environment


_FILTERS = (
    descriptions.categories_of,
    descriptions.settings,
    descriptions.tier_sizes,
    pages.group_summaries,
    web_address,
    wording.category_title,
    wording.group_title,
    wording.count,
    wording.interval,
    percent,
    plural,
    wording.rank_range,
    wording.size,
    wording.tier_title,
    solved_text,
    tokens_text,
)


# ---- the folder


def _write(target: Path, out: Path, files: Iterator[tuple[str, str]]) -> int:
    """Write the files into a temporary folder, replace the target with it, and return the number of pages."""
    beside, old = (target.with_name(f".{target.name}.{role}") for role in ("new", "old"))
    n_pages = 0
    try:
        for leftover in (beside, old):  # from a killed build
            if leftover.exists():
                shutil.rmtree(leftover)
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
