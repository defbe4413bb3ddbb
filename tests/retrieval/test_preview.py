"""What files would change is told before it is done, by the code that does it."""

from __future__ import annotations

from pathlib import Path

import pytest

from retrieval.errors import InputError, SchemaError, Stopped, WorkspaceBusy
from retrieval.ingest import BuildRequest, refresh
from retrieval.preview import Preview, preview, refused
from retrieval.storage.workspace import Workspace
from tests.retrieval.worlds import LAMPS, Records, build, csv, files, jsonl, state, take


@pytest.fixture
def home(tmp_path: Path) -> Path:
    take(tmp_path / "home", jsonl(tmp_path / "lamps.jsonl", LAMPS))
    return tmp_path / "home"


def looked(home: Path, tmp_path: Path, **given: Path) -> Preview:
    aside = tmp_path / "aside"
    aside.mkdir(exist_ok=True)
    with Workspace.open(home) as workspace:
        return preview(workspace, aside, **given)  # type: ignore[arg-type]


def changed(tmp_path: Path) -> Path:
    """Lamps 3 to 30, one of them dearer, one new, and a row without a title."""
    rows: Records = [{**lamp, "price": 99.0} if lamp["id"] == "L3" else lamp for lamp in LAMPS[2:]]
    rows = [*rows, {**LAMPS[0], "id": "L31"}, {**LAMPS[0], "id": "L32", "title": ""}]
    return jsonl(tmp_path / "new.jsonl", rows)


def test_a_preview_counts_what_the_ingest_then_does_and_changes_nothing(
    home: Path, tmp_path: Path
) -> None:
    catalog = changed(tmp_path)
    events = csv(tmp_path / "e.csv", "ann,L4,rating,4,2024-01-01", "ann,L99,rating,4,2024-01-02")
    before, there = state(home), files(home)
    found = looked(home, tmp_path, catalog=catalog, events=events)
    assert (state(home), files(home)) == (before, there)
    assert (found.items.new, found.items.changed, found.items.unchanged) == (1, 1, 27)
    assert (found.items.read, found.retired, found.events.new) == (30, 2, 1)
    report = take(home, catalog, events)
    assert report.items == found.items
    assert report.events == found.events
    assert report.schema == found.schema
    assert report.notes == found.notes


def test_fields_come_with_examples_and_refused_rows_with_their_lines(
    home: Path, tmp_path: Path
) -> None:
    found = looked(home, tmp_path, catalog=changed(tmp_path))
    by_name = {f.field.name: f for f in found.fields}
    assert by_name["category"].field.role == "facet"
    assert by_name["category"].examples == ("floor lamps", "desk lamps")
    assert by_name["price"].examples == ("99", "14", "15")
    (row,) = found.refused
    assert (row.line, row.taken) == (30, False)
    assert row.reason == "missing_title"
    assert ("row", "id") not in row.cells
    assert any("L32" in cell for _, cell in row.cells)


def test_events_alone_say_nothing_of_fields(home: Path, tmp_path: Path) -> None:
    events = csv(tmp_path / "e.csv", "ann,L4,rating,4,2024-01-01")
    found = looked(home, tmp_path, events=events)
    assert found.fields == ()
    assert (found.events.new, found.retired) == (1, 0)


def test_what_cannot_be_taken_raises_and_lists_its_rows(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing to ingest"):
        looked(home, tmp_path)
    with pytest.raises(SchemaError, match="no field can serve"):
        looked(home, tmp_path, catalog=csv(tmp_path / "x.csv", "1,2", header="a,b"))
    events = csv(tmp_path / "e.csv", "ann,L99,rating,4,2024-01-01")
    with pytest.raises(InputError, match="every row was refused"):
        looked(home, tmp_path, events=events)
    assert [(r.line, r.reason) for r in refused(tmp_path / "aside")] == [(2, "unknown_item")]


def test_a_refresh_that_is_stopped_leaves_everything_as_it_was(home: Path, tmp_path: Path) -> None:
    before, there = state(home), files(home)

    def stop(stage: str, done: int, total: int | None) -> None:
        if stage == "checking items" and done == total:
            raise Stopped("enough")

    def broken(request: BuildRequest) -> None:
        build(request)
        raise InputError("no")

    with Workspace.open(home, write=True) as workspace:
        with pytest.raises(Stopped):
            refresh(workspace, catalog=changed(tmp_path), events=None, build=build, progress=stop)
        with pytest.raises(InputError):
            refresh(workspace, catalog=changed(tmp_path), events=None, build=broken)
    lists = {"rejects", "rejects/new_jsonl.catalog.csv"}  # which rows were refused, to mend
    assert (state(home), files(home) - lists) == (before, there)


def test_nobody_is_erased_while_an_index_learns(home: Path, tmp_path: Path) -> None:
    refusals = []

    def meanwhile(request: BuildRequest) -> None:
        build(request)
        with pytest.raises(WorkspaceBusy, match="try again") as refusal:
            workspace.personal.erase("ann")
        refusals.append(refusal)

    with Workspace.open(home, write=True) as workspace:
        refresh(workspace, catalog=changed(tmp_path), events=None, build=meanwhile)
        assert len(refusals) == 1
        assert workspace.personal.erase("ann").rows["events"] == 0
