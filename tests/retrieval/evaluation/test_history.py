"""A whole small run, from a file to figures, JSON and a page."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.embeddings import HashedEncoder
from retrieval.errors import InputError
from retrieval.evaluation.history import HistoryReport, evaluate_history
from retrieval.evaluation.page import page
from retrieval.evaluation.peers import PEERS, Peer, als, ease, popularity
from retrieval.evaluation.report import as_json
from tests.retrieval.evaluation.worlds import two_tastes, written

FEW_PEERS = {
    "popularity": PEERS["popularity"],
    "als": Peer(fit=als, grid={"factors": (4,), "regularisation": (1.0,), "alpha": (2.0, 4.0)}),
    "ease": Peer(fit=ease, grid={"regularisation": (5.0, 20.0)}),
}


def run(path: Path, **changes: object) -> HistoryReport:
    options: dict[str, object] = {
        "encoder": HashedEncoder(32),
        "cache": path.parent / "cache",
        "peers": FEW_PEERS,
        **changes,
    }
    return evaluate_history(path, **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("history") / "ratings.csv", two_tastes())


@pytest.fixture(scope="module")
def report(log: Path) -> HistoryReport:
    return run(log)


def test_the_object_has_what_is_promised(report: HistoryReport) -> None:
    told = as_json(report)
    assert json.loads(json.dumps(told)) == told
    assert (told["users"], told["interactions"]) == (24, 24 * 12)
    for figures in (told["palate"], *told["peers"].values()):  # type: ignore[attr-defined,misc]
        for name in ("ndcg", "recall", "precision", "f1", "map", "mrr", "hit"):
            assert {f"{name}@{k}" for k in (5, 10, 20, 50)} <= set(figures)
        assert {"coverage@10", "gini@10", "tail_recall@10", "novelty@10"} <= set(figures)
    assert set(told["peers"]) == set(FEW_PEERS)  # type: ignore[call-overload]
    assert told["best_peer"] in FEW_PEERS
    low, high = told["interval"]  # type: ignore[misc]
    assert low <= told["ratio"] <= high  # type: ignore[operator]
    assert told["void"] == []
    assert told["time"]["split"] == "time"  # type: ignore[index]


def test_a_ratio_is_that_of_the_figures_shown(report: HistoryReport) -> None:
    for split in report.splits:
        best = max(split.peers, key=lambda name: split.peers[name].figures["ndcg@10"])
        assert split.headline.best_peer == best
        expected = split.palate.figures["ndcg@10"] / split.peers[best].figures["ndcg@10"]
        assert split.headline.ratio == pytest.approx(expected)


def test_palate_finds_the_taste(report: HistoryReport) -> None:
    head = report.splits[0]
    assert head.palate.figures["ndcg@10"] > head.peers["popularity"].figures["ndcg@10"]


def test_the_grid_is_published_with_what_was_chosen(report: HistoryReport) -> None:
    grids = as_json(report)["grids"]
    assert set(grids) == {"als", "ease"}  # type: ignore[call-overload]
    tried = grids["ease"]["tried"]  # type: ignore[index]
    assert [t["regularisation"] for t in tried] == [5.0, 20.0]
    best = max(tried, key=lambda t: t["ndcg@10"])
    assert grids["ease"]["chosen"] == {"regularisation": best["regularisation"]}  # type: ignore[index]


def test_buckets_hide_history_and_hold_everybody_with_it(report: HistoryReport) -> None:
    buckets = report.splits[0].buckets
    assert {name: group.users for name, group in buckets.items()} == {
        "0": 24,
        "1-5": 24,
        "6-20": 24,
    }
    assert buckets["0"].peers == {
        "popularity": report.splits[0].peers["popularity"].figures["ndcg@10"],
        "als": None,
        "ease": None,
    }
    assert buckets["1-5"].peers["ease"] is not None
    assert "popularity" in buckets["6-20"].parts


def test_the_same_run_gives_the_same_figures(log: Path, report: HistoryReport) -> None:
    one, two = as_json(report), as_json(run(log, split="user"))
    del one["time"], one["seconds"], two["seconds"]
    assert one == two


def test_without_times_only_users_are_cut_and_it_is_said(tmp_path: Path) -> None:
    untimed = [replace(e, time=None) for e in two_tastes()]
    path = written(tmp_path / "ratings.csv", untimed)
    told = as_json(run(path, peers={"popularity": FEW_PEERS["popularity"]}))
    assert told["order"] == "random"
    assert "time" not in told
    assert any("random order, seed 7" in note for note in told["notes"])  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="time of every event"):
        run(path, split="time")


def test_with_a_catalogue_lists_are_judged_by_content(tmp_path: Path) -> None:
    events = two_tastes()
    path, catalog = written(tmp_path / "r.csv", events), tmp_path / "items.jsonl"
    rows = [
        {
            "item_id": i,
            "title": f"A thing called {i}",
            "genre": "tragedy" if i[0] == "a" else "comedy",
            "votes": 17,
        }
        for i in sorted({e.item for e in events})
    ]
    catalog.write_text("".join(json.dumps(r) + "\n" for r in rows))
    made = run(path, catalog=catalog, split="user", peers={"popularity": FEW_PEERS["popularity"]})
    head = made.splits[0]
    assert head.facet == "genre"
    # Palate knows which taste a person has, and popularity gives everybody half of each.
    assert (
        head.palate.figures["miscalibration@10"]
        < head.peers["popularity"].figures["miscalibration@10"]
    )
    assert 0.0 < head.slate["diversity@10"] < 2.0
    assert math.isfinite(head.slate["accuracy_cost"])
    assert any("counts and mean ratings were left out" in note for note in made.notes)


def test_the_page_holds_all_it_needs(report: HistoryReport) -> None:
    text = page(report)
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 6
    assert "Palate" in text
    assert "<script" not in text
    assert " src=" not in text
    assert "<link" not in text
    assert page(report) == text


def test_a_page_without_plots_names_the_extra(
    report: HistoryReport, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(InputError, match=r"'matplotlib'.*pip install 'palate\[app\]'"):
        page(report)


def test_a_log_of_one_moment_is_not_split_in_time_and_it_is_said(tmp_path: Path) -> None:
    together = [replace(e, time=1e9) for e in two_tastes()]
    path = written(tmp_path / "ratings.csv", together)
    made = run(path, peers={"popularity": FEW_PEERS["popularity"]})
    assert [split.split for split in made.splits] == ["user"]
    assert any(note.startswith("not split in time") for note in made.notes)


def test_nobody_with_enough_history_is_one_line(tmp_path: Path) -> None:
    path = written(tmp_path / "ratings.csv", two_tastes(likes=4))
    with pytest.raises(InputError, match="no user has 10 items"):
        run(path)


def test_popularity_alone_is_a_peer_without_a_grid() -> None:
    assert Peer(fit=popularity, grid={}).settings() == [{}]
