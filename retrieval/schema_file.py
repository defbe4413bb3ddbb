"""The schema as a small TOML file: read to override what was inferred, written to be looked at.

::

    noun = "film"
    nouns = "films"
    openings = ["a heist film, nothing gory"]     # messages that the chat proposes to begin with

    [fields.overview]
    role = "text"
    label = "plot"

    [fields."attributes.weight_g"]
    unit = "g"

    [fields.sku_family]
    embedded = false     # a code: filtered and searched as a word, no part of what an item means

    [events.add_to_cart]
    weight = 2.5
    carries = "quantity"

    [ratings]
    low = 1
    high = 5

    [columns]            # of the event files, where their names are unusual
    user = "who"

Whatever is not said is inferred. What is written out reads back as the same schema.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from retrieval.errors import SchemaError, UnreadableFile
from retrieval.kinds import DEFAULT_KINDS, Carries, EventKind, EventKinds
from retrieval.schema import DERIVED, Said
from retrieval.types import Kind, Role, Schema

OPENINGS = 12
"""Messages to begin with that a schema may propose, at most."""

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FieldPart(_Strict):
    """``[fields.<name>]``"""

    role: Role | None = None
    kind: Kind | None = None
    multi: bool | None = None
    label: str | None = None
    unit: str | None = None
    embedded: bool | None = None


class EventPart(_Strict):
    """``[events.<kind>]``"""

    weight: float | None = Field(default=None, ge=-100, le=100, allow_inf_nan=False)
    carries: Carries | None = None


class ScalePart(_Strict):
    """``[ratings]``: the lowest and the highest rating that can be given."""

    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _rises(self) -> ScalePart:
        if not self.low < self.high:
            raise ValueError("low must be less than high")
        return self


class ColumnsPart(_Strict):
    """``[columns]``: which columns of an event file hold what."""

    user: str | None = None
    item: str | None = None
    kind: str | None = None
    value: str | None = None
    time: str | None = None


class Override(_Strict):
    """A whole schema file. An empty one says nothing."""

    noun: str | None = None
    nouns: str | None = None
    openings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=200)], ...],
        Field(max_length=OPENINGS),
    ] = ()
    fields: dict[str, FieldPart] = Field(default_factory=dict)
    events: dict[str, EventPart] = Field(default_factory=dict)
    ratings: ScalePart | None = None
    columns: ColumnsPart = ColumnsPart()

    def said(self, known: Iterable[str], *, origin: str) -> dict[str, Said]:
        """What was said, by full field name.

        A last part (``ram_gb``) stands for the one field that ends in it. SchemaError for a name
        that no field has, with the names that come near.
        """
        full = [*known, *DERIVED, "year"]
        said: dict[str, Said] = {}
        for name, part in self.fields.items():
            tails = [k for k in full if k.rpartition(".")[2] == name]
            if name not in full and len(tails) != 1:
                raise SchemaError(_unknown(name, full, origin))
            said[name if name in full else tails[0]] = Said(
                role=part.role,
                kind=part.kind,
                multi=part.multi,
                label=part.label,
                unit=part.unit,
                embedded=part.embedded,
            )
        return said

    def named(self, schema: Schema) -> Schema:
        """The schema with the noun and the openings that were said; ``nouns`` alone follows from
        ``noun``."""
        schema = replace(schema, openings=self.openings)
        if self.noun is None and self.nouns is None:
            return schema
        noun = self.noun or schema.noun
        return replace(schema, noun=noun, nouns=self.nouns or f"{noun}s")

    def kinds(self, base: EventKinds = DEFAULT_KINDS) -> EventKinds:
        """The kinds of events with what was said about them, and the scale where it was given."""
        changed = []
        for name, part in self.events.items():
            known = base.get(name, EventKind(name=name, weight=0.0))
            changed.append(
                EventKind(
                    name=name,
                    weight=known.weight if part.weight is None else part.weight,
                    carries=known.carries if part.carries is None else part.carries,
                )
            )
        kinds = base.with_kinds(*changed)
        return (
            kinds if self.ratings is None else kinds.with_scale(self.ratings.low, self.ratings.high)
        )


def parse(text: str, *, origin: str) -> Override:
    """A schema file's text. SchemaError, one line, for what is no TOML or not in the format."""
    try:
        return Override.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as e:
        raise SchemaError(f"{origin} is not TOML: {e}") from e
    except ValidationError as e:
        raise SchemaError(f"{origin}: {_first(e)}") from e


def load(path: Path) -> str:
    """The text of a schema file. UnreadableFile when it is missing or not UTF-8."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise UnreadableFile(f"schema file {path}: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise UnreadableFile(f"schema file {path} is not UTF-8 text") from e


def to_toml(schema: Schema, kinds: EventKinds = DEFAULT_KINDS) -> str:
    """The schema and the kinds of events as a schema file, with coverage in comments."""
    lines = [f"noun = {_quoted(schema.noun)}", f"nouns = {_quoted(schema.nouns)}"]
    if schema.openings:
        lines += ["openings = [", *(f"  {_quoted(said)}," for said in schema.openings), "]"]
    for f in schema.fields:
        note = "computed from events, " if f.derived else ""
        lines += ["", f"[fields.{_key(f.name)}]  # {note}{f.coverage:.0%} of the items"]
        lines.append(f"role = {_quoted(f.role)}")
        if f.kind != "plain":
            lines.append(f"kind = {_quoted(f.kind)}")
        if f.multi:
            lines.append("multi = true")
        if f.role != "ignore":
            lines.append(f"label = {_quoted(f.label)}")
        if f.unit:
            lines.append(f"unit = {_quoted(f.unit)}")
        if not f.embedded:
            lines.append("embedded = false")
    lines += ["", "[ratings]", f"low = {kinds.low:g}", f"high = {kinds.high:g}"]
    for k in kinds.values():
        lines += ["", f"[events.{_key(k.name)}]", f"weight = {k.weight!r}"]
        if k.carries != "nothing":
            lines.append(f"carries = {_quoted(k.carries)}")
    return "\n".join(lines) + "\n"


def _unknown(name: str, known: list[str], origin: str) -> str:
    lowered = {k.casefold(): k for k in known} | {k.rpartition(".")[2].casefold(): k for k in known}
    near = [lowered[m] for m in get_close_matches(name.casefold(), list(lowered), n=3, cutoff=0.5)]
    hint = (
        f"near: {', '.join(dict.fromkeys(near))}" if near else f"there are: {', '.join(known[:20])}"
    )
    several = [k for k in known if k.rpartition(".")[2] == name]
    if several:
        return f'{origin}: "{name}" could be {" or ".join(several)}; write the full name'
    return f'{origin}: the catalogue has no field "{name}" ({hint})'


def _first(error: ValidationError) -> str:
    first = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the file"
    if first["type"] == "extra_forbidden":
        parent = first["loc"][0] if len(first["loc"]) > 1 else ""
        models: Mapping[str, type[BaseModel]] = {
            "fields": FieldPart,
            "events": EventPart,
            "ratings": ScalePart,
            "columns": ColumnsPart,
        }
        allowed = list(models.get(str(parent), Override).model_fields)
        near = get_close_matches(str(first["loc"][-1]), allowed, n=1)
        meant = f'; did you mean "{near[0]}"?' if near else f"; allowed: {', '.join(allowed)}"
        return f'unknown setting "{where}"{meant}'
    return f"{where}: {first['msg']}"


def _key(name: str) -> str:
    return name if name and set(name) <= _BARE else _quoted(name)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are a subset, with DEL added."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
