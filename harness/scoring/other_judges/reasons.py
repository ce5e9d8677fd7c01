"""Reasons why another judge's verdict could differ from ours, each with its sentence.

``docs/judges.md`` has a case for each.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """Reasons of differences. The first group rejects what passes here, the last accepts what fails here."""

    FUTURE_IMPORT = "future_import"
    MAIN_GUARD = "main_guard"
    STDIN_BUFFER = "stdin_buffer"
    FILE_DESCRIPTOR = "file_descriptor"
    IMPORTED_STDIN = "imported_stdin"
    MIXED_INPUT = "mixed_input"
    IMPORTED_STDOUT = "imported_stdout"
    LINES_WITHOUT_NEWLINE = "lines_without_newline"
    REPLACED_STREAM = "replaced_stream"
    STATEMENT_ON_IMPORT_LINE = "statement_on_import_line"
    IMPORT_INSIDE_FUNCTION = "import_inside_function"
    MULTI_LINE_TEXT = "multi_line_text"
    EXIT = "exit"
    HARD_EXIT = "hard_exit"
    GLOBAL = "global"
    NAME_BEFORE_BINDING = "name_before_binding"
    NAMESPACE = "namespace"
    THREAD = "thread"
    BLOCKED_MODULE = "blocked_module"
    LIBRARY = "library"
    SOLUTION_CLASS = "solution_class"
    NOT_WRAPPED = "not_wrapped"
    CAUGHT_NAME_ERROR = "caught_name_error"
    CAUGHT_RECURSION_ERROR = "caught_recursion_error"
    STATE_BETWEEN_TESTS = "state_between_tests"
    LONG_INTEGER = "long_integer"
    MISSING_IMPORT = "missing_import"
    INTEGER_KEYS = "integer_keys"
    DROPPED_ARGUMENTS = "dropped_arguments"
    NO_ARGUMENTS = "no_arguments"
    NESTED_TUPLES = "nested_tuples"
    NUMPY_VALUE = "numpy_value"
    WRAPPING = "wrapping"
    FLOATS = "floats"
    WHITE_SPACE = "white_space"
    TIME = "time"
    NEAR_NUMBERS = "near_numbers"
    WORDS_AS_SET = "words_as_set"
    NUMBER_FORMAT = "number_format"
    FIRST_ELEMENT = "first_element"
    NUMBER_TYPE = "number_type"
    EXIT_STATUS = "exit_status"
    RECURSION_LIMIT = "recursion_limit"
    MEMORY = "memory"


SENTENCES = {
    Reason.FUTURE_IMPORT: "from __future__ is not at the beginning once the judge's imports stand before it",
    Reason.MAIN_GUARD: "__name__ is not __main__, and the judge does not remove this main guard",
    Reason.STDIN_BUFFER: "the buffer of standard input or output is not there",
    Reason.FILE_DESCRIPTOR: "reads or writes by file descriptors, which the judge does not redirect",
    Reason.IMPORTED_STDIN: "from sys import stdin gives the judge's own input, of which only read and readline work",
    Reason.MIXED_INPUT: "input() and an imported stdin each begin to read at the first line",
    Reason.IMPORTED_STDOUT: "from sys import stdout gives the judge's own output, which is not captured",
    Reason.LINES_WITHOUT_NEWLINE: "readline gives lines without their newline, and fails at the end",
    Reason.REPLACED_STREAM: "replaces sys.stdin or sys.stdout, or uses the interpreter's own",
    Reason.STATEMENT_ON_IMPORT_LINE: "a statement on the line of an import runs before the streams are replaced",
    Reason.IMPORT_INSIDE_FUNCTION: "an import ends up inside a function, where it is illegal, or its lines are parted",
    Reason.MULTI_LINE_TEXT: "the lines of a text are indented, too",
    Reason.EXIT: "exit() or quit() is taken away",
    Reason.HARD_EXIT: "os._exit ends the judge's process, too",
    Reason.GLOBAL: "a variable of the script is local to the judge's function, so that global does not reach it",
    Reason.NAME_BEFORE_BINDING: "a built-in or imported name is also bound: inside a function it is unbound until then",
    Reason.NAMESPACE: "exec, eval, globals or locals see another namespace inside a function",
    Reason.THREAD: "a thread is not joined, and the judge does not wait for it",
    Reason.BLOCKED_MODULE: "a module or function that the judge takes away",
    Reason.LIBRARY: "imports a package that need not be installed beside the judge",
    Reason.SOLUTION_CLASS: "the text `class Solution` makes the judge call a method",
    Reason.NOT_WRAPPED: "the judge cannot write the program again from its syntax tree",
    Reason.CAUGHT_NAME_ERROR: "relies on a NameError of a name that the judge imports",
    Reason.CAUGHT_RECURSION_ERROR: "relies on a RecursionError, and the judge raises the limit",
    Reason.STATE_BETWEEN_TESTS: "what one test leaves behind is there in the next",
    Reason.LONG_INTEGER: "an integer of more decimal digits than the judge allows",
    Reason.MISSING_IMPORT: "lacks an import; not every judge provides the same",
    Reason.INTEGER_KEYS: "keys of dicts are texts, as JSON has them",
    Reason.DROPPED_ARGUMENTS: "arguments after a dict are dropped",
    Reason.NO_ARGUMENTS: "a call without arguments cannot be written in the judge's format",
    Reason.NESTED_TUPLES: "tuples inside a value are not lists",
    Reason.NUMPY_VALUE: "a number of numpy is not written as JSON",
    Reason.WRAPPING: "the expected value is read with its list of one, or without",
    Reason.FLOATS: "floats are compared exactly",
    Reason.WHITE_SPACE: "white space or empty lines count",
    Reason.TIME: "another limit of time",
    Reason.NEAR_NUMBERS: "numbers that are close are equal, integers too",
    Reason.WORDS_AS_SET: "words and lines are compared as sets",
    Reason.NUMBER_FORMAT: "numbers are compared as numbers, whatever their form",
    Reason.FIRST_ELEMENT: "the first element of the expected list is enough",
    Reason.NUMBER_TYPE: "a Fraction, a Decimal or a complex number is equal to the number",
    Reason.EXIT_STATUS: "an exit status does not count",
    Reason.RECURSION_LIMIT: "the limit of recursion is higher",
    Reason.MEMORY: "memory is not limited",
}
"""The difference of the judge in words, for the console and the documentation."""
