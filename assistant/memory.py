"""What is remembered of a person across conversations: dated notes, as a value.

A note is one lasting wish ("never horror") or taste ("likes westerns"), with the turn that said
it. Tastes fade, with a half-life of :data:`HALF_LIFE` days, unless they are pinned; saying one
again makes it stronger. All functions are pure. Items that were judged are events, not notes: the
profile is folded from them (:mod:`retrieval.profiles`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from assistant.constraints import Constraint, between
from assistant.preferences import Preferences, Wish
from assistant.types import Facets, Reading, SessionId
from retrieval.filters import fold
from retrieval.types import Event, ItemId, Schema, UserId

DAY = 86_400.0
HALF_LIFE = 180.0  # days after which a taste that is not said again counts half
FIRST = 0.6  # strength of a taste that was said once
GAIN = 0.5  # share of what is missing to 1 that saying it again makes up
FAINT = 0.15  # strength below which a taste is not acted on any more
KEPT = 200  # notes of one person; the weakest goes
SAID = 120  # characters of the message that are kept as a note's source

JUDGEMENTS = ("like", "dislike", "seen")
"""Kinds of events that a conversation writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One thing to remember: a constraint of scope ``always``, or a wish in words (one of both).

    ``soft``: a taste that helps to choose, not a demand. ``strength`` in (0, 1] is that at the time
    ``at`` (Unix seconds) when it was last said, in ``turn`` of ``session``, in the words ``said``.
    """

    id: str
    at: float
    session: SessionId
    turn: int
    said: str
    constraint: Constraint | None = None
    wish: str = ""
    soft: bool = False
    strength: float = 1.0
    pinned: bool = False

    def strength_at(self, now: float) -> float:
        """The strength that is left at a time; a pinned note keeps all of it."""
        if self.pinned:
            return self.strength
        left: float = 0.5 ** (max(0.0, now - self.at) / DAY / HALF_LIFE)
        return self.strength * left


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The notes of one person, oldest first; ``paused`` while nothing new may be kept."""

    notes: tuple[Note, ...] = ()
    paused: bool = False

    def at(self, now: float) -> tuple[Note, ...]:
        """The notes that are still acted on."""
        return tuple(n for n in self.notes if n.strength_at(now) >= FAINT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a note comes from: the turn that is being played."""

    session: SessionId
    turn: int
    at: float
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What one turn did to memory and history; kept with the turn, so that undo takes it back.

    A note that was changed is both in ``dropped``, as it was, and in ``added``, as it is.
    ``paused`` is the state before, None where the turn left it alone.
    """

    added: tuple[Note, ...] = ()
    dropped: tuple[Note, ...] = ()
    paused: bool | None = None
    events: tuple[Event, ...] = ()
    retracted: tuple[Event, ...] = ()

    def __bool__(self) -> bool:
        return self != NOTHING

    def back(self) -> Change:
        """The change that takes this one back, where the pause is not concerned."""
        return Change(
            added=self.dropped,
            dropped=self.added,
            events=self.retracted,
            retracted=self.events,
        )


NOTHING = Change()


def start(memory: Memory, now: float) -> Preferences:
    """The preferences with which a new conversation of the person begins."""
    notes = [n for n in memory.at(now) if n.constraint is not None]
    dated = [(n, replace(n.constraint, turn=0, noted=n.at)) for n in notes if n.constraint]
    wishes = tuple(Wish(text=n.wish, turn=0) for n in memory.at(now) if n.wish)
    return Preferences(
        constraints=tuple(c for n, c in dated if not n.soft),
        hints=tuple(c for n, c in dated if n.soft),
        wishes=wishes,
    )


def remember(
    memory: Memory,
    reading: Reading,
    *,
    listed: tuple[str, ...],
    schema: Schema,
    source: Source,
) -> Memory:
    """Fold a reading into the memory: do what it says about memory, else learn from it.

    ``listed`` are the ids of the notes that were listed last, to which positions refer. What is
    said of the person again makes a note stronger, what contradicts a note replaces it. Nothing is
    learnt while paused, or of somebody else's taste.
    """
    if reading.memory:
        return _obeyed(memory, reading, listed, schema, source)
    if memory.paused or not reading.own or reading.described:
        return memory
    notes = memory.notes
    if reading.scope is None:  # "horror is fine" takes a note back, "fine for tonight" does not
        notes = _without(notes, reading.lifted)
    for new in _learnt(reading, schema, source):
        notes = _noted(notes, new)
    kept = sorted(notes, key=lambda n: (n.pinned, n.strength_at(source.at)))[-KEPT:]
    return replace(memory, notes=tuple(n for n in notes if n in kept))


def change(before: Memory, after: Memory) -> Change:
    """What leads from one memory to the other."""
    return Change(
        added=tuple(n for n in after.notes if n not in before.notes),
        dropped=tuple(n for n in before.notes if n not in after.notes),
        paused=before.paused if before.paused != after.paused else None,
    )


def reverted(memory: Memory, changes: Iterable[Change]) -> Memory:
    """The memory with changes taken back, the newest first. Taking back twice changes nothing."""
    for done in changes:
        gone = {n.id for n in done.added}
        notes = [n for n in memory.notes if n.id not in gone]
        held = {n.id for n in notes}
        notes += [n for n in done.dropped if n.id not in held]
        paused = memory.paused if done.paused is None else done.paused
        memory = Memory(notes=tuple(sorted(notes, key=lambda n: n.at)), paused=paused)
    return memory


def forgotten(
    preferences: Preferences, dropped: Iterable[Note], items: Collection[ItemId]
) -> Preferences:
    """The preferences of the running conversation without what was just forgotten."""
    gone = {_key(n.constraint) for n in dropped if n.constraint is not None}
    p = preferences
    return replace(
        p,
        constraints=tuple(c for c in p.constraints if _key(c) not in gone),
        hints=tuple(c for c in p.hints if _key(c) not in gone),
        likes=tuple(i for i in p.likes if i not in items),
        dislikes=tuple(i for i in p.dislikes if i not in items),
        seen=tuple(i for i in p.seen if i not in items),
    )


def covered(constraint: Constraint, notes: Iterable[Note]) -> bool:
    """Whether notes say all that a constraint of the running conversation says."""
    held = [n.constraint for n in notes if n.constraint is not None]
    parts = [replace(constraint, values=(v,)) for v in constraint.values] or [constraint]
    keys = {_key(c) for c in held}
    return all(_key(c) in keys for c in parts)


def judgements(reading: Reading, at: float) -> tuple[Event, ...]:
    """The judgements of a message as events without a user: loved, hated, seen. What was only an
    example, or was turned away for now, is no judgement; nor is what somebody else thinks."""
    if not reading.own or reading.memory or reading.described:
        return ()
    sides: tuple[tuple[str, tuple[ItemId, ...]], ...] = (
        ("like", tuple(i for i in reading.liked if i in reading.felt)),
        ("dislike", tuple(i for i in reading.disliked if i in reading.felt)),
        ("seen", reading.seen),
    )
    return tuple(
        Event(user=UserId(""), item=i, kind=kind, time=at) for kind, ids in sides for i in ids
    )


def _learnt(reading: Reading, schema: Schema, source: Source) -> list[Note]:
    """The notes that a message gives rise to."""
    firm = reading.scope == "always"
    told = reading.act == "profile"
    found = [
        *_values("exclude", reading.exclude if firm or told else reading.averse, source.turn),
        *_values("include", reading.include if firm or told else _loved(reading), source.turn),
    ]
    if firm or told:
        found += [
            c
            for name, bounds in reading.ranges.items()
            for c in between(name, bounds, schema, source.turn, "always")
        ]
    if told and reading.without:
        found.append(
            Constraint(kind="without", turn=source.turn, values=reading.without, scope="always")
        )
    notes = []
    for c in found:
        taste = _taste(c, reading)
        notes.append(
            Note(
                id=_id(c, ""),
                at=source.at,
                session=source.session,
                turn=source.turn,
                said=source.said[:SAID],
                constraint=c,
                soft=c.kind in ("include", "range") and (taste or not firm),
                strength=FIRST if taste or not firm else 1.0,
                pinned=firm and not taste,
            )
        )
    if told and firm and reading.text:
        notes.append(
            Note(
                id=_id(None, reading.text),
                at=source.at,
                session=source.session,
                turn=source.turn,
                said=source.said[:SAID],
                wish=reading.text,
                soft=True,
                pinned=True,
            )
        )
    return notes


def _loved(reading: Reading) -> Facets:
    """What is said to be liked; what is only allowed again is not."""
    return {
        name: tuple(v for v in values if v not in reading.lifted.get(name, ()))
        for name, values in reading.fond.items()
    }


def _taste(c: Constraint, reading: Reading) -> bool:
    held = {"include": reading.fond, "exclude": reading.averse}.get(c.kind, {})
    return set(c.values) <= set(held.get(c.field, ())) and bool(c.values)


def _values(kind: Literal["include", "exclude"], facets: Facets, turn: int) -> list[Constraint]:
    """One constraint a value, so that each is kept, faded and forgotten by itself."""
    return [
        Constraint(kind=kind, turn=turn, field=name, values=(v,), scope="always")
        for name, values in facets.items()
        for v in values
    ]


def _noted(notes: tuple[Note, ...], new: Note) -> tuple[Note, ...]:
    """The notes with one more: said before it grows stronger, what it contradicts goes."""
    old = next((n for n in notes if n.id == new.id), None)
    if old is not None:
        left = old.strength_at(new.at)
        new = replace(
            new,
            strength=max(new.strength, left + GAIN * (1.0 - left)),
            pinned=new.pinned or old.pinned,
            soft=new.soft and old.soft,
        )
    return (*(n for n in notes if n.id != new.id and not _contradicts(n, new)), new)


def _contradicts(old: Note, new: Note) -> bool:
    a, b = old.constraint, new.constraint
    if a is None or b is None or a.field != b.field:
        return False
    if a.kind == b.kind == "range":
        return True
    opposed = {a.kind, b.kind} == {"include", "exclude"}
    return opposed and bool({fold(v) for v in a.values} & {fold(v) for v in b.values})


def _without(notes: tuple[Note, ...], lifted: Facets) -> tuple[Note, ...]:
    """The notes without those about fields, or values of fields, that no longer count."""

    def about(note: Note) -> bool:
        c = note.constraint
        if c is None or c.field not in lifted:
            return False
        values = {fold(v) for v in lifted[c.field]}
        return not values or bool(values & {fold(v) for v in c.values})

    return tuple(n for n in notes if not about(n))


def _obeyed(
    memory: Memory, reading: Reading, listed: tuple[str, ...], schema: Schema, source: Source
) -> Memory:
    """The memory after an order about itself. A note that is edited stands where it stood."""
    order, now = reading.memory, source.at
    if order in ("pause", "resume"):
        return replace(memory, paused=order == "pause")
    if order == "forget_all":
        return replace(memory, notes=())
    pointed = {listed[n - 1] for n in reading.reference if 0 < n <= len(listed)}
    meant = {n.id for n in memory.notes} - {n.id for n in _without(memory.notes, reading.lifted)}
    if order in ("pin", "unpin") and not pointed and not meant and memory.notes:
        pointed = {memory.notes[-1].id}  # "always remember that": what was said last
    ids = pointed | meant
    if order == "edit":
        new = _learnt(reading, schema, source)
        said = {n.id for n in new}
        kept = [[n] if n.id not in ids | said else new if n.id in ids else [] for n in memory.notes]
        return replace(memory, notes=tuple(n for part in kept for n in part)) if new else memory
    if order == "forget":
        return replace(memory, notes=tuple(n for n in memory.notes if n.id not in ids))
    return amended(memory, ids, lambda n: _pin(n, order == "pin", now))


def _pin(note: Note, pinned: bool, now: float) -> Note:
    """The note pinned at the strength it has now, or let go from now on."""
    return replace(note, strength=note.strength_at(now), at=now, pinned=pinned)


def amended(memory: Memory, ids: Iterable[str], alter: Callable[[Note], Note]) -> Memory:
    """The memory with some notes altered in place."""
    wanted = set(ids)
    return replace(memory, notes=tuple(alter(n) if n.id in wanted else n for n in memory.notes))


def _id(constraint: Constraint | None, wish: str) -> str:
    """The same wish has the same id whenever it is said."""
    told = fold(wish) if constraint is None else repr(_key(constraint))
    return hashlib.blake2b(told.encode(), digest_size=6).hexdigest()


def _key(c: Constraint) -> tuple[object, ...]:
    return (c.kind, c.field, tuple(sorted(fold(v) for v in c.values)), c.low, c.high)
