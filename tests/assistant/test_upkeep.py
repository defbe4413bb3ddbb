"""The catalogue is brought up to date while visitors are served."""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.door import Assistant
from assistant.upkeep import FOLDER, Part, Upkeep, Work, safe_name
from retrieval.errors import InputError, WorkspaceBusy, WorkspaceError
from retrieval.types import ItemId
from tests.workspaces import films as film_rows


@pytest.fixture
def upkeep(films: Assistant) -> Iterator[Upkeep]:
    made = Upkeep(films)
    yield made
    made.close()


def catalogue(path: Path, *, without: int = 0, hostile: bool = False) -> Path:
    """The films but the first few, with one more; and a row without a title where that is asked."""
    rows = film_rows()[without:]
    new = {**rows[0], "id": "new", "title": "The Zebra Crossing"}
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows([*rows, new])
        if hostile:
            writer.writerow({**new, "id": "bad", "title": ""})
    return path


def brought(upkeep: Upkeep, part: Part, source: Path) -> Work:
    place = upkeep.place()
    (place / part).mkdir()
    (place / part / safe_name(source.name)).write_bytes(source.read_bytes())
    upkeep.look(place, {part: source.name})
    return upkeep.wait(100)


def test_what_is_looked_at_is_built_and_served_and_the_talk_goes_on(
    films: Assistant, upkeep: Upkeep, tmp_path: Path
) -> None:
    session = films.new_session("v.one")
    films.reply(session, "a western", visitor="v.one")
    private = films.new_session("v.one", private=True)
    films.reply(private, "a western", visitor="v.one")
    heard: list[str] = []
    films.parts.dialogue.listeners.append(lambda turn: heard.append(turn.act))
    found = brought(upkeep, "catalog", catalogue(tmp_path / "films.csv", without=2, hostile=True))
    assert found.state == "ready"
    assert found.preview is not None
    assert (found.preview.items.new, found.preview.retired) == (1, 2)
    assert [r.reason for r in found.refused] == ["missing_title"]
    assert ItemId("new") not in films.parts.retriever.items
    upkeep.build()
    built = upkeep.wait(100)
    assert built.state == "done", built.problem
    assert built.report is not None
    assert built.report.version == 2
    assert [s.stage for s in built.steps][-1] == "loading"
    assert [s.done for s in built.steps if s.stage == "embedding"] == [
        s.total for s in built.steps if s.stage == "embedding"
    ]
    assert not list((films.parts.workspace.home / FOLDER).iterdir())
    (card, *_) = films.recommend(query="do you have The Zebra Crossing?").items
    assert card.id == "new"
    assert len(films.history(session, visitor="v.one")) == 1
    assert films.reply(session, "newer", visitor="v.one").turn == 2
    assert heard == ["recommend"]
    assert films.conversations("v.one").private(private)


def test_events_alone_are_taken_in(films: Assistant, upkeep: Upkeep, tmp_path: Path) -> None:
    item = film_rows()[0]["id"]
    log = tmp_path / "events.csv"
    log.write_text(
        f"user_id,item_id,rating,timestamp\nnobody,{item},5,1600000000\n", encoding="utf-8"
    )
    before = films.parts.workspace.events.count()
    assert brought(upkeep, "events", log).state == "ready"
    upkeep.build()
    assert upkeep.wait(100).state == "done"
    assert films.parts.workspace.events.count() == before + 1


def test_a_file_that_is_none_fails_with_its_reason(upkeep: Upkeep, tmp_path: Path) -> None:
    page = tmp_path / "films.csv"
    page.write_text("<!doctype html><p>Sign in", encoding="utf-8")
    found = brought(upkeep, "catalog", page)
    assert found.state == "failed"
    assert "web page" in found.problem
    with pytest.raises(InputError, match="nothing to build"):
        upkeep.build()
    upkeep.drop()
    assert upkeep.work == Work()


def test_neither_catalogue_nor_events_is_refused(upkeep: Upkeep) -> None:
    with pytest.raises(InputError, match="choose a catalogue"):
        upkeep.look(upkeep.place(), {"schema": "s.toml"})
    with pytest.raises(InputError, match="nothing to build"):
        upkeep.build()


def test_a_build_that_is_stopped_changes_nothing_and_can_be_built_again(
    films: Assistant, upkeep: Upkeep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(upkeep, "catalog", catalogue(tmp_path / "films.csv"))
    before = films.parts
    halted, go_on = threading.Event(), threading.Event()
    tell = upkeep._progress

    def slowly(stage: str, done: int, total: int | None) -> None:
        if stage == "embedding":
            halted.set()
            go_on.wait(60)
        tell(stage, done, total)

    monkeypatch.setattr(upkeep, "_progress", slowly)
    upkeep.build()
    assert halted.wait(60)
    for again in (upkeep.build, upkeep.drop):
        with pytest.raises(WorkspaceBusy):
            again()
    with pytest.raises(WorkspaceBusy):
        films.person("v.one").erase()
    upkeep.stop()
    go_on.set()
    assert upkeep.wait(100).state == "stopped"
    assert films.parts is before
    assert films.parts.workspace.versions.kept() == [1]
    assert [p.name for p in (films.parts.workspace.home / "index").iterdir()] == ["v0001"]
    upkeep.build()
    assert upkeep.wait(100).state == "done"


def test_rules_that_the_new_catalogue_breaks_are_told_and_visitors_served_as_before(
    films: Assistant, upkeep: Upkeep, tmp_path: Path
) -> None:
    brought(upkeep, "catalog", catalogue(tmp_path / "films.csv"))
    rules = films.parts.workspace.home / "rules.toml"
    rules.write_text("[[rules]]\nname = 'odd'\naction = 'no such'\n", encoding="utf-8")
    before = films.parts
    upkeep.build()
    found = upkeep.wait(100)
    assert found.state == "failed"
    assert "cannot be served" in found.problem
    assert films.parts is before
    assert films.recommend(query="a western").items


def test_an_assistant_that_only_reads_does_not_refresh(films: Assistant, tmp_path: Path) -> None:
    home = films.parts.workspace.home
    with (
        Assistant.open(home, llm="none", write=False) as reader,
        pytest.raises(WorkspaceError, match="opened for reading"),
    ):
        reader.refresh(catalog=catalogue(tmp_path / "films.csv"))


def test_what_a_killed_process_left_is_removed(films: Assistant, upkeep: Upkeep) -> None:
    left = upkeep.place() / "left.csv"
    left.touch()
    assert left.parent.stat().st_mode & 0o077 == 0
    Upkeep(films).close()
    assert not left.exists()


def test_no_name_of_a_file_leads_out_of_its_folder() -> None:
    names = ("../../etc/passwd", "C:\\films.csv", ".hidden", "..", "", "a b/ü?.csv", "x" * 300)
    safe = [safe_name(name) for name in names]
    assert safe == ["passwd", "films.csv", "hidden", "file", "file", "_.csv", "x" * 80]
