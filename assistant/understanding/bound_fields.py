"""Which field a number speaks of.

By currency, unit, label, comparison, by how many take part, else by default.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.types import Range
from assistant.understanding.chart import Chart
from assistant.understanding.fields import NumberField
from assistant.understanding.lexicon import Adjective
from assistant.understanding.numbers import Number
from assistant.understanding.scope import Scope
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Kind

Side = Literal["max", "min", "near", "equal", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One bound as written: the number or the two ends, the side, and what was said around it.

    ``beyond`` is true where the number itself is out: "under 200", "more than 4".
    """

    start: int
    end: int
    number: Number
    other: Number | None = None
    side: Side = ""
    strict: bool = False
    time: bool = False
    beyond: bool = False
    adjective: Adjective | None = None


def is_age(chart: Chart, said: Said) -> bool:
    """Whether the number is somebody's age: "ages 12 to 70", "my 6-year-old"."""
    if said.number.money or said.number.unit:
        return False
    after = said.end + 1 if chart.norm(said.end) in ("-", "–") else said.end
    old = "old" in (chart.norm(after + 1), chart.norm(after + 2)) and chart.norm(after) in (
        "year",
        "years",
    )
    return old or "age_after" in chart.cue(after) or "age_before" in chart.cue(said.start - 1)


def age_fields(vocabulary: Vocabulary) -> list[str]:
    """The fields that hold the least age something is meant for."""
    least = (vocabulary.numbers.get(name) for name in vocabulary.numbers.least)
    ages = vocabulary.lexicon.group("age")
    return [f.name for f in least if f is not None and f.words & ages]


def group_ranges(
    chart: Chart, said: Said, vocabulary: Vocabulary, scope: Scope
) -> Mapping[str, Range] | None:
    """How many take part: "4 players", "for two", "nine of us", "eight or more"."""
    n = said.number
    pair = next((p for p in vocabulary.numbers.pairs if scope.holds(p.low)), None)
    if pair is None or n.money or n.stars or n.era or n.low != int(n.low) or n.low > 99:
        return None
    counted = n.unit == "player" or bool(
        pair.words & {vocabulary.lexicon.stem(chart.norm(n.end - 1))}
    )
    after = chart.cue(n.end) if chart.cue_span(n.end) is not None else frozenset()
    told = "group_after" in after or ("group_before" in chart.cue(n.start - 1) and not n.unit)
    alone = not n.unit and not said.adjective and said.side in ("min", "max") and scope.said
    alone = alone and not _labels(chart, said, vocabulary)
    if alone and not (counted or told):
        price = vocabulary.numbers.of_kind("price")
        alone = n.low <= 20 and not (price and scope.span(price[0]).holds(n.low, 0.0))
    if not (counted or told or alone):
        return None
    if said.other is not None:
        return {pair.low: Range(max=n.low), pair.high: Range(min=said.other.low)}
    if said.side == "min":
        return {pair.high: Range(min=n.low)}
    if said.side == "max" and not told:
        return {pair.high: Range(min=n.low)}
    return {pair.low: Range(max=n.low), pair.high: Range(min=n.low)}


def field_for(
    chart: Chart, said: Said, vocabulary: Vocabulary, scope: Scope
) -> tuple[NumberField, float] | None:
    """The number field meant, with the factor to its unit: by currency, unit, label, comparison,
    default.
    """
    n, known = said.number, vocabulary.numbers
    if n.money:  # without a price, of what is named: "a box office of $2 million"
        return _first(known.of_kind("price") or _labels(chart, said, vocabulary))
    if n.stars:
        return _first(known.with_word("star") or known.of_kind("rating"))
    if n.unit:
        offers = [(f, n.factor * x) for f, x in known.with_unit(n.unit, vocabulary.lexicon)]
        offers = offers or [(f, n.factor) for f in known.with_word(n.unit)]
        offers = [(f, x) for f, x in offers if scope.holds(f.name)]
        labels = _labels(chart, said, vocabulary)
        named = [(f, x) for f, x in offers if f in labels]
        fitting = [(f, x) for f, x in offers if scope.span(f).holds(n.low * x)]
        best = named or fitting or offers
        if best or not labels:
            return best[0] if best else None
    if said.adjective is not None:
        a = said.adjective
        fields = (
            known.of_kind(a.kind)
            if a.kind
            else tuple(f for w in a.fields for f in known.with_word(w))
        )
        return _first([f for f in fields if scope.holds(f.name)])
    labels = [f for f in _labels(chart, said, vocabulary) if scope.holds(f.name)]
    rated = [f for f in labels if f.field.kind == "rating"]
    if rated and n.low > rated[0].span.high > 0 and known.of_kind("popularity"):
        return known.of_kind("popularity")[0], 1.0  # "more than 100 ratings" counts them
    if labels:
        return labels[0], 1.0
    if not said.side and said.other is None:
        return None
    price = known.of_kind("price")
    # A most beyond every price is a price all the same; it shuts nothing out.
    dear = bool(price) and said.side == "max" and n.low > price[0].span.high
    if price and (dear or scope.span(price[0]).holds(n.low, 0.9)):
        return price[0], 1.0
    rating = known.of_kind("rating")
    if rating and not price and n.low <= rating[0].span.high:
        return rating[0], 1.0
    return None


def _first(fields: Sequence[NumberField]) -> tuple[NumberField, float] | None:
    return (fields[0], 1.0) if fields else None


_KIND_WORDS: Mapping[str, Kind] = {"price": "price", "rating": "rating", "popularity": "popularity"}


def _labels(chart: Chart, said: Said, vocabulary: Vocabulary) -> list[NumberField]:
    """Number fields named near the number in the same clause, the nearest first."""
    lexicon, known = vocabulary.lexicon, vocabulary.numbers
    found: list[NumberField] = []
    end = (said.other or said.number).end
    right = range(end, min(said.end + 3, len(chart)))
    stop = next((i for i in right if i >= said.end and chart.norm(i) == ","), right.stop)
    near = [*range(right.start, stop)]
    left = said.number.start - 1
    while (
        left >= 0
        and said.number.start - left <= 6
        and not chart.hard(left)
        and chart.norm(left) != ","
    ):
        near.append(left)
        left -= 1
    for i in near:
        if chart.hard(i) or chart.norm(i) == ",":
            if i >= said.end:
                continue
            break
        for n in (2, 1):
            p = tuple(chart.norm(k) for k in range(i, min(i + n, len(chart))))
            for kind in lexicon.field_words.get(p, ()):
                if kind in _KIND_WORDS:
                    found.extend(known.of_kind(_KIND_WORDS[kind]))
            for label in lexicon.field_labels.get(p, ()):
                found.extend(known.with_word(label))
        word = lexicon.stem(chart.norm(i))
        if word and word not in lexicon.stop:
            told = (word,) in lexicon.field_words or (chart.norm(i),) in lexicon.field_words
            found.extend(
                f
                for f in known.with_word(word)
                if not (told and f.field.kind in ("popularity", "rating"))
            )
    return list(dict.fromkeys(found))
