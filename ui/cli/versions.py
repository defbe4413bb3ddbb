"""``palate versions`` and ``palate rollback``: which index is in force, and going back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ui.cli.options import Home, Json
from ui.cli.output import emit, paper

if TYPE_CHECKING:
    from retrieval.storage.versions import Version
    from retrieval.storage.workspace import Workspace


def versions(home: Home = None, as_json: Json = False) -> None:
    """List the versions of the index that are on disk, the oldest first."""
    with _opened(home) as workspace:
        found = workspace.versions.all()
    if as_json:
        emit({"versions": [_plain(version) for version in found]})
        return
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("version", "", "built", "items", "events", "size", "encoder"):
        table.add_column(title, justify="right" if title in ("items", "events", "size") else "left")
    for version in found:
        row, held = _plain(version), version.manifest
        counts = [f"{row[name]:,}" if held else "?" for name in ("items", "events")]
        table.add_row(
            str(row["version"]),
            "active" if version.active else "",
            row["built"],
            *counts,
            f"{version.size / 1e6:,.0f} MB",
            held.encoder if held else "not readable by this release",
        )
    paper().print(table)


def rollback(
    to: Annotated[
        int | None,
        typer.Option("--to", metavar="N", help="The version; by default the one before."),
    ] = None,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Put an earlier version of the index in force.

    Items and events stay as they are. Whoever opens the workspace from now on reads that version;
    the next ingest builds a new one.
    """
    with _opened(home) as workspace:
        before = workspace.versions.active()
        version = workspace.versions.rollback(to)
    if as_json:
        emit({"active": version, "before": before})
    else:
        paper().print(f"Index version {version} is in force again, in place of {before}.")


def _opened(home: Home) -> Workspace:
    from assistant.build import default_home
    from assistant.settings import load
    from retrieval.storage.workspace import Workspace

    return Workspace.open(load(home=home).home or default_home())


def _plain(version: Version) -> dict[str, Any]:
    held = version.manifest
    return {
        "version": version.number,
        "active": version.active,
        "built": datetime.fromtimestamp(version.created, UTC).isoformat(timespec="seconds"),
        "items": held.items if held else None,
        "events": held.events if held else None,
        "encoder": held.encoder if held else None,
        "bytes": version.size,
    }
