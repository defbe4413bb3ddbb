"""Lists as sources: an editor's file, and what rose lately."""

from __future__ import annotations

from pathlib import Path

import pytest

from assistant.build import open_parts
from assistant.settings import Settings
from retrieval.errors import RulesError, UnreadableFile
from retrieval.kinds import DEFAULT_KINDS
from retrieval.lists import ItemList, load, rising, trending
from retrieval.storage.workspace import Workspace
from retrieval.types import Event, ItemId, Query, UserId
from tests.workspaces import film_workspace

A, B, C, NEW = (ItemId(x) for x in ("a", "b", "c", "new"))


def test_what_rose_most_surely_comes_first_and_what_fell_is_left_out() -> None:
    earlier = {A: 97, B: 97, C: 3}
    # Add one each: of 201 parts a and b have 98, c has 4, new has 1. Expected of 40 lately:
    # a 19.5, b 19.5, c 0.8, new 0.2.
    recent = {A: 22, B: 8, C: 6, NEW: 4}
    assert rising(recent, earlier) == (NEW, C, A)


def test_one_or_two_people_are_no_trend() -> None:
    assert rising({NEW: 2, A: 98}, {A: 100}) == ()
    assert rising({}, {A: 5}) == ()


def test_ties_go_by_id() -> None:
    assert rising({B: 3, A: 3, C: 1}, {C: 60}) == (A, B)


def log(home: Path, *events: Event) -> Workspace:
    workspace = Workspace.open(home, write=True)
    workspace.events.append(events)
    return workspace


def event(user: int, item: ItemId, time: float | None, kind: str = "purchase") -> Event:
    return Event(user=UserId(f"u{user}"), item=item, kind=kind, time=time)


def test_the_newest_twentieth_of_the_log_is_set_against_the_rest(tmp_path: Path) -> None:
    old = [event(n, A, 1000.0 + n) for n in range(95)]
    late = [event(200 + n, B, 2000.0 + n) for n in range(5)]
    with log(tmp_path / "w", *old, *late) as workspace:
        assert workspace.events.moment(0.05) == 1094.0
        found = trending(workspace.events, DEFAULT_KINDS)
    assert found == ItemList(name="trending", ids=(B,), kind="trending")


def test_people_are_counted_once_and_what_speaks_against_an_item_does_not_count(
    tmp_path: Path,
) -> None:
    old = [event(n, A, 1000.0 + n) for n in range(300)]
    one = [event(7, C, 2000.0 + n) for n in range(6)]
    disliked = [event(400 + n, NEW, 2000.0 + n, "dislike") for n in range(5)]
    untimed = [event(500 + n, B, None) for n in range(9)]
    with log(tmp_path / "w", *old, *one, *disliked, *untimed) as workspace:
        assert workspace.events.people(["purchase"], since=1500.0) == {C: 1}
        assert workspace.events.people(["purchase"])[B] == 9
        assert trending(workspace.events, DEFAULT_KINDS).ids == ()


def test_a_log_without_times_has_no_trend(tmp_path: Path) -> None:
    with log(tmp_path / "w", *(event(n, A, None) for n in range(9))) as workspace:
        assert workspace.events.moment(0.05) is None
        assert trending(workspace.events, DEFAULT_KINDS).ids == ()


def test_an_editors_lists_are_read_in_order_without_repeats(tmp_path: Path) -> None:
    path = tmp_path / "lists.toml"
    path.write_text(
        '[[lists]]\nname = "staff picks"\nitems = ["b", "a", "b"]\n'
        '[[lists]]\nname = "new in"\nitems = []\n',
        encoding="utf-8",
    )
    staff, new = load(path)
    assert (staff.name, staff.ids, staff.label) == ("staff picks", (B, A), 'list "staff picks"')
    assert new.ids == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[lists]]\nitems = []", "lists.1.name"),
        ("[[lists]]\nname = 'x'\nitem = []", "lists.1"),
        ("nonsense", "not TOML"),
        (
            "[[lists]]\nname='x'\nitems=[]\n[[lists]]\nname='x'\nitems=[]",
            'two lists are called "x"',
        ),
    ],
)
def test_a_broken_file_of_lists_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "lists.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RulesError, match=says):
        load(path)


def test_a_missing_file_of_lists_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.toml"):
        load(tmp_path / "none.toml")


def test_each_list_is_a_source_under_its_own_name_in_the_trace(tmp_path: Path) -> None:
    home = film_workspace(tmp_path / "home")
    (home / "lists.toml").write_text(
        '[[lists]]\nname = "staff picks"\nitems = ["f03", "gone", "f01"]', encoding="utf-8"
    )
    settings = Settings(home=home, encoder="hashed", llm="none")
    retriever = open_parts(settings, write=False).retriever
    ranking = retriever.candidates(Query(exclude=frozenset({ItemId("f01")})))
    (recall,) = [stage for stage in ranking.trace if stage.name == "recall"]
    assert 'list "staff picks" 1' in recall.note
    assert "trending " in recall.note
    assert "f03" in ranking.ids()
