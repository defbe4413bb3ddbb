"""What is left of a message when everything that a field can hold is taken out."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.comparisons import Comparison
from assistant.understanding.fields import label_words
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.vocabulary import Vocabulary

KEPT_CUES = frozenset(
    (
        *("vague", "too", "enough", "habit", "fact", "asking", "limit", "off_topic", "both_of"),
        *("comparing_less", "comparing_more", "superlative_more", "ascending", "counts_after"),
        *("refuse_others", "refuse_private", "refuse_reveal", "refuse_verbs", "refuse_objects"),
        *("refuse_secrets", "group_after", "age_after", "bound_about", "bound_max_after"),
        *("bound_min_after", "bound_max", "bound_min", "bound_between", "bound_beyond"),
    )
)
"""Cues whose words may be content: a word that bounds no number here is an ordinary word."""

AUXILIARIES = frozenset(
    {"do", "does", "did", "can", "could", "will", "would", "should", "have", "had", "has"}
)
PASSED = frozenset(
    {
        "any",
        "too",
        "very",
        "so",
        "a",
        "an",
        "the",
        "all",
        "much",
        "that",
        "really",
        "overly",
        "about",
        "with",
        "more",
        "of",
    }
)


def free_text(
    chart: Chart,
    vocabulary: Vocabulary,
    kept: Sequence[Mention],
    comparisons: Sequence[Comparison],
    spoken: Collection[str] = (),
    count: int | None = None,
) -> tuple[str | None, tuple[str, ...]]:
    """The words that no field holds, in order, and the phrases that are refused.

    The text is None when nothing is left, or nothing but vague words ("something good").
    ``spoken`` are the fields that the message demands something of, whose own names add nothing
    ("with a weight under 200 g"), and ``count`` is the place of the number of items asked for.
    """
    lexicon = vocabulary.lexicon
    held = [False] * len(chart)
    for m in chart.mentions:
        if m not in kept:
            held[m.start : m.end] = [True] * (m.end - m.start)
    for c in comparisons:
        if not c.keep:
            held[c.start : c.end] = [True] * (c.end - c.start)
    for cue in chart.cues:
        names = chart.cue(cue.start)
        inside = any(m in kept for m in (chart.at(i) for i in range(cue.start, cue.end)) if m)
        if names and not names <= KEPT_CUES and not inside:
            held[cue.start : cue.end] = [True] * (cue.end - cue.start)
    for cue in chart.all("comparing_less"):
        if chart.free(cue.end, cue.end + 1) and cue.end < len(chart):
            held[cue.end] = True  # "less smoky": to search for the word would find more of it
    if count is not None:
        held[count] = True
    named = _named(chart, vocabulary, spoken)
    for i, t in enumerate(chart.tokens):
        if t.kind == "word" and chart.free(i, i + 1) and lexicon.stem(t.norm) in named:
            held[i] = True
        if len(t.norm) == 1 and chart.norm(i + 1) == "." and chart.at(i + 2) is not None:
            held[i] = True  # the initial of a name
    without = _refused(chart, held, vocabulary)
    for m in chart.of_kind("number"):
        if chart.norm(m.end) in ("a", "per", "each", "every") and m.end + 1 < len(held):
            held[m.end + 1] = True  # "120 a night"
    words: list[str] = []
    plain = False
    for i, t in enumerate(chart.tokens):
        compound = _compound(chart, i)
        empty = t.norm in lexicon.stop and not compound
        if held[i] or t.kind == "mark" or empty or t.norm in vocabulary.nouns:
            continue
        if t.kind == "word" and (t.norm in lexicon.numbers or lexicon.stem(t.norm) in named):
            continue
        if t.norm in lexicon.group("others") and chart.norm(i - 1) in ("my", "our"):
            continue  # who it is for says nothing of what it is
        other = chart.norm(i - 1) in ("other", "another", "any", "different", "same", "that")
        if other and any(lexicon.stem(t.norm) in ws for ws in vocabulary.facets.labels.values()):
            continue
        if t.kind == "number" and not _counted(chart, i):
            continue
        if chart.norm(i - 1) in ("my", "our") and chart.norm(i - 2) == "for":
            continue  # "a present for my nan": for whom, not what
        plain = plain or compound or "vague" not in chart.cue(i)
        words.append(t.norm)
    told = plain and not all(w in lexicon.ordinals for w in words)  # "first picks, please"
    return (" ".join(words) if told else None), without


def _named(chart: Chart, vocabulary: Vocabulary, spoken: Collection[str]) -> frozenset[str]:
    """The words that only name a field that the message speaks of: "more than 200 rooms"."""
    lexicon = vocabulary.lexicon
    found = {w for name in spoken for w in vocabulary.facets.labels.get(name, ())}
    for name in spoken:
        measured = vocabulary.numbers.get(name)
        held = vocabulary.labels.get(name)
        if measured is not None:
            found |= measured.words | _called(measured.words, lexicon)
        elif held is not None:
            found |= label_words(held, lexicon)
        if held is not None and held.kind == "price":
            found |= {
                word for p, kinds in lexicon.field_words.items() if "price" in kinds for word in p
            }
    if any(v.flag for m in chart.of_kind("facet") for v in m.values):
        found |= lexicon.group("granted")
    return frozenset(found)


def _called(words: frozenset[str], lexicon: Lexicon) -> set[str]:
    """The other words for what a label says: alcohol for abv."""
    return {w for p, labels in lexicon.field_labels.items() if labels & words for w in p}


def _compound(chart: Chart, i: int) -> bool:
    """Whether a hyphen ties the word to another: neither "feel" nor "good" says what "feel-good"
    does."""
    if chart.tokens[i].kind != "word":
        return False
    return any(
        chart.norm(i + side) == "-"
        and chart.norm(i + 2 * side).isalpha()
        and chart.tokens[max(i, i + side)].glued
        and chart.tokens[max(i + side, i + 2 * side)].glued
        for side in (-1, 1)
    )


def _counted(chart: Chart, i: int) -> bool:
    """Whether a bare number belongs to a word behind it, as in "7 samurai"."""
    following = chart.tokens[i + 1] if i + 1 < len(chart) else None
    return following is not None and following.kind == "word" and chart.free(i + 1, i + 2)


def _refused(chart: Chart, held: list[bool], vocabulary: Vocabulary) -> tuple[str, ...]:
    """One or two unlinked words right behind a negation; they are marked as held."""
    lexicon = vocabulary.lexicon
    found: list[str] = []
    labels = {w for words in vocabulary.facets.labels.values() for w in words}
    for cue in chart.all("negate"):
        last = chart.norm(cue.end - 1)
        if last == "not" and chart.norm(cue.start - 1) in AUXILIARIES:
            continue
        i = cue.end
        while i < len(chart) and chart.norm(i) in PASSED:
            i += 1
        run: list[int] = []
        while (
            i < len(chart)
            and len(run) < 2
            and chart.tokens[i].kind == "word"
            and not held[i]
            and chart.norm(i) not in lexicon.stop
            and chart.norm(i) not in vocabulary.nouns
            and lexicon.stem(chart.norm(i)) not in labels
        ):
            run.append(i)
            i += 1
        if run:
            found.append(" ".join(chart.norm(j) for j in run))
            for j in run:
                held[j] = True
    return tuple(dict.fromkeys(found))
