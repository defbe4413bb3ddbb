"""What is said about each mention: wanted or refused, liked, hated, seen, or left open.

One walk from left to right. A negation reaches to the end of its clause: a full stop, a contrast
("but"), or a comma that does not go on with a list. A verb of taste turns a negation round ("I
don't dislike"); phrases behind a mention ("was rubbish", "is a no go") reach back to it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from assistant.understanding.chart import Chart, Mention
from assistant.understanding.lexicon import Lexicon

Feeling = Literal["", "like", "love", "hate", "seen", "unseen"]
SUBJECTS = frozenset(
    {
        "i",
        "we",
        "you",
        "he",
        "she",
        "they",
        "with",
        "a",
        "something",
        "please",
        "my",
        "show",
        "give",
        "more",
        "just",
        "maybe",
    }
)
BACKWARDS = frozenset({"it", "them", "that", "this", "those", "these", "one", "him", "her"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """``refused``: negated. ``open``: neither wanted nor refused ("not necessarily"); ``allowed``:
    open, and welcome ("is fine after all"). ``feeling``: taste.
    """

    refused: bool = False
    open: bool = False
    feeling: Feeling = ""
    allowed: bool = False


@dataclass(slots=True)
class _State:
    refused: bool = False
    open: bool = False
    feeling: Feeling = ""
    idle: int = 0
    spent: bool = False


def judge(chart: Chart, lexicon: Lexicon, *, answering: bool = False) -> dict[int, Judgement]:
    """The judgement of each mention of an item, a facet, a field or a position, by its first
    token. ``answering``: a question of ours is pending, so what "is fine" is what is wanted;
    what "is fine again" answers nothing.
    """
    judged: dict[int, Judgement] = {}
    state = _State()
    i = 0
    while i < len(chart):
        m = chart.at(i)
        if m is not None and m.kind in ("title", "facet", "position", "field") and i == m.start:
            before = chart.cue(i)
            if m.kind == "position" and "rejected" in before:
                judged[i] = Judgement(refused=True, feeling="hate")
            else:
                judged[i] = Judgement(state.refused, state.open, state.feeling)
            state.spent, state.idle = True, 0
            i = m.end
            continue
        if chart.hard(i) or (chart.norm(i) == "," and not _list_goes_on(chart, i, state, lexicon)):
            state = _State()
        else:
            span = chart.cue_span(i)
            if span is not None and span.start == i and chart.cue(i):
                _apply(chart, i, state)
                i += 1
                while i < span.end and chart.at(i) is None:
                    i += 1
                continue
            word = chart.norm(i)
            if word == "and" and (state.spent or state.refused) and chart.norm(i + 1) in SUBJECTS:
                state = _State()
            elif (
                state.spent
                and chart.tokens[i].kind == "word"
                and word not in lexicon.group("conjunctions")
                and word not in lexicon.group("articles")
            ):
                state.idle += 1
                if state.idle >= 3 and state.refused:
                    state.refused, state.open = False, False
                    state.feeling = "" if state.feeling == "hate" else state.feeling
        i += 1
    _reach_back(chart, judged)
    for cue in chart.all("lift_after"):  # "organic does not matter"
        m = chart.at(cue.start - 1)
        for one in _group(chart, m) if m is not None and m.kind == "facet" else ():
            judged[one.start] = Judgement(open=True)
    _allow(chart, judged, ("allowed_again",) if answering else ("allowed_after", "allowed_again"))
    return judged


def _apply(chart: Chart, i: int, state: _State) -> None:
    """Let the cue that begins at ``i`` change the state of the clause."""
    names = chart.cue(i)
    if "discourse" in names or "rejected" in names:
        return
    if "soften" in names:
        state.open = True
    elif "hate" in names:
        if state.refused and not state.spent:
            state.refused, state.feeling = False, "love"
        else:
            state.refused, state.feeling = True, "hate"
        state.spent = False
    elif "love" in names or ("like" in names and _verb(chart, i)):
        state.feeling = "hate" if state.refused and not state.spent else "love"
        state.refused = state.feeling == "hate"
        state.spent = False
    elif "like" in names and "wanting" not in names:
        state.feeling = "hate" if state.refused else "like"
        state.spent = False
    elif "seen" in names:
        state.feeling = "unseen" if state.refused and not state.spent else "seen"
        state.refused = False
        state.spent = False
    elif "negate" in names or (chart.norm(i) in ("not", "no") and _unused_bound(names)):
        degree = chart.norm(i + 1) in ("too", "overly") and chart.at(i + 2) is None
        if degree:
            return  # "a not too loud laptop" turns the quality, and no laptop away
        if not (chart.norm(i) == "no" and (chart.norm(i + 1) == "," or chart.hard(i + 1))):
            state.refused, state.spent, state.idle = True, False, 0
            if state.feeling != "seen":
                state.feeling = ""
    elif "contrast" in names and (state.spent or state.open or chart.norm(i) != "just"):
        # "just" and "only" before anything was said narrow, they do not turn
        if chart.norm(i) in ("just", "only") and not (state.spent or state.open):
            return
        state.refused, state.open, state.feeling, state.spent = False, False, "", False
        # "any colour but black" refuses, every other "but" turns to what is wanted
        state.refused = chart.norm(i) == "but" and chart.norm(i - 2) in ("any", "every", "all")
    elif state.spent and state.refused and not names.isdisjoint({"with_person", "request"}):
        state.refused, state.feeling = False, ""


def _unused_bound(names: frozenset[str]) -> bool:
    """Whether a cue only bounds numbers: with no number behind it, "not over" is a plain "not"."""
    return all(n.startswith("bound_") for n in names)


def _verb(chart: Chart, i: int) -> bool:
    """Whether "like" is a verb here: somebody does it."""
    return chart.norm(i) in ("like", "fan", "fans") and (
        chart.norm(i - 1)
        in ("i", "we", "also", "really", "they", "she", "he", "you", "both", "kids")
        or (chart.norm(i - 1) == "not" and chart.norm(i - 2) in ("do", "did", "does"))
    )


def _list_goes_on(chart: Chart, comma: int, state: _State, lexicon: Lexicon) -> bool:
    """Whether the comma only parts a list: a mention of the same sort follows it at once."""
    if state.open:
        return False
    if not (state.refused or state.feeling):
        return True
    j = comma + 1
    skip = lexicon.group("articles") | {"and", "or", "nor", "any", "even"}
    joined = False
    while j < len(chart) and chart.norm(j) in skip:
        joined = joined or chart.norm(j) in ("or", "nor", "and")
        j += 1
    m = chart.at(j)
    if m is None or m.start != j or not state.spent:
        return not state.spent and m is not None and bool(state.feeling)
    if m.kind in ("title", "position"):
        return not state.refused or state.feeling == "hate" or joined
    if m.kind != "facet":
        return False
    return joined or _joined_later(chart, m)


def _joined_later(chart: Chart, m: Mention) -> bool:
    """Whether a list of mentions after this one ends in "or", "nor" or "and"."""
    j = m.end
    while j < len(chart):
        if chart.norm(j) in ("or", "nor", "and"):
            return chart.at(j + 1) is not None
        if chart.norm(j) != ",":
            return False
        following = chart.at(j + 1)
        if following is None:
            return chart.norm(j + 1) in ("or", "nor", "and")
        j = following.end
    return False


def _reach_back(chart: Chart, judged: dict[int, Judgement]) -> None:
    """Let phrases behind a mention judge it: "the first looks great", "grey is a no go"."""
    for cue in chart.cues:
        names = chart.cue(cue.start)
        good, bad = "good_after" in names, "bad_after" in names
        out = "excluded_after" in names or _ends_in_no(chart, cue.start, cue.end)
        fond = not names.isdisjoint({"love", "hate", "seen"}) and _points_back(chart, cue.end)
        if not (good or bad or out or fond):
            continue
        if good and chart.norm(cue.start) == "i" and chart.at(cue.end) is not None:
            continue  # "I love X" looks ahead
        wanted = ("facet", "title", "position") if out else ("title", "position")
        target = _before(chart, cue.start, wanted, sentences=1)
        if target is None:
            continue
        for m in _group(chart, target):
            old = judged.get(m.start, Judgement())
            if out:
                judged[m.start] = replace(old, refused=True, open=False)
            elif fond and "seen" in names:
                if old.feeling != "hate":
                    judged[m.start] = Judgement(feeling="seen")
            elif old.feeling in ("", "seen", "like", "love", "unseen") or fond:
                hated = bad or ("hate" in names and not good)
                judged[m.start] = Judgement(refused=hated, feeling="hate" if hated else "love")


def _allow(chart: Chart, judged: dict[int, Judgement], cues: tuple[str, ...]) -> None:
    """Leave open what is only allowed: "horror is fine"; beside something that is refused it is
    what is wanted instead."""
    if any(j.refused for j in judged.values()):
        return
    for cue in (c for name in cues for c in chart.all(name)):
        m = chart.at(cue.start - 1)
        for one in _group(chart, m) if m is not None and m.kind == "facet" else ():
            judged[one.start] = Judgement(open=True, allowed=True)


def _ends_in_no(chart: Chart, start: int, end: int) -> bool:
    """Whether a sentence ends in a "not" right behind an item: "the first one, not"."""
    before = chart.at(start - 1)
    item = before is not None and before.kind in ("title", "position")
    return item and end == start + 1 and chart.norm(start) in ("not", "no") and chart.hard(end)


def _points_back(chart: Chart, i: int) -> bool:
    """Whether a verb of taste has only a pronoun, or nothing, behind it."""
    if chart.norm(i) in BACKWARDS and chart.at(i) is None:
        return chart.at(i + 1) is None
    return chart.hard(i) or chart.norm(i) == ","


def _before(chart: Chart, i: int, kinds: tuple[str, ...], *, sentences: int) -> Mention | None:
    """The nearest mention before a place, at most ``sentences`` full stops away."""
    j, stops = i - 1, 0
    while j >= 0:
        m = chart.at(j)
        if m is not None and m.kind in kinds:
            return m
        if chart.hard(j):
            stops += 1
            if stops > sentences:
                return None
        j -= 1
    return None


def _group(chart: Chart, m: Mention) -> list[Mention]:
    """A mention and those joined to it by "and" or "or" in front."""
    found = [m]
    while True:
        first = found[-1].start - 1
        if chart.norm(first) not in ("and", "or", "nor"):
            return found
        earlier = chart.at(first - 1)
        if earlier is None:
            return found
        found.append(earlier)
