"""What the synopses of the built-in films are worth to somebody who asks by mood and theme.

    python benchmarks/mood.py [--home DIR]

Builds the built-in workspace twice, without synopses and tags and with them, and asks both the 40
requests of ``mood.jsonl``. R@10 is the share of a request's right answers among the first ten, mean
over the requests: by words alone (MiniLM's cosine over all films), and as the product recommends to
a newcomer without a language model. The right answers of a request are three to eight of the 800
most-rated films that answer it beyond doubt; there may be others.

With ``--home`` the two workspaces are kept there, and a later run embeds only what has changed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np

from assistant import Assistant
from assistant.build import ingest_into
from assistant.settings import Settings
from retrieval.datasets import demo, synopses
from retrieval.embeddings import make_encoder
from retrieval.metrics import recall

K = 10
ENCODER = "minilm-int8"  # as ``palate demo`` has it
REQUESTS = Path(__file__).with_name("mood.jsonl")
WORDS, PRODUCT = "MiniLM alone", "the product"
TOLD = ("synopsis", "themes")
"""The fields of the catalogue that the first workspace goes without."""

Asked = dict[str, Any]
"""A line of ``mood.jsonl``: ``request``, and ``right`` with the id, title and year of each film."""


def main() -> None:
    """Build both, ask both, print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--home", type=Path, help="build there and keep it")
    home = parser.parse_args().home
    if home is not None:
        measure(home)
        return
    with tempfile.TemporaryDirectory(prefix="palate-bench-") as folder:
        measure(Path(folder))


def measure(home: Path) -> None:
    """Build the two workspaces under ``home``, ask them, and print what they answer."""
    requests = [json.loads(line) for line in REQUESTS.read_text("utf-8").splitlines()]
    files = demo.write(home / "files")
    told = len(synopses.read())
    print(f"{len(requests)} requests, {told:,} of {files.films:,} films with a synopsis.\n")
    without = ask(build(home / "without", files, told=False), requests)
    shared = home / "with" / "vectors.cache"
    if not shared.exists():  # nearly all films say the same in both
        shutil.copytree(home / "without" / "vectors.cache", shared)
    with_them = ask(build(home / "with", files, told=True), requests)
    print("| R@10 | without | with | ratio |")
    print("|---|---|---|---|")
    for way in without:
        before, after = mean(without[way]), mean(with_them[way])
        ratio = f"{after / before:.2f}" if before else "-"
        print(f"| {way} | {before:.3f} | {after:.3f} | {ratio} |")
    print("\nEach request, through the product:\n")
    for request, old, new in zip(requests, without[PRODUCT], with_them[PRODUCT], strict=True):
        print(f"{old:.2f} {new:.2f}  {request['request']}")


def build(home: Path, files: demo.DemoFiles, *, told: bool) -> Path:
    """A workspace of the built-in films with or without what is told of them; made or renewed."""
    home.mkdir(parents=True, exist_ok=True)
    catalog, schema = files.catalog, files.schema
    if not told:
        catalog, schema = home / "films.jsonl", home / "roles.toml"
        with (
            files.catalog.open(encoding="utf-8") as rows,
            catalog.open("w", encoding="utf-8") as out,
        ):
            for row in map(json.loads, rows):
                kept = {name: value for name, value in row.items() if name not in TOLD}
                out.write(json.dumps(kept, ensure_ascii=False) + "\n")
        parts = files.schema.read_text("utf-8").split("\n\n")
        said = [p for p in parts if not p.startswith(tuple(f"[fields.{f}]" for f in TOLD))]
        schema.write_text("\n\n".join(said), "utf-8")
    settings = Settings(home=home, encoder=ENCODER, llm="none")
    ingest_into(home, settings=settings, catalog=catalog, events=files.events, schema=schema)
    return home


def ask(home: Path, requests: Sequence[Asked]) -> dict[str, list[float]]:
    """R@10 of each request, by each way of asking."""
    encoder = make_encoder(ENCODER)
    settings = Settings(home=home, encoder=ENCODER, llm="none")
    found: dict[str, list[float]] = {WORDS: [], PRODUCT: []}
    with Assistant.open(home, settings=settings, write=False) as assistant:
        ids = sorted(assistant.parts.retriever.items)
        vectors = assistant.parts.retriever.index.vectors(ids)
        for request in requests:
            right = {film["id"] for film in request["right"]}
            near = vectors @ encoder.encode([request["request"]])[0]
            nearest = [ids[row] for row in np.argsort(-near, kind="stable")[:K]]
            cards = assistant.recommend(query=request["request"], k=K).items
            found[WORDS].append(recall(nearest, right, K))
            found[PRODUCT].append(recall([card.id for card in cards], right, K))
    return found


if __name__ == "__main__":
    main()
