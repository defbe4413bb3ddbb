"""The endpoint for Gradio's clients: whose conversation it is, and what it bounds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import gradio as gr
import pytest
from fastapi import Request

from assistant import Assistant
from assistant.api.app import Api
from assistant.settings import Settings
from tests.workspaces import film_workspace
from ui.clients import Clients


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    home = film_workspace(tmp_path_factory.mktemp("clients") / "home")
    with Assistant.open(settings=Settings(home=home, encoder="hashed", llm="none")) as opened:
        yield opened


def made(assistant: Assistant, **settings: object) -> Clients:
    return Clients(Api(assistant, Settings.model_validate(settings)).service)


def by(client: str, host: str = "127.0.0.1") -> gr.Request:
    scope = {"type": "http", "client": (host, 1), "headers": []}
    return gr.Request(request=Request(scope), session_hash=client)


async def refused(clients: Clients, *sent: Any) -> str:
    with pytest.raises(gr.Error) as caught:
        await clients.reply(*sent)
    return str(caught.value.message)


async def test_a_conversation_goes_on_in_its_session(assistant: Assistant) -> None:
    clients = made(assistant)
    first = await clients.reply("a western", "", by("one"))
    second = await clients.reply("newer than 1970", first["session"], by("one"))
    assert [first["turn"], second["turn"]] == [1, 2]
    assert second["cards"]
    assert all(int(card["year"]) > 1970 for card in second["cards"])
    assert second["cards"][0]["reasons"]


async def test_it_leaves_nothing(assistant: Assistant) -> None:
    before = assistant.parts.workspace.events.count()
    answer = await made(assistant).reply("I like Rio Bravo", "", by("one"))
    assert assistant.parts.workspace.events.count() == before
    sessions = assistant.parts.sessions
    assert sessions.private(answer["session"])
    assert sessions.of_visitor(sessions.owner(answer["session"]) or "") == ()


async def test_nobody_elses_conversation_is_reached_not_even_by_its_id(
    assistant: Assistant,
) -> None:
    clients = made(assistant)
    of_another = (await clients.reply("a western", "", by("one")))["session"]
    of_a_visitor = assistant.new_session("v.ann")
    assistant.reply(of_a_visitor, "a western", visitor="v.ann")
    private = assistant.new_session("v.ann", private=True)
    for session in (of_another, of_a_visitor, private, "nothing", "x" * 500):
        assert (await refused(clients, "newer", session, by("two"))).startswith("not_found:")


@pytest.mark.parametrize("sent", [("", ""), (" \n", ""), (5, ""), ("a western", 5), (None, None)])
async def test_what_is_no_text_is_refused(assistant: Assistant, sent: tuple[Any, Any]) -> None:
    assert (await refused(made(assistant), *sent, by("one"))).startswith("invalid:")


async def test_the_bounds_of_the_api_hold(assistant: Assistant) -> None:
    clients = made(assistant, api_rate=1)
    await clients.reply("a western", "", by("one"))
    assert (await refused(clients, "a western", "", by("two"))).startswith("rate_limited:")
    await clients.reply("a western", "", by("two", host="127.0.0.2"))


async def test_what_cannot_begin_soon_is_refused(assistant: Assistant) -> None:
    api = Api(assistant, Settings(api_turns=1))
    room, free, inside = api.service.room, asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with room.place():
            inside.set()
            await free.wait()

    holding = [asyncio.create_task(hold()) for _ in range(2)]
    await inside.wait()
    told = await refused(Clients(api.service), "a western", "", by("one"))
    assert told.startswith("busy:")
    free.set()
    await asyncio.gather(*holding)
    assert await api.leave(1)
    told = await refused(Clients(api.service), "a western", "", by("one"))
    assert told.startswith("unavailable:")
