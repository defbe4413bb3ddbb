"""The file of business rules, TOML or JSON; ``docs/rules.md`` is its reference.

::

    [[rules]]
    name = "autumn kettles"
    action = "boost"                     # exclude, boost, bury, pin or cap
    where = 'category == "kettles" and not missing(attributes.power_w)'
    factor = 1.3
    when = { user = "new", wants = { category = ["kettles"] }, from = 2026-09-01 }
"""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from retrieval.errors import ExpressionError, RulesError, UnreadableFile
from retrieval.expressions import NO_LISTS, parse
from retrieval.filters import fold
from retrieval.rules import Boost, Bury, Cap, Exclude, Pin, Rule, When
from retrieval.types import ItemId, Schema

Lists = Mapping[str, tuple[ItemId, ...]]


def _moment(value: object) -> object:
    """A day written as text stays a day; only a text with a time of day is a moment."""
    if isinstance(value, str) and len(value) == 10:
        return dt.date.fromisoformat(value)
    return value


Moment = Annotated[dt.datetime | dt.date, BeforeValidator(_moment)]
Words = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda v: (v,) if isinstance(v, str) else v),
    Field(min_length=1),
]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class WhenPart(_Strict):
    """``when`` of a rule. A day in ``until`` is its last one; times without a zone are UTC."""

    user: Literal["known", "new"] | None = None
    wants: dict[str, Words] = Field(default_factory=dict)
    begins: Moment | None = Field(default=None, alias="from")
    until: Moment | None = None

    @model_validator(mode="after")
    def _in_order(self) -> WhenPart:
        begins, ends = _seconds(self.begins), _seconds(self.until, last=True)
        if begins is not None and ends is not None and begins >= ends:
            raise ValueError('"from" must come before "until"')
        return self


class _Part(_Strict):
    name: str = ""
    when: WhenPart = Field(default_factory=lambda: WhenPart())


class ExcludePart(_Part):
    """``action = "exclude"``"""

    action: Literal["exclude"]
    where: str


class BoostPart(_Part):
    """``action = "boost"``"""

    action: Literal["boost"]
    where: str
    factor: float = Field(ge=0.1, le=10, allow_inf_nan=False)


class BuryPart(_Part):
    """``action = "bury"``"""

    action: Literal["bury"]
    where: str


class PinPart(_Part):
    """``action = "pin"``"""

    action: Literal["pin"]
    item: str
    place: int = Field(default=1, ge=1, le=100)
    where: str | None = None


class CapPart(_Part):
    """``action = "cap"``"""

    action: Literal["cap"]
    field: str
    most: int = Field(ge=1, le=100)
    where: str | None = None


Part = Annotated[
    ExcludePart | BoostPart | BuryPart | PinPart | CapPart, Field(discriminator="action")
]
_PARTS: Mapping[str, type[_Part]] = {
    "exclude": ExcludePart,
    "boost": BoostPart,
    "bury": BuryPart,
    "pin": PinPart,
    "cap": CapPart,
}


class RulesFile(_Strict):
    """A whole file of rules. An empty one has none."""

    rules: tuple[Part, ...] = ()


def load(path: Path, schema: Schema, lists: Lists = NO_LISTS) -> tuple[Rule, ...]:
    """The rules of a file, in its order, for a catalogue of this schema.

    UnreadableFile when it is missing or no text; RulesError, which names the rule and the remedy,
    for everything else that is wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as e:
        raise UnreadableFile(f"rules file {path}: {e.strerror or e}") from e
    except UnicodeDecodeError as e:
        raise UnreadableFile(f"rules file {path} is not UTF-8 text") from e
    return parse_rules(
        text, schema, lists, form="json" if path.suffix == ".json" else "toml", origin=path.name
    )


def parse_rules(
    text: str,
    schema: Schema,
    lists: Lists = NO_LISTS,
    *,
    form: Literal["toml", "json"] = "toml",
    origin: str = "rules",
) -> tuple[Rule, ...]:
    """:func:`load` for a text; ``origin`` names it in messages."""
    raw: object = None
    try:
        raw = tomllib.loads(text) if form == "toml" else json.loads(text)
        parts = RulesFile.model_validate(raw).rules
    except (tomllib.TOMLDecodeError, json.JSONDecodeError, RecursionError) as e:
        raise RulesError(f"{origin} is not {form.upper()}: {e}") from e
    except ValidationError as e:
        raise RulesError(f"{origin}: {_first(e, raw)}") from e
    return tuple(
        _rule(part, part.name or f"rule {n}", schema, lists, origin)
        for n, part in enumerate(parts, 1)
    )


def _rule(part: Part, name: str, schema: Schema, lists: Lists, origin: str) -> Rule:
    here = f'{origin}: rule "{name}"'
    try:
        where = None if part.where is None else parse(part.where, schema, lists)
    except ExpressionError as e:
        raise RulesError(f"{here}, where, {e}") from e
    wants = {
        _facet(f, schema, f"{here}, when.wants"): frozenset(fold(v) for v in values)
        for f, values in part.when.wants.items()
    }
    when = When(
        user=part.when.user,
        wants=MappingProxyType(wants),
        begins=_seconds(part.when.begins),
        ends=_seconds(part.when.until, last=True),
    )
    if isinstance(part, ExcludePart):
        return Exclude(name=name, where=where, when=when)
    if isinstance(part, BoostPart):
        return Boost(name=name, where=where, when=when, factor=part.factor)
    if isinstance(part, BuryPart):
        return Bury(name=name, where=where, when=when)
    if isinstance(part, PinPart):
        return Pin(name=name, where=where, when=when, item=ItemId(part.item), place=part.place)
    capped = _facet(part.field, schema, f"{here}, field")
    return Cap(name=name, where=where, when=when, field=capped, most=part.most)


def _facet(name: str, schema: Schema, here: str) -> str:
    """The full name of a field whose values can be told apart."""
    found = schema.find(name)
    names = [f.name for f in schema.fields if f.role in ("facet", "number", "date")]
    if found is not None and found.name in names:
        return found.name
    near = get_close_matches(name.casefold(), names, n=1, cutoff=0.5)
    meant = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(names[:20])}"
    raise RulesError(f'{here}: there is no facet "{name}"; {meant}')


def _seconds(moment: dt.datetime | dt.date | None, *, last: bool = False) -> float | None:
    """Unix seconds. Of a day the beginning, or with ``last`` the end."""
    if moment is None:
        return None
    if not isinstance(moment, dt.datetime):
        moment = dt.datetime.combine(moment, dt.time()) + dt.timedelta(days=1 if last else 0)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.timestamp()


def _first(error: ValidationError, raw: object) -> str:
    """The first problem in one line: which rule, which setting, what to do."""
    first = error.errors(include_url=False)[0]
    loc = first["loc"]
    if len(loc) < 2 or loc[0] != "rules" or not isinstance(loc[1], int):
        allowed = list(RulesFile.model_fields)
        if first["type"] == "extra_forbidden":
            return f'unknown setting "{loc[0]}"; a file of rules holds [[rules]] and nothing else'
        return f"{'.'.join(map(str, loc)) or 'the file'}: {first['msg']} (allowed: {allowed[0]})"
    given = _given(raw, loc[1])
    name = f'rule "{given.get("name") or f"rule {loc[1] + 1}"}"'
    if first["type"] in ("union_tag_invalid", "union_tag_not_found"):
        action = str(given.get("action", ""))
        near = get_close_matches(action, list(_PARTS), n=1)
        meant = f'did you mean "{near[0]}"?' if near else f"there are {', '.join(_PARTS)}"
        return f'{name}: unknown action "{action}"; {meant}'
    part = _PARTS.get(str(loc[2])) if len(loc) > 2 else None
    path = [str(p) for p in loc[3:]]
    setting = ".".join(path)
    if first["type"] == "missing":
        return f'{name}: "{setting}" is missing'
    if first["type"] == "extra_forbidden" and part is not None:
        model: type[BaseModel] = WhenPart if path[0] == "when" and len(path) > 1 else part
        allowed = [f.alias or n for n, f in model.model_fields.items()]
        near = get_close_matches(path[-1], allowed, n=1)
        meant = f'did you mean "{near[0]}"?' if near else f"allowed: {', '.join(allowed)}"
        return f'{name}: unknown setting "{setting}"; {meant}'
    return f"{name}: {setting or 'the rule'}: {first['msg']}"


def _given(raw: object, place: int) -> Mapping[str, object]:
    rules = raw.get("rules") if isinstance(raw, Mapping) else None
    rule = rules[place] if isinstance(rules, list) and place < len(rules) else None
    return rule if isinstance(rule, Mapping) else {}
