"""A reading in the public form, as ``palate understand`` writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from assistant.types import Reading, Relative
from assistant.understanding.lexicon import softs
from retrieval.types import Schema


def parse(reading: Reading, schema: Schema) -> dict[str, Any]:
    """A reading in the public form. Fields are called by their last part, dates are written out."""
    return {
        "act": reading.act,
        "liked": list(reading.liked),
        "disliked": list(reading.disliked),
        "seen": list(reading.seen),
        "reference": list(reading.reference),
        "include": _facets(reading.include, schema),
        "exclude": _facets(reading.exclude, schema),
        "ranges": {
            _short(name, schema): _bounds(name, r.min, r.max, schema)
            for name, r in reading.ranges.items()
        },
        "relative": [
            {"field": _short(r.field, schema), "direction": r.direction, "base": r.base}
            for r in reading.relative
            if not _free(r, schema)
        ],
        "free_text_need": _need(reading, schema),
    }


def _short(name: str, schema: Schema) -> str:
    """The last part of a dotted name where it is unambiguous, else the name itself."""
    tail = name.rpartition(".")[2]
    found = schema.find(tail)
    return tail if found is not None and found.name == name else name


def _facets(facets: Mapping[str, tuple[str, ...]], schema: Schema) -> dict[str, list[str | bool]]:
    out: dict[str, list[str | bool]] = {}
    for name, values in facets.items():
        f = schema.find(name)
        flag = f is not None and (f.kind == "flag" or f.role == "availability")
        out[_short(name, schema)] = [v == "true" for v in values] if flag else list(values)
    return out


def _bounds(
    name: str, low: float | None, high: float | None, schema: Schema
) -> dict[str, float | int | str]:
    f = schema.find(name)
    dated = f is not None and f.role == "date"
    bounds: dict[str, float | int | str] = {}
    if low is not None:
        bounds["min"] = f"{int(low):04d}-01-01" if dated else _plain(low)
    if high is not None:
        bounds["max"] = f"{int(high):04d}-12-31" if dated else _plain(high)
    return bounds


def _plain(x: float) -> float | int:
    return int(x) if x == int(x) else x


def _need(reading: Reading, schema: Schema) -> str | None:
    """The words that no field holds, with what is refused among them."""
    held = {v.casefold() for values in reading.exclude.values() for v in values}
    refused = [f"without {w}" for w in reading.without if w not in held and not _named(w, held)]
    soft = [
        f"{'more' if r.direction == 'higher' else 'less'} {r.field}"
        for r in reading.relative
        if _free(r, schema)
    ]
    return " ".join([*([reading.text] if reading.text else []), *refused, *soft]) or None


def _free(r: Relative, schema: Schema) -> bool:
    """Whether a comparison is about a quality that neither a field nor a name of ours holds."""
    return schema.find(r.field) is None and r.field not in softs()


def _named(word: str, held: set[str]) -> bool:
    return any(word[:4] == h[:4] for h in held)
