"""What an ingest did, for a person and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.plain import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.ingest import IngestReport
    from retrieval.types import Field, Schema


def report_json(report: IngestReport, home: Path) -> dict[str, Any]:
    """The whole report as JSON values."""
    return {
        "home": str(home),
        "version": report.version,
        "changed": report.changed,
        "items": _counts(report.items),
        "events": _counts(report.events),
        "rejects": [str(path) for path in report.rejects],
        "schema": [
            {"name": f.name, "role": f.role, "kind": f.kind, "multi": f.multi, "unit": f.unit}
            for f in report.schema.fields
        ],
        "notes": list(report.notes),
        "seconds": report.seconds,
    }


def print_report(out: Console, report: IngestReport, home: Path) -> None:
    """The schema as a table, then counts, refused rows by reason, notes and timings."""
    from rich.text import Text

    nouns = report.schema.nouns
    out.print(_schema_table(report.schema))
    said = [
        _line(nouns, _counts(report.items)),
        _line("events", _counts(report.events)),
        *(f"note: {note}" for note in report.notes),
        *(f"refused rows are listed in {path}" for path in report.rejects),
        "time: " + ", ".join(f"{stage} {spent:.1f} s" for stage, spent in report.seconds.items()),
        f"index version {report.version} in {home}"
        if report.changed
        else f"nothing changed; index version {report.version} in {home} stands",
    ]
    for line in said:
        out.print(Text(one_line(line)), soft_wrap=True)


def _counts(counts: Any) -> dict[str, Any]:
    return {
        name: dict(value) if isinstance(value, Mapping) else value
        for name, value in asdict(counts).items()
    }


def _line(name: str, counts: Mapping[str, Any]) -> str:
    """ "films: 9,742 read, 9,742 new; refused: 3 no title"."""
    plain = [
        f"{n:,} {what}"
        for what, n in counts.items()
        if isinstance(n, int) and (n or what == "read")
    ]
    text = f"{name}: {', '.join(plain)}"
    for what, label in (("rejected", "refused"), ("warned", "taken with a doubt")):
        if counts[what]:
            text += f"; {label}: " + ", ".join(f"{n:,} {why}" for why, n in counts[what].items())
    return text


def _schema_table(schema: Schema) -> Any:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for title in ("field", "role", "kind", "filled"):
        table.add_column(title, justify="right" if title == "filled" else "left")
    for field in schema.fields:
        cells = (field.name, field.role, kind_words(field), f"{field.coverage:.0%}")
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table


def kind_words(field: Field) -> str:
    """What a field's values are, in a few words; empty where there is nothing to say."""
    words: list[str] = [] if field.kind == "plain" else [field.kind]
    words += ["several"] if field.multi else []
    words += [f"in {field.unit}"] if field.unit else []
    words += ["from events"] if field.derived else []
    return ", ".join(words)
