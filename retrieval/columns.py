"""Hard constraints answered for a whole catalogue at once.

:meth:`Columns.mask` gives what :func:`retrieval.filters.matches` says of each item, as one boolean
array, in well under a millisecond for a facet or a range. Each column is laid out the first time a
filter asks for it: facets as inverted postings, numbers as floats, words as a sorted vocabulary in
which everything that begins alike lies side by side.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.filters import (
    AllOf,
    Among,
    AnyOf,
    Filter,
    Has,
    Known,
    Not,
    Says,
    Within,
    fold,
    known,
    number,
    phrase,
    texts,
    words_of,
)
from retrieval.types import Item, ItemId

Mask = NDArray[np.bool_]
Rows = NDArray[np.int32]
T = TypeVar("T", bound=np.generic)

_NOWHERE: Rows = np.zeros(0, dtype=np.int32)
_LAST = "\U0010ffff"  # greater than any letter or digit, so it ends a range of equal beginnings


class Columns:
    """The fields of a catalogue by column; rows are in the order of ``items``, whose ids differ.

    Read-only after construction and safe to share between threads: two that ask for a new column
    at the same moment both build the same one. ``available`` and ``retired`` are (n,) masks.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = tuple(items)
        self.available: Mask = _frozen(np.array([i.available for i in self._items], dtype=np.bool_))
        self.retired: Mask = _frozen(np.array([i.retired for i in self._items], dtype=np.bool_))
        self._numbers: dict[str, NDArray[np.float64]] = {}
        self._facets: dict[str, Mapping[str, Rows]] = {}
        self._known: dict[str, Mask] = {}
        self._by_id: Mapping[ItemId, int] | None = None
        self._words: _Words | None = None

    def __len__(self) -> int:
        return len(self._items)

    def mask(self, where: Filter | None) -> Mask:
        """Which rows satisfy the filter: (n,), a fresh array. ``None`` is satisfied by all."""
        n = len(self._items)
        if where is None:
            return np.ones(n, dtype=np.bool_)
        if isinstance(where, Has):
            postings = self._postings(where.field)
            return self._marked(postings.get(fold(v)) for v in where.values)
        if isinstance(where, Within):
            return self._within(where)
        if isinstance(where, Says):
            index = self._word_index()
            return self._marked(index.rows(w) for w in where.words)
        if isinstance(where, Known):
            return self._where_known(where.field).copy()
        if isinstance(where, Among):
            found = [self._rows()[i] for i in where.ids if i in self._rows()]
            return self._marked([np.array(found, dtype=np.int32)])
        if isinstance(where, Not):
            return ~self.mask(where.part)
        result = np.full(n, isinstance(where, AllOf), dtype=np.bool_)
        for part in where.parts:
            if isinstance(where, AnyOf):
                result |= self.mask(part)
            else:
                result &= self.mask(part)
        return result

    def numbers(self, field: str) -> NDArray[np.float64]:
        """The field as numbers: (n,), read-only, NaN where it is missing or is no number.

        All NaN for a field that no item has.
        """
        column = self._numbers.get(field)
        if column is None:
            values = (number(i.fields.get(field)) for i in self._items)
            column = np.array([np.nan if v is None else v for v in values], dtype=np.float64)
            self._numbers[field] = _frozen(column)
        return column

    def holding(self, field: str, value: str) -> Rows:
        """The rows whose facet holds the value, ascending; read-only."""
        return self._postings(field).get(fold(value), _NOWHERE)

    def prepare(self, fields: Iterable[str] = (), *, words: bool = False) -> None:
        """Lay out columns ahead of the first question, so that no visitor waits for them."""
        for field in fields:
            self.numbers(field)
            self._postings(field)
        if words:
            self._word_index()

    def _within(self, where: Within) -> Mask:
        x = self.numbers(where.field)
        result = ~np.isnan(x)
        # A comparison with NaN is false, here as in matches().
        if where.low is not None:
            result &= x > where.low if where.strict else x >= where.low
        if where.high is not None:
            result &= x < where.high if where.strict else x <= where.high
        return result

    def _where_known(self, field: str) -> Mask:
        mask = self._known.get(field)
        if mask is None:
            held = (known(i.fields.get(field)) for i in self._items)
            mask = self._known[field] = _frozen(np.fromiter(held, np.bool_, len(self._items)))
        return mask

    def _rows(self) -> Mapping[ItemId, int]:
        if self._by_id is None:
            self._by_id = {item.id: row for row, item in enumerate(self._items)}
        return self._by_id

    def _marked(self, found: Iterable[Rows | None]) -> Mask:
        result = np.zeros(len(self._items), dtype=np.bool_)
        for rows in found:
            if rows is not None:
                result[rows] = True
        return result

    def _postings(self, field: str) -> Mapping[str, Rows]:
        postings = self._facets.get(field)
        if postings is None:
            rows: defaultdict[str, list[int]] = defaultdict(list)
            folded: dict[str | tuple[str, ...], tuple[str, ...]] = {}
            for row, item in enumerate(self._items):
                value = item.fields.get(field)
                if value is None:
                    continue
                if isinstance(value, str | tuple):  # the same texts come again and again
                    known = folded.get(value)
                    if known is None:
                        known = folded[value] = texts(value)
                else:
                    known = texts(value)
                for text in known:
                    rows[text].append(row)
            postings = {text: np.array(r, dtype=np.int32) for text, r in rows.items()}
            self._facets[field] = postings
        return postings

    def _word_index(self) -> _Words:
        if self._words is None:
            self._words = _Words(self._items)
        return self._words


class _Words:
    """What every item says: a sorted vocabulary, and for each word the rows that hold it.

    Words that share a beginning are neighbours in the vocabulary, so their rows are one slice.
    """

    def __init__(self, items: Sequence[Item]) -> None:
        self._said = [words_of(i) for i in items]
        # As numbers at once: a list of a quarter of a million lists of words takes gigabytes.
        seen: dict[str, int] = {}
        numbers, sizes = array("i"), array("i")
        for said in self._said:
            before = len(numbers)
            numbers.extend([seen.setdefault(token, len(seen)) for token in said.split()])
            sizes.append(len(numbers) - before)
        self._vocabulary = sorted(seen)
        place = np.empty(len(seen), dtype=np.int32)
        place[[seen[token] for token in self._vocabulary]] = np.arange(len(seen), dtype=np.int32)
        of_word = place[np.asarray(numbers, dtype=np.int32)]
        of_row = np.repeat(np.arange(len(sizes), dtype=np.int32), np.asarray(sizes))
        self._rows: Rows = of_row[np.argsort(of_word, kind="stable")]
        counts = np.bincount(of_word, minlength=len(self._vocabulary))
        self._starts = np.concatenate([[0], np.cumsum(counts)])

    def rows(self, word: str) -> Rows | None:
        """Rows that say the word or phrase, at word starts, open at the end; None for no word."""
        sought = phrase(word)
        *whole, last = sought.split() or [""]
        if not last:
            return None
        found = self._slice(last, last + _LAST)
        if not whole:
            return found
        for token in whole:
            found = np.intersect1d(found, self._slice(token, token + "\0"))
        held = [r for r in found.tolist() if sought in self._said[r]]
        return np.array(held, dtype=np.int32)

    def _slice(self, first: str, end: str) -> Rows:
        low, high = bisect_left(self._vocabulary, first), bisect_left(self._vocabulary, end)
        return self._rows[self._starts[low] : self._starts[high]]


def _frozen(array: NDArray[T]) -> NDArray[T]:
    array.flags.writeable = False
    return array
