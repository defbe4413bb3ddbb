"""What each field is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import orjson
import pytest

from retrieval.errors import SchemaError
from retrieval.items import BadRow, make_item
from retrieval.names import names
from retrieval.schema import Layout, Said, infer, year_of
from retrieval.study import Study
from retrieval.types import Field
from retrieval.values import flatten
from tests.shared import shared_path


def layout_of(
    rows: Sequence[Mapping[str, object]], said: Mapping[str, Said] | None = None
) -> Layout:
    study = Study()
    for row in rows:
        study.add(flatten(row))
    return infer(study, said or {}, origin="test.csv")


def roles(layout: Layout) -> dict[str, tuple[str, str]]:
    return {f.name: (f.role, f.kind) for f in layout.schema.fields}


def real(name: str) -> Layout:
    path = shared_path("data", name, "catalog.jsonl")
    with path.open("rb") as lines:
        return layout_of([orjson.loads(line) for line in lines])


def test_the_real_films_are_understood() -> None:
    layout = real("films")
    assert layout.schema.noun == "film"
    assert roles(layout) == {
        "item_id": ("id", "plain"),
        "title": ("title", "plain"),
        "year": ("number", "year"),
        "genres": ("facet", "plain"),
        "directors": ("facet", "person"),
        "cast": ("facet", "person"),
        "overview": ("text", "plain"),
        "tags": ("facet", "plain"),
        "keywords": ("facet", "plain"),
        "n_ratings": ("number", "popularity"),
        "aka": ("text", "plain"),
        "source_of_overview": ("ignore", "plain"),
        "imdb_id": ("ignore", "plain"),
        "tmdb_id": ("ignore", "plain"),
        "ml_title": ("ignore", "plain"),
        "in_wikidata_cc0": ("ignore", "plain"),
    }
    assert all(f.multi for f in layout.schema.by_role("facet"))


def test_the_real_books_are_understood() -> None:
    layout = real("books")
    assert layout.schema.noun == "book"
    found = roles(layout)
    assert found["authors"] == ("facet", "person")
    assert found["n_ratings_sample"] == ("number", "popularity")
    assert found["description"] == ("text", "plain")
    for hidden in ("isbn13", "goodreads_id", "source_of_description"):
        assert found[hidden] == ("ignore", "plain")


def test_the_real_shop_is_understood_with_labels_and_units() -> None:
    layout = real("shop")
    found = roles(layout)
    assert layout.schema.noun == "product"
    assert found["id"][0] == "id"
    assert found["price"] == ("number", "price")
    assert found["rating"] == ("number", "rating")
    assert found["in_stock"][0] == "availability"
    assert found["released"][0] == "date"
    assert found["currency"][0] == "ignore"
    assert found["attributes.wireless"] == ("facet", "flag")
    assert found["attributes.author"] == ("facet", "person")
    assert found["attributes.minutes"] == ("number", "plain")
    by_name = {f.name: f for f in layout.schema.fields}
    assert (by_name["attributes.weight_g"].label, by_name["attributes.weight_g"].unit) == (
        "weight",
        "g",
    )
    assert by_name["price"].unit == "EUR"
    assert by_name["attributes.players_min"].label == "minimum players"
    assert layout.schema.find("ram_gb") is by_name["attributes.ram_gb"]
    assert by_name["attributes.ram_gb"].coverage == 0.1


def many(n: int = 40, **make: object) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for i in range(n):
        row: dict[str, object] = {"id": f"x{i}", "title": f"Thing number {i}"}
        for name, value in make.items():
            row[name] = value(i) if callable(value) else value
        rows.append(row)
    return rows


def test_values_win_over_names() -> None:
    found = roles(
        layout_of(
            many(
                rating=lambda i: ("PG-13", "R")[i % 2],
                year=lambda i: ("MCMXCV", "MMI")[i % 2],
                price=lambda i: ("cheap", "dear")[i % 2],
                description=lambda i: i * 3,
                category=lambda i: f"This is one long sentence about the thing with number {i}.",
            )
        )
    )
    assert found["rating"] == ("facet", "plain")
    assert found["year"] == ("facet", "plain")
    assert found["price"] == ("facet", "plain")
    assert found["description"][0] == "number"
    assert found["category"][0] == "text"


def test_fields_without_a_telling_name_are_told_by_their_values() -> None:
    found = roles(
        layout_of(
            many(
                a=lambda i: f"A long enough description of what the thing is like and does, {i}.",
                b=lambda i: ("red", "blue", "green")[i % 3],
                c=lambda i: i / 7,
                d=lambda i: f"https://shop.example/{i}",
                e=lambda i: f"https://shop.example/{i}.jpg",
                f=lambda i: i % 2 == 0,
                g=lambda i: f"2021-01-{i % 28 + 1:02d}",
                h=lambda i: ["x", f"y{i % 3}"],
                i=lambda i: f"AB-{i:04d}-Z",
                j="always the same",
            )
        )
    )
    wanted = [
        "text",
        "facet",
        "number",
        "link",
        "image",
        "facet",
        "date",
        "facet",
        "ignore",
        "ignore",
    ]
    assert [found[name][0] for name in "abcdefghij"] == wanted
    assert found["f"][1] == "flag"


def test_cells_with_several_values_are_parted() -> None:
    layout = layout_of(
        many(
            genres=lambda i: ("Drama|War", "Comedy", "Drama|Comedy|Crime")[i % 3],
            tags=lambda i: ("warm; soft", "cold")[i % 2],
            actors=lambda i: f"['Ann Lee', 'Bo Day {i % 2}']",
            author=lambda i: ("Rowling, Joanne", "Le Guin, Ursula", "Day, Bo")[i % 3],
        )
    )
    assert layout.separators == {"genres": "|", "tags": ";", "actors": "[]"}
    item, doubts = make_item(
        layout, {"id": "1", "title": "T", "genres": "Drama|War|Drama", "tags": "a; b"}
    )
    assert item.fields["genres"] == ("Drama", "War")
    assert item.fields["tags"] == ("a", "b")
    assert doubts == ()


def test_a_year_that_is_only_in_the_title_becomes_a_field_and_leaves_the_title() -> None:
    layout = layout_of([{"id": i, "title": f"Some film {i} ({1990 + i})"} for i in range(9)])
    assert layout.title_year
    item, _ = make_item(layout, {"id": 1, "title": "Some film 1 (1991)"})
    assert (item.title, item.fields["year"]) == ("Some film 1", 1991)
    assert year_of("(1991)") == ("(1991)", None)


def test_a_year_field_leaves_titles_alone() -> None:
    layout = layout_of([{"id": i, "title": f"Film {i} (1991)", "year": 1991 + i} for i in range(9)])
    assert not layout.title_year


def test_a_catalogue_without_an_id_gives_one_clear_line() -> None:
    rows = [{"title": f"Thing number {i}", "colour": ("red", "blue")[i % 2]} for i in range(30)]
    with pytest.raises(
        SchemaError, match=r"test\.csv: no field can serve as the item id .*title, colour"
    ):
        layout_of(rows)


def test_a_catalogue_without_a_title_gives_one_clear_line() -> None:
    with pytest.raises(SchemaError, match=r"no field can serve as the title .*role = \"title\""):
        layout_of([{"id": i, "price": i * 2.5} for i in range(30)])


def test_an_unusual_first_column_of_codes_serves_as_the_id() -> None:
    rows = [{"ref": f"A-{i}", "name": f"Thing number {i}"} for i in range(30)]
    assert layout_of(rows).id == "ref"


def test_what_a_person_said_is_never_argued_with() -> None:
    said = {
        "title": Said(role="text"),
        "label": Said(role="title"),
        "b": Said(role="facet", kind="person", label="maker", multi=True),
    }
    layout = layout_of(many(label=lambda i: f"Label {i}", b=lambda i: i), said)
    found = {f.name: f for f in layout.schema.fields}
    assert layout.title == "label"
    assert found["title"].role == "text"
    assert found["b"] == Field(
        name="b", role="facet", kind="person", multi=True, label="maker", coverage=1.0
    )


def test_only_a_facet_can_be_kept_out_of_what_is_embedded() -> None:
    kept_out = {"b": Said(role="facet", embedded=False)}
    layout = layout_of(many(b=lambda i: f"b{i % 3}"), kept_out)
    assert [f.name for f in layout.schema.fields if not f.embedded] == ["b"]
    with pytest.raises(SchemaError, match=r'test\.csv: only a facet .*"b" has the role number'):
        layout_of(many(b=lambda i: i), {"b": Said(role="number", embedded=False)})


def test_a_row_without_id_or_title_is_refused_with_the_reason() -> None:
    layout = layout_of(many())
    for row, reason in (
        ({"title": "x"}, "missing_id"),
        ({"id": "1"}, "missing_title"),
        ({"id": ["1"], "title": "x"}, "id_of_wrong_type"),
        ({"id": "1" * 300, "title": "x"}, "huge_id"),
        ({"id": "a\nb", "title": "x"}, "control_character"),
    ):
        with pytest.raises(BadRow, match=reason):
            make_item(layout, row)  # type: ignore[arg-type]


def test_ids_are_text_and_trimmed() -> None:
    layout = layout_of(many())
    assert [make_item(layout, {"id": i, "title": "x"})[0].id for i in (1, 1.0, " 1 ", "01")] == [
        "1",
        "1",
        "1",
        "01",
    ]


def test_a_value_of_the_wrong_type_is_left_out_and_named() -> None:
    layout = layout_of(many(price=lambda i: i + 0.5))
    item, doubts = make_item(layout, {"id": "1", "title": "x", "price": "call us"})
    assert "price" not in item.fields
    assert doubts == ("unreadable_price",)


@pytest.mark.parametrize(
    ("value", "available"),
    [
        (True, True),
        (0, False),
        (12, True),
        ("Out of stock", False),
        ("InStock", True),
        ("sold out", False),
    ],
)
def test_availability_is_read_from_flags_counts_and_words(value: object, available: bool) -> None:
    layout = layout_of(many(availability=lambda i: ("in stock", "out of stock")[i % 2]))
    item, _ = make_item(layout, {"id": "1", "title": "x", "availability": value})  # type: ignore[dict-item]
    assert item.available is available
    assert item.fields["availability"] is available


def test_labels_drop_units_and_say_counts_in_words() -> None:
    hints = names()
    assert hints.label("attributes.screen_in") == ("screen", "in")
    assert hints.label("n_ratings") == ("number of ratings", "")
    assert hints.label("noiseLevel") == ("noise level", "")
    assert hints.label("minutes") == ("minutes", "")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("tuition", "price"),
        ("nightly_rate", "price"),
        ("amount_eur", "price"),
        ("n_reviews", "popularity"),
        ("bookings", "popularity"),
        ("num_rooms", "plain"),
        ("page_count", "plain"),
        ("points", "rating"),
    ],
)
def test_what_is_paid_what_is_counted_and_who_counted(name: str, kind: str) -> None:
    assert roles(layout_of(many(**{name: lambda i: 10 + i % 60})))[name] == ("number", kind)


def test_whole_numbers_that_all_look_like_years_are_years_unless_they_have_a_unit() -> None:
    rows = many(debut_of=lambda i: 1950 + i % 70, depth_m=lambda i: 1950 + i % 70)
    found = roles(layout_of(rows))
    assert found["debut_of"] == ("number", "year")
    assert found["depth_m"] == ("number", "plain")


@pytest.mark.parametrize(
    ("title", "origin", "nouns"),
    [
        ("hotel_name", "x.csv", ("hotel", "hotels")),
        ("city_name", "x.csv", ("city", "cities")),
        ("display_name", "courses.jsonl", ("course", "courses")),
        ("display_name", "catalog.jsonl", ("item", "items")),
        ("product_name", "items.csv", ("item", "items")),
    ],
)
def test_an_item_is_called_what_its_title_or_its_file_is_named_after(
    title: str, origin: str, nouns: tuple[str, str]
) -> None:
    assert names().noun_of(("ref", title), key="ref", title=title, origin=origin) == nouns


def test_a_facet_that_next_to_no_item_has_is_left_out_unless_it_is_wanted() -> None:
    rows = [{"id": f"k{n}", "title": f"Kettle {n}", "brand": "AB"[n % 2]} for n in range(60)]
    rows[7]["keywords"] = "the best kettle for camping"
    rows[8]["keywords"] = "the best kettle for travel"
    assert layout_of(rows).schema.find("keywords").role == "ignore"  # type: ignore[union-attr]
