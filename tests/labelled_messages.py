"""Messages with what they mean, over two small catalogues, and how far a reading of them is right.

The messages are of this project's own writing. Each stands in a conversation: what was said before,
what was shown, and what we asked. Labels are in the public form; a key that is absent is empty.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from assistant.understanding.context import Context
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema
from tests.assistant.understanding.worlds import PLANT_SCHEMA, PLANTS

FIXTURES = Path(__file__).with_name("fixtures")
MESSAGES = FIXTURES / "messages.jsonl"

FILM_SCHEMA = Schema(
    noun="film",
    nouns="films",
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="year", role="number", kind="year", label="year"),
        Field(name="genres", role="facet", multi=True, label="genres"),
        Field(name="directors", role="facet", kind="person", multi=True, label="directors"),
        Field(name="cast", role="facet", kind="person", multi=True, label="cast"),
        Field(name="minutes", role="number", label="minutes", unit="min"),
    ),
)

GROUPS: Mapping[str, tuple[str, ...]] = {
    "act": ("act",),
    "links": ("liked", "disliked", "seen"),
    "references": ("reference",),
    "constraints": ("include", "exclude", "ranges", "relative"),
}
"""What is scored together, as keys of the public form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A message, what is around it, and what it means."""

    id: str
    domain: str
    text: str
    context: Context
    gold: Mapping[str, Any]


@cache
def catalogues() -> dict[str, tuple[Vocabulary, tuple[Item, ...]]]:
    """The vocabulary and the items of each domain."""
    films = tuple(_film(row) for row in csv.DictReader(_lines(FIXTURES / "films.csv")))
    return {
        "films": (Vocabulary.build(FILM_SCHEMA, films), films),
        "plants": (Vocabulary.build(PLANT_SCHEMA, PLANTS), PLANTS),
    }


def own_messages() -> list[Labelled]:
    """The thirty messages of the fixture."""
    rows = map(json.loads, _lines(MESSAGES))
    return [labelled(row, catalogues()[row["domain"]][1]) for row in rows]


def labelled(row: Mapping[str, Any], items: Iterable[Item]) -> Labelled:
    """A line of a labelled file over these items."""
    around = row.get("context") or {}
    return Labelled(
        id=row["id"],
        domain=row["domain"],
        text=row["text"],
        gold=row["gold"],
        context=Context(
            slate=tuple(ItemId(str(i)) for i in around.get("previous_slate") or ()),
            recent=tuple(around.get("recent") or ()),
            asked=around.get("asked"),
            items={item.id: item for item in items},
        ),
    )


def facts(parse: Mapping[str, Any], names: Iterable[str]) -> set[tuple[str, ...]]:
    """Everything that a parse says under these names, as comparable tuples."""
    return {(name, *fact) for name in names for fact in _facts(parse.get(name))}


def _facts(value: Any) -> Iterable[tuple[str, ...]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            sides = inner.items() if isinstance(inner, Mapping) else (("", v) for v in inner)
            yield from ((key, side, _said(v)) for side, v in sides)
    elif isinstance(value, list):
        yield from ((_said(v),) for v in value)
    elif value is not None:
        yield (_said(value),)


def _said(value: Any) -> str:
    if isinstance(value, Mapping):
        return json.dumps(value, sort_keys=True)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:g}" if number else str(value).casefold()


def f1(pairs: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], group: str) -> float:
    """F1 over all facts of a group; pairs are label and parse. 1 where there is nothing to say and
    nothing is said."""
    right = wrong = missed = 0
    for gold, parse in pairs:
        wanted, got = facts(gold, GROUPS[group]), facts(parse, GROUPS[group])
        right += len(wanted & got)
        wrong += len(got - wanted)
        missed += len(wanted - got)
    told = 2 * right + wrong + missed
    return 2 * right / told if told else 1.0


def exact(gold: Mapping[str, Any], parse: Mapping[str, Any]) -> bool:
    """Whether every group of a parse is what the label says."""
    return all(facts(gold, names) == facts(parse, names) for names in GROUPS.values())


def _film(row: Mapping[str, str]) -> Item:
    return Item(
        id=ItemId(row["id"]),
        title=row["title"],
        fields={
            "year": int(row["year"]),
            "minutes": int(row["minutes"]),
            **{name: tuple(row[name].split("|")) for name in ("genres", "directors", "cast")},
        },
    )


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()
