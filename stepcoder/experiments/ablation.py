"""Compare the methods: the same base model and the same number of roll-outs for each, over several seeds.

Tasks and models are generated (``stepcoder.toys.tasks``, ``stepcoder.toys.base_model``): nothing is downloaded. Each
seed has one base model, fine-tuned on noisy programs, from which all methods start; the row ``sft`` is that model.
"""

from __future__ import annotations

import json
import multiprocessing
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from apps_plus.errors import InputError
from apps_plus.storage import write_atomically
from harness.doctor import available_cores
from stepcoder.config import TOY_DATA, EvaluationConfig, TrainConfig
from stepcoder.config_changes import changed_keys
from stepcoder.config_files import load_config, write_config
from stepcoder.experiments.ablation_table import METRIC, Ablation, AblationRow, RunScores
from stepcoder.experiments.job_progress import CountedLog, connect, progress_of_jobs
from stepcoder.experiments.learning_curves import read_run
from stepcoder.experiments.plots import check_plot_path, draw_runs
from stepcoder.run_folder import refuse_other_base
from stepcoder.toys.tasks import FAMILIES

COMPARED = (
    "sft",
    "ppo",
    "stepcoder-no-fgo",
    "stepcoder-no-cccs",
    "stepcoder",
    "stepcoder-random-mask",
    "ppocoder",
    "rltf",
)
"""The paper's ablation and baselines, and the control."""
RIVALS = (
    "stepcoder",
    "stepcoder-no-fgo",
    "ppo",
    "r3",
    "prefix-mix",
    "adaback",
    "bread",
    "pass-rate",
    "pass-rate-weighted",
    "egca",
    "grpo",
    "dr_grpo",
    "rloo",
    "dapo",
)
"""StepCoder, the curriculum alone and PPO alone, beside methods of other papers."""
GROUPS = {"paper": COMPARED, "rivals": RIVALS}
"""Names that stand for several methods."""
SET_HERE = ("method", "seed", "data.path", "ppo.max_rollouts")
"""Settings that differ from run to run or follow from others."""

SAMPLES = 64
"""Programs per problem, sampled as in training, in addition to greedy decoding."""
SAMPLED = "sampled.json"
FIGURE, TABLE, RESULTS = "curves.png", "table.md", "ablation.json"

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class AblationRun:
    """One run of a method with a seed."""

    family: str
    method: str
    config: TrainConfig
    out: Path
    base: Path

    @property
    def base_made_by(self) -> Path:
        """The file of the settings that the base model was made with."""
        return self.base.with_name(self.base.name + ".toml")

    @property
    def is_done(self) -> bool:
        """True if the result exists. Raises InputError if it is of other settings."""
        if not (self.out / "summary.json").is_file() or not (self.out / SAMPLED).is_file():
            return False
        if changed := changed_keys(load_config(str(self.out / "config.toml")), self.config):
            raise InputError(
                f"{self.out} was run with other settings ({', '.join(changed)}): remove it, or choose another --out"
            )
        return True


def run_ablation(
    *,
    out: Path,
    families: Sequence[str] | None = None,
    methods: Sequence[str] | None = None,
    seeds: int = 5,
    workers: int = 0,
    say: Say,
    settings: Sequence[str] = (),
) -> Ablation:
    """Run what is missing in ``out``; then write the table, the figure and the numbers there.

    Args:
        out: The folder; each run is in ``<family>/<method>-<seed>``.
        families: Names of ``stepcoder.toys.tasks.FAMILIES``; default: nested, which needs both CCCS and FGO.
        methods: Rows of ``stepcoder.methods.METHODS`` and names of ``GROUPS``; default: ``COMPARED``.
        seeds: Runs of each method.
        workers: Runs at the same time; 0: one per core.
        say: Called with each message for the user.
        settings: Overrides of the bundled configuration ``tiny``, as for ``--set``.

    Raises:
        InputError: An unknown family or method, or a setting of ``SET_HERE``.
        WorkError: A run failed; finished runs are kept.
    """
    from stepcoder.methods import method_named

    families = list(families or ("nested",))
    methods = list(dict.fromkeys(name for given in methods or ("paper",) for name in GROUPS.get(given, (given,))))
    for name in families:
        if name not in FAMILIES:
            raise InputError(f"no toy family {name!r}: there are {', '.join(FAMILIES)}")
    for name in methods:
        method_named(name)
    for key in (given.partition("=")[0].strip() for given in settings):
        if key in SET_HERE:
            raise InputError(f"--set {key}: the comparison sets it for each run; leave it out")
    jobs = [job for family in families for job in _jobs(out, family, methods, seeds, settings)]
    _work_through(jobs, workers or available_cores(), say)
    found = Ablation(tuple(_rows(jobs)))
    _write(out, families, jobs, found, say)
    return found


def _jobs(out: Path, family: str, methods: Sequence[str], seeds: int, settings: Sequence[str]) -> Iterator[AblationRun]:
    """Yield the runs seed by seed, so that after an interruption whole seeds can be compared."""
    for seed in range(seeds):
        for method in methods:
            config = replace(load_config("tiny", settings), method=method, seed=seed)
            config = replace(config, data=replace(config.data, path=TOY_DATA + family))
            rollouts = config.ppo.steps * config.rollout.per_step
            config = replace(config, ppo=replace(config.ppo, max_rollouts=rollouts))
            if method == "sft":  # the base itself, evaluated
                config = replace(config, method="ppo", ppo=replace(config.ppo, steps=0, max_rollouts=0))
            yield AblationRun(family, method, config, out / family / f"{method}-{seed}", out / family / f"base-{seed}")


def _work_through(jobs: Sequence[AblationRun], workers: int, say: Say) -> None:
    bases = list({job.base: job for job in jobs if not job.is_done and not _is_made(job.base)}.values())
    open_jobs = [job for job in jobs if not job.is_done]
    for job in open_jobs:
        refuse_other_base(job.base, job.base_made_by, job.config)
    if len(open_jobs) < len(jobs):
        say(f"{len(jobs) - len(open_jobs)} of {len(jobs)} runs are done already")
    _in_parallel(make_base_of, bases, workers, lambda job: say(f"made {job.base}"), "base models")
    _in_parallel(run_job, open_jobs, workers, lambda job: say(f"{job.out}: {_success(job):.2f}"), "runs")


def _in_parallel(
    work: Callable[[AblationRun], None],
    jobs: Sequence[AblationRun],
    workers: int,
    done: Callable[[AblationRun], None],
    name: str,
) -> None:
    """Run each job in a new process, so that none affects another; they are forked from one that has imported torch."""
    if not jobs:
        return
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["transformers.models.llama.modeling_llama", "stepcoder.train"])
    counter = context.Value("d", 0.0)
    count = min(workers, len(jobs))
    options: dict[str, Any] = {"mp_context": context, "initializer": connect, "initargs": (counter,)}
    with (
        ProcessPoolExecutor(count, max_tasks_per_child=1, **options) as pool,
        progress_of_jobs(name, len(jobs)) as show,
    ):
        running = {pool.submit(work, job): job for job in jobs}
        try:
            while running:
                for future in wait(running, timeout=1.0, return_when=FIRST_COMPLETED).done:
                    future.result()
                    done(running.pop(future))
                show(counter.value)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _is_made(base: Path) -> bool:
    return (base / "config.json").is_file()


def make_base_of(job: AblationRun) -> None:
    """Make the base model of a seed."""
    from stepcoder.processes import Processes
    from stepcoder.tasks import load_tasks
    from stepcoder.toys.base_model import toy_base

    device = _one_core()
    tasks = load_tasks(job.config.data, "", 0, chat=False, seed=job.config.seed)
    job.base.parent.mkdir(parents=True, exist_ok=True)
    write_config(job.config, job.base_made_by)
    toy_base(job.config, tasks, job.base, Processes(device), lambda line: None, log := CountedLog())
    log.finish()


def run_job(job: AblationRun) -> None:
    """Run or resume the training in its folder; then sample from the model."""
    counted = CountedLog()
    if not (job.out / "summary.json").is_file():
        counted = _train(job)
    if not (job.out / SAMPLED).is_file():
        _sample(job)
    counted.finish()


def _train(job: AblationRun) -> CountedLog:
    from stepcoder.run_folder import open_folder
    from stepcoder.run_log import RunLog, say_nothing
    from stepcoder.train import train

    _one_core()
    config = replace(job.config, rollout=replace(job.config.rollout, workers=1))
    with open_folder(job.out, config, True) as resumed:
        if not _is_made(job.out / "base"):
            half = job.out / ".base.part"
            shutil.copytree(job.base, half, dirs_exist_ok=True)
            half.rename(job.out / "base")
        with RunLog(job.out, live=False, tensorboard=False, resume_step=None if resumed else 0) as log:
            counted = CountedLog(log)
            train(config, job.out, resume=resumed, say=say_nothing, log=counted)
            return counted


def _sample(job: AblationRun) -> None:
    """Evaluate whole programs sampled as in training: a finer measure than greedy decoding of few problems."""
    from stepcoder.evaluation import evaluate
    from stepcoder.judging import Judge
    from stepcoder.models import load_models
    from stepcoder.processes import Processes
    from stepcoder.tasks import load_tasks

    rollout = job.config.rollout
    settings = EvaluationConfig(samples=SAMPLES, temperature=rollout.temperature, top_p=rollout.top_p)
    config = replace(job.config, evaluation=settings, model=replace(job.config.model, name=str(job.out / "model")))
    device = _one_core()
    tasks = load_tasks(config.data, "", 0, chat=False, seed=config.seed)
    with Judge(1) as judge:
        rates = evaluate(load_models(config.model, None, device), tasks, config, judge, Processes(device))
    with write_atomically(job.out / SAMPLED) as file:
        json.dump(rates, file)


def _one_core() -> Any:
    import torch

    torch.set_num_threads(1)  # one run per core
    return torch.device("cpu")


def _rows(jobs: Sequence[AblationRun]) -> Iterator[AblationRow]:
    found: dict[tuple[str, str], list[RunScores]] = {}
    for job in jobs:
        log = read_run(job.out).rows
        at_full = next((row["full_generation"] for row in reversed(log) if "full_generation" in row), 0.0)
        sampled = json.loads((job.out / SAMPLED).read_text())[METRIC]
        finished = RunScores(_success(job), sampled, _summary(job)["rollouts"], at_full)
        found.setdefault((job.family, job.method), []).append(finished)
    return (AblationRow.of(family, method, values) for (family, method), values in found.items())


def _summary(job: AblationRun) -> Mapping[str, Any]:
    summary: Mapping[str, Any] = json.loads((job.out / "summary.json").read_text())
    return summary


def _success(job: AblationRun) -> float:
    return float(_summary(job)["scores"][METRIC])


def _write(out: Path, families: Sequence[str], jobs: Sequence[AblationRun], found: Ablation, say: Say) -> None:
    (out / TABLE).write_text(found.markdown() + "\n")
    (out / RESULTS).write_text(json.dumps(found.to_json(), indent=2) + "\n")
    for family in families:
        runs = [read_run(job.out) for job in jobs if job.family == family and job.method != "sft"]
        figure = out / (FIGURE if len(families) == 1 else f"{family}-{FIGURE}")
        try:
            check_plot_path(figure)
        except InputError as error:
            say(f"no figure: {error}")
            return
        if runs:
            draw_runs(runs, figure, [METRIC, "pass_rate", "full_generation"])
