"""Comparisons and vague adjectives: which field, which way, and compared with what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.types import Direction, Relative
from assistant.understanding.chart import Chart, Mention, longest_phrase
from assistant.understanding.context import Context
from assistant.understanding.lexicon import Adjective, Degree
from assistant.understanding.scope import Scope
from assistant.understanding.vocabulary import Vocabulary

AMOUNTS = frozenset(
    {"more", "less", "fewer", "better", "longer", "bigger", "higher", "lower", "most", "least"}
)
"""Words that compare the amount of a thing named behind them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A field (or a soft word) wanted higher or lower, over tokens ``start`` to ``end``.

    ``compared`` is true for comparatives and "too ...", which lean on something shown or named;
    false for plain adjectives and superlatives, which lean on what is usual. ``soft`` marks a
    quality that no field holds, ``said`` how it was put.
    """

    start: int
    end: int
    field: str
    direction: Direction
    compared: bool
    soft: bool = False
    keep: bool = False
    said: str = ""


def link_comparisons(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> list[Comparison]:
    """Every comparison outside the mentions made so far, in order, none twice on one field."""
    found: list[Comparison] = []
    i = 0
    while i < len(chart):
        made = None
        if chart.free(i, i + 1) and chart.tokens[i].kind == "word":
            made = (
                amount_at(chart, i, vocabulary, scope)
                or _adjective(chart, i, vocabulary, scope)
                or soft_at(chart, i, vocabulary)
            )
        if made is None:
            i += 1
            continue
        i = made.end
        if made.field and not any(f.field == made.field for f in found):
            found.append(made)
    return found


def _adjective(chart: Chart, i: int, vocabulary: Vocabulary, scope: Scope) -> Comparison | None:
    lexicon = vocabulary.lexicon
    hit = longest_phrase(chart.tokens, i, lexicon.adjectives, 6)
    if hit is None or not chart.free(i, hit[0]):
        return None
    end, readings = hit
    start, degree, turned, opened = _modifiers(chart, i, readings[0].degree)
    if opened:
        return Comparison(start=start, end=end, field="", direction="lower", compared=False)
    enough = "enough" in chart.cue(end)
    if (
        not chart.cue(i).isdisjoint({"undo", "discourse"})
        or "limit" in chart.cue(end)
        or topical(chart, i)
    ):
        return None
    if degree == "plain" and not turned and _noun_here(chart, i, end, vocabulary):
        return None
    refused = turned and "negate" in chart.cue(i - 1)
    if degree == "plain" and (refused or _let_in(chart, end)) and _value(chart, i, end, vocabulary):
        return None  # "but not soft" rules out that value alone, "quiet is fine" lets it in
    before_noun = _before_noun(chart, i, end, vocabulary)
    for reading in readings:
        wished = reading.counts or (reading.attributive and before_noun)
        if not (wished or degree != "plain" or turned or enough):
            continue
        name = _of_place(reading, chart, end, vocabulary) or field_of(reading, vocabulary, scope)
        if name is None:
            continue
        compared = degree == "comparative"
        return Comparison(
            start=start, end=end + enough, field=name,
            direction=_turn(reading.direction, turned), compared=compared, keep=reading.keep,
        )  # fmt: skip
    if degree == "comparative":
        for reading in readings:
            # Where a closed facet holds the word ("less dark" of scents) it is no soft quality.
            held = vocabulary.facets.values.get(reading.soft, ()) if reading.soft else ()
            if reading.soft and not any(not (v.loose or v.synonym) for v in held):
                return Comparison(
                    start=start, end=end, field=reading.soft,
                    direction=_turn(reading.direction, turned), compared=True, soft=True,
                    said=_said(chart, i, end, reading, turned),
                )  # fmt: skip
    return None


def _let_in(chart: Chart, end: int) -> bool:
    """Whether what stands before a place is said to be fine: "quiet is okay again"."""
    return not chart.cue(end).isdisjoint({"allowed_after", "allowed_again"})


def _value(chart: Chart, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether words are a value that a field of the catalogue holds."""
    key = " ".join(vocabulary.lexicon.stem(chart.norm(k)) for k in range(start, end))
    return any(not (v.loose or v.synonym) for v in vocabulary.facets.values.get(key, ()))


def _of_place(reading: Adjective, chart: Chart, end: int, vocabulary: Vocabulary) -> str | None:
    """The field of the adjective's units that is named behind it: "closer to the beach"."""
    for i in range(end, min(end + 4, len(chart))) if reading.units else ():
        word = vocabulary.lexicon.stem(chart.norm(i))
        for f in vocabulary.numbers.with_word(word) if word not in vocabulary.lexicon.stop else ():
            if f.unit in reading.units:
                return f.name
    return None


def soft_at(chart: Chart, i: int, vocabulary: Vocabulary) -> Comparison | None:
    """A quality of any name, where the words around it compare: "less corporate", "more quirky than
    the second", "less drama". More of what the catalogue calls things by is a wish for such things
    ("more comedies")."""
    word = chart.norm(i)
    names = chart.cue(i - 1)
    less = "comparing_less" in names
    if not less and not ("comparing_more" in names and chart.norm(i - 1) == "more"):
        return None
    known = (word,) in vocabulary.lexicon.adjectives or word in vocabulary.nouns or chart.cue(i)
    if len(word) < 3 or not word.isalpha() or word in vocabulary.lexicon.stop or known:
        return None
    stem = vocabulary.lexicon.stem(word)
    held = vocabulary.facets.values.get(stem, ())
    several = held and stem != word  # "more animals" wants animals
    if not less and (several or any(not (v.loose or v.synonym) for v in held)):
        return None
    if not less and word in vocabulary.facets.surnames and chart.tokens[i].capital:
        return None  # "more Hitchcock" wants what he made
    ends = chart.hard(i + 1) or not chart.norm(i + 1).isalpha()
    if not ends and chart.norm(i + 1) not in ("than", "as", "and", "but", "or", "please", "though"):
        return None
    first = chart.cue_span(i - 1)
    return Comparison(
        start=first.start if first else i - 1,
        end=i + 1,
        field=word,
        direction="lower" if less else "higher",
        compared=True,
        soft=True,
    )


def topical(chart: Chart, i: int) -> bool:
    """Whether a word belongs to what something smells of or is like: "smells of old books"."""
    return any("topic" in chart.cue(i - back) for back in (1, 2, 3))


def _before_noun(chart: Chart, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the noun of the thing, or a facet of it, follows: "an old western", "something
    old".
    """
    following = chart.at(end)
    if following is not None and following.kind == "facet":
        return True
    if chart.norm(end) in vocabulary.nouns:
        return True
    return chart.norm(start - 1) in ("something", "anything") and chart.norm(start) != "new"


def _noun_here(chart: Chart, start: int, end: int, vocabulary: Vocabulary) -> bool:
    """Whether the word is a noun here: "a warm light", with a word of its own before it and
    nothing after.
    """
    before = chart.norm(start - 1)
    closes = chart.hard(end) or chart.norm(end) in (",", "and", "or", ")")
    own = (
        before.isalpha()
        and before not in vocabulary.lexicon.known
        and before not in vocabulary.nouns
    )
    return closes and own and chart.at(start - 1) is None and start > 0


def _said(chart: Chart, i: int, end: int, reading: Adjective, turned: bool) -> str:
    """A soft comparison as it was put: "lighter", "less violent"; '' for a turned comparative."""
    words = " ".join(chart.norm(k) for k in range(i, end))
    if reading.degree == "plain":
        return f"{'less' if turned else 'more'} {words}"
    return "" if turned else words


def _turn(direction: Direction, turned: bool) -> Direction:
    if not turned:
        return direction
    return "lower" if direction == "higher" else "higher"


def _modifiers(chart: Chart, i: int, degree: Degree) -> tuple[int, Degree, bool, bool]:
    """What the words before an adjective make of it: start, degree, turned round, left open.

    "less dark", "not too pricey", "too heavy", "the most popular", "does not have to be cheap".
    """
    turned, j = False, i - 1
    too = False
    start = i
    for _ in range(5):
        if j < 0 or chart.hard(j) or chart.norm(j) == ",":
            break
        names = chart.cue(j)
        word = chart.norm(j)
        span = chart.cue_span(j)
        first = span.start if span else j
        if "soften" in names:
            return first, degree, turned, True
        if "comparing_less" in names and not ("negate" in names and degree == "comparative"):
            turned, degree, start, j = not turned, "comparative", first, first - 1
            continue
        if "comparing_more" in names and word == "more":
            degree, start, j = "comparative", j, j - 1
            continue
        if "superlative_more" in names:
            degree, start, j = "superlative", first, first - 1
            continue
        if "superlative_less" in names:
            turned, degree, start, j = not turned, "superlative", first, first - 1
            continue
        if (
            (word == "to" and "negate" in chart.cue(j - 1))
            or word in ("too", "overly")
            or ("too" in names and chart.norm(span.end - 1 if span else j) == "too")
        ):
            turned, degree, start, j, too = not turned, "comparative", first, first - 1, True
            continue
        if "negate" in names or word in ("not", "nothing"):
            if chart.at(j) is not None:
                break
            if too:  # "not too heavy" asks for light things, it compares with nothing
                return first, "plain", turned, False
            return first, degree, not turned, False
        if "too" in names or word in (
            "bit",
            "a",
            "little",
            "lot",
            "much",
            "be",
            "is",
            "are",
            "something",
            "far",
            "way",
            "slightly",
            "somewhat",
            "even",
            "it",
            "that",
            "bit",
            "any",
        ):
            j -= 1
            continue
        break
    return start, degree, turned, False


def field_of(reading: Adjective, vocabulary: Vocabulary, scope: Scope) -> str | None:
    """The field an adjective speaks of within a scope, or None when no field holds the quality."""
    if reading.kind is not None:
        for f in vocabulary.numbers.of_kind(reading.kind):
            return f.name
        if reading.kind == "year":
            return next((f.name for f in vocabulary.numbers.dates), None)
        return None
    for word in reading.fields:
        stem = vocabulary.lexicon.stem(word)
        for number in (f for f in vocabulary.numbers.fields if stem in f.words or f.name == word):
            if scope.holds(number.name):
                return number.name
        for name, words in vocabulary.facets.labels.items():
            named = stem in words or name == word
            if named and scope.holds(name) and vocabulary.scale(name):
                return name
    measured = (f for u in reading.units for f in vocabulary.numbers.fields if f.unit == u)
    return next((f.name for f in measured if scope.holds(f.name)), None)


def amount_at(chart: Chart, i: int, vocabulary: Vocabulary, scope: Scope) -> Comparison | None:
    """The comparison of an amount at a place, or None: ``more battery``, ``less ram``, ``better
    battery life``, ``burns longer``.
    """
    lexicon = vocabulary.lexicon
    word = chart.norm(i)
    if word in AMOUNTS:
        whole = vocabulary.numbers.labelled([chart.norm(k) for k in range(i + 1, i + 6)])
        hit = longest_phrase(chart.tokens, i + 1, lexicon.field_labels, 4)
        name, end = _labelled(hit[1], vocabulary, scope) if hit else None, hit[0] if hit else i + 2
        if whole is not None and scope.holds(whole[0].name):
            name, end = whole[0].name, i + 1 + whole[1]
        if name is None:
            stem = lexicon.stem(chart.norm(i + 1))
            named = [f for f in vocabulary.numbers.with_word(stem) if scope.holds(f.name)]
            name = named[0].name if named and stem not in lexicon.stop else None
        if name is None:
            return None
        lower = word in ("less", "fewer", "lower", "least")
        return Comparison(
            start=i, end=end, field=name, direction="lower" if lower else "higher",
            compared=word not in ("most", "least"),
        )  # fmt: skip
    hit = longest_phrase(chart.tokens, i, lexicon.field_labels, 3)
    if hit and chart.norm(hit[0]) in ("longer", "shorter", "more", "less"):
        name = _labelled(hit[1], vocabulary, scope)
        if name is not None:
            lower = chart.norm(hit[0]) in ("shorter", "less")
            return Comparison(
                start=i, end=hit[0] + 1, field=name,
                direction="lower" if lower else "higher", compared=True,
            )  # fmt: skip
    return None


def _labelled(labels: frozenset[str], vocabulary: Vocabulary, scope: Scope) -> str | None:
    for label in sorted(labels):
        for f in vocabulary.numbers.with_word(vocabulary.lexicon.stem(label)):
            if scope.holds(f.name):
                return f.name
    return None


def to_relative(
    c: Comparison, chart: Chart, context: Context, anchors: Sequence[Mention]
) -> Relative:
    """A comparison with its base: what "than" names, else what the message or the slate offers."""
    base = _after_than(chart, c.end, context)
    if base is None and c.compared:
        base = _pointed_at(chart, c) or _titled(anchors)
        if base is None and context.slate:
            base = "slate"
    return Relative(field=c.field, direction=c.direction, base=base or "category", said=c.said)


def _after_than(chart: Chart, end: int, context: Context) -> str | None:
    j = end
    for _ in range(4):
        if chart.hard(j):
            return None
        if chart.norm(j) == "than" or chart.norm(j) in ("compared", "versus"):
            break
        j += 1
    else:
        return None
    for k in range(j + 1, min(j + 4, len(chart))):
        m = chart.at(k)
        if m is not None and m.kind == "title":
            return f"anchor:{m.items[0]}"
        if m is not None and m.kind == "position":
            return "slate" if m.whole or len(m.positions) > 1 else f"slate#{m.positions[0]}"
    return "slate" if context.slate else None


def _pointed_at(chart: Chart, c: Comparison) -> str | None:
    """The one position the message points at; the nearest before the comparison when there are
    more.
    """
    places = [m for m in chart.of_kind("position") if not m.whole and len(m.positions) == 1]
    if not places:
        return None
    earlier = [m for m in places if m.end <= c.start]
    return f"slate#{(earlier or places)[-1].positions[0]}"


def _titled(anchors: Sequence[Mention]) -> str | None:
    return f"anchor:{anchors[-1].items[0]}" if anchors else None
