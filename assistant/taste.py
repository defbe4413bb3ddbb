"""What is known of a person, and what reasons may rest on."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from assistant.explanation.evidence import K_ANONYMITY, Evidence, Liked, Statistics
from assistant.explanation.wording import REFERENCE, Wording
from assistant.memory import JUDGEMENTS
from assistant.preferences import Preferences
from assistant.verification.history import person_of
from assistant.verification.sheet import Person
from retrieval.filters import Says, fold
from retrieval.kinds import EventKinds
from retrieval.profiles import fold as fold_events
from retrieval.retriever import Retriever
from retrieval.storage.events import EventLog
from retrieval.types import Event, ItemId, Profile, Query, Schema, Slate, UserId

LIKED_CONSIDERED = 8  # items of the profile that reasons may refer to, the strongest first
COMMON = 0.1  # share of the catalogue from which a word of the request is no reason any more
_WORD = re.compile(r"\w{4,}")


class Taste:
    """Profiles folded from the event log, and the evidence for one slate."""

    def __init__(
        self,
        events: EventLog,
        kinds: EventKinds,
        schema: Schema,
        statistics: Statistics,
        *,
        trending: Collection[ItemId] = (),
        k_anonymity: int = K_ANONYMITY,
    ) -> None:
        self._events = events
        self._kinds = kinds
        self._schema = schema
        self._statistics = statistics
        self._trending = frozenset(trending)
        self._k_anonymity = k_anonymity

    def of(self, user: str, said: Collection[ItemId] = ()) -> Profile:
        """The profile of a user; empty for a stranger.

        ``said`` are the items that the running conversation judges: what it says of them stands in
        its preferences and is not counted twice.
        """
        known = self._events.of_user(UserId(user))
        fresh = [e for e in known if not (e.item in said and e.kind in JUDGEMENTS)]
        return fold_events(UserId(user), fresh, self._kinds)

    def history(self, user: str) -> tuple[Event, ...]:
        """Everything a user did, oldest first."""
        return self._events.of_user(UserId(user))

    def person(self, user: str, liked: Collection[ItemId] = ()) -> Person:
        """The user as a text may speak of them; ``liked`` are those named in conversation."""
        return person_of(self._events.of_user(UserId(user)), self._kinds, liked=liked)

    def judged(self, user: str) -> tuple[Event, ...]:
        """What a user said of items in conversation, oldest first."""
        return tuple(e for e in self._events.of_user(UserId(user)) if e.kind in JUDGEMENTS)

    def evidence(
        self,
        slate: Slate,
        preferences: Preferences,
        query: Query,
        retriever: Retriever,
        words: Wording = REFERENCE,
    ) -> Evidence:
        """What the reasons of this slate may rest on: wishes, liked items, measured relations."""
        told = self.person(query.profile.user or "", query.like)
        now = [i for i in query.like if i in retriever.items]
        past = [i for i in query.profile.positive() if i in retriever.items and i not in now]
        liked = [*now, *past[:LIKED_CONSIDERED]]
        return Evidence(
            schema=self._schema,
            statistics=self._statistics,
            wording=words,
            constraints=preferences.constraints,
            words=_telling(query.text, retriever),
            liked=tuple(
                Liked(item=retriever.items[i], now=i in now, known=i not in now and i in told.liked)
                for i in liked
            ),
            similarity=_table(slate.ids(), liked, retriever),
            together=retriever.index.collaborative.together,
            had=told.had,
            trending=self._trending,
            k_anonymity=self._k_anonymity,
        )


def _telling(text: str, retriever: Retriever) -> tuple[str, ...]:
    """The words of the request that few items say, in order; a word of every other item is no
    reason for one of them."""
    most = COMMON * len(retriever.items)
    words = dict.fromkeys(_WORD.findall(fold(text)))
    return tuple(w for w in words if retriever.count(Says((w,)), unavailable=True) <= most)


def _table(
    shown: tuple[ItemId, ...], liked: list[ItemId], retriever: Retriever
) -> Callable[[ItemId, ItemId], float]:
    cosines = retriever.similarity(shown, liked)
    row = {i: n for n, i in enumerate(shown)}
    column = {i: n for n, i in enumerate(liked)}

    def similarity(a: ItemId, b: ItemId) -> float:
        if a not in row or b not in column:
            return 0.0
        return float(cosines[row[a], column[b]])

    return similarity
