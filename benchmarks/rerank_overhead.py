"""What the re-ranker itself costs, a model's time left out.

    python benchmarks/rerank_overhead.py

1. A hundred candidates of a hundred words each, by strategy, with a scripted model whose own time
   is taken off: the first time that the items are seen, and again (their tokens are remembered).
2. Sixty-four rankings at once, sixteen calls at a time, over real HTTP to an endpoint on 127.0.0.1
   that answers after 200 ms; ideal are four waves of 200 ms.
3. ``from assistant import Reranker`` beside an empty interpreter.

The words are passages of Python's own documentation, drawn with a fixed seed. Milliseconds depend
on the machine; the line at the end says how fast it was meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pydoc_data.topics import topics
from time import perf_counter

from assistant.llm.openai import OpenAIChat
from assistant.llm.scripted import Scripted
from assistant.llm.tokens import encoding
from assistant.llm.types import ChatRequest, Usage
from assistant.reranking import Candidate, Limits, Reranker
from assistant.reranking.present import fitted

LINE = re.compile(r"\| id: (\w+)", re.MULTILINE)
COUNT = re.compile(r"Rank the (\d+) best")
DELAY, RANKINGS, AT_ONCE = 0.2, 64, 16


@cache
def prose() -> list[str]:
    """Words of English prose that every Python carries: its own documentation."""
    return [word for topic in sorted(topics) for word in topics[topic].split()]


def candidates(n: int, words: int, seed: int) -> tuple[Candidate, ...]:
    """Candidates of so many words each, every one another passage."""
    rng = random.Random(seed)
    starts = rng.sample(range(len(prose()) - words), n)
    return tuple(
        Candidate(id=str(k), text=" ".join(prose()[start : start + words]), prior=-k)
        for k, start in enumerate(starts)
    )


def listing(text: str) -> str:
    """The first handles of a prompt, as an answer."""
    found = COUNT.search(text)
    handles = LINE.findall(text)
    return json.dumps({"ranking": handles[: int(found[1]) if found else len(handles)]})


def overhead(strategy: str, rounds: int) -> tuple[float, float]:
    """Median milliseconds of items seen for the first time, and of the same again."""
    of_model = [0.0]

    def answer(request: ChatRequest) -> str:
        started = perf_counter()
        said = listing(request.messages[1].content)
        of_model[0] += perf_counter() - started
        return said

    usage = Usage(prompt_tokens=1, completion_tokens=1)
    limits = Limits(prompt_tokens=30_000, item_tokens=150)
    reranker = Reranker(Scripted(answer, usage=usage), strategy=strategy, limits=limits)
    reranker.rank("warm", candidates(100, 100, seed=0))
    took: tuple[list[float], list[float]] = ([], [])
    for seed in range(1, rounds + 1):
        pool = candidates(100, 100, seed=seed)
        fitted.cache_clear()
        for times in took:
            of_model[0] = 0.0
            started = perf_counter()
            reranker.rank("something to read on a long journey", pool)
            times.append((perf_counter() - started - of_model[0]) * 1e3)
    return statistics.median(took[0]), statistics.median(took[1])


def counting(rounds: int) -> float:
    """Median milliseconds that tiktoken alone takes to encode such items."""
    took = []
    for seed in range(1, rounds + 1):
        texts = [c.text for c in candidates(100, 100, seed=seed)]
        started = perf_counter()
        for text in texts:
            encoding().encode_ordinary(text)
        took.append((perf_counter() - started) * 1e3)
    return statistics.median(took)


async def serve() -> None:
    """Answer any chat after the delay, until the process is ended; the first line says where."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
        body = json.loads(await reader.readexactly(length))
        await asyncio.sleep(DELAY)
        message = {"role": "assistant", "content": listing(body["messages"][1]["content"])}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
        said = json.dumps({"object": "chat.completion", "choices": [choice], "usage": usage})
        start = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"
        writer.write(f"{start}content-length: {len(said)}\r\n\r\n{said}".encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


@contextlib.contextmanager
def endpoint() -> Iterator[str]:
    """The base URL of such a server, in a process of its own."""
    order = [sys.executable, __file__, "--serve"]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
        finally:
            process.terminate()


async def together(url: str, n: int, rounds: int) -> list[float]:
    """Seconds for all rankings at once, of ``n`` candidates each, over HTTP."""
    model = OpenAIChat(base_url=url, model="delay")
    reranker = Reranker(model, strategy="window", limits=Limits(concurrency=AT_ONCE))
    pool = candidates(n, 30, seed=9)
    await reranker.arank("warm", pool)
    took = []
    for _ in range(rounds):
        started = perf_counter()
        results = await reranker.arank_many([(f"wish {k}", pool) for k in range(RANKINGS)])
        took.append(perf_counter() - started)
        assert all(result.status == "ok" for result in results)
    return took


def start(code: str, rounds: int) -> float:
    """Median seconds of an interpreter that runs the code."""
    took = []
    for _ in range(rounds):
        started = perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        took.append(perf_counter() - started)
    return statistics.median(took)


def pace() -> float:
    """Seconds for ten million additions."""
    started, x = perf_counter(), 0
    for i in range(10_000_000):
        x += i
    return perf_counter() - started


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve())
    rounds = arguments.rounds
    before = pace()
    print("| strategy | first time, ms | again, ms |\n|---|---:|---:|")
    for strategy in ("window", "blocks", "sliding", "setwise", "pointwise"):
        first, again = overhead(strategy, rounds)
        print(f"| {strategy} | {first:.1f} | {again:.1f} |")
    print(f"\ntiktoken alone, of the first time: {counting(rounds):.1f} ms")
    ideal = DELAY * RANKINGS / AT_ONCE
    print("\n| rankings at once | candidates | seconds | times the ideal |\n|---|---:|---:|---:|")
    with endpoint() as url:
        for n in (10, 30):
            took = statistics.median(asyncio.run(together(url, n, 5)))
            print(f"| {RANKINGS} | {n} | {took:.2f} | {took / ideal:.2f} |")
    empty, whole = start("pass", 9), start("from assistant import Reranker", 9)
    print(f"\nimport: {(whole - empty) * 1e3:.0f} ms beyond an empty interpreter ({empty:.2f} s)")
    print(f"ten million additions: {before:.2f} s before, {pace():.2f} s after")


if __name__ == "__main__":
    main()
