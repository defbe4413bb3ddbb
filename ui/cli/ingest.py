"""``palate ingest``: a catalogue and events into a workspace."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Home, Json
from ui.cli.output import emit, paper, progress_bars, reserved_stdout


def ingest(
    catalog: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Items: CSV, JSONL, Parquet or a MovieLens folder."),
    ] = None,
    events: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="What users did: CSV, JSONL or Parquet."),
    ] = None,
    schema: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A TOML file that overrides what is inferred."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete items the catalogue no longer has.")
    ] = False,
    home: Home = None,
    as_json: Json = False,
) -> None:
    """Read a catalogue and events in.

    A second run changes only what has changed; a run that is cut off leaves no trace.
    """
    with reserved_stdout():
        from assistant.build import default_home, ingest_into
        from assistant.settings import load

        settings = load(home=home)
        place = settings.home or default_home()
        with progress_bars() as progress:
            report = ingest_into(
                place,
                settings=settings,
                catalog=catalog,
                events=events,
                schema=schema,
                prune=prune,
                progress=progress,
            )
    from ui.report import print_report, report_json

    if as_json:
        emit(report_json(report, place))
    else:
        print_report(paper(), report, place)
