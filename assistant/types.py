"""The values of the conversation: what was read, what is wanted, what is said back.

All are frozen and keyword-only. :class:`Reading` is the one result of both understanding engines
(rules and language model); its fields mirror the public ``palate understand`` format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from dataclasses import field as dataclass_field
from typing import Literal, NewType

from retrieval.types import ItemId, Slate, Sort

SessionId = NewType("SessionId", str)
VisitorId = NewType("VisitorId", str)

Act = Literal[
    "recommend",
    "ask",
    "answer",
    "compare",
    "explain",
    "chitchat",
    "feedback_ack",
    "profile",
    "undo",
    "refuse",
    "no_match",
]

Direction = Literal["higher", "lower"]

Scope = Literal["request", "session", "always"]
"""How far a wish reaches: to the next request that stands alone, to a fresh start, to every
conversation of the person."""

MemoryCommand = Literal["", "forget", "forget_all", "edit", "pin", "unpin", "pause", "resume"]

Facets = Mapping[str, tuple[str, ...]]
"""Field name to the values meant, spelt as the catalogue spells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Bounds on a number field; None leaves a side open.

    They are inclusive, unless ``over`` (for ``min``) or ``under`` (for ``max``) says that the bound
    itself does not count: "under 200", but "at most 200".
    """

    min: float | None = None
    max: float | None = None
    over: bool = False
    under: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A comparison: ``field`` in ``direction`` of ``base``.

    ``base`` is ``slate#2`` (a position of the last slate, from 1), ``slate`` (all of it),
    ``anchor:<id>`` (a named item) or ``category`` (what is usual among comparable items).
    A soft attribute that no field holds ("dark", "funny") may stand in ``field`` as a plain word;
    ``said`` is then how the person put it, in the reference language ("lighter", "less violent"),
    or ''.
    """

    field: str
    direction: Direction
    base: str
    said: str = dataclass_field(default="", compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one message means.

    ``liked``/``disliked``/``seen`` are linked items; an item named as an anchor ("like X") is
    liked. ``named`` holds items asked for or about without a judgement ("is X in stock?").
    ``reference`` lists positions of the previous slate, from 1. ``include``/``exclude`` hold facet
    values as the catalogue spells them; the values of one facet in ``include`` are alternatives
    unless the facet is in ``every``. ``text`` is the residue that no field can hold, or None.
    ``more`` asks for other items than those shown; ``undo`` takes back the last turn; ``reset``
    starts over; ``unavailable`` welcomes items that are out of stock. ``question`` is the field
    asked about for act ``answer``. ``unclear`` holds alternatives when a title was ambiguous.
    ``agrees`` is a plain yes to what was offered. ``lifted`` names wishes to forget ("remove the
    price limit", "scrap the romance"): field to the values that no longer count, or to () for
    everything said about the field. ``described`` is true when the message tells what somebody
    remembers of a thing: what it includes is then likely, not demanded, and a title in it may be
    an accident. ``fond`` is the part of ``include`` that was only said to be liked or welcome ("I
    love westerns", "westerns are fine after all"): a taste, not a demand. ``hurry`` is said
    by whoever wants no questions ("just show me"), ``jump`` by whoever wants something else
    altogether, ``settled`` by whoever has chosen ("I'll take the second").

    ``scope`` is how far the wishes of the message reach where it says so ("tonight", "never"), else
    None. ``averse`` is the part of ``exclude`` that was only said to be disliked ("I hate horror"),
    ``felt`` the items that were judged, not named as an example; ``own`` is false when the tastes
    are somebody else's ("my son hates spiders"). ``memory`` is what to do with what is remembered:
    with the notes at ``reference``, with those about ``lifted`` and ``named``, or with all.
    """

    act: Act = "recommend"
    liked: tuple[ItemId, ...] = ()
    disliked: tuple[ItemId, ...] = ()
    seen: tuple[ItemId, ...] = ()
    named: tuple[ItemId, ...] = ()
    reference: tuple[int, ...] = ()
    include: Facets = field(default_factory=dict)
    every: frozenset[str] = frozenset()
    exclude: Facets = field(default_factory=dict)
    without: tuple[str, ...] = ()
    ranges: Mapping[str, Range] = field(default_factory=dict)
    relative: tuple[Relative, ...] = ()
    text: str | None = None
    sort: Sort | None = None
    more: bool = False
    reset: bool = False
    unavailable: bool = False
    question: str | None = None
    unclear: tuple[ItemId, ...] = ()
    count: int | None = None
    agrees: bool = False
    lifted: Facets = field(default_factory=dict)
    described: bool = False
    fond: Facets = field(default_factory=dict)
    hurry: bool = False
    jump: bool = False
    settled: bool = False
    scope: Scope | None = None
    averse: Facets = field(default_factory=dict)
    felt: frozenset[ItemId] = frozenset()
    own: bool = True
    memory: MemoryCommand = ""
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Degraded:
    """A part that fell back to the rules engine, and why, in words a person can act on."""

    stage: Literal["understand", "rerank", "explain", "encode"]
    reason: str


ClaimKind = Literal[
    "liked_item",  # evidence: ids of the liked item; value: similarity
    "co_liked",  # people who liked the evidence item also liked this
    "shared",  # a person or facet shared with a liked item
    "constraint",  # a constraint of this request that the item meets
    "fact",  # a plain fact of the item
    "popular",  # among the best known or best rated of what fits
    "query",  # words of the request found in the item's own text
    "new",  # exploration, said openly
    "trending",  # people turned to it lately more than they used to
    "counterfactual",  # a like without which the item would not be here; computed by re-running
    "trade_off",  # better than the card above in one thing, worse in another
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One checkable statement about an item. A claim is typed evidence; ``text`` only phrases it.

    ``field`` and ``values`` name the fact it rests on (empty for relations), ``items`` the other
    items it speaks of, ``measure`` the number behind it (similarity, count) where there is one.
    """

    kind: ClaimKind
    text: str
    field: str = ""
    values: tuple[str, ...] = ()
    items: tuple[ItemId, ...] = ()
    measure: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a face shows for one item: everything already resolved and safe to print as text.

    ``tones`` are values to colour it by, the most general first: what it is sorted by, then what it
    is like; the same in every language. ``parts`` are what the score is made of, the greatest
    first: a label and how far it lifts the item above the last candidate. They may be negative and
    add up to ``score``.
    """

    id: ItemId
    title: str
    year: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    price: str = ""
    available: bool = True
    reasons: tuple[Claim, ...] = ()
    image: str = ""
    tones: tuple[str, ...] = ()
    score: float = 0.0
    parts: tuple[tuple[str, float], ...] = ()

    def reason(self) -> str:
        """The reasons as one line of text; empty when nothing could be claimed."""
        return " · ".join(c.text for c in self.reasons)


@dataclass(frozen=True, slots=True, kw_only=True)
class Faithfulness:
    """How many claims a model made about the items, and how many of them held; only those may be
    shown. The rules engine makes none that are counted here."""

    made: int = 0
    held: int = 0

    @property
    def share(self) -> float | None:
        """The share of claims that held, in [0, 1]; None where none was made."""
        return self.held / self.made if self.made else None

    def __add__(self, other: Faithfulness) -> Faithfulness:
        return Faithfulness(made=self.made + other.made, held=self.held + other.held)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """How a person wants their slates mixed; None leaves it to the workspace.

    ``diversity`` in [0, 1] is how much difference between the items counts against relevance,
    ``novelty`` in [0, 1] the share of places, on average, that go to little-known items.
    """

    diversity: float | None = None
    novelty: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """One hard constraint in words, and what :attr:`Reading.lifted` must hold to lift it."""

    text: str
    field: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The whole answer of a turn. ``chips`` are short messages the person may send next, ``wants``
    the hard constraints in force after it, ``faithfulness`` counts the claims that a model made
    for it."""

    text: str
    act: Act
    session: SessionId
    turn: int
    cards: tuple[Card, ...] = ()
    slate: Slate = field(default_factory=Slate)
    asked: bool = False
    chips: tuple[str, ...] = ()
    wants: tuple[Want, ...] = ()
    degraded: tuple[Degraded, ...] = ()
    faithfulness: Faithfulness = field(default_factory=Faithfulness)


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Work in progress. ``done`` of ``total`` where it can be counted."""

    stage: Literal["understanding", "searching", "ranking", "writing"]
    text: str
    done: int | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The cards of this turn; sent once, after the turn is committed, and never withdrawn."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A piece of the reply's text; the pieces joined are ``Reply.text``."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The turn is over; ``reply`` repeats everything it said."""

    reply: Reply


TurnEvent = Status | Shown | Text | Finished
