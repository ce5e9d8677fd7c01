"""Find the dataset of a benchmark on the Hugging Face hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from apps_plus.errors import InputError
from harness.scoring.result_record import Record

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]*[\w-]", re.ASCII)


@dataclass(frozen=True, slots=True)
class HubDataset:
    """A dataset on the hub."""

    id: str
    """``ORG/NAME``."""
    config: str | None = None
    """Configuration that holds the problems; None: the only one."""
    task_id: str = "default"
    """Name of the task in the dataset's ``eval.yaml``. The datasets below are not known to have that file."""


HUB_DATASETS: Mapping[str, HubDataset] = {
    "humaneval": HubDataset("openai/openai_humaneval", "openai_humaneval"),
    "humaneval+": HubDataset("evalplus/humanevalplus"),
    "mbpp": HubDataset("google-research-datasets/mbpp", "full"),
    "mbpp-sanitized": HubDataset("google-research-datasets/mbpp", "sanitized"),
    "mbpp+": HubDataset("evalplus/mbppplus"),
    "apps": HubDataset("codeparrot/apps", "all"),
}
"""Datasets by the benchmark names in records. APPS+ is on no hub: give the published build with --dataset-id."""


def named_datasets(options: Iterable[str]) -> dict[str, HubDataset]:
    """Add datasets given as ``NAME=ORG/NAME`` or ``NAME=ORG/NAME:TASK`` to the known ones, or replace these.

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


def required_dataset(record: Record, datasets: Mapping[str, HubDataset], export_format: str) -> HubDataset:
    """Return the dataset of a record. Raises InputError, which names ``export_format``, where it is unknown."""
    name = record.dataset.name
    if name not in datasets:
        raise InputError(
            f"{record.id}: {export_format} names the dataset on the hub, which is not known for {name}: "
            f"give it with --dataset-id {name}=ORG/NAME, or leave the record out"
        )
    return datasets[name]
