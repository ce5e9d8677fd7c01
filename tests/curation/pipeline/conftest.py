"""A sandbox, and runners of scripts and functions in it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from solution_runs import LIMITS

from curation.pipeline.run_solutions import Runner
from harness.sandbox import Sandbox


@pytest.fixture
def script(sandbox: Sandbox) -> Callable[..., Runner]:
    """A runner of scripts on these inputs."""
    return lambda *inputs: Runner(sandbox, None, inputs, LIMITS)


@pytest.fixture
def function(sandbox: Sandbox) -> Callable[..., Runner]:
    """A runner of ``f`` on these lists of arguments."""
    return lambda *inputs: Runner(sandbox, "f", inputs, LIMITS)
