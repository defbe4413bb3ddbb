"""Titles of a catalogue and the forms in which people write them.

A title is known by its full form, without its article, by the part before or after a colon, and
without what it shares with many others: the maker's name in front, the noun of the thing behind
("Vexley Hush 700 headphones" is known as "hush 700"). What is left is found by a run of its words.
Misspelt words are mended one at a time against the words of all titles, compared only with words
of nearly the same length that begin alike (the blocking), so a look-up stays quick.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.lexicon import Lexicon
from assistant.understanding.tokens import words
from retrieval.types import Item, ItemId

_PARTS = re.compile(r"\s*[:(\[]\s*|\s+[-–—]\s+|[)\]]")
_PROSE = re.compile(r"[^\W\d_]+")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}

FULL, CORE, PART = 1.0, 0.9, 0.7
"""How much of a title an alias is: all of it, all but the dressing, one side of a colon."""


@dataclass(frozen=True, slots=True)
class Alias:
    """One form of one title: the row of the item and how much of the title it is, in (0, 1]."""

    row: int
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TitleIndex:
    """Titles by form, by word and by misspelling. Rows count the catalogue's items from 0."""

    ids: tuple[ItemId, ...]
    keys: tuple[str, ...]
    years: tuple[int | None, ...]
    known: tuple[float, ...]
    aliases: Mapping[str, tuple[Alias, ...]]
    longest: Mapping[str, int]
    postings: Mapping[str, tuple[int, ...]]
    frequency: Mapping[str, int]

    def exact(self, key: str) -> tuple[Alias, ...]:
        """The titles that have this form; the fullest, then the best known first."""
        return self.aliases.get(key, ())

    def holding(self, run: Sequence[str], limit: int = 60) -> tuple[int, ...]:
        """Rows of titles in which these words stand side by side; empty when too many might."""
        rare = min(run, key=lambda w: len(self.postings.get(w, ())))
        rows = self.postings.get(rare, ())
        if len(rows) > limit:
            return ()
        wanted = f" {' '.join(run)} "
        return tuple(r for r in rows if wanted in f" {self.keys[r]} ")

    def commonness(self, word: str) -> float:
        """How common a word is in the catalogue's own prose: the share of items that use it."""
        return self.frequency.get(word, 0) / max(1, len(self.ids))


def forms(title: str, lexicon: Lexicon) -> list[str]:
    """The compared words of a title."""
    return words(title, lexicon.spelling)


def build_titles(
    items: Sequence[Item],
    lexicon: Lexicon,
    *,
    single: Iterable[str],
    year: str | None,
    popularity: str | None,
) -> TitleIndex:
    """Index the titles.

    ``single`` names the single-valued facets whose value may stand in front of a title (a brand);
    ``year`` and ``popularity`` name the fields that tell versions apart and rank them, or None.
    """
    rows = [forms(i.title, lexicon) for i in items]
    dressing = _common_ends(rows)
    known = tuple(_number(i, popularity) for i in items)
    aliases: dict[str, dict[int, float]] = {}
    makers: dict[str, tuple[str, ...]] = {}
    for row, (item, own) in enumerate(zip(items, rows, strict=True)):
        for form, weight in _aliases(item, own, lexicon, tuple(single), dressing, makers):
            if form:
                held = aliases.setdefault(" ".join(form), {})
                held[row] = max(held.get(row, 0.0), weight)
    ranked = {
        key: tuple(
            Alias(row, weight)
            for row, weight in sorted(held.items(), key=lambda p: (-p[1], -known[p[0]], p[0]))
        )
        for key, held in aliases.items()
    }
    postings: dict[str, list[int]] = {}
    for row, own in enumerate(rows):
        for w in dict.fromkeys(own):
            postings.setdefault(w, []).append(row)
    longest: dict[str, int] = {}
    for key in ranked:
        parts = key.split(" ")
        longest[parts[0]] = max(longest.get(parts[0], 0), len(parts))
    return TitleIndex(
        ids=tuple(i.id for i in items),
        keys=tuple(" ".join(own) for own in rows),
        years=tuple(_year(i, year) for i in items),
        known=known,
        aliases=ranked,
        longest=longest,
        postings={w: tuple(r) for w, r in postings.items()},
        frequency=_frequency(items),
    )


def _aliases(
    item: Item,
    own: list[str],
    lexicon: Lexicon,
    single: tuple[str, ...],
    dressing: frozenset[str],
    makers: dict[str, tuple[str, ...]],
) -> Iterable[tuple[list[str], float]]:
    articles = lexicon.group("articles")
    yield own, FULL
    bare = own[1:] if len(own) > 1 and own[0] in articles else own
    if bare and bare[-1] in articles and len(bare) > 1:
        bare = bare[:-1]  # "Matrix, The"
    yield bare, FULL - 0.02
    if any(w in _ROMAN or w == "part" for w in bare[1:]):
        yield bare[:1] + [_ROMAN.get(w, w) for w in bare[1:] if w != "part"], FULL - 0.05
    core = bare
    for name in single:
        value = item.fields.get(name)
        if isinstance(value, str):
            if value not in makers:
                makers[value] = tuple(forms(value, lexicon))
            front = list(makers[value])
            if front and core[: len(front)] == front and len(core) > len(front):
                core = core[len(front) :]
    while len(core) > 1 and core[-1] in dressing:
        core = core[:-1]
    if core != bare:
        yield core, CORE
        if own[-1] in dressing:
            yield bare[: len(bare) - 1], CORE
        yield [w for w in core if w not in articles] or core, CORE - 0.05
    if 1 < len(bare) <= 3 and len("".join(bare)) > 5:
        yield ["".join(bare)], CORE - 0.05  # "spider man" written as one word
    parts = [p for p in _PARTS.split(item.title) if p and p.strip()]
    if len(parts) > 1:
        for place, text in enumerate(parts):
            part = forms(text, lexicon)
            weight = (CORE if "(" in item.title else PART + 0.05) if place == 0 else PART
            part = part[1:] if len(part) > 1 and part[0] in articles else part
            if len(part) > 1 or (place == 0 and part and len(part[0]) > 2):
                yield part, weight


def _common_ends(rows: Sequence[list[str]]) -> frozenset[str]:
    """Words that end at least one title in a hundred (and four titles): nouns of the thing
    itself.
    """
    ends: dict[str, int] = {}
    for own in rows:
        if len(own) > 1 and own[-1].isalpha() and len(own[-1]) > 2:
            ends[own[-1]] = ends.get(own[-1], 0) + 1
    least = max(4, len(rows) / 100)
    plural = {w for w, n in ends.items() if n >= least}
    return frozenset(plural) | {w for w in ends if w + "s" in plural}


def _frequency(items: Sequence[Item]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in items:
        for w in set(_PROSE.findall(item.text.lower())):
            counts[w] = counts.get(w, 0) + 1
    return counts


def _number(item: Item, name: str | None) -> float:
    value = item.fields.get(name) if name else None
    return float(value) if isinstance(value, int | float) else 0.0


def _year(item: Item, name: str | None) -> int | None:
    value = item.fields.get(name) if name else None
    if isinstance(value, str) and value[:4].isdigit():
        return int(value[:4])
    return int(value) if isinstance(value, int | float) and value == value else None
