"""``palate export`` and ``palate erase`` as one would run them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.build import make_parts
from assistant.door import Assistant
from assistant.settings import Settings
from retrieval.storage.workspace import Workspace
from tests.workspaces import film_workspace
from ui.cli import run


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = film_workspace(tmp_path_factory.mktemp("films") / "home")
    workspace = Workspace.open(home, write=True, command="test")
    with Assistant(make_parts(workspace, Settings(encoder="hashed"), None)) as assistant:
        for message in ("I hate horror, zanzibarquokka", "I loved Heat"):
            assistant.reply("s", message, visitor="ann")
    return home


@pytest.fixture
def home(filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALATE_ENCODER", "hashed")
    return Path(shutil.copytree(filled, tmp_path / "home"))


def palate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(a) for a in arguments])
    return code, *capsys.readouterr()


def test_export_prints_one_object_with_everything(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = palate(capsys, "export", "--user", "ann", "--home", home, "--json")
    assert (code, err) == (0, "")
    held = json.loads(out)
    assert [len(s["turns"]) for s in held["sessions"]] == [2]
    assert held["memory"][0]["payload"]["notes"]
    code, plain, _ = palate(capsys, "export", "--user", "ann", "--home", home)
    assert json.loads(plain) == held
    assert palate(capsys, "export", "--user", "nobody", "--home", home, "--json")[0] == 0


def test_erase_leaves_nothing_and_says_what_waits_for_the_next_build(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = palate(capsys, "erase", "--user", "ann", "--home", home, "--json")
    assert code == 0
    done = json.loads(out)
    assert done["erased"] == {"turns": 2, "sessions": 1, "memories": 1, "events": 1, "api_keys": 0}
    assert done["rebuild_due"]
    held = b"".join(p.read_bytes() for p in home.rglob("*") if p.is_file())
    assert b"zanzibarquokka" not in held
    code, out, _ = palate(capsys, "erase", "--user", "ann", "--home", home)
    assert code == 0
    assert "next build" in out
    assert palate(capsys, "ingest", "--home", home)[0] == 0
    assert palate(capsys, "ingest", "--home", home)[0] == 2  # nothing is due any more


def test_a_workspace_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = palate(capsys, "export", "--user", "ann", "--home", tmp_path / "none")
    assert (code, out) == (2, "")
    assert "no workspace" in err
