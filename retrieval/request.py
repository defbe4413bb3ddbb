"""What the words of a request say of each item: its meaning, its sentences, its hints.

A request of a few words is one passage. A long one, somebody telling what they remember, is read
whole and sentence by sentence: a model that reads 256 tokens as one vector blurs a plot, while one
sentence of it may be the very thing that the catalogue tells.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from retrieval.columns import Columns
from retrieval.embeddings import Encoder
from retrieval.filters import Filter, Has, Within
from retrieval.words import words

Floats = NDArray[np.float32]

LONG = 25  # words from which a message is also read sentence by sentence
SHORTEST = 4  # words of a sentence that can be looked for by itself
MOST = 16  # sentences; what comes later adds little, and each costs a search
REACH = 1_200  # characters of the latest messages: all that the model reads of them

NEAR = 5.0
"""How far off a remembered number may be, in its own units, before it counts half. People place a
film within a few years of its date."""

_TAG = re.compile(r"\[[^\]\n]{0,40}\]")
_SENTENCE = re.compile(r"(?<=[.?!])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passages:
    """A request as unit vectors: ``whole`` (dim,), ``sentences`` (s, dim), s may be 0."""

    whole: Floats
    sentences: Floats


def embed(said: tuple[str, ...], encoder: Encoder) -> Passages:
    """The vectors of what was said, the latest messages first to count when there is much.

    Labels in square brackets are dropped: they sort a forum, not a catalogue.
    """
    clean = [" ".join(_TAG.sub(" ", message).split()) for message in said]
    told = [sentence for message in said for sentence in sentences(message)][:MOST]
    joined = " ".join(clean)
    vectors = encoder.encode([joined[-REACH:] if len(clean) > 1 else joined, *told])
    return Passages(whole=vectors[0], sentences=vectors[1:])


def sentences(message: str) -> list[str]:
    """The sentences of a long message that say something; none of a short one."""
    if len(message.split()) < LONG:
        return []
    parts = _SENTENCE.split(_TAG.sub(".\n", message))
    return [p.strip() for p in parts if len(p.split()) >= SHORTEST]


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
    about nothing in particular and little for one that names a film; deviations compare.
    """
    usual = reference @ asked.T
    spread = np.maximum(usual.std(axis=0), 1e-6)
    return np.asarray((vectors @ asked.T - usual.mean(axis=0)) / spread, dtype=np.float32)


def together(deviations: Floats) -> Floats:
    """Deviations of several sentences as one score: (n, p) to (n,), zeros without sentences.

    The logarithm of the mean of exponentials: near the best match when one sentence is told by the
    item, more when several are, and a sentence about nothing takes nothing away.
    """
    if deviations.shape[1] == 0:
        return np.zeros(len(deviations), dtype=np.float32)
    peak = deviations.max(axis=1, keepdims=True)
    total = np.exp(deviations - peak).mean(axis=1)
    return np.asarray(peak[:, 0] + np.log(total), dtype=np.float32)


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
            fit = _nearness(columns.numbers(hint.field)[rows], hint)
            by_field.setdefault(hint.field, []).append(fit)
        elif isinstance(hint, Has):
            held = columns.mask(hint)[rows].astype(np.float32)
            by_field.setdefault(hint.field, []).append(held)
    for name, fits in by_field.items():
        table = np.stack(fits)
        total += table.max(axis=0) if name in numbers else table.mean(axis=0)
    return total.astype(np.float32)


def _nearness(values: NDArray[np.float64], hint: Within) -> Floats:
    """1 within the bounds, halved for every :data:`NEAR` outside them, 0 where unknown."""
    low = -np.inf if hint.low is None else hint.low
    high = np.inf if hint.high is None else hint.high
    off = np.maximum(np.maximum(low - values, values - high), 0.0)
    return np.nan_to_num(0.5 ** (off / NEAR), nan=0.0).astype(np.float32)
