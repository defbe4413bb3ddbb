"""The client of OpenAI, as it is, talks to Palate as its model."""

from __future__ import annotations

import json
from collections.abc import Iterator

import openai
import pytest
from openai import OpenAI

from tests.assistant.api.conftest import Serve
from tests.assistant.api.served import Served

Messages = list[dict[str, str]]


def client_of(served: Served, token: str = "none") -> OpenAI:
    return OpenAI(base_url=f"{served.url}/v1", api_key=token, max_retries=0)


@pytest.fixture
def palate(served: Served) -> Iterator[OpenAI]:
    with client_of(served) as client:
        yield client


def ask(
    client: OpenAI, said: Messages, message: str, **more: object
) -> openai.types.chat.ChatCompletion:
    """Send the conversation with one more message, and note both in it."""
    said.append({"role": "user", "content": message})
    answer = client.chat.completions.create(model="palate", messages=said, **more)  # type: ignore[call-overload]
    said.append({"role": "assistant", "content": answer.choices[0].message.content})
    return answer  # type: ignore[no-any-return]


def turns(served: Served) -> int:
    """Turns played so far, on whatever face."""
    text = served.api.service.metrics.text().decode()
    lines = [s for s in text.splitlines() if s.startswith("palate_turns_total{")]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


def test_palate_is_the_one_model(palate: OpenAI) -> None:
    assert [m.id for m in palate.models.list()] == ["palate"]
    assert palate.models.retrieve("palate").owned_by == "palate"
    with pytest.raises(openai.NotFoundError) as wrong:
        palate.chat.completions.create(
            model="gpt-4o", messages=[{"role": "user", "content": "hello"}]
        )
    assert wrong.value.code == "unknown_model"


def test_a_conversation_goes_on_and_each_message_is_played_once(
    palate: OpenAI, served: Served
) -> None:
    said: Messages = [{"role": "system", "content": "You are a helpful assistant."}]
    first = ask(palate, said, "a western")
    slate = first.palate  # type: ignore[attr-defined]
    assert slate["act"] == "recommend"
    content = first.choices[0].message.content
    assert content is not None
    for n, item in enumerate(slate["items"], start=1):
        assert f"{n}. {item['title']} ({item['year']})" in content
        assert item["reasons"][0]["text"] in content
    second = ask(palate, said, "newer than 1970")
    items = second.palate["items"]  # type: ignore[attr-defined]
    assert items
    assert all(int(i["year"]) > 1970 and "Western" in i["facts"]["genres"] for i in items)
    assert turns(served) == 2
    assert first.usage is not None
    assert first.usage.total_tokens > first.usage.completion_tokens > 0


def test_a_stream_says_the_same_and_ends_with_the_slate(palate: OpenAI) -> None:
    whole = ask(palate, [], "a comedy")
    said = [{"role": "user", "content": "a comedy"}]
    chunks = list(
        palate.chat.completions.create(
            model="palate",
            messages=said,  # type: ignore[arg-type]
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(c.choices[0].delta.content or "" for c in chunks if c.choices)
    assert text == whole.choices[0].message.content
    assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
    slates = [c.palate for c in chunks if hasattr(c, "palate")]  # type: ignore[attr-defined]
    assert [i["id"] for i in slates[-1]["items"]] == [
        i["id"]
        for i in whole.palate["items"]  # type: ignore[attr-defined]
    ]
    assert chunks[-1].usage == whole.usage


def test_the_slate_comes_as_json_where_that_is_wanted(palate: OpenAI) -> None:
    answer = ask(palate, [], "a western", response_format={"type": "json_object"})
    content = json.loads(answer.choices[0].message.content or "")
    assert content["items"] == answer.palate["items"]  # type: ignore[attr-defined]
    assert content["text"]


def test_a_message_that_was_changed_is_answered_as_if_nothing_else_had_been_said(
    palate: OpenAI, served: Served
) -> None:
    for user in ("ann", None):
        more = {} if user is None else {"user": user}
        said: Messages = []
        ask(palate, said, "a western", **more)
        ask(palate, said, "I have seen Unforgiven", **more)
        branched = said[:2]
        one = ask(palate, branched, "newer than 1970", **more)
        straight: Messages = [{"role": "user", "content": "a western"}, said[1]]
        other = {} if user is None else {"user": "bob"}
        two = ask(palate, straight, "newer than 1970", **other)
        assert one.palate["items"] == two.palate["items"]  # type: ignore[attr-defined]
        before = turns(served)
        again = ask(palate, branched[:2], "newer than 1970", **more)  # a retry
        assert again.choices == one.choices
        assert turns(served) == before


def test_a_user_is_remembered_and_whoever_is_not_named_leaves_nothing(
    palate: OpenAI, served: Served
) -> None:
    ask(palate, [], "I hate horror", user="ann")
    ask(palate, [], "I hate horror", user="Ann Example <ann@shop.example>")
    ask(palate, [], "I hate comedies")
    people = served.assistant.person
    assert len(people("ann").beliefs()) == 1
    tables = served.assistant.parts.workspace
    with tables.db.reading() as connection:
        rows = connection.exec_driver_sql("SELECT visitor FROM sessions").scalars().all()
    assert len(rows) == 2
    assert not any("@" in row or "Example" in row for row in rows)


def test_a_conversation_is_made_good_where_it_was_lost(serve: Serve) -> None:
    said: Messages = []
    with client_of(serve()) as one:
        ask(one, said, "a western")
        here = ask(one, list(said), "newer than 1970")
    with client_of(serve()) as two:  # another workspace, which has heard nothing
        there = ask(two, list(said), "newer than 1970")
    assert here.palate["items"] == there.palate["items"]  # type: ignore[attr-defined]


def test_two_products_with_a_user_of_one_name_hold_two_conversations(served: Served) -> None:
    with (
        client_of(served, served.key(space="books")) as books,
        client_of(served, served.key(space="boots")) as boots,
    ):
        ask(books, [], "I hate horror", user="ann")
        ask(boots, [], "a western", user="ann")
    assert len(served.assistant.person("books:ann").beliefs()) == 1
    assert served.assistant.person("boots:ann").beliefs() == ()


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "assistant", "content": "hello"}],
        [{"role": "user", "content": "   "}],
        [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}],
    ],
)
def test_what_cannot_be_answered_is_an_error_of_the_clients_own(
    palate: OpenAI, messages: list[dict[str, object]]
) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        palate.chat.completions.create(model="palate", messages=messages)  # type: ignore[call-overload]
    assert wrong.value.code == "invalid"


def test_a_wrong_key_is_an_error_of_the_clients_own(served: Served) -> None:
    served.key()
    with client_of(served, "palate_wrong") as client, pytest.raises(openai.AuthenticationError):
        client.models.list()
