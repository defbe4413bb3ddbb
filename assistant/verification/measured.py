"""Which field a number in a text speaks of: by its currency, its unit or the words beside it."""

from __future__ import annotations

from collections.abc import Sequence

from assistant.understanding.fields import label_words
from assistant.understanding.numbers import Number
from assistant.verification.known import YEARS, Known
from assistant.verification.sheet import Sheet
from retrieval.types import Field

BESIDE = 4  # words beside a number that may name its field

_TRIVIAL = frozenset({"number", "of", "n", "mean", "average", "minimum", "maximum", "min", "max"})
_OPINION = frozenset({"rating", "rate", "score", "mean", "average", "star", "mark"})


def fields_of(
    sheet: Sheet, known: Known, one: Number, since: int
) -> tuple[list[Field], dict[str, float], bool]:
    """The fields a number may speak of, the factors of units by field, and whether its words name
    the fields. ``since`` is where the words of its bound begin."""
    numbers_, lexicon = known.vocabulary.numbers, known.lexicon
    if one.money:
        money = [f for f in known.schema.fields if f.kind == "price"]
        units = {"usd", "eur", "gbp", "jpy", "$", "€", "£"}
        money += [
            f for f in known.schema.fields if f.kind != "price" and f.unit.casefold() in units
        ]
        return money, {}, True
    popular = [f for f in known.schema.fields if f.kind == "popularity"]
    beside = _beside(sheet, one)
    labels = _labelled(sheet, known, one, beside)
    players = numbers_.with_unit("player", lexicon) or labels
    people = one.unit == "player" and not any(f not in popular for f in players)
    if one.unit == "player" and not people and labels:
        return labels, {}, True
    if one.unit and not people:
        found = numbers_.with_unit(one.unit, lexicon)
        if labels and (both := [p for p in found if p[0].field in labels]):
            found = tuple(both)
        if found:
            return [f.field for f, _ in found], {f.name: x for f, x in found}, True
        if one.unit == "%":
            ratings = [f for f in known.schema.fields if f.unit == "%"]
            return ratings, {}, True
    if one.stars:
        return list(known.schema.by_kind("rating")), {}, True
    year = one.era or (
        one.low == one.high
        and float(one.low).is_integer()
        and YEARS[0] <= one.low <= YEARS[1]
        and "," not in sheet.text[sheet.tokens[one.start].start : sheet.tokens[one.end - 1].end]
    )
    counts = sheet.words["sense.count"]
    after = one.end + (sheet.norm(one.end) in ("user", "viewer", "different", "customer", "critic"))
    if (
        people
        or counts.at(sheet.tokens, after) > after
        or counts.at(sheet.tokens, one.end) > one.end
    ):
        return [*popular, *(f for f in labels if f.kind == "plain")], {}, True
    if labels and not (year and not any(_fits(known, f, one) for f in labels)):
        return labels, {}, True
    if any(_any(sheet, "sense.rating", i) for i in (since - 1, *beside)) and one.low <= 100:
        return list(known.schema.by_kind("rating")), {}, True
    if year:
        return list(known.numbers_of("year")), {}, True
    if any(_any(sheet, "sense.price", i) for i in beside):
        return list(known.schema.by_kind("price")), {}, True
    return [], {}, False


def _fits(known: Known, f: Field, one: Number) -> bool:
    found = known.vocabulary.numbers.get(f.name)
    return found is not None and found.span.holds(one.low)


def _any(sheet: Sheet, key: str, i: int) -> bool:
    return 0 <= i < len(sheet) and sheet.words[key].at(sheet.tokens, i) > i


def _beside(sheet: Sheet, one: Number) -> list[int]:
    """The words beside a number, up to the next mark that parts, another number or name."""
    found = []
    for step, start in ((-1, one.start - 1), (1, one.end)):
        i, words_ = start, 0
        while 0 <= i < len(sheet) and words_ < BESIDE and sheet.same_sentence(i, one.start):
            t = sheet.tokens[i]
            if t.kind == "number" or t.text in (",", ";", "(", ")") or not sheet.free(i):
                break
            if t.kind == "word":
                if step == 1 and t.norm in ("and", "but", "with", "by", "for", "at", "from"):
                    break
                found.append(i)
                words_ += 1
            i += step
    return found


def _labelled(sheet: Sheet, known: Known, one: Number, beside: Sequence[int]) -> list[Field]:
    """Number fields whose label stands beside the number; the one with most of its words."""
    stem = known.lexicon.stem
    said = {stem(sheet.norm(i)) for i in (*beside, *range(one.start, one.end))}
    said |= {w for p, names in known.lexicon.field_labels.items() if len(p) == 1 and p[0] in said
             for w in names}  # fmt: skip
    best: list[Field] = []
    most = 0
    for f in known.schema.by_role("number"):
        own = label_words(f, known.lexicon) - _TRIVIAL
        n = len(own & said)
        if n > most:
            best, most = [f], n
        elif n and n == most:
            best.append(f)
    if any(f.kind == "rating" for f in best):
        telling = {w for f in best for w in label_words(f, known.lexicon)} & said
        if not telling - _OPINION:
            return list(known.schema.by_kind("rating"))
    return [f for f in best if f.kind != "year"] if most else []
