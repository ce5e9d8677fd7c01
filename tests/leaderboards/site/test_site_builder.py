"""The site's files: whole, safe whatever records say, the same for the same records."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from generated_records import generated, reported

from apps_plus.errors import InputError, OutputError
from harness.scoring.result_record import DatasetFacts, Failure, ModelFacts, Record, Source
from harness.scoring.result_record_files import read_record
from leaderboards.record_files import load
from leaderboards.site import pages
from leaderboards.site.builder import MARKER, STATIC, build_site

TIERS = {"introductory": 12, "interview": 20, "competition": 5}
HOSTILE = "</script><script>alert(1)</script>"


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return [*(generated(i, TIERS, samples=10) for i in range(6)), *(reported(i, TIERS) for i in (6, 7))]


@pytest.fixture(scope="module")
def site(records: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "out"
    build_site(records, out)
    return out


def html_files(site: Path) -> Iterator[Path]:
    return site.rglob("*.html")


def digests(site: Path) -> dict[str, str]:
    return {
        str(path.relative_to(site)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in site.rglob("*")
        if path.is_file()
    }


class Page(HTMLParser):
    """Links, ids, text and embedded data of a page; fails where elements do not nest."""

    VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path, self.open = path, []
        self.links, self.ids, self.scripts, self.text = [], [], [], []
        self.feed(path.read_text(encoding="utf-8"))
        assert not self.open, f"{path}: not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        assert not [name for name in given if name.startswith("on") or name == "style"]
        self.links += [given[name] for name in ("href", "src") if given.get(name)]
        self.ids += [given["id"]] if given.get("id") else []
        if tag == "script":
            self.scripts.append(given)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """SVG's empty elements close themselves."""

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"{self.path}: </{tag}> closes nothing"
        assert self.open.pop() == tag, f"{self.path}:{self.getpos()}: </{tag}>"

    def handle_data(self, data: str) -> None:
        self.text.append(data)


# ---- what there is


def test_a_page_for_each_board_and_each_model(records: list[Record], tmp_path: Path) -> None:
    other = generated(9, {"": 5}, dataset=DatasetFacts(name="humaneval", tiers={"": 5}))
    summary = build_site([*records, other], tmp_path / "out")
    assert summary == {"out": str(tmp_path / "out"), "pages": 1 + 2 + 9, "boards": 2}
    assert (tmp_path / "out/humaneval.html").is_file()


def test_records_of_one_model_share_a_page(tmp_path: Path) -> None:
    twin = reported(1, TIERS, id="other", model=generated(1, TIERS).model)
    build_site([generated(1, TIERS), twin], tmp_path / "out")
    [page] = (tmp_path / "out/models").iterdir()
    assert {"model-1", "other"} <= set(Page(page).ids)


def test_every_tier_and_k_is_there_without_javascript(site: Path, records: list[Record]) -> None:
    text = (site / "apps+-v0-test.html").read_text("utf-8")
    for score in records[0].scores:
        assert f'<span class="num">{100 * score.value:.1f}</span>' in text


def test_the_records_come_along(site: Path, records: list[Record]) -> None:
    assert read_record(site / "records/model-0.json") == records[0]


def test_outcomes_come_along_where_they_are_known(site: Path, records: list[Record]) -> None:
    assert {path.stem for path in (site / "data").iterdir()} == {record.id for record in records if record.problems}
    call = (site / "data/model-0.js").read_text("utf-8")
    name, tiers = json.loads("[" + call.removeprefix("leaderboard.outcomes(").removesuffix(");\n") + "]")
    assert name == "model-0"
    assert {tier: {i: (n, c) for i, n, c in its} for tier, its in tiers} == records[0].problems


def test_a_model_page_says_where_its_figures_come_from(site: Path) -> None:
    text = " ".join(Page(site / "models/lab-model-5.html").text)
    for told in ("apps-plus evaluate apps+ samples-5.jsonl", f"{5:064x}", "IndexError: list index", "fenced_block"):
        assert told in text
    for told in ("apache-2.0", "cpu 4 s", "368 samples", "model-5.json", "vllm"):
        assert told in text


def test_the_shipped_records_make_a_site(tmp_path: Path) -> None:
    build_site(load().records, tmp_path / "out")
    assert "StepCoder" in (tmp_path / "out/index.html").read_text("utf-8")


# ---- well made


def test_pages_are_well_formed_and_their_ids_unique(site: Path) -> None:
    for path in html_files(site):
        ids = Page(path).ids
        assert len(ids) == len(set(ids))


def test_every_link_resolves_within_the_site(site: Path) -> None:
    for path in html_files(site):
        for link in Page(path).links:
            parts = urlsplit(link)
            if parts.scheme in ("http", "https", "data"):
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            assert target.is_file(), f"{path}: {link}"
            assert target.is_relative_to(site)
            if parts.fragment:
                assert parts.fragment in Page(target).ids, f"{path}: {link}"


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for path in html_files(site):
        text = path.read_text("utf-8")
        assert not re.search(r'<(?:script|link|img|iframe)[^>]*(?:src|href)="(?:https?:)?//', text)
    assert "http" not in (site / "static/site.css").read_text("utf-8")


def test_a_rebuild_is_the_same_to_the_byte(site: Path, records: list[Record], tmp_path: Path) -> None:
    again = tmp_path / "again"
    build_site(list(reversed(records)), again)
    assert digests(again) == digests(site)


# ---- what records may say


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    record = generated(
        1,
        TIERS,
        model=ModelFacts(id=HOSTILE, name=HOSTILE, group=HOSTILE, base=HOSTILE, licence=HOSTILE, parameters=1e9),
        dataset=DatasetFacts(name="../" + HOSTILE, version=HOSTILE, split=HOSTILE, tiers=TIERS),
        source=Source(title=HOSTILE, url="javascript:alert(1)", where=HOSTILE),
        notes=[HOSTILE, "\x1b[31m\x00"],
        command=HOSTILE,
        failures=[Failure(error=HOSTILE, category=HOSTILE, count=1, task_id=HOSTILE, detail=f'"{HOSTILE}\x00')],
        categories={"introductory": {"passed": 1, HOSTILE: 3}},
    )
    out = tmp_path_factory.mktemp("hostile") / "out"
    build_site([record], out, title=HOSTILE)
    return out


def test_texts_of_records_are_never_markup(hostile: Path) -> None:
    for path in html_files(hostile):
        page = Page(path)
        assert "alert(1)" in "".join(page.text)
        sources = {given.get("src", "").rpartition("/")[2] for given in page.scripts}
        assert sources <= {*STATIC, ""}
        assert "\x00" not in path.read_text("utf-8")


def test_embedded_numbers_read_back_whatever_the_texts(hostile: Path) -> None:
    [board] = (path for path in hostile.glob("*.html") if path.name != "index.html")
    text = board.read_text("utf-8")
    data = json.loads(re.search(r'id="data">(.*?)</script>', text, re.DOTALL)[1])
    assert data["models"][0]["title"] == HOSTILE


def test_only_web_addresses_become_links(hostile: Path) -> None:
    for path in html_files(hostile):
        assert not [link for link in Page(path).links if "javascript" in link]


def test_names_of_files_stay_within_the_folder(hostile: Path) -> None:
    names = [str(path.relative_to(hostile)) for path in hostile.rglob("*")]
    assert all(re.fullmatch(r"[A-Za-z0-9+._~/-]+", name) for name in names)
    assert not list(hostile.parent.glob("*alert*"))


def test_boards_whose_names_run_together_are_two(tmp_path: Path) -> None:
    first = generated(1, TIERS, dataset=DatasetFacts(name="a-b", tiers=TIERS))
    second = generated(2, TIERS, dataset=DatasetFacts(name="a", version="b", tiers=TIERS))
    index = generated(3, TIERS, dataset=DatasetFacts(name="index", tiers=TIERS))
    assert build_site([first, second, index], tmp_path / "out")["boards"] == 3
    assert len(list((tmp_path / "out").glob("*.html"))) == 4


def test_models_whose_names_differ_in_case_only_have_two_pages(tmp_path: Path) -> None:
    build_site([generated(i, TIERS, model=ModelFacts(id=name)) for i, name in ((1, "A/b"), (2, "a/B"))], tmp_path / "o")
    names = [path.name.lower() for path in (tmp_path / "o/models").iterdir()]
    assert len(names) == len(set(names)) == 2


# ---- many


def test_a_long_board_is_on_several_pages(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pages, "ROWS_A_PAGE", 3)
    build_site([reported(i, TIERS) for i in range(8)], tmp_path / "out")
    files = sorted(path.name for path in (tmp_path / "out").glob("apps*.html"))
    assert files == ["apps+-v0-test.html", "apps+-v0-test~2.html", "apps+-v0-test~3.html"]
    shown = [
        json.loads(re.search(r'id="data">(.*?)</script>', (tmp_path / "out" / name).read_text("utf-8"))[1])
        for name in files
    ]
    assert sum(len(data["models"]) for data in shown) == 8
    ranks = [rank[0] for name in sorted(files, key=len) for rank in shown[files.index(name)]["ranks"]["1 overall"]]
    assert ranks == sorted(ranks), "ranks are among all models, not those of the page"


def test_no_page_grows_beyond_two_megabytes(tmp_path: Path) -> None:
    """By what a row takes: 40 models stand for 500."""
    few, some = tmp_path / "few", tmp_path / "some"
    tiers = {"introductory": 700, "interview": 1000, "competition": 140}
    records = [reported(i, tiers) for i in range(40)]
    sizes = []
    for out, part in ((few, records[:20]), (some, records)):
        build_site(part, out)
        sizes.append(max(path.stat().st_size for path in html_files(out)))
    assert sizes[1] + (500 - 40) * (sizes[1] - sizes[0]) / 20 < 2_000_000


# ---- the folder


def test_an_older_site_is_replaced_whole(records: list[Record], tmp_path: Path) -> None:
    out = tmp_path / "out"
    build_site(records, out)
    build_site(records[:1], out)
    assert [path.name for path in (out / "models").iterdir()] == ["lab-model-0.html"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_with_other_things_is_left_alone(records: list[Record], tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(InputError, match=f"no {MARKER}"):
        build_site(records, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_is_no_folder(records: list[Record], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(InputError, match="choose another path"):
        build_site(records, tmp_path / "out")


def test_after_an_error_the_old_site_stands(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    build_site(records[:1], out)
    before = digests(out)

    def full(*_: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("leaderboards.site.builder.outcomes_script", full)
    with pytest.raises(OutputError, match="free some space"):
        build_site(records, out)
    assert digests(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
