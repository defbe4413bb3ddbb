"""Numbers in a message: numerals, number words, years, decades, with the unit that follows.

A number mention is only what is written; :mod:`assistant.understanding.bounds` decides which field
it bounds and on which side.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.understanding.chart import Chart
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.tokens import Token


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number over tokens ``start`` to ``end`` (unit and currency included).

    ``low`` and ``high`` differ for a decade. ``unit`` is in the lexicon's spelling ('' for none),
    ``factor`` turns the value into it. ``money`` is true for a currency, ``stars`` for a rating,
    ``era`` for a decade or a year with an apostrophe, ``day`` for a date, whose ends are years with
    the part of them that is over.
    """

    start: int
    end: int
    low: float
    high: float
    unit: str = ""
    factor: float = 1.0
    money: bool = False
    stars: bool = False
    era: bool = False
    day: bool = False

    @property
    def value(self) -> float:
        """The number in its unit."""
        return self.low * self.factor


def numeral_at(tokens: Sequence[Token], i: int) -> float | None:
    """The value of a numeral in figures at a place, or None (also outside the message)."""
    return tokens[i].value if 0 <= i < len(tokens) and tokens[i].kind == "number" else None


def numbers(chart: Chart, lexicon: Lexicon) -> list[Number]:
    """Every number outside the mentions already made, in order."""
    found: list[Number] = []
    tokens = chart.tokens
    i = 0
    while i < len(tokens):
        number = _at(chart, i, lexicon) if chart.free(i, i + 1) else None
        if number is None or (number.era and _life(chart, number, lexicon)):
            i += 1
            continue
        number = _and_more(chart, _with_unit(chart, _and_a_half(chart, number), lexicon), lexicon)
        found.append(number)
        i = number.end
    return found


def _at(chart: Chart, i: int, lexicon: Lexicon) -> Number | None:
    tokens = chart.tokens
    t = tokens[i]
    if t.kind == "mark":
        return _apostrophe_year(tokens, i)
    if t.kind == "number":
        return _numeral(tokens, i, lexicon)
    if t.norm in lexicon.decades:
        start = lexicon.decades[t.norm]
        return Number(start=i, end=i + 1, low=start, high=start + 9, era=True)
    if t.norm in lexicon.group("free") and _for_nothing(tokens, i, lexicon):
        return Number(start=i, end=i + 1, low=0.0, high=0.0, money=True)
    if t.norm == "half" and i + 2 < len(tokens) and tokens[i + 1].norm in lexicon.group("articles"):
        unit = tokens[i + 2].norm in lexicon.units
        return Number(start=i, end=i + 2, low=0.5, high=0.5) if unit else None
    if t.norm in lexicon.numbers or t.norm in lexicon.multipliers:
        return _spoken(tokens, i, lexicon)
    if (
        t.norm in lexicon.group("articles") - {"the"}  # "forget the minutes limit"
        and i + 1 < len(tokens)
        and tokens[i + 1].norm in lexicon.units
        and len(tokens[i + 1].norm) > 1
        and tokens[i + 1].norm not in ("in", "min", "page", "person", "player", "cup")
        and _bounds(chart.cue(i - 1) | {n for n in chart.cue(i + 2) if n.endswith("_after")})
    ):
        return Number(start=i, end=i + 1, low=1.0, high=1.0)  # "less than a kilo"
    return None


def _life(chart: Chart, n: Number, lexicon: Lexicon) -> bool:
    """Whether a decade is one of somebody's life: "we are in our 60s", "in her early thirties"."""
    part = chart.norm(n.start - 1) in lexicon.decade_parts
    return chart.norm(n.start - 1 - part) in ("my", "our", "his", "her", "their", "your")


def _bounds(names: frozenset[str]) -> bool:
    return any(n.startswith("bound_") for n in names)


def _for_nothing(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> bool:
    """Whether "free" asks for a price of nothing: not "free of nuts", "gluten-free"."""
    following = tokens[i + 1].norm if i + 1 < len(tokens) else ""
    before = tokens[i - 1] if i else None
    glued = before is not None and tokens[i].glued and before.norm == "-"
    named = before is not None and before.kind == "word" and before.norm not in lexicon.known
    return not glued and not named and following not in lexicon.group("free_of")


def _apostrophe_year(tokens: Sequence[Token], i: int) -> Number | None:
    """``'94`` and ``'80s``: two digits after an apostrophe, read as the twentieth century unless
    small.
    """
    if tokens[i].norm not in ("'", "’", "‘") or i + 1 >= len(tokens):
        return None
    t = tokens[i + 1]
    if not t.glued or t.value is None or len(t.norm) != 2:
        return None
    year = _century(int(t.value))
    if i + 2 < len(tokens) and tokens[i + 2].norm == "s" and tokens[i + 2].glued and year % 10 == 0:
        return Number(start=i, end=i + 3, low=year, high=year + 9, era=True)
    return Number(start=i, end=i + 2, low=year, high=year, era=True)


def _century(two: int) -> int:
    return 2000 + two if two <= 20 else 1900 + two


def _numeral(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> Number | None:
    t = tokens[i]
    if t.value is None or t.value > 1e15:
        return None
    value, end = t.value, i + 1
    suffix = tokens[end].norm if end < len(tokens) and tokens[end].glued else ""
    if suffix in ("th", "st", "nd", "rd"):
        return None  # a position or a date, never an amount
    if suffix in ("'", "’") and end + 1 < len(tokens) and tokens[end + 1].norm == "s":
        suffix, end = "s", end + 1
    if suffix == "s" and value % 10 == 0:
        if len(t.norm) == 2:
            year = _century(int(value))
            return Number(start=i, end=end + 1, low=year, high=year + 9, era=True)
        if len(t.norm) == 4:
            return Number(start=i, end=end + 1, low=value, high=value + 9, era=True)
    if suffix in ("k", "m") and suffix in lexicon.multipliers:
        return Number(start=i, end=end + 1, low=value * 1000, high=value * 1000)
    if end < len(tokens) and tokens[end].norm in lexicon.multipliers and tokens[end].norm != "k":
        value *= lexicon.multipliers[tokens[end].norm]
        end += 1
    return Number(start=i, end=end, low=value, high=value)


def _spoken(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> Number | None:
    """Number words: ``two hundred and fifty``, ``twenty five``, ``thirteen hundred``."""
    total, current, j, last = 0.0, 0.0, i, i
    seen = False
    while j < len(tokens):
        word = tokens[j].norm
        if word in lexicon.numbers:
            step = lexicon.numbers[word]
            if (
                seen
                and current % 100
                and not (current % 10 == 0 and step < 10 and current % 100 >= 20)
            ):
                break
            current += step
        elif word in lexicon.multipliers and word != "k":
            scale = lexicon.multipliers[word]
            if scale == 100:
                current = max(current, 1.0) * 100
            else:
                total += max(current, 1.0) * scale
                current = 0.0
        elif (word == "-" and seen and tokens[j].glued) or (
            word == "and"
            and seen
            and (current >= 100 or total)
            and _continues(tokens, j + 1, lexicon)
        ):
            j += 1
            continue
        else:
            break
        seen, last = True, j + 1
        j += 1
    lone = last == i + 1 and tokens[i].norm == "one"
    following = tokens[last].norm if last < len(tokens) else ""
    counts = following in lexicon.units or following == "-" or _half(tokens, last)
    if not seen or (lone and not counts):
        return None  # "the kawa one" counts nothing
    return Number(start=i, end=last, low=total + current, high=total + current)


def _continues(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> bool:
    return i < len(tokens) and tokens[i].norm in lexicon.numbers


def _and_a_half(chart: Chart, n: Number) -> Number:
    """ "two and a half" as 2.5."""
    half = 0 if n.era else _half(chart.tokens, n.end)
    return replace(n, end=n.end + half, low=n.low + 0.5, high=n.high + 0.5) if half else n


def _half(tokens: Sequence[Token], i: int) -> int:
    """How many tokens say "and a half" at a place; 0 when they do not."""
    said = [t.norm for t in tokens[i : i + 3]]
    if said[:1] != ["and"] or "half" not in said[1:]:
        return 0
    return said.index("half") + 1


def _and_more(chart: Chart, n: Number, lexicon: Lexicon) -> Number:
    """A number of a greater unit with the rest in a smaller one: "1 h 45 min", "an hour and forty
    minutes", "2h30"; or with a half of it: "an hour and a half"."""
    smaller = next((u for u, to in lexicon.conversions.items() if to.get(n.unit, 1.0) < 0.1), "")
    if not n.unit or not smaller:
        return _half_of_unit(chart, n)
    start = n.end + (chart.norm(n.end) == "and")
    rest = (
        _at(chart, start, lexicon) if start < len(chart) and chart.free(start, start + 1) else None
    )
    if rest is None or rest.era:
        return _half_of_unit(chart, n)
    rest = _with_unit(chart, rest, lexicon)
    bare = not rest.unit and not (rest.money or rest.stars) and start == n.end
    if rest.unit == "m" or (bare and chart.tokens[start].glued):
        rest = replace(rest, unit=smaller, factor=1.0)
    if rest.unit != smaller or not 0 < rest.low * lexicon.conversions[smaller][n.unit] < 1:
        return _half_of_unit(chart, n)
    more = rest.value * lexicon.conversions[smaller][n.unit] / n.factor
    return replace(n, end=rest.end, low=n.low + more, high=n.high + more)


def _half_of_unit(chart: Chart, n: Number) -> Number:
    return _and_a_half(chart, n) if n.unit else n


def _with_unit(chart: Chart, n: Number, lexicon: Lexicon) -> Number:
    """The number with its unit, currency, stars, and the part of the decade it is narrowed to."""
    start, end, low, high = n.start, n.end, n.low, n.high
    if n.era:
        before = chart.norm(start - 1)
        if before in ("-", "–"):
            before = chart.norm(start - 2)
        part = lexicon.decade_parts.get(before)
        if part and high - low == 9:
            low, high = low + part[0], low + part[1]
            start -= 1 if chart.norm(start - 1) == before else 2
        return Number(start=start, end=end, low=low, high=high, era=True)
    money = lexicon.group("money")
    if chart.norm(start - 1) in money and chart.tokens[start - 1].kind == "mark":
        return Number(start=start - 1, end=end, low=low, high=high, money=True)
    after = end
    if chart.norm(after) in ("-", "–") and after + 1 < len(chart) and chart.tokens[after + 1].glued:
        after += 1  # "13-inch", "two-player"
    word = chart.norm(after)
    if word in money:
        return Number(start=start, end=after + 1, low=low, high=high, money=True)
    if word in lexicon.group("stars") and low <= 10:
        return Number(start=start, end=after + 1, low=low, high=high, stars=True)
    times = after + 1 < len(chart) and chart.tokens[after + 1].glued
    if word == "*" and low <= 10 and not times:
        return Number(start=start, end=after + 1, low=low, high=high, stars=True)
    unit = lexicon.units.get(word)
    if unit and _is_unit(chart, after, word):
        return Number(start=start, end=after + 1, low=low, high=high, unit=unit[0], factor=unit[1])
    return n


def _is_unit(chart: Chart, i: int, word: str) -> bool:
    """Whether a word behind a number is its unit: "in" and "min" are also other words."""
    if word == "in":
        return chart.tokens[i].glued
    if word == "min":
        following = chart.norm(i + 1)
        return chart.tokens[i].glued or following not in ("", ",", ".")
    return True
