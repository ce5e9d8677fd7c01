#!/usr/bin/env bash
# verifiers loads a pinned environment of somebody's, `owner/name@version`, from whatever module of that name is installed.
. "$(dirname "$0")/shared/environment.sh"
install verifiers==0.4.0
mkdir installed
cat >installed/toy_env.py <<'MODULE'
import verifiers.v1 as vf


class ToyTaskset(vf.Taskset):
    """Version 0.1.0 of alice's environment."""


__all__ = ["ToyTaskset"]
__version__ = "0.1.0"
MODULE
observe <<'PYTHON'
import sys

from report import report

sys.path.insert(0, "installed")
from verifiers.v1.utils.loaders import taskset_class   # what vf-eval and vf-validate load an id with

ids = ["alice/toy-env", "alice/toy-env@0.1.0", "alice/toy-env@9.9.9", "bob/toy-env@2.0.0"]
seen = {}
for name in ids:
    try:
        seen[name] = sys.modules[taskset_class(name).__module__].__version__
    except Exception as error:
        seen[name] = type(error).__name__
report(
    "verifiers",
    "with version 0.1.0 of alice's environment installed, alice/toy-env@9.9.9 and bob/toy-env@2.0.0 are refused",
    f"the version that is loaded: {seen}",
    holds=[*seen.values()] == ["0.1.0"] * 4,
)
PYTHON
