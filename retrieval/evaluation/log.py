"""An event log as an ingest would take it: the same readers, the same refusals, the same table."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from retrieval.datasets.files import open_events
from retrieval.datasets.source import Rows, Source
from retrieval.errors import InputError
from retrieval.event_rows import find_columns
from retrieval.ingest import BuildRequest, ingest
from retrieval.kinds import EventKinds
from retrieval.progress import Progress, silent
from retrieval.types import Event, Item, Schema
from retrieval.values import as_text

SAMPLE = 500
"""Rows from which the columns are inferred."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """What happened, with whom and what it happened to.

    ``items`` are sorted by id, each with the numbers that *all* events give it (see
    :func:`retrieval.evaluation.replay.as_of` for what is handed to an index). ``events`` are in
    file order. ``described`` is false where there was no catalogue: an item is then a bare id.
    ``notes`` say what was inferred and refused.
    """

    items: tuple[Item, ...]
    events: tuple[Event, ...]
    schema: Schema
    kinds: EventKinds
    described: bool
    notes: tuple[str, ...]


def read_log(ratings: Path, catalog: Path | None = None, *, progress: Progress = silent) -> Log:
    """The log in any file that an ingest takes, over a catalogue or over the items it names.

    It goes through a whole ingest into a workspace that is thrown away, so a row counts here if
    and only if it counts there. Raises InputError (with UnreadableFile and SchemaError) as an
    ingest does.
    """
    taken: list[tuple[BuildRequest, tuple[Event, ...]]] = []

    def take(request: BuildRequest) -> None:
        taken.append((request, tuple(request.events())))

    with tempfile.TemporaryDirectory(prefix="palate-history-") as folder:
        report = ingest(
            Path(folder) / "home",
            catalog=_named_in(open_events(ratings)) if catalog is None else catalog,
            events=ratings,
            build=take,
            progress=progress,
        )
    (request, events) = taken[0]
    items = request.items
    if catalog is None:
        items = [Item(id=item.id, title=item.id) for item in items]
    notes = list(report.notes)
    for what, counts in (("items", report.items), ("events", report.events)):
        if counts.rejected:
            reasons = ", ".join(f"{reason} {n:,}" for reason, n in counts.rejected.items())
            notes.append(f"{what} refused: {reasons}")
    if report.events.duplicate:
        notes.append(f"events that were there twice: {report.events.duplicate:,}")
    return Log(
        items=tuple(sorted(items, key=lambda item: item.id)),
        events=events,
        schema=request.schema,
        kinds=request.kinds,
        described=catalog is not None,
        notes=tuple(notes),
    )


def _named_in(source: Source) -> Source:
    """The items that a log names, as a catalogue of ids."""
    rows = (row.values for row in source.rows(lambda _done, _total: None) if not row.problem)
    sample = list(islice(rows, SAMPLE))
    if not sample:
        raise InputError(f"{source.name} holds no events")
    columns = find_columns(sample, {}, ids=frozenset(), id_field="", origin=source.name)
    found = {as_text(row.get(columns.item)).strip() for row in sample}
    found |= {as_text(row.get(columns.item)).strip() for row in rows}
    names = sorted(found - {""})

    def made() -> Iterator[tuple[int, Mapping[str, object]]]:
        for line, name in enumerate(names, start=1):
            yield line, {"id": name, "title": f"item {name}"}

    return Rows(f"items of {source.name}", made, columns=("id", "title"), total=len(names))
