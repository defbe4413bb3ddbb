"""Items that a product sends or retires one by one are kept at once and in force soon."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from assistant.door import Assistant
from assistant.renewal import Renewal
from retrieval.items import sent_item
from retrieval.types import ItemId
from tests.assistant.api.served import Served
from tests.assistant.api.test_rest import problem
from tests.workspaces import films

FILMS = films()
NEW = {**FILMS[0], "id": "zebra", "title": "The Zebra Crossing"}


def built(served: Served) -> None:
    now = served.api.service.renewal.wait(100)
    assert (now.state, now.problem) == ("idle", "")


def shown(client: httpx.Client, query: str) -> list[str]:
    found = client.get("/v1/search", params={"q": query, "limit": 100})
    return [i["id"] for i in found.json()["items"]]


def test_an_item_that_is_sent_is_found_once_its_version_is_built(
    served: Served, client: httpx.Client
) -> None:
    before = client.get("/v1/catalogue").json()
    assert (before["waiting"], before["state"]) == (0, "idle")
    answer = client.put("/v1/items/zebra", json={k: v for k, v in NEW.items() if k != "id"})
    assert answer.status_code == 202
    assert {k: answer.json()[k] for k in ("put", "retired", "refused")} == {
        "put": 1, "retired": 0, "refused": [],
    }  # fmt: skip
    built(served)
    after = client.get("/v1/catalogue").json()
    assert (after["waiting"], after["items"]) == (0, before["items"] + 1)
    assert after["version"] == before["version"] + 1
    query = {"query": "do you have The Zebra Crossing?"}
    assert client.post("/v1/recommend", json=query).json()["items"][0]["id"] == "zebra"
    item = client.get("/v1/items/zebra").json()
    assert (item["title"], item["fields"]["year"]) == ("The Zebra Crossing", int(NEW["year"]))
    # What stands already is nothing to build.
    client.put("/v1/items/zebra", json=NEW)
    built(served)
    assert client.get("/v1/catalogue").json()["version"] == after["version"]


def test_a_retired_item_is_not_recommended_from_that_moment_on(
    served: Served, client: httpx.Client
) -> None:
    title = FILMS[3]["title"]
    assert FILMS[3]["id"] in shown(client, title)
    held = served.assistant.parts.workspace.changing
    with held:  # nothing can be built yet
        assert client.delete(f"/v1/items/{FILMS[3]['id']}").status_code == 202
        assert FILMS[3]["id"] not in shown(client, title)
        assert client.get("/v1/catalogue").json()["waiting"] == 1
    built(served)
    assert FILMS[3]["id"] not in shown(client, title)
    assert problem(client.get(f"/v1/items/{FILMS[3]['id']}"), 404, "unknown_item")
    client.put(f"/v1/items/{FILMS[3]['id']}", json=FILMS[3])
    built(served)
    assert FILMS[3]["id"] in shown(client, title)


def test_a_batch_takes_what_it_can_and_says_what_it_cannot(
    served: Served, client: httpx.Client
) -> None:
    sent = {
        "put": [
            {**NEW, "colour": "green", "year": "long ago"},
            {"id": "nameless"},
            {"id": "half", "title": "\ud800"},
            {"title": "No id"},
        ],
        "retire": [FILMS[5]["id"], "nothing"],
    }
    answer = client.post(
        "/v1/items/batch",
        content=json.dumps(sent),
        headers={"Content-Type": "application/json"},
    ).json()
    assert (answer["put"], answer["retired"]) == (1, 1)
    assert answer["doubts"] == [
        {"index": 0, "code": "unreadable_year"},
        {"index": 0, "code": "unknown_colour"},
    ]
    assert [(r["list"], r["index"], r["code"]) for r in answer["refused"]] == [
        ("put", 1, "missing_title"),
        ("put", 2, "bad_encoding"),
        ("put", 3, "missing_id"),
        ("retire", 1, "unknown_item"),
    ]
    built(served)
    assert "zebra" in served.assistant.parts.retriever.items
    assert FILMS[5]["id"] not in served.assistant.parts.retriever.items


def test_only_an_owner_changes_the_catalogue(served: Served) -> None:
    with served.client(served.key("product", space="shop")) as shop:
        assert problem(shop.put("/v1/items/zebra", json=NEW), 403, "forbidden")
        assert problem(shop.delete(f"/v1/items/{FILMS[0]['id']}"), 403, "forbidden")
        assert shop.get("/v1/catalogue").json()["waiting"] == 0
    with served.client(served.key("owner")) as owner:
        told = {"retire": [f["id"] for f in FILMS]}
        assert owner.post("/v1/items/batch", json=told).json()["retired"] == len(FILMS)
        assert served.api.service.renewal.wait(100).state == "failed"
        assert "no item" in owner.get("/v1/catalogue").json()["problem"]
        with served.client(served.key("product", space="shop")) as shop:
            state = shop.get("/v1/catalogue").json()
        assert (state["state"], state["problem"]) == ("failed", "")
        assert owner.put("/v1/items/zebra", json=NEW).status_code == 202


def test_an_item_without_a_title_is_refused_whole(client: httpx.Client) -> None:
    answer = problem(client.put("/v1/items/zebra", json={"year": 1990}), 422, "invalid")
    assert "missing_title" in answer["detail"]
    assert problem(client.delete("/v1/items/zebra"), 404, "unknown_item")


def test_what_was_acknowledged_is_taken_in_at_the_next_start(films: Assistant) -> None:
    item, doubts = sent_item(films.parts.schema, NEW)
    assert doubts == ()
    gone = ItemId(FILMS[1]["id"])
    films.parts.workspace.changes.add([item], [gone])  # and the process ends
    again = Renewal(films)
    again.start()
    assert again.wait(100).state == "idle"
    again.close()
    assert item.id in films.parts.retriever.items
    assert gone not in films.parts.retriever.items
    assert films.parts.workspace.changes.count() == 0


def test_a_catalogue_has_the_last_word_over_what_waited(films: Assistant, tmp_path: Path) -> None:
    item, _ = sent_item(films.parts.schema, NEW)
    films.parts.workspace.changes.add([item])
    source = tmp_path / "films.jsonl"
    source.write_text("".join(f"{json.dumps(row)}\n" for row in FILMS[1:]), encoding="utf-8")
    films.refresh(catalog=source)
    assert films.parts.workspace.changes.count() == 0
    assert item.id not in films.parts.retriever.items


def test_changes_that_leave_nothing_fail_and_say_so(films: Assistant) -> None:
    renewal = Renewal(films)
    renewal.start()
    renewal.change([], [ItemId(f["id"]) for f in FILMS])
    now = renewal.wait(100)
    renewal.close()
    assert now.state == "failed"
    assert "no item" in now.problem


@pytest.mark.parametrize("row", [{"id": "x" * 300, "title": "T"}, {"id": ["a", "b"], "title": "T"}])
def test_a_strange_id_is_refused(client: httpx.Client, row: dict[str, object]) -> None:
    answer = client.post("/v1/items/batch", json={"put": [row]}).json()
    assert [r["code"] for r in answer["refused"]] in (["huge_id"], ["id_of_wrong_type"])
