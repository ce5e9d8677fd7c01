"""The folder of a run on verl is written and read without verl: what is refused is one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from apps_plus.errors import InputError, OutputError
from stepcoder.config import DataConfig, ModelConfig, TrainConfig
from stepcoder.engines.verl.prepare import main, prepare
from stepcoder.engines.verl.run_folder import HELD_OUT, TRAIN, RunFolder


@pytest.fixture
def settings(base: Path) -> TrainConfig:
    return TrainConfig(model=ModelConfig(name=str(base)), data=DataConfig(path="toy:deep"))


def test_what_is_written_is_read(settings: TrainConfig, tmp_path: Path) -> None:
    done = prepare(settings, tmp_path / "new" / "run")
    folder = RunFolder.read(tmp_path / "new" / "run")
    assert folder.config == settings
    assert (len(folder.tasks), len(folder.held_out)) == (done.problems, done.held_out) == (4, 4)


def test_the_length_for_verls_configuration_is_printed(
    base: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main("paper", tmp_path, ["data.path=toy:deep", f"model.name={base}", "model.chat=false"])
    name, _, length = capsys.readouterr().out.partition("=")
    assert name == "data.max_prompt_length" and int(length) > 0


def test_a_folder_that_cannot_be_made_is_refused(settings: TrainConfig, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(OutputError, match="cannot write"):
            prepare(settings, place)


def test_without_data_it_says_what_to_name(settings: TrainConfig, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data\.path is not set"):
        prepare(TrainConfig(model=settings.model), tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [("{", "not a JSON object"), ("{}", "is not in the data"), ('{"task_id": "other"}', "problem other is not")],
)
def test_damaged_rows_are_refused(settings: TrainConfig, tmp_path: Path, text: str, reason: str) -> None:
    prepare(settings, tmp_path)
    (tmp_path / TRAIN).write_text(text + "\n")
    with pytest.raises(InputError, match=reason):
        RunFolder.read(tmp_path)
    (tmp_path / TRAIN).write_text(json.dumps({"task_id": "deep/0000"}) + "\n")
    assert list(RunFolder.read(tmp_path).tasks) == ["deep/0000"]
    (tmp_path / HELD_OUT).unlink()
    with pytest.raises(InputError, match="cannot read"):
        RunFolder.read(tmp_path)
