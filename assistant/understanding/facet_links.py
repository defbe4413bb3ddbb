"""Facet values, yes/no fields and people in a message, before anything is decided about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.facets import FacetValue
from assistant.understanding.mending import variants
from assistant.understanding.tokens import QUOTES, Token, words
from assistant.understanding.vocabulary import Vocabulary

LONGEST = 6
WITHIN_WORDS = "-–.&'/"
WITHIN_NAMES = WITHIN_WORDS + QUOTES  # a nickname: Dwayne "The Rock" Johnson
JUDGING = frozenset(
    {
        "discourse",
        "good_after",
        "bad_after",
        "love",
        "hate",
        "like",
        "seen",
        "more",
        "request",
        "negate",
        "too",
    }
)
PERSON_CUES = frozenset({"by_person", "with_person", "like", "love", "hate", "negate", "request"})


def closed_spans(tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary) -> list[Mention]:
    """Mentions of closed facets and of people, the longest at each place, none overlapping."""
    norms = [t.norm for t in tokens]
    found = _scan(tokens, norms, vocabulary)
    taken = {i for m in found for i in range(m.start, m.end)}
    for changed, places in variants(tokens, vocabulary):
        for m in _scan(tokens, changed, vocabulary, only=places):
            if taken.isdisjoint(range(m.start, m.end)):
                found.append(m)
                taken |= set(range(m.start, m.end))
    for m in _surnames(tokens, chart, vocabulary, taken):
        found.append(m)
    return sorted(found, key=lambda m: m.start)


def loose_spans(tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary) -> list[Mention]:
    """Mentions of free keywords where nothing else was found."""
    found: list[Mention] = []
    stems = [vocabulary.lexicon.stem(t.norm) for t in tokens]
    i = 0
    while i < len(tokens):
        best = None
        judging = (chart.cue(i) & JUDGING) or chart.norm(i - 1) == "too"
        if tokens[i].kind == "word" and chart.free(i, i + 1) and not judging:
            for end, key in _runs(tokens, stems, i, vocabulary.facets.longest.get(stems[i], 0)):
                values = vocabulary.facets.values.get(key)
                if values and values[0].loose and chart.free(i, end) and not _idle(key, vocabulary):
                    best = Mention(start=i, end=end, kind="facet", values=values)
        if best is None:
            i += 1
        else:
            found.append(best)
            i = best.end
    return found


def _idle(key: str, vocabulary: Vocabulary) -> bool:
    """Whether a keyword is only a function word or a word that says nothing by itself."""
    return all(w in vocabulary.lexicon.stop for w in key.split(" "))


def _scan(
    tokens: Sequence[Token],
    norms: Sequence[str],
    vocabulary: Vocabulary,
    only: set[int] | None = None,
) -> list[Mention]:
    facets, lexicon = vocabulary.facets, vocabulary.lexicon
    stems = [lexicon.stem(n) for n in norms]
    found: list[Mention] = []
    i = 0
    while i < len(tokens):
        best: Mention | None = None
        if tokens[i].kind != "mark":
            longest = max(facets.longest.get(stems[i], 0), facets.longest.get(norms[i], 0))
            for end, key in _runs(tokens, stems, i, longest):
                if end > i + 1 and " " not in key and "negate" in lexicon.cues.get((norms[i],), ()):
                    continue  # "note book" is one word written as two, "not ebook" is two
                every = tuple(_named_so(v, tokens[i:end]) for v in facets.values.get(key, ()))
                closed = any(not v.loose for v in every)
                if closed and not (end - i == 1 and norms[i] in lexicon.group("articles")):
                    best = Mention(start=i, end=end, kind="facet", values=every)
            for end, key in _runs(tokens, norms, i, longest, passed=WITHIN_NAMES):
                people = facets.people.get(key)
                if people and (" " in key) and (best is None or end >= best.end):
                    best = Mention(start=i, end=end, kind="facet", values=people, strength=1.0)
        if best is not None and only is not None and only.isdisjoint(range(best.start, best.end)):
            best = None
        if best is None:
            i += 1
        else:
            found.append(best)
            i = best.end
    return found


def _named_so(value: FacetValue, tokens: Sequence[Token]) -> FacetValue:
    """The value, which is no free keyword where it stands as a name, in several words and with
    its capitals: "Les Films du Carrosse" speaks of a studio, not of films, and is no French."""
    if not value.loose:
        return value
    said = [t.capital for t in tokens if t.kind != "mark"]
    spelt = [w[0].isupper() for w in value.value.split()]
    name = said == spelt and spelt[0] and sum(spelt) > 1
    return replace(value, loose=False) if name else value


def _runs(
    tokens: Sequence[Token],
    forms: Sequence[str],
    start: int,
    longest: int,
    passed: str = WITHIN_WORDS,
) -> list[tuple[int, str]]:
    """Keys of one to ``longest`` words from a place, over the marks that may stand within one."""
    out: list[tuple[int, str]] = []
    parts: list[str] = []
    i = start
    while i < len(tokens) and len(parts) < min(longest, LONGEST):
        if tokens[i].kind == "mark":
            if tokens[i].norm not in passed or (tokens[i].norm == "." and not _initial(tokens, i)):
                break
            if tokens[i].norm == "/" and len(parts) >= 1 and not tokens[i].glued:
                break
        else:
            parts.append(forms[i])
            out.append((i + 1, " ".join(parts)))
            if len(parts) > 1 and i > start:
                joined = "".join(parts)
                if len(parts) == 2 and len(joined) > 4:
                    out.append((i + 1, joined))
        i += 1
    return out


def _initial(tokens: Sequence[Token], i: int) -> bool:
    """Whether a dot follows an initial, as in ``J. P. Holloway``."""
    return i > 0 and len(tokens[i - 1].norm) == 1


def _surnames(
    tokens: Sequence[Token], chart: Chart, vocabulary: Vocabulary, taken: set[int]
) -> list[Mention]:
    facets = vocabulary.facets
    found: list[Mention] = []
    readings: list[tuple[list[str], set[int] | None]] = [([t.norm for t in tokens], None)]
    readings += list(variants(tokens, vocabulary)[:1])
    for norms, only in readings:
        i = 0
        while i < len(tokens):
            if tokens[i].kind != "word" or i in taken or (only is not None and i not in only):
                i += 1
                continue
            step = 1
            for n in (2, 1):
                end = i + n
                if end > len(tokens) or any(j in taken for j in range(i, end)):
                    continue
                people = facets.surnames.get(" ".join(norms[i:end]))
                who = _dominant(_made_by(people, norms, i, vocabulary)) if people else ()
                if who and _named(tokens, chart, vocabulary, i, end, norms, who):
                    found.append(Mention(start=i, end=end, kind="facet", values=who, strength=0.5))
                    taken |= set(range(i, end))
                    step = n
                    break
            i += step
    return found


def _made_by(
    people: Sequence[FacetValue], norms: Sequence[str], i: int, vocabulary: Vocabulary
) -> Sequence[FacetValue]:
    """Behind "by", only those who make things: the first person field of the schema, if any did."""
    if i == 0 or norms[i - 1] != "by":
        return people
    makers = [f.name for f in vocabulary.schema.by_kind("person")][:1]
    return [p for p in people if p.field in makers] or people


def _dominant(people: Sequence[FacetValue]) -> tuple[FacetValue, ...]:
    """All fields of the one person a surname stands for; empty when two are about as frequent."""
    totals: dict[str, int] = {}
    for p in people:
        totals[p.value] = totals.get(p.value, 0) + p.count
    ranked = sorted(totals.items(), key=lambda pair: (-pair[1], pair[0]))
    if len(ranked) > 1 and ranked[0][1] < 1.5 * ranked[1][1]:
        return ()
    return tuple(p for p in people if p.value == ranked[0][0])


def _named(
    tokens: Sequence[Token],
    chart: Chart,
    vocabulary: Vocabulary,
    start: int,
    end: int,
    norms: Sequence[str],
    who: Sequence[FacetValue],
) -> bool:
    """Whether a surname stands for the person here: a cue before it, a capital, or a rare word."""
    lexicon, titles = vocabulary.lexicon, vocabulary.titles
    said = norms[start:end]
    if all(w in lexicon.stop or (w,) in lexicon.cues for w in said):
        return False
    if end - start == 2:
        return True
    word = said[0]
    given = not any(p.value.casefold().endswith(word) for p in who)
    if not given and _otherwise_called(tokens, chart, vocabulary, start, who):
        return False
    if given and not (
        (tokens[start].capital and not tokens[start].opens)
        or not chart.cue(start - 1).isdisjoint({"by_person", "with_person"})
    ):
        return False
    ordinary = word in lexicon.known or lexicon.stem(word) in vocabulary.facets.words
    before = start - 1
    while before >= 0 and tokens[before].norm in lexicon.group("articles"):
        before -= 1
    cued = not chart.cue(before).isdisjoint(PERSON_CUES)
    capital = tokens[start].capital and not tokens[start].opens
    famous = sum(p.count for p in who) >= 4
    common = titles.commonness(word)
    by = before >= 0 and tokens[before].norm in ("by", "director")
    reliable = min(1.0, len(titles.ids) / 2000)
    if ordinary or common > 0.004:
        return (capital and famous and cued) or (by and capital)
    if tokens[start].norm != word and not (famous and (capital or by)):
        return False  # a misspelt surname needs a known person, and a capital or "by"
    if capital or cued:
        return famous or (common < 0.002 and (capital or sum(p.count for p in who) >= 2))
    return famous and common < 0.001 and reliable >= 1.0 and len(word) > 4


def _otherwise_called(
    tokens: Sequence[Token],
    chart: Chart,
    vocabulary: Vocabulary,
    start: int,
    who: Sequence[FacetValue],
) -> bool:
    """Whether a first name stands before a surname that is not this person's, nor one misspelt, or
    a name of something else goes on behind it: "Warner Bros." is no Deborah Warner."""
    if _longer_name(tokens, vocabulary, start):
        return True
    at = start - 1
    while at > 0 and (tokens[at].quoted or tokens[at].norm in QUOTES):
        at -= 1  # a nickname
    first = tokens[at] if at >= 0 else None
    if first is None or first.kind != "word" or not first.capital or first.opens:
        return False
    ordinary = first.norm in vocabulary.lexicon.known or first.norm in vocabulary.lexicon.stop
    if ordinary or chart.cue(at) or len(first.norm) == 1:
        return False
    return not any(first.norm[0] == name[0] for p in who for name in words(p.value)[:-1])


def _longer_name(tokens: Sequence[Token], vocabulary: Vocabulary, start: int) -> bool:
    """Whether a value of several words begins with this word and the next."""
    if start + 1 >= len(tokens) or not tokens[start + 1].capital:
        return False
    stem = vocabulary.lexicon.stem
    begins = f"{stem(tokens[start].norm)} {stem(tokens[start + 1].norm)} "
    return any(key.startswith(begins) for key in vocabulary.facets.values)


def unit_of_number(m: Mention, chart: Chart) -> bool:
    """Whether the letter is a number's unit: "45m"."""
    short = m.end == m.start + 1 and len(chart.norm(m.start)) <= 2 and m.start > 0
    return short and chart.tokens[m.start].glued and chart.tokens[m.start - 1].kind == "number"
