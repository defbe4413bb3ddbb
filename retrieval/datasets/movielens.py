"""A folder in MovieLens' own layout: ``movies.csv``, ``ratings.csv``, ``tags.csv``.

The layout is described in the README of the data sets (F. M. Harper and J. A. Konstan, The
MovieLens Datasets: History and Context, ACM TiiS 2015).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retrieval.datasets.delimited import Delimited, open_delimited
from retrieval.datasets.source import Counting, Row
from retrieval.errors import UnreadableFile
from retrieval.schema import year_of

_ARTICLE = re.compile(
    r"(?P<rest>.+), (?P<article>The|A|An|Le|La|Les|L'|Un|Une|El|Los|Las|Il|Lo|I|Gli|Der|Die|Das|"
    r"Ein|Eine|De|Het|Den|Det|En|O|Os|As)(?P<tail>| \(.*\))\Z"
)
_NONE = "(no genres listed)"
_TAGS = 10
"""Tags a film keeps: those that most people gave it."""


def is_movielens(folder: Path) -> bool:
    """Whether a folder holds ``movies.csv``."""
    return (folder / "movies.csv").is_file()


@dataclass(frozen=True, slots=True)
class MovieLens:
    """The films of a folder: id, title, year, genres, tags."""

    folder: Path
    movies: Delimited
    columns: tuple[str, ...] = ("movieId", "title", "year", "genres", "tags")

    @property
    def name(self) -> str:
        """The folder's name and the file's."""
        return f"{self.folder.name}/movies.csv"

    def rows(self, counting: Counting) -> Iterator[Row]:
        """One row a film, in the file's order."""
        tags = _tags(self.folder)
        for row in self.movies.rows(counting):
            if row.problem:
                yield row
                continue
            key = str(row.values["movieId"]).strip()
            title, year = year_of(str(row.values["title"]).strip())
            genres = [g for g in str(row.values["genres"]).split("|") if g and g != _NONE]
            values = {
                "movieId": key,
                "title": natural(title),
                "year": year,
                "genres": genres,
                "tags": tags.get(key, []),
            }
            yield row._replace(values=values)


def natural(title: str) -> str:
    """A title with its article in front: ``Usual Suspects, The`` is ``The Usual Suspects``."""
    found = _ARTICLE.match(title)
    if found is None:
        return title
    gap = "" if found["article"].endswith("'") else " "
    return f"{found['article']}{gap}{found['rest']}{found['tail']}"


def _tags(folder: Path) -> dict[str, list[str]]:
    path = folder / "tags.csv"
    if not path.is_file():
        return {}
    given: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in open_delimited(path).rows(lambda _done, _total: None):
        if not row.problem and "movieId" in row.values and "tag" in row.values:
            tag = str(row.values["tag"]).strip().lower()
            if tag and len(tag) <= 60:
                given[str(row.values["movieId"]).strip()][tag] += 1
    return {k: [t for t, _ in counts.most_common(_TAGS)] for k, counts in given.items()}


def open_movielens(folder: Path) -> MovieLens:
    """The films of a folder. UnreadableFile when ``movies.csv`` is not as MovieLens has it."""
    movies = open_delimited(folder / "movies.csv")
    missing = {"movieId", "title", "genres"} - set(movies.columns)
    if missing:
        raise UnreadableFile(
            f"{folder.name}/movies.csv has no column {', '.join(sorted(missing))}: "
            "not a MovieLens folder"
        )
    return MovieLens(folder, movies)


def ratings_of(folder: Path) -> Delimited | None:
    """The ratings of a MovieLens folder; None when it has none."""
    path = folder / "ratings.csv"
    return open_delimited(path) if path.is_file() else None
