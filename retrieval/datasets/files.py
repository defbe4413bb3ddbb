"""Any file or folder as rows: the content decides what it is, not the name."""

from __future__ import annotations

from pathlib import Path

from retrieval.datasets.delimited import open_delimited
from retrieval.datasets.jsonl import open_jsonl
from retrieval.datasets.movielens import is_movielens, open_movielens, ratings_of
from retrieval.datasets.parquet import open_parquet
from retrieval.datasets.source import Source
from retrieval.datasets.text import detect, head
from retrieval.errors import UnreadableFile


def open_catalog(path: Path) -> Source:
    """A catalogue: CSV (or semicolons, tabs, bars), JSON Lines, Parquet or a MovieLens folder.

    UnreadableFile, one line, when it is none of these; nothing but its start and its encoding has
    been looked at when this returns.
    """
    if path.is_dir():
        if not is_movielens(path):
            raise UnreadableFile(f"{path} is a folder without movies.csv: not a MovieLens folder")
        return open_movielens(path)
    return _open_file(path)


def open_events(path: Path) -> Source:
    """An event log in the same formats; of a MovieLens folder, its ratings."""
    if path.is_dir():
        found = ratings_of(path)
        if found is None:
            raise UnreadableFile(f"{path} is a folder without ratings.csv: not a MovieLens folder")
        return found
    return _open_file(path)


def events_beside(path: Path) -> Source | None:
    """The events that come with a catalogue: a MovieLens folder's ratings; None for a file."""
    return ratings_of(path) if path.is_dir() else None


def _open_file(path: Path) -> Source:
    start = head(path)
    if start.startswith(b"PAR1"):
        return open_parquet(path)
    if path.suffix.lower() in (".parquet", ".pq"):
        raise UnreadableFile(f"{path.name} is not a Parquet file: it does not start with PAR1")
    text = start.decode(detect(path).codec, errors="replace").lstrip("\ufeff \t\r\n")
    if not text:
        raise UnreadableFile(f"{path.name} holds nothing but white space")
    lowered = text[:200].lower()
    if lowered.startswith(("<!doctype", "<html", "<?xml", "<!--", "<head", "<body")):
        raise UnreadableFile(f"{path.name} is a web page or XML, not a table")
    if text.startswith("["):
        raise UnreadableFile(
            f"{path.name} is one JSON array; write one object a line (jq -c '.[]' does it)"
        )
    if text.startswith("{") or path.suffix.lower() in (".jsonl", ".ndjson"):
        return open_jsonl(path)
    return open_delimited(path)
