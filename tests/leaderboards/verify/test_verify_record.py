"""``leaderboard verify``: what does not fit is refused before anything runs; what ran again agrees, or does not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import typer
from executor_here import ExecutorHere
from typer.testing import CliRunner

from apps_plus.cli import report_errors
from apps_plus.errors import InputError
from harness.sandbox import Sandbox
from harness.sandbox.execution import Limits, limits_of
from harness.scoring import evaluate as evaluation
from harness.scoring import make_result_record as recording
from harness.scoring.evaluate import evaluate
from harness.scoring.options import EvaluateOptions
from harness.scoring.result_record import HarnessFacts, Record
from harness.scoring.result_record_files import read_record, write_record
from harness.scoring.run_samples import ScoreJob
from harness.scoring.samples.sample_programs import ProgramRule
from leaderboards.verify import rerun as verifying
from leaderboards.verify.cli import verify as command
from leaderboards.verify.rerun import (
    Deviation,
    VerificationResult,
    VerifyOptions,
    draw,
    find_deviations,
    reproduced,
    verify,
)
from leaderboards.verify.rerun_settings import limits_of_record, notes_on_limits, rule_of
from leaderboards.verify.statistics import binomial_p, most_wrong

TASKS = 6
"""Problems; of each two samples, the second of which passes for even ones."""


PROMPT = 'def f(x):\n    """Invented."""\n'


def problem(number: int) -> dict[str, Any]:
    return {
        "task_id": f"HumanEval/{number}",
        "prompt": PROMPT,
        "entry_point": "f",
        "canonical_solution": f"    return x + {number}\n",
        "test": f"def check(candidate):\n    assert candidate(1) == {1 + number}\n",
    }


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def ran(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The problems of which programs were run, in order, in this process instead of in workers."""
    ids: list[str] = []

    def note(job: Any) -> None:
        if isinstance(job, ScoreJob):
            ids.append(job.problem.task_id)

    monkeypatch.setattr(evaluation, "open_executor", lambda *_: ExecutorHere(sandbox, note))
    return ids


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return write_lines(tmp_path / "he.jsonl", map(problem, range(TASKS)))


@pytest.fixture
def record(data: Path, ran: list[str]) -> Record:
    """Return what evaluate --record writes; nothing has run since."""
    samples = [
        {"task_id": f"HumanEval/{number}", "completion": f"    return x + {number} + {sample * (number % 2)}\n"}
        for number in range(TASKS)
        for sample in (0, 1)
    ]
    options = EvaluateOptions("humaneval", write_lines(Path("s.jsonl"), samples), data, workers=1)
    made = recording.write(recording.plan_record(Path("r.json"), None, "tiny", options), evaluate(options))
    ran.clear()
    return made


def options(fraction: float = 1.0, **more: Any) -> VerifyOptions:
    return VerifyOptions(Path("s.jsonl"), Path("he.jsonl"), fraction, workers=1, **more)


def changed(record: Record, **changes: Any) -> Record:
    """The record with other parts, as its file would have them."""
    return Record.model_validate_json(json.dumps(record.model_dump(mode="json") | changes))


def problems(record: Record, **counts: list[int]) -> dict[str, Any]:
    """Its problems, with other counts for some: ``_3=[2, 1]``."""
    its = {task_id: list(pair) for task_id, pair in record.problems[""].items()}
    return {"": its | {f"HumanEval/{name[1:]}": pair for name, pair in counts.items()}}


# ---- what came of it


def test_all_of_it_again(record: Record, ran: list[str]) -> None:
    result = verify(record, options())
    assert (result.outcome, result.by_problem, result.reasons, result.deviations) == (
        VerificationResult.AGREES,
        True,
        (),
        (),
    )
    assert (result.n_problems, result.problems_ran, result.samples_ran, result.samples_agreed) == (6, 6, 12, 12)
    assert (result.most_wrong, result.passed_here) == (0, 9)


def test_samples_may_be_a_folder_of_programs(data: Path, ran: list[str]) -> None:
    for number in range(TASKS):
        (Path("run") / f"HumanEval_{number}").mkdir(parents=True)
        (Path("run") / f"HumanEval_{number}" / "0.py").write_text(
            problem(number)["prompt"] + f"    return x + {number}\n"
        )
    given = EvaluateOptions("humaneval", Path("run"), data, workers=1)
    made = recording.write(recording.plan_record(Path("r.json"), None, "tiny", given), evaluate(given))
    assert made.samples is not None
    assert (made.samples.file, made.samples.count) == ("run", TASKS)
    assert verify(made, VerifyOptions(Path("run"), data, 1.0, workers=1)).outcome is VerificationResult.AGREES
    (Path("run") / "HumanEval_0" / "0.py").write_text("changed")
    assert verify(made, VerifyOptions(Path("run"), data, 1.0, workers=1)).outcome is VerificationResult.REFUSED


def test_a_part_is_whole_problems_drawn_by_the_seed(record: Record, ran: list[str]) -> None:
    result = verify(record, options(0.5, seed=4))
    again = verify(record, options(0.5, seed=4))
    assert (result.problems_ran, result.samples_ran) == (3, 6)
    assert result.seed == again.seed == 4
    assert set(ran) == set(draw(list(record.outcomes()), 0.5, 4))
    assert result.most_wrong == most_wrong(6, 3, 0)


def test_other_outcomes_differ(record: Record, ran: list[str]) -> None:
    forged = changed(record, problems=problems(record, _0=[2, 1], _1=[2, 2]))
    result = verify(forged, options())
    assert (result.outcome, result.samples_agreed, result.most_wrong) == (VerificationResult.DIFFERS, 10, 2)
    assert result.deviations == (Deviation("HumanEval/0", 2, 1, 2, 2), Deviation("HumanEval/1", 2, 2, 2, 1))


def test_what_failed_cannot_be_called_a_harness_error(record: Record, ran: list[str]) -> None:
    """All that pass remain: 100%, if one believes it."""
    right = {task_id: [passed, passed] for task_id, (_, passed) in record.problems[""].items()}
    forged = changed(
        record,
        problems={"": right},
        categories={"overall": {"passed": 9, "harness_error": 3}},
        scores=[{"value": 1.0}],
    )
    result = verify(forged, options())
    assert (result.outcome, result.samples_ran, result.samples_agreed) == (VerificationResult.DIFFERS, 12, 9)
    assert result.deviations[0] == Deviation("HumanEval/1", 1, 1, 2, 1)
    assert "the record leaves 3 of 12 samples unjudged (harness_error)" in result.notes


def test_problems_that_the_record_leaves_out_are_drawn_too(record: Record, ran: list[str]) -> None:
    whole = {task_id: [2, 2] for task_id, (_, passed) in record.problems[""].items() if passed == 2}
    forged = changed(
        record,
        problems={"": whole},
        categories={"overall": {"passed": 6, "harness_error": 6}},
        scores=[{"value": 1.0}],
    )
    result = verify(forged, options())
    assert (result.outcome, result.n_problems, result.problems_ran) == (VerificationResult.DIFFERS, 6, 6)
    assert result.deviations[0] == Deviation("HumanEval/1", 0, 0, 2, 1)
    assert {len(verify(forged, options(0.5, seed=seed)).deviations) > 0 for seed in range(4)} == {True}


def test_scores_alone_are_a_weaker_check(record: Record, ran: list[str]) -> None:
    result = verify(changed(record, problems={}), options())
    assert (result.outcome, result.by_problem, result.samples_agreed) == (VerificationResult.AGREES, False, None)
    assert (result.problems_ran, result.samples_ran, result.expected) == (6, 6, 4.5)
    assert result.p_value == pytest.approx(binomial_p(result.passed_here, 6, 0.75))


def test_a_score_far_from_its_samples_does_not_agree(record: Record, ran: list[str]) -> None:
    scores = [{"value": 0.01}]
    result = verify(changed(record, problems={}, categories={}, scores=scores), options())
    assert result.outcome is VerificationResult.DIFFERS
    assert result.p_value is not None
    assert result.p_value < 0.01


def test_the_rule_of_the_record_counts(record: Record, ran: list[str]) -> None:
    harness = record.model_dump(mode="json")["harness"]
    result = verify(changed(record, harness=harness | {"rule": "as_is"}), options())
    assert (result.outcome, result.passed_here) == (VerificationResult.DIFFERS, 0)


def test_imports_are_given_where_they_were_for_the_record(data: Path, ran: list[str]) -> None:
    samples = [{"task_id": f"HumanEval/{n}", "completion": f"    return math.floor(x) + {n}\n"} for n in range(TASKS)]
    options_of = EvaluateOptions("humaneval", write_lines(Path("s.jsonl"), samples), data, workers=1, give_imports=True)
    plan = recording.plan_record(Path("r.json"), None, "tiny", options_of)
    made = recording.write(plan, evaluate(options_of))
    assert made.score().value == 1.0
    assert verify(made, options()).outcome is VerificationResult.AGREES
    assert made.harness is not None
    for not_given in (False, None):
        harness = made.harness.model_copy(update={"given_imports": not_given})
        assert verify(made.model_copy(update={"harness": harness}), options()).outcome is VerificationResult.DIFFERS


def test_limits_and_versions_that_are_others_are_told(record: Record, ran: list[str]) -> None:
    harness = record.model_dump(mode="json")["harness"]
    harness |= {"version": "0.0.9", "limits": {"cpu_seconds": 2.0, "wall_seconds": 20.0}}
    other = changed(record, harness=harness)
    assert verify(other, options(0.1)).notes == (
        "the record was made by version 0.0.9, not 0.1.0",
        "run with the record's limits, which are not the usual ones: cpu_seconds 2, wall_seconds 20",
    )
    assert "run with 3 s per test, the record with 2 s" in verify(other, options(0.1, timeout=3.0)).notes


@pytest.mark.parametrize("seconds", [1e6, 1e300])
def test_a_record_cannot_keep_its_verifier_busy_for_days(seconds: float) -> None:
    harness = HarnessFacts(limits={"cpu_seconds": seconds, "open_files": 1e300})
    assert limits_of_record(harness, None) == Limits(cpu_seconds=40.0, open_files=640)
    assert notes_on_limits(harness, None) == [
        f"run with 10 times the usual limits at most: cpu_seconds 40, not {seconds:g}, open_files 640, not 1e+300 "
        "(or give --timeout)"
    ]
    assert limits_of_record(harness, 100.0).cpu_seconds == 100.0


# ---- refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": {"file": "s.jsonl", "sha256": "0" * 64, "count": 12}}, "samples.sha256 is 000000000000..., the"),
        ({"samples": 13}, "samples.count is 13, the file has 12"),
        ({"scores": [{"value": 0.8}]}, "overall pass@1 is 0.8000, by the record's own problems it is 0.7500"),
        ({"scores": [{"value": 0.75, "k": 3}]}, "scores: overall: pass@3 was not computed"),
        ({"scores": [{"value": 0.75, "ci95": [0.74, 0.76], "method": "bca bootstrap over problems"}]},
         "its interval and the one that its problems give differ"),
        ({"scores": [{"value": 0.75, "ci95": [0.74, 0.76], "method": "measured twice"}]}, "problems give differ"),
        ({"scores": [{"value": 0.75, "ci95": [0.0, 1.0]}]}, "problems give differ"),
        ({"problems": {"": {"HumanEval/0": [3, 2]}}, "categories": {}, "scores": [{"value": 0.6667}]},
         "problems: HumanEval/0: 3 judged, the file has 2 samples of it"),
        ({"problems": {"": {"HumanEval/9": [1, 1]}}, "categories": {}, "scores": [{"value": 1.0}]},
         "problems: HumanEval/9: 1 judged, the file has 0 samples of it"),
        ({"problems": {"": {"HumanEval/0": [2, 2]}}, "categories": {}, "scores": [{"value": 1.0}]},
         "problems: 10 of the file's 12 samples are left out"),
        ({"categories": {"overall": {"passed": 12}}},
         "categories: overall has 12 of 12 samples passed, its problems have 9 of 12"),
        ({"categories": {"overall": {"passed": 9, "failure": 4}}}, "categories: 13 samples, but samples.count is 12"),
        ({"categories": {"overall": {"passed": 9, "failure": 3, "timeout": 1}}}, "more timeouts than runtime errors"),
        ({"categories": {"overall": {"passed": 9}, "": {"passed": 8}}}, "the tiers have 8 samples, all together 9"),
        ({"problems": {}, "categories": {"overall": {"passed": 6, "failure": 6}}},
         "scores: pass@1 is 0.7500, by the categories it is 0.5000"),
        ({"dataset": {"name": "humaneval", "tiers": {"": 164}}}, "dataset.tiers is 164, the problems have 6"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_the_reason(
    record: Record, ran: list[str], changes: dict[str, Any], message: str
) -> None:
    if isinstance(changes.get("samples"), int):
        changes = {"samples": record.model_dump(mode="json")["samples"] | {"count": changes["samples"]}}
    found = verify(changed(record, **changes), options())
    assert (found.outcome, ran) == (VerificationResult.REFUSED, [])
    assert any(message in reason for reason in found.reasons), found.reasons


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"samples": None}, "r names no samples file: there is nothing to run again"),
        ({"dataset": {"name": "mine", "tiers": {"": 6}}}, "r is of mine, which apps-plus cannot run: humaneval, "),
        ({"problems": {}, "scores": [{"value": 0.5, "k": 2}]}, "neither outcomes of problems nor pass@1"),
        ({"harness": {"rule": "guess"}}, "harness.rule: there is no rule guess: one of as_is, "),
        ({"harness": {"limits": {"cpu_seconds": 0.0}}}, "harness.limits: cpu_seconds must be"),
        ({"harness": {"limits": {"luck": 1.0}}}, "harness.limits: there is no limit luck: one of cpu_seconds, "),
    ],
)
def test_what_cannot_be_verified_at_all(record: Record, ran: list[str], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as error:
        verify(changed(record, **changes), options())
    assert message in str(error.value)
    assert ran == []


def test_other_problems_are_no_verification(record: Record, ran: list[str]) -> None:
    write_lines(Path("he.jsonl"), (problem(number) | {"prompt": PROMPT + "\n"} for number in range(TASKS)))
    with pytest.raises(InputError, match="the problems here are not those of the record"):
        verify(record, options())
    harness = record.model_dump(mode="json")["harness"] | {"version": "0.0.9"}
    notes = verify(changed(record, harness=harness), options(0.1)).notes
    assert any("or apps-plus 0.0.9 hashed them differently" in note for note in notes)


@pytest.mark.parametrize(("field", "value"), [("version", "hard"), ("version", None), ("split", "test")])
def test_another_version_or_split_is_another_board(
    record: Record, ran: list[str], field: str, value: str | None
) -> None:
    dataset = record.model_dump(mode="json")["dataset"] | {field: value}
    found = verify(changed(record, dataset=dataset), options())
    assert (found.outcome, ran) == (VerificationResult.REFUSED, [])
    assert found.reasons[0].startswith(f"dataset.{field} is {value or 'not given'}, that of the problems ")


# ---- the record as reproduced


@pytest.mark.parametrize("sha256", [None, "f" * 64])
def test_of_the_problems_a_reproduced_record_says_what_was_found(
    record: Record, ran: list[str], sha256: str | None
) -> None:
    parts = record.model_dump(mode="json")
    version = parts["dataset"]["version"] if sha256 is None else sha256[:12]
    other = changed(
        record,
        dataset=parts["dataset"] | {"sha256": sha256, "version": version},
        harness=parts["harness"] | {"version": "0.0.9"},
    )
    result = verify(other, options())
    assert "(dataset.sha256)" in " ".join(result.notes)
    made = reproduced(other, result, date(2024, 2, 1))
    assert made.dataset == record.dataset
    assert made.reproduction is not None
    assert str(made.reproduction.note).endswith("; dataset describes the problems of that run")


def test_a_reproduced_record_says_how_much_ran_and_agreed(record: Record, ran: list[str]) -> None:
    made = reproduced(record, verify(record, options(0.5, seed=1)), date(2024, 2, 1))
    facts = made.reproduction
    assert facts is not None
    assert (made.status, facts.samples, facts.agreed, str(facts.date)) == ("reproduced", 6, 6, "2024-02-01")
    assert facts.note == "3 of 6 problems, drawn at random with seed 1, run again with apps-plus 0.1.0"


def test_what_differs_was_not_reproduced(record: Record, ran: list[str]) -> None:
    forged = changed(record, problems=problems(record, _0=[2, 1], _1=[2, 2]))
    with pytest.raises(InputError, match="r was not reproduced"):
        reproduced(forged, verify(forged, options()), date(2024, 2, 1))


# ---- the parts


@pytest.mark.parametrize(
    ("rule", "found"),
    [(None, (None, False)), ("as_is", (ProgramRule.AS_IS, False)),
     ("prompt_plus_completion (tail kept)", (ProgramRule.PROMPT_PLUS_COMPLETION, True))],
)  # fmt: skip
def test_the_rule_as_a_record_has_it(rule: str | None, found: tuple[ProgramRule | None, bool]) -> None:
    assert rule_of(HarnessFacts(rule=rule)) == found


def test_limits_are_those_of_the_record_unless_a_time_is_given() -> None:
    harness = HarnessFacts(limits={"cpu_seconds": 2.5, "memory_bytes": 2.0**20})
    assert limits_of_record(harness, None) == Limits(cpu_seconds=2.5, memory_bytes=1 << 20)
    assert limits_of_record(harness, 3.0) == limits_of(3.0)
    assert limits_of_record(None, None) == limits_of(None)


@pytest.mark.parametrize(
    ("recorded", "here", "samples"),
    [((2, 1), (2, 1), 0), ((2, 1), (2, 2), 1), ((1, 1), (2, 1), 1), ((1, 1), (5, 1), 4), ((0, 0), (2, 1), 2),
     ((2, 2), (2, 0), 2)],
)  # fmt: skip
def test_samples_that_the_record_did_not_judge_deviate(
    recorded: tuple[int, int], here: tuple[int, int], samples: int
) -> None:
    assert sum(one.samples for one in find_deviations({"a": recorded}, {"a": here})) == samples


@pytest.mark.parametrize(("fraction", "size"), [(0.001, 1), (0.2, 2), (0.25, 3), (1.0, 10)])
def test_at_least_one_problem_is_drawn(fraction: float, size: int) -> None:
    assert len(set(draw([str(number) for number in range(10)], fraction, 7))) == size


def test_the_draw_depends_on_the_seed_not_on_the_order() -> None:
    ids = [str(number) for number in range(100)]
    assert draw(ids, 0.2, 7) == draw(ids[::-1], 0.2, 7)
    assert draw(ids, 0.2, 7) != draw(ids, 0.2, 8)


@pytest.mark.parametrize(("population", "drawn", "wrong"), [(9, 3, 0), (9, 3, 1), (9, 9, 2), (9, 1, 1), (12, 8, 0)])
def test_the_bound_is_the_most_that_would_be_no_surprise(population: int, drawn: int, wrong: int) -> None:
    """Against every draw there is."""
    draws = list(combinations(range(population), drawn))

    def chance(bad: int) -> float:
        return sum(sum(one < bad for one in drawn) <= wrong for drawn in draws) / len(draws)

    possible = range(wrong, population - (drawn - wrong) + 1)
    assert most_wrong(population, drawn, wrong) == max(bad for bad in possible if chance(bad) > 0.05)


def test_the_bound_of_a_fifth_of_humaneval() -> None:
    assert most_wrong(164, 33, 0) == 12
    assert most_wrong(164, 164, 0) == 0


@pytest.mark.parametrize(
    ("passed", "drawn", "share", "p"),
    [(5, 10, 0.5, 1.0), (0, 10, 0.5, 2 / 1024), (1, 10, 0.5, 22 / 1024), (0, 4, 0.0, 1.0), (1, 4, 0.0, 0.0),
     (4, 4, 1.0, 1.0), (0, 2, 0.9, 0.01)],
)  # fmt: skip
def test_the_exact_binomial_test(passed: int, drawn: int, share: float, p: float) -> None:
    assert binomial_p(passed, drawn, share) == pytest.approx(p)


# ---- the command


def invoke(*arguments: object):
    front = typer.Typer()
    front.command()(report_errors(command))
    words = ["r.json", "--samples", "s.jsonl", "--data", "he.jsonl", "--workers", "1", *arguments]
    return CliRunner().invoke(front, [str(word) for word in words])


def test_the_command_says_agree_and_what_that_bounds(record: Record, ran: list[str]) -> None:
    result = invoke("--fraction", 0.5, "--seed", 3)
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "r: agrees",
        "3 of 6 problems (6 samples) ran again, drawn with seed 3.",
        "3 of these problems have as many samples judged and passed as the record says.",
        "With 95% confidence at most 2 of the 6 (33.3%) do not.",
    ]


def test_json_is_one_object(record: Record, ran: list[str]) -> None:
    result = invoke("--json", "--out", "out.json")
    assert (result.exit_code, result.stdout.count("\n")) == (0, 1)
    assert json.loads(result.stdout)["outcome"] == "agrees"
    assert read_record(Path("out.json")).status == "reproduced"


def test_what_differs_exits_with_1_and_writes_nothing(record: Record, ran: list[str]) -> None:
    write_record(changed(record, problems=problems(record, _0=[2, 1], _1=[2, 2])), Path("r.json"))
    result = invoke("--fraction", 1, "--out", "out.json")
    assert result.exit_code == 1
    assert "  HumanEval/1: 2 of 2 passed by the record, 1 of 2 here" in result.stdout
    assert not Path("out.json").exists()


def test_what_is_refused_exits_with_1_and_says_why(record: Record, ran: list[str]) -> None:
    with Path("s.jsonl").open("a") as file:
        file.write("\n")
    result = invoke()
    assert (result.exit_code, ran) == (1, [])
    assert result.stdout.startswith("r: refused\n  samples.sha256 is ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fraction", "0"], "0.0 is not above 0 and at most 1"),
        (["--fraction", "nan"], "nan is not above 0 and at most 1"),
        (["--timeout", "0"], "not a number of seconds above 0"),
        (["--samples", "nope"], "cannot read nope"),
        (["--data", "nope"], "cannot read nope"),
        (["--out", "r.txt"], "give a file whose name ends in .json"),
        (["--out", "r.json"], "would overwrite an input"),
        (["--out", "precious.json"], "--out precious.json exists and is not a record"),
    ],
)
def test_a_mistake_is_told_before_any_work(record: Record, ran: list[str], arguments: list[str], message: str) -> None:
    Path("precious.json").write_text('{"mine": 1}')
    result = invoke(*arguments)
    assert (result.exit_code, result.stdout, ran) == (2, "", [])
    assert message in result.stderr


def test_limits_far_from_the_usual_are_told_before_anything_runs(record: Record, ran: list[str]) -> None:
    harness = record.model_dump(mode="json")["harness"]
    limits = harness["limits"] | {"cpu_seconds": 1e6}
    write_record(changed(record, harness=harness | {"limits": limits}), Path("r.json"))
    result = invoke("--fraction", 0.1)
    assert result.stderr.startswith("note: run with 10 times the usual limits at most: cpu_seconds 40, not 1e+06")


def test_an_interrupted_verification_does_not_say_that_it_goes_on(
    record: Record, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(verifying, "evaluate_part", interrupted)
    result = invoke()
    assert (result.exit_code, result.stdout) == (130, "")
    assert result.stderr.splitlines()[-1] == ("apps-plus: interrupted; nothing is kept: the same command starts again")


def test_a_record_without_outcomes_cannot_be_written_as_reproduced(record: Record, ran: list[str]) -> None:
    write_record(changed(record, problems={}), Path("r.json"))
    result = invoke("--out", "out.json")
    assert (result.exit_code, ran) == (2, [])
    assert "cannot be marked as reproduced" in result.stderr


def test_a_file_that_is_no_record(record: Record) -> None:
    Path("r.json").write_text("{")
    assert invoke().exit_code == 2
