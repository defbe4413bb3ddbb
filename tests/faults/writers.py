"""Clients that write to the service all at once, each remembering what was acknowledged to it, and
what must be true of it after the process was killed."""

from __future__ import annotations

import json
import random
import threading
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

MESSAGES = ("something like {title}", "not the first one", "more like the second", "I love {title}")
GONE = (httpx.TransportError,)
"""What a client sees of a service that is killed under it."""

START = 1_700_000_000.0
BATCH = 20


@dataclass
class Book:
    """What was acknowledged in a round, by all clients: the count, the statuses, and the faults."""

    items: Sequence[tuple[str, str]]
    most: int = 10**9
    acknowledged: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    enough: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, kind: str) -> None:
        """One more acknowledged write of that kind."""
        with self.lock:
            self.kinds[kind] += 1
            self.acknowledged += 1
            if self.acknowledged >= self.most:
                self.enough.set()

    def answered(self, response: httpx.Response) -> bool:
        """Whether it was acknowledged; what may never be answered is a fault."""
        with self.lock:
            self.statuses[response.status_code] += 1
            refused = response.status_code in (429, 503)
            if not response.is_success and not refused:
                place = f"{response.request.method} {response.request.url.path}"
                self.faults.append(f"{place}: {response.status_code} {response.text[:300]}")
        return response.is_success

    def hold(self, true: bool, what: str) -> None:
        """Note a fault where something does not hold."""
        if not true:
            with self.lock:
                self.faults.append(what)


class Writer(ABC):
    """A visitor's product: writes until the service is gone. ``check`` is for the service that was
    started again, and may write once more what was not acknowledged."""

    def __init__(self, book: Book, name: str, seed: str) -> None:
        self.book, self.name, self.chance = book, name, random.Random(seed)
        self.visitor = name

    def run(self, client: httpx.Client) -> None:
        """Write until the connection breaks."""
        try:
            while True:
                self.step(client)
        except GONE:
            return

    @abstractmethod
    def step(self, client: httpx.Client) -> None:
        """Write once."""

    @abstractmethod
    def check(self, client: httpx.Client) -> None:
        """Hold what the service has to what it acknowledged."""

    def item(self) -> tuple[str, str]:
        """An item by its id and its title."""
        return self.chance.choice(self.book.items)

    def held(self, client: httpx.Client, visitor: str = "") -> dict[str, Any]:
        """Everything the service has of the visitor."""
        answer = client.get(f"/v1/visitors/{visitor or self.visitor}/export")
        self.book.hold(answer.status_code == 200, f"{self.name}: export {answer.status_code}")
        return dict(answer.json())


class Events(Writer):
    """Single events, each with a time of its own."""

    def __init__(self, book: Book, name: str, seed: str) -> None:
        super().__init__(book, name, seed)
        self.sent: dict[float, tuple[str, bool]] = {}

    def step(self, client: httpx.Client) -> None:
        at, item = START + len(self.sent), self.item()[0]
        self.sent[at] = (item, False)
        body = {"visitor": self.visitor, "item": item, "kind": "view", "time": at}
        if self.book.answered(client.post("/v1/events", json=body)):
            self.sent[at] = (item, True)
            self.book.count("event")

    def check(self, client: httpx.Client) -> None:
        found = Counter((e["item"], e["time"]) for e in self.held(client)["events"])
        for at, (item, acknowledged) in self.sent.items():
            times = found.pop((item, at), 0)
            told = f"{self.name}: event at {at} is there {times} times"
            self.book.hold(times == 1 or (times == 0 and not acknowledged), told)
        self.book.hold(not found, f"{self.name}: events that nobody sent: {found}")


class Keyed(Writer):
    """Deliveries under an idempotency key, single or of many, which the client sends again after
    the start: the service gives them their time, so that only the key tells that they are the same.
    """

    size = 1

    def __init__(self, book: Book, name: str, seed: str) -> None:
        super().__init__(book, name, seed)
        self.sent: list[tuple[dict[str, Any], bool]] = []

    def step(self, client: httpx.Client) -> None:
        number = len(self.sent)
        items = self.chance.sample(self.book.items, self.size)
        events = [
            {"visitor": f"{self.name}.{number}", "item": i, "kind": "purchase"} for i, _ in items
        ]
        self.sent.append((events[0] if self.size == 1 else {"events": events}, False))
        if self.book.answered(self.deliver(client, number)):
            self.sent[number] = (self.sent[number][0], True)
            self.book.count("delivery" if self.size == 1 else "batch")

    def deliver(self, client: httpx.Client, number: int) -> httpx.Response:
        """Send a delivery, again where it was sent before."""
        path = "/v1/events" if self.size == 1 else "/v1/events/batch"
        key = {"Idempotency-Key": f"{self.name}.{number}"}
        return client.post(path, json=self.sent[number][0], headers=key)

    def check(self, client: httpx.Client) -> None:
        for number, (_, acknowledged) in enumerate(self.sent):
            visitor = f"{self.name}.{number}"
            there = len(self.held(client, visitor)["events"])
            whole = there == self.size or (there == 0 and not acknowledged)
            self.book.hold(whole, f"{visitor}: {there} of {self.size} events")
            if not acknowledged or number >= len(self.sent) - 3:
                self.book.answered(self.deliver(client, number))
                there = len(self.held(client, visitor)["events"])
                self.book.hold(there == self.size, f"{visitor}: {there} events when sent again")


class Batches(Keyed):
    """Batches of events under an idempotency key."""

    size = BATCH


class Talk(Writer):
    """A session of a visitor: messages, answered whole or as a stream, and reactions to cards. Of a
    stream a turn counts as acknowledged from its first piece on: what is shown is never withdrawn.
    """

    streamed = False

    def __init__(self, book: Book, name: str, seed: str) -> None:
        super().__init__(book, name, seed)
        self.sessions: dict[str, list[tuple[int | None, str, list[str]]]] = {}
        self.session = ""
        self.cards: list[str] = []
        self.liked: list[tuple[str, bool]] = []

    def step(self, client: httpx.Client) -> None:
        if not self.session or len(self.sessions[self.session]) >= 8:
            begun = client.post("/v1/sessions", json={"visitor": self.visitor})
            if not self.book.answered(begun):
                return
            self.session, self.cards = begun.json()["id"], []
            self.sessions[self.session] = []
            self.book.count("session")
        elif self.cards and self.chance.random() < 0.4:
            self.react(client)
            return
        message = self.chance.choice(MESSAGES).format(title=self.item()[1])
        (self.say_streamed if self.streamed else self.say)(client, message)

    def say(self, client: httpx.Client, message: str) -> None:
        """A message, answered whole."""
        answer = client.post(f"/v1/sessions/{self.session}/turns", json={"message": message})
        if self.book.answered(answer):
            self.note(answer.json(), message)
            self.book.count("turn")

    def say_streamed(self, client: httpx.Client, message: str) -> None:
        """A message, answered piece by piece."""
        path, begun = f"/v1/sessions/{self.session}/turns", False
        turn: dict[str, Any] = {}
        body = {"message": message, "stream": True}
        try:
            with client.stream("POST", path, json=body) as answer:
                if not self.book.answered(answer):
                    return
                for name, data in _pieces(answer):
                    if name in ("shown", "text"):
                        begun = True
                    elif name == "finished":
                        turn = data
                    self.book.hold(name != "error", f"{self.name}: {data}")
        finally:
            if turn:
                self.note(turn, message)
            elif begun:
                self.sessions[self.session].append((None, message, []))
            if begun:
                self.book.count("turn")

    def note(self, turn: dict[str, Any], message: str) -> None:
        """Remember what was acknowledged."""
        cards = [card["id"] for card in turn["cards"]]
        self.sessions[self.session].append((turn["turn"], message, cards))
        self.cards = cards or self.cards

    def react(self, client: httpx.Client) -> None:
        """A card's button."""
        item = self.chance.choice(self.cards)
        self.liked.append((item, False))
        body = {"item": item, "kind": "like"}
        answer = client.post(f"/v1/sessions/{self.session}/reactions", json=body)
        if self.book.answered(answer):
            self.liked[-1] = (item, True)
            self.note(answer.json(), "")
            self.book.count("reaction")

    def check(self, client: httpx.Client) -> None:
        held = self.held(client)
        caused, numbers = Counter[tuple[str, float]](), Counter[tuple[str, int]]()
        for session in held["sessions"]:
            for row in session["turns"]:
                numbers[session["id"], row["seq"]] += 1
                caused.update((e["item"], e["time"]) for e in row["turn"]["change"]["events"])
        self.book.hold(max(numbers.values(), default=0) <= 1, f"{self.name}: a turn twice")
        there = Counter((e["item"], e["time"]) for e in held["events"])
        self.book.hold(there == caused, f"{self.name}: events and turns differ")
        likes = Counter(item for item, _ in there)
        for item, n in Counter(i for i, acknowledged in self.liked if acknowledged).items():
            self.book.hold(likes[item] >= n, f"{self.name}: a reaction to {item} is lost")
        for session, said in self.sessions.items():
            page = client.get(f"/v1/sessions/{session}/turns", params={"limit": 100})
            listed = [(t["message"], t["reply"]) for t in page.json()["turns"]]
            turns = {reply["turn"]: (message, reply) for message, reply in listed}
            for number, message, cards in said:
                if number is None:
                    kept = any(m == message for m, _ in listed)
                else:
                    found, reply = turns.get(number, ("", {"cards": []}))
                    same = not message or found == message
                    kept = same and [c["id"] for c in reply["cards"]] == cards
                self.book.hold(kept, f"{self.name}: turn {number} of {session} is lost")


class Streamed(Talk):
    """The same, answered as streams."""

    streamed = True


class Profile(Writer):
    """Changes of what is remembered and saved."""

    def __init__(self, book: Book, name: str, seed: str) -> None:
        super().__init__(book, name, seed)
        self.saved: list[tuple[str, bool]] = []
        self.paused = [False]  # what it may be: the last that was answered, or any sent since

    def step(self, client: httpx.Client) -> None:
        item = self.item()[0]
        self.saved.append((item, False))
        self.paused.append(self.chance.random() < 0.5)
        body = {"save": [item], "paused": self.paused[-1]}
        if self.book.answered(client.patch(f"/v1/visitors/{self.visitor}/profile", json=body)):
            self.saved[-1] = (item, True)
            del self.paused[:-1]
            self.book.count("profile")

    def check(self, client: httpx.Client) -> None:
        profile = client.get(f"/v1/visitors/{self.visitor}/profile").json()
        for item, acknowledged in self.saved:
            kept = item in profile["saved"] or not acknowledged
            self.book.hold(kept, f"{self.name}: {item} is no longer saved")
        self.book.hold(
            profile["paused"] in self.paused, f"{self.name}: paused is {profile['paused']}"
        )


class Erased(Writer):
    """People of two events who are erased: nothing is left of them, or everything is there."""

    def __init__(self, book: Book, name: str, seed: str) -> None:
        super().__init__(book, name, seed)
        self.people: list[bool] = []

    def step(self, client: httpx.Client) -> None:
        visitor = f"{self.name}.{len(self.people)}"
        rows = [
            {"visitor": visitor, "item": self.item()[0], "kind": "view", "time": START + n}
            for n in range(2)
        ]
        if not self.book.answered(client.post("/v1/events/batch", json={"events": rows})):
            return
        self.people.append(False)
        if self.book.answered(client.delete(f"/v1/visitors/{visitor}")):
            self.people[-1] = True
            self.book.count("erasure")

    def check(self, client: httpx.Client) -> None:
        for number, erased in enumerate(self.people):
            left = len(self.held(client, f"{self.name}.{number}")["events"])
            whole = left == 0 or (left == 2 and not erased)
            self.book.hold(whole, f"{self.name}.{number}: {left} events after an erasure")


KINDS: tuple[Callable[[Book, str, str], Writer], ...] = (
    Events,
    Keyed,
    Batches,
    Talk,
    Streamed,
    Profile,
)


def _pieces(answer: httpx.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """The server-sent events of an answer: name and data."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event:"):
            name = line.partition(":")[2].strip()
        elif line.startswith("data:"):
            yield name, json.loads(line.partition(":")[2])
