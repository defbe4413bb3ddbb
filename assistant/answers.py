"""Answers in words: facts of an item, comparisons, reasons, what is known of the person.

Everything said here is read from the workspace or from the conversation; where the catalogue holds
nothing, the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.constraints import Constraint
from assistant.explanation import phrasing
from assistant.explanation.cards import facts, price
from assistant.preferences import Preferences, Tendency
from assistant.types import Card, Reading
from retrieval.types import Field, Item, ItemId, Profile, Schema

COMPARED = 3
TEXT_SHOWN = 280


def subjects(
    reading: Reading,
    preferences: Preferences,
    slate: tuple[ItemId, ...],
    items: Mapping[ItemId, Item],
) -> tuple[Item, ...]:
    """The items a question is about: those named or pointed at, else those named last, else the
    first of the slate when it is asked about one fact. Empty when there is nothing to speak of."""
    pointed = tuple(slate[n - 1] for n in reading.reference if 0 < n <= len(slate))
    ids = dict.fromkeys((*pointed, *reading.named, *reading.liked)) or dict.fromkeys(
        preferences.named
    )
    return tuple(items[i] for i in ids if i in items)


def answer(about: Sequence[Item], question: str | None, schema: Schema) -> str:
    """The asked fact of each item; without a question, what the catalogue says about it."""
    if not about:
        return "Which one do you mean? Name it, or say its number in the list."
    field = schema.find(question) if question else None
    if field is None:
        return "\n\n".join(describe(item, schema) for item in about[:COMPARED])
    return " ".join(_one_fact(item, field) for item in about[:COMPARED])


def _one_fact(item: Item, field: Field) -> str:
    title = phrasing.short_title(item)
    held = item.fields.get(field.name)
    if field.role == "availability":
        return f"{title} is {'in stock' if item.available else 'out of stock'}."
    if held is None or held == ():
        return f"The catalogue does not say: no {phrasing.label(field)} is given for {title}."
    said = phrasing.value(held, field, item.fields, limit=12)
    return f"{title} – {phrasing.label(field)}: {said}."


def describe(item: Item, schema: Schema) -> str:
    """The item in two or three lines: facts, price, stock, the beginning of its text."""
    year = phrasing.year(item, schema)
    head = f"{item.title} ({year})" if year and year not in item.title else item.title
    lines = [f"{label}: {said}" for label, said in facts(item, schema, limit=6)]
    cost = price(item, schema)
    if cost:
        lines.append(f"price: {cost}")
    if not item.available:
        lines.append("out of stock")
    text = (
        item.text
        if len(item.text) <= TEXT_SHOWN
        else item.text[:TEXT_SHOWN].rsplit(" ", 1)[0] + "…"
    )
    return "\n".join(part for part in (f"{head} – {'; '.join(lines)}.", text) if part)


def compare(about: Sequence[Item], schema: Schema) -> str:
    """Two or three items side by side: the facts in which they differ, each with both values."""
    if len(about) < 2:
        return "Tell me which two to compare: by name, or by their numbers in the list."
    chosen = about[:COMPARED]
    lines = []
    for field in schema.fields:
        if field.role not in ("facet", "number", "availability", "date"):
            continue
        said = [
            phrasing.value(i.fields[field.name], field, i.fields, 4)
            if field.name in i.fields
            else "not stated"
            for i in chosen
        ]
        if len(set(said)) > 1 and any(s != "not stated" for s in said):
            pairs = "; ".join(
                f"{phrasing.short_title(i)}: {s}" for i, s in zip(chosen, said, strict=True)
            )
            lines.append(f"- {phrasing.label(field)} – {pairs}")
    titles = phrasing.join([phrasing.short_title(i) for i in chosen])
    if not lines:
        return f"{titles} do not differ in anything the catalogue states."
    return f"{titles} differ in:\n" + "\n".join(lines[:10])


def why(cards: Sequence[Card], about: Sequence[Item]) -> str:
    """Why items were shown: the verified reasons that stood on their cards."""
    asked = {i.id for i in about}
    chosen = [c for c in cards if c.id in asked] or ([] if asked else list(cards))
    if not chosen:
        return "That one is not on the list above, so there is no choice of mine to explain."
    said = []
    for c in chosen:
        reasons = phrasing.join([r.text for r in c.reasons]) or "it fits what you asked for"
        said.append(f"{c.title}: {reasons}.")
    return "\n".join(said)


def known(
    preferences: Preferences, profile: Profile, items: Mapping[ItemId, Item], schema: Schema
) -> str:
    """What is known of the person: this conversation's wishes, and how much history there is."""
    said = dict.fromkeys(constraint(c, schema) for c in preferences.constraints)
    parts = [f"- {s}" for s in said]
    parts += [f"- you would like: {w.text}" for w in preferences.wishes]
    for word, ids in (
        ("you like", preferences.likes),
        ("you do not like", preferences.dislikes),
        ("you have seen", preferences.seen),
    ):
        titles = [phrasing.short_title(items[i]) for i in ids if i in items]
        if titles:
            parts.append(f"- {word} {phrasing.join(titles)}")
    past = [phrasing.short_title(items[i]) for i in list(profile.positive())[:5] if i in items]
    if past:
        parts.append(f"- from earlier, among what you liked: {phrasing.join(past)}")
    if not parts:
        return "Nothing yet. Tell me what you like, or what you want to avoid."
    return "What I have noted:\n" + "\n".join(parts)


def wishes(
    preferences: Preferences, items: Mapping[ItemId, Item], schema: Schema
) -> tuple[str, ...]:
    """The request as short phrases: what is wanted, limits, examples, words, what is left out."""
    found = preferences.constraints
    said = [constraint(c, schema) for kind in ("include", "range") for c in found if c.kind == kind]
    liked = [phrasing.short_title(items[i]) for i in preferences.likes[-3:] if i in items]
    if liked:
        said.append(f"like {phrasing.join(liked)}")
    said += [tendency(t, items) for t in preferences.tendencies]
    said += [f"“{w.text}”" for w in preferences.wishes[-1:]]
    said += [constraint(c, schema) for c in found if c.kind in ("exclude", "without")]
    return tuple(dict.fromkeys(said))


def tendency(t: Tendency, items: Mapping[ItemId, Item]) -> str:
    """A soft tendency in words: "more funny than Heat", "less dark than these"."""
    titles = [phrasing.short_title(items[i]) for i in t.base if i in items]
    than = f" than {titles[0]}" if len(titles) == 1 else " than those" if titles else ""
    if not t.word:
        return "nothing like those"
    return f"{'more' if t.more else 'less'} {t.word}{than}"


def constraint(c: Constraint, schema: Schema) -> str:
    """A constraint in words: "Western", "without Horror", "from 1990 to 1999", "under €200"."""
    field = schema.find(c.field) if c.field else None
    if c.kind == "without":
        return f"without {phrasing.join(c.values, 'or')}"
    label = phrasing.label(field) if field else c.field
    if c.kind in ("include", "exclude"):
        if field is not None and field.kind == "flag":
            positive = (c.values == ("true",)) == (c.kind == "include")
            return label if positive else f"not {label}"
        if field is not None and field.role == "availability":
            return "in stock"
        said = phrasing.join(c.values, "and" if c.every else "or")
        if c.kind == "exclude":
            return f"without {said}"
        people = field is not None and field.kind == "person"
        return phrasing.fact(field, (said,)) if field is not None and people else said
    bounds = _bounds(c, field)
    # A year and a price are known by their looks; any other number needs its name.
    return bounds if field is not None and field.kind in ("year", "price") else f"{label} {bounds}"


def _bounds(c: Constraint, field: Field | None) -> str:
    def say(x: float) -> str:
        if field is None:
            return phrasing.quantity(x)
        return str(int(x)) if field.role == "date" else phrasing.amount(x, field, {})

    if c.low is not None and c.high is not None:
        same = c.low == c.high
        return f"of {say(c.low)}" if same else f"from {say(c.low)} to {say(c.high)}"
    if c.low is not None:
        over = "after" if field is not None and field.kind == "year" else "over"
        return f"{over} {say(c.low)}" if c.strict else f"from {say(c.low)}"
    if c.high is not None:
        under = "before" if field is not None and field.kind == "year" else "under"
        return f"{under} {say(c.high)}" if c.strict else f"up to {say(c.high)}"
    return "known"
