"""Many cases at once, against the measures one by one and against trec_eval."""

from __future__ import annotations

import numpy as np
import pytest
import pytrec_eval

from retrieval.evaluation.accuracy import CUTS, DEPTH, accuracy, means, ndcg_at_10, top

THEIRS = {
    "ndcg": "ndcg_cut",
    "recall": "recall",
    "precision": "P",
    "map": "map_cut",
    "hit": "success",
}


def cases(count: int = 60, items: int = 200):
    """Random rankings, some short, with random right answers."""
    rng = np.random.default_rng(11)
    rankings = np.full((count, DEPTH), -1, dtype=np.int32)
    targets = []
    for case in range(count):
        length = DEPTH if case % 3 else int(rng.integers(0, DEPTH))
        rankings[case, :length] = rng.permutation(items)[:length]
        targets.append(frozenset(rng.choice(items, int(rng.integers(1, 30)), False).tolist()))
    return rankings, targets


def test_every_measure_is_that_of_trec_eval() -> None:
    rankings, targets = cases()
    ours = accuracy(rankings, targets)
    right = {str(c): {str(i): 1 for i in t} for c, t in enumerate(targets)}
    run = {
        str(c): {str(i): float(DEPTH - p) for p, i in enumerate(row[row >= 0].tolist())}
        for c, row in enumerate(rankings)
    }
    asked = {f"{name}.{','.join(map(str, CUTS))}" for name in THEIRS.values()} | {"recip_rank"}
    theirs = pytrec_eval.RelevanceEvaluator(right, asked).evaluate(run)
    for case in range(len(targets)):
        found = theirs.get(str(case), {})  # trec_eval passes over an empty ranking
        for name, known in THEIRS.items():
            for k in CUTS:
                got = ours[f"{name}@{k}"][case]
                assert got == pytest.approx(found.get(f"{known}_{k}", 0.0)), (case, name, k)
        assert ours[f"mrr@{DEPTH}"][case] == pytest.approx(found.get("recip_rank", 0.0))
        for k in CUTS:
            p, r = found.get(f"P_{k}", 0.0), found.get(f"recall_{k}", 0.0)
            f1 = 2 * p * r / (p + r) if p + r else 0.0
            assert ours[f"f1@{k}"][case] == pytest.approx(f1)


def test_the_headline_alone_is_the_same_figure() -> None:
    rankings, targets = cases(10)
    assert ndcg_at_10(rankings, targets) == pytest.approx(accuracy(rankings, targets)["ndcg@10"])


def test_means_are_over_cases_and_0_over_none() -> None:
    assert means({"x": np.array([0.0, 1.0]), "y": np.zeros(0)}) == {"x": 0.5, "y": 0.0}


def test_the_top_leaves_out_what_is_barred_and_breaks_ties_by_row() -> None:
    scores = np.array([[0.5, 0.9, 0.5, 0.1], [0.0, 0.0, 0.0, 0.0]])
    ranked = top(scores, [[1], [0, 1, 2, 3]])
    assert ranked[0, :4].tolist() == [0, 2, 3, -1]
    assert (ranked[1] == -1).all()


def test_what_has_no_score_does_not_come() -> None:
    ranked = top(np.array([[np.nan, 0.1, np.nan, 0.2]]), [[]])
    assert ranked[0, :3].tolist() == [3, 1, -1]


def test_the_top_of_many_items_is_the_front_of_the_whole_order() -> None:
    rng = np.random.default_rng(3)
    scores = rng.integers(0, 40, (5, 500)).astype(np.float32)  # many ties
    ranked = top(scores, [[7, 9]] * 5)
    for row, found in zip(scores, ranked, strict=True):
        order = [i for i in np.lexsort((np.arange(500), -row)).tolist() if i not in (7, 9)]
        assert found.tolist() == order[:DEPTH]
