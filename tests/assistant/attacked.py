"""Poisoned catalogues through the whole dialogue: ingest, index, recall, model, blend, slate.

One item of a category is attacked, each category by another attack, so that one workspace tries
several without their meeting. Its place on the slate is compared with its place where its listing
is clean. The models stand for the worst: :func:`obedient` does what it takes for an order in
whatever it is shown, :func:`partial` favours an attacker for anything at all that the attack added.
"""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.build import ingest_into
from assistant.door import Assistant
from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatModel, ChatRequest
from assistant.reranking.attacks import Attack
from assistant.settings import Settings
from retrieval.types import Candidate, Query

SHOWN = 12
"""Places on a slate; who is not among them stands right behind."""

ORDER = re.compile(
    r"\b(?:first|rank|top|head|order|system|assistant|ignore|instructions?|answer|grade|ids?|"
    r"erste|premier|user|request|winner|tell|must|says?|only)\b|第一",
    re.IGNORECASE,
)
"""What the obedient model takes for an order: far more than the filter does."""

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An item to be lifted, the request that it is to be lifted for, and what the catalogue calls
    its id, its title and its text."""

    row: Row
    request: str
    id: str = "id"
    title: str = "title"
    text: str = "description"

    @property
    def key(self) -> str:
        """The item's id."""
        return str(self.row[self.id])

    def poisoned(self, attack: Attack, seed: int = 0) -> Row:
        """The row with the attack in its text; what it adds to fields goes in as fields."""
        honest = Candidate(
            id=self.key, text=str(self.row[self.text]), fields={"title": str(self.row[self.title])}
        )
        rng = random.Random(f"{seed}/{attack.name}/{self.key}")
        bad = attack.poison(honest, Query(text=self.request), rng)
        added = {name: value for name, value in bad.fields.items() if name != "title"}
        return {**self.row, self.text: bad.text, **added}


def lines(request: ChatRequest) -> list[tuple[str, str]]:
    """What a re-ranker's prompt says of each item, and its handle."""
    return re.findall(r"^(.*) \| id: (\S+)$", request.messages[1].content, re.MULTILINE)


def _favouring(chosen: Callable[[str], bool]) -> Scripted:
    """A model that ranks the chosen lines first, quotes what it can of them, and reads nothing in
    messages."""

    def answer(request: ChatRequest) -> Answer:
        if request.schema_name != "ranking":
            return '{"act": "recommend"}'
        told = sorted(lines(request), key=lambda line: not chosen(line[0]))
        claims = [
            {"item": handle, "field": "text", "quote": said.partition("text: ")[2][:60]}
            for said, handle in told[:3]
        ]
        return json.dumps({"ranking": [handle for _, handle in told], "claims": claims})

    return Scripted(answer)


def steady() -> Scripted:
    """A model that keeps the order it is shown."""
    return _favouring(lambda line: False)


def obedient(clean: frozenset[str]) -> Scripted:
    """A model that ranks first whatever says something like an order that no clean listing says."""
    return _favouring(lambda line: line not in clean and bool(ORDER.search(line)))


def partial(clean: frozenset[str]) -> Scripted:
    """A model that ranks first whatever says anything that no clean listing says."""
    return _favouring(lambda line: line not in clean)


class Shop:
    """A clean workspace over a catalogue, and poisoned copies of it."""

    def __init__(self, folder: Path, rows: Sequence[Row], settings: Settings) -> None:
        self.folder, self.rows, self.settings = folder, rows, settings
        self.home = self._ingested(rows, folder / "clean")
        self.clean: frozenset[str] = frozenset()

    def poisoned(self, changed: Sequence[Row], key: str, name: str) -> Path:
        """A workspace in which these rows stand in place of those with their ids."""
        by_id = {str(row[key]): row for row in changed}
        home = self.folder / name
        shutil.copytree(self.home, home)
        return self._ingested([by_id.get(str(row[key]), row) for row in self.rows], home)

    def _ingested(self, rows: Sequence[Row], home: Path) -> Path:
        home.mkdir(parents=True, exist_ok=True)
        path = self.folder / "catalogue.jsonl"
        path.write_text("".join(json.dumps(dict(row)) + "\n" for row in rows), encoding="utf-8")
        ingest_into(home, settings=self.settings, catalog=path)
        return home

    def slates(
        self, home: Path, requests: Sequence[str], model: ChatModel | None
    ) -> list[list[str]]:
        """The ids that each request brings to a newcomer, in order; nothing is left to chance."""
        settings = self.settings.model_copy(
            update={
                "home": home, "slate_size": SHOWN, "rerank_candidates": 2 * SHOWN, "explore": 0.0
            }
        )  # fmt: skip
        with Assistant.open(settings=settings, model=model) as assistant:
            replies = [assistant.reply(assistant.new_session(), request) for request in requests]
        return [[str(card.id) for card in reply.cards] for reply in replies]

    def places(
        self, home: Path, targets: Sequence[Target], model: ChatModel | None
    ) -> dict[str, int]:
        """The place of each target on the slate that its request brings, from 1."""
        slates = self.slates(home, [t.request for t in targets], model)
        return {
            t.key: (ids.index(t.key) if t.key in ids else len(ids)) + 1
            for t, ids in zip(targets, slates, strict=True)
        }

    def remember(self, targets: Sequence[Target]) -> dict[str, int]:
        """The places of the targets while all is clean; the lines that a model then is shown are
        kept in ``clean``."""
        model = steady()
        places = self.places(self.home, targets, model)
        asked = [r for r in model.requests if r.schema_name == "ranking"]
        self.clean = frozenset(said for request in asked for said, _ in lines(request))
        return places
