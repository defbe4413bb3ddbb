"""Services over copies of the film workspace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from assistant.llm.types import ChatModel
from tests.assistant.api.served import Served
from tests.assistant.conftest import Open

Serve = Callable[..., Served]


@pytest.fixture
def serve(open_assistant: Open, film_home: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def serve_(model: ChatModel | None = None, **settings: object) -> Served:
            return stack.enter_context(Served(open_assistant(film_home, model), **settings))

        yield serve_


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve()


@pytest.fixture
def client(served: Served) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client
