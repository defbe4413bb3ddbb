"""The chat completions of OpenAI's API, with Palate as the model.

Such a client sends the whole conversation each time. What the person said before, word for word,
is looked up: where a session holds just that, only the last message is played; else what is missing
is, on a session that was taken back to where the two part. Why so: docs/decisions/0030.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from weakref import WeakValueDictionary

from assistant.api.access import ID, Caller
from assistant.api.problems import Problem
from assistant.api.service import Service
from assistant.types import Finished, Reply, TurnEvent
from assistant.understanding.tokens import MAX_CHARACTERS

KNOWN = 2000
"""Conversations without a user that are found again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A session as a request finds it: ``play`` are the messages it lacks, oldest first, ``reply``
    the answer to the last one where it has them all."""

    session: str
    visitor: str
    play: tuple[str, ...]
    reply: Reply | None = None


class Threads:
    """Finds the session of a conversation by what the person said in it. Belongs to one loop."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._anonymous: OrderedDict[str, str] = OrderedDict()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def answer(
        self, caller: Caller, user: str | None, said: Sequence[str]
    ) -> AsyncGenerator[TurnEvent]:
        """The events of the turn that answers the last message; earlier ones are made good first.

        ``said`` is everything the person wrote, oldest first, never empty. ``user`` names them
        among the caller's visitors; without one the conversation is private: it is held in memory
        and leaves nothing.
        """
        said = [_as_stored(text) for text in said]
        named = user is not None or caller.only is not None
        visitor = _visitor(self._service, caller, user)
        session = f"chat.{self._service.door.seal('chat', visitor, said[0])}" if named else ""
        lock = self._lock(session or self._mark(caller, said[:-1] or said))
        async with lock:
            if named:
                thread = await self._service.apart(self._stored, session, visitor, said)
            else:
                thread = await self._service.apart(self._private, caller, visitor, said)
            if thread.reply is not None:
                yield Finished(reply=thread.reply)
                return
            assistant = self._service.assistant
            for message in thread.play[:-1]:
                events = assistant.turn(thread.session, message, visitor=thread.visitor)
                async with aclosing(events):
                    async for _ in events:
                        pass
            last = assistant.turn(thread.session, thread.play[-1], visitor=thread.visitor)
            async with aclosing(last):
                async for event in last:
                    if isinstance(event, Finished) and not named:
                        self._note(self._mark(caller, said), thread.session)
                    yield event

    def _stored(self, session: str, visitor: str, said: Sequence[str]) -> Thread:
        """The lasting session of a named person, taken back to what the conversation shares."""
        held = self._messages(session, visitor)
        shared = _shared([m for m, _ in held], said)
        if shared == len(said):
            return Thread(session=session, visitor=visitor, play=(), reply=held[shared - 1][1])
        if shared < len(held):
            turn = held[shared][1].turn
            self._service.assistant.conversations(visitor).take_back(session, turn)
        return Thread(session=session, visitor=visitor, play=tuple(said[shared:]))

    def _private(self, caller: Caller, visitor: str, said: Sequence[str]) -> Thread:
        """The private session that stands where the conversation does; else a fresh one."""
        sessions = self._service.assistant.parts.sessions
        for known in (said, said[:-1]):
            session = self._anonymous.get(self._mark(caller, known)) if known else None
            owner = sessions.owner(session) if session and sessions.private(session) else None
            if session is None or owner is None or not caller.owns(owner):
                continue
            held = self._messages(session, owner)
            if [m for m, _ in held] == list(known):
                whole = len(known) == len(said)
                reply = held[-1][1] if whole else None
                play = () if whole else (said[-1],)
                return Thread(session=session, visitor=owner, play=play, reply=reply)
        fresh = self._service.assistant.new_session(visitor, private=True)
        return Thread(session=fresh, visitor=visitor, play=tuple(said))

    def _messages(self, session: str, visitor: str) -> list[tuple[str, Reply]]:
        """What was said and answered; a turn that took others back says nothing."""
        held = self._service.assistant.history(session, visitor=visitor)
        return [(message, reply) for message, reply in held if message]

    def _mark(self, caller: Caller, said: Sequence[str]) -> str:
        return self._service.door.seal("thread", caller.key, caller.space, *said)

    def _note(self, mark: str, session: str) -> None:
        self._anonymous[mark] = session
        self._anonymous.move_to_end(mark)
        while len(self._anonymous) > KNOWN:
            self._anonymous.popitem(last=False)

    def _lock(self, name: str) -> asyncio.Lock:
        """One lock a conversation, for as long as somebody holds it."""
        lock = self._locks.get(name)
        if lock is None:
            lock = self._locks[name] = asyncio.Lock()
        return lock


def _visitor(service: Service, caller: Caller, user: str | None) -> str:
    """The visitor whom the field ``user`` names; what could not be an id is sealed into one."""
    if user is None or re.fullmatch(ID, user):
        return caller.visitor(user)
    return caller.visitor(f"u.{service.door.seal('user', user)}")


def _shared(held: Sequence[str], said: Sequence[str]) -> int:
    """How many messages at the beginning are the same."""
    pairs = zip(held, said, strict=False)
    return next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(held), len(said)))


def _as_stored(text: str) -> str:
    return text[:MAX_CHARACTERS].encode("utf-8", "replace").decode("utf-8")


def check_model(model: str) -> None:
    """Problem ``unknown_model`` for another model than ours."""
    if model != MODEL:
        raise Problem("unknown_model")


MODEL = "palate"
