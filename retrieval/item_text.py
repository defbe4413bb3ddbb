"""What of an item is embedded for semantic search."""

from __future__ import annotations

from retrieval.filters import fold, texts
from retrieval.types import Field, Item, Schema

VALUES = 12  # of one facet: beyond a dozen, tags repeat each other
PEOPLE = 3  # names in all, of the first fields of people: more tell little apart and cost time
HEAD = 600  # characters of everything before the text, about 130 of the model's 256 tokens
WHOLE = 2_000  # characters in all; 256 tokens of English are about 1,150


def item_text(item: Item, schema: Schema) -> str:
    """The item as one passage: ``Title. Facets. People. Tags. Text``, in the catalogue's order.

    The model reads 256 tokens and forgets the rest, so what names the item comes first and the
    long text last, where being cut hurts least; the head is bounded so that at least half of the
    room is left for the text. Facets and people are bare values, without labels: a label is the
    same word on every item, which tells nothing apart and pulls all vectors together. People stay
    in, because people describe what they look for by who is in it (see
    ``docs/benchmarks/vector-search.md`` for what each choice is worth). A flag that is true is said
    by its label ("waterproof"). Numbers, dates, availability, links and pictures stay out: filters
    answer those exactly, and a sentence model does not; so do facets that the schema does not want
    embedded. A value that the title or an earlier facet has already said is not said again.

    An item without any words gives its id, so that no two such items share a vector by accident.
    """
    said = {fold(item.title)}
    parts = [item.title.strip()] if item.title.strip() else []
    room, people = HEAD - sum(map(len, parts)), PEOPLE
    for field in schema.by_role("facet"):
        if not field.embedded:
            continue
        limit = people if field.kind == "person" else VALUES
        values = [v for v in facet_words(item, field)[:limit] if fold(v) not in said]
        people -= len(values) if field.kind == "person" else 0
        said.update(map(fold, values))
        joined = ", ".join(values)
        if joined and len(joined) <= room:
            parts.append(joined)
            room -= len(joined)
    if item.text.strip():
        parts.append(" ".join(item.text.split()))
    passage = ". ".join(p.rstrip(".") for p in parts if p.rstrip("."))
    return _cut(passage, WHOLE) or str(item.id)


def facet_words(item: Item, field: Field) -> tuple[str, ...]:
    """What a facet says about an item in words, without repeats; empty when it has no value.

    A flag says its label when it is true and nothing when it is false.
    """
    held = item.fields.get(field.name)
    if held is None:
        return ()
    if field.kind == "flag" or isinstance(held, bool):
        label = field.label or field.name.rpartition(".")[2].replace("_", " ")
        return (label,) if texts(held) == ("true",) else ()
    values = held if isinstance(held, tuple) else (str(held),)
    return tuple(dict.fromkeys(" ".join(v.split()) for v in values if v.strip()))


def _cut(text: str, limit: int) -> str:
    """The text, cut before the last word that does not fit; hard where there is no space."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    return head.rpartition(" ")[0] or head
