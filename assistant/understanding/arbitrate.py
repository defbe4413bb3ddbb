"""Two readings of one message made into one: facts from the rules, the rest from the model.

The rules engine reads what can be read exactly (numbers, positions, titles, spelt values) and is
right when it finds something. The model hears what rules cannot: what kind of message it is, and
what is meant by words that no field holds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from assistant.types import Act, Facets, Range, Reading

EXACT_ACTS: frozenset[Act] = frozenset({"undo", "profile", "answer", "compare", "explain"})
"""Acts the rules engine names only on an explicit cue."""


def arbitrate(rules: Reading, model: Reading) -> Reading:
    """One reading out of two.

    From the rules: ranges, comparisons, positions, order, count, undo and reset, and every title
    and facet value they found, with their sense (liked or not, wanted or not). From the model:
    titles, values and limits in what the rules left unread, and the act and the free text where
    the rules saw nothing against them.
    """
    if rules.reset or rules.act == "undo" or rules.unclear:
        return rules
    if rules.act == "chitchat" and not _requests(model):
        return rules
    judged = {*rules.liked, *rules.disliked, *rules.seen, *rules.named, *rules.unclear}
    liked = tuple(i for i in model.liked if i not in judged)
    disliked = tuple(i for i in model.disliked if i not in judged)
    seen = tuple(i for i in model.seen if i not in judged)
    known = {(f, v) for side in (rules.include, rules.exclude) for f in side for v in side[f]}
    merged = replace(
        rules,
        liked=(*rules.liked, *liked),
        disliked=(*rules.disliked, *(i for i in disliked if i not in liked)),
        seen=(*rules.seen, *seen),
        include=_joined(rules.include, model.include, known),
        exclude=_joined(rules.exclude, model.exclude, known),
        ranges={**_unread(model.ranges, rules), **rules.ranges},
        relative=rules.relative or model.relative,
        reference=rules.reference or model.reference,
        more=rules.more or (model.more and not wishes(rules)),
        text=_text(rules, model),
    )
    return replace(merged, act=_act(rules, model, merged))


def wishes(reading: Reading) -> bool:
    """Whether a reading says anything about what is wanted."""
    return bool(
        reading.liked
        or reading.disliked
        or reading.seen
        or reading.include
        or reading.exclude
        or reading.without
        or reading.ranges
        or reading.relative
        or reading.sort
        or reading.more
        or reading.unavailable
    )


def _requests(model: Reading) -> bool:
    """Whether a model's reading asks for something in words that the message has.

    Facet values, limits and titles stand only where the message says them. Positions need no words:
    a small model answers "thanks, perfect" with "seen: the first", which is no request.
    """
    if model.reference:
        model = replace(model, liked=(), disliked=(), seen=(), relative=())
    return wishes(replace(model, more=False))


def _act(rules: Reading, model: Reading, merged: Reading) -> Act:
    if rules.act in EXACT_ACTS:
        return rules.act
    if wishes(merged):
        return "recommend" if rules.act == "chitchat" else rules.act
    if rules.act != "recommend" or rules.text is None:
        return rules.act
    return model.act


def _text(rules: Reading, model: Reading) -> str | None:
    if rules.language != "en":
        return model.text or rules.text
    if rules.text is None or not model.text:
        return rules.text
    shorter = len(model.text.split()) < len(rules.text.split())
    within = set(model.text.casefold().split()) <= set(rules.text.casefold().split())
    return model.text if shorter and within else rules.text


def _joined(rules: Facets, model: Facets, known: set[tuple[str, str]]) -> Facets:
    found = dict(rules)
    for name, values in model.items():
        new = tuple(v for v in values if (name, v) not in known)
        if new and name not in rules:  # a field the rules read is read
            found[name] = new
    return found


def _unread(ranges: Mapping[str, Range], rules: Reading) -> dict[str, Range]:
    """Limits on fields that the rules read nothing about."""
    compared = {r.field for r in rules.relative}
    return {name: r for name, r in ranges.items() if name not in compared}
