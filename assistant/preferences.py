"""What the person wants now, as a value.

:func:`update` folds one :class:`~assistant.types.Reading` into the preferences and returns new
ones; nothing is changed in place, so every turn is a snapshot and undo is picking an older one.
:func:`to_query` turns preferences and profile into what the retriever is asked. Both are pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from assistant.constraints import (
    Constraint,
    Facts,
    base_ids,
    between,
    compared,
    drop_values,
    excluded,
    folded,
    lift,
    merge,
    stands_alone,
)
from assistant.relaxing import Relaxation
from assistant.types import Facets, Reading
from retrieval.filters import Filter, all_of, matches
from retrieval.types import Item, ItemId, Profile, Query, Schema, Sort, Toward

WISHES_KEPT = 3  # older soft wishes blur the request more than they sharpen it
SAID_KEPT = 4  # messages whose very words still speak for the request
HINTS_KEPT = 12
TENDENCIES_KEPT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A soft wish in the person's own words, and the turn it came from.

    ``told`` marks the telling words of a description: to be looked up, but no sentence.
    """

    text: str
    turn: int
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Tendency:
    """A soft attribute wanted more or less than some items have it ("funnier than the second"), and
    the turn it came from. ``word`` empty: something else than those items altogether. ``said`` is
    how the person put it, in the reference language, or ''."""

    word: str
    more: bool
    turn: int
    base: tuple[ItemId, ...] = ()
    said: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Everything the conversation has established so far; the empty value is a fresh start.

    ``shown`` lists what has been on a slate, oldest first; ``passed`` is the part of it after which
    the person asked for others, and never returns; ``avoid`` is what a comparison ("cheaper") moved
    away from, and returns only to fill a short slate. ``lean`` holds signed tendencies ("cheap") in
    number fields, ``tendencies`` those in soft attributes that no field holds.
    ``sort``, ``count`` and ``named`` hold for the current turn alone. ``said`` keeps the latest
    messages that wished for something, word for word; ``touched`` the items that came up without a
    judgement (seen, or proposed by somebody else); ``hints`` what was remembered rather
    than demanded. ``asked`` counts the questions in a row, ``asked_about`` names their fields, and
    ``hush`` that no more are wanted.
    """

    constraints: tuple[Constraint, ...] = ()
    wishes: tuple[Wish, ...] = ()
    likes: tuple[ItemId, ...] = ()
    dislikes: tuple[ItemId, ...] = ()
    seen: tuple[ItemId, ...] = ()
    named: tuple[ItemId, ...] = ()
    shown: tuple[ItemId, ...] = ()
    passed: frozenset[ItemId] = frozenset()
    avoid: frozenset[ItemId] = frozenset()
    lean: Mapping[str, float] = field(default_factory=dict)
    sort: Sort | None = None
    unavailable: bool = False
    count: int | None = None
    asked: int = 0
    asked_about: tuple[str, ...] = ()
    hush: bool = False
    tendencies: tuple[Tendency, ...] = ()
    said: tuple[str, ...] = ()
    touched: tuple[ItemId, ...] = ()
    hints: tuple[Constraint, ...] = ()

    def where(self) -> Filter | None:
        """All hard constraints together; None when there are none."""
        return all_of(c.filter() for c in self.constraints)

    def judged(self) -> frozenset[ItemId]:
        """The items that the conversation itself speaks for or against."""
        return frozenset((*self.likes, *self.dislikes, *self.seen))

    def empty(self) -> bool:
        """Whether nothing at all is known about the wish yet."""
        wanted = self.constraints or self.wishes or self.likes or self.named or self.lean
        return not (wanted or self.tendencies or self.hints or self.said)


def update(
    old: Preferences,
    reading: Reading,
    *,
    facts: Facts,
    slate: tuple[ItemId, ...],
    turn: int,
    said: str = "",
) -> Preferences:
    """Fold a reading into the preferences.

    ``slate`` is what was shown last; positions in the reading refer to it. ``said`` is the message
    itself; it is kept when it wishes for something. A new value for a
    single-valued facet or a number replaces the old one; values of a multi-valued facet accumulate
    while something still fits, else the new ones replace the old. What contradicts an older wish
    removes it. Constraints on fields that no item of the newly chosen kind has are dropped ("at
    least 650 lumens" does not follow from lamps to headphones).
    """
    base = _afresh(old) if reading.reset else old
    if reading.described:
        return _remembered(base, reading, facts.schema, turn, said)
    tastes = _likely(reading.fond, turn)
    if tastes:
        reading = replace(reading, include=_less(reading.include, reading.fond))
    if stands_alone(base.constraints, reading, facts, turn):
        stays = tuple(c for c in base.constraints if c.scope != "request")
        base = replace(
            base, constraints=stays, wishes=(), likes=(), lean={}, said=(), hints=(), tendencies=()
        )
    if reading.jump:
        base = replace(base, wishes=(), likes=(), said=(), hints=())
    kept = lift(base.constraints, reading.lifted)
    for name, values in reading.fond.items():  # who loves something no longer rules it out
        kept = drop_values(kept, name, values, "exclude")
    kept, switched = folded(kept, reading, facts, turn)
    kept = merge(kept, compared(reading.relative, facts, slate, turn))
    pointed = tuple(slate[n - 1] for n in reading.reference if 0 < n <= len(slate))
    disliked = _join(base.dislikes, reading.disliked)
    seen = _join(base.seen, reading.seen)
    # "I finished X and want more like that": what was seen is the example for more.
    example = reading.seen if reading.more and not (reading.disliked or reading.reference) else ()
    gone = {*reading.disliked, *(() if example else reading.seen)}
    gone |= set(reading.unclear)  # which of them is meant is still to be said
    liked = tuple(i for i in _join(base.likes, (*reading.liked, *example)) if i not in gone)
    # "Not the first, what else?" turns one item away; the others merely step back.
    # "No more from Auralis, other makes" turns away what is from there, and no more than that.
    turned = {*reading.disliked, *excluded(reading.exclude, slate, facts)}
    some = bool(turned) and not set(slate) <= turned
    others = (reading.more and not some) or reading.jump
    judged_only = reading.act == "feedback_ack"
    moved = bool(reading.relative) or judged_only or (reading.more and some)
    asks = reading.act in ("answer", "compare", "explain")
    judged = {*reading.liked, *reading.disliked, *reading.seen}
    return replace(
        base,
        constraints=kept,
        wishes=_wishes(() if switched else base.wishes, reading, turn),
        likes=liked,
        dislikes=disliked,
        seen=seen,
        # "And the price?" speaks of what was spoken of before.
        named=_join(reading.named, tuple(i for i in pointed if i not in judged))
        or (base.named if asks else ()),
        passed=base.passed | frozenset(base.shown) if others else base.passed,
        avoid=base.avoid | frozenset(base.shown) if moved else base.avoid,
        lean=_lean(base.lean, reading, facts.schema, begun=bool(slate)),
        tendencies=_tendencies(
            () if switched else base.tendencies, reading, facts.schema, slate, turn
        ),
        sort=reading.sort,
        unavailable=reading.unavailable or base.unavailable,
        count=reading.count,
        hush=base.hush or reading.hurry,
        said=_words(() if switched else base.said, reading, said, wished=bool(tastes)),
        hints=(*base.hints, *tastes)[-HINTS_KEPT:],
        touched=_touched(base, reading, (*liked, *disliked)),
    )


def _afresh(old: Preferences) -> Preferences:
    """What a fresh start leaves: what always holds, and what the person had or turned away."""
    return Preferences(
        constraints=tuple(c for c in old.constraints if c.scope == "always"),
        hints=tuple(c for c in old.hints if c.scope == "always"),
        seen=old.seen,
        dislikes=old.dislikes,
    )


def to_query(
    preferences: Preferences, profile: Profile, *, history: tuple[str, ...] = (), locale: str = "en"
) -> Query:
    """The retriever's and the re-ranker's question. Nothing seen, named or rejected may return."""
    p = preferences
    gone = {*p.likes, *p.dislikes, *p.seen, *p.passed}
    return Query(
        text=" ".join(w.text for w in p.wishes if not w.told),
        words=" ".join(w.text for w in p.wishes if w.told),
        profile=profile,
        history=history,
        locale=locale,
        where=p.where(),
        like=_join(p.likes, tuple(i for i in p.named if i not in gone)),
        unlike=p.dislikes,
        exclude=frozenset(gone) | profile.seen,
        avoid=p.avoid,
        named=frozenset(p.named) - gone,
        unavailable=p.unavailable,
        lean=p.lean,
        sort=p.sort,
        said=p.said,
        touched=p.touched,
        hints=tuple(c.filter() for c in p.hints),
        toward=tuple(
            Toward(text=t.word, sign=1.0 if t.more else -1.0, base=t.base) for t in p.tendencies
        ),
    )


def _remembered(
    base: Preferences, reading: Reading, schema: Schema, turn: int, said: str
) -> Preferences:
    """The preferences with a description from memory: all of it is likely, nothing is demanded.

    Only what it is certainly not ("it's not X") is kept away.
    """
    hints = _likely(reading.include, turn)
    for name, bounds in reading.ranges.items():
        hints += between(name, bounds, schema, turn)
    dislikes = _join(base.dislikes, reading.disliked)
    told = Wish(text=reading.text or "", turn=turn, told=True)
    return replace(
        base,
        wishes=(*base.wishes, told)[-WISHES_KEPT:],
        dislikes=dislikes,
        said=_words(base.said, reading, said),
        hints=(*base.hints, *hints)[-HINTS_KEPT:],
        named=(),
        sort=None,
        count=None,
    )


def loosened(preferences: Preferences, accepted: Iterable[Item]) -> Preferences:
    """The preferences after items were proposed that break some of what was demanded.

    Who goes on talking about a comedy after asking for something scary did not mean it strictly:
    a demand that a proposed item breaks is likely from then on. What was ruled out stays out.
    """
    items = tuple(accepted)
    broken = tuple(
        c
        for c in preferences.constraints
        if c.kind in ("include", "range") and not all(matches(c.filter(), i) for i in items)
    )
    kept = tuple(c for c in preferences.constraints if c not in broken)
    return replace(preferences, constraints=kept, hints=(*preferences.hints, *broken)[-HINTS_KEPT:])


def _likely(values: Facets, turn: int) -> list[Constraint]:
    """Facet values one by one, each a hint of its own."""
    return [
        Constraint(kind="include", turn=turn, field=name, values=(value,))
        for name, held in values.items()
        for value in held
    ]


def _less(values: Facets, gone: Facets) -> dict[str, tuple[str, ...]]:
    """Facet values without those that are gone; a field without any left is gone too."""
    left = {n: tuple(v for v in held if v not in gone.get(n, ())) for n, held in values.items()}
    return {n: held for n, held in left.items() if held}


def _words(
    old: tuple[str, ...], reading: Reading, said: str, *, wished: bool = False
) -> tuple[str, ...]:
    """The messages whose words speak for the request; chatter and questions do not."""
    wishes = (
        wished
        or reading.described
        or (
            reading.act in ("recommend", "profile", "feedback_ack")
            and bool(
                reading.include or reading.ranges or reading.text or reading.liked or reading.seen
            )
        )
    )
    return (*old, said)[-SAID_KEPT:] if wishes and said.strip() else old


def _touched(base: Preferences, reading: Reading, judged: tuple[ItemId, ...]) -> tuple[ItemId, ...]:
    """Items that came up, less those that were judged since."""
    return tuple(i for i in _join(base.touched, reading.seen) if i not in judged)


def _join(old: Iterable[ItemId], new: Iterable[ItemId]) -> tuple[ItemId, ...]:
    return tuple(dict.fromkeys((*old, *new)))


def _lean(
    old: Mapping[str, float], reading: Reading, schema: Schema, *, begun: bool
) -> Mapping[str, float]:
    """Tendencies: what is said of the kind as a whole, or of a slate that is not there yet."""
    new = {
        r.field: 1.0 if r.direction == "higher" else -1.0
        for r in reading.relative
        if schema.find(r.field) is not None
        and (r.base == "category" or (r.base == "slate" and not begun))
    }
    return {**old, **new} if new else old


def _tendencies(
    old: tuple[Tendency, ...],
    reading: Reading,
    schema: Schema,
    slate: tuple[ItemId, ...],
    turn: int,
) -> tuple[Tendency, ...]:
    """The soft tendencies with the reading's laid over them: a new one about the same word replaces
    the old; another kind of thing altogether is wanted for one turn only."""
    new = [
        Tendency(
            word=r.field,
            more=r.direction == "higher",
            turn=turn,
            base=base_ids(r.base, slate),
            said=r.said,
        )
        for r in reading.relative
        if schema.find(r.field) is None
    ]
    if reading.jump and slate:
        new.append(Tendency(word="", more=False, turn=turn, base=slate))
    said = {t.word for t in new}
    kept = tuple(t for t in old if t.word and t.word not in said)
    return (*kept, *new)[-TENDENCIES_KEPT:]


def _wishes(old: tuple[Wish, ...], reading: Reading, turn: int) -> tuple[Wish, ...]:
    text = (reading.text or "").strip()
    for word in reading.lifted.get("", ()):
        left = (replace(w, text=" ".join(x for x in w.text.split() if x != word)) for w in old)
        old = tuple(w for w in left if w.text)
    return (*old, Wish(text=text, turn=turn))[-WISHES_KEPT:] if text else old


def relaxed(preferences: Preferences, offer: Relaxation) -> Preferences:
    """The preferences after a person agreed to an offer."""
    return replace(preferences, constraints=offer.of(preferences.constraints))


def shown(
    preferences: Preferences, ids: tuple[ItemId, ...], *, asked_about: str = ""
) -> Preferences:
    """The preferences after a slate was shown (may be empty), with the field that was asked about
    beside it, if any."""
    fields = (*preferences.asked_about, asked_about) if asked_about else preferences.asked_about
    return replace(
        preferences,
        shown=_join(preferences.shown, ids),
        asked=preferences.asked + 1 if asked_about else 0,
        asked_about=fields,
    )
