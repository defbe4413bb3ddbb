"""The sentences that Palate writes itself, in the language of the conversation.

They are data, one file a language (``lang/``); English is the reference that the others follow key
by key. Nothing here knows an item: what is put into a sentence comes from the caller.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from retrieval.types import Field, Schema

LANGUAGES = ("en", "es", "de", "fr", "zh")
TABLES = (
    "say",
    "shared",
    "below",
    "below_strict",
    "above",
    "above_strict",
    "too_high",
    "too_low",
    "currency",
    "trade",
    "parts",
)
"""Templates by the name or the kind of a field, and the labels of a score's parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language: messages by their dotted keys, templates of fields, how numbers are written.

    ``softs`` are the qualities that the rules know by one plain word ("dark").
    """

    language: str
    messages: Mapping[str, str]
    tables: Mapping[str, Mapping[str, str]]
    labels: Mapping[str, str]
    nouns: Mapping[str, tuple[str, str]]
    softs: Mapping[str, str]
    lists: Mapping[str, str]
    decimal: str
    group: str
    months: tuple[str, ...]
    day: str

    def say(self, key: str, /, **said: object) -> str:
        """A message with its places filled. Raises KeyError for a key that no file has."""
        return self.messages[key].format(**said)

    def count(self, key: str, n: int, /, **said: object) -> str:
        """A message in the form that goes with a number."""
        return self.say(f"{key}.{'one' if n == 1 else 'other'}", n=self.number(n), **said)

    def join(self, values: Sequence[str], last: str = "and") -> str:
        """ "a", "a and b", "a, b and c"; empty for nothing."""
        parts = list(values)
        if len(parts) < 2:
            return "".join(parts)
        return f"{self.commas(parts[:-1])}{self.lists[last]}{parts[-1]}"

    def commas(self, values: Sequence[str]) -> str:
        """Values side by side, without a word before the last."""
        return self.lists["comma"].join(values)

    def number(self, x: float, digits: int = 0) -> str:
        """A number with that many decimals, written as the language does."""
        plain = f"{x:,.{digits}f}"
        return plain.translate({ord(","): self.group, ord("."): self.decimal})

    def date(self, at: float) -> str:
        """The day of a time in Unix seconds (UTC)."""
        t = time.gmtime(at)
        return self.day.format(d=t.tm_mday, month=self.months[t.tm_mon - 1], y=t.tm_year)

    def plain(self, text: str) -> str:
        """A text of this language with its numbers written as the reference writes them."""
        if self.decimal == ".":
            return text
        swapped = {ord(self.group): ",", ord(self.decimal): "."}
        return text.translate(swapped)

    def noun(self, schema: Schema, n: int) -> str:
        """What one item is called, or several."""
        own = (schema.noun, schema.nouns)
        found = self.nouns.get(schema.noun.casefold()) or self.nouns.get("other") or own
        return found[0 if n == 1 else 1]

    def template(self, table: str, field: Field) -> str | None:
        """How a field reads in a sentence, by the last part of its name; None when no file says."""
        return _by_name(self.tables[table], field)

    def label(self, field: Field) -> str:
        """What a person calls the field."""
        own = field.label or field.name.rpartition(".")[2].replace("_", " ")
        return _by_name(self.labels, field) or own

    def reason(self, text: str) -> str:
        """Why a part of a turn degraded: a known reason in this language, others as they came."""
        if self is REFERENCE:
            return text
        known = (k for k, v in REFERENCE.messages.items() if v == text and k.startswith("reasons."))
        return self.messages[next(known, "reasons.failed")]


def _by_name(table: Mapping[str, str], field: Field) -> str | None:
    last = field.name.rpartition(".")[2].casefold()
    return table.get(last) or table.get(last.removesuffix("s"))


@cache
def wording(language: str) -> Wording:
    """The wording of a language; of one that has no file, the reference's."""
    name = language if language in LANGUAGES else LANGUAGES[0]
    raw = files("assistant.explanation").joinpath(f"lang/{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(raw)
    return Wording(
        language=name,
        messages=dict(_flat(data["messages"])),
        tables={table: data[table] for table in TABLES},
        labels=data["labels"],
        nouns={k: (v[0], v[1]) for k, v in data["nouns"].items()},
        softs=data["softs"],
        lists=data["lists"],
        decimal=data["numbers"]["decimal"],
        group=data["numbers"]["group"],
        months=tuple(data["dates"]["months"]),
        day=data["dates"]["format"],
    )


def _flat(data: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, str]]:
    for key, held in data.items():
        if isinstance(held, str):
            yield before + key, held
        else:
            yield from _flat(held, f"{before}{key}.")


REFERENCE = wording(LANGUAGES[0])
"""The wording of the reference language."""
