"""Spans of requests, turns, stages and model calls: where they hang, what they say, what never."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from assistant.build import make_parts, renewed
from assistant.door import Assistant
from assistant.errors import SessionError
from assistant.llm.configured import make_model
from assistant.llm.types import ChatModel
from assistant.settings import Settings
from assistant.traced import make_traces
from assistant.traces import Traces
from retrieval.storage.workspace import Workspace
from tests.assistant.api.served import Served
from tests.assistant.tracing import (
    Collector,
    Endpoint,
    collector,
    endpoint,
    everything,
    tree,
    values,
)
from tests.shared import ROOT

STAGES = ["understand", "update", "candidates", "rerank", "select", "finish"]
MARKS = ("xylophone", "marvin", "trombone")
"""What is planted in a message, in the name of a visitor and in headers."""

Open = Callable[..., Assistant]


@pytest.fixture
def told() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def model() -> Iterator[Endpoint]:
    with endpoint() as running:
        yield running


@pytest.fixture
def traced(told: InMemorySpanExporter, film_home: Path, tmp_path: Path) -> Iterator[Open]:
    """Opens a copy of the films with spans kept in memory."""
    with ExitStack() as stack:

        def open_(running: Endpoint | None = None, own: ChatModel | None = None) -> Assistant:
            traces = Traces(SimpleSpanProcessor(told))
            home = shutil.copytree(film_home, tmp_path / "home")
            workspace = Workspace.open(home, write=True, command="test")
            settings = Settings.model_validate(
                {
                    "encoder": "hashed",
                    "llm_base_url": running.url if running else None,
                    "llm_model": "small",
                    "llm_attempts": 1,
                }
            )
            chat = make_model(settings, traces, own)
            assistant = Assistant(make_parts(workspace, settings, chat, traces=traces))
            return stack.enter_context(assistant)

        yield open_


def test_a_turn_holds_its_stages_and_they_the_calls_of_the_model(
    traced: Open, told: InMemorySpanExporter, model: Endpoint
) -> None:
    assert not traced(model).reply("s", "westerns").degraded
    spans = told.get_finished_spans()
    assert tree(spans) == {
        "": ["palate.turn"],
        "palate.turn": [f"palate.{stage}" for stage in STAGES],
        "palate.understand": ["chat small"],
        "palate.rerank": ["chat small"],
    }
    assert values(spans, "palate.turn") == {
        "palate.act": "recommend",
        "palate.cards": 6,
        "palate.degraded": (),
    }
    said = values(spans, "chat small")
    prompt = str(said.pop("gen_ai.prompt.name"))
    assert prompt.startswith("understand@v")
    assert said.pop("gen_ai.request.max_tokens") in range(1, 10_000)
    assert said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "small",
        "gen_ai.request.temperature": 0.0,
        "gen_ai.output.type": "json",
        "gen_ai.response.model": "small-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.usage.input_tokens": 11,
        "gen_ai.usage.output_tokens": 7,
        "server.address": "127.0.0.1",
        "server.port": model.server_port,
    }
    kinds = {s.name: s.kind.name for s in spans}
    assert (kinds["chat small"], kinds["palate.turn"]) == ("CLIENT", "INTERNAL")
    assert all(s.status.is_unset for s in spans)


def test_the_endpoint_is_told_of_the_call_it_answers(
    traced: Open, told: InMemorySpanExporter, model: Endpoint
) -> None:
    traced(model).reply("s", "westerns")
    calls = [s for s in told.get_finished_spans() if s.name == "chat small"]
    assert [h["traceparent"] for h in model.headers] == [
        f"00-{s.context.trace_id:032x}-{s.context.span_id:016x}-{s.context.trace_flags:02x}"
        for s in calls
    ]


def test_without_a_model_and_in_words_alone_a_turn_is_a_trace_too(
    traced: Open, told: InMemorySpanExporter
) -> None:
    assistant = traced()
    assistant.reply("s", "westerns")
    told.clear()
    assistant.reply("s", "thanks")
    spans = told.get_finished_spans()
    assert tree(spans) == {
        "": ["palate.turn"],
        "palate.turn": ["palate.understand", "palate.update", "palate.finish"],
    }
    assert values(spans, "palate.turn")["palate.act"] == "chitchat"


def test_a_model_that_fails_is_an_error_of_the_call_and_degrades_the_turn(
    traced: Open, told: InMemorySpanExporter, model: Endpoint
) -> None:
    model.status = 500
    assert traced(model).reply("s", "westerns").degraded
    spans = told.get_finished_spans()
    assert values(spans, "palate.turn")["palate.degraded"] == ("understand", "rerank")
    calls = [s for s in spans if s.name == "chat small"]
    assert {(s.attributes or {})["error.type"] for s in calls} == {"ModelUnavailable"}
    assert {s.status.status_code.name for s in calls} == {"ERROR"}
    assert all(not s.events and not s.status.description for s in spans)


def test_a_turn_that_is_left_or_fails_says_so(traced: Open, told: InMemorySpanExporter) -> None:
    assistant = traced()
    assistant.reply("s", "westerns", visitor="v.ann")
    told.clear()

    async def leave() -> None:
        events = assistant.turn("t", "westerns")
        await anext(events)
        await events.aclose()

    asyncio.run(leave())
    with pytest.raises(SessionError):
        assistant.reply("s", "westerns", visitor="v.bob")
    turns = [s for s in told.get_finished_spans() if s.name == "palate.turn"]
    kinds = [(s.attributes or {})["error.type"] for s in turns]
    assert kinds == ["cancelled", "SessionError"]


def test_after_a_build_turns_are_traced_as_before(traced: Open, told: InMemorySpanExporter) -> None:
    assistant = traced()
    fresh = Assistant(renewed(assistant.parts))
    fresh.reply("s", "westerns")
    assert "palate.turn" in tree(told.get_finished_spans())[""]


def test_a_request_is_under_the_callers_span_and_holds_its_turn(
    traced: Open, told: InMemorySpanExporter, model: Endpoint
) -> None:
    above = f"00-{'a1' * 16}-{'b2' * 8}-01"
    with Served(traced(model)) as served, served.client(traceparent=above) as client:
        session = client.post("/v1/sessions", json={"visitor": "ann"}).json()["id"]
        client.post(f"/v1/sessions/{session}/turns", json={"message": "westerns"})
        with client.stream(
            "POST", f"/v1/sessions/{session}/turns", json={"message": "older", "stream": True}
        ) as streamed:
            streamed.read()
        client.get("/v1/items/nothing")
        client.get("/v1/nowhere")
        assert client.get("/v1/health/ready").status_code == 200
    spans = told.get_finished_spans()
    turn = "POST /v1/sessions/{session}/turns"
    asked = sorted((s for s in spans if s.kind.name == "SERVER"), key=lambda s: s.start_time or 0)
    assert [s.name for s in asked] == [
        "POST /v1/sessions",
        turn,
        turn,
        "GET /v1/items/{item:path}",
        "GET other",
    ]
    assert all(s.parent and f"{s.parent.span_id:016x}" == "b2" * 8 for s in asked)
    assert {f"{s.context.trace_id:032x}" for s in spans} == {"a1" * 16}
    assert tree(spans)[turn] == ["palate.turn", "palate.turn"]
    assert values(spans, turn) == {
        "http.request.method": "POST",
        "http.route": "/v1/sessions/{session}/turns",
        "http.response.status_code": 200,
    }


def test_tools_and_other_shapes_are_traced_under_their_request(
    traced: Open, told: InMemorySpanExporter
) -> None:
    with Served(traced()) as served, served.client() as client:
        said = [{"role": "user", "content": "westerns"}]
        client.post("/v1/chat/completions", json={"model": "palate", "messages": said})
        call = {"name": "recommend", "arguments": {"request": "westerns"}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        client.post("/mcp", json=body, headers={"Accept": "application/json, text/event-stream"})
    shape = tree(told.get_finished_spans())
    assert shape["POST /v1/chat/completions"] == ["palate.turn"]
    assert shape["POST /mcp"] == ["palate.turn"]


def test_what_is_said_and_who_says_it_is_in_no_span(
    traced: Open, told: InMemorySpanExporter, model: Endpoint
) -> None:
    message, visitor, header = MARKS
    model.parrot = True
    assistant = traced(model)
    titles = {item.title for item in assistant.parts.retriever.items.values()}
    with Served(assistant) as served:
        token = served.key(space="shop")
        headers = {"tracestate": f"v={header}", "baggage": f"v={header}", "x-request-id": header}
        headers["traceparent"] = f"00-{'a1' * 16}-{'b2' * 8}-01"
        with served.client(token, **headers) as client:
            session = client.post("/v1/sessions", json={"visitor": visitor}).json()["id"]
            turns = f"/v1/sessions/{session}/turns"
            shown = client.post(turns, json={"message": f"westerns with a {message}"}).json()
            model.status = 500
            client.post(turns, json={"message": f"older, no {message}"})
            item = shown["cards"][0]["id"]
            client.get(f"/v1/sessions/{session}/explanation", params={"item": item})
            client.get("/v1/search", params={"q": message})
            client.get(f"/v1/visitors/{visitor}/profile")
            client.request(message.upper(), f"/v1/items/{message}")
    told_ = everything(told.get_finished_spans())
    assert "chat small" in told_
    assert [m for m in (*MARKS, message.upper(), token, session) if m in told_] == []
    assert [title for title in titles if title in told_] == []
    calls = [s for s in told.get_finished_spans() if s.name == "chat small"]
    assert (calls[0].attributes or {})["gen_ai.response.finish_reasons"] == ("other",)
    assert "gen_ai.response.model" not in (calls[0].attributes or {})
    assert all(header not in str(h) for h in model.headers)


def _settings(home: Path, **more: object) -> Settings:
    given = {"home": home, "encoder": "hashed", "llm": "none", "traces": "otlp", **more}
    return Settings.model_validate(given)


def _copy(home: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(home, tmp_path / "home"))


@pytest.fixture
def gathered(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    with collector() as (held, url):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        yield held


def test_spans_reach_a_collector_before_the_process_ends(
    gathered: Collector, film_home: Path, tmp_path: Path
) -> None:
    with Assistant.open(settings=_settings(_copy(film_home, tmp_path))) as assistant:
        assistant.reply("s", "westerns")
    assert {"palate.turn", "palate.understand", "palate.finish"} <= gathered.names()
    assert gathered.services() == {"palate"}


def test_the_standard_variables_name_the_service(
    gathered: Collector, film_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "films")
    with Assistant.open(settings=_settings(_copy(film_home, tmp_path))) as assistant:
        assistant.reply("s", "westerns")
    assert gathered.services() == {"films"}


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An address at which nobody answers for as long as the test runs."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        yield


@pytest.mark.usefixtures("nobody")
def test_a_collector_that_is_gone_costs_a_turn_nothing_and_the_end_its_deadline_at_most(
    film_home: Path, tmp_path: Path
) -> None:
    assistant = Assistant.open(settings=_settings(_copy(film_home, tmp_path)))
    assert assistant.reply("s", "westerns").cards
    traces = assistant.parts.traces
    assert traces is not None
    assert not traces.close(0)
    assistant.close()


@pytest.mark.usefixtures("nobody")
def test_the_check_warns_of_a_collector_that_does_not_answer(
    film_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from assistant import checkup

    monkeypatch.setattr(checkup, "COLLECTOR", 0.5)
    found = {f.name: f for f in checkup.checkup(_settings(film_home))}
    assert found["traces"].verdict == "warning"
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in found["traces"].told


def test_the_check_asks_the_collector(gathered: Collector, film_home: Path) -> None:
    from assistant.checkup import checkup

    assert {f.name: f.verdict for f in checkup(_settings(film_home))}["traces"] == "ok"
    assert gathered.names() == set()
    off = {f.name for f in checkup(_settings(film_home, traces=""))}
    assert "traces" not in off


def test_on_the_console_spans_leave_standard_output_alone(film_home: Path, tmp_path: Path) -> None:
    order = "import sys; from ui.cli import main; main()"
    home = _copy(film_home, tmp_path)
    ran = subprocess.run(
        [sys.executable, "-c", order, "chat", "--home", home, "--llm", "none"],
        input="westerns\n",
        cwd=ROOT,
        env={
            "PALATE_TRACES": "console",
            "PALATE_ENCODER": "hashed",
            "PATH": "",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert "Western" in ran.stdout
    assert "palate.turn" not in ran.stdout
    assert '"name": "palate.turn"' in ran.stderr


def test_where_traces_are_off_nothing_of_them_is_loaded() -> None:
    assert make_traces(Settings()) is None
    code = (
        "from assistant.build import make_parts; from assistant.traced import make_traces; "
        "from assistant.settings import Settings; make_traces(Settings()); "
        "import sys; print('assistant.traces' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"
