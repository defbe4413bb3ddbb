"""Misspelt words of a message put right, where the word is known to nobody and a known one is
near.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.understanding.tokens import Token
from assistant.understanding.vocabulary import Vocabulary

MOST = 12
"""Unknown words looked at per message; the rest stay as they are, so time stays bounded."""


def is_known(word: str, vocabulary: Vocabulary) -> bool:
    """Whether the language, the facets, the titles, the people or the catalogue's prose use a
    word.
    """
    lexicon, titles = vocabulary.lexicon, vocabulary.titles
    stem = lexicon.stem(word)
    return (
        word in lexicon.known
        or stem in lexicon.known
        or word in vocabulary.facets.words
        or stem in vocabulary.facets.words
        or stem in vocabulary.label_words
        or word in vocabulary.facets.loose_words
        or word in titles.postings
        or word in vocabulary.people_words
        or titles.frequency.get(word, 0) >= 1
        or is_inflected(word, vocabulary)
    )


ENDINGS = ("ing", "ed", "ly", "er", "ers")


def _slip(word: str, known: str, vocabulary: Vocabulary) -> bool:
    """Whether a word looks like a slip of the fingers for a known one.

    Letters left out, doubled or swapped are slips; another letter in a short word usually makes
    another word ("racing" is no "rating"), and an ending of its own marks a word of its own,
    unless a facet value is meant.
    """
    if word[0] != known[0] and sorted(word) != sorted(known):
        return False
    if word.startswith(known) and known not in vocabulary.facets.words:
        return False  # "thoughts" is more than "though"
    if len(word) == len(known) and len(word) < 8:
        return sorted(word) == sorted(known)
    ending = next((e for e in ENDINGS if word.endswith(e)), "")
    # "otthers" is "others" with a letter too many: the ending is the known word's own.
    return known.endswith(ending) or known in vocabulary.facets.words


def is_inflected(word: str, vocabulary: Vocabulary) -> bool:
    """Whether a word is a form of one that the catalogue's prose or the language uses."""
    for ending in ("s", "es", "ed", "d", "ing", "er", "y", "ly"):
        root = word[: -len(ending)]
        if word.endswith(ending) and len(root) > 2:
            for base in (root, root + "e"):
                if (
                    base in vocabulary.lexicon.known
                    or vocabulary.titles.frequency.get(base, 0) >= 1
                ):
                    return True
    return False


def mend(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[Token]:
    """The tokens with plain misspellings of the language and of facet values put right.

    A word near to a title or a name is left for the linker, which knows the neighbours.
    """
    left = MOST
    mended: list[Token] = []
    for t in tokens:
        if left and t.kind == "word" and len(t.norm) >= 4 and not is_known(t.norm, vocabulary):
            left -= 1
            near = tuple(
                p for p in vocabulary.speller.near(t.norm, 3) if _slip(t.norm, p[0], vocabulary)
            )
            named = vocabulary.names.near(t.norm, 1) if t.capital else ()
            if near and not (named and named[0][1] <= near[0][1]):
                t = replace(t, norm=near[0][0])
        mended.append(t)
    return mended


def variants(tokens: Sequence[Token], vocabulary: Vocabulary) -> list[tuple[list[str], set[int]]]:
    """Up to three readings of the words with unknown ones replaced by the nearest words of names.

    Each comes with the places that were changed; none when every word is known.
    """
    offers: dict[int, tuple[str, ...]] = {}
    for i, t in enumerate(tokens):
        if len(offers) >= MOST:
            break
        if t.kind == "word" and len(t.norm) >= 4 and not is_known(t.norm, vocabulary):
            near = tuple(w for w, _ in vocabulary.names.near(t.norm, 3))
            if near:
                offers[i] = near
    rounds = max((len(o) for o in offers.values()), default=0)
    out: list[tuple[list[str], set[int]]] = []
    for n in range(rounds):
        norms = [t.norm for t in tokens]
        for i, near in offers.items():
            norms[i] = near[min(n, len(near) - 1)]
        out.append((norms, set(offers)))
    return out
