"""From a written condition to what Chroma finds under it: the same as asking every item in turn.

The conditions are random, and so is the catalogue: values are missing, fields nested, facets hold
several values. Each condition comes with a plain function of an item's fields that says what it
means; :func:`matches`, the mask over columns and the search have to agree with that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval import chroma
from retrieval.chroma import ChromaStore
from retrieval.columns import Columns
from retrieval.expressions import parse
from retrieval.filters import matches
from retrieval.types import Field, Item, ItemId, Schema, Value
from retrieval.vectors import ExactStore
from tests.contracts.vector_store import spread

Meaning = Callable[[Mapping[str, Value]], bool]

SCHEMA = Schema(
    fields=(
        Field(name="id", role="id"),
        Field(name="brand", role="facet"),
        Field(name="tags", role="facet", multi=True),
        Field(name="vegan", role="facet", kind="flag"),
        Field(name="price", role="number"),
        Field(name="attributes.ram_gb", role="number"),
        Field(name="released", role="date"),
    )
)
N = 240
VECTORS = spread(N, 8)
BRANDS, TAGS = ("Orrin", "Vessel", "Ünï"), ("light", "quiet", "travel")


def catalogue() -> list[Item]:
    chance = random.Random(3)
    items = []
    for n in range(N):
        fields: dict[str, Value] = {}
        if chance.random() < 0.8:
            fields["brand"] = chance.choice(BRANDS)
        if tags := tuple(t for t in TAGS if chance.random() < 0.4):
            fields["tags"] = tags
        if chance.random() < 0.5:
            fields["vegan"] = chance.random() < 0.5
        if chance.random() < 0.8:
            fields["price"] = float(chance.randrange(0, 60, 5))
        if chance.random() < 0.6:
            fields["attributes.ram_gb"] = chance.choice((4, 8, 16))
        if chance.random() < 0.7:
            fields["released"] = f"202{chance.randrange(5)}-0{chance.randrange(1, 9)}-11"
        items.append(Item(id=ItemId(f"p{n:03d}"), title=f"Product {n}", fields=fields))
    return items


ITEMS = catalogue()
COLUMNS = Columns(ITEMS)


def holds(field: str, wanted: set[str]) -> Meaning:
    """One of the values, whatever its capitals."""

    def meaning(fields: Mapping[str, Value]) -> bool:
        held = fields.get(field, ())
        own = held if isinstance(held, tuple) else (str(held),)
        return not {w.lower() for w in wanted}.isdisjoint(o.lower() for o in own)

    return meaning


COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b,
}


def compares(field: str, sign: str, x: float) -> tuple[str, Meaning]:
    def meaning(fields: Mapping[str, Value]) -> bool:
        return field in fields and COMPARE[sign](fields[field], x)  # type: ignore[arg-type]

    return f"{field.rpartition('.')[2]} {sign} {x}", meaning


def since(year: int) -> tuple[str, Meaning]:
    return f"released >= {year}", lambda f: str(f.get("released", ""))[:4] >= str(year)


def quoted(values: list[str]) -> str:
    return ", ".join(f'"{v.upper()}"' for v in values)


Written = tuple[str, Meaning]
leaves: st.SearchStrategy[Written] = st.one_of(
    st.lists(st.sampled_from(BRANDS), min_size=1, max_size=2).map(
        lambda v: (f"brand in ({quoted(v)})", holds("brand", set(v)))
    ),
    st.sampled_from(TAGS).map(lambda v: (f'tags == "{v}"', holds("tags", {v}))),
    st.booleans().map(lambda v: (f"vegan == {v}", lambda f: f.get("vegan") is v)),
    st.builds(compares, st.just("price"), st.sampled_from(list(COMPARE)), st.integers(-5, 60)),
    st.builds(
        compares,
        st.just("attributes.ram_gb"),
        st.sampled_from(list(COMPARE)),
        st.sampled_from([4, 8, 12]),
    ),
    st.integers(2019, 2025).map(since),
    st.sampled_from(["brand", "tags", "vegan", "price", "attributes.ram_gb"]).map(
        lambda name: (f"missing({name})", lambda f: name not in f)
    ),
    st.integers(0, N).map(
        # An id is not among the fields: the plain function is told it under this name.
        lambda n: (f'id in ("p{n:03d}", "p007")', lambda f: f["id"] in (f"p{n:03d}", "p007"))
    ),
)


def joined(word: str, parts: list[Written]) -> Written:
    every = all if word == "and" else any
    return "(" + f" {word} ".join(t for t, _ in parts) + ")", lambda f: every(
        m(f) for _, m in parts
    )


conditions: st.SearchStrategy[Written] = st.recursive(
    leaves,
    lambda part: st.one_of(
        part.map(lambda p: (f"not {p[0]}", lambda f: not p[1](f))),
        st.builds(joined, st.sampled_from(["and", "or"]), st.lists(part, min_size=1, max_size=3)),
    ),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChromaStore]:
    path = tmp_path_factory.mktemp("filtered") / "chroma"
    made = ChromaStore.create(path, [i.id for i in ITEMS], VECTORS)
    yield made
    made.close()


@pytest.mark.parametrize("each", [chroma.EACH, 0], ids=["compared", "through the graph"])
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written=conditions, asked=st.integers(0, N - 1), k=st.integers(1, 20))
def test_chroma_finds_what_asking_every_item_finds(
    store: ChromaStore,
    monkeypatch: pytest.MonkeyPatch,
    each: int,
    written: Written,
    asked: int,
    k: int,
) -> None:
    monkeypatch.setattr(chroma, "EACH", each)
    text, meaning = written
    where = parse(text, SCHEMA)
    truth = [meaning({**item.fields, "id": item.id}) for item in ITEMS]
    assert [matches(where, item) for item in ITEMS] == truth
    mask = COLUMNS.mask(where)
    assert mask.tolist() == truth
    # Between two vectors, nearer to one, so that no two items are equally near.
    vector = 0.7 * VECTORS[asked] + 0.3 * VECTORS[asked - 1]
    found = store.search(vector, k, mask)
    fits = np.flatnonzero(truth)
    nearest = fits[np.argsort(-(VECTORS[fits] @ vector), kind="stable")][:k]
    assert found.rows.tolist() == nearest.tolist()
    assert ExactStore(VECTORS).search(vector, k, mask).rows.tolist() == nearest.tolist()
