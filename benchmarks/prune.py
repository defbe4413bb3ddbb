"""What the collaborative prune costs: the share of later likes that lies in what it may drop.

    python benchmarks/prune.py --ratings FILE.csv

Protocol of collaborative_sanity.py: scorers learn from the first 80 % of each user's likes, and the
likes after that are the truth. A floor at the given quantile of a user's scores may drop the items
below it; the table says which share of the later likes (of items that the scorer knows) that is.
A floor that knew nothing would drop as large a share of the likes as of the items.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from collaborative_sanity import own_taste, rated, read, split

from retrieval.collaborative import Collaborative, Interactions
from retrieval.kinds import DEFAULT_KINDS
from retrieval.retriever import PRUNED_SHARE

SHARES = (0.1, PRUNED_SHARE, 0.5, 0.75)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ratings", type=Path, required=True)
    data = split(read(parser.parse_args().ratings))
    model = Collaborative.fit(Interactions.build(data.both, data.ids, DEFAULT_KINDS))
    row = {item: n for n, item in enumerate(data.ids)}
    lost = dict.fromkeys(SHARES, 0)
    total = 0
    for case in data.cases:
        scores = model.score(own_taste(case))
        if scores is None:
            continue
        scores[[row[i] for i in rated(case)]] = np.nan
        known = scores[~np.isnan(scores)]
        truth = scores[[row[i] for i in case.after]]
        truth = truth[~np.isnan(truth)]
        total += len(truth)
        for share in SHARES:
            lost[share] += int((truth < np.quantile(known, share)).sum())
    print(f"{len(data.cases):,} users, {total:,} later likes.\n")
    print("| items below the floor | later likes below it |\n|---|---|")
    for share in SHARES:
        print(f"| {share:.0%} | {lost[share] / max(total, 1):.1%} |")


if __name__ == "__main__":
    main()
