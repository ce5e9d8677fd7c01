"""The base model that a run makes itself: shown while it is made, and resumed where it stopped."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from apps_plus.errors import InputError
from stepcoder.config import DataConfig, ModelConfig, SFTConfig, TrainConfig
from stepcoder.config_files import write_config
from stepcoder.interrupt import Interrupt, Stopped
from stepcoder.processes import Processes
from stepcoder.run_folder import BASE, CONFIG, is_begun, refuse_other_base, will_resume
from stepcoder.run_log import NoLog
from stepcoder.toys import base_model
from stepcoder.toys.base_model import toy_base
from stepcoder.toys.tasks import make_tasks

TASKS = make_tasks("deep", 1, 0)
CONFIGURATION = TrainConfig(
    seed=3,
    model=ModelConfig(name="toy", device="cpu"),
    data=DataConfig(path="toy:deep", limit=1),
    sft=SFTConfig(lr=3e-3, epochs=1, batch_size=4, micro_batch=4, max_tokens=256),
)
ALONE = Processes(torch.device("cpu"))


class StopsAfter(NoLog):
    """Presses Ctrl-C after a step; remembers what was shown."""

    def __init__(self, stop, step):
        self.stop, self.last, self.steps, self.expected = stop, step, [], 0

    def write(self, step, row):
        self.steps.append(step)
        self.stop.requested = step == self.last

    def expect(self, steps):
        self.expected = steps

    def part(self, name):
        assert name == "base model"
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


@pytest.fixture(autouse=True)
def few_programs(monkeypatch):
    monkeypatch.setattr(base_model, "PROGRAMS", 24)


def weights(folder):
    return (folder / "model.safetensors").read_bytes()


def make(folder, last=None, said=None):
    stop = Interrupt()
    log = StopsAfter(stop, last)
    toy_base(CONFIGURATION, TASKS, folder, ALONE, [].append if said is None else said.append, log, stop)
    return log


def test_its_steps_are_shown_and_an_interrupted_one_is_the_unbroken_one_bit_for_bit(tmp_path):
    whole = make(tmp_path / "whole" / BASE)
    assert whole.steps == [1, 2, 3, 4, 5, 6]
    assert whole.expected == 6
    said = []
    with pytest.raises(Stopped):
        make(tmp_path / "parts" / BASE, last=2)
    assert not (tmp_path / "parts" / BASE).exists()
    assert is_begun(tmp_path / "parts" / BASE)
    rest = make(tmp_path / "parts" / BASE, said=said)
    assert rest.steps == [3, 4, 5, 6]
    assert said[-1] == "base model: resuming from step 2"
    assert weights(tmp_path / "parts" / BASE) == weights(tmp_path / "whole" / BASE)
    assert [path.name for path in (tmp_path / "parts").iterdir()] == [BASE]


def test_a_process_that_is_killed_loses_the_steps_since_the_last_checkpoint(tmp_path, monkeypatch):
    monkeypatch.setattr(base_model, "CHECKPOINT_STEPS", 2)

    def killed(step, row):
        if step == 3:
            raise RuntimeError

    monkeypatch.setattr(StopsAfter, "write", lambda log, step, row: killed(step, row))
    with pytest.raises(RuntimeError):
        make(tmp_path / BASE)
    monkeypatch.undo()
    monkeypatch.setattr(base_model, "PROGRAMS", 24)
    assert make(tmp_path / BASE).steps == [3, 4, 5, 6]


def test_half_of_a_model_of_other_settings_is_refused_and_kept(tmp_path):
    with pytest.raises(Stopped):
        make(tmp_path / BASE, last=2)
    write_config(CONFIGURATION, tmp_path / CONFIG)
    assert not will_resume(tmp_path, CONFIGURATION, resume=False)
    assert not will_resume(tmp_path, CONFIGURATION, resume=True)
    other = replace(CONFIGURATION, sft=replace(CONFIGURATION.sft, lr=1e-3))
    with pytest.raises(InputError, match=r"\.base\.part is a model that was begun with other settings \(sft\.lr\)"):
        will_resume(tmp_path, other, resume=True)
    refuse_other_base(tmp_path / BASE, tmp_path / CONFIG, replace(CONFIGURATION, save_every=5))
    assert is_begun(tmp_path / BASE)


def test_a_model_that_is_made_is_not_made_again(tmp_path):
    make(tmp_path / BASE)
    assert make(tmp_path / BASE).steps == []
