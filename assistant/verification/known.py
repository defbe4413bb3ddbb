"""What a text is held to: the items of a workspace, its words, and the relations measured in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from assistant.understanding.fields import NumberField, label_words
from assistant.understanding.tokens import words
from assistant.understanding.vocabulary import Vocabulary
from assistant.verification.sheet import Sheet
from retrieval.filters import fold, known, number, texts, words_of
from retrieval.filters import phrase as phrase_of
from retrieval.types import Field, Item, ItemId

LONGEST = 16  # words of a title that are compared
YEARS = (1000, 2100)  # between which a number of four digits is read as a year
CLIPPED = 60  # characters after which a title is shortened in a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Items that a piece of a text names, over tokens up to ``end``.

    ``year`` is one that was said with the title and that none of them has.
    """

    end: int
    items: tuple[ItemId, ...]
    year: int | None = None


class Known:
    """The workspace as the checker sees it.

    ``similarity`` gives cosines of items, (len(left), len(right)); ``together`` how many people
    like two items and the lift of that over chance, ``trending`` items that people turned to
    lately. What is told of fewer than ``k_anonymity`` people does not hold.
    """

    def __init__(
        self,
        items: Mapping[ItemId, Item],
        vocabulary: Vocabulary,
        *,
        similarity: Callable[[Sequence[ItemId], Sequence[ItemId]], np.ndarray],
        together: Callable[[ItemId, ItemId], tuple[int, float]],
        trending: Sequence[ItemId] = (),
        k_anonymity: int = 5,
    ) -> None:
        self.items = items
        self.vocabulary = vocabulary
        self.schema = vocabulary.schema
        self.lexicon = vocabulary.lexicon
        self.similarity = similarity
        self.together = together
        self.trending = frozenset(trending)
        self.k_anonymity = k_anonymity
        self._clipped: dict[str, list[int]] = {}
        for row, i in enumerate(vocabulary.titles.ids):
            title = items[i].title if i in items else ""
            if len(title) > CLIPPED:
                key = " ".join(words(f"{title[: CLIPPED - 3].rstrip()}", self.lexicon.spelling))
                self._clipped.setdefault(key, []).append(row)
        self.label_words = frozenset(
            w for f in self.schema.fields for w in label_words(f, self.lexicon)
        )
        self._labels = {f.name: label_words(f, self.lexicon) for f in self.schema.by_role("facet")}
        self._column = lru_cache(maxsize=64)(self._read_column)
        self._stems = lru_cache(maxsize=512)(self._read_stems)
        self._said = lru_cache(maxsize=512)(lambda i: words_of(self.items[i]))

    # --- items by name

    def titles_at(self, sheet: Sheet, start: int, *, least: float = 0.7) -> Named | None:
        """The items whose title stands at a token, the longest form of it; a year in brackets
        behind it tells versions apart."""
        titles = self.vocabulary.titles
        best: Named | None = None
        parts: list[str] = []
        i = start
        while i < len(sheet) and len(parts) < LONGEST:
            t = sheet.tokens[i]
            if t.kind != "mark":
                parts.extend(self.lexicon.spelling.get(t.norm) or (t.norm,))
                key = " ".join(parts)
                rows = [a.row for a in titles.exact(key) if a.weight >= least]
                rows += self._clipped.get(key, []) if sheet.norm(i + 1) == "…" else []
                if rows:
                    top = max((a.weight for a in titles.exact(key)), default=1.0)
                    rows = [a.row for a in titles.exact(key) if a.weight >= top - 0.06] or rows
                    best = Named(end=i + 1, items=tuple(titles.ids[r] for r in rows))
            elif t.text in '\n"“”«»;' and parts:
                break
            i += 1
        return None if best is None else self._of_year(sheet, best)

    def _of_year(self, sheet: Sheet, found: Named) -> Named:
        i = found.end
        if sheet.norm(i) == "…":
            i += 1
        if sheet.norm(i) in ('"', "”", "'", "’", "»"):
            i += 1
        bracket = sheet.norm(i) == "("
        j = i + bracket
        t = sheet.tokens[j] if j < len(sheet) else None
        said = t is not None and t.kind == "number" and len(t.text) == 4
        if not bracket or t is None or not said or sheet.norm(j + 1) != ")":
            return Named(end=i if sheet.norm(found.end) == "…" else found.end, items=found.items)
        year = int(t.value or 0)
        dated = tuple(n for n in found.items if year in self.years(self.items[n]))
        return Named(end=j + 2, items=dated or found.items, year=None if dated else year)

    def years(self, item: Item) -> frozenset[int]:
        """The years that an item's year and date fields give."""
        fields = (*self.schema.by_kind("year"), *self.schema.by_role("date"))
        held = (number(item.fields.get(f.name)) for f in fields)
        return frozenset(int(x) for x in held if x is not None and x == x)

    # --- what an item says

    def says(self, item: Item, phrase: str) -> bool:
        """Whether the words stand side by side in the item's title, text or values."""
        own = phrase_of(phrase)
        return own != " " and f"{own} " in self._said(item.id)

    def stems(self, item: Item) -> frozenset[str]:
        """The words of everything an item says, singular."""
        return self._stems(item.id)

    def _read_stems(self, item: ItemId) -> frozenset[str]:
        held = self.items[item]
        said = words(self._said(item), self.lexicon.spelling)
        plain = {w for v in held.fields.values() if not isinstance(v, tuple) for w in texts(v)}
        return frozenset({self.lexicon.stem(w) for w in said} | set(said) | plain)

    def has(self, item: Item, name: str, value: str) -> bool:
        """Whether a field of the item holds a value."""
        held = item.fields.get(name)
        return held is not None and fold(value) in texts(held)

    def shown(self, item: Item, name: str) -> str:
        """What a field of the item holds, in words; "nothing" where it is empty."""
        held = item.fields.get(name)
        if not known(held) or held is None:
            return "nothing"
        return ", ".join(held[:6]) if isinstance(held, tuple) else str(held)

    def labels_of(self, name: str) -> frozenset[str]:
        """The singular words that name a facet."""
        return self._labels.get(name, frozenset())

    # --- numbers

    def numbers_of(self, kind: str) -> tuple[Field, ...]:
        """The fields of a kind, dates among the years."""
        found = [f for f in self.schema.fields if f.kind == kind]
        return (*found, *self.schema.by_role("date")) if kind == "year" else tuple(found)

    def labelled(self, word: str) -> tuple[NumberField, ...]:
        """Number fields that a word names."""
        return self.vocabulary.numbers.with_word(self.lexicon.stem(word))

    def column(self, name: str, kind: tuple[str, str] | None = None) -> np.ndarray:
        """The sorted numbers of a field among items of a kind, or among all; (n,)."""
        return self._column(name, kind)

    def _read_column(self, name: str, kind: tuple[str, str] | None) -> np.ndarray:
        held = [
            x
            for item in self.items.values()
            if not item.retired
            and (kind is None or self.has(item, *kind))
            and (x := number(item.fields.get(name))) is not None
            and x == x
        ]
        return np.sort(np.array(held, dtype=np.float64))
