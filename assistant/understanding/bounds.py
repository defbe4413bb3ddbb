"""Numbers as bounds: which field a number speaks of, and on which side it bounds it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.types import Range
from assistant.understanding.bound_fields import (
    Said,
    Side,
    age_fields,
    field_for,
    group_ranges,
    is_age,
)
from assistant.understanding.bound_sides import YEARS, is_dash, with_sides
from assistant.understanding.chart import Chart, Mention
from assistant.understanding.dates import YEAR, link_date
from assistant.understanding.facets import lexicon_key
from assistant.understanding.fields import NumberField
from assistant.understanding.items_said import names_items
from assistant.understanding.numbers import Number, numbers
from assistant.understanding.scope import Scope
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field

NEAR = 0.2  # "around 100 euros" takes a fifth on either side
CLOSE = 0.05  # "14 inch" takes what is sold as that


def link_bounds(chart: Chart, vocabulary: Vocabulary, scope: Scope) -> list[Mention]:
    """Mentions of numbers that bound a field, each with its ranges; numbers that bound nothing
    are left out.
    """
    found: list[Mention] = []
    for said in _pairs(chart, _written(chart, vocabulary)):
        if _dates_a_name(said, chart):
            continue
        written = with_sides(chart, said, vocabulary)
        n = written.number
        plain = not (written.side or written.other or n.unit or n.money or n.stars or n.era)
        if plain and names_items(chart, n.end, vocabulary):
            continue  # "five laptops with ram over 8 GB"
        ranges = _ranges(chart, written, vocabulary, scope)
        if ranges:
            found.append(
                Mention(
                    start=written.start,
                    end=_age_end(chart, written),
                    kind="number",
                    ranges=ranges,
                )
            )
        elif child := _child(chart, written, vocabulary):
            found.append(child)
    return _joined(found, chart)


def _written(chart: Chart, vocabulary: Vocabulary) -> list[Number]:
    """The numbers of a message; where the catalogue holds dates, also its days and months."""
    lexicon, latest = vocabulary.lexicon, vocabulary.numbers.latest
    dates = [d for i in range(len(chart)) if latest and (d := link_date(chart, i, lexicon, latest))]
    dates = [d for n, d in enumerate(dates) if not any(d.start < e.end for e in dates[:n])]
    inside = {i for d in dates for i in range(d.start, d.end)}
    plain = [n for n in numbers(chart, lexicon) if inside.isdisjoint(range(n.start, n.end))]
    return sorted((*dates, *plain), key=lambda n: n.start)


def numbers_said(chart: Chart, vocabulary: Vocabulary) -> list[Said]:
    """Every number outside the mentions already made, with the side it bounds, if it bounds one,
    before any field is thought of."""
    written = _pairs(chart, _written(chart, vocabulary))
    return [with_sides(chart, said, vocabulary) for said in written]


def _child(chart: Chart, said: Said, vocabulary: Vocabulary) -> Mention | None:
    """What is meant for children, where somebody's age makes them one and no field holds ages."""
    lexicon = vocabulary.lexicon
    values = vocabulary.facets.values.get(lexicon_key(lexicon.child_as, lexicon), ())
    if not values or said.number.low > lexicon.child or not is_age(chart, said):
        return None
    return Mention(start=said.start, end=_age_end(chart, said), kind="facet", values=values)


def _age_end(chart: Chart, said: Said) -> int:
    """The end of a number with the words that make it an age: "6-year-old"."""
    after = said.end + 1 if is_dash(chart, said.end) else said.end
    told = chart.cue_span(after)
    return told.end if told is not None and "age_after" in told.names else said.end


def _dates_a_name(said: Said, chart: Chart) -> bool:
    """Whether a year in brackets only tells which one is meant: "Coco (2017)" bounds nothing, also
    where the catalogue has no such title."""
    value, name = said.number.low, chart.at(said.start - 2)
    return (
        (chart.norm(said.start - 1), chart.norm(said.end)) == ("(", ")")
        and 1870 <= value <= 2100
        and chart.norm(said.start - 2).isalnum()
        and (name is None or name.kind != "facet")
    )


def _pairs(chart: Chart, found: Sequence[Number]) -> list[Said]:
    """Two numbers joined by "and", "to" or a dash make one span; every other stands alone."""
    out: list[Said] = []
    i = 0
    while i < len(found):
        a = found[i]
        b = found[i + 1] if i + 1 < len(found) else None
        joiner = chart.norm(a.end)
        if (
            b is not None
            and b.start == a.end + 1
            and joiner in ("-", "–", "to", "and", "till", "until")
        ):
            opened = "bound_between" in chart.cue(a.start - 1)
            if joiner != "and" or (opened and chart.norm(a.start - 1) != "from"):
                a, b = _shared_unit(a, b)
                start = a.start - 1 if opened else a.start
                out.append(Said(start=start, end=b.end, number=a, other=b))
                i += 2
                continue
        out.append(Said(start=a.start, end=a.end, number=a))
        i += 1
    return out


def _shared_unit(a: Number, b: Number) -> tuple[Number, Number]:
    """ "60 and 160 euros": a unit said once belongs to both ends."""
    if not (a.unit or a.money or a.stars or a.era):
        a = replace(a, unit=b.unit, factor=b.factor, money=b.money, stars=b.stars)
    elif not (b.unit or b.money or b.stars or b.era):
        b = replace(b, unit=a.unit, factor=a.factor, money=a.money, stars=a.stars)
    return a, b


def _ranges(
    chart: Chart, said: Said, vocabulary: Vocabulary, scope: Scope
) -> Mapping[str, Range] | None:
    n = said.number
    if n.day:
        return _days(vocabulary.numbers.dates[0], said)
    if is_age(chart, said):
        return {name: Range(max=n.low) for name in age_fields(vocabulary)} or None
    when = _when(chart, said, vocabulary)
    if when is not None:
        return _years(when, said, chart)
    group = group_ranges(chart, said, vocabulary, scope)
    if group is not None:
        return group
    chosen = field_for(chart, said, vocabulary, scope)
    if chosen is None:
        return None
    f, factor = chosen
    if not n.low and n.money and f.span.low > 0:
        return None  # where everything costs something, "free" is no price
    low = n.low * factor
    if said.other is not None:
        return {f.name: Range(min=low, max=said.other.low * factor)}
    side = said.side or _default(f, n, vocabulary)
    if side == "max":
        return {f.name: Range(max=low, under=said.beyond)}
    if side == "min":
        return {f.name: Range(min=low, over=said.beyond)}
    if side == "near":
        slack = NEAR if said.side else CLOSE
        return {f.name: Range(min=round(low * (1 - slack), 4), max=round(low * (1 + slack), 4))}
    return None


def _default(f: NumberField, n: Number, vocabulary: Vocabulary) -> Side:
    """The side of a number that nothing bounds: money is a most, stars are a least."""
    if f.field.kind == "price":
        return "max"
    if f.field.kind == "rating":
        return "min"
    side = vocabulary.lexicon.unit_default.get(n.unit, "min")
    return "max" if side == "max" else "near" if side == "near" else "min"


def _when(chart: Chart, said: Said, vocabulary: Vocabulary) -> Field | None:
    """The field of years or dates, when the number is a year or a decade."""
    n = said.number
    years = vocabulary.schema.by_kind("year")
    field = years[0] if years else vocabulary.numbers.dates[0] if vocabulary.numbers.dates else None
    if field is None or n.money or n.stars or n.unit:
        return None
    if n.era:
        return field
    whole = n.low == int(n.low) and int(n.low) in YEARS and "," not in chart.tokens[n.start].norm
    if not whole or (said.other is not None and int(said.other.low) not in YEARS):
        return None
    if (
        said.time
        or said.strict
        or chart.norm(said.start - 1) in ("in", "from", "of", "year", "circa", "during")
    ):
        return field
    if said.other is not None or not said.side:
        return (
            field
            if field.kind == "year" and not vocabulary.numbers.of_kind("price")
            else field
            if not said.side and field.kind == "year"
            else None
        )
    return field if not vocabulary.numbers.of_kind("price") else None


def _days(f: Field, said: Said) -> Mapping[str, Range]:
    """The range of a date or a month; a strict bound leaves out the day itself, or the month."""
    n, step = said.number, 1 / YEAR
    if said.other is not None:
        return {f.name: Range(min=n.low, max=said.other.high)}
    if said.side == "max":
        return {f.name: Range(max=n.low - step if said.strict else n.high)}
    if said.side == "min":
        return {f.name: Range(min=n.high + step if said.strict else n.low)}
    return {f.name: Range(min=n.low, max=n.high)}


def _years(f: Field, said: Said, chart: Chart) -> Mapping[str, Range]:
    n = said.number
    if said.other is not None:
        return {f.name: Range(min=n.low, max=said.other.high)}
    if chart.has("before_birth"):
        return {f.name: Range(max=n.low)}
    if said.side == "max":
        return {f.name: Range(max=n.low - 1 if said.strict else n.high)}
    if said.side == "min":
        if not said.strict and chart.norm(said.start) == "from" and said.end == n.end:
            return {f.name: Range(min=n.low, max=n.high)}  # "from 1995", "from the eighties"
        return {f.name: Range(min=n.high + 1 if said.strict else n.low)}
    if said.side == "near":
        return {f.name: Range(min=n.low - 2, max=n.high + 2)}
    return {f.name: Range(min=n.low, max=n.high)}


def _joined(found: Sequence[Mention], chart: Chart) -> list[Mention]:
    """Decades in a list ("sixties, seventies or eighties") make one span of years."""
    out: list[Mention] = []
    for m in found:
        last = out[-1] if out else None
        if (
            last is not None
            and last.ranges
            and m.ranges
            and set(last.ranges) == set(m.ranges)
            and len(m.ranges) == 1
        ):
            between = [chart.norm(i) for i in range(last.end, m.start)]
            if (
                between
                and len(between) <= 3
                and all(w in (",", "or", "and", "the", "early", "late") for w in between)
            ):
                (name, a), (_, b) = next(iter(last.ranges.items())), next(iter(m.ranges.items()))
                if None not in (a.min, a.max, b.min, b.max):
                    both = Range(min=min(a.min or 0, b.min or 0), max=max(a.max or 0, b.max or 0))
                    out[-1] = replace(last, end=m.end, ranges={name: both})
                    continue
        out.append(m)
    return out
