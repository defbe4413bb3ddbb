"""What the answers of a newcomer are worth, by what they were asked about.

    python benchmarks/onboarding.py [--fold N] [--home DIR] [--vectors DIR] > table.md

Every fifth user of the built-in films' ratings is held out, those whose number leaves ``--fold``
(0 to 4) when divided by five; a workspace learns from the others and
chooses, from what it knows, ten films to ask about in each of several ways. A held-out user then
answers truly: what they rated of the ten is told, the rest of the ten they do not know. Everything
else that they rated with 4 or more, and that no way asks about, is the truth; the films that any
way asks about are left out of every ranking. nDCG@10 of the ranking for a person who says nothing
else, mean over the users with at least five right answers, with the 95 % bootstrap interval of the
difference to the ten most popular.

*known* is the share of users who rated a film, mean over the ten; *liked* how many of the ten a
user rated with 4 or more; *mute* the share of users who like none of the ten; *apart* 1 minus the
mean cosine of their pairs; *genres* how many different ones they have. "All answers" tells ratings,
high and low; "likes" tells only the films rated with 4 or more, as tapping them on the page does.

``--vectors`` is the folder ``vectors.cache`` of another workspace of the same films, to save
embedding them anew.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from assistant.build import ingest_into, open_parts
from assistant.settings import Settings
from assistant.showcase import SPREAD, STARTERS
from retrieval.datasets import demo
from retrieval.diversity import spread
from retrieval.elicitation import first_picks
from retrieval.filters import texts
from retrieval.kinds import EventKinds
from retrieval.metrics import ndcg
from retrieval.pool import main_facet
from retrieval.profiles import fold
from retrieval.retriever import Retriever
from retrieval.types import Event, ItemId, Profile, Query, UserId

K = 10
FOLDS = 5
TARGETS = 5
DRAWS = 2_000
POPULAR = "most popular"
ENCODER = "minilm-int8"  # as ``palate demo`` has it

Ratings = Mapping[UserId, Sequence[Event]]


def main() -> None:
    """Learn, choose, ask, print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fold", type=int, choices=range(FOLDS), default=0)
    parser.add_argument("--home", type=Path, help="build there and keep it")
    parser.add_argument("--vectors", type=Path, help="vectors.cache of the same films")
    given = parser.parse_args()
    if given.home is not None:
        measure(given.home, given.vectors, given.fold)
        return
    with tempfile.TemporaryDirectory(prefix="palate-bench-") as folder:
        measure(Path(folder), given.vectors, given.fold)


def measure(home: Path, vectors: Path | None, fold_: int) -> None:
    """The tables, over a workspace that is built under ``home``."""
    files = demo.write(home / "files")
    held_out = part(files.events, home / "learned.csv", fold_)
    workspace = home / "workspace"
    workspace.mkdir(parents=True, exist_ok=True)
    if vectors is not None and not (workspace / "vectors.cache").exists():
        shutil.copytree(vectors, workspace / "vectors.cache")
    settings = Settings(home=workspace, encoder=ENCODER, llm="none")
    ingest_into(
        workspace,
        settings=settings,
        catalog=files.catalog,
        events=home / "learned.csv",
        schema=files.schema,
    )
    parts = open_parts(settings, write=False)
    try:
        ways = ways_of(parts.retriever)
        facet = main_facet(parts.retriever.items.values(), parts.schema)
        kinds = parts.workspace.kinds()
        print(f"{len(held_out):,} users held out.\n")
        table(parts.retriever, held_out, ways, facet, kinds)
        for way, picks in ways.items():
            named = ", ".join(parts.retriever.items[i].title for i in picks)
            print(f"\n{way}: {named}")
    finally:
        parts.workspace.close()


def part(source: Path, learned: Path, fold_: int) -> Ratings:
    """Write the ratings to learn from; gives those of the users of one fold."""
    held: defaultdict[UserId, list[Event]] = defaultdict(list)
    with (
        source.open(encoding="utf-8", newline="") as lines,
        learned.open("w", encoding="utf-8", newline="") as out,
    ):
        table = csv.DictReader(lines)
        rest = csv.DictWriter(out, table.fieldnames or ())
        rest.writeheader()
        for row in table:
            if int(row["user"]) % FOLDS != fold_:
                rest.writerow(row)
                continue
            user = UserId(row["user"])
            held[user].append(
                Event(
                    user=user,
                    item=ItemId(row["item"]),
                    kind="rating",
                    value=float(row["rating"]),
                    time=float(row["timestamp"]),
                )
            )
    return held


def ways_of(retriever: Retriever) -> dict[str, tuple[ItemId, ...]]:
    """Ten films to ask about, by the way they are chosen."""
    ranking = retriever.candidates(Query())
    known, index = ranking.ids(), retriever.index
    opinions, row = index.collaborative.opinions, index.collaborative.row
    rows = np.array([row[i] for i in known])
    many, variance = opinions.known[rows], opinions.variance[rows]

    def greatest(score: np.ndarray) -> tuple[ItemId, ...]:
        return tuple(known[n] for n in np.argsort(-score, kind="stable")[:STARTERS].tolist())

    return {
        POPULAR: known[:STARTERS],
        "popular, spread": retriever.select(ranking, STARTERS, balance=SPREAD).ids(),
        "variance": greatest(variance),
        "log popularity × variance": greatest(np.log1p(many) * variance),
        "popularity × variance": greatest(many * variance),
        "the same, spread (the product)": first_picks(
            known, index.collaborative, index.vectors, STARTERS
        ),
    }


def table(
    retriever: Retriever,
    people: Ratings,
    ways: Mapping[str, Sequence[ItemId]],
    facet: str,
    kinds: EventKinds,
) -> None:
    """Print what each way's ten films are like, and what the answers are worth."""
    asked = frozenset(i for picks in ways.values() for i in picks)
    right = {user: liked(own, kinds) - asked for user, own in people.items()}
    cases = {user: own for user, own in people.items() if len(right[user]) >= TARGETS}
    nothing = [worth(retriever, (), right[u], asked, kinds) for u in cases]
    base = {
        only: [
            worth(retriever, told(own, ways[POPULAR], kinds, only), right[u], asked, kinds)
            for u, own in cases.items()
        ]
        for only in (False, True)
    }
    print(f"{len(cases):,} of them have {TARGETS} right answers or more.\n")
    print("| asked about | known | liked | mute | apart | genres | all answers | likes |")
    print("|---|---|---|---|---|---|---|---|")
    print(f"| nothing | | | | | | {np.mean(nothing):.4f} | {np.mean(nothing):.4f} |")
    for way, picks in ways.items():
        mine = [liked([e for e in own if e.item in picks], kinds) for own in cases.values()]
        known = np.mean([sum(e.item in picks for e in own) / len(picks) for own in cases.values()])
        genres = {v for i in picks for v in texts(retriever.items[i].fields.get(facet, ()))}
        cells = []
        for only in (False, True):
            found = [
                worth(retriever, told(own, picks, kinds, only), right[u], asked, kinds)
                for u, own in cases.items()
            ]
            cells.append(f"{np.mean(found):.4f} {difference(found, base[only])}".rstrip())
        print(
            f"| {way} | {known:.2f} | {np.mean([len(m) for m in mine]):.1f} "
            f"| {np.mean([not m for m in mine]):.2f} "
            f"| {spread(retriever.index.vectors(tuple(picks))):.2f} | {len(genres)} "
            f"| {cells[0]} | {cells[1]} |"
        )


def liked(events: Sequence[Event], kinds: EventKinds) -> frozenset[ItemId]:
    """The items that the events are a like of."""
    return frozenset(e.item for e in events if kinds.positive(e.kind, e.value))


def told(
    own: Sequence[Event], picks: Sequence[ItemId], kinds: EventKinds, only: bool
) -> tuple[Event, ...]:
    """What somebody answers about the picks; ``only`` likes, or everything they think."""
    known = [e for e in own if e.item in picks]
    return tuple(e for e in known if not only or kinds.positive(e.kind, e.value))


def worth(
    retriever: Retriever,
    answers: Sequence[Event],
    right: frozenset[ItemId],
    asked: frozenset[ItemId],
    kinds: EventKinds,
) -> float:
    """nDCG@10 of the ranking for somebody of whom only the answers are known."""
    profile = fold(None, answers, kinds) if answers else Profile()
    ranking = retriever.candidates(Query(profile=profile, exclude=asked))
    return ndcg(ranking.ids(), right, K)


def difference(found: Sequence[float], base: Sequence[float]) -> str:
    """The mean difference with its interval; nothing where there is none."""
    change = np.array(found) - np.array(base)
    if not change.any():
        return ""
    rng = np.random.default_rng(1)
    means = [change[rng.integers(0, len(change), len(change))].mean() for _ in range(DRAWS)]
    low, high = np.quantile(means, (0.025, 0.975))
    return f"({change.mean():+.4f}, {low:+.4f} to {high:+.4f})"


if __name__ == "__main__":
    main()
