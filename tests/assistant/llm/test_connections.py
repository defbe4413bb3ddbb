"""One client serves many calls of a loop, and each call still has a connection of its own."""

from __future__ import annotations

import asyncio
import gc
import weakref

import pytest

from assistant.errors import ModelUnavailable
from assistant.llm.complete import complete
from assistant.llm.openai import OpenAIChat
from assistant.llm.types import ChatRequest, Message
from tests.assistant.llm.server import OPEN, chunk, endpoint, part, reply, saying

ASKED = ChatRequest(messages=(Message(role="user", content="hello"),))
GOOD = saying("fine")


def chat(url: str) -> OpenAIChat:
    return OpenAIChat(base_url=url, model="small")


async def test_a_connection_that_the_server_would_keep_is_closed_when_its_call_ends() -> None:
    async def keeps(body: object, writer: asyncio.StreamWriter) -> None:
        writer.write(GOOD.replace(b"connection: close", b"connection: keep-alive"))
        await asyncio.Event().wait()

    async with endpoint(keeps) as served:
        model = chat(served.url)
        for asked in (1, 2):
            assert (await complete(model, ASKED)).text == "fine"
            await served.left.wait()
            served.left.clear()
            assert len(served.bodies) == asked


async def test_a_call_that_is_left_hangs_up_its_own_response_and_no_other() -> None:
    release, heard = asyncio.Event(), [asyncio.Event(), asyncio.Event()]

    async def hangs(body: object, writer: asyncio.StreamWriter) -> None:
        writer.write(OPEN + part(chunk("half an ")))
        await asyncio.Event().wait()

    async def waits(body: object, writer: asyncio.StreamWriter) -> None:
        writer.write(OPEN + part(chunk("whole")))
        await release.wait()
        writer.write(part(chunk(" answer")) + part(chunk(None, "stop")) + b"0\r\n\r\n")
        await asyncio.Event().wait()

    async with endpoint(hangs, waits) as served:
        model = chat(served.url)
        calls = []
        for event in heard:
            call = complete(model, ASKED, lambda _, event=event: event.set())  # type: ignore[misc]
            calls.append(asyncio.create_task(call))
            await event.wait()
        calls[0].cancel()
        await served.left.wait()
        with pytest.raises(asyncio.CancelledError):
            await calls[0]
        release.set()
        assert (await calls[1]).text == "whole answer"


async def test_many_calls_at_once_do_not_wait_for_each_other() -> None:
    many, waiting, all_here = 110, 0, asyncio.Event()

    async def waits_for_all(body: object, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting
        waiting += 1
        if waiting == many:
            all_here.set()
        await all_here.wait()
        writer.write(GOOD)

    async with endpoint(waits_for_all) as served:
        model = chat(served.url)
        got = await asyncio.gather(*(complete(model, ASKED) for _ in range(many)))
    assert [reply.text for reply in got] == ["fine"] * many


async def test_threads_that_run_loops_of_their_own_share_a_model() -> None:
    async def calls() -> list[str]:
        replies = await asyncio.gather(*(complete(model, ASKED) for _ in range(3)))
        return [reply.text for reply in replies]

    async with endpoint(GOOD) as served:
        model = chat(served.url)
        threads = [asyncio.to_thread(lambda: asyncio.run(calls())) for _ in range(4)]
        assert await asyncio.gather(*threads) == [["fine"] * 3] * 4


async def test_no_cookie_is_carried_from_one_call_to_the_next() -> None:
    body = GOOD.partition(b"\r\n\r\n")[2]
    baked = reply(200, body, "set-cookie: who=me", kind="text/event-stream")
    async with endpoint(baked) as served:
        model = chat(served.url)
        for _ in range(2):
            assert (await complete(model, ASKED)).text == "fine"
        assert served.cookies == [None, None]


def test_a_loop_that_is_gone_is_not_held_by_the_model() -> None:
    async def calls() -> weakref.ref[asyncio.AbstractEventLoop]:
        async with endpoint(GOOD, reply(500, "{}")) as served:
            model._base_url = served.url
            await complete(model, ASKED)
            with pytest.raises(ModelUnavailable, match="500"):
                await complete(model, ASKED)
        return weakref.ref(asyncio.get_running_loop())

    model = chat("http://127.0.0.1:1/v1")
    loop = asyncio.run(calls())
    gc.collect()
    assert loop() is None
