"""Rounds of a service that is killed in the middle of what many clients write, and started again.

Each round begins where the one before was cut off, on the same folder; nothing is mended between.
A round kills the service while it is written to, or while it starts; or an ingest, which runs while
the service does not. The service that is started next must have everything that was acknowledged.
"""

from __future__ import annotations

import csv
import random
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from tests.faults.process import Service, palate
from tests.faults.writers import KINDS, Book, Erased, Writer

Way = Literal["count", "moment", "start", "ingest", "erase"]
WAYS: tuple[Way, ...] = (
    *("count", "moment", "count", "moment", "start"),
    *("count", "moment", "ingest", "erase", "count"),
)
"""How the rounds are killed by turns: after so many acknowledged writes, at a moment, while the
service starts, while nobody serves and an ingest runs, at a moment beside erasures."""

MOST = 200  # acknowledged writes before a kill
LONGEST = 4.0  # seconds from the first write, or from the start of a process, to a kill


@dataclass
class Outcome:
    """What came of all rounds."""

    kills: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)
    size: int = 0

    def add(self, book: Book) -> None:
        """What a round noted."""
        self.acknowledged += book.kinds
        self.statuses += book.statuses
        self.faults += book.faults


class Rounds:
    """The rounds on one folder. ``settings`` are the service's."""

    def __init__(self, home: Path, seed: int, **settings: object) -> None:
        self.home, self.chance, self.settings = home, random.Random(seed), settings
        self.outcome = Outcome()
        self._writers: list[Writer] = []
        self._last: list[Writer] = []
        self._items: Sequence[tuple[str, str]] = ()

    def run(
        self, kills: int, ways: Sequence[Way] = WAYS, told: Callable[[str], None] = lambda _: None
    ) -> Outcome:
        """So many kills, then everything that was ever acknowledged is looked up once more."""
        for number in range(kills):
            way = ways[number % len(ways)]
            if way == "start":
                self._start_killed()
            elif way == "ingest":
                self._ingest(number)
            else:
                with self._checked(self._last) as service:
                    self._write(service, number, way)
            told(f"{number + 1}, {way}: {sum(self.outcome.acknowledged.values())} writes so far")
        with self._checked(self._writers) as service:
            if service.end() != 0:
                self.outcome.faults.append("the last service did not end well")
        self.outcome.size = (self.home / "palate.db").stat().st_size
        return self.outcome

    def _checked(self, writers: Sequence[Writer]) -> Service:
        """The service, started as the folder lies there, once it was found to have everything that
        was acknowledged to these writers."""
        service = self._started()
        try:
            with service.client() as client:
                book = Book(items=self._items)
                for writer in writers:
                    writer.book = book
                    writer.check(client)
                self._sound(book)
        except BaseException:
            service.__exit__()
            raise
        self.outcome.statuses += book.statuses
        self.outcome.faults += book.faults
        return service

    def _start_killed(self) -> None:
        """A start that is cut off at some moment."""
        with Service(self.home, **self.settings) as service:
            threading.Event().wait(self.chance.uniform(0, 2 * LONGEST))
            service.kill()
        self.outcome.kills["start"] += 1

    def _write(self, service: Service, number: int, way: Way) -> None:
        """Clients write until the service is killed under them."""
        with service.client() as client:
            page = client.get("/v1/items", params={"limit": 100}).json()["items"]
            self._items = [(item["id"], item["title"]) for item in page]
            if number % 5:  # else the first turns are cut off while they load what they need
                client.post("/v1/recommend", json={"query": self._items[0][1]})
        most = self.chance.randint(1, MOST) if way == "count" else 10**9
        book = Book(items=self._items, most=most)
        kinds = (*KINDS, Erased) if way == "erase" else KINDS
        writers = [k(book, f"r{number}.{k.__name__}", f"{number}") for k in kinds]

        def work(writer: Writer) -> None:
            with service.client() as client:
                writer.run(client)

        with ThreadPoolExecutor(len(writers)) as pool:
            running = [pool.submit(work, writer) for writer in writers]
            book.enough.wait(60 if way == "count" else self.chance.uniform(0, LONGEST))
            service.kill()
            for one in running:
                one.result()
        self._writers += writers
        self._last = writers
        self.outcome.kills[way] += 1
        self.outcome.add(book)
        said = "".join(service.said)
        if "Traceback" in said:
            self.outcome.faults.append(said[-2000:])

    def _ingest(self, number: int) -> None:
        """An ingest of a few events that is killed at some moment."""
        path = self.home.parent / "more.csv"
        with path.open("w", encoding="utf-8", newline="") as out:
            lines = csv.writer(out)
            lines.writerow(["user_id", "item_id", "rating", "timestamp"])
            for n in range(50):
                item = self.chance.choice(self._items)[0]
                lines.writerow([f"ingest{number}.{n % 7}", item, 4.0, 1_600_000_000 + n])
        encoder = {k: v for k, v in self.settings.items() if k == "encoder"}
        process = palate("ingest", "--events", path, "--home", self.home, **encoder)
        threading.Event().wait(self.chance.uniform(0, 4 * LONGEST))
        self.outcome.kills["ingest" if process.poll() is None else "ingest, over already"] += 1
        process.kill()
        process.communicate()

    def _started(self) -> Service:
        """The service, started on the folder as it lies there, once it answers."""
        begun = time.perf_counter()
        service = Service(self.home, **self.settings)
        try:
            with service.client() as client:
                answer = client.get("/v1/items", params={"limit": 1})
        except BaseException:
            service.__exit__()
            raise
        if answer.status_code != 200:
            self.outcome.faults.append(f"after a start: {answer.status_code}")
        self.outcome.starts.append(time.perf_counter() - begun)
        return service

    def _sound(self, book: Book) -> None:
        """Whether SQLite finds the database whole; read beside the service."""
        place = f"file:{self.home / 'palate.db'}?mode=ro"
        connection = sqlite3.connect(place, uri=True)
        try:
            found = connection.execute("PRAGMA integrity_check").fetchall()
            loose = connection.execute("PRAGMA foreign_key_check").fetchall()
        finally:
            connection.close()
        book.hold(found == [("ok",)] and not loose, f"the database is not whole: {found} {loose}")
