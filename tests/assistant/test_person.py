"""A person's data in their own hands: beliefs, history, export, erasure, private conversations."""

from __future__ import annotations

import json
import logging

import pytest

from assistant import Assistant
from assistant.errors import SessionError
from assistant.memory import Memory


def _said(assistant: Assistant, session: str, *messages: str) -> None:
    for message in messages:
        assistant.reply(session, message, visitor="ann")


def _bytes(assistant: Assistant) -> bytes:
    home = assistant.parts.workspace.home
    return b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())


def test_beliefs_can_be_read_pinned_weakened_and_dropped(films: Assistant) -> None:
    _said(films, "one", "I hate horror", "never show me musicals")
    ann = films.person("ann")
    horror, musical = ann.beliefs()
    assert (horror.text, horror.pinned) == ("you do not like Horror", False)
    assert (musical.text, musical.pinned) == ("you never want Musical", True)
    assert musical.said == "never show me musicals"
    assert ann.pin(horror.id)
    assert ann.beliefs()[0].pinned
    assert ann.weaken(horror.id)
    weak = ann.beliefs()[0]
    assert weak.strength == pytest.approx(horror.strength / 2, rel=1e-3)
    assert not weak.pinned
    assert ann.forget(musical.id)
    assert not ann.forget(musical.id)
    assert not ann.pin("no such note")
    assert [b.id for b in films.person("ann").beliefs()] == [horror.id]
    assert films.person("ann", language="de").beliefs()[0].text == "du magst Horror nicht"


def test_pausing_from_outside_holds_in_conversation(films: Assistant) -> None:
    ann = films.person("ann")
    assert ann.pause()
    assert not ann.pause()
    _said(films, "one", "I hate horror", "I loved Heat")
    assert not ann.beliefs()
    assert not ann.history()
    assert ann.paused
    assert ann.pause(paused=False)
    _said(films, "one", "I hate musicals")
    assert len(ann.beliefs()) == 1


def test_an_item_taken_out_of_the_history_no_longer_speaks(films: Assistant) -> None:
    _said(films, "one", "crime films", "I loved Heat", "I have seen Casino")
    ann = films.person("ann")
    assert {e.item for e in ann.history()} == {"f21", "f24"}
    assert ann.remove("f21") == 1
    assert ann.remove("f21") == 0
    assert {e.item for e in ann.history()} == {"f24"}
    assert not films.parts.taste.of("ann").positive()


def test_an_export_holds_every_word_and_is_json(films: Assistant) -> None:
    _said(films, "one", "I hate horror", "crime films", "I loved Heat")
    films.reply("other", "westerns", visitor="bob")
    out = films.person("ann").export()
    text = json.dumps(out)
    assert [t["turn"]["message"] for t in out["sessions"][0]["turns"]] == [
        "I hate horror",
        "crime films",
        "I loved Heat",
    ]
    assert out["memory"][0]["payload"]["notes"][0]["said"] == "I hate horror"
    assert [e["item"] for e in out["events"]] == ["f21"]
    assert out["profile"]["weights"].keys() == {"f21"}
    assert "westerns" not in text
    empty = films.person("nobody").export()
    assert empty["sessions"] == empty["events"] == empty["memory"] == []


def test_after_erasure_the_person_is_a_stranger(films: Assistant) -> None:
    _said(films, "one", "I hate horror, zanzibarquokka", "I loved Heat")
    private = films.new_session("ann", private=True)
    films.reply(private, "westerns", visitor="ann")
    assert b"zanzibarquokka" in _bytes(films)
    done = films.person("ann").erase()
    assert done.rows["turns"] == 2
    assert b"zanzibarquokka" not in _bytes(films)
    assert films.parts.sessions.memory("ann") == (Memory(), 0)
    assert not films.parts.taste.of("ann").n_events
    assert films.history("one", visitor="ann") == ()
    assert not films.parts.sessions.open(private, None).turns


def test_a_private_conversation_knows_the_person_and_leaves_nothing(
    films: Assistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _said(films, "one", "never show me westerns")
    before = len(films.parts.workspace.personal.held("ann")["turns"])
    session = films.new_session("ann", private=True)
    first = films.reply(session, "films from before 1960, zanzibarquokka", visitor="ann")
    assert "Western" in first.text
    assert first.turn == 1
    films.reply(session, "I loved Heat, and I hate horror", visitor="ann")
    again = films.reply(session, "undo", visitor="ann")
    assert again.act == "undo"
    assert len(films.history(session, visitor="ann")) == 3
    with pytest.raises(SessionError, match="another visitor"):
        films.reply(session, "westerns", visitor="bob")
    assert b"zanzibarquokka" not in _bytes(films)
    assert len(films.parts.workspace.personal.held("ann")["turns"]) == before
    assert len(films.person("ann").beliefs()) == 1
    assert not films.person("ann").history()
    assert "zanzibarquokka" not in caplog.text


def test_logs_name_nobody(films: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    films.reply("session-planted", "I hate horror, zanzibarquokka", visitor="visitor-planted")
    films.person("visitor-planted").erase()
    assert "planted" not in caplog.text
    assert "zanzibarquokka" not in caplog.text
