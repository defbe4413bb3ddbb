"""``palate evaluate dialogues``: the documented object, the table, the one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.workspaces import film_workspace
from ui.cli import run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_workspace(tmp_path_factory.mktemp("dialogues") / "home")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    lines = [
        {
            "dialogue_id": "a",
            "context": [{"role": "user", "text": "Have you got Rio Bravo (1959)?"}],
            "mentioned_items": [],
            "target_items": [
                {"item_id": "f04", "title": "Rio Bravo"},
                {"item_id": "zzz", "title": "Unknown here"},
            ],
        }
    ]
    path = tmp_path / "dialogues.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_figures_come_as_one_object(
    home: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["evaluate", "dialogues", "--file", str(file), "--home", str(home), "--llm", "none"]
    assert run([*asked, "--json", "--baseline"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["turns"], told["targets"]) == (1, 1)
    assert told["recall@1"] == told["recall@10"] == told["recall@50"] == told["ndcg@10"] == 1.0
    assert told["not_scored"] == {"not_in_workspace": 1}
    assert set(told["baseline"]) == {"recall@1", "recall@10", "recall@50", "ndcg@10"}
    assert set(told["ratios"]["recall@10"]) == {"ratio", "interval"}


def test_a_person_reads_a_table(home: Path, file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["evaluate", "dialogues", "--file", str(file), "--home", str(home), "--llm", "none"]
    assert run(asked) == 0
    out = capsys.readouterr().out
    for words in ("Palate", "recall@10", "not in this workspace: 1"):
        assert words in out


def test_a_line_without_a_context_is_one_clear_line_and_two(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"target_items": []}\n', encoding="utf-8")
    assert run(["evaluate", "dialogues", "--file", str(path), "--home", str(home)]) == 2
    assert 'lacks "context"' in capsys.readouterr().err
