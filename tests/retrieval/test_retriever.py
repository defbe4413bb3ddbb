"""Retrieval over real films: what each part adds, and what never gets past the constraints."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.build import open_parts
from assistant.settings import Settings
from retrieval.embeddings import HashedEncoder
from retrieval.filters import AllOf, Filter, Has, Not, Within, matches
from retrieval.index import Index
from retrieval.retriever import Retriever
from retrieval.slate import Balance
from retrieval.types import ItemId, Profile, Query, Sort
from retrieval.vectors import NOTHING, Hits
from tests.workspaces import film_workspace, shop_workspace


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    home = film_workspace(tmp_path_factory.mktemp("r") / "films")
    return open_parts(Settings(home=home, llm="none"), write=False).retriever


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    home = shop_workspace(tmp_path_factory.mktemp("r") / "shop")
    return open_parts(Settings(home=home, llm="none"), write=False).retriever


class _Without(Index):
    """The same index with one part that knows nothing."""

    def __init__(self, whole: Index, part: str) -> None:
        super().__init__(whole.directory, whole.manifest, whole.ids)
        self._part = part

    @property
    def store(self):  # type: ignore[no-untyped-def]
        return _Silent(super().store) if self._part == "store" else super().store

    @property
    def lexical(self):  # type: ignore[no-untyped-def]
        return _Silent(super().lexical) if self._part == "lexical" else super().lexical

    @property
    def collaborative(self):  # type: ignore[no-untyped-def]
        whole = super().collaborative
        return _Silent(whole) if self._part == "collaborative" else whole


class _Silent:
    """A part that finds nothing and gives everything the same score."""

    def __init__(self, whole: object) -> None:
        self._whole = whole

    def search_each(self, vectors: Sequence[object], *_: object) -> list[Hits]:
        return [NOTHING] * len(vectors)

    def get(self, rows: Sequence[int]) -> np.ndarray:
        return np.zeros((len(rows), self._whole.dimensions), dtype=np.float32)  # type: ignore[attr-defined]

    def scores(self, text: str) -> np.ndarray:
        return np.zeros_like(self._whole.scores(text))  # type: ignore[attr-defined]

    def scored(self, _scorer: str, _taste: object) -> None:
        return None

    def knows(self, _item: object) -> bool:
        return False

    def __getattr__(self, name: str) -> object:
        return getattr(self._whole, name)


@pytest.fixture(scope="module")
def real(built_in_home: Path) -> Retriever:
    return open_parts(Settings(home=built_in_home, llm="none"), write=False).retriever


@pytest.mark.parametrize("part", ["store", "lexical", "collaborative"])
def test_without_any_one_part_the_candidates_change_on_real_films(
    real: Retriever, part: str
) -> None:
    liked = [i for i, f in real.items.items() if f.title in ("Alien", "Blade Runner", "The Matrix")]
    assert len(liked) == 3
    query = Query(text="a space adventure with Harrison Ford", like=tuple(liked))
    less = Retriever(_Without(real.index, part), list(real.items.values()), HashedEncoder())
    whole = real.candidates(query).ids()
    assert set(whole) != set(less.candidates(query).ids())
    assert whole[:10] != less.candidates(query).ids()[:10]


QUERY = Query(
    text="a space adventure with robots",
    like=(ItemId("f16"), ItemId("f09"), ItemId("f13")),
)

GENRES = ("Western", "Comedy", "Crime", "Sci-Fi", "Romance")
FILTERS = st.one_of(
    st.none(),
    st.sampled_from(GENRES).map(lambda g: Has("genres", (g,))),
    st.sampled_from(GENRES).map(lambda g: Not(Has("genres", (g,)))),
    st.tuples(st.integers(1930, 2020), st.integers(0, 40)).map(
        lambda t: Within("year", t[0], t[0] + t[1])
    ),
    st.tuples(st.sampled_from(GENRES), st.integers(1940, 2010)).map(
        lambda t: AllOf((Has("genres", (t[0],)), Within("year", t[1], None)))
    ),
)
IDS = st.frozensets(st.integers(1, 64).map(lambda n: ItemId(f"f{n:02d}")), max_size=20)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(where=FILTERS, exclude=IDS, text=st.sampled_from(["", "a train", "love and war", "zzzz"]))
def test_constraints_hold_exactly_and_something_comes_while_anything_fits(
    films: Retriever, where: Filter | None, exclude: frozenset[ItemId], text: str
) -> None:
    ranking = films.candidates(Query(text=text, where=where, exclude=exclude))
    fits = {i for i, item in films.items.items() if matches(where, item) and i not in exclude}
    assert set(ranking.ids()) <= fits
    assert ranking.eligible == len(fits)
    assert bool(ranking.candidates) == bool(fits)
    assert len(set(ranking.ids())) == len(ranking.ids())
    slate = films.select(ranking, 6)
    assert len(slate) == min(6, len(fits))


def test_priors_fall_and_lie_between_zero_and_one(films: Retriever) -> None:
    priors = [c.prior for c in films.candidates(QUERY).candidates]
    assert all(a >= b for a, b in itertools.pairwise(priors))  # type: ignore[operator]
    assert all(0 <= p <= 1 for p in priors)  # type: ignore[operator]


def test_likes_move_the_ranking_towards_what_their_fans_like(films: Retriever) -> None:
    def share(genre: str, *likes: str) -> float:
        found = films.candidates(Query(like=tuple(ItemId(i) for i in likes))).ids()[:10]
        return sum(genre in films.items[i].fields["genres"] for i in found) / 10  # type: ignore[operator]

    assert share("Western", "f01", "f02", "f05") > share("Western", "f37", "f34", "f42")
    assert share("Romance", "f37", "f34", "f42") > share("Romance", "f01", "f02", "f05")


def test_the_profile_alone_makes_the_ranking_personal(films: Retriever) -> None:
    weights = MappingProxyType({ItemId("f01"): 2.0, ItemId("f02"): 2.0, ItemId("f06"): 2.0})
    mine = films.candidates(Query(profile=Profile(weights=weights))).ids()
    assert mine[:10] != films.candidates(Query()).ids()[:10]


def test_the_collaborative_prune_drops_candidates_and_says_how_many(films: Retriever) -> None:
    stages = {s.name: s for s in films.candidates(QUERY).trace}
    pruned = stages["collaborative"]
    assert pruned.after <= pruned.before
    assert "knows 3 liked items" in pruned.note
    assert [*stages] == ["eligible", "recall", "collaborative", "fuse"]


def test_out_of_stock_is_left_out_unless_welcome_also_where_it_is_named(shop: Retriever) -> None:
    gone = [i for i, item in shop.items.items() if not item.available]
    assert gone
    assert not set(shop.candidates(Query()).ids()) & set(gone)
    assert set(gone) <= set(shop.candidates(Query(unavailable=True)).ids())
    named = shop.candidates(Query(named=frozenset(gone[:1]))).ids()
    assert set(named) & set(gone) == set()


def test_an_order_is_kept_and_missing_values_go_last(shop: Retriever) -> None:
    slate = shop.select(shop.candidates(Query(sort=Sort(field="price"))), 8)
    prices = [float(p.item.fields["price"]) for p in slate.picks]  # type: ignore[arg-type]
    assert prices == sorted(prices)
    assert prices[0] == min(
        float(i.fields["price"])
        for i in shop.items.values()
        if i.available  # type: ignore[arg-type]
    )


def test_a_tendency_prefers_its_half_but_never_empties_the_slate(shop: Retriever) -> None:
    cheap = shop.select(shop.candidates(Query(lean={"price": -1.0})), 6)
    dear = shop.select(shop.candidates(Query(lean={"price": 1.0})), 6)

    def mean(slate) -> float:  # type: ignore[no-untyped-def]
        return float(np.mean([p.item.fields["price"] for p in slate.picks]))

    assert len(cheap) == len(dear) == 6
    assert mean(cheap) < mean(dear)


def test_what_was_moved_away_from_only_fills_a_short_slate(films: Retriever) -> None:
    westerns = [i for i, f in films.items.items() if "Western" in f.fields["genres"]]  # type: ignore[operator]
    query = Query(where=Has("genres", ("Western",)), avoid=frozenset(westerns[:7]))
    chosen = films.select(films.candidates(query), 6).ids()
    assert chosen[0] == westerns[7]
    assert len(chosen) == 3


def test_a_slate_is_never_one_thing_many_times(films: Retriever) -> None:
    ranking = films.candidates(Query(text="space"))
    plain = [c.id for c in ranking.candidates[:6]]
    diverse = films.select(ranking, 6, balance=Balance(diversity=0.5)).ids()

    def likeness(ids: Sequence[str]) -> float:
        v = films.index.vectors([ItemId(i) for i in ids])
        return float((v @ v.T).sum())

    assert likeness(diverse) <= likeness(plain)
