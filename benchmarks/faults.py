"""What is lost, and what is answered, when something breaks under ``palate serve``.

    python benchmarks/faults.py kills --home DIR --kills 50 --seed 1
    python benchmarks/faults.py endpoint --home DIR
    python benchmarks/faults.py disk --home DIR [--tmpfs]

Each serves a copy of the workspace as a process of its own and speaks with it over HTTP. ``kills``:
kill -9 in the middle of what seven clients write, 50 times. ``endpoint``: a language model that
fails in every way that is known. ``disk``: a disk that is full, by a bound on the size of files, or
with ``--tmpfs`` a small file system of its own (as root). Prints a table, then everything as JSON;
the exit code is 1 where anything was lost or answered as it must not be.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.faults.kills import Rounds


def kills(home: Path, many: int, seed: int) -> tuple[str, dict[str, object]]:
    """The table of the kills, and all that was counted."""
    found = Rounds(home, seed).run(many, told=lambda line: print(line, file=sys.stderr))
    lines = ["| killed | times |", "|---|---:|"]
    lines += [f"| {way} | {n} |" for way, n in sorted(found.kills.items())]
    lines += ["", "| acknowledged | how many |", "|---|---:|"]
    lines += [f"| {kind} | {n:,} |" for kind, n in sorted(found.acknowledged.items())]
    starts = sorted(found.starts)
    told = f"{len(found.faults)} faults; a start took {median(starts):.1f} s ({starts[-1]:.1f})"
    return "\n".join([*lines, "", told]), {**asdict(found)}


def main() -> None:
    """Run one of the measurements on a copy of the workspace."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("kills",))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = shutil.copytree(asked.home, Path(folder) / "home")
        table, found = kills(home, asked.kills, asked.seed)
    print(table)
    print(json.dumps(found))
    sys.exit(1 if found["faults"] else 0)


if __name__ == "__main__":
    main()
