"""Words of a request against the words of the items: BM25.

Finds what a sentence model blurs: names, rare words, parts of titles. The scores are those of
S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), as
computed by the library bm25s with the variant of Lucene. Fields are weighted by repetition, the
plain form of BM25F: a word of the title counts like three in the text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.item_text import facet_words
from retrieval.types import Item, ItemId, Schema
from retrieval.words import stem, words

TITLE, PEOPLE, FACET, TEXT = 3, 2, 2, 1

IDS = "ids.json"

Hit = tuple[ItemId, float]


class LexicalIndex:
    """BM25 over one catalogue. Immutable after it was built; safe for reads from several threads.

    Rows are in the order of the items given to :meth:`build`.
    """

    def __init__(self, ids: tuple[ItemId, ...], engine: Any, stops: frozenset[str]) -> None:
        self._ids = ids
        self._engine = engine  # bm25s.BM25, or None when no item holds any word
        self._stops = stops

    @classmethod
    def build(cls, items: Sequence[Item], schema: Schema) -> LexicalIndex:
        """The index of these items; without items, or without any words, an empty one."""
        bm25s = _bm25s()
        stops = _stops(bm25s)
        numbering = _Numbering(stops)
        documents = [numbering.document(item, schema) for item in items]
        ids = tuple(item.id for item in items)
        if not numbering.vocabulary:
            return cls(ids, None, stops)
        corpus = (documents, numbering.vocabulary)
        engine = bm25s.BM25(method="lucene")
        engine.index(corpus, create_empty_token=False, show_progress=False)
        return cls(ids, engine, stops)

    def scores(self, text: str) -> NDArray[np.float32]:
        """The score of every item, (n,), 0 and up. All 0 for a text without known words.

        Words that carry nothing ("the", "of") are left out, unless the text holds nothing else:
        a title made of them alone ("It") can still be found. A text that is exactly a title scores
        that item far above those that merely say the word.
        """
        found = words(text)
        telling = [stem(w) for w in found if w not in self._stops] or [stem(w) for w in found]
        found = [*telling, _whole(found)]
        known = self._engine.get_tokens_ids(found) if self._engine is not None and telling else []
        if not known:
            return np.zeros(len(self._ids), dtype=np.float32)
        return np.asarray(self._engine.get_scores_from_ids(known), dtype=np.float32)

    def search(self, text: str, k: int) -> list[Hit]:
        """At most ``k`` items that share a word with the text, best first, ties by row."""
        scores = self.scores(text)
        rows = np.flatnonzero(scores > 0)
        if k < 1:
            return []
        order = np.lexsort((rows, -scores[rows]))[:k]
        return [(self._ids[int(r)], float(scores[r])) for r in rows[order]]

    def save(self, directory: Path) -> None:
        """Write the index into ``directory``, which is made when it is missing: arrays and JSON."""
        try:
            directory.mkdir(parents=True, exist_ok=True)
            (directory / IDS).write_text(json.dumps(self._ids), encoding="utf-8")
            if self._engine is not None:
                self._engine.save(directory, show_progress=False)
        except OSError as error:
            raise StoreError(f"cannot write the word index '{directory}': {error}") from error

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """What :meth:`save` wrote. StoreError when it is missing or damaged."""
        bm25s = _bm25s()
        try:
            ids = tuple(json.loads((directory / IDS).read_text(encoding="utf-8")))
            empty = not (directory / "params.index.json").exists()
            engine = None if empty else bm25s.BM25.load(directory, show_progress=False)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"cannot read the word index '{directory}': {error}; ingest the catalogue again"
            ) from error
        return cls(ids, engine, _stops(bm25s))


class _Numbering:
    """Turns items into token numbers. Each spelling is looked up once: it is most of the work."""

    def __init__(self, stops: frozenset[str]) -> None:
        self.vocabulary: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._stops = stops

    def document(self, item: Item, schema: Schema) -> list[int]:
        """The tokens of an item, each as often as its field weighs."""
        title = words(item.title)
        found = [self._token(_whole(title))] * TITLE if title else []
        found += [self._number(w) for w in title] * TITLE
        for field in schema.by_role("facet"):
            weight = PEOPLE if field.kind == "person" else FACET
            found += self._telling(" ".join(facet_words(item, field))) * weight
        return found + self._telling(item.text) * TEXT

    def _telling(self, text: str) -> list[int]:
        return [self._number(w) for w in words(text) if w not in self._stops]

    def _number(self, word: str) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = self._token(stem(word))
        return number

    def _token(self, token: str) -> int:
        return self.vocabulary.setdefault(token, len(self.vocabulary))


def _whole(found: Sequence[str]) -> str:
    """A title as one token; no word holds a space, so it collides with none."""
    return " " + " ".join(found)


def _bm25s() -> Any:
    try:
        import bm25s
    except ImportError as error:
        raise StoreError(
            f"the package 'bm25s' is needed to search by words ({error}); "
            "install it with: pip install 'palate[app]'"
        ) from error
    return bm25s


def _stops(bm25s: Any) -> frozenset[str]:
    return frozenset(bm25s.stopwords.STOPWORDS_EN)
