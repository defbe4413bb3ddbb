"""A catalogue and events go in: whole, once, and only what is fit."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from retrieval.datasets.source import Rows
from retrieval.errors import InputError, SchemaError, UnreadableFile, WorkspaceMissing
from retrieval.ingest import BuildRequest
from retrieval.schema_file import parse
from retrieval.storage.workspace import Workspace
from retrieval.types import ItemId, UserId
from tests.retrieval.worlds import LAMPS, clicks, csv, files, jsonl, state, take
from tests.shared import shared_path


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "lamps.jsonl", LAMPS)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def unbuilt(_request: BuildRequest) -> None:
    raise AssertionError("nothing had changed, yet an index was built")


def test_items_and_events_land_with_their_derived_numbers(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    events = csv(
        tmp_path / "e.csv",
        "ann,L1,rating,4,2024-01-01T10:00:00Z",
        "bob,L1,rating,1,2024-01-01T12:00:00+02:00",
        "bob,L1,view,,2024-01-02",
        "bob,L2,view,,2024-01-02",
    )
    report = take(home, catalog, events)
    assert (report.items.read, report.items.new, report.events.new) == (30, 30, 4)
    with Workspace.open(home) as w:
        items = w.catalogue.get([ItemId("L1"), ItemId("L2"), ItemId("L3")])
        fields = [items[ItemId(i)].fields for i in ("L1", "L2", "L3")]
        assert [f.get("mean_rating") for f in fields] == [(4 + 1) / 2, None, None]
        assert [f["n_ratings"] for f in fields] == [2, 0, 0]
        assert [f["n_events"] for f in fields] == [3, 1, 0]
        derived = {f.name: (f.kind, f.coverage) for f in w.schema().fields if f.derived}
        assert derived == {
            "mean_rating": ("rating", round(1 / 30, 4)),
            "n_ratings": ("popularity", 1.0),
            "n_events": ("popularity", 1.0),
        }
        times = [e.time for e in w.events.of_user(UserId("bob"))]
        assert times == [1704103200.0, 1704153600.0, 1704153600.0]


def test_an_item_reads_back_as_the_catalogue_has_it(home: Path, catalog: Path) -> None:
    take(home, catalog)
    with Workspace.open(home) as w:
        lamp = w.catalogue.get([ItemId("L6")])[ItemId("L6")]
    assert lamp.title == "Lamp number 6"
    assert lamp.text.startswith("A lamp that stands")
    assert not lamp.available
    assert dict(lamp.fields) == {
        "category": "desk lamps",
        "price": 16.0,
        "in_stock": False,
        "attributes.weight_g": 600,
        "attributes.dimmable": True,
        "tags": ("warm", "t2"),
    }


def test_the_catalogues_own_number_wins_over_the_derived_one(home: Path, tmp_path: Path) -> None:
    rows = [{**lamp, "n_ratings": 1000} for lamp in LAMPS]
    take(home, jsonl(tmp_path / "c.jsonl", rows), csv(tmp_path / "e.csv", *clicks(50)))
    with Workspace.open(home) as w:
        assert all(i.fields["n_ratings"] == 1000 for i in w.catalogue.all())
        assert {f.name: f.derived for f in w.schema().by_kind("popularity")} == {
            "n_ratings": False,
            "n_events": True,
        }


def test_the_same_files_again_change_nothing_and_build_nothing(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    events = csv(tmp_path / "e.csv", *clicks(200))
    take(home, catalog, events)
    before, there = state(home), files(home)
    report = take(home, catalog, events, build=unbuilt)
    assert not report.changed
    assert (report.items.unchanged, report.events.new, report.events.duplicate) == (30, 0, 200)
    assert state(home) == before
    assert files(home) == there


def test_overlapping_event_files_double_nothing(home: Path, catalog: Path, tmp_path: Path) -> None:
    lines = clicks(200)
    take(home, catalog, csv(tmp_path / "a.csv", *lines[:120]))
    report = take(home, None, csv(tmp_path / "b.csv", *lines[80:]))
    assert (report.events.new, report.events.duplicate) == (80, 40)
    assert len(state(home)["events"]) == 200  # type: ignore[arg-type]


def test_events_without_times_are_told_apart_by_value_only(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    events = csv(
        tmp_path / "r.csv", "1,L1,5", "1,L1,5", "1,L1,4", "2,L1,5", header="user_id,item_id,rating"
    )
    report = take(home, catalog, events)
    assert (report.events.new, report.events.duplicate) == (3, 1)
    with Workspace.open(home) as w:
        assert {(e.kind, e.time) for e in w.events.all()} == {("rating", None)}


def test_an_absent_item_is_retired_keeps_its_history_and_comes_back(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    events = csv(tmp_path / "e.csv", *clicks(60))
    take(home, catalog, events)
    report = take(home, jsonl(tmp_path / "fewer.jsonl", LAMPS[:-1]))
    assert report.items.retired == 1
    with Workspace.open(home) as w:
        gone = w.catalogue.get([ItemId("L30")])[ItemId("L30")]
        assert gone.retired
        assert w.catalogue.count() == 29
        assert w.events.count() == 60
    assert take(home, jsonl(tmp_path / "fewer.jsonl", LAMPS[:-1]), build=unbuilt).items.retired == 0
    back = take(home, catalog)
    assert (back.items.changed, back.items.new) == (1, 0)
    assert len(state(home)["shown"]) == 30  # type: ignore[arg-type]


def test_prune_deletes_absent_items_and_their_events(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    take(home, catalog, csv(tmp_path / "e.csv", *clicks(60)))
    take(home, jsonl(tmp_path / "fewer.jsonl", LAMPS[:-1]))
    report = take(home, jsonl(tmp_path / "fewer.jsonl", LAMPS[:-1]), prune=True)
    assert (report.items.pruned, report.changed) == (1, True)
    with Workspace.open(home) as w:
        assert w.catalogue.get([ItemId("L30")]) == {}
        assert w.events.count() == 58
    state(home)


def test_a_changed_row_changes_its_item_only(home: Path, catalog: Path, tmp_path: Path) -> None:
    take(home, catalog)
    changed = [{**LAMPS[0], "price": 5.0}, *LAMPS[1:]]
    report = take(home, jsonl(tmp_path / "c.jsonl", changed))
    assert (report.items.changed, report.items.unchanged) == (1, 29)
    assert not take(
        home, jsonl(tmp_path / "r.jsonl", list(reversed(changed))), build=unbuilt
    ).changed


def test_another_way_of_building_builds_anew(home: Path, catalog: Path) -> None:
    assert take(home, catalog, signature="hashed").version == 1
    assert take(home, catalog, signature="minilm").version == 2
    assert not take(home, catalog, signature="minilm", build=unbuilt).changed


def test_a_build_that_fails_leaves_everything_as_it_was(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    take(home, catalog)
    before, there = state(home), files(home)

    def broken(request: BuildRequest) -> None:
        (request.directory / "half").write_text("x")
        raise MemoryError("no room")

    with pytest.raises(MemoryError):
        take(home, None, csv(tmp_path / "e.csv", *clicks(20)), build=broken)
    assert state(home) == before
    assert not take(home, catalog, build=unbuilt).changed
    assert files(home) == there


def test_events_alone_need_a_catalogue(home: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no catalogue yet"):
        take(home, None, csv(tmp_path / "e.csv", *clicks(5)))
    with pytest.raises(InputError, match="nothing to ingest"):
        take(home, None, None)
    with pytest.raises(WorkspaceMissing):
        Workspace.open(home)


def test_a_file_that_cannot_be_read_makes_no_workspace(home: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile):
        take(home, tmp_path / "none.jsonl")
    assert not home.exists()


@pytest.mark.parametrize("lines", [["u1,NOPE,view,,2024-01-01", "u2,L1,hover,,2024-01-01"], []])
def test_when_every_event_is_refused_nothing_changes(
    home: Path, catalog: Path, tmp_path: Path, lines: Sequence[str]
) -> None:
    take(home, catalog)
    before = state(home)
    with pytest.raises(InputError, match=r"every row was refused|holds no events"):
        take(home, None, csv(tmp_path / "e.csv", *lines))
    assert state(home) == before


def test_when_every_item_is_refused_nothing_changes(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    take(home, catalog)
    before = state(home)
    bad = tmp_path / "bad.csv"
    bad.write_text("id,title,price\n,,1\n,,2\n")
    with pytest.raises(InputError):
        take(home, bad)
    assert state(home) == before


def test_bad_rows_of_a_catalogue_are_counted_listed_and_left_out(
    home: Path, tmp_path: Path
) -> None:
    rows = "".join(f'{{"id": {i}, "title": "Thing {i}", "price": {i}.5}}\n' for i in range(30))
    bad = (
        '{"id": 31}\n{"title": "x"}\n{"id": 3, "title": "Again"}\n{"id": 32, "title": \n\n'
        '{"id": 33, "title": "Dear", "price": "=cmd()"}\n[1]\n{"id": [4], "title": "x"}\n'
    )
    path = tmp_path / "c.jsonl"
    path.write_text(rows + bad)
    report = take(home, path)
    assert report.items.rejected == {
        "missing_title": 1,
        "missing_id": 1,
        "duplicate_id": 1,
        "broken_json": 1,
        "not_an_object": 1,
        "id_of_wrong_type": 1,
    }
    assert report.items.warned == {"unreadable_price": 1}
    assert (report.items.read, report.items.new) == (37, 31)
    (listing,) = report.rejects
    text = listing.read_text()
    assert listing.parent == home / "rejects"
    assert "31,31,rejected,missing_title," in text
    assert "36,36,taken,unreadable_price," in text
    with Workspace.open(home) as w:
        third = w.catalogue.get([ItemId("3")])[ItemId("3")]
        assert third.title == "Thing 3"
        assert "price" not in w.catalogue.get([ItemId("33")])[ItemId("33")].fields


def test_rejects_of_an_earlier_run_go_when_the_file_is_mended(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    good = clicks(20)
    report = take(home, catalog, csv(tmp_path / "e.csv", *good, "u1,NOPE,view,,2024-01-01"))
    assert [p.name for p in report.rejects] == ["e_csv.events.csv"]
    report = take(home, None, csv(tmp_path / "e.csv", *good))
    assert report.rejects == ()
    assert list((home / "rejects").iterdir()) == []


def test_a_schema_file_overrides_stays_in_force_and_can_be_changed(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    said = tmp_path / "s.toml"
    said.write_text(
        'noun = "lamp"\n[fields.weight_g]\nlabel = "mass"\n[events.hover]\nweight = 0.1\n'
        '[fields.mean_rating]\nlabel = "opinion"\n'
    )
    events = csv(tmp_path / "e.csv", *clicks(20), "u1,L1,hover,,2024-01-01")
    assert take(home, catalog, events, schema=said).events.new == 21
    for _ in range(2):
        with Workspace.open(home) as w:
            schema = w.schema()
            assert (schema.noun, schema.nouns) == ("lamp", "lamps")
            assert schema.find("weight_g").label == "mass"  # type: ignore[union-attr]
            assert schema.find("mean_rating").label == "opinion"  # type: ignore[union-attr]
            assert w.kinds().known("hover")
        assert not take(home, catalog, events, build=unbuilt).changed
    said.write_text('noun = "light"')
    assert take(home, catalog, schema=said).changed
    with Workspace.open(home) as w:
        assert w.schema().nouns == "lights"
    said.write_text("[fields.wieght_g]\nlabel = 'x'")
    with pytest.raises(SchemaError, match=r"near: .*weight_g"):
        take(home, catalog, schema=said)
    with pytest.raises(SchemaError, match="give the catalogue with it"):
        take(home, None, events, schema=said)


def test_the_schema_in_force_is_written_down_and_reads_back(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    report = take(home, catalog, csv(tmp_path / "e.csv", *clicks(50)))
    text = (home / "schema.toml").read_text(encoding="utf-8")
    override = parse(text, origin="schema.toml")
    said = override.said([f.name for f in report.schema.fields], origin="schema.toml")
    assert {n: s.role for n, s in said.items()} == {f.name: f.role for f in report.schema.fields}
    again = take(home, catalog, schema=home / "schema.toml")
    assert again.schema == report.schema


def test_times_in_unix_seconds_are_inferred_and_stated(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    lines = [f"u{i},L{i % 30 + 1},view,,{1700000000 + i}" for i in range(40)]
    report = take(
        home, catalog, csv(tmp_path / "e.csv", *lines, "u1,L1,view,,2024-01-01T00:00:00Z")
    )
    assert report.events.rejected == {"other_timestamp_format": 1}
    assert "Unix seconds" in report.notes[0]


def test_ratings_out_of_ten_set_the_scale(home: Path, catalog: Path, tmp_path: Path) -> None:
    lines = [f"u{i},L{i % 30 + 1},{i % 10 + 1}" for i in range(60)]
    report = take(
        home, catalog, csv(tmp_path / "r.csv", *lines, "u1,L1,77", header="user,item,stars")
    )
    assert report.events.rejected == {"rating_out_of_range": 1}
    with Workspace.open(home) as w:
        assert (w.kinds().low, w.kinds().high) == (1, 10)


def test_a_log_without_kinds_or_ratings_is_read_as_clicks(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    report = take(
        home, catalog, csv(tmp_path / "e.csv", "ann,L1", "bob,L2", header="visitor,product")
    )
    assert report.events.new == 2
    assert 'every row is a "click"' in report.notes[0]


def test_unusual_columns_are_found_by_known_ids_or_named_by_a_person(
    home: Path, catalog: Path, tmp_path: Path
) -> None:
    events = csv(tmp_path / "e.csv", "ann,L1", "bob,L2", header="user,artikel")
    assert take(home, catalog, events).events.new == 2
    events = csv(tmp_path / "f.csv", "ann,L3", header="wer,artikel")
    with pytest.raises(SchemaError, match=r"no column holds the user .*\[columns\] user"):
        take(home, None, events)
    said = tmp_path / "s.toml"
    said.write_text('[columns]\nuser = "wer"')
    assert take(home, None, events, schema=said).events.new == 1


def test_a_data_set_made_in_memory_is_a_catalogue_too(home: Path) -> None:
    source = Rows("lamps", lambda: enumerate(LAMPS, start=1), total=len(LAMPS))
    events = Rows("acts", lambda: [(1, {"user": 7, "item": "L1", "kind": "like"})])
    report = take(home, source, events)  # type: ignore[arg-type]
    assert (report.items.new, report.events.new) == (30, 1)


def test_progress_is_told_by_stage(home: Path, catalog: Path, tmp_path: Path) -> None:
    told: dict[str, tuple[int, int | None]] = {}
    take(
        home,
        catalog,
        csv(tmp_path / "e.csv", *clicks(50)),
        progress=lambda stage, done, total: told.update({stage: (done, total)}),
    )
    assert set(told) == {"reading catalogue", "checking items", "reading events"}
    assert all(done == total for done, total in told.values())


def test_a_movielens_folder_brings_its_ratings_along(home: Path) -> None:
    folder = shared_path("data", "films", "ml-latest-small")
    report = take(home, folder)
    assert (report.items.new, report.events.new) == (9742, 100836)
    assert report.items.rejected == report.events.rejected == {}
    with Workspace.open(home) as w:
        first = w.catalogue.get([ItemId("1")])[ItemId("1")]
        assert (first.title, first.fields["year"]) == ("Toy Story", 1995)
        assert first.fields["genres"] == ("Adventure", "Animation", "Children", "Comedy", "Fantasy")
        # Worked out from the file with awk: 215 ratings of movie 1, their sum 843.
        assert (first.fields["n_ratings"], first.fields["mean_rating"]) == (215, 843 / 215)
        assert (w.events.users(), w.kinds().low, w.kinds().high) == (610, 0.5, 5)
