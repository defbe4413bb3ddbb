"""What a varied and calibrated slate costs in accuracy, over real ratings and real facets.

    python benchmarks/diversity.py --catalog FILE --ratings FILE.csv --home DIR > table.md

Protocol of collaborative_sanity.py: users with at least 10 ratings from 4 on, their positives by
time; everything up to four fifths of them is ingested into a new workspace, the rest is the truth.
Each user is asked for as a person who says nothing (their profile alone), and the ranking that is
found is made into a slate of 10 with each balance. nDCG@10 with 95 % bootstrap intervals of the
difference to the first line, over users; difference within the slate (1 minus the mean cosine of
pairs); facet values on a slate; miscalibration, KL(history || slate) of the facet.

DIR is made, and must not hold a workspace; vectors of an earlier run beside it are used again.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from collaborative_sanity import Case, read, split

from assistant.build import ingest_into, open_parts
from assistant.settings import Settings
from retrieval.calibration import distribution, divergence, shares
from retrieval.diversity import spread
from retrieval.filters import texts
from retrieval.kinds import DEFAULT_KINDS
from retrieval.metrics import ndcg
from retrieval.pool import main_facet
from retrieval.profiles import fold
from retrieval.retriever import Retriever
from retrieval.slate import Balance
from retrieval.types import Event, Item, Profile, Query, Ranking

K = 10
DRAWS = 2_000
BALANCES = [
    Balance(diversity=0, calibration=0),
    *(Balance(diversity=d, calibration=0) for d in (0.1, 0.2, 0.3, 0.5)),
    *(Balance(diversity=0, calibration=c) for c in (0.02, 0.05, 0.1, 0.2, 0.5)),
    Balance(),
    Balance(diversity=0.3, calibration=0.1),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One slate: accuracy, difference, facet values, miscalibration."""

    ndcg: float
    spread: float
    values: int
    divergence: float


def main() -> None:
    """Ingest what was known, ask for every user, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--catalog", "--ratings", "--home"):
        parser.add_argument(name, type=Path, required=True)
    parser.add_argument("--encoder", default="minilm-int8")
    parser.add_argument("--users", type=int, help="only so many")
    given = parser.parse_args()
    data = split(read(given.ratings))
    settings = Settings(home=given.home, encoder=given.encoder, llm="none")
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "known.csv"
        write(known, data.both)
        ingest_into(given.home, settings=settings, catalog=given.catalog, events=known)
    parts = open_parts(settings, write=False)
    retriever = parts.retriever
    facet = main_facet(retriever.items.values(), parts.schema)
    cases = data.cases[: given.users]
    table: list[list[Measured]] = [[] for _ in BALANCES]
    for case in cases:
        ranking, profile = asked(case, retriever)
        for row, balance in zip(table, BALANCES, strict=True):
            row.append(measured(ranking, profile, case, retriever, facet, balance))
    print(f"{len(cases):,} users, facet `{facet}`.\n")
    print("| diversity | calibration | nDCG@10 | difference | within slate | values | KL |")
    print("|---|---|---|---|---|---|---|")
    for balance, row in zip(BALANCES, table, strict=True):
        print(line(balance, row, table[0]))


def write(path: Path, events: Sequence[Event]) -> None:
    """The ratings before the cut, as a file that can be ingested."""
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["user_id", "item_id", "rating", "timestamp"])
        lines.writerows((e.user, e.item, e.value, e.time) for e in events)


def asked(case: Case, retriever: Retriever) -> tuple[Ranking, Profile]:
    """The ranking for a person who says nothing."""
    profile = fold(case.user, case.events, DEFAULT_KINDS)
    query = Query(profile=profile, exclude=case.before | profile.seen)
    return retriever.candidates(query), profile


def measured(
    ranking: Ranking,
    profile: Profile,
    case: Case,
    retriever: Retriever,
    facet: str,
    balance: Balance,
) -> Measured:
    """The slate of one balance."""
    slate = retriever.select(ranking, K, balance=balance)
    liked = {i: w for i, w in profile.positive().items() if i in retriever.items}
    mine = [values(pick.item, facet) for pick in slate.picks]
    table, _ = shares([*mine, *(values(retriever.items[i], facet) for i in liked)])
    target = distribution(table[len(mine) :], np.array(list(liked.values())))
    return Measured(
        ndcg=ndcg(slate.ids(), case.after, K),
        spread=spread(retriever.index.vectors(slate.ids())),
        values=len({v for own in mine for v in own}),
        divergence=divergence(target, distribution(table[: len(mine)])),
    )


def values(item: Item, facet: str) -> tuple[str, ...]:
    """The item's values of the facet."""
    held = item.fields.get(facet)
    return () if held is None else texts(held)


def line(balance: Balance, row: Sequence[Measured], plain: Sequence[Measured]) -> str:
    """One line of the table."""
    change = np.array([m.ndcg - p.ndcg for m, p in zip(row, plain, strict=True)])
    rng = np.random.default_rng(1)
    means = [change[rng.integers(0, len(change), len(change))].mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    difference = f"{change.mean():+.4f} ({low:+.4f} to {high:+.4f})" if change.any() else "0"

    def mean(name: str) -> float:
        return float(np.mean([getattr(m, name) for m in row]))

    return (
        f"| {balance.diversity:g} | {balance.calibration:g} | {mean('ndcg'):.4f} | {difference} "
        f"| {mean('spread'):.3f} | {mean('values'):.1f} | {mean('divergence'):.3f} |"
    )


if __name__ == "__main__":
    main()
