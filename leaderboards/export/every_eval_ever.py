"""Export records in the schema of the EvalEval Coalition, "Every Eval Ever" (arXiv 2606.14516), version 0.3.0.

One record becomes one aggregate file, ``data/<collection>/<developer>/<model>/<uuid>.json``: the datastore's layout.
Choices where the schema is open, or requires what a record does not have:

- *Collection*: ``apps-plus`` for APPS+, ``apps-plus-<benchmark>`` for others: a collection holds the results that one
  source publishes.
- *File name*: the datastore takes version 4 UUIDs only. Random ones would differ from export to export, so the random
  bits are those of the content's SHA-256: the same record gives the same file.
- *retrieved_timestamp* is the time when the file was made; here the record's date (00:00 UTC), for the same reason.
- *source_type*: ``documentation`` for a figure from a paper, and for a record with neither samples nor outcomes of
  problems; else ``evaluation_run``.
- *evaluator_relationship*: ``third_party`` for a reproduced record; else ``other`` unless given: a record does not say
  who measured, nor whether the model is theirs.
- *A model id without an organisation*: the id and the folder begin with the record's source (``arxiv-2402.01391``,
  ``github-LLMDebugger``), and the optional ``developer`` is left out. Where a record has no source, the developer must
  be given.
- *Uncertainty* is given where the record has an interval. An interval computed from the score alone is left to the
  reader.
- *Instance-level files* require each prompt, reference answer and model output, and a record has none of these by
  design: they are written where the samples are given (``every_eval_ever_instances``).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from apps_plus.errors import InputError
from harness.scoring.result_record import ModelFacts, Record, Status
from leaderboards.export.every_eval_ever_instances import SampleFiles, companion, instance_rows, instances_text
from leaderboards.export.every_eval_ever_names import collection, component, content_uuid, details
from leaderboards.export.every_eval_ever_scores import results
from leaderboards.export.hub_datasets import HUB_DATASETS, HubDataset

EEE_VERSION = "0.3.0"
RELATIONSHIPS = {Status.REPRODUCED: "third_party"}

_API_ID = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[\w.:+-]+)+", re.ASCII)
"""``ORG/NAME``, or more parts, as some APIs use."""
_LOCAL_ENGINES = ("hf", "transformers", "vllm")
_CLOSED = ("proprietary", "closed")
_VAGUE = ("unknown", "other")


@dataclass(frozen=True, slots=True)
class Attribution:
    """Facts that an export needs and records do not hold."""

    organization: str = "apps-plus"
    """Organization that provides the data."""
    developer: str | None = None
    """Developer of the models whose id names no organisation."""
    relationship: str | None = None
    """``first_party``, ``third_party``, ``collaborative`` or ``other``; None: see the module's docstring."""
    datasets: Mapping[str, HubDataset] = field(default_factory=lambda: HUB_DATASETS)
    """Datasets on the Hugging Face hub, by benchmark name."""


def aggregate_file(
    record: Record, attribution: Attribution, others: Sequence[Record] = ()
) -> tuple[PurePosixPath, str]:
    """Return the path of a record's file below the datastore's root, and its text.

    With ``others``, the file has win rates against those of the same board, and depends on them.

    Raises InputError where the record lacks what the schema requires: a date, or the model's developer.
    """
    log = evaluation_log(record, attribution, others)
    text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
    developer, _, model = log["model_info"]["id"].partition("/")
    folder = PurePosixPath("data", collection(record), developer, re.sub("[/:]", "_", model))
    return folder / f"{content_uuid(text)}.json", text


def files_with_instances(
    record: Record, attribution: Attribution, files: SampleFiles, others: Sequence[Record] = ()
) -> list[tuple[PurePosixPath, str]]:
    """Return a record's aggregate file and its companion with a row for each sample: paths and texts.

    Raises InputError as ``aggregate_file`` and ``instance_rows``.
    """
    log = evaluation_log(record, attribution, others)
    path, aggregate = aggregate_file(record, attribution, others)
    rows = instance_rows(record, log, files)
    samples = instances_text(rows)
    name = str(content_uuid(aggregate + samples))
    log["detailed_evaluation_results"] = companion(path.parent, name, samples, len(rows))
    text = json.dumps(log, indent=2, ensure_ascii=False) + "\n"
    return [(path.parent / f"{name}.json", text), (path.parent / f"{name}_samples.jsonl", samples)]


def evaluation_log(record: Record, attribution: Attribution, others: Sequence[Record] = ()) -> dict[str, Any]:
    """Return the aggregate object of a record. Raises InputError as ``aggregate_file``."""
    seconds = _timestamp(record)
    model = _model_info(record, attribution)
    measured = record.date.isoformat() if record.date and record.status is not Status.REPORTED else None
    log = _without_none(
        {
            "schema_version": EEE_VERSION,
            # A model may have several records on one benchmark (temperatures, prompts): the record's id is distinct.
            "evaluation_id": f"{collection(record)}.{record.id}/{model['id']}/{seconds}",
            "evaluation_timestamp": measured,
            "retrieved_timestamp": str(seconds),
            "source_metadata": _source_metadata(record, attribution),
            "eval_library": _eval_library(record),
            "model_info": model,
            "evaluation_results": list(results(record, attribution.datasets, others)),
        }
    )
    return dict(log)


def _timestamp(record: Record) -> int:
    day = record.date or (record.reproduction.date if record.reproduction else None)
    if day is None:
        raise InputError(f"{record.id}: no date, which every-eval-ever requires: add date to the record")
    return int(datetime.combine(day, time(), UTC).timestamp())


# ---- source, model, library


def _source_metadata(record: Record, attribution: Attribution) -> dict[str, Any]:
    source, ran, samples = record.source, record.reproduction, record.samples
    return {
        "source_name": source.title if source else "apps-plus leaderboard",
        "source_type": _source_type(record),
        "source_organization_name": attribution.organization,
        "evaluator_relationship": attribution.relationship or RELATIONSHIPS.get(record.status, "other"),
        "additional_details": details(
            record_id=record.id,
            status=record.status.value,
            source_url=source and source.url,
            source_place=source and source.where,
            samples_file=samples and samples.file,
            samples_sha256=samples and samples.sha256,
            samples_count=samples and samples.count,
            reproduced_samples=ran and ran.samples,
            reproduced_agreed=ran and ran.agreed,
            reproduced_date=ran and ran.date,
            reproduced_note=ran and ran.note,
            notes=record.notes or None,
        ),
    }


def _source_type(record: Record) -> str:
    ran_here = record.status is not Status.REPORTED and (record.samples or record.problems)
    return "evaluation_run" if ran_here else "documentation"


def _model_info(record: Record, attribution: Attribution) -> dict[str, Any]:
    model = record.model
    named = _API_ID.fullmatch(model.id) is not None
    model_id = model.id if named else f"{_organisation(record, attribution)}/{component(model.id)}"
    parts = [component(part, keep=":") for part in model_id.split("/")]
    name, version = _engine(record.generation.engine or "")
    return {
        "name": model.title,
        "id": "/".join(parts),
        "developer": parts[0] if named else attribution.developer,
        "inference_engine": {"name": name or None, "version": version or None},
        "additional_details": details(
            deployment_type="self_deployed" if name.lower() in _LOCAL_ENGINES else "unknown",
            model_availability=_availability(model),
            id_in_record=model.id if model.id != "/".join(parts) else None,
            revision=model.revision,
            parameters=model.parameters and int(model.parameters),
            licence=model.licence,
            released=model.released,
            training_cutoff=model.cutoff,
            trained_on_apps=model.trained_on_apps,
            group=model.group,
            base_model=model.base,
        ),
    }


def _engine(text: str) -> tuple[str, str]:
    """Split an engine like ``vllm 0.6.0`` into name and version."""
    name, _, version = text.partition(" ")
    return (name, version) if version[:1].isdigit() else (text, "")


def _availability(model: ModelFacts) -> str:
    if model.licence is None or model.licence.lower() in _VAGUE:
        return "unknown"
    return "closed_weights" if model.licence.lower() in _CLOSED else "open_weights"


def _organisation(record: Record, attribution: Attribution) -> str:
    """Return the organisation to put before a model id that names none: the developer, or the record's source."""
    organisation = component(attribution.developer) if attribution.developer else _source_name(record)
    if organisation is None:
        raise InputError(
            f"{record.id}: the model's id, {record.model.id}, names no organisation, which every-eval-ever requires: "
            "give --developer NAME"
        )
    return organisation


def _source_name(record: Record) -> str | None:
    """Name a record's source by its URL: ``arxiv-2402.01391``; None where it has no URL."""
    try:
        url = urlsplit((record.source and record.source.url) or "")
        host = url.hostname
    except ValueError:
        return None
    if not host:
        return None
    return component(f"{host.removeprefix('www.').partition('.')[0]}-{url.path.rstrip('/').rpartition('/')[2]}")


def _eval_library(record: Record) -> dict[str, Any]:
    harness = record.harness
    if harness is None:
        return {"name": "unknown", "version": "unknown"}
    more = details(
        commit=harness.commit,
        python=harness.python,
        rule=harness.rule,
        given_imports=harness.given_imports,
        limits=harness.limits or None,
        isolation=harness.isolation or None,
    )
    return {"name": harness.name, "version": harness.version or "unknown", "additional_details": more}


def _without_none(value: Any) -> Any:
    """Drop the None values, and the objects that become empty."""
    if isinstance(value, dict):
        known = {key: _without_none(item) for key, item in value.items() if item is not None}
        return {key: item for key, item in known.items() if item != {}}
    return [_without_none(item) for item in value] if isinstance(value, list) else value
