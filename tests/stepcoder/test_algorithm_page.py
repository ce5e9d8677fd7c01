"""docs/algorithm.md: every file and name on the page exists; docs/coming_from/trl.md: every setting."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from stepcoder.config import TrainConfig, flatten

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "algorithm.md").read_text()
LINKS = re.findall(r"`(\w+/[\w/]+\.py)`: ((?:`[\w.]+`(?:, )?)+)", PAGE)
NAMED = sorted({(path, name) for path, names in LINKS for name in re.findall(r"`([\w.]+)`", names)})


def definitions(path: str) -> set[str]:
    """The functions, classes, constants, methods and fields of a module: ``Curriculum.observe``, ``PPOConfig.rho``."""
    found = set()
    for node in ast.parse((ROOT / path).read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        for part in node.body if isinstance(node, ast.ClassDef) else []:
            if isinstance(part, ast.FunctionDef):
                found.add(f"{node.name}.{part.name}")
            elif isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                found.add(f"{node.name}.{part.target.id}")
    return found


def test_every_row_names_its_code():
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith("| gap")]
    rows = [row for row in rows if not row.startswith("| :--")]
    assert rows
    assert all(re.search(r"`[\w/]+\.py`: `", row) for row in rows)


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_name_exists(path: str, name: str):
    assert name in definitions(path)


@pytest.mark.parametrize("path", ["stepcoder/config.py", "stepcoder/curriculum.py", "stepcoder/loss_mask.py"])
def test_the_code_cites_the_page(path: str):
    assert "docs/algorithm.md" in (ROOT / path).read_text()


def test_the_settings_that_the_page_for_people_of_trl_names_exist() -> None:
    page = (ROOT / "docs/coming_from/trl.md").read_text(encoding="utf-8")
    rows = page.partition("## The names of the settings")[2].partition("\n## ")[0].splitlines()
    named = [name for row in rows if row.startswith("| `") for name in re.findall(r"`([\w.]+)`", row.split(" | ")[1])]
    assert len(named) > 10
    assert set(named) <= flatten(TrainConfig()).keys()
