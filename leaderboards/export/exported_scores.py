"""What the formats share: which scores are handed on, and where benchmarks are on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from apps_plus.errors import InputError
from harness.scoring.result_record import OVERALL, Record, TierScore

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]*[\w-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubDataset:
    """A dataset on the hub."""

    id: str
    """``ORG/NAME``."""
    config: str | None = None
    """The configuration that holds the problems; None: its only one."""
    task_id: str = "default"
    """What the dataset's ``eval.yaml`` calls the task. It is not known that a dataset below has such a file."""


HUB_DATASETS: Mapping[str, HubDataset] = {
    "humaneval": HubDataset("openai/openai_humaneval", "openai_humaneval"),
    "humaneval+": HubDataset("evalplus/humanevalplus"),
    "mbpp": HubDataset("google-research-datasets/mbpp", "full"),
    "mbpp-sanitized": HubDataset("google-research-datasets/mbpp", "sanitized"),
    "mbpp+": HubDataset("evalplus/mbppplus"),
    "apps": HubDataset("codeparrot/apps", "all"),
}
"""By the names that records give benchmarks. APPS+ is on no hub: who publishes a build says where."""


def named_datasets(options: Iterable[str]) -> dict[str, HubDataset]:
    """The known datasets with those of ``NAME=ORG/NAME`` or ``NAME=ORG/NAME:TASK`` added, or put in their place.

    Raises InputError for an option of another form.
    """
    datasets = dict(HUB_DATASETS)
    for option in options:
        name, _, place = option.partition("=")
        hub_id, _, task = place.partition(":")
        if not name or not _HUB_ID.fullmatch(hub_id) or place.endswith(":"):
            raise InputError(
                f"--dataset-id {option}: write NAME=ORG/NAME, or NAME=ORG/NAME:TASK: apps+=my-group/apps-plus"
            )
        known = datasets.get(name)
        same = known is not None and known.id == hub_id
        base = known if known is not None and same else HubDataset(hub_id)
        datasets[name] = replace(base, task_id=task or base.task_id)
    return datasets


def dataset_of(record: Record, datasets: Mapping[str, HubDataset], wanted_by: str) -> HubDataset:
    """Where a record's problems are. Raises InputError where that is not known and ``wanted_by`` cannot do without."""
    name = record.dataset.name
    if name not in datasets:
        raise InputError(
            f"{record.id}: {wanted_by} names the dataset on the hub, and where {name} is, is not known: "
            f"say it with --dataset-id {name}=ORG/NAME, or leave the record out"
        )
    return datasets[name]


def scores_once(record: Record) -> list[TierScore]:
    """The scores, overall first; of an only tier, which is all problems again, none that overall has too."""
    order = [OVERALL, *record.dataset.tiers]
    only_one = len(record.dataset.tiers) == 1
    kept = [s for s in record.scores if s.tier == OVERALL or not (only_one and record.score(OVERALL, s.k))]
    return sorted(kept, key=lambda score: (order.index(score.tier), score.k))
