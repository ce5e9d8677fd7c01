"""Figures of the speed table: ratios, medians, ranges, targets."""

from __future__ import annotations

from benchmarks.speed_table import Figure, ratio, table


def test_ratios_are_taken_within_a_round() -> None:
    figure = ratio("work", "wall time", ("peer", [2.0, 30.0]), ("ours", [1.0, 10.0]), 2.5, at_least=True)
    assert figure.values == (2.0, 3.0)
    assert (figure.median, figure.met) == (2.5, True)
    assert figure.medians == "peer 16.0 s / ours 5.50 s"


def test_an_upper_bound_is_missed_above_it() -> None:
    values = (0.1, 0.2, 0.3)
    assert not Figure("help", "processor time", "s", values, 0.15, at_least=False).met
    assert Figure("help", "processor time", "s", values, 0.2, at_least=False).met


def test_the_table_shows_median_range_target_and_whether_it_is_met() -> None:
    figures = [
        Figure(
            "evaluate", "processor time", "", (3.0, 5.0, 4.0), 6, True, "peer 4 s / ours 1 s", "same verdicts", 0.25
        ),
        Figure("evaluate", "wall time", "", (7.0,), 6, True),
        Figure("memory", "most", "MiB", (119.5,), 120, False),
    ]
    assert table(figures).splitlines()[2:] == [
        "| evaluate | processor time | 4.00 (3.00 to 5.00) | >= 6 | no | peer 4 s / ours 1 s | 0.2 | same verdicts |",
        "|  | wall time | 7.00 | >= 6 | yes |  |  |  |",
        "| memory | most | 120 MiB | <= 120 MiB | yes |  |  |  |",
    ]
