"""Who may ask, and for whom: keys, their reach, and products that never see each other."""

from __future__ import annotations

import httpx
import pytest

from assistant.api.access import Door
from tests.assistant.api.served import Served
from tests.assistant.api.test_rest import begin, problem, say
from tests.workspaces import films

ITEM = films()[0]["id"]


def test_without_any_key_only_this_machine_is_answered(
    served: Served, client: httpx.Client
) -> None:
    assert client.get("/v1/items").status_code == 200
    for headers in (
        {"Host": "palate.example"},  # a page of another host whose name leads here
        {"Origin": "https://evil.example"},
        {"X-Forwarded-For": "192.0.2.7"},  # a proxy asks for somebody else
    ):
        answer = client.get("/v1/items", headers=headers)
        assert "palate keys add" in problem(answer, 403, "loopback_only")["remedy"]
    own = {"host": "127.0.0.1:80"}
    door = Door(served.assistant.parts.workspace.keys)
    for address in ("192.0.2.7", "2001:db8::7", ""):
        with pytest.raises(Exception, match="loopback_only"):
            door.admit(own, address)
    for address in ("127.0.0.1", "::1"):
        assert door.admit(own, address).reach == "owner"


def test_once_a_key_was_made_every_request_needs_one_that_is_in_force(served: Served) -> None:
    token = served.key("owner")
    keys = served.assistant.parts.workspace.keys
    with served.client() as client:
        answer = client.get("/v1/items")
        problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert client.get("/v1/health/ready").status_code == 200
        sent = {"X-API-Key": token}
        assert client.get("/v1/items", headers=sent).status_code == 200
        problem(client.get("/v1/items", headers={"X-API-Key": token + "x"}), 401, "unauthorized")
        assert keys.revoke(keys.all()[0].id)
        problem(client.get("/v1/items", headers=sent), 401, "unauthorized")


def test_no_byte_of_a_token_is_stored(served: Served) -> None:
    token = served.key("owner")
    home = served.assistant.parts.workspace.home
    kept = [p.name for p in home.rglob("palate.db*") if token[7:].encode() in p.read_bytes()]
    assert kept == []


def test_two_products_with_visitors_of_one_name_never_see_each_other(served: Served) -> None:
    with (
        served.client(served.key(space="books")) as books,
        served.client(served.key(space="boots")) as boots,
    ):
        session = begin(books, visitor="ann")
        say(books, session, "I hate horror")
        books.post("/v1/events", json={"visitor": "ann", "item": ITEM, "kind": "like"})
        other = begin(boots, visitor="ann")
        for path in (f"/v1/sessions/{session}/turns", f"/v1/sessions/{session}/explanation?item=x"):
            problem(boots.get(path), 404, "not_found")
        problem(
            boots.post(f"/v1/sessions/{session}/turns", json={"message": "hello"}), 404, "not_found"
        )
        problem(boots.delete(f"/v1/sessions/{session}"), 404, "not_found")
        for named in ("ann", "books:ann"):
            mine = boots.get(f"/v1/visitors/{named}/profile").json()
            assert (mine["beliefs"], mine["events"]) == ([], 0)
            assert boots.get(f"/v1/visitors/{named}/sessions").json()["sessions"] == []
        assert say(boots, other, "a western")["cards"]
        assert boots.delete("/v1/visitors/ann").json()["erased"]["turns"] == 1
        theirs = books.get("/v1/visitors/ann/profile").json()
        assert (theirs["visitor"], len(theirs["beliefs"]), theirs["events"]) == ("ann", 1, 1)


def test_two_keys_of_one_product_share_its_visitors(served: Served) -> None:
    with (
        served.client(served.key(space="books")) as old,
        served.client(served.key(space="books")) as new,
    ):
        session = begin(old, visitor="ann")
        assert say(new, session, "a western")["cards"]


def test_a_visitors_key_speaks_for_that_visitor_alone(served: Served) -> None:
    with (
        served.client(served.key(space="books")) as product,
        served.client(served.key("visitor", space="books", visitor="ann")) as ann,
    ):
        foreign = begin(product, visitor="bob")
        own = begin(ann)
        assert ann.get("/v1/visitors/ann/profile").json()["visitor"] == "ann"
        assert say(ann, own, "a western")["cards"]
        problem(ann.get(f"/v1/sessions/{foreign}/turns"), 404, "not_found")
        problem(ann.get("/v1/visitors/bob/profile"), 403, "forbidden")
        problem(ann.post("/v1/recommend", json={"visitor": "bob"}), 403, "forbidden")
        event = {"visitor": "bob", "item": ITEM, "kind": "like"}
        problem(ann.post("/v1/events", json=event), 403, "forbidden")
        problem(ann.get("/v1/metrics"), 403, "forbidden")
        problem(product.get("/v1/metrics"), 403, "forbidden")
        assert [t["message"] for t in product.get(f"/v1/sessions/{own}/turns").json()["turns"]] == [
            "a western"
        ]


def test_erasing_a_visitor_ends_their_key(served: Served) -> None:
    with served.client(served.key("visitor", visitor="ann")) as ann:
        assert ann.delete("/v1/visitors/ann").json()["erased"]["api_keys"] == 1
        problem(ann.get("/v1/items"), 401, "unauthorized")


def test_an_owner_names_everybody_as_the_workspace_does(served: Served) -> None:
    with (
        served.client(served.key(space="books")) as books,
        served.client(served.key("owner")) as owner,
    ):
        session = begin(books, visitor="ann")
        say(books, session, "I hate horror")
        assert len(owner.get("/v1/visitors/books:ann/profile").json()["beliefs"]) == 1
        assert owner.get("/v1/metrics").status_code == 200
