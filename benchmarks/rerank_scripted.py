"""What the blend makes of models that are perfect, random and hostile.

    python benchmarks/rerank_scripted.py --ratings films/ratings.csv --catalog films/catalog.jsonl

A hundred candidates each for people whose latest fifth of likes (4 of 5 and more) is held back: by
how often they are liked together with the rest of what the person likes (the prior), all of them
new to the person. Wanted are the likes held back. The models are scripts that read the very prompt:

- ``oracle``: what is wanted first, the rest by chance
- ``oracle, one order``: the same, the rest always in one order that has no meaning
- ``noise``: by chance, otherwise each time
- ``noise, one order``: by chance, but always alike
- ``adversary``: what is wanted last
- ``reversed``: the prior's order, backwards
- ``weak``: what is wanted gets a head start of one and a half standard deviations
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import random
import re
import statistics
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.llm.scripted import Scripted
from assistant.llm.types import ChatRequest
from assistant.reranking import Blend, Candidate, RankResult, Reranker

LINE = re.compile(r"title: (\S+) .*\| id: (\S+)$", re.MULTILINE)
ENTRIES = re.compile(r"Rank the (\d+) best")
SEED, CANDIDATES, K = 7, 100, 10

Key = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Candidates for one person, which of them are wanted, and the names of what they liked."""

    candidates: tuple[Candidate, ...]
    wanted: frozenset[str]
    liked: tuple[str, ...]


def cases(
    ratings: Path, catalog: Path, most: int, *, candidates: int = CANDIDATES, least: int = 3
) -> list[Case]:
    """People with so many or more of the wanted among their candidates."""
    titles = {}
    with catalog.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            titles[str(row["item_id"])] = row
    likes: defaultdict[str, list[tuple[float, str]]] = defaultdict(list)
    seen: defaultdict[str, set[str]] = defaultdict(set)
    with ratings.open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows):
            item = row["item_id"]
            seen[row["user_id"]].add(item)
            if float(row["rating"]) >= 4 and item in titles:
                likes[row["user_id"]].append((float(row["timestamp"]), item))
    people = {u: [i for _, i in sorted(own)] for u, own in likes.items() if len(own) >= 20}
    column = {i: n for n, i in enumerate(sorted({i for own in people.values() for i in own}))}
    kept = {u: own[: int(len(own) * 0.8)] for u, own in people.items()}
    table = np.zeros((len(people), len(column)), dtype=np.float32)
    for n, own in enumerate(kept.values()):
        table[n, [column[i] for i in own]] = 1
    together = table.T @ table
    norm = np.sqrt(np.maximum(np.diag(together), 1)) + 3
    cosine = together / norm[:, None] / norm[None, :]
    found, names = [], list(column)
    for user in random.Random(SEED).sample(sorted(people), len(people)):
        scores = cosine[[column[i] for i in kept[user]]].sum(axis=0)
        scores[[column[i] for i in kept[user]]] = -1
        best = np.argsort(-scores, kind="stable")[:candidates]
        wanted = frozenset(people[user][len(kept[user]) :]) & {names[c] for c in best}
        if len(wanted) < least:
            continue
        found.append(
            Case(
                candidates=tuple(
                    Candidate(
                        id=names[c],
                        fields={"title": f"{names[c]} {titles[names[c]]['title']}"},
                        text=str(titles[names[c]].get("overview") or ""),
                        prior=float(scores[c]),
                    )
                    for c in best
                ),
                wanted=wanted,
                liked=tuple(str(titles[i]["title"]) for i in kept[user]),
            )
        )
        if len(found) == most:
            break
    return found


def model(case: Case, kind: str, seed: int) -> Scripted:
    """A script that reads the prompt and lists by its own lights."""
    rng = random.Random(seed)
    fixed = {c.id: rng.random() for c in case.candidates}
    place = {c.id: n for n, c in enumerate(case.candidates)}
    keys: dict[str, Key] = {
        "oracle": lambda i: -2.0 * (i in case.wanted) + rng.random(),
        "oracle, one order": lambda i: -2.0 * (i in case.wanted) + fixed[i],
        "noise": lambda _: rng.random(),
        "noise, one order": fixed.__getitem__,
        "adversary": lambda i: 2.0 * (i in case.wanted) + rng.random(),
        "reversed": lambda i: -place[i],
        "weak": lambda i: -1.5 * (i in case.wanted) + rng.gauss(0, 1),
    }

    def answer(request: ChatRequest) -> str:
        text = request.messages[1].content
        shown = LINE.findall(text)
        entries = ENTRIES.search(text)
        assert entries is not None
        best = sorted(shown, key=lambda pair: keys[kind](pair[0]))[: int(entries[1])]
        return json.dumps({"ranking": [handle for _, handle in best]})

    return Scripted(answer)


def ndcg(ids: Sequence[str], wanted: frozenset[str]) -> float:
    """nDCG@10 of a ranking, each wanted item worth the same."""
    found = sum(1 / math.log2(n + 2) for n, i in enumerate(ids[:K]) if i in wanted)
    return found / sum(1 / math.log2(n + 2) for n in range(min(K, len(wanted))))


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ratings", type=Path, required=True)
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--people", type=int, default=60)
    parser.add_argument("--strategies", nargs="+", default=["auto", "window", "sliding", "setwise"])
    arguments = parser.parse_args()
    people = cases(arguments.ratings, arguments.catalog, arguments.people)
    priors = [ndcg([c.id for c in case.candidates], case.wanted) for case in people]
    print(f"{len(people)} people, the prior alone: nDCG@10 {statistics.mean(priors):.3f}\n")
    print(
        "| strategy | model | blended | over the prior | alone | calls | rounds | tokens of plan |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for strategy in arguments.strategies:
        for kind in ("oracle", "oracle, one order", "weak", "noise", "noise, one order",
                     "adversary", "reversed"):  # fmt: skip
            mixed, alone = list[float](), list[float]()
            last: RankResult | None = None
            shares = []
            for number, case in enumerate(people):
                for blend, out in ((Blend(), mixed), (Blend(model_weight=1.0), alone)):
                    script = model(case, kind, SEED + number)
                    result = Reranker(script, strategy=strategy, blend=blend).rank(
                        "a film for this person", case.candidates, K
                    )
                    assert len(result.items) == K
                    out.append(ndcg([item.id for item in result.items], case.wanted))
                    if blend.model_weight is None:
                        last = result
                        spent = result.usage.prompt_tokens + result.usage.completion_tokens
                        shares.append(spent / result.plan.tokens)
            assert last is not None
            print(
                f"| {last.plan.strategy} | {kind} | {statistics.mean(mixed):.3f} "
                f"| {statistics.mean(mixed) - statistics.mean(priors):+.3f} "
                f"| {statistics.mean(alone):.3f} | {last.plan.calls} | {last.plan.rounds} "
                f"| {min(shares):.2f}-{max(shares):.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
