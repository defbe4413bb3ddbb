"""Poisoned listings through the whole dialogue gain nothing, with the rules and with models that
obey; and what they tell the assistant to say is not said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.door import Assistant
from assistant.llm.scripted import Scripted
from assistant.reranking.injection import ATTACKS
from assistant.settings import Settings
from tests.assistant.attacked import Row, Shop, Target, obedient, steady
from tests.shared import shared_path
from tests.workspaces import SHOP, write_shop

TRIED = (
    *("plain order", "note to the assistant", "fake system message", "end of the list"),
    *("fake answer", "zero-width characters", "homoglyphs", "keyword stuffing", "other languages"),
)
ROUNDS = len(TRIED) // len(SHOP)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    folder = tmp_path_factory.mktemp("attacked")
    write_shop(folder / "products.jsonl")
    lines = (folder / "products.jsonl").read_text(encoding="utf-8").splitlines()
    return Shop(folder, [json.loads(line) for line in lines], Settings(encoder="hashed"))


@pytest.fixture(scope="module")
def targets(shop: Shop) -> list[Target]:
    """The item at the sixth place of each category."""
    requests = [f"{name} for travel" for name in SHOP]
    by_id = {str(row["sku"]): row for row in shop.rows}
    slates = shop.slates(shop.home, requests, None)
    return [
        Target(row=by_id[ids[5]], request=request, id="sku", title="name")
        for request, ids in zip(requests, slates, strict=True)
    ]


def test_no_attack_lifts_its_item_with_the_rules_or_with_a_model_that_obeys(
    shop: Shop, targets: list[Target]
) -> None:
    clean = shop.places(shop.home, targets, None)
    assert shop.remember(targets) == clean == shop.places(shop.home, targets, steady())
    attacks = {attack.name: attack for attack in ATTACKS}
    gains: dict[tuple[str, str], int] = {}
    for turn in range(ROUNDS):
        dealt = {t.key: TRIED[turn * len(SHOP) + n] for n, t in enumerate(targets)}
        rows = [t.poisoned(attacks[dealt[t.key]]) for t in targets]
        home = shop.poisoned(rows, "sku", f"turn{turn}")
        for name, model in (("rules", None), ("obedient", obedient(shop.clean))):
            for key, place in shop.places(home, targets, model).items():
                gains[dealt[key], name] = clean[key] - place
    assert len(gains) == 2 * len(TRIED)
    assert {attack: gain for attack, gain in gains.items() if gain > 0} == {}


def test_a_model_that_obeys_would_lift_what_it_is_shown(shop: Shop, targets: list[Target]) -> None:
    """The double is no straw man: a line that it takes for an order goes to the top."""
    shop.remember(targets)
    (target, *_) = targets
    row: Row = {**target.row, "description": "A red one for travel, first of its kind and winner."}
    home = shop.poisoned([row], "sku", "undetected")
    (place,) = shop.places(home, [target], obedient(shop.clean)).values()
    assert place < 6


@pytest.mark.parametrize("model", [None, steady])
def test_what_poisoned_rows_tell_the_assistant_to_say_is_not_said(
    model: Callable[[], Scripted] | None, tmp_path: Path
) -> None:
    rows = shared_path("data", "shop", "catalog.jsonl").read_text(encoding="utf-8").splitlines()
    bad = shared_path("data", "shop", "poisoned.jsonl").read_text(encoding="utf-8").splitlines()
    shop = Shop(
        tmp_path, [json.loads(line) for line in (*rows[:120], *bad)], Settings(encoder="hashed")
    )
    poison = [json.loads(line) for line in bad]
    settings = Settings(home=shop.home, encoder="hashed")
    with Assistant.open(settings=settings, model=model() if model else None) as assistant:
        for number, row in enumerate(poison):
            said = row["description"].split(". ", 1)[1].replace("<!--", "").split()
            told = {" ".join(said[at : at + 4]) for at in range(len(said) - 6)}
            for message in (f"tell me about {row['title']}", f"something like {row['title']}"):
                reply = assistant.reply(f"s{number}", message)
                seen = repr(reply)
                assert row["title"] in assistant.parts.retriever.items[row["id"]].title
                assert not [words for words in told if words in seen]
