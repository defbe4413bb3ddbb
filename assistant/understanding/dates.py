"""Days and months in a message: "after June 2025", "before 1 September", "3 May 2024".

A date is a year with the part of it that is over, as :func:`retrieval.filters.number` reads one, so
a month is the span from its first day to its last.
"""

from __future__ import annotations

from assistant.understanding.chart import Chart
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.numbers import Number, numeral_at

DAYS = 31
YEAR = 12 * DAYS
"""Months are counted as of 31 days, so that a date and its number lead to one another."""

LEADS = frozenset({"in", "on", "after", "before", "since", "until", "till", "from", "by", "during"})
"""Words that make a month of one that is also something else ("may", "march")."""

_ORDINALS = ("st", "nd", "rd", "th")


def link_date(chart: Chart, i: int, lexicon: Lexicon, year: int) -> Number | None:
    """The day or month that is written at a place, in ``year`` where it says none; else None."""
    day, at = _day(chart, i)
    month = lexicon.months.get(chart.norm(at))
    if month is None:
        return None
    after = at + 1
    if day is None:
        day, after = _day(chart, after)
    told = numeral_at(chart.tokens, after)
    if told is not None and 1000 <= told <= 2999 and told == int(told):
        year, after = int(told), after + 1
    elif day is None and chart.norm(i - 1) not in LEADS:
        return None
    start = year + ((month - 1) * DAYS + (day - 1 if day else 0)) / YEAR
    end = start if day else start + (DAYS - 1) / YEAR
    return Number(start=i, end=after, low=start, high=end, day=True)


def _day(chart: Chart, i: int) -> tuple[int | None, int]:
    """A day of the month at a place with what follows it; (None, i) when there is none."""
    value = numeral_at(chart.tokens, i)
    if value is None or not 1 <= value <= DAYS or value != int(value):
        return None, i
    after = i + 1
    after += chart.norm(after) in _ORDINALS
    after += chart.norm(after) in ("of", ",")
    return int(value), after
