"""A catalogue and an event log go in: everything lands, or nothing does.

Rows are read and validated into a staging file, the index version is built beside the active one,
and one transaction then changes items, events, schema and active version together. Killed at any
point, the workspace is as it was, or as it was to become; the next run removes what was left over.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.datasets.files import events_beside, open_catalog, open_events
from retrieval.datasets.source import Source
from retrieval.errors import InputError
from retrieval.intake import (
    EventCounts,
    ItemCounts,
    Terms,
    read_catalog,
    read_events,
    terms_of,
)
from retrieval.kinds import EventKinds
from retrieval.progress import Progress, silent
from retrieval.schema import with_derived
from retrieval.schema_file import to_toml
from retrieval.storage import settings
from retrieval.storage.changes import settle
from retrieval.storage.codec import derived_of, kinds_text, schema_text
from retrieval.storage.room import writing_in
from retrieval.storage.staging import (
    Difference,
    Staging,
    carry_over,
    compare,
    coverage_after,
    events_after,
    items_after,
    known_ids,
    move,
)
from retrieval.storage.versions import KEPT, activate
from retrieval.storage.workspace import DATABASE, Workspace
from retrieval.types import Event, Item, Schema

log = logging.getLogger(__name__)

NOTHING = "nothing to ingest: give a catalogue, an event log, or both"


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildRequest:
    """What an index is built from, and where to.

    ``items`` are those that will be shown, by id in text order. ``events`` gives every event of
    the workspace, anew at each call. ``directory`` is empty and becomes the version; ``cache``
    outlives it; ``earlier`` is the version in force, if there is one, to take over from. All hold
    for the duration of the build only.
    """

    items: Sequence[Item]
    events: Callable[[], Iterable[Event]]
    schema: Schema
    kinds: EventKinds
    directory: Path
    cache: Path
    earlier: Path | None = None
    progress: Progress = silent


BuildIndex = Callable[[BuildRequest], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What an ingest read, took, refused and changed.

    ``rejects`` are the files that list the refused rows. ``seconds`` is by stage. ``changed`` is
    false when the workspace was up to date and nothing was built. ``notes`` say what was inferred.
    """

    items: ItemCounts
    events: EventCounts
    schema: Schema
    version: int
    changed: bool
    rejects: tuple[Path, ...]
    seconds: dict[str, float]
    notes: tuple[str, ...]


class _Clock:
    """Seconds by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[stage] = round(self.seconds.get(stage, 0.0) + now - self._last, 3)
        self._last = now


def ingest(
    home: Path,
    *,
    catalog: Path | Source | None,
    events: Path | Source | None,
    build: BuildIndex,
    schema: Path | None = None,
    prune: bool = False,
    progress: Progress = silent,
    signature: str = "",
    command: str = "palate ingest",
    now: float | None = None,
    keep: int = KEPT,
) -> IngestReport:
    """Take a catalogue, an event log, or both into the workspace at ``home``.

    Either may be a file, a MovieLens folder or any :class:`~retrieval.datasets.source.Source`. A
    MovieLens folder given as the catalogue brings its ratings along. ``schema`` overrides what is
    inferred and stays in force for later runs. Items that a new catalogue lacks are retired, with
    ``prune`` deleted along with their events. ``signature`` names the way the index is built
    (the encoder): another one builds anew although nothing else changed. ``now`` is Unix seconds.
    ``keep`` index versions stay on disk.

    InputError (with UnreadableFile and SchemaError) when the input is unusable, also when every
    row of a file was refused; WorkspaceBusy when another process is writing; StorageFull when there
    is no room. In each case, and when ``build`` raises, nothing has changed. With neither, an index
    that is behind its workspace
    (after an erasure) is built anew; InputError when it is not.
    """
    if catalog is None and events is None and not (home / DATABASE).is_file():
        raise InputError(NOTHING)
    items_from, events_from = sources(catalog, events)
    with Workspace.open(home, write=True, command=command) as workspace:
        return refresh(
            workspace,
            catalog=items_from,
            events=events_from,
            build=build,
            schema=schema,
            prune=prune,
            progress=progress,
            signature=signature,
            now=now,
            keep=keep,
        )


def sources(
    catalog: Path | Source | None, events: Path | Source | None
) -> tuple[Source | None, Source | None]:
    """A catalogue and an event log opened; a MovieLens folder's ratings come along with it."""
    items_from = open_catalog(catalog) if isinstance(catalog, Path) else catalog
    if events is None and isinstance(catalog, Path):
        return items_from, events_beside(catalog)
    return items_from, open_events(events) if isinstance(events, Path) else events


def refresh(
    workspace: Workspace,
    *,
    catalog: Path | Source | None,
    events: Path | Source | None,
    build: BuildIndex,
    schema: Path | None = None,
    prune: bool = False,
    progress: Progress = silent,
    signature: str = "",
    now: float | None = None,
    keep: int = KEPT,
    changes: bool = False,
) -> IngestReport:
    """:func:`ingest` for a process that has the workspace open as its writer, and may serve it.

    With ``changes`` and without a catalogue, what waits in ``workspace.changes`` is taken in. A
    catalogue has the last word: changes that were waiting when it came are dropped.

    Whoever reads the version that was in force goes on reading it. An erasure is refused
    meanwhile. ``progress`` may raise :class:`~retrieval.errors.Stopped`: then, as after any error,
    nothing has changed, and nothing but the lists of refused rows is left of what was begun.
    """
    clock = _Clock()
    items_from, events_from = sources(catalog, events)
    with workspace.changing, writing_in(workspace.home):
        workspace.versions.sweep()
        versions = workspace.versions
        due = versions.active() is not None and not versions.current(signature)
        waiting = items_from is None and changes and workspace.changes.count() > 0
        if items_from is None and events_from is None and not (due or waiting):
            raise InputError(NOTHING)
        terms = terms_of(workspace, schema, catalog=items_from is not None)
        try:
            with Staging(workspace.home) as stage:
                return _run(
                    workspace,
                    stage,
                    terms,
                    items_from,
                    events_from,
                    build=build,
                    prune=prune and items_from is not None,
                    progress=progress,
                    signature=signature,
                    now=time.time() if now is None else now,
                    clock=clock,
                    keep=keep,
                    changes=waiting,
                )
        except BaseException:
            versions.sweep()
            raise


def _run(
    workspace: Workspace,
    stage: Staging,
    terms: Terms,
    items_from: Source | None,
    events_from: Source | None,
    *,
    build: BuildIndex,
    prune: bool,
    progress: Progress,
    signature: str,
    now: float,
    clock: _Clock,
    keep: int,
    changes: bool,
) -> IngestReport:
    catalog = items_from is not None or changes
    last = workspace.changes.last()
    ids: set[str] = set() if prune else known_ids(workspace.db)
    item_counts, event_counts = ItemCounts(), EventCounts()
    rejects: list[Path] = []
    notes: list[str] = []
    base = terms.schema
    if items_from is not None:
        item_counts, base, made, path = read_catalog(
            items_from, stage, terms, home=workspace.home, progress=progress
        )
        ids |= made
        rejects += [path] if path else []
        clock.lap("read catalogue")
    elif changes:
        with workspace.db.comparing(stage.path) as connection:
            item_counts = ItemCounts(read=carry_over(connection, last))
        clock.lap("read changes")
    if base is None or not ids:
        raise InputError(f"{workspace.home} has no catalogue yet: give one with the events")
    if events_from is not None:
        event_counts, kinds, note, path = read_events(
            events_from, stage, terms, ids, base, home=workspace.home, progress=progress, now=now
        )
        notes.append(note)
        rejects += [path] if path else []
        clock.lap("read events")
    else:
        kinds = terms.kinds

    before = (terms.schema_text, terms.kinds_text, terms.stored_override)
    with workspace.db.comparing(stage.path) as connection:
        stars = [k.name for k in kinds.values() if k.carries == "stars"]
        difference = compare(connection, catalog=catalog, prune=prune, stars=stars)
        coverage = coverage_after(connection, catalog=catalog)
        if changes and not difference.new + difference.changed + difference.unchanged:
            raise InputError("the changes would leave no item: give others before these go")
        schema = with_derived(base, coverage, terms.said_of(base))
        texts = (schema_text(schema), kinds_text(kinds), terms.override_text)
        clock.lap("compare")
        changed = difference.any() or texts != before
        if changed or not workspace.versions.current(signature):
            version, directory = workspace.versions.new()
            cache = workspace.home / "vectors.cache"
            cache.mkdir(exist_ok=True)
            derived = derived_of(schema)
            request = BuildRequest(
                items=tuple(items_after(connection, catalog=catalog, derived=derived)),
                events=lambda: events_after(connection, pruned=prune),
                schema=schema,
                kinds=kinds,
                directory=directory,
                cache=cache,
                earlier=workspace.versions.in_force(),
                progress=progress,
            )
            build(request)
            _settle(directory)
            clock.lap("build index")
        else:
            version, directory = workspace.versions.active() or 0, None
    if directory is not None:
        with workspace.db.writing(attached=stage.path) as connection:
            move(connection, catalog=catalog, prune=prune)
            generation = settings.number(connection, settings.GENERATION) + 1
            settings.put(connection, settings.SCHEMA, texts[0])
            settings.put(connection, settings.KINDS, texts[1])
            settings.put(connection, settings.OVERRIDE, texts[2])
            settings.put(connection, settings.GENERATION, str(generation))
            activate(connection, version, generation, signature, keep=keep)
            if catalog:
                settle(connection, last)
        workspace.versions.sweep()
        clock.lap("commit")
    elif catalog and last:
        with workspace.db.writing() as connection:
            settle(connection, last)
    _write_schema(workspace.home, to_toml(schema, kinds))
    log.info(
        "ingested version=%s items_new=%s items_changed=%s events_new=%s built=%s",
        version,
        difference.new,
        difference.changed,
        difference.new_events,
        directory is not None,
    )
    return IngestReport(
        items=item_counts.against(difference, prune=prune),
        events=event_counts.against(difference),
        schema=schema,
        version=version,
        changed=directory is not None,
        rejects=tuple(rejects),
        seconds=clock.seconds,
        notes=tuple(notes),
    )


def _settle(directory: Path) -> None:
    """Have the version's files on disk before the database says that they are in force."""
    for path in [*sorted(directory.rglob("*"), reverse=True), directory]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _write_schema(home: Path, text: str) -> None:
    """Keep ``schema.toml`` in step with the schema in force; killed, it is the old or the new.

    What is ingested is in force by now, so a copy that cannot be written is left to the next time.
    """
    target = home / "schema.toml"
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return
    part = home / "schema.toml.part"
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(target)
    except OSError as error:
        log.warning("schema_not_written", extra={"error": str(error)})
        part.unlink(missing_ok=True)


__all__ = [
    "BuildIndex",
    "BuildRequest",
    "Difference",
    "EventCounts",
    "IngestReport",
    "ItemCounts",
    "ingest",
    "refresh",
    "sources",
]
