"""Every key of the review app in one table, and the keymap file in which a reviewer changes them.

``$XDG_CONFIG_HOME/apps-plus/keymap.toml`` (``~/.config`` if that is not set) maps the ids below to keys, separated by
commas::

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
    """One action and its keys."""

    id: str
    """``<screen>.<name>``, as in a keymap file."""
    keys: str
    """The default keys, separated by commas."""
    text: str
    """The effect of the action, for ``?`` and the command palette."""
    footer: str = ""
    """The label in the screen's line of keys; empty: not in that line."""
    call: str = ""
    """The screen's action, such as ``move(1)``; empty: the same as the name."""

    @property
    def screen(self) -> str:
        """The screen of the action; ``app`` for all screens."""
        return self.id.partition(".")[0]

    @property
    def action(self) -> str:
        """The action in Textual's notation."""
        return self.call or self.id.partition(".")[2]


KEYS = (
    Key("queue.open", "enter,l,right", "open the item", "Open"),
    Key("queue.down", "j,down", "next item", call="move(1)"),
    Key("queue.up", "k,up", "previous item", call="move(-1)"),
    Key("queue.page_down", "pagedown,ctrl+d", "a page down", call="page(1)"),
    Key("queue.page_up", "pageup,ctrl+u", "a page up", call="page(-1)"),
    Key("queue.first", "home", "first item"),
    Key("queue.last", "end,G", "last item"),
    Key("queue.next_open", "tab", "next item that needs your decision", "Next open"),
    Key("queue.search", "slash", "search in ids, reasons, suggestions and reviewers", "Search"),
    Key("queue.filter", "f", "filter by state, tier and reason", "Filter"),
    Key("queue.clear", "escape", "clear the search and the filter"),
    Key("item.close", "escape,backspace", "back to the queue", "Queue"),
    Key("item.apply", "a", "apply the suggestion; a correction is tried first, and you see the result", "Apply"),
    Key("item.keep", "y", "keep it: the tests are right as they are", "Keep"),
    Key("item.drop", "x", "drop it, for a reason", "Drop"),
    Key("item.edit", "e", "edit the expected output of this test", "Edit"),
    Key("item.comparison", "c", "choose how outputs are compared, or write a checker", "Compare"),
    Key(
        "item.checker",
        "t",
        "try the proposed checker; one with a caution opens in the editor first",
        "Checker",
    ),
    Key("item.input", "i", "edit the input of this test, which is bad", "Input"),
    Key("item.drop_test", "d", "leave this test out, whose input is bad", "Drop test"),
    Key("item.canonical", "p", "choose another canonical solution"),
    Key("item.flag", "exclamation_mark", "flag it: a second reviewer should look; it asks why", "Flag"),
    Key("item.skip", "o", "skip it: no opinion", "Skip"),
    Key("item.note", "m", "write a note that is saved with the decision", "Note"),
    Key("item.next_item", "j,right", "next item of the queue", call="step_item(1)"),
    Key("item.previous_item", "k,left", "previous item of the queue", call="step_item(-1)"),
    Key("item.next_test", "n", "next failing test", "Test", call="step_test(1)"),
    Key("item.previous_test", "N", "previous failing test", call="step_test(-1)"),
    Key(
        "item.next_solution", "s", "next answer (Diff), next solution (Solutions)", "Solution", call="step_solution(1)"
    ),
    Key("item.previous_solution", "S", "previous answer or solution", call="step_solution(-1)"),
    Key("item.whitespace", "w", "show or hide white space", "Space"),
    Key("item.run_again", "r", "run every solution on this test again"),
    Key("item.tab_1", "1", "show the tab Diff", call="show_tab(0)"),
    Key("item.tab_2", "2", "show the tab Statement", call="show_tab(1)"),
    Key("item.tab_3", "3", "show the tab Solutions", call="show_tab(2)"),
    Key("item.tab_4", "4", "show the tab Tests", call="show_tab(3)"),
    Key("item.tab_5", "5", "show the tab History", call="show_tab(4)"),
    Key("item.next_tab", "right_square_bracket,tab", "next tab", call="step_tab(1)"),
    Key("item.previous_tab", "left_square_bracket,shift+tab", "previous tab", call="step_tab(-1)"),
    Key("item.scroll_down", "down,ctrl+e", "scroll down", call="move(1)"),
    Key("item.scroll_up", "up,ctrl+y", "scroll up", call="move(-1)"),
    Key("item.page_down", "pagedown,ctrl+d", "scroll a page down", call="page(1)"),
    Key("item.page_up", "pageup,ctrl+u", "scroll a page up", call="page(-1)"),
    Key("fix.accept", "enter", "save this decision", "Decide"),
    Key("fix.close", "escape", "back to the item; your changes are kept until you decide or quit", "Back"),
    Key("fix.edit", "e", "edit the expected output of this test", "Edit"),
    Key("fix.input", "i", "edit the input of this test, which is bad", "Input"),
    Key("fix.drop_test", "d", "leave this test out, whose input is bad; or take it back", "Drop test"),
    Key("fix.comparison", "c", "choose how outputs are compared, or write a checker", "Compare"),
    Key("fix.canonical", "p", "choose another canonical solution", "Canonical"),
    Key("fix.note", "m", "write a note that is saved with the decision", "Note"),
    Key("fix.run_again", "r", "run every solution again", "Run"),
    Key("fix.reset", "z", "discard all changes"),
    Key("fix.next_test", "n", "next changed or failing test", "Test", call="step_test(1)"),
    Key("fix.previous_test", "N", "previous changed or failing test", call="step_test(-1)"),
    Key("fix.whitespace", "w", "show or hide white space"),
    Key("fix.scroll_down", "j,down", "scroll down", call="move(1)"),
    Key("fix.scroll_up", "k,up", "scroll up", call="move(-1)"),
    Key("fix.page_down", "pagedown,ctrl+d", "scroll a page down", call="page(1)"),
    Key("fix.page_up", "pageup,ctrl+u", "scroll a page up", call="page(-1)"),
    Key("editor.save", "ctrl+s,f2", "use this text", "Use"),
    Key("editor.external", "ctrl+o,f4", "edit it in $EDITOR", "$EDITOR"),
    Key("editor.other", "ctrl+t,f3", "replace the text by the answer that was shown", "Take answer"),
    Key("editor.close", "escape", "close without a change", "Cancel"),
    Key("app.undo", "u", "undo your last decision; an older one only after a question", "Undo"),
    Key("app.redo", "U", "redo what you undid"),
    Key("app.batch", "b", "decide similar items alike, after a preview", "Alike"),
    Key("app.go_to", "g", "go to an item by its id", "Go to"),
    Key("app.help", "question_mark", "show the keys", "Keys"),
    Key("app.guidelines", "f1", "show the guidelines of this review (DIR/guidelines.md)", "Guide"),
    Key("app.leave", "q", "quit; every decision is already saved", "Quit"),
)
SCREENS = {"queue": "Queue", "item": "Item", "fix": "Correct", "editor": "Editor", "app": "Everywhere"}
"""The names of the screens in the table of keys."""


def bindings(screen: str) -> list[Any]:
    """Return the Textual bindings of one screen."""
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
    """Return the keys of one screen."""
    return [key for key in KEYS if key.screen == screen]


def display(keys: str) -> str:
    """Return keys as they are shown to a person: ``j / down``."""
    return " / ".join(map(_display_one, keys.split(",")))


def _display_one(key: str) -> str:
    *modifiers, name = key.strip().split("+")
    return "+".join([*modifiers, _CHARACTERS.get(name, KEY_DISPLAY_ALIASES.get(name, name))])


_CHARACTERS = {_character_to_key(character): character for character in "!?/[]"} | {
    "escape": "esc",
    "f1": "F1",
    "pagedown": "page down",
    "pageup": "page up",
    "space": "space",
    "enter": "enter",
}


def keymap_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Return the path of the reviewer's keymap file, which need not exist."""
    base = environment.get("XDG_CONFIG_HOME", "")
    folder = Path(base) if base else Path(environment.get("HOME", "~")).expanduser() / ".config"
    return folder / "apps-plus" / "keymap.toml"


def read_keymap(path: Path) -> dict[str, str]:
    """Read a keymap: keys by action id; empty without a file.

    Raises InputError with the file and the id if it cannot be read, an id is unknown, or two actions of one screen have
    the same key.
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
    """Yield ids and keys; ``item.keep`` may be a dotted key, a quoted key, or in a table ``[item]``."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def find_fault(keymap: Mapping[str, Any]) -> str:
    """Return the first error of a keymap, in one line; empty if it is valid."""
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
