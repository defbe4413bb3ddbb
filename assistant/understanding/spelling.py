"""Mending of misspelt words.

Restricted Damerau-Levenshtein distance (F. Damerau, CACM 1964; the "optimal string alignment"
variant) between an unknown word and the known ones. Words are compared only with those that begin
with one of the same two letters and differ in length by at most the distance allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import OSA

LONG = 7
"""Words of at least this many letters may differ by two edits, those of four and more by one."""


@dataclass(frozen=True, slots=True)
class Speller:
    """Known words in blocks of a first letter and a length."""

    blocks: Mapping[tuple[str, int], tuple[str, ...]]

    @classmethod
    def of(cls, known: Iterable[str]) -> Speller:
        """A speller over words of at least three letters; others are never offered."""
        blocks: dict[tuple[str, int], set[str]] = {}
        for w in known:
            if len(w) >= 3 and w.isalpha():
                blocks.setdefault((w[0], len(w)), set()).add(w)
        return cls({k: tuple(sorted(v)) for k, v in blocks.items()})

    def near(self, word: str, limit: int = 3) -> tuple[tuple[str, int], ...]:
        """Known words within reach with their distance, the nearest first; empty when none is."""
        if len(word) < 4 or len(word) > 24 or not word.isalpha():
            return ()
        reach = 2 if len(word) >= LONG else 1
        firsts = dict.fromkeys((word[0], word[1]))
        found: list[tuple[str, int]] = []
        for first in firsts:
            for length in range(len(word) - reach, len(word) + reach + 1):
                block = self.blocks.get((first, length))
                if block:
                    hits = process.extract(
                        word, block, scorer=OSA.distance, score_cutoff=reach, limit=limit
                    )
                    found.extend((w, int(d)) for w, d, _ in hits)
        found.sort(key=lambda p: (p[1], p[0][0] != word[0], abs(len(p[0]) - len(word)), p[0]))
        return tuple(found[:limit])
