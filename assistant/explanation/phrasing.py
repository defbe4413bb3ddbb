"""How facts read: numbers with their units, prices, fields in a sentence.

Every function here turns values that an item holds into text and adds nothing to them. The words
are those of a :class:`~assistant.explanation.wording.Wording`, by default the reference's; a field
that it does not know reads "label: value".
"""

from __future__ import annotations

from assistant.explanation.wording import REFERENCE, Wording
from retrieval.filters import date_of
from retrieval.types import Field, Fields, Item, Schema, Value

NAMES_SHOWN = 2  # values of a long list that a sentence can carry


def quantity(x: float, words: Wording = REFERENCE) -> str:
    """A number as people write it: 1,130 but 4.2; years are not for this function."""
    if float(x).is_integer():
        return words.number(x)
    return words.number(x, 2).rstrip("0").rstrip(words.decimal)


def money(x: float, field: Field, fields: Fields, words: Wording = REFERENCE) -> str:
    """A price in the item's own currency, else the catalogue's, else as the bare number."""
    currency = next(
        (str(v) for n, v in fields.items() if n.rpartition(".")[2].casefold() == "currency"),
        field.unit,
    )
    amount = words.number(x, 2).removesuffix(f"{words.decimal}00")
    template = words.tables["currency"].get(currency.upper())
    if template:
        return template.format(v=amount)
    return f"{amount} {currency}".strip()


def amount(x: float, field: Field, fields: Fields, words: Wording = REFERENCE) -> str:
    """A number of that field with its unit or currency."""
    if field.kind == "price":
        return money(x, field, fields, words)
    if field.kind == "year":
        return words.say("year", y=int(x))
    if field.role == "date":  # up to a year means to the end of it
        whole = abs(x - round(x)) < 0.002
        return words.say("year", y=int(x)) if whole else date_of(x)
    unit = f" {field.unit}" if field.unit else ""
    return f"{quantity(round(x, 2), words)}{unit}"


def value(
    held: Value,
    field: Field,
    fields: Fields,
    limit: int = NAMES_SHOWN,
    words: Wording = REFERENCE,
) -> str:
    """Any value as text; a list gives its first ``limit`` entries."""
    if isinstance(held, tuple):
        return words.join(held[:limit])
    if isinstance(held, bool):
        return words.say("yes" if held else "no")
    if isinstance(held, int | float):
        return amount(float(held), field, fields, words)
    return held


def fact(field: Field, values: tuple[str, ...], words: Wording = REFERENCE) -> str:
    """One fact as a sentence part: "directed by …", "from 1995", "wireless", "weight: 1,130 g"."""
    template = words.template("say", field)
    said = words.join(values)
    if template:
        return template.format(v=said)
    label = words.label(field)
    if field.role == "availability":
        return words.say("available" if said == words.say("yes") else "sold_out")
    if field.kind == "flag":
        return label if said == words.say("yes") else words.say("not_flag", field=label)
    if field.role == "facet" and field.multi:
        return said
    return words.say("fact", field=label, v=said)


def value_fact(field: Field, values: tuple[str, ...], words: Wording = REFERENCE) -> str:
    """A fact that answers a wish: the value needs no label, because the person just named it."""
    if words.template("say", field) or field.kind == "flag" or field.role == "availability":
        return fact(field, values, words)
    return words.join(values)


def shared(field: Field, values: tuple[str, ...], title: str, words: Wording = REFERENCE) -> str:
    """A fact shared with another item."""
    said = words.join(values)
    template = words.template("shared", field) or words.messages["shared"]
    return template.format(v=said, t=title)


def bounded(
    field: Field,
    item: Item,
    low: float | None,
    high: float | None,
    *,
    compared: bool = False,
    words: Wording = REFERENCE,
) -> str:
    """The item's number beside the bound that was asked for; the number alone without one.

    A bound that comes from a comparison with another item is not called the person's own.
    """
    held = item.fields[field.name]
    said = value(held, field, item.fields, words=words)
    bound, table = (high, "below") if high is not None else (low, "above")
    both = low is not None and high is not None
    if bound is None or both or held == bound or isinstance(held, str):  # a date says it all
        return fact(field, (said,), words)
    known = words.tables[f"{table}_strict" if compared else table]
    template = known.get(field.kind) or known["plain"]
    text = template.format(v=said, b=amount(bound, field, item.fields, words))
    named = field.kind != "plain" and field.kind in known
    return text if named else words.say("labelled", field=words.label(field), x=text)


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
