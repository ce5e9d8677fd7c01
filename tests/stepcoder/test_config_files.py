"""Settings from files: what is read, what is refused and in which words, and what is written."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from command_line import run as run_command
from pydantic import ValidationError

from apps_plus.errors import InputError
from stepcoder import config
from stepcoder.config import PPOConfig, TrainConfig, flatten
from stepcoder.config_errors import describe, field_of
from stepcoder.config_files import bundled_names, load_config, write_config

DATA = '[data]\npath = "toy:deep"\n'


def config_file(folder: Path, text: str, name: str = "run.toml") -> str:
    path = folder / name
    path.write_text(text)
    return str(path)


# ---- what is read


def test_what_a_file_does_not_name_keeps_its_default(tmp_path: Path) -> None:
    config = load_config(config_file(tmp_path, f"seed = 3\n{DATA}[ppo]\nlr = 1e-4\n"))
    default = TrainConfig()
    assert config == replace(
        default, seed=3, data=replace(default.data, path="toy:deep"), ppo=replace(default.ppo, lr=1e-4)
    )


def test_yaml_says_the_same_as_toml(tmp_path: Path) -> None:
    toml = f"seed = 3\ntensorboard = true\n{DATA}[ppo]\nlr = 5e-7\nwhiten = false\n[model]\nrevision = 'main'\n"
    # YAML 1.1 reads 5e-7, which has no dot, as text
    yaml = "seed: 3\ntensorboard: yes\ndata: {path: 'toy:deep'}\n"
    yaml += "ppo:\n  lr: 5e-7\n  whiten: false\nmodel:\n  revision: main\n"
    assert load_config(config_file(tmp_path, yaml, "run.yaml")) == load_config(config_file(tmp_path, toml))


def test_a_section_of_comments_is_an_empty_one(tmp_path: Path) -> None:
    text = "ppo:\n  # lr: 1.0e-4\ndata:\n  path: toy:deep\n"
    assert load_config(config_file(tmp_path, text, "run.yml")).ppo == TrainConfig().ppo


def test_overrides_come_after_the_file_and_the_last_counts(tmp_path: Path) -> None:
    path = config_file(tmp_path, DATA + "[ppo]\nkl_coef = 0.2\n[model]\nrevision = 'main'\n")
    overrides = [
        "ppo.kl_coef=0.1",
        "ppo.kl_coef = 0",
        "ppo.whiten=False",
        "ppo.steps=7",
        "method=ppo",
        "model.revision=",
    ]
    config = load_config(path, [*overrides, "model.name=a=b"])
    assert (config.ppo.kl_coef, config.ppo.whiten, config.ppo.steps, config.method) == (0.0, False, 7, "ppo")
    assert (config.model.revision, config.model.name) == (None, "a=b")


def test_a_whole_number_is_a_number(tmp_path: Path) -> None:
    config = load_config(config_file(tmp_path, DATA + "[ppo]\nlam = 1\n"))
    assert isinstance(config.ppo.lam, float)


@pytest.mark.parametrize("name", bundled_names())
def test_the_bundled_configs_are_sound(name: str) -> None:
    assert isinstance(load_config(name), TrainConfig)


def test_the_bundled_names() -> None:
    assert bundled_names() == ["paper", "sample", "single-gpu-lora", "tiny"]


@pytest.mark.parametrize("arguments", [("train", "--help"), ("train", "run", "--help")])
def test_the_help_names_every_bundled_config(arguments: tuple[str, ...]) -> None:
    told = " ".join(run_command(*arguments).stdout.split())
    listed = told.partition("or a bundled one: ")[2].partition(".")[0]
    assert sorted(listed.split(", ")) == bundled_names()


def test_the_papers_hyper_parameters() -> None:
    config = load_config("paper")
    assert (config.ppo.lr, config.ppo.critic_lr, config.ppo.kl_coef) == (5e-7, 1.5e-6, 0.05)
    assert (config.sft.lr, config.sft.epochs, config.sft.warmup_epochs, config.sft.batch_size) == (2e-5, 3.0, 0.3, 64)
    rollout, evaluation = config.rollout, config.evaluation
    assert (rollout.temperature, rollout.top_p, rollout.samples, rollout.max_tokens) == (0.8, 0.9, 16, 1024)
    assert (evaluation.temperature, evaluation.top_p) == (0.2, 0.95)
    assert config.model.name == "deepseek-ai/deepseek-coder-6.7b-instruct"


# ---- what is refused


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("ppo.klcoef=1", "--set: unknown key ppo.klcoef: did you mean ppo.kl_coef?"),
        ("kl_coef=1", "--set: unknown key kl_coef: did you mean ppo.kl_coef?"),
        ("lr=1", "--set: unknown key lr: did you mean ppo.lr or sft.lr?"),
        ("qqq=1", "--set: unknown key qqq: the sections are model, data, rollout, ppo, sft or evaluation"),
        ("ppo=1", "--set: ppo is a section: set one of its keys, such as ppo.steps"),
        ("ppo.lr", "--set ppo.lr: write KEY=VALUE, such as ppo.kl_coef=0.1"),
        ("ppo.lr=fast", '--set: ppo.lr = "fast": must be a number'),
        ("ppo.lr=nan", '--set: ppo.lr = "nan": must be a finite number above 0'),
        ("ppo.lr=inf", '--set: ppo.lr = "inf": must be a finite number above 0'),
        ("ppo.steps=1.5", '--set: ppo.steps = "1.5": must be a whole number'),
        ("ppo.epochs=0", '--set: ppo.epochs = "0": must be a whole number at least 1'),
        ("rollout.top_p=1.1", '--set: rollout.top_p = "1.1": must be a number above 0 and at most 1'),
        ("rollout.temperature=0", '--set: rollout.temperature = "0": must be a number above 0'),
        ("tensorboard=maybe", '--set: tensorboard = "maybe": must be true or false'),
        ("model.dtype=float16", '--set: model.dtype = "float16": must be one of float32, bfloat16; did you mean'),
        ("method=stepcode", "did you mean stepcoder?"),
        ("data.path=toy:dep", "must be one of toy:deep, toy:wide, toy:nested; did you mean toy:deep?"),
        ("data.path=", "data.path is missing: set a build's folder"),
        ("ppo.minibatches=999", "ppo.minibatches = 999 is more than the "),
    ],
)
def test_an_override_that_cannot_be_meant(override: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        load_config("tiny", [override])
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["ppo.advantages=grpo", "rollout.samples=1"], "rollout.samples must be >= 2"),
        (["evaluation.temperature=0", "evaluation.samples=2"], "evaluation.samples must be 1"),
    ],
)
def test_settings_that_are_wrong_together(overrides: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        load_config("tiny", overrides)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[ppo]\nlr = true\n", "ppo.lr = true: must be a number"),
        ("[ppo]\nsteps = false\n", "ppo.steps = false: must be a whole number"),
        ("[ppo]\nsteps = [1, 2]\n", "ppo.steps = [1, 2]: must be a whole number"),
        ("seed = 1e3\n", "seed = 1000.0: must be a whole number"),
        ("method = 3\n", "method = 3: must be text"),
        ("[data.path]\nx = 1\n", 'data.path = {"x": 1}: must be text'),
        ("[pppo]\nlr = 1\n", "unknown key pppo: did you mean ppo?"),
        ("seed = \n", "not TOML: Invalid value (at line 1, column 8)"),
        ("", "data.path is missing"),
    ],
)
def test_a_file_that_cannot_be_meant_is_named(tmp_path: Path, text: str, message: str) -> None:
    path = config_file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert str(caught.value).startswith(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("run.yaml", "- a\n", "not a config: it must hold keys and values"),
        ("run.yaml", "a: [\n", "not YAML"),
        ("run.yaml", "1: 2\n", "unknown key 1"),
        ("run.yaml", "seed: 2000-01-01\n", "must be a whole number"),
        ("run.json", "{}", "no config "),
    ],
)
def test_another_kind_of_file(tmp_path: Path, name: str, text: str, message: str) -> None:
    path = config_file(tmp_path, text, name)
    with pytest.raises(InputError) as caught:
        load_config(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot read .*none\.toml: No such file"):
        load_config(str(tmp_path / "none.toml"))
    (tmp_path / "latin.toml").write_bytes(b"method = '\xe9'\n")
    with pytest.raises(InputError, match=r"cannot read .*latin\.toml: it is not UTF-8"):
        load_config(str(tmp_path / "latin.toml"))


def test_a_misspelt_bundled_name_gets_a_suggestion() -> None:
    with pytest.raises(
        InputError, match=r"no config tinny: .* paper, sample, single-gpu-lora or tiny; did you mean tiny\?"
    ):
        load_config("tinny")


def test_every_number_has_a_limit_and_refuses_nan() -> None:
    for key, value in flatten(TrainConfig()).items():
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            assert " at least " in describe(field_of(key)) or " above " in describe(field_of(key)), key
            with pytest.raises(InputError, match=f'{key} = "nan": must be '):
                load_config("tiny", [f"{key}=nan"])


def test_every_setting_has_a_line_on_what_it_is() -> None:
    source = Path(config.__file__).read_text()
    for key in flatten(TrainConfig()):
        name = key.rpartition(".")[2]
        assert re.search(rf'^    {name}: .*\n    """', source, re.MULTILINE), key


def test_settings_are_checked_wherever_they_are_made() -> None:
    with pytest.raises(ValidationError):
        PPOConfig(lr=-1.0)
    with pytest.raises(ValidationError):
        replace(TrainConfig(), ppo=PPOConfig(minibatches=999))


# ---- what a run leaves behind


@pytest.mark.parametrize("name", bundled_names())
def test_what_is_written_reads_back_the_same(tmp_path: Path, name: str) -> None:
    config = load_config(name, ["ppo.max_kl=inf", 'model.revision=a"b\\c\td\x7fé', "ppo.lr=1e-07"])
    write_config(config, tmp_path / "config.toml")
    assert load_config(str(tmp_path / "config.toml")) == config
