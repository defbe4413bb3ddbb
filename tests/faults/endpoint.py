"""A language model's endpoint on this machine that fails in whatever way it is told to, and what a
service that asks it must answer all the same."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from assistant.door import Assistant
from retrieval.types import ItemId
from tests.assistant.llm.server import OPEN, Script, chunk, events, part, reply, saying

MESSAGE = "something like {title}"


async def _hang(_body: dict[str, object], _writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def _drip(_body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    """A token now and then, without end."""
    writer.write(OPEN)
    while True:
        writer.write(part(chunk("a")))
        await writer.drain()
        await asyncio.sleep(0.2)


async def _cut(_body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    """The connection breaks in the middle of the stream."""
    writer.write(OPEN + part(chunk('{"act": "recom')))
    await writer.drain()
    writer.transport.abort()


async def _short(_body: dict[str, object], writer: asyncio.StreamWriter) -> None:
    """Less than was announced."""
    writer.write(reply(200, "{" + " " * 400)[:-200])


def good(body: Mapping[str, Any]) -> bytes:
    """A usable answer: nothing more is wanted, and the order is much as it was shown."""
    shape = body.get("response_format", {}).get("json_schema", {})
    if shape.get("name") != "ranking":
        return saying(json.dumps({"act": "recommend"}))
    shown = shape["schema"]["properties"]["ranking"]["items"]["enum"]
    order = [*shown[2:4], *shown[:2], *shown[4:]]
    return saying(json.dumps({"ranking": order, "claims": []}))


FAULTS: Mapping[str, bytes | Script | None] = {
    "down": None,
    "silent": _hang,
    "a token now and then": _drip,
    "429": reply(429, '{"error": {"message": "slow down"}}', "retry-after: 1"),
    "429, an hour": reply(429, '{"error": {"message": "slow down"}}', "retry-after: 3600"),
    "500": reply(500, '{"error": {"message": "boom"}}'),
    "503": reply(503, "", "retry-after: 1"),
    "401": reply(401, '{"error": {"message": "no such key"}}'),
    "stream cut": _cut,
    "stream without its end": events(chunk('{"act": "recommend"'), done=False),
    "body cut": _short,
    "hangs up": b"",
    "garbage": b"\x00\xff\xfe garbage \r\n\r\n",
    "invalid UTF-8": reply(200, b'data: {"choices": "\xff\xfe"}\n\n', kind="text/event-stream"),
    "invalid UTF-8 in JSON": reply(200, b'{"choices": "\xff\xfe"}'),
    "a page of HTML": reply(200, "<html>sorry</html>", kind="text/html"),
    "an error with 200": reply(200, '{"error": {"message": "overloaded"}}'),
    "an error in the stream": events({"error": {"message": "overloaded"}}),
    "no choice": reply(200, '{"choices": []}'),
    "prose": saying("I am sorry, I cannot help with that."),
}
"""What goes wrong, by name; None is an endpoint that refuses connections."""


class Endpoint:
    """The endpoint in a thread of its own; a context manager. ``asked`` counts its requests."""

    def __init__(self) -> None:
        self.asked = 0
        self.port = 0
        self._answer: bytes | Script | Callable[[Mapping[str, Any]], bytes] = good
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://127.0.0.1:{self.port}/v1"

    def fail(self, fault: bytes | Script | None) -> None:
        """Fail in that way from now on."""
        self._answer = fault if fault is not None else b""
        self._do(self._close() if fault is None else self._listen())

    def heal(self) -> None:
        """Answer well from now on."""
        self._answer = good
        self._do(self._listen())

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _listen(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._handle, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = int(head.split("content-length: ")[1].split("\r\n")[0])
            body = json.loads(await reader.readexactly(length))
            self.asked += 1
            if isinstance(self._answer, bytes):
                writer.write(self._answer)
            elif self._answer is good:
                writer.write(good(body))
            else:
                script = asyncio.ensure_future(self._answer(body, writer))  # type: ignore[arg-type]
                left = asyncio.ensure_future(reader.read())
                await asyncio.wait((script, left), return_when=asyncio.FIRST_COMPLETED)
                for task in (script, left):
                    task.cancel()
                await asyncio.gather(script, left, return_exceptions=True)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # whoever asked has left
        finally:
            writer.close()

    def __enter__(self) -> Endpoint:
        self._thread.start()
        self._do(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@dataclass
class Answered:
    """What the service answered while its model failed, and after."""

    statuses: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    degraded: int = 0
    stages: set[str] = field(default_factory=set)
    reasons: set[str] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    turns: list[tuple[str, str]] = field(default_factory=list)

    def hold(self, true: bool, what: str) -> None:
        """Note a fault where something does not hold."""
        if not true:
            self.faults.append(what)


class Asking:
    """Asks a service over HTTP, each time in a session of its own, and looks at what comes."""

    def __init__(self, client: httpx.Client, host: str) -> None:
        self._client, self._host = client, host
        page = client.get("/v1/items", params={"limit": 50}).json()["items"]
        self._titles = [item["title"] for item in page]
        self._number = 0

    def turn(self, into: Answered) -> bool:
        """Play a turn; whether it was answered without a degradation."""
        self._number += 1
        visitor = f"asked{self._number}"
        session = self._client.post("/v1/sessions", json={"visitor": visitor}).json()["id"]
        begun = time.perf_counter()
        body = {"message": self._message()}
        answer = self._client.post(f"/v1/sessions/{session}/turns", json=body)
        into.seconds.append(time.perf_counter() - begun)
        into.statuses.append(answer.status_code)
        into.hold(answer.status_code == 200, f"a turn: {answer.status_code} {answer.text[:200]}")
        if answer.status_code != 200:
            return False
        into.turns.append((session, visitor))
        return self._looked(answer.json()["degraded"], into)

    def completion(self, into: Answered) -> bool:
        """A completion as a stream; whether it was answered without a degradation."""
        said = [{"role": "user", "content": self._message()}]
        self._number += 1
        body = {"messages": said, "stream": True, "user": f"asked{self._number}"}
        begun, slate, last = time.perf_counter(), None, ""
        with self._client.stream("POST", "/v1/chat/completions", json=body) as answer:
            into.statuses.append(answer.status_code)
            for line in answer.iter_lines():
                last = line.removeprefix("data: ") or last
                if line.startswith("data: {"):
                    slate = json.loads(line.removeprefix("data: ")).get("palate", slate)
        into.seconds.append(time.perf_counter() - begun)
        into.hold(last == "[DONE]" and slate is not None, f"a stream ended with {last[:200]}")
        if slate is None:
            return False
        into.turns.append((slate["session"], f"asked{self._number}"))
        return self._looked(slate["degraded"], into)

    def _message(self) -> str:
        return MESSAGE.format(title=self._titles[self._number % len(self._titles)])

    def _looked(self, degraded: list[dict[str, str]], into: Answered) -> bool:
        into.degraded += bool(degraded)
        for one in degraded:
            into.stages.add(one["stage"])
            into.reasons.add(one["reason"])
            into.hold(self._host not in one["reason"], f"the address is told: {one['reason']}")
        return not degraded


def grounded(assistant: Assistant, session: str, visitor: str) -> tuple[int, list[str]]:
    """How many reasons the cards of a session's last turn have, and those that do not hold."""
    parts = assistant.parts
    conversation = parts.sessions.open(session, visitor)
    liked = (*conversation.preferences.likes, *conversation.preferences.named)
    person = parts.taste.person(visitor, liked)
    made, wrong, above = 0, list[str](), None
    assert conversation.last is not None
    for card in conversation.last.cards:
        item = parts.retriever.items[ItemId(card.id)]
        for claim in card.reasons:
            made += 1
            if not parts.checker.check(claim.text, item, person=person, above=above).holds:
                wrong.append(f"{card.id}: {claim.text}")
        above = item
    return made, wrong
