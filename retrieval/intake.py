"""The reading half of an ingest: rows of a source, judged one by one, into the staging file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import orjson

from retrieval.datasets.source import BLANK, Row, Source
from retrieval.errors import InputError, SchemaError
from retrieval.event_rows import OLD, EventColumns, EventReader, find_columns, scale_of, written
from retrieval.items import BadRow, make_item
from retrieval.kinds import DEFAULT_KINDS, EventKinds
from retrieval.progress import Progress
from retrieval.rejects import Rejects
from retrieval.schema import Layout, Said, infer
from retrieval.schema_file import Override, load, parse
from retrieval.storage import settings
from retrieval.storage.codec import kinds_of, schema_of
from retrieval.storage.staging import Difference, StagedEvent, Staging
from retrieval.storage.workspace import Workspace
from retrieval.study import Study
from retrieval.types import Item, Schema
from retrieval.values import HugeCell, Raw, flatten

_SAMPLE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCounts:
    """Items of one ingest. ``rejected`` and ``warned`` are rows by reason."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    retired: int = 0
    pruned: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    warned: Mapping[str, int] = field(default_factory=dict)

    def against(self, d: Difference, *, prune: bool) -> ItemCounts:
        """The counts with what the comparison found."""
        return replace(
            self,
            new=d.new,
            changed=d.changed,
            unchanged=d.unchanged,
            retired=0 if prune else d.gone,
            pruned=d.gone if prune else 0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class EventCounts:
    """Events of one ingest. ``duplicate`` counts repeats in the file and events known before."""

    read: int = 0
    new: int = 0
    duplicate: int = 0
    blank: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    warned: Mapping[str, int] = field(default_factory=dict)

    def against(self, d: Difference) -> EventCounts:
        """The counts with what the comparison found."""
        return replace(self, new=d.new_events, duplicate=self.duplicate + d.known_events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What holds for this ingest: what the person said, and what the workspace has."""

    override: Override
    override_text: str
    stored_override: str | None
    origin: str
    schema: Schema | None
    schema_text: str | None
    kinds: EventKinds
    kinds_text: str | None
    has_ratings: bool

    def said_of(self, schema: Schema) -> Mapping[str, Said]:
        """What was said about the fields of a schema, by full name."""
        return self.override.said([f.name for f in schema.fields], origin=self.origin)


def terms_of(workspace: Workspace, path: Path | None, *, catalog: bool) -> Terms:
    """The terms, from the schema file at ``path`` or else from the one given last."""
    with workspace.db.reading() as connection:
        stored = settings.get(connection, settings.OVERRIDE)
        schema_json = settings.get(connection, settings.SCHEMA)
        kinds_json = settings.get(connection, settings.KINDS)
        query = "SELECT EXISTS (SELECT 1 FROM items WHERE n_ratings > 0)"
        rated = bool(connection.exec_driver_sql(query).scalar_one())
    if path is None:
        text, origin = stored or "", "the schema file given earlier"
    else:
        text, origin = load(path), path.name
    override = parse(text, origin=origin)
    if path is not None and not catalog and text != stored and (override.fields or override.noun):
        raise SchemaError(
            f"{origin} says something about fields: give the catalogue with it, to be read again"
        )
    stored_kinds = kinds_of(kinds_json) if kinds_json else DEFAULT_KINDS
    kinds = override.kinds(DEFAULT_KINDS.with_scale(stored_kinds.low, stored_kinds.high))
    return Terms(
        override=override,
        override_text=text,
        stored_override=stored,
        origin=origin,
        schema=schema_of(schema_json) if schema_json else None,
        schema_text=schema_json,
        kinds=kinds,
        kinds_text=kinds_json,
        has_ratings=rated,
    )


def read_catalog(
    source: Source, stage: Staging, terms: Terms, *, home: Path, progress: Progress
) -> tuple[ItemCounts, Schema, set[str], Path | None]:
    """Stage a catalogue's items. Gives the counts, the schema, the ids and the file of rejects.

    SchemaError when no schema can be inferred; InputError when no row is usable.
    """
    target = home / "rejects" / f"{_file_name(source.name)}.catalog.csv"
    with Rejects(stage.folder / "items.csv", source.columns) as rejects:
        read, study = _stage_rows(source, stage, rejects, progress)
        if not study.rows:
            raise _nothing(source, "rows", rejects, target)
        said = terms.override.said(study.fields, origin=terms.origin)
        layout = infer(study, said, origin=source.name)
        layout = replace(layout, schema=terms.override.named(layout.schema))
        ids: set[str] = set()
        stage.add_items(_items(stage, layout, ids, rejects, study.rows, progress))
        if not ids:
            raise _nothing(source, "items", rejects, target)
        counts = ItemCounts(read=read, rejected=dict(rejects.rejected), warned=dict(rejects.warned))
        return counts, layout.schema, ids, rejects.publish(target)


def _stage_rows(
    source: Source, stage: Staging, rejects: Rejects, progress: Progress
) -> tuple[int, Study]:
    """Keep a catalogue's rows and look at their values; how many were read."""
    study = Study()
    read = 0

    def rows() -> Iterator[tuple[int, int, bytes]]:
        nonlocal read
        for row in source.rows(lambda done, total: progress("reading catalogue", done, total)):
            if row.problem == BLANK:
                continue
            read += 1
            flat = _flat(row, rejects)
            if flat is not None:
                study.add(flat)
                yield row.line, row.record, orjson.dumps(flat)

    stage.add_raw(rows())
    return read, study


def _flat(row: Row, rejects: Rejects) -> dict[str, Raw] | None:
    if row.problem:
        rejects.reject(row.line, row.record, row.problem, row.raw)
        return None
    try:
        return flatten(row.values)
    except HugeCell:
        rejects.reject(row.line, row.record, "huge_cell", row.values)
        return None


def _items(
    stage: Staging,
    layout: Layout,
    ids: set[str],
    rejects: Rejects,
    total: int,
    progress: Progress,
) -> Iterator[Item]:
    for done, (line, record, body) in enumerate(stage.raw(), start=1):
        if done % 512 == 0 or done == total:
            progress("checking items", done, total)
        flat = orjson.loads(body)
        try:
            item, doubts = make_item(layout, flat)
        except BadRow as e:
            rejects.reject(line, record, str(e), flat)
            continue
        if item.id in ids:
            rejects.reject(line, record, "duplicate_id", flat)
            continue
        for doubt in doubts:
            rejects.warn(line, record, doubt, flat)
        ids.add(item.id)
        yield item


def read_events(
    source: Source,
    stage: Staging,
    terms: Terms,
    ids: AbstractSet[str],
    schema: Schema,
    *,
    home: Path,
    progress: Progress,
    now: float,
) -> tuple[EventCounts, EventKinds, str, Path | None]:
    """Stage an event log. Gives the counts, the kinds with their scale, a note, and the rejects.

    SchemaError when a column is missing; InputError when no row is usable.
    """
    columns = _columns_of(source, terms, ids, schema)
    target = home / "rejects" / f"{_file_name(source.name)}.events.csv"
    with Rejects(stage.folder / "events.csv", source.columns) as rejects:
        reading = _Reading(source, EventReader(columns, terms.kinds, ids, now), rejects, progress)
        kept = stage.add_events(reading.events())
        kinds, outside = _scaled(stage, terms)
        for event in outside:
            _refuse_rating(event, columns, rejects)
        if kept == len(outside):
            raise _nothing(source, "events", rejects, target)
        counts = EventCounts(
            read=reading.read,
            duplicate=reading.good - kept,
            blank=reading.blank,
            rejected=dict(rejects.rejected),
            warned=dict(rejects.warned),
        )
        note = f"{source.name}: {columns.note()}"
        if any(k.carries == "stars" for k in kinds.values()):
            note += f", ratings from {kinds.low:g} to {kinds.high:g}"
        return counts, kinds, note, rejects.publish(target)


def _columns_of(
    source: Source, terms: Terms, ids: AbstractSet[str], schema: Schema
) -> EventColumns:
    """The columns of an event log, from its first good rows."""
    rows = source.rows(lambda _done, _total: None)
    sample = [r.values for r in islice((r for r in rows if not r.problem), _SAMPLE)]
    if not sample:
        raise InputError(f"{source.name} holds no events")
    columns = find_columns(
        sample,
        terms.override.columns.model_dump(exclude_none=True),
        ids=ids,
        id_field=schema.by_role("id")[0].name,
        origin=source.name,
    )
    if not columns.kind and not terms.kinds.known(columns.fixed):
        raise SchemaError(f'{source.name}: no kind of event is called "{columns.fixed}"')
    return columns


@dataclass(slots=True)
class _Reading:
    """One pass over an event log, and what it counts."""

    source: Source
    reader: EventReader
    rejects: Rejects
    progress: Progress
    read: int = 0
    blank: int = 0
    good: int = 0

    def events(self) -> Iterator[StagedEvent]:
        """The good rows; the others are refused on the way."""
        rejects, progress = self.rejects, self.progress
        for row in self.source.rows(lambda done, total: progress("reading events", done, total)):
            if row.problem == BLANK:
                self.blank += 1
                continue
            self.read += 1
            if row.problem:
                rejects.reject(row.line, row.record, row.problem, row.raw)
                continue
            found = self.reader.read(row.values)
            if isinstance(found, str):
                rejects.reject(row.line, row.record, found, row.values)
                continue
            self.good += 1
            if found[4] is not None and found[4] < OLD:
                rejects.warn(row.line, row.record, "implausibly_old", row.values)
            yield row.record, row.line, *found


def _refuse_rating(event: StagedEvent, columns: EventColumns, rejects: Rejects) -> None:
    """List a rating that lies outside the scale, which is known only after the last row."""
    record, line, user, item, kind, value, when = event
    cells = {columns.user: user, columns.item: item, columns.value or "value": value}
    cells |= {columns.kind: kind} if columns.kind else {}
    cells |= {columns.time: written(when, columns)} if columns.time else {}
    below_zero = value is not None and value < 0
    rejects.reject(line, record, "negative_value" if below_zero else "rating_out_of_range", cells)


def _scaled(stage: Staging, terms: Terms) -> tuple[EventKinds, Sequence[StagedEvent]]:
    """The kinds on the scale of these ratings, and the events taken out for lying outside.

    A scale that a person gave wins, then that of ratings which the workspace has, then that which
    most of the new ratings lie on.
    """
    kinds = terms.kinds
    stars = [k.name for k in kinds.values() if k.carries == "stars"]
    if terms.override.ratings is None and not terms.has_ratings:
        found = scale_of(stage.ratings(stars))
        if found is not None:
            kinds = kinds.with_scale(*found)
    return kinds, stage.take_out(stars, kinds.low, kinds.high)


def _nothing(source: Source, what: str, rejects: Rejects, target: Path) -> InputError:
    if not rejects.rejected:
        return InputError(f"{source.name} holds no {what}")
    reasons = ", ".join(f"{r} {n}" for r, n in rejects.rejected.most_common(4))
    path = rejects.publish(target)
    return InputError(
        f"{source.name}: every row was refused ({reasons}); nothing has changed, see {path}"
    )


def _file_name(name: str) -> str:
    """A source's name as part of a file name."""
    return "".join(c if c.isalnum() or c in "-_" else "_" for c in name)[:80]
