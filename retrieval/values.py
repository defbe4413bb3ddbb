"""What a cell says: a number, a date, a flag, a list, or nothing.

Pure functions over single values. They are generous in what they read (currency signs, thousands
separators, JSON lists inside CSV cells) and give None rather than a guess.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

Scalar = str | int | float | bool
Raw = Scalar | list[Scalar]
"""A flattened cell: a scalar or a list of scalars; a missing value is absent."""

MAX_CELL = 100_000
"""Characters a cell may have; a longer one is no text that anybody wrote for a reader."""

MAX_DEPTH = 6

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "\\n", "-", "--", "?"})
_TRUE = frozenset({"true", "yes", "y", "t"})
_FALSE = frozenset({"false", "no", "n", "f"})
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\Z")
_MONEY = re.compile(r"(?:[€$£¥₹]|[A-Z]{3})?\s*([+-]?[\d.,'\u00a0 ]*\d)\s*(?:[€$£¥₹]|[A-Z]{3})?\Z")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\Z")
_CONTINENTAL = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+\Z|[+-]?\d+,\d{1,2}\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?\Z")
_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"")
_NAMES = ("name", "title", "label", "value", "text")


class HugeCell(ValueError):
    """A cell is longer than :data:`MAX_CELL` characters."""


def is_missing(text: str) -> bool:
    """Whether a cell says that it has no value: empty, ``NA``, ``null``, ``-`` and the like."""
    return len(text) < 6 and text.casefold() in _MISSING


def as_number(value: object) -> float | None:
    """A finite number, read from ``7``, ``"7.5"``, ``"$1,299.00"`` or ``"12,50 €"``; else None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value) if math.isfinite(value) else None
        except OverflowError:
            return None
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip()
    if _NUMBER.match(text):
        return as_number(float(text))
    money = _MONEY.match(text)
    if money is None:
        return None
    digits = re.sub(r"['\u00a0 ]", "", money[1])
    if _NUMBER.match(digits):
        return float(digits)
    if _THOUSANDS.match(digits):
        return float(digits.replace(",", ""))
    if _CONTINENTAL.match(digits):
        return float(digits.replace(".", "").replace(",", "."))
    return None


def as_flag(value: object) -> bool | None:
    """A truth value, read from a boolean or from ``yes``/``no``/``true``/``false``; else None."""
    if isinstance(value, bool):
        return value
    if not isinstance(value, str) or len(value) > 6:
        return None
    word = value.strip().casefold()
    return True if word in _TRUE else False if word in _FALSE else None


def as_date(value: object) -> str | None:
    """An ISO 8601 date, ``YYYY-MM-DD``, from text that starts with one; else None."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    text = value.strip()
    if not _DATE.match(text):
        return None
    try:
        return dt.date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        return None


def as_text(value: object) -> str:
    """A cell as text: numbers without a needless ``.0``, booleans in lower case, None as ``""``."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value)


def listed(text: str) -> list[str] | None:
    """The strings of a list written into one cell, JSON or as Python prints it; else None."""
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        return None
    try:
        found = json.loads(inner)
    except (ValueError, RecursionError):
        body = inner[1:-1].strip()
        if not body:
            return []
        pairs = _QUOTED.findall(body)
        return [a or b for a, b in pairs] if pairs else None
    return [as_text(v) for v in _plain_list(found)] if isinstance(found, list) else None


def split(text: str, separator: str) -> list[str]:
    """The parts of a multi-valued cell, trimmed, in order; ``separator`` ``[]`` means a list."""
    if separator == "[]":
        parts = listed(text)
        return [text.strip()] if parts is None else parts
    return [part.strip() for part in text.split(separator)] if separator else [text.strip()]


def _plain_list(values: Sequence[object]) -> list[Scalar]:
    """A list's scalars; an object in it stands for its name, and what has none is left out."""
    plain: list[Scalar] = []
    for value in values:
        found = value
        if isinstance(value, Mapping):
            found = next((value[k] for k in _NAMES if value.get(k) not in (None, "")), None)
        scalar = _scalar(found)
        if scalar is not None:
            plain.append(scalar)
    return plain


def _scalar(value: object) -> Scalar | None:
    if value is None:
        return None
    if isinstance(value, str):
        if len(value) > MAX_CELL:
            raise HugeCell(f"a cell holds {len(value)} characters, at most {MAX_CELL} are read")
        return value.strip() or None
    if isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value) if value.is_finite() else None
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return None


def flatten(row: Mapping[str, object], prefix: str = "", depth: int = 0) -> dict[str, Raw]:
    """A row with its nested objects laid out by dotted names, without missing and empty values.

    ``{"attributes": {"ram_gb": 8}}`` gives ``{"attributes.ram_gb": 8}``. Objects deeper than
    :data:`MAX_DEPTH` and values of no known type (bytes) are left out. :class:`HugeCell` for a
    text beyond :data:`MAX_CELL`.
    """
    flat: dict[str, Raw] = {}
    for key, value in row.items():
        name = f"{prefix}{key.strip()}"
        if isinstance(value, Mapping):
            if depth < MAX_DEPTH:
                flat.update(flatten(value, f"{name}.", depth + 1))
        elif isinstance(value, list | tuple):
            plain = _plain_list(value)
            if plain:
                flat[name] = plain
        else:
            scalar = _scalar(value)
            if scalar is not None:
                flat[name] = scalar
    return flat
