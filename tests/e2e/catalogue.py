"""Three hundred invented films for a browser to look at, one of them with a hostile title."""

from __future__ import annotations

import json
import random
from pathlib import Path

HOSTILE = "<img src=x onerror=\"document.title='owned'\"> ${1+1} {{value}}"
HOSTILE_MAKER = "Zelda Quarrow"
GENRES = ("Western", "Crime", "Comedy", "Drama", "Musical", "Horror")
FIRST = ("Night", "Silver", "Quiet", "Broken", "Distant", "Golden", "Hidden", "Burning")
SECOND = ("Ferry", "Harbour", "Valley", "Letter", "Orchard", "Signal", "Mirror", "River", "Garden")
PEOPLE = ("Iris Maddox", "Sol Venn", "Mei Tanaka", "Otto Lindqvist", "Ana Prado", "Jonas Weil")


def write_catalogue(path: Path, *, count: int = 300, seed: int = 11) -> None:
    """A JSONL catalogue with people, genres, years and a sentence each; the same every time."""
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8") as out:
        for n in range(count):
            genres = [GENRES[n % len(GENRES)], chance.choice(GENRES)]
            first, second = FIRST[n % len(FIRST)], SECOND[n // len(FIRST) % len(SECOND)]
            film: dict[str, object] = {
                "id": f"m{n:03d}",
                "title": f"{first} {second} {n}" if n >= 72 else f"The {first} {second}",
                "year": 1950 + chance.randrange(70),
                "genres": list(dict.fromkeys(genres)),
                "directors": [PEOPLE[chance.randrange(len(PEOPLE))]],
                "cast": chance.sample(PEOPLE, 3),
                "overview": f"A {genres[0].lower()} about a {first.lower()} {second.lower()}.",
            }
            if n == count - 1:
                film |= {"title": HOSTILE, "directors": [HOSTILE_MAKER], "genres": ["Musical"]}
            out.write(json.dumps(film) + "\n")


def write_ratings(path: Path, *, users: int = 40, count: int = 300, seed: int = 12) -> None:
    """Ratings of invented people, each fond of one genre."""
    chance = random.Random(seed)
    lines = ["user_id,item_id,rating,timestamp"]
    for user in range(users):
        fond = user % len(GENRES)
        for place, n in enumerate(chance.sample(range(count), 25)):
            stars = 5 if n % len(GENRES) == fond else chance.choice((2, 3, 4))
            lines.append(f"u{user},m{n:03d},{stars},{1_500_000_000 + user * 1000 + place}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
