"""What a workspace can be asked about, read once from its schema and items.

Titles, people, facet values, number fields and the fields that each kind of thing has. It holds no
item; it is immutable and may be shared by every session.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from assistant.understanding.facets import FacetIndex, FacetValue, build_facets, lexicon_key
from assistant.understanding.fields import NumberFields, Span, kind_of_thing, number_fields, spans
from assistant.understanding.lexicon import Lexicon, lexicon, own_adjectives
from assistant.understanding.spelling import Speller
from assistant.understanding.titles import TitleIndex, build_titles
from retrieval.types import Field, Item, ItemId, Schema


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The words of one workspace in one language.

    ``held`` maps a facet that names the kind of thing to its values and the fields they have;
    ``ranges`` holds the span of each number field within each such value. ``scales`` orders the
    values of facets that are steps of one quality, from least to most; ``label_words`` are the
    singular words that fields go by.
    """

    schema: Schema
    lexicon: Lexicon
    titles: TitleIndex
    facets: FacetIndex
    numbers: NumberFields
    held: Mapping[str, Mapping[str, frozenset[str]]]
    ranges: Mapping[tuple[str, str], Mapping[str, Span]]
    scales: Mapping[str, tuple[str, ...]]
    speller: Speller
    names: Speller
    nouns: frozenset[str]
    people_words: frozenset[str]
    kinds: Mapping[ItemId, FacetValue]
    labels: Mapping[str, Field] = field(default_factory=dict)
    label_words: frozenset[str] = frozenset()

    @classmethod
    def build(cls, schema: Schema, items: Iterable[Item], *, language: str = "en") -> Vocabulary:
        """Read the vocabulary off a catalogue; an empty catalogue gives one that knows nothing."""
        words = lexicon(language)
        rows = [i for i in items if not i.retired]
        kind, values = kind_of_thing(schema, rows)
        facets = build_facets(schema, rows, words, kind=kind)
        numbers = number_fields(schema, rows, words)
        popularity = numbers.of_kind("popularity")
        years = schema.by_kind("year") or schema.by_role("date")
        single = [
            f.name for f in schema.by_role("facet") if not f.multi and f.kind in ("plain", "person")
        ]
        titles = build_titles(
            rows,
            words,
            single=single,
            year=years[0].name if years else None,
            popularity=popularity[0].name if popularity else None,
        )
        people_words = frozenset(w for k in facets.people for w in k.split(" "))
        scales = _scales(facets, schema, words)
        words = own_adjectives(words, {**scales, **_qualities(numbers)})
        labels = {w for f in numbers.fields for w in f.words}.union(*facets.labels.values())
        held = {kind: values} if kind is not None else {}
        return cls(
            schema=schema,
            lexicon=words,
            titles=titles,
            facets=facets,
            numbers=numbers,
            held=held,
            ranges=_ranges(held, rows, numbers),
            scales=scales,
            speller=Speller.of({w for w in words.known | facets.words if len(w) > 3}),
            names=Speller.of({*titles.postings, *people_words}),
            nouns=_nouns(schema, held, words),
            people_words=people_words,
            kinds=_kinds(held, rows),
            labels={f.name: f for f in schema.fields},
            label_words=frozenset(labels),
        )

    def fields_of(self, name: str, value: str) -> frozenset[str] | None:
        """The fields that things of this kind have, or None when the facet names no kind."""
        kinds = self.held.get(name)
        return kinds.get(value) if kinds is not None else None

    def partial(self, name: str) -> bool:
        """Whether only some kinds of thing have a field, in a catalogue of several kinds."""
        values = next(iter(self.held.values()), {})
        return bool(values) and not all(name in fields for fields in values.values())

    def kind(self, item: ItemId) -> tuple[str, str] | None:
        """The facet and value that say what kind of thing the item is; None where none does."""
        found = self.kinds.get(item)
        return None if found is None else (found.field, found.value)

    def scale(self, name: str) -> tuple[str, ...]:
        """The values of a facet from least to most, or () when it is no scale."""
        return self.scales.get(name, ())


def _kinds(
    held: Mapping[str, Mapping[str, frozenset[str]]], rows: list[Item]
) -> dict[ItemId, FacetValue]:
    """The kind of each item, where the catalogue names kinds."""
    return {
        item.id: FacetValue(field=name, value=value, count=1)
        for name in held
        for item in rows
        if isinstance(value := item.fields.get(name), str)
    }


def _nouns(
    schema: Schema,
    held: Mapping[str, Mapping[str, frozenset[str]]],
    words: Lexicon,
) -> frozenset[str]:
    """What one item may be called: the schema's noun, its other words, the nouns of the kinds."""
    own = {words.stem(w) for w in (*schema.noun.split(), *schema.nouns.split())}
    nouns = {schema.noun, schema.nouns, *own}
    for w in own:
        nouns |= words.nouns.get(w, frozenset())
    for kinds in held.values():
        for value in kinds:
            head = lexicon_key(value, words).rpartition(" ")[2]
            nouns |= {head, value.rpartition(" ")[2].casefold()}
    return frozenset(n for n in nouns if n)


def _ranges(
    held: Mapping[str, Mapping[str, frozenset[str]]], items: list[Item], numbers: NumberFields
) -> dict[tuple[str, str], Mapping[str, Span]]:
    names = [f.name for f in numbers.fields]
    found: dict[tuple[str, str], Mapping[str, Span]] = {}
    for kind, values in held.items():
        groups: dict[str, list[Item]] = {v: [] for v in values}
        for item in items:
            value = item.fields.get(kind)
            if isinstance(value, str):
                groups[value].append(item)
        for value, group in groups.items():
            found[kind, value] = spans(names, group)
    return found


def _qualities(numbers: NumberFields) -> dict[str, tuple[str, ...]]:
    """The quality that a number field is named after, as a scale of one step: spiciness, spicy."""
    found: dict[str, tuple[str, ...]] = {}
    for f in numbers.fields:
        for word in f.words:
            root = word.removesuffix("ness")
            if root != word and len(root) > 2:
                found[f.name] = (f"{root[:-1]}y" if root.endswith("i") else root,)
    return found


def _scales(facets: FacetIndex, schema: Schema, words: Lexicon) -> dict[str, tuple[str, ...]]:
    own: dict[str, dict[str, str]] = {}
    for values in facets.values.values():
        for v in values:
            if not (v.part or v.loose or v.flag):
                own.setdefault(v.field, {})[lexicon_key(v.value, words)] = v.value
    found: dict[str, tuple[str, ...]] = {}
    for f in schema.by_role("facet"):
        keys = own.get(f.name, {})
        held = (
            tuple(keys[k] for k in (lexicon_key(s, words) for s in scale) if k in keys)
            for scale in words.scales
        )
        steps = max(held, key=len, default=())
        if len(steps) >= 2 and len(steps) >= 0.6 * len(keys):
            found[f.name] = steps
    return found
