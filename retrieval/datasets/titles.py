"""Finding the same film in two lists by its title and year.

Two catalogues spell one title in many ways: ``Matrix, The``, ``Amelie (Fabuleux destin d'Amélie
Poulain, Le)``, ``Seven (a.k.a. Se7en)``, ``Rocky II``, ``8½``. A title is reduced to keys, the
plain ones first; two lists are joined in rounds, from the same spelling in the same year to a
looser spelling or a year that is off by one, and only ever one to one. A pair that could be two
things is left out: a rating that is lost does less harm than one on the wrong film.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from retrieval.filters import fold

ARTICLES = frozenset(
    [
        *("a", "an", "as", "das", "de", "den", "der", "det", "die", "een", "ein", "eine", "el"),
        *("en", "ett", "gli", "het", "i", "il", "l", "la", "las", "le", "les", "lo", "los", "o"),
        *("os", "the", "un", "una", "une"),
    ]
)
"""Words that stand before a title, or after it and a comma, and carry nothing."""

_SAME = {
    "&": "and", "vs": "versus", "vol": "volume", "mr": "mister", "dr": "doctor", "mrs": "missus",
    "st": "saint", "part": "", "colour": "color", "colours": "colors", "grey": "gray",
    "theatre": "theater", "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8",
    "ix": "9", "xi": "11", "xii": "12", "xiii": "13", "two": "2", "three": "3", "four": "4",
    "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9", "ten": "10", "twelve": "12",
}  # fmt: skip
"""Words written in two ways, in the form in which they are compared."""

_SIGNS = str.maketrans(
    {
        "½": " 1 2",
        "⅓": " 1 3",
        "¼": " 1 4",
        "²": " 2",
        "³": " 3",
        "×": "x",
        "#": " no ",
        "æ": "ae",
        "Æ": "Ae",
    }
)
_TRAILING_ARTICLE = re.compile(r"^(?P<rest>.+), (?P<article>[\w’']+)$")
_GENITIVE = re.compile(r"['’`]s\b")
_INSIDE = re.compile(r"(?<=\d),(?=\d{3})|(?<=\b\w)\.(?=\w\b)")  # 20,000 and E.T.
_WORD = re.compile(r"\w+")
_BRACKETS = re.compile(r"\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_ALSO = re.compile(r"^(?:a\.?\s?k\.?\s?a\.?|or)\s+", re.IGNORECASE)
_POSSESSIVE = re.compile(r"^\w[\w. ]*(?:['’]s|s['’]) (?=\w)")
_DISAMBIGUATION = re.compile(r"\s*\((?:\d{4}\s+)?film\)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    """What the join looks at. ``year`` is None where it is not known.

    ``genres`` are case-folded; they break ties and hold back the looser rounds.
    """

    id: str
    title: str
    year: int | None
    genres: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """A title's keys: ``plain`` as written, ``also`` other names.

    ``head`` is the main title without its subtitle or its author ("Somebody's ..."), ``tail`` the
    subtitle alone. A key stands in its best grade only.
    """

    plain: frozenset[str]
    also: frozenset[str]
    head: frozenset[str]
    tail: frozenset[str]


def clean(title: str) -> str:
    """A title as it is shown: a disambiguation in brackets, ``(2011 film)``, is dropped."""
    return _DISAMBIGUATION.sub("", title).strip()


@lru_cache(maxsize=100_000)  # a title is its own plain form, and mostly its own head
def key(title: str) -> str:
    """One spelling reduced to what is compared; empty when nothing is left.

    Case, accents and punctuation go; a leading article goes, also one that trails after a comma;
    numerals and a few words written in two ways become one.
    """
    title = title.strip()
    moved = _TRAILING_ARTICLE.match(title)
    if moved and fold(moved["article"]).strip("’'") in ARTICLES:
        title = f"{moved['article']} {moved['rest']}"
    title = fold(title.translate(_SIGNS)).replace("&", " and ")
    title = _INSIDE.sub("", _GENITIVE.sub("s", title))
    words = _WORD.findall(title)
    while len(words) > 1 and words[0] in ARTICLES:
        words = words[1:]
    return "".join(_SAME.get(w, w) for w in words)


def keys(title: str) -> Keys:
    """Every key of a title by grade."""
    title = clean(title)
    bare = " ".join(_BRACKETS.sub(" ", title).split())
    plain = {key(title), key(bare)} - {""}
    also = set()
    for inside in _BRACKETS.findall(title):
        also.add(key(_ALSO.sub("", _BRACKETS.sub("", inside))))
        also.update(key(_ALSO.sub("", part)) for part in _BRACKETS.findall(inside))
    head, tail = {key(_POSSESSIVE.sub("", bare))}, set()
    for mark in (":", " - ", " – ", " or: ", " or ", "; ", "! "):
        first, found, second = bare.partition(mark)
        if found:
            head.add(key(first))
            tail.add(key(second))
    also -= plain | {""}
    head -= plain | also | {""}
    tail -= plain | also | head | {""}
    return Keys(
        plain=frozenset(plain), also=frozenset(also), head=frozenset(head), tail=frozenset(tail)
    )


Grade = Callable[[Keys], frozenset[str]]


def _plain(k: Keys) -> frozenset[str]:
    return k.plain


def _named(k: Keys) -> frozenset[str]:
    return k.plain | k.also


def _head(k: Keys) -> frozenset[str]:
    return k.head


def _tail(k: Keys) -> frozenset[str]:
    return k.tail


@dataclass(frozen=True, slots=True)
class _Round:
    """Which keys may meet, how far the years may lie apart, how long a key must be."""

    left: Grade
    right: Grade
    years: int
    long: int = 0
    genre: bool = False  # whether a shared genre is asked for


ROUNDS = (
    _Round(_plain, _plain, 0),
    _Round(_plain, _plain, 1),
    _Round(_named, _named, 0),
    _Round(_named, _named, 1, genre=True),
    _Round(_head, _named, 0, genre=True),
    _Round(_named, _head, 0, genre=True),
    _Round(_tail, _named, 0, long=10, genre=True),
    _Round(_named, _tail, 0, long=10, genre=True),
)
"""From the surest to the loosest. Subtitle never meets subtitle: "The Beginning" is anybody's."""


def join(left: Sequence[Film], right: Sequence[Film]) -> dict[str, str]:
    """Ids of ``left`` to ids of ``right``, one to one, for the films that are surely the same.

    Films without a year are never joined. Of several that fit in one round, the one that shares
    most genres wins; where that leaves two, none is taken and a later round may not take them
    either. Order of the input does not matter.
    """
    left_keys = {f.id: keys(f.title) for f in left}
    right_keys = {f.id: keys(f.title) for f in right}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for step in ROUNDS:
        index: dict[str, list[Film]] = defaultdict(list)
        for film in right:
            if film.id not in taken:
                for k in step.right(right_keys[film.id]):
                    index[k].append(film)
        wishes: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for film in left:
            if film.id in found or film.year is None:
                continue
            best = _best(film, _near(film, step, left_keys[film.id], index))
            shared = len(film.genres & best.genres) if best else 0
            if best is not None and (shared or not step.genre):
                wishes[best.id].append((shared, film.id))
        for right_id, suitors in wishes.items():
            suitors.sort(reverse=True)
            if len(suitors) == 1 or suitors[0][0] > suitors[1][0]:
                found[suitors[0][1]] = right_id
                taken.add(right_id)
    return found


def _apart(film: Film, other: Film) -> float:
    """Years between two films; infinite where one has none."""
    if film.year is None or other.year is None:
        return float("inf")
    return abs(film.year - other.year)


def _near(film: Film, step: _Round, own: Keys, index: Mapping[str, list[Film]]) -> Iterable[Film]:
    """Films of the other side under one of the keys, within the round's years; each once."""
    near = {}
    for k in step.left(own):
        if len(k) < step.long:
            continue
        for other in index.get(k, ()):
            if _apart(film, other) <= step.years:
                near[other.id] = other
    return near.values()


def _best(film: Film, near: Iterable[Film]) -> Film | None:
    """The one that fits best, or None where none does or two do equally."""

    def fit(other: Film) -> tuple[float, int]:
        return (-_apart(film, other), len(film.genres & other.genres))

    ranked = sorted(near, key=fit, reverse=True)
    if not ranked or (len(ranked) > 1 and fit(ranked[0]) == fit(ranked[1])):
        return None
    return ranked[0]
