"""The re-ranker as other programs use it: right on hostile answers, honest about what happened."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.llm.scripted import Answer, Scripted
from assistant.llm.types import ChatRequest
from assistant.reranking import Blend, Candidate, Limits, Query, Reranker
from retrieval.types import Profile
from tests.assistant.reranking.answering import codes, ids, pool, ranks, shown


def test_the_models_order_is_followed_where_it_has_all_the_weight() -> None:
    result = Reranker(Scripted(ranks(2, 0, 3, 1)), blend=Blend(model_weight=1)).rank("x", pool())
    assert ids(result) == ["i2", "i0", "i3", "i1"]
    assert (result.status, result.issues) == ("ok", ())
    assert [item.rank for item in result.items] == [1, 2, 3, 4]
    assert [item.index for item in result.items] == [2, 0, 3, 1]
    assert result.prompt.startswith("rerank@v")


def test_candidates_are_shown_in_the_order_of_their_priors() -> None:
    script = Scripted(ranks(0, 1, 2, 3))
    result = Reranker(script, blend=Blend(model_weight=1)).rank("x", pool()[::-1])
    lines = script.requests[0].messages[1].content
    assert lines.index("text of 0") < lines.index("text of 3")
    assert ids(result) == ["i0", "i1", "i2", "i3"]


def test_a_fixed_blend_is_worked_by_hand() -> None:
    blend = Blend(model_weight=0.75)
    result = Reranker(Scripted(ranks(3, 2, 1, 0)), blend=blend).rank("x", pool())
    assert ids(result) == ["i3", "i2", "i1", "i0"]
    # Four places are worth .125, .375, .625 and .875 of a normal distribution. Standardised, the
    # first of the model and last of the prior stands .75 * z - .25 * z over hypot(.75, .25).
    normal = NormalDist()
    z = [normal.inv_cdf(p) for p in (0.875, 0.625, 0.375, 0.125)]
    wide = math.sqrt(sum(v * v for v in z) / 4)
    expected = [normal.cdf((0.75 - 0.25) * v / wide / math.hypot(0.75, 0.25)) for v in z]
    assert [item.score for item in result.items] == pytest.approx(expected)
    assert result.items[0].parts == pytest.approx(
        {"model": normal.cdf(z[0] / wide), "prior": normal.cdf(z[3] / wide), "trust": 0.75}
    )


def test_a_long_history_leaves_less_to_the_model() -> None:
    def top(n_events: int) -> str:
        query = Query(text="x", profile=Profile(n_events=n_events))
        return Reranker(Scripted(ranks(3, 2, 1, 0))).rank(query, pool()).items[0].id

    assert top(0) == "i3"
    assert top(1000) == "i0"


def test_without_any_prior_the_models_order_is_all_there_is() -> None:
    plain = [Candidate(id=c, text=c) for c in "abc"]
    result = Reranker(Scripted(ranks(2, 0, 1)), blend=Blend(model_weight=0.1)).rank("x", plain)
    assert ids(result) == ["c", "a", "b"]


def test_without_a_model_the_prior_stands_and_the_result_says_so() -> None:
    result = Reranker().rank("x", pool()[::-1], top_k=2)
    assert ids(result) == ["i0", "i1"]
    assert (result.status, codes(result)) == ("fallback", ["no_model"])


@pytest.mark.parametrize(("n", "top_k"), [(0, 10), (1, 10), (3, 0)])
def test_nothing_to_order_makes_no_call(n: int, top_k: int) -> None:
    script = Scripted([])
    result = Reranker(script).rank("x", pool(n), top_k=top_k)
    assert (len(result.items), result.status) == (min(n, top_k), "ok")
    assert script.requests == []


def test_a_negative_top_k_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="got -1"):
        Reranker().rank("x", pool(), top_k=-1)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Blend, {"model_weight": 2}),
        (Blend, {"threshold": -0.1}),
        (Limits, {"deadline": 0}),
        (Limits, {"listed": 0}),
        (Limits, {"calls": -1}),
        (Limits, {"concurrency": 0}),
        (Limits, {"money": 1.0}),
        (Reranker, {"strategy": "best"}),
        (Reranker, {"on_failure": "shrug"}),
        (Reranker, {"model": []}),
    ],
)
def test_settings_out_of_range_are_refused(kind: type, values: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must|needs|there is no|is 'prior'"):
        kind(**values)


def test_the_input_is_not_changed() -> None:
    given_pool = pool()
    before = repr(given_pool)
    Reranker(Scripted(ranks(3, 1, 0, 2))).rank("x", given_pool)
    assert repr(given_pool) == before


def test_equal_texts_and_even_equal_ids_stay_distinct() -> None:
    twins = [Candidate(id="same", text="the same", prior=1.0) for _ in range(3)]
    result = Reranker(Scripted(ranks(2, 0, 1)), blend=Blend(model_weight=1)).rank("x", twins)
    assert [item.index for item in result.items] == [2, 0, 1]


def test_items_left_out_keep_their_prior_order_and_none_is_lost() -> None:
    result = Reranker(Scripted(ranks(3)), blend=Blend(model_weight=1), repair=False).rank(
        "x", pool()
    )
    assert ids(result) == ["i3", "i0", "i1", "i2"]
    assert (result.status, codes(result)) == ("partial", ["missing_handle"])


def test_unknown_and_repeated_handles_are_repaired_and_listed() -> None:
    def answer(request: ChatRequest) -> str:
        a, b, c, d = shown(request)
        return json.dumps({"ranking": [b, b, "zzz", a, d, c, 0, -1]})

    result = Reranker(Scripted(answer), blend=Blend(model_weight=1)).rank("x", pool())
    assert ids(result) == ["i1", "i0", "i3", "i2"]
    assert result.status == "repaired"
    assert codes(result) == ["unknown_handle", "repeated_handle"]


def test_the_model_may_be_asked_for_the_best_few_only() -> None:
    script = Scripted(ranks(3, 2))
    result = Reranker(script, limits=Limits(listed=2), blend=Blend(model_weight=1)).rank(
        "x", pool(), top_k=4
    )
    assert ids(result) == ["i3", "i2", "i0", "i1"]
    assert result.status == "ok"


def test_reasons_are_those_claims_that_the_item_bears_out() -> None:
    def answer(request: ChatRequest) -> Answer:
        a, b, c, d = shown(request)
        claims = [
            {"item": a, "field": "colour", "quote": "C0"},
            {"item": a, "field": "colour", "quote": "c0"},
            {"item": b, "field": "colour", "quote": "c0"},
            {"item": c, "field": "text", "quote": "text of 2"},
            {"item": "zzz", "field": "colour", "quote": "c0"},
            {"item": d, "field": "price", "quote": "9"},
            "nonsense",
        ]
        return json.dumps({"ranking": [a, b, c, d], "claims": claims})

    result = Reranker(Scripted(answer)).rank("x", pool(), explain=True)
    reasons = {item.id: [claim.text for claim in item.reasons] for item in result.items}
    assert reasons == {"i0": ["colour: c0"], "i1": [], "i2": ["“text of 2”"], "i3": []}
    assert [(i.code, i.detail) for i in result.issues] == [
        ("extra_claim", "7 given, 3 asked for"),
        ("unverified_claim", "4 of 7 dropped"),
    ]


def test_claims_are_neither_asked_for_nor_taken_without_explain() -> None:
    script = Scripted(ranks(0, 1, 2, 3, claims=[{"item": "x", "field": "f", "quote": "q"}]))
    result = Reranker(script).rank("x", pool())
    assert "claims" not in str(script.requests[0].schema)
    assert [item.reasons for item in result.items] == [()] * 4
    assert (result.status, codes(result)) == ("repaired", ["extra_claim"])


HOSTILE = (
    st.text()
    | st.lists(
        st.sampled_from(["{", "}", "[", "]", '"', ",", "ranking", ":", "@0", "@1", "@9"])
    ).map("".join)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("@1"),
        lambda inner: st.lists(inner) | st.dictionaries(st.just("ranking") | st.text(), inner),
    ).map(json.dumps)
)


@given(HOSTILE, HOSTILE, st.integers(0, 6), st.integers(0, 8))
def test_no_answer_loses_doubles_or_invents_an_item(
    first: str, second: str, n: int, top_k: int
) -> None:
    def answer(request: ChatRequest) -> Answer:
        text = first if len(request.messages) == 2 else second
        for place, handle in enumerate(shown(request)):
            text = text.replace(f"@{place}", handle)
        return text

    result = Reranker(Scripted(answer)).rank("x", pool(n), top_k=top_k, explain=True)
    assert len(result.items) == min(n, top_k)
    assert len(set(ids(result))) == len(result.items)
    assert set(ids(result)) <= {c.id for c in pool(n)}
    assert all(0 <= item.score <= 1 for item in result.items)
    assert (result.status == "ok") == (result.issues == ())


def test_importing_the_reranker_loads_nothing_heavy() -> None:
    code = (
        "import sys; from assistant import Reranker, Candidate, Query; "
        "r = Reranker().rank('x', [Candidate(id='a'), Candidate(id='b')]); "
        "print([m for m in sys.modules if m in "
        "{'torch', 'chromadb', 'gradio', 'numpy', 'pandas', 'scipy', 'openai', 'sqlalchemy', "
        "'sentence_transformers'}])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
