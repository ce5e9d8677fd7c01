"""Share between the tests of the trainer: a model that is made in a second."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a model of 20,000 weights with the toys' tokenizer, not trained at all."""
    from stepcoder.toys.tasks import make_tasks, noisy_programs
    from stepcoder.toys.tiny_model import make_toy_model

    folder = tmp_path_factory.mktemp("base")
    texts = [task.prompt + text for task in make_tasks("deep", 2, 0) for text in noisy_programs(task, 20, 0)]
    make_toy_model(folder, texts, layers=1, width=16, heads=2)
    return folder
