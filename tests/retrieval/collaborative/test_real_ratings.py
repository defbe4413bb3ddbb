"""On real ratings, where they are at hand: taste must beat popularity by far."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from retrieval.collaborative import Ease, ImplicitALS, Interactions, Popularity
from retrieval.metrics import ndcg
from retrieval.types import Event, ItemId, UserId
from tests.retrieval.collaborative.worlds import KINDS
from tests.shared import shared_path

Likes = dict[str, list[tuple[float, int]]]


@pytest.fixture(scope="module")
def likes() -> Likes:
    """Each user's films from 4 stars on, by time; users with ten or more."""
    found: Likes = {}
    with shared_path("data", "films", "ratings.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["rating"]) >= 4:
                when = (float(row["timestamp"]), int(row["item_id"]))
                found.setdefault(row["user_id"], []).append(when)
    return {user: sorted(own) for user, own in found.items() if len(own) >= 10}


def test_every_personal_scorer_beats_popularity_by_far(likes) -> None:
    cut = {user: int(len(own) * 0.8) for user, own in likes.items()}
    events = [
        Event(user=UserId(user), item=ItemId(str(item)), kind="rating", value=5.0, time=time)
        for user, own in likes.items()
        for time, item in own[: cut[user]]
    ]
    ids = tuple(sorted({e.item for e in events}))
    row = {item: n for n, item in enumerate(ids)}
    matrix = Interactions.build(events, ids, KINDS)
    quality = {}
    for scorer in (Popularity.fit(matrix), ImplicitALS.fit(matrix), Ease.fit(matrix)):
        figures = []
        for user, own in list(likes.items())[::6]:
            before = [row[ItemId(str(i))] for _, i in own[: cut[user]]]
            scores = np.nan_to_num(scorer.score(dict.fromkeys(before, 1.0)), nan=-np.inf)
            scores[before] = -np.inf
            ranked = [ids[r] for r in np.argsort(-scores, kind="stable")[:10]]
            figures.append(ndcg(ranked, {str(i) for _, i in own[cut[user] :]}, 10))
        quality[scorer.name] = float(np.mean(figures))
    # measured on all users: popularity .068, als .104, ease .107
    assert quality["popularity"] > 0.04
    assert quality["als"] > 1.25 * quality["popularity"]
    assert quality["ease"] > 1.25 * quality["popularity"]
