"""What would be shown if somebody did not like something: computed by doing it all again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from assistant.explanation import phrasing
from assistant.explanation.wording import Wording
from assistant.types import Claim
from retrieval.retriever import Retriever
from retrieval.types import Item, ItemId, Query

TRIED = 4  # likes that are left out one by one, those named last and then the strongest


def without(query: Query, liked: ItemId) -> Query:
    """The query of the same person, had they not liked one item."""
    profile = query.profile
    weights = {i: w for i, w in profile.weights.items() if i != liked}
    recent = {i: w for i, w in profile.recent.items() if i != liked}
    return replace(
        query,
        like=tuple(i for i in query.like if i != liked),
        profile=replace(profile, weights=weights, recent=recent),
    )


def decisive(
    query: Query, item: ItemId, retriever: Retriever, slate: Sequence[ItemId], tried: int = TRIED
) -> tuple[ItemId, ...]:
    """The likes without any one of which the item would not be on the slate that was shown.

    Each of the ``tried`` strongest likes is left out and a slate of that size is made again, by the
    rules engine and without exploration. Empty where none decides alone, and where the item is not
    on such a slate to begin with.
    """
    k = len(slate)
    query = replace(query, avoid=query.avoid - frozenset(slate))
    if item not in _slate(query, retriever, k):
        return ()
    likes = (*reversed(query.like), *query.profile.positive())
    known = [i for i in dict.fromkeys(likes) if i in retriever.items][:tried]
    return tuple(i for i in known if item not in _slate(without(query, i), retriever, k))


def claim(liked: Item, words: Wording) -> Claim:
    """That the item would not be there without a like, in words."""
    text = words.say("without_like", title=phrasing.short_title(liked))
    return Claim(kind="counterfactual", text=text, items=(liked.id,))


def _slate(query: Query, retriever: Retriever, k: int) -> Sequence[ItemId]:
    return retriever.select(retriever.candidates(query), k).ids()
