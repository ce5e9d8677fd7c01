"""The commands ``train``, ``train plot``, ``train config`` and ``train ablation``.

Results go to stdout, messages and progress to stderr. Heavy packages are imported inside the functions.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from apps_plus.durations import duration
from apps_plus.errors import InputError
from apps_plus.extras import install_command
from apps_plus.interrupts import interrupts_held_back
from apps_plus.options import Json, MinStrength, SolveRateRange
from apps_plus.printable import printable
from apps_plus.terminal import print_json

if TYPE_CHECKING:
    from stepcoder.config import TrainConfig


RANKS = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
"""Environment variables in which launchers give the number of the process."""
INTERRUPTED = 130


def train(
    config: Annotated[
        str,
        typer.Argument(
            metavar="CONFIG", help="A .toml or .yaml file, or a bundled one: tiny, sample, paper, single-gpu-lora."
        ),
    ],
    method: Annotated[
        str | None,
        typer.Option(
            metavar="M", help="sft, ppo, stepcoder, grpo, ...: the table in docs/training.md; default: CONFIG's."
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="The run's folder; default: runs/CONFIG-M-seedN.")
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Resume the run in --out from its last checkpoint.")] = False,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Such as ppo.kl_coef=0.1; can be given several times."),
    ] = None,
    min_strength: MinStrength = None,
    solve_rate: SolveRateRange = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and the memory it needs; write nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model on problems whose tests run in the sandbox: StepCoder, its ablations, its baselines.

    `train CONFIG` takes a .toml or .yaml file, or a bundled one: tiny, sample, paper, single-gpu-lora.
    `train run --help` lists its options. `train plot RUN...` draws the curves of runs, `train config` prints a config
    to start from, `train ablation` compares the methods on generated tasks. On several devices:
    accelerate launch -m apps_plus train CONFIG.

    Example:

        apps-plus train tiny --method stepcoder --out runs/tiny
    """
    chosen = read_config(config, method, [*selection_settings(min_strength, solve_rate), *(settings or ())])
    folder = out or default_out(config, chosen)
    if dry_run:
        require("torch", "transformers")
        print_plan(chosen, folder, as_json)
        return
    require("torch", "transformers", "accelerate", *(["peft"] if chosen.model.lora_rank else []))
    with input_errors_once(), exit_on_interrupt(folder):
        summary = run(chosen, folder, resume)
    if is_main():
        print_summary({"out": str(folder), **summary}, chosen, as_json)


def plot(
    runs: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Folders of runs: their --out.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The picture: .png, .svg or .pdf.")] = Path(
        "training.png"
    ),
    metric: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A key of log.jsonl, such as kl; can be given several times."),
    ] = None,
    smooth: Annotated[int, typer.Option(min=1, metavar="N", help="Draw the mean of the last N values.")] = 1,
    as_json: Json = False,
) -> None:
    """Draw the learning curves of runs.

    Runs that differ only in the seed are one line: their mean, with its 95% interval.

    Example:

        apps-plus train plot runs/* --out curves.png --metric eval/pass@1 --metric kl
    """
    from stepcoder.experiments.learning_curves import curves, groups, read_runs
    from stepcoder.experiments.plots import check_plot_path, draw_runs

    check_plot_path(out)
    read, empty = read_runs(runs)
    for folder in empty:
        typer.echo(f"note: {printable(str(folder))} is left out: no step of it has ended yet", err=True)
    drawn = draw_runs(read, out, metric or (), smooth)
    lines = len(groups(read))
    count = f"{len(read)} run{'s' * (len(read) != 1)}, {lines} line{'s' * (lines != 1)}"
    typer.echo(f"wrote {out}: {', '.join(drawn)} ({count})", err=True)
    if as_json:
        found = {name: [_curve_row(curve) for curve in curves(read, name, smooth)] for name in drawn}
        print_json({"out": str(out), "metrics": found})


def ablation(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of runs, table and figure.")] = Path(
        "ablation"
    ),
    family: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Task family: deep, wide, nested; can be given several times."),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(metavar="M,M,...", help="These methods, or paper or rivals for several of them; default: paper."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, metavar="N", help="Runs of each method.")] = 5,
    workers: Annotated[int, typer.Option(min=0, metavar="N", help="Runs at the same time; 0: one per core.")] = 0,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Such as ppo.steps=120; can be given several times."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare the methods on generated tasks, from scratch on the CPU, with the same number of roll-outs each.

    Prints greedy success with 95% intervals over seeds. The same command resumes an interrupted comparison.

    Example:

        apps-plus train ablation --family nested --methods rivals --seeds 5 --set ppo.steps=120 --out rivals
    """
    from stepcoder.run_log import say

    require("torch", "transformers", "accelerate")
    from stepcoder.experiments.ablation import run_ablation

    chosen = None if methods is None else [name.strip() for name in methods.split(",") if name.strip()]
    found = run_ablation(
        out=out, families=family, methods=chosen, seeds=seeds, workers=workers, say=say, settings=settings or ()
    )
    if as_json:
        print_json({"out": str(out), **found.to_json()})
    else:
        typer.echo(found.markdown())


def show_config(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="As of train: a file or a bundled one.")] = "tiny",
    method: Annotated[str | None, typer.Option(metavar="M", help="As of train.")] = None,
    settings: Annotated[list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="As of train.")] = None,
    as_json: Json = False,
) -> None:
    """Print every setting of a config as TOML, with what it means and which values it takes.

    Redirected to a file (`> mine.toml`) it is the start of your own: `train mine.toml`.

    Example:

        apps-plus train config sample --set data.path=my-apps-plus
    """
    from stepcoder.config import flatten
    from stepcoder.config_template import commented

    chosen = read_config(config, method, settings or ())
    if as_json:
        print_json(flatten(chosen))
    else:
        typer.echo("\n".join(commented(chosen)))


COMMANDS: dict[str, Callable[..., None]] = {"run": train, "plot": plot, "config": show_config, "ablation": ablation}
"""Commands by name; ``train CONFIG`` is ``train run CONFIG``."""


# ---- train


def read_config(name: str, method: str | None, settings: Sequence[str]) -> TrainConfig:
    """Load the settings of a run; ``--method`` overrides ``--set method=``. Raises InputError."""
    from stepcoder.config_files import load_config
    from stepcoder.methods import method_named

    if method is not None:
        method_named(method)
        settings = [*settings, f"method={method}"]
    return load_config(name, settings)


def selection_settings(min_strength: float | None, solve_rate: str | None) -> list[str]:
    """Return the settings that ``--min-strength`` and ``--solve-rate`` stand for."""
    given = {"data.min_strength": min_strength, "data.solve_rate": solve_rate}
    return [f"{key}={value}" for key, value in given.items() if value is not None]


def default_out(name: str, config: TrainConfig) -> Path:
    """Return the default ``--out``: config, method and seed."""
    return Path("runs") / f"{Path(name).stem}-{config.method}-seed{config.seed}"


def run(config: TrainConfig, out: Path, resume: bool) -> dict[str, Any]:
    """Run the training; return its summary. Only the main process prints, and writes settings and log."""
    from dataclasses import asdict

    from stepcoder.run_folder import BASE, is_begun, open_folder
    from stepcoder.run_log import NoLog, RunLog, say, say_nothing
    from stepcoder.tasks import check_sources

    check_sources(config)
    if not is_main():
        from stepcoder.train import train as run_training

        return asdict(run_training(config, out, resume=resume, say=say_nothing, log=NoLog()))
    with open_folder(out, config, resume, say) as resumed:
        if resume and not resumed and not is_begun(out / BASE):
            say(f"{out} holds no run yet: starting one")
        options: dict[str, Any] = {"resume_step": None if resumed else 0, "title": config.method}
        with RunLog(out, live=True, tensorboard=config.tensorboard, **options) as log:
            log.doing("loading torch and transformers")
            with interrupts_held_back():
                from stepcoder.train import train as run_training

            return asdict(run_training(config, out, resume=resumed, say=say, log=log))


def is_main() -> bool:
    """Return whether this is the main process of those that ``accelerate launch`` started."""
    return next((os.environ[name] for name in RANKS if name in os.environ), "0") == "0"


@contextmanager
def input_errors_once() -> Iterator[None]:
    """Print an InputError, which all processes raise alike, in the main process only."""
    try:
        yield
    except InputError as error:
        if is_main():
            raise
        sys.exit(error.exit_code)


@contextmanager
def exit_on_interrupt(out: Path) -> Iterator[None]:
    """On Ctrl-C, exit with 130 and a message on how to resume."""
    try:
        yield
    except KeyboardInterrupt:
        if is_main():
            typer.echo(
                f"apps-plus: interrupted; the same command with --resume continues from the last step in {out}",
                err=True,
            )
        sys.exit(INTERRUPTED)


def require(*packages: str) -> None:
    """Raise InputError if an optional package is missing."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise InputError(f"training needs {', '.join(missing)}: {install_command('train')}")


# ---- what is printed


def print_plan(config: TrainConfig, out: Path, as_json: bool) -> None:
    """Print the plan of a run. Raises InputError, after printing, if an error would stop the run."""
    from stepcoder.dry_run import make_plan
    from stepcoder.dry_run_console import lines

    plan = make_plan(config, out)
    if as_json:
        print_json(plan.to_json())
    else:
        typer.echo("\n".join(lines(plan)))
    if plan.faults:
        raise InputError(plan.faults[0])


def print_summary(summary: dict[str, Any], config: TrainConfig, as_json: bool) -> None:
    """Print the result of a run: scores on stdout; on stderr what they are of, and the commands that come next."""
    if as_json:
        print_json(summary)
        return
    from stepcoder.model_card import evaluated_on

    for name, value in summary["scores"].items():
        typer.echo(f"{name}\t{value:.4f}")
    out, model = (shlex.quote(summary[name]) for name in ("out", "model"))
    count = f"{summary['steps']:,} step{'s' * (summary['steps'] != 1)}"
    count += f", {summary['rollouts']:,} roll-outs" if summary["rollouts"] else ""
    lines = [f"{count}; this command took {duration(summary['seconds'])}; scores are of {evaluated_on(config)}"]
    lines += [f"curves:   apps-plus train plot {out} --out curves.png"]
    if config.data.toy_family:  # what it has learnt is no benchmark's problem
        lines += [f"the model: {model}, a transformers folder"]
    else:
        data = f"apps+ --data {shlex.quote(config.data.path)} --split {config.data.eval_split}"
        lines += [f"samples:  apps-plus generate {data} --model {model} --out samples.jsonl"]
        lines += [f"score:    apps-plus evaluate {data.replace('apps+', 'apps+ samples.jsonl', 1)}"]
    typer.echo("\n".join(lines), err=True)


def _curve_row(curve: Any) -> dict[str, Any]:
    return {name: getattr(curve, name) for name in curve.__dataclass_fields__}
