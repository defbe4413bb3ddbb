"""The door is open before the page is made, and closes when the page cannot be."""

from __future__ import annotations

import asyncio
import threading

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from retrieval.errors import InputError
from ui.server import Door, listen


class Life:
    """Drives an application's lifespan the way a server does."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.said: asyncio.Queue[Message] = asyncio.Queue()
        self.heard: asyncio.Queue[Message] = asyncio.Queue()
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> httpx.AsyncClient:
        await self.said.put({"type": "lifespan.startup"})
        self.task = asyncio.create_task(
            self.door({"type": "lifespan"}, self.said.get, self.heard.put)
        )
        assert (await self.heard.get())["type"] == "lifespan.startup.complete"
        transport = httpx.ASGITransport(app=self.door)
        return httpx.AsyncClient(transport=transport, base_url="http://palate")

    async def __aexit__(self, *error: object) -> None:
        await self.said.put({"type": "lifespan.shutdown"})
        assert (await self.heard.get())["type"] == "lifespan.shutdown.complete"
        assert self.task is not None
        await self.task


async def test_health_answers_while_the_page_is_made_and_the_page_is_waited_for() -> None:
    may_build = threading.Event()

    def build() -> FastAPI:
        may_build.wait()
        app = FastAPI()
        app.get("/")(lambda: "the page")
        return app

    async with Life(Door(build, lambda: None)) as client:
        waiting = asyncio.create_task(client.get("/"))
        health = await client.get("/health")
        assert health.json() == {"status": "ok"}
        assert not waiting.done()
        may_build.set()
        assert (await waiting).json() == "the page"


async def test_a_page_that_cannot_be_made_ends_the_waiting_and_says_why() -> None:
    stopped = threading.Event()

    def build() -> FastAPI:
        raise ImportError("no framework")

    door = Door(build, stopped.set)
    async with Life(door) as client:
        assert (await client.get("/")).status_code == 503
    assert stopped.is_set()
    assert isinstance(door.failure, ImportError)


def test_a_free_port_is_found_and_a_taken_one_is_named() -> None:
    with listen("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        with pytest.raises(InputError, match=f"port {port}.*--port"):
            listen("127.0.0.1", port)


def test_an_address_that_is_not_ours_is_an_input_error() -> None:
    with pytest.raises(InputError, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)
