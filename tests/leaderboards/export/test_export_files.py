"""Check which records an export holds, and where its files are written."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from export_records import a_record
from typer.testing import CliRunner

from apps_plus.cli import app
from apps_plus.errors import InputError
from leaderboards.export.every_eval_ever import Attribution
from leaderboards.export.files import export_files, records_of_model, write
from leaderboards.export.hub_datasets import named_datasets

pytest.importorskip("huggingface_hub", minversion="1.4")

WHO = Attribution()


BOTH = [a_record("a"), a_record("b", dataset={"name": "mbpp", "tiers": {"": 500}})]
OTHER = a_record("c", model={"id": "tiny-lab/mini-plus", "name": "Mini Plus"})


# ---- which


@pytest.mark.parametrize("text", ["tiny-lab/mini", "TINY-LAB/MINI", "mini 1b"])
def test_a_model_is_found_by_its_id_or_its_name_before_others_whose_name_only_begins_so(text: str) -> None:
    assert records_of_model([OTHER, *BOTH], text) == BOTH


def test_a_part_of_a_name_finds_every_model_that_has_it() -> None:
    assert records_of_model([OTHER, *BOTH], "mini") == [*BOTH, OTHER]
    assert records_of_model([OTHER, *BOTH], None) == [*BOTH, OTHER]


def test_a_model_that_no_record_is_of_is_refused_with_those_there_are() -> None:
    with pytest.raises(
        InputError, match="--model maxi: no record matches: the models are tiny-lab/mini, tiny-lab/mini-plus"
    ):
        records_of_model([*BOTH, OTHER], "maxi")


@pytest.mark.parametrize("style", ["eval-results", "model-card"])
def test_a_format_about_one_model_refuses_two(style: str) -> None:
    with pytest.raises(InputError, match="one with --model: tiny-lab/mini, tiny-lab/mini-plus"):
        export_files([BOTH[0], OTHER], style, WHO)


@pytest.mark.parametrize(
    "option", ["apps+", "apps+=", "=a/b", "apps+=b", "apps+=a/b/c", "apps+=a/b:", "apps+=https://x/y"]
)
def test_a_dataset_id_of_another_form_is_refused(option: str) -> None:
    with pytest.raises(InputError, match="write NAME=ORG/NAME"):
        named_datasets([option])


def test_a_dataset_id_is_added_and_may_name_the_task() -> None:
    datasets = named_datasets(["apps+=us/apps-plus:overall", "mbpp=google-research-datasets/mbpp:mbpp"])
    assert (datasets["apps+"].id, datasets["apps+"].task_id) == ("us/apps-plus", "overall")
    assert (datasets["mbpp"].config, datasets["mbpp"].task_id) == ("full", "mbpp")
    assert datasets["humaneval"].id == "openai/openai_humaneval"


# ---- where


@pytest.mark.parametrize(
    ("style", "out", "expected"),
    [
        ("eval-results", "repo", ["repo/.eval_results/a.yaml", "repo/.eval_results/b.yaml"]),
        ("eval-results", "repo/.eval_results", ["repo/.eval_results/a.yaml", "repo/.eval_results/b.yaml"]),
        ("eval-results", "scores.yaml", ["scores.yaml"]),
        ("model-card", "repo/README.md", ["repo/README.md"]),
    ],
)
def test_each_format_has_its_files(style: str, out: str, expected: list[str], tmp_path: Path) -> None:
    files = export_files(BOTH, style, WHO, together=out.endswith("yaml"))
    assert write(files, style, tmp_path / out) == [tmp_path / name for name in expected]
    assert [(tmp_path / name).read_text(encoding="utf-8") for name in expected] == [file.text for file in files]


@pytest.mark.parametrize("out", ["there", "there/data"])
def test_the_database_gets_its_layout(out: str, tmp_path: Path) -> None:
    files = export_files(BOTH, "every-eval-ever", WHO)
    folders = {path.parent.relative_to(tmp_path / "there") for path in write(files, "every-eval-ever", tmp_path / out)}
    assert folders == {Path(f"data/apps-plus-{name}/tiny-lab/mini") for name in ("humaneval", "mbpp")}


def test_the_manual_tells_how_to_check_every_file_of_the_database(tmp_path: Path) -> None:
    paths = write(export_files(BOTH, "every-eval-ever", WHO), "every-eval-ever", tmp_path)
    manual = (Path(__file__).parents[3] / "docs/leaderboards.md").read_text()
    pattern = manual.partition("cd OUT && python -m every_eval_ever validate '")[2].partition("'")[0]
    assert pattern.startswith("data/")  # the validator takes the collection and the developer from the path
    assert sorted(tmp_path.glob(pattern)) == sorted(paths)


@pytest.mark.parametrize("style", ["eval-results", "model-card", "every-eval-ever"])
def test_exporting_twice_gives_the_same_bytes_in_the_same_files(style: str, tmp_path: Path) -> None:
    out = tmp_path / ("README.md" if style == "model-card" else "out")
    first = [(path, path.read_bytes()) for path in write(export_files(BOTH, style, WHO), style, out)]
    again = [(path, path.read_bytes()) for path in write(export_files(BOTH, style, WHO), style, out)]
    assert first == again


def test_an_earlier_export_is_replaced(tmp_path: Path) -> None:
    write(export_files(BOTH[:1], "model-card", WHO), "model-card", tmp_path / "README.md")
    write(export_files(BOTH, "model-card", WHO), "model-card", tmp_path / "README.md")
    assert "mbpp" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_a_card_that_somebody_wrote_is_not(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Mine\n")
    with pytest.raises(InputError, match=r"README\.md exists and is not an export"):
        write(export_files(BOTH, "model-card", WHO), "model-card", tmp_path / "README.md")
    assert (tmp_path / "README.md").read_text() == "# Mine\n"


@pytest.mark.parametrize(("before", "after"), [("# Mine\n\n", ""), ("", "\nAnd a word of mine.\n")])
@pytest.mark.parametrize("style", ["model-card", "eval-results"])
def test_nor_is_an_export_that_somebody_built_upon(before: str, after: str, style: str, tmp_path: Path) -> None:
    path = tmp_path / "card.yaml"
    write(export_files(BOTH[:1], style, WHO), style, path)
    edited = before + path.read_text() + after
    path.write_text(edited)
    with pytest.raises(InputError, match="is not an export, or was changed after one"):
        write(export_files(BOTH, style, WHO, together=True), style, path)
    assert path.read_text() == edited


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path) -> None:
    (tmp_path / ".eval_results").mkdir()
    (tmp_path / ".eval_results" / "b.yaml").write_text("- dataset: other\n")
    with pytest.raises(InputError, match=r"b\.yaml exists"):
        write(export_files(BOTH, "eval-results", WHO), "eval-results", tmp_path)
    assert [path.name for path in (tmp_path / ".eval_results").iterdir()] == ["b.yaml"]


@pytest.mark.parametrize(
    ("style", "name", "message"),
    [
        ("model-card", "folder", r"folder is a folder: name a file in it, .*folder/README.md"),
        ("eval-results", "file", "file is a file: eval-results writes a folder"),
        ("every-eval-ever", "file", "file is a file: every-eval-ever writes a folder"),
        ("eval-results", "folder.yaml", "is a folder: name a file in it"),
    ],
)
def test_an_out_that_is_something_else_is_refused(style: str, name: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder.yaml").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=message):
        write(export_files(BOTH, style, WHO), style, tmp_path / name)


# ---- the command


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Any]:
    """The command on two records of one model, and one of another."""
    folder = tmp_path / "records"
    folder.mkdir()
    for record in (*BOTH, OTHER):
        (folder / f"{record.id}.json").write_text(record.model_dump_json(exclude_none=True))
    return lambda *words: CliRunner().invoke(app, ["leaderboard", "export", str(folder), *map(str, words)])


def test_without_out_the_text_is_printed(run: Callable[..., Any]) -> None:
    result = run("--model", "tiny-lab/mini")
    assert result.exit_code == 0
    assert result.stdout.count("- dataset:") == 2
    assert "openai/openai_humaneval:default" in result.stderr


@pytest.mark.parametrize("style", ["eval-results", "model-card", "every-eval-ever"])
def test_json_has_the_texts_where_nothing_is_written(style: str, run: Callable[..., Any]) -> None:
    told = json.loads(run("--model", "Mini 1B", "--format", style, "--json").stdout)
    assert told["format"] == style
    assert sorted(record for file in told["files"] for record in file["records"]) == ["a", "b"]
    assert all(file["text"] for file in told["files"])


def test_json_has_the_paths_where_files_are_written(run: Callable[..., Any], tmp_path: Path) -> None:
    told = json.loads(run("--format", "every-eval-ever", "--out", tmp_path / "out", "--json").stdout)
    assert all(Path(file["path"]).is_file() for file in told["files"])
    assert sorted(file["records"][0] for file in told["files"]) == ["a", "b", "c"]


def test_the_paths_are_printed(run: Callable[..., Any], tmp_path: Path) -> None:
    result = run("--model", "mini-plus", "--out", tmp_path / "out")
    assert result.stdout == f"{tmp_path}/out/.eval_results/c.yaml\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--format", "every-eval-ever"], "3 files: give --out DIR"),
        (["--format", "yaml"], "'yaml' is not one of 'eval-results', 'model-card', 'every-eval-ever'"),
        (["--format", "every-eval-ever", "--relationship", "mine"], "'mine' is not one of 'first_party'"),
        (["--model", "maxi"], "no record matches"),
        (["--dataset-id", "humaneval"], "write NAME=ORG/NAME"),
    ],
)
def test_what_cannot_be_done_ends_in_one_line_and_exit_code_2(
    words: list[str], message: str, run: Callable[..., Any]
) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.replace("│", " ").split())
    assert result.stdout == ""
