"""The kind of thing a message is about, and so which fields its words can speak of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.context import Context
from assistant.understanding.facets import FacetValue
from assistant.understanding.fields import NumberField, Span
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Item


@dataclass(frozen=True, slots=True)
class Scope:
    """Fields that the things spoken of have (None: any) and the spans of their numbers.

    ``said`` is true when the message itself names the kind, not only the slate.
    """

    fields: frozenset[str] | None = None
    spans: Mapping[str, Span] | None = None
    said: bool = False

    def holds(self, name: str) -> bool:
        """Whether things of this kind have the field."""
        return self.fields is None or name in self.fields

    def span(self, f: NumberField) -> Span:
        """The values the field takes within the kind; over everything when the kind is open."""
        return (self.spans or {}).get(f.name, f.span)


def scope_of(
    spans: Sequence[Mention], chart: Chart, vocabulary: Vocabulary, context: Context
) -> Scope:
    """The kind named in the message; else that of the titles in it; else that of the last slate."""
    named = [
        v
        for m in spans
        for v in m.values
        if v.field in vocabulary.held and not v.exclude and not _refused(m, chart)
    ]
    if named:
        return _of_values(named, vocabulary, said=True)
    pointed = [
        vocabulary.kinds[i]
        for m in chart.of_kind("title")
        for i in m.items[:1]
        if i in vocabulary.kinds
    ]
    if pointed:
        return _of_values(pointed, vocabulary, said=False)
    return _of_items(context.shown(), vocabulary)


def _refused(m: Mention, chart: Chart) -> bool:
    """Whether the mention stands right behind a negation."""
    return any("negate" in chart.cue(m.start - back) for back in (1, 2))


def _of_values(values: Iterable[FacetValue], vocabulary: Vocabulary, *, said: bool) -> Scope:
    fields: frozenset[str] = frozenset()
    spans: Mapping[str, Span] | None = None
    for v in values:
        held = vocabulary.fields_of(v.field, v.value)
        if held is not None:
            fields |= held
            spans = vocabulary.ranges.get((v.field, v.value)) if spans is None else spans
    return Scope(fields or None, spans, said)


def _of_items(items: Sequence[Item], vocabulary: Vocabulary) -> Scope:
    if not items or not vocabulary.held:
        return Scope()
    fields = frozenset(name for i in items for name in i.fields)
    for name in vocabulary.held:
        values = {v for i in items if isinstance(v := i.fields.get(name), str)}
        if len(values) == 1:
            value = values.pop()
            known = vocabulary.fields_of(name, value)
            return Scope((known or frozenset()) | fields, vocabulary.ranges.get((name, value)))
    return Scope(fields)
