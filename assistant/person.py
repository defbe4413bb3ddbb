"""One person's data and tastes in their own hands: read, pin, weaken, forget, pause, export, erase.

What can be said in conversation can be done here by id, for pages and for other products.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from assistant import known
from assistant.errors import SessionError
from assistant.explanation.wording import wording
from assistant.memory import Memory, Note, amended
from retrieval.storage.personal import Erased
from retrieval.types import Event, ItemId, UserId

if TYPE_CHECKING:
    from assistant.build import Parts

SAVE, HIDE = "save", "hide"
TRIES = 5  # times a change is tried again when a conversation changed the memory meanwhile


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """One note as a page shows it: the sentence, the words and the day (Unix seconds) it came from,
    what is left of its strength in (0, 1], and whether it is kept from fading."""

    id: str
    text: str
    said: str
    at: float
    strength: float
    pinned: bool


class Person:
    """Everything that is held of one person, by their visitor or user id."""

    def __init__(self, parts: Parts, person: str, language: str = "en") -> None:
        self._parts = parts
        self._id = person
        self._words = wording(language)

    @property
    def paused(self) -> bool:
        """Whether nothing new is remembered."""
        return self._memory()[0].paused

    def beliefs(self) -> tuple[Belief, ...]:
        """What is remembered and acted on, oldest first; empty for a stranger."""
        now = time.time()
        return tuple(
            Belief(
                id=n.id,
                text=known.note(n, self._parts.schema, self._words),
                said=n.said,
                at=n.at,
                strength=n.strength_at(now),
                pinned=n.pinned,
            )
            for n in self._memory()[0].at(now)
        )

    def forget(self, belief: str) -> bool:
        """Drop a belief; False when there is none with that id."""
        return self._alter(lambda m: replace(m, notes=tuple(n for n in m.notes if n.id != belief)))

    def pin(self, belief: str, *, pinned: bool = True) -> bool:
        """Keep a belief from fading, or let it fade from now on; False when there is none."""
        return self._each(
            belief,
            lambda n, now: replace(n, strength=n.strength_at(now), at=now, pinned=pinned),
        )

    def weaken(self, belief: str) -> bool:
        """Halve a belief's strength and let it fade; False when there is none."""
        return self._each(
            belief,
            lambda n, now: replace(n, strength=n.strength_at(now) / 2, at=now, pinned=False),
        )

    def pause(self, *, paused: bool = True) -> bool:
        """Stop remembering, or begin again; False when it was so already."""
        return self._alter(lambda m: replace(m, paused=paused))

    def history(self) -> tuple[Event, ...]:
        """Everything the person did with items, oldest first."""
        return self._parts.taste.history(self._id)

    def saved(self) -> tuple[ItemId, ...]:
        """The items on the person's list, the newest first."""
        found = {e.item: None for e in reversed(self.history()) if e.kind == SAVE}
        return tuple(found)

    def save(self, item: str, *, saved: bool = True) -> bool:
        """Put an item on the list, or take it off; False when it was so already."""
        return self._mark(item, SAVE, saved)

    def hide(self, item: str, *, hidden: bool = True) -> bool:
        """Never propose an item again, or again after all; False when it was so already."""
        return self._mark(item, HIDE, hidden)

    def remove(self, item: str) -> int:
        """Take an item out of the history, whatever was done with it; how many events that were.

        Recommendations follow at once; what a trained index made of them ends with its next build.
        """
        gone = [e for e in self.history() if e.item == ItemId(item)]
        return self._parts.workspace.events.retract(gone)

    def export(self) -> dict[str, Any]:
        """Everything that is held of the person, ready for JSON; empty tables for a stranger.

        ``profile`` is what the events come to: signed weights by item.
        """
        held = self._parts.workspace.personal.held(self._id)
        profile = self._parts.taste.of(self._id)
        return {
            "user": self._id,
            "events": held["events"],
            "sessions": [
                {**row, "turns": list(_turns(held["turns"], row["id"]))} for row in held["sessions"]
            ],
            "keys": [
                {name: row[name] for name in ("id", "name", "created", "revoked")}
                for row in held["api_keys"]
            ],
            "memory": [{**row, "payload": _json(row["payload"])} for row in held["memories"]],
            "profile": {
                "weights": dict(profile.weights),
                "seen": sorted(profile.seen),
                "n_events": profile.n_events,
            },
        }

    def erase(self) -> Erased:
        """Erase everything, everywhere in the workspace; private conversations as well."""
        self._parts.sessions.end_private(self._id)
        self._parts.retriever.forget()
        return self._parts.workspace.personal.erase(self._id)

    def _mark(self, item: str, kind: str, on: bool) -> bool:
        events = self._parts.workspace.events
        held = [e for e in self.history() if e.item == ItemId(item) and e.kind == kind]
        if bool(held) == on or (on and ItemId(item) not in self._parts.retriever.items):
            return False
        if not on:
            return events.retract(held) > 0
        mark = Event(user=UserId(self._id), item=ItemId(item), kind=kind, time=time.time())
        events.append([mark])
        return True

    def _memory(self) -> tuple[Memory, int]:
        return self._parts.sessions.memory(self._id)

    def _each(self, belief: str, alter: Callable[[Note, float], Note]) -> bool:
        now = time.time()
        return self._alter(lambda m: amended(m, [belief], lambda n: alter(n, now)))

    def _alter(self, alter: Callable[[Memory], Memory]) -> bool:
        for _ in range(TRIES):
            memory, version = self._memory()
            after = alter(memory)
            if after == memory:
                return False
            if self._parts.sessions.remember(self._id, after, version):
                return True
        raise SessionError("what is remembered is being changed by others; try again")


def _turns(rows: Iterable[Mapping[str, Any]], session: str) -> Iterable[dict[str, Any]]:
    for row in rows:
        if row["session"] == session:
            yield {"seq": row["seq"], "created": row["created"], "turn": _json(row["payload"])}


def _json(payload: str) -> Any:
    return json.loads(payload)
