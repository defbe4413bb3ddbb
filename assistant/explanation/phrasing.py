"""How facts read: numbers with their units, prices, fields in a sentence.

Every function here turns values that an item holds into text and adds nothing to them. Wording
lives in ``phrases.toml``; a field that it does not know reads "label: value".
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from retrieval.types import Field, Fields, Item, Schema, Value

NAMES_SHOWN = 2  # values of a long list that a sentence can carry


@cache
def _phrases() -> dict[str, dict[str, str]]:
    source = files("assistant.explanation").joinpath("phrases.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)


def _phrase(table: str, field: Field) -> str | None:
    last = field.name.rpartition(".")[2].casefold()
    known = _phrases()[table]
    return known.get(last) or known.get(last.removesuffix("s"))


def join(values: tuple[str, ...] | list[str], word: str = "and") -> str:
    """ "a", "a and b", "a, b and c"; empty for nothing."""
    parts = list(values)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def quantity(x: float) -> str:
    """A number as people write it: 1,130 but 4.2; years are not for this function."""
    if float(x).is_integer():
        return f"{int(x):,}"
    return f"{x:,.2f}".rstrip("0").rstrip(".")


def money(x: float, field: Field, fields: Fields) -> str:
    """A price in the item's own currency, else the catalogue's, else as the bare number."""
    currency = next(
        (str(v) for n, v in fields.items() if n.rpartition(".")[2].casefold() == "currency"),
        field.unit,
    )
    amount = f"{x:,.2f}".removesuffix(".00")
    template = _phrases()["currency"].get(currency.upper())
    if template:
        return template.format(v=amount)
    return f"{amount} {currency}".strip()


def amount(x: float, field: Field, fields: Fields) -> str:
    """A number of that field with its unit or currency."""
    if field.kind == "price":
        return money(x, field, fields)
    if field.kind == "year":
        return str(int(x))
    unit = f" {field.unit}" if field.unit else ""
    return f"{quantity(round(x, 2))}{unit}"


def value(held: Value, field: Field, fields: Fields, limit: int = NAMES_SHOWN) -> str:
    """Any value as text; a list gives its first ``limit`` entries."""
    if isinstance(held, tuple):
        return join(held[:limit])
    if isinstance(held, bool):
        return "yes" if held else "no"
    if isinstance(held, int | float):
        return amount(float(held), field, fields)
    return held


def label(field: Field) -> str:
    """What a person calls the field."""
    return field.label or field.name.rpartition(".")[2].replace("_", " ")


def fact(field: Field, values: tuple[str, ...]) -> str:
    """One fact as a sentence part: "directed by …", "from 1995", "wireless", "weight: 1,130 g"."""
    template = _phrase("say", field)
    said = join(values)
    if template:
        return template.format(v=said)
    if field.kind == "flag":
        return label(field) if said == "yes" else f"not {label(field)}"
    if field.role == "facet" and field.multi:
        return said
    return f"{label(field)}: {said}"


def value_fact(field: Field, values: tuple[str, ...]) -> str:
    """A fact that answers a wish: the value needs no label, because the person just named it."""
    if _phrase("say", field) or field.kind == "flag":
        return fact(field, values)
    return join(values)


def shared(field: Field, values: tuple[str, ...], title: str) -> str:
    """A fact shared with another item."""
    template = _phrase("shared", field)
    said = join(values)
    if template:
        return template.format(v=said, t=title)
    return f"{said}, like {title}"


def bounded(
    field: Field, item: Item, low: float | None, high: float | None, *, strict: bool = False
) -> str:
    """The item's number beside the bound that was asked for; the number alone without one.

    A strict bound comes from a comparison with another item, so it is not called the person's own.
    """
    held = item.fields[field.name]
    said = value(held, field, item.fields)
    bound, table = (high, "below") if high is not None else (low, "above")
    if bound is None or (low is not None and high is not None):
        return fact(field, (said,))
    known = _phrases()[table]
    template = known.get(field.kind) or known["plain"]
    text = template.format(v=said, b=amount(bound, field, item.fields))
    if strict:
        text = text.replace(" your ", " ")
    return text if field.kind in known else f"{label(field)} {text}"


def clip(text: str, limit: int = 60) -> str:
    """Text short enough to stand inside a sentence."""
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "…"


def short_title(item: Item) -> str:
    """A title short enough to stand inside a sentence."""
    return clip(item.title)


def year(item: Item, schema: Schema) -> str:
    """The item's year as text; empty where the catalogue has none."""
    for field in schema.by_kind("year"):
        held = item.fields.get(field.name)
        if isinstance(held, int | float):
            return str(int(held))
    return ""
