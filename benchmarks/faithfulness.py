"""How well the checker of texts tells true from false, and whether what Palate displays is true.

    python benchmarks/faithfulness.py texts --home DIR            300 true and 300 false texts
    python benchmarks/faithfulness.py replies --home DIR          500 replies of the rules engine
    python benchmarks/faithfulness.py replies --home DIR --llm auto --turns 20
    python benchmarks/faithfulness.py cost --home DIR             what the reasons of a turn take

The texts are made by program from the catalogue, from a seed, in wordings that are not the
product's own; a false one says what a true one says with one thing wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from faithfulness_texts import Makers

from assistant import Assistant
from assistant.door import Verdict
from assistant.explanation.cards import explain
from assistant.preferences import Preferences, to_query, update
from assistant.understanding.context import Context
from assistant.understanding.rules import RulesEngine
from retrieval.types import Item, ItemId

SEED = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One text with what it is: its kind, and whether it is true."""

    id: str
    item: str
    user: str | None
    text: str
    kind: str
    true: bool


def lines(assistant: Assistant, n: int, seed: int) -> Iterator[Line]:
    """``n`` true and ``n`` false texts, the kinds by turns."""
    for true in (True, False):
        chance = random.Random(f"{seed}-{true}")
        makers = Makers(assistant, chance)
        kinds = makers.makers()
        made = tried = 0
        while made < n and tried < 200 * n:
            kind, make = kinds[tried % len(kinds)]
            tried += 1
            found = make(true)
            if found is None:
                continue
            item, user, text = found
            made += 1
            yield Line(
                id=f"{'t' if true else 'f'}{made}", item=item.id, user=user, text=text, kind=kind,
                true=true,
            )  # fmt: skip


def check_texts(assistant: Assistant, n: int, seed: int, out: Path | None) -> dict[str, object]:
    """Verdicts of the checker over generated texts, by kind."""
    todo = list(lines(assistant, n, seed))
    wrong: list[tuple[Line, Verdict]] = []
    seconds = []
    for line in todo:
        begin = time.perf_counter()
        verdict = assistant.verify(line.item, line.text, user=line.user)
        seconds.append(time.perf_counter() - begin)
        if verdict.holds != line.true:
            wrong.append((line, verdict))
    for line, verdict in wrong:
        told = "; ".join(f"{'+' if c.holds else '-'} {c.text} [{c.why}]" for c in verdict.claims)
        kind = "FALSE ALARM" if line.true else "MISSED"
        print(f"{kind} {line.kind} {line.item}: {line.text} => {told}", file=sys.stderr)
    if out is not None:
        rows = (
            {"id": x.id, "item": x.item, "text": x.text, **({"user": x.user} if x.user else {})}
            for x in todo
        )
        out.write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows), "utf-8")
    true = [x for x in todo if x.true]
    false = [x for x in todo if not x.true]
    missed = [x for x, _ in wrong if not x.true]
    alarms = [x for x, _ in wrong if x.true]
    return {
        "true": len(true),
        "false": len(false),
        "caught": round(1 - len(missed) / len(false), 4),
        "false_alarms": round(len(alarms) / len(true), 4),
        "kinds": dict(Counter(x.kind for x in false)),
        "missed": dict(Counter(x.kind for x in missed)),
        "alarms": dict(Counter(x.kind for x in alarms)),
        "median_ms": round(1000 * statistics.median(seconds), 2),
    }


WISHES = (
    "something {v}", "{v}, please", "I want {v}", "{v} but not too old", "show me {v}",
    "something like {t}", "I liked {t}", "{v} and {w}", "anything new?", "surprise me",
)  # fmt: skip
NEXT = ("others please", "cheaper", "newer", "more like the first", "show me {v}",
        "older than that", "why the first?", "I liked {t}", "better rated ones")  # fmt: skip


def messages(makers: Makers) -> Iterator[str]:
    """What people say in a dialogue: an opening and a few further wishes, without end."""
    chance = makers.chance

    def fill(text: str) -> str:
        values = [v for _, v in makers.values(chance.choice(makers.items))] or [makers.noun]
        return text.format(
            v=chance.choice(values), w=chance.choice(values), t=chance.choice(makers.plain).title
        )

    while True:
        yield ""
        yield fill(chance.choice(WISHES))
        for _ in range(3):
            yield fill(chance.choice(NEXT))


def check_replies(assistant: Assistant, n: int, seed: int) -> dict[str, object]:
    """Every reason of ``n`` replies with cards, held to the workspace by its text alone."""
    parts = assistant.parts
    makers = Makers(assistant, random.Random(seed))
    people = sorted(makers.people) or ["nobody"]
    replies = claims = held = cards = shared = pairs = made = kept = fell_back = 0
    kinds: Counter[str] = Counter()
    distinct: list[int] = []
    session, visitor = "", ""
    for number_, message in enumerate(messages(makers)):
        if replies >= n:
            break
        if not message:
            session, visitor = f"bench-{seed}-{number_}", makers.chance.choice(people)
            continue
        reply = assistant.reply(session, message, visitor=visitor)
        if not reply.cards:
            continue
        replies += 1
        fell_back += bool(reply.degraded)
        made, kept = made + reply.faithfulness.made, kept + reply.faithfulness.held
        conversation = parts.sessions.open(session, visitor)
        liked = (*conversation.preferences.likes, *conversation.preferences.named)
        person = parts.taste.person(visitor, liked)
        above: Item | None = None
        before: set[tuple[str, str, tuple[str, ...], tuple[str, ...]]] | None = None
        for card in reply.cards:
            item = parts.retriever.items[ItemId(card.id)]
            own = set()
            for claim in card.reasons:
                verdict = parts.checker.check(claim.text, item, person=person, above=above)
                claims, held = claims + 1, held + verdict.holds
                kinds[claim.kind] += 1
                own.add((claim.kind, claim.field, claim.values, tuple(claim.items)))
                if not verdict.holds:
                    told = "; ".join(f"{c.holds} {c.text} [{c.why}]" for c in verdict.claims)
                    print(f"DOES NOT HOLD {claim.kind} {card.id}: {claim.text} => {told}",
                          file=sys.stderr)  # fmt: skip
            cards += 1
            distinct.append(len({c.text for c in card.reasons}))
            if before is not None:
                pairs += 1
                shared += bool(before & own)
            before, above = own, item
    return {
        "replies": replies,
        "claims": claims,
        "held": round(held / max(claims, 1), 5),
        "claims_a_card": round(statistics.mean(distinct), 3),
        "shared_with_a_neighbour": round(shared / max(pairs, 1), 4),
        "kinds": dict(kinds.most_common()),
        "model_claims": made,
        "model_claims_held": kept,
        "degraded_replies": fell_back,
    }


def check_cost(assistant: Assistant, n: int, seed: int) -> dict[str, object]:
    """What the reasons of a slate take, in milliseconds of this process's own time and as a ratio
    to a loop that always does the same work."""
    parts = assistant.parts
    makers = Makers(assistant, random.Random(seed))
    people = sorted(makers.people) or ["nobody"]
    assistant.warm()
    rules = RulesEngine(parts.vocabulary)
    spent: list[float] = []
    loops: list[float] = []
    said = (m for m in messages(makers) if m and "{" not in m)
    while len(spent) < n:
        message, user = next(said), makers.chance.choice(people)
        profile = parts.taste.of(user)
        reading = rules.read(message, Context(items=parts.retriever.items))
        preferences = update(
            Preferences(), reading, facts=parts.facts, slate=(), turn=1, said=message
        )
        query = to_query(preferences, profile)
        ranking = parts.retriever.candidates(query)
        slate = parts.retriever.select(ranking, 6)
        if not slate.picks:
            continue
        begin = time.thread_time()
        evidence = parts.taste.evidence(slate, preferences, query, parts.retriever)
        explain(slate.picks, evidence, None, ranking)
        spent.append(1000 * (time.thread_time() - begin))
        begin = time.thread_time()
        sum(i * i for i in range(100_000))
        loops.append(1000 * (time.thread_time() - begin))
    spent.sort()
    loop = statistics.median(loops)
    p95 = spent[int(0.95 * len(spent))]
    return {
        "slates": len(spent),
        "median_ms": round(statistics.median(spent), 2),
        "p95_ms": round(p95, 2),
        "loop_ms": round(loop, 2),
        "p95_in_loops": round(p95 / loop, 2),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one measurement and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("what", choices=["texts", "replies", "cost"])
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--n", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--llm", default="none", choices=["none", "auto"])
    parser.add_argument("--turns", type=int, default=500)
    said = parser.parse_args(arguments)
    write = said.what == "replies"
    with Assistant.open(said.home, llm=said.llm, write=write) as assistant:
        if said.what == "texts":
            found = check_texts(assistant, said.n, said.seed, said.out)
        elif said.what == "replies":
            found = check_replies(assistant, said.turns, said.seed)
        else:
            found = check_cost(assistant, said.turns, said.seed)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
