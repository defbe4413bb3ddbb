"""What the service counts, in the format of Prometheus. No label names a person or a text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from assistant.api.limits import Room
from assistant.sessions import TurnRecord

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The counters of one service; each has a registry of its own. Safe across threads."""

    def __init__(self, room: Room) -> None:
        self._registry = CollectorRegistry()
        to = self._registry
        self._requests = Counter(
            "palate_requests",
            "Requests by path, method and status.",
            ("path", "method", "status"),
            registry=to,
        )
        self._latency = Histogram(
            "palate_request_seconds",
            "Time to the end of the answer.",
            ("path",),
            buckets=SECONDS,
            registry=to,
        )
        self._turns = Counter(
            "palate_turns", "Turns played, of all faces, by act.", ("act",), registry=to
        )
        self._stages = Histogram(
            "palate_stage_seconds",
            "Time of the stages of a turn.",
            ("stage",),
            buckets=SECONDS,
            registry=to,
        )
        self._calls = Counter(
            "palate_model_calls", "Calls of a language model.", ("model",), registry=to
        )
        self._tokens = Counter(
            "palate_model_tokens", "Tokens of a model.", ("direction",), registry=to
        )
        self._degraded = Counter(
            "palate_degraded", "Parts that fell back to the rules engine.", ("stage",), registry=to
        )
        working = Gauge("palate_working", "What is being worked on, or waits.", registry=to)
        working.set_function(lambda: room.inside)

    def request(self, path: str, method: str, status: int, seconds: float) -> None:
        """Count a request; ``path`` is the route's pattern, so that there are few."""
        self._requests.labels(path, method, str(status)).inc()
        self._latency.labels(path).observe(seconds)

    def turn(self, record: TurnRecord) -> None:
        """Count a turn that was played and written."""
        served = record.served
        self._turns.labels(record.act).inc()
        for stage, seconds in served.seconds.items():
            self._stages.labels(stage).observe(seconds)
        if served.model:
            self._calls.labels(served.model).inc(max(1, len(served.prompts)))
        self._tokens.labels("prompt").inc(served.prompt_tokens)
        self._tokens.labels("completion").inc(served.completion_tokens)
        for fallen in record.degraded:
            self._degraded.labels(fallen.stage).inc()

    def text(self) -> bytes:
        """Everything counted so far."""
        return generate_latest(self._registry)
