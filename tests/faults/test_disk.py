"""A full disk is told as what it is, everywhere, and is over as soon as there is room again."""

from __future__ import annotations

import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from assistant.build import ingest_into
from assistant.settings import Settings
from retrieval.errors import StorageFull
from retrieval.storage.lock import OWNER
from retrieval.storage.workspace import DATABASE, Workspace
from retrieval.types import Event, ItemId, UserId
from tests.assistant.conftest import Open, film_home, open_assistant
from tests.faults.disk import Disk, bounded
from tests.faults.process import Service, palate
from tests.workspaces import FILMS
from ui.chat import Page
from ui.words import NAMES, words

__all__ = ["film_home", "open_assistant"]


@contextmanager
def no_room(size: int = 1) -> Iterator[None]:
    """No file of this process grows beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def pressed(**data: object) -> gr.EventData:
    return gr.EventData(None, data)


@pytest.fixture
def home(film_home: Path, tmp_path: Path) -> Path:
    shutil.copytree(film_home, tmp_path / "copy")
    return tmp_path / "copy"


def test_a_full_disk_under_the_service_loses_nothing_and_passes_by_itself(home: Path) -> None:
    with Service(home, encoder="hashed") as service:
        found = Disk(home, service, bounded(home)).run(2)
        assert found.faults == []
        assert found.acknowledged
        assert service.end() == 0
    assert any("storage_full" in line for line in service.said)
    assert not any("Traceback" in line for line in service.said)


def test_what_cannot_be_written_is_named_and_leaves_nothing(home: Path) -> None:
    one = Event(user=UserId("ann"), item=ItemId("f01"), kind="like", time=5.0)
    with Workspace.open(home, write=True) as w:
        before = w.events.count()
        with no_room():
            with pytest.raises(StorageFull, match="Make room"):
                w.events.append([one])
            with pytest.raises(StorageFull):
                w.sessions.create("s", "ann")
            with pytest.raises(StorageFull):
                w.personal.erase("u1")
            assert w.events.count() == before
            assert w.sessions.of_visitor("ann") == []
            assert w.personal.held("u1")["events"]
        assert w.events.append([one]) == 1
        assert w.personal.erase("u1").rows["events"]


def test_an_ingest_without_room_changes_nothing_and_the_next_one_takes_it_in(
    home: Path, tmp_path: Path
) -> None:
    few = tmp_path / "few.csv"
    few.write_text("".join(FILMS.read_text("utf-8").splitlines(keepends=True)[:31]), "utf-8")
    settings = Settings(encoder="hashed")
    with Workspace.open(home) as w:
        before = w.versions.all()
    for size in (1, 5_000, 30_000):
        with no_room(size), pytest.raises(StorageFull):
            ingest_into(home, settings=settings, catalog=few)
        with Workspace.open(home) as w:
            assert w.versions.all() == before
    assert ingest_into(home, settings=settings, catalog=few).changed


def test_a_service_starts_without_room_to_write_its_name(home: Path) -> None:
    (home / OWNER).write_text('{"pid": 1, "command": "long gone"}')
    # What connections share is there already, as it is after a kill.
    with Workspace.open(home), no_room(), Workspace.open(home, write=True) as w:
        assert w.writable
        assert not (home / OWNER).exists()


def test_an_erasure_that_found_no_room_waits_and_keeps_nobody_from_being_answered(
    home: Path,
) -> None:
    with Workspace.open(home, write=True) as w:
        with no_room((home / DATABASE).stat().st_size // 4), pytest.raises(StorageFull):
            w.personal.erase("u1")  # there is room for what it deletes, and none to rewrite it all
        assert not w.personal.held("u1")["events"]
    with Workspace.open(home) as beside:
        with no_room(), Workspace.open(home, write=True) as w:
            assert w.events.count()
        beside.close()
    with Workspace.open(home, write=True) as w:
        assert w.personal.resume() == 0


async def test_the_page_says_it_in_words_and_goes_on_after(
    open_assistant: Open, film_home: Path
) -> None:
    assistant = open_assistant(film_home)
    page = Page(assistant)
    browser, now, *_ = page.visits.arrive({})
    told = words("en").say("page.full")
    assistant.warm()
    with no_room():
        steps = [step async for step in page.turns.say("a western", now, browser)]
        after = steps[-1][0]
        assert after.notice == told
        assert not after.busy
        _, _sheet, errand = page.visits.aside(pressed(ask="save", item="f01"), now, browser)
        assert told in errand
        _, new, *_ = page.visits.arrive({})
        assert new.notice == told
    last: Any = [step async for step in page.turns.say("a western", new, browser)][-1][0]
    assert last.cards
    assert not last.notice


def test_every_language_has_words_for_it() -> None:
    assert len({words(name).say("page.full") for name in NAMES}) == len(NAMES)


def test_the_command_line_says_it_in_one_line(home: Path, tmp_path: Path) -> None:
    process = palate("ingest", "--catalog", FILMS, "--home", tmp_path / "new", encoder="hashed")
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    said = process.communicate(timeout=100)[1]
    assert process.returncode == 1
    assert "Traceback" not in said
    assert said.strip().startswith("palate: ")
    assert len(said.strip().splitlines()) == 1
    assert "room" in said
