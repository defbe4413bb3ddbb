"""Fields that a message names without a value: "that brand", "the price limit", "sort by year",
"how long".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from assistant.understanding.chart import Chart, Mention, longest_phrase
from assistant.understanding.comparisons import field_of
from assistant.understanding.context import Context
from assistant.understanding.facets import FacetValue, made_by
from assistant.understanding.lexicon import Adjective
from assistant.understanding.scope import Scope
from assistant.understanding.settle import BEING
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Kind, Sort

_KINDS: Mapping[str, Kind] = {
    "price": "price",
    "year": "year",
    "rating": "rating",
    "popularity": "popularity",
}
_DESCENDING = frozenset({"year", "rating", "popularity"})


def named_field(
    chart: Chart, i: int, vocabulary: Vocabulary, scope: Scope
) -> tuple[str, int] | None:
    """The field that the words at a place name, with their end; None when they name none.

    The field's own label wins over other words for it, a longer phrase over a shorter one.
    """
    lexicon = vocabulary.lexicon
    whole = vocabulary.numbers.labelled([chart.norm(k) for k in range(i, min(i + 5, len(chart)))])
    if whole is not None and scope.holds(whole[0].name) and (whole[1] > 1 or chart.free(i, i + 1)):
        return whole[0].name, i + whole[1]
    stem = lexicon.stem(chart.norm(i))
    if stem and stem not in lexicon.stop:
        for name, words in vocabulary.facets.labels.items():
            if stem in words and scope.holds(name):
                return name, i + 1
        for f in vocabulary.numbers.with_word(stem):
            if scope.holds(f.name) and not f.field.derived:
                return f.name, i + 1
    by_label = longest_phrase(chart.tokens, i, lexicon.field_labels, 4)
    by_kind = longest_phrase(chart.tokens, i, lexicon.field_words, 4)
    if by_label and (not by_kind or by_label[0] >= by_kind[0]):
        labelled = _by_label(by_label[1], vocabulary, scope)
        if labelled is not None:
            return labelled, by_label[0]
    if by_kind:
        kinded = _by_kind(by_kind[1], vocabulary)
        if kinded is not None:
            return kinded, by_kind[0]
    return None


def _by_label(labels: Iterable[str], vocabulary: Vocabulary, scope: Scope) -> str | None:
    lexicon = vocabulary.lexicon
    for label in sorted(labels):
        stem = lexicon.stem(label)
        if label in lexicon.group("maker"):
            makers = (f.name for f in vocabulary.schema.by_role("facet") if made_by(f, lexicon))
            maker = next((name for name in makers if scope.holds(name)), None)
            if maker is not None:
                return maker
        for name, words in vocabulary.facets.labels.items():
            if (stem in words or label in words) and scope.holds(name):
                return name
        for f in vocabulary.numbers.with_word(stem):
            if scope.holds(f.name):
                return f.name
    return None


def _by_kind(names: Iterable[str], vocabulary: Vocabulary) -> str | None:
    numbers = vocabulary.numbers
    for name in sorted(names):
        if name == "availability" and numbers.availability:
            return numbers.availability.name
        if name == "text":
            texts_held = vocabulary.schema.by_role("text")
            if texts_held:
                return texts_held[0].name
        if name in ("year", "date"):
            years = vocabulary.schema.by_kind("year")
            if years:
                return years[0].name
            if numbers.dates:
                return numbers.dates[0].name
        kind = _KINDS.get(name)
        if kind and numbers.of_kind(kind):
            return numbers.of_kind(kind)[0].name
    return None


def question_field(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> str | None:
    """The field a question is about: named in words, else that of a value asked for ("is it
    vegan").
    """
    found: list[tuple[int, str]] = []
    i = 0
    while i < len(chart):
        if chart.free(i, i + 1) and chart.tokens[i].kind == "word":
            hit = named_field(chart, i, vocabulary, scope)
            if hit:
                amount = chart.norm(i) == "how" and hit[1] < len(chart)
                found.append((0 if amount else hit[1] - i, hit[0]))  # "how much ram" is not a price
                i = hit[1]
                continue
        i += 1
    if found:
        return max(found, key=lambda p: p[0])[1]
    told = _measured(chart, vocabulary, scope) or _who(chart, vocabulary, scope)
    if told is not None:
        return told
    for m in chart.of_kind("facet"):
        closed = [v for v in m.values if not v.loose and scope.holds(v.field)]
        if closed:
            return closed[0].field
    return next((name for m in chart.of_kind("number") for name in m.ranges or ()), None)


def _measured(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> str | None:
    """The field that "how" asks for with an adjective: how long, how heavy, how sweet."""
    for i in range(len(chart) - 1):
        if chart.norm(i) == "how":
            for reading in vocabulary.lexicon.adjectives.get((chart.norm(i + 1),), ()):
                name = field_of(reading, vocabulary, scope)
                if name is not None:
                    return name
    return None


def _who(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> str | None:
    """The field that "who" asks for where no word names one: people first, then makers."""
    if not any(chart.norm(i) == "who" for i in range(min(3, len(chart)))):
        return None
    facets = vocabulary.schema.by_role("facet")
    people = [f for f in facets if f.kind == "person"]
    makers = [f for f in facets if made_by(f, vocabulary.lexicon)]
    return next((f.name for f in (*people, *makers) if scope.holds(f.name)), None)


def link_shown_fields(
    chart: Chart, vocabulary: Vocabulary, context: Context, scope: Scope
) -> list[Mention]:
    """``that brand``, ``the same director``: a field of something shown, with the value it has
    there.

    The value is that of the position the message points at, else the one that most of the slate
    shares. Nothing when the slate is empty or no value is shared.
    """
    items = context.shown()
    if not items:
        return []
    pointed = [p for m in chart.of_kind("position") if not m.whole for p in m.positions]
    own = [i for i in (context.at(p) for p in pointed[:1]) if i is not None]
    found: list[Mention] = []
    for i in range(len(chart) - 1):
        if chart.norm(i) not in ("that", "this", "same", "those", "these") or not chart.free(
            i, i + 2
        ):
            continue
        stem = vocabulary.lexicon.stem(chart.norm(i + 1))
        hit = named_field(chart, i + 1, vocabulary, scope)
        names = [
            n
            for n, words in vocabulary.facets.labels.items()
            if stem in words and not n.endswith("tags")
        ]
        name = names[0] if names else hit[0] if hit and hit[0] in vocabulary.facets.labels else None
        if name is None:
            continue
        counts: dict[str, int] = {}
        for item in own or items:
            value = item.fields.get(name)
            for text in (
                value if isinstance(value, tuple) else [value] if isinstance(value, str) else []
            ):
                counts[text] = counts.get(text, 0) + 1
        least = 1 if own or len(items) == 1 else 2
        kept = [v for v, n in counts.items() if n >= least and n >= 0.5 * len(own or items)]
        values = tuple(FacetValue(field=name, value=v, count=counts[v], person=False) for v in kept)
        if values:
            found.append(Mention(start=i, end=i + 2, kind="field", field=name, values=values))
    return found


def lifted(
    chart: Chart,
    vocabulary: Vocabulary,
    scope: Scope,
    chosen: Mapping[int, tuple[FacetValue, ...]],
) -> tuple[dict[str, tuple[str, ...]], set[int]]:
    """Wishes to forget, and the first tokens of what they are said of.

    "scrap the romance", "remove the price limit", "forget the cancelling". A word that no field
    holds stands under the field ''.
    """
    wishes: dict[str, tuple[str, ...]] = {}
    used: set[int] = set()
    for cue in chart.all("lift"):
        for i in range(cue.end, min(cue.end + 3, len(chart))):
            if chart.hard(i):
                break
            m = chart.at(i)
            if m is not None and m.kind == "facet":
                for v in chosen.get(m.start, ()):
                    wishes[v.field] = (*wishes.get(v.field, ()), v.value)
                used.add(m.start)
                break
            hit = named_field(chart, i, vocabulary, scope)
            if hit is not None:
                wishes[hit[0]] = ()
                break
            if _plain_word(chart, i, vocabulary):
                # "Forget about silent": a value that is a quality as well.
                known = vocabulary.facets.values.get(vocabulary.lexicon.stem(chart.norm(i)), ())
                for v in known:
                    if not v.loose:
                        wishes[v.field] = (*wishes.get(v.field, ()), v.value)
                wishes[""] = (*wishes.get("", ()), chart.norm(i))
                used.add(i)
                break
    return wishes, used


def _plain_word(chart: Chart, i: int, vocabulary: Vocabulary) -> bool:
    """Whether a word is one that only the free text can hold: "forget the dog"."""
    word = chart.tokens[i]
    nothing = word.norm in vocabulary.lexicon.stop or word.norm in vocabulary.nouns
    return word.kind == "word" and chart.free(i, i + 1) and not (nothing or chart.cue(i))


def names_a_field(
    m: Mention, spans: Iterable[Mention], chart: Chart, vocabulary: Vocabulary, scope: Scope
) -> bool:
    """Whether a word that is a value somewhere only names a field here, whose own value or limit
    stands beside it: "carbon as steel", "steel: carbon", "a battery of at most 8 hours"."""
    stem = vocabulary.lexicon.stem(chart.norm(m.start))
    for start in (m.start - 1, m.start):  # "box office" names nobody called Box
        words = [chart.norm(i) for i in range(max(start, 0), start + 5)]
        whole = vocabulary.numbers.labelled(words)
        if whole is not None and whole[1] > m.end - m.start and start + whole[1] >= m.end:
            return True
    if m.end != m.start + 1:
        return False
    after = m.end + 1 if chart.norm(m.end) == "of" else m.end
    bound = any(name.startswith("bound_") for name in chart.cue(after))
    bound = bound or (after < len(chart) and chart.tokens[after].value is not None)
    ordered = "sort" in chart.cue(m.start - 1) | chart.cue(m.start - 2)
    free = "lift_after" in chart.cue(m.end)
    named = any(scope.holds(f.name) for f in vocabulary.numbers.with_word(stem))
    if named and (bound or ordered or free):
        return True
    fields = {n for n, words in vocabulary.facets.labels.items() if stem in words}
    after = m.end
    while chart.norm(after) in BEING:
        after += 1
    ahead = [x for x in spans if x.start == after > m.end]
    behind = [x for x in spans if x.end == m.start - 1 and chart.norm(m.start - 1) == "as"]
    return any(v.field in fields for x in (*ahead, *behind) for v in x.values)


def waived(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> dict[str, tuple[str, ...]]:
    """Fields of which nothing is demanded any more: "the year does not matter", "any price is
    fine"."""
    found: dict[str, tuple[str, ...]] = {}
    for cue in chart.cues:
        names = chart.cue(cue.start)
        before = range(cue.start - 2, cue.start)
        near: Iterable[int]
        if "lift_after" in names:
            near = before
        elif not names.isdisjoint({"allowed_after", "allowed_again"}):
            near = [i for i in before if chart.norm(i - 1) == "any"]
        elif "soften" in names:
            near = range(cue.end, cue.end + 2)
        else:
            continue
        hits = (
            named_field(chart, i, vocabulary, scope)
            for i in near
            if 0 <= i < len(chart) and chart.free(i, i + 1)
        )
        if field := next((hit[0] for hit in hits if hit is not None), None):
            found[field] = ()
    return found


def _turned(reading: Adjective) -> Adjective:
    """The opposite: "least expensive" is cheapest."""
    return replace(reading, direction="lower" if reading.direction == "higher" else "higher")


def sorting(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> Sort | None:
    """The order asked for: "sort by price", "cheapest first", "from least to most expensive"."""
    lexicon = vocabulary.lexicon
    asked = chart.has("sort")
    for i in range(len(chart)):
        readings = lexicon.adjectives.get((chart.norm(i),), ())
        superlative = [r for r in readings if r.degree == "superlative"]
        degree = chart.cue(i - 1) & {"superlative_more", "superlative_less"}
        if degree and readings and not superlative:  # "most expensive first"
            least = "superlative_less" in degree
            superlative = [_turned(r) if least else r for r in readings]
        ahead = [chart.norm(k) for k in range(i + 1, i + 4)]
        if superlative and ("first" in ahead or (chart.norm(i - 1) == "from" and "to" in ahead)):
            name = field_of(superlative[0], vocabulary, scope)
            if name:
                return Sort(field=name, descending=superlative[0].direction == "higher")
    if not asked:
        return None
    up = chart.has("from_least", "ascending")
    down = chart.has("from_most", "descending")
    for i in range(len(chart)):
        readings = lexicon.adjectives.get((chart.norm(i),), ())
        if readings and chart.free(i, i + 1):
            name = field_of(readings[0], vocabulary, scope)
            if name:
                rising = readings[0].direction == "higher"
                if up or down:
                    return Sort(field=name, descending=(down == rising))
                return Sort(field=name, descending=rising)
    for i in range(len(chart)):
        if chart.cue(i).isdisjoint({"sort"}) and chart.tokens[i].kind == "word":
            hit = named_field(chart, i, vocabulary, scope)
            if hit:
                f = vocabulary.labels.get(hit[0])
                falls = f is not None and f.kind in _DESCENDING
                return Sort(field=hit[0], descending=(falls or down) and not up)
    return None
