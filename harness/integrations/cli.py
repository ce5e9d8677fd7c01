"""The command ``lm-eval-path``."""

from __future__ import annotations

from pathlib import Path

import typer

from apps_plus.options import Json

LM_EVAL_TASKS = Path(__file__).parent / "lm_eval_tasks"
"""The folder of lm-eval's YAML files; lm-eval itself is not imported."""


def lm_eval_path(as_json: Json = False) -> None:
    """Print the folder of the tasks for lm-eval.

    Use it as in lm_eval --include_path "$(apps-plus lm-eval-path)" --tasks apps_plus --metadata '{"build": "DIR"}' ...
    The group apps_plus has a task for each difficulty: apps_plus_introductory, apps_plus_interview and
    apps_plus_competition.

    Example:

        apps-plus lm-eval-path
    """
    from apps_plus.terminal import print_json

    if as_json:
        print_json({"include_path": str(LM_EVAL_TASKS), "tasks": sorted(p.stem for p in LM_EVAL_TASKS.glob("a*.yaml"))})
    else:
        typer.echo(str(LM_EVAL_TASKS))
