"""The schema as TOML."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import SchemaError, UnreadableFile
from retrieval.kinds import DEFAULT_KINDS
from retrieval.schema_file import load, parse, to_toml
from retrieval.types import Field, Schema

KNOWN = ("id", "title", "price", "attributes.ram_gb", "attributes.noise_level", "specs.noise_level")


def test_a_short_name_stands_for_the_one_field_that_ends_in_it() -> None:
    said = parse('[fields.ram_gb]\nlabel = "memory"', origin="s.toml").said(KNOWN, origin="s.toml")
    assert said["attributes.ram_gb"].label == "memory"


def test_an_unknown_field_is_refused_with_the_near_names() -> None:
    override = parse("[fields.prise]\nrole = 'number'", origin="s.toml")
    with pytest.raises(
        SchemaError, match=r's\.toml: the catalogue has no field "prise" \(near: price\)'
    ):
        override.said(KNOWN, origin="s.toml")


def test_an_ambiguous_short_name_is_refused_with_the_full_ones() -> None:
    override = parse("[fields.noise_level]\nlabel = 'noise'", origin="s.toml")
    with pytest.raises(SchemaError, match=r"attributes\.noise_level or specs\.noise_level"):
        override.said(KNOWN, origin="s.toml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[fields.price]\nrol = 'number'",
            'unknown setting "fields.price.rol"; did you mean "role"',
        ),
        ("nuon = 'film'", 'did you mean "noun"'),
        ("[fields.price]\nrole = 'cost'", "fields.price.role"),
        ("[ratings]\nlow = 5\nhigh = 1", "low must be less than high"),
        ("[events.view]\nweight = 'big'", "events.view.weight"),
        ("= 3", "is not TOML"),
    ],
)
def test_a_mistake_gives_one_line_that_names_it(text: str, message: str) -> None:
    with pytest.raises(SchemaError) as error:
        parse(text, origin="s.toml")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_schema_file_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        load(tmp_path / "none.toml")


def test_kinds_of_events_are_overridden_one_by_one() -> None:
    text = "[events.view]\nweight = 0\n[events.listen]\nweight = 2\n[ratings]\nlow = 1\nhigh = 10"
    kinds = parse(text, origin="s.toml").kinds()
    assert kinds.weight("view", None) == 0
    assert kinds.positive("listen", None)
    assert kinds.high == 10
    assert kinds["purchase"] == DEFAULT_KINDS["purchase"]


names = st.text(min_size=1, max_size=12).filter(lambda s: "." not in s)


@given(st.lists(names, min_size=1, max_size=6, unique=True), names, st.booleans())
def test_what_is_written_is_toml_and_says_the_same_again(
    fields: list[str], label: str, embedded: bool
) -> None:
    schema = Schema(
        fields=tuple(
            Field(name=n, role="facet", label=label, multi=True, embedded=embedded) for n in fields
        ),
        noun=label,
        nouns=label,
    )
    text = to_toml(schema)
    assert list(tomllib.loads(text)["fields"]) == fields
    override = parse(text, origin="s.toml")
    said = override.said(fields, origin="s.toml")
    assert all(said[n].label == label and said[n].multi for n in fields)
    assert all((said[n].embedded is None) == embedded for n in fields)
    assert dict(override.kinds()) == dict(DEFAULT_KINDS)


def test_openings_are_taken_over_written_out_and_read_back() -> None:
    schema = Schema(fields=(Field(name="id", role="id"), Field(name="title", role="title")))
    said = parse('openings = ["a \\"quoted\\" one", "another"]\nnoun = "film"', origin="x")
    named = said.named(schema)
    assert named.openings == ('a "quoted" one', "another")
    again = parse(to_toml(named), origin="y")
    assert again.named(schema) == named
    assert "openings" not in to_toml(schema)
    assert parse("", origin="z").named(named).openings == ()


@pytest.mark.parametrize("openings", ['[""]', "[1]", '"one"', str(["x"] * 13)])
def test_openings_that_are_none_are_refused(openings: str) -> None:
    with pytest.raises(SchemaError, match="openings"):
        parse(f"openings = {openings}", origin="x")
