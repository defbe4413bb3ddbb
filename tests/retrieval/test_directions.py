"""Soft attributes as directions: where the items lie that say the word."""

from __future__ import annotations

import numpy as np
import pytest

from assistant.build import open_parts
from assistant.settings import Settings
from retrieval.directions import FAR, progress, unit
from retrieval.retriever import Retriever
from retrieval.types import ItemId, Query, Toward
from tests.workspaces import film_workspace

Vector = np.ndarray


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    home = film_workspace(tmp_path_factory.mktemp("d") / "films")
    return open_parts(Settings(home=home, llm="none"), write=False).retriever


def axis(*values: float) -> Vector:
    return np.array(values, dtype=np.float32)


def test_progress_is_measured_from_the_base_in_deviations_and_has_a_ceiling() -> None:
    reference = np.array([[-1, 0], [1, 0]], dtype=np.float32)  # mean 0, deviation 1
    items = np.array([[-1, 5], [0.5, 5], [9, 5]], dtype=np.float32)
    more = Toward(text="wide", sign=1.0, base=(ItemId("b"),))
    base = np.array([[0.5, 0]], dtype=np.float32)
    found = progress([(more, axis(1, 0), base)], items, reference)
    assert found.tolist() == [-1.5, 0.0, FAR]
    less = Toward(text="wide", sign=-1.0)
    assert progress([(less, axis(1, 0), base[:0])], items, reference).tolist() == [1.0, -0.5, -9.0]


def test_several_directions_add_up_and_a_catalogue_without_spread_gives_no_infinity() -> None:
    flat = np.zeros((3, 2), dtype=np.float32)
    wish = Toward(text="x", sign=1.0)
    found = progress([(wish, axis(1, 0), flat[:0]), (wish, axis(0, 1), flat[:0])], flat, flat)
    assert found.tolist() == [0.0, 0.0, 0.0]


def test_a_vector_of_zeros_has_no_direction() -> None:
    assert unit(axis(0, 0)).tolist() == [0, 0]
    assert unit(axis(3, 4)).tolist() == pytest.approx([0.6, 0.8])


def share(films: Retriever, query: Query, genre: str) -> float:
    """The share of the ten best that are of a genre."""
    best = films.candidates(query).ids()[:10]
    held = [films.items[i].fields.get("genres") or () for i in best]
    return sum(genre in genres for genres in held) / len(held)


@pytest.mark.parametrize(
    ("word", "genre"), [("western", "Western"), ("crime", "Crime"), ("romance", "Romance")]
)
def test_more_of_a_quality_brings_what_has_it_and_less_takes_it_away(
    films: Retriever, word: str, genre: str
) -> None:
    start = next(i for i, item in films.items.items() if genre not in (item.fields["genres"] or ()))
    like = {"like": (start,), "exclude": frozenset({start})}

    def of(sign: float) -> float:
        wish = Toward(text=word, sign=sign, base=(start,))
        return share(films, Query(**like, toward=(wish,)), genre)  # type: ignore[arg-type]

    assert of(1.0) > of(-1.0)
    assert of(1.0) > share(films, Query(**like), genre)  # type: ignore[arg-type]


def test_something_else_altogether_is_less_like_what_was_shown(films: Retriever) -> None:
    shown = films.select(films.candidates(Query(text="war")), 6).ids()
    seen = frozenset(shown)
    jump = Query(exclude=seen, toward=(Toward(text="", sign=-1.0, base=shown),))
    other = films.candidates(jump).ids()[:6]
    more = films.candidates(Query(exclude=seen, touched=shown)).ids()[:6]
    assert films.similarity(other, shown).mean() < films.similarity(more, shown).mean()


def test_a_word_that_no_item_says_still_has_a_meaning(films: Retriever) -> None:
    wish = Toward(text="zorblaxian", sign=1.0)
    assert len(films.candidates(Query(toward=(wish,))).candidates) > 0
