"""The texts of an export: the dataset card of a trainer's rows, the hub's card, and ``eval.yaml``. Pure functions."""

from __future__ import annotations

from collections import Counter

from apps_plus.problem import DIFFICULTIES, Dataset
from apps_plus.storage import SPLITS
from harness.integrations.export.engine_rows import ENGINES

CITATION = "*StepCoder: Improve Code Generation with Reinforcement Learning from Compiler Feedback* (arXiv 2402.01391)"
TASK_ID = "default"
"""Name of the only task in ``eval.yaml``: what ``leaderboard export`` names where it is not told otherwise."""


def engine_card(target: str, dataset: Dataset, origin: str) -> str:
    """Return the card of a trainer's rows.

    Args:
        target: A name in ``ENGINES``.
        dataset: The problems.
        origin: Where they are from, as a clause.
    """
    return f"""{_front_matter(dataset)}
# APPS+ for {target}

{len(dataset)} programming problems of APPS+ ({CITATION}), {origin} and {engine_mark(target)}.

{_counts_table(dataset)}

The reward, with apps-plus installed beside {target}: {ENGINES[target].reward}.

It finds the program in the answer and runs it in a sandbox on all tests of the problem. `ground_truth` holds these
tests, and how outputs are compared with them: keep it from the model. Rewards: 1 if all tests pass, -0.3 for a wrong
answer, -0.6 for a runtime error or a timeout, -1 for a program that does not compile (equation 3 of the paper).
"""


def engine_mark(target: str) -> str:
    """Return the words by which the card of a trainer's rows is known."""
    return f"exported by `apps-plus export --for {target}`"


def hub_card(card: str, dataset: Dataset, repository: str) -> str:
    """Return the card of a build with what its readers on the hub need besides.

    Args:
        card: The build's own.
        dataset: The problems.
        repository: ``ORG/NAME``; empty: not known.
    """
    name = repository or "ORG/NAME"
    split = evaluated_split(dataset)
    return f"""{card.rstrip()}

## Evaluate and train on it

`eval.yaml` names the {split} split as this dataset's benchmark. Programs are judged in the sandbox of apps-plus, which
needs neither Docker nor root:

```
hf download {name} --repo-type dataset --local-dir apps-plus-data
apps-plus generate apps+ --data apps-plus-data --split {split} --model MODEL --out samples.jsonl
apps-plus evaluate apps+ samples.jsonl --data apps-plus-data --split {split}
apps-plus export apps-plus-data --for verl --out verl-data
```
"""


def eval_yaml(dataset: Dataset, origin: str) -> str:
    """Return the ``eval.yaml`` by which the hub knows a dataset as a benchmark.

    The fields are those of the hub's page "Evaluation Results". There is no list of solvers and scorers: inspect_ai's
    own ``hf/`` tasks take only scorers that compare texts, and this benchmark runs programs.
    """
    return f"""name: APPS+
description: >
  {len(dataset[evaluated_split(dataset)])} programming problems with unit tests, {origin} after the description of APPS+
  in StepCoder (arXiv 2402.01391). A program must pass all tests of its problem.
evaluation_framework: inspect-ai

tasks:
  - id: {TASK_ID}
    config: default
    split: {evaluated_split(dataset)}
"""


def evaluated_split(dataset: Dataset) -> str:
    """Return the split that models are evaluated on: ``test``, or in a build without one the last that there is."""
    return next((split for split in reversed(SPLITS) if dataset[split]), "test")


def _front_matter(dataset: Dataset) -> str:
    files = "\n".join(f"  - split: {split}\n    path: {split}.parquet" for split in SPLITS if dataset[split])
    return f"""---
license: mit
language:
- en
- code
task_categories:
- text-generation
tags:
- code
- reinforcement-learning
configs:
- config_name: default
  data_files:
{files}
---"""


def _counts_table(dataset: Dataset) -> str:
    rows = []
    for split in SPLITS:
        counts = Counter(problem.difficulty for problem in dataset[split])
        cells = " | ".join(str(counts[tier]) for tier in DIFFICULTIES)
        rows.append(f"| {split} | {cells} | {len(dataset[split])} |")
    header = f"| | {' | '.join(DIFFICULTIES)} | total |\n| :-- | {'--: | ' * len(DIFFICULTIES)}--: |"
    return "\n".join([header, *rows])
