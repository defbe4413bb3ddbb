"""Record how a real model reads labelled messages, and show what was made of its readings.

    PALATE_LLM_BASE_URL=http://127.0.0.1:8085/v1 PALATE_LLM_MODEL=local \\
        python -m tests.record_messages [--weights FILE]
        python -m tests.record_messages --file FILE.jsonl --home DIR --sample N --out FILE.json
    python -m tests.record_messages --invented N [--file FILE.jsonl --home DIR]

Without ``--file`` it reads the thirty messages of ``fixtures/messages.jsonl`` for the replay test.
With one it reads a labelled file (a line: ``{"id", "text", "context"?, "gold"}``) over a workspace,
or a sample of it: of each act its share, at least one, drawn from a fixed seed. What is recorded
already is not asked again, so an interrupted recording goes on, and a whole one needs no endpoint.
With ``--invented`` the answers are made up of the messages' own words: what is let through?
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import BadAnswer
from assistant.llm.configured import make_model
from assistant.llm.record import Recorder, Replay
from assistant.llm.recording import Recording, key, read
from assistant.llm.scripted import Scripted
from assistant.llm.structured import ask
from assistant.llm.types import ChatModel, ChatRequest, Usage
from assistant.settings import load
from assistant.types import Reading
from assistant.understanding.arbitrate import arbitrate
from assistant.understanding.evidence import Evidence
from assistant.understanding.form import Form, request
from assistant.understanding.model import read_with_model
from assistant.understanding.public_form import parse
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Item
from tests.invented_answers import invented
from tests.labelled_messages import (
    FIXTURES,
    GROUPS,
    Labelled,
    catalogues,
    exact,
    f1,
    labelled,
    own_messages,
)

RECORDING = FIXTURES / "messages.json"
AGAIN = "python -m tests.record_messages"
PATIENCE = 1200.0
"""Seconds a call may take on a slow machine."""

SEED = 8

Parse = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What was read of one message: by the rules, by the model, and out of both; in public form.

    ``seconds`` are those of the rules engine. A form that could not be used is none, and the rules
    are left.
    """

    message: Labelled
    rules: Parse
    model: Parse
    both: Parse
    usage: Usage
    seconds: float
    usable: bool


async def read_all(
    model: ChatModel, vocabulary: Vocabulary, messages: Sequence[Labelled]
) -> list[Read]:
    """Each message as the engines read it, with this model."""
    engine = RulesEngine(vocabulary)
    return [await _read(model, engine, message) for message in messages]


async def _read(model: ChatModel, engine: RulesEngine, message: Labelled) -> Read:
    started = time.perf_counter()
    rules = engine.read(message.text, message.context)
    seconds = time.perf_counter() - started
    text, around = message.text, message.context
    heard = engine.heard(text, around)
    whole = Evidence(
        vocabulary=engine.vocabulary, message=text, heard=heard, question=around.question
    )
    rest = Evidence.beside(rules, engine.vocabulary, text, heard, around.question)
    alone, both, usage, usable = Reading(), rules, Usage(), True
    try:
        found = await read_with_model(model, whole, around, deadline=PATIENCE)
        added = await read_with_model(model, rest, around, deadline=PATIENCE)
    except BadAnswer:
        usable = False
    else:
        alone, usage = found.reading, found.usage
        both = arbitrate(rules, added.reading, around)
    schema = engine.vocabulary.schema
    parses = [parse(r, schema) for r in (rules, alone, both)]
    return Read(
        message=message,
        rules=parses[0],
        model=parses[1],
        both=parses[2],
        usage=usage,
        seconds=seconds,
        usable=usable,
    )


def read_invented(
    vocabulary: Vocabulary, items: Sequence[Item], messages: Sequence[Labelled], seeds: int
) -> list[Read]:
    """Each message with made-up answers of a model, once for each seed."""
    found = list[Read]()
    for seed in range(seeds):
        chance = random.Random(seed)
        answers = [invented(m, vocabulary, items, chance) for m in messages]
        twice = [answer for answer in answers for _ in range(2)]  # alone, and beside the rules
        found += asyncio.run(read_all(Scripted(twice), vocabulary, messages))
    return found


def sample(messages: Sequence[Labelled], size: int) -> list[Labelled]:
    """So many messages: of each act its share, at least one, by a fixed seed."""
    chance, by_act = random.Random(SEED), dict[str, list[Labelled]]()
    for m in messages:
        by_act.setdefault(m.gold["act"], []).append(m)
    spare = (size - len(by_act)) / max(1, len(messages) - len(by_act))
    shares = {act: spare * (len(held) - 1) for act, held in by_act.items()}
    taken = {act: 1 + int(share) for act, share in shares.items()}
    for act in sorted(shares, key=lambda a: -(shares[a] % 1))[: size - sum(taken.values())]:
        taken[act] += 1
    return [m for act, held in by_act.items() for m in chance.sample(held, taken[act])]


def table(found: Sequence[Read]) -> Iterator[str]:
    """F1 of each group and the messages that were read right, engine by engine."""
    yield f"| of {len(found)} | rules | model alone | arbitrated |"
    yield "|---|---:|---:|---:|"
    engines = [
        [(r.message.gold, r.rules) for r in found],
        [(r.message.gold, r.model) for r in found],
        [(r.message.gold, r.both) for r in found],
    ]
    for group in GROUPS:
        yield f"| {group} | " + " | ".join(f"{f1(pairs, group):.3f}" for pairs in engines) + " |"
    right = [sum(exact(gold, p) for gold, p in pairs) for pairs in engines]
    yield "| all of a message | " + " | ".join(map(str, right)) + " |"
    asked = statistics.mean(r.usage.prompt_tokens for r in found)
    said = statistics.mean(r.usage.completion_tokens for r in found)
    spent = statistics.median(r.seconds for r in found)
    lost = sum(not r.usable for r in found)
    yield f"\nA call: {asked:.0f} tokens asked, {said:.0f} answered; {lost} were of no use."
    yield f"The rules engine: {1000 * spent:.1f} ms a message, by the median."


def main() -> int:
    """Record what is missing, print the table and what each engine got wrong."""
    parser = argparse.ArgumentParser(
        prog=AGAIN, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--weights", type=Path, help="the model's file, for its hash")
    parser.add_argument("--file", type=Path, help="a labelled file, of one domain")
    parser.add_argument("--home", type=Path, help="the workspace of that file")
    parser.add_argument("--sample", type=int, help="how many of its messages (default: all)")
    parser.add_argument("--out", type=Path, default=RECORDING, help="the recording")
    parser.add_argument("--invented", type=int, help="no model: so many made-up answers a message")
    given = parser.parse_args()
    found = list[Read]()
    for vocabulary, items, messages in _sources(given):
        if given.invented:
            found += read_invented(vocabulary, items, messages, given.invented)
            continue
        held = read(given.out) if given.out.exists() else Recording(model="")
        missing = [m for m in messages if key(_request(vocabulary, m)) not in held.calls]
        if missing:
            asyncio.run(_record(vocabulary, missing, held, given.out, given.weights))
        found += asyncio.run(read_all(Replay(given.out), vocabulary, messages))
    print("\n".join(table(found)))
    for r in found:
        if not exact(r.message.gold, r.both) or not exact(r.message.gold, r.model):
            print(f"\n{r.message.id} {r.message.text}")
            told = {"label": r.message.gold, "rules": r.rules, "model": r.model, "both": r.both}
            for name, p in told.items():
                said = json.dumps({k: v for k, v in p.items() if v}, ensure_ascii=False)
                print(f"  {name:6}{said}")
    return 0


def _sources(
    given: argparse.Namespace,
) -> Iterator[tuple[Vocabulary, Sequence[Item], list[Labelled]]]:
    if given.file is None:
        messages = own_messages()
        for domain, (vocabulary, items) in catalogues().items():
            yield vocabulary, items, [m for m in messages if m.domain == domain]
        return
    from assistant import Assistant

    with Assistant.open(given.home, llm="none", write=False) as assistant:
        items = list(assistant.parts.retriever.items.values())
        lines = given.file.read_text(encoding="utf-8").splitlines()
        messages = [labelled(json.loads(line), items) for line in lines if line]
        size = given.sample or len(messages)
        yield assistant.parts.vocabulary, items, sample(messages, size)


def _request(vocabulary: Vocabulary, message: Labelled) -> ChatRequest:
    return request(vocabulary, message.text, message.context, deadline=PATIENCE)


async def _record(
    vocabulary: Vocabulary,
    messages: Sequence[Labelled],
    held: Recording,
    out: Path,
    weights: Path | None,
) -> None:
    """Ask about each message and add the answers to what is held; each is saved as it comes."""
    model = make_model(load())
    if model is None:
        raise SystemExit("no endpoint to record: set PALATE_LLM_BASE_URL and PALATE_LLM_MODEL")
    recorder = Recorder(model, out, weights=weights, again=AGAIN)
    recorder.recording.calls.update(held.calls)
    recorder.recording.prompts.extend(held.prompts)
    for number, message in enumerate(messages, start=1):
        with suppress(BadAnswer):
            await ask(recorder, _request(vocabulary, message), Form)
        recorder.save()
        print(f"{number} of {len(messages)} recorded", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
