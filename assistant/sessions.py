"""Conversations that outlive the process: every turn is a snapshot, appended and never changed.

A session belongs to one visitor. A turn is written in one transaction with the events it caused,
under the next number of its session; when two turns race for the same number the second one sees
that it lost and plays again on what the first one left, so no lock is held while a model writes.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from assistant.errors import SessionError
from assistant.memory import NOTHING, Change, Memory, start
from assistant.preferences import Preferences
from assistant.relaxing import Relaxation
from assistant.types import (
    Act,
    Card,
    Degraded,
    Faithfulness,
    Reading,
    SessionId,
    VisitorId,
    Want,
)
from retrieval.errors import TurnConflict
from retrieval.storage.sessions import Remembered, SessionStore
from retrieval.types import ItemId

PRIVATE = 1000
"""Private conversations that one process holds at a time."""

FOREIGN = "this session belongs to another visitor; start a new one"

_ID = re.compile(r"[A-Za-z0-9_.:-]{1,128}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was shown and what made it: the record that later learning and audits rest on."""

    slate: tuple[ItemId, ...] = ()
    propensities: tuple[float, ...] = ()
    explored: tuple[ItemId, ...] = ()
    index_version: int = 0
    model: str = ""
    prompts: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """One turn as it is stored.

    ``preferences`` and ``slate`` (the last non-empty one) are the state after the turn. ``before``
    is the number of the turn whose state an undo returns to; None when there is nothing to undo.
    ``back_to`` takes back every turn after that number (0: all of them): see :func:`in_force`.
    ``offers`` are what may give way where nothing fitted: a yes takes the first. ``change`` is what
    the turn did to memory and history, ``listed`` the ids of the notes that it listed.
    """

    seq: int
    at: float
    message: str
    reading: Reading
    preferences: Preferences
    slate: tuple[ItemId, ...] = ()
    before: int | None = None
    back_to: int | None = None
    act: Act = "recommend"
    text: str = ""
    cards: tuple[Card, ...] = ()
    shown: tuple[Card, ...] = ()
    offers: tuple[Relaxation, ...] = ()
    change: Change = NOTHING
    listed: tuple[str, ...] = ()
    asked: bool = False
    chips: tuple[str, ...] = ()
    wants: tuple[Want, ...] = ()
    degraded: tuple[Degraded, ...] = ()
    faithfulness: Faithfulness = field(default_factory=Faithfulness)
    served: Served = field(default_factory=Served)


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk:
    """A conversation in a list: its first message, and when the last was said (Unix seconds)."""

    session: SessionId
    title: str
    at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A session as a turn finds it: its turns, oldest first (none for a new one).

    ``memory`` is what is remembered of the visitor, in its ``version``; ``start`` what that means
    for the beginning of a conversation.
    """

    session: SessionId
    visitor: VisitorId
    turns: tuple[TurnRecord, ...] = ()
    memory: Memory = field(default_factory=Memory)
    version: int = 0
    start: Preferences = field(default_factory=Preferences)

    @property
    def last(self) -> TurnRecord | None:
        """The newest turn."""
        return self.turns[-1] if self.turns else None

    @property
    def preferences(self) -> Preferences:
        """What has been established so far."""
        return self.turns[-1].preferences if self.turns else self.start

    @property
    def slate(self) -> tuple[ItemId, ...]:
        """What was shown last; positions ("the second") refer to it."""
        return self.turns[-1].slate if self.turns else ()

    def recent(self, n: int = 4) -> tuple[str, ...]:
        """The last ``n`` messages of the person, oldest first."""
        return tuple(t.message for t in self.turns[-n:])


_record: TypeAdapter[TurnRecord] = TypeAdapter(TurnRecord)
_memory: TypeAdapter[Memory] = TypeAdapter(Memory)


def in_force(turns: Iterable[TurnRecord]) -> tuple[TurnRecord, ...]:
    """The turns that count, oldest first: without those that were taken back.

    A turn that takes back keeps its place but not its change, which only made good what the turns
    that it took back had changed.
    """
    kept: list[TurnRecord] = []
    for turn in turns:
        if turn.back_to is not None:
            kept = [t for t in kept if t.seq <= turn.back_to]
            turn = replace(turn, change=NOTHING)
        kept.append(turn)
    return tuple(kept)


def _plain(value: object) -> object:
    """A read-only mapping as the plain one that can be written."""
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"a turn cannot hold a {type(value).__name__}")


def is_id(text: str) -> bool:
    """Whether a session or a visitor may be called so."""
    return _ID.fullmatch(text) is not None


def new_id() -> str:
    """A fresh random id, unguessable (128 bits)."""
    return secrets.token_urlsafe(16)


class Sessions:
    """Loads and appends turns. All methods may be called from any event loop or thread."""

    def __init__(self, store: SessionStore) -> None:
        self._store = store
        self._private: OrderedDict[str, Conversation] = OrderedDict()
        self._lock = threading.Lock()

    def open_private(self, visitor: str | None) -> SessionId:
        """Begin a conversation that is held in this process alone and ends with it, at the latest
        when :data:`PRIVATE` newer ones were begun.

        It begins with what is remembered of the visitor, and leaves nothing of its own.
        """
        session = SessionId(new_id())
        memory = self.memory(visitor)[0] if visitor is not None else Memory()
        conversation = Conversation(
            session=session,
            visitor=VisitorId(visitor or new_id()),
            memory=replace(memory, paused=True),
            start=start(memory, now()),
        )
        with self._lock:
            self._private[session] = conversation
            while len(self._private) > PRIVATE:
                self._private.popitem(last=False)
        return session

    def private(self, session: str) -> bool:
        """Whether this is a private conversation that is still held."""
        with self._lock:
            return session in self._private

    def of_visitor(self, visitor: str) -> tuple[Talk, ...]:
        """The visitor's conversations in which something was said, the latest first; private ones
        are not among them."""
        return tuple(
            Talk(
                session=SessionId(o.session),
                title=_record.validate_json(o.payload).message,
                at=o.at,
            )
            for o in self._store.overview(visitor)
        )

    def delete(self, session: str, visitor: str) -> bool:
        """Delete a conversation of the visitor; False when there is none. What it said of items
        stays in their history. SessionError for somebody else's."""
        with self._lock:
            private = self._private.get(session)
            if private is not None and private.visitor == visitor:
                del self._private[session]
                return True
        owner = self._store.visitor_of(session)
        if owner is not None and owner != visitor:
            raise SessionError(FOREIGN)
        return self._store.delete(session)

    def end_private(self, visitor: str) -> None:
        """End the private conversations of a visitor."""
        with self._lock:
            for session in [s for s, c in self._private.items() if c.visitor == visitor]:
                del self._private[session]

    def open(self, session: str, visitor: str | None) -> Conversation:
        """The conversation, begun when it does not exist yet.

        Without a visitor an existing session is taken as its owner's, and a new one belongs to a
        visitor of its own. Raises :class:`~assistant.errors.SessionError` for a malformed id and
        for a session of somebody else.
        """
        for name, value in (("session", session), ("visitor", visitor)):
            if value is not None and not _ID.fullmatch(value):
                raise SessionError(
                    f"the {name} id must be 1 to 128 letters, digits or . _ : - characters"
                )
        with self._lock:
            private = self._private.get(session)
        if private is not None:
            if visitor is not None and private.visitor != visitor:
                raise SessionError(FOREIGN)
            return private
        owner = self._store.visitor_of(session)
        if owner is None:
            owner = visitor or new_id()
            try:
                self._store.create(session, owner)
            except TurnConflict:  # two first turns at once: the session is the other's
                owner = self._store.visitor_of(session) or owner
        if visitor is not None and owner != visitor:
            raise SessionError(FOREIGN)
        turns = in_force(_record.validate_json(p) for p in self._store.turns(session))
        memory, version = self.memory(owner)
        return Conversation(
            session=SessionId(session),
            visitor=VisitorId(owner),
            turns=turns,
            memory=memory,
            version=version,
            start=start(memory, now()),
        )

    def owner(self, session: str) -> str | None:
        """Whose session it is, private ones too; None when there is no such session."""
        with self._lock:
            private = self._private.get(session)
        return private.visitor if private is not None else self._store.visitor_of(session)

    def memory(self, visitor: str) -> tuple[Memory, int]:
        """What is remembered of a visitor, and its version; an empty memory for a stranger."""
        held = self._store.remembered(visitor)
        memory = _memory.validate_json(held.payload) if held.payload else Memory()
        return memory, held.version

    def remember(self, visitor: str, memory: Memory, version: int) -> bool:
        """Write what is remembered of a visitor; False when ``version`` is not what was read."""
        try:
            self._store.remember(_remembered(visitor, memory, version))
        except TurnConflict:
            return False
        return True

    def append(
        self, conversation: Conversation, record: TurnRecord, memory: Memory | None = None
    ) -> bool:
        """Write the turn, with its events and the memory where it changed; False when another turn
        took its number, or changed the memory, first."""
        with self._lock:
            private = self._private.get(conversation.session)
            if private is not None:
                if private.turns != conversation.turns:
                    return False
                turns = in_force((*private.turns, record))
                self._private[conversation.session] = replace(private, turns=turns)
                return True
        payload = _record.dump_json(record, fallback=_plain).decode()
        kept = (
            None
            if memory is None or memory == conversation.memory
            else _remembered(conversation.visitor, memory, conversation.version)
        )
        try:
            self._store.append(
                conversation.session,
                record.seq,
                payload,
                record.change.events,
                retracted=record.change.retracted,
                remembered=kept,
            )
        except TurnConflict:
            return False
        return True

    async def aopen(self, session: str, visitor: str | None) -> Conversation:
        """:meth:`open` off the event loop."""
        return await asyncio.to_thread(self.open, session, visitor)

    async def aappend(
        self, conversation: Conversation, record: TurnRecord, memory: Memory | None = None
    ) -> bool:
        """:meth:`append` off the event loop."""
        return await asyncio.to_thread(self.append, conversation, record, memory)


def _remembered(visitor: str, memory: Memory, version: int) -> Remembered:
    payload = _memory.dump_json(memory).decode()
    return Remembered(visitor=visitor, version=version + 1, payload=payload)


def now() -> float:
    """The time that is written into a turn, in Unix seconds."""
    return time.time()
