"""``make test`` needs no torch: where it is missing, tests of models are skipped, and all others run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parent


def test_where_torch_is_missing_tests_of_models_are_skipped_and_the_others_run() -> None:
    """Collects whatever has to do with models, and runs the tests of two commands that say what is missing."""
    where = ["stepcoder", "harness/generation", "harness/test_doctor.py", "apps_plus/test_cli_unreachable_paths.py"]
    pytest = [sys.executable, "-m", "pytest", "-p", "without_models", "-p", "no:xdist", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*pytest, "-rs", "-k", "test_train_cli or test_doctor", *where],
        env=os.environ | {"PYTHONPATH": str(TESTS)},
        cwd=TESTS,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout[-5000:] + ran.stderr
    assert "could not import 'torch'" in ran.stdout
    assert "needs torch and transformers" in ran.stdout
    assert int(re.search(r"(\d+) passed", ran.stdout)[1]) > 30
