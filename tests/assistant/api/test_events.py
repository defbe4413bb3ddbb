"""Events that other programs deliver are taken once, and what cannot be taken is told."""

from __future__ import annotations

import httpx

from tests.assistant.api.served import Served
from tests.assistant.api.test_rest import problem
from tests.workspaces import films

IDS = [f["id"] for f in films()]


def held(client: httpx.Client, visitor: str) -> list[tuple[str, str]]:
    events = client.get(f"/v1/visitors/{visitor}/export").json()["events"]
    return [(e["item"], e["kind"]) for e in events]


def test_an_event_is_added_and_changes_what_is_recommended(client: httpx.Client) -> None:
    before = client.post("/v1/recommend", json={"visitor": "ann", "k": 3}).json()["items"]
    event = {"visitor": "ann", "item": before[0]["id"], "kind": "like", "time": 5.0}
    assert client.post("/v1/events", json=event).json() == {
        "accepted": 1,
        "repeated": 0,
        "refused": [],
    }
    assert client.post("/v1/events", json=event).json()["repeated"] == 1
    assert held(client, "ann") == [(before[0]["id"], "like")]
    after = client.post("/v1/recommend", json={"visitor": "ann", "k": 3}).json()["items"]
    assert before[0]["id"] not in [i["id"] for i in after]


def test_a_batch_takes_what_it_can_and_says_what_it_cannot(client: httpx.Client) -> None:
    batch = {
        "events": [
            {"visitor": "ann", "item": IDS[0], "kind": "purchase"},
            {"visitor": "ann", "item": "nothing", "kind": "like"},
            {"visitor": "bob", "item": IDS[1], "kind": "sniffed"},
            {"visitor": "bob", "item": IDS[1], "kind": "rating"},
            {"visitor": "bob", "item": IDS[2], "kind": "rating", "value": 4.5},
        ]
    }
    answer = client.post("/v1/events/batch", json=batch).json()
    assert answer["accepted"] == 2
    assert [(r["index"], r["code"]) for r in answer["refused"]] == [
        (1, "unknown_item"),
        (2, "unknown_kind"),
        (3, "needs_value"),
    ]
    assert held(client, "ann") == [(IDS[0], "purchase")]
    assert held(client, "bob") == [(IDS[2], "rating")]


def test_a_delivery_sent_again_is_answered_as_before_and_adds_nothing(
    client: httpx.Client,
) -> None:
    event = {"visitor": "ann", "item": IDS[0], "kind": "click"}  # no time: it happens when it comes
    key = {"Idempotency-Key": "order-17"}
    first = client.post("/v1/events", json=event, headers=key)
    again = client.post("/v1/events", json=event, headers=key)
    assert first.json() == again.json()
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(held(client, "ann")) == 1
    other = client.post("/v1/events", json={**event, "kind": "purchase"}, headers=key)
    problem(other, 409, "key_reused")
    assert len(held(client, "ann")) == 1


def test_the_same_key_of_two_products_names_two_deliveries(served: Served) -> None:
    event = {"visitor": "ann", "item": IDS[0], "kind": "click"}
    key = {"Idempotency-Key": "order-17"}
    for space in ("one", "two"):
        with served.client(served.key(space=space)) as client:
            assert client.post("/v1/events", json=event, headers=key).json()["accepted"] == 1
            assert len(held(client, "ann")) == 1
