"""Reading a list of handles from text that is not the JSON that was asked for.

A list is handles one after the other, parted by nothing but punctuation, numbers and markup, or by
a line break: ``[k7d] > [x9z]``, a numbered list, a table. Handles within a sentence are talk about
items, as in a refusal that names them. Time is linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from assistant.reranking.handles import WORD

WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""Full-width forms of ASCII, as for ``str.translate``. Not Unicode's own normalisation, which takes
quadratic time on long runs of combining marks."""

FURNITURE = re.compile(
    r"""["']\w{1,20}["']\s{0,9}:|</?\w{1,12}>|\b(?:id|item|rank)\b""", re.IGNORECASE
)
"""What may stand in a list beside punctuation: keys, tags, a column's name."""

LETTER = re.compile(r"[^\W\d_]")
NUMBER = re.compile(r"\d+(?:\.\d+)?")

GAP = 400
"""Characters between two entries of one list at the most."""


def listing(text: str, places: Mapping[str, int], wanted: int) -> tuple[int, ...]:
    """The positions listed in the text: of all lists in it, the last that names most of those
    wanted; empty where there is none.

    Not taken are: a list in the very order in which the items were shown, which is the prompt
    quoted back; one whose entries carry numbers in another order than its own, which are scores or
    ranks and leave open what is meant; and a single handle, unless it is all that is said.
    """
    text = text.translate(WIDE)
    best: tuple[int, ...] = ()
    run: dict[int, None] = {}
    gaps: list[str] = []
    last, end = -1, 0
    matches = [m for m in WORD.finditer(text) if m[0].lower() in places]
    for match in matches:
        place = places[match[0].lower()]
        if place == last:  # named again in its own line
            end = match.end()
            continue
        gap = text[end : match.start()] if match.start() - end <= GAP else None
        if place in run or gap is None or not _parts(gap):
            best = _better(best, run, gaps, wanted)
            run, gaps = {}, []
        elif gap is not None and run:
            gaps.append(gap)
        run[place] = None
        last, end = place, match.end()
    best = _better(best, run, gaps, wanted)
    if not best and len(matches) == 1:
        match = matches[0]
        beside = text[: match.start()] + text[match.end() :]
        return tuple(run) if LETTER.search(FURNITURE.sub("", beside)) is None else ()
    return best


def one_way(numbers: Sequence[float]) -> bool:
    """Whether numbers beside the entries of a list bear out its order: scores that fall, or ranks
    that rise one by one. True where there are fewer than two."""
    pairs = list(pairwise(numbers))
    if not pairs:
        return True
    falls = all(a >= b for a, b in pairs) and numbers[0] > numbers[-1]
    return falls or all(b - a == 1 for a, b in pairs)


def _parts(gap: str) -> bool:
    return "\n" in gap or LETTER.search(FURNITURE.sub("", gap)) is None


def _better(
    best: tuple[int, ...], run: Mapping[int, None], gaps: Sequence[str], wanted: int
) -> tuple[int, ...]:
    """The run, where it may be an answer and names as many of those wanted; else the best."""
    found = tuple(run)
    if len(found) < 2 or min(wanted, len(found)) < min(wanted, len(best)):
        return best
    if found == tuple(sorted(found)):
        return best
    told = [NUMBER.findall(gap) for gap in gaps]
    if any(len(numbers) != 1 for numbers in told):
        return found
    return found if one_way([float(numbers[0]) for numbers in told]) else best
