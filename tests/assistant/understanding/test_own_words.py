"""What a catalogue's own fields give the rules to read: units, scales, dates, makers, free of
charge."""

from __future__ import annotations

import pytest

from assistant.types import Range, Relative
from assistant.understanding.context import Context
from assistant.understanding.rules import RulesEngine
from assistant.understanding.vocabulary import Vocabulary
from retrieval.types import Field, Item, ItemId, Schema, Value

SCHEMA = Schema(
    noun="class",
    nouns="classes",
    fields=(
        Field(name="id", role="id"),
        Field(name="name", role="title"),
        Field(name="topics", role="facet", multi=True, label="topics"),
        Field(name="school", role="facet", label="school"),
        Field(name="level", role="facet", label="level"),
        Field(name="teachers", role="facet", kind="person", multi=True, label="teachers"),
        Field(name="fee", role="number", kind="price", label="fee", unit="EUR"),
        Field(name="total_hours", role="number", label="total", unit="hours"),
        Field(name="walk_km", role="number", label="walk", unit="km"),
        Field(name="spiciness", role="number", label="spiciness"),
        Field(name="star_class", role="number", label="star class"),
        Field(name="score", role="number", kind="rating", label="score"),
        Field(name="begins", role="date", label="begins"),
        Field(name="lunch_included", role="facet", kind="flag", label="lunch included"),
    ),
)
TOPICS = ("pottery", "weaving", "joinery")
SCHOOLS = ("Northgate University", "Elm Institute", "Harbour Institute")
TEACHERS = ("Priya Raman", "Daniel Osei", "Ingrid Solberg")


def _class(n: int) -> Item:
    fields: dict[str, Value] = {
        "topics": (TOPICS[n % 3],),
        "school": SCHOOLS[n % 3],
        "level": ("beginner", "intermediate", "advanced")[n % 3],
        "teachers": (TEACHERS[n % 3],),
        "fee": 0.0 if n % 4 == 0 else 10.0 * n,
        "total_hours": 2 * n + 2,
        "walk_km": 0.5 * n,
        "spiciness": n % 5,
        "star_class": n % 5 + 1,
        "score": 3.0 + n / 10,
        "begins": f"2025-{n % 12 + 1:02d}-14",
        "lunch_included": n % 2 == 0,
    }
    return Item(id=ItemId(f"c{n}"), title=f"Quorle {n} Vask", text="By the canal.", fields=fields)


CLASSES = tuple(_class(n) for n in range(12))
engine = RulesEngine(Vocabulary.build(SCHEMA, CLASSES))
SHOWN = Context(
    slate=tuple(i.id for i in CLASSES[:3]),
    items={i.id: i for i in CLASSES[:3]},
    recent=("classes",),
)


@pytest.mark.parametrize(
    ("text", "field", "low", "high"),
    [
        ("under 10 hours", "total_hours", None, 10),
        ("at least half a day", "total_hours", 12, None),
        ("no more than 800 m to walk", "walk_km", None, 0.8),
        ("4 stars or more", "star_class", 4, None),
        ("a score of at least 3.5", "score", 3.5, None),
        ("free ones only", "fee", None, 0),
        ("I don't want to pay more than 30", "fee", None, 30),
        ("under 40 euros a head", "fee", None, 40),
    ],
)
def test_numbers_find_their_field(
    text: str, field: str, low: float | None, high: float | None
) -> None:
    reading = engine.read(text)
    assert reading.ranges == {field: Range(min=low, max=high, under=text.startswith("under"))}
    assert reading.text is None


@pytest.mark.parametrize("text", ["good, first picks please", "your first picks"])
def test_a_place_alone_is_nothing_to_search_for(text: str) -> None:
    assert engine.read(text).text is None


@pytest.mark.parametrize("text", ["gluten-free please", "free of nuts", "free shipping"])
def test_free_is_no_price_where_something_else_is_meant(text: str) -> None:
    assert not engine.read(text).ranges


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("in March", 2025 + 62 / 372, 2025 + 92 / 372),
        ("after June 2025", 2025.5, None),
        ("before 1 September", None, 2025 + 247 / 372),
        ("from the 3rd of May on", 2025 + 126 / 372, None),
        ("before 2025", None, 2024),
    ],
)
def test_days_and_months_bound_the_date(text: str, low: float | None, high: float | None) -> None:
    found = engine.read(text).ranges["begins"]
    assert found.min == (pytest.approx(low) if low is not None else None)
    assert found.max == (pytest.approx(high) if high is not None else None)


@pytest.mark.parametrize(
    ("text", "field", "direction", "base"),
    [
        ("more advanced than the first", "level", "higher", "slate#1"),
        ("easier", "level", "lower", "slate"),
        ("shorter than the second", "total_hours", "lower", "slate#2"),
        ("less spicy", "spiciness", "lower", "slate"),
        ("spicier than the third", "spiciness", "higher", "slate#3"),
        ("closer to walk than the first", "walk_km", "lower", "slate#1"),
    ],
)
def test_adjectives_are_those_of_the_fields(
    text: str, field: str, direction: str, base: str
) -> None:
    assert engine.read(text, SHOWN).relative == (
        Relative(field=field, direction=direction, base=base),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("something on weaving", "topics", "weaving"),
        ("anything at Northgate?", "school", "Northgate University"),
        ("with Priya", "teachers", "Priya Raman"),
        ("one with lunch", "lunch_included", "true"),
    ],
)
def test_values_go_by_a_telling_part(text: str, field: str, value: str) -> None:
    assert engine.read(text).include == {field: (value,)}


def test_a_part_that_several_makers_share_stands_for_none() -> None:
    assert not engine.read("anything from an institute").include


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("who teaches the second?", "teachers"),
        ("how long is the first", "total_hours"),
        ("how spicy is the third?", "spiciness"),
        ("who runs it, what school is the first from?", "school"),
    ],
)
def test_questions_find_their_field(text: str, field: str) -> None:
    reading = engine.read(text, SHOWN)
    assert (reading.act, reading.question) == ("answer", field)


@pytest.mark.parametrize("text", ["why not the fourth?", "is the ninth any good", "like the fifth"])
def test_a_place_that_is_not_there_is_asked_about(text: str) -> None:
    reading = engine.read(text, SHOWN)
    assert (reading.act, reading.reference, reading.text) == ("answer", (), None)


def test_which_is_the_most_asks_for_one_of_those_shown() -> None:
    reading = engine.read("which of these is the cheapest?", SHOWN)
    assert reading.act == "compare"
    assert reading.sort is not None
    assert (reading.sort.field, reading.sort.descending) == ("fee", False)


def test_a_value_that_does_not_matter_is_left_open() -> None:
    reading = engine.read("weaving does not matter", SHOWN)
    assert not reading.include
    assert reading.lifted == {"topics": ("weaving",)}


def test_why_not_asks_only_about_an_item() -> None:
    assert engine.read("why not Quorle 7 Vask?", SHOWN).act == "explain"
    assert engine.read("why not weaving?", SHOWN).act == "recommend"


def test_a_soft_comparison_keeps_the_words_it_was_put_in() -> None:
    (relative,) = engine.read("less violent than the first", SHOWN).relative
    assert (relative.field, relative.direction, relative.said) == ("scary", "lower", "less violent")


def test_values_that_miss_a_field_by_place_are_no_kinds_of_thing() -> None:
    inland = [i if n % 3 else _without(i, "walk_km") for n, i in enumerate(CLASSES)]
    assert not Vocabulary.build(SCHEMA, inland).held


def _without(item: Item, name: str) -> Item:
    left = {k: v for k, v in item.fields.items() if k != name}
    return Item(id=item.id, title=item.title, text=item.text, fields=left)


def test_a_value_that_is_not_wanted_is_ruled_out_alone() -> None:
    assert engine.read("pottery but not advanced").exclude == {"level": ("advanced",)}
    reading = engine.read("advanced is fine after all")
    assert reading.lifted == {"level": ("advanced",)}
    assert not reading.relative
