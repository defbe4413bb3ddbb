"""How long a turn takes without a model: whole, by what was said, and by stage.

    python benchmarks/turn.py HOME [--dialogues 60] [--seed 7]

Plays generated conversations (``tests/promises``) over a copy of a workspace, one after another,
and times each turn as the caller of the Python door sees it. A machine that others use makes every
figure worse, so two more are given: the processor's own time for the turn, and the time of the turn
over that of a fixed piece of work done right before it (``ratio``). The first conversation warms up
and is not counted.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np
from threadpoolctl import threadpool_limits

from assistant.door import Assistant
from tests.promises.play import Stage, Turn

KINDS = {
    "open": "first request",
    "add": "refinement",
    "limit": "refinement",
    "kind": "refinement",
    "lift": "refinement",
    "compare": "comparison",
    "gone": "judgement",
    "others": "others",
    "order": "order, number",
    "few": "order, number",
    "welcome": "order, number",
    "question": "question",
    "undo": "undo, start over",
    "restart": "undo, start over",
    "agree": "accepted offer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """One turn: what it was, its seconds by the clock and by the processor, over the fixed work,
    and by stage."""

    kind: str
    wall: float
    busy: float
    ratio: float
    stages: dict[str, float]


def fixed_work() -> float:
    """Seconds for a piece of work that is always the same: a loop and a product of matrices."""
    started = time.perf_counter()
    total = 0
    for n in range(40_000):
        total += n % 7
    matrix = np.full((160, 160), 0.5, dtype=np.float32)
    for _ in range(4):
        matrix = (matrix @ matrix) / 80.0
    return time.perf_counter() - started


def timed(assistant: Assistant, dialogues: int, seed: int) -> list[Timed]:
    """The turns of the dialogues, without those of a first one that warms up."""
    stage = Stage(assistant)
    found: list[Timed] = []
    for number in range(-1, dialogues):
        turns = stage.play(f"{seed}/{number}")
        while True:
            unit = min(fixed_work() for _ in range(3))
            turn = next(turns, None)
            if turn is None:
                break
            if number >= 0:
                found.append(_timed(turn, unit))
    return found


def _timed(turn: Turn, unit: float) -> Timed:
    kind = KINDS[turn.message.shape.partition(".")[0]]
    if turn.act == "no_match":
        kind = "nothing fits"
    return Timed(
        kind=kind,
        wall=turn.seconds,
        busy=turn.busy,
        ratio=turn.seconds / unit,
        stages=dict(turn.stages),
    )


def row(name: str, turns: Sequence[Timed]) -> str:
    """One line of the table, in milliseconds."""
    wall = np.array([t.wall for t in turns]) * 1000
    busy = np.array([t.busy for t in turns]) * 1000
    ratio = np.array([t.ratio for t in turns])
    cells = (
        f"{len(turns)}",
        *(f"{np.percentile(wall, q):.0f}" for q in (50, 95, 100)),
        *(f"{np.percentile(busy, q):.0f}" for q in (50, 95)),
        *(f"{np.percentile(ratio, q):.1f}" for q in (50, 95)),
    )
    return f"| {name} | {' | '.join(cells)} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--dialogues", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(arguments.home, copy)
        threadpool_limits(1, "blas")  # as the server that visitors meet does
        with Assistant.open(copy, llm="none") as assistant:
            assistant.warm()
            turns = timed(assistant, arguments.dialogues, arguments.seed)
    print(f"load {load:.1f} before, {os.getloadavg()[0]:.1f} after\n")
    print("| turn | turns | p50 ms | p95 | max | cpu p50 | cpu p95 | ratio p50 | ratio p95 |")
    print(f"|---|{'---:|' * 8}")
    by_kind: defaultdict[str, list[Timed]] = defaultdict(list)
    for turn in turns:
        by_kind[turn.kind].append(turn)
    for kind, some in sorted(by_kind.items(), key=lambda p: -len(p[1])):
        print(row(kind, some))
    print(row("**all**", turns))
    print("\n| stage | turns | p50 ms | p95 | max |\n|---|---:|---:|---:|---:|")
    stages: defaultdict[str, list[float]] = defaultdict(list)
    for turn in turns:
        for name, seconds in turn.stages.items():
            stages[name].append(seconds * 1000)
        stages["the rest"].append((turn.wall - sum(turn.stages.values())) * 1000)
    for name, known in stages.items():
        spread = " | ".join(f"{np.percentile(known, q):.1f}" for q in (50, 95, 100))
        print(f"| {name} | {len(known)} | {spread} |")


if __name__ == "__main__":
    main()
