"""Facet mentions settled: which value of which field is meant, wanted or refused.

A word may be a value of several fields ("steel" is a colour, a material and a kind of blade). The
kind of thing spoken of decides, then a label nearby, then how many items hold the value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.facets import FacetValue
from assistant.understanding.polarity import Judgement
from assistant.understanding.scope import Scope
from assistant.understanding.vocabulary import Vocabulary

BEING = frozenset({"is", "are", "be", "being", "should", "must", "not", "no", ":"})
"""Words between the name of a field and its value."""


@dataclass(slots=True)
class Wishes:
    """Facet values by field as they are gathered, and the words that no closed facet holds."""

    include: dict[str, list[str]] = field(default_factory=dict)
    exclude: dict[str, list[str]] = field(default_factory=dict)
    without: list[str] = field(default_factory=list)
    every: set[str] = field(default_factory=set)
    kept: list[Mention] = field(default_factory=list)
    opened: list[FacetValue] = field(default_factory=list)
    fond: dict[str, list[str]] = field(default_factory=dict)
    averse: dict[str, list[str]] = field(default_factory=dict)
    demanded: set[tuple[str, str]] = field(default_factory=set)

    def tastes(self) -> dict[str, tuple[str, ...]]:
        """What is included and was only said to be liked, never asked for."""
        found: dict[str, tuple[str, ...]] = {}
        for name, values in self.fond.items():
            kept = [
                v
                for v in dict.fromkeys(values)
                if v in self.include.get(name, ()) and (name, v) not in self.demanded
            ]
            if kept:
                found[name] = tuple(kept)
        return found

    def aversions(self) -> dict[str, tuple[str, ...]]:
        """What is excluded because it was said to be disliked."""
        return {
            name: kept
            for name, values in self.averse.items()
            if (kept := tuple(v for v in dict.fromkeys(values) if v in self.exclude.get(name, ())))
        }

    def put(self, v: FacetValue, *, refused: bool) -> None:
        """Add a value on its side; a value that is already there is not repeated."""
        side = self.exclude if refused else self.include
        held = side.setdefault(v.field, [])
        if v.value not in held:
            held.append(v.value)


def settle(
    chart: Chart, judged: Mapping[int, Judgement], vocabulary: Vocabulary, scope: Scope
) -> Wishes:
    """Gather the facet wishes of a message."""
    wishes = Wishes()
    mentions = chart.of_kind("facet")
    for m in mentions:
        judgement = judged.get(m.start, Judgement())
        refused = judgement.refused or judgement.feeling == "hate"
        chosen = choose(m, chart, vocabulary, scope)
        if not chosen and refused:
            chosen = tuple(v for v in m.values if not (v.loose or v.synonym))[:1]
        if not chosen:
            wishes.kept.append(m)
            continue
        if judgement.open:
            wishes.opened.extend(chosen)
            for v in chosen if judgement.allowed else ():
                if not v.loose:  # welcome, but no demand
                    wishes.put(v, refused=v.exclude)
                    wishes.fond.setdefault(v.field, []).append(v.value)
            continue
        if all(v.loose for v in chosen):
            _loose(m, chosen, refused, chart, wishes)
            continue
        if any(v.keep for v in chosen):
            wishes.kept.append(m)
        for v in chosen:
            kind = v.field in vocabulary.held
            if refused and kind and (len(chosen) > 1 or _noun_of_another(m, chart)):
                continue  # "not a capsule machine" refuses the capsules, not the machines
            wishes.put(v, refused=refused != v.exclude)
            if judgement.feeling == "hate":
                wishes.averse.setdefault(v.field, []).append(v.value)
            if judgement.feeling == "love":  # "something like a western" asks for one
                wishes.fond.setdefault(v.field, []).append(v.value)
            else:
                wishes.demanded.add((v.field, v.value))
    _single(wishes)
    wishes.every = _every(mentions, chart, wishes, judged, vocabulary, scope)
    return wishes


def choose(
    m: Mention, chart: Chart, vocabulary: Vocabulary, scope: Scope
) -> tuple[FacetValue, ...]:
    """The values of a mention that are meant: at most one field beside the kind of thing itself."""
    if m.values[0].person:
        return (_person(m, chart, vocabulary),)
    closed = [v for v in m.values if not v.loose]
    if not closed:
        return m.values[:1]
    kinds = [v for v in closed if v.field in vocabulary.held]
    others = [
        v
        for v in closed
        if v.field not in vocabulary.held
        and _in_scope(v, scope, kinds, chart.of_kind("facet"), vocabulary)
    ]
    chosen: list[FacetValue] = kinds[:1]
    if others:
        best = labelled(m, others, chart, vocabulary) or others[0].field
        own = [v for v in others if v.field == best]
        chosen += [v for v in own if not v.part] or own
    if chosen:
        return tuple(chosen)
    loose = tuple(v for v in m.values if v.loose)[:1]
    # What the kind named in the message has no field for says nothing about it: "a cosy laptop".
    elsewhere = () if scope.said else tuple(v for v in closed if not v.synonym)[:1]
    return loose or elsewhere


def _noun_of_another(m: Mention, chart: Chart) -> bool:
    """Whether the kind is only the noun of the value before it: "not a party game"."""
    before = chart.at(m.start - 1)
    return before is not None and before.kind == "facet"


def _in_scope(
    v: FacetValue,
    scope: Scope,
    kinds: Iterable[FacetValue],
    near: Sequence[Mention],
    vocabulary: Vocabulary,
) -> bool:
    if scope.holds(v.field):
        if not (v.synonym and not v.flag and scope.fields is None and vocabulary.partial(v.field)):
            return True
        # Another word for a detail of one kind needs the kind, or its neighbours, to be named.
        beside = {o.field for x in near for o in x.values if not (o.synonym or o.loose)}
        return any(
            v.field in fields and any(b in fields and vocabulary.partial(b) for b in beside)
            for kinds_held in vocabulary.held.values()
            for fields in kinds_held.values()
        )
    own = [vocabulary.fields_of(k.field, k.value) for k in kinds]
    return any(o is not None and v.field in o for o in own)


def labelled(
    m: Mention, values: Iterable[FacetValue], chart: Chart, vocabulary: Vocabulary
) -> str | None:
    """The field whose label stands beside the mention: "navy colour", "material: steel", "the
    colour should not be navy"."""
    before = m.start - 1
    while chart.norm(before) in BEING:
        before -= 1
    places = (m.start - 2, m.start - 1, before, m.end, m.end + 1)
    near = {vocabulary.lexicon.stem(chart.norm(i)) for i in places}
    for v in values:
        if near & vocabulary.facets.labels[v.field]:
            return v.field
    return None


def _person(m: Mention, chart: Chart, vocabulary: Vocabulary) -> FacetValue:
    """The field in which a person is meant: by the cue before the name, else the most frequent."""
    best = max(m.values, key=lambda v: v.count)
    same = [v for v in m.values if v.value == best.value]
    if len(same) < 2:
        return best
    lexicon = vocabulary.lexicon
    for i in (m.start - 1, m.start - 2, m.start - 3, m.end):
        labels = lexicon.field_labels.get((chart.norm(i),), frozenset())
        names = chart.cue(i)
        if chart.hard(i) or (i < m.start and chart.norm(i) == ","):
            break
        for v in same:
            if labels & vocabulary.facets.labels[v.field]:
                return v
        if chart.norm(i) == "by" or (
            names
            and "by_person" in names
            and "with_person" not in names
            and i < m.start
            and chart.norm(i) != "from"
        ):
            return (
                _of_label(same, vocabulary, ("director", "author", "artist", "creator", "composer"))
                or best
            )
        if names and "with_person" in names and i < m.start:
            return _of_label(same, vocabulary, ("cast", "actor", "starring", "performer")) or best
    return best


def _of_label(
    values: Iterable[FacetValue], vocabulary: Vocabulary, labels: Iterable[str]
) -> FacetValue | None:
    wanted = frozenset(labels)
    for v in values:
        if wanted & vocabulary.facets.labels[v.field]:
            return v
    return None


def _loose(
    m: Mention, chosen: tuple[FacetValue, ...], refused: bool, chart: Chart, wishes: Wishes
) -> None:
    """A keyword: refused it excludes, wanted it stays in the free text, where meaning finds it."""
    if not refused:
        wishes.kept.append(m)
        return
    said = " ".join(t.norm for t in chart.tokens[m.start : m.end] if t.kind != "mark")
    for v in _spelt_like(chosen, m):
        wishes.put(v, refused=True)
        wishes.without.append(v.value if v.synonym else said)


def _spelt_like(chosen: tuple[FacetValue, ...], m: Mention) -> tuple[FacetValue, ...]:
    loose = [v for v in m.values if v.loose and v.field == chosen[0].field] if chosen else []
    if len(loose) < 2:
        return chosen
    # One value a field: the synonym's target where there is one, else the plainest spelling.
    return (min(loose, key=lambda v: (len(v.value), v.value)),)


def _single(wishes: Wishes) -> None:
    """What is refused is not also wanted."""
    for name, values in wishes.exclude.items():
        if name in wishes.include:
            wishes.include[name] = [v for v in wishes.include[name] if v not in values]
            if not wishes.include[name]:
                del wishes.include[name]


def _every(
    mentions: list[Mention],
    chart: Chart,
    wishes: Wishes,
    judged: Mapping[int, Judgement],
    vocabulary: Vocabulary,
    scope: Scope,
) -> set[str]:
    """Multi-valued fields whose wanted values must all hold: several, and no "or" between them."""
    places: dict[str, list[Mention]] = {}
    for m in mentions:
        j = judged.get(m.start, Judgement())
        if not (j.refused or j.open):
            for v in choose(m, chart, vocabulary, scope):
                if not v.loose:
                    places.setdefault(v.field, []).append(m)
    out: set[str] = set()
    alternatives = vocabulary.lexicon.group("alternatives")
    for name, values in wishes.include.items():
        if len(values) < 2 or name not in vocabulary.facets.multi:
            continue
        own = places.get(name, [])
        between = [chart.norm(i) for a, b in pairwise(own) for i in range(a.end, b.start)]
        led = own and chart.norm(own[0].start - 1) == "either"
        if not led and not any(w in alternatives for w in between):
            out.add(name)
    return out
