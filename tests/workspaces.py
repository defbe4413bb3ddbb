"""Small real workspaces for tests, made by the product's own ingest.

The films are sixty-four well-known ones with their true years, people and genres. The ratings are
generated from a seed: readers of one taste rate films of two genres high and others low.
"""

from __future__ import annotations

import csv
import json
import random
from collections import Counter
from pathlib import Path

from assistant.build import ingest_into
from assistant.settings import Settings
from retrieval.datasets import demo

FILMS = Path(__file__).with_name("fixtures") / "films.csv"
TASTES = (
    ("Western", "Adventure"),
    ("Crime", "Thriller"),
    ("Comedy", "Romance"),
    ("Sci-Fi", "Horror"),
)


def films() -> list[dict[str, str]]:
    """The rows of the film fixture."""
    with FILMS.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def write_ratings(path: Path, *, users: int = 60, seed: int = 7) -> int:
    """Ratings of generated users, each of one taste; returns how many were written."""
    chance = random.Random(seed)
    rows = films()
    written = 0
    with path.open("w", encoding="utf-8", newline="") as out:
        lines = csv.writer(out)
        lines.writerow(["user_id", "item_id", "rating", "timestamp"])
        for number in range(users):
            taste = set(TASTES[number % len(TASTES)])
            start = 1_500_000_000 + chance.randrange(10_000_000)
            for place, row in enumerate(chance.sample(rows, 24)):
                near = len(taste & set(row["genres"].split("|")))
                stars = min(5.0, max(0.5, chance.gauss((2.2, 3.6, 4.6)[near], 0.6)))
                lines.writerow(
                    [f"u{number}", row["id"], round(stars * 2) / 2, start + 3600 * place]
                )
                written += 1
    return written


TOLD = ("synopsis", "themes")
"""Fields of the built-in films whose words are our own."""

SHOP = ("kettles", "lamps", "tents")


def write_shop(path: Path) -> int:
    """Thirty-six products of three categories with prices, stock and nested attributes."""
    colours, makers = ("red", "grey", "green"), ("Orrin", "Vessel", "Talby")
    written = 0
    with path.open("w", encoding="utf-8") as out:
        for c, category in enumerate(SHOP):
            for n in range(12):
                maker, colour = makers[n % 3], colours[(n // 3) % 3]
                attributes: dict[str, object] = {
                    "weight_g": 400 + 150 * n + 1000 * c,
                    "colour": colour,
                }
                attributes["quiet" if category == "kettles" else "waterproof"] = n % 2 == 0
                row = {
                    "sku": f"{category[:3].upper()}-{n:02d}",
                    "name": f"{maker} {colour} {category[:-1]} {n}",
                    "description": f"A {colour} one for {'travel' if n % 2 else 'home'}.",
                    "category": category,
                    "brand": maker,
                    "price": 20.0 + 15 * n + 5 * c,
                    "currency": "EUR",
                    "in_stock": n % 4 != 3,
                    "attributes": attributes,
                }
                out.write(json.dumps(row) + "\n")
                written += 1
    return written


def film_workspace(home: Path, *, encoder: str = "hashed") -> Path:
    """A workspace of the films with generated ratings."""
    home.mkdir(parents=True, exist_ok=True)
    ratings = home.parent / f"{home.name}-ratings.csv"
    write_ratings(ratings)
    ingest_into(home, settings=Settings(encoder=encoder), catalog=FILMS, events=ratings)
    return home


def shop_workspace(home: Path, *, encoder: str = "hashed") -> Path:
    """A workspace of the products, without events."""
    home.mkdir(parents=True, exist_ok=True)
    catalogue = home.parent / f"{home.name}-products.jsonl"
    write_shop(catalogue)
    ingest_into(home, settings=Settings(encoder=encoder), catalog=catalogue)
    return home


def built_in_workspace(folder: Path, files: Path, *, films: int = 400) -> Path:
    """The most rated of the built-in films, with the ratings of every fifth user; hashed.

    The same everywhere: of more people the blend would learn trees, whose thresholds turn a last
    digit, which processors compute differently, into another order. Without what is told of the
    films, so that a better word in a synopsis breaks no recording. ``files`` is what
    :func:`retrieval.datasets.demo.write` wrote. The workspace is ``folder/home``.
    """
    lines = (files / "films.jsonl").read_text(encoding="utf-8").split("\n")
    rows = [json.loads(line) for line in lines if line]
    rows = [{k: v for k, v in row.items() if k not in TOLD} for row in rows]
    with (files / "ratings.csv").open(encoding="utf-8", newline="") as table:
        events = [event for event in csv.DictReader(table) if int(event["user"]) % 5 == 0]
    rated = Counter(event["item"] for event in events)
    kept = {item for item, _ in sorted(rated.items(), key=lambda p: (-p[1], p[0]))[:films]}
    catalogue, ratings = folder / "most-rated.jsonl", folder / "their-ratings.csv"
    catalogue.write_text(
        "".join(json.dumps(row) + "\n" for row in rows if row["id"] in kept), encoding="utf-8"
    )
    with ratings.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(events[0]))
        writer.writeheader()
        writer.writerows(event for event in events if event["item"] in kept)
    untold = folder / "untold.toml"
    sections = demo.SCHEMA.read_text(encoding="utf-8").split("\n[")
    named = tuple(f"fields.{name}]" for name in TOLD)
    kept_sections = [s for s in sections if not s.startswith(named)]
    untold.write_text("\n[".join(kept_sections), encoding="utf-8")
    home = folder / "home"
    ingest_into(
        home,
        settings=Settings(encoder="hashed"),
        catalog=catalogue,
        events=ratings,
        schema=untold,
    )
    return home
