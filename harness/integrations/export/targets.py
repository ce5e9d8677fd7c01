"""The names of what reads an export."""

from __future__ import annotations

from enum import StrEnum


class Target(StrEnum):
    """What reads an export."""

    VERL = "verl"
    SKYRL = "skyrl"
    TRL = "trl"
    OPEN_R1 = "open-r1"
    APPS_PLUS_V1 = "apps-plus-v1"
    HUB = "hub"
