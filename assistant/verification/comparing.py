"""Comparisons: "cheaper than X", "the longest of …", and plain words such as "cheap" or "popular".

A comparative is held to the two values, a superlative to every item of its group, and a plain word
to where the value lies among things of the same kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from assistant.understanding.lexicon import Adjective
from assistant.verification.known import Known
from assistant.verification.naming import named_at
from assistant.verification.sheet import Sheet
from retrieval.filters import number
from retrieval.types import Field, Item, ItemId

HALF = 0.5  # a cheap thing is in the cheaper half of its kind
THIRD = 2 / 3  # a popular or well rated one is in the upper third
TENTH = 0.1  # "one of the cheapest" is in the cheapest tenth
_AGAIN = frozenset({"also", "even", "far", "much", "a", "little", "bit", "slightly", "way", "but"})


def read(sheet: Sheet, known: Known) -> None:
    """Read every comparative and superlative."""
    _well_known(sheet, known)
    for start, end, adjectives in _found(sheet, known):
        degree = adjectives[0].degree
        fields = [(a, f) for a in adjectives for f in _fields(known, a)]
        if degree == "comparative":
            _compared(sheet, known, start, end, fields)
        elif degree == "superlative":
            _superlative(sheet, known, start, end, fields)


def plain(sheet: Sheet, known: Known) -> None:
    """Read every plain adjective that a number field can be held to."""
    for start, end, adjectives in _found(sheet, known):
        if adjectives[0].degree == "plain":
            _plain(
                sheet, known, start, end, [(a, f) for a in adjectives for f in _fields(known, a)]
            )


def _found(sheet: Sheet, known: Known) -> Iterator[tuple[int, int, tuple[Adjective, ...]]]:
    i = 0
    while i < len(sheet):
        end, adjectives = _adjective(sheet, known, i)
        if end > i:
            yield i, end, adjectives
        i = max(end, i + 1)


def _well_known(sheet: Sheet, known: Known) -> None:
    """How many people know it, and whether that rises; "less known than X" is a comparison."""
    for key, wanted in (("sense.well_known", 1.0), ("sense.less_known", -1.0)):
        for start, end in sheet.find(sheet.words[key]):
            if any(sheet.norm(i) == "than" for i in sheet.sentence(start)):
                continue
            fields = [f for f in known.schema.fields if f.kind == "popularity"]
            places = [_place(known, sheet.item, f, wanted) for f in fields]
            holds = any(
                p >= THIRD if wanted > 0 else _rare(known, sheet.item, f)
                for p, f in zip(places, fields, strict=True)
            )
            sheet.claim(start, end, holds != sheet.denied(start), "by how many people know it")
    for start, end in sheet.find(sheet.words["sense.trending"]):
        holds = sheet.item.id in known.trending
        sheet.claim(start, end, holds != sheet.denied(start), "by what people turned to lately")


def _rare(known: Known, item: Item, field: Field) -> bool:
    """Whether an item is less known than what people mostly turn to: half of all that is counted
    belongs to better known ones."""
    x, column = number(item.fields.get(field.name)), known.column(field.name)
    if x is None or not len(column) or not column.sum():
        return False
    middle = int(np.searchsorted(np.cumsum(column), column.sum() / 2))
    return bool(x < column[min(middle, len(column) - 1)])


def _adjective(sheet: Sheet, known: Known, i: int) -> tuple[int, tuple[Adjective, ...]]:
    """The adjective at a token, "more" and "most" taken with it."""
    table = known.lexicon.adjectives
    if sheet.tokens[i].capital and not sheet.tokens[i].opens:
        return i, ()  # a part of a name
    lead = sheet.norm(i) in ("more", "less", "most", "least")
    for length in range(4, 0, -1):
        start = i + lead
        said = tuple(sheet.norm(j) for j in range(start, start + length))
        if said in table and sheet.free(i, start + length):
            found = table[said]
            if lead:
                found = tuple(_led(a, sheet.norm(i)) for a in found)
            return start + length, found
    return i, ()


def _led(a: Adjective, lead: str) -> Adjective:
    """An adjective behind "more", "less", "most" or "least"."""
    turned: Literal["higher", "lower"] = "lower" if a.direction == "higher" else "higher"
    return replace(
        a,
        degree="comparative" if lead in ("more", "less") else "superlative",
        direction=turned if lead in ("less", "least") else a.direction,
    )


def _fields(known: Known, a: Adjective) -> list[Field]:
    if a.kind:
        return list(known.numbers_of(a.kind))
    found: list[Field] = []
    for word in a.fields:
        found += [f.field for f in known.labelled(word) if f.field not in found]
    return found


def _compared(
    sheet: Sheet, known: Known, start: int, end: int, fields: list[tuple[Adjective, Field]]
) -> int:
    """ "Cheaper than X", "20 minutes shorter than X"; without a base only the card above is one."""
    base, stop = _base(sheet, known, end)
    if base is None and sheet.norm(end) == "than":
        return end  # than a number, which is read with the numbers
    if base is None:
        if sheet.norm(end) != "than" and sheet.subject.above is None and not fields:
            return end
        known_word = sheet.norm(start) in known.stems(sheet.item)
        if sheet.norm(end) != "than" and (known_word or sheet.subject.above is None):
            if known_word or not fields:
                return end
            sheet.claim(start, end, False, "it is not said what it is compared with")
            return end
        base = sheet.subject.above
    since, difference = _difference(sheet, known, start)
    holds, why = False, "there is nothing to compare"
    for a, f in fields:
        mine, other = (number(i.fields.get(f.name)) if i else None for i in (sheet.item, base))
        if mine is None or other is None:
            continue
        gap = mine - other if a.direction == "higher" else other - mine
        holds = gap > 0 and (difference is None or abs(gap - difference) < 0.51)
        why = f"{f.label or f.name}: {mine:g} and {other:g}"
        break
    sheet.claim(start, max(stop, end), holds != sheet.denied(start), why, since=since)
    if since >= 0:
        sheet.cover(since, start)
    return max(stop, end)


def _base(sheet: Sheet, known: Known, i: int) -> tuple[Item | None, int]:
    """The item behind "than", also where another comparison stands between or it came before."""
    rest = sheet.sentence(i - 1)
    for j in range(i, rest.stop):
        if sheet.norm(j) != "than" or not sheet.free(j):
            continue
        end = sheet.words["sense.above"].at(sheet.tokens, j + 1)
        if end > j + 1:
            if sheet.subject.above is not None:
                sheet.cover(j, end, "than:above")
            return sheet.subject.above, i
        named = named_at(sheet, known, j + 1)
        if named is None:
            break  # a number
        begin, found = named
        sheet.cover(j, begin)
        sheet.cover(begin, found.end, f"than:{found.items[0]}")
        return known.items.get(found.items[0]), i
    told = [s for s in sheet.spots if s.what.startswith("than:") and s.start in rest]
    if not told:
        return None, i
    which = told[0].what.removeprefix("than:")
    return (sheet.subject.above if which == "above" else known.items.get(ItemId(which))), i


def _difference(sheet: Sheet, known: Known, start: int) -> tuple[int, float | None]:
    """The number right before a comparative: "20 minutes shorter"."""
    for back in (1, 2):
        i = start - back
        t = sheet.tokens[i] if i >= 0 else None
        unit = back == 1 or sheet.norm(start - 1) in known.lexicon.units
        number_ = t is not None and t.kind == "number" and unit and sheet.free(i, start)
        if number_ and t is not None and t.value is not None:
            first = i - 1 if i and sheet.tokens[i - 1].text in "€$£¥" else i
            return first, t.value
    return -1, None


def _superlative(
    sheet: Sheet, known: Known, start: int, end: int, fields: list[tuple[Adjective, Field]]
) -> int:
    if not fields:
        return end
    group, said = _group(sheet, known, end)
    one_of = any(
        sheet.words["sense.one_of"].at(sheet.tokens, start - k) > start - k for k in (2, 3, 4)
    )
    holds, why = False, "there is nothing to compare"
    for a, f in fields:
        mine = number(sheet.item.fields.get(f.name))
        if mine is None:
            continue
        xs = np.array([x for i in group if (x := number(i.fields.get(f.name))) is not None])
        better = int((xs > mine).sum() if a.direction == "higher" else (xs < mine).sum())
        holds = better <= (TENTH * len(xs) if one_of else 0)
        why = f"{better:,} of {len(xs):,}{said} go further by {f.label or f.name}"
        if holds or a.kind is None:
            break
    sheet.claim(start, end, holds != sheet.denied(start), why)
    return end


def _group(sheet: Sheet, known: Known, i: int) -> tuple[list[Item], str]:
    """The items that a superlative speaks of: of the values that follow, of the item's own kind, or
    all."""
    rest = range(i, sheet.sentence(i - 1).stop)
    values = []
    lexicon, facets = known.lexicon, known.vocabulary.facets
    for j in rest:
        for stop in range(min(rest.stop, j + 4), j, -1):
            key = " ".join(lexicon.stem(sheet.norm(k)) for k in range(j, stop))
            held = [v for v in facets.values.get(key, ()) if not v.loose]
            if held and any(known.has(sheet.item, v.field, v.value) for v in held):
                values.append(held)
                break
    items = [x for x in known.items.values() if not x.retired]
    whole = any(sheet.words["sense.whole"].at(sheet.tokens, j) > j for j in rest)
    kind = known.vocabulary.kind(sheet.item.id)
    if values:
        for held in values:
            items = [x for x in items if any(known.has(x, v.field, v.value) for v in held)]
        return items, " of that sort"
    if kind is not None and not whole:
        return [x for x in items if known.has(x, *kind)], " of its kind"
    return items, ""


def _plain(
    sheet: Sheet, known: Known, start: int, end: int, fields: list[tuple[Adjective, Field]]
) -> int:
    if end - start == 1 and sheet.norm(start) in sheet.words.glue:
        return end
    held = [(a, f) for a, f in fields if number(sheet.item.fields.get(f.name)) is not None]
    denied = sheet.denied(start)
    own = known.stems(sheet.item)
    if all(
        sheet.norm(i) in own or known.lexicon.stem(sheet.norm(i)) in own for i in range(start, end)
    ):
        sheet.claim(start, end, not denied, "it stands in the item's own words")
        return end
    if not held:
        return end
    holds, why = False, ""
    for a, f in held:
        sign = 1.0 if a.direction == "higher" else -1.0
        place = _place(known, sheet.item, f, sign)
        least = THIRD if f.kind in ("rating", "popularity") and sign > 0 else HALF
        holds = holds or place >= least
        why = f"{f.label or f.name}: beyond {max(place, 0):.0%} of its kind"
    sheet.claim(start, end, holds != denied, why)
    return end


def _place(known: Known, item: Item, field: Field, sign: float) -> float:
    """The share of items of its kind that this one is level with or beyond, in [0, 1]."""
    x = number(item.fields.get(field.name))
    column = known.column(field.name, known.vocabulary.kind(item.id))
    if x is None or not len(column):
        return -1.0
    below = float(np.searchsorted(column, x, side="right" if sign > 0 else "left"))
    return below / len(column) if sign > 0 else 1 - below / len(column)
