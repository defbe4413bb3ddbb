"""Titles in a message, each with the evidence that a title is meant.

A word that is also a title ("heat", "her") is one only when something says so: quotes, a capital
inside the sentence, a cue such as "like" or "seen" before it, a year behind it, a neighbour in a
list that is a title. The evidence is added up and must reach a threshold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.mending import is_inflected, variants
from assistant.understanding.titles import PART, Alias, TitleIndex
from assistant.understanding.tokens import QUOTES, Token
from assistant.understanding.vocabulary import Vocabulary

THRESHOLD = 2.0
LONGEST = 12
STRONG = frozenset({"like", "seen", "than", "versus", "fact", "compare", "hate", "love"})
AFTER = frozenset({"good_after", "bad_after", "versus", "excluded_after"})
QUESTION_WORDS = frozenset({"what", "who", "when", "where", "which", "how", "is", "does"})
"""Words that open a question also where a longer cue has swallowed them ("what is")."""

JOINING = frozenset({"and", "or", "&", ",", "not", "no", "nor", "plus", "vs", "versus"})


@dataclass(frozen=True, slots=True)
class _Found:
    start: int
    end: int
    hits: tuple[Alias, ...]
    penalty: float = 0.0


def link_titles(
    tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary, others: Sequence[Mention]
) -> list[Mention]:
    """Mentions of titles that have enough evidence; ``others`` are facets and people they rival."""
    found = [
        f for f in _candidates(tokens, chart, vocabulary) if not _counts(f, tokens, vocabulary)
    ]
    scored = [(f, _score(f, tokens, chart, vocabulary, others)) for f in found]
    accepted: list[Mention] = []
    for bonus in (0.0, 1.7):  # in the second round a title in a list of titles needs less
        ranked = sorted(scored, key=lambda p: (-p[1], p[0].start - p[0].end, p[0].start))
        for f, score in ranked:
            beside = bonus if bonus and _beside(f, tokens, accepted) else 0.0
            if score + beside < THRESHOLD or any(
                f.start < m.end and m.start < f.end for m in accepted
            ):
                continue
            whole = _whole(f, found, accepted)
            accepted.append(_mention(whole, tokens, chart, vocabulary, score))
    return sorted(accepted, key=lambda m: m.start)


def _counts(f: _Found, tokens: Sequence[Token], vocabulary: Vocabulary) -> bool:
    """Whether a number that is also a title only counts here: "4 films"."""
    number = f.end == f.start + 1 and tokens[f.start].value is not None
    following = tokens[f.end].norm if f.end < len(tokens) else ""
    return number and following in vocabulary.nouns and not tokens[f.start].quoted


def _whole(f: _Found, found: Sequence[_Found], accepted: Sequence[Mention]) -> _Found:
    """The longest run that holds an accepted one and names the same item: the rest of a title
    speaks of nothing else."""
    longer = [
        g
        for g in found
        if g.start <= f.start
        and f.end <= g.end
        and g.hits[0].row == f.hits[0].row
        and not any(g.start < m.end and m.start < g.end for m in accepted)
    ]
    return max(longer, key=lambda g: g.end - g.start)


def _candidates(tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary) -> list[_Found]:
    titles = vocabulary.titles
    spots = [i for i, t in enumerate(tokens) if t.kind != "mark"]
    norms = [t.norm for t in tokens]
    found = _exact(spots, norms, titles, None)
    for changed, places in variants(tokens, vocabulary):
        new = _exact(spots, changed, titles, places)
        found += [replace(f, penalty=0.7) for f in new]
    found += _partial(spots, tokens, norms, chart, vocabulary)
    return found


def _exact(
    spots: Sequence[int], norms: Sequence[str], titles: TitleIndex, only: set[int] | None
) -> list[_Found]:
    found: list[_Found] = []
    for n, i in enumerate(spots):
        longest = min(titles.longest.get(norms[i], 0), LONGEST)
        parts: list[str] = []
        for j in spots[n : n + longest]:
            parts.append(norms[j])
            hits = titles.exact(" ".join(parts))
            if hits and (only is None or not only.isdisjoint(range(i, j + 1))):
                found.append(_Found(i, j + 1, hits))
    return found


def _partial(
    spots: Sequence[int],
    tokens: Sequence[Token],
    norms: Sequence[str],
    chart: Chart,
    vocabulary: Vocabulary,
) -> list[_Found]:
    """Runs of two to five words inside a title, and single rare words that a cue points at."""
    titles, lexicon = vocabulary.titles, vocabulary.lexicon
    found: list[_Found] = []
    for n, i in enumerate(spots):
        if norms[i] not in titles.postings:
            continue
        for length in (5, 4, 3, 2, 1):
            run = spots[n : n + length]
            if len(run) < length or any(norms[j] not in titles.postings for j in run):
                continue
            spoken = [norms[j] for j in run]
            meaning = [w for w in spoken if w not in lexicon.stop and len(w) > 1]
            if not meaning or (length == 1 and not _pointed(i, tokens, chart, vocabulary)):
                continue
            if all(w in lexicon.known or not w.isalpha() for w in meaning):
                continue  # "number two" says too little to be part of a title
            if length == 2 and len(meaning) < 2 and not tokens[run[-1]].capital:
                continue
            rows = titles.holding(spoken)
            if not rows or (length == 1 and len(rows) > 4):
                continue
            ranked = sorted(rows, key=lambda r: (-titles.known[r], r))
            hits = tuple(
                Alias(r, 0.2 + 0.5 * length / max(1, titles.keys[r].count(" ") + 1)) for r in ranked
            )
            found.append(_Found(i, run[-1] + 1, hits, penalty=0.5))
            break
    return found


def _pointed(i: int, tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary) -> bool:
    """Whether a single word may stand for a longer title: a capital or a cue, and no common
    word.
    """
    word = tokens[i].norm
    if len(word) < 4 or word in vocabulary.lexicon.known or word in vocabulary.facets.words:
        return False
    if vocabulary.titles.commonness(word) > 0.003:
        return False
    capital = tokens[i].capital and not tokens[i].opens
    following = tokens[i + 1].norm if i + 1 < len(tokens) else ""
    return (
        capital
        or following == "one"
        or not chart.cue(_before(i, tokens, vocabulary)).isdisjoint(STRONG)
    )


def _before(i: int, tokens: Sequence[Token], vocabulary: Vocabulary) -> int:
    """The place before a mention, articles, quotes and the noun of the thing passed over."""
    skip = vocabulary.lexicon.group("articles") | vocabulary.nouns
    j = i - 1
    while j >= 0 and (tokens[j].norm in skip or tokens[j].norm in "\"'“”‘’«»("):
        j -= 1
    return j


def _score(
    f: _Found,
    tokens: Sequence[Token],
    chart: Chart,
    vocabulary: Vocabulary,
    others: Sequence[Mention],
) -> float:
    lexicon, titles = vocabulary.lexicon, vocabulary.titles
    inside = [t for t in tokens[f.start : f.end] if t.kind != "mark"]
    names = [t.norm for t in inside]
    meaning = [w for w in names if w not in lexicon.stop and w not in lexicon.group("articles")]
    score = f.hits[0].weight - f.penalty
    if all(t.quoted for t in inside):
        score += 3.0
    before = _before(f.start, tokens, vocabulary)
    cue = chart.cue(before)
    if not cue.isdisjoint(STRONG) and tokens[before].norm != "or":
        score += 1.0 if "taste" in cue and not _preposition(before, chart) else 2.0
    elif "have" in cue:
        score += 1.0
    if not chart.cue(f.end).isdisjoint(AFTER):
        score += 1.0
    score += _capitals(inside, tokens)
    if len(meaning) >= 3:
        score += 1.5
    elif len(meaning) == 2:
        score += 0.5
    elif not meaning:
        # Capitals inside a sentence tell "Her" from "her"; "I" is always one.
        written = _capitals(inside, tokens) >= 1.5 and len(names[0]) > 1
        score -= (0.5 if len(inside) > 1 else 1.0) if written else 2.0
    score += _rarity(meaning, vocabulary)
    following = tokens[f.end].norm if f.end < len(tokens) else ""
    if lexicon.stem(following) in vocabulary.nouns or following in vocabulary.nouns:
        # "The Foxglove game" names one; "a heist film" and "Western films" are any of them.
        described = len(inside) == 1 and (
            (not inside[0].capital and _indefinite(f.start, tokens)) or _sort(f, others)
        )
        score += -1.5 if described else 0.5
    elif (
        len(inside) == 1
        and not inside[0].capital
        and _indefinite(f.start, tokens)
        and any(m.start == f.end and not m.values[0].person for m in others if m.values)
    ):
        score -= 1.5  # "a heist comedy"
    if following == "one" and f.penalty:
        score += 1.5  # "the kawa one"
    if _asks(tokens, chart):
        score += 0.5
    if _year_behind(f, tokens, titles) is not None:
        score += 2.0
    if len(inside) == sum(1 for t in tokens if t.kind != "mark"):
        score += 0.7
    if tokens[f.start - 1].norm == "about" and f.start and not inside[0].capital:
        score -= 1.0  # "about hackers" is a subject
    if all(t.kind == "number" for t in inside) and not cue & {"seen", "love", "hate"}:
        score -= 2.0  # "since 2010" is a year before it is a title
    if len(inside) == 1 and _first_name(f, tokens, vocabulary):
        score -= 2.0
    common = len(meaning) == 1 and (
        meaning[0] in lexicon.common
        or meaning[0] in lexicon.known
        or titles.commonness(meaning[0]) > 0.01
    )
    if common and not any(t.capital and not t.opens for t in inside):
        score -= 1.0
    return score - _rivals(f, others)


def _first_name(f: _Found, tokens: Sequence[Token], vocabulary: Vocabulary) -> bool:
    """Whether a word that people are called is followed by another, with a capital: Eddie Moore."""
    rest = (t for t in tokens[f.end :] if not (t.quoted or t.norm in QUOTES))
    behind = next(rest, None)
    return (
        behind is not None
        and behind.kind == "word"
        and behind.capital
        and {tokens[f.start].norm, behind.norm} <= vocabulary.people_words
    )


def _sort(f: _Found, others: Sequence[Mention]) -> bool:
    """Whether the same words are a sort of thing that the catalogue has."""
    return any(
        m.kind == "facet" and not m.values[0].person and (m.start, m.end) == (f.start, f.end)
        for m in others
    )


def _indefinite(start: int, tokens: Sequence[Token]) -> bool:
    """Whether "a", "some" or "any" opens the phrase that a word stands in, up to three back."""
    near = [t.norm for t in tokens[max(0, start - 3) : start]]
    return any(word in ("a", "an", "some", "any") for word in near)


def _preposition(i: int, chart: Chart) -> bool:
    """Whether "like" at a place compares rather than tells a taste: no "I", "we" before it."""
    found = chart.cue_span(i)
    if found is None or "like" not in found.names:
        return False
    return chart.norm(found.start - 1) not in (
        "i",
        "we",
        "also",
        "really",
        "you",
        "they",
        "do",
        "does",
    )


def _rivals(f: _Found, others: Sequence[Mention]) -> float:
    """What facets and people on the same words take away."""
    worst = 0.0
    for m in others:
        if m.start >= f.end or f.start >= m.end:
            continue
        if m.start <= f.start and f.end <= m.end:
            wider = (m.end - m.start) > (f.end - f.start)
            person = m.values[0].person
            named = person and (m.values[0].count >= 4 or f.hits[0].weight < PART)
            surname = person and m.strength == 0.5 and m.values[0].count >= 8
            same = not wider and _sort(f, others)
            worst = max(worst, 5.0 if wider or surname else 2.5 if named or same else 1.5)
        elif not (f.start <= m.start and m.end <= f.end):
            worst = max(worst, 1.0)
    return worst


def _capitals(inside: Sequence[Token], tokens: Sequence[Token]) -> float:
    written = [t for t in tokens if t.kind == "word"]
    shouting = sum(t.capital for t in written) > 0.7 * len(written) and len(written) > 6
    named = [t for t in inside if t.kind == "word"]
    if not named or not (named[0].capital and named[-1].capital):
        return 0.0
    if shouting:
        return 0.3
    if len(named) > 1 and sum(t.capital for t in named) >= 2:
        return 1.5
    return 0.5 if named[0].opens else 1.5


def _rarity(meaning: Sequence[str], vocabulary: Vocabulary) -> float:
    """Up to 2 for a title with a word that the catalogue's prose hardly ever uses."""
    best = 0.0
    for w in meaning:
        if w in vocabulary.lexicon.known or vocabulary.lexicon.stem(w) in vocabulary.facets.words:
            continue
        common = vocabulary.titles.commonness(w)
        ordinary = is_inflected(w, vocabulary)
        rare = 1.5 if common < 0.0006 else 0.9 if common < 0.003 else 0.3
        best = max(best, min(rare, 0.6) if ordinary else rare)
    return best * min(1.0, len(vocabulary.titles.ids) / 2000)


def _asks(tokens: Sequence[Token], chart: Chart) -> bool:
    opens = bool(tokens) and ("asking" in chart.cue(0) or tokens[0].norm in QUESTION_WORDS)
    return opens and len(tokens) < 14 and not chart.has("off_topic")


def _beside(f: _Found, tokens: Sequence[Token], accepted: Sequence[Mention]) -> bool:
    for m in accepted:
        left, right = (m.end, f.start) if m.end <= f.start else (f.end, m.start)
        between = [t.norm for t in tokens[left:right]]
        if len(between) <= 3 and between and all(w in JOINING or w == "the" for w in between):
            return True
    return False


def _year_behind(f: _Found, tokens: Sequence[Token], titles: TitleIndex) -> tuple[int, int] | None:
    """The end of the place and the row that a year behind the title picks, or None."""
    i, opened = f.end, False
    for step in range(4):
        if i >= len(tokens):
            return None
        t = tokens[i]
        if t.value is not None and (1870 <= t.value <= 2100 or (t.value < 100 and step)):
            for hit in f.hits:
                year = titles.years[hit.row]
                if year is not None and year % (100 if t.value < 100 else 10000) == int(t.value):
                    end = i + 1
                    while opened and end < len(tokens) and end < i + 5:
                        end += 1
                        if tokens[end - 1].norm == ")":
                            break
                    return end, hit.row
            return None
        if t.norm == "(":
            opened = True
        elif t.norm not in ("the", "from", "of", "'", "’", "version") or not (opened or step == 0):
            return None
        i += 1
    return None


def _mention(
    f: _Found, tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary, score: float
) -> Mention:
    titles = vocabulary.titles
    dated = _year_behind(f, tokens, titles)
    rows = [h.row for h in f.hits]
    if dated:
        return Mention(
            start=f.start, end=dated[0], kind="title", items=(titles.ids[dated[1]],), strength=score
        )
    top = f.hits[0]
    close = [
        h.row
        for h in f.hits[1:6]
        if h.weight >= top.weight - 0.05 and titles.known[h.row] >= 0.5 * titles.known[top.row]
    ]
    unclear = (titles.ids[top.row], *(titles.ids[r] for r in close)) if close else ()
    start = f.start
    if start and tokens[start - 1].norm in vocabulary.lexicon.group("articles"):
        start -= 1
    if not chart.free(start, start + 1):
        start = f.start
    return Mention(
        start=start,
        end=f.end,
        kind="title",
        items=tuple(titles.ids[r] for r in rows[:5]),
        unclear=unclear,
        strength=score,
    )
