"""Test a model's name on the command line: a folder, a name on the Hub, a folder without a model."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from apps_plus.errors import InputError
from harness.generation.tokenization import check_local_folder, hub_retries_unsaid, load_error


def files(folder: Path, *names: str) -> str:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("{}")
    return str(folder)


@pytest.mark.parametrize("name", ["gpt2", "lab/model", "."])
def test_a_name_of_the_hub_and_a_folder_may_be_models(name: str) -> None:
    check_local_folder(name)


def test_below_a_folder_that_is_there_a_name_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    check_local_folder("runs/model")
    (tmp_path / "runs").mkdir()
    with pytest.raises(InputError, match=r"^no model in runs/model: there is no such folder$"):
        check_local_folder("runs/model")


def test_the_folder_of_a_run_leads_to_its_model(tmp_path: Path) -> None:
    run = files(tmp_path / "run", "config.toml", "model/config.json")
    with pytest.raises(InputError, match=r"it is the folder of a run, and its model is in .*run/model$"):
        check_local_folder(run)
    check_local_folder(f"{run}/model")


def test_a_checkpoint_is_no_model(tmp_path: Path) -> None:
    checkpoint = files(tmp_path / "step-000024", "policy.pt", "state.json")
    with pytest.raises(InputError, match=r"it is a checkpoint, from which train --resume goes on"):
        check_local_folder(checkpoint)


def test_an_error_says_that_no_folder_was_found_before_the_hub_was_asked(tmp_path: Path) -> None:
    error = OSError("We couldn't connect")
    assert str(load_error("the model ", "nowhere/model", error)) == (
        "cannot load the model nowhere/model: there is no such folder, and from the Hub: We couldn't connect"
    )
    assert (
        str(load_error("the model ", str(tmp_path), error)) == f"cannot load the model {tmp_path}: We couldn't connect"
    )


def test_the_hubs_client_is_quiet_only_while_it_is_asked() -> None:
    logger = logging.getLogger("huggingface_hub")
    before = logger.level
    with hub_retries_unsaid():
        assert not logging.getLogger("huggingface_hub.utils._http").isEnabledFor(logging.WARNING)
    assert logger.level == before
