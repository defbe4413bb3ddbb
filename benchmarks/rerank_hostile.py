"""What the re-ranker makes of ten thousand different hostile answers.

    python benchmarks/rerank_hostile.py

Each answer is given to every call of a ranking of seven candidates, four of which are wanted; the
strategies take turns. A silent failure is a result that is not valid, one that is ``ok`` although
an answer was not exactly what was asked for, or an answer that plainly ranks nothing and yet gives
anything but the prior order, marked as a fallback. The last column is the slowest ranking, in
seconds of processor time.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.assistant.reranking.hostile import replies
from tests.assistant.reranking.test_hostile import HANDLES, STRATEGIES, ranked

OUTCOMES = ("ok", "repaired", "partial", "fallback")


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--replies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--every-strategy", action="store_true", help="each answer to all five")
    arguments = parser.parse_args()
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    slowest: defaultdict[str, float] = defaultdict(float)
    seen: set[int] = set()
    strategies = list(STRATEGIES.values())
    for reply in replies(arguments.seed):
        said = hash(reply.said(HANDLES, 4).text)
        if said in seen:
            continue
        turn = len(seen) % len(strategies)
        seen.add(said)
        row = counts[reply.family]
        row["replies"] += 1
        for strategy in strategies if arguments.every_strategy else [strategies[turn]]:
            started = time.process_time()
            try:
                result, _ = ranked(reply, strategy, explain=len(seen) % 2 == 0)
                row[result.status] += 1
            except AssertionError as error:
                row["silent failures"] += 1
                print(f"{reply} {strategy.name}: {error}", file=sys.stderr)
            except Exception as error:  # noqa: BLE001  (counting them is the purpose)
                row["exceptions"] += 1
                print(f"{reply} {strategy.name}: {error!r}", file=sys.stderr)
            slowest[reply.family] = max(slowest[reply.family], time.process_time() - started)
        if len(seen) == arguments.replies:
            break
    columns = ("replies", *OUTCOMES, "exceptions", "silent failures")
    print(f"| family | {' | '.join(columns)} | slowest |")
    print(f"|---|{'---:|' * (len(columns) + 1)}")
    total: Counter[str] = Counter()
    for family, row in sorted(counts.items()):
        total += row
        print(f"| {family} | {' | '.join(str(row[c]) for c in columns)} | {slowest[family]:.2f} |")
    said_all = " | ".join(str(total[c]) for c in columns)
    print(f"| **all** | {said_all} | {max(slowest.values()):.2f} |")


if __name__ == "__main__":
    main()
