#!/usr/bin/env bash
# A tree of tree-sitter-python without an error does not mean that Python can compile the program.
. "$(dirname "$0")/shared/environment.sh"
install tree-sitter==0.26.1 tree-sitter-python==0.25.0
observe <<'PYTHON'
import tree_sitter_python
from report import report
from tree_sitter import Language, Parser

PROGRAMS = {
    "a completion cut off after a colon": "def add(a, b):\n",
    "a body without indentation": "if x:\ny = 1\n",
    "a line with too much indentation": "def f():\n    x = 1\n      y = 2\n",
    "Python 2": "try:\n    print 0777, 10L\nexcept ValueError, error:\n    exec 'x = 1'\n",
}
parser = Parser(Language(tree_sitter_python.language()))


def compiles(program):
    try:
        compile(program, "program", "exec")
    except SyntaxError:
        return False
    return True


seen = {what: (parser.parse(program.encode()).root_node.has_error, compiles(program)) for what, program in PROGRAMS.items()}
unclosed = parser.parse(b"x = (1 +\n").root_node.has_error
report(
    "tree-sitter-python tree-sitter",
    "has_error, or a missing node, for a suite that is missing or badly indented and for Python 2, as for an open bracket",
    "; ".join(f"{what}: has_error {error}, compiles {fine}" for what, (error, fine) in seen.items())
    + f"; an open bracket: has_error {unclosed}",
    holds=set(seen.values()) == {(False, False)} and unclosed,
)
PYTHON
