"""Answers in words: facts of an item, comparisons, reasons, the request as it stands.

Everything said here is read from the workspace or from the conversation; where the catalogue holds
nothing, the answer says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from assistant.constraints import Constraint
from assistant.explanation import phrasing
from assistant.explanation.cards import facts, price
from assistant.explanation.wording import REFERENCE, Wording
from assistant.preferences import Preferences, Tendency
from assistant.types import Card, Claim, Reading, Want
from retrieval.filters import fold, number
from retrieval.types import Field, Item, ItemId, Schema, Sort

COMPARED = 3
KINDS = ("include", "range", "exclude", "without")
TEXT_SHOWN = 280
WISH_SHOWN = 120


def subjects(
    reading: Reading,
    preferences: Preferences,
    slate: tuple[ItemId, ...],
    items: Mapping[ItemId, Item],
) -> tuple[Item, ...]:
    """The items a question is about: those named or pointed at, else those named last, else the
    one that was shown alone, and all that was shown for "which is the cheapest?". Empty when there
    is nothing to speak of.
    """
    pointed = tuple(slate[n - 1] for n in reading.reference if 0 < n <= len(slate))
    ids = dict.fromkeys((*pointed, *reading.named, *reading.liked)) or dict.fromkeys(
        preferences.named
    )
    if reading.sort is not None or (not ids and len(slate) == 1):
        ids = dict.fromkeys((*pointed, *reading.named)) or dict.fromkeys(slate)
    return tuple(items[i] for i in ids if i in items)


def answer(about: Sequence[Item], question: str | None, schema: Schema, words: Wording) -> str:
    """The asked fact of each item; without a question, what the catalogue says about it."""
    if not about:
        return words.say("name_it")
    field = schema.find(question) if question else None
    if field is None or field.role == "text":  # the text is a part of what is said of an item
        return "\n\n".join(describe(item, schema, words) for item in about[:COMPARED])
    return " ".join(_one_fact(item, field, words) for item in about[:COMPARED])


def _one_fact(item: Item, field: Field, words: Wording) -> str:
    title = phrasing.short_title(item)
    held = item.fields.get(field.name)
    if field.role == "availability":
        return words.say("in_stock" if item.available else "out_of_stock", title=title)
    if held is None or held == ():
        return words.say("not_said", field=words.label(field), title=title)
    said = phrasing.value(held, field, item.fields, limit=12, words=words)
    return words.say("one_fact", title=title, field=words.label(field), value=said)


def describe(item: Item, schema: Schema, words: Wording) -> str:
    """The item in two or three lines: facts, price, stock, the beginning of its text."""
    year = phrasing.year(item, schema)
    head = f"{item.title} ({year})" if year and year not in item.title else item.title
    told = facts(item, schema, limit=6, words=words)
    lines = [words.say("fact", field=label, v=said) for label, said in told]
    cost = price(item, schema, words)
    if cost:
        lines.append(words.say("price_is", price=cost))
    if not item.available:
        lines.append(words.say("sold_out"))
    text = (
        item.text
        if len(item.text) <= TEXT_SHOWN
        else item.text[:TEXT_SHOWN].rsplit(" ", 1)[0] + "…"
    )
    return "\n".join(part for part in (f"{head} – {'; '.join(lines)}.", text) if part)


def compare(about: Sequence[Item], schema: Schema, words: Wording) -> str:
    """Two or three items side by side: the facts in which they differ, each with both values."""
    if len(about) < 2:
        return words.say("compare_which")
    chosen, unknown = about[:COMPARED], words.say("not_stated")
    lines = []
    for label, said, differs in table(chosen, schema, words):
        if differs:
            pairs = "; ".join(
                f"{phrasing.short_title(i)}: {s or unknown}"
                for i, s in zip(chosen, said, strict=True)
            )
            lines.append(f"- {label} – {pairs}")
    titles = words.join([phrasing.short_title(i) for i in chosen])
    if not lines:
        return words.say("no_difference", titles=titles)
    return "\n".join((words.say("differences", titles=titles), *lines[:10]))


def table(
    about: Sequence[Item], schema: Schema, words: Wording
) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    """What the catalogue states of at least one item: the label, the value of each (empty where
    none is stated) and whether they differ, in the order of the catalogue's fields."""
    rows = []
    for field in schema.fields:
        if field.role not in ("facet", "number", "availability", "date"):
            continue
        said = tuple(
            phrasing.value(i.fields[field.name], field, i.fields, 4, words)
            if field.name in i.fields
            else ""
            for i in about
        )
        if any(said):
            rows.append((words.label(field), said, len(set(said)) > 1))
    return tuple(rows)


def foremost(
    about: Sequence[Item],
    order: Sort,
    scale: Sequence[str],
    schema: Schema,
    words: Wording,
) -> str:
    """Which of the items comes first in an order, with the fact: "which of these is cheapest?".

    ``scale`` holds the values of the field from least to most where it is no number. Items that
    come first together are all named.
    """
    field = schema.find(order.field)
    if field is None:
        return words.say("compare_which")
    places = {fold(v): float(n) for n, v in enumerate(scale)}
    known: list[tuple[float, Item]] = []
    for item in about:
        held = item.fields.get(field.name)
        x = places.get(fold(held)) if places and isinstance(held, str) else number(held)
        if x is not None:
            known.append((x, item))
    if not known:
        return " ".join(_one_fact(item, field, words) for item in about[:COMPARED])
    best = (max if order.descending else min)(x for x, _ in known)
    return " ".join(_one_fact(item, field, words) for x, item in known if x == best)


def why(
    cards: Sequence[Card],
    about: Sequence[Item],
    words: Wording,
    decisive: Sequence[Claim] = (),
) -> str:
    """Why items were shown: the verified reasons that stood on their cards, and the likes that
    were ``decisive`` where one item is asked about."""
    asked = {i.id for i in about}
    chosen = [c for c in cards if c.id in asked] or ([] if asked else list(cards))
    if not chosen:
        return words.say("not_listed")
    said = []
    for c in chosen:
        told = (*c.reasons, *(decisive if len(chosen) == 1 else ()))
        reasons = words.join([r.text for r in told]) or words.say("it_fits")
        said.append(words.say("why", title=c.title, reasons=reasons))
    return "\n".join(said)


def wishes(
    preferences: Preferences, items: Mapping[ItemId, Item], schema: Schema, words: Wording
) -> tuple[str, ...]:
    """The request as short phrases: what is wanted, limits, examples, words, what is left out."""
    found = preferences.constraints
    said = [
        _noted(c, schema, words) for kind in ("include", "range") for c in found if c.kind == kind
    ]
    liked = [phrasing.short_title(items[i]) for i in preferences.likes[-3:] if i in items]
    if liked:
        said.append(words.say("like", titles=words.join(liked)))
    said += [tendency(t, items, words) for t in preferences.tendencies]
    said += [f"“{short(w.text)}”" for w in preferences.wishes[-1:]]
    said += [_noted(c, schema, words) for c in found if c.kind in ("exclude", "without")]
    return tuple(dict.fromkeys(said))


def wants(preferences: Preferences, schema: Schema, words: Wording) -> tuple[Want, ...]:
    """The hard constraints in words, each to be lifted by itself: what is wanted, limits, what is
    left out. What is left out as a value and as a word stands there once."""
    said: dict[str, Want] = {}
    for c in sorted(preferences.constraints, key=lambda c: KINDS.index(c.kind)):
        text = constraint(c, schema, words)
        values = c.values if c.kind in ("include", "exclude", "without") else ()
        said.setdefault(text, Want(text=text, field=c.field, values=values))
    return tuple(said.values())


def _noted(c: Constraint, schema: Schema, words: Wording) -> str:
    """A constraint with the day it was noted, where an earlier conversation said it."""
    said = constraint(c, schema, words)
    if c.noted is None:
        return said
    return words.say("memory.since", wish=said, date=words.date(c.noted))


def short(text: str) -> str:
    """Words of the person as they are said back, cut where they are long."""
    return text if len(text) <= WISH_SHOWN else f"{text[:WISH_SHOWN].rstrip()}…"


def tendency(t: Tendency, items: Mapping[ItemId, Item], words: Wording) -> str:
    """A soft tendency in words: "more funny than Heat", "less dark than those"."""
    if not t.word:
        return words.say("unlike")
    said = words.say("more" if t.more else "less", word=words.softs.get(t.word, t.word))
    if t.said and words is REFERENCE:
        said = t.said
    titles = [phrasing.short_title(items[i]) for i in t.base if i in items]
    if len(titles) == 1:
        return words.say("than", tendency=said, title=titles[0])
    return words.say("than_those", tendency=said) if titles else said


def constraint(c: Constraint, schema: Schema, words: Wording) -> str:
    """A constraint in words: "Western", "without Horror", "from 1990 to 1999", "under €200"."""
    field = schema.find(c.field) if c.field else None
    if c.kind == "without":
        return words.say("without", values=words.join(c.values, "or"))
    label = words.label(field) if field else c.field
    if c.kind in ("include", "exclude"):
        if field is not None and field.kind == "flag":
            positive = (c.values == ("true",)) == (c.kind == "include")
            return label if positive else words.say("not_flag", field=label)
        if field is not None and field.role == "availability":
            return words.say("available")
        said = words.join(c.values, "and" if c.every else "or")
        if c.kind == "exclude":
            return words.say("without", values=said)
        people = field is not None and field.kind == "person"
        return phrasing.fact(field, (said,), words) if field is not None and people else said
    bounds = _bounds(c, field, words)
    # A year and a price are known by their looks; any other number needs its name.
    if field is not None and field.kind in ("year", "price"):
        return bounds
    return words.say("bounded", field=label, bounds=bounds)


def _bounds(c: Constraint, field: Field | None, words: Wording) -> str:
    def say(x: float) -> str:
        if field is None:
            return phrasing.quantity(x, words)
        return phrasing.amount(x, field, {}, words)

    if c.low is not None and c.high is not None:
        same = c.low == c.high
        low, high = say(c.low), say(c.high)
        return words.say("exactly", a=low) if same else words.say("from_to", a=low, b=high)
    year = field is not None and field.kind == "year"
    if c.low is not None:
        # "From 2001" alone could be that one year.
        beyond, least = ("after", "since") if year else ("over", "from")
        return words.say(beyond if c.strict else least, a=say(c.low))
    if c.high is not None:
        under = "before" if year else "under"
        return words.say(under if c.strict else "up_to", b=say(c.high))
    return words.say("any_value")
