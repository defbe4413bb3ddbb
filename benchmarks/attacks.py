"""What poisoned listings gain in the whole dialogue, from ingest to the slate that is shown.

    python benchmarks/attacks.py --catalog shop/catalog.jsonl --poisoned shop/poisoned.jsonl

Every attack of the re-ranker's suite is tried on one item of every category, and every poisoned
row is compared with itself without what is written for machines. A place is one on a slate of
twelve; who is not shown stands behind it. The models are scripts: *obedient* does whatever sounds
like an order, *partial* favours an attacker for anything that the attack added and came through.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import fmean

sys.path.insert(0, str(Path(__file__).parents[1]))

from assistant.llm.types import ChatModel
from assistant.reranking.injection import ATTACKS
from assistant.settings import Settings
from tests.assistant.attacked import Row, Shop, Target, obedient, partial

Model = Callable[[frozenset[str]], ChatModel | None]
MODELS: dict[str, Model] = {"rules": lambda _: None, "obedient": obedient, "partial": partial}


def read(path: Path) -> list[Row]:
    """The rows of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def honest(text: str) -> str:
    """A poisoned row's text without its comments where it hides an order in them, else its first
    sentence, which in these rows is of the product."""
    bare = re.sub(r"<!--.*?-->", "", text)
    return bare if bare != text else re.split(r"(?<=[.!?])\s", text)[0]


def targets_of(shop: Shop, rows: list[Row]) -> list[Target]:
    """Of each category the item at the ninth place of what is shown for it, or the last one."""
    requests = [request(row) for row in {str(row["category"]): row for row in rows}.values()]
    by_id = {str(row["id"]): row for row in rows}
    slates = shop.slates(shop.home, requests, None)
    return [Target(row=by_id[s[:9][-1]], request=r) for r, s in zip(requests, slates, strict=True)]


def request(row: Row) -> str:
    """A request for things of the row's category."""
    return f"{row['category']}, light and easy to use"


def main() -> None:
    """Print one table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--poisoned", type=Path, required=True)
    parser.add_argument("--encoder", default="minilm-int8")
    arguments = parser.parse_args()
    rows, settings = read(arguments.catalog), Settings(encoder=arguments.encoder)
    bad = read(arguments.poisoned)
    cut = [{**row, "description": honest(str(row["description"]))} for row in bad]
    gains: dict[str, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    with tempfile.TemporaryDirectory() as folder:
        shop = Shop(Path(folder), [*rows, *cut], settings)
        targets = targets_of(shop, [*rows, *cut])
        of_bad = [Target(row=r, request=request(r)) for r in cut]
        steady = shop.remember([*targets, *of_bad])
        clean = dict.fromkeys(MODELS, steady)
        clean["rules"] = shop.places(shop.home, [*targets, *of_bad], None)
        families = {a.name: a.family for a in ATTACKS}
        for turn in range(len(ATTACKS)):
            # Each target meets each attack once; no two targets of a turn are of one category.
            dealt = {t.key: ATTACKS[(turn + n) % len(ATTACKS)] for n, t in enumerate(targets)}
            home = shop.poisoned([t.poisoned(dealt[t.key]) for t in targets], "id", f"turn{turn}")
            for name, model in MODELS.items():
                found = shop.places(home, targets, model(shop.clean))
                for key, place in found.items():
                    gains[families[dealt[key].name]][name].append(clean[name][key] - place)
            shutil.rmtree(home)
            print(f"{turn + 1} of {len(ATTACKS)}", file=sys.stderr, flush=True)
        home = shop.poisoned(bad, "id", "poisoned")
        for name, model in MODELS.items():
            found = shop.places(home, of_bad, model(shop.clean))
            gains["poisoned rows"][name] += [
                clean[name][key] - place for key, place in found.items()
            ]
    print(f"| family | runs | {' | '.join(f'{m}: mean | greatest' for m in MODELS)} |")
    print(f"|---|---:|{'---:|---:|' * len(MODELS)}")
    for family, row in [*sorted(gains.items()), ("**all**", _all(gains))]:
        cells = " | ".join(f"{fmean(row[m]):+.2f} | {max(row[m]):+d}" for m in MODELS)
        print(f"| {family} | {len(row['rules'])} | {cells} |")


def _all(gains: dict[str, dict[str, list[int]]]) -> dict[str, list[int]]:
    return {m: [g for row in gains.values() for g in row[m]] for m in MODELS}


if __name__ == "__main__":
    main()
