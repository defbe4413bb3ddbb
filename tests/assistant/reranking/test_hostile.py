"""Whatever a model answers, the result is valid, and says what was wrong with the answer."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from functools import partial
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.llm import structured
from assistant.llm.scripted import Scripted
from assistant.llm.types import ChatRequest, Usage
from assistant.reranking import Blend, Candidate, RankResult, Reranker, listing
from assistant.reranking.answer import QUOTE, read
from assistant.reranking.strategies import Blocks, Pointwise, Setwise, Sliding, Strategy, Window
from tests.assistant.reranking.answering import LINE, codes, ids, pool, shown
from tests.assistant.reranking.hostile import FAMILIES, HEAVY, Hostile, replies

N, TOP = 7, 4
STRATEGIES: dict[str, Strategy] = {
    "window": Window(),
    "blocks": Blocks(width=4),
    "sliding": Sliding(width=4, step=2),
    "setwise": Setwise(group=2),
    "pointwise": Pointwise(),
}
USED = Usage(prompt_tokens=1, completion_tokens=1)
HANDLES = ("b2c", "k7d", "x9z", "t4h", "m3n", "q8r")


def wanted(request: ChatRequest) -> int:
    """How many handles are to be listed; 0 where a grade is asked for."""
    if request.schema is None:
        return 0
    return int(request.schema["properties"]["ranking"]["minItems"])  # type: ignore[index]


class Model(Scripted):
    """Gives the same hostile reply to every call, and keeps what it said to which."""

    def __init__(self, reply: Hostile) -> None:
        self.said: list[tuple[str, tuple[str, ...] | None, ChatRequest]] = []

        def answer(request: ChatRequest) -> str:
            said = reply.said(shown(request), wanted(request))
            self.said.append((said.text, said.order, request))
            return said.text

        super().__init__(answer, usage=USED)


def once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    if len(dict(pairs)) < len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def exact(text: str, request: ChatRequest) -> bool:
    """Whether a text is what was asked for, to the letter; worked out without our reader."""
    entries = wanted(request)
    if not entries:
        return text.strip() in {"0", "1", "2", "3", "4"}
    try:
        value = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        return False
    if not isinstance(value, dict) or not {"ranking"} <= value.keys() <= {"ranking", "claims"}:
        return False
    names, handles = value["ranking"], set(shown(request))
    claims = value.get("claims", [])
    most = request.schema["properties"].get("claims", {"maxItems": 0})["maxItems"]  # type: ignore
    return (
        isinstance(names, list)
        and len(names) == entries
        and all(isinstance(name, str) for name in names)
        and len(set(names) & handles) == entries
        and isinstance(claims, list)
        and len(claims) <= most
        and all(
            isinstance(c, dict)
            and c.keys() == {"item", "field", "quote"}
            and all(isinstance(v, str) for v in c.values())
            and c["item"] in handles
            and len(c["quote"]) <= QUOTE
            for c in claims
        )
    )


def valid(result: RankResult, given_pool: Sequence[Candidate], top_k: int) -> None:
    """What holds for every result."""
    assert len(result.items) == min(top_k, len(given_pool))
    assert len({item.index for item in result.items}) == len(result.items)
    assert all(given_pool[item.index].id == item.id for item in result.items)
    assert [item.rank for item in result.items] == list(range(1, len(result.items) + 1))
    scores = [item.score for item in result.items]
    assert all(math.isfinite(s) and 0 <= s <= 1 for s in scores)
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= item.confidence <= 1 for item in result.items)
    assert (result.status == "ok") == (result.issues == ())


def ranked(reply: Hostile, strategy: Strategy, *, explain: bool = False) -> tuple[RankResult, bool]:
    """The result, checked, and whether every answer was a plain failure."""
    given_pool = pool(N)
    before = repr(given_pool)
    model = Model(reply)
    result = Reranker(model, strategy=strategy).rank("x", given_pool, TOP, explain)
    assert repr(given_pool) == before
    valid(result, given_pool, TOP)
    if result.status == "ok":
        assert all(exact(text, request) for text, _, request in model.said), reply
    grading = strategy.name == "pointwise"
    failed = all(
        (text.strip().rstrip(".") not in {"0", "1", "2", "3", "4"}) if grading else order == ()
        for text, order, _ in model.said
    )
    if failed:
        assert result.status == "fallback", reply
        assert result.issues
        assert ids(result) == [c.id for c in given_pool][:TOP]
        assert {item.kind for item in result.items} == {"prior"}
    return result, failed


SAMPLE = len(FAMILIES)


@pytest.mark.parametrize("strategy", STRATEGIES.values(), ids=STRATEGIES)
@pytest.mark.parametrize("seed", range(2))
def test_no_hostile_answer_breaks_a_strategy_or_passes_unseen(
    strategy: Strategy, seed: int
) -> None:
    for reply in islice(replies(seed), SAMPLE):
        ranked(reply, strategy, explain=seed == 1)


@pytest.mark.parametrize("name", HEAVY)
def test_a_megabyte_of_anything_is_survived(name: str) -> None:
    for seed in "ab":
        ranked(Hostile(name, seed), STRATEGIES["window"], explain=True)


@pytest.mark.parametrize("name", FAMILIES)
def test_an_answer_that_plainly_ranks_is_followed_and_one_that_plainly_does_not_is_none(
    name: str,
) -> None:
    for seed in range(12):
        for entries in (6, 3, 1):
            said = Hostile(name, f"{seed}").said(HANDLES, entries)
            if said.order is not None:
                order = read(said.text, HANDLES, entries, 0)
                assert tuple(HANDLES[p] for p in order.positions) == said.order, said.text


@pytest.mark.parametrize("name", [n for n in FAMILIES if n not in {"clean", "tight_or_airy"}])
def test_only_what_is_exactly_as_asked_is_ok(name: str) -> None:
    for seed in range(6):
        model = Model(Hostile(name, f"{seed}"))
        result = Reranker(model, strategy="window").rank("x", pool(N), TOP)
        assert (result.status == "ok") == all(exact(text, asked) for text, _, asked in model.said)


def test_the_same_seed_gives_the_same_replies_and_they_differ() -> None:
    first, second = (
        [reply.said(HANDLES, 4).text for reply in islice(replies(5), 300)] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) > 250


NAMES = st.sampled_from([*HANDLES, "K7D", " x9z", "[t4h]", "z9z", "\ud800"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | NAMES,
    lambda inner: (
        st.lists(inner, max_size=7)
        | st.dictionaries(st.sampled_from(["ranking", "claims", "id", "item", "x"]), inner)
    ),
)
PIECES = st.sampled_from(
    [
        *HANDLES,
        *'{}[]":,>\n',
        "<think>",
        "</think>",
        '{"ranking": [',
        "and",
        "1. ",
        "\ud800",
        "\x00",
    ]
)


@given(VALUES.map(json.dumps) | st.lists(PIECES).map("".join), st.integers(1, 6))
def test_reading_never_fails_and_calls_nothing_clean_that_is_not(text: str, entries: int) -> None:
    order = read(text, HANDLES, entries, 0)
    assert len(set(order.positions)) == len(order.positions)
    assert set(order.positions) <= set(range(len(HANDLES)))
    if order.positions and order.clean:
        value = json.loads(text, object_pairs_hook=once)
        assert value["ranking"] == [HANDLES[p] for p in order.positions]
        assert len(order.positions) == entries


@settings(max_examples=40)
@given(
    st.sampled_from(sorted(STRATEGIES)),
    st.lists(VALUES.map(json.dumps) | st.lists(PIECES).map("".join), min_size=1, max_size=4),
    st.integers(0, 6),
    st.integers(0, 8),
)
def test_any_mixture_of_answers_gives_a_valid_result(
    name: str, texts: list[str], n: int, top_k: int
) -> None:
    asked: list[ChatRequest] = []

    def answer(request: ChatRequest) -> str:
        asked.append(request)
        text = texts[len(asked) % len(texts)]
        for mine, theirs in zip(HANDLES, shown(request), strict=False):
            text = text.replace(mine, theirs)
        return text

    model = Scripted(answer, usage=USED)
    result = Reranker(model, strategy=STRATEGIES[name]).rank("x", pool(n), top_k, True)
    valid(result, pool(n), top_k)


@given(st.text(alphabet=st.characters(exclude_characters="bcdfghjkmnpqrtvwxzBCDFGHJKMNPQRTVWXZ")))
def test_text_without_a_handle_is_never_the_prior_order(text: str) -> None:
    assert read(text, HANDLES, 3).positions == ()


@pytest.mark.parametrize("grade", ["3 of the items fit", "3", "2.", "4/4", "-1", "", "١", "0 0"])
def test_a_digit_in_prose_is_no_grade_and_the_same_for_all_is_no_order(grade: str) -> None:
    result = Reranker(Scripted(lambda _: grade), strategy="pointwise").rank("x", pool())
    assert ids(result) == ["i0", "i1", "i2", "i3"]
    assert result.status == "fallback"
    assert ("zero_variance" in codes(result)) == (grade in {"3", "2."})


def test_claims_of_any_size_cost_no_more_than_those_that_are_looked_at() -> None:
    long = "text of 1, " * 2_000

    def answer(request: ChatRequest) -> str:
        handles = shown(request)
        claims = [{"item": h, "field": "colour", "quote": long} for h in handles]
        return json.dumps({"ranking": handles[::-1], "claims": claims})

    result = Reranker(Scripted(answer)).rank("x", pool(), explain=True)
    assert [item.reasons for item in result.items] == [()] * 4
    assert codes(result) == ["extra_claim", "long_quote", "unverified_claim"]


class Counted:
    """Counts the characters that a decoder or a pattern is given to look at."""

    def __init__(self) -> None:
        self.characters = 0
        self.calls = 0

    def decoding(
        self, decode: Callable[[str, int], tuple[object, int]], text: str, start: int
    ) -> tuple[object, int]:
        self.calls += 1
        try:
            value, end = decode(text, start)
        except (ValueError, RecursionError):
            self.characters += len(text) - start  # at the most
            raise
        self.characters += end - start
        return value, end


@pytest.mark.parametrize(
    "unit",
    [
        "{}",
        '{"',
        '{"a":',
        '{"a":1}',
        '{"ranking":[',
        "{ ",
        "<think>",
        "</think>{",
        '{"a":"',
        "b2c ",
    ],
)
def test_the_work_grows_no_faster_than_the_text(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    work = []
    for size in (5_000, 20_000):
        counted = Counted()
        decoder = structured.DECODER

        class Counting:
            raw_decode = staticmethod(partial(counted.decoding, decoder.raw_decode))

        with monkeypatch.context() as patch:
            patch.setattr(structured, "DECODER", Counting)
            read(unit * (size // len(unit)), HANDLES, 4)
        assert counted.characters <= (3 * structured.STARTS + 2) * size
        work.append((counted.characters, counted.calls))
    (small, few), (large, many) = work
    assert large <= 4.1 * small + 1000
    assert many <= 4.1 * few + 2 * structured.STARTS


@pytest.mark.parametrize("unit", ["b2c k7d ", "b2c, k7d, x9z\n", "b2c and ", "<b2c>", '"b2c": 1, '])
def test_a_list_is_looked_for_in_each_part_of_the_text_once(
    monkeypatch: pytest.MonkeyPatch, unit: str
) -> None:
    places = {h: p for p, h in enumerate(HANDLES)}
    work = []
    for size in (5_000, 20_000):
        gaps: list[int] = []
        parts = listing._parts
        with monkeypatch.context() as patch:

            def counted(gap: str) -> bool:
                gaps.append(len(gap))  # noqa: B023
                return parts(gap)  # noqa: B023

            patch.setattr(listing, "_parts", counted)
            listing.listing(unit * (size // len(unit)), places, 4)
        assert sum(gaps) <= size
        work.append(len(gaps))
    assert work[1] <= 4.1 * work[0] + 10


def test_the_last_of_the_fullest_rankings_is_the_answer() -> None:
    draft, final = json.dumps({"ranking": HANDLES}), json.dumps({"ranking": HANDLES[::-1]})
    short = json.dumps({"ranking": HANDLES[:1]})
    for text in (
        f"{draft} {final}",
        f"{short} {draft} no, {final} {short}",
        f"{draft}\n" * 30 + final,
    ):
        order = read(text, HANDLES, 6)
        assert order.positions == (5, 4, 3, 2, 1, 0)
        assert order.issues[-1].code == "several_answers"


def test_the_rows_of_a_request_are_found_by_these_tests() -> None:
    model = Model(Hostile("clean", "1"))
    Reranker(model, blend=Blend(model_weight=1), strategy="window").rank("x", pool(N))
    assert len(LINE.findall(model.requests[0].messages[1].content)) == N
    assert wanted(model.requests[0]) == N
