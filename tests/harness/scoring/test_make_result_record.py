"""``evaluate --record``: the fields of a record; missing facts are reported before the run."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from raw_problems import doubling, write_raw
from tiny_benchmarks import HUMANEVAL, mbpp_row, plus_row, write_lines
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.problem import Comparison, Problem
from apps_plus.problem import Tests as UnitTests
from apps_plus.storage import write_json_lines
from harness.judging.verdict import Verdict
from harness.scoring.benchmarks.benchmark import Benchmark
from harness.scoring.benchmarks.dataset_facts import RELEASES, dataset_facts, problems_digest, raw_digest, version_of
from harness.scoring.benchmarks.load import load_benchmark
from harness.scoring.make_result_record import command_of, commit_of, failures_of, id_of, problems_of, record_of
from harness.scoring.model_facts import from_settings, gather_provenance
from harness.scoring.options import EvaluateOptions
from harness.scoring.result_record import CostFacts, DatasetFacts, Money, Record
from harness.scoring.result_record_files import read_record
from harness.scoring.results import SampleResult
from harness.scoring.samples.sample_programs import ProgramRule

RIGHT = "    return 2 * x\n"
SAMPLES = [
    {"task_id": "HumanEval/0", "completion": RIGHT},
    {"task_id": "HumanEval/0", "completion": "    raise KeyError('\ud800')\n"},
    {"task_id": "HumanEval/7", "completion": "    return -x\n"},
    {"task_id": "HumanEval/7", "completion": "    return undefined_name\n"},
]
SETTINGS = {
    "task": "humaneval",
    "prompt": {"name": "plain", "sha256": "a" * 64, "rule": "prompt_plus_completion"},
    "n": 5,
    "sampling": {"temperature": 0.2, "top_p": 0.95, "max_tokens": 512, "seed": 3, "stop": []},
    "backend": "hf",
    "model": {"name": "tiny/model", "revision": None, "commit": "abc123", "weights_sha256": "f00"},
    "dtype": "bfloat16",
    "versions": {"transformers": "5.0", "torch": None},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a working folder with problems and samples."""
    monkeypatch.chdir(tmp_path)
    write_lines(tmp_path / "he.jsonl", HUMANEVAL)
    write_lines(tmp_path / "s.jsonl", SAMPLES)
    return tmp_path


def evaluate(*arguments: object):
    words = ["evaluate", "humaneval", "s.jsonl", "--data", "he.jsonl", "--workers", 1, *arguments]
    return CliRunner().invoke(app, [str(word) for word in words])


def recorded(folder: Path, *arguments: object) -> Record:
    result = evaluate("--record", folder / "Tiny model!.json", *arguments)
    assert result.exit_code == 0, result.stderr
    assert f"is in {folder / 'Tiny model!.json'}." in result.stderr
    return read_record(folder / "Tiny model!.json")


# ---- fields of a record


def test_a_record_says_what_came_out(folder: Path, ran: list[str]) -> None:
    record = recorded(folder, "--model", "tiny")
    assert (record.id, record.status, record.model.id) == ("tiny-model", "self_reported", "tiny")
    assert [(score.tier, score.k, score.value) for score in record.scores] == [("overall", 1, 0.5), ("overall", 2, 1.0)]
    assert all(score.ci95 and score.method for score in record.scores)
    assert record.problems == {"": {"HumanEval/0": (2, 1), "HumanEval/7": (2, 1)}}
    assert record.categories["overall"] == {
        "passed": 2, "failure": 0, "runtime_error": 1, "timeout": 0, "compile_error": 1,
    }  # fmt: skip
    assert (record.date is not None, record.generation.samples) == (True, 2)


def test_a_record_says_of_what_and_how(folder: Path, ran: list[str]) -> None:
    record = recorded(folder, "--model", "tiny", "--timeout", 2.5, "--keep-tail", "--k", "2,1")
    assert record.samples is not None and record.harness is not None
    assert (record.samples.file, record.samples.count) == ("s.jsonl", 4)
    assert record.harness.rule == "prompt_plus_completion (tail kept)"
    assert record.harness.limits["cpu_seconds"] == 2.5
    assert record.harness.isolation
    assert record.command == ("apps-plus evaluate humaneval s.jsonl --data he.jsonl --k 1,2 --timeout 2.5 --keep-tail")
    assert record.dataset.tiers == {"": 3}
    assert any("over the 2 of 3 problems that have samples" in note for note in record.notes)


def test_a_record_says_whether_imports_were_given(folder: Path, ran: list[str]) -> None:
    without, given = recorded(folder, "--model", "tiny"), recorded(folder, "--model", "tiny", "--give-imports")
    assert without.harness is not None and given.harness is not None
    assert (without.harness.given_imports, given.harness.given_imports) == (False, True)
    assert given.command == "apps-plus evaluate humaneval s.jsonl --data he.jsonl --give-imports"


def test_a_record_names_no_place_on_the_machine_and_quotes_no_program(folder: Path, ran: list[str]) -> None:
    text = (folder / "Tiny model!.json", recorded(folder, "--model", "tiny"))[0].read_text()
    assert str(folder) not in text
    assert "name 'undefined_name' is not defined (line 3)" in text
    assert "return undefined_name" not in text


def test_the_summary_on_stdout_is_the_same_with_a_record(folder: Path, ran: list[str]) -> None:
    told = json.loads(evaluate("--json", "--record", "r.json", "--model", "tiny").stdout)
    assert told["task"] == "humaneval"


def test_without_a_score_there_is_no_record(folder: Path, ran: list[str]) -> None:
    result = evaluate("--record", "r.json", "--model", "tiny", "--k", "5")
    assert result.exit_code == 1
    told = result.stderr.splitlines()[-1]
    assert told.startswith("apps-plus: there is no score to record: ")
    assert "pass@5 was not computed: every problem has fewer than 5 samples" in told
    assert (folder / "s.results.jsonl").exists()
    assert not (folder / "r.json").exists()


# ---- model and generation


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("f.toml", 'id = "tiny"\nreleased = 2024-09-19\nparameters = 1.5e9\n[generation]\ntemperature = 0.0\n'),
        ("f.toml", 'id = "tiny"\nreleased = "2024-09-19"\nparameters = 1_500_000_000\ngeneration.temperature = 0\n'),
        ("f.json", '{"id": "tiny", "released": "2024-09-19", "parameters": 1.5e9, "generation": {"temperature": 0}}'),
    ],
)
def test_facts_of_the_model_from_a_file(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    told = gather_provenance(Path(name), None, None, Path("s.jsonl"))
    assert (told.model.id, str(told.model.released), told.model.parameters) == ("tiny", "2024-09-19", 1.5e9)
    assert told.generation.temperature == 0


def test_the_settings_of_generate_name_model_and_sampling(folder: Path) -> None:
    told = gather_provenance(None, None, SETTINGS, Path("s.jsonl"))
    assert (told.model.id, told.model.revision) == ("tiny/model", "abc123")
    assert told.generation.model_dump(exclude_none=True) == {
        "prompt": "plain", "prompt_sha256": "a" * 64, "temperature": 0.2, "top_p": 0.95, "max_tokens": 512,
        "samples": 5, "seed": 3, "engine": "hf (transformers 5.0)", "dtype": "bfloat16",
    }  # fmt: skip
    assert told.notes == ("sha256 of the model's weights: f00",)


def test_the_settings_of_generate_say_what_was_asked_about_reasoning_and_what_was_refused() -> None:
    asked = {"max_reasoning_tokens": 2048, "reasoning_effort": "low", "thinking": False}
    settings = {**SETTINGS, "sampling": {**SETTINGS["sampling"], **asked}, "left_out": ["temperature"]}
    told = gather_provenance(None, None, settings, Path("s.jsonl")).generation.model_dump()
    assert told.items() >= {**asked, "left_out": ["temperature"]}.items()


def test_a_record_of_generated_samples_needs_no_more(folder: Path, ran: list[str]) -> None:
    (folder / "s.settings.json").write_text(json.dumps(SETTINGS))
    record = recorded(folder)
    assert (record.model.id, record.generation.temperature, record.generation.samples) == ("tiny/model", 0.2, 2)


def test_a_record_of_generated_samples_says_what_they_cost(folder: Path, ran: list[str]) -> None:
    (folder / "s.settings.json").write_text(json.dumps(SETTINGS))
    counted = {"tokens": 40, "prompt_tokens": 9, "seconds": 0.25}
    write_lines(folder / "s.jsonl", [{**row, **counted} for row in SAMPLES])
    (folder / "f.toml").write_text('[cost]\nmoney = {amount = 0.5, currency = "USD"}\n')
    record = recorded(folder, "--model-facts", "f.toml")
    assert record.cost == CostFacts(
        samples=4,
        prompt_tokens=36,
        completion_tokens=160,
        seconds=1.0,
        money=Money(amount=0.5, currency="USD"),
    )


def test_a_record_of_other_samples_says_what_a_person_states(folder: Path, ran: list[str]) -> None:
    write_lines(folder / "s.jsonl", [{**row, "tokens": 40} for row in SAMPLES])  # of another tool: of unknown meaning
    (folder / "f.toml").write_text('id = "tiny"\n[cost]\ncompletion_tokens = 1000\n')
    assert recorded(folder, "--model-facts", "f.toml").cost == CostFacts(samples=4, completion_tokens=1000)
    (folder / "f.toml").write_text('id = "tiny"\n')
    assert recorded(folder, "--model-facts", "f.toml").cost is None


@pytest.mark.parametrize("name", ["/home/somebody/runs/mine", "./runs/mine", "~/mine", "here/mine"])
def test_of_a_model_in_a_folder_the_last_name_is_told(folder: Path, name: str) -> None:
    (folder / "here" / "mine").mkdir(parents=True)
    assert from_settings({"model": {"name": name}})[0]["id"] == "mine"


@pytest.mark.parametrize(
    ("facts", "arguments", "told"),
    [
        (None, [], "a record needs the name of the model: give it with --model, or a file with --model-facts"),
        ('licence = "mit"', [], "a record needs the name of the model"),
        ('id = "tiny"\nlicense = "mit"', [], "f.toml: license: no such field: did you mean licence?"),
        ('id = "tiny"\nparameters = -1', [], "f.toml: parameters: Input should be greater than 0"),
        ('id = "tiny"\nparameters = nan', [], "f.toml: parameters: Input should be a finite number"),
        ('id = "tiny"\ngeneration = 1', [], "f.toml: generation: write a table of settings"),
        ('id = "tiny"\n[generation]\ntemp = 1', [], "f.toml: generation.temp: no such field"),
        ('id = "tiny"\ncost = 1', [], "f.toml: cost: write a table of tokens, seconds and money"),
        ('id = "tiny"\n[cost]\nseconds = -1', [], "f.toml: cost.seconds: "),
        ('id = "tiny"\n[cost]\nsamples = 5', [], "f.toml: cost.samples: 5 are more than the 4 samples of the file"),
        ('id = "tiny"\n[cost]\nmoney = {amount = 1, currency = "dollars"}', [], "f.toml: cost.money.currency: "),
        ('id = "tiny', [], "f.toml: not TOML: "),
        ('id = "tiny"', ["--model", "other"], "--model other contradicts f.toml, which says id = 'tiny'"),
        ('id = "tiny"', ["--model-facts", "nope.toml"], "cannot read nope.toml: No such file or directory"),
        ('id = "tiny"', ["--model-facts", "f.yaml"], "the name must end in .toml or .json"),
        ('id = "tiny"', ["--record", "r.txt"], "--record r.txt: the name must end in .json"),
        ('id = "tiny"', ["--record", "d.json"], "--record d.json is a folder"),
        ('id = "tiny"', ["--record", "s.results.summary.json"], "would overwrite another file of this evaluation"),
        ('id = "tiny"', ["--model-facts", "g.json", "--record", "g.json"], "would overwrite another file of this"),
        ('id = "tiny"', ["--record", "g.json"], "--record g.json exists and is not a record: choose another"),
    ],
)
def test_what_a_record_lacks_is_told_before_anything_runs(
    folder: Path, ran: list[str], facts: str | None, arguments: list[str], told: str
) -> None:
    (folder / "d.json").mkdir()
    (folder / "g.json").write_text('{"id": "tiny"}')
    given = []
    if facts is not None:
        (folder / "f.toml").write_text(facts)
        given = ["--model-facts", "f.toml"]
    result = evaluate("--record", "r.json", *given, *arguments)
    assert (result.exit_code, result.stdout, ran) == (2, "", [])
    assert told in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert not (folder / "s.results.jsonl").exists()


def test_facts_that_contradict_the_settings(folder: Path, ran: list[str]) -> None:
    (folder / "s.settings.json").write_text(json.dumps(SETTINGS))
    (folder / "f.toml").write_text("[generation]\ntemperature = 0.8\n")
    result = evaluate("--record", "r.json", "--model-facts", "f.toml")
    assert (result.exit_code, ran) == (2, [])
    assert "says generation.temperature = 0.8, the settings beside s.jsonl say 0.2" in result.stderr


@pytest.mark.parametrize("option", ["--model", "--model-facts"])
def test_facts_without_a_record_are_a_mistake(folder: Path, ran: list[str], option: str) -> None:
    result = evaluate(option, "tiny")
    assert (result.exit_code, ran) == (2, [])
    assert "give --record FILE too" in result.stderr


# ---- problems


def test_the_hash_is_of_all_problems_in_any_order(folder: Path) -> None:
    facts = dataset_facts("humaneval", folder / "he.jsonl")
    write_lines(folder / "turned.jsonl", HUMANEVAL[::-1])
    write_lines(folder / "fewer.jsonl", HUMANEVAL[:2])
    assert dataset_facts("humaneval", folder / "turned.jsonl").sha256 == facts.sha256
    assert dataset_facts("humaneval", folder / "fewer.jsonl").sha256 != facts.sha256


@pytest.mark.parametrize("field", ["test", "prompt"])
def test_the_hash_changes_with_tests_and_prompts(folder: Path, field: str) -> None:
    before = dataset_facts("humaneval", folder / "he.jsonl").sha256
    changed = HUMANEVAL[0] | {field: HUMANEVAL[0][field] + "\n"}
    write_lines(folder / "he.jsonl", [changed, *HUMANEVAL[1:]])
    assert dataset_facts("humaneval", folder / "he.jsonl").sha256 != before


def test_humaneval_itself_has_no_version_and_a_part_of_it_has_one(folder: Path) -> None:
    whole = dataset_facts("humaneval")
    assert (whole.version, whole.split, whole.tiers) == (None, None, {"": 164})
    part = dataset_facts("humaneval", folder / "he.jsonl")
    assert part.sha256 is not None
    assert part.version == part.sha256[:12]


def test_mbpp_has_splits(tmp_path: Path) -> None:
    data = write_lines(tmp_path / "mbpp.jsonl", [mbpp_row(number) for number in range(11, 511)])
    facts = dataset_facts("mbpp", data)
    assert (facts.name, facts.version, facts.split) == ("mbpp", None, "test")


@pytest.mark.parametrize(("digest", "version"), [*RELEASES.items(), ("0" * 12, "b" * 12)])
def test_releases_of_evalplus_have_their_version(digest: str, version: str) -> None:
    benchmark = Benchmark("mbpp+", f"MbppPlus.jsonl.gz, sha256 {digest}", (), completes_code=False)
    assert version_of("mbpp+", None, benchmark, "b" * 64) == version


def test_plus_has_no_split(tmp_path: Path) -> None:
    data = write_lines(tmp_path / "p.jsonl", [plus_row("HumanEval/0", "f", "def f(x): return x", [[1]], [[2]])])
    facts = dataset_facts("humaneval+", data)
    assert facts.split is None
    assert facts.sha256 == problems_digest(load_benchmark("humaneval+", data).problems)


def write_build(folder: Path, question: str = "Double it.") -> Path:
    folder.mkdir()
    (folder / "manifest.json").write_text("{}")
    for split in ("train", "validation", "test"):
        tests = UnitTests(([1],), (2,))
        code = "def f(x): return 2 * x"
        problem = Problem(f"{split}/1", question, code, "f", tests, "", (), Comparison.EXACT, "interview", "")
        write_json_lines(folder / f"{split}.jsonl", [problem.to_row()] if split != "validation" else [])
    return folder


def test_apps_plus_is_told_by_its_problems(tmp_path: Path) -> None:
    build, changed = write_build(tmp_path / "a"), write_build(tmp_path / "b", "Double the number.")
    facts, train, other = (dataset_facts("apps+", *which) for which in ((build,), (build, "train"), (changed,)))
    assert (facts.name, facts.split, train.split, facts.tiers) == ("apps+", "test", "train", {"interview": 1})
    assert facts.version == (facts.sha256 or "")[:12]
    assert len({facts.version, train.version, other.version}) == 3


def test_raw_apps_is_hashed_without_its_tests_in_memory(tmp_path: Path) -> None:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0), "0001": doubling(1)})
    facts = dataset_facts("apps", raw)
    assert (facts.split, facts.sha256) == ("all", raw_digest(raw, ["train/0000", "train/0001"]))
    other = write_raw(tmp_path / "other", {"0000": doubling(0), "0001": doubling(2)})
    assert dataset_facts("apps", other).sha256 != facts.sha256


# ---- parts


def result(task_id: str, verdict: Verdict, sample: int = 0, tier: str = "", **more: Any) -> SampleResult:
    return SampleResult(task_id, sample, tier, verdict, **more)


def test_what_could_not_be_judged_is_no_sample_of_a_problem() -> None:
    results = [result("a", Verdict.PASSED), result("a", Verdict.HARNESS_ERROR, 1), result("b", Verdict.HARNESS_ERROR)]
    assert problems_of(results, [""]) == {"": {"a": (1, 1)}}


def test_problems_stand_under_their_tier() -> None:
    results = [result("a", Verdict.PASSED, tier="interview"), result("b", Verdict.TIMEOUT, tier="overall")]
    assert problems_of(results, ["competition", "interview", "overall (tier)"]) == {
        "interview": {"a": (1, 1)},
        "overall (tier)": {"b": (1, 0)},
    }


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("NameError: name 'x' is not defined (line 3: return x)", "NameError: name 'x' is not defined (line 3)"),
        ("AssertionError (line 2 of the tests: assert f(1) == (2))", "AssertionError (line 2 of the tests)"),
        ("test 3: expected 1, got 2", "test 3: expected 1, got 2"),
        ("E: \x1b[31m" + "z" * 999, "E: \\x1b[31m" + "z" * 186 + "..."),
    ],
)
def test_details_are_short_and_quote_no_program(detail: str, told: str) -> None:
    [failure] = failures_of([result("a", Verdict.RUNTIME_ERROR, detail=detail, exception="E")])
    assert failure.detail == told


@pytest.mark.parametrize("name", ["X" * 999, " ", "\x1b[31m"])
def test_exceptions_of_any_name(name: str) -> None:
    [failure] = failures_of([result("a", Verdict.RUNTIME_ERROR, exception=name)])
    assert 0 < len(failure.error) <= 200


@pytest.mark.parametrize(
    ("name", "told"),
    [("my-model", "my-model"), ("Qwen 2.5 (1.5B)", "qwen-2.5-1.5b"), ("humaneval+", "humaneval+"), ("...", "record"),
     ("\u5c0f", "record"), ("x" * 300, "x" * 120)],
)  # fmt: skip
def test_an_id_is_safe_as_a_name(name: str, told: str) -> None:
    assert id_of(name) == told


def test_the_command_has_names_only() -> None:
    options = EvaluateOptions(
        "apps+", Path("/home/x/my samples.jsonl"), Path("/data/build"), "train", rule=ProgramRule.AS_IS
    )
    assert command_of(options) == "apps-plus evaluate apps+ 'my samples.jsonl' --data build --split train --rule as_is"
    assert command_of(replace(options, cut=True)).endswith("--cut-tail")


def test_a_record_is_a_function_of_what_it_is_given(folder: Path, ran: list[str]) -> None:
    evaluate()
    summary = json.loads((folder / "s.results.summary.json").read_text())
    told = gather_provenance(None, "tiny", None, Path("s.jsonl"))
    facts = DatasetFacts(name="humaneval", tiers={"": 3})
    records = [record_of(summary, [], facts, told, name="n", command="c", count=4) for _ in range(2)]
    assert records[0] == records[1]
    assert (records[0].date, records[0].problems) == (None, {})


# ---- the commit


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=n", "-c", "user.email=e@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


def test_the_commit_is_that_of_a_checkout_of_this_toolkit(tmp_path: Path) -> None:
    assert commit_of(tmp_path) is None
    (tmp_path / "harness").mkdir()
    code = tmp_path / "harness" / "a.py"
    code.write_text("1")
    git(tmp_path, "init")
    assert commit_of(tmp_path) is None
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "a")
    commit = commit_of(tmp_path)
    assert commit is not None
    assert len(commit) == 40
    assert commit_of(tmp_path / "harness") is None  # like a package installed below another project
    code.write_text("2")
    assert commit_of(tmp_path) == f"{commit}-dirty"
