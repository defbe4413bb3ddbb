"""What the REST doors take and give, as their document describes it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from assistant.api.access import ID
from assistant.types import Card, Claim, Degraded, Reply
from retrieval.types import Item

Text = Annotated[str, StringConstraints(max_length=6000)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=256)]
VisitorName = Annotated[
    str,
    StringConstraints(pattern=ID),
    Field(description="What you call the visitor: a pseudonym, no name and no address."),
]
Refusal = Literal["unknown_item", "unknown_kind", "needs_value"]
Language = Literal["de", "en", "es", "fr", "zh"]


class Taken(BaseModel):
    """What is sent; a field that the document does not know is refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class ReasonOut(BaseModel):
    """A reason that was checked: the sentence, and the evidence it rests on."""

    kind: str
    text: str
    field: str = ""
    values: list[str] = Field(default_factory=list)
    items: list[str] = Field(default_factory=list)
    measure: float | None = None


class CardOut(BaseModel):
    """One item as it is shown."""

    id: str
    title: str
    year: str
    price: str
    available: bool
    image: str
    score: float
    facts: dict[str, str]
    reasons: list[ReasonOut]


class DegradedOut(BaseModel):
    """A part that fell back to the rules engine, and why."""

    stage: str
    reason: str


class WantOut(BaseModel):
    """A hard constraint in force."""

    text: str
    field: str
    values: list[str]


class TurnOut(BaseModel):
    """The whole answer of a turn."""

    session: str
    turn: int
    act: str
    text: str
    cards: list[CardOut]
    asked: bool = Field(description="Whether the text asks something.")
    chips: list[str] = Field(description="Messages the person may send next.")
    wants: list[WantOut]
    degraded: list[DegradedOut]


class ShownOut(BaseModel):
    """The event ``shown``: the cards of this turn, once, never withdrawn."""

    cards: list[CardOut]


class TextOut(BaseModel):
    """The event ``text``: a piece of the answer's text."""

    text: str


class StatusOut(BaseModel):
    """The event ``status``: work in progress, ``done`` of ``total`` where it can be counted."""

    stage: str
    text: str
    done: int | None
    total: int | None


class SaidOut(BaseModel):
    """A message with its answer."""

    message: str
    reply: TurnOut


class TurnsOut(BaseModel):
    """Turns, the oldest first; ``next`` is the cursor of the page after, if there is one."""

    turns: list[SaidOut]
    next: str | None = None


class SessionIn(Taken):
    """A new session. Without a visitor it belongs to a fresh one."""

    visitor: VisitorName | None = None
    private: bool = Field(
        False, description="Held in memory alone; leaves nothing, and ends with the process."
    )


class SessionOut(BaseModel):
    """A session and whose it is."""

    id: str
    visitor: str


class TalkOut(BaseModel):
    """A conversation in a list; ``at`` is when it was last spoken in, in Unix seconds."""

    id: str
    title: str
    at: float


class TalksOut(BaseModel):
    """Conversations, the latest first."""

    sessions: list[TalkOut]
    next: str | None = None


class TurnIn(Taken):
    """A message of the person."""

    message: Annotated[str, StringConstraints(min_length=1, max_length=6000)]
    stream: bool = Field(False, description="Answer with server-sent events.")
    diversity: float | None = Field(None, ge=0, le=1)
    novelty: float | None = Field(None, ge=0, le=1)


class ReactionIn(Taken):
    """What the person did with an item of the slate; the next slate takes it into account."""

    item: Id
    kind: Literal["like", "dislike", "seen", "more_like"]
    language: Language = "en"


class WhyOut(BaseModel):
    """Why an item stands on the last slate; empty for one that was not shown last."""

    item: str
    reasons: list[ReasonOut]


class RecommendIn(Taken):
    """For a visitor, for items liked, for a request in words; with nothing, what is popular."""

    visitor: VisitorName | None = None
    like: list[Id] = Field(default_factory=list, max_length=100)
    query: Text = ""
    k: int = Field(10, ge=1, le=100)
    seed: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        None, description="Gives a share of the places to little-known items, the same each time."
    )


class SlateOut(BaseModel):
    """Items, the best first."""

    items: list[CardOut]
    degraded: list[DegradedOut] = Field(default_factory=list)


class FoundOut(BaseModel):
    """Items that match, the best first; ``fitting`` counts all that meet the condition."""

    items: list[CardOut]
    fitting: int
    next: str | None = None


class ItemOut(BaseModel):
    """An item as the catalogue has it."""

    id: str
    title: str
    text: str
    fields: dict[str, str | int | float | bool | list[str]]
    available: bool
    image: str


class ItemsOut(BaseModel):
    """Items by id in text order."""

    items: list[ItemOut]
    next: str | None = None


class EventIn(Taken):
    """Something a visitor did with an item. Without a time it happened now."""

    visitor: VisitorName
    item: Id
    kind: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    value: float | None = Field(None, description="What the kind carries: stars, price, quantity.")
    time: float | None = Field(None, ge=0, le=4e9, description="Unix seconds.")


class EventsIn(Taken):
    """Events of one delivery."""

    events: list[EventIn] = Field(min_length=1, max_length=1000)


class RefusedOut(BaseModel):
    """An event that was not taken: its place in the delivery, counted from 0, and why."""

    index: int
    code: Refusal


class EventsOut(BaseModel):
    """What became of a delivery: events that were new, there before, refused."""

    accepted: int
    repeated: int
    refused: list[RefusedOut]


class BeliefOut(BaseModel):
    """Something remembered of a visitor. ``strength`` in (0, 1] is what is left of it."""

    id: str
    text: str
    said: str
    at: float
    strength: float
    pinned: bool


class ProfileOut(BaseModel):
    """What is remembered of a visitor, and what they saved; ``events`` counts their history."""

    visitor: str
    paused: bool
    beliefs: list[BeliefOut]
    saved: list[str]
    events: int


class ProfileIn(Taken):
    """What is to change in a profile; what is left out stays."""

    paused: bool | None = None
    forget: list[Id] = Field(default_factory=list, max_length=100, description="Ids of beliefs.")
    pin: list[Id] = Field(default_factory=list, max_length=100)
    unpin: list[Id] = Field(default_factory=list, max_length=100)
    save: list[Id] = Field(default_factory=list, max_length=100, description="Ids of items.")
    unsave: list[Id] = Field(default_factory=list, max_length=100)


class ErasedOut(BaseModel):
    """Rows that are gone by table. ``rebuild_due``: the index in force was learnt from some of
    them, and forgets them with the next build."""

    erased: dict[str, int]
    rebuild_due: bool


class HealthOut(BaseModel):
    """Whether the process is well, or ready to answer."""

    status: Literal["ok", "leaving"]


def card(one: Card) -> CardOut:
    """A card as it is sent."""
    return CardOut(
        id=one.id,
        title=one.title,
        year=one.year,
        price=one.price,
        available=one.available,
        image=one.image,
        score=one.score,
        facts=dict(one.facts),
        reasons=reasons(one.reasons),
    )


def reasons(claims: Sequence[Claim]) -> list[ReasonOut]:
    """Claims as they are sent."""
    return [
        ReasonOut(
            kind=c.kind,
            text=c.text,
            field=c.field,
            values=list(c.values),
            items=list(c.items),
            measure=c.measure,
        )
        for c in claims
    ]


def degraded(parts: Sequence[Degraded]) -> list[DegradedOut]:
    """What fell back, as it is sent."""
    return [DegradedOut(stage=d.stage, reason=d.reason) for d in parts]


def turn(reply: Reply) -> TurnOut:
    """A reply as it is sent."""
    return TurnOut(
        session=reply.session,
        turn=reply.turn,
        act=reply.act,
        text=reply.text,
        cards=[card(c) for c in reply.cards],
        asked=reply.asked,
        chips=list(reply.chips),
        wants=[WantOut(text=w.text, field=w.field, values=list(w.values)) for w in reply.wants],
        degraded=degraded(reply.degraded),
    )


def item(one: Item) -> ItemOut:
    """An item as it is sent."""
    return ItemOut(
        id=one.id,
        title=one.title,
        text=one.text,
        fields={n: list(v) if isinstance(v, tuple) else v for n, v in one.fields.items()},
        available=one.available,
        image=one.image,
    )
