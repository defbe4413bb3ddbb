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
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.door import Assistant
from tests.faults.disk import Disk, bounded, filled
from tests.faults.endpoint import FAULTS, Answered, Asking, Endpoint, grounded
from tests.faults.kills import Rounds
from tests.faults.process import Service

UNDERSTAND, RERANK = 3.0, 3.0  # seconds that the model is given
PATIENCE = 90.0  # seconds in which a model that is well again must be asked again
TURNS = 3
SPARE = 8_000_000  # bytes that a file system of its own has beyond what the workspace may need

Found = tuple[str, dict[str, object], Sequence[str]]
"""A table, all that was counted, and the faults."""


def kills(home: Path, many: int, seed: int) -> Found:
    """How often it was killed and what had been acknowledged."""
    found = Rounds(home, seed).run(many, told=lambda line: print(line, file=sys.stderr))
    lines = ["| killed | times |", "|---|---:|"]
    lines += [f"| {way} | {n} |" for way, n in sorted(found.kills.items())]
    lines += ["", "| acknowledged | how many |", "|---|---:|"]
    lines += [f"| {kind} | {n:,} |" for kind, n in sorted(found.acknowledged.items())]
    starts = sorted(found.starts)
    told = f"{len(found.faults)} faults; a start took {median(starts):.1f} s ({starts[-1]:.1f})"
    counted: dict[str, object] = {
        "kills": dict(found.kills),
        "acknowledged": dict(found.acknowledged),
        "statuses": dict(found.statuses),
        "starts": found.starts,
        "size": found.size,
    }
    return "\n".join([*lines, "", told]), counted, found.faults


def endpoint(home: Path) -> Found:
    """By fault what was answered, how long it took, and when the model was asked again."""
    lines = ["| the endpoint | turns | status | fell back | longest, s | well again after, s |"]
    lines += ["|---|---:|---|---:|---:|---:|"]
    counted: dict[str, object] = {}
    faults: list[str] = []
    played: list[tuple[str, str]] = []
    with (
        Endpoint() as model,
        Service(
            home,
            model=True,
            llm_base_url=model.url,
            llm_model="scripted",
            llm_understand_seconds=UNDERSTAND,
            llm_rerank_seconds=RERANK,
        ) as service,
        service.client() as client,
    ):
        asking = Asking(client, "127.0.0.1")
        asking.turn(Answered())  # the first one loads what all need
        for name, fault in FAULTS.items():
            ill, healed = Answered(), Answered()
            model.fail(fault)
            for _ in range(TURNS):
                ill.hold(not asking.turn(ill), "a turn did not fall back")
            ill.hold(not asking.completion(ill), "a stream did not fall back")
            model.heal()
            begun, well = time.monotonic(), False
            while not well and time.monotonic() - begun < PATIENCE:
                well = asking.turn(healed)
            after = time.monotonic() - begun
            healed.hold(well, f"not well again after {PATIENCE:g} s")
            statuses = ", ".join(map(str, sorted({*ill.statuses, *healed.statuses})))
            many, longest = len(ill.statuses), max(ill.seconds)
            lines.append(
                f"| {name} | {many} | {statuses} | {ill.degraded} | {longest:.1f} | {after:.1f} |"
            )
            print(lines[-1], file=sys.stderr)
            counted[name] = [asdict(one) | {"stages": sorted(one.stages),
                             "reasons": sorted(one.reasons)} for one in (ill, healed)]  # fmt: skip
            faults += [f"{name}: {f}" for f in (*ill.faults, *healed.faults)]
            played += [*ill.turns, *healed.turns]
        faults += ["the service did not end well"] * (service.end() != 0)
        faults += [line for line in service.said if "Traceback" in line]
    made = 0
    with Assistant.open(home, llm="none", write=False) as assistant:
        for session, visitor in played:
            reasons, wrong = grounded(assistant, session, visitor)
            made += reasons
            faults += wrong
    told = f"{len(played):,} answers with {made:,} reasons that were checked; {len(faults)} faults"
    return "\n".join([*lines, "", told]), counted, faults


def disk(home: Path, *, own: bool) -> Found:
    """What was answered with room and without."""
    with Service(home) as service:
        found = Disk(home, service, (filled if own else bounded)(home)).run(5)
        found.hold(service.end() == 0, "the service did not end well")
    found.hold(not any("Traceback" in line for line in service.said), "a traceback")
    lines = ["| asked | disk | answered | times |", "|---|---|---|---:|"]
    lines += [f"| {a} | {b} | {c} | {n} |" for (a, b, c), n in sorted(found.answers.items())]
    told = f"{found.acknowledged} acknowledged, all there; {len(found.faults)} faults"
    counted: dict[str, object] = {" / ".join(k): n for k, n in found.answers.items()}
    return "\n".join([*lines, "", told]), counted, found.faults


@contextmanager
def copied(home: Path, *, own: bool) -> Iterator[Path]:
    """A copy of the workspace, on a file system of its own where that is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        if own:
            size = sum(f.stat().st_size for f in home.rglob("*") if f.is_file())
            # An erasure writes the database anew, into the log beside it and from there.
            size += 3 * (home / "palate.db").stat().st_size + SPARE
            mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder]
            subprocess.run(mount, check=True)
        try:
            yield shutil.copytree(home, Path(folder) / "home")
        finally:
            if own:
                subprocess.run(["umount", folder], check=True)  # noqa: S607


def main() -> None:
    """Run one of the measurements on a copy of the workspace."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=("kills", "endpoint", "disk"))
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tmpfs", action="store_true")
    asked = parser.parse_args()
    with copied(asked.home, own=asked.tmpfs) as home:
        if asked.what == "kills":
            table, counted, faults = kills(home, asked.kills, asked.seed)
        elif asked.what == "endpoint":
            table, counted, faults = endpoint(home)
        else:
            table, counted, faults = disk(home, own=asked.tmpfs)
    print(table)
    for fault in faults:
        print(f"FAULT {fault}")
    print(json.dumps(counted, default=str))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
