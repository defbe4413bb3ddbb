"""What the page on business rules shows is read as it says."""

from __future__ import annotations

import re

from retrieval.expressions import parse
from retrieval.rules import Boost, Bury, Cap, Exclude, Pin
from retrieval.rules_file import RulesFile, parse_rules
from retrieval.types import Field, ItemId, Schema
from tests.shared import ROOT

PAGE = (ROOT / "docs" / "rules.md").read_text("utf-8")
SCHEMA = Schema(
    fields=(
        Field(name="id", role="id"),
        Field(name="title", role="title"),
        Field(name="brand", role="facet"),
        Field(name="category", role="facet"),
        Field(name="wireless", role="facet", kind="flag"),
        Field(name="price", role="number"),
        Field(name="released", role="date"),
        Field(name="attributes.ram_gb", role="number"),
        Field(name="country of origin", role="facet"),
    )
)


def test_the_file_it_shows_is_a_file_of_rules() -> None:
    first, lists = re.findall(r"^```toml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    rules = parse_rules(first, SCHEMA)
    assert [type(r) for r in rules] == [Exclude, Boost, Bury, Pin, Cap]
    assert "[[lists]]" in lists


def test_every_condition_it_shows_can_be_read() -> None:
    table = PAGE[PAGE.index("| written |") : PAGE.index("- Fields have the names")]
    shown = [c for row in table.splitlines()[2:] for c in re.findall(r"`([^`]+)`", row[:60])]
    whole = [c for c in shown if re.search(r" == | < |\(", c) and "…" not in c]
    assert len(whole) >= 8
    for condition in whole:
        parse(condition, SCHEMA, {"staff picks": (ItemId("a"),)})


def test_it_names_every_action() -> None:
    table = PAGE[PAGE.index("| action |") : PAGE.index("Every rule may have")]
    named = re.findall(r"^\| `(\w+)`", table, re.MULTILINE)
    actions = re.findall(r"'(\w+)'", str(RulesFile.model_json_schema()["properties"]))
    assert set(named) <= set(actions)
    assert named == ["exclude", "boost", "bury", "pin", "cap"]
