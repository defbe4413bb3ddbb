"""The owner's page over real HTTP: who gets in, what a visitor gets, bringing a catalogue."""

from __future__ import annotations

import html
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import uvicorn

from assistant import Assistant
from assistant.api.app import Api
from assistant.settings import Settings
from assistant.upkeep import FOLDER, Upkeep
from tests.workspaces import FILMS, film_workspace
from ui.app import build_app
from ui.login import FILE, PER_ADDRESS, hash_password, keep_hash
from ui.owner import ROOT, OwnerPage
from ui.server import listen

# The event loop that Gradio makes for itself is closed by the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
    "ignore:Exception ignored in. <function BaseEventLoop:pytest.PytestUnraisableExceptionWarning",
)

PASSWORD = "a fine old password"
UPLOAD_MB = 1


class Served:
    """A running server over films, and what it is made of."""

    def __init__(self, assistant: Assistant, upkeep: Upkeep, address: str) -> None:
        self.assistant, self.upkeep, self.address = assistant, upkeep, address

    def client(self, **headers: str) -> httpx.Client:
        """A browser of its own, that says where its forms come from."""
        given = {"Origin": self.address, **headers}
        return httpx.Client(base_url=self.address, headers=given, timeout=100)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = film_workspace(tmp_path_factory.mktemp("owner") / "home")
    settings = Settings(home=home, encoder="hashed", llm="none", upload_mb=UPLOAD_MB)
    with listen("127.0.0.1", 0) as bound, Assistant.open(settings=settings) as assistant:
        upkeep = Upkeep(assistant)
        app = build_app(upkeep, Api(assistant, settings))
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, ws="none", loop="asyncio"
        )
        server = uvicorn.Server(config)
        bound.listen()  # whoever asks before it runs waits for the answer
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
        thread.start()
        yield Served(assistant, upkeep, f"http://127.0.0.1:{bound.getsockname()[1]}")
        server.should_exit = True
        thread.join(60)
        upkeep.close()


@pytest.fixture
def password(served: Served) -> Iterator[str]:
    path = keep_hash(served.assistant.parts.workspace.home, hash_password(PASSWORD))
    yield PASSWORD
    path.unlink()


@pytest.fixture
def owner(served: Served, password: str) -> Iterator[httpx.Client]:
    with served.client() as client:
        entered = client.post(f"{ROOT}/login", data={"password": password})
        assert (entered.status_code, entered.headers["location"]) == (303, ROOT)
        yield client
        served.upkeep.stop()
        served.upkeep.wait(100)
        served.upkeep.drop()


def closed(served: Served) -> tuple[tuple[str, str], ...]:
    return OwnerPage(served.upkeep).addresses


def test_without_a_password_there_is_no_page(served: Served) -> None:
    with served.client() as client:
        ways = [*closed(served), ("GET", f"{ROOT}/login"), ("POST", f"{ROOT}/login")]
        for way, path in [*ways, ("GET", f"{ROOT}/owner.css"), ("GET", f"{ROOT}/")]:
            answer = client.request(way, path)
            assert (answer.status_code, answer.text) == (404, "Not Found"), (way, path)


def test_without_the_cookie_there_is_the_login_alone(served: Served, password: str) -> None:
    for headers in ({}, {"Cookie": "palate_owner=x.y.z"}):
        with served.client(**headers) as client:
            for way, path in closed(served):
                answer = client.request(way, path)
                if (way, path) == ("GET", ROOT):
                    assert answer.status_code == 303
                    assert answer.headers["location"] == f"{ROOT}/login"
                else:
                    assert (answer.status_code, answer.text) == (404, "Not Found"), (way, path)
            shown = client.get(f"{ROOT}/login")
            assert shown.status_code == 200
            assert 'type="password"' in shown.text
            assert "catalogue" not in shown.text


def test_the_visitors_page_tells_nothing_of_the_owners_and_takes_no_files(
    served: Served, password: str
) -> None:
    with served.client() as client:
        assert "/owner" not in client.get("/").text
        config = client.get("/config")
        assert config.status_code == 200
        assert "/owner" not in config.text
        named = [d.get("api_name") for d in config.json()["dependencies"]]
        assert not [n for n in named if isinstance(n, str) and "owner" in n]
        for path in ("/gradio_api/upload", "/gradio_api/upload/"):
            sent = client.post(path, files={"files": ("x.txt", b"x")})
            assert sent.status_code == 404
        for path in ("/owner/gradio_api/info", "/owner/config", "/owner/gradio_api/queue/join"):
            assert client.get(path).status_code == 404


def test_the_right_password_opens_until_one_leaves(served: Served, password: str) -> None:
    with served.client() as client:
        wrong = client.post(f"{ROOT}/login", data={"password": "not the password"})
        assert wrong.status_code == 401
        assert "set-cookie" not in wrong.headers
        right = client.post(f"{ROOT}/login", data={"password": password})
        kept = right.headers["set-cookie"].lower()
        assert "httponly" in kept
        assert "samesite=strict" in kept
        assert "path=/owner" in kept
        assert client.get(ROOT).status_code == 200
        copy = dict(client.cookies)
        assert client.get(f"{ROOT}/login").status_code == 303
        assert client.post(f"{ROOT}/leave").status_code == 303
        assert client.get(ROOT).status_code == 303
    with served.client() as thief:
        thief.cookies.update(copy)
        assert thief.get(ROOT).status_code == 303


def test_a_cookie_over_https_is_for_https_alone(served: Served, password: str) -> None:
    with served.client(**{"X-Forwarded-Proto": "https"}) as client:
        entered = client.post(f"{ROOT}/login", data={"password": password})
        assert "secure" in entered.headers["set-cookie"].lower()


def test_guessing_is_limited_by_address(served: Served, password: str) -> None:
    with served.client(**{"X-Forwarded-For": "192.0.2.77"}) as client:
        for _ in range(PER_ADDRESS):
            assert client.post(f"{ROOT}/login", data={"password": "a guess"}).status_code == 401
        limited = client.post(f"{ROOT}/login", data={"password": password})
        assert limited.status_code == 429
        assert 0 < int(limited.headers["retry-after"]) <= 900
        assert "too many wrong passwords" in limited.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://outside.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, 303),
    ],
)
def test_a_form_of_another_site_changes_nothing(
    owner: httpx.Client, headers: dict[str, str], status: int
) -> None:
    for path in ("/upload", "/build", "/drop", "/stop", "/leave", "/login"):
        if status == 403 or path == "/stop":
            assert owner.post(f"{ROOT}{path}", headers=headers).status_code == status, path


def test_every_answer_is_strict_about_what_a_page_may_load(owner: httpx.Client) -> None:
    for path in ("", "/catalogue", "/login", "/work", "/figures.csv?table=days", "/none"):
        headers = owner.get(f"{ROOT}{path}").headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';"), path
        assert "unsafe" not in policy
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"
    for path in ("", "/catalogue"):
        page = owner.get(f"{ROOT}{path}").text
        assert not re.search(r"(?:src|href)=[\"']?(?:https?:)?//", page)
        assert not re.search(r"\son\w+=|\sstyle=|<script(?! src)|<style", page)


def films(*, without: int = 0, bad: bool = False) -> bytes:
    """The films as a CSV, but the first few; perhaps with a row that has no title."""
    header, *rows = FILMS.read_text(encoding="utf-8").splitlines()
    row = "bad,," + "," * (header.count(",") - 2)
    return "\n".join([header, *rows[without:], *([row] if bad else []), ""]).encode()


def uploaded(owner: httpx.Client, served: Served, **files: tuple[str, bytes]) -> str:
    sent = owner.post(f"{ROOT}/upload", files=files)
    assert sent.status_code == 303, sent.text
    served.upkeep.wait(100)
    return owner.get(f"{ROOT}/catalogue").text


def test_a_catalogue_is_brought_looked_at_built_and_tried(
    owner: httpx.Client, served: Served
) -> None:
    version = served.assistant.parts.workspace.versions.active()
    page = uploaded(owner, served, catalog=("films.csv", films(without=3, bad=True)))
    assert "missing title" in page
    assert re.search(r'<th scope="row">genres</th><td>facet</td>', page)
    assert "3 items that these files lack" in page
    unsure = owner.post(f"{ROOT}/build")
    assert unsure.status_code == 400
    assert "Confirm that 3 items" in unsure.text
    assert owner.post(f"{ROOT}/build", data={"retire": "yes"}).status_code == 303
    busy = owner.get(f"{ROOT}/work")
    assert busy.headers["x-palate-busy"] in {"yes", "no"}
    assert served.upkeep.wait(100).state == "done"
    page = owner.get(f"{ROOT}/catalogue").text
    assert "Built and served" in page
    assert served.assistant.parts.workspace.versions.active() == (version or 0) + 1
    assert len(served.assistant.parts.retriever.items) == 61
    tried = owner.get(f"{ROOT}/catalogue", params={"try": "a western"}).text
    found = served.assistant.recommend(query="a western", k=6).items
    assert [html.unescape(t) for t in re.findall("<li><b>(.*?)</b>", tried)] == [
        c.title for c in found
    ]
    uploads = served.assistant.parts.workspace.home / FOLDER
    assert list(uploads.iterdir()) == []
    again = uploaded(owner, served, catalog=("films.csv", films()))
    assert "3" in again
    assert owner.post(f"{ROOT}/build").status_code == 303
    assert served.upkeep.wait(100).state == "done"
    assert len(served.assistant.parts.retriever.items) == 64


def test_what_a_file_holds_is_shown_as_text(owner: httpx.Client, served: Served) -> None:
    hostile = "<script>alert(1)</script>"
    table = f'id,title,"{hostile}"\n' + "".join(f"x{n},Film {n},{hostile}\n" for n in range(30))
    table += f",{hostile},\u202egnp.exe\n"
    page = uploaded(owner, served, catalog=(f"{hostile}.csv", table.encode()))
    assert hostile not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "\u202e" not in page


def test_nothing_is_uploaded_beyond_the_limit(owner: httpx.Client, served: Served) -> None:
    much = b"id,title\n" + b"x" * (UPLOAD_MB * 1_000_000)

    def drip() -> Iterator[bytes]:
        yield b'--x\r\nContent-Disposition: form-data; name="catalog"; filename="f.csv"\r\n\r\n'
        yield from (much[n : n + 65536] for n in range(0, len(much), 65536))

    told = owner.post(f"{ROOT}/upload", files={"catalog": ("films.csv", much)})
    assert told.status_code == 413
    assert f"larger than {UPLOAD_MB} MB" in told.text
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    assert owner.post(f"{ROOT}/upload", content=drip(), headers=kind).status_code == 413
    odd = owner.post(f"{ROOT}/upload", content=b"no form at all", headers=kind)
    assert odd.status_code == 400
    assert served.upkeep.work.state == "empty"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"schema": ("s.toml", b'noun = "film"')}, "choose a catalogue"),
        ({"catalog": ("f.csv", b"<html><p>Sign in")}, "web page"),
        ({"events": ("e.csv", b"user_id,item_id,rating\nann,none,5\n")}, "unknown item"),
        ({"catalog": ("f.csv", b"a,b\n1,2\n")}, "no field can serve"),
    ],
)
def test_files_that_cannot_be_used_are_told_with_the_reason(
    owner: httpx.Client, served: Served, files: dict[str, tuple[str, bytes]], said: str
) -> None:
    sent = owner.post(f"{ROOT}/upload", files=files)
    served.upkeep.wait(100)
    page = sent.text if sent.status_code == 409 else owner.get(f"{ROOT}/catalogue").text
    assert said in page
    assert owner.post(f"{ROOT}/build").status_code == 409


def test_the_figures_follow_the_conversations(owner: httpx.Client, served: Served) -> None:
    session = served.assistant.new_session("v.http")
    served.assistant.reply(session, "a western", visitor="v.http")
    served.assistant.reply(session, "=1+1 a western from before 1900", visitor="v.http")
    page = owner.get(ROOT, params={"days": "7"}).text
    assert "<dt>Turns</dt><dd>2</dd>" in page
    assert "<dt>Nothing fitted</dt><dd>1</dd>" in page
    assert "=1+1 a western from before 1900" in page
    assert "v.http" not in page
    days = owner.get(f"{ROOT}/figures.csv", params={"table": "days", "days": "7"})
    assert days.headers["content-disposition"].startswith("attachment;")
    assert len(days.text.splitlines()) == 8
    unmet = owner.get(f"{ROOT}/figures.csv", params={"table": "unmet", "days": "90"}).text
    assert "'=1+1 a western from before 1900,1,1" in unmet
    assert owner.get(f"{ROOT}/figures.csv", params={"table": "../x"}).status_code == 404


def test_a_hash_that_is_none_closes_the_page_and_stops_a_start(
    served: Served, tmp_path: Path
) -> None:
    from assistant.errors import SettingsError

    path = served.assistant.parts.workspace.home / FILE
    path.write_text("letmein\n", encoding="utf-8")
    try:
        with served.client() as client:
            assert client.get(ROOT).status_code == 404
        with pytest.raises(SettingsError, match="palate owner password"):
            OwnerPage(served.upkeep)
    finally:
        path.unlink()
