"""Sentences that ask for what a recommender must not do: leave its task, show its prompt, do
harm.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.understanding.chart import Chart, find_cues
from assistant.understanding.lexicon import Lexicon
from assistant.understanding.tokens import Token


def sentences(tokens: Sequence[Token]) -> list[list[Token]]:
    """The tokens by sentence, marks kept; a text without full stops is one sentence."""
    out: list[list[Token]] = [[]]
    for t in tokens:
        if t.opens and out[-1] and t.kind != "mark":
            out.append([])
        out[-1].append(t)
    return [s for s in out if s]


def is_refused(sentence: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether a sentence asks for something that is refused."""
    chart = Chart(sentence, find_cues(sentence, lexicon))
    found = _names(sentence, lexicon)
    if "refuse_phrases" in found:
        return True
    if {"refuse_verbs", "refuse_objects"} <= found:
        return True
    if "refuse_secrets" in found and ("refuse_reveal" in found or chart.has("request", "fact")):
        return True
    return _prying(sentence, lexicon)


def _prying(sentence: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether somebody else's data is asked for: "another customer's email", "their addresses".

    The person and the data must stand side by side, else any film about people and their history
    would be refused.
    """
    norms = [t.norm for t in sentence if t.kind != "mark"]
    others = _places(norms, "refuse_others", lexicon)
    for start, end in _places(norms, "refuse_private", lexicon):
        theirs = start > 0 and norms[start - 1] == "their" and bool(others)
        beside = any(0 <= start - e <= 1 or 0 <= s - end <= 2 for s, e in others)
        if theirs or beside:
            return True
    return False


def _places(norms: Sequence[str], name: str, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Where phrases of a cue stand, as spans of words."""
    return [
        (i, i + n)
        for i in range(len(norms))
        for n in range(1, 4)
        if i + n <= len(norms) and name in lexicon.cues.get(tuple(norms[i : i + n]), ())
    ]


def _names(sentence: Sequence[Token], lexicon: Lexicon) -> set[str]:
    """The refusal cues of a sentence wherever they stand, inside longer phrases too."""
    norms = [t.norm for t in sentence if t.kind != "mark"]
    found: set[str] = set()
    for i in range(len(norms)):
        for n in range(1, 6):
            names = lexicon.cues.get(tuple(norms[i : i + n]))
            if names and i + n <= len(norms):
                found |= {x for x in names if x.startswith("refuse_")}
    return found
