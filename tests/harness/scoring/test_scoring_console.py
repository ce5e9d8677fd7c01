"""Output of the scoring commands: fits the width, marks what was cut, contains no control characters."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from harness.judging.verdict import Verdict
from harness.scoring.console.comparison import print_comparison
from harness.scoring.console.errors import print_errors
from harness.scoring.console.selfcheck import print_selfcheck
from harness.scoring.console.summary import print_summary
from harness.scoring.console.tables import percent
from harness.scoring.paired_comparison import compare
from harness.scoring.results import SampleResult
from harness.scoring.summary import common_errors, summarise

HOSTILE = "\x1b[2J[bold red]loud[/] \u202e\n"
ESCAPED = "\\x1b[2J[bold red]loud[/] \\x202e"
TIERS = ("introductory", "interview", "competition")


def printed(show: Callable[[Console], None], width: int = 80) -> str:
    stream = io.StringIO()
    show(Console(file=stream, width=width, force_terminal=False))
    text = stream.getvalue()
    assert max(map(len, text.splitlines()), default=0) <= width
    return text


def result(task_id: str, verdict: str = "passed", sample: int = 0, tier: str = "", **fields: Any) -> SampleResult:
    return SampleResult(task_id, sample, tier, Verdict(verdict), **fields)


def benchmark(n: int, tiers: tuple[str, ...] = TIERS) -> tuple[dict[str, str], list[SampleResult]]:
    """Return a summary in which a fifth of the samples passes and the others fail in four ways."""
    ways = ["passed", "wrong_answer", "runtime_error", "timeout", "compile_error"]
    of = {f"test/{i:04}": tiers[i % len(tiers)] for i in range(30)}
    return of, [
        result(
            i, ways[(place + s) % 5], s, tier, exception="E" * 30 if (place + s) % 5 == 2 else "", base=Verdict.PASSED
        )
        for place, (i, tier) in enumerate(of.items())
        for s in range(n)
    ]


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("tiers", [TIERS, ("",)])
def test_a_summary_fits_the_screen(width: int, tiers: tuple[str, ...]) -> None:
    of, results = benchmark(10, tiers)
    text = printed(lambda console: print_summary(summarise("apps+", of, results, [1, 10, 100]), console), width)
    assert "30 problems, 300 samples" in text
    assert "20.0" in text
    assert "pass@10, base tests" in text
    assert "60 (20.0)" in text
    assert ("competition" in text) == (tiers == TIERS)
    assert "note: pass@100 was not computed: every problem has fewer than 100 samples" in " ".join(text.split())


def test_the_headline_says_how_many_of_the_problems_have_samples() -> None:
    of = {f"x/{number}": "" for number in range(164)}
    results = [result(f"x/{number}") for number in range(20)]
    text = printed(lambda console: print_summary(summarise("humaneval", of, results), console))
    assert text.startswith("humaneval: 20 of 164 problems, 20 samples\n")
    assert "pass@k in percent over 20 of 164 problems, with 95% intervals" in text
    whole = printed(
        lambda console: print_summary(summarise("humaneval", dict.fromkeys(list(of)[:20], ""), results), console)
    )
    assert whole.startswith("humaneval: 20 problems, 20 samples\n")


def test_a_k_that_a_tier_lacks_is_a_dash() -> None:
    of = {"a": "introductory", "b": "interview"}
    results = [result("a", sample=s) for s in range(2)] + [result("b")]
    text = printed(lambda console: print_summary(summarise("apps", of, results, [1, 2]), console), 120)
    [overall, introductory, _, interview] = next(line.split() for line in text.splitlines() if "pass@2" in line)[1:]
    assert (overall, introductory, interview) == ("-", "100.0", "-")


@pytest.mark.parametrize("width", [80, 120])
def test_what_programs_and_files_say_is_shown_and_not_obeyed(width: int) -> None:
    of = {HOSTILE: HOSTILE, "b": "interview"}
    bad = result(HOSTILE, "runtime_error", tier=HOSTILE, exception=HOSTILE, detail=HOSTILE)
    good = result(HOSTILE, tier=HOSTILE)
    shows: list[Callable[[Console], None]] = [
        lambda console: print_summary(summarise(HOSTILE, of, [bad], [1, 2]), console),
        lambda console: print_errors(common_errors([bad]), console=console),
        lambda console: print_comparison(compare([bad], [good]), HOSTILE, HOSTILE, console),
        lambda console: print_selfcheck(HOSTILE, [HOSTILE], [bad], console),
    ]
    for show in shows:
        text = printed(show, width)
        assert "\x1b" not in text
        assert "\u202e" not in text
        assert ESCAPED[:12] in text
        assert "[bold red]loud[/]" in " ".join(text.split())


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.0, "0.0"), (0.0012, "0.12"), (0.0122, "1.22"), (0.0996, "10.0"), (0.598, "59.8"), (1.0, "100.0")],
)
def test_small_shares_have_two_decimals(value: float, shown: str) -> None:
    assert percent(value) == shown


def test_errors_are_shown_with_an_example_and_what_is_cut_is_said() -> None:
    results = [result(f"p{n}", "runtime_error", exception=f"Error{n}", detail=f"Error{n}: why") for n in range(5)]
    text = printed(lambda console: print_errors(common_errors(results, None), 3, console))
    assert "p0, sample 0: Error0: why" in text
    assert "Error3" not in text
    assert "and 2 more kinds of error" in text


def test_where_nothing_failed_no_table_is_shown() -> None:
    assert printed(lambda console: print_errors([], console=console)) == "every sample passed\n"


def singles(passed: str) -> list[SampleResult]:
    return [result(f"p{n}", "passed" if c == "+" else "wrong_answer") for n, c in enumerate(passed)]


def test_a_comparison_names_the_flipped_problems_and_cuts_a_long_list() -> None:
    told = compare(singles("+-" + "-" * 51), singles("--" + "+" * 51))
    text = printed(lambda console: print_comparison(told, "a.jsonl", "b.jsonl", console))
    assert "A  a.jsonl\nB  b.jsonl" in text
    assert "unlikely to be noise: the interval does not contain 0 (p < 0.001)" in " ".join(text.split())
    assert "McNemar's exact test; problems that both have: 53" in text
    assert "Problems that only A passes: 1\n  p0" in text
    assert "Problems that only B passes: 51" in text
    assert "and 31 more" in text


def test_with_several_samples_the_rates_are_shown() -> None:
    a = [result("p", "passed", s) for s in range(4)]
    b = [result("p", "passed" if s else "timeout", s) for s in range(4)]
    text = printed(lambda console: print_comparison(compare(a, b), "a", "b", console))
    assert "p 4/4 -> 3/4" in text
    assert "Problems that A passes more often: 1" in text


def test_a_selfcheck_says_which_solutions_do_not_pass_and_why() -> None:
    results = [result("a"), result("b", "runtime_error", detail="KeyError: 3", tests_passed=2, tests_total=3)]
    text = printed(lambda console: print_selfcheck("mbpp", ["a", "b", "c"], results, console))
    assert "mbpp: 1 of 3 canonical solutions pass" in text
    assert [line.split() for line in text.splitlines() if line.startswith((" b", " c"))] == [
        "b runtime_error KeyError: 3; 2 of 3 tests pass".split(),
        "c not run the benchmark has no solution for it".split(),
    ]


def test_a_selfcheck_that_holds_is_one_line() -> None:
    text = printed(lambda console: print_selfcheck("mbpp", ["a"], [result("a")], console))
    assert text == "mbpp: 1 of 1 canonical solutions pass\n"
