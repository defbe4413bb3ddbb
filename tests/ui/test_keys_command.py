"""``palate keys`` as one would run it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from retrieval.storage.workspace import Workspace
from tests.workspaces import shop_workspace
from ui.cli import run


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return shop_workspace(tmp_path / "home")


def palate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = run([str(a) for a in arguments])
    return code, *capsys.readouterr()


def test_a_key_is_made_listed_and_revoked_beside_a_running_service(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Workspace.open(home, write=True) as serving:
        code, out, err = palate(
            capsys, "keys", "add", "--name", "shop", "--space", "books", "--home", home, "--json"
        )
        made = json.loads(out)
        assert (code, err, made["reach"], made["space"]) == (0, "", "product", "books")
        found = serving.keys.find(made["token"])
        assert found is not None
        assert found.id == made["key"]
        _, out, _ = palate(capsys, "keys", "list", "--home", home)
        assert made["key"] in out
        assert made["token"] not in out
        code, out, _ = palate(capsys, "keys", "revoke", made["key"], "--home", home, "--json")
        assert json.loads(out) == {"revoked": made["key"], "changed": True}
        assert serving.keys.find(made["token"]) is None


def test_the_token_is_shown_once_whole_on_a_line_of_its_own(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = palate(capsys, "keys", "add", "--name", "own", "--reach", "owner", "--home", home)
    (token,) = [line for line in out.splitlines() if line.startswith("palate_")]
    with Workspace.open(home) as workspace:
        assert workspace.keys.find(token) is not None


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--reach", "visitor"], "--visitor"),
        (["--visitor", "ann"], "--visitor"),
        (["--reach", "visitor", "--visitor", "a b"], "visitor id"),
        (["--reach", "owner", "--space", "books"], "--space"),
        (["--space", "Books!"], "space"),
    ],
)
def test_what_does_not_go_together_is_one_line_and_two(
    home: Path, capsys: pytest.CaptureFixture[str], options: list[str], word: str
) -> None:
    code, out, err = palate(capsys, "keys", "add", "--name", "n", *options, "--home", home)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert word in err
