"""Items, schemas and kinds of events as JSON text, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from types import MappingProxyType

import orjson

from retrieval.kinds import EventKind, EventKinds
from retrieval.schema import DERIVED
from retrieval.types import Field, Item, ItemId, Schema, Value


def body_of(item: Item) -> str:
    """What an item says besides its title: text, fields in their order, image."""
    return orjson.dumps(_body(item)).decode()


def digest_of(item: Item) -> bytes:
    """16 bytes that change when anything the catalogue says does; the fields' order is nothing."""
    said = [item.title, item.available, _body(item)]
    return hashlib.blake2b(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()


def _body(item: Item) -> dict[str, object]:
    return {"text": item.text, "fields": dict(item.fields), "image": item.image}


def item_of(
    id: str,
    title: str,
    body: str,
    available: bool,
    retired: bool,
    numbers: tuple[float | None, int, int],
    derived: frozenset[str],
) -> Item:
    """An item from its row. Of ``numbers``, in the order of DERIVED, those in ``derived`` count."""
    read = orjson.loads(body)
    fields: dict[str, Value] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in read["fields"].items()
    }
    for name, number in zip(DERIVED, numbers, strict=True):
        if name in derived and number is not None:
            fields.setdefault(name, number)
    return Item(
        id=ItemId(id),
        title=title,
        text=read["text"],
        fields=MappingProxyType(fields),
        available=bool(available),
        image=read["image"],
        retired=bool(retired),
    )


def schema_text(schema: Schema) -> str:
    """A schema as JSON."""
    return orjson.dumps(asdict(schema), option=orjson.OPT_SORT_KEYS).decode()


def schema_of(text: str) -> Schema:
    """A schema from :func:`schema_text`."""
    read = orjson.loads(text)
    fields = tuple(Field(**f) for f in read.pop("fields"))
    return Schema(fields=fields, openings=tuple(read.pop("openings", ())), **read)


def kinds_text(kinds: EventKinds) -> str:
    """Kinds of events as JSON."""
    table = [asdict(k) for k in kinds.values()]
    return orjson.dumps({"low": kinds.low, "high": kinds.high, "kinds": table}).decode()


def kinds_of(text: str) -> EventKinds:
    """Kinds of events from :func:`kinds_text`."""
    read = orjson.loads(text)
    table: Mapping[str, EventKind] = {k["name"]: EventKind(**k) for k in read["kinds"]}
    return EventKinds(table=MappingProxyType(dict(table)), low=read["low"], high=read["high"])


def derived_of(schema: Schema) -> frozenset[str]:
    """The names of the numbers that items take from events under this schema."""
    return frozenset(f.name for f in schema.fields if f.derived)
