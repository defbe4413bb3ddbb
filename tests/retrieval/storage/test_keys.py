"""Keys are kept as hashes, and a delivery is taken once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from retrieval.errors import DeliveryConflict, InputError
from retrieval.storage import deliveries
from retrieval.storage.tables import api_keys
from retrieval.storage.workspace import Workspace
from retrieval.types import Event, ItemId, UserId


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "home", write=True) as opened:
        yield opened


def test_a_key_is_found_by_its_token_until_it_is_revoked(workspace: Workspace) -> None:
    keys = workspace.keys
    assert not keys.made()
    key, token = keys.add("shop", "product", space="books")
    assert keys.find(token) == key
    assert keys.find(token[:-1]) is None
    assert keys.find("") is None
    assert keys.revoke(key.id)
    assert not keys.revoke(key.id)
    assert keys.find(token) is None
    assert keys.made()
    assert keys.all()[0].revoked is not None
    with pytest.raises(InputError, match="palate keys list"):
        keys.revoke("none")


def test_only_the_hash_of_a_token_is_kept(workspace: Workspace) -> None:
    _, token = workspace.keys.add("shop", "owner")
    with workspace.db.reading() as connection:
        row = connection.execute(api_keys.select()).one()
    assert row.digest == hashlib.sha256(token.encode()).digest()
    assert len(token) == len("palate_") + 43  # 256 bits, six to a character
    assert token not in str(row)


def test_the_secret_is_made_once_and_belongs_to_one_workspace(tmp_path: Path) -> None:
    found = []
    for name in ("one", "one", "two"):
        with Workspace.open(tmp_path / name, write=True) as opened:
            found.append(opened.keys.secret())
    assert found[0] == found[1] != found[2]
    assert {len(s) for s in found} == {32}


def test_a_delivery_adds_its_events_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    events = [Event(user=UserId("ann"), item=ItemId("a"), kind="like", time=5.0)]

    def take(name: str, digest: bytes, space: str = "s") -> deliveries.Delivered:
        return workspace.deliveries.take(space, name, digest, events, lambda new: f"{new} new")

    assert take("d", b"x") == deliveries.Delivered(answer="1 new")
    workspace.events.retract(events)
    assert take("d", b"x") == deliveries.Delivered(answer="1 new", again=True)
    assert workspace.events.count() == 0
    with pytest.raises(DeliveryConflict):
        take("d", b"y")
    assert take("d", b"y", space="other").answer == "1 new"
    monkeypatch.setattr(deliveries, "KEPT", -1.0)  # as if a week had gone by
    assert take("d", b"y").answer == "0 new"
