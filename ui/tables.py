"""The dashboard's figures as CSV, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, get_args

from assistant.insight import Figures, share
from retrieval.rejects import inert

TableName = Literal["summary", "days", "stages", "degraded", "unmet"]
TABLES: tuple[TableName, ...] = get_args(TableName)


def to_csv(figures: Figures, table: TableName) -> str:
    """One table of the figures, with a header. Rates are in [0, 1] and empty where there is none;
    seconds have six digits; a cell that a spreadsheet would run has an apostrophe in front."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in _rows(figures, table):
        writer.writerow([_cell(value) for value in row])
    return out.getvalue()


def _rows(f: Figures, table: TableName) -> Iterable[Sequence[object]]:
    if table == "summary":
        names = ("turns", "conversations", "visitors", "slates", "accepted", "taken_up")
        yield *names, "acceptance_rate", "click_through", "degraded_share", "no_match"
        counts = [getattr(f, name) for name in names]
        yield *counts, f.acceptance_rate, f.click_through, f.degraded_share, f.no_match
    elif table == "days":
        names = ("day", "turns", "slates", "accepted", "taken_up", "degraded")
        yield *names, "acceptance_rate", "click_through"
        for d in f.days:
            rates = share(d.accepted, d.slates), share(d.taken_up, d.slates)
            yield *(getattr(d, name) for name in names), *rates
    elif table == "stages":
        yield "stage", "turns", "median_seconds", "p95_seconds"
        for s in f.stages:
            yield s.stage, s.turns, s.median, s.p95
    elif table == "degraded":
        yield "stage", "turns"
        yield from f.fallen_back
    else:
        yield "request", "times", "visitors", "in_force", "last"
        for u in f.unmet:
            last = datetime.fromtimestamp(u.last, UTC).isoformat(timespec="seconds")
            yield u.message, u.times, u.visitors, "; ".join(u.wants), last


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.6f}" if isinstance(value, float) else inert(str(value))
