"""Demands in words: templates filled with the catalogue's own labels and values."""

from __future__ import annotations

import random
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from retrieval.types import Field
from tests.promises.demands import Demand
from tests.promises.stock import Stock

LANGUAGES = ("en", "es", "de", "fr", "zh")


@cache
def phrases(language: str) -> Mapping[str, Any]:
    """The templates of a language."""
    text = Path(__file__).with_name("phrases.toml").read_text(encoding="utf-8")
    table: Mapping[str, Any] = tomllib.loads(text)[language]
    return table


class Words:
    """The wording of one person: their language, and the choices that their chances make."""

    def __init__(self, stock: Stock, language: str, rng: random.Random) -> None:
        self._stock = stock
        self._table = phrases(language)
        self._rng = rng

    def has(self, section: str, key: str) -> bool:
        """Whether such a message can be said in the language."""
        return key in self._table.get(section, {})

    def say(self, section: str, key: str, **slots: object) -> str:
        """A message of that kind."""
        schema = self._stock.schema
        options: Sequence[str] = self._table[section][key]
        return self._rng.choice(options).format(noun=schema.noun, nouns=schema.nouns, **slots)

    def clear(self, demand: Demand) -> bool:
        """Whether the values are no words of the person's language."""
        words: Sequence[str] = self._table.get("words", ())
        return not any(v.casefold() in words for v in (*demand.one_of, *demand.none_of))

    def nth(self, place: int) -> str:
        """The word for a place, from 1."""
        return str(self._table["nth"][place - 1])

    @property
    def places(self) -> int:
        """Places that there are words for."""
        return len(self._table["nth"])

    def count(self, n: int) -> str:
        """A small number, in a word or a digit."""
        return self._rng.choice((str(self._table["counts"][n - 1]), str(n)))

    def label(self, field: str) -> str:
        """What the catalogue calls a field."""
        found = self._stock.schema.find(field)
        return (found.label if found is not None else "") or field

    def shape(self, demand: Demand) -> str:
        """The name of the templates that a demand is put in."""
        name = demand.fields[0]
        field = self._stock.schema.find(name)
        if field is None:
            raise ValueError(f'no field "{name}"')
        if demand.bounds:
            return f"{reading(field)}_{_side(demand)}" if _side(demand) != "decade" else "decade"
        if field.kind == "flag":
            return "flag"
        if field.kind == "person":
            stem = "maker" if name in self._stock.makers else "cast"
        else:
            stem = "value" if field.multi else "one"
        return f"not_{stem}" if demand.none_of else stem

    def slots(self, demand: Demand) -> dict[str, str]:
        """What a template says of a demand."""
        name = demand.fields[0]
        value = next(iter((*demand.one_of, *demand.none_of)), "")
        field = self._stock.schema.find(name)
        named = field is not None and field.kind in ("person", "flag")
        careless = not named and self._rng.random() < 0.5
        out = {"label": self.label(name), "value": value.lower() if careless else value}
        low, high = _ends(demand)
        if low is not None or high is not None:
            unit = field.unit if field is not None else ""
            first = low if low is not None else high
            if field is not None and field.role == "date":
                first = float(int(first or 0))  # after 2022 is after the whole of it
            out["a"] = self._number(first or 0.0, unit, plain=high is not None and low is not None)
            out["b"] = self._number(high or 0.0, unit)
        return out

    def _number(self, x: float, unit: str, *, plain: bool = False) -> str:
        n = f"{x:.2f}".rstrip("0").rstrip(".")
        if plain or not unit:
            return n
        currency: Mapping[str, Sequence[str]] = self._table["currency"]
        return self._rng.choice(currency.get(unit, ("{n} " + unit,))).format(n=n)

    def thing(self, demands: Sequence[Demand], n: int | None = None) -> str:
        """A head with what is said of it: "western films made before 1970"."""
        first, *rest = demands
        kind = self._stock.kind
        is_kind = kind is not None and first.fields == (kind.field.name,) and bool(first.one_of)
        shape = self.shape(first)
        head = "kind" if is_kind else "value" if shape == "value" else "bare"
        key = f"count_{head}" if n is not None and self.has("head", f"count_{head}") else head
        words = self.say("head", key, n=self.count(n) if n else "", **self.slots(first))
        rest = list(demands) if head == "bare" else rest
        told = [self.said(d) for d in rest]
        return words + "".join(
            (" " if i == 0 else str(self._table["and"])) + t for i, t in enumerate(told)
        )

    def said(self, demand: Demand) -> str:
        """What is said of a thing: "made before 1970"."""
        return self.say("said", self.shape(demand), **self.slots(demand))


def reading(field: Field) -> str:
    """How the numbers of a field are spoken of."""
    if field.role == "date":
        return "date"
    return field.kind if field.kind in ("year", "price", "rating") else "plain"


def _side(demand: Demand) -> str:
    low, high = _ends(demand)
    if low is not None and high is not None:
        decade = demand.below is not None and demand.below - low == 10
        return "decade" if decade else "between"
    for name in ("least", "most", "above", "below"):
        if getattr(demand, name) is not None:
            return name
    raise ValueError("a demand without bounds")


def _ends(demand: Demand) -> tuple[float | None, float | None]:
    low = demand.least if demand.least is not None else demand.above
    return low, demand.most if demand.most is not None else demand.below
