"""An endpoint on this machine that speaks the protocol as badly as a test wants it to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

Script = Callable[[dict[str, object], asyncio.StreamWriter], Awaitable[None]]
"""Answers one request: gets its JSON body and writes raw bytes."""


def reply(status: int, body: str | bytes, *headers: str, kind: str = "application/json") -> bytes:
    """A whole HTTP response."""
    data = body.encode() if isinstance(body, str) else body
    head = [f"HTTP/1.1 {status} X", f"content-type: {kind}", f"content-length: {len(data)}"]
    return "\r\n".join([*head, *headers, "connection: close", "", ""]).encode() + data


def chunk(text: str | None = None, finish: str | None = None, **more: object) -> dict[str, object]:
    """One piece of a streamed answer."""
    delta = {} if text is None else {"content": text}
    return {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def events(*data: object, done: bool = True) -> bytes:
    """A whole event stream of JSON values (``str`` is sent as it is)."""
    lines = [d if isinstance(d, str) else json.dumps(d) for d in data]
    lines += ["[DONE]"] if done else []
    return reply(200, "".join(f"data: {x}\n\n" for x in lines), kind="text/event-stream")


def saying(*pieces: str, usage: dict[str, object] | None = None) -> bytes:
    """A good answer in pieces."""
    last = [{"choices": [], "usage": usage}] if usage else []
    return events(*(chunk(p) for p in pieces), chunk(None, "stop"), *last)


OPEN = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"


def part(data: object) -> bytes:
    """One event as one HTTP chunk, for streams that are never finished."""
    line = f"data: {json.dumps(data)}\n\n".encode()
    return f"{len(line):x}\r\n".encode() + line + b"\r\n"


class Endpoint:
    """Answers the nth request with the nth answer (the last one repeats). ``bodies`` were asked."""

    def __init__(self, *answers: bytes | Script) -> None:
        self.answers = answers
        self.bodies: list[dict[str, object]] = []
        self.keys: list[str] = []
        self.cookies: list[str | None] = []
        self.url = ""
        self.left = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        fields = dict(
            line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line
        )
        body = json.loads(await reader.readexactly(int(fields["content-length"])))
        answer = self.answers[min(len(self.bodies), len(self.answers) - 1)]
        self.bodies.append(body)
        self.keys.append(fields.get("authorization", ""))
        self.cookies.append(fields.get("cookie"))
        try:
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                tasks = [
                    asyncio.ensure_future(answer(body, writer)),
                    asyncio.ensure_future(self._watch(reader)),
                ]
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    task.cancel()
            await writer.drain()
        except ConnectionError:
            self.left.set()
        finally:
            writer.close()

    async def _watch(self, reader: asyncio.StreamReader) -> None:
        await reader.read()
        self.left.set()


@asynccontextmanager
async def endpoint(*answers: bytes | Script) -> AsyncIterator[Endpoint]:
    """The endpoint, listening on 127.0.0.1; ``url`` is its base URL."""
    served = Endpoint(*answers)
    server = await asyncio.start_server(served.handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    served.url = f"http://127.0.0.1:{port}/v1"
    try:
        yield served
    finally:
        server.close()
        await server.wait_closed()
