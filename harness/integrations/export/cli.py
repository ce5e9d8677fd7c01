"""The command ``export``. Heavy modules are imported inside the function."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.errors import InputError
from apps_plus.options import Json
from apps_plus.wording import plural
from harness.integrations.export.targets import Target

if TYPE_CHECKING:
    from harness.integrations.export.write_export import Export


def export(
    build: Annotated[Path, typer.Argument(metavar="DIR", help="A build.")],
    target: Annotated[Target, typer.Option("--for", help="What will read the export.")],
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder to write; by default DIR-TARGET beside the build.")
    ] = None,
    repo: Annotated[
        str | None, typer.Option(metavar="ORG/NAME", help="hub: the dataset repository to upload to.")
    ] = None,
    private: Annotated[bool, typer.Option("--private", help="hub: a repository that is made is private.")] = False,
    as_json: Json = False,
) -> None:
    """Export the problems of a build for a trainer or the Hugging Face hub, or in the shape of the released APPS+.

    verl, skyrl, trl, open-r1: parquet files by split, with the prompts of generate and the tests for our reward.
    apps-plus-v1: data/v1/data.json, one JSON list in which every problem is a function.
    hub: the build's files, a dataset card and the eval.yaml of a benchmark; uploaded with --repo.

    Example:

        apps-plus export my-apps-plus --for verl --out verl-data
    """
    from harness.integrations.export.upload import check_repository, upload_export
    from harness.integrations.export.write_export import export_build

    if repo is None and private:
        raise typer.BadParameter("it is for a repository: give --repo too", param_hint="--private")
    if repo is not None:
        if target is not Target.HUB:
            raise InputError(f"--repo {repo}: only --for hub is uploaded")
        check_repository(repo)
    place = build.resolve() if build.name in ("", "..") else build  # "." and ".." name no folder
    folder = out or place.with_name(f"{build.resolve().name}-{target}")
    made = export_build(build, target, folder, repo or "")
    for line in _notes(made):
        typer.echo(line, err=True)
    url = upload_export(made, repo, private=private) if repo is not None else None
    _report(made, target, url, as_json)


def _notes(made: Export) -> list[str]:
    if not made.left_out:
        return []
    ids = ", ".join(made.left_out[:10]) + (", ..." if len(made.left_out) > 10 else "")
    return [f"{len(made.left_out)} problems are left out: their solution cannot be the body of a function ({ids})"]


def _report(made: Export, target: Target, url: str | None, as_json: bool) -> None:
    from apps_plus.terminal import print_json

    if as_json:
        print_json(
            {
                "target": target.value,
                "folder": str(made.folder),
                "files": list(made.files),
                "problems": made.problems,
                "left_out": list(made.left_out),
                "url": url,
            }
        )
        return
    typer.echo(plural(made.problems, "problem"), err=True)
    for name in made.files:
        typer.echo(str(made.folder / name))
    if url is not None:
        typer.echo(url)
