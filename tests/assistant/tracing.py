"""What tests of traces share: a model's endpoint, a collector, and spans as one reads them."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as sent
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as service
from opentelemetry.sdk.trace import ReadableSpan

WESTERN = json.dumps({"act": "recommend", "include": [{"field": "genres", "value": "Western"}]})


class Endpoint(ThreadingHTTPServer):
    """An OpenAI-compatible server that wants westerns, in the order it is shown them.

    With ``status`` other than 200 it refuses; a ``parrot`` says back what it was asked where the
    protocol leaves it room to.
    """

    status = 200
    parrot = False
    headers: list[dict[str, str]]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        self.server.headers.append({k.lower(): v for k, v in self.headers.items()})
        asked = json.loads(text)
        schema = asked["response_format"]["json_schema"]
        content = WESTERN
        if schema["name"] == "ranking":
            ranking = schema["schema"]["properties"]["ranking"]["items"]["enum"]
            content = json.dumps({"ranking": ranking, "claims": []})
        back = text if self.server.parrot else ""
        answer: dict[str, object] = {
            "model": back or "small-1",
            "choices": [{"message": {"content": content}, "finish_reason": back or "stop"}],
            "usage": {"prompt_tokens": 11, "completion_tokens": 7},
        }
        said = json.dumps(answer if self.server.status == 200 else {"error": text}).encode()
        self.send_response(self.server.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """A running endpoint."""
    made = Endpoint(("127.0.0.1", 0), _Handler)
    made.headers = []
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    try:
        yield made
    finally:
        made.shutdown()
        thread.join()
        made.server_close()


class Collector(service.TraceServiceServicer):
    """What a collector of traces was sent."""

    def __init__(self) -> None:
        self.sent: list[sent.ExportTraceServiceRequest] = []

    def Export(self, request: object, context: object) -> object:
        self.sent.append(request)
        return sent.ExportTraceServiceResponse()

    def names(self) -> set[str]:
        return {
            span.name
            for request in self.sent
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        }

    def services(self) -> set[str]:
        return {
            attribute.value.string_value
            for request in self.sent
            for resource in request.resource_spans
            for attribute in resource.resource.attributes
            if attribute.key == "service.name"
        }


@contextmanager
def collector() -> Iterator[tuple[Collector, str]]:
    """A running collector, and where it is."""
    held = Collector()
    server = grpc.server(ThreadPoolExecutor(2))
    service.add_TraceServiceServicer_to_server(held, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield held, f"http://127.0.0.1:{port}"
    finally:
        server.stop(None).wait()


def tree(spans: Sequence[ReadableSpan]) -> dict[str, list[str]]:
    """The names of spans by the name of what they are under, in the order they began; those that
    are under none of them by the empty name."""
    names = {s.context.span_id: s.name for s in spans}
    out: dict[str, list[str]] = {}
    for span in sorted(spans, key=lambda s: s.start_time or 0):
        above = names.get(span.parent.span_id, "") if span.parent else ""
        out.setdefault(above, []).append(span.name)
    return out


def values(spans: Sequence[ReadableSpan], name: str) -> dict[str, object]:
    """The attributes of the first span of that name."""
    return dict(next(s.attributes or {} for s in spans if s.name == name))


def everything(spans: Sequence[ReadableSpan]) -> str:
    """All that would leave the process, as one text."""
    return "\n".join(str(span.to_json()) for span in spans)
