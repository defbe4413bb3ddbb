"""Palate asked as it serves, and nothing of the future in what it was built from."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.embeddings import HashedEncoder
from retrieval.evaluation.replay import SLATE, as_of, hidden, replay, served, whole
from retrieval.evaluation.splits import Split, by_time, by_user
from retrieval.kinds import DEFAULT_KINDS
from retrieval.profiles import fold
from retrieval.types import Event, Field, Item, ItemId, Schema
from tests.retrieval.evaluation.worlds import like, log_of, two_tastes

ENCODER = HashedEncoder(32)
WORLD = two_tastes()
MARK = "marked-"


def built(home: Path, events: Sequence[Event], split: Split, ids: Sequence[str]) -> dict[str, str]:
    """Hashes of all files of an index over what the split lets through."""
    log = log_of(events, *ids)
    with served(log, split.report.events, home / "v1", encoder=ENCODER, cache=home / "cache"):
        pass
    files = sorted(p for p in (home / "v1").rglob("*") if p.is_file() and "chroma" not in p.parts)
    return {str(p.relative_to(home)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def elsewhere(events: Sequence[Event], kept: set[Event]) -> list[Event]:
    """The same log with everything that is not ``kept`` happening to marked items instead."""
    return [e if e in kept else replace(e, item=marked(n)) for n, e in enumerate(events)]


def marked(n: int) -> ItemId:
    return ItemId(f"{MARK}{n}")


@pytest.mark.parametrize("cut", [by_time, lambda e, k: by_user(e, k, seed=1)])
def test_another_future_gives_the_very_same_index(tmp_path: Path, cut) -> None:
    split = cut(WORLD, DEFAULT_KINDS)
    other = elsewhere(WORLD, set(split.report.events))
    assert other != WORLD
    elsewhere_cut = cut(other, DEFAULT_KINDS)
    assert any(i.startswith(MARK) for c in elsewhere_cut.report.cases for i in c.targets)
    ids = [*{e.item for e in WORLD}, *(marked(n) for n in range(len(WORLD)))]
    one = built(tmp_path / "one", WORLD, split, ids)
    two = built(tmp_path / "two", other, elsewhere_cut, ids)
    assert len(one) > 5
    assert one == two


@pytest.mark.parametrize("cut", [by_time, lambda e, k: by_user(e, k, seed=1)])
def test_an_item_of_the_future_is_unknown_to_the_index(tmp_path: Path, cut) -> None:
    last = [like(f"u{n}", f"{MARK}0", 400) for n in range(24)]
    events = [*WORLD, *last]
    split = cut(events, DEFAULT_KINDS)
    assert any(f"{MARK}0" in case.targets for case in split.report.cases)
    log = log_of(events)
    with served(
        log, split.report.events, tmp_path / "v1", encoder=ENCODER, cache=tmp_path / "cache"
    ) as retriever:
        index = retriever.index
        row = index.row[ItemId(f"{MARK}0")]
        assert index.manifest.events == len(split.report.events)
        assert index.collaborative.popularity[row] == 0.0
        assert index.collaborative.likers(ItemId(f"{MARK}0")) == 0
        assert not index.collaborative.knows(ItemId(f"{MARK}0"))


def test_numbers_of_an_item_are_those_of_the_past_alone() -> None:
    schema = Schema(
        fields=(
            Field(name="id", role="id"),
            Field(name="title", role="title"),
            Field(name="votes", role="number", kind="popularity"),
            Field(name="price", role="number", kind="price"),
            Field(name="mean_rating", role="number", kind="rating", derived=True),
            Field(name="n_ratings", role="number", kind="popularity", derived=True),
            Field(name="n_events", role="number", kind="popularity", derived=True),
        )
    )
    fields = {"votes": 900, "price": 5.0, "mean_rating": 4.9, "n_ratings": 90, "n_events": 99}
    items = tuple(Item(id=ItemId(i), title=i, fields=fields) for i in ("a", "b"))
    log = replace(log_of([like("u", "a", 1)]), items=items, schema=schema)
    past = [like("u", "a", 1, stars=2.0), like("v", "a", 1, stars=5.0)]
    a, b = as_of(log, past)
    assert dict(a.fields) == {"price": 5.0, "n_ratings": 2, "n_events": 2, "mean_rating": 3.5}
    assert dict(b.fields) == {"price": 5.0, "n_ratings": 0, "n_events": 0}


def test_the_question_is_the_profile_of_the_past_and_bars_what_was_had() -> None:
    bad = like("u0", "b19", 1.5, stars=1.0)
    split = by_user([*WORLD, bad], DEFAULT_KINDS, seed=1)
    case = split.report.cases[0]
    query = whole(DEFAULT_KINDS)(case)
    assert query.profile == fold(case.user, case.events, DEFAULT_KINDS)
    assert query.exclude == set(case.liked) | {"b19"}
    assert query.exclude.isdisjoint(case.targets)


def test_a_hidden_history_shows_only_what_is_named() -> None:
    case = by_user(WORLD, DEFAULT_KINDS, seed=1).report.cases[0]
    query = hidden(DEFAULT_KINDS, {case.user: case.liked[-2:]})(case)
    assert set(query.profile.weights) == set(case.liked[-2:])
    assert query.exclude == set(case.liked)
    nothing = hidden(DEFAULT_KINDS, {})(case)
    assert not nothing.profile.weights
    assert nothing.exclude == set(case.liked)


def test_the_answers_are_those_of_the_retriever(tmp_path: Path) -> None:
    split = by_user(WORLD, DEFAULT_KINDS, seed=1)
    log, ask = log_of(WORLD), whole(DEFAULT_KINDS)
    with served(
        log, split.report.events, tmp_path / "v1", encoder=ENCODER, cache=tmp_path / "cache"
    ) as retriever:
        cases = split.report.cases[:4]
        told: list[int] = []
        answer = replay(retriever, cases, ask, told=told.append)
        for number, case in enumerate(cases):
            ranking = retriever.candidates(ask(case))
            rows = [retriever.index.row[i] for i in ranking.ids()][: answer.rankings.shape[1]]
            assert answer.rankings[number, : len(rows)].tolist() == rows
            slate = [retriever.index.row[i] for i in retriever.select(ranking, SLATE).ids()]
            assert answer.slates[number, : len(slate)].tolist() == slate
            popular = retriever.index.collaborative.popularity.copy()
            popular[[retriever.index.row[i] for i in case.liked]] = -1.0
            first = answer.parts["popularity"][number, 0]
            assert popular[first] == popular.max()
            assert set(answer.rankings[number].tolist()).isdisjoint(
                retriever.index.row[i] for i in case.liked
            )
    assert told == [1, 2, 3, 4]
    assert {"ease", "als", "popularity"} <= set(answer.parts)
