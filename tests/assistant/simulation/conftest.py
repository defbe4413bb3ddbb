"""One small world of simulated people, made once; its policies keep nothing between dialogues."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.settings import Settings
from assistant.simulation.world import World, held_out
from retrieval.progress import silent

PEOPLE, SEED = 12, 7


@pytest.fixture(scope="module")
def home(built_in_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("simulated") / "home"
    shutil.copytree(built_in_home, copy)
    return copy


@pytest.fixture(scope="module")
def settings(home: Path) -> Settings:
    return Settings(home=home, encoder="hashed", llm="none", explore=0)


@pytest.fixture(scope="module")
def world(settings: Settings) -> Iterator[World]:
    with held_out(settings, people=PEOPLE, seed=SEED, progress=silent) as made:
        yield made
