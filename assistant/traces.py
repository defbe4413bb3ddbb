"""Traces: spans of requests, turns, their stages and the calls of a model. Names OpenTelemetry.

A span holds names of our own, kinds and counts: never what somebody said or wrote, a prompt, a key,
an id of a person, or the words of an error. Nothing here is imported where traces are off. Where
spans go, and which are kept, say the variables that OpenTelemetry's own library reads.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from typing import Literal, TypeVar

from assistant.errors import SettingsError

try:
    from opentelemetry import context, trace
    from opentelemetry.context import Context
    from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import (
        BatchSpanProcessor,
        ConsoleSpanExporter,
        SimpleSpanProcessor,
        SpanExporter,
        SpanExportResult,
    )
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as error:
    raise SettingsError(
        'PALATE_TRACES needs OpenTelemetry, which comes with the extra "app"'
    ) from error

T = TypeVar("T")
Value = str | bool | int | float | tuple[str, ...]
Kind = Literal["internal", "server", "client"]

HEADER = "traceparent"
"""The one header that is read and passed on: the others may hold anything."""

FLUSH = 5.0
"""Seconds that spans are given to leave when the process ends."""

KINDS = {
    "internal": trace.SpanKind.INTERNAL,
    "server": trace.SpanKind.SERVER,
    "client": trace.SpanKind.CLIENT,
}
_PROPAGATOR = TraceContextTextMapPropagator()


class Span:
    """A span under way; whoever began it ends it, once."""

    def __init__(self, span: trace.Span, around: Context) -> None:
        self._span = span
        self.around = around

    @property
    def trace(self) -> str:
        """The trace's id, as 32 hexadecimal digits."""
        return trace.format_trace_id(self._span.get_span_context().trace_id)

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What begins in this block begins under the span. No generator may yield in it."""
        token = context.attach(self.around)
        try:
            yield
        finally:
            context.detach(token)

    def enter(self) -> None:
        """From now until the end of the block that a caller holds, be under this span instead."""
        context.attach(self.around)

    async def step(self, source: AsyncIterator[T]) -> T | None:
        """The next of what ``source`` yields, worked out under the span; None at its end."""
        with self.inside():
            return await anext(source, None)

    def name(self, name: str) -> None:
        """Call it by what turned out to be its name."""
        self._span.update_name(name)

    def set(self, **values: Value) -> None:
        """Put values on it; two underscores in a name stand for a dot."""
        for name, value in values.items():
            self._span.set_attribute(name.replace("__", "."), value)

    def fail(self, kind: str) -> None:
        """It failed, with an error of this kind; what the error says is told to nobody."""
        self.set(error__type=kind)
        self._span.set_status(trace.StatusCode.ERROR)

    def end(self) -> None:
        """It is over."""
        self._span.end()


class Traces:
    """Begins spans and hands those that ended to a processor, which sends them off the caller's
    path. ``close`` once nothing begins any more."""

    def __init__(self, processor: SpanProcessor, exporter: SpanExporter | None = None) -> None:
        resource = Resource.create()
        if str(resource.attributes.get(SERVICE_NAME, "")).startswith("unknown_service"):
            resource = resource.merge(Resource({SERVICE_NAME: "palate"}))
        known = Resource({SERVICE_VERSION: version("palate")}).merge(resource)
        self._provider = TracerProvider(resource=known, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("palate", version("palate"))
        self._exporter = exporter

    def begin(
        self,
        name: str,
        *,
        kind: Kind = "internal",
        within: Span | None = None,
        headers: Mapping[str, str] | None = None,
        **values: Value,
    ) -> Span:
        """A span that begins now: under ``within``, under the one that ``headers`` of a request
        name, else under the present one. ``values`` as in :meth:`Span.set`."""
        around = within.around if within is not None else context.get_current()
        if headers is not None:
            sent = {HEADER: headers[HEADER]} if HEADER in headers else {}
            around = _PROPAGATOR.extract(sent, around)
        made = self._tracer.start_span(name, around, KINDS[kind])
        span = Span(made, trace.set_span_in_context(made, around))
        span.set(**values)
        return span

    def headers(self) -> dict[str, str]:
        """What tells another service of the present span; empty where there is none."""
        sent: dict[str, str] = {}
        _PROPAGATOR.inject(sent)
        return {HEADER: sent[HEADER]} if HEADER in sent else {}

    def close(self, seconds: float = FLUSH) -> bool:
        """Send what is left, for so long at the most; whether that was enough."""
        leaving = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        leaving.start()
        leaving.join(seconds)
        late = leaving.is_alive()
        if late and self._exporter is not None:
            self._exporter.shutdown()  # what it waits for will not come
        return not late


def configured(where: Literal["", "otlp", "console"]) -> Traces | None:
    """The traces that the settings ask for; None where they are off.

    The collector is not asked before there are spans. Raises SettingsError for variables of
    OpenTelemetry that its library does not take.
    """
    if not where:
        return None
    if where == "console":  # standard output belongs to answers
        return Traces(SimpleSpanProcessor(ConsoleSpanExporter(out=sys.stderr)))
    exporter = _exporter(None)
    return Traces(BatchSpanProcessor(exporter), exporter)


def answers(seconds: float) -> bool:
    """Whether the collector takes an export, of no spans, within so many seconds."""
    exporter = _exporter(seconds)
    try:
        return exporter.export([]) is SpanExportResult.SUCCESS
    finally:
        exporter.shutdown()


def _exporter(seconds: float | None) -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    try:
        return OTLPSpanExporter(timeout=seconds)
    except ValueError as error:
        raise SettingsError(f"OTEL_EXPORTER_OTLP: {type(error).__name__}") from error
