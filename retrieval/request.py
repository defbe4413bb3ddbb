"""What the words of a request say of each item: its meaning, its telling words, its hints."""

from __future__ import annotations

import re
from collections import Counter
from math import log

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.embeddings import Encoder
from retrieval.filters import Filter, Has, Within
from retrieval.words import words

Floats = NDArray[np.float32]

NEAR = 0.25
"""How far off a remembered number may be, in deviations of its field, before it counts half: about
five years for the films of a century."""

_TAG = re.compile(r"\[[^\]\n]{0,40}\]")


def embed(said: tuple[str, ...], encoder: Encoder) -> Floats:
    """What was said as one unit vector, (dim,): the mean of the messages, each weighing as much as
    it has words.

    Messages are read one by one, so that an earlier one costs nothing again where the encoder
    remembers. Labels in square brackets are dropped: they sort a forum, not a catalogue.
    """
    clean = [" ".join(_TAG.sub(" ", message).split()) for message in said]
    weights = np.array([max(1, len(message.split())) for message in clean], dtype=np.float32)
    mean = weights @ encoder.encode(clean)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-6), dtype=np.float32)


def damped(text: str) -> str:
    """The words of a text with repeats damped: n times the same word counts 1 + ln n times.

    A long story says "brother" ten times; that does not make it ten times as telling. (Manning,
    Raghavan and Schütze, *Introduction to Information Retrieval*, 2008, 6.4.1.)
    """
    counts = Counter(words(text))
    return " ".join(word for word, n in counts.items() for _ in range(round(1 + log(n))))


def unusual(vectors: Floats, asked: Floats, reference: Floats) -> Floats:
    """How unusually near each item is to each passage: (n, p), in deviations of the catalogue.

    ``vectors`` (n, dim) are the items, ``asked`` (p, dim) the passages, ``reference`` (m, dim) a
    sample of the catalogue that says what cosine is usual. A cosine of 0.5 is much for a sentence
    about nothing in particular and little for one that names an item; deviations compare.
    """
    usual = reference @ asked.T
    spread = np.maximum(usual.std(axis=0), 1e-6)
    return np.asarray((vectors @ asked.T - usual.mean(axis=0)) / spread, dtype=np.float32)


def likely(hints: tuple[Filter, ...], columns: Columns, rows: NDArray[np.intp]) -> Floats:
    """How much of what is remembered holds of each row: (len(rows),), 0 where nothing is known.

    Hints of one field are alternatives for a number ("late nineties, or 2003?": the best fit
    counts, halved for every :data:`NEAR` it is off) and add up to a mean for a facet. The fields
    are added.
    """
    total = np.zeros(len(rows), dtype=np.float64)
    by_field: dict[str, list[Floats]] = {}
    numbers: set[str] = set()
    for hint in hints:
        if isinstance(hint, Within):
            numbers.add(hint.field)
            fit = _nearness(columns.numbers(hint.field), rows, hint)
            by_field.setdefault(hint.field, []).append(fit)
        elif isinstance(hint, Has):
            held = columns.mask(hint)[rows].astype(np.float32)
            by_field.setdefault(hint.field, []).append(held)
    for name, fits in by_field.items():
        table = np.stack(fits)
        total += table.max(axis=0) if name in numbers else table.mean(axis=0)
    return total.astype(np.float32)


def _nearness(column: NDArray[np.float64], rows: NDArray[np.intp], hint: Within) -> Floats:
    """1 within the bounds, halved for every :data:`NEAR` outside them, 0 where unknown."""
    known = column[~np.isnan(column)]
    unit = NEAR * float(known.std()) if len(known) else 0.0
    low = -np.inf if hint.low is None else hint.low
    high = np.inf if hint.high is None else hint.high
    values = column[rows]
    off = np.maximum(np.maximum(low - values, values - high), 0.0)
    fit = 0.5 ** (off / unit) if unit > 0 else np.where(off > 0, 0.0, 1.0)
    return np.where(np.isnan(values), 0.0, fit).astype(np.float32)
