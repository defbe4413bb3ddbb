"""Text of strangers, made fit to show."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from ui.plain import lines, markup, one_line, shorten


def test_escape_sequences_and_direction_overrides_are_removed() -> None:
    assert one_line("Night\x1b[31m Ferry\u202e\x00") == "Night[31m Ferry"


def test_white_space_is_joined_and_line_breaks_go() -> None:
    assert one_line("  Night\n\n Ferry\u2028Two ") == "Night Ferry Two"


def test_line_breaks_stay_where_lines_are_wanted() -> None:
    assert lines("One \n\x07two") == "One\ntwo"


def test_emoji_joiners_and_accents_stay() -> None:
    assert one_line("Ōkami 👩‍🚀") == "Ōkami 👩‍🚀"


@given(st.text())
def test_markup_adds_no_element_and_gives_the_text_back(text: str) -> None:
    found: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            found.append(f"<{tag}>")

        def handle_data(self, data: str) -> None:
            found.append(data)

    reader = Reader(convert_charrefs=True)
    reader.feed(f"<p>{markup(text)}</p>")
    reader.close()
    assert found[0] == "<p>"
    assert "".join(found[1:]) == one_line(text)


@given(st.text(), st.integers(min_value=2, max_value=50))
def test_shortened_text_is_never_longer_than_asked(text: str, most: int) -> None:
    assert len(shorten(text, most)) <= most
    assert len(text) > most or shorten(text, most) == text


def test_text_is_cut_at_the_end_of_a_word() -> None:
    assert shorten("crime, drama, romance", 15) == "crime, drama…"
