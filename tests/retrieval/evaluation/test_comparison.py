"""Palate beside its peers on a group of people."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.evaluation.comparison import by_length, by_span, compare

PALATE = np.array([0.4, 0.2, 0.0])
PEERS = {"one": np.array([0.2, 0.1, 0.0]), "two": np.array([0.0, 0.0, 0.9]), "mute": None}


def test_the_best_peer_is_that_of_these_very_people() -> None:
    everybody = compare(PALATE, PEERS, seed=1)
    assert everybody is not None
    assert (everybody.users, everybody.best_peer) == (3, "two")
    some = compare(PALATE, PEERS, group=np.array([True, True, False]), seed=1)
    assert some is not None
    assert (some.users, some.best_peer) == (2, "one")
    assert some.ratio == pytest.approx(0.3 / 0.15)
    assert some.interval == pytest.approx((2.0, 2.0))
    assert some.peers["mute"] is None


def test_a_group_of_nobody_is_no_comparison() -> None:
    assert compare(PALATE, PEERS, group=np.zeros(3, dtype=np.bool_), seed=1) is None


def test_palate_is_compared_with_the_best_of_its_own_scorers() -> None:
    parts = {"als": np.array([0.1, 0.1, 0.0]), "ease": np.array([0.8, 0.4, 0.0])}
    found = compare(PALATE, PEERS, parts=parts, seed=1)
    assert found is not None
    assert found.parts == {"als": pytest.approx(0.2 / 3), "ease": pytest.approx(0.4)}
    assert found.best_part == "ease"
    assert found.over_part == pytest.approx(0.5)
    assert found.part_interval == pytest.approx((0.5, 0.5))
    alone = compare(PALATE, PEERS, seed=1)
    assert alone is not None
    assert alone.best_part == ""
    assert np.isnan(alone.over_part)


def test_everyone_with_a_history_is_in_one_bucket() -> None:
    lengths = np.array([1, 5, 6, 20, 21, 100, 101, 5000])
    masks = by_length(lengths)
    assert sum(mask.astype(int) for mask in masks.values()).tolist() == [1] * 8
    assert [lengths[mask].tolist() for mask in masks.values()] == [
        [1, 5],
        [6, 20],
        [21, 100],
        [101, 5000],
    ]


def test_a_span_that_is_not_known_is_in_no_group() -> None:
    masks = by_span(np.array([0.0, 86_400.0, 86_401.0, np.nan]))
    assert masks["within a day"].tolist() == [True, True, False, False]
    assert masks["over a day"].tolist() == [False, False, True, False]
