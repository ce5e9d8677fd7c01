"""Every key of the review app in one table, and the file in which a person gives an action other keys.

``$XDG_CONFIG_HOME/apps-plus/keymap.toml`` (``~/.config`` where that is not set) maps the ids below to keys, several
with commas between them::

    item.keep = "y,ctrl+k"
    queue.search = "slash,ctrl+f"
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.keys import KEY_DISPLAY_ALIASES, _character_to_key

from apps_plus.errors import InputError


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that a key does."""

    id: str
    """``<screen>.<name>``: what a keymap file calls it."""
    keys: str
    """The keys that it has unless a keymap says otherwise, with commas between them."""
    text: str
    """What it does, for ``?`` and the command palette."""
    footer: str = ""
    """What the last line of the screen calls it; it is not there where this is empty."""
    call: str = ""
    """The screen's action, such as ``move(1)``; the name where this is empty."""

    @property
    def screen(self) -> str:
        """The screen on which it works; ``app`` for all of them."""
        return self.id.partition(".")[0]

    @property
    def action(self) -> str:
        """The action of the screen, as Textual calls it."""
        return self.call or self.id.partition(".")[2]


KEYS = (
    Key("queue.open", "enter,l,right", "open the item", "Open"),
    Key("queue.down", "j,down", "next item", call="move(1)"),
    Key("queue.up", "k,up", "previous item", call="move(-1)"),
    Key("queue.page_down", "pagedown,ctrl+d", "a page down", call="page(1)"),
    Key("queue.page_up", "pageup,ctrl+u", "a page up", call="page(-1)"),
    Key("queue.first", "home", "first item"),
    Key("queue.last", "end,G", "last item"),
    Key("queue.next_open", "tab", "next item that waits for a decision", "Next open"),
    Key("queue.search", "slash", "search in ids, reasons, suggestions and reviewers", "Search"),
    Key("queue.filter", "f", "filter by state, tier and reason", "Filter"),
    Key("queue.clear", "escape", "clear the search and the filter"),
    Key("item.close", "escape,backspace", "back to the queue", "Queue"),
    Key("item.apply", "a", "apply the suggestion: every solution runs again first, and you see the result", "Apply"),
    Key("item.keep", "y", "keep it: the tests are right as they are", "Keep"),
    Key("item.drop", "x", "drop it, and say why", "Drop"),
    Key("item.edit", "e", "edit the expected output of this test", "Edit"),
    Key("item.comparison", "c", "choose how outputs are compared, or write a checker", "Compare"),
    Key("item.canonical", "p", "pick another canonical solution"),
    Key("item.flag", "exclamation_mark", "flag it: a second reviewer should look", "Flag"),
    Key("item.skip", "space", "skip it: no opinion", "Skip"),
    Key("item.note", "m", "write a note that goes with the decision", "Note"),
    Key("item.next_item", "j,right", "next item of the queue", call="step_item(1)"),
    Key("item.previous_item", "k,left", "previous item of the queue", call="step_item(-1)"),
    Key("item.next_test", "n", "next failing test", "Test", call="step_test(1)"),
    Key("item.previous_test", "N", "previous failing test", call="step_test(-1)"),
    Key(
        "item.next_solution", "s", "next answer (Diff), next solution (Solutions)", "Solution", call="step_solution(1)"
    ),
    Key("item.previous_solution", "S", "previous answer or solution", call="step_solution(-1)"),
    Key("item.whitespace", "w", "show white space, or hide it", "Space"),
    Key("item.run_again", "r", "run every solution on this test again"),
    Key("item.tab_1", "1", "Diff", call="show_tab(0)"),
    Key("item.tab_2", "2", "Statement", call="show_tab(1)"),
    Key("item.tab_3", "3", "Solutions", call="show_tab(2)"),
    Key("item.tab_4", "4", "Tests", call="show_tab(3)"),
    Key("item.tab_5", "5", "History", call="show_tab(4)"),
    Key("item.next_tab", "right_square_bracket,tab", "next tab", call="step_tab(1)"),
    Key("item.previous_tab", "left_square_bracket,shift+tab", "previous tab", call="step_tab(-1)"),
    Key("item.scroll_down", "down,ctrl+e", "scroll down", call="move(1)"),
    Key("item.scroll_up", "up,ctrl+y", "scroll up", call="move(-1)"),
    Key("item.page_down", "pagedown,ctrl+d", "scroll a page down", call="page(1)"),
    Key("item.page_up", "pageup,ctrl+u", "scroll a page up", call="page(-1)"),
    Key("fix.accept", "enter,a", "take this decision", "Decide"),
    Key("fix.close", "escape", "back to the item; what you changed stays until you leave the item", "Back"),
    Key("fix.edit", "e", "edit the expected output of this test", "Edit"),
    Key("fix.comparison", "c", "choose how outputs are compared, or write a checker", "Compare"),
    Key("fix.canonical", "p", "pick another canonical solution", "Canonical"),
    Key("fix.note", "m", "write a note that goes with the decision", "Note"),
    Key("fix.run_again", "r", "run every solution again", "Run"),
    Key("fix.reset", "z", "take all changes back"),
    Key("fix.next_test", "n", "next changed or failing test", "Test", call="step_test(1)"),
    Key("fix.previous_test", "N", "previous changed or failing test", call="step_test(-1)"),
    Key("fix.whitespace", "w", "show white space, or hide it"),
    Key("fix.scroll_down", "j,down", "scroll down", call="move(1)"),
    Key("fix.scroll_up", "k,up", "scroll up", call="move(-1)"),
    Key("fix.page_down", "pagedown,ctrl+d", "scroll a page down", call="page(1)"),
    Key("fix.page_up", "pageup,ctrl+u", "scroll a page up", call="page(-1)"),
    Key("editor.save", "ctrl+s,f2", "take the text over", "Take over"),
    Key("editor.external", "ctrl+o,f4", "edit it in $EDITOR", "$EDITOR"),
    Key("editor.other", "ctrl+t,f3", "take the answer that was shown", "Take answer"),
    Key("editor.close", "escape", "leave it as it was", "Cancel"),
    Key("app.undo", "u", "undo your last decision"),
    Key("app.redo", "U", "redo what you undid"),
    Key("app.batch", "b", "apply the same to similar items, after a preview"),
    Key("app.go_to", "g", "go to an item by its id"),
    Key("app.help", "question_mark", "show the keys", "Keys"),
    Key("app.leave", "q", "quit; every decision is already saved"),
)
SCREENS = {"queue": "Queue", "item": "Item", "fix": "Fix", "editor": "Editor", "app": "Everywhere"}
"""The screens of the table and how they are called."""


def bindings(screen: str) -> list[Any]:
    """Textual's bindings of one screen, by id."""
    return [
        Binding(
            key.keys,
            f"app.{key.action}" if screen == "app" else key.action,
            key.footer or key.text,
            show=bool(key.footer),
            id=key.id,
            tooltip=key.text,
        )
        for key in keys_of(screen)
    ]


def keys_of(screen: str) -> list[Key]:
    """The rows of one screen."""
    return [key for key in KEYS if key.screen == screen]


def display(keys: str) -> str:
    """Keys as a person writes them: ``j / down``."""
    return " / ".join(map(_display_one, keys.split(",")))


def _display_one(key: str) -> str:
    *modifiers, name = key.strip().split("+")
    return "+".join([*modifiers, _CHARACTERS.get(name, KEY_DISPLAY_ALIASES.get(name, name))])


_CHARACTERS = {_character_to_key(character): character for character in "!?/[]"} | {
    "escape": "esc",
    "pagedown": "page down",
    "pageup": "page up",
    "space": "space",
    "enter": "enter",
}


def keymap_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where a person's keymap lies, whether it is there or not."""
    base = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if base else Path(environment.get("HOME", "~")).expanduser() / ".config"
    return folder / "apps-plus" / "keymap.toml"


def read_keymap(path: Path) -> dict[str, str]:
    """The keys by id; empty where there is no file.

    Raises InputError naming the file and the id where it cannot be read, an id is unknown, or two actions of one
    screen would have the same key.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise InputError(f"cannot read the keymap {path} ({error.strerror}): make it readable or remove it") from error
    except ValueError as error:
        raise InputError(f"the keymap {path} is not TOML ({error}): correct or remove it") from error
    keymap = dict(_flatten(table))
    fault = find_fault(keymap)
    if fault:
        raise InputError(f"the keymap {path}: {fault}")
    return keymap


def _flatten(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """``item.keep`` may be written as a dotted key, a quoted one, or in a table ``[item]``."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def find_fault(keymap: Mapping[str, Any]) -> str:
    """What is wrong with a keymap, in one line; empty where nothing is."""
    known = {key.id for key in KEYS}
    for name, keys in keymap.items():
        if name not in known:
            return f"there is no action {name!r}: the ids are " + ", ".join(sorted(known))
        if not isinstance(keys, str) or not all(part.strip() for part in keys.split(",")):
            return f'{name} must be keys with commas between them, such as "y,ctrl+k", not {keys!r}'
    return _find_clash(keymap)


def _find_clash(keymap: Mapping[str, str]) -> str:
    for screen in ("queue", "item", "fix"):
        taken: dict[str, str] = {}
        for key in (*keys_of(screen), *keys_of("app")):
            for one in _normal(keymap.get(key.id, key.keys)):
                if one in taken:
                    return f"{taken[one]} and {key.id} would both have the key {one!r}: give one of them another"
                taken[one] = key.id
    return ""


def _normal(keys: str) -> list[str]:
    parts = [part.strip() for part in keys.split(",")]
    return [_character_to_key(part) if len(part) == 1 else part for part in parts]
