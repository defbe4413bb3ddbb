"""A hash of everything that an answer depends on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import prompts
from retrieval.types import Candidate, Query

VERSION = 2
"""Raised when the same question would be answered otherwise than before."""


def fingerprint(
    models: Iterable[str],
    settings: Sequence[object],
    query: Query,
    candidates: Sequence[Candidate],
    top_k: int,
    explain: bool,
) -> str:
    """The hash, in hexadecimal. ``settings`` have a repr that says all there is to them.

    Of the query counts what the re-ranker reads; who asks does not: a cache keeps people apart
    itself.
    """
    asked = (query.text, query.instruction, query.history[-3:], query.locale)
    told = hashlib.sha256()
    for part in (
        VERSION, *models, *settings, *(prompts.load(name).id for name in ("rerank", "grade")),
        asked, query.profile.n_events, top_k, explain,
    ):  # fmt: skip
        told.update(f"{part!r}\x00".encode("utf-8", "surrogatepass"))
    for c in candidates:
        # Lengths part what follows: no text can pass for the end of itself.
        told.update(
            f"{len(c.id)} {len(c.text)} {c.prior!r} {tuple(c.fields.items())!r}"
            f"{c.id}{c.text}".encode("utf-8", "surrogatepass")
        )
    return told.hexdigest()
