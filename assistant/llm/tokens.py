"""Counting and cutting text by tokens, offline.

The ranks of ``o200k_base`` are read from the package ``bpe-openai`` and checked against the hash
that tiktoken pins for them, because tiktoken itself would fetch them over the network. Models that
use another tokenizer get the same count as an estimate, and it is flagged as one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.util
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
WORD_END = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
PATTERN = "|".join(
    (
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+" + WORD_END,
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*" + WORD_END,
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    )
)
"""How the encoding splits text before merging: a part of its definition."""

PIECE = 10_000
"""Characters encoded at once. A run without white space costs more than linear time to merge."""

LONGEST = 12
"""Characters a token of prose rarely exceeds; text is cut to that many a token before encoding."""

USUAL, EDGE = 6, 8
"""Characters a token of prose has at the most as a rule: so many are encoded first. Where that
gives too few tokens, with as many to spare as a cut word may change, the text is encoded on."""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of tokens; ``estimated`` when the model's own tokenizer is not the one used."""

    tokens: int
    estimated: bool


@lru_cache(maxsize=1)
def encoding() -> tiktoken.Encoding:
    """The encoding, built once a process (about half a second). It is safe across threads.

    Raises :class:`RuntimeError` when the ranks are missing or are not the pinned ones, which is a
    broken installation.
    """
    import tiktoken

    found = importlib.util.find_spec("bpe_openai")  # found, not imported: its extension is 70 MB
    if found is None or found.origin is None:
        raise RuntimeError("the package bpe-openai is missing: reinstall palate")
    path = Path(found.origin).parent / "data" / f"{ENCODING}.tiktoken.gz"
    raw = gzip.decompress(path.read_bytes())
    if hashlib.sha256(raw).hexdigest() != SHA256:
        raise RuntimeError(f"{path.name} of bpe-openai is not the {ENCODING} that was expected")
    ranks = {
        base64.b64decode(token): int(rank) for token, rank in map(bytes.split, raw.splitlines())
    }
    return tiktoken.Encoding(
        ENCODING, pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={"<|endoftext|>": 199_999}
    )


def encode(text: str) -> list[int]:
    """The tokens of a text; special markers in it are ordinary text."""
    known, tokens = encoding(), list[int]()
    for start in range(0, len(text), PIECE):
        tokens.extend(known.encode_ordinary(text[start : start + PIECE]))
    return tokens


@lru_cache(maxsize=128)
def is_estimate(model: str) -> bool:
    """Whether counts for this model are estimates: it is not known to use the encoding."""
    from tiktoken.model import encoding_name_for_model

    try:
        return encoding_name_for_model(model) != ENCODING
    except KeyError:
        return True


def count(text: str, model: str = "") -> Count:
    """How many tokens a text is for a model. An empty text is 0."""
    return Count(len(encode(text)), is_estimate(model))


def truncate_to_tokens(text: str, limit: int) -> str:
    """The longest beginning of ``text`` of at most ``limit`` tokens; never half a character.

    Right for scripts without spaces: cuts fall between tokens, not words. ``limit`` of 0 or less
    gives an empty text.
    """
    if len(text) <= limit and text.isascii():
        return text  # a token holds at least one byte
    return truncated(text, limit)[0]


def truncated(text: str, limit: int) -> tuple[str, int]:
    """:func:`truncate_to_tokens`, and how many tokens that is."""
    if limit <= 0 or not text:
        return "", 0
    tokens = encode(text[: limit * USUAL])
    if len(text) > limit * USUAL and len(tokens) <= limit + EDGE:  # more of it may fit
        text = text[: limit * LONGEST]
        tokens = encode(text)
    if len(tokens) <= limit:
        return text, len(tokens)
    cut = encoding().decode_bytes(tokens[:limit])
    return cut.decode("utf-8", errors="ignore"), limit
