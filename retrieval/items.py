"""A row of a catalogue becomes an item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from retrieval.names import Names, names, snake
from retrieval.orders import cleared, is_order
from retrieval.schema import Layout, year_of
from retrieval.types import Field, Item, ItemId, Schema, Value
from retrieval.values import (
    HugeCell,
    Raw,
    as_date,
    as_flag,
    as_number,
    as_text,
    flatten,
    is_missing,
    split,
)

MAX_ID = 256


class BadRow(ValueError):
    """A row that cannot be an item; the message is the reason in one snake-case word."""


def make_item(layout: Layout, row: Mapping[str, Raw]) -> tuple[Item, tuple[str, ...]]:
    """The item of a flattened row, and what is doubtful about it, a snake-case word each.

    A value of the wrong type (``unreadable_<field>``) is left out and the item taken without it,
    and so is a sentence that is written for a machine (``speaks_to_machines``; see
    :mod:`retrieval.orders`). A title that is nothing else stays: an item is called something.
    BadRow for a missing id or title, a list where either should be, or an id longer than
    :data:`MAX_ID`.
    """
    key = _plain(row.get(layout.id), "id")
    if len(key) > MAX_ID:
        raise BadRow("huge_id")
    if not key.isprintable():
        raise BadRow("control_character")
    title = " ".join(_plain(row.get(layout.title), "title").split())
    if not title:
        raise BadRow("missing_title")
    texts: list[str] = []
    fields: dict[str, Value] = {}
    doubts: list[str] = []
    available, image = True, ""
    hints = names()
    for f in layout.schema.fields:
        raw = row.get(f.name)
        if raw is None or f.role in ("id", "title", "ignore"):
            continue
        if f.role == "text":
            texts.append(", ".join(_parts(f, raw, layout)) if f.multi else _joined(raw))
            continue
        if isinstance(raw, str) and is_missing(raw):
            continue
        if f.role == "image":
            image = image or as_text(raw[0] if isinstance(raw, list) else raw)
            continue
        value = (
            _availability(f.name, raw, hints)
            if f.role == "availability"
            else _value(f, raw, layout)
        )
        if value is None:
            doubts.append(f"unreadable_{f.name}")
            continue
        fields[f.name] = value
        if f.role == "availability":
            # Two fields that speak of availability must both say yes.
            available = available and bool(value)
    if layout.title_year:
        title, year = year_of(title)
        if year is not None:
            fields["year"] = year
    text = "\n".join(t for t in texts if t)
    honest = {name: v for name, value in fields.items() if (v := _honest(value)) is not None}
    if is_order(title) or is_order(text) or honest != fields:
        doubts.append("speaks_to_machines")
    item = Item(
        id=ItemId(key),
        title=cleared(title) or title,
        text=cleared(text),
        fields=MappingProxyType(honest),
        available=available,
        image=image,
    )
    return item, tuple(doubts)


def sent_item(schema: Schema, row: Mapping[str, object]) -> tuple[Item, tuple[str, ...]]:
    """The item of a row that a program sends, read under a schema in force, and what is doubtful.

    As :func:`make_item`, but that lists stand as lists, and that a field which the schema does not
    know is left out and told (``unknown_<field>``). BadRow also for a text that is too long.
    """
    try:
        flat = flatten(row)
    except HugeCell:
        raise BadRow("huge_cell") from None
    if not all(_is_text(part) for value in flat.values() for part in _strings(value)):
        raise BadRow("bad_encoding")
    own = replace(schema, fields=tuple(f for f in schema.fields if not f.derived))
    known = {f.name for f in own.fields}
    item, doubts = make_item(
        Layout(schema=own, separators={}, title_year="year" in known and "year" not in flat), flat
    )
    return item, (*doubts, *(f"unknown_{name}" for name in flat if name not in known))


def _strings(value: Raw) -> list[str]:
    return [v for v in (value if isinstance(value, list) else [value]) if isinstance(v, str)]


def _is_text(value: str) -> bool:
    """Whether it can be written: JSON may name halves of characters."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _honest(value: Value) -> Value | None:
    """The value without what is written for machines; None where nothing is left."""
    if isinstance(value, tuple):
        return tuple(v for v in value if not is_order(v)) or None
    return None if isinstance(value, str) and is_order(value) else value


def _plain(raw: Raw | None, what: str) -> str:
    if raw is None:
        raise BadRow(f"missing_{what}")
    if isinstance(raw, list):
        raise BadRow(f"{what}_of_wrong_type")
    text = as_text(raw).strip()
    if not text:
        raise BadRow(f"missing_{what}")
    return text


def _parts(f: Field, raw: Raw, layout: Layout) -> tuple[str, ...]:
    """The values of a multi-valued field: trimmed, without repeats and empty ones, in order."""
    if isinstance(raw, str):
        found = split(raw, layout.separators.get(f.name, ""))
    else:
        found = [as_text(v) for v in raw] if isinstance(raw, list) else [as_text(raw)]
    kept = (" ".join(v.split()) for v in found)
    return tuple(dict.fromkeys(v for v in kept if v and not is_missing(v)))


def _joined(raw: Raw) -> str:
    return "\n".join(map(as_text, raw)) if isinstance(raw, list) else as_text(raw).strip()


def _value(f: Field, raw: Raw, layout: Layout) -> Value | None:
    """A facet, number, date or link as its role wants it; None when it cannot be read so."""
    if f.role == "number":
        if isinstance(raw, list):
            return None
        number = as_number(raw)
        if number is None:
            return None
        whole = number.is_integer() and abs(number) < 2**53
        return int(number) if whole and (f.kind == "year" or not _has_point(raw)) else number
    if f.role == "date":
        return as_date(raw)
    if f.kind == "flag":
        flag = as_flag(raw)
        number = as_number(raw) if flag is None else None
        return flag if flag is not None else None if number not in (0.0, 1.0) else number == 1.0
    if f.multi or isinstance(raw, list):
        return _parts(f, raw, layout) or None
    return " ".join(as_text(raw).split())


def _has_point(raw: Raw) -> bool:
    return isinstance(raw, float) or (isinstance(raw, str) and "." in raw)


def _availability(name: str, raw: Raw, hints: Names) -> bool | None:
    """Whether the item can be had; None when the words are not known ("ask in store")."""
    if isinstance(raw, list):
        return None
    said = as_flag(raw)
    if said is None and (number := as_number(raw)) is not None:
        said = number > 0
    if said is None:
        words = snake(as_text(raw).rpartition("/")[2])
        said = hints.availability.get(words)
    if said is None:
        return None
    return not said if snake(name) in hints.absent else said
