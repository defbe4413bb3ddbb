"""How often the dialogue breaks what it promised: generated conversations and written ones.

    python benchmarks/promises.py HOME [HOME …] [--dialogues 500] [--seed 7] [--out FILE]
    python benchmarks/promises.py HOME --scenarios FILE.jsonl

The dialogues are shared out evenly among the workspaces, which are copied first, so nothing is
written into them. Every message was a typed demand before it was a sentence, and every slate is
judged by a ledger of those demands on the items' own fields (``tests/promises``). ``--out`` writes
every turn, one JSON object a line. With ``--scenarios`` the conversations of a file are played and
judged by the expectations written in it; all of them must be about the one workspace.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.door import Assistant
from assistant.evaluation.scenarios import play_scenarios
from retrieval.types import ItemId
from tests.promises.check import PROMISES
from tests.promises.play import Stage, Turn
from tests.promises.scenarios import faults


@contextmanager
def opened(home: Path) -> Iterator[Assistant]:
    """A copy of a workspace with the rules engine, ready to answer."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy)
        with Assistant.open(copy, llm="none") as assistant:
            assistant.warm()
            yield assistant


def generated(homes: list[Path], dialogues: int, seed: int) -> Iterator[Turn]:
    """The turns of the dialogues, workspace by workspace."""
    for n, home in enumerate(homes):
        share = dialogues // len(homes) + (n < dialogues % len(homes))
        with opened(home) as assistant:
            stage = Stage(assistant)
            for number in range(share):
                yield from stage.play(f"{seed}/{home.name}/{number}")


def report(turns: Iterator[Turn], out: Path | None) -> None:
    """Print what was broken, and where; every broken turn is told as it comes."""
    asked: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    dialogues: set[str] = set()
    shown = 0
    lines = out.open("w", encoding="utf-8") if out is not None else None
    for turn in turns:
        dialogues.add(turn.dialogue)
        asked[turn.message.shape] += 1
        languages[turn.language] += 1
        shown += len(turn.slate)
        rules.update(f.rule for f in turn.faults)
        broken[turn.message.shape] += bool(turn.faults)
        for fault in turn.faults:
            where = f"{turn.dialogue} turn {turn.number}: {turn.message.text!r}"
            print(f"{where}: {fault.rule}: {fault.detail}", file=sys.stderr)
        if lines is not None:
            row = {
                "dialogue": turn.dialogue,
                "turn": turn.number,
                "user": turn.message.text,
                "meant": turn.message.shape,
                "act": turn.act,
                "slate": turn.slate,
                "reply": turn.text,
                "faults": [f"{f.rule}: {f.detail}" for f in turn.faults],
            }
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
    if lines is not None:
        lines.close()
    print(f"{len(dialogues)} dialogues, {asked.total()} turns, {shown} items shown")
    print("by language: " + ", ".join(f"{k} {v}" for k, v in languages.most_common()))
    print("\n| rule | broken |\n|---|---:|")
    for rule in dict.fromkeys((*PROMISES, *sorted(rules))):
        print(f"| {rule} | {rules[rule]} |")
    print("\n| what was said | turns | with a fault |\n|---|---:|---:|")
    for shape, count in sorted(asked.items()):
        print(f"| {shape} | {count} | {broken[shape]} |")


def written(home: Path, file: Path) -> None:
    """Print what was broken in the conversations of a file."""
    scenarios = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line]
    rules: Counter[str] = Counter()
    turns = 0
    with opened(home) as assistant:
        items = {i.id: i for i in assistant.parts.workspace.catalogue.all(include_retired=True)}
        for scenario in scenarios:
            slates = [
                tuple(ItemId(i) for i in line["slate"])  # type: ignore[attr-defined]
                for line in play_scenarios(assistant, [scenario])
            ]
            for n, found in enumerate(faults(scenario["turns"], slates, items)):
                turns += 1
                rules.update(f.rule for f in found)
                for fault in found:
                    print(f"{scenario['id']} turn {n}: {fault.rule}: {fault.detail}")
    print(f"{len(scenarios)} scenarios, {turns} turns")
    for rule in dict.fromkeys((*PROMISES, *sorted(rules))):
        print(f"{rule}: {rules[rule]}")


def main() -> None:
    """Play and count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("homes", nargs="+", type=Path)
    parser.add_argument("--dialogues", type=int, default=500)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--scenarios", type=Path)
    arguments = parser.parse_args()
    if arguments.scenarios is not None:
        if len(arguments.homes) != 1:
            parser.error("--scenarios takes one workspace")
        written(arguments.homes[0], arguments.scenarios)
        return
    report(generated(arguments.homes, arguments.dialogues, arguments.seed), arguments.out)


if __name__ == "__main__":
    main()
