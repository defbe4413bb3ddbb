"""Positions of the last slate in a message: "the second", "#3", "1 and 4", "the pig one",
"these".
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.understanding.acts import QUESTION_WORDS
from assistant.understanding.chart import Chart, Mention
from assistant.understanding.context import Context
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.vocabulary import Vocabulary
from retrieval.filters import number, texts, words_of
from retrieval.types import Item

_ORDINAL = re.compile(r"^(st|nd|rd|th)$")
FAR = 12
"""More places than this no list has."""

BARE_AFTER = frozenset(
    {"compare", "seen", "explain", "explain_verb", "versus", "love", "hate", "like", "than"}
)


NOTE_CUES = ("unlearn", "change_note", "keep_note", "let_go", "lift", "undo", "negate")
"""Cues of what is done with notes that were listed."""


def link_positions(chart: Chart, vocabulary: Vocabulary, context: Context) -> list[Mention]:
    """Mentions of positions; none when nothing was shown. A position beyond the slate is left
    out.
    """
    size = _size(chart, context)
    if not size:
        return []
    found: list[Mention] = []
    i = 0
    while i < len(chart):
        mention = None
        if chart.free(i, i + 1) and "reset" not in chart.cue(i):
            mention = (
                _ordinal(chart, i, size, vocabulary.lexicon)
                or _marked(chart, i, size, vocabulary.lexicon)
                or _bare(chart, i, size, vocabulary)
                or _whole(chart, i, size)
                or _described(chart, i, vocabulary, context)
            )
        if mention is None:
            i += 1
        else:
            found.append(mention)
            i = mention.end
    return found


def beyond(chart: Chart, vocabulary: Vocabulary, context: Context) -> bool:
    """Whether a message points at a place that the list does not have: "the fourth" of three."""
    size = _size(chart, context)
    for i in range(len(chart)) if size or context.recent else ():
        if not chart.free(i, i + 1):
            continue
        found = None
        if chart.norm(i - 1) in ("the", "than", "like"):
            found = _ordinal(chart, i, FAR, vocabulary.lexicon)
        elif chart.norm(i) in ("#", "number"):
            found = _marked(chart, i, FAR, vocabulary.lexicon)
        if found is None or max(found.positions) <= size or len(found.positions) > 1:
            continue
        after = chart.tokens[found.end] if found.end < len(chart) else None
        if after is None or after.kind == "mark" or after.norm in vocabulary.lexicon.known:
            return True
    return False


def _size(chart: Chart, context: Context) -> int:
    """How many places there are to point at: notes where some were listed and something is done
    with them, ways out where some are offered, else what was shown; a question and a judgement are
    always about something shown."""
    if context.listed and chart.has(*NOTE_CUES):
        return context.listed
    shown = _questions(chart) or chart.has("negate", "seen", "love", "hate")
    return len(context.slate) if shown else context.offered or len(context.slate)


def _questions(chart: Chart) -> bool:
    """Whether a message asks something."""
    opens = next((t.norm for t in chart.tokens if t.kind == "word" and t.norm != "and"), "")
    return opens in QUESTION_WORDS or chart.has("explain", "compare", "fact")


def _ordinal(chart: Chart, i: int, size: int, lexicon: Lexicon) -> Mention | None:
    """``the second (one)``, ``4th``, ``the last``, ``first two``, ``second last``."""
    t = chart.tokens[i]
    end = i + 1
    if t.kind == "number" and end < len(chart) and chart.tokens[end].glued:
        if not _ORDINAL.match(chart.norm(end)) or t.value is None:
            return None
        place, end = int(t.value), end + 1
    elif t.norm in lexicon.ordinals and t.kind == "word":
        place = lexicon.ordinals[t.norm]
    else:
        return None
    following = chart.norm(end)
    if following in lexicon.group("position_not_after"):
        return None
    if t.norm in ("last", "final", "top", "bottom") and not _stands_alone(chart, i, end, lexicon):
        return None
    if chart.norm(i - 1) in lexicon.group("position_not_before"):
        return None
    if _ranked(chart, i, lexicon):
        return None  # "cheapest first" asks for an order
    many = lexicon.numbers.get(following)
    if many and many > 1 and place in (1, -1) and chart.tokens[end].kind == "word":
        span = range(1, many + 1) if place == 1 else range(size - many + 1, size + 1)
        return _made(chart, i, _noun(chart, end + 1, lexicon), tuple(span), size)
    places = (size,) if place == -1 else (place,)
    return _made(chart, i, _noun(chart, end, lexicon), places, size)


def _ranked(chart: Chart, i: int, lexicon: Lexicon) -> bool:
    readings = lexicon.adjectives.get((chart.norm(i - 1),), ())
    degree = chart.cue(i - 2) & {"superlative_more", "superlative_less"}
    pair = lexicon.adjectives.get((chart.norm(i - 2), chart.norm(i - 1)), ())
    best = bool(pair) and chart.norm(i - 2) == "best"
    return best or bool(degree and readings) or any(r.degree == "superlative" for r in readings)


def _stands_alone(chart: Chart, i: int, end: int, lexicon: Lexicon) -> bool:
    """Whether "last" or "top" is a position: "the last one", "than the last", not "last summer"."""
    following = chart.norm(end)
    named = chart.norm(i - 1) in ("the", "that") or following == "one"
    free = (
        following in lexicon.group("position_noun")
        or chart.hard(end)
        or following in (",", "but", "is", "and", "was", ")")
    )
    return named and free


def _noun(chart: Chart, end: int, lexicon: Lexicon) -> int:
    """The end of a position with its noun: "the second one", "the first film"."""
    return (
        end + 1
        if chart.norm(end) in lexicon.group("position_noun") and chart.free(end, end + 1)
        else end
    )


def _made(chart: Chart, start: int, end: int, places: Sequence[int], size: int) -> Mention | None:
    kept = tuple(p for p in places if 1 <= p <= size)
    if not kept:
        return None
    if chart.norm(start - 1) == "the" and chart.free(start - 1, start):
        start -= 1
    return Mention(start=start, end=end, kind="position", positions=kept)


def _value(chart: Chart, i: int, lexicon: Lexicon) -> int | None:
    if not 0 <= i < len(chart):
        return None
    t = chart.tokens[i]
    if t.value is not None:
        return int(t.value) if t.value == int(t.value) else None
    return lexicon.numbers.get(t.norm)


def _marked(chart: Chart, i: int, size: int, lexicon: Lexicon) -> Mention | None:
    """``#3``, ``number two``, ``no. 2``, ``option 1``."""
    if chart.norm(i) not in lexicon.group("position_marks"):
        return None
    j = i + 1
    if chart.norm(j) == "." and chart.tokens[j].glued:
        j += 1
    place = _value(chart, j, lexicon)
    if chart.norm(i) == "no" and j < len(chart) and chart.tokens[j].kind == "word":
        return None  # "no. Three more" is a refusal and a number
    if place is None or (chart.norm(i) == "no" and j == i + 1 and chart.tokens[j].kind == "word"):
        return None
    if chart.norm(j + 1) in lexicon.units or chart.norm(j + 1) in lexicon.group("money"):
        return None
    return _made(chart, i, j + 1, (place,), size)


def _bare(chart: Chart, i: int, size: int, vocabulary: Vocabulary) -> Mention | None:
    """``1 and 4`` after a verb that takes items: a bare number no larger than the slate."""
    lexicon = vocabulary.lexicon
    place = _value(chart, i, lexicon)
    if place is None or not 1 <= place <= size:
        return None
    t = chart.tokens[i]
    after = chart.norm(i + 1)
    if after in vocabulary.nouns or lexicon.stem(after) in vocabulary.facets.values:
        return None  # "recommend two lamps" asks for two
    if t.norm == "one" and chart.norm(i - 1) in (
        "the",
        "that",
        "this",
        "which",
        "another",
        "any",
        "a",
        "first",
        "last",
    ):
        return None
    if (
        after in lexicon.units
        or after in lexicon.group("money")
        or (after in ("more", "of", "or", "+") and after != "or")
    ):
        return None
    if t.glued and chart.norm(i - 1) not in ("#", "(", ",", "/"):
        return None
    j = i - 1
    while j >= 0 and (
        _value(chart, j, lexicon) is not None
        or chart.norm(j)
        in ("and", "or", ",", "&", "between", "with", "to", "the", "of", "from", "vs")
    ):
        if "compare" in chart.cue(j):
            break
        j -= 1
    around = chart.cue(j) | (
        chart.cue(i + 1) if chart.norm(i + 1) in ("vs", "versus") else frozenset()
    )
    joined = any(
        chart.norm(i + step) in ("or", "and", "vs") and _value(chart, i + 2 * step, lexicon)
        for step in (-1, 1)
    )
    if around.isdisjoint(BARE_AFTER) and not (joined and chart.has("compare")):
        return None
    return _made(chart, i, i + 1, (place,), size)


def _whole(chart: Chart, i: int, size: int) -> Mention | None:
    """``these``, ``all of those``, ``none of them``: the slate as a whole."""
    span = chart.cue_span(i)
    if span is None or span.start != i or span.names.isdisjoint({"whole", "rejected"}):
        return None
    everything = tuple(range(1, size + 1))
    if "whole" in span.names and chart.norm(i) in ("these", "those", "them"):
        following = chart.tokens[span.end] if span.end < len(chart) else None
        if (
            following is not None
            and following.kind == "word"
            and not chart.cue(span.end)
            and not chart.hard(span.end)
        ):
            at = chart.at(span.end)
            if at is not None and at.kind == "facet":
                return None
    return Mention(
        start=span.start, end=span.end, kind="position", positions=everything, whole=True
    )


def _described(chart: Chart, i: int, vocabulary: Vocabulary, context: Context) -> Mention | None:
    """``the pig one``, ``a smoky one``, ``the cheapest one``, ``that one`` where only one fits."""
    if chart.norm(i) != "one" or chart.tokens[i].kind != "word" or i == 0:
        return None
    start = i - 1
    while start >= 0 and i - start <= 3 and chart.tokens[start].kind == "word":
        if chart.norm(start) in ("the", "that", "this", "a", "an"):
            break
        start -= 1
    else:
        return None
    if chart.norm(start) not in ("the", "that", "this", "a", "an"):
        return None
    described = list(range(start + 1, i))
    if not described:
        alone = len(context.slate) == 1 and chart.norm(start) in ("that", "this", "the")
        return Mention(start=start, end=i + 1, kind="position", positions=(1,)) if alone else None
    if not all(chart.free(j, j + 1) or _facet(chart, j) for j in described):
        return None
    indefinite = chart.norm(start) in ("a", "an")
    if indefinite and not chart.has("explain", "seen"):
        return None  # "a funny one" asks for one, it points at none
    place = _extreme(chart, described, vocabulary, context) or _fitting(
        chart, described, vocabulary, context
    )
    if place is None:
        return None
    return Mention(start=start, end=i + 1, kind="position", positions=(place,), described=True)


def _facet(chart: Chart, i: int) -> bool:
    at = chart.at(i)
    return at is not None and at.kind == "facet"


def _extreme(
    chart: Chart, places: Sequence[int], vocabulary: Vocabulary, context: Context
) -> int | None:
    """The position with the least or greatest value: "the cheap one", "the longest one"."""
    adjectives = vocabulary.lexicon.adjectives.get(tuple(chart.norm(j) for j in places), ())
    for adjective in adjectives:
        for f in vocabulary.numbers.fields:
            right = (
                f.field.kind == adjective.kind
                if adjective.kind
                else any(w in f.words for w in adjective.fields)
            )
            if not right:
                continue
            values = [
                (x, p)
                for p in range(1, len(context.slate) + 1)
                if (item := context.at(p)) is not None
                and (x := number(item.fields.get(f.name))) is not None
            ]
            if values:
                pick = (
                    min(values)
                    if adjective.direction == "lower"
                    else max(values, key=lambda v: (v[0], -v[1]))
                )
                return pick[1]
    return None


def _fitting(
    chart: Chart, places: Sequence[int], vocabulary: Vocabulary, context: Context
) -> int | None:
    """The one position whose item speaks of every word; facts count before prose. None when
    several do.
    """
    stems = [vocabulary.lexicon.stem(chart.norm(j)) for j in places]
    for described_by in (_facts, words_of):
        hits = []
        for p in range(1, len(context.slate) + 1):
            item = context.at(p)
            if item is None:
                continue
            said = {vocabulary.lexicon.stem(w) for w in described_by(item).split()}
            if all(_spoken_of(s, said) for s in stems):
                hits.append(p)
        if len(hits) == 1:
            return hits[0]
    return None


def _spoken_of(stem: str, said: set[str]) -> bool:
    """Whether a word or one that begins like it is used; "smoky" finds "smoke" and "smoking"."""
    if stem in said:
        return True
    root = stem[: max(4, len(stem) - 2)] if len(stem) > 4 else stem
    return len(root) >= 4 and any(w.startswith(root) for w in said)


def _facts(item: Item) -> str:
    parts = [
        item.title,
        *(" ".join(texts(v)) for v in item.fields.values() if not isinstance(v, bool)),
    ]
    return "".join(c if c.isalnum() else " " for c in " ".join(parts).casefold())
