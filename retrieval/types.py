"""The values that flow through Palate: items, events, queries, candidates, rankings, slates.

Every type here is frozen and keyword-only; a stage that changes something returns a new value.
This module imports nothing heavier than the standard library, because the re-ranker re-exports
:class:`Candidate` and :class:`Query` to programs that want neither a workspace nor numpy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, NewType

if TYPE_CHECKING:
    from retrieval.filters import Filter

ItemId = NewType("ItemId", str)
UserId = NewType("UserId", str)

Value = str | int | float | bool | tuple[str, ...]
"""What a field holds. A list in the catalogue becomes a tuple; a missing value is absent."""

Fields = Mapping[str, Value]
"""Field name to value. Nested objects are flattened with dots: ``attributes.ram_gb``."""

Role = Literal[
    "id", "title", "text", "facet", "number", "date", "availability", "image", "link", "ignore"
]

Kind = Literal[
    "plain",  # nothing more is known
    "person",  # a facet whose values are people: directors, cast, authors
    "price",  # money; lower is "cheaper"
    "year",  # a calendar year; higher is "newer"
    "rating",  # a mean of opinions; higher is "better"
    "popularity",  # a count of events or ratings; higher is "better known"
    "flag",  # a facet that is true or false
]

NO_FIELDS: Fields = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a catalogue: what it is called, what it is for and how it reads.

    ``name`` is the dotted path. ``label`` is what a person reads ("weight"), ``unit`` follows a
    number ("g"; empty when there is none). ``coverage`` is the share of items that have a value,
    in [0, 1]. ``derived`` is true for numbers computed from events (``mean_rating``). The values of
    a facet that is not ``embedded`` are filtered and searched as words and tell nothing of what an
    item is about.
    """

    name: str
    role: Role
    kind: Kind = "plain"
    multi: bool = False
    label: str = ""
    unit: str = ""
    coverage: float = 1.0
    derived: bool = False
    embedded: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A catalogue's fields and their roles, in the order of the first appearance in the file.

    ``openings`` are messages that its owner proposes to begin with; none, and they are made from
    the catalogue.
    """

    fields: tuple[Field, ...]
    noun: str = "item"
    nouns: str = "items"
    openings: tuple[str, ...] = ()

    def by_role(self, role: Role) -> tuple[Field, ...]:
        """Fields with that role, in catalogue order; empty when there are none."""
        return tuple(f for f in self.fields if f.role == role)

    def by_kind(self, kind: Kind) -> tuple[Field, ...]:
        """Fields of that kind, in catalogue order; empty when there are none."""
        return tuple(f for f in self.fields if f.kind == kind)

    def find(self, name: str) -> Field | None:
        """The field called ``name``: its full path, else its last part where that is unambiguous.

        ``ram_gb`` finds ``attributes.ram_gb`` when no other field ends in ``.ram_gb``. A full path
        always wins. None when nothing, or more than one thing, answers to the name.
        """
        tails = []
        for f in self.fields:
            if f.name == name:
                return f
            if f.name.rpartition(".")[2] == name:
                tails.append(f)
        return tails[0] if len(tails) == 1 else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that can be recommended.

    ``text`` is every text field joined by newlines (may be empty); ``fields`` holds everything
    else by dotted name, the title and texts not repeated. ``available`` is False when the
    availability field says so. ``retired`` items stay for history but are never shown.
    """

    id: ItemId
    title: str
    text: str = ""
    fields: Fields = field(default_factory=lambda: NO_FIELDS)
    available: bool = True
    image: str = ""
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something a user did with an item. ``time`` is Unix seconds, or None where none is known.

    ``value`` is what the kind carries (stars, price, quantity), or None.
    """

    user: UserId
    item: ItemId
    kind: str
    value: float | None = None
    time: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The taste of one user, a fold over their events: item to weight.

    A positive weight means liked, a negative one disliked; magnitudes already hold the event
    kind's weight and the time decay. ``recent`` holds what was touched with interest last, the
    newest first, each in (0, 1] and less the more came after it: where taste has drifted to. It is
    empty when no times are known. ``n_events`` counts the events folded in.
    """

    user: UserId | None = None
    weights: Mapping[ItemId, float] = field(default_factory=lambda: MappingProxyType({}))
    recent: Mapping[ItemId, float] = field(default_factory=lambda: MappingProxyType({}))
    seen: frozenset[ItemId] = frozenset()
    n_events: int = 0

    def positive(self) -> dict[ItemId, float]:
        """Liked items, the strongest first (ties by id); empty for a newcomer."""
        liked = [(i, w) for i, w in self.weights.items() if w > 0]
        return dict(sorted(liked, key=lambda pair: (-pair[1], pair[0])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """Order the slate by a field. Items without the field go last and keep their ranked order."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Toward:
    """A soft attribute wanted more (``sign`` 1) or less (-1) than ``base`` has it.

    ``text`` names it in a word ("funny"); empty, it is what the base items have in common. Without
    a base the catalogue as a whole is the measure.
    """

    text: str
    sign: float
    base: tuple[ItemId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is wanted now.

    The re-ranker reads ``text``, ``instruction``, ``profile``, ``history`` (earlier user messages,
    oldest first) and ``locale``. The retriever reads the rest as well: ``where`` holds the hard
    constraints, ``like``/``unlike`` the items this request leans on, ``exclude`` what must not
    come back (seen, named, rejected), ``unavailable`` whether out-of-stock items are welcome and
    ``named`` the items the person asked for by name.
    ``among`` restricts the answer to these items (empty: the whole catalogue). ``avoid`` holds
    items that others are preferred to: they fill up a slate that would be short. ``shown`` holds
    what the person has looked at and not taken: it comes after what fits and is new. ``lean`` maps
    a number field to a signed weight: +1 prefers high values, -1 low ones. ``said`` holds what the
    person wrote about this request, word for word, oldest first, and ``words`` the telling words of
    a description (empty: those of ``text``); ``touched`` items that came up in
    it without being judged, weak evidence of taste; ``hints`` what probably holds of the wanted
    item, where the person remembers rather than demands. ``toward`` holds soft attributes that are
    wanted more or less than some items have them.
    """

    text: str = ""
    instruction: str = ""
    profile: Profile = field(default_factory=Profile)
    history: tuple[str, ...] = ()
    locale: str = "en"
    where: Filter | None = None
    like: tuple[ItemId, ...] = ()
    unlike: tuple[ItemId, ...] = ()
    exclude: frozenset[ItemId] = frozenset()
    avoid: frozenset[ItemId] = frozenset()
    shown: frozenset[ItemId] = frozenset()
    among: tuple[ItemId, ...] = ()
    named: frozenset[ItemId] = frozenset()
    unavailable: bool = False
    lean: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    sort: Sort | None = None
    said: tuple[str, ...] = ()
    words: str = ""
    touched: tuple[ItemId, ...] = ()
    hints: tuple[Filter, ...] = ()
    toward: tuple[Toward, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One item on its way to a slate.

    ``prior`` is the order it arrives with (higher is better; None when the caller has none) and
    ``scores`` the named parts behind it. Both are opaque to the re-ranker except for their order.
    """

    id: str
    text: str = ""
    fields: Fields = field(default_factory=lambda: NO_FIELDS)
    prior: float | None = None
    scores: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def scored(self, prior: float, **parts: float) -> Candidate:
        """A copy with a new prior and further score parts."""
        return replace(self, prior=prior, scores={**self.scores, **parts})


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one retrieval stage did: how many went in and came out, how long it took."""

    name: str
    before: int
    after: int
    seconds: float
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """Candidates, the best first, with the trace of the stages that made them.

    ``eligible`` counts every item of the catalogue that satisfies the hard constraints, which is
    what "nothing fits" is decided on; it may exceed ``len(candidates)``. What the retriever fused
    adds up: a candidate's prior is the sum over ``weights`` of the weight times its score part
    above that part of the weakest candidate, which is in ``base``.
    """

    query: Query = field(default_factory=Query)
    candidates: tuple[Candidate, ...] = ()
    eligible: int = 0
    trace: tuple[Stage, ...] = ()
    weights: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    base: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def ids(self) -> tuple[ItemId, ...]:
        """Candidate ids in ranked order."""
        return tuple(ItemId(c.id) for c in self.candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One place on a slate: the item, its candidate, and the chance it had of being shown there.

    ``explored`` is true for an item that is shown because too little is known of it.
    """

    item: Item
    candidate: Candidate
    propensity: float = 1.0
    explored: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Slate:
    """What is shown, in order. An empty slate is a legal answer."""

    picks: tuple[Pick, ...] = ()

    def ids(self) -> tuple[ItemId, ...]:
        """Shown ids in order."""
        return tuple(p.item.id for p in self.picks)

    def __len__(self) -> int:
        return len(self.picks)


def ids(values: Sequence[str]) -> tuple[ItemId, ...]:
    """Mark plain strings as item ids; order and repeats are kept."""
    return tuple(ItemId(v) for v in values)
