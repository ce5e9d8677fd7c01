#!/usr/bin/env bash
# CodeBLEU counts a data-flow match of exactly 0 as a match of 1.
. "$(dirname "$0")/shared/environment.sh"
install codebleu==0.7.0 tree-sitter-python==0.21.0
observe <<'PYTHON'
import logging

from codebleu import calc_codebleu
from report import report

logging.disable()  # the warning is about references without a data flow; this reference has three
REFERENCE = "def f(a, b):\n    total = a + b\n    return total * 2\n"
UNRELATED = "print(1)\n"
NO_FLOW = "def f(a, b):\n    return 0\n"
SOME_FLOW = "def f(a, b):\n    return a\n"


def scores(candidate):
    return calc_codebleu([REFERENCE], [candidate], "python")


unrelated, no_flow, some_flow = scores(UNRELATED), scores(NO_FLOW), scores(SOME_FLOW)
parts = [unrelated[name] for name in unrelated if name != "codebleu"]
report(
    "codebleu",
    "a program whose four parts all score 0 gets 0; `return a` has a data flow in common, `return 0` none, and gets more",
    f"four parts {parts} give {unrelated['codebleu']:.2f}; `return 0` (data flow {no_flow['dataflow_match_score']:.2f}) gets "
    f"{no_flow['codebleu']:.2f}, `return a` (data flow {some_flow['dataflow_match_score']:.2f}) {some_flow['codebleu']:.2f}",
    holds=not any(parts) and unrelated["codebleu"] == 0.25 and no_flow["codebleu"] > some_flow["codebleu"],
)
PYTHON
