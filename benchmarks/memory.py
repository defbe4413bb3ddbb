"""Whether memory stays flat over many turns.

    python benchmarks/memory.py HOME [--turns 20000] [--every 2000] [--seed 7]

Plays generated conversations (``tests/promises``), each in a session of its own, over a copy of a
workspace in one process without a model, and prints the resident memory now and then. What the
first tenth adds is the warm-up; growth is the end over that.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from threadpoolctl import threadpool_limits

from assistant.door import Assistant
from tests.promises.play import Stage, Turn

FRESH = 100
"""Dialogues after which the harness, too, begins anew."""


def turns(assistant: Assistant, seed: int) -> Iterator[Turn]:
    """Turns of generated dialogues, without end."""
    number = 0
    while True:
        stage = Stage(assistant)
        for _ in range(FRESH):
            yield from stage.play(f"{seed}/{number}")
            number += 1


def resident() -> float:
    """Megabytes of this process that lie in memory."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--turns", type=int, default=20_000)
    parser.add_argument("--every", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(asked.home, copy)
        threadpool_limits(1, "blas")  # as the server that visitors meet does
        with Assistant.open(copy, llm="none") as assistant:
            assistant.warm()
            gc.freeze()
            print("| turns | resident, MB |\n|---:|---:|")
            print(f"| 0 | {resident():.0f} |", flush=True)
            warm = 0.0
            for done, _ in enumerate(turns(assistant, asked.seed), start=1):
                if done % asked.every == 0 or done == asked.turns // 10:
                    now = resident()
                    print(f"| {done} | {now:.0f} |", flush=True)
                    warm = now if done == asked.turns // 10 else warm
                if done == asked.turns:
                    print(f"\ngrowth after the first tenth: {100 * (now / warm - 1):.1f} %")
                    return


if __name__ == "__main__":
    main()
