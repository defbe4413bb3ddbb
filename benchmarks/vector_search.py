"""How well and how fast the vector store finds what an exact search finds, by how much is allowed.

    python benchmarks/vector_search.py --home DIR [--queries N]

Works on the active index version of a workspace. Queries are the openings of items' own texts, read
by the query encoder, and points between two items, half and half. A filter lets through a share of
the items, drawn at random, or the most alike items around a random one ("clustered", as a genre or
a brand is). Times are medians of one query at a time, with the vectors in memory: of the clock, and
of the processors where other work on the machine would tell. The truth is a search through all
vectors.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from retrieval.chroma import ChromaStore
    from retrieval.vectors import ExactStore, Mask, VectorStore

K = 50
Floats = NDArray[np.float32]
Allowed = Callable[[int], "Mask | None"]


@dataclass(frozen=True, slots=True)
class Found:
    """Mean and worst recall at K against the truth; median milliseconds by clock and processor."""

    recall: float
    worst: float
    clock: float
    cpu: float


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=200)
    asked = parser.parse_args()

    from retrieval.chroma import ChromaStore
    from retrieval.index import Index
    from retrieval.storage.workspace import Workspace
    from retrieval.vectors import ExactStore

    with Workspace.open(asked.home) as workspace:
        version = workspace.versions.active()
        if version is None:
            raise SystemExit(f"{asked.home} has no index")
        index = Index.open(workspace.versions.path(version))
        texts = [item.text for item in workspace.catalogue.all() if item.text]
    chroma = index.store
    if not isinstance(chroma, ChromaStore):
        raise SystemExit("the index has another store")
    vectors = chroma.get(range(len(index.ids)))
    truth = ExactStore(vectors)
    rng = np.random.default_rng(7)
    queries = asked_by_text(texts, asked.queries // 2, rng, index.manifest.encoder)
    queries = np.concatenate([queries, asked_between(vectors, asked.queries // 2, rng)])
    print(f"{len(index.ids):,} vectors of {index.manifest.encoder}, {len(queries)} queries\n")
    filters(chroma, truth, queries, vectors, rng)
    print()
    ways(chroma, truth, queries, rng)


def asked_by_text(texts: Sequence[str], n: int, rng: np.random.Generator, encoder: str) -> Floats:
    """Vectors of the first dozen words of random texts."""
    from retrieval.embeddings import OnnxEncoder, same_space

    reader = OnnxEncoder()
    if not same_space(reader.name, encoder):
        raise SystemExit(
            f"this benchmark reads queries with {reader.name}, the index has {encoder}"
        )
    drawn = rng.choice(len(texts), min(n, len(texts)), replace=False)
    return reader.encode([" ".join(texts[i].split()[:12]) for i in drawn])


def asked_between(vectors: Floats, n: int, rng: np.random.Generator) -> Floats:
    """The middles of random pairs of items."""
    left, right = rng.integers(0, len(vectors), (2, n))
    return np.asarray(vectors[left] + vectors[right], dtype=np.float32)


def filters(
    chroma: ChromaStore,
    truth: ExactStore,
    queries: Floats,
    vectors: Floats,
    rng: np.random.Generator,
) -> None:
    """Print recall and time by the share of items that a filter lets through."""
    n = truth.count()
    print(
        f"| allowed | items | recall@{K} | worst | clock ms | processor ms | exact, processor ms |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    row("everything", n, chroma, truth, queries, lambda _: None)
    for share in (0.99, 0.5, 0.1, 0.01, 0.001):
        m = max(1, round(share * n))
        drawn = [mask(n, rng.choice(n, m, replace=False)) for _ in queries]
        row(f"{share:.1%}", m, chroma, truth, queries, drawn.__getitem__)
        middles = vectors[rng.integers(0, n, len(queries))]
        near = [mask(n, np.argsort(-(vectors @ v))[:m]) for v in middles]
        row(f"{share:.1%}, clustered", m, chroma, truth, queries, near.__getitem__)


def mask(n: int, rows: NDArray[np.intp]) -> Mask:
    """A mask of n rows that allows these."""
    allowed = np.zeros(n, dtype=np.bool_)
    allowed[rows] = True
    return allowed


def row(
    name: str, m: int, chroma: ChromaStore, truth: ExactStore, queries: Floats, allowed: Allowed
) -> None:
    """Print one line of the first table."""
    found, exact = compare(chroma, truth, queries, allowed)
    print(
        f"| {name} | {m:,} | {found.recall:.4f} | {found.worst:.2f} | {found.clock:.1f} "
        f"| {found.cpu:.1f} | {exact:.1f} |"
    )


def compare(
    store: VectorStore, truth: VectorStore, queries: Floats, allowed: Allowed
) -> tuple[Found, float]:
    """Ask both every query; the second number is the median time of the truth."""
    shares, clock, cpu, theirs = [], [], [], []
    for q, vector in enumerate(queries):
        permitted = allowed(q)
        start, start_cpu = perf_counter(), process_time()
        found = store.search(vector, K, permitted)
        clock.append(perf_counter() - start)
        middle_cpu = process_time()
        true = truth.search(vector, K, permitted)
        theirs.append(process_time() - middle_cpu)
        cpu.append(middle_cpu - start_cpu)
        shares.append(len(np.intersect1d(found.rows, true.rows)) / len(true.rows))
    result = Found(
        float(np.mean(shares)),
        min(shares),
        float(np.median(clock)) * 1e3,
        float(np.median(cpu)) * 1e3,
    )
    return result, float(np.median(theirs)) * 1e3


def ways(chroma: ChromaStore, truth: ExactStore, queries: Floats, rng: np.random.Generator) -> None:
    """Print what each way of asking costs the processor: this is where the figure EACH is from."""
    from retrieval import chroma as module

    n, each, wide = truth.count(), module.EACH, module.WIDE
    print(f"| allowed items | compared ms | neighbours ms | recall@{K} |")
    print("|---:|---:|---:|---:|")
    for m in (200, 500, 1000, 2000, 4000, 8000):
        if m > truth.count():
            break
        drawn = [mask(n, rng.choice(n, m, replace=False)) for _ in range(20)]
        allowed = drawn.__getitem__
        module.EACH, module.WIDE = n, 1.0
        every, _ = compare(chroma, truth, queries[:20], allowed)
        module.EACH = 0
        graph, _ = compare(chroma, truth, queries[:20], allowed)
        module.EACH, module.WIDE = each, wide
        print(f"| {m:,} | {every.cpu:.1f} | {graph.cpu:.1f} | {graph.recall:.4f} |")


if __name__ == "__main__":
    main()
