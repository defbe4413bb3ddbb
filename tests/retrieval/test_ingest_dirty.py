"""The shop's dirty events: each record has its expected outcome, and gets it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from retrieval.ingest import IngestReport
from retrieval.rejects import inert
from retrieval.storage.workspace import Workspace
from retrieval.types import Event
from tests.retrieval.worlds import build, take
from tests.shared import shared_path

NOW = 1_760_000_000.0
"""October 2025: after the data, before the record of 2099."""

REASONS = {
    "item_id_case": "unknown_item",
    "bad_timestamp_format": "bad_timestamp",
    "epoch_timestamp_not_iso": "other_timestamp_format",
    "decimal comma": "non_numeric_value",
    "blank_user": "missing_user",
    "newline inside a quoted cell": "control_character",
}
"""Where our word for the reason is not the expected one's."""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, IngestReport]:
    home = tmp_path_factory.mktemp("shop")
    catalog = shared_path("data", "shop", "catalog.jsonl")
    dirty = shared_path("data", "shop", "events_dirty.csv")
    return home, take(home, catalog, dirty, build=build, now=NOW)


def expected() -> list[tuple[int, str, str]]:
    path = shared_path("data", "shop", "events_dirty_expected.csv")
    with path.open(encoding="utf-8", newline="") as f:
        return [(int(r["record_no"]), r["expected"], r["reason"]) for r in csv.DictReader(f)]


def records() -> list[list[str]]:
    limit = csv.field_size_limit(1_000_000)
    try:
        path = shared_path("data", "shop", "events_dirty.csv")
        with path.open(encoding="utf-8", newline="") as f:
            return list(csv.reader(f))[1:]
    finally:
        csv.field_size_limit(limit)


def listed(report: IngestReport) -> dict[int, tuple[str, str]]:
    with report.rejects[0].open(encoding="utf-8", newline="") as f:
        return {int(r["record"]): (r["outcome"], r["reason"]) for r in csv.DictReader(f)}


def stored(home: Path) -> list[Event]:
    with Workspace.open(home) as w:
        return list(w.events.all())


def of(record: int, events: list[Event]) -> list[Event]:
    """The stored events that the record of that number may have become."""
    user, item, kind, value, _time = (cell.strip() for cell in records()[record - 1][:5])
    return [
        e
        for e in events
        if (e.item, e.kind) == (item, kind.lower())
        and e.user in (user, "José" if item == "GAM-004" else user)
        and e.value == (float(value) if value else None)
    ]


def test_every_record_has_its_expected_outcome(run: tuple[Path, IngestReport]) -> None:
    home, report = run
    rejects, events = listed(report), stored(home)
    for record, outcome, reason in expected():
        got = rejects.get(record, ("", ""))
        if outcome == "reject":
            word = REASONS.get(reason, reason.partition(":")[0].partition(" ")[0])
            assert got == ("rejected", word), (record, reason)
        elif outcome == "reject_or_normalise":
            assert (got[0] == "rejected") != bool(of(record, events)), (record, reason)
        elif outcome == "skip":
            assert got == ("", "")
        else:
            assert got[0] in ("", "taken"), (record, reason)
            assert len(of(record, events)) == 1, (record, reason)


def test_the_counts_add_up(run: tuple[Path, IngestReport]) -> None:
    home, report = run
    counts = report.events
    refused = sum(counts.rejected.values())
    assert counts.blank == 1
    assert counts.read == 47 == refused + counts.new + counts.duplicate
    # Records 13, 15 and 16, and record 40, whose user is that of record 39 in another spelling.
    assert counts.duplicate == 4
    assert counts.new == len(stored(home))
    assert counts.warned == {"implausibly_old": 1}


def test_what_is_put_right_is_put_right_consistently(run: tuple[Path, IngestReport]) -> None:
    events = stored(run[0])
    assert of(4, events)[0].item == "HEA-001"
    assert of(10, events)[0].time == 1707552000.0  # 2024-02-10T08:00:00Z
    assert of(11, events)[0].time == 1707559200.0  # no offset: UTC
    assert of(31, events)[0].kind == "view"
    assert of(41, events)[0].user == "=cmd|'/c calc'!A1"
    assert of(42, events)[0].user == "u0032'; DROP TABLE events;--"


def test_the_listing_is_small_and_safe_to_open(run: tuple[Path, IngestReport]) -> None:
    (path,) = run[1].rejects
    assert path.stat().st_size < 20_000
    with path.open(encoding="utf-8", newline="") as f:
        for row in csv.reader(f):
            assert all(len(cell) < 300 for cell in row)
            assert not any(cell[:1] in ("=", "+", "@") for cell in row)


def test_the_same_dirty_file_again_changes_nothing(run: tuple[Path, IngestReport]) -> None:
    home, first = run
    again = take(home, None, shared_path("data", "shop", "events_dirty.csv"), now=NOW)
    assert not again.changed
    assert again.events.rejected == first.events.rejected
    assert again.rejects == first.rejects


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("  @SUM(A1)", "'  @SUM(A1)"),
        ("-3", "-3"),
        ("-3+cmd", "'-3+cmd"),
        ("plain", "plain"),
        ("x" * 1000, "x" * 200 + "... (1000 characters)"),
        ("\ud800", "?"),
    ],
)
def test_a_cell_for_a_spreadsheet_is_inert_and_short(cell: str, shown: str) -> None:
    assert inert(cell) == shown
