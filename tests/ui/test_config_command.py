"""``palate config check``: what is wrong is named before anybody is served."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from assistant.checkup import checkup
from assistant.errors import ModelUnavailable
from assistant.llm.scripted import Scripted
from assistant.settings import Settings
from tests.workspaces import shop_workspace
from ui.cli import run


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_workspace(tmp_path_factory.mktemp("config") / "home")


@pytest.fixture
def home(shop: Path, tmp_path: Path) -> Path:
    return shutil.copytree(shop, tmp_path / "home")


def _told(capsys: pytest.CaptureFixture[str]) -> dict[str, dict[str, str]]:
    return {f["name"]: f for f in json.loads(capsys.readouterr().out)["findings"]}


def test_a_workspace_in_order_is_ready(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["config", "check", "--home", str(home), "--llm", "none"]) == 0
    out = capsys.readouterr().out
    assert "36 items, index version 1" in out
    assert out.endswith("ready to serve\n")


def test_nothing_is_changed_by_looking(home: Path) -> None:
    def contents() -> dict[str, int]:
        return {str(p.relative_to(home)): p.stat().st_mtime_ns for p in home.rglob("*.npy")} | {
            str(p.relative_to(home)): p.stat().st_size for p in home.rglob("*") if p.is_file()
        }

    before = contents()
    run(["config", "check", "--home", str(home)])
    assert {k: v for k, v in contents().items() if not k.endswith(("-shm", "-wal"))} == before


def test_without_a_workspace_one_fault_names_the_remedy(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["config", "check", "--home", str(tmp_path / "none"), "--json"]) == 1
    told = _told(capsys)
    assert "palate ingest" in told["workspace"]["told"]
    assert [f["name"] for f in told.values() if f["verdict"] == "fault"] == ["workspace"]


def test_rules_that_cannot_be_read_and_rules_of_nothing(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = home / "rules.toml"
    file.write_text('[[rules]]\nname = "idle"\naction = "exclude"\nwhere = \'brand == "Vesl"\'\n')
    assert run(["config", "check", "--home", str(home), "--json"]) == 0
    assert _told(capsys)["rules"]["told"] == "1 in order; of no item: idle"
    file.write_text("[[rules]\n")
    assert run(["config", "check", "--home", str(home), "--json"]) == 1
    assert _told(capsys)["rules"]["verdict"] == "fault"


def test_another_encoder_than_the_index_was_built_with(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = next((home / "index").glob("v*/manifest.json"))
    manifest.write_text(manifest.read_text().replace("hashed", "another-model"))
    assert run(["config", "check", "--home", str(home), "--json"]) == 1
    told = _told(capsys)["encoder"]
    assert told["verdict"] == "fault"
    assert "another-model" in told["told"]


def test_secrets_are_said_to_be_set_and_never_shown(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALATE_RERANK_API_KEY", "sk-planted-marker")
    monkeypatch.setenv("PALATE_SLATE_SIZE", "4")
    assert run(["config", "check", "--home", str(home), "--json"]) == 0
    out = capsys.readouterr().out
    assert "planted" not in out
    assert "PALATE_RERANK_API_KEY=(set)" in out
    assert "PALATE_SLATE_SIZE=4" in out


def test_a_model_that_answers_and_one_that_does_not(home: Path) -> None:
    answers = checkup(Settings(home=home), Scripted(["yes"]))[-1]
    assert (answers.name, answers.verdict) == ("model", "ok")
    silent = checkup(Settings(home=home), Scripted([ModelUnavailable("no connection")]))[-1]
    assert silent.verdict == "warning"  # the rules engine serves meanwhile
    assert "no connection" in silent.told


def test_an_unknown_setting_is_one_line(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALATE_SLATE_SIZ", "4")
    assert run(["config", "check", "--home", str(home)]) == 2
    assert 'did you mean "PALATE_SLATE_SIZE"' in capsys.readouterr().err
