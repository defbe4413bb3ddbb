"""The API on a port of this machine, in a thread, as any program would find it."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import TracebackType

import httpx
import uvicorn
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from assistant.api.app import Api
from assistant.door import Assistant
from assistant.settings import Settings


class Served:
    """A running service; a context manager that ends it."""

    def __init__(self, assistant: Assistant, **settings: object) -> None:
        self.assistant = assistant
        self.api = Api(assistant, Settings.model_validate({"llm": "none", **settings}))
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._up = threading.Event()
        self._life = Starlette(lifespan=self._live)
        config = uvicorn.Config(self._app, interface="asgi3", log_level="warning", access_log=False)
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="served", daemon=True)

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        served = self._life if scope["type"] == "lifespan" else self.api
        await served(scope, receive, send)

    def _run(self) -> None:
        self.server.run(sockets=[self._socket])

    @asynccontextmanager
    async def _live(self, _: Starlette) -> AsyncIterator[None]:
        async with self.api.live():
            self._socket.listen()
            self._up.set()
            yield

    def key(self, reach: str = "product", *, space: str = "", visitor: str | None = None) -> str:
        """A fresh key's token."""
        inside = f"{space}:{visitor}" if space and visitor else visitor
        keys = self.assistant.parts.workspace.keys
        return keys.add("test", reach, space=space, visitor=inside)[1]  # type: ignore[arg-type]

    def client(self, token: str = "", **headers: str) -> httpx.Client:
        """A plain client of the service, with a key where one is given."""
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def __enter__(self) -> Served:
        self._thread.start()
        assert self._up.wait(60), "the service did not start"
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.server.should_exit = True
        self._thread.join()
