"""``palate rules check``, and rules and lists at work behind the other commands."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.workspaces import shop_workspace
from ui.cli import run

RULES = """
[[rules]]
name = "no tents"
action = "exclude"
where = 'category == "tents"'

[[rules]]
name = "misspelt"
action = "boost"
where = 'brand == "Vesel"'
factor = 2

[[rules]]
name = "kettle first"
action = "pin"
item = "KET-08"

[[rules]]
name = "two of a maker"
action = "cap"
field = "brand"
most = 2
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop_workspace(tmp_path_factory.mktemp("rules") / "home")


@pytest.fixture
def home(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PALATE_ENCODER", "hashed")
    shutil.copytree(shop, tmp_path / "home")
    return tmp_path / "home"


def palate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_checking_says_of_how_many_items_each_rule_speaks(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "r.toml"
    file.write_text(RULES, encoding="utf-8")
    code, out, _ = palate(capsys, "rules", "check", "--file", file, "--home", home, "--json")
    assert code == 0
    assert json.loads(out) == {
        "rules": [
            {"name": "no tents", "action": "exclude", "items": 12},
            {"name": "misspelt", "action": "boost", "items": 0},
            {"name": "kettle first", "action": "pin", "items": 1},
            {"name": "two of a maker", "action": "cap", "items": 36},
        ]
    }
    code, out, _ = palate(capsys, "rules", "check", "--file", file, "--home", home)
    assert code == 0
    assert "misspelt: no item, never at work" in out


def test_a_broken_file_is_one_line_and_two_for_checking_and_for_serving(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "rules.toml").write_text(
        '[[rules]]\nname = "x"\naction = "bury"\nwhere = "prise > 5"', encoding="utf-8"
    )
    for command in (["rules", "check"], ["recommend", "--json"]):
        code, out, err = palate(capsys, *command, "--home", home)
        assert (code, out) == (2, "")
        assert err.count("\n") == 1
        assert 'rule "x", where, column 1: there is no field "prise"; did you mean "price"?' in err


def test_a_file_that_was_set_must_be_there(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PALATE_RULES", str(home / "none.toml"))
    code, _, err = palate(capsys, "recommend", "--home", home)
    assert code == 2
    assert "none.toml" in err


def test_rules_of_the_workspace_are_in_force(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "rules.toml").write_text(RULES, encoding="utf-8")
    code, out, _ = palate(capsys, "recommend", "-k", 6, "--home", home, "--json")
    assert code == 0
    items = [item["id"] for item in json.loads(out)["items"]]
    assert items[0] == "KET-08"
    assert len(items) == 6  # two of each of three makers
    assert not any(item.startswith("TEN") for item in items)


def test_an_editors_list_is_a_source_and_rules_may_speak_of_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "lists.toml").write_text(
        '[[lists]]\nname = "staff picks"\nitems = ["LAM-05", "LAM-06"]', encoding="utf-8"
    )
    (home / "rules.toml").write_text(
        '[[rules]]\naction = "exclude"\nwhere = \'not listed("staff picks")\'', encoding="utf-8"
    )
    code, out, _ = palate(capsys, "recommend", "--home", home, "--json")
    assert code == 0
    assert {item["id"] for item in json.loads(out)["items"]} == {"LAM-05", "LAM-06"}
