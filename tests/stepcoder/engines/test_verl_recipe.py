"""docs/verl.md: verl's own configuration classes take its command, which says what the paper says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("verl")

from verl.trainer.ppo.utils import need_critic, need_reference_policy
from verl.utils.config import omega_conf_to_dataclass, validate_config
from verl_config import compose_verl

from stepcoder.bundled_shapes import bundled_shape
from stepcoder.config_files import load_config
from stepcoder.memory_estimate import format_bytes, measure
from stepcoder.sharded_estimate import TOKENS, estimate_sharded
from stepcoder.toys.tiny_model import make_toy_model

PAGE = (Path(__file__).parents[3] / "docs" / "verl.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    make_toy_model(folder, ["pass\n"], layers=1, width=16, heads=2)
    return folder


def command(model: Path, tmp_path: Path, algorithm: str, nodes: int) -> list[str]:
    """Run the page's script with ``echo`` in Python's place; return verl's arguments."""
    found = re.search(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    script = tmp_path / "train_verl.sh"
    script.write_text(found[1], encoding="utf-8")
    settings = {"ALGORITHM": algorithm, "NODES": str(nodes), "RUN": "/run", "MODEL": str(model), "PYTHON": "echo"}
    told = subprocess.run(
        ["bash", script], env={"PATH": "/usr/bin:/bin", **settings}, capture_output=True, text=True, check=True
    )
    first, second, *arguments = told.stdout.split()
    assert (first, second) == ("-m", "verl.trainer.main_ppo")
    return arguments


@pytest.fixture(params=[("ppo", 1), ("ppo", 2), ("grpo", 1), ("grpo", 2)], ids=lambda given: f"{given[0]}-{given[1]}")
def recipe(request: pytest.FixtureRequest, model: Path, tmp_path: Path) -> tuple[str, int, Any]:
    algorithm, nodes = request.param
    return algorithm, nodes, compose_verl(*command(model, tmp_path, algorithm, nodes))


def test_verls_own_checks_take_the_command(recipe: tuple[str, int, Any]) -> None:
    algorithm, nodes, config = recipe
    assert need_critic(config) == (algorithm == "ppo")
    assert need_reference_policy(config)
    validate_config(config, use_reference_policy=True, use_critic=need_critic(config))
    assert config.trainer.nnodes * config.trainer.n_gpus_per_node == 8 * nodes
    policy = "actor_rollout_ref"
    # Of the reference verl's worker renames keys before it makes the class; what the command sets is in the engine's.
    parts = [f"{policy}.actor", f"{policy}.rollout", f"{policy}.model", f"{policy}.ref.fsdp_config"]
    for name in [*parts, "algorithm", *(["critic"] if algorithm == "ppo" else [])]:
        part = config
        for key in name.split("."):
            part = part[key]
        assert omega_conf_to_dataclass(part) is not None, name


def test_the_command_says_what_the_paper_says(recipe: tuple[str, int, Any]) -> None:
    algorithm, _, config = recipe
    paper, rollout = load_config("paper"), config.actor_rollout_ref.rollout
    assert (rollout.n, rollout.temperature, rollout.top_p) == (
        paper.rollout.samples,
        paper.rollout.temperature,
        paper.rollout.top_p,
    )
    assert rollout.response_length == paper.rollout.max_tokens
    assert (rollout.val_kwargs.temperature, rollout.val_kwargs.top_p) == (
        paper.evaluation.temperature,
        paper.evaluation.top_p,
    )
    actor = config.actor_rollout_ref.actor
    assert float(actor.optim.lr) == paper.ppo.lr
    assert (actor.clip_ratio, actor.ppo_epochs) == (paper.ppo.clip_range, paper.ppo.epochs)
    assert actor.ppo_mini_batch_size == config.data.train_batch_size // paper.ppo.minibatches
    if algorithm == "ppo":
        assert float(config.critic.optim.lr) == paper.ppo.critic_lr
        assert config.critic.cliprange_value == paper.ppo.value_clip_range
        assert (config.algorithm.gamma, config.algorithm.lam) == (paper.ppo.gamma, paper.ppo.lam)
        assert config.algorithm.use_kl_in_reward and config.algorithm.kl_ctrl.kl_coef == paper.ppo.kl_coef
    else:
        assert actor.use_kl_loss and actor.kl_loss_coef == paper.ppo.kl_coef


def test_the_table_of_memory_is_the_estimate(recipe: tuple[str, int, Any]) -> None:
    algorithm, nodes, config = recipe
    assert config.actor_rollout_ref.actor.ppo_max_token_len_per_gpu == TOKENS
    if algorithm == "grpo":
        return
    size = measure(bundled_shape(load_config("paper").model.name, None))
    rows = re.findall(r"^\| ([a-z ]+) \| ([\d.]+) \| ([\d.]+) \|", PAGE, re.MULTILINE)
    shown = {name: row[nodes - 1] for name, *row in rows}
    for name, count in estimate_sharded(size, 8 * nodes, critic=True).rows():
        if name != "engine":
            assert float(shown[name]) == pytest.approx(count / 2**30, rel=0.01), (name, format_bytes(count))


def test_verl_finds_the_trainer_by_the_commands_environment(model: Path, tmp_path: Path) -> None:
    config = compose_verl(*command(model, tmp_path, "ppo", 1))
    variables = dict(config.ray_kwargs.ray_init.runtime_env.env_vars)
    code = "import verl; from verl.trainer.ppo.v1 import get_trainer_cls as c; print(c('stepcoder').__name__)"
    told = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert told.stdout.split()[-1:] == ["StepCoderTrainer"], told.stderr
    assert config.trainer.v1.trainer_mode == "stepcoder"
