"""Build the pages of this folder as a site, with Sphinx: ``make docs``.

The help of every command is written from the code, the Python interface from the docstrings. Links to files of the
repository that are no pages of the site become links to the repository, if ``APPS_PLUS_REPOSITORY`` names one.
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE / "tools"), str(HERE.parent)]

from generated_pages import COPIES, write_pages  # noqa: E402

import apps_plus  # noqa: E402

project = "apps-plus"
author = "The apps-plus authors"
copyright = author
version = release = apps_plus.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx_copybutton"]
exclude_patterns = ["tools", "_build"]
source_suffix = {".md": "markdown"}
html_theme = "furo"
html_title = f"apps-plus {release}"
html_copy_source = False
highlight_language = "text"  # of blocks that name none: most are shell commands

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["misc.highlighting_failure"]
copybutton_prompt_text = r"\$ "
copybutton_prompt_is_regexp = True

autodoc_default_options = {"members": True, "member-order": "bysource", "undoc-members": False}
autodoc_typehints = "signature"
autodoc_mock_imports = ["torch", "transformers", "accelerate", "peft", "trl"]

REPOSITORY = os.environ.get("APPS_PLUS_REPOSITORY", "").rstrip("/")
LINK = re.compile(r"\[([^\]]*)\]\(((?:\.\./)+[^)\s#]+)(#[^)\s]*)?\)")


def point_to_the_repository(app: Any, name: str, source: list[str]) -> None:
    """Replace links that leave the folder: by the repository's, or by their text if there is no repository."""
    folder = (HERE / name).parent

    def replace(match: re.Match[str]) -> str:
        text, path, anchor = match[1], match[2], match[3] or ""
        target = (folder / path).resolve()
        if target.is_relative_to(HERE):
            return match[0]
        if not target.exists():
            raise ValueError(f"{name}: {path} does not exist")
        inside = target.relative_to(HERE.parent).as_posix()
        if inside in COPIES:
            return f"[{text}]({os.path.relpath(HERE / 'reference/made' / COPIES[inside], folder)}{anchor})"
        return f"[{text}]({REPOSITORY}/blob/main/{inside}{anchor})" if REPOSITORY else f"{text} (`{inside}`)"

    source[0] = LINK.sub(replace, source[0])


def read_sections(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Turn the sections of a docstring (Args, Raises) into fields.

    Napoleon as an extension takes an attribute's docstring up to its first colon for a type; here it reads functions,
    classes and modules only.
    """
    from sphinx.ext.napoleon import Config, GoogleDocstring

    if what not in ("attribute", "data", "property"):
        lines[:] = str(GoogleDocstring(list(lines), Config(), app, what, name, obj, options)).split("\n")


def setup(app: Any) -> None:
    """Write the pages that are made from the code, before Sphinx looks for pages."""
    write_pages(HERE)
    app.connect("autodoc-process-docstring", read_sections)
    app.connect("source-read", point_to_the_repository)
