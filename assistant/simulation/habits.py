"""What simulated people are like and how they put things, as data."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def people() -> dict[str, dict[str, Any]]:
    """The tables of ``people.toml``."""
    source = files("assistant.simulation").joinpath("people.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
