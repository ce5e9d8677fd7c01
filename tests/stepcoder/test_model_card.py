"""The card of a trained model: what it must say, and that nothing in a name breaks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from apps_plus.errors import OutputError
from stepcoder.config import TrainConfig, flatten
from stepcoder.config_files import load_config
from stepcoder.model_card import write_card

SCORES = {"eval/pass@1": 0.25, "eval/interview": 0.125}


def written(folder: Path, config: TrainConfig | None = None, **given: Any) -> str:
    config = config or load_config("paper")
    given = {"data_digest": "ab12", "scores": SCORES, "steps": 1000, "base": config.model.name, **given}
    write_card(folder, config, **given)
    return (folder / "README.md").read_text(encoding="utf-8")


def front_matter(text: str) -> dict[str, Any]:
    return yaml.safe_load(text.split("---\n")[1])


def table(text: str) -> dict[str, str]:
    rows = [line.removeprefix("| ").removesuffix(" |").split(" | ") for line in text.splitlines() if line[:2] == "| "]
    return {row[0]: row[1] for row in rows if len(row) == 2}


def test_it_names_method_base_data_and_scores(tmp_path: Path) -> None:
    text = written(tmp_path)
    rows = table(text)
    assert rows["method"] == "`stepcoder`"
    assert rows["began with"] == "`deepseek-ai/deepseek-coder-6.7b-instruct`"
    assert rows["SHA-256 of the data"] == "`ab12`"
    assert rows["steps"] == "1,000"
    assert (rows["pass@1"], rows["interview"]) == ("0.2500", "0.1250")
    assert "split `validation`" in text
    assert "T 0.2, top-p 0.95" in text


def test_the_front_matter_is_yaml_that_a_hub_reads(tmp_path: Path) -> None:
    assert front_matter(written(tmp_path)) == {
        "library_name": "transformers",
        "pipeline_tag": "text-generation",
        "tags": ["code", "apps-plus", "stepcoder"],
        "base_model": "deepseek-ai/deepseek-coder-6.7b-instruct",
        "metrics": ["pass@1"],
    }


def test_every_setting_is_in_it(tmp_path: Path) -> None:
    config = load_config("single-gpu-lora")
    rows = table(written(tmp_path, config))
    for key, value in flatten(config).items():
        if value is not None:
            assert rows[f"`{key}`"].lower() == (f"`{value}`".lower() if value != "" else "")


def test_a_folder_is_no_base_model_of_a_hub(tmp_path: Path) -> None:
    config = load_config("tiny", [f"model.name={tmp_path}"])
    assert "base_model" not in front_matter(written(tmp_path, config))


def test_a_model_that_the_run_made_is_no_base_model_of_a_hub(tmp_path: Path) -> None:
    text = written(tmp_path, load_config("tiny"), base="toy")
    assert "base_model" not in front_matter(text)
    assert "Scores on problems that were trained on" in text
    assert "# a small model made from scratch, trained with stepcoder" in text
    assert table(text)["began with"] == "a small model made from scratch"


def test_without_scores_it_has_none(tmp_path: Path) -> None:
    text = written(tmp_path, scores={})
    assert "Scores" not in text
    assert "metrics" not in front_matter(text)


def test_supervised_fine_tuning_is_called_so(tmp_path: Path) -> None:
    text = written(tmp_path, load_config("paper", ["method=sft"]))
    assert "Supervised fine-tuning" in text
    assert "Reinforcement learning" not in text


def test_adapters_are_named(tmp_path: Path) -> None:
    assert "LoRA adapters of rank 16" in written(tmp_path, load_config("single-gpu-lora"))


@pytest.mark.parametrize("name", ['a"b: c', "a|b`c", "a\nb", "---"])
def test_no_name_breaks_it(tmp_path: Path, name: str) -> None:
    text = written(tmp_path, load_config("paper", [f"model.name={name}", f"data.path={name}"]), base=name)
    assert front_matter(text)["base_model"] == load_config("paper", [f"model.name={name}"]).model.name
    assert table(text)["steps"] == "1,000"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="file"):
        written(tmp_path / "file" / "model")
