"""Every setting of a training run, each with one line under it. ``stepcoder.config_files`` reads them from files.

The defaults are the paper's where it names one (section 4.2); DESIGN section 9 says what it leaves open.
"""

from __future__ import annotations

from dataclasses import dataclass, field

TOY_MODEL = "toy"
"""``model.name`` of a model that the run makes itself, from scratch."""
TOY_DATA = "toy:"
"""What ``data.path`` begins with where the tasks are generated; the family's name follows."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Which model is trained, and how it is held."""

    name: str = "deepseek-ai/deepseek-coder-6.7b-instruct"
    """A folder, or a name on the hub."""
    revision: str | None = None
    """A branch, tag or commit of a hub model."""
    dtype: str = "float32"
    """``float32`` or ``bfloat16``: of the forward and backward passes and of what is frozen; what is trained is held in
    float32."""
    device: str = "auto"
    """``auto`` (a GPU where there is one), ``cpu`` or ``cuda``."""
    gradient_checkpointing: bool = False
    """Compute activations again in the backward pass: less memory, about a third more time."""
    lora_rank: int = 0
    """Rank of LoRA adapters on all linear layers; 0 trains every weight."""
    lora_alpha: float = 16.0
    """LoRA's scale."""
    chat: bool = False
    """Ask through the model's chat template and take the fenced program of its answer."""

    @property
    def is_toy(self) -> bool:
        """Whether the run makes its model itself."""
        return self.name == TOY_MODEL


@dataclass(frozen=True, slots=True)
class DataConfig:
    """What it is trained and evaluated on."""

    path: str = ""
    """A build's folder (``apps-plus build``), or ``toy:FAMILY`` (``deep``, ``wide``, ``nested``)."""
    split: str = "train"
    """The split that is trained on."""
    eval_split: str = "validation"
    """The held-out split that is evaluated on."""
    limit: int = 0
    """Train on the first so many problems only; 0: all."""
    eval_limit: int = 0
    """Evaluate on the first so many problems only; 0: all."""
    max_prompt_tokens: int = 1024
    """Problems with longer prompts are left out, and counted."""

    @property
    def toy_family(self) -> str | None:
        """The family of generated tasks; None: the problems are a build's."""
        return self.path.removeprefix(TOY_DATA) if self.path.startswith(TOY_DATA) else None


@dataclass(frozen=True, slots=True)
class RolloutConfig:
    """How programs are sampled and judged."""

    problems: int = 4
    """Problems a step, over all processes."""
    samples: int = 16
    """Roll-outs of each problem."""
    temperature: float = 0.8
    """Sampling temperature (paper: 0.8)."""
    top_p: float = 0.9
    """Nucleus (paper: 0.9)."""
    max_tokens: int = 1024
    """Tokens of a response (paper: 1,024)."""
    batch_size: int = 64
    """Sequences generated at once on one device."""
    workers: int = 0
    """Sandboxes that judge programs at the same time; 0: one a core."""
    test_seconds: float = 4.0
    """Processor time that a program has for one test."""
    max_tests: int = 0
    """Judge by the first so many tests of a problem; 0: all."""


@dataclass(frozen=True, slots=True)
class PPOConfig:
    """The update (Schulman et al. 2017; StepCoder, sections 3 and 4.2)."""

    steps: int = 1000
    """Batches of roll-outs."""
    epochs: int = 1
    """Passes over each batch of roll-outs."""
    minibatches: int = 1
    """Optimiser steps in one pass."""
    micro_batch: int = 8
    """Sequences in one forward and backward pass on one device; gradients add up."""
    lr: float = 5e-7
    """Learning rate of the policy (paper: 5e-7)."""
    critic_lr: float = 1.5e-6
    """Learning rate of the critic (paper: 1.5e-6)."""
    warmup_steps: int = 0
    """Optimiser steps over which both learning rates rise from 0."""
    weight_decay: float = 0.0
    """AdamW's weight decay."""
    adam_beta2: float = 0.95
    """AdamW's second moment."""
    max_grad_norm: float = 1.0
    """Gradients are clipped to this norm, policy and critic apart."""
    kl_coef: float = 0.05
    """Penalty at every token on log pi - log pi_ref (paper: 0.05)."""
    clip_range: float = 0.2
    """Clip of the ratio. The paper's unexplained "clip value of 0.8" can be had here."""
    value_clip_range: float = 0.2
    """Clip of the value's change."""
    gamma: float = 1.0
    """Discount."""
    lam: float = 0.95
    """GAE's lambda."""
    entropy_coef: float = 0.0
    """Weight of an entropy bonus."""
    advantages: str = "gae"
    """``gae`` (with the critic), or without one: ``grpo`` (z-scores within a problem's group), ``rloo`` (against the
    mean of the others)."""
    whiten: bool = True
    """Whiten the advantages over the batch (GAE only)."""
    rho: float = 0.5
    """CCCS: a problem moves on when the share of passing roll-outs exceeds this."""
    rho_groups: int = 4
    """CCCS: after so many groups of roll-outs without moving on, the share is counted anew; 0: never."""
    critic: str = "own"
    """``own``: a model of its own; ``shared``: a head on the policy's hidden states (no second model)."""
    max_kl: float = 2.0
    """Stop when the mean KL to the reference exceeds so many nats a token: the policy has left it for good."""


@dataclass(frozen=True, slots=True)
class SFTConfig:
    """Supervised fine-tuning (paper: lr 2e-5, 3 epochs, batch 64, warm-up 0.3 epoch)."""

    lr: float = 2e-5
    """Learning rate."""
    epochs: float = 3.0
    """Passes over the examples."""
    batch_size: int = 64
    """Examples a step, over all processes."""
    micro_batch: int = 8
    """Examples in one forward and backward pass on one device."""
    warmup_epochs: float = 0.3
    """Epochs over which the learning rate rises from 0; after that it falls to 0 along a cosine."""
    weight_decay: float = 0.0
    """AdamW's weight decay."""
    max_grad_norm: float = 1.0
    """Gradients are clipped to this norm."""
    max_tokens: int = 2048
    """Examples that are longer are left out, and counted."""


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """How the held-out problems are evaluated (paper: T 0.2, top-p 0.95)."""

    every: int = 0
    """Steps between two evaluations; 0: only at the end."""
    samples: int = 1
    """Programs a problem."""
    temperature: float = 0.2
    """0 is greedy."""
    top_p: float = 0.95
    """Nucleus."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """A whole run."""

    method: str = "stepcoder"
    """A row of ``stepcoder.methods.METHODS``."""
    seed: int = 0
    """Fixes sampling, shuffling and initialisation."""
    save_every: int = 100
    """Steps between two checkpoints; one is always written at the end and at Ctrl-C."""
    keep_checkpoints: int = 2
    """Older ones are removed."""
    tensorboard: bool = False
    """Write TensorBoard events too."""
    model: ModelConfig = field(default_factory=ModelConfig)
    data: DataConfig = field(default_factory=DataConfig)
    rollout: RolloutConfig = field(default_factory=RolloutConfig)
    ppo: PPOConfig = field(default_factory=PPOConfig)
    sft: SFTConfig = field(default_factory=SFTConfig)
    evaluation: EvaluationConfig = field(default_factory=EvaluationConfig)
