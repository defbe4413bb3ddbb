"""Small catalogues and event logs that tests write, ingest and compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from retrieval.ingest import BuildRequest, IngestReport, ingest
from retrieval.manifest import Manifest
from retrieval.storage.workspace import Workspace

Records = Iterable[Mapping[str, object]]

LAMPS: tuple[dict[str, object], ...] = tuple(
    {
        "id": f"L{n}",
        "title": f"Lamp number {n}",
        "description": f"A lamp that stands on a table and gives light to whoever reads, {n}.",
        "category": ("desk lamps", "floor lamps")[n % 2],
        "price": 10.0 + n,
        "in_stock": n % 3 != 0,
        "attributes": {"weight_g": 100 * n, "dimmable": n % 2 == 0},
        "tags": ["warm", f"t{n % 4}"],
    }
    for n in range(1, 31)
)

HEADER = "user_id,item_id,event_type,value,timestamp"


def jsonl(path: Path, rows: Records) -> Path:
    """Write objects, one a line."""
    path.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
    return path


def csv(path: Path, *lines: str, header: str = HEADER) -> Path:
    """Write a header and lines as they are."""
    path.write_text("\n".join((header, *lines)) + "\n", encoding="utf-8")
    return path


def clicks(n: int, *, users: int = 7, items: int = 30) -> list[str]:
    """``n`` different events, three kinds, at different times."""
    kinds = ("view,", "rating,4", "purchase,12.5")
    return [
        f"u{i % users},L{i % items + 1},{kinds[i % 3]},"
        f"2024-01-{i % 28 + 1:02d}T10:{i // 28 % 60:02d}:00Z"
        for i in range(n)
    ]


def build(request: BuildRequest) -> None:
    """A deterministic index of two files, the manifest last, that says what it was built from."""
    (request.directory / "ids.json").write_text(json.dumps([i.id for i in request.items]))
    lines = sorted(repr(event) for event in request.events())
    (request.directory / "events.txt").write_text("\n".join(lines))
    manifest = Manifest(
        encoder="none",
        dimensions=1,
        items=len(request.items),
        events=len(lines),
        churn=0,
        ids="",
        texts="",
        vectors="",
    )
    (request.directory / "manifest.json").write_text(manifest.model_dump_json())


def take(
    home: Path, catalog: Path | None, events: Path | None = None, **more: object
) -> IngestReport:
    """Ingest with :func:`build`."""
    options: dict[str, object] = {"build": build, **more}
    return ingest(home, catalog=catalog, events=events, **options)  # type: ignore[arg-type]


def state(home: Path) -> dict[str, object]:
    """All that a reader sees, read in one state, with the active index checked against it."""
    with Workspace.open(home) as workspace, workspace.snapshot():
        version = workspace.versions.active()
        assert version is not None
        path = workspace.versions.path(version)
        items = {i.id: repr(i) for i in workspace.catalogue.all(include_retired=True)}
        shown = [i.id for i in workspace.catalogue.all()]
        events = sorted(repr(e) for e in workspace.events.all())
        manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        assert manifest["items"] == len(shown)
        assert manifest["events"] == len(events)
        assert json.loads((path / "ids.json").read_text(encoding="utf-8")) == shown
        return {
            "items": items,
            "shown": shown,
            "events": events,
            "schema": repr(workspace.schema()),
            "kinds": repr(dict(workspace.kinds())),
            "version": version,
        }


def files(home: Path) -> set[str]:
    """Every file under a workspace by its relative path, SQLite's own side files left out."""
    return {
        str(p.relative_to(home))
        for p in home.rglob("*")
        if not p.name.endswith(("-wal", "-shm")) and p.name not in ("writer.lock", "writer.json")
    }
