"""Records in the schema of Every Eval Ever, version 0.3.0.

The package ``every-eval-ever`` (Python 3.12 and newer) is the judge where it is installed; elsewhere the schema's
requirements are held as they are told here.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from command_line import run
from export_records import a_record

from apps_plus.errors import InputError
from harness.scoring.result_record import HarnessFacts, Record
from leaderboards.export.every_eval_ever import Attribution, aggregate_file, evaluation_log
from leaderboards.export.files import export_files, write
from leaderboards.export.hub_datasets import named_datasets
from leaderboards.record_files import load

WHO = Attribution()
SOURCE = {"title": "A paper", "url": "https://www.arxiv.org/abs/2402.01391", "where": "Table 1"}
HASH = "0" * 64
REPORTED = a_record("reported", status="reported", source=SOURCE, harness=None)
REPRODUCED = a_record(
    "reproduced",
    status="reproduced",
    reproduction={"samples": 30, "agreed": 29, "date": "2026-11-21", "note": "one timed out"},
    dataset={
        "name": "apps+",
        "version": "1.0",
        "split": "validation",
        "tiers": {"introductory": 10, "interview": 20},
        "sha256": HASH,
    },
    model={
        "id": "tiny-lab/mini",
        "licence": "mit",
        "parameters": 1e9,
        "cutoff": "2023-01-01",
        "trained_on_apps": False,
    },
    generation={"temperature": 0.0, "max_tokens": 512, "samples": 1, "engine": "vllm 0.6.0", "prompt": "plain"},
    harness={"version": "0.1.0", "limits": {"cpu_seconds": 4.0}, "isolation": ["seccomp", "landlock"]},
    scores=[
        {"tier": "interview", "value": 0.1},
        {"value": 0.2, "ci95": [0.1, 0.37], "method": "wilson"},
        {"tier": "introductory", "value": 0.4},
    ],
    categories={"overall": {"passed": 6, "failure": 24}},
    samples={"file": "mini.jsonl", "sha256": HASH, "count": 30},
    command="apps-plus evaluate apps+ mini.jsonl",
)
OWN = a_record("own", status="reported", source=SOURCE, model={"id": "StepCoder w/o CCCS"})
ALL = [REPORTED, REPRODUCED, OWN, a_record("mine")]
"""Records without a metric beside pass@1."""


def log(record: Record, **said: Any) -> dict[str, Any]:
    return evaluation_log(record, Attribution(**said))


# ---- what the schema requires


def strings(value: Any) -> bool:
    return all(isinstance(item, str) for item in value.values())


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.id)
def test_every_required_field_is_there(record: Record) -> None:
    made = log(record)
    assert made["schema_version"] == "0.3.0"
    assert set(made) <= {
        "schema_version",
        "evaluation_id",
        "evaluation_timestamp",
        "retrieved_timestamp",
        "source_metadata",
        "eval_library",
        "model_info",
        "evaluation_results",
    }
    assert made["evaluation_id"].endswith(f"/{made['model_info']['id']}/{made['retrieved_timestamp']}")
    assert made["retrieved_timestamp"] == "1795132800"
    assert made["source_metadata"]["source_type"] in ("documentation", "evaluation_run")
    assert made["source_metadata"]["source_organization_name"]
    assert made["source_metadata"]["evaluator_relationship"] in ("first_party", "third_party", "collaborative", "other")
    assert {"name", "version"} <= set(made["eval_library"])
    assert {"name", "id", "additional_details"} <= set(made["model_info"])
    details = made["model_info"]["additional_details"]
    assert details["deployment_type"] in ("self_deployed", "externally_managed", "unknown")
    assert details["model_availability"] in ("open_weights", "closed_weights", "unknown")
    assert strings(details)
    assert strings(made["source_metadata"]["additional_details"])
    assert made["evaluation_results"]


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.id)
def test_every_result_says_what_its_number_means(record: Record) -> None:
    for result in log(record)["evaluation_results"]:
        metric = result["metric_config"]
        assert metric["lower_is_better"] is False
        assert (metric["score_type"], metric["min_score"], metric["max_score"]) == ("continuous", 0.0, 1.0)
        assert (metric["metric_id"], metric["metric_parameters"]) == ("pass_at_k", {"k": 1})
        assert 0 <= result["score_details"]["score"] <= 1
        assert strings(result["score_details"]["details"])
        source = result["source_data"]
        assert source["dataset_name"]
        assert {"hf_dataset": "hf_repo", "url": "url", "other": "dataset_name"}[source["source_type"]] in source


@pytest.mark.parametrize("record", ALL, ids=lambda record: record.id)
def test_nothing_is_empty_or_null(record: Record) -> None:
    def walk(value: Any) -> None:
        assert value is not None
        assert value not in ({}, [])
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(item)

    walk(log(record))


def test_the_path_is_the_datastores_and_the_name_a_version_4_uuid_of_the_content() -> None:
    path, text = aggregate_file(REPRODUCED, WHO)
    assert path.parts[:-1] == ("data", "apps-plus", "tiny-lab", "mini")
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", path.stem)
    assert uuid.UUID(path.stem).version == 4
    assert aggregate_file(REPRODUCED, WHO) == (path, text)
    other, _ = aggregate_file(REPRODUCED.model_copy(update={"notes": ["another"]}), WHO)
    assert other != path


@pytest.mark.parametrize(
    ("model_id", "folder", "written"),
    [
        ("tiny-lab/mini", "tiny-lab/mini", "tiny-lab/mini"),
        ("openai/azure/gpt-4o", "openai/azure_gpt-4o", "openai/azure/gpt-4o"),
        ("lab/model:free", "lab/model_free", "lab/model:free"),
        ("StepCoder w/o CCCS", "us/StepCoder-w-o-CCCS", "us/StepCoder-w-o-CCCS"),
        ("SFT on APPS+", "us/SFT-on-APPS+", "us/SFT-on-APPS+"),
        ("../../etc/passwd", "us/..-..-etc-passwd", "us/..-..-etc-passwd"),
        ("/models/mini", "us/models-mini", "us/models-mini"),
        ("con", "us/_con", "us/_con"),
        ("data/mini.", "_data/mini", "_data/mini"),
        ("模型", "us/模型", "us/模型"),
        ("...", "us/_", "us/_"),
    ],
)
def test_a_model_has_a_folder_that_any_system_takes(model_id: str, folder: str, written: str) -> None:
    record = a_record(model={"id": model_id})
    path, text = aggregate_file(record, Attribution(developer="us"))
    assert path.parent.as_posix() == f"data/apps-plus-humaneval/{folder}"
    model = json.loads(text)["model_info"]
    assert (model["id"], model["name"]) == (written, model_id)
    assert model["additional_details"].get("id_in_record", written) == model_id


# ---- what is said


def test_a_reported_figure_is_documentation_and_names_its_source() -> None:
    source = log(REPORTED)["source_metadata"]
    assert (source["source_type"], source["source_name"]) == ("documentation", "A paper")
    assert source["additional_details"]["source_place"] == "Table 1"
    assert log(REPORTED)["eval_library"] == {"name": "unknown", "version": "unknown"}
    assert "evaluation_timestamp" not in log(REPORTED)  # the date is that of the paper


def test_what_ran_again_is_an_evaluation_by_somebody_else() -> None:
    made = log(REPRODUCED)
    assert made["source_metadata"]["source_type"] == "evaluation_run"
    assert made["source_metadata"]["evaluator_relationship"] == "third_party"
    details = made["source_metadata"]["additional_details"]
    assert (details["reproduced_samples"], details["reproduced_agreed"]) == ("30", "29")
    assert made["evaluation_timestamp"] == "2026-11-20"
    assert made["eval_library"]["version"] == "0.1.0"


def test_whether_missing_imports_were_given_goes_along() -> None:
    made = log(REPRODUCED.model_copy(update={"harness": HarnessFacts(version="0.1.0", given_imports=True)}))
    assert made["eval_library"]["additional_details"]["given_imports"] == "true"


def test_a_number_alone_is_documentation_whoever_hands_it_in() -> None:
    assert log(a_record("mine"))["source_metadata"]["source_type"] == "documentation"


def test_a_model_without_an_organisation_goes_under_its_source_or_needs_a_developer() -> None:
    model = log(OWN)["model_info"]
    assert model["id"] == "arxiv-2402.01391/StepCoder-w-o-CCCS"
    assert "developer" not in model
    model = log(OWN, developer="The Lab")["model_info"]
    assert (model["id"], model["developer"]) == ("The-Lab/StepCoder-w-o-CCCS", "The Lab")
    with pytest.raises(InputError, match=r"x: the model's id, local, names no organisation.*--developer NAME"):
        log(a_record("x", model={"id": "local"}))


@pytest.mark.parametrize("url", [None, "no address", "http://[x"])
def test_a_source_without_an_address_is_no_developer(url: str | None) -> None:
    source = {**SOURCE, "url": url}
    with pytest.raises(InputError, match="--developer NAME"):
        log(a_record(status="reported", source=source, model={"id": "local"}))


@pytest.mark.parametrize(
    ("engine", "written"),
    [
        ("vllm 0.6.0", {"name": "vllm", "version": "0.6.0"}),
        ("hf", {"name": "hf"}),
        ("our server", {"name": "our server"}),
        (None, None),
    ],
)
def test_an_engine_has_a_version_where_one_is_told(engine: str | None, written: dict[str, str] | None) -> None:
    assert log(a_record(generation={"engine": engine}))["model_info"].get("inference_engine") == written


def test_a_record_without_a_date_is_refused_and_one_that_ran_again_has_another() -> None:
    with pytest.raises(InputError, match="x: no date, which every-eval-ever requires"):
        log(a_record("x", date=None))
    assert log(REPRODUCED.model_copy(update={"date": None}))["retrieved_timestamp"] == "1795219200"


def test_the_overall_score_comes_first_and_each_result_has_its_own_id() -> None:
    results = log(REPRODUCED)["evaluation_results"]
    names = ["apps-plus", "apps-plus.introductory", "apps-plus.interview"]
    assert [result["evaluation_name"] for result in results] == names
    assert [result["evaluation_result_id"] for result in results] == [f"{name}.pass_at_1" for name in names]
    assert [result["score_details"]["score"] for result in results] == [0.2, 0.4, 0.1]


def test_an_only_tier_is_all_problems_and_stands_there_once() -> None:
    (result,) = log(a_record(scores=[{"value": 0.5}, {"tier": "", "value": 0.5}]))["evaluation_results"]
    assert result["evaluation_name"] == "apps-plus-humaneval"
    (result,) = log(a_record(scores=[{"tier": "", "value": 0.5}]))["evaluation_results"]
    assert result["evaluation_name"] == "apps-plus-humaneval.all"


def test_an_interval_is_given_where_the_record_has_one() -> None:
    overall, introductory, _ = log(REPRODUCED)["evaluation_results"]
    assert overall["score_details"]["uncertainty"] == {
        "confidence_interval": {"lower": 0.1, "upper": 0.37, "confidence_level": 0.95, "method": "wilson"},
        "num_samples": 30,
    }
    assert "uncertainty" not in introductory["score_details"]


def test_how_the_samples_were_made_is_told() -> None:
    made = log(REPRODUCED)
    config = made["evaluation_results"][0]["generation_config"]
    assert config["generation_args"] == {"temperature": 0.0, "max_tokens": 512}
    assert config["additional_details"]["samples_per_problem"] == "1"
    assert made["model_info"]["inference_engine"] == {"name": "vllm", "version": "0.6.0"}
    assert made["model_info"]["additional_details"]["deployment_type"] == "self_deployed"


def test_a_dataset_on_the_hub_is_named_there() -> None:
    known = log(REPORTED)["evaluation_results"][0]["source_data"]
    assert (known["source_type"], known["hf_repo"], known["samples_number"]) == (
        "hf_dataset",
        "openai/openai_humaneval",
        164,
    )
    assert log(REPRODUCED)["evaluation_results"][0]["source_data"]["source_type"] == "other"
    said = log(REPRODUCED, datasets=named_datasets(["apps+=us/apps-plus"]))["evaluation_results"][0]["source_data"]
    assert (said["hf_repo"], said["hf_split"]) == ("us/apps-plus", "val")


def test_the_organisation_and_the_relationship_are_those_that_somebody_states() -> None:
    source = log(REPORTED, organization="Tiny Lab", relationship="first_party")["source_metadata"]
    assert (source["source_organization_name"], source["evaluator_relationship"]) == ("Tiny Lab", "first_party")


# ---- the schema's own judge


def test_the_databases_own_validator_finds_nothing_in_these_and_in_the_shipped_records(tmp_path: Path) -> None:
    core = pytest.importorskip("every_eval_ever.validator.validation_core", reason="pip install every-eval-ever")
    records = [*ALL, *load().records]
    for path in write(export_files(records, "every-eval-ever", WHO), "every-eval-ever", tmp_path):
        where = path.relative_to(tmp_path).as_posix()
        report = core.validate_aggregate(path, repo_path=where, run_semantic_checks=True)
        assert (where, report.errors, report.warnings) == (where, [], [])


# ---- beside pass@k

COSTLY = a_record(
    "costly",
    cost={
        "samples": 4,
        "prompt_tokens": 80,
        "completion_tokens": 500,
        "seconds": 2.5,
        "money": {"amount": 1.25, "currency": "USD"},
    },
    generation={"thinking": True},
)


def outcomes(record_id: str, *passed: int, **fields: Any) -> Record:
    problems = {"": {f"P/{i}": [2, n] for i, n in enumerate(passed)}}
    return a_record(record_id, problems=problems, model={"id": f"lab/{record_id}"}, **fields)


def test_tokens_of_a_sample_are_a_metric_of_their_own_and_sums_are_details() -> None:
    score, tokens = log(COSTLY)["evaluation_results"]
    assert tokens["score_details"]["score"] == 125
    metric = tokens["metric_config"]
    assert (metric["metric_unit"], metric["lower_is_better"], metric["max_score"]) == ("tokens", True, "Infinity")
    told = score["generation_config"]["additional_details"]
    assert {name: told[name] for name in ("cost_samples", "completion_tokens", "generation_seconds", "paid")} == {
        "cost_samples": "4",
        "completion_tokens": "500",
        "generation_seconds": "2.5",
        "paid": "1.25 USD",
    }
    assert score["generation_config"]["generation_args"]["reasoning"] is True


def test_win_rates_are_against_the_records_of_the_same_board() -> None:
    ours, other = outcomes("ours", 2, 1, 1, 0), outcomes("other", 0, 1, 0, 1)
    elsewhere = outcomes("elsewhere", 0, 0, 0, 0, dataset={"name": "mbpp", "tiers": {"": 4}})
    made = evaluation_log(ours, WHO, [ours, other, elsewhere, REPORTED])
    _, rate = made["evaluation_results"]
    assert rate["metric_config"]["metric_parameters"] == {"against_model": "lab/other", "against_record": "other"}
    assert rate["score_details"]["score"] == (2 + 0.5) / 4
    assert rate["score_details"]["details"] == {"level": "all", "wins": "2", "ties": "1", "losses": "1"}
    interval = rate["score_details"]["uncertainty"]["confidence_interval"]
    assert interval["lower"] < 0.625 < interval["upper"]
    assert aggregate_file(ours, WHO, [other])[0] != aggregate_file(ours, WHO)[0]


def test_win_rates_are_for_the_format_that_has_a_place_for_them(tmp_path: Path) -> None:
    from harness.scoring.result_record_files import write_record

    for record in (outcomes("ours", 2, 1), outcomes("other", 0, 1)):
        write_record(record, tmp_path / f"{record.id}.json")
    words = ["leaderboard", "export", tmp_path, "--model", "lab/ours", "--win-rates"]
    made = run(*words, "--format", "every-eval-ever")
    found = [one["metric_config"]["metric_id"] for one in json.loads(made.stdout)["evaluation_results"]]
    assert found == ["pass_at_k", "apps_plus.win_rate"]
    refused = run(*words, "--format", "model-card")
    assert (refused.exit_code, "model-card has no place for them" in refused.stderr) == (2, True)
