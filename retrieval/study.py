"""What the values of a catalogue look like, field by field, in bounded memory.

A :class:`Study` is fed every row once. It keeps counts, and a few hundred sample rows; only the
first :data:`STUDIED` rows are looked at closely, later ones count towards coverage.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from retrieval.values import Raw, as_date, as_flag, as_number, is_missing, listed

STUDIED = 5_000
COUNTED = 5_000
SAMPLED = 300
PROSE = 80
"""Characters from which a text is read as prose, whatever it says."""

MAX_FIELDS = 400

_URL = re.compile(r"(?:https?:)?//\S+\Z|www\.\S+\Z", re.IGNORECASE)
_IMAGE = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|avif|svg)(?:\?\S*)?\Z", re.IGNORECASE)
_CODE = re.compile(r"(?=.*\d)[\w.:/#-]+\Z")
_SEPARATORS = ("|", ";", ", ")


@dataclass(slots=True)
class FieldStudy:
    """Counts over the values of one field. Shares are of ``seen``, the values looked at closely."""

    name: str
    present: int = 0
    seen: int = 0
    lists: int = 0
    flags: int = 0
    numbers: int = 0
    whole: int = 0
    money: int = 0
    dates: int = 0
    urls: int = 0
    images: int = 0
    codes: int = 0
    strings: int = 0
    chars: int = 0
    words: int = 0
    lines: int = 0
    low: float = float("inf")
    high: float = float("-inf")
    elements: int = 0
    numeric_elements: int = 0
    counted: int = 0
    distinct: set[int] = field(default_factory=set)
    values: Counter[str] = field(default_factory=Counter)
    separators: Counter[str] = field(default_factory=Counter)

    def add(self, value: Raw) -> None:
        """Take in one value."""
        self.present += 1
        if self.seen >= STUDIED:
            return
        if isinstance(value, str) and is_missing(value):
            self.present -= 1
            return
        self.seen += 1
        if self.counted < COUNTED:
            self.counted += 1
            self.distinct.add(hash(tuple(value) if isinstance(value, list) else value))
        if isinstance(value, list):
            self.lists += 1
            self.elements += len(value)
            for v in value:
                if isinstance(v, str):
                    self._look(v)
                elif not isinstance(v, bool):
                    self.numeric_elements += 1
            return
        if isinstance(value, str) and len(value) > PROSE:
            self._prose(value)
            return
        if as_flag(value) is not None:
            self.flags += 1
        elif (number := as_number(value)) is not None:
            self._count(number, value)
        if isinstance(value, str):
            self._read(value)

    def _count(self, number: float, value: Raw) -> None:
        self.numbers += 1
        self.whole += number.is_integer()
        self.low, self.high = min(self.low, number), max(self.high, number)
        self.money += isinstance(value, str) and not value.strip()[:1].isdigit()

    def _prose(self, text: str) -> None:
        """Take in a text that is too long to be a number, a date or a code."""
        self.strings += 1
        self.chars += len(text)
        self.words += text.count(" ") + 1
        self.lines += "\n" in text
        self._look(text)
        self._part(text)

    def _part(self, text: str) -> None:
        if text.startswith("[") and listed(text) is not None:
            self.separators["[]"] += 1
        for separator in _SEPARATORS:
            if separator in text:
                self.separators[separator] += 1

    def _read(self, text: str) -> None:
        self._prose(text)
        self.dates += as_date(text) is not None
        self.codes += _CODE.match(text) is not None
        if len(self.values) < 50 or text in self.values:
            self.values[text] += 1

    def _look(self, text: str) -> None:
        if ("." not in text and "/" not in text) or " " in text:
            return
        self.images += _IMAGE.match(text) is not None
        self.urls += _URL.match(text) is not None

    def share(self, count: int) -> float:
        """A count as a share of the values looked at, in [0, 1]; 0 when there are none."""
        return count / self.seen if self.seen else 0.0

    @property
    def variety(self) -> float:
        """Distinct values among those counted, in [0, 1]: 1 when none repeats."""
        return len(self.distinct) / self.counted if self.counted else 0.0

    @property
    def constant(self) -> bool:
        """Whether a field of at least 20 values always says the same."""
        return self.counted >= 20 and len(self.distinct) == 1

    @property
    def mean_words(self) -> float:
        """Words in a text value, on average."""
        return self.words / self.strings if self.strings else 0.0

    @property
    def mean_chars(self) -> float:
        """Characters in a text value, on average."""
        return self.chars / self.strings if self.strings else 0.0


@dataclass(slots=True)
class Study:
    """Every field of a catalogue in the order of first appearance, and a sample of its rows."""

    rows: int = 0
    fields: dict[str, FieldStudy] = field(default_factory=dict)
    sample: list[Mapping[str, Raw]] = field(default_factory=list)
    left_out: set[str] = field(default_factory=set)

    def add(self, row: Mapping[str, Raw]) -> None:
        """Take in one flattened row. Fields beyond :data:`MAX_FIELDS` are only named."""
        self.rows += 1
        if len(self.sample) < SAMPLED:
            self.sample.append(row)
        for name, value in row.items():
            study = self.fields.get(name)
            if study is None:
                if len(self.fields) >= MAX_FIELDS:
                    if len(self.left_out) < MAX_FIELDS:
                        self.left_out.add(name)
                    continue
                study = self.fields[name] = FieldStudy(name)
            study.add(value)

    def coverage(self, name: str) -> float:
        """The share of rows that have a value for the field, in [0, 1]."""
        study = self.fields.get(name)
        return study.present / self.rows if study and self.rows else 0.0
