"""Serve APPS+ as an OpenEnv environment: ``APPS_PLUS_BUILD=my-apps-plus python server/app.py``."""

from __future__ import annotations

import argparse
import sys

import uvicorn

from apps_plus.errors import AppsPlusError
from harness.integrations.openenv import make_app

try:
    app = make_app()
except AppsPlusError as error:
    sys.exit(f"apps-plus: {error}")


def main() -> None:
    """Serve until Ctrl-C."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    arguments = parser.parse_args()
    uvicorn.run(app, host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
