"""The example at the end of a help page, written so that it can be copied into a shell."""

from __future__ import annotations

import re
from typing import Any

_ARGUMENT = re.compile(r"""(?:"[^"]*"|'[^']*'|[^\s"'])+""")
_INDENT = "    "


def example_lines(command: str, width: int, label: str = "") -> list[str]:
    """Fold a command between its arguments; each line but the last ends in a backslash.

    A line is longer than ``width`` where one argument is. ``label`` stands before the command.
    """
    lines = [label]
    for argument in _ARGUMENT.findall(command):
        longer = f"{lines[-1]} {argument}".removeprefix("" if lines[-1] else " ")
        if len(longer) <= width - 2 or lines[-1] == label:
            lines[-1] = longer
        else:
            lines.append(_INDENT + argument)
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


class CopyableExample:
    """A command whose epilog is ``Example:  COMMAND``; click would fold it within its arguments."""

    epilog: str | None

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        """Write the example."""
        if not self.epilog:
            return
        label, _, command = self.epilog.partition("  ")
        formatter.write_paragraph()
        for line in example_lines(command, formatter.width - 2, f"{label} "):
            formatter.write(f"  {line}\n")
