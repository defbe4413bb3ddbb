"""The document of the API is true of it, whatever is sent: no server error, no answer that the
document does not describe."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import BaseSchema, Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assistant.build import make_parts
from assistant.door import Assistant
from assistant.settings import Settings
from retrieval.storage.workspace import Workspace
from tests.assistant.api.served import Served
from tests.workspaces import film_workspace, films

EXAMPLES = 15  # of each operation
TAGS = (
    "conversations",
    "items",
    "events",
    "visitors",
    "OpenAI's shape",
    "re-ranking",
    "service",
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = film_workspace(tmp_path_factory.mktemp("document") / "home")
    workspace = Workspace.open(home, write=True, command="test")
    with (
        Assistant(make_parts(workspace, Settings(encoder="hashed"), None)) as assistant,
        Served(assistant, api_rate=1_000_000) as service,
    ):
        yield service


@pytest.fixture(scope="module")
def document(served: Served) -> BaseSchema:
    return schemathesis.openapi.from_url(f"{served.url}/v1/openapi.json")


def test_every_operation_has_a_tag_and_a_name_of_its_own(document: BaseSchema) -> None:
    operations = [o.ok().definition.raw for o in document.get_all_operations()]
    assert {tag for o in operations for tag in o["tags"]} == set(TAGS)
    names = [o["operationId"] for o in operations]
    assert len(names) == len(set(names)) > 20


@pytest.mark.parametrize("tag", TAGS)
def test_what_is_answered_is_what_the_document_says(
    document: BaseSchema, served: Served, tag: str
) -> None:
    session = served.assistant.new_session("ann")
    served.assistant.reply(session, "a western", visitor="ann")
    real = {"session": session, "item": films()[0]["id"], "visitor": "ann", "model": "palate"}
    for found in document.get_all_operations():
        operation = found.ok()
        if tag not in operation.definition.raw["tags"]:
            continue

        @settings(
            max_examples=EXAMPLES,
            suppress_health_check=list(HealthCheck),
            deadline=None,
            database=None,
        )
        @given(case=operation.as_strategy(), there=st.booleans())
        def play(case: Case, there: bool) -> None:
            if there:  # ids drawn by chance would mostly name nothing
                case.path_parameters.update({k: real[k] for k in case.path_parameters})
            case.call_and_validate(checks=CHECKS, timeout=60)

        play()


def test_the_document_is_found_without_a_key(served: Served, tmp_path: Path) -> None:
    with served.client() as client:
        body = client.get("/v1/openapi.json").json()
    assert body["openapi"].startswith("3.1")
    problem = body["paths"]["/v1/recommend"]["post"]["responses"]["4XX"]["content"]
    assert list(problem) == ["application/problem+json"]
