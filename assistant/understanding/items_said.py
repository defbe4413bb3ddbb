"""Items of a message by what is said of them: liked, disliked, seen, asked about, pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.comparisons import Comparison
from assistant.understanding.context import Context
from assistant.understanding.polarity import Judgement
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import ItemId


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """Linked items. ``compared`` are only measured against, ``placed`` were pointed at by
    position.
    """

    liked: tuple[ItemId, ...] = ()
    disliked: tuple[ItemId, ...] = ()
    seen: tuple[ItemId, ...] = ()
    named: tuple[ItemId, ...] = ()
    compared: tuple[ItemId, ...] = ()
    placed: tuple[ItemId, ...] = ()
    unclear: tuple[ItemId, ...] = ()
    reference: tuple[int, ...] = ()


def items_of(
    chart: Chart,
    judged: Mapping[int, Judgement],
    comparisons: Sequence[Comparison],
    context: Context,
) -> Items:
    """Sort the items that a message names or points at.

    A whole slate ("these") is pointed at only when it is judged. A title that shown items hold is
    also a position. Uncued titles are anchors of the request, unless they are asked for by name.
    """
    sides: dict[str, list[ItemId]] = {
        k: [] for k in ("liked", "disliked", "seen", "named", "compared")
    }
    reference: list[int] = []
    unclear: tuple[ItemId, ...] = ()
    placed: list[ItemId] = []
    for m in chart.of_kind("title"):
        side = _side(m, judged.get(m.start, Judgement()), chart, comparisons)
        sides[side].append(m.items[0])
        unclear = unclear or m.unclear
        if m.items[0] in context.slate:
            reference.append(context.slate.index(m.items[0]) + 1)
    for m in chart.of_kind("position"):
        j = judged.get(m.start, Judgement())
        ids = [context.slate[p - 1] for p in m.positions if p <= len(context.slate)]
        judged_side = _judged_side(j)
        if any("lift" in chart.cue(m.start - back) for back in (0, 1, 2)):
            judged_side = "disliked"  # "remove the second"
        if m.whole and judged_side is None:
            continue
        if m.whole and judged_side == "liked":
            continue
        reference.extend(m.positions)
        placed.extend(ids)
        if judged_side is not None and not _measured(m, chart):
            sides[judged_side].extend(ids)
    return Items(
        **{k: tuple(dict.fromkeys(v)) for k, v in sides.items()},
        placed=tuple(placed),
        unclear=unclear,
        reference=tuple(sorted(set(reference))),
    )


def _judged_side(j: Judgement) -> str | None:
    if j.feeling in ("like", "love"):
        return "liked"
    if j.feeling == "hate":
        return "disliked"
    if j.feeling == "seen":
        return "seen"
    return "disliked" if j.refused else None


def _side(m: Mention, j: Judgement, chart: Chart, comparisons: Sequence[Comparison]) -> str:
    if _measured(m, chart):
        return "compared"
    judged = _judged_side(j)
    if judged is not None:
        return judged
    if j.feeling == "unseen" or chart.has("have"):
        return "named"
    if any(c.compared and _says_of(m, c, chart) for c in comparisons):
        return "compared"
    return "liked"


def _measured(m: Mention, chart: Chart) -> bool:
    """Whether "than" stands right before the mention."""
    return "than" in (chart.norm(m.start - 1), chart.norm(m.start - 2))


def _says_of(m: Mention, c: Comparison, chart: Chart) -> bool:
    """Whether a comparison is said of the title: "the Cleaver is too heavy"."""
    between = [chart.norm(i) for i in range(m.end, c.start)]
    return 0 < len(between) <= 4 and between[0] in (
        "is",
        "was",
        "are",
        "feels",
        "looks",
        "seems",
        "but",
    )


OTHER = frozenset({"other", "more", "different", "new", "further", "good"})
"""Words between a number and what it counts."""


def counted(chart: Chart, vocabulary: Vocabulary) -> tuple[int, int] | None:
    """How many items are asked for ("three more", "give me 5 films", "two short westerns"), from 1
    to 12, and the place of the number; or None."""
    lexicon = vocabulary.lexicon
    for i, t in enumerate(chart.tokens):
        value = (
            int(t.value) if t.value is not None and t.value < 100 else lexicon.numbers.get(t.norm)
        )
        if value is None or not 1 <= value <= 12 or not _unread(chart, i):
            continue
        opens = bool(chart.cue(i - 1) & {"counts_before", "request", "only"})
        before = chart.cue(i - 1) | chart.cue(i - 2)
        if "seen" in before or any(name.startswith("bound_") for name in before):
            continue
        # "One film for the two of us" counts nothing, "just one" does.
        one = t.norm == "one" and chart.norm(i - 1) not in ("me", "only", "just")
        if "counts_after" in chart.cue(i + 1):
            return value, i
        if one:
            continue
        if names_items(chart, i + 1, vocabulary):
            return value, i
        of = chart.norm(i + 1) == "of" and chart.norm(i + 2) in ("them", "these", "those")
        if opens and (of or chart.hard(i + 1) or chart.norm(i + 1) == ","):
            return value, i
    return None


def _unread(chart: Chart, i: int) -> bool:
    """Whether nothing was made of a token, or no more than one word among many."""
    m = chart.at(i)
    return m is None or (m.kind == "facet" and m.end == i + 1 and all(v.loose for v in m.values))


def _several(chart: Chart, m: Mention, vocabulary: Vocabulary) -> bool:
    """Whether a value is said of several things: "comedies", "family films"."""
    last = chart.norm(m.end - 1)
    return last in vocabulary.nouns or (
        vocabulary.lexicon.stem(last) != last and not m.values[0].loose
    )


def names_items(chart: Chart, i: int, vocabulary: Vocabulary) -> bool:
    """Whether the words from a place on name the things of the catalogue: "other ones", "films",
    "western films", "lamps"."""
    lexicon = vocabulary.lexicon
    for _ in range(4):
        m = chart.at(i)
        word = chart.norm(i)
        if word in vocabulary.nouns or word in lexicon.group("count_nouns") or word == "ones":
            return True
        if m is not None and m.kind == "facet" and m.start == i:
            if any(v.field in vocabulary.held for v in m.values) or _several(chart, m, vocabulary):
                return True
            i = m.end
        elif m is None and (word in OTHER or (word,) in lexicon.adjectives):
            i += 1
        else:
            return False
    return False
