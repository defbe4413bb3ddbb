"""The mentions of a message, the surest first: titles, positions, facets, bounds, fields, keywords.

Whether a word is a mention at all is decided here: "a light laptop" names no tone, "my kids have
seen it" asks for nothing for children.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.understanding.bounds import link_bounds
from assistant.understanding.chart import Chart, Mention
from assistant.understanding.comparisons import (
    AMOUNTS,
    amount_at,
    link_comparisons,
    soft_at,
    topical,
)
from assistant.understanding.context import Context
from assistant.understanding.facet_links import closed_spans, loose_spans, unit_of_number
from assistant.understanding.fields_said import link_shown_fields, names_a_field
from assistant.understanding.positions import link_positions
from assistant.understanding.scope import Scope, scope_of
from assistant.understanding.settle import choose, labelled
from assistant.understanding.title_links import link_titles
from assistant.understanding.tokens import SAID_TO_BE
from assistant.understanding.vocabulary import Vocabulary


def mentions(chart: Chart, vocabulary: Vocabulary, context: Context) -> Scope:
    """Fill the chart with mentions, the surest first; returns the kind of thing spoken of."""
    spans = closed_spans(chart.tokens, chart, vocabulary)
    for m in link_titles(chart.tokens, chart, vocabulary, spans):
        chart.add(m)
    for m in link_positions(chart, vocabulary, context):
        chart.add(m)
    scope = scope_of([s for s in spans if chart.free(s.start, s.end)], chart, vocabulary, context)
    for m in spans:
        if not (
            _owned(m, chart)
            or _function_word(m, chart, vocabulary)
            or not choose(m, chart, vocabulary, scope)
            or _limit(m, chart)
            or unit_of_number(m, chart)
            or not chart.cue(m.start).isdisjoint({"discourse"})
            or _beside_the_point(m, chart, vocabulary)
            or _remark(m, chart, scope)
            or _compared_amount(m, chart, vocabulary, scope)
            or _better_as_adjective(m, spans, chart, vocabulary, scope)
            or names_a_field(m, spans, chart, vocabulary, scope)
        ):
            chart.add(m)
    for m in link_bounds(chart, vocabulary, scope):
        chart.add(m)
    for m in link_shown_fields(chart, vocabulary, context, scope):
        chart.add(m)
    free = {i for c in link_comparisons(chart, vocabulary, scope) for i in range(c.start, c.end)}
    for m in loose_spans(chart.tokens, chart, vocabulary):
        if free.isdisjoint(range(m.start, m.end)):
            chart.add(m)
    return scope


def _function_word(m: Mention, chart: Chart, vocabulary: Vocabulary) -> bool:
    """Whether a word is only one that holds a sentence together: "are" is no age rating "R"."""
    t = chart.tokens[m.start]
    if len(t.norm) == 1 and chart.norm(m.start - 1) in SAID_TO_BE:
        return False  # "anything but m"
    return m.end == m.start + 1 and t.norm in vocabulary.lexicon.stop and not t.capital


def _owned(m: Mention, chart: Chart) -> bool:
    """Whether the words are somebody's, not a wish: "my kids have seen it" (but not "for my
    kids").
    """
    mine = chart.norm(m.start - 1) in ("my", "our")
    return (
        mine and not m.values[0].person and chart.norm(m.start - 2) not in ("for", "with", "suit")
    )


def _beside_the_point(m: Mention, chart: Chart, vocabulary: Vocabulary) -> bool:
    """Whether the word is not asked for itself: "smells of old books", "less sweet"."""
    lessened = "comparing_less" in chart.cue(m.start - 1)
    kind = any(v.field in vocabulary.held for v in m.values)
    return lessened or (kind and topical(chart, m.start))


def _limit(m: Mention, chart: Chart) -> bool:
    """Whether the word means a wish, not a value: "drop the colour filter"."""
    return "limit" in chart.cue(m.start) and chart.has("lift")


def _remark(m: Mention, chart: Chart, scope: Scope) -> bool:
    """Whether the word only describes what was said: "my budget is 40, that's firm"."""
    says = chart.norm(m.start - 1) == "is" and chart.norm(m.start - 2) in ("that", "it")
    return says and not scope.said and (m.start < 3 or chart.norm(m.start - 3) in (",", ".", "and"))


def _compared_amount(m: Mention, chart: Chart, vocabulary: Vocabulary, scope: Scope) -> bool:
    """Whether the word names a number that is wanted higher or lower: "more battery"."""
    before = m.start - 1
    return chart.norm(before) in AMOUNTS and amount_at(chart, before, vocabulary, scope) is not None


def _better_as_adjective(
    m: Mention, spans: Sequence[Mention], chart: Chart, vocabulary: Vocabulary, scope: Scope
) -> bool:
    """Whether a facet word is rather an adjective here: "a light laptop", "less dark", "just
    quiet".
    """
    if labelled(m, [v for v in m.values if not v.loose], chart, vocabulary):
        return False  # "the noise level is quiet"
    if m.end == m.start + 1 and soft_at(chart, m.start, vocabulary) is not None:
        return True
    key = tuple(t.norm for t in chart.tokens[m.start : m.end] if t.kind != "mark")
    if key not in vocabulary.lexicon.adjectives or m.values[0].person:
        return False
    before = chart.cue(m.start - 1)
    if not before.isdisjoint({"comparing_less", "superlative_less", "superlative_more"}) or (
        chart.norm(m.start - 1) in ("too", "more")
    ):
        return True
    fitting = [
        c
        for c in link_comparisons(chart, vocabulary, scope)
        if c.start <= m.start and m.end <= c.end and not c.soft
    ]
    if not fitting:
        return False
    closed = [v for v in m.values if not v.loose and scope.holds(v.field)]
    same = [v for v in closed if v.field == fitting[0].field]
    if same:
        several = [s for s in spans if any(v.field == same[0].field for v in s.values)]
        return len(several) < 2
    return not (closed and scope.said)
