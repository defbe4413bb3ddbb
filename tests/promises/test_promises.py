"""Generated conversations over small catalogues of three kinds keep every promise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import Assistant
from assistant.build import ingest_into
from assistant.settings import Settings
from tests.promises.play import Stage, Turn
from tests.workspaces import film_workspace, write_shop

DIALOGUES = {"films": 14, "shop": 16, "built-in": 10}


@pytest.fixture(scope="module")
def homes(built_in_home: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Workspaces of their own; the shop has sold-out products and two that were taken out."""
    folder = tmp_path_factory.mktemp("promises")
    shop, catalogue = folder / "shop", folder / "products.jsonl"
    shop.mkdir()
    write_shop(catalogue)
    ingest_into(shop, settings=Settings(encoder="hashed"), catalog=catalogue)
    rows = [json.loads(line) for line in catalogue.read_text("utf-8").splitlines()]
    rest = [row for row in rows if row["sku"] not in ("LAM-00", "TEN-01")]
    catalogue.write_text("".join(json.dumps(row) + "\n" for row in rest), encoding="utf-8")
    ingest_into(shop, settings=Settings(encoder="hashed"), catalog=catalogue)
    shutil.copytree(built_in_home, folder / "built-in")
    return {
        "films": film_workspace(folder / "films"),
        "shop": shop,
        "built-in": folder / "built-in",
    }


@pytest.fixture(scope="module", params=sorted(DIALOGUES))
def turns(request: pytest.FixtureRequest, homes: dict[str, Path]) -> Iterator[list[Turn]]:
    with Assistant.open(homes[request.param], llm="none") as assistant:
        stage = Stage(assistant)
        seeds = [f"{request.param}/{n}" for n in range(DIALOGUES[request.param])]
        yield [turn for seed in seeds for turn in stage.play(seed)]


def test_no_promise_is_broken(turns: list[Turn]) -> None:
    broken = [
        f"{t.dialogue} turn {t.number}: {t.message.text!r}: {f.rule}: {f.detail}"
        for t in turns
        for f in t.faults
    ]
    assert not broken


def test_the_conversations_are_about_many_things(turns: list[Turn]) -> None:
    meant = {t.message.shape.partition(".")[0] for t in turns}
    assert {"open", "add", "gone", "others", "undo"} <= meant
    assert sum(bool(t.slate) for t in turns) > 0.6 * len(turns)


def test_the_same_seed_is_the_same_conversation(homes: dict[str, Path], tmp_path: Path) -> None:
    played = []
    for copy in ("one", "two"):
        shutil.copytree(homes["films"], tmp_path / copy)
        with Assistant.open(tmp_path / copy, llm="none") as assistant:
            turns = Stage(assistant).play("again")
            played.append([(t.message.text, t.slate, t.text) for t in turns])
    assert played[0] == played[1]
