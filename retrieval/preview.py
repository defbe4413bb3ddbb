"""What an ingest would do, told before it is done: nothing of the workspace changes.

The rows are read, judged and compared by the code that ingests, in a folder aside.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import orjson

from retrieval.errors import InputError
from retrieval.ingest import NOTHING, sources
from retrieval.intake import EventCounts, ItemCounts, read_catalog, read_events, terms_of
from retrieval.progress import Progress, silent
from retrieval.schema import sample_value, with_derived
from retrieval.storage.staging import Staging, compare, coverage_after, known_ids
from retrieval.storage.workspace import Workspace
from retrieval.types import Field, Schema

EXAMPLES = 3
"""Different values shown of a field."""
LOOKED_AT = 200
"""Rows that examples are taken from."""
ROWS = 50
"""Refused or doubted rows shown of a file."""

_OWN = 4  # columns of a list of refused rows that are not the file's: line, record, outcome, reason


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPreview:
    """A field as it would be understood, and a few of its values; none of a derived number."""

    field: Field
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A row that would not be taken, or (``taken``) taken with a doubt: where it starts in its
    file, why, and its cells, each safe for a spreadsheet and cut where it is long."""

    file: str
    line: int
    taken: bool
    reason: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What an ingest would come to. ``fields`` is empty where no catalogue was given.

    ``retired`` counts the items that are shown now and that the new catalogue lacks. Of every file
    the first :data:`ROWS` refused rows are in ``refused``; the counts are whole.
    """

    schema: Schema
    fields: tuple[FieldPreview, ...]
    items: ItemCounts
    events: EventCounts
    refused: tuple[Refused, ...]
    notes: tuple[str, ...]

    @property
    def retired(self) -> int:
        """Items that would no longer be shown."""
        return self.items.retired


def preview(
    workspace: Workspace,
    folder: Path,
    *,
    catalog: Path | None = None,
    events: Path | None = None,
    schema: Path | None = None,
    progress: Progress = silent,
    now: float | None = None,
) -> Preview:
    """What :func:`retrieval.ingest.refresh` would do with these files.

    ``folder`` takes what is needed meanwhile, and the lists of refused rows. Raises what an ingest
    raises; the lists are there then, too (:func:`refused`).
    """
    items_from, events_from = sources(catalog, events)
    if items_from is None and events_from is None:
        raise InputError(NOTHING)
    terms = terms_of(workspace, schema, catalog=items_from is not None)
    ids = known_ids(workspace.db)
    item_counts, event_counts = ItemCounts(), EventCounts()
    base, kinds = terms.schema, terms.kinds
    notes: list[str] = []
    examples: dict[str, tuple[str, ...]] = {}
    with Staging(folder) as stage:
        if items_from is not None:
            item_counts, base, made, _ = read_catalog(
                items_from, stage, terms, home=folder, progress=progress
            )
            ids |= made
            examples = _examples(stage)
        if base is None or not ids:
            raise InputError("there is no catalogue yet: give one with the events")
        if events_from is not None:
            event_counts, kinds, note, _ = read_events(
                events_from,
                stage,
                terms,
                ids,
                base,
                home=folder,
                progress=progress,
                now=time.time() if now is None else now,
            )
            notes.append(note)
        with workspace.db.comparing(stage.path) as connection:
            catalogued = items_from is not None
            stars = [k.name for k in kinds.values() if k.carries == "stars"]
            difference = compare(connection, catalog=catalogued, prune=False, stars=stars)
            coverage = coverage_after(connection, catalog=catalogued)
    found = with_derived(base, coverage, terms.said_of(base))
    fields = found.fields if items_from is not None else ()
    return Preview(
        schema=found,
        fields=tuple(FieldPreview(field=f, examples=examples.get(f.name, ())) for f in fields),
        items=item_counts.against(difference, prune=False),
        events=event_counts.against(difference),
        refused=refused(folder),
        notes=tuple(notes),
    )


def refused(folder: Path) -> tuple[Refused, ...]:
    """The rows that a preview in ``folder`` listed, file by file; empty when there are none."""
    out: list[Refused] = []
    for path in sorted((folder / "rejects").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            out += islice(_refused(lines, path.name.removesuffix(".csv")), ROWS)
    return tuple(out)


def _refused(lines: Iterator[str], file: str) -> Iterator[Refused]:
    rows = csv.reader(lines)
    columns = next(rows, [])[_OWN:]
    for row in rows:
        cells = row[_OWN:]
        names = [*columns, *[""] * (len(cells) - len(columns))]
        yield Refused(
            file=file,
            line=int(row[0]),
            taken=row[2] == "taken",
            reason=row[3],
            cells=tuple(zip(names, cells, strict=False)),
        )


def _examples(stage: Staging) -> dict[str, tuple[str, ...]]:
    """The first different values of each field."""
    found: dict[str, dict[str, None]] = {}
    for _, _, body in islice(stage.raw(), LOOKED_AT):
        for name, value in orjson.loads(body).items():
            held = found.setdefault(name, {})
            if value is not None and value != "" and len(held) < EXAMPLES:
                held[sample_value(value)] = None
    return {name: tuple(values) for name, values in found.items()}
