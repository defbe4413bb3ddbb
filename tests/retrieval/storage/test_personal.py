"""What is held of a person is claimed, exported and erased, also when the erasure is killed."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, inspect

from retrieval.ingest import ingest
from retrieval.storage.personal import CLAIMS
from retrieval.storage.sessions import Remembered
from retrieval.storage.tables import erasures
from retrieval.storage.workspace import Workspace
from retrieval.types import Event, ItemId, UserId
from tests.retrieval.test_ingest_killed import hashed
from tests.retrieval.worlds import LAMPS, clicks, csv, jsonl, take

ANN, BOB = "ann-PLANTED", "bob-OTHER"
MARKERS = (ANN.encode(), b"MESSAGE-PLANTED", b"NOTE-PLANTED")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A workspace in which Ann and Bob bought, clicked and talked, and Ann changed her mind."""
    home = tmp_path / "home"
    rows = clicks(40)
    rows += [line.replace(line.partition(",")[0], ANN, 1) for line in clicks(6)]
    events = csv(tmp_path / "events.csv", *rows)
    take(home, jsonl(tmp_path / "lamps.jsonl", LAMPS), events, build=hashed)
    (home / "rejects").mkdir(exist_ok=True)
    (home / "rejects" / "events.csv.events.csv").write_text(f"line,user\n3,{ANN}\n")
    (home / "staging").mkdir(exist_ok=True)
    (home / "staging" / "left").write_text(ANN)
    with Workspace.open(home, write=True) as w:
        for person in (ANN, BOB):
            told = "MESSAGE-PLANTED" if person == ANN else "hello"
            w.sessions.create(f"s-{person}", person)
            for seq in range(3):
                w.sessions.append(f"s-{person}", seq, f'{{"message": "{told} {seq}"}}')
            for version in (1, 2):
                note = f"NOTE-PLANTED {version}" if person == ANN else "note"
                w.sessions.remember(Remembered(visitor=person, version=version, payload=note))
        w.events.append([Event(user=UserId(ANN), item=ItemId("L1"), kind="like", time=5.0)])
        w.events.retract([Event(user=UserId(ANN), item=ItemId("L1"), kind="like", time=5.0)])
    return home


def traces(home: Path) -> list[str]:
    """Files in which a marker of Ann's stands."""
    return [
        f"{path.relative_to(home)}: {marker.decode()}"
        for path in home.rglob("*")
        if path.is_file()
        for marker in MARKERS
        if marker in path.read_bytes()
    ]


def test_every_table_that_names_a_person_is_claimed_once(home: Path) -> None:
    with Workspace.open(home) as w, w.db.reading() as connection:
        found = inspect(connection)
        personal = {
            table
            for table in found.get_table_names()
            if {"user", "visitor", "person"} & {c["name"] for c in found.get_columns(table)}
            or any(key["referred_table"] == "sessions" for key in found.get_foreign_keys(table))
        }
    assert {t.name for t in CLAIMS} | {erasures.name} == personal
    assert len({t.name for t in CLAIMS}) == len(CLAIMS)


def test_everything_held_comes_out_and_only_the_persons_own(home: Path) -> None:
    with Workspace.open(home) as w:
        held = w.personal.held(ANN)
        assert len(held["turns"]) == 3
        assert len(held["sessions"]) == len(held["memories"]) == 1
        assert held["events"]
        assert {row["user"] for row in held["events"]} == {ANN}
        assert all(not rows for rows in w.personal.held("nobody").values())


def test_erasure_leaves_no_byte_of_the_person_and_all_of_the_others(home: Path) -> None:
    assert traces(home)
    with Workspace.open(home, write=True) as w:
        others = w.personal.held(BOB)
        count = w.events.count() - len(w.personal.held(ANN)["events"])
        done = w.personal.erase(ANN)
        assert done.rows["turns"] == 3
        assert done.trained
        assert w.personal.held(BOB) == others
        assert w.events.count() == count
        assert traces(home) == []
    assert traces(home) == []


def test_erasing_a_stranger_or_twice_changes_nothing(home: Path) -> None:
    with Workspace.open(home, write=True) as w:
        w.personal.erase(ANN)
        again = w.personal.erase(ANN)
        assert not any(again.rows.values())
        assert again.trained  # it still waits for the next build
        assert not any(w.personal.erase("nobody").rows.values())


def test_the_next_build_is_due_and_keeps_no_index_from_before(home: Path) -> None:
    with Workspace.open(home, write=True) as w:
        before = w.versions.active()
        w.personal.erase(ANN)
        assert not w.versions.current("")
    report = ingest(home, catalog=None, events=None, build=hashed)
    assert report.changed
    with Workspace.open(home, write=True) as w:
        assert w.versions.current("")
        assert w.versions.kept() == [w.versions.active()]
        assert w.versions.active() != before
        assert not w.personal.erase("nobody").trained


def test_old_conversations_expire_and_young_ones_stay(home: Path) -> None:
    with Workspace.open(home, write=True) as w:
        assert w.personal.expire(0.0) == 0
        assert w.personal.expire(1e12) == 2
        assert not w.personal.held(ANN)["turns"]
        assert not w.personal.held(ANN)["memories"]
        assert w.personal.held(ANN)["events"]


def dying(home: Path, at: int) -> None:
    """The child: erases Ann and kills itself before the statement with that number."""
    workspace = Workspace.open(home, write=True)
    left = [at]

    def step(_statement: str) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def trace(connection: Any, *_: object) -> None:
        connection.set_trace_callback(step)

    workspace.db.close()  # connections made from here on are traced
    event.listen(workspace.db._engine, "connect", trace)
    workspace.personal.erase(ANN)


def test_killed_before_any_statement_it_goes_on_at_the_next_start(
    home: Path, tmp_path: Path
) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.retrieval.storage.test_personal"])
    killed = 0
    for at in range(1, 200):
        copy = tmp_path / f"copy{at}"
        shutil.copytree(home, copy)
        child = context.Process(target=dying, args=(copy, at))
        child.start()
        child.join()
        if child.exitcode == 0:
            assert traces(copy) == []
            break
        assert child.exitcode == -signal.SIGKILL
        killed += 1
        with Workspace.open(copy, write=True) as w:  # the next start of a writer
            begun = at > 2 and not any(w.personal.held(ANN).values())
            if not begun:  # killed before it was recorded: nothing was promised yet
                assert len(w.personal.held(ANN)["turns"]) == 3
                w.personal.erase(ANN)
            assert w.personal.held(BOB)["turns"]
        assert traces(copy) == [], f"killed before statement {at}"
        shutil.rmtree(copy)
    assert killed >= 15
