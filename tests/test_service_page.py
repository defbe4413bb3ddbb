"""What docs/service.md shows works as shown, against ``palate serve`` as one would run it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import cohere
import httpx
import openai
import pytest

from assistant.api.problems import CODES
from tests.shared import ROOT
from tests.workspaces import film_workspace, films
from ui.cli import run

PAGE = (ROOT / "docs" / "service.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_workspace(tmp_path_factory.mktemp("service") / "home")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    """The address of a running ``palate serve``, which ends by a signal, and cleanly."""
    order = "import sys; from ui.cli import main; main()"
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            order,
            "serve",
            "--home",
            home,
            "--port",
            "0",
            "--llm",
            "none",
            "--log",
        ],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PALATE_ENCODER": "hashed"},
    )
    assert process.stderr is not None
    said: list[str] = []
    rest: threading.Thread | None = None
    try:
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                rest = threading.Thread(target=said.extend, args=(process.stderr,))
                rest.start()
                yield found[0]
                break
        process.terminate()
        assert process.wait(timeout=60) == 0, "".join(said)
        assert "Traceback" not in "".join(said), "".join(said)
        lines = [json.loads(line) for line in said if line.startswith("{")]
        asked = [line for line in lines if line["event"] == "request"]
        assert {"/v1/sessions", "/v1/events", "/v2/rerank"} <= {line["path"] for line in asked}
        assert all(line["request"] and line["seconds"] >= 0 for line in asked)
        assert "heist" not in "".join(said)
    finally:
        process.kill()
        process.wait()
        if rest is not None:
            rest.join()
        process.stderr.close()


@pytest.fixture
def token(home: Path, capsys: pytest.CaptureFixture[str]) -> str:
    assert run(["keys", "add", "--name", "t", "--space", "s", "--home", str(home), "--json"]) == 0
    return str(json.loads(capsys.readouterr().out)["token"])


def test_one_port_serves_the_page_and_the_api(address: str, token: str) -> None:
    with httpx.Client(base_url=address, timeout=100) as client:
        assert client.get("/v1/health/live").json() == {"status": "ok"}
        page = client.get("/")
        assert page.headers["content-type"].startswith("text/html")
        assert "content-security-policy" in page.headers
        assert client.get("/v1/health/ready").json() == {"status": "ok"}
        assert client.get("/v1/items").status_code == 401
        assert client.get("/v1x").headers["content-type"] != "application/problem+json"


@pytest.mark.parametrize("library", ["httpx", "openai", "cohere"])
def test_its_python_runs(
    address: str, token: str, library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (snippet,) = [b for b in blocks("python") if f"import {library}" in b or f"from {library}" in b]
    texts = ["a kettle", "a shoe for wet paths", "a lamp", "a tent"]
    names = {"token": token, "texts": texts}
    code = snippet.replace("http://127.0.0.1:7860", address)
    held: list[object] = []
    if library != "httpx":  # what the page leaves to the end of the program is closed here
        code += "\nheld.append(client)"
    exec(compile(code, "docs/service.md", "exec"), {**names, "held": held})
    out = capsys.readouterr().out
    assert out.strip()
    for client in held:
        if isinstance(client, openai.OpenAI):
            client.close()
        elif isinstance(client, cohere.ClientV2):
            client._client_wrapper.httpx_client.httpx_client.close()
            assert "fallback" in out


def test_its_gradio_client_holds_a_conversation_and_finds_no_other_endpoint(address: str) -> None:
    """In a process of its own, whose end is the client's: it holds a connection open."""
    (snippet,) = [b for b in blocks("python") if "from gradio_client" in b]
    code = snippet.replace(
        '"http://127.0.0.1:7860"', f'"{address}", verbose=False, analytics_enabled=False'
    )
    code += (
        "\nprint([e.api_name for e in client.endpoints.values() if e.is_valid])"
        "\nprint(newer['turn'], [card['title'] for card in newer['cards']])"
    )
    env = {**os.environ, "GRADIO_ANALYTICS_ENABLED": "False"}
    ran = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[-2] == "['/reply']"
    assert re.match(r"2 \['", lines[-1])


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_its_lines_of_curl_run(address: str, token: str) -> None:
    (block,) = [b for b in blocks("sh") if b.startswith("curl") and "/turns" in b]
    lines = [shlex.split(line) for line in block.replace("\\\n", " ").splitlines()]
    session, told = "", list[str]()
    for words in lines:
        order = [w.replace("localhost:7860", address).replace("SESSION", session) for w in words]
        order += ["--fail", "--header", f"Authorization: Bearer {token}"]
        ran = subprocess.run(order, capture_output=True, text=True, check=True, timeout=100)
        told.append(ran.stdout)
        session = session or json.loads(ran.stdout)["id"]
    assert json.loads(told[1])["turn"] == 1
    names = re.findall(r"^event: (\w+)", told[2], re.MULTILINE)
    assert names[0] == "status"
    assert [n for n in names if n != "status"] == ["shown", "text", "finished"]
    last = re.findall(r"^data: (.*)", told[2], re.MULTILINE)[-1]
    assert json.loads(last)["turn"] == 2


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl on this machine")
def test_its_lines_of_curl_change_the_catalogue(
    home: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["keys", "add", "--name", "o", "--reach", "owner", "--home", str(home), "--json"]
    assert run(add) == 0
    owner = json.loads(capsys.readouterr().out)["token"]
    (block,) = [b for b in blocks("sh") if b.startswith("curl") and "DELETE" in b]
    told = []
    for line in block.replace("\\\n", " ").splitlines():
        order = [w.replace("localhost:7860", address) for w in shlex.split(line)]
        order = [w.replace("B002", films()[4]["id"]) for w in order]
        order += ["--fail", "--header", f"Authorization: Bearer {owner}"]
        ran = subprocess.run(order, capture_output=True, text=True, check=True, timeout=100)
        told.append(json.loads(ran.stdout))
    assert (told[0]["put"], told[1]["retired"]) == (1, 1)
    assert told[2]["state"] in ("building", "idle")


def test_it_lists_every_code_with_its_status() -> None:
    shown = dict(re.findall(r"\| `([a-z_]+)` \| (\d{3}) (?=\|)", PAGE))
    assert shown == {code: str(sort.status) for code, sort in CODES.items()}


def test_it_shows_every_path(address: str) -> None:
    document = httpx.get(f"{address}/v1/openapi.json", timeout=100).json()
    page = PAGE.replace("`…/export`", "`/v1/visitors/{visitor}/export`").replace(
        "`…/ready`", "`/v1/health/ready`"
    )
    missing = [
        path
        for path in document["paths"]
        if path not in page and path.rpartition("/{")[0] not in page
    ]
    assert missing == []
