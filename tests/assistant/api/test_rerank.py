"""The client of Cohere, as it is, and a request in Jina's shape are re-ranked alike."""

from __future__ import annotations

import json

import cohere
import httpx
import pytest

from assistant.llm.scripted import Scripted
from assistant.llm.types import ChatRequest
from tests.assistant.api.conftest import Serve
from tests.assistant.api.served import Served
from tests.assistant.api.test_rest import problem

DOCUMENTS = [
    "A road shoe, cushioned, 250 g",
    "A trail shoe, waterproof, for wet forest paths",
    "A kettle of steel",
]
QUERY = "a waterproof shoe for wet forest paths"


def backwards(request: ChatRequest) -> str:
    lines = request.messages[1].content.splitlines()
    handles = [line.rpartition("id: ")[2] for line in lines if " | id: " in line]
    return json.dumps({"ranking": handles[::-1]})


def test_cohere_s_client_gets_the_best_first_without_a_model(served: Served) -> None:
    with httpx.Client() as web:
        client = cohere.ClientV2(api_key="none", base_url=served.url, httpx_client=web)
        answer = client.rerank(model="palate", query=QUERY, documents=DOCUMENTS, top_n=2)
    assert [r.index for r in answer.results] == [1, 0]
    scores = [r.relevance_score for r in answer.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores)
    extra = answer.model_extra
    assert extra is not None
    assert extra["status"] == "fallback"


def test_cohere_s_client_gets_the_models_order_with_its_status(serve: Serve) -> None:
    served = serve(Scripted(backwards))
    with httpx.Client() as web:
        client = cohere.ClientV2(api_key="none", base_url=served.url, httpx_client=web)
        answer = client.rerank(model="palate", query=QUERY, documents=DOCUMENTS)
    assert sorted(r.index for r in answer.results) == [0, 1, 2]
    extra = answer.model_extra
    assert extra is not None
    assert extra["status"] in ("ok", "repaired")
    assert extra["usage"]["total_tokens"] > 0
    assert all("reasons" in (r.model_extra or {}) for r in answer.results)


def test_jina_s_shape_takes_objects_and_gives_texts_back(client: httpx.Client) -> None:
    body = {
        "model": "palate",
        "query": QUERY,
        "documents": [{"text": t, "prior": p} for t, p in zip(DOCUMENTS, (1, 2, 3), strict=True)],
        "top_n": 2,
        "return_documents": True,
    }
    answer = client.post("/v1/rerank", json=body).json()
    assert [r["index"] for r in answer["results"]] == [2, 1]  # the priors, where there is no model
    assert answer["results"][0]["document"] == {"text": DOCUMENTS[2]}
    assert answer["usage"]["total_tokens"] == 0


@pytest.mark.parametrize("path", ["/v1/rerank", "/v2/rerank"])
def test_what_cannot_be_ranked_is_a_problem(client: httpx.Client, path: str) -> None:
    for documents in ([], [""], [" "] * 1001, [{"image": "x"}]):
        body = {"query": QUERY, "documents": documents}
        assert problem(client.post(path, json=body), 422, "invalid")["message"]


def test_cohere_s_client_gets_an_error_of_its_own(served: Served) -> None:
    served.key()
    with httpx.Client() as web:
        client = cohere.ClientV2(api_key="palate_wrong", base_url=served.url, httpx_client=web)
        with pytest.raises(cohere.UnauthorizedError):
            client.rerank(model="palate", query=QUERY, documents=DOCUMENTS)
