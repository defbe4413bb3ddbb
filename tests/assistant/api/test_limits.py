"""What callers may use, and that nothing else goes out when something breaks."""

from __future__ import annotations

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from assistant.api.limits import Rate, Room
from assistant.api.problems import Problem
from assistant.errors import ModelUnavailable
from assistant.llm.scripted import Scripted
from assistant.llm.types import ChatRequest
from tests.assistant.api.conftest import Serve
from tests.assistant.api.served import Served
from tests.assistant.api.test_rest import begin, problem, say


def test_a_minutes_worth_may_come_at_once_and_then_what_flows_in() -> None:
    now = [0.0]
    rate = Rate(60, clock=lambda: now[0])
    for _ in range(60):
        rate.take("a")
    rate.take("b")
    with pytest.raises(Problem) as refused:
        rate.take("a")
    assert refused.value.headers["Retry-After"] == "2"
    now[0] = 1.0
    rate.take("a")
    with pytest.raises(Problem):
        rate.take("a")
    now[0] = 1000.0
    for _ in range(60):
        rate.take("a")
    with pytest.raises(Problem):
        rate.take("a")


async def test_a_room_lets_half_as_many_wait_and_refuses_the_rest() -> None:
    room, leave = Room(2), asyncio.Event()

    async def work() -> str:
        try:
            async with room.place():
                await leave.wait()
        except Problem as problem:
            return problem.code
        return "done"

    tasks = [asyncio.create_task(work()) for _ in range(5)]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert {t.result() for t in done} == {"busy"}
    leave.set()
    outcomes = sorted([await t for t in tasks])
    assert outcomes == ["busy", "busy", "done", "done", "done"]
    assert room.inside == 0
    assert await room.leave(1)
    with pytest.raises(Problem, match="unavailable"):
        async with room.place():
            pass


def until_working(client: httpx.Client, number: int) -> None:
    """Ask how much is being worked on until it is that much."""
    while f"\npalate_working {number}.0\n" not in client.get("/v1/metrics").text:
        pass


class Held:
    """A model that tells when it is asked, and answers, or rather fails, when it is let."""

    def __init__(self) -> None:
        self.asked, self.let = threading.Semaphore(0), threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.events: list[asyncio.Event] = []
        self.model = Scripted(self._answer)

    def _answer(self, _: ChatRequest) -> list[asyncio.Event | ModelUnavailable]:
        self.loop = asyncio.get_running_loop()
        wait = asyncio.Event()
        if self.let.is_set():
            wait.set()
        self.events.append(wait)
        self.asked.release()
        return [wait, ModelUnavailable("it is away")]

    def release(self) -> None:
        """Let everybody go on, also whoever asks later."""
        self.let.set()
        assert self.loop is not None
        for event in self.events:
            self.loop.call_soon_threadsafe(event.set)


def test_a_model_that_takes_its_time_holds_up_nobody_else_and_the_room_stays_bounded(
    serve: Serve,
) -> None:
    held = Held()
    served = serve(held.model, api_turns=2, api_rate=1_000_000)
    with served.client() as client, ThreadPoolExecutor(3) as pool:
        sessions = [begin(client) for _ in range(4)]
        waiting = [pool.submit(say, client, s, "a western") for s in sessions[:3]]
        for _ in range(2):
            held.asked.acquire()  # two turns are with the model; the third waits for room
        until_working(client, 3)
        assert client.get("/v1/items").status_code == 200
        assert client.post("/v1/events/batch", json={"events": []}).status_code == 422
        late = client.post(f"/v1/sessions/{sessions[3]}/turns", json={"message": "hi"})
        problem(late, 429, "busy")
        assert int(late.headers["retry-after"]) >= 1
        streamed = client.post(
            f"/v1/sessions/{sessions[3]}/turns", json={"message": "hi", "stream": True}
        )
        problem(streamed, 429, "busy")
        held.release()
        for turn in waiting:
            assert turn.result()["degraded"][0]["stage"] == "understand"
    assert served.api.service.room.inside == 0


def test_a_service_that_ends_finishes_what_runs_and_takes_nothing_new(serve: Serve) -> None:
    held = Held()
    served = serve(held.model, api_rate=1_000_000)
    with served.client() as client, ThreadPoolExecutor(1) as pool:
        session, other = begin(client), begin(client)
        running = pool.submit(say, client, session, "a western")
        held.asked.acquire()
        assert held.loop is not None
        ending = asyncio.run_coroutine_threadsafe(served.api.leave(60), held.loop)
        while client.get("/v1/health/ready").status_code == 200:
            pass
        problem(client.get("/v1/health/ready"), 503, "unavailable")
        late = client.post(f"/v1/sessions/{other}/turns", json={"message": "hi"})
        problem(late, 503, "unavailable")
        held.release()
        assert running.result()["cards"]
        assert ending.result()


def test_a_reader_who_leaves_gives_the_room_back(serve: Serve) -> None:
    held = Held()
    served = serve(held.model, api_turns=1, api_rate=1_000_000)
    with served.client() as client:
        session = begin(client)
        body = {"message": "a western", "stream": True}
        with client.stream("POST", f"/v1/sessions/{session}/turns", json=body) as answer:
            lines = answer.iter_lines()
            assert next(lines) == "event: status"
            held.asked.acquire()
        until_working(client, 0)
        assert client.get(f"/v1/sessions/{session}/turns").json()["turns"] == []


def test_a_request_that_takes_too_long_ends(serve: Serve) -> None:
    held = Held()
    served = serve(held.model, api_seconds=0.5)
    with served.client() as client:
        session = served.assistant.new_session("ann")
        late = client.post(f"/v1/sessions/{session}/turns", json={"message": "a western"})
        problem(late, 504, "timeout")
    assert served.api.service.room.inside == 0


def test_too_many_requests_are_refused_with_the_time_to_wait(serve: Serve) -> None:
    with serve(api_rate=5).client() as client:
        answers = [client.get("/v1/items") for _ in range(6)]
    assert [a.status_code for a in answers[:5]] == [200] * 5
    problem(answers[5], 429, "rate_limited")
    assert int(answers[5].headers["retry-after"]) >= 1


def test_a_body_over_the_bound_is_refused_however_it_comes(served: Served) -> None:
    big = b" " * 4_000_001

    def pieces() -> object:
        for _ in range(5):
            yield b" " * 1_000_000

    with served.client() as client:
        problem(client.post("/v1/recommend", content=big), 413, "too_large")
        problem(client.post("/v1/recommend", content=pieces()), 413, "too_large")  # type: ignore[arg-type]


def test_what_breaks_inside_is_told_by_an_id_and_nothing_else(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    @served.api.app.get("/v1/broken")
    async def broken() -> None:
        raise RuntimeError("SECRET-PLANTED")

    with served.client() as client, caplog.at_level(logging.INFO):
        answer = client.get("/v1/broken", headers={"X-Request-Id": "mine-1"})
    assert problem(answer, 500, "internal")["request"] == "mine-1"
    assert "PLANTED" not in answer.text
    (line,) = [r for r in caplog.records if r.message == "request_failed"]
    assert (line.__dict__["request"], line.__dict__["error"]) == ("mine-1", "RuntimeError")


def test_other_hosts_pages_may_ask_only_where_they_are_named(serve: Serve) -> None:
    asked = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
    closed, open_ = serve(), serve(api_origins="https://shop.example")
    token = open_.key("owner")
    with closed.client() as client:
        answer = client.options("/v1/recommend", headers=asked)
        assert "access-control-allow-origin" not in answer.headers
    with open_.client(token) as client:
        answer = client.options("/v1/recommend", headers=asked)
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
        other = client.options("/v1/recommend", headers={**asked, "Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_a_line_is_logged_for_each_request_without_texts_and_people(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    token = served.key(space="books")
    with served.client(token) as client, caplog.at_level(logging.INFO, "assistant.api.gate"):
        session = begin(client, visitor="ann-PLANTED")
        say(client, session, "a western MESSAGE-PLANTED")
        say(client, session, "another")
    lines = [r.__dict__ for r in caplog.records if r.message == "request"]
    assert [line["status"] for line in lines] == [201, 200, 200]
    assert len({line["who"] for line in lines}) == 1
    assert all(line["who"] and line["key"] and line["request"] for line in lines)
    said = " ".join(str(line) for line in lines)
    assert not any(word in said for word in ("PLANTED", token, session))
