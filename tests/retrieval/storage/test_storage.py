"""The workspace on disk: sessions, events, versions, migrations, snapshots."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from retrieval.errors import TurnConflict, WorkspaceError, WorkspaceMissing
from retrieval.storage.database import Database
from retrieval.storage.migrations import MIGRATIONS
from retrieval.storage.sessions import Remembered
from retrieval.storage.workspace import Workspace
from retrieval.types import Event, ItemId, UserId
from tests.retrieval.worlds import LAMPS, clicks, csv, jsonl, take


def event(user: str, item: str = "L1", kind: str = "like", time: float | None = 1.0) -> Event:
    return Event(user=UserId(user), item=ItemId(item), kind=kind, time=time)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    take(tmp_path / "home", jsonl(tmp_path / "lamps.jsonl", LAMPS))
    return tmp_path / "home"


def test_a_session_belongs_to_one_visitor(home: Path) -> None:
    with Workspace.open(home) as w:
        w.sessions.create("s1", "ann")
        w.sessions.create("s1", "ann")
        assert w.sessions.visitor_of("s1") == "ann"
        assert w.sessions.visitor_of("s2") is None
        with pytest.raises(TurnConflict, match="another visitor"):
            w.sessions.create("s1", "bob")
        w.sessions.create("s0", "ann")
        assert w.sessions.of_visitor("ann") == ["s1", "s0"]
        assert w.sessions.of_visitor("bob") == []


def test_turns_come_back_in_order_after_reopening(home: Path) -> None:
    with Workspace.open(home) as w:
        w.sessions.create("s1", "ann")
        assert w.sessions.last("s1") is None
        for seq in range(12):
            w.sessions.append("s1", seq, f"turn {seq}")
    with Workspace.open(home) as w:
        assert w.sessions.turns("s1") == [f"turn {seq}" for seq in range(12)]
        assert w.sessions.last("s1") == (11, "turn 11")
        assert w.sessions.turns("s2") == []


def test_a_turn_and_its_events_are_written_together_or_not_at_all(home: Path) -> None:
    with Workspace.open(home) as w:
        w.sessions.create("s1", "ann")
        w.sessions.append("s1", 0, "first", [event("ann")])
        with pytest.raises(TurnConflict, match="already has a turn 0"):
            w.sessions.append("s1", 0, "other", [event("ann", "L2")])
        assert w.sessions.turns("s1") == ["first"]
        assert [e.item for e in w.events.of_user(UserId("ann"))] == ["L1"]


def test_a_turn_takes_events_back_and_keeps_what_is_remembered(home: Path) -> None:
    with Workspace.open(home) as w:
        w.sessions.create("s1", "ann")
        assert w.sessions.remembered("ann") == Remembered(visitor="ann")
        kept = Remembered(visitor="ann", version=1, payload="one")
        w.sessions.append("s1", 0, "first", [event("ann"), event("ann", "L2")], remembered=kept)
        assert w.sessions.remembered("ann") == kept
        w.sessions.append("s1", 1, "second", retracted=[event("ann"), event("ann", "L9")])
        assert [e.item for e in w.events.of_user(UserId("ann"))] == ["L2"]
        with pytest.raises(TurnConflict, match="remembered"):
            w.sessions.append("s1", 2, "third", [event("ann", "L3")], remembered=kept)
        assert w.sessions.turns("s1") == ["first", "second"]
        assert len(w.events.of_user(UserId("ann"))) == 1
        w.sessions.remember(Remembered(visitor="ann", version=2, payload="two"))
        assert w.sessions.remembered("ann").payload == "two"


def test_a_turn_needs_its_session(home: Path) -> None:
    with Workspace.open(home) as w, pytest.raises(WorkspaceError, match="no session"):
        w.sessions.append("nowhere", 0, "x")


def test_of_many_writers_of_one_turn_exactly_one_wins(home: Path) -> None:
    won: list[int] = []
    with Workspace.open(home) as w:
        w.sessions.create("s1", "ann")

        def write(n: int) -> None:
            try:
                w.sessions.append("s1", 0, f"from {n}", [event(f"user {n}")])
            except TurnConflict:
                return
            won.append(n)

        threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert len(won) == 1
        assert w.sessions.turns("s1") == [f"from {won[0]}"]
        assert w.events.count() == 1


def test_an_event_is_stored_once_however_often_it_is_appended(home: Path) -> None:
    same = [event("ann", time=None), event("ann", time=None), event("ann"), event("bob")]
    with Workspace.open(home) as w:
        assert w.events.append(same) == 3
        assert w.events.append(same) == 0
        assert w.events.append([]) == 0
        assert (w.events.count(), w.events.users()) == (3, 2)


def test_events_of_a_user_come_by_time_and_those_without_first(home: Path) -> None:
    with Workspace.open(home) as w:
        w.events.append(
            [event("ann", "L3", time=9), event("ann", "L2", time=None), event("ann", "L1", time=5)]
        )
        assert [e.item for e in w.events.of_user(UserId("ann"))] == ["L2", "L1", "L3"]


def test_two_spellings_of_one_accented_user_are_one_user(home: Path) -> None:
    with Workspace.open(home) as w:
        assert w.events.append([event("José"), event("Jose\u0301")]) == 1
        assert len(w.events.of_user(UserId("Jose\u0301"))) == 1


def test_items_are_found_by_id_in_the_order_asked(home: Path) -> None:
    wanted = [ItemId(i) for i in ("L9", "nowhere", "L1", "L9")]
    with Workspace.open(home) as w:
        assert list(w.catalogue.get(wanted)) == ["L9", "L1"]
        assert w.catalogue.get([]) == {}
        ids = [i.id for i in w.catalogue.all()]
        assert ids == sorted(ids)
        assert w.catalogue.count() == len(LAMPS)


def test_a_snapshot_shows_one_state_while_another_writes(home: Path) -> None:
    with Workspace.open(home) as reader, Workspace.open(home) as writer:
        with reader.snapshot():
            assert reader.events.count() == 0
            writer.events.append([event("ann")])
            assert reader.events.count() == 0
        assert reader.events.count() == 1


def test_nothing_ingested_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceMissing, match="palate ingest"):
        Workspace.open(tmp_path / "none")
    Workspace.open(tmp_path / "made", write=True).close()
    with pytest.raises(WorkspaceMissing, match="palate ingest"):
        Workspace.open(tmp_path / "made")
    assert not (tmp_path / "none").exists()


def test_a_file_that_is_no_database_is_said(home: Path) -> None:
    for path in home.glob("palate.db*"):
        path.unlink()
    (home / "palate.db").write_text("not a database, but long enough to be one " * 50)
    with pytest.raises(WorkspaceError, match="cannot be used as a database"):
        Workspace.open(home)


def test_a_database_of_a_newer_program_is_refused(home: Path) -> None:
    with sqlite3.connect(home / "palate.db") as connection:
        connection.execute("INSERT INTO migrations VALUES ('m9999_future', 0)")
    connection.close()
    with pytest.raises(WorkspaceError, match="newer version"):
        Workspace.open(home)


def test_migrations_run_once_and_the_database_is_in_wal_mode(tmp_path: Path) -> None:
    for _ in range(2):
        db = Database(tmp_path / "x.db")
        with db.reading() as c:
            names = c.exec_driver_sql("SELECT name FROM migrations").scalars().all()
            assert c.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        db.close()
        assert names == [m.__name__ for m in MIGRATIONS]


def test_versions_roll_back_one_at_a_time_and_only_two_are_kept(tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", jsonl(tmp_path / "lamps.jsonl", LAMPS)
    for n in (10, 20, 30):
        report = take(home, catalog, csv(tmp_path / "e.csv", *clicks(n)))
    assert report.version == 3
    with Workspace.open(home) as w:
        assert w.versions.kept() == [2, 3]
        assert sorted(p.name for p in (home / "index").iterdir()) == ["v0002", "v0003"]
        assert w.versions.rollback() == 2
        assert w.versions.active() == 2
        with pytest.raises(WorkspaceError, match=r"no earlier.*can be used: 2, 3"):
            w.versions.rollback()
    again = take(home, catalog)
    assert (again.changed, again.version) == (True, 4)
    with Workspace.open(home) as w:  # what was in force before the change stays, not what was left
        assert w.versions.kept() == [2, 4]
        assert w.versions.rollback() == 2


def test_any_version_on_disk_can_be_made_active_again(tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", jsonl(tmp_path / "lamps.jsonl", LAMPS)
    for n in (10, 20, 30, 40):
        take(home, catalog, csv(tmp_path / "e.csv", *clicks(n)), keep=3)
    with Workspace.open(home) as w:
        assert [(v.number, v.active) for v in w.versions.all()] == [
            (2, False),
            (3, False),
            (4, True),
        ]
        events = [v.manifest.events for v in w.versions.all() if v.manifest]
        assert events == [20, 30, 40]
        assert all(v.size > 0 and v.created > 1.7e9 for v in w.versions.all())
        assert w.versions.rollback(to=2) == 2
        assert w.versions.rollback(to=4) == 4
        with pytest.raises(WorkspaceError, match=r"no version 1; .*: 2, 3, 4"):
            w.versions.rollback(to=1)


def test_a_version_that_cannot_be_read_is_listed_and_never_rolled_back_to(tmp_path: Path) -> None:
    home, catalog = tmp_path / "home", jsonl(tmp_path / "lamps.jsonl", LAMPS)
    for n in (10, 20, 30):
        take(home, catalog, csv(tmp_path / "e.csv", *clicks(n)), keep=3)
    (home / "index" / "v0002" / "manifest.json").write_text('{"format": 1}')
    with Workspace.open(home) as w:
        assert [v.manifest is None for v in w.versions.all()] == [False, True, False]
        assert w.versions.rollback() == 1


def test_leftovers_of_killed_builds_are_removed_and_never_reused(home: Path) -> None:
    (home / "index" / "v0002").mkdir()
    (home / "index" / "v0002" / "half").write_text("x")
    (home / "index" / "stray").write_text("x")
    with Workspace.open(home, write=True) as w:
        version, path = w.versions.new()
        assert version == 2
        assert list(path.iterdir()) == []
        assert sorted(p.name for p in (home / "index").iterdir()) == ["v0001", "v0002"]
