"""A row of an event log becomes an event, or the reason why it does not."""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Literal

from retrieval.errors import SchemaError
from retrieval.kinds import EventKinds
from retrieval.names import names, snake
from retrieval.values import as_text

TimeFormat = Literal["ISO 8601", "Unix seconds", "Unix milliseconds", "none"]

MAX_CELL = 10_000
MAX_ID = 256
OLD = 631_152_000.0
"""1990-01-01: an event before that is taken, with a warning."""
AHEAD = 86_400.0
"""Seconds that an event may lie in the future, for clocks and time zones that are wrong."""

FEW = 20
"""Fewer ratings than this settle on a scale only when they agree."""

_REMEMBERED = 1000
_TOPS = (1.0, 5.0, 10.0, 20.0, 100.0)
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ]|\Z)")
_UNIX = re.compile(r"-?\d+(?:\.\d+)?\Z")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_NOT_A_NUMBER = {"nan": "nan_value"} | {
    f"{sign}{word}": "infinite_value" for sign in ("", "+", "-") for word in ("inf", "infinity")
}

Read = tuple[str, str, str, float | None, float | None]
"""user, item, kind, value, time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventColumns:
    """Which columns hold what, and how time is written. ``fixed`` is the kind without a column."""

    user: str
    item: str
    kind: str | None = None
    value: str | None = None
    time: str | None = None
    fixed: str = ""
    time_format: TimeFormat = "none"

    def note(self) -> str:
        """What was inferred, in one line for the report."""
        kind = f'kinds in "{self.kind}"' if self.kind else f'every row is a "{self.fixed}"'
        time = f'time in "{self.time}" as {self.time_format}' if self.time else "no time"
        return f'user in "{self.user}", item in "{self.item}", {kind}, {time}'


def find_columns(
    sample: Sequence[Mapping[str, object]],
    said: Mapping[str, str],
    *,
    ids: AbstractSet[str],
    id_field: str,
    origin: str,
) -> EventColumns:
    """The columns of an event log from its first rows.

    ``said`` maps user, item, kind, value, time to column names that a person gave. Otherwise
    names decide, and for the item also which column holds known ``ids``. The time format is that
    of most of the sample. SchemaError when there is no user or item column.
    """
    columns = list(dict.fromkeys(c for row in sample for c in row))
    for what, column in said.items():
        if column not in columns:
            raise SchemaError(
                f'{origin}: [columns] {what} = "{column}" is not a column ({", ".join(columns)})'
            )
    hints = names().events

    def named(what: str, *, but: Sequence[str | None] = ()) -> str | None:
        if what in said:
            return said[what]
        for hint in hints[what]:
            for column in columns:
                if snake(column) == hint and column not in but:
                    return column
        return None

    user = named("user")
    item = named("item", but=[user]) or _item_by_value(sample, columns, ids, id_field, user)
    for what, found in (("user", user), ("item", item)):
        if found is None:
            raise SchemaError(
                f"{origin}: no column holds the {what} (columns: {', '.join(columns[:20])}); "
                f'name it in a schema file: [columns] {what} = "NAME"'
            )
    assert user is not None
    assert item is not None
    taken = [user, item]
    kind = named("kind", but=taken)
    time = named("time", but=[*taken, kind])
    rating = None if "value" in said else named("rating", but=[*taken, kind, time])
    fixed = "" if kind else "rating" if rating else "click"
    value = (rating if not kind else None) or named("value", but=[*taken, kind, time]) or rating
    return EventColumns(
        user=user,
        item=item,
        kind=kind,
        value=value,
        time=time,
        fixed=fixed,
        time_format=_time_format([as_text(row.get(time)) for row in sample]) if time else "none",
    )


def _item_by_value(
    sample: Sequence[Mapping[str, object]],
    columns: Sequence[str],
    ids: AbstractSet[str],
    id_field: str,
    user: str | None,
) -> str | None:
    if id_field in columns and id_field != user:
        return id_field
    hits = {c: sum(as_text(r.get(c)).strip() in ids for r in sample) for c in columns if c != user}
    best = max(hits, key=lambda c: hits[c], default=None)
    return best if best is not None and hits[best] >= 0.5 * len(sample) > 0 else None


def _format_of(text: str) -> TimeFormat:
    if _UNIX.match(text):
        return "Unix seconds" if abs(float(text)) < 1e11 else "Unix milliseconds"
    return "ISO 8601" if _ISO.match(text) else "none"


def _time_format(cells: Sequence[str]) -> TimeFormat:
    seen = Counter(_format_of(c.strip()) for c in cells if c.strip())
    seen.pop("none", None)
    return seen.most_common(1)[0][0] if seen else "ISO 8601"


@dataclass(slots=True)
class EventReader:
    """Reads rows under one set of columns. ``now`` is in Unix seconds; ``ids`` are the items."""

    columns: EventColumns
    kinds: EventKinds
    ids: AbstractSet[str]
    now: float
    _kinds: dict[str, str] = field(default_factory=dict)
    _values: dict[tuple[str, str], float | str | None] = field(default_factory=dict)

    def read(self, row: Mapping[str, object]) -> Read | str:
        """The event, or the reason why the row is not taken."""
        c = self.columns
        user, item = _cell(row, c.user).strip(), _cell(row, c.item).strip()
        kind = _cell(row, c.kind) if c.kind else c.fixed
        value = _cell(row, c.value).strip() if c.value else ""
        time = _cell(row, c.time).strip() if c.time else ""
        if len(user) > MAX_ID:
            return "huge_user_id"
        if len(item) + len(kind) + len(value) + len(time) > MAX_CELL:
            return "huge_cell"
        if not (user.isprintable() and item.isprintable()) and _controls(user + item):
            return "control_character"
        if not user.isascii():
            user = unicodedata.normalize("NFC", user)
        if not user:
            return "missing_user"
        if not item:
            return "missing_item"
        if item not in self.ids:
            return "unknown_item"
        known = self._kinds.get(kind) or self._kind(kind)
        if not known:
            return "unknown_event_type" if kind.strip() else "missing_event_type"
        told = (known, value)
        amount = self._values[told] if told in self._values else self._value(known, value)
        if isinstance(amount, str):
            return amount
        when = self._time(time) if c.time else None
        if isinstance(when, str):
            return when
        return user, item, known, amount, when

    def _kind(self, kind: str) -> str:
        """The kind as the table has it, with ``VIEW`` and ``Add to cart`` put right; or empty."""
        word = snake(kind.strip()) if kind.strip() else ""
        exact = kind.strip().casefold()
        found = exact if self.kinds.known(exact) else word if self.kinds.known(word) else ""
        if found and len(self._kinds) < _REMEMBERED:
            self._kinds[kind] = found
        return found

    def _value(self, kind: str, text: str) -> float | str | None:
        """What the event carries, or the reason why it cannot; few different values are common."""
        stars = self.kinds[kind].carries == "stars"
        found: float | str | None
        if not text:
            found = "rating_without_value" if stars else None
        elif not _NUMBER.match(text):
            found = _NOT_A_NUMBER.get(text.casefold(), "non_numeric_value")
        elif not math.isfinite(float(text)):
            found = "infinite_value"
        elif float(text) < 0 and not stars:  # the scale of ratings is known only at the end
            found = "negative_value"
        else:
            found = float(text)
        if len(self._values) < _REMEMBERED:
            self._values[kind, text] = found
        return found

    def _time(self, text: str) -> float | str:
        if not text:
            return "missing_timestamp"
        wanted = self.columns.time_format
        found: TimeFormat
        if wanted == "Unix seconds" and len(text) == 10 and text.isascii() and text.isdigit():
            found = wanted  # nearly every row of such a file
        else:
            found = _format_of(text)
        if found == "none":
            return "bad_timestamp"
        # A small number may be an early moment in milliseconds, never the reverse.
        early = wanted == "Unix milliseconds" and found == "Unix seconds"
        if found != wanted and not early:
            return "other_timestamp_format"
        try:
            when = _moment(text) if wanted == "ISO 8601" else float(text)
        except ValueError:
            return "bad_timestamp"
        when = when / 1000 if wanted == "Unix milliseconds" else when
        if when < 0:
            return "bad_timestamp"
        return "future_date" if when > self.now + AHEAD else when


def _cell(row: Mapping[str, object], column: str) -> str:
    value = row.get(column)
    return value if isinstance(value, str) else as_text(value)


def _moment(text: str) -> float:
    """Unix seconds of an ISO 8601 time; one without an offset is in UTC."""
    moment = dt.datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()


def written(when: float | None, columns: EventColumns) -> str:
    """A time as the file has it, near enough, for a row that is listed again."""
    if when is None:
        return ""
    if columns.time_format == "ISO 8601":
        return dt.datetime.fromtimestamp(when, dt.UTC).isoformat().replace("+00:00", "Z")
    return as_text(when * 1000 if columns.time_format == "Unix milliseconds" else when)


def _controls(text: str) -> bool:
    """Whether a text holds control characters or broken surrogates; marks of direction may."""
    return any(unicodedata.category(c) in ("Cc", "Cs") for c in text)


def scale_of(values: Sequence[tuple[float, int]]) -> tuple[float, float] | None:
    """The rating scale that most ratings lie on, from (value, count) pairs; None when unsure.

    The top is the first of 1, 5, 10, 20, 100 that holds 95 % of the ratings (all of them when
    there are fewer than :data:`FEW`), the bottom 0, a half or 1 by what at least 1 % of them use;
    a half too when ratings go in halves and some are there.
    A few wild values change nothing. Many below zero mean a scale that is symmetric around it.
    """
    total = sum(n for _, n in values)
    needed = 0.95 * total if total >= FEW else total
    if not total:
        return None

    def within(low: float, high: float) -> int:
        return sum(n for v, n in values if low <= v <= high)

    if within(-math.inf, -1e-9) > 0.05 * total:
        top = max(abs(v) for v, _ in values)
        return (-top, top) if total >= FEW else None
    high = next((t for t in _TOPS if within(0.0, t) >= needed), None)
    if high is None:
        return None
    if high == 1.0 or within(0.0, 0.0) >= 0.01 * total:
        return 0.0, high
    halves = sum(n for v, n in values if v % 1 == 0.5)
    lowest = within(0.5, 0.5)
    return (0.5, high) if lowest >= 0.01 * total or (lowest and halves >= FEW) else (1.0, high)
