"""``palate simulate``: the documented object, the table, the dialogues, the one clear line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.workspaces import shop_workspace
from ui.cli import run


@pytest.fixture(scope="module")
def home(built_in_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("simulate") / "home"
    shutil.copytree(built_in_home, copy)
    return copy


POLICIES = ["palate", "always-recommend", "random-questions", "greedy"]


def test_the_figures_come_as_one_object_and_as_a_table(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "dialogues.jsonl"
    asked = ["simulate", "--home", str(home), "--people", "3", "--seed", "11", "--llm", "none"]
    assert run([*asked, "--json", "--out", str(out)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["people"], told["seed"], told["slate"], told["model"]) == (3, 11, 6, None)
    assert list(told["policies"]) == POLICIES
    assert list(told["rivals"]) == POLICIES[1:]
    assert list(told["policies"]["palate"]["success"]) == [str(n) for n in range(1, 9)]
    assert set(told["rivals"]["greedy"]["ratio"]["5"]) == {"ratio", "interval"}
    assert told["learned_from"]["events"] > 0
    lines = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [line["policy"] for line in lines] == [name for name in POLICIES for _ in range(3)]
    assert all(turn["said"] for line in lines for turn in line["turns"])

    assert run(asked) == 0  # a run of its own, and the same seed gives the same figures
    table = capsys.readouterr().out
    for words in ("3 simulated people", "found within 5", "over greedy", "void"):
        assert words in table
    shown = [told["policies"][name]["success"]["5"] for name in POLICIES]
    row = next(line for line in table.splitlines() if "found within 5" in line)
    assert [float(cell) for cell in row.split("│")[2:6]] == [round(x, 3) for x in shown]


def test_a_workspace_without_events_is_one_clear_line_and_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = shop_workspace(tmp_path / "shop")
    assert run(["simulate", "--home", str(home), "--llm", "none"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "no events" in captured.err
