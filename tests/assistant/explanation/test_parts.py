"""A score comes apart into parts that add up to it."""

from __future__ import annotations

import pytest

from assistant.door import Assistant
from assistant.explanation.parts import breakdown
from retrieval.types import Candidate, Ranking


def test_parts_are_what_lifts_a_candidate_above_the_weakest() -> None:
    ranking = Ranking(
        weights={"lexical": 0.5, "semantic": 0.25, "taste": 0.25},
        base={"lexical": 0.0, "semantic": 0.4, "taste": 0.8},
    )
    best = Candidate(id="a", prior=0.6, scores={"lexical": 1.0, "semantic": 0.8, "taste": 0.8})
    # 0.5 * 1.0 + 0.25 * 0.4 of the request, 0.25 * 0.0 of taste
    assert breakdown(best, ranking) == (("your request", 0.6),)
    worse = Candidate(id="b", prior=0.3, scores={"lexical": 1.0, "semantic": 0.4, "taste": 0.0})
    assert breakdown(worse, ranking) == (("your request", 0.5), ("your taste", -0.2))


def test_what_a_models_order_changed_is_a_part_of_its_own() -> None:
    ranking = Ranking(weights={"popularity": 1.0}, base={"popularity": 0.0})
    moved = Candidate(id="a", prior=0.9, scores={"popularity": 0.4, "model": 1.0})
    assert breakdown(moved, ranking) == (("the language model", 0.5), ("popularity", 0.4))
    assert breakdown(moved, Ranking()) == ()


def test_the_parts_of_every_card_add_up_to_its_score(films: Assistant) -> None:
    for query, user in (("a western", None), ("", "u1"), ("something like Heat", "u2")):
        cards = films.recommend(query=query, user=user, k=8).items
        assert cards
        for card in cards:
            assert bool(card.parts) == bool(card.score)
            assert sum(x for _, x in card.parts) == pytest.approx(card.score, abs=1e-9)
