"""A conversation, the catalogue and a person's data over REST, on a real port."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.assistant.api.served import Served
from tests.workspaces import films


def begin(client: httpx.Client, **body: object) -> str:
    answer = client.post("/v1/sessions", json=body)
    assert answer.status_code == 201
    return str(answer.json()["id"])


def say(client: httpx.Client, session: str, message: str) -> dict[str, Any]:
    answer = client.post(f"/v1/sessions/{session}/turns", json={"message": message})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert (answer.status_code, answer.headers["content-type"]) == (
        status,
        "application/problem+json",
    )
    body = dict(answer.json())
    assert body["code"] == code
    assert body["status"] == status
    assert body["remedy"]
    assert body["request"] == answer.headers["x-request-id"]
    return body


def events_of(text: str) -> list[tuple[str, Any]]:
    """The names and the data of server-sent events."""
    out = []
    for block in text.strip().split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.split("\n"))
        out.append((lines["event"], json.loads(lines["data"])))
    return out


def test_a_conversation_is_held_turn_by_turn(client: httpx.Client) -> None:
    session = begin(client, visitor="ann")
    first = say(client, session, "a western")
    assert first["act"] == "recommend"
    assert first["cards"]
    assert all("Western" in c["facts"]["genres"] for c in first["cards"])
    second = say(client, session, "newer than 1970")
    assert [w["field"] for w in second["wants"]]
    assert all(int(c["year"]) > 1970 for c in second["cards"])
    held = client.get(f"/v1/sessions/{session}/turns").json()
    assert [t["message"] for t in held["turns"]] == ["a western", "newer than 1970"]
    assert held["turns"][0]["reply"]["text"] == first["text"]
    assert held["next"] is None


def test_a_turn_streams_what_happens_and_ends_with_all_of_it(client: httpx.Client) -> None:
    session = begin(client)
    answer = client.post(
        f"/v1/sessions/{session}/turns", json={"message": "a comedy", "stream": True}
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    told = events_of(answer.text)
    names = [name for name, _ in told]
    assert names[0] == "status"
    assert names[-3:] == ["shown", "text", "finished"]
    by_name = dict(told)
    assert by_name["finished"]["cards"] == by_name["shown"]["cards"]
    assert by_name["finished"]["text"] == by_name["text"]["text"]
    accepted = client.post(
        f"/v1/sessions/{session}/turns",
        json={"message": "another"},
        headers={"Accept": "text/event-stream"},
    )
    assert events_of(accepted.text)[-1][0] == "finished"


def test_a_reaction_is_kept_and_moves_the_slate(client: httpx.Client) -> None:
    session = begin(client, visitor="ann")
    shown = say(client, session, "a western")["cards"]
    answer = client.post(
        f"/v1/sessions/{session}/reactions", json={"item": shown[0]["id"], "kind": "dislike"}
    )
    assert shown[0]["id"] not in [c["id"] for c in answer.json()["cards"]]
    held = client.get("/v1/visitors/ann/export").json()
    assert [(e["item"], e["kind"]) for e in held["events"]] == [(shown[0]["id"], "dislike")]
    nothing = client.post(
        f"/v1/sessions/{session}/reactions", json={"item": "nothing", "kind": "like"}
    )
    problem(nothing, 404, "unknown_item")


def test_an_explanation_repeats_the_card_and_is_empty_for_what_was_not_shown(
    client: httpx.Client,
) -> None:
    session = begin(client)
    shown = say(client, session, "something like Alien")["cards"]
    why = client.get(f"/v1/sessions/{session}/explanation", params={"item": shown[0]["id"]})
    texts = [r["text"] for r in why.json()["reasons"]]
    assert [r["text"] for r in shown[0]["reasons"]] == texts[: len(shown[0]["reasons"])]
    others = {f["id"] for f in films()} - {c["id"] for c in shown}
    unseen = client.get(f"/v1/sessions/{session}/explanation", params={"item": min(others)}).json()
    assert unseen["reasons"] == []


def test_conversations_are_listed_page_by_page_and_deleted(client: httpx.Client) -> None:
    sessions = [begin(client, visitor="ann") for _ in range(3)]
    for n, session in enumerate(sessions):
        say(client, session, f"a western {n}")
    begin(client, visitor="ann")  # nothing was said in it
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        at = {"cursor": cursor} if cursor else {}
        page = client.get("/v1/visitors/ann/sessions", params={"limit": 2, **at}).json()
        seen += [t["id"] for t in page["sessions"]]
        cursor = page["next"]
    assert seen == sessions[::-1]
    assert client.delete(f"/v1/sessions/{sessions[0]}").status_code == 204
    problem(client.get(f"/v1/sessions/{sessions[0]}/turns"), 404, "not_found")
    left = client.get("/v1/visitors/ann/sessions").json()["sessions"]
    assert [t["id"] for t in left] == [sessions[2], sessions[1]]


def test_a_private_session_leaves_nothing(client: httpx.Client) -> None:
    session = begin(client, visitor="ann", private=True)
    say(client, session, "I hate horror")
    held = client.get("/v1/visitors/ann/export").json()
    assert (held["sessions"], held["events"], held["memory"]) == ([], [], [])


def test_every_item_is_listed_once_in_order(client: httpx.Client) -> None:
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        at = {"cursor": cursor} if cursor else {}
        page = client.get("/v1/items", params={"limit": 7, **at}).json()
        ids += [i["id"] for i in page["items"]]
        cursor = page["next"]
    assert ids == sorted(f["id"] for f in films())


def test_an_item_has_a_tag_and_is_not_sent_twice(client: httpx.Client) -> None:
    row = films()[0]
    answer = client.get(f"/v1/items/{row['id']}")
    body = answer.json()
    assert body["title"] == row["title"]
    assert body["fields"]["genres"] == row["genres"].split("|")
    again = client.get(f"/v1/items/{row['id']}", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    problem(client.get("/v1/items/no/such/item"), 404, "unknown_item")


def test_similar_items_and_recommendations_are_what_the_library_says(
    client: httpx.Client, served: Served
) -> None:
    liked = films()[0]["id"]
    expected = served.assistant.recommend(like=[liked], k=5)
    found = client.get(f"/v1/similar/{liked}", params={"k": 5}).json()
    assert [i["id"] for i in found["items"]] == [c.id for c in expected.items]
    asked = client.post("/v1/recommend", json={"like": [liked], "k": 5}).json()
    assert [i["id"] for i in asked["items"]] == [c.id for c in expected.items]
    other = served.assistant.recommend(user="u1", query="a war film", k=3)
    told = client.post("/v1/recommend", json={"visitor": "u1", "query": "a war film", "k": 3})
    assert [i["id"] for i in told.json()["items"]] == [c.id for c in other.items]


def test_search_holds_its_condition_and_pages(client: httpx.Client) -> None:
    ask = {"q": "love", "where": 'year >= 1990 and genres == "Romance"', "limit": 2}
    true = {
        f["id"] for f in films() if int(f["year"]) >= 1990 and "Romance" in f["genres"].split("|")
    }
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        at = {"cursor": cursor} if cursor else {}
        page = client.get("/v1/search", params={**ask, **at}).json()
        assert page["fitting"] == len(true)
        seen += [i["id"] for i in page["items"]]
        cursor = page["next"]
    assert len(seen) == len(set(seen))
    assert set(seen) == true
    wrong = problem(client.get("/v1/search", params={"where": "yeer > 3"}), 422, "invalid")
    assert "yeer" in wrong["detail"]


def test_a_profile_is_read_changed_and_guarded(client: httpx.Client) -> None:
    session = begin(client, visitor="ann")
    say(client, session, "I hate horror")
    answer = client.get("/v1/visitors/ann/profile")
    (belief,) = answer.json()["beliefs"]
    known = {"If-Match": answer.headers["etag"]}
    item = films()[0]["id"]
    edited = client.patch(
        "/v1/visitors/ann/profile", json={"pin": [belief["id"]], "save": [item]}, headers=known
    )
    assert edited.json()["beliefs"][0]["pinned"]
    assert edited.json()["saved"] == [item]
    stale = client.patch("/v1/visitors/ann/profile", json={"paused": True}, headers=known)
    problem(stale, 412, "changed")
    assert not client.get("/v1/visitors/ann/profile").json()["paused"]
    gone = client.patch(
        "/v1/visitors/ann/profile", json={"forget": [belief["id"]], "unsave": [item]}
    ).json()
    assert (gone["beliefs"], gone["saved"]) == ([], [])


def test_erasure_leaves_nothing_of_a_visitor(client: httpx.Client) -> None:
    session = begin(client, visitor="ann")
    say(client, session, "I loved Alien")
    done = client.delete("/v1/visitors/ann")
    assert done.json()["erased"]["turns"] == 1
    held = client.get("/v1/visitors/ann/export").json()
    assert (held["sessions"], held["events"], held["memory"]) == ([], [], [])


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("GET", "/v1/nothing", None, 404, "not_found"),
        ("PUT", "/v1/items", None, 405, "method_not_allowed"),
        ("POST", "/v1/recommend", b"{", 422, "invalid"),
        ("POST", "/v1/recommend", b'{"k": 0}', 422, "invalid"),
        ("POST", "/v1/recommend", b'{"kk": 1}', 422, "invalid"),
        ("POST", "/v1/recommend", b'{"query": "\\ud800"}', 422, "invalid"),
        ("POST", "/v1/recommend", b'{"like": ["none"]}', 404, "unknown_item"),
        ("GET", "/v1/items?cursor=%00", None, 422, "invalid"),
        ("GET", "/v1/items?cursor=MQ", None, 422, "invalid"),
        ("GET", "/v1/visitors/a%20b/profile", None, 422, "invalid"),
        ("GET", "/v1/sessions/nothing/turns", None, 404, "not_found"),
        ("POST", "/v1/sessions/nothing/turns", b'{"message": "hi"}', 404, "not_found"),
    ],
)
def test_what_is_wrong_is_a_problem_that_repeats_nothing(
    client: httpx.Client, method: str, path: str, body: bytes | None, status: int, code: str
) -> None:
    headers = {"Content-Type": "application/json"}
    said = problem(client.request(method, path, content=body, headers=headers), status, code)
    assert "Traceback" not in json.dumps(said)


def test_health_and_metrics_are_told(client: httpx.Client) -> None:
    assert client.get("/v1/health/live").json() == {"status": "ok"}
    assert client.get("/v1/health/ready").json() == {"status": "ok"}
    session = begin(client, visitor="ann-PLANTED")
    say(client, session, "a western MESSAGE-PLANTED")
    text = client.get("/v1/metrics").text
    assert 'palate_turns_total{act="recommend"} 1.0' in text
    assert 'palate_stage_seconds_count{stage="candidates"} 1.0' in text
    assert (
        'palate_requests_total{method="POST",path="/v1/sessions/{session}/turns",status="200"} 1.0'
    ) in text
    assert "PLANTED" not in text
    assert session not in text
