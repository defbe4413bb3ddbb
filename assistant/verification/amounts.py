"""Numbers: years, dates, prices, ratings, counts and measures, alone or against a bound.

A number is tied to a field by its currency, its unit or the words beside it; without any of these
it must be a number that the item itself gives.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.numbers import Number, numbers
from assistant.understanding.tokens import words
from assistant.verification.known import Known
from assistant.verification.measured import fields_of
from assistant.verification.people import shares
from assistant.verification.sheet import Sheet
from retrieval.filters import number
from retrieval.types import Field

Bound = Literal["is", "about", "under", "over"]

ROUGH = 0.1  # how far "about 2 hours" may be off, as a share of the number
SCALES = (4, 5, 10, 20, 100)  # what a rating may be out of


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A number with how it bounds the field: tokens ``since`` to ``end`` are its words."""

    number: Number
    bound: Bound
    strict: bool
    since: int
    end: int
    decimals: int


def read(sheet: Sheet, known: Known) -> None:
    """Read every number that nobody has read yet, each a claim."""
    chart = Chart(sheet.tokens, ())
    for i in range(len(sheet)):
        if not sheet.free(i):
            chart.add(Mention(start=i, end=i + 1, kind="title"))
    found = numbers(chart, known.lexicon)
    taken = -1
    last: list[Field] = []
    for n, one in enumerate(found):
        if one.start < taken or not sheet.free(one.start, one.end):
            continue
        after = found[n + 1] if n + 1 < len(found) else None
        if after is not None and _range(sheet, known, one, after):
            taken = after.end
            continue
        if after is not None and (whole := _hours(sheet, one, after)) is not None:
            one, taken = whole, whole.end
        one = _unit(sheet, known, one)
        last = _claim(sheet, known, _bounded(sheet, one), last)


def _hours(sheet: Sheet, a: Number, b: Number) -> Number | None:
    """ "2 h 50 min" as one number; None for two that do not belong together."""
    if a.unit or sheet.norm(a.end) != "h" or b.start != a.end + 1 or b.unit != "min":
        return None
    return replace(b, start=a.start, low=60 * a.low + b.low, high=60 * a.high + b.high)


def _unit(sheet: Sheet, known: Known, one: Number) -> Number:
    """The number with the unit that ends its sentence: "96 min."."""
    word = sheet.norm(one.end)
    unit = known.lexicon.units.get(word)
    if one.unit or one.money or unit is None or word == "in" or not sheet.free(one.end):
        return one
    return replace(one, end=one.end + 1, unit=unit[0], factor=unit[1])


def _bounded(sheet: Sheet, one: Number) -> Said:
    start, end = one.start, one.end
    bound: Bound = "is"
    strict, since = False, start
    i = start
    while i > 0 and sheet.words["sense.skip"].at(sheet.tokens, i - 1) == i:
        i -= 1
    for place in dict.fromkeys((start, i)):
        for key in ("under", "over", "approx"):
            begin = sheet.words[f"sense.{key}"].before(sheet.tokens, place)
            if begin < place and sheet.same_sentence(begin, start):
                bound = "about" if key == "approx" else "under" if key == "under" else "over"
                strict = sheet.words["sense.inclusive"].at(sheet.tokens, begin) < place
                since = begin
                break
        if bound != "is":
            break
    tail = [sheet.norm(end + k) for k in range(3)]
    said = " ".join(tail)
    if re.match(r"(or|and) (less|under|below|fewer|lower|cheaper|older|earlier)\b", said):
        bound, strict, end = "under", False, end + 2
    elif re.match(r"(or|and) (more|over|above|up|higher|longer|later|newer|upwards)\b", said):
        bound, strict, end = "over", False, end + 2
    elif tail[0] == "+" or tail[0] == "plus":
        bound, strict, end = "over", False, end + 1
    elif said.startswith("or so"):
        bound, end = "about", end + 2
    text = next((t.text for t in sheet.tokens[one.start : one.end] if t.kind == "number"), "")
    decimals = len(re.split(r"[.,]", text)[-1]) if re.search(r"[.,]\d{1,2}$", text) else 0
    return Said(number=one, bound=bound, strict=strict, since=since, end=end, decimals=decimals)


def _claim(sheet: Sheet, known: Known, said: Said, last: list[Field]) -> list[Field]:
    """Hold one number to its fields, and give these: a bound behind it speaks of them too."""
    one = said.number
    fields, factors, named = fields_of(sheet, known, one, said.since)
    if not fields and said.bound != "is":
        fields, named = last, bool(last)
    end = _scale(sheet, said.end)
    item = sheet.item
    held = [(f, x) for f in fields if (x := number(item.fields.get(f.name))) is not None]
    if fields and (held or named):
        met = [f for f, x in held if _meets(x, said, f, factors.get(f.name, 1.0))]
        holds = bool(met) or _paired(sheet, known, fields, one)
        label = " or ".join(dict.fromkeys(f.label or f.name for f in fields))
        shown = ", ".join(f"{known.shown(item, f.name)} {f.unit}".strip() for f, _ in held[:3])
        why = f"{label}: {shown or 'nothing'}"
        if holds and met:
            value = {str(int(x)) for f, x in held if f in met and x.is_integer()}
            other = shares(sheet, known, one.start, [f.name for f in met], value)
            if other is not None:
                holds, why = False, f"{other} does not share it"
        told = one.low < 1000 or _told(sheet, one)
        if not holds and told and said.bound == "is" and _quoted(sheet, known, one):
            holds, why = True, "it stands in the item's own text"
    else:
        holds = said.bound == "is" and (
            _given(sheet, known, one) or (_spelt(sheet, one) and _quoted(sheet, known, one))
        )
        why = "the item gives this number" if holds else "the item gives no such number"
    holds = holds != sheet.denied(said.since)
    sheet.claim(one.start, end, holds, why, what="number", since=said.since)
    sheet.cover(said.since, one.start)
    return fields


def _meets(x: float, said: Said, field: Field, factor: float) -> bool:
    one = said.number
    low, high = one.low * one.factor * factor, one.high * one.factor * factor
    if field.role == "date" or field.kind == "year":
        if one.era and high - low > 1:
            return low <= int(x) <= high
        x = float(int(x)) if said.bound != "over" or field.role != "date" else x
    # A mean of 3.7589 is written 3.76, and then stands beside "at least 3.76".
    written = 0.5 * 10.0**-said.decimals if field.kind == "rating" and said.decimals > 1 else 0.0
    if said.bound == "under":
        return x < high if said.strict else x <= high + written
    if said.bound == "over":
        return x > low if said.strict else x >= low - written
    if said.bound == "about":
        years = field.kind == "year" or field.role == "date"
        return abs(x - low) <= (3 if years else max(ROUGH * abs(x), 0.5 * factor))
    if field.kind in ("year", "popularity") or field.role == "date":
        return x == low
    exact = 0.005 if field.kind == "price" else 1e-9
    if said.decimals or one.factor != 1.0 or factor != 1.0 or one.low >= 1e4:
        step = 0.5 * 10.0**-said.decimals * one.factor * factor
        digits = f"{one.low:.0f}".rstrip("0") if one.low >= 1e4 else ""
        if digits and not said.decimals:
            step = 0.5 * 10 ** (len(f"{one.low:.0f}") - len(digits)) if field.kind != "price" else 0
        exact = max(exact, min(step, 0.05 * abs(x)) + 1e-9)
    elif one.unit and field.kind == "plain":
        exact = 0.5  # "a 13 inch screen" of 13.3
    if field.kind == "price":
        exact = 0.005
    elif field.kind == "rating" and field.unit != "%" and not said.decimals:
        exact = 0.05  # a mean is written with one decimal, and 4.0 as 4
    return abs(x - low) <= exact


def _scale(sheet: Sheet, end: int) -> int:
    """Where "out of 10" or "/5" behind a number ends; ``end`` where none stands there."""
    i = end + (sheet.norm(end) in ("star", "stars"))
    stop = i
    if sheet.norm(i) == "/":
        stop = i + 1
    elif sheet.norm(i) == "out" and sheet.norm(i + 1) == "of":
        stop = i + 2
    t = sheet.tokens[stop] if stop < len(sheet) else None
    if stop > i and t is not None and t.value in SCALES:
        return stop + 1 + (sheet.norm(stop + 1) in ("star", "stars"))
    return end


# --- ranges, and numbers in the item's own text


def _range(sheet: Sheet, known: Known, a: Number, b: Number) -> bool:
    """ "2 to 4 players", "between 1990 and 1999"; whether the two numbers make one."""
    between = [sheet.norm(i) for i in range(a.end, b.start)]
    if between not in (["to"], ["-"], ["–"], ["and"]) or a.money != b.money:
        return False
    opened = sheet.norm(a.start - 1)
    if between == ["and"] and opened != "between":
        return False
    item = sheet.item
    said = _bounded(sheet, b)
    fields, factors, _ = fields_of(sheet, known, b, said.since)
    fields = fields or fields_of(sheet, known, a, said.since)[0]
    holds = False
    for pair in known.vocabulary.numbers.pairs:
        low, high = number(item.fields.get(pair.low)), number(item.fields.get(pair.high))
        holds = holds or (low == a.value and high == b.value)
    for f in fields:
        x = number(item.fields.get(f.name))
        factor = factors.get(f.name, 1.0)
        if x is not None and opened in ("between", "from"):
            x = float(int(x)) if f.role == "date" else x
            holds = holds or a.value * factor <= x <= b.value * factor
    since = a.start - 1 if opened in ("between", "from") else a.start
    shown = "; ".join(f"{f.label or f.name}: {known.shown(item, f.name)}" for f in fields)
    sheet.claim(since, b.end, holds, shown or "the item gives no such numbers", what="number")
    return True


def _paired(sheet: Sheet, known: Known, fields: Sequence[Field], one: Number) -> bool:
    """ "For 3 players" of an item for two to four."""
    if sheet.norm(one.start - 1) not in ("for", "with", "by"):
        return False
    names = {f.name for f in fields}
    for pair in known.vocabulary.numbers.pairs:
        low = number(sheet.item.fields.get(pair.low))
        high = number(sheet.item.fields.get(pair.high))
        if names & {pair.low, pair.high} and low is not None and high is not None:
            return low <= one.value <= high
    return False


def _given(sheet: Sheet, known: Known, one: Number) -> bool:
    item = sheet.item
    held = [x for v in item.fields.values() if (x := number(v)) is not None]
    near = any(x == one.low or (one.low != int(one.low) and round(x, 1) == one.low) for x in held)
    text = sheet.text[sheet.tokens[one.start].start : sheet.tokens[one.end - 1].end]
    return near or known.says(item, text)


def _told(sheet: Sheet, one: Number) -> bool:
    """Whether a year is said to be what the item tells of, not when it was made."""
    return any(
        sheet.words["similar.place"].at(sheet.tokens, i) > i
        for i in sheet.sentence(one.start)
        if i < one.start
    )


def _spelt(sheet: Sheet, one: Number) -> bool:
    return all(t.kind == "word" for t in sheet.tokens[one.start : one.end])


def _quoted(sheet: Sheet, known: Known, one: Number) -> bool:
    """Whether the number and the word behind it stand so in the item's own text."""
    stop = one.end
    if stop == one.start + 1 and stop < len(sheet) and sheet.tokens[stop].kind == "word":
        stop += 1
    text = sheet.text[sheet.tokens[one.start].start : sheet.tokens[stop - 1].end]
    return stop > one.start + 1 and len(words(text)) > 1 and known.says(sheet.item, text)
