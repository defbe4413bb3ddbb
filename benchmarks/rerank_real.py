"""A real model behind an endpoint: does the blend ever make the prior worse?

    PALATE_LLM_BASE_URL=… PALATE_LLM_MODEL=… python benchmarks/rerank_real.py games --file rerank_games_dev.jsonl
    PALATE_LLM_BASE_URL=… PALATE_LLM_MODEL=… python benchmarks/rerank_real.py films --ratings films/ratings.csv --catalog films/catalog.jsonl

``games``: what somebody bought next among twenty products of which only the names are known. The
product is put in place of a candidate at a seeded random position; the prior is the mean cosine of
names to the history (MiniLM). ``films``: thirty films each for people whose latest likes are held
back, candidates and prior as in ``rerank_scripted.py``; the request names five films they like.

Printed are the prior, the model alone and the blend, of the very same answers, with 95 % bootstrap
intervals, and what became of the calls. One line a person goes to ``--out``, so that a run that was
interrupted goes on where it stopped.
"""  # noqa: E501  (commands stand on one line)

from __future__ import annotations

import argparse
import collections
import json
import math
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.llm.configured import make_model
from assistant.reranking import Blend, Candidate, Limits, Query, Reranker
from assistant.settings import load

SEED, K, ROUNDS = 7, 10, 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One person: what they want, what there is, and what was right."""

    query: Query
    candidates: tuple[Candidate, ...]
    wanted: frozenset[str]


def games(file: Path) -> Iterator[Case]:
    """Buyers of games."""
    from retrieval.embeddings import make_encoder

    encoder = make_encoder("minilm-int8", query=True)
    rng = random.Random(SEED)
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            pool = list(row["candidates"]["random"])
            if row["target"]["id"] not in {c["id"] for c in pool}:
                pool[rng.randrange(len(pool))] = row["target"]
            owned = [item["title"] for item in row["history"]]
            vectors = encoder.encode([*owned, *(c["title"] for c in pool)])
            priors = (vectors[len(owned) :] @ vectors[: len(owned)].T).mean(axis=1).tolist()
            yield Case(
                query=Query(
                    text="what this person buys next", history=("bought: " + "; ".join(owned),)
                ),
                candidates=tuple(
                    Candidate(id=c["id"], text=c["title"], prior=p)
                    for c, p in zip(pool, priors, strict=True)
                ),
                wanted=frozenset({row["target"]["id"]}),
            )


def films(ratings: Path, catalog: Path) -> Iterator[Case]:
    """People who rate films."""
    from rerank_scripted import cases

    for case in cases(ratings, catalog, 100, candidates=30, least=1):
        liked = "; ".join(case.liked[-5:])
        yield Case(
            query=Query(text=f"a film for somebody who likes {liked}"),
            candidates=case.candidates,
            wanted=case.wanted,
        )


def ndcg(ids: Sequence[str], wanted: frozenset[str]) -> float:
    """nDCG@10, each wanted item worth the same."""
    found = sum(1 / math.log2(n + 2) for n, i in enumerate(ids[:K]) if i in wanted)
    return found / sum(1 / math.log2(n + 2) for n in range(min(K, len(wanted))))


def asked(reranker: Reranker, case: Case) -> dict[str, object]:
    """One person's figures."""
    n = len(case.candidates)
    result = reranker.rank(case.query, case.candidates, n)
    by_prior = sorted(result.items, key=lambda i: -i.parts["prior"])
    alone = sorted(result.items, key=lambda i: (-i.parts["model"], -i.parts["prior"]))
    return {
        "prior": ndcg([i.id for i in by_prior], case.wanted),
        "alone": ndcg([i.id for i in alone], case.wanted),
        "blend": ndcg([i.id for i in result.items], case.wanted),
        "trust": result.items[0].parts["trust"],
        "status": result.status,
        "seconds": result.latency,
        "marks": [[i.parts["model"], i.parts["prior"], i.id in case.wanted] for i in result.items],
    }


def told(name: str, values: Sequence[float], base: Sequence[float]) -> str:
    """A row: the mean, and the difference to the prior with its interval."""
    rng = random.Random(SEED)
    off = [v - b for v, b in zip(values, base, strict=True)]
    means = sorted(statistics.mean(rng.choices(off, k=len(off))) for _ in range(ROUNDS))
    low, high = means[int(0.025 * ROUNDS)], means[int(0.975 * ROUNDS)]
    return (
        f"| {name} | {statistics.mean(values):.3f} | {statistics.mean(off):+.3f} "
        f"({low:+.3f} to {high:+.3f}) |"
    )


def main() -> None:
    """Ask, or go on asking, and print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("task", choices=["games", "films"])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--ratings", type=Path)
    parser.add_argument("--catalog", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--strategy", default="auto")
    parser.add_argument("--item-tokens", type=int, default=Limits().item_tokens)
    arguments = parser.parse_args()
    model = make_model(load())
    if model is None:
        sys.exit("no model is configured: set PALATE_LLM_BASE_URL and PALATE_LLM_MODEL")
    limits = Limits(deadline=300, listed=K, item_tokens=arguments.item_tokens)
    reranker = Reranker(model, strategy=arguments.strategy, blend=Blend(), limits=limits)
    source = (
        games(arguments.file)
        if arguments.task == "games"
        else films(arguments.ratings, arguments.catalog)
    )
    done = arguments.out.read_text().splitlines() if arguments.out.exists() else []
    with arguments.out.open("a", encoding="utf-8") as out:
        for number, case in enumerate(source):
            if number == arguments.people:
                break
            if number < len(done):
                continue
            row = asked(reranker, case)
            out.write(json.dumps(row) + "\n")
            out.flush()
            print(f"\r{number + 1} of {arguments.people}", end="", file=sys.stderr, flush=True)
    rows = [json.loads(line) for line in arguments.out.read_text().splitlines()]
    base = [row["prior"] for row in rows]
    print(f"\n{len(rows)} people, model {model.name}\n\n| | nDCG@10 | over the prior |")
    print("|---|---:|---:|")
    for name in ("prior", "alone", "blend"):
        print(told(name, [row[name] for row in rows], base))
    print(
        f"\n{dict(collections.Counter(row['status'] for row in rows))}; "
        f"trust {statistics.mean(row['trust'] for row in rows):.2f}; "
        f"{statistics.median(row['seconds'] for row in rows):.0f} s a ranking"
    )


if __name__ == "__main__":
    main()
