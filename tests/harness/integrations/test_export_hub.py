"""The export for the hub: a folder that loads like the build, and its upload to a stand-in for the hub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
import yaml
from command_line import run
from hub_stand_in import HubStandIn, hub_stand_in

import apps_plus
from apps_plus.problem import Dataset
from harness.integrations.export.cards import TASK_ID, eval_yaml
from leaderboards.export.hub_datasets import HubDataset


def upload(build: Path, out: Path, server: HubStandIn, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process: ``huggingface_hub`` reads its settings once."""
    environment = {**os.environ, "HF_ENDPOINT": server.url, "HF_TOKEN": "hf_test", "HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    words = ["export", build, "--for", "hub", "--out", out, "--repo", "my-group/problems", "--json", *options]
    return subprocess.run(
        [sys.executable, "-m", "apps_plus", *map(str, words)], env=environment, capture_output=True, text=True
    )


def test_the_folder_loads_like_the_build(sample_build, tmp_path):
    run("export", sample_build, "--for", "hub", "--out", tmp_path / "out")
    assert apps_plus.load(tmp_path / "out") == apps_plus.load(sample_build)
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: len(rows) for split, rows in loaded.items()} == {
        split: len(apps_plus.load(sample_build)[split]) for split in ("train", "validation", "test")
    }


def test_the_benchmark_of_eval_yaml_is_the_one_that_records_name(sample_build, tmp_path):
    run("export", sample_build, "--for", "hub", "--out", tmp_path / "out")
    benchmark = yaml.safe_load((tmp_path / "out" / "eval.yaml").read_text())
    assert benchmark["evaluation_framework"] == "inspect-ai"
    assert benchmark["tasks"] == [{"id": TASK_ID, "config": "default", "split": "test"}]
    assert HubDataset("my-group/problems").task_id == TASK_ID
    assert str(len(apps_plus.load(sample_build).test)) in benchmark["description"]


def test_a_build_without_a_test_split_is_evaluated_on_the_split_that_there_is(sample_build):
    only_train = Dataset(train=apps_plus.load(sample_build).train)
    assert yaml.safe_load(eval_yaml(only_train, "built"))["tasks"][0]["split"] == "train"


def test_an_upload_sends_every_file_in_one_commit(sample_build, tmp_path):
    with hub_stand_in() as server:
        ran = upload(sample_build, tmp_path / "out", server, "--private")
    assert ran.returncode == 0, ran.stderr
    report = json.loads(ran.stdout)
    assert report["url"].endswith("/commit/" + "a" * 40)
    assert server.files == {name: (tmp_path / "out" / name).read_bytes() for name in report["files"]}
    assert {"README.md", "eval.yaml", "manifest.json", "test.jsonl", "test.parquet"} <= set(server.files)
    assert server.tokens == {"Bearer hf_test"}
    [repository] = server.repositories
    named = {name: repository[name] for name in ("organization", "name", "type", "visibility")}
    assert named == {"organization": "my-group", "name": "problems", "type": "dataset", "visibility": "private"}


@pytest.mark.parametrize(("status", "code", "told"), [(403, 2, "does not let this token write"), (500, 1, "refused")])
def test_what_the_hub_refuses_is_told_in_one_line(sample_build, tmp_path, status, code, told):
    with hub_stand_in(status) as server:
        ran = upload(sample_build, tmp_path / "out", server)
    assert ran.returncode == code
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr
    assert (tmp_path / "out" / "eval.yaml").exists()


def test_a_hub_that_does_not_answer_is_told_in_one_line(sample_build, tmp_path):
    with hub_stand_in() as server:
        pass
    ran = upload(sample_build, tmp_path / "out", server)
    assert ran.returncode == 1
    assert "cannot be reached" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_only_the_hub_takes_a_repository_and_it_has_two_parts(sample_build, tmp_path):
    result = run("export", sample_build, "--for", "verl", "--out", tmp_path / "out", "--repo", "a/b")
    assert (result.exit_code, "only --for hub" in result.stderr) == (2, True)
    result = run("export", sample_build, "--for", "hub", "--out", tmp_path / "out", "--repo", "name")
    assert (result.exit_code, "write ORG/NAME" in result.stderr) == (2, True)
    assert not (tmp_path / "out").exists()
