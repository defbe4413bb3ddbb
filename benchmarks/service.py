"""What ``palate serve`` answers a second, how long an answer takes, and what it holds.

    python -m benchmarks.service load --home DIR --clients 1 4 8 --seconds 10
    python -m benchmarks.service streams --home DIR --streams 200
    python -m benchmarks.service model --home DIR --turns 50

Each copies the workspace, serves the copy and asks over HTTP from this process, on the same
processors. ``load`` is without a model, the clients one request after the other each. ``streams``
holds open streams of idle pages while turns are played. ``model`` plays turns at once, with a model
on 127.0.0.1 that answers anything after a second.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

MESSAGES = ("something like Heat", "newer", "not the first one", "shorter than two hours")
WISHES = ("music", "a bank robbery", "growing up", "the sea", "war", "friendship", "a small town",
          "robots", "winter", "a trial", "revenge", "a family", "a journey", "chess")  # fmt: skip
ORDER = "import sys; from ui.cli import main; main()"
LATENCY = 1.0


class Client:
    """One connection that is kept, as cheap as can be: the service shares these processors."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=120)
        self.session = ""

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """The status and the body of one request."""
        sent = None if body is None else json.dumps(body)
        self._connection.request(method, path, sent, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        return answer.status, answer.read()


@contextmanager
def served(home: Path, **settings: str) -> Iterator[tuple[str, int, Path]]:
    """A copy of the workspace, served: its address, its process, and where the copy lies."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(home, Path(folder) / "home"))
        process = subprocess.Popen(
            [sys.executable, "-c", ORDER, "serve", "--home", copy, "--port", "0"],
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PALATE_API_RATE": "1000000", **settings},
        )
        assert process.stderr is not None
        found = re.search(r"http://([\d.]+:\d+)", process.stderr.readline())
        # A full pipe would hold the service up.
        threading.Thread(target=shutil.copyfileobj, args=(process.stderr, sys.stderr)).start()
        assert found, "the service did not start"
        try:
            client = Client(found[1])
            for query in ("warm", "warm again"):
                client.ask("POST", "/v1/recommend", {"query": query})
            yield found[1], process.pid, copy
        finally:
            process.terminate()
            process.wait()


def visitors(home: Path) -> list[str]:
    """People of the workspace who did something, in an order of chance."""
    with sqlite3.connect(f"file:{home / 'palate.db'}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT DISTINCT user FROM events ORDER BY user").fetchall()
    people = [str(row[0]) for row in rows]
    random.Random(7).shuffle(people)
    return people


def doors(people: list[str]) -> dict[str, Callable[[Client, int], int]]:
    """What is asked, by name: a function of a client and a number that no other request has."""

    def items(client: Client, _: int) -> int:
        return client.ask("GET", "/v1/items?limit=20")[0]

    def visitor(client: Client, number: int) -> int:
        body = {"visitor": people[number % len(people)], "k": 10}
        return client.ask("POST", "/v1/recommend", body)[0]

    def words(client: Client, number: int) -> int:
        a, b = WISHES[number % len(WISHES)], WISHES[number // len(WISHES) % len(WISHES)]
        return client.ask(
            "POST", "/v1/recommend", {"query": f"a film about {a} and {b} {number}", "k": 10}
        )[0]

    def turn(client: Client, number: int) -> int:
        if number % 4 == 0 or not client.session:
            client.session = json.loads(client.ask("POST", "/v1/sessions", {"private": True})[1])[
                "id"
            ]
        body = {"message": MESSAGES[number % 4]}
        return client.ask("POST", f"/v1/sessions/{client.session}/turns", body)[0]

    return {
        "items": items,
        "recommend, a visitor": visitor,
        "recommend, words": words,
        "turn": turn,
    }


def row(
    name: str, work: Callable[[Client, int], int], address: str, clients: int, seconds: float
) -> str:
    """One line of the table, after a few requests that count for nothing."""

    def ask(number: int) -> tuple[list[float], int]:
        took, refused = [], 0
        client = Client(address)
        for warm in range(4):
            work(client, 1_000_003 * (number + 1) + warm)
        end = time.perf_counter() + seconds
        while (start := time.perf_counter()) < end:
            status = work(client, 1_000_003 * (number + 1) + 4 + len(took))
            refused += status != 200
            took.append(time.perf_counter() - start)
        return took, refused

    with ThreadPoolExecutor(clients) as pool:
        asked = list(pool.map(ask, range(clients)))
    took = sorted(t for times, _ in asked for t in times)
    middle, high = took[len(took) // 2], took[int(0.95 * len(took))]
    refused = sum(r for _, r in asked)
    rate = len(took) / seconds
    return (
        f"| {name} | {clients} | {rate:.1f} | {1e3 * middle:.0f} | {1e3 * high:.0f} | {refused} |"
    )


def load(asked: argparse.Namespace) -> None:
    """Print a table: requests a second, the median and the 95th percentile in milliseconds."""
    with served(asked.home, PALATE_LLM="none") as (address, _, copy):
        print("| door | clients | a second | median, ms | p95, ms | refused |")
        print("|---|---|---|---|---|---|")
        for name, work in doors(visitors(copy)).items():
            for clients in asked.clients:
                if not asked.door or name == asked.door:
                    print(row(name, work, address, clients, asked.seconds), flush=True)
    began = time.process_time()
    sum(i * i for i in range(10_000_000))
    print(f"\nTen million additions in Python: {time.process_time() - began:.2f} s.")


async def _held(address: str, number: int, opened: asyncio.Event) -> int:
    """Hold the stream of an idle page until cancelled; the bytes that came."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    path = f"/gradio_api/heartbeat/bench{number}"
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n".encode())
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0] + b" ", head
        opened.set()
        while chunk := await reader.read(1000):
            assert chunk
        return 0  # it was closed from the other side
    except asyncio.CancelledError:
        return 1
    finally:
        writer.close()


async def _streams(address: str, many: int, seconds: float, work: object) -> None:
    held, opened = [], []
    for number in range(many):
        event = asyncio.Event()
        held.append(asyncio.create_task(_held(address, number, event)))
        opened.append(event.wait())
    await asyncio.wait_for(asyncio.gather(*opened), 60)
    told = await asyncio.to_thread(row, "turn", work, address, 2, seconds)  # type: ignore[arg-type]
    for task in held:
        task.cancel()
    still = sum(await asyncio.gather(*held))
    print(f"{still} of {many} streams still open after {seconds:g} s of turns:")
    print(told)


def streams(asked: argparse.Namespace) -> None:
    """Hold idle streams while turns are played, and count those that are open in the end."""
    with served(asked.home, PALATE_LLM="none") as (address, _, copy):
        work = doors(visitors(copy))["turn"]
        asyncio.run(_streams(address, asked.streams, asked.seconds, work))


def instance(schema: dict[str, object]) -> object:
    """The least that a JSON schema allows."""
    if "const" in schema:
        return schema["const"]
    if isinstance(several := schema.get("enum"), list):
        return several[0]
    if isinstance(any_of := schema.get("anyOf"), list):
        return instance(any_of[-1])
    kind = schema.get("type")
    kind = kind[-1] if isinstance(kind, list) else kind
    if kind == "object":
        fields = schema.get("properties")
        assert isinstance(fields, dict)
        return {name: instance(told) for name, told in fields.items()}
    if kind == "array":
        inner, least = schema.get("items"), schema.get("minItems", 0)
        assert isinstance(inner, dict)
        assert isinstance(least, int)
        several = inner.get("enum")
        if isinstance(several, list):
            return several[: max(least, 1)]
        return [instance(inner) for _ in range(least)]
    return {"string": "", "integer": 0, "number": 0, "boolean": False}.get(str(kind))


@asynccontextmanager
async def slow_model() -> AsyncIterator[str]:
    """The address of an endpoint that answers any chat, in the shape asked for, after a second."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                found = re.search(rb"content-length: (\d+)", head.lower())
                assert found
                body = json.loads(await reader.readexactly(int(found[1])))
                await asyncio.sleep(LATENCY)
                form = body.get("response_format", {}).get("json_schema", {}).get("schema", {})
                text = json.dumps(instance(form))
                usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
                delta = {"index": 0, "delta": {"content": text}, "finish_reason": "stop"}
                told = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "slow"}
                chunks = [{**told, "choices": [delta]}, {**told, "choices": [], "usage": usage}]
                data = "".join(f"data: {json.dumps(c)}\n\n" for c in chunks) + "data: [DONE]\n\n"
                kind, sent = "text/event-stream", data.encode()
                if not body.get("stream"):
                    kind = "application/json"
                    message = {"role": "assistant", "content": text}
                    choice = {"index": 0, "message": message, "finish_reason": "stop"}
                    whole = {**told, "object": "chat.completion", "choices": [choice]}
                    sent = json.dumps({**whole, "usage": usage}).encode()
                writer.write(
                    f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n"
                    f"Content-Length: {len(sent)}\r\n\r\n".encode()
                    + sent
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, limit=1 << 22)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}/v1"


async def _at_once(asked: argparse.Namespace) -> None:
    async with slow_model() as endpoint:
        settings = {"PALATE_LLM_BASE_URL": endpoint, "PALATE_LLM_MODEL": "slow"}
        await asyncio.to_thread(_turns_at_once, asked, settings)


def _turns_at_once(asked: argparse.Namespace, settings: dict[str, str]) -> None:
    with served(asked.home, **settings) as (address, _, _copy):
        clients = [Client(address) for _ in range(asked.turns)]
        for client in clients:
            told = client.ask("POST", "/v1/sessions", {"private": True})
            client.session = json.loads(told[1])["id"]

        def turn(client: Client) -> tuple[float, int, int]:
            began = time.perf_counter()
            path = f"/v1/sessions/{client.session}/turns"
            status, body = client.ask("POST", path, {"message": "something like Heat"})
            fell = len(json.loads(body).get("degraded", [])) if status == 200 else 0
            return time.perf_counter() - began, status, fell

        alone, _, _ = turn(clients[0])
        with ThreadPoolExecutor(len(clients)) as pool:
            done = list(pool.map(turn, clients))
    took = sorted(seconds for seconds, _, _ in done)
    refused = sum(status != 200 for _, status, _ in done)
    print(f"one turn alone: {alone:.2f} s; {len(done)} at once: median {took[len(took) // 2]:.2f}, "
          f"p95 {took[int(0.95 * len(took))]:.2f}, longest {took[-1]:.2f} s; refused {refused}, "
          f"parts that fell back {sum(f for _, _, f in done)}; "
          f"the model takes {LATENCY:g} s a call")  # fmt: skip


def model(asked: argparse.Namespace) -> None:
    """Play turns at once with a model that takes its time, and print how long they took."""
    asyncio.run(_at_once(asked))


def main() -> None:
    """Run one measurement."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["load", "streams", "model"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4, 8])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--door", default="")
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--turns", type=int, default=50)
    asked = parser.parse_args()
    {"load": load, "streams": streams, "model": model}[asked.what](asked)


if __name__ == "__main__":
    main()
