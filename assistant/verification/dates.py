"""Dates in a text, held to the item's own; a month or a day that is not said is not compared."""

from __future__ import annotations

import re

from assistant.explanation.wording import REFERENCE
from assistant.verification.known import YEARS, Known
from assistant.verification.sheet import Sheet

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_ENDINGS = ("th", "st", "nd", "rd", "of")


def read(sheet: Sheet, known: Known) -> None:
    """Read every date that says a month."""
    for match in _ISO.finditer(sheet.text):
        year, month, day = (int(x) for x in match.groups())
        inside = [n for n, t in enumerate(sheet.tokens) if match.start() <= t.start < match.end()]
        if inside:
            _dated(sheet, known, inside[0], inside[-1] + 1, year, month, day)
    months = {m.casefold(): n for n, m in enumerate(REFERENCE.months, start=1)}
    for i in range(len(sheet)):
        named = months.get(sheet.norm(i)) or next(
            (n for m, n in months.items() if sheet.norm(i) == m[:3] and sheet.tokens[i].capital), 0
        )
        if not named or not sheet.free(i):
            continue
        start, end, day = i, i + 1, 0
        before: int | None = _whole(sheet, i - 1 - (sheet.norm(i - 1) in _ENDINGS))
        if before is not None and 1 <= before <= 31:
            day, start = before, i - 1 - (sheet.norm(i - 1) in _ENDINGS)
        else:
            following = _whole(sheet, end)
            if following is not None and 1 <= following <= 31:
                day, end = following, end + 1
                end += sheet.norm(end) in _ENDINGS
        end += sheet.norm(end) in (",", "of")
        said = _whole(sheet, end)
        if said is not None and YEARS[0] <= said <= YEARS[1]:
            _dated(sheet, known, start, end + 1, said, named, day)


def _whole(sheet: Sheet, i: int) -> int | None:
    t = sheet.tokens[i] if 0 <= i < len(sheet) else None
    if t is None or t.value is None or not float(t.value).is_integer():
        return None
    return int(t.value)


def _dated(
    sheet: Sheet, known: Known, start: int, end: int, year: int, month: int, day: int
) -> None:
    """A date as it is said; a month or a day that is not said is not compared."""
    wanted = f"{year:04}-{month:02}-{day:02}" if day else f"{year:04}-{month:02}"
    held = [str(sheet.item.fields.get(f.name, "")) for f in known.numbers_of("year")]
    met = any(h.startswith(wanted) for h in held)
    why = f"dated {', '.join(h for h in held if h) or 'nowhere'}"
    sheet.claim(start, end, met != sheet.denied(start), why, what="number")
