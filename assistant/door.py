"""The Python door: open a workspace, hold conversations, ask for recommendations.

One :class:`Assistant` serves any number of visitors and sessions. Its methods may be called from
any thread; :meth:`Assistant.turn` and :meth:`Assistant.react` are for an event loop,
:meth:`Assistant.reply` and :meth:`Assistant.recommend` for everybody else.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal

from assistant import counterfactual, examples
from assistant.background import Background
from assistant.build import Parts, ingest_served, open_parts, renewed
from assistant.conversations import Conversations
from assistant.dialogue import USUAL
from assistant.explanation import phrasing
from assistant.explanation.wording import wording
from assistant.llm.types import ChatModel
from assistant.person import Person
from assistant.preferences import to_query
from assistant.recommending import Recommendation, recommend
from assistant.sessions import new_id, now
from assistant.settings import Settings, load
from assistant.showcase import Showcase
from assistant.turns import Said, reply_of
from assistant.types import (
    Claim,
    Finished,
    Mix,
    Reading,
    Reply,
    SessionId,
    TurnEvent,
    Want,
)
from assistant.verification.check import Verdict
from retrieval.errors import RetrievalError, Stopped, UnknownItem, WorkspaceError
from retrieval.ingest import IngestReport
from retrieval.progress import Progress, silent
from retrieval.types import Candidate, Event, Item, ItemId, Pick, Slate, UserId

Reaction = Literal["like", "dislike", "seen", "more_like"]


class Assistant:
    """A conversational recommender over one workspace."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._loop = Background()
        self.showcase = Showcase(parts)

    @classmethod
    def open(
        cls,
        home: str | Path | None = None,
        *,
        llm: str | None = None,
        settings: Settings | None = None,
        model: ChatModel | None = None,
        write: bool = True,
        command: str = "python",
    ) -> Assistant:
        """Open the workspace at ``home`` (``PALATE_HOME``, else the user's data folder).

        ``llm="none"`` keeps to the rules engine; ``model`` takes the place of the configured one.
        ``write=False`` opens it for recommendations only and leaves the writer to another process.
        Raises WorkspaceMissing, WorkspaceBusy or SettingsError, each with its remedy.
        """
        settings = settings or load(home=home, llm=llm)
        return cls(open_parts(settings, write=write, command=command, model=model))

    def turn(
        self, session: str, message: str, *, visitor: str | None = None, mix: Mix = USUAL
    ) -> AsyncGenerator[TurnEvent]:
        """Play one turn: Status while it works, then Shown, Text and Finished.

        A session that does not exist begins with its first turn. Raises SessionError for a
        malformed id or somebody else's session. ``mix`` is how the person wants their slates.
        """
        return self._parts.dialogue.turn(session, message, visitor=visitor, mix=mix)

    def react(
        self,
        session: str,
        item: str,
        kind: Reaction,
        *,
        visitor: str | None = None,
        because: str = "",
        language: str = "en",
        mix: Mix = USUAL,
    ) -> AsyncGenerator[TurnEvent]:
        """A card's button: the event is kept and the next slate takes it into account.

        ``because`` is the key of one of the item's :meth:`~assistant.showcase.Showcase.critiques`
        and goes with a dislike: what it says is wanted otherwise from now on.
        """
        known, words = self._item(item), wording(language)
        reading = {
            "like": Reading(liked=(known.id,)),
            "more_like": self._parts.facts.alike(Reading(liked=(known.id,))),
            "dislike": Reading(disliked=(known.id,)),
            "seen": Reading(seen=(known.id,)),
        }[kind]
        label = words.say(f"card.{kind}", title=known.title)
        critiques = self.showcase.critiques(known.id, words) if kind == "dislike" else ()
        why = next((c for c in critiques if c.key == because), None)
        if why is not None:
            reading, label = why.reading, words.say("card.because", title=known.title, why=why.text)
        events = () if kind == "more_like" else (_event(known.id, kind),)
        return self._parts.dialogue.turn(
            session, reading, visitor=visitor, label=label, events=events, mix=mix
        )

    def begin(
        self,
        session: str,
        liked: Sequence[str],
        *,
        visitor: str | None = None,
        language: str = "en",
        mix: Mix = USUAL,
    ) -> AsyncGenerator[TurnEvent]:
        """A newcomer's picks: all are kept as likes, and the slate rests on them at once."""
        items = [self._item(i) for i in dict.fromkeys(liked)]
        words = wording(language)
        label = words.say("card.picked", titles=words.join([i.title for i in items]))
        return self._parts.dialogue.turn(
            session,
            Reading(liked=tuple(i.id for i in items)),
            visitor=visitor,
            label=label,
            events=tuple(_event(i.id, "like") for i in items),
            mix=mix,
        )

    def lift(
        self,
        session: str,
        want: Want,
        *,
        visitor: str | None = None,
        language: str = "en",
        mix: Mix = USUAL,
    ) -> AsyncGenerator[TurnEvent]:
        """A constraint's button: it no longer counts; one that is not in force changes nothing."""
        label = wording(language).say("card.lift", want=want.text)
        reading = Reading(lifted={want.field: want.values})
        return self._parts.dialogue.turn(session, reading, visitor=visitor, label=label, mix=mix)

    def reply(self, session: str, message: str, *, visitor: str | None = None) -> Reply:
        """The whole answer at once, for callers without an event loop."""

        async def run() -> Reply:
            async for event in self.turn(session, message, visitor=visitor):
                if isinstance(event, Finished):
                    return event.reply
            raise AssertionError("a turn ends with Finished")

        return self._loop.run(run())

    def recommend(
        self,
        *,
        user: str | None = None,
        like: Sequence[str] = (),
        query: str = "",
        k: int = 10,
        seed: str | int | None = None,
    ) -> Recommendation:
        """The best ``k`` items for a user, for items liked, for a request in words, or for all.

        Nothing given: what is popular. An unknown user is a newcomer; an unknown item in ``like``
        raises UnknownItem. Leaves no trace in the workspace. With a ``seed`` a share of the places
        goes to little-known items, the same for the same seed; without one nothing is left to
        chance.
        """
        return self._loop.run(self.arecommend(user=user, like=like, query=query, k=k, seed=seed))

    async def arecommend(
        self,
        *,
        user: str | None = None,
        like: Sequence[str] = (),
        query: str = "",
        k: int = 10,
        seed: str | int | None = None,
    ) -> Recommendation:
        """:meth:`recommend` for an event loop."""
        liked = [self._item(i).id for i in like]
        return await recommend(self._parts, user=user, like=liked, query=query, k=k, seed=seed)

    def history(self, session: str, *, visitor: str | None = None) -> tuple[tuple[str, Reply], ...]:
        """The messages of a session with their replies, oldest first; empty for a new one."""
        conversation = self._parts.sessions.open(session, visitor)
        items = self._parts.retriever.items
        out = []
        for record in conversation.turns:
            picks = tuple(
                Pick(
                    item=items[i],
                    candidate=Candidate(id=i),
                    propensity=p,
                    explored=i in record.served.explored,
                )
                for i, p in zip(record.served.slate, record.served.propensities, strict=True)
                if i in items
            )
            said = Said(record=record, slate=Slate(picks=picks))
            out.append((record.message, reply_of(conversation.session, said)))
        return tuple(out)

    def why(self, session: str, item: str, *, visitor: str | None = None) -> tuple[Claim, ...]:
        """Why an item stands on the session's last slate: the reasons of its card, then the likes
        without which it would not be there, computed by doing the turn again without each. Empty
        for an item that was not shown last. Raises UnknownItem and SessionError."""
        known, parts = self._item(item), self._parts
        conversation = parts.sessions.open(session, visitor)
        last = conversation.last
        if last is None or known.id not in conversation.slate:
            return ()
        preferences = conversation.preferences
        profile = parts.taste.of(conversation.visitor, preferences.judged())
        likes = counterfactual.decisive(
            to_query(preferences, profile), known.id, parts.retriever, conversation.slate
        )
        words, items = wording(last.reading.language), parts.retriever.items
        reasons = next((c.reasons for c in last.cards if c.id == known.id), ())
        return (*reasons, *(counterfactual.claim(items[i], words) for i in likes))

    def verify(self, item: str, text: str, *, user: str | None = None) -> Verdict:
        """Which claims of a text about an item hold, whoever wrote it.

        ``user`` is the person it speaks to; without one nothing said of them holds. Raises
        UnknownItem.
        """
        person = self._parts.taste.person(user) if user is not None else None
        return self._parts.checker.check(text, self._item(item), person=person)

    def person(self, visitor: str, *, language: str = "en") -> Person:
        """What is held of a person, to be read, changed, exported and erased."""
        return Person(self._parts, visitor, language)

    def conversations(self, visitor: str) -> Conversations:
        """A visitor's conversations, to be listed, taken back in part and deleted."""
        return Conversations(self._parts, visitor)

    def new_session(self, visitor: str | None = None, *, private: bool = False) -> SessionId:
        """The id of a fresh session; with a visitor it belongs to them from now on.

        A private session begins with what is remembered of the visitor, lives in this process
        alone and leaves nothing behind.
        """
        if private:
            return self._parts.sessions.open_private(visitor)
        session = new_id()
        if visitor is not None:
            self._parts.sessions.open(session, visitor)
        return SessionId(session)

    def examples(self) -> tuple[str, ...]:
        """A few opening messages in the workspace's own words; empty for a bare catalogue."""
        return examples.openings(self._parts.schema, list(self._parts.retriever.items.values()))

    def warm(self) -> None:
        """Load what the first turn needs (encoder, vectors, scorers); takes a few seconds.

        Optional: a turn loads it too. A server calls this beside its start.
        """
        self._parts.retriever.prepare()

    def refresh(
        self,
        *,
        catalog: Path | None = None,
        events: Path | None = None,
        schema: Path | None = None,
        changes: bool = False,
        progress: Progress = silent,
    ) -> IngestReport:
        """Ingest while serving: build a new index version aside, then answer from it.

        ``changes`` takes in the items that wait in the workspace.

        Turns that run go on with what was there; conversations stay. Raises what an ingest raises
        and Stopped when ``progress`` does; then nothing has changed. WorkspaceError for an
        assistant that was opened with ``write=False``.
        """
        report = ingest_served(
            self._parts,
            catalog=catalog,
            events=events,
            schema=schema,
            changes=changes,
            progress=progress,
        )
        if report.changed:
            with suppress(Stopped):  # it is in force: there is nothing left to stop
                progress("loading", 0, 1)
            try:
                new = renewed(self._parts)
            except RetrievalError as error:
                raise WorkspaceError(
                    f"version {report.version} is built but cannot be served: {error}. Visitors "
                    "are answered from the one before; mend this and start again"
                ) from error
            self._parts, self.showcase = new, Showcase(new)
            if gc.get_freeze_count():
                # A server hides its catalogue from the collector: the old one would stay for good.
                gc.unfreeze()
                gc.collect()
                gc.freeze()
        return report

    def describe(self) -> dict[str, object]:
        """What this workspace is: counts, encoder, the model where there is one, how many claims it
        made since the start and how many of them held."""
        manifest = self._parts.retriever.index.manifest
        told = self._parts.dialogue.faithfulness
        return {
            "items": len(self._parts.retriever.items),
            "events": self._parts.workspace.events.count(),
            "encoder": manifest.encoder,
            "model": self._parts.engines.model_name,
            "claims_made": told.made,
            "claims_held": told.held,
        }

    @property
    def parts(self) -> Parts:
        """What this assistant is made of, for evaluation and for doors of other kinds."""
        return self._parts

    @property
    def noun(self) -> str:
        """What one item is called ("film")."""
        return self._parts.schema.noun

    @property
    def nouns(self) -> str:
        """What several items are called ("films")."""
        return self._parts.schema.nouns

    def close(self) -> None:
        """Give back the writer, end the background loop, send what traces are left; safe to call
        twice."""
        self._loop.close()
        self._parts.workspace.close()
        if self._parts.traces is not None:
            self._parts.traces.close()

    def __enter__(self) -> Assistant:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _item(self, item: str) -> Item:
        known = self._parts.retriever.items.get(ItemId(item))
        if known is None:
            raise UnknownItem(f'no item "{phrasing.clip(item)}" in this workspace')
        return known


def _event(item: ItemId, kind: str) -> Event:
    """An event of now; the turn that writes it knows whose it is."""
    return Event(user=UserId(""), item=item, kind=kind, time=now())
