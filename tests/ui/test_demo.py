"""``palate demo``: which of the two built-in catalogues it opens, and where."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from assistant.settings import load
from ui.cli import run
from ui.cli.demo import _default, _open


def test_the_shop_is_built_once_and_its_rules_may_be_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "shop"
    settings = load(home=home, llm="none")
    with _open(settings, shop=True) as assistant:
        assert assistant.nouns == "products"
        assert assistant.describe()["items"] == 120
        assert assistant.describe()["events"] == 0
        assert len(assistant.examples()) == 6
    assert "this happens once" in " ".join(capsys.readouterr().err.split())
    (home / "rules.toml").write_text("", "utf-8")
    with _open(settings, shop=True) as assistant:
        assert assistant.describe()["items"] == 120
    assert "happens once" not in " ".join(capsys.readouterr().err.split())
    assert (home / "rules.toml").read_text("utf-8") == ""


def test_films_and_shop_have_folders_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _default(shop=True) != _default(shop=False)
    monkeypatch.setenv("PALATE_HOME", "/somewhere")
    assert _default(shop=True) == _default(shop=False) == Path("/somewhere")


def test_a_folder_with_another_catalogue_is_refused(
    tmp_path: Path,
    built_in_home: Path,
    built_in_shop: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    films, shop = tmp_path / "films", tmp_path / "shop"
    shutil.copytree(built_in_home, films)
    shutil.copytree(built_in_shop, shop)
    monkeypatch.setenv("PALATE_ENCODER", "hashed")
    assert run(["demo", "--shop", "--port", "0", "--llm", "none", "--home", str(films)]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f'"{films}" holds another catalogue than the built-in shop' in said
    assert "--home" in said
    monkeypatch.delenv("PALATE_ENCODER")
    assert run(["demo", "--port", "0", "--llm", "none", "--home", str(shop)]) == 2
    assert "than the built-in films" in capsys.readouterr().err
