"""Every setting of a training run: its type, its limits, its default, and one line on what it is.

``stepcoder.config_files`` reads settings from TOML, YAML and ``--set``. The defaults are the paper's if it names one
(section 4.2); docs/algorithm.md says what the paper leaves open, and what was chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from difflib import get_close_matches
from typing import Annotated, Literal, get_type_hints

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, Strict, model_validator
from pydantic.dataclasses import dataclass, is_pydantic_dataclass
from pydantic_core import PydanticCustomError

from apps_plus.errors import InputError
from apps_plus.selection import Selection, parse_range

TOY_MODEL = "toy"
"""``model.name`` of a model that the run makes itself, from scratch."""
TOY_DATA = "toy:"
"""Prefix of ``data.path`` for generated tasks; the family's name follows."""

Value = str | int | float | bool | None


def _parse(kind: Callable[[str], Value]) -> BeforeValidator:
    """Parse text as ``kind``: overrides are text, and YAML 1.1 reads 5e-7 as text."""
    return BeforeValidator(lambda value: kind(value) if isinstance(value, str) else value)


def _bool(text: str) -> bool | str:
    return {"true": True, "false": False}.get(text.lower(), text)


def _encodable(text: str) -> str:
    text.encode()  # a ValueError for half of a surrogate pair, which no file can hold
    return text


def describe_choices(value: object, allowed: Iterable[str]) -> str:
    """Return ``one of a, b; did you mean a?``."""
    names = tuple(allowed)
    near = get_close_matches(str(value), names, n=1)
    return f"one of {', '.join(names)}" + (f"; did you mean {near[0]}?" if near else "")


def _known_method(name: str) -> str:
    from stepcoder.methods import METHODS

    return _checked(name, METHODS)


def toy_paths() -> list[str]:
    """Return every ``data.path`` of generated tasks."""
    from stepcoder.toys.tasks import FAMILIES

    return [f"{TOY_DATA}{family}" for family in FAMILIES]


def _known_toy(path: str) -> str:
    return _checked(path, toy_paths()) if path.startswith(TOY_DATA) else path


def _known_range(text: str) -> str:
    if text:
        try:
            parse_range(text)
        except InputError as error:
            raise _refusal("range", str(error)) from error
    return text


def _checked(value: str, allowed: Iterable[str]) -> str:
    if value not in allowed:
        raise _refusal("choice", f"must be {describe_choices(value, allowed)}")
    return value


def _refusal(kind: str, message: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "{message}", {"message": message})


# ---- types of settings, with their limits

Flag = Annotated[bool, Strict(), _parse(_bool)]
Text = Annotated[str, Strict(), AfterValidator(_encodable)]
Whole = Annotated[int, Strict(), Field(ge=0), _parse(int)]
Count = Annotated[int, Strict(), Field(ge=1), _parse(int)]
Seed = Annotated[int, Strict(), Field(ge=0, lt=2**32), _parse(int)]
NotNegative = Annotated[float, Strict(), Field(ge=0, allow_inf_nan=False), _parse(float)]
Positive = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=False), _parse(float)]
PositiveOrInf = Annotated[float, Strict(), Field(gt=0, allow_inf_nan=True), _parse(float)]
Share = Annotated[float, Strict(), Field(ge=0, le=1), _parse(float)]
ShareAbove0 = Annotated[float, Strict(), Field(gt=0, le=1), _parse(float)]
ShareBelow1 = Annotated[float, Strict(), Field(ge=0, lt=1), _parse(float)]
Split = Literal["train", "validation", "test"]

_CONFIG = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, config=_CONFIG)
class ModelConfig:
    """The model that is trained, and how it is held in memory."""

    name: Text = "deepseek-ai/deepseek-coder-6.7b-instruct"
    """A folder, or a name on the hub."""
    revision: Annotated[Text | None, BeforeValidator(lambda value: None if value == "" else value)] = None
    """A branch, tag or commit of a hub model."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Type of the forward and backward passes and of frozen weights; trained weights are float32."""
    device: Literal["auto", "cpu", "cuda"] = "auto"
    """``auto`` is a GPU if there is one."""
    gradient_checkpointing: Flag = False
    """Recompute activations in the backward pass: less memory, about a third more time."""
    lora_rank: Whole = 0
    """Rank of LoRA adapters on all linear layers; 0 trains every weight."""
    lora_alpha: Positive = 16.0
    """LoRA's scale."""
    chat: Flag = False
    """Prompt through the model's chat template and extract the fenced program of its answer."""

    @property
    def is_toy(self) -> bool:
        """True if the run makes its model itself."""
        return self.name == TOY_MODEL


@dataclass(frozen=True, slots=True, config=_CONFIG)
class DataConfig:
    """The problems to train and evaluate on."""

    path: Annotated[Text, AfterValidator(_known_toy)] = ""
    """A build's folder (``apps-plus build``), or ``toy:FAMILY`` (``deep``, ``wide``, ``nested``)."""
    split: Split = "train"
    """The split to train on."""
    eval_split: Split = "validation"
    """The held-out split to evaluate on."""
    limit: Whole = 0
    """Train on at most this many problems; 0: all."""
    eval_limit: Whole = 0
    """Evaluate on at most this many problems; 0: all."""
    max_prompt_tokens: Count = 1024
    """Problems with longer prompts are left out, and counted."""
    min_strength: Share = 0.0
    """Train only on problems whose tests are at least this strong (``apps-plus strength``); 0: on all."""
    solve_rate: Annotated[Text, AfterValidator(_known_range)] = ""
    """Train only on problems with such a solve rate (``apps-plus difficulty``): ``0.05:0.95``; empty: on all."""
    solve_rate_model: Text = ""
    """The model whose solve rate counts; empty: the rate over the samples of all models."""

    @property
    def selection(self) -> Selection:
        """The problems to train on. Those to evaluate on are not selected: scores stay comparable."""
        rates = parse_range(self.solve_rate) if self.solve_rate else None
        return Selection(self.min_strength or None, rates, self.solve_rate_model or None)

    @property
    def toy_family(self) -> str | None:
        """The family of generated tasks; None: the problems are a build's."""
        return self.path.removeprefix(TOY_DATA) if self.path.startswith(TOY_DATA) else None


@dataclass(frozen=True, slots=True, config=_CONFIG)
class RolloutConfig:
    """Sampling and judging of programs in training."""

    problems: Count = 4
    """Problems per step, over all processes."""
    samples: Count = 16
    """Roll-outs per problem."""
    temperature: Positive = 0.8
    """Sampling temperature (paper: 0.8). At 0 all roll-outs of a problem would be the same."""
    top_p: ShareAbove0 = 0.9
    """Nucleus (paper: 0.9)."""
    max_tokens: Count = 1024
    """Maximum length of a response in tokens (paper: 1,024)."""
    batch_size: Count = 64
    """Sequences generated at once on one device."""
    workers: Whole = 0
    """Sandboxes that judge programs at the same time; 0: one per core."""
    test_seconds: Positive = 4.0
    """Processor seconds per test."""
    max_tests: Whole = 0
    """Judge by at most this many tests per problem; 0: all."""

    @property
    def per_step(self) -> int:
        """Roll-outs of a step, over all processes."""
        return self.problems * self.samples


@dataclass(frozen=True, slots=True, config=_CONFIG)
class PPOConfig:
    """The update (Schulman et al. 2017; StepCoder, sections 3 and 4.2)."""

    steps: Whole = 1000
    """Batches of roll-outs; 0: evaluate the model as it is."""
    max_rollouts: Whole = 0
    """Stop after the step in which the run's roll-outs, over all processes, reach this number; 0: no limit. A step of
    DAPO, which draws groups anew, or BREAD, which searches for a prefix, has more of them than ``rollout`` says."""
    epochs: Count = 1
    """Passes over each batch of roll-outs."""
    minibatches: Count = 1
    """Optimiser steps per pass."""
    micro_batch: Count = 8
    """Sequences per forward and backward pass on one device; gradients add up."""
    lr: Positive = 5e-7
    """Learning rate of the policy (paper: 5e-7)."""
    critic_lr: Positive = 1.5e-6
    """Learning rate of the critic (paper: 1.5e-6)."""
    warmup_steps: Whole = 0
    """Optimiser steps over which both learning rates rise from 0."""
    weight_decay: NotNegative = 0.0
    """AdamW's weight decay."""
    adam_beta2: ShareBelow1 = 0.95
    """AdamW's decay of the second moment."""
    max_grad_norm: PositiveOrInf = 1.0
    """Gradients are clipped to this norm, policy and critic separately."""
    kl_coef: NotNegative = 0.05
    """Weight of the KL to the reference (paper: 0.05)."""
    kl_in: Literal["reward", "loss"] = "reward"
    """``reward``: log pi - log pi_ref is subtracted from the reward at every token, and so is part of the advantages;
    ``loss``: the estimate k3 is added to the loss, as in GRPO."""
    clip_range: Positive = 0.2
    """Clip range of the ratio. The paper's unexplained "clip value of 0.8" can be set here."""
    clip_range_high: NotNegative = 0.0
    """Clip range of ratios above 1 (DAPO: 0.28); 0: ``clip_range``."""
    divide_by: Literal["tokens", "lengths", "responses", "max_tokens"] = "tokens"
    """The policy loss and a KL in the loss are sums over tokens divided by: ``tokens`` their number in the batch;
    ``lengths`` the tokens of each response, then the number of responses (GRPO); ``responses`` the number of responses
    (RLOO); ``max_tokens`` that number times ``rollout.max_tokens`` (Dr. GRPO)."""
    redraw: Whole = 0
    """At most this many times a step draws another problem in place of each whose roll-outs all have the same reward;
    those that remain are left out of the update (DAPO's dynamic sampling). 0: all are used."""
    value_clip_range: Positive = 0.2
    """Clip range of the value's change."""
    gamma: Share = 1.0
    """Discount."""
    lam: Share = 0.95
    """GAE's lambda."""
    entropy_coef: NotNegative = 0.0
    """Weight of an entropy bonus."""
    advantages: Literal["gae", "grpo", "dr_grpo", "rloo"] = "gae"
    """``gae`` (with a critic), or without one: ``grpo`` (z-scores within a problem's group), ``dr_grpo`` (difference to
    the group's mean), ``rloo`` (difference to the mean of the group's others). This is the estimator alone: the methods
    of these names are whole updates."""
    whiten: Flag = True
    """Whiten the advantages over the batch (GAE only)."""
    rho: ShareBelow1 = 0.5
    """CCCS: a problem moves to the next stage when the share of passing roll-outs exceeds this. AdaBack: a group's pass
    rate that suffices to reveal less."""
    rho_groups: Whole = 4
    """CCCS: groups of ``rollout.samples`` roll-outs after which a stage's share is reset; 0: never."""
    critic: Literal["own", "shared"] = "own"
    """``own``: a model of its own; ``shared``: a head on the policy's hidden states (no second model)."""
    max_kl: PositiveOrInf = 2.0
    """Stop when the mean KL to the reference exceeds this many nats per token: the policy has diverged."""


@dataclass(frozen=True, slots=True, config=_CONFIG)
class SFTConfig:
    """Supervised fine-tuning (paper: lr 2e-5, 3 epochs, batch 64, warm-up 0.3 epoch)."""

    lr: Positive = 2e-5
    """Learning rate."""
    epochs: Positive = 3.0
    """Passes over the examples."""
    batch_size: Count = 64
    """Examples per step, over all processes."""
    micro_batch: Count = 8
    """Examples per forward and backward pass on one device."""
    warmup_epochs: NotNegative = 0.3
    """Epochs over which the learning rate rises from 0; after that it falls to 0 along a cosine."""
    weight_decay: NotNegative = 0.0
    """AdamW's weight decay."""
    max_grad_norm: PositiveOrInf = 1.0
    """Gradients are clipped to this norm."""
    max_tokens: Count = 2048
    """Longer examples are left out, and counted."""


@dataclass(frozen=True, slots=True, config=_CONFIG)
class EvaluationConfig:
    """Evaluation of the held-out problems (paper: T 0.2, top-p 0.95)."""

    every: Whole = 0
    """Steps between two evaluations; 0: only at the end."""
    samples: Count = 1
    """Programs per problem."""
    temperature: NotNegative = 0.2
    """0 is greedy."""
    top_p: ShareAbove0 = 0.95
    """Nucleus."""


@dataclass(frozen=True, slots=True, config=_CONFIG)
class TrainConfig:
    """All settings of a run."""

    method: Annotated[Text, AfterValidator(_known_method)] = "stepcoder"
    """The training method: a row of the table in docs/training.md."""
    seed: Seed = 0
    """Fixes sampling, shuffling and initialisation."""
    save_every: Count = 100
    """Steps between two checkpoints; one is also written at the end and at Ctrl-C."""
    keep_checkpoints: Count = 2
    """Checkpoints that are kept; older ones are removed."""
    tensorboard: Flag = False
    """Write TensorBoard events, too."""
    model: ModelConfig = Field(default_factory=ModelConfig)
    data: DataConfig = Field(default_factory=DataConfig)
    rollout: RolloutConfig = Field(default_factory=RolloutConfig)
    ppo: PPOConfig = Field(default_factory=PPOConfig)
    sft: SFTConfig = Field(default_factory=SFTConfig)
    evaluation: EvaluationConfig = Field(default_factory=EvaluationConfig)

    @property
    def update(self) -> PPOConfig:
        """The settings of the update: ``ppo``, with what the method fixes."""
        from stepcoder.methods import METHODS

        return replace(self.ppo, **METHODS[self.method].update)

    @model_validator(mode="after")
    def _check_together(self) -> TrainConfig:
        for conflict in _conflicts(self):
            raise _refusal("conflict", conflict)
        return self


def _conflicts(config: TrainConfig) -> Iterator[str]:
    """Find settings that are valid alone and not together."""
    from stepcoder.methods import METHODS

    advantages = config.update.advantages
    if advantages != "gae" and config.rollout.samples < 2:
        yield f"ppo.advantages = {advantages} compares roll-outs of a problem: rollout.samples must be >= 2"
    if config.ppo.minibatches > (rollouts := config.rollout.per_step):
        yield f"ppo.minibatches = {config.ppo.minibatches} is more than the {rollouts} roll-outs of a step"
    if config.ppo.redraw and METHODS[config.method].searches:
        yield f"method {config.method} replaces the groups that fail itself: ppo.redraw must be 0"
    if config.evaluation.temperature == 0 and config.evaluation.samples > 1:
        yield "evaluation.temperature = 0 makes every sample the same: evaluation.samples must be 1"


SECTIONS = tuple(name for name, hint in get_type_hints(TrainConfig).items() if is_pydantic_dataclass(hint))
"""The names of the nested tables: ``model``, ``data``, ..."""


def flatten(config: TrainConfig) -> dict[str, Value]:
    """Return every setting by its dotted key (``ppo.kl_coef``), in the order of this module."""
    flat: dict[str, Value] = {}
    for field in fields(config):
        value = getattr(config, field.name)
        if field.name in SECTIONS:
            flat.update({f"{field.name}.{part.name}": getattr(value, part.name) for part in fields(value)})
        else:
            flat[field.name] = value
    return flat
