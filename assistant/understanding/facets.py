"""Facet values and yes/no fields by the words people use for them, and people by their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.fields import label_words
from assistant.understanding.lexicon import Lexicon, Synonym
from assistant.understanding.tokens import QUOTED, words
from retrieval.types import Field, Item, Schema

MANY = 300
"""A plain multi-valued facet with more values than this holds free keywords, not a closed list."""

FEW, OFTEN = 40, 3
"""Values up to which, and items a value from which, even what is called topics is a closed list."""

TRUE = "true"


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetValue:
    """One value of one facet, as the catalogue spells it. ``count`` items hold it.

    ``loose`` values come from an open list of keywords: a wish for one is better served by meaning
    than by a hard constraint. ``synonym`` is true when another word led to the value. ``part`` is
    true when the words are only the noun of the value ("lamp" for "desk lamps"). ``exclude`` is
    true when the words say that it does not hold.
    """

    field: str
    value: str
    count: int
    loose: bool = False
    person: bool = False
    flag: bool = False
    part: bool = False
    exclude: bool = False
    keep: bool = False
    synonym: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetIndex:
    """Facet values by key (singular words joined by a space), people by name and surname."""

    values: Mapping[str, tuple[FacetValue, ...]]
    people: Mapping[str, tuple[FacetValue, ...]]
    surnames: Mapping[str, tuple[FacetValue, ...]]
    longest: Mapping[str, int]
    multi: frozenset[str]
    labels: Mapping[str, frozenset[str]]
    words: frozenset[str]
    loose_words: frozenset[str]


def tag_like(f: Field, lexicon: Lexicon) -> bool:
    """Whether a facet is an open list of keywords by its label."""
    return bool(label_words(f, lexicon) & {lexicon.stem(w) for w in lexicon.group("loose")})


def made_by(f: Field, lexicon: Lexicon) -> bool:
    """Whether a facet says by its label who makes or offers a thing: brand, winery, publisher."""
    plain = f.kind == "plain" and not f.multi
    return plain and bool(
        label_words(f, lexicon) & {lexicon.stem(w) for w in lexicon.group("maker")}
    )


def _closed(counts: Mapping[str, int]) -> bool:
    """Whether few values come up again and again: a list that somebody drew up."""
    return 0 < len(counts) <= FEW and sum(counts.values()) >= OFTEN * len(counts)


def count_values(facets: Sequence[Field], items: Iterable[Item]) -> dict[str, Counter[str]]:
    """How many items hold each value of each facet. Booleans count as ``true`` and ``false``."""
    counts: dict[str, Counter[str]] = {f.name: Counter() for f in facets}
    names = [f.name for f in facets]
    for item in items:
        for name in names:
            value = item.fields.get(name)
            if value is None:
                continue
            if isinstance(value, tuple):
                counts[name].update(value)
            elif isinstance(value, bool):
                counts[name][TRUE if value else "false"] += 1
            elif isinstance(value, str):
                counts[name][value] += 1
    return counts


def build_facets(
    schema: Schema, items: Sequence[Item], lexicon: Lexicon, *, kind: str | None
) -> FacetIndex:
    """Index every facet of the schema. Synonyms are resolved here, against what really exists.

    ``kind`` names the facet that tells what an item is ("desk lamps"), or None.
    """
    facets = schema.by_role("facet")
    counts = count_values(facets, items)
    plain_lists = [f for f in facets if f.multi and f.kind == "plain"]
    loose = {
        f.name
        for f in plain_lists
        if (tag_like(f, lexicon) and not _closed(counts[f.name]))
        or (
            len(counts[f.name]) > MANY
            and any(o is not f and len(counts[o.name]) <= MANY for o in plain_lists)
        )
    }
    values: dict[str, list[FacetValue]] = {}
    people: dict[str, list[FacetValue]] = {}
    flags: list[tuple[Field, FacetValue]] = []
    for f in facets:
        for value, n in counts[f.name].items():
            if f.kind == "flag":
                if value == TRUE:
                    flag = FacetValue(field=f.name, value=TRUE, count=n, flag=True)
                    flags.append((f, flag))
                continue
            person = f.kind == "person"
            made = FacetValue(
                field=f.name, value=value, count=n, loose=f.name in loose, person=person
            )
            key = _name_key(value, lexicon) if person else lexicon_key(value, lexicon)
            if key and not (made.loose and n < 2):
                (people if person else values).setdefault(key, []).append(made)
    for f, flag in flags:
        parts = sorted_words(f, lexicon)
        values.setdefault(" ".join(parts), []).append(flag)
        if len(parts) > 1 and parts[-1] in lexicon.group("granted"):
            values.setdefault(" ".join(parts[:-1]), []).append(flag)
    if kind is not None:
        _add_nouns(values, counts[kind], kind, lexicon)
        for f in facets:
            own = sum(counts[f.name].values())
            if f.kind == "plain" and not f.multi and f.name != kind and own < 0.9 * len(items):
                _add_nouns(values, counts[f.name], f.name, lexicon, detail=True)
    labels = {f.name: label_words(f, lexicon) for f in facets}
    _add_short_names(values, [f for f in facets if made_by(f, lexicon)], counts, lexicon)
    _add_synonyms(values, labels, lexicon)
    ranked = {k: tuple(sorted(v, key=_rank)) for k, v in values.items()}
    ranked_people = {k: tuple(sorted(v, key=_rank)) for k, v in people.items()}
    called = _without_nickname(ranked_people, lexicon) | ranked_people
    return FacetIndex(
        values=ranked,
        people=called,
        surnames=_surnames(ranked_people),
        longest=_longest((ranked, called)),
        multi=frozenset(f.name for f in facets if f.multi),
        labels=labels,
        words=frozenset(w for k in ranked if not ranked[k][0].loose for w in k.split(" ")),
        loose_words=frozenset(w for k in ranked if ranked[k][0].loose for w in k.split(" ")),
    )


def lexicon_key(text: str, lexicon: Lexicon) -> str:
    """The key of a value: its words spelt and made singular as those of a message are."""
    return " ".join(lexicon.stem(w) for w in words(text, lexicon.spelling))


def _name_key(text: str, lexicon: Lexicon) -> str:
    return " ".join(words(text, lexicon.spelling))


def sorted_words(f: Field, lexicon: Lexicon) -> tuple[str, ...]:
    """The words of a flag's label in their order, singular: ``dishwasher safe``."""
    text = f.label or f.name.rpartition(".")[2].replace("_", " ")
    return tuple(lexicon_key(text, lexicon).split(" "))


def _rank(v: FacetValue) -> tuple[bool, bool, bool, int, str]:
    return (v.loose, v.keep, v.part, -v.count, v.field)


def _add_nouns(
    values: dict[str, list[FacetValue]],
    counts: Mapping[str, int],
    kind: str,
    lexicon: Lexicon,
    *,
    detail: bool = False,
) -> None:
    """Let the noun of a kind of thing stand for it where only one value ends in it: "lamp".

    For a ``detail`` of some kinds the last word stands for every value that ends in it ("canvas"),
    and, like a synonym, only where the kind is known.
    """
    heads: dict[str, list[str]] = {}
    for value in counts:
        parts = lexicon_key(value, lexicon).split(" ")
        if len(parts) > 1 and len(parts[-1]) > 2:
            heads.setdefault(parts[-1], []).append(value)
    for head, owners in heads.items():
        if len(owners) > 1 and not detail:
            continue
        for owner in owners:
            made = FacetValue(
                field=kind, value=owner, count=counts[owner], part=True, synonym=detail
            )
            values.setdefault(head, []).append(made)


def _add_short_names(
    values: dict[str, list[FacetValue]],
    makers: Iterable[Field],
    counts: Mapping[str, Mapping[str, int]],
    lexicon: Lexicon,
) -> None:
    """Let the word that only one maker has in its name stand for it: "Northgate" (University)."""
    for f in makers:
        holders: dict[str, list[str]] = {}
        for value in counts[f.name]:
            parts = lexicon_key(value, lexicon).split(" ")
            for part in parts if len(parts) > 1 else ():
                holders.setdefault(part, []).append(value)
        for part, owners in holders.items():
            if (
                len(owners) == 1
                and len(part) > 3
                and part not in lexicon.known
                and part not in values
            ):
                made = FacetValue(field=f.name, value=owners[0], count=counts[f.name][owners[0]])
                values[part] = [made]


def _add_synonyms(
    values: dict[str, list[FacetValue]],
    labels: Mapping[str, frozenset[str]],
    lexicon: Lexicon,
) -> None:
    own = {k: tuple(v) for k, v in values.items()}
    for said, synonyms in lexicon.synonyms.items():
        key = " ".join(lexicon.stem(w) for w in said)
        for synonym in synonyms:
            for found in _targets(synonym, own, labels, lexicon):
                held = values.setdefault(key, [])
                if not any(h.field == found.field and h.value == found.value for h in held):
                    held.append(found)


def _targets(
    synonym: Synonym,
    own: Mapping[str, tuple[FacetValue, ...]],
    labels: Mapping[str, frozenset[str]],
    lexicon: Lexicon,
) -> list[FacetValue]:
    found: list[FacetValue] = []
    for target in synonym.to:
        label, _, text = target.rpartition("=")
        hits = [
            v
            for v in own.get(lexicon_key(text, lexicon), ())
            if not v.part and (not label or lexicon.stem(label) in labels[v.field])
        ]
        closed = [v for v in hits if not v.loose]
        # A word may lead to keywords too, for "nothing gory"; a closed list answers first.
        chosen = closed or sorted(hits, key=lambda v: -v.count)[:1]
        found.extend(
            FacetValue(
                field=v.field, value=v.value, count=v.count, loose=v.loose, person=v.person,
                flag=v.flag, exclude=synonym.exclude, keep=synonym.keep, synonym=True,
            )
            for v in chosen
        )  # fmt: skip
        if found and synonym.first:
            break
    return found


def _surnames(
    people: Mapping[str, tuple[FacetValue, ...]],
) -> dict[str, tuple[FacetValue, ...]]:
    """The last one or two words of each name, with everybody who has them, the most frequent
    first; and the first word, where nobody else is called so.
    """
    found: dict[str, list[FacetValue]] = {}
    named = Counter(part for key in people for part in set(key.split(" ")))
    for key, values in people.items():
        parts = key.split(" ")
        if len(parts) > 1 and len(parts[0]) > 2 and named[parts[0]] == 1:
            found.setdefault(parts[0], []).extend(values)
        for n in (1, 2):
            if len(parts) > n and len(parts[-1]) > 2:
                found.setdefault(" ".join(parts[-n:]), []).extend(values)
    return {k: tuple(sorted(v, key=_rank)) for k, v in found.items()}


def _without_nickname(
    people: Mapping[str, tuple[FacetValue, ...]], lexicon: Lexicon
) -> dict[str, tuple[FacetValue, ...]]:
    """Names that hold a nickname in quotes, by what is left without it: Dwayne Johnson."""
    found: dict[str, tuple[FacetValue, ...]] = {}
    for values in people.values():
        for v in values:
            plain = QUOTED.sub(" ", v.value)
            if plain != v.value and " " in (key := _name_key(plain, lexicon)):
                found[key] = (*found.get(key, ()), v)
    return found


def _longest(tables: Iterable[Mapping[str, object]]) -> dict[str, int]:
    longest: dict[str, int] = {}
    for table in tables:
        for key in table:
            first, *rest = key.split(" ")
            longest[first] = max(longest.get(first, 0), 1 + len(rest))
    return longest
