"""Charts as markup, names of files, and numbers in words."""

from __future__ import annotations

import re

import pytest

from leaderboards.site.charts import STACK_WIDTH, axis_top, shares, shares_text, stacked_bar, tag, whisker_bar
from leaderboards.site.naming import LONGEST, slug, slugs, web_address
from leaderboards.site.scatter import LEFT, RIGHT, Point, scatter
from leaderboards.site.wording import interval, limit, rank_range, size


@pytest.mark.parametrize(
    ("most", "top"), [(0.0, 0.05), (0.05, 0.05), (0.051, 0.1), (0.37, 0.4), (0.81, 1.0), (1.0, 1.0)]
)
def test_an_axis_ends_at_a_round_number(most: float, top: float) -> None:
    assert axis_top(most) == top


def test_a_bar_ends_at_the_score_and_its_whisker_at_the_interval() -> None:
    markup = whisker_bar(0.2, 0.1, 0.3, 0.4)
    assert 'width="60"' in markup
    assert "M30 7H90" in markup


def test_attributes_and_texts_are_escaped() -> None:
    assert tag("text", "<b>", title='"&') == '<text title="&#34;&amp;">&lt;b&gt;</text>'


COUNTS = {"passed": 30, "failure": 50, "runtime_error": 15, "timeout": 5, "compile_error": 5}


def test_timeouts_are_among_the_runtime_errors() -> None:
    assert shares(COUNTS) == {"passed": 0.3, "failure": 0.5, "runtime_error": 0.15, "compile_error": 0.05}
    assert shares_text(COUNTS).endswith("compile error 5.0%, timeouts among the runtime errors 5.0%")


def test_a_category_that_nobody_knows_has_its_part_too() -> None:
    assert shares({"passed": 1, "meteor": 3}) == {"passed": 0.25, "meteor": 0.75}


def test_a_stack_fills_its_width_and_says_its_numbers() -> None:
    markup = stacked_bar(COUNTS, "A model")
    widths = [float(width) for width in re.findall(r'<rect [^>]*?width="([\d.]+)"', markup)]
    assert sum(widths) == pytest.approx(STACK_WIDTH, abs=5)
    assert "<title>A model: passed 30.0%, failure 50.0%" in markup


def test_no_samples_are_said_to_be_none() -> None:
    assert shares_text({}) == "no samples"


def point(index: int, parameters: float, value: float = 0.3) -> Point:
    return Point(index, f"Model {index}", parameters, value, value - 0.02, value + 0.02, 0, "reported")


def places(markup: str) -> list[float]:
    return [float(x) for x in re.findall(r'<g class="point[^>]*translate\(([\d.]+) 0\)', markup)]


def test_models_of_one_size_stand_side_by_side() -> None:
    xs = places(scatter([point(i, 7e9) for i in range(3)], "Title", []))
    assert len(set(xs)) == 3


def test_points_stay_within_the_frame_and_grow_with_size() -> None:
    xs = places(scatter([point(i, parameters) for i, parameters in enumerate((1e8, 1e9, 7e9, 7e11))], "Title", []))
    assert xs == sorted(xs)
    assert xs[0] >= LEFT
    assert xs[-1] <= RIGHT


def test_every_point_tells_its_numbers() -> None:
    assert "<title>Model 0, 7B: 30.0% [28.0–32.0]</title>" in scatter([point(0, 7e9)], "Title", [])


def test_labels_do_not_cover_each_other() -> None:
    labels = re.findall(r'class="label"', scatter([point(i, 7e9) for i in range(200)], "Title", []))
    assert 0 < len(labels) < 20


def test_without_sizes_there_is_no_plot() -> None:
    assert scatter([], "Title", []) == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Org/Model 7B", "org-model-7b"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "unnamed"),
        ("模型", "unnamed"),
        ("x" * 300, "x" * LONGEST),
    ],
)
def test_a_slug_is_safe(text: str, name: str) -> None:
    assert slug(text) == name


def test_slugs_are_distinct_and_do_not_depend_on_the_order() -> None:
    texts = ["a/b", "a-b", "A-B", "c"]
    names = slugs(texts)
    assert len(set(names.values())) == 4
    assert names["c"] == "c"
    assert slugs(reversed(texts)) == names


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b#c", True),
        ("http://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:", False),
        ("https://[", False),
        (None, False),
    ],
)
def test_which_addresses_are_links(url: str | None, safe: bool) -> None:
    assert web_address(url) == (url if safe else None)


def test_numbers_for_people() -> None:
    assert interval(0.339, 0.3835) == "33.9–38.4"
    assert [rank_range(r) for r in ((1, 3), (2, 2), None)] == ["1–3", "2", "–"]
    assert [size(n) for n in (6.7e9, 125e6, 15.5e9, 999.9e6, 1.2e12, None)] == [
        "6.7B",
        "125M",
        "15.5B",
        "1B",
        "1.2T",
        "–",
    ]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("memory_bytes", 2.0**30, "memory 1 GiB"),
        ("cpu_seconds", 4.0, "cpu 4 s"),
        ("threads", 128.0, "threads 128"),
        ("output_bytes", 0, "output 0 bytes"),
    ],
)
def test_limits_for_people(name: str, value: float, told: str) -> None:
    assert limit(name, value) == told
