"""Which language a message is in, by the words that each language file holds.

A short message that speaks for none ("Heat", "1990", a value of the catalogue) keeps the language
of the conversation.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from assistant.understanding.glossary import LANGUAGES, Glossary, Piece, glossary
from assistant.understanding.lexicon import Lexicon

FUNCTION, CONTENT, LETTER = 1.0, 0.8, 0.4
"""What a function word, another known word and a word of one letter say for a language."""

FLOOR = 0.5
"""Less than that is no evidence."""


def detect(
    found: Sequence[Piece],
    reference: Lexicon,
    *,
    silent: Collection[int] = (),
    before: str = LANGUAGES[0],
) -> str:
    """The language of a message: that which has most of its words, else the one spoken ``before``.

    ``silent`` are places that say nothing of the language: titles, names, the catalogue's values.
    """
    slashed = {j for i, p in enumerate(found) if p.form == "/" for j in (i - 1, i + 1)}
    spoken = [
        p
        for i, p in enumerate(found)
        if i not in silent and p.form[0].isalpha() and not (len(p.form) == 1 and i in slashed)
    ]
    if any(p.han for p in found):
        return "zh"
    scores = {LANGUAGES[0]: float(sum(_reference(p.form, reference) for p in spoken))}
    for language in LANGUAGES[1:]:
        scores[language] = _score(spoken, glossary(language))
    best = max(scores.values())
    if best < FLOOR:
        return before
    likeliest = [name for name, score in scores.items() if score == best]
    return before if before in likeliest else likeliest[0]


def _reference(word: str, reference: Lexicon) -> float:
    if word in reference.stop:
        return FUNCTION
    if word in reference.common:
        return LETTER  # it may as well be a title
    return CONTENT if word in reference.known or reference.stem(word) in reference.known else 0.0


def _score(spoken: Sequence[Piece], words: Glossary) -> float:
    spoken = [words.as_written(p) for p in spoken]
    return sum(
        LETTER if len(p.form) == 1 else FUNCTION if p.form in words.function else CONTENT
        for p in spoken
        if p.form in words.function or words.speaks(p.form)
    )
