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
    return {"refuse_others", "refuse_private"} <= found


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
