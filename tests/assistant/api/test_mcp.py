"""The official client of the Model Context Protocol uses Palate's tools, both ways there are."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import Client, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client

from tests.assistant.api.served import Served
from tests.shared import ROOT

TOOLS = {"recommend", "refine", "explain", "rerank", "item_facts"}


async def call(client: Client, tool: str, **arguments: object) -> dict[str, Any]:
    answer = await client.call_tool(tool, arguments)
    assert not answer.is_error, answer.content
    assert answer.structured_content is not None
    return answer.structured_content


async def conversation(client: Client) -> None:
    """Everything the tools do, once."""
    listed = (await client.list_tools()).tools
    assert {t.name for t in listed} == TOOLS
    assert all(t.description and t.output_schema for t in listed)
    assert {t.name: sorted(t.input_schema["properties"]) for t in listed}["refine"] == [
        "message",
        "session",
    ]
    first = await call(client, "recommend", request="a western")
    assert first["cards"]
    session, item = first["session"], first["cards"][0]["id"]
    second = await call(client, "refine", session=session, message="newer than 1970")
    assert second["turn"] == 2
    assert all(int(c["year"]) > 1970 for c in second["cards"])
    shown = second["cards"][0]
    why = await call(client, "explain", session=session, item=shown["id"])
    assert why["reasons"][0]["text"] == shown["reasons"][0]["text"]
    facts = await call(client, "item_facts", item=item)
    assert facts["title"] == first["cards"][0]["title"]
    texts = ["a kettle", "a western on horseback"]
    ranked = await call(client, "rerank", query="western", documents=texts, top_n=1)
    assert [r["index"] for r in ranked["results"]] == [1]


async def test_over_http(served: Served) -> None:
    async with Client(f"{served.url}/mcp") as client:
        await conversation(client)
        for tool, arguments, word in (
            ("item_facts", {"item": "nothing"}, "no such item"),
            ("refine", {"session": "nothing", "message": "hi"}, "no such session"),
        ):
            answer = await client.call_tool(tool, arguments)
            assert answer.is_error
            assert word in str(answer.content)
    assert served.assistant.parts.workspace.personal.held("-")["turns"] == []


@asynccontextmanager
async def with_key(served: Served, token: str) -> AsyncIterator[Client]:
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        httpx2.AsyncClient(headers=headers) as web,
        Client(streamable_http_client(f"{served.url}/mcp", http_client=web)) as client,
    ):
        yield client


async def test_over_http_a_product_reaches_its_own_conversations_alone(served: Served) -> None:
    tokens = [served.key(space=space) for space in ("books", "boots")]
    async with with_key(served, tokens[0]) as books, with_key(served, tokens[1]) as boots:
        session = (await call(books, "recommend", request="a western"))["session"]
        answer = await boots.call_tool("refine", {"session": session, "message": "hi"})
        assert answer.is_error
        assert (await call(books, "refine", session=session, message="newer"))["turn"] == 2


async def test_over_standard_input_and_output(film_home: Path) -> None:
    order = "import sys; from ui.cli import main; main()"
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", order, "mcp", "--home", str(film_home), "--llm", "none"],
        env={**os.environ, "PALATE_ENCODER": "hashed"},
        cwd=ROOT,
    )
    async with Client(server) as client:
        await conversation(client)


async def test_nobody_is_let_in_without_a_key_once_there_is_one(served: Served) -> None:
    served.key()
    with pytest.raises(ExceptionGroup) as refused:
        async with Client(f"{served.url}/mcp") as client:
            await client.list_tools()
    assert "MCPError" in "".join(traceback.format_exception(refused.value))
    with served.client() as plain:
        assert plain.post("/mcp", json={}).status_code == 401
