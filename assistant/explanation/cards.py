"""From picks to cards: the facts that a face shows, resolved and ready to print as text."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.explanation import phrasing
from assistant.explanation.claims import choose, gather
from assistant.explanation.evidence import MAIN, Evidence
from assistant.explanation.parts import breakdown
from assistant.explanation.verify import grounded, holds
from assistant.explanation.wording import REFERENCE, Wording
from assistant.types import Card, Claim
from retrieval.filters import fold
from retrieval.slate import COUNT
from retrieval.types import Field, Item, Pick, Ranking, Schema

FACTS_SHOWN = 4
VALUES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Claims that a language model phrased, by item id, and the check of its words.

    ``true`` is held against every text: with the item's own words and numbers alone by default.
    """

    claims: Mapping[str, tuple[Claim, ...]] = dataclasses.field(default_factory=dict)
    true: Callable[[str, Item], bool] = grounded


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """The cards, and how many of a model's claims about them were looked at here and fell."""

    cards: tuple[Card, ...]
    fallen: int = 0


def explain(
    picks: Sequence[Pick],
    evidence: Evidence,
    spoken: Spoken | None = None,
    ranking: Ranking | None = None,
) -> Explained:
    """Cards in the order of the picks, each with verified reasons that no other card carries.

    What a model phrased goes first where it holds and where its words are not already on another
    card; the rest is filled from the facts. With the ``ranking`` the score comes with its parts.
    """
    spoken = spoken or Spoken()
    fallen = 0
    reasons: list[tuple[Claim, ...]] = []
    used: set[str] = set()
    for pick in picks:
        kept = [c for c in _openly(pick, used, evidence) if holds(c, pick.item, evidence)]
        for claim in spoken.claims.get(pick.item.id, ()):
            if not (holds(claim, pick.item, evidence) and spoken.true(claim.text, pick.item)):
                fallen += 1
            elif fold(claim.text) not in used:
                kept.append(claim)
                used.add(fold(claim.text))
        used.update(fold(claim.text) for claim in kept)
        reasons.append(tuple(kept[:1]))
    items = [p.item for p in picks]
    asked = frozenset(c.field for c in evidence.constraints)
    above = (None, *items)
    options = [
        [w for w in gather(i, evidence, before) if fold(w.claim.text) not in used]
        for i, before in zip(items, above, strict=False)
    ]
    facts = choose(items, options, true=lambda n, claim: holds(claim, items[n], evidence, above[n]))
    words = evidence.wording
    cards = (
        card(p, evidence.schema, (*mine, *own)[:2], asked, words)
        for p, mine, own in zip(picks, reasons, facts, strict=True)
    )
    if ranking is not None:
        cards = (
            replace(c, parts=breakdown(p.candidate, ranking, words))
            for c, p in zip(cards, picks, strict=True)
        )
    return Explained(cards=tuple(cards), fallen=fallen)


def _openly(pick: Pick, used: set[str], evidence: Evidence) -> list[Claim]:
    """That an item is shown to find out about it, in words no other card carries; it is called new
    to the person only where it is."""
    words = evidence.wording
    if not pick.explored or COUNT not in pick.item.fields or pick.item.id in evidence.had:
        return []
    held = (str(pick.item.fields[COUNT]),)
    texts = [words.say("new_to_you"), words.say("also_new_to_you")]
    fresh = next((text for text in texts if text not in used), None)
    return [Claim(kind="new", text=fresh, field=COUNT, values=held)] if fresh else []


def card(
    pick: Pick,
    schema: Schema,
    reasons: tuple[Claim, ...] = (),
    asked: frozenset[str] = frozenset(),
    words: Wording = REFERENCE,
) -> Card:
    """The card of one pick; the fields that were ``asked`` about come early among its facts."""
    item = pick.item
    return Card(
        id=item.id,
        title=item.title,
        year=phrasing.year(item, schema),
        facts=facts(item, schema, asked=asked, words=words),
        price=price(item, schema, words),
        available=item.available,
        reasons=reasons,
        image=item.image,
        tones=tones(item, schema),
        score=round(pick.candidate.prior or 0.0, 4),
    )


def tones(item: Item, schema: Schema) -> tuple[str, ...]:
    """At most two values to colour a card by: the first of what every item is sorted by, then the
    first of its moods, themes or tags, else the next that it is sorted by. Empty where it has
    neither. What says nothing of what an item is like (not embedded) gives no colour."""
    plain = [f for f in schema.by_role("facet") if f.kind == "plain" and f.embedded]
    main = next((f for f in plain if f.coverage >= MAIN), None)
    sort = _held(item, main)
    others = (_held(item, f) for f in plain if f.multi and f is not main)
    like = next((held for held in others if held), sort[1:])
    return (*sort[:1], *like[:1])


def _held(item: Item, field: Field | None) -> tuple[str, ...]:
    held = item.fields.get(field.name) if field else None
    return tuple(v for v in (held if isinstance(held, tuple) else (held,)) if isinstance(v, str))


def facts(
    item: Item,
    schema: Schema,
    limit: int = FACTS_SHOWN,
    *,
    asked: frozenset[str] = frozenset(),
    words: Wording = REFERENCE,
) -> tuple[tuple[str, str], ...]:
    """The facts worth a line, as (label, value): what every item is sorted by first, then people,
    the rating, what it has and measures, and tags last; what was ``asked`` about comes early. Of
    several ratings the first is shown, and counts of events are left to the reasons.
    """
    main = [f for f in schema.by_role("facet") if f.kind == "plain" and f.coverage >= MAIN][:2]
    known = [f for f in schema.fields if f.name in item.fields and _worth(f)]
    known.sort(key=lambda f: 0 if f in main else 0.5 if f.name in asked else _place(f))
    out, rated = [], False
    for field in known:
        if field.kind == "rating":
            if rated:
                continue
            rated = True
        held = item.fields[field.name]
        text = phrasing.value(held, field, item.fields, VALUES_SHOWN, words)
        if text and not (field.kind == "flag" and held is False):
            out.append((words.label(field), text))
    return tuple(out[:limit])


def price(item: Item, schema: Schema, words: Wording = REFERENCE) -> str:
    """The price as text; empty where the catalogue has none."""
    for field in schema.by_kind("price"):
        held = item.fields.get(field.name)
        if isinstance(held, int | float) and not isinstance(held, bool):
            return phrasing.money(float(held), field, item.fields, words)
    return ""


def _worth(field: Field) -> bool:
    if field.name.rpartition(".")[2].casefold() == "currency":
        return False
    return field.role in ("facet", "number") and field.kind not in ("price", "year", "popularity")


def _place(field: Field) -> int:
    if field.role == "facet":
        return {"person": 1, "flag": 3}.get(field.kind, 5)
    return {"rating": 2}.get(field.kind, 4)
