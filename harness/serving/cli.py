"""The command ``serve``. Messages go to stderr; stdout gets the address. Heavy modules are imported inside."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from apps_plus.errors import InputError
from apps_plus.extras import install_command
from apps_plus.options import RequireIsolation, Unsafe, Workers

if TYPE_CHECKING:
    from harness.serving.server import Listening


def serve(
    folder: Annotated[
        Path | None, typer.Argument(metavar="[DIR]", help="A build: its problems can then be judged by id.")
    ] = None,
    host: Annotated[
        str, typer.Option(metavar="HOST", help="The address to listen on; one that other machines reach needs a token.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, metavar="N", help="The port; 0: any that is free.")] = 8080,
    workers: Workers = 0,
    queue: Annotated[
        int, typer.Option(min=0, max=100_000, metavar="N", help="Requests that may wait; further ones get 429.")
    ] = 256,
    token_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file with the token that requests must send; or set APPS_PLUS_TOKEN."),
    ] = None,
    max_body: Annotated[int, typer.Option(min=1, max=1024, metavar="MIB", help="The largest body of a request.")] = 8,
    max_seconds: Annotated[
        float, typer.Option(metavar="S", help="The longest time limit that a request may set for one run.")
    ] = 60.0,
    max_memory: Annotated[
        int, typer.Option(min=1, metavar="MIB", help="The largest memory limit that a request may set.")
    ] = 4096,
    grace: Annotated[
        float, typer.Option(min=0, metavar="S", help="Time for running programs to end when the server is stopped.")
    ] = 30.0,
    require_isolation: RequireIsolation = False,
    unsafe: Unsafe = False,
) -> None:
    """Serve the sandbox and the judge over HTTP.

    POST /run_code takes and returns what SandboxFusion does; POST /judge judges a program or an answer on the tests of
    a problem. Expected outputs are in no response. SIGTERM and Ctrl-C stop the server once running programs have ended.

    Example:

        apps-plus serve my-apps-plus --port 8080
    """
    for name, value in (("--max-seconds", max_seconds), ("--grace", grace)):
        if not math.isfinite(value) or value < 0 or (name == "--max-seconds" and value == 0):
            raise typer.BadParameter(f"{value} is not a number of seconds above zero", param_hint=name)
    _require_packages()
    from harness.sandbox import Isolation
    from harness.serving.access import read_token
    from harness.serving.app import ServerLimits
    from harness.serving.server import ServeOptions
    from harness.serving.server import serve as run_server

    options = ServeOptions(
        folder=folder,
        host=host,
        port=port,
        token=read_token(token_file),
        workers=workers,
        queue=queue,
        grace=grace,
        limits=ServerLimits(max_body << 20, max_seconds, max_memory << 20),
        isolation=Isolation(require_isolation, unsafe),
    )
    run_server(options, _announce)
    typer.echo("apps-plus: stopped", err=True)


def _announce(listening: Listening) -> None:
    print(listening.url, flush=True)
    problems = f"{listening.problems} problems" if listening.problems else "no build"
    typer.echo(
        f"apps-plus: {listening.workers} workers, {problems}, sandbox: {', '.join(listening.layers)}; Ctrl-C stops",
        err=True,
    )


def _require_packages() -> None:
    """Raise InputError where the packages of the extra are missing."""
    from harness.doctor import examine_extra

    missing = examine_extra("serve").missing
    if missing:
        raise InputError(f"serve needs {', '.join(missing)}: {install_command('serve')}")
