"""Why an item was not shown: what keeps it out, or how far down it comes and what pulls it there.

A pure reading of the conversation, the item and the ranking of the request as it stands. The part
that counts most against an item is the score part in which it lies furthest behind the mean of
what was shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant import answers
from assistant.constraints import Constraint
from assistant.explanation import phrasing
from assistant.explanation.wording import Wording
from assistant.preferences import Preferences
from retrieval.filters import matches
from retrieval.types import Item, Ranking, Schema

Cause = Literal[
    "retired", "disliked", "seen", "example", "passed", "sold_out", "unfit", "rule", "far", "rank"
]

PARTS = {
    "semantic": "words",
    "lexical": "words",
    "hints": "words",
    "like": "examples",
    "taste": "taste",
    "toward": "tendency",
    "popularity": "popularity",
}
"""Score parts by what people call them; a leaning towards a field goes by the field's own name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unshown:
    """Why one item is not on the slate: the first cause that holds, in the order of
    :data:`Cause`.

    ``broken`` are the constraints it does not satisfy (cause ``unfit``), ``rule`` the name of the
    business rule, ``rank`` its place from 1 of the ``eligible`` items that fit (cause ``rank``),
    ``weakest`` the score part that counts most against it, or ''.
    """

    item: Item
    cause: Cause
    broken: tuple[Constraint, ...] = ()
    rule: str = ""
    rank: int = 0
    eligible: int = 0
    weakest: str = ""


def unshown(
    item: Item, preferences: Preferences, ranking: Ranking, *, slate: int, rule: str = ""
) -> Unshown:
    """Why the item is missing from a slate of ``slate`` items chosen from ``ranking``.

    ``ranking`` is that of the preferences; ``rule`` the business rule that excludes the item, if
    one does.
    """
    p = preferences
    broken = tuple(c for c in p.constraints if not matches(c.filter(), item))
    causes: Sequence[tuple[Cause, bool]] = (
        ("retired", item.retired),
        ("disliked", item.id in p.dislikes),
        ("seen", item.id in p.seen or item.id in ranking.query.profile.seen),
        ("example", item.id in p.likes),
        ("unfit", bool(broken)),
        ("sold_out", not (item.available or p.unavailable)),
        ("passed", item.id in p.passed),
        ("rule", bool(rule)),
    )
    cause = next((name for name, holds in causes if holds), None)
    if cause is not None:
        return Unshown(item=item, cause=cause, broken=broken, rule=rule)
    place = next((n for n, c in enumerate(ranking.candidates) if c.id == item.id), None)
    if place is None:
        return Unshown(item=item, cause="far", eligible=ranking.eligible)
    return Unshown(
        item=item,
        cause="rank",
        rank=place + 1,
        eligible=max(ranking.eligible, place + 1),
        weakest=_weakest(ranking, place, slate),
    )


def _weakest(ranking: Ranking, place: int, slate: int) -> str:
    shown = ranking.candidates[:slate]
    own: Mapping[str, float] = ranking.candidates[place].scores
    behind = {
        part: sum(c.scores.get(part, 0.0) for c in shown) / len(shown) - score
        for part, score in own.items()
    }
    worst = max(behind, key=lambda part: behind[part], default="")
    return worst if worst and behind[worst] > 0 else ""


def told(why: Unshown, schema: Schema, words: Wording) -> str:
    """The cause in a sentence or two."""
    title = phrasing.short_title(why.item)
    if why.cause == "unfit":
        said = [_unfit(c, why.item, schema, words) for c in why.broken]
        return words.say("unshown.unfit", title=title, wishes=words.join(said))
    if why.cause == "sold_out":
        return words.say("out_of_stock", title=title)
    if why.cause == "rule":
        return words.say("unshown.rule", title=title, rule=why.rule)
    if why.cause != "rank":
        return words.say(f"unshown.{why.cause}", title=title)
    text = words.say("unshown.rank", title=title, rank=why.rank, fitting=why.eligible)
    part = _part(why.weakest, schema, words)
    return f"{text} {words.say('unshown.weakest', part=part)}" if part else text


def _unfit(c: Constraint, item: Item, schema: Schema, words: Wording) -> str:
    """A constraint with what the item has instead: "up to €20 (price: €35)"."""
    wish = words.say("quoted", wish=answers.constraint(c, schema, words))
    field = schema.find(c.field) if c.field else None
    if field is None or c.kind == "without":
        return wish
    held = item.fields.get(field.name)
    if held is None or held == ():
        return words.say("unshown.unknown", wish=wish, field=words.label(field))
    said = phrasing.value(held, field, item.fields, limit=4, words=words)
    return words.say("unshown.held", wish=wish, field=words.label(field), value=said)


def _part(name: str, schema: Schema, words: Wording) -> str:
    if name.startswith("lean:"):
        field = schema.find(name.removeprefix("lean:"))
        return words.label(field) if field is not None else ""
    known = PARTS.get(name)
    return words.say(f"unshown.parts.{known}") if known else ""
