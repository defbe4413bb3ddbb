"""One ingested workspace for all tests of the conversation; each test takes a copy of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from assistant.build import make_parts
from assistant.door import Assistant
from assistant.llm.types import ChatModel
from assistant.settings import Settings
from retrieval.storage.workspace import Workspace
from tests.workspaces import film_workspace, shop_workspace

Open = Callable[..., Assistant]


@pytest.fixture(scope="session")
def film_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_workspace(tmp_path_factory.mktemp("films") / "home")


@pytest.fixture(scope="session")
def shop_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_workspace(tmp_path_factory.mktemp("shop") / "home")


@pytest.fixture
def open_assistant(tmp_path: Path) -> Iterator[Open]:
    """Opens copies of workspaces, with a model of the test's own where one is given."""
    opened: list[Assistant] = []

    def open_(home: Path, model: ChatModel | None = None, **settings: object) -> Assistant:
        copy = tmp_path / f"home{len(opened)}"
        shutil.copytree(home, copy)
        workspace = Workspace.open(copy, write=True, command="test")
        made = Settings.model_validate({"encoder": "hashed", **settings})
        opened.append(Assistant(make_parts(workspace, made, model)))
        return opened[-1]

    yield open_
    for one in opened:
        one.close()


@pytest.fixture
def films(open_assistant: Open, film_home: Path) -> Assistant:
    return open_assistant(film_home)


@pytest.fixture
def shop(open_assistant: Open, shop_home: Path) -> Assistant:
    return open_assistant(shop_home)
