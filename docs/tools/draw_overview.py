"""Draw ``docs/images/overview.svg``: the way from raw APPS to a trained and ranked model."""

from __future__ import annotations

from html import escape
from pathlib import Path

OUT = Path(__file__).parents[1] / "images/overview.svg"
WIDTH, HEIGHT = 1080, 400
INK, SOFT, LINE, PAPER = "#1f2933", "#52606d", "#9aa5b1", "#ffffff"
DATA, WORK = "#e8f1fb", "#fdf3e1"
Box = tuple[float, float, float, float]

BOXES: dict[str, tuple[Box, str, str, list[str]]] = {
    "raw": ((24, 60, 150, 96), DATA, "raw APPS", ["statements, tests,", "solutions of people"]),
    "build": ((222, 32, 250, 152), WORK, "apps-plus build", [
        "every solution runs on every test,", "in a sandbox; what they agree on", "decides: kept, corrected,",
        "dropped, or left to a person",
    ]),
    "data": ((520, 60, 190, 96), DATA, "APPS+", ["train, validation, test;", "for every raw problem", "the reason"]),
    "train": ((758, 60, 150, 96), WORK, "apps-plus train", ["PPO with CCCS", "and FGO, or yours"]),
    "model": ((956, 60, 100, 96), DATA, "model", ["or any other"]),
    "review": ((222, 262, 250, 112), WORK, "apps-plus review", [
        "a person decides the open ones;", "every later build replays it",
    ]),
    "board": ((520, 262, 190, 112), DATA, "leaderboard", ["ranks as ranges,", "records that others", "can verify"]),
    "evaluate": ((758, 262, 298, 112), WORK, "apps-plus generate, evaluate", [
        "APPS+, APPS, HumanEval(+), MBPP(+),", "LiveCodeBench: pass@k with intervals,", "errors by kind",
    ]),
}  # fmt: skip
"""Position (x, y, width, height), colour, title and lines of each box."""

ARROWS = [
    ("M174 108 H216", ""),
    ("M472 108 H514", ""),
    ("M710 108 H752", ""),
    ("M908 108 H950", ""),
    ("M1006 156 V256", ""),
    ("M758 318 H716", ""),
    ("M615 156 V209 H830 V256", "its test split"),
    ("M300 184 V256", "queue"),
    ("M394 262 V190", "decisions"),
]
"""Path and label of each arrow."""
LABELS = {"its test split": (722, 202), "queue": (252, 226), "decisions": (402, 226)}


def picture() -> str:
    """Return the SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="system-ui, Segoe UI, Helvetica, Arial, DejaVu Sans, sans-serif">',
        "<title>From raw APPS to a trained and ranked model</title>",
        '<defs><marker id="tip" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0 0 L10 5 L0 10 z" fill="{SOFT}"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="14" fill="{PAPER}"/>',
    ]
    for path, label in ARROWS:
        parts.append(f'<path d="{path}" fill="none" stroke="{SOFT}" stroke-width="2" marker-end="url(#tip)"/>')
        if label:
            x, y = LABELS[label]
            parts.append(f'<text x="{x}" y="{y}" font-size="14" fill="{SOFT}">{escape(label)}</text>')
    for (x, y, width, height), colour, title, lines in BOXES.values():
        middle = x + width / 2
        parts.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="10" fill="{colour}" stroke="{LINE}"/>'
        )
        top = y + height / 2 - 9.5 * len(lines)
        parts.append(
            f'<text x="{middle}" y="{top + 4}" font-size="16" font-weight="600" fill="{INK}" '
            f'text-anchor="middle">{escape(title)}</text>'
        )
        parts += [
            f'<text x="{middle}" y="{top + 26 + 19 * n}" font-size="14" fill="{SOFT}" '
            f'text-anchor="middle">{escape(line)}</text>'
            for n, line in enumerate(lines)
        ]
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    OUT.write_text(picture(), encoding="utf-8")
    print(f"wrote {OUT}")
