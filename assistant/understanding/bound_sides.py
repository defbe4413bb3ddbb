"""On which side a number bounds: the words before and behind it, and a negation that turns them."""

from __future__ import annotations

from dataclasses import replace

from assistant.understanding.bound_fields import Said, Side
from assistant.understanding.chart import Chart, longest_phrase
from assistant.understanding.lexicon import Adjective
from assistant.understanding.vocabulary import Vocabulary

YEARS = range(1870, 2101)

SPENDING = frozenset(
    {
        *("made", "go", "going", "be", "released", "that", "out", "costing", "cost", "costs"),
        *("pay", "paying", "spend", "spending", "shell", "to", "have", "anything", "is", "are"),
    }
)
"""Words that may stand between a negation and the bound it turns: "don't want to pay more than"."""


def with_sides(chart: Chart, said: Said, vocabulary: Vocabulary) -> Said:
    """Look for a bound before and after the number, and for a negation that turns it round."""
    if said.other is not None:
        return said
    lexicon = vocabulary.lexicon
    n = said.number
    side: Side = ""
    strict = time = near = beyond = False
    start, end = said.start, said.end
    adjective = None
    j = n.start - 1
    for _ in range(4):
        names = chart.cue(j)
        if "bound_about" in names:
            near, start = True, min(start, j)
        elif (
            any(x.startswith("bound_") and not x.endswith("_after") for x in names)
            or chart.norm(j) == "than"
            or not (chart.norm(j) in lexicon.group("fillers") or is_dash(chart, j))
        ):
            break
        j -= 1
    names = chart.cue(j)
    span = chart.cue_span(j)
    if span is not None and not chart.hard(j):
        side, strict, time = _side(names)
        if "bound_about" in names and not side:
            near = True
        if side:
            start, beyond = span.start, "bound_beyond" in names
    if not side and chart.norm(j) == "than":
        adjective, at = _adjective_before(chart, j, vocabulary)
        if adjective is not None:
            side = "max" if adjective.direction == "lower" else "min"
            strict, start, beyond = adjective.kind == "year", at, True
    if side:
        negated = _negation(chart, start, lexicon.group("fillers") | vocabulary.nouns)
        if negated is not None:
            side, strict, start = ("min" if side == "max" else "max"), False, negated
            beyond = False
        after, again = _after(chart, n.end, vocabulary, era=n.era or n.low in YEARS)
        if again and (again == side or chart.norm(start) == "from"):
            end, side = max(end, after), again  # "from 1990 or earlier"
    else:
        after, side = _after(chart, n.end, vocabulary, era=n.era or n.low in YEARS)
        end = max(end, after)
    if not side and near:
        side = "near"
    elif side == "max" and near:
        side = "max"
    return replace(
        said,
        start=start,
        end=end,
        side=side,
        strict=strict,
        time=time,
        beyond=beyond,
        adjective=adjective,
    )


def is_dash(chart: Chart, j: int) -> bool:
    """Whether a token only joins a number to what is around it."""
    return 0 <= j < len(chart) and chart.norm(j) in ("-", "–", ":", "€", "$", "£", "'", "’", "(")


def _side(names: frozenset[str]) -> tuple[Side, bool, bool]:
    """The side a bound cue stands for, whether it is strict, whether it speaks of time."""
    if "bound_max_strict" in names:
        return "max", True, True
    if "bound_min_strict" in names:
        return "min", True, True
    if "bound_min_time" in names:
        return "min", False, True
    if "bound_max_time" in names:
        return "max", False, True
    if "bound_max" in names:
        return "max", False, False
    if "bound_min" in names:
        return "min", False, False
    return "", False, False


def _adjective_before(
    chart: Chart, than: int, vocabulary: Vocabulary
) -> tuple[Adjective | None, int]:
    """The comparative in front of "than": "lighter than 250 grams"."""
    lexicon = vocabulary.lexicon
    for i in (than - 2, than - 1):
        if i < 0:
            continue
        found = longest_phrase(chart.tokens, i, lexicon.adjectives, 3)
        if found and found[0] == than and found[1][0].degree == "comparative":
            return found[1][0], i
    return None, than


def _negation(chart: Chart, start: int, passed: frozenset[str]) -> int | None:
    """The place of a negation that turns the bound round ("nothing over 200"), or None."""
    j = start - 1
    for _ in range(6):
        if j < 0 or chart.hard(j) or chart.at(j) is not None or chart.tokens[j].kind == "mark":
            return None
        if "negate" in chart.cue(j):
            span = chart.cue_span(j)
            return span.start if span else j
        word = chart.norm(j)
        if not (word in passed or chart.cue(j) or word in SPENDING):
            return None
        j -= 1
    return None


def _after(chart: Chart, end: int, vocabulary: Vocabulary, *, era: bool) -> tuple[int, Side]:
    """A bound behind the number, labels passed over: "16gb ram min", "four stars and up"."""
    k = end
    for _ in range(3):
        names = chart.cue(k)
        span = chart.cue_span(k)
        if span is not None and span.start == k:
            closes = chart.hard(span.end) or chart.norm(span.end) in (
                ",",
                ")",
                "and",
                "but",
                "please",
            )
            if "bound_min_after" in names and (chart.norm(k) != "on" or (era and closes)):
                return span.end, "min"
            if "bound_max_after" in names:
                return span.end, "max"
        if chart.norm(k) == "+":
            return k + 1, "min"
        word = chart.norm(k)
        labelled = (
            vocabulary.numbers.with_word(vocabulary.lexicon.stem(word)) or word in vocabulary.nouns
        )
        if not (labelled or word in ("of", "memory", "euro", "euros")) or not chart.free(k, k + 1):
            break
        k += 1
    return end, ""
