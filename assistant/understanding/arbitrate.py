"""Two readings of one message made into one: facts from the rules, the rest from the model.

The rules engine reads what can be read exactly (numbers, positions, titles, spelt values) and is
right when it finds something. The model hears what rules cannot: what kind of message it is, and
what is meant by words that no field holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from assistant.types import Act, Facets, Range, Reading, Relative
from assistant.understanding.context import Context
from retrieval.types import ItemId

DECIDED: frozenset[Act] = frozenset(
    {"undo", "answer", "compare", "explain", "refuse", "feedback_ack"}
)
"""Acts the rules engine names only on an explicit cue. Whatever else the message names is their
subject and no wish."""

ABOUT: frozenset[Act] = frozenset({"answer", "compare", "explain"})
"""Acts that speak of items: positions are their subject."""

NUMBER = re.compile(r"\d+")


def arbitrate(rules: Reading, model: Reading, context: Context | None = None) -> Reading:
    """One reading out of two, of a message in this context.

    From the rules: all they found, positions, order, count and whatever button-like words mean
    (enough questions, something else, chosen). From the model: titles, values, limits and
    comparisons that nothing the rules found speaks against; and, where the rules saw no more than
    words, the act, with the positions a question is about, and a shorter text. In every language:
    the rules have its words in those of the reference.
    """
    if _certain(rules):
        return rules
    if rules.act == "chitchat" and not _requests(model):
        return rules
    found = _Found.of(rules, context or Context())
    pointed = {found.slate[n - 1] for n in model.reference if 0 < n <= len(found.slate)}
    liked = tuple(i for i in model.liked if i not in found.items | pointed)
    disliked = tuple(i for i in model.disliked if i not in found.items | pointed)
    seen = tuple(i for i in model.seen if i not in found.items | pointed)
    merged = replace(
        rules,
        liked=(*rules.liked, *liked),
        disliked=(*rules.disliked, *(i for i in disliked if i not in liked)),
        seen=(*rules.seen, *(i for i in seen if i not in (*liked, *disliked))),
        include=_joined(rules.include, model.include, found),
        exclude=_joined(rules.exclude, model.exclude, found),
        ranges={**found.limits(model.ranges), **rules.ranges},
        relative=rules.relative or found.comparisons(model.relative),
        more=rules.more or (model.more and rules.text is not None and not wishes(rules)),
        text=_text(rules, model),
    )
    act = _act(rules, model, merged)
    if wishes(merged) or act == rules.act:
        return replace(merged, act=act)
    # Only the model knows what this is: no wish, then, and its words are none to search for.
    about = rules.reference or (model.reference if act in ABOUT else ())
    return replace(merged, act=act, text=None, reference=about)


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


def _certain(rules: Reading) -> bool:
    """Whether the rules read the whole of what the message does."""
    return (
        rules.act in DECIDED
        or rules.reset
        or rules.agrees
        or rules.hurry
        or rules.jump
        or rules.settled
        or rules.described
        or bool(rules.unclear)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What the rules found, as far as it speaks against what a model may add.

    ``fields`` were limited, compared, sorted or opened; ``numbers`` stand for something already;
    ``words`` belong to a title or are refused.
    """

    slate: tuple[ItemId, ...]
    items: frozenset[ItemId]
    values: frozenset[tuple[str, str]]
    fields: frozenset[str]
    numbers: frozenset[float]
    words: frozenset[str]
    reference: tuple[int, ...]

    @classmethod
    def of(cls, rules: Reading, context: Context) -> _Found:
        anchors = [ItemId(r.base.partition(":")[2]) for r in rules.relative]
        items = {*rules.liked, *rules.disliked, *rules.seen, *rules.named, *anchors}
        titles = [context.items[i].title for i in items if i in context.items]
        bounds = [x for r in rules.ranges.values() for x in (r.min, r.max) if x is not None]
        counted = [] if rules.count is None else [rules.count]
        told = [float(n) for title in titles for n in NUMBER.findall(title)]
        sorted_by = [] if rules.sort is None else [rules.sort.field]
        return cls(
            slate=context.slate,
            items=frozenset(items),
            values=frozenset(
                (name, value)
                for side in (rules.include, rules.exclude)
                for name, values in side.items()
                for value in values
            ),
            fields=frozenset(
                (*rules.ranges, *rules.lifted, *sorted_by, *(r.field for r in rules.relative))
            ),
            numbers=frozenset((*bounds, *counted, *told, *rules.reference)),
            words=frozenset(w for text in (*titles, *rules.without) for w in _words(text)),
            reference=rules.reference,
        )

    def limits(self, ranges: Mapping[str, Range]) -> dict[str, Range]:
        """Limits on fields that nothing was read about, on numbers that nothing was made of."""
        return {
            name: r
            for name, r in ranges.items()
            if name not in self.fields
            and not any(
                x is not None and any(abs(x - n) <= 1 for n in self.numbers) for x in (r.min, r.max)
            )
        }

    def comparisons(self, relative: tuple[Relative, ...]) -> tuple[Relative, ...]:
        """Comparisons of fields that nothing was read about, with positions that were read."""
        places = {f"slate#{n}" for n in self.reference}
        return tuple(
            r
            for r in relative
            if r.field not in self.fields and (r.base in places or not r.base.startswith("slate#"))
        )


def _joined(rules: Facets, model: Facets, found: _Found) -> Facets:
    """A field the rules read is read; of another what nothing they found speaks against."""
    joined = dict(rules)
    for name, values in model.items():
        new = tuple(
            v for v in values if (name, v) not in found.values and not found.words & set(_words(v))
        )
        if new and name not in rules and name not in found.fields:
            joined[name] = new
    return joined


def _requests(model: Reading) -> bool:
    """Whether a model's reading asks for something in words that the message has.

    Facet values, limits and titles stand only where the message says them. Positions need no words:
    a small model answers "thanks, perfect" with "seen: the first", which is no request.
    """
    if model.reference:
        model = replace(model, liked=(), disliked=(), seen=(), relative=())
    return wishes(replace(model, more=False))


def _act(rules: Reading, model: Reading, merged: Reading) -> Act:
    if wishes(merged):
        return "recommend" if rules.act in ("chitchat", "ask") else rules.act
    if rules.act != "recommend" or rules.text is None:
        return rules.act
    # A question about nothing is none.
    return "recommend" if model.act in ABOUT and not model.reference else model.act


def _text(rules: Reading, model: Reading) -> str | None:
    if rules.text is None or not model.text:
        return rules.text
    shorter = len(model.text.split()) < len(rules.text.split())
    within = set(model.text.casefold().split()) <= set(rules.text.casefold().split())
    return model.text if shorter and within else rules.text


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
