"""A service whose disk takes nothing more, and then takes something again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.faults.process import Service

Switch = Callable[[Service, bool], None]
"""Lets the service write no more (True), or again (False)."""


def bounded(home: Path) -> Switch:
    """A disk that takes no byte beyond those there are, as a quota does: no file may grow."""

    def switch(service: Service, full: bool) -> None:
        service.room(1 if full else None)

    return switch


def filled(home: Path) -> Switch:
    """A file system of the workspace's own, filled to its last byte by a file beside it."""
    ballast = home.parent / "ballast"

    def switch(_service: Service, full: bool) -> None:
        if not full:
            ballast.unlink()
            return
        with ballast.open("wb", buffering=0) as out:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        out.write(b"\0" * size)
                except OSError:
                    continue

    return switch


@dataclass
class Outcome:
    """What was answered, by what was asked and how the disk was; and what was wrong."""

    answers: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    acknowledged: int = 0
    faults: list[str] = field(default_factory=list)

    def hold(self, true: bool, what: str) -> None:
        """Note a fault where something does not hold."""
        if not true:
            self.faults.append(what)


class Disk:
    """Rounds of a disk that fills up under a service and is emptied again, without a restart."""

    def __init__(self, home: Path, service: Service, switch: Switch) -> None:
        self.home, self.service, self.switch = home, service, switch
        self.outcome = Outcome()
        self._events: set[tuple[str, float]] = set()
        self._turns: Counter[str] = Counter()
        self._items: list[str] = []
        self._session = ""
        self._at = 0.0

    def run(self, rounds: int) -> Outcome:
        """So many times full and empty again; then everything acknowledged is looked up."""
        with self.service.client() as client:
            page = client.get("/v1/items", params={"limit": 20}).json()["items"]
            self._items = [item["id"] for item in page]
            self._session = client.post("/v1/sessions", json={"visitor": "ann"}).json()["id"]
            for _ in range(rounds):
                self._ask(client, "room")
                self.switch(self.service, True)
                self._ask(client, "full")
                self._kept(client)
                self.switch(self.service, False)
            self._ask(client, "room")
            self._kept(client)
        self.outcome.acknowledged = len(self._events) + self._turns.total()
        return self.outcome

    def _ask(self, client: httpx.Client, state: str) -> None:
        """Everything that is written, and much of what is read, once or twice."""
        for _ in range(3):
            self._event(client, state)
            self._turn(client, state)
        item = self._items[int(self._at) % len(self._items)]
        save = {"save": [item]}
        self._writes(state, "profile", client.patch("/v1/visitors/bob/profile", json=save))
        private = client.post("/v1/sessions", json={"private": True})
        self._reads(state, "private session", private)
        told = {"message": "something else"}
        path = f"/v1/sessions/{private.json()['id']}/turns"
        self._reads(state, "private turn", client.post(path, json=told))
        self._reads(state, "recommend", client.post("/v1/recommend", json={"like": [item]}))
        self._reads(state, "search", client.get("/v1/search", params={"q": "new"}))
        self._reads(state, "page", client.get("/"))
        self._streamed(client, state)
        begun = client.post("/v1/sessions", json={"visitor": "bob"})
        self._writes(state, "session", begun, good=201)
        self._writes(state, "erasure", client.delete(f"/v1/visitors/gone{self._at:g}"))

    def _event(self, client: httpx.Client, state: str) -> None:
        self._at += 1
        item = self._items[int(self._at) % len(self._items)]
        body = {"visitor": "ann", "item": item, "kind": "view", "time": self._at}
        if self._writes(state, "event", client.post("/v1/events", json=body)):
            self._events.add((item, self._at))

    def _turn(self, client: httpx.Client, state: str) -> None:
        said = f"something new, number {self._at:g}"
        path = f"/v1/sessions/{self._session}/turns"
        if self._writes(state, "turn", client.post(path, json={"message": said})):
            self._turns[said] += 1

    def _streamed(self, client: httpx.Client, state: str) -> None:
        """A turn as a stream: it has begun with 200, so what goes wrong is its last event."""
        said, path = f"streamed {self._at:g}", f"/v1/sessions/{self._session}/turns"
        body = client.post(path, json={"message": said, "stream": True}).text
        done, refused = "event: finished" in body, '"code": "storage_full"' in body
        self.outcome.answers["stream", state, "finished" if done else "error"] += 1
        right = (refused and "event: shown" not in body) if state == "full" else done
        self.outcome.hold(right, f"a stream with the disk {state}: {body[-300:]}")
        self._turns[said] += done

    def _writes(self, state: str, what: str, answer: httpx.Response, good: int = 200) -> bool:
        code = _code(answer)
        self.outcome.answers[what, state, f"{answer.status_code} {code}".strip()] += 1
        if state == "room":
            self.outcome.hold(answer.status_code == good, f"{what} with room: {answer.text[:300]}")
            return answer.status_code == good
        right = answer.status_code == 503 and code == "storage_full"
        right = right and "retry-after" in answer.headers and bool(answer.json()["remedy"])
        self.outcome.hold(right, f"{what} without room: {answer.status_code} {answer.text[:300]}")
        return answer.is_success

    def _reads(self, state: str, what: str, answer: httpx.Response) -> None:
        self.outcome.answers[what, state, f"{answer.status_code} {_code(answer)}".strip()] += 1
        told = f"{what}, disk {state}: {answer.status_code} {answer.text[:300]}"
        self.outcome.hold(answer.is_success, told)

    def _kept(self, client: httpx.Client) -> None:
        """Whether everything acknowledged is there, and nothing that was refused."""
        events = client.get("/v1/visitors/ann/export").json()["events"]
        there = {(e["item"], e["time"]) for e in events if e["kind"] == "view"}
        self.outcome.hold(there == self._events, "events differ from those acknowledged")
        path, turns, cursor = f"/v1/sessions/{self._session}/turns", Counter[str](), None
        while True:
            page: dict[str, Any] = client.get(
                path, params={"limit": 100, **({"cursor": cursor} if cursor else {})}
            ).json()
            turns.update(t["message"] for t in page["turns"])
            if (cursor := page["next"]) is None:
                break
        self.outcome.hold(turns == +self._turns, "turns differ from those acknowledged")


def _code(answer: httpx.Response) -> str:
    if answer.headers.get("content-type") != "application/problem+json":
        return ""
    return str(answer.json()["code"])
