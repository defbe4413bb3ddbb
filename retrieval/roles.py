"""What one field of a catalogue is for: its role, its kind, and what parts its values.

Rules in a fixed order over a :class:`~retrieval.study.FieldStudy`: names hint, values decide.
"""

from __future__ import annotations

from retrieval.names import Names, snake
from retrieval.study import FieldStudy, Study
from retrieval.types import Kind, Role
from retrieval.values import as_text, split

STRAY = 0.1
"""Share of values that may be of a wrong type without changing what a field is for."""

YEARS = range(1800, 2101)
"""Whole numbers that all lie here, in twenty items or more, are taken for years."""

_KINDS: tuple[Kind, ...] = ("price", "year", "rating", "popularity")


def separator_of(s: FieldStudy, study: Study, hints: Names) -> str:
    """What parts the values of a text field that holds several; empty when it holds one."""
    if s.strings < 0.5 * max(1, s.seen) or s.dates or s.urls:
        return ""
    if s.separators["[]"] > 0.5 * s.seen:
        return "[]"
    hinted = hints.is_role("facet", s.name) or hints.is_kind("person", s.name)
    for separator in ("|", ";", ", "):
        if s.separators[separator] < 0.1 * s.seen or (separator == ", " and not hinted):
            continue
        cells = [v for row in study.sample if isinstance(v := row.get(s.name), str)]
        parts = [p for c in cells for p in split(c, separator)]
        words = sum(p.count(" ") + 1 for p in parts) / max(1, len(parts))
        repeats = len(set(parts)) < 0.8 * len(parts)
        surname_first = separator == ", " and hints.is_kind("person", s.name) and words < 1.5
        if words <= 4 and (repeats or hinted or separator == "|") and not surname_first:
            return separator
    return ""


def kind_of(role: Role, s: FieldStudy, hints: Names) -> Kind:
    """What a facet or a number measures, where its name says so and its values allow it."""
    if role == "facet":
        if s.flags > 0.95 * max(1, s.seen):
            return "flag"
        return "person" if hints.is_kind("person", s.name) else "plain"
    if role == "number" and s.numbers:
        fits: dict[Kind, bool] = {
            "price": s.low >= 0,
            "year": s.whole == s.numbers and s.low >= -4000 and s.high <= 2200,
            "rating": s.low >= 0 and s.high <= 100,
            "popularity": s.low >= 0,
        }
        if hints.label(s.name)[1] in hints.money and fits["price"]:
            return "price"
        named = next((k for k in _KINDS if hints.is_kind(k, s.name) and fits[k]), None)
        return named or ("year" if _years(s, hints) else "plain")
    return "plain"


def _years(s: FieldStudy, hints: Names) -> bool:
    """Whether numbers without a unit are years by their looks, whatever the field is called."""
    looks = s.whole == s.numbers and s.low >= YEARS.start and s.high < YEARS.stop
    return looks and s.numbers >= 20 and not s.constant and not hints.label(s.name)[1]


def role_of(
    s: FieldStudy, study: Study, hints: Names, title: str, separator: str
) -> tuple[Role, Kind]:
    """What one field other than id and title is for."""
    n = s.seen
    if n == 0 or hints.is_role("currency", s.name):
        return "ignore", "plain"
    if s.lists > 0.5 * n:
        return _role_of_lists(s, hints)
    plain: Kind = "plain"
    enough = 0.7 if kind_of("number", s, hints) != "plain" else 0.95
    numeric = s.numbers + s.flags >= enough * n and s.numbers > s.flags
    if hints.is_role("availability", s.name) and not s.dates and s.mean_words <= 5:
        return "availability", plain
    if s.images >= 0.8 * n or (hints.is_role("image", s.name) and s.urls >= 0.8 * n):
        return "image", plain
    if s.urls >= 0.8 * n:
        return "link", plain
    if hints.is_role("ignore", s.name):
        return "ignore", plain
    if s.flags >= 0.95 * n:
        return "facet", "flag"
    if s.dates >= 0.9 * n:
        return "date", plain
    if numeric:
        serial = s.whole == s.numbers and s.variety > 0.99 and s.low >= 1e9
        switch = s.low >= 0 and s.high <= 1 and snake(s.name).startswith(("is_", "has_"))
        kind = kind_of("number", s, hints)
        if serial or (s.constant and kind == "plain"):
            return "ignore", plain
        return ("facet", "flag") if switch else ("number", kind)
    return _role_of_text(s, study, hints, title, separator)


def _role_of_lists(s: FieldStudy, hints: Names) -> tuple[Role, Kind]:
    elements = max(1, s.elements)
    if s.urls + s.images > 0.8 * elements:
        return ("image" if s.images > 0.5 * elements else "link"), "plain"
    if s.numeric_elements > 0.8 * elements and elements > 20 * s.lists:
        return "ignore", "plain"
    if hints.is_role("ignore", s.name):
        return "ignore", "plain"
    if hints.is_role("alias", s.name) or hints.is_role("text", s.name):
        return "text", "plain"
    return "facet", kind_of("facet", s, hints)


def _role_of_text(
    s: FieldStudy, study: Study, hints: Names, title: str, separator: str
) -> tuple[Role, Kind]:
    facet: tuple[Role, Kind] = ("facet", kind_of("facet", s, hints))
    repeated = s.variety <= 0.2 and s.counted >= 20
    if s.constant:
        return "ignore", "plain"
    if hints.is_role("alias", s.name):
        return "text", "plain"
    if hints.is_role("title", s.name) and _echoes(study, s.name, title):
        return "ignore", "plain"
    if separator or facet[1] == "person" or (repeated and s.mean_chars <= 80):
        return facet
    if s.mean_words >= 7 or s.mean_chars >= 60 or s.lines > 0.2 * s.seen:
        return "text", "plain"
    if hints.is_role("facet", s.name):
        return facet
    if hints.is_role("text", s.name):
        return "text", "plain"
    if s.codes > 0.8 * s.seen and s.variety > 0.9 and s.counted >= 20:
        return "ignore", "plain"
    if s.counted >= 20 and s.variety > 0.5 and s.mean_words >= 3:
        return "text", "plain"
    return facet


def _echoes(study: Study, name: str, title: str) -> bool:
    """Whether a field mostly repeats the title, give or take a suffix."""
    pairs = [
        (as_text(a).casefold(), as_text(b).casefold())
        for row in study.sample
        if (a := row.get(name)) is not None and (b := row.get(title)) is not None
    ]
    same = sum(a.startswith(b) or b.startswith(a) for a, b in pairs)
    return bool(pairs) and same >= 0.5 * len(pairs)
