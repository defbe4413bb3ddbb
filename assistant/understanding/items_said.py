"""Items of a message by what is said of them: liked, disliked, seen, asked about, pointed at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.comparisons import Comparison
from assistant.understanding.context import Context
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.polarity import Judgement
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


def counted(chart: Chart, lexicon: Lexicon) -> int | None:
    """How many items are asked for ("three more", "give me 5 films"), from 1 to 12, or None."""
    for i, t in enumerate(chart.tokens):
        if not chart.free(i, i + 1):
            continue
        value = (
            int(t.value) if t.value is not None and t.value < 100 else lexicon.numbers.get(t.norm)
        )
        if value is None or not 1 <= value <= 12:
            continue
        if "counts_after" in chart.cue(i + 1) or chart.norm(i + 1) in lexicon.group("count_nouns"):
            return value
        if "counts_before" in chart.cue(i - 1) and chart.tokens[i].norm != "one":
            following = chart.at(i + 1)
            if (following is not None and following.kind == "facet") or chart.hard(i + 1):
                return value
    return None
