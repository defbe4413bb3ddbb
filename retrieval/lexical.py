"""Words of a request against the words of the items: BM25.

Finds what a sentence model blurs: names, rare words, parts of titles. Scores are those of
:mod:`retrieval.postings`. Fields are weighted by repetition, the plain form of BM25F: a word of the
title counts like three in the text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import StoreError
from retrieval.item_text import facet_words
from retrieval.postings import Documents, Postings
from retrieval.types import Item, Schema
from retrieval.words import stem, words

TITLE, PEOPLE, FACET, TEXT = 3, 2, 2, 1

VOCABULARY = "vocabulary.json"
KEY = 16  # bytes of a document's hash

STOPS = frozenset(
    words(
        "a an and are as at be but by for if in into is it no not of on or such that the their "
        "then there these they this to was will with"
    )
)
"""Words that carry nothing, as Lucene's English analyser has them."""


class LexicalIndex:
    """BM25 over one catalogue. Immutable after it was built; safe for reads from several threads.

    Rows are in the order of the items given to :meth:`build`.
    """

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        postings: Postings,
        documents: Documents,
        keys: NDArray[np.void],
    ) -> None:
        self._vocabulary = vocabulary
        self._postings = postings
        self._documents = documents
        self._keys = keys

    @classmethod
    def build(
        cls, items: Sequence[Item], schema: Schema, earlier: LexicalIndex | None = None
    ) -> LexicalIndex:
        """The index of these items; without items, or without any words, an empty one.

        Reading words is nearly all of the work: an item that says what an item of the ``earlier``
        index said is taken over from there.
        """
        parts = [_parts(item, schema) for item in items]
        keys = np.array([_key(p) for p in parts], dtype=f"V{KEY}")
        numbering = _Numbering(earlier._vocabulary if earlier else {})
        held = {key.tobytes(): row for row, key in enumerate(earlier._keys)} if earlier else {}
        kept = np.array([held.get(key.tobytes(), -1) for key in keys], dtype=np.intp)
        read = [numbering.document(parts[row]) for row in np.flatnonzero(kept < 0)]
        documents = Documents.of(read, len(numbering.vocabulary))
        if earlier:
            documents = earlier._documents.renewed(kept, documents)
        return cls(numbering.vocabulary, documents.postings(), documents, keys)

    def scores(self, text: str) -> NDArray[np.float32]:
        """The score of every item, (n,), 0 and up. All 0 for a text without known words.

        Words that carry nothing ("the", "of") are left out, unless the text holds nothing else:
        a title made of them alone ("It") can still be found. A text that is exactly a title scores
        that item far above those that merely say the word.
        """
        found = words(text)
        telling = [stem(w) for w in found if w not in STOPS] or [stem(w) for w in found]
        asked = [*telling, _whole(found)] if telling else []
        return self._postings.scores([self._vocabulary[w] for w in asked if w in self._vocabulary])

    def save(self, directory: Path) -> None:
        """Write the index into ``directory``, which is made when it is missing: arrays and JSON."""
        arrays = {f"postings.{name}": a for name, a in self._postings.arrays().items()}
        arrays |= {f"documents.{name}": a for name, a in self._documents.arrays().items()}
        arrays["keys"] = self._keys
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for name, array in arrays.items():
                np.save(directory / f"{name}.npy", array, allow_pickle=False)
            text = json.dumps(list(self._vocabulary), ensure_ascii=False)
            (directory / VOCABULARY).write_text(text, encoding="utf-8", errors="surrogatepass")
        except OSError as error:
            raise StoreError(f"cannot write the word index '{directory}': {error}") from error

    @classmethod
    def load(cls, directory: Path) -> LexicalIndex:
        """What :meth:`save` wrote; the arrays stay on disk until they are asked for.

        StoreError when it is missing or damaged.
        """
        try:
            text = (directory / VOCABULARY).read_text(encoding="utf-8", errors="surrogatepass")
            arrays = {
                name: {
                    path.name.split(".")[1]: np.load(path, mmap_mode="r", allow_pickle=False)
                    for path in sorted(directory.glob(f"{name}.*.npy"))
                }
                for name in ("postings", "documents")
            }
            return cls(
                {word: number for number, word in enumerate(json.loads(text))},
                Postings.from_arrays(arrays["postings"]),
                Documents.from_arrays(arrays["documents"]),
                np.load(directory / "keys.npy", mmap_mode="r", allow_pickle=False),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreError(
                f"cannot read the word index '{directory}': {error}; ingest the catalogue again"
            ) from error


Parts = tuple[str, tuple[tuple[int, str], ...]]
"""What an item says: its title, and other texts with their weights."""


def _parts(item: Item, schema: Schema) -> Parts:
    facets = (
        (PEOPLE if field.kind == "person" else FACET, " ".join(facet_words(item, field)))
        for field in schema.by_role("facet")
    )
    return item.title, (*facets, (TEXT, item.text))


def _key(parts: Parts) -> bytes:
    text = repr(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=KEY).digest()


class _Numbering:
    """Turns texts into token numbers. Each spelling is looked up once: it is most of the work."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        self.vocabulary = dict(vocabulary)
        self._numbers: dict[str, int] = {}

    def document(self, parts: Parts) -> list[int]:
        """The tokens of an item, each as often as its field weighs."""
        title, others = parts
        said = words(title)
        found = [self._token(_whole(said))] * TITLE if said else []
        found += [self._number(w) for w in said] * TITLE
        for weight, text in others:
            found += [self._number(w) for w in words(text) if w not in STOPS] * weight
        return found

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
