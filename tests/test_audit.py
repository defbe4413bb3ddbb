"""The audit of dependencies: what it asks, what it says, and when it fails."""

from __future__ import annotations

import importlib.util
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import ModuleType

import pytest

FILE = Path(__file__).parents[1] / ".ci" / "audit.py"


@pytest.fixture(scope="module")
def audit() -> ModuleType:
    spec = importlib.util.spec_from_file_location("audit", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class Source(HTTPServer):
    """A source of vulnerabilities on this machine. ``known`` maps names of packages to ids."""

    known: dict[str, list[str]]
    raw: bytes | None = None
    asked: dict[str, str]


class Handler(BaseHTTPRequestHandler):
    server: Source

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = {q["package"]["name"]: q["version"] for q in body["queries"]}
        assert {q["package"]["ecosystem"] for q in body["queries"]} == {"PyPI"}
        self.server.asked = asked
        results = [
            {"vulns": [{"id": i} for i in self.server.known[n]]} if n in self.server.known else {}
            for n in asked
        ]
        said = self.server.raw or json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on standard error."""


@pytest.fixture
def source() -> Iterator[Source]:
    server = Source(("127.0.0.1", 0), Handler)
    server.known = {}
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def url(server: Source) -> str:
    return f"http://127.0.0.1:{server.server_port}/v1/querybatch"


def test_all_installed_packages_are_asked_about_and_nothing_known_is_success(
    audit: ModuleType, source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    assert audit.main(["--source", url(source)]) == 0
    assert {"pydantic", "httpx2", "pytest"} <= set(source.asked)
    assert "palate" not in source.asked
    assert not any("+" in version for version in source.asked.values())
    said = capsys.readouterr().out
    assert said == f"audit: {len(source.asked)} packages checked, 0 known vulnerabilities\n"


def test_a_known_vulnerability_fails_and_is_named(
    audit: ModuleType, source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    source.known = {"pydantic": ["PYSEC-2099-2", "GHSA-x"]}
    assert audit.main(["--source", url(source)]) == 1
    version = source.asked["pydantic"]
    assert f"audit: pydantic {version} has known vulnerabilities: GHSA-x, PYSEC-2099-2" in (
        capsys.readouterr().out
    )


def test_one_that_was_accepted_with_a_reason_is_none(
    audit: ModuleType, source: Source, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.known = {"pydantic": ["GHSA-x"]}
    listing = tmp_path / "accepted.txt"
    monkeypatch.setattr(audit, "ACCEPTED", listing)
    listing.write_text("# reasons\nGHSA-x | only where untrusted types are built\n")
    assert audit.main(["--source", url(source)]) == 0
    listing.write_text("GHSA-x |  \nGHSA-x\n")
    assert audit.main(["--source", url(source)]) == 1


def test_a_source_that_cannot_be_reached_has_checked_nothing_and_says_so(
    audit: ModuleType, source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = Source(("127.0.0.1", 0), Handler)
    closed.server_close()
    assert audit.main(["--source", url(closed)]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"audit: could not reach {url(closed)}, ")
    assert "packages not checked" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize("raw", [b"<html>", b"[]", b'{"results": []}', b'{"results": 3}'])
def test_an_answer_that_makes_no_sense_has_checked_nothing_either(
    audit: ModuleType, source: Source, capsys: pytest.CaptureFixture[str], raw: bytes
) -> None:
    source.raw = raw
    assert audit.main(["--source", url(source)]) == 0
    assert "could not reach" in capsys.readouterr().out


def test_the_check_runs_it() -> None:
    recipe = (FILE.parents[1] / "Makefile").read_text(encoding="utf-8").partition("\ncheck:")[2]
    assert "python .ci/audit.py" in recipe.partition("\n\n")[0]
