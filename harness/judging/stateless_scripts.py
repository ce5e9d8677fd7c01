"""Tell from its text that a script leaves nothing behind that a later input in the same process could see.

Between two inputs a run drops the script's own module and resets the streams, seeds and limits
(``harness.sandbox.runtime.program``). What can remain is a change to a module that was imported, to a built-in, or to
the process. A script without a name that leads there is taken to leave nothing; one with such a name, in a comment or a
text as well, may. Pure functions over text: an untrusted program is never parsed in this process.
"""

from __future__ import annotations

import re

_LONGEST = 1 << 16
"""Characters of a script that is looked at."""
_MODULES = "bisect|cmath|collections|fractions|functools|heapq|itertools|math|operator|string|typing"
"""Modules that compute, and keep nothing unless one of their names is assigned."""
_SYS = "argv|exit|maxsize|setrecursionlimit|stderr|stdin|stdout"
"""The names of ``sys`` that are reset between inputs, or change nothing."""
_NAMES = r"\w+(?: +as +\w+)?(?: *, *\w+(?: +as +\w+)?)*"
_IMPORT = re.compile(
    rf"^[ \t]*(?:from +(?:{_MODULES}) +import +(?:\*|{_NAMES})|from +sys +import +(?:{_SYS})(?: *, *(?:{_SYS}))*"
    rf"|import +(?:{_MODULES}|sys)(?: *, *(?:{_MODULES}|sys))*)[ \t]*(?:;[ \t]*)?$",
    re.MULTILINE,
)
"""An import, alone in its line, of what keeps nothing. A module has no other name then."""
_SPECIAL = re.compile(
    r"__(?:name|main|init|repr|str|lt|le|gt|ge|eq|ne|hash|len|iter|next|getitem|setitem|contains|call|bool|int"
    r"|neg|i?(?:add|sub|mul|mod|pow|truediv|floordiv))__"
)
"""Special names that a class may define, and that lead nowhere."""
_STATEFUL = re.compile(
    r"import|__|\\|\b(?:open|eval|exec|compile|breakpoint|help|license|credits|copyright|getattr|setattr|delattr"
    r"|globals|locals|vars|memoryview|[a-z]{2}_frame|f_back|f_builtins|f_globals|gc|mro)\b"
    rf"|\b(?:{_MODULES})\b(?! *\.)"
    rf"|\bdel\b(?:.{{100}}|.*\b(?:{_MODULES})\b)"
    rf"|\b(?:{_MODULES})(?: *\. *\w+)+ *(?:in\b|,|\)|\]|:|[-+*/%&|^@<>]{{0,2}}=(?!=))"
    rf"|\bsys\b(?! *\. *(?:{_SYS})\b)|\bsys *\. *(?:exit|maxsize|setrecursionlimit) *(?:[,)\]:]|in\b|=(?!=))"
    r"|(?:\b[A-Z]\w*|[)\]]) *\. *\w+ *[-+*/%&|^@<>]{0,2}=(?!=)"
)
"""Text that may lead to state, once the imports and the special names above are gone: other imports and special names,
an escape in a text that may spell one, frames, a module that is passed on, and an attribute of a module, of ``sys`` or
of a class that may be assigned."""


def is_stateless(source: str) -> bool:
    """Return whether no input of a script can see what an earlier one in the same process left behind.

    False for many scripts of which it is true. True also for a script that sets an attribute of a function of the
    library (``lru_cache.n = 1``): it can spoil a verdict of its own, and of programs that share its process. Memory and
    time that earlier inputs took are not considered.
    """
    return len(source) <= _LONGEST and _STATEFUL.search(_SPECIAL.sub("", _IMPORT.sub("", source))) is None
