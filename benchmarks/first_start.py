"""How long the first start over the built-in films takes, stage by stage, and a turn after it.

    python benchmarks/first_start.py [--home DIR]

Builds into a fresh folder (removed afterwards unless ``--home`` names one) as ``palate demo`` does,
whose bars time each stage of the index, then opens it and asks the rules engine three
things. Wall-clock seconds of one run, here.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from pathlib import Path
from time import perf_counter

REQUESTS = ("a French crime film from the sixties", "newer than that", "like Heat but shorter")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="build there and keep it")
    home = parser.parse_args().home
    if home is not None:
        measure(home)
        return
    with tempfile.TemporaryDirectory(prefix="palate-bench-") as folder:
        measure(Path(folder) / "workspace")


def measure(home: Path) -> None:
    """Build at ``home``, open it, and play the requests in one session."""
    from assistant import Assistant
    from ui.cli.demo import build

    print(f"{os.cpu_count()} processors")
    clock = perf_counter()
    report = build(home)
    stages = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in report.seconds.items())
    tell("films and ratings joined, ingested and indexed", clock, stages)
    clock = perf_counter()
    with Assistant.open(home, llm="none", command="bench") as assistant:
        tell("opened", clock)
        session = assistant.new_session()
        for request in REQUESTS:
            clock = perf_counter()
            reply = assistant.reply(session, request)
            tell(f"turn: {request}", clock, ", ".join(card.title for card in reply.cards))


def tell(what: str, since: float, note: str = "") -> None:
    """One line: what, how long, and what came of it."""
    print(f"{perf_counter() - since:8.2f} s  {what}  {note}".rstrip(), flush=True)


if __name__ == "__main__":
    main()
