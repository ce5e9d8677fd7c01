"""Record what commands print, as SVG pictures for the README: ``python docs/tools/record_terminals.py [NAME...]``.

Every picture is the output of the real program on the bundled sample, made in a temporary folder. The samples that are
scored are the first two raw solutions of each released problem, as if a model had written them. ``make pictures`` makes
all.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs/images"
COLUMNS = 100
FONTS = "'DejaVu Sans Mono', Menlo, Consolas, monospace"
SAMPLE = ROOT / "apps_plus/sample"

COMMANDS = {
    "build": "apps-plus build --out my-apps-plus",
    "explain": "apps-plus explain my-apps-plus test/0000",
    "score": "apps-plus evaluate apps+ samples.jsonl --data my-apps-plus --split all",
    "rank": "apps-plus leaderboard show --dataset apps+",
    "train": "apps-plus train tiny --dry-run",
}
"""Command of each recorded terminal, in the order in which they run; ``review`` is a picture of the screen."""

GREY, RED, GREEN, YELLOW = (72, 79, 88), (255, 123, 114), (126, 231, 135), (242, 204, 96)
BLUE, MAGENTA, CYAN, WHITE = (121, 192, 255), (210, 168, 255), (118, 227, 234), (200, 205, 212)
BRIGHT = [(139, 148, 158), (255, 161, 152), GREEN, YELLOW, (165, 214, 255), (226, 197, 255), (179, 240, 255)]
THEME = TerminalTheme(
    (22, 27, 34),
    (222, 226, 231),
    [GREY, RED, GREEN, YELLOW, BLUE, MAGENTA, CYAN, WHITE],
    [*BRIGHT, (255, 255, 255)],
)


def main(names: list[str]) -> None:
    """Record the named terminals, or all. Raises SystemExit for an unknown name."""
    known = [*COMMANDS, "review"]
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no recording {unknown[0]}: there are {', '.join(known)}")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, command in COMMANDS.items():
            if name == "build" or not names or name in names:
                printed = run(command)
                if not names or name in names:
                    save(name, picture_of_text(command, printed))
            if name == "build":
                write_samples(Path("my-apps-plus"), Path("samples.jsonl"))
        if not names or "review" in names:
            save("review", asyncio.run(picture_of_the_review_screen(Path("my-apps-plus"))))


def write_samples(build: Path, path: Path) -> None:
    """Write the first two raw solutions of each released problem as the samples of a model."""
    import apps_plus

    dataset = apps_plus.load(build)
    with path.open("w", encoding="utf-8") as file:
        for problem in (*dataset.train, *dataset.validation, *dataset.test):
            solutions = json.loads((SAMPLE / problem.problem_id / "solutions.json").read_text(encoding="utf-8"))
            for program in solutions[:2]:
                file.write(json.dumps({"task_id": problem.problem_id, "program": program}) + "\n")


def run(command: str) -> str:
    """Run a command as on a terminal of ``COLUMNS`` columns; return what it prints, with colours, without progress."""
    program, *arguments = command.split()
    executable = Path(sys.executable).with_name(program)
    environment = {**os.environ, "COLUMNS": str(COLUMNS), "FORCE_COLOR": "1", "APPS_PLUS_REVIEWER": "ada"}
    environment |= {"PATH": f"{executable.parent}:{os.environ['PATH']}", "APPS_PLUS_CACHE": str(Path.cwd() / "cache")}
    done = subprocess.run(
        [executable, *arguments], capture_output=True, text=True, env=environment, check=False, timeout=600
    )
    if done.returncode != 0:
        sys.exit(f"{command} ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def picture_of_text(command: str, printed: str) -> str:
    """Return the SVG of a terminal in which a command was typed, and printed something."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text.assemble(("$ ", "bold green"), (command, "bold")))
    for line in printed.rstrip().splitlines():
        console.print(Text.from_ansi(line), overflow="fold")
    return console.export_svg(title="", theme=THEME, unique_id="terminal")


async def picture_of_the_review_screen(build: Path) -> str:
    """Return the SVG of the review screen at the first problem of the queue."""
    from curation.review.queue import open_queue
    from curation.review.session import Session
    from curation.review.tui.app import ReviewApp
    from harness.sandbox import USUAL_ISOLATION

    with open_queue(build) as queue, Session(queue, "ada") as session:
        app = ReviewApp(session, {}, USUAL_ISOLATION)
        async with app.run_test(size=(COLUMNS, 22)) as pilot:
            await pilot.pause(0.5)
            for key in ("end", "up", "enter"):
                await pilot.press(key)
                await pilot.pause(0.5)
            return app.export_screenshot(title="apps-plus review my-apps-plus")


def save(name: str, svg: str) -> None:
    """Write a picture that loads nothing from elsewhere: rich names a font on a server."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;]*Fira Code[^;]*;", f"font-family: {FONTS};", svg)
    svg = re.sub(r"terminal-\d+", f"terminal-{name}", svg)
    svg = "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"
    (IMAGES / f"terminal-{name}.svg").write_text(svg, encoding="utf-8")
    print(f"wrote docs/images/terminal-{name}.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
