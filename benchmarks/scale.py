"""How time and memory grow with the catalogue: building, asking, refreshing.

    python benchmarks/scale.py build   --base DIR --items N --out DIR
    python benchmarks/scale.py ask     --base DIR --items N --out DIR [--queries N]
    python benchmarks/scale.py refresh --base DIR --items N --out DIR [--share S]
    python benchmarks/scale.py ask     --base DIR [--queries N]

``build`` multiplies the items of the workspace at ``--base`` into an index of N: copies with their
texts, five facets and three numbers, and the events three times over, each with a copy drawn at
random. Nothing is embedded: a copy's vector is that of its original with seeded noise (cosine about
.89), laid into the vector cache. ``ask`` times ``candidates`` and ``select`` one query at a time,
warm, and holds the vector search against an exact one; without ``--out`` it asks the workspace
itself. ``refresh`` changes a share of the items (half say something else, a quarter are new, a
quarter gone) and builds the next version from the one before. Times are of the clock and, where
other work on the machine would tell, of the processors.
"""

from __future__ import annotations

import argparse
import gc
import resource
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from retrieval.retriever import Retriever
    from retrieval.types import Event, Item, ItemId, Query

Floats = NDArray[np.float32]

SEED = 250_000
NOISE = 0.5  # length of the noise beside a vector of length 1
AGAIN = 3  # times that every event is taken
FACETS = ("genres", "directors", "cast", "tags", "keywords")
K = 50  # of recall
SLATE = 6


def main() -> None:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", choices=["build", "ask", "refresh"])
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--items", type=int, default=250_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--share", type=float, default=0.01)
    asked = parser.parse_args()
    if asked.step != "ask" and asked.out is None:
        parser.error("--out is needed")
    world = World(asked.base, asked.items if asked.out else None)
    if asked.step == "build":
        build(world, asked.out / "v1", world.items, None)
    elif asked.step == "ask":
        ask(world, asked.out / "v1" if asked.out else None, asked.queries)
    else:
        build(world, asked.out / "v2", changed(world.items, asked.share), asked.out / "v1")


class World:
    """The items and events of the base, multiplied to ``n`` items; as they are for None."""

    def __init__(self, base: Path, n: int | None) -> None:
        from retrieval.index import Index
        from retrieval.storage.workspace import Workspace
        from retrieval.types import Field, Schema

        with Workspace.open(base) as workspace:
            path = workspace.versions.in_force()
            if path is None:
                raise SystemExit(f"{base} has no index")
            self.path, self.schema, self.kinds = path, workspace.schema(), workspace.kinds()
            originals = list(workspace.catalogue.all())
            events = list(workspace.events.all())
        if n is None:
            self.items, self.events = originals, events
            return
        index = Index.open(path)
        self.vectors = index.vectors([item.id for item in originals])
        index.close()
        self.place = {item.id: row for row, item in enumerate(originals)}
        numbers = tuple(Field(name=f, role="number") for f in ("price", "minutes"))
        self.schema = Schema(fields=(*self.schema.fields, *numbers))
        size = len(originals)
        self.items = [_copy(originals[r % size], r // size) for r in range(n)]
        self.events = list(_multiplied(events, self.place, n))


def _copy(item: Item, number: int) -> Item:
    """A copy with strings of its own, as a catalogue that is read has them."""
    rng = np.random.default_rng([SEED, number, *item.id.encode()])
    facets = {
        name: tuple(f"{v} "[:-1] for v in held)
        for name in FACETS
        if isinstance(held := item.fields.get(name), tuple)
    }
    numbers = {
        "price": round(float(rng.uniform(0, 1000)), 2),
        "minutes": int(rng.integers(60, 240)),
        "year": item.fields.get("year", 0),
    }
    return replace(
        item,
        id=f"{item.id}-{number}",  # type: ignore[arg-type]
        title=f"{item.title} {number + 1}" if number else item.title,
        text=f"{item.text} "[:-1],
        fields={**facets, **numbers},
    )


def _multiplied(events: list[Event], place: dict[ItemId, int], n: int) -> Iterator[Event]:
    """Every event several times, each by a person of its own and with a copy drawn at random."""
    rng = np.random.default_rng(SEED)
    copies = -(-n // len(place))
    for event in events:
        for again in range(AGAIN):
            copy = int(rng.integers(copies))
            if event.item in place and place[event.item] + copy * len(place) < n:
                user, item = f"{event.user}-{again}", f"{event.item}-{copy}"
                yield replace(event, user=user, item=item)  # type: ignore[arg-type]


def changed(items: Sequence[Item], share: float) -> list[Item]:
    """The catalogue after a while: of a share of the items half say something else, a quarter are
    gone and a quarter new.
    """
    rng = np.random.default_rng(SEED + 1)
    drawn = rng.choice(len(items), round(share * len(items)), replace=False)
    after = dict(enumerate(items))
    for place, row in enumerate(drawn.tolist()):
        edition = replace(items[row], title=f"{items[row].title}, a new edition")
        if place % 4 == 0:
            del after[row]
        elif place % 4 == 1:
            after[len(after) + len(items)] = replace(
                edition,
                id=f"{edition.id}-n",  # type: ignore[arg-type]
            )
        else:
            after[row] = edition
    return list(after.values())


def build(world: World, directory: Path, items: Sequence[Item], earlier: Path | None) -> None:
    """Build a version with every vector in the cache, and print what each stage took."""
    from retrieval.embeddings import make_encoder
    from retrieval.index import build_index
    from retrieval.ingest import BuildRequest
    from retrieval.vector_cache import VectorCache

    encoder = make_encoder("minilm-int8")
    cache = directory.parent / "cache"
    held = VectorCache(cache, encoder.name, encoder.dimensions)
    fill(held, items, world)
    del held
    told: list[tuple[str, float, float]] = []

    def progress(stage: str, _done: int, _total: int | None) -> None:
        if not told or told[-1][0] != stage:
            told.append((stage, perf_counter(), process_time()))

    progress("reading what was there", 0, None)
    request = BuildRequest(
        items=items,
        events=lambda: iter(world.events),
        schema=world.schema,
        kinds=world.kinds,
        directory=directory,
        cache=cache,
        earlier=earlier,
        progress=progress,
    )
    build_index(request, encoder=encoder)
    told.append(("", perf_counter(), process_time()))
    size = sum(p.stat().st_size for p in directory.rglob("*") if p.is_file())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{len(items):,} items: {size / 2**20:,.0f} MB on disk, {peak:.2f} GB at the peak\n")
    print("| stage | clock, s | processors, s |\n|---|---:|---:|")
    for (stage, clock, cpu), (_, clock_after, cpu_after) in pairwise(told):
        print(f"| {stage} | {clock_after - clock:.1f} | {cpu_after - cpu:.1f} |")
    print(f"| together | {told[-1][1] - told[0][1]:.1f} | {told[-1][2] - told[0][2]:.1f} |")


def fill(cache: Any, items: Iterable[Item], world: World) -> None:
    """Lay what is not there yet into the cache: the original's vector with noise."""
    from retrieval.item_text import item_text
    from retrieval.vector_cache import text_key

    missing: dict[bytes, int] = {}
    for item in items:
        key = text_key(item_text(item, world.schema))
        if key not in cache:
            missing[key] = world.place[item.id.partition("-")[0]]  # type: ignore[index]
    rng = np.random.default_rng([SEED, len(missing)])
    keys = list(missing)
    for start in range(0, len(keys), 10_000):
        part = keys[start : start + 10_000]
        vectors = world.vectors[[missing[key] for key in part]]
        noise = rng.normal(size=vectors.shape) * NOISE / np.sqrt(vectors.shape[1])
        noisy = vectors + noise.astype(np.float32)
        cache.add(part, noisy / np.linalg.norm(noisy, axis=1, keepdims=True))


def ask(world: World, directory: Path | None, n: int) -> None:
    """Time queries of several kinds, warm; then hold the search against an exact one."""
    from threadpoolctl import threadpool_limits

    from retrieval.embeddings import OnnxEncoder
    from retrieval.index import Index
    from retrieval.retriever import Retriever

    threadpool_limits(1, "blas")  # as `palate serve` does
    before = perf_counter()
    index = Index.open(directory or world.path)
    retriever = Retriever(index, world.items, OnnxEncoder(), facet="genres", telling=FACETS)
    opened = perf_counter()
    retriever.prepare()
    gc.freeze()  # this too as `palate serve` does
    told = f"{len(index.ids):,} items opened in {opened - before:.1f} s"
    rng = np.random.default_rng(SEED)
    mixes = _mixes(retriever, _people(world.events, n, rng), n, rng)
    world.events = []
    _resident(f"{told}, prepared in {perf_counter() - opened:.1f} s")
    print(
        "\n| queries | eligible | p50 ms | p95 ms | max ms | processors p50, p95 ms | stages, p50 |"
    )
    print("|---|---:|---:|---:|---:|---:|---|")
    for name, queries in mixes.items():
        _timed(retriever, name, queries)
    _resident("\nafterwards")
    _folded_in(retriever, [q.profile.weights for q in mixes["taste of 20 likes"]])
    print(f"\n| allowed | rows | recall@{K} | worst | p50 ms | processors p50 ms | exact |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    _held_against_exact(retriever, mixes)


def _resident(when: str) -> None:
    """Print the resident memory of this process, and what of it is files mapped into memory."""
    fields = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    total, files = (int(fields[name].split()[0]) / 2**20 for name in ("VmRSS", "RssFile"))
    print(f"{when}: {total:.2f} GB resident, of it {files:.2f} GB mapped files")


def _people(events: Any, n: int, rng: np.random.Generator) -> list[dict[ItemId, float]]:
    """The first twenty likes of people drawn at random."""
    likes: dict[str, dict[ItemId, float]] = {}
    for event in events:
        own = likes.setdefault(event.user, {})
        if event.value is not None and event.value >= 4 and len(own) < 20:
            own[event.item] = 2.0
    whole = [own for own in likes.values() if len(own) == 20]
    return [whole[i] for i in rng.choice(len(whole), min(n, len(whole)), replace=False)]


def _mixes(
    retriever: Retriever,
    people: list[dict[ItemId, float]],
    n: int,
    rng: np.random.Generator,
) -> dict[str, list[Query]]:
    """Queries by kind: words, taste, both, and words under filters that let a share through."""
    from retrieval.filters import Has, Within
    from retrieval.types import Profile, Query

    items = list(retriever.items.values())
    said = [items[i].text for i in rng.integers(0, len(items), 3 * n) if items[i].text][:n]
    texts = [" ".join(text.split()[:12]) for text in said]
    tastes = [Profile(weights=own, seen=frozenset(own), n_events=len(own)) for own in people]
    field = max(
        ("price", "n_ratings", "year"),
        key=lambda f: len(np.unique(retriever.values(f))),
    )
    numbers = retriever.values(field)
    genres = [next(iter(np.atleast_1d(i.fields.get("genres", "none")))) for i in items[:200]]

    def share(part: float) -> Within:
        return Within(field, low=float(np.quantile(numbers, 1 - part)) if part < 1 else None)

    return {
        "words": [Query(text=text) for text in texts],
        "taste of 20 likes": [Query(profile=p, exclude=p.seen) for p in tastes],
        "words and taste": [
            Query(text=text, profile=p, exclude=p.seen)
            for text, p in zip(texts, tastes, strict=False)
        ],
        "three examples": [Query(like=tuple(p.weights)[:3], exclude=p.seen) for p in tastes],
        "words, 100 %": [Query(text=text, where=share(1.0)) for text in texts],
        "words, 10 %": [Query(text=text, where=share(0.1)) for text in texts],
        "words, 1 %": [Query(text=text, where=share(0.01)) for text in texts],
        "words, 0.1 %": [Query(text=text, where=share(0.001)) for text in texts],
        "words, one genre": [
            Query(text=text, where=Has("genres", (str(genre),)))
            for text, genre in zip(texts, genres, strict=False)
        ],
        "taste, 10 %": [Query(profile=p, exclude=p.seen, where=share(0.1)) for p in tastes],
    }


def _timed(retriever: Retriever, name: str, queries: list[Query]) -> None:
    """Print one line of the first table; the first three queries only warm up."""
    took, cpu, stages, eligible = [], [], [], []
    for query in [*queries[:3], *queries]:
        retriever.forget()  # as if nobody had asked that before
        start, start_cpu = perf_counter(), process_time()
        ranking = retriever.candidates(query)
        middle = perf_counter()
        retriever.select(ranking, SLATE)
        end = perf_counter()
        cpu.append((process_time() - start_cpu) * 1e3)
        took.append((end - start) * 1e3)
        stages.append({s.name: s.seconds * 1e3 for s in ranking.trace})
        stages[-1]["select"] = (end - middle) * 1e3
        eligible.append(ranking.eligible)
    took, cpu, stages = took[3:], cpu[3:], stages[3:]
    each = {stage: np.median([s.get(stage, 0.0) for s in stages]) for stage in stages[0]}
    print(
        f"| {name} | {np.median(eligible):,.0f} | {np.median(took):.1f} "
        f"| {np.quantile(took, 0.95):.1f} | {max(took):.1f} "
        f"| {np.median(cpu):.1f}, {np.quantile(cpu, 0.95):.1f} "
        f"| {', '.join(f'{stage} {spent:.1f}' for stage, spent in each.items())} |",
        flush=True,
    )


def _folded_in(retriever: Retriever, people: Sequence[Mapping[ItemId, float]]) -> None:
    """Print how long each scorer takes for somebody it has never met: all items, 20 likes each."""
    print("\n| fold-in | p50 ms | p95 ms |\n|---|---:|---:|")
    for name in retriever.index.collaborative.scorers:
        took = []
        for weights in [*people[:3], *people]:
            start = perf_counter()
            retriever.index.collaborative.scored(name, weights)
            took.append((perf_counter() - start) * 1e3)
        print(f"| {name} | {np.median(took[3:]):.2f} | {np.quantile(took[3:], 0.95):.2f} |")


def _held_against_exact(retriever: Retriever, mixes: dict[str, list[Query]]) -> None:
    """Print recall of the vector search under each mix's filters, for its texts."""
    from retrieval.embeddings import OnnxEncoder
    from retrieval.vectors import ExactStore

    store, encoder = retriever.index.store, OnnxEncoder()
    truth = ExactStore(store.get(range(store.count())))
    for name, queries in mixes.items():
        if "words" not in name or "taste" in name:
            continue
        found, took, cpu, exact, rows = [], [], [], [], []
        for query, vector in zip(queries, encoder.encode([q.text for q in queries]), strict=True):
            allowed = retriever._eligible(query)
            start, start_cpu = perf_counter(), process_time()
            ours = store.search(vector, K, allowed).rows
            took.append((perf_counter() - start) * 1e3)
            cpu.append((process_time() - start_cpu) * 1e3)
            middle = process_time()
            theirs = truth.search(vector, K, allowed).rows
            exact.append((process_time() - middle) * 1e3)
            found.append(len(np.intersect1d(ours, theirs)) / max(1, len(theirs)))
            rows.append(int(allowed.sum()))
        print(
            f"| {name} | {np.median(rows):,.0f} | {np.mean(found):.4f} | {min(found):.2f} "
            f"| {np.median(took):.1f} | {np.median(cpu):.1f} | {np.median(exact):.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
