"""The comparison of methods, on runs of two steps: its files, its resumption, and the numbers of its table."""

import json

import pytest

from apps_plus.errors import InputError

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from stepcoder.experiments import ablation
from stepcoder.experiments.ablation import COMPARED, GROUPS, run_ablation
from stepcoder.experiments.ablation_table import Ablation, AblationRow, RunScores
from stepcoder.methods import METHODS

QUICK = [
    "ppo.steps=2",
    "rollout.samples=2",
    "rollout.max_tokens=12",
    "sft.epochs=0.01",
    "sft.batch_size=4",
    "evaluation.every=1",
]


def test_a_row_is_the_mean_over_seeds_with_students_interval():
    """Of 0.5, 0.75, 1.0: mean 0.75, s 0.25, t(2) 4.303: 0.75 -+ 0.621, cut to [0, 1]."""
    runs = [RunScores(0.5, 0.2, 64, 1.0), RunScores(0.75, 0.2, 64, 0.5), RunScores(1.0, 0.5, 64, 0.75)]
    row = AblationRow.of("nested", "stepcoder", runs)
    assert (row.greedy.mean, row.greedy.low, row.greedy.high) == pytest.approx((0.75, 0.129, 1.0), abs=1e-3)
    assert row.full_generation == 0.75
    line = "| nested | stepcoder | 64 | 0.75 (0.13 to 1.00) | 0.50 0.75 1.00 | 0.30 (0.00 to 0.73) |"
    assert line in Ablation((row,)).table()


def test_one_seed_has_no_interval():
    row = AblationRow.of("nested", "ppo", [RunScores(0.25, 0.1, 64, 1.0)])
    assert Ablation((row,)).table().endswith("| nested | ppo | 64 | 0.25 | 0.25 | 0.10 |")


def test_differences_are_taken_seed_by_seed():
    """0.2 - 0.6, 0.3 - 0.9, 0.4 - 0.8: mean -0.467, s 0.115, t(2) 4.303: -0.467 -+ 0.287."""

    def row(method, *sampled):
        return AblationRow.of("nested", method, [RunScores(0.5, one, 64, 1.0) for one in sampled])

    found = Ablation((row("stepcoder", 0.6, 0.9, 0.8), row("r3", 0.2, 0.3, 0.4), row("bread", 0.7, 0.8, 0.9)))
    by_method = {one.method: one for one in found.differences()}
    assert by_method.keys() == {"r3", "bread"}
    r3 = by_method["r3"]
    assert (r3.mean, r3.low, r3.high) == pytest.approx((-0.467, -0.754, -0.180), abs=1e-3)
    assert (r3.verdict, by_method["bread"].verdict) == ("below", "not settled")
    assert found.comparison().splitlines()[0] == "| family | sampled success of | less that of stepcoder |"
    assert "| nested | r3 | -0.47 (-0.75 to -0.18), below |" in found.comparison()
    assert [one["method"] for one in found.to_json()["differences"]] == ["r3", "bread"]


def test_without_a_method_to_compare_with_there_is_no_comparison():
    row = AblationRow.of("nested", "rltf", [RunScores(0.25, 0.1, 64, 1.0)])
    assert Ablation((row,)).comparison() == ""
    assert Ablation((row,)).markdown() == Ablation((row,)).table()
    pair = Ablation((row, AblationRow.of("nested", "ppo", [RunScores(0.25, 0.0, 64, 1.0)])))
    assert pair.differences()[0].verdict == "one seed"


@pytest.fixture
def runs_here(monkeypatch):
    """Only the models to begin with are made in a process of their own, each of which imports torch: 4 s."""
    in_parallel, threads = ablation._in_parallel, torch.get_num_threads()

    def run_here(work, jobs, workers, done, name):
        if work is not ablation.run_job:
            in_parallel(work, jobs, workers, done, name)
            return
        for job in jobs:
            work(job)
            done(job)

    monkeypatch.setattr(ablation, "_in_parallel", run_here)
    monkeypatch.setattr(ablation, "SAMPLES", 1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.usefixtures("runs_here")
def test_every_method_begins_with_the_same_model_and_what_is_done_is_not_done_again(tmp_path):
    said = []
    methods = ["sft", "stepcoder"]
    found = run_ablation(out=tmp_path, methods=methods, seeds=1, workers=1, say=said.append, settings=QUICK)
    assert [(row.method, row.rollouts) for row in found.rows] == [("sft", 0), ("stepcoder", 16)]
    bases = [(tmp_path / "nested" / f"{method}-0" / "base" / "model.safetensors").read_bytes() for method in methods]
    assert bases == [(tmp_path / "nested" / "base-0" / "model.safetensors").read_bytes()] * 2
    assert json.loads((tmp_path / "ablation.json").read_text())["rows"][0]["method"] == "sft"
    assert (tmp_path / "table.md").read_text() == f"{found.table()}\n\n{found.comparison()}\n"
    again = run_ablation(out=tmp_path, methods=methods, seeds=1, workers=1, say=said.append, settings=QUICK)
    assert again == found
    assert "2 of 2 runs are done already" in said
    with pytest.raises(InputError, match=r"base-0 is a model that was made with other settings \(sft.epochs\)"):
        run_ablation(out=tmp_path, methods=["ppo"], seeds=1, say=print, settings=[*QUICK, "sft.epochs=0.02"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"families": ["tall"]}, "no toy family 'tall': there are"),
        ({"methods": ["dpo"]}, "no method 'dpo': did you mean dapo"),
        ({"settings": ["seed=3"]}, "--set seed: the comparison sets it for each run"),
    ],
)
def test_unknown_names_are_answered_with_those_there_are(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        run_ablation(out=tmp_path, say=print, **options)


def test_the_comparison_is_the_papers_and_the_control():
    assert {"ppo", "stepcoder-no-fgo", "stepcoder-no-cccs", "stepcoder", "ppocoder", "rltf"} <= set(COMPARED)
    assert "stepcoder-random-mask" in COMPARED


def test_every_method_is_in_one_of_the_comparisons():
    """CodeRL's reward is StepCoder's: coderl is ppo."""
    assert METHODS.keys() - {"coderl"} == set(GROUPS["paper"]) | set(GROUPS["rivals"])
