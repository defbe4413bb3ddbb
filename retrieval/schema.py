"""Inference of a catalogue's schema from a :class:`~retrieval.study.Study` of its fields.

The id and the title are found first, then what each other field is for (:mod:`retrieval.roles`);
what a person said in a schema file (:mod:`retrieval.schema_file`) goes before both, always. The
result is a :class:`Layout`: the schema plus how its cells are to be read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from retrieval.errors import SchemaError
from retrieval.names import Names, names
from retrieval.roles import STRAY, kind_of, role_of, separator_of
from retrieval.study import FieldStudy, Study
from retrieval.types import Field, Kind, Role, Schema
from retrieval.values import Raw, as_text

DERIVED = ("mean_rating", "n_ratings", "n_events")
"""Numbers computed from events; a catalogue's own field of the same name wins."""

FEW, MANY = 2, 50
"""A facet or a text that so few of so many items have sorts nothing, and is where a single listing
would put words that it wants to be found by: it is left out, unless a schema file wants it."""

_TITLE_YEAR = re.compile(r"\((\d{4})\)\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person said about one field; None leaves it to inference."""

    role: Role | None = None
    kind: Kind | None = None
    multi: bool | None = None
    label: str | None = None
    unit: str | None = None
    embedded: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A schema and how its cells are read.

    ``separators`` maps a multi-valued text field to what parts its values (``[]``: a list in the
    cell). ``title_year`` is true when the field ``year`` is taken from titles that end in
    ``(1995)``; the title then loses it.
    """

    schema: Schema
    separators: Mapping[str, str]
    title_year: bool = False

    @property
    def id(self) -> str:
        """The name of the id field."""
        return self.schema.by_role("id")[0].name

    @property
    def title(self) -> str:
        """The name of the title field."""
        return self.schema.by_role("title")[0].name


def infer(study: Study, said: Mapping[str, Said], *, origin: str) -> Layout:
    """The layout of a catalogue.

    ``said`` is by full field name. ``origin`` names the file in messages. SchemaError when no
    field can serve as the id or as the title, with the fields there are and the remedy.
    """
    hints = names()
    key = _forced(said, "id", origin) or _id(study, hints, origin)
    title = _forced(said, "title", origin) or _title(study, hints, key, said, origin)
    unit = _currency(study, hints)
    separators: dict[str, str] = {}
    fields: list[Field] = []
    for name, s in study.fields.items():
        wish = said.get(name, Said())
        separator = separator_of(s, study, hints) if name not in (key, title) else ""
        role: Role
        kind: Kind
        if name == key:
            role, kind = "id", "plain"
        elif name == title:
            role, kind = "title", "plain"
        else:
            role, kind = role_of(s, study, hints, title, separator)
            if role in ("facet", "text") and study.rows >= MANY and s.seen <= FEW:
                role, kind = "ignore", "plain"
            if wish.role is not None and wish.role != role:
                role, kind = wish.role, kind_of(wish.role, s, hints)
        multi = role in ("facet", "text") and bool(s.lists or separator)
        if multi and separator:
            separators[name] = separator
        label, own_unit = hints.label(name)
        made = Field(
            name=name,
            role=role,
            kind=kind,
            multi=multi,
            label=label,
            unit=(unit if kind == "price" and not own_unit else own_unit)
            if role == "number"
            else "",
            coverage=round(study.coverage(name), 4),
        )
        fields.append(adjusted(made, wish))
    title_year = _year_in_title(study, title, fields)
    if title_year is not None:
        fields.append(adjusted(title_year, said.get("year", Said())))
    for made in fields:
        if not made.embedded and made.role != "facet":
            raise SchemaError(
                f'{origin}: only a facet can be kept out of what is embedded, and "{made.name}" '
                f'has the role {made.role}; leave out its "embedded", or give it role = "facet"'
            )
    noun, nouns = hints.noun_of(study.fields, key=key, title=title, origin=origin)
    return Layout(
        schema=Schema(fields=tuple(fields), noun=noun, nouns=nouns),
        separators=separators,
        title_year=title_year is not None,
    )


def adjusted(made: Field, wish: Said) -> Field:
    """The field with everything that was said about it, the role apart."""
    return replace(
        made,
        kind=made.kind if wish.kind is None else wish.kind,
        multi=made.multi if wish.multi is None else wish.multi,
        label=made.label if wish.label is None else wish.label,
        unit=made.unit if wish.unit is None else wish.unit,
        embedded=made.embedded if wish.embedded is None else wish.embedded,
    )


def with_derived(schema: Schema, coverage: Mapping[str, float], said: Mapping[str, Said]) -> Schema:
    """The schema with the numbers that events give, and without those they no longer give.

    ``coverage`` maps a name of :data:`DERIVED` to the share of items that have it; a name that is
    absent there is left out, and so is one that the catalogue has itself.
    """
    own = tuple(f for f in schema.fields if not f.derived)
    taken = {f.name for f in own}
    hints = names()
    derived = tuple(
        adjusted(
            Field(
                name=name,
                role="number",
                kind="rating" if name == "mean_rating" else "popularity",
                label=hints.label(name)[0],
                coverage=round(coverage[name], 4),
                derived=True,
            ),
            said.get(name, Said()),
        )
        for name in DERIVED
        if name in coverage and name not in taken
    )
    return replace(schema, fields=own + derived)


def _forced(said: Mapping[str, Said], role: Role, origin: str) -> str | None:
    forced = [name for name, s in said.items() if s.role == role]
    if len(forced) > 1:
        listing = ", ".join(f'"{f}"' for f in forced)
        raise SchemaError(f"{origin}: the schema gives the role {role} to {listing}; keep one")
    return forced[0] if forced else None


def _none_found(study: Study, what: str, role: str, origin: str) -> SchemaError:
    listing = ", ".join(list(study.fields)[:20]) or "none"
    return SchemaError(
        f"{origin}: no field can serve as the {what} (fields: {listing}); "
        f'name it in a schema file: [fields.NAME] role = "{role}"'
    )


def _id(study: Study, hints: Names, origin: str) -> str:
    def usable(s: FieldStudy) -> bool:
        odd = s.lists + s.flags + (s.numbers - s.whole)
        return (
            odd <= STRAY * s.seen
            and study.coverage(s.name) >= 0.5
            and s.variety >= 0.5
            and s.mean_chars <= 128
            and s.mean_words < 1.5
        )

    fits = [s for s in study.fields.values() if usable(s)]
    named = [(p, s) for s in fits if (p := hints.preference("id", s.name)) is not None]
    if named:
        return min(named, key=lambda pair: pair[0])[1].name
    first = next(iter(study.fields.values()), None)
    unique = first is not None and first in fits and first.variety == 1.0 and study.rows > 1
    if first is not None and unique and (first.codes == first.seen or first.whole == first.seen):
        return first.name
    raise _none_found(study, "item id", "id", origin)


def _title(study: Study, hints: Names, key: str, said: Mapping[str, Said], origin: str) -> str:
    def usable(s: FieldStudy) -> bool:
        told = said.get(s.name, Said()).role
        return (
            s.name != key
            and told in (None, "title")
            and s.strings > 0.8 * max(1, s.seen)
            and study.coverage(s.name) >= 0.5
            and s.urls + s.images + s.dates <= STRAY * s.seen
            and s.mean_chars <= 200
        )

    fits = [s for s in study.fields.values() if usable(s)]
    named = [(p, s) for s in fits if (p := hints.preference("title", s.name)) is not None]
    varied = [(p, s) for p, s in named if s.variety >= 0.3 or study.rows < 20]
    if varied:
        return min(varied, key=lambda pair: pair[0])[1].name
    looks = [
        s
        for s in fits
        if s.variety >= 0.8
        and 3 <= s.mean_chars <= 90
        and s.codes < 0.5 * s.seen
        and not s.lines
        and not hints.is_role("ignore", s.name)
        and not hints.is_role("text", s.name)
    ]
    if looks:
        return looks[0].name
    raise _none_found(study, "title", "title", origin)


def _currency(study: Study, hints: Names) -> str:
    """The one currency of the catalogue as its prices' unit; empty when none, or several."""
    for s in study.fields.values():
        if hints.is_role("currency", s.name) and len(s.distinct) == 1 and s.values:
            return next(iter(s.values))
    return ""


def _year_in_title(study: Study, title: str, fields: list[Field]) -> Field | None:
    """The field ``year`` for titles that end in one, unless the catalogue has a year or a date."""
    if any(f.kind == "year" or f.name == "year" for f in fields):
        return None
    titles = [v for row in study.sample if isinstance(v := row.get(title), str)]
    share = sum(_TITLE_YEAR.search(t) is not None for t in titles) / max(1, len(titles))
    if share < 0.8:
        return None
    return Field(name="year", role="number", kind="year", label="year", coverage=round(share, 4))


def year_of(title: str) -> tuple[str, int | None]:
    """A title without its trailing ``(1995)``, and that year; unchanged and None without one."""
    found = _TITLE_YEAR.search(title)
    if found is None or not title[: found.start()].strip():
        return title, None
    return title[: found.start()].strip(), int(found[1])


def sample_value(value: Raw) -> str:
    """A value as one short line, for listings."""
    text = ", ".join(as_text(v) for v in value) if isinstance(value, list) else as_text(value)
    return text if len(text) <= 60 else text[:57] + "..."
