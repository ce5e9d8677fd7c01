"""Access to the server: from this machine, or with the token. Pure functions, except for reading the token."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import os
from collections.abc import Mapping
from pathlib import Path

from apps_plus.errors import InputError
from harness.serving.refusal import Refusal

TOKEN_VARIABLE = "APPS_PLUS_TOKEN"  # noqa: S105  # the name of a variable
_SHORTEST = 16


def read_token(file: Path | None, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the token in a file, or else in the environment; None: there is none. Raises InputError."""
    if file is not None:
        try:
            token, place = file.read_text(encoding="utf-8").strip(), str(file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8"
            raise InputError(f"cannot read {file} (--token-file): {reason}") from error
    else:
        token, place = environment.get(TOKEN_VARIABLE, "").strip(), TOKEN_VARIABLE
        if not token:
            return None
    if len(token) < _SHORTEST or not token.isascii() or not token.isprintable() or " " in token or ":" in token:
        raise InputError(
            f"{place}: a token is one line of {_SHORTEST} or more ASCII characters without blanks and colons, such as "
            "the output of: openssl rand -hex 32"
        )
    return token


def is_loopback(host: str) -> bool:
    """Return whether a host name or address is this machine's own loopback."""
    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_access(headers: Mapping[str, str], token: str | None) -> None:
    """Check the headers of a request. Raises Refusal.

    The token comes as a bearer token or as the password of basic authentication, which clients that set no headers,
    as verl's, take from the address: ``http://apps-plus:TOKEN@HOST:PORT``. Without a token only requests to a loopback
    name are served, so that no page in a browser of this machine can reach the server by another name.
    """
    if token is None:
        host = headers.get("host", "")
        if not is_loopback(_without_port(host)):
            raise Refusal(
                403, "host_not_allowed", f"without a token this server answers to localhost, not {host[:80]!r}: set one"
            )
        return
    given = _given_token(headers.get("authorization", ""))
    if given is None or not hmac.compare_digest(given.encode("utf-8", "replace"), token.encode()):
        raise Refusal(
            401,
            "wrong_token" if given is not None else "no_token",
            "send the server's token: Authorization: Bearer TOKEN, or http://apps-plus:TOKEN@HOST:PORT",
            {"WWW-Authenticate": 'Basic realm="apps-plus"'},
        )


def _given_token(authorization: str) -> str | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(value.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    return decoded.partition(":")[2]


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]
