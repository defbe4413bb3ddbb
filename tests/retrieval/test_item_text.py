"""What of an item is embedded."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from retrieval.item_text import HEAD, WHOLE, item_text
from retrieval.types import Item, ItemId
from tests.retrieval.samples import SHELF_SCHEMA, thing


def test_the_name_comes_first_and_the_long_text_last() -> None:
    item = thing(
        "1", "Dawn", "A tea.\nFor mornings.", makers=("Ada", "Bo"), kind="tea", tags=("calm",)
    )
    assert item_text(item, SHELF_SCHEMA) == "Dawn. Ada, Bo. tea. calm. A tea. For mornings"


def test_numbers_and_unknown_fields_stay_out() -> None:
    item = thing("1", "Dawn", price=3.5, colour="red")
    assert item_text(item, SHELF_SCHEMA) == "Dawn"


def test_a_flag_is_said_when_it_is_true() -> None:
    assert item_text(thing("1", "Dawn", vegan=True), SHELF_SCHEMA) == "Dawn. vegan"
    assert item_text(thing("1", "Dawn", vegan=False), SHELF_SCHEMA) == "Dawn"


def test_a_facet_that_is_not_to_be_embedded_stays_out() -> None:
    fields = (replace(f, embedded=f.name != "tags") for f in SHELF_SCHEMA.fields)
    schema = replace(SHELF_SCHEMA, fields=tuple(fields))
    assert item_text(thing("1", "Dawn", kind="tea", tags=("calm",)), schema) == "Dawn. tea"


def test_nothing_is_said_twice() -> None:
    item = thing("1", "Cocoa", kind="cocoa", tags=("COCOA", "sweet", "sweet"))
    assert item_text(item, SHELF_SCHEMA) == "Cocoa. sweet"


def test_a_facet_that_would_crowd_out_the_text_is_left_out() -> None:
    item = thing("1", "Dawn", "The text.", kind="x" * HEAD, tags=("calm",))
    assert item_text(item, SHELF_SCHEMA) == "Dawn. calm. The text"


def test_a_long_text_is_cut_between_words() -> None:
    text = item_text(thing("1", "Dawn", "seven letters " * 400), SHELF_SCHEMA)
    assert WHOLE - 20 < len(text) <= WHOLE
    assert text.endswith(("seven", "letters"))


def test_an_item_without_words_gives_its_id() -> None:
    assert item_text(Item(id=ItemId("sku-1"), title=" . "), SHELF_SCHEMA) == "sku-1"


@given(st.text(), st.text(), st.lists(st.text()))
def test_any_item_gives_a_text_that_is_not_empty_and_not_too_long(
    title: str, text: str, tags: list[str]
) -> None:
    said = item_text(thing("1", title, text, tags=tuple(tags)), SHELF_SCHEMA)
    assert 0 < len(said) <= WHOLE
