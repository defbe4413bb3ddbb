"""``palate verify`` as one would run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workspaces import film_workspace
from ui.cli import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_workspace(tmp_path_factory.mktemp("films") / "home")


def _palate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(a) for a in arguments])
    return code, *capsys.readouterr()


def test_texts_are_answered_in_order_with_their_claims(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PALATE_ENCODER", "hashed")
    rows = [
        {"id": "a", "item": "f21", "text": "Directed by Michael Mann in 1995."},
        {"id": 2, "item": "f21", "user": "nobody", "text": "You liked Stagecoach."},
        {"id": "c", "item": "f21", "text": "It won an Oscar."},
    ]
    file = tmp_path / "texts.jsonl"
    file.write_text("".join(json.dumps(r) + "\n" for r in rows), "utf-8")
    code, out, _ = _palate(capsys, "verify", "--file", file, "--home", home, "--json")
    assert code == 0
    results = json.loads(out)["results"]
    assert [(r["id"], r["holds"]) for r in results] == [("a", True), (2, False), ("c", False)]
    assert set(results[0]["claims"][0]) == {"text", "holds", "why"}
    code, out, _ = _palate(capsys, "verify", "--file", file, "--home", home)
    assert (code, "2: does not hold" in out) == (0, True)


def test_an_item_that_is_not_there_and_a_line_without_text_are_named(
    home: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PALATE_ENCODER", "hashed")
    file = tmp_path / "texts.jsonl"
    file.write_text('{"id": 1, "item": "zzz", "text": "x"}\n', "utf-8")
    code, out, err = _palate(capsys, "verify", "--file", file, "--home", home, "--json")
    assert (code, out) == (2, "")
    assert "zzz" in err
    file.write_text('{"id": 1, "item": "f21"}\n', "utf-8")
    code, _, err = _palate(capsys, "verify", "--file", file, "--home", home, "--json")
    assert code == 2
    assert 'lacks "text"' in err
