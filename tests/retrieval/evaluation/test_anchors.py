"""Which runs are not to be believed."""

from __future__ import annotations

from retrieval.evaluation.anchors import falls_short

SMALL = (100_836, 610, 9_724)


def test_a_peer_that_is_too_weak_voids_the_run() -> None:
    (reason,) = falls_short(SMALL, {"ease": 0.09, "popularity": 0.0628})
    assert reason.startswith("ease reaches nDCG@10 0.0900")
    assert "3%" in reason


def test_a_peer_within_three_per_cent_or_better_is_believed() -> None:
    assert falls_short(SMALL, {"ease": 0.098, "als": 0.2}) == ()


def test_unknown_data_and_unknown_peers_are_not_judged() -> None:
    assert falls_short((1, 2, 3), {"ease": 0.0}) == ()
    assert falls_short(SMALL, {"oracle": 0.0}) == ()
