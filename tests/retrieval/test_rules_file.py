"""The file of rules: what it may say, and how it says what is wrong."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest

from retrieval.errors import RulesError, UnreadableFile
from retrieval.filters import Has, Within
from retrieval.rules import Boost, Bury, Cap, Exclude, Pin, When
from retrieval.rules_file import load, parse_rules
from retrieval.types import ItemId
from tests.retrieval.samples import SHELF_SCHEMA

TEA = Has("kind", ("tea",))


def moment(text: str) -> float:
    return dt.datetime.fromisoformat(text).timestamp()


WHOLE = """
[[rules]]
name = "no samples"
action = "exclude"
where = 'tags == "sample"'

[[rules]]
name = "tea week"
action = "boost"
where = 'kind == "tea"'
factor = 1.5
when = { user = "new", wants = { kind = ["Tea", "cocoa"] }, from = 2026-03-01, until = 2026-03-07 }

[[rules]]
action = "bury"
where = 'price > 100'

[[rules]]
name = "the house blend"
action = "pin"
item = "s1"
place = 2
where = "price < 10"

[[rules]]
name = "makers"
action = "cap"
field = "makers"
most = 2
"""


def test_a_whole_file_is_read_in_its_order() -> None:
    rules = parse_rules(WHOLE, SHELF_SCHEMA)
    week = When(
        user="new",
        wants={"kind": frozenset({"tea", "cocoa"})},
        begins=moment("2026-03-01T00:00:00+00:00"),
        ends=moment("2026-03-08T00:00:00+00:00"),  # the last day counts whole
    )
    dear = Within("price", 100, None, strict=True)
    cheap = Within("price", None, 10, strict=True)
    assert rules == (
        Exclude(name="no samples", where=Has("tags", ("sample",))),
        Boost(name="tea week", where=TEA, factor=1.5, when=week),
        Bury(name="rule 3", where=dear),
        Pin(name="the house blend", where=cheap, item=ItemId("s1"), place=2),
        Cap(name="makers", field="makers", most=2),
    )


def test_the_same_rules_may_be_written_as_json(tmp_path: Path) -> None:
    rule = {
        "name": "tea week",
        "action": "boost",
        "where": 'kind == "tea"',
        "factor": 1.5,
        "when": {"wants": {"kind": "tea"}, "from": "2026-03-01T08:00:00+02:00"},
    }
    (tmp_path / "r.json").write_text(json.dumps({"rules": [rule]}), encoding="utf-8")
    when = When(wants={"kind": frozenset({"tea"})}, begins=moment("2026-03-01T06:00:00+00:00"))
    assert load(tmp_path / "r.json", SHELF_SCHEMA) == (
        Boost(name="tea week", where=TEA, factor=1.5, when=when),
    )


def test_a_file_without_rules_has_none() -> None:
    assert parse_rules("", SHELF_SCHEMA) == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[rules]", "is not TOML"),
        ("[[rule]]", 'unknown setting "rule"; a file of rules holds [[rules]]'),
        (
            '[[rules]]\naction = "bost"',
            'rule "rule 1": unknown action "bost"; did you mean "boost"',
        ),
        ("[[rules]]", 'unknown action ""; there are exclude'),
        ('[[rules]]\naction = "exclude"\nname = "x"', 'rule "x": "where" is missing'),
        (
            '[[rules]]\naction = "bury"\nwhere = "price < 5"\nfactr = 2',
            'rule "rule 1": unknown setting "factr"; allowed',
        ),
        (
            '[[rules]]\naction = "boost"\nname = "x"\nwhere = "price < 5"\nfctor = 2',
            'rule "x": "factor" is missing',
        ),
        (
            '[[rules]]\naction = "boost"\nname = "x"\nwhere = "price < 5"\nfactor = 0',
            'rule "x": factor: Input should be greater than or equal to 0.1',
        ),
        (
            '[[rules]]\naction = "bury"\nname = "x"\nwhere = "price < 5 and pric > 2"',
            'rule "x", where, column 15: there is no field "pric"; did you mean "price"?',
        ),
        (
            '[[rules]]\naction = "cap"\nname = "x"\nfield = "maker"\nmost = 1',
            'rule "x", field: there is no facet "maker"; did you mean "makers"?',
        ),
        (
            '[[rules]]\naction = "cap"\nname = "x"\nfield = "about"\nmost = 1',
            'rule "x", field: there is no facet "about"',
        ),
        (
            '[[rules]]\naction="bury"\nname="x"\nwhere="price < 5"\nwhen={ wants={ knd="tea" } }',
            'rule "x", when.wants: there is no facet "knd"; did you mean "kind"?',
        ),
        (
            '[[rules]]\naction="bury"\nname="x"\nwhere="price < 5"\nwhen={ frm=2026-01-01 }',
            'rule "x": unknown setting "when.frm"; did you mean "from"?',
        ),
        (
            '[[rules]]\naction="bury"\nname="x"\nwhere="price < 5"\n'
            "when={ from=2026-02-01, until=2026-01-01 }",
            '"from" must come before "until"',
        ),
        (
            '[[rules]]\naction="pin"\nname="x"\nitem="s1"\nplace=0',
            'rule "x": place: Input should be greater than or equal to 1',
        ),
    ],
)
def test_a_broken_file_is_refused_in_one_line_with_the_remedy(text: str, says: str) -> None:
    with pytest.raises(RulesError) as raised:
        parse_rules(text, SHELF_SCHEMA, origin="rules.toml")
    assert says in str(raised.value)
    assert str(raised.value).startswith("rules.toml")
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.toml"):
        load(tmp_path / "none.toml", SHELF_SCHEMA)
