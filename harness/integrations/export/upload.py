"""Upload an export to the Hugging Face hub, as one commit of a dataset repository."""

from __future__ import annotations

import re

from apps_plus.errors import InputError, WorkError
from apps_plus.wording import plural
from harness.integrations.export.write_export import Export

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*/[\w.-]*[\w-]", re.ASCII)


def check_repository(name: str) -> None:
    """Raise InputError unless a name is of the form ``ORG/NAME``."""
    if not _REPOSITORY.fullmatch(name):
        raise InputError(f"--repo {name}: write ORG/NAME, such as my-group/apps-plus")


def upload_export(export: Export, repository: str, *, private: bool) -> str:
    """Upload the files of an export, and return the address of the commit. The repository is made if there is none.

    A file that is there already with the same content is not sent again; other files of the repository stay.

    Args:
        export: The export.
        repository: ``ORG/NAME``.
        private: Whether a repository that is made is private; one that exists is not changed.

    Raises:
        InputError: There is no token for the hub, or it does not allow this.
        WorkError: The hub does not answer, or refuses the files.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    api = HfApi(library_name="apps-plus")
    try:
        api.create_repo(repository, repo_type="dataset", private=private, exist_ok=True)
        commit = api.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=export.folder,
            allow_patterns=list(export.files),
            commit_message=f"{plural(export.problems, 'problem')}, exported by apps-plus",
        )
    except LocalTokenNotFoundError as error:
        raise InputError("no token for the hub: run hf auth login, or set HF_TOKEN") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        if status in (401, 403):
            raise InputError(
                f"the hub does not let this token write to {repository} ({status}): give another with hf auth login"
            ) from error
        raise WorkError(f"the hub refused the upload to {repository}: {_first_line(error)}: try again later") from error
    except _no_answer(HfHubHTTPError) as error:
        raise WorkError(
            f"the hub cannot be reached ({_first_line(error)}): the export is in {export.folder}; try again later"
        ) from error
    return str(commit.commit_url)


def _no_answer(http_error: type[Exception]) -> tuple[type[Exception], ...]:
    """Return what is raised where the hub gives no answer: versions of ``huggingface_hub`` use different clients."""
    of_client = [base for base in http_error.__mro__ if base.__name__ == "HTTPError" and issubclass(base, Exception)]
    return (OSError, *of_client)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
